"""A page cut into header, legend, entries and footer, each entry with its head.

Every character of the file is in one part; put together, the parts are the
file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import grammar, matrices, sentences, vocabulary
from evidence_search.cells.html import masked
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.cells.grammar import Head
    from evidence_search.cells.pages import Page, PageLink

_UNWRAPPED = 200
"""A page with a line of that many characters isn't wrapped: each line is whole."""
_LONGEST_LEGEND = 300
_SHORT = 100
"""Characters of the longest caption that is no sentence."""

_CAPTION = lazy_pattern(
    rf"(?:{'|'.join(vocabulary.CAPTION_WORDS)})s?\b *(?:\d|[.:–—-]|of\b|showing\b|shows\b|by\b)",
    re.IGNORECASE,
)
_CAPTION_START = lazy_pattern(r"[“‘\"'(]?[A-Z0-9]")
_PARENTHESIS_NEXT = lazy_pattern(r"[”’\"']? *\(")
_CAPITAL = lazy_pattern(r"[A-Z](?: *[,/&+] *| +)[^ ]")


class Part(NamedTuple):
    """A stretch of a page: ``kind`` is ``"header"``, ``"legend"``, ``"entry"`` or ``"footer"``."""

    kind: str
    text: str


class Line(NamedTuple):
    """A line that isn't blank, without the white space at its ends; offsets are in the page."""

    start: int
    end: int
    text: str
    after_blank: bool

    @property
    def beginning(self) -> str:
        """How the line begins, in lower case, white space folded."""
        return " ".join(self.text[:80].lower().split())


class Span(NamedTuple):
    """A stretch of a page, by offsets in its text."""

    start: int
    end: int


class Entry(NamedTuple):
    """An entry: its head, the stretches of its summary, and the paragraphs that were added to it.

    ``end`` is where the next part begins.
    """

    head: Head
    body: tuple[Span, ...]
    added: tuple[Span, ...]
    end: int


class Layout(NamedTuple):
    """Where the parts of a page are, by offsets in its text.

    ``text`` is the flattened text without the words of pictures, ``header``
    the lines before the legend, ``head_lines`` all before the first entry,
    ``legend`` the codes that it explains (all, where there's none), ``first``
    where the first entry begins, ``end`` where the footer does, ``stray`` the
    paragraphs before the first entry that are none, ``captions`` what belongs
    to no summary, and ``doubtful`` where in mid-paragraph an entry without a
    parenthesis may start.
    """

    text: str
    header: tuple[Line, ...]
    head_lines: tuple[Line, ...]
    has_legend: bool
    legend: str
    entries: tuple[Entry, ...]
    first: int
    end: int
    stray: tuple[Span, ...]
    captions: tuple[Span, ...]
    doubtful: tuple[Span, ...]
    parts: tuple[Part, ...]


def cut(page: Page) -> Layout:
    """Find the parts of a page."""
    flat = grammar.flatten(page.text)
    text = masked(flat, page.captions)
    lines = lines_of(page.text, text)
    legend = _legend(lines, text)
    if legend:
        legend_at, after, codes = lines[legend.line].start, legend.end, legend.codes
    else:
        legend_at = after = _first_entry(lines, text)
        codes = vocabulary.CODES
    body = _Body(text, _from(lines, after), page.links)
    body.read()
    end = body.end if body.end is not None else len(text)
    first = body.entries[0].head.start if body.entries else end
    legend_at = min(legend_at, first)
    shown = lines_of(page.text, flat) if page.captions else lines
    head_lines = tuple(line for line in shown if line.start < first)
    header = tuple(line for line in head_lines if line.start < legend_at)
    header += body.described
    pictures = [
        Span(a, b) for a, b in page.captions if first < a < end and not _is_noise(flat[a:b])
    ]
    headings = [span for span in body.stray if _is_caption(text[span.start : span.end])]
    stray = tuple(span for span in body.stray if span not in headings)
    return Layout(
        text, header, head_lines, legend is not None, codes, tuple(body.entries), first, end,
        stray, tuple(sorted([*headings, *body.captions, *pictures])), tuple(body.doubtful),
        tuple(_parts(page, legend_at, body.entries, end)),
    )  # fmt: skip


def cell_starts(page: Page, first: int) -> list[int]:
    """Return where further cells begin on a page, after the first entry of the first.

    Each begins with a line that says which cell it is, and has a legend.
    """
    if page.text.find("atrix cell", first) < 0:  # a slow search is spared
        return []
    headings = [
        match.start()
        for match in grammar.headings(page.text, len(page.text), first)
        if not page.text[
            max(first, page.text.rfind("\n", 0, match.start())) : match.start()
        ].strip()
    ]
    if not headings:
        return []
    starts: list[int] = []
    begin: int | None = None
    for start, stop in zip(headings, [*headings[1:], len(page.text)], strict=True):
        begin = start if begin is None else begin
        explained = [
            code
            for line in page.text[start:stop].splitlines()
            if len(line) < _LONGEST_LEGEND
            for code in grammar.legend_codes(line.strip())
        ]
        if len(set(explained)) > 1:
            starts.append(begin)
            begin = None
    return starts


def _is_noise(words: str) -> bool:
    low = words.strip().lower()
    return len(low) < 4 or low.startswith(vocabulary.NOISY_CAPTIONS)


def lines_of(page: str, text: str) -> list[Line]:
    """Return the lines of a page that aren't blank; ``text`` is the page flattened."""
    found: list[Line] = []
    last = stop = 0
    for piece in page.replace("\r", "\n").split("\n"):
        begin, stop = stop, stop + len(piece) + 1
        line = text[begin : stop - 1]
        stripped = line.strip()
        if not stripped:
            continue
        start = begin + len(line) - len(line.lstrip())
        gap = page[last:start]
        blank = not found or gap.count("\n") + gap.count("\r") - gap.count("\r\n") > 1
        last = start + len(stripped)
        found.append(Line(start, last, stripped, blank))
    return found


def _from(lines: Sequence[Line], offset: int) -> list[Line]:
    """Return the lines from an offset on; one that began before it begins there."""
    found = [line for line in lines if line.end > offset]
    if found and found[0].start < offset:
        rest = found[0].text[offset - found[0].start :]
        start = found[0].end - len(rest.lstrip())
        found[0] = Line(start, found[0].end, rest.lstrip(), after_blank=True)
    return found


class _Legend(NamedTuple):
    line: int
    end: int
    codes: str


def _legend(lines: Sequence[Line], text: str) -> _Legend | None:
    """Return the legend: its first line, where what explains the page ends, and its codes.

    Codes and words may stand in one line, a line each, or in lines by turns.
    """
    for i in range(len(lines)):
        known: list[str] = []
        following = i
        while following < len(lines):
            codes, used = _legend_codes(lines, following)
            if not codes or set(codes) & set(known):
                break
            known += codes
            following += used
        if len(set(known)) < 2:
            continue
        last = lines[following - 1]
        explained = [last.start + m.end() for m in grammar.LEGEND.finditer(last.text)]
        end = max(last.end, grammar.past_legend(text, explained[-1] if explained else last.start))
        return _Legend(i, _past_legend_lines(lines, following, end), "".join(dict.fromkeys(known)))
    return None


def _past_legend_lines(lines: Sequence[Line], following: int, end: int) -> int:
    """Return where lines that explain the page end, those they are wrapped into included."""
    explaining = False
    for line in lines[following:]:
        if line.end <= end:
            continue
        explains = line.start >= end and line.beginning.startswith(vocabulary.LEGEND_LINES)
        wraps = explaining and not line.after_blank and line.text[0].islower()
        if not explains and not wraps:
            break
        end, explaining = line.end, True
    return end


def _legend_codes(lines: Sequence[Line], i: int) -> tuple[list[str], int]:
    """Return the codes that a line explains, and how many lines that took."""
    text, used = lines[i].text, 1
    if len(text) == 1 and i + 1 < len(lines):
        text, used = f"{text} {lines[i + 1].text}", 2
    if len(text) > _LONGEST_LEGEND:
        return [], used
    return grammar.legend_codes(text), used


def _first_entry(lines: Sequence[Line], text: str) -> int:
    """Return where the header of a page without legend ends.

    It ends at the first line that is surely an entry, with codes and
    parenthesis; else at the first with codes.
    """
    ends = _paragraph_ends(lines)
    likely = len(text)
    for i, line in enumerate(lines):
        if not _CAPITAL.match(line.text) and not grammar.ONLY_CODES.fullmatch(line.text):
            continue
        alone = grammar.ONLY_CODES.fullmatch(line.text) and i + 1 < len(lines)
        head = grammar.read_head(text, line.start, ends[i + 1 if alone else i])
        if head.codes and head.citation:
            return line.start
        if _is_coded(text, head):
            likely = min(likely, line.start)
    return likely


def _paragraph_ends(lines: Sequence[Line]) -> list[int]:
    """Return for each line where its paragraph ends."""
    ends: list[int] = []
    end = 0
    for i in range(len(lines) - 1, -1, -1):
        if i + 1 == len(lines) or lines[i + 1].after_blank:
            end = lines[i].end
        ends.append(end)
    return ends[::-1]


def _is_coded(text: str, head: Head) -> bool:
    """Tell whether a head has categories, and a title that begins like one."""
    return head.is_coded and not text[head.title : head.title + 1].islower()


class _Body:
    """Reads what stands from the legend on: strays, entries, captions, and where the footer is."""

    def __init__(self, text: str, lines: Sequence[Line], links: Sequence[PageLink]) -> None:
        self.entries: list[Entry] = []
        self.stray: list[Span] = []
        self.captions: list[Span] = []
        self.doubtful: list[Span] = []
        self.described: tuple[Line, ...] = ()
        self.end: int | None = None
        self._text = text
        self._link_ends = {link.start: link.end for link in links}
        self._lines = self._below_header(self._before_footer(lines))
        self._starts = [line.start for line in self._lines]
        longest = max((len(line.text) for line in self._lines), default=0)
        self._width = longest if longest < _UNWRAPPED else None
        self._head: Head | None = None
        self._body: list[Span] = []
        self._added: list[Span] = []

    def _before_footer(self, lines: Sequence[Line]) -> list[Line]:
        """Return the lines before the footer; one that goes on behind its start ends there."""
        # The footer may follow in the last entry's own paragraph.
        retrieve = grammar.find_retrieve(self._text, lines[0].start) if lines else None
        coded = next((line.start for line in lines if self._starts_entry(line)), None)
        if retrieve is not None and coded is not None and retrieve > coded:
            self.end = retrieve
            lines = [
                line._replace(
                    end=min(line.end, self.end), text=line.text[: self.end - line.start].rstrip()
                )
                for line in lines
                if line.start < self.end
            ]
        body: list[Line] = []
        previous = "."
        every = [line.beginning for line in lines]
        for i, line in enumerate(lines):
            beginnings = every[i : i + 2]
            begins = line.after_blank or not body
            # A last entry may have no summary, and end with its parenthesis.
            apart = begins or _ended(previous) or (previous[-1] == ")" and line.text[0].isupper())
            if apart and _is_footer(beginnings, vocabulary.FOOTER_LINES):
                # Some of these lines may stand before the entries too.
                before = coded is not None and line.start < coded
                if not before or _is_footer(beginnings, vocabulary.RETRIEVE_LINES):
                    self.end = line.start
                    break
                continue
            body.append(line if begins == line.after_blank else line._replace(after_blank=begins))
            previous = line.text
        return body

    def _below_header(self, lines: list[Line]) -> list[Line]:
        """Return the lines that are no part of a header which stands after the legend."""
        coded = next((line.start for line in lines if self._starts_entry(line)), len(self._text))
        lead = [line for line in lines if line.start < coded]
        if not lead:
            return lines
        spans = sorted(_heading_spans(self._text, lead[0].start, lead[-1].end))
        starts = [start for start, _ in spans]
        rest: list[Line] = []
        described: list[Line] = []
        apart = False
        for line in lines:
            header = line.start < coded and (
                any(
                    line.start < stop for _, stop in _last_two(spans, bisect_left(starts, line.end))
                )
                or line.beginning.startswith(vocabulary.HEADER_LINES)
            )
            below = spans and spans[0][0] < line.start < coded and len(line.text) > 60
            if header:
                apart = True
            elif below and not grammar.read_head(self._text, line.start, line.end).citation:
                described.append(line)
                apart = True
            else:
                rest.append(line._replace(after_blank=True) if apart else line)
                apart = False
        self.described = tuple(described)
        return rest

    def _starts_entry(self, line: Line) -> bool:
        if not _CAPITAL.match(line.text) and not grammar.ONLY_CODES.fullmatch(line.text):
            return False
        letters, title = grammar.codes(self._text, line.start, line.end)
        if not letters:
            return grammar.ONLY_CODES.fullmatch(line.text) is not None
        return set(letters) <= set(vocabulary.CODES) and not self._text[title].islower()

    def read(self) -> None:
        """Read all paragraphs, in order."""
        codes_at: int | None = None
        for start, end in self._paragraphs():
            if codes_at is not None:
                # The title of an entry whose codes stand in a paragraph, or table cell, above.
                head = self._read_head(codes_at, end)
                self._begin(head, end)
                codes_at = None
            elif grammar.ONLY_CODES.fullmatch(self._text, start, end):
                self._finish(start)
                codes_at = start
                continue
            else:
                head = self._read_head(start, end)
                whole = self._cited_here(head, end)
                if whole:
                    self._head, self._body = whole, [Span(whole.body, end)]
                elif self._begins_entry(head):
                    self._begin(head, end)
                elif self._head:
                    self._add(start, end)
                else:
                    self.stray.append(Span(start, end))
            self._joined(start, end)
        if codes_at is not None:
            self._begin(grammar.read_head(self._text, codes_at, codes_at + 12), codes_at + 12)
        self._finish(self.end if self.end is not None else len(self._text))

    def _paragraphs(self) -> Iterator[Span]:
        start = end = -1
        for line in self._lines:
            if line.after_blank:
                if start >= 0:
                    yield Span(start, end)
                start = line.start
            end = line.end
        if start >= 0:
            yield Span(start, end)

    def _read_head(self, start: int, end: int) -> Head:
        """Read the head at an offset; a title with full stops in it may be marked by its link."""
        head = grammar.read_head(self._text, start, end)
        titled = self._link_ends.get(head.title) if head.citation is None else None
        if titled is None or not _PARENTHESIS_NEXT.match(self._text, titled, end):
            return head
        return grammar.read_head(self._text, start, end, titled)

    def _cited_here(self, head: Head, end: int) -> Head | None:
        """Return the head above, with the parenthesis that stands in a paragraph, or cell, below.

        Only a title may be above, and only a parenthesis begin the paragraph of ``head``.
        """
        above = self._head
        if (
            above is None
            or above.citation is not None
            or head.citation is None
            or head.title_end > head.start
            or any(self._text[a:b].strip() for a, b in self._body)
        ):
            return None
        whole = grammar.read_head(self._text, above.start, end)
        return whole if whole.title_end == head.start else None

    def _begins_entry(self, head: Head) -> bool:
        if _is_coded(self._text, head):
            return True
        if head.citation is None or (head.holds_years and not head.codes):
            return False
        return bool(head.codes) or self._head is None or not (self._is_bare() or self._points(head))

    def _points(self, head: Head) -> bool:
        """Tell whether a paragraph without codes points from the entry above to a document."""
        return sentences.is_pointer(self._text, head.start, head.body)

    def _is_bare(self) -> bool:
        """Tell whether the entry so far is codes, title and parenthesis: its summary comes next."""
        head = self._head
        return (
            head is not None
            and bool(head.codes)
            and head.citation is not None
            and not any(self._text[a:b].strip(" .:;") for a, b in self._body)
        )

    def _begin(self, head: Head, end: int) -> None:
        self._finish(head.start)
        self._head = head
        self._body = [Span(head.body, end)]

    def _finish(self, end: int) -> None:
        """Make the entry that ends where the next part begins."""
        if self._head:
            self._last_caption()
            self.entries.append(Entry(self._head, tuple(self._body), tuple(self._added), end))
        self._head, self._body, self._added = None, [], []

    def _add(self, start: int, end: int) -> None:
        """Add a paragraph to the entry above, unless it is a caption."""
        text = self._text[start:end]
        points = sentences.is_pointer(self._text, start, end)
        if self._is_bare() or self._goes_on(text) or points:
            self._body.append(Span(start, end))
        elif self._has_ended() and _is_caption(text):
            self.captions.append(Span(start, end))
        else:
            self._body.append(Span(start, end))
            self._added.append(Span(start, end))

    def _has_ended(self) -> bool:
        last = self._body[-1]
        return _ended(self._text[last.start : last.end]) or not self._text[slice(*last)].strip()

    def _goes_on(self, text: str) -> bool:
        """Tell whether a paragraph goes on with the sentence above, as at the end of a page."""
        return text[:1].islower() and not self._has_ended()

    def _last_caption(self) -> None:
        """Take a caption from the end of a summary of several lines without blank ones."""
        start, end = self._body[-1]
        i = bisect_right(self._starts, end - 1) - 1
        if i < 1 or self._starts[i] <= start:
            return
        line = self._lines[i]
        before = self._text[start : line.start].rstrip()
        if not line.after_blank and _ended(before) and _is_caption(line.text):
            self.captions.append(Span(line.start, end))
            self._body[-1] = Span(start, start + len(before))

    def _joined(self, start: int, end: int) -> None:
        """Find entries that begin within a paragraph."""
        joints = set(grammar.joints(self._text, start, end))
        for i in range(bisect_right(self._starts, start), bisect_left(self._starts, end)):
            if self._is_hard_break(i):
                joints.add(self._starts[i])
        for joint in sorted(joints):
            if not _CAPITAL.match(self._text, joint):
                continue
            head = self._read_head(joint, end)
            if not _is_coded(self._text, head):
                continue
            at_line = self._line_at(joint)
            if head.citation or (at_line and _ended(self._text[start:joint].rstrip())):
                self._cut_off(joint)
                self._begin(head, end)
            else:
                self.doubtful.append(Span(joint, end))

    def _line_at(self, offset: int) -> bool:
        i = bisect_left(self._starts, offset)
        return i < len(self._starts) and self._starts[i] == offset

    def _is_hard_break(self, i: int) -> bool:
        """Tell whether the first word of a line would have fit in the line above, or that ended."""
        if self._width is None or self._lines[i - 1].text.endswith(")"):
            return True
        word = self._lines[i].text.split(" ", maxsplit=1)[0]
        return len(self._lines[i - 1].text) + 1 + len(word) <= 0.9 * self._width

    def _cut_off(self, at: int) -> None:
        """End the entry so far, or the stray text, where another begins."""
        if self._head:
            self._body = [Span(a, min(b, at)) for a, b in self._body if a < at]
            if not self._body:
                self._body = [Span(at, at)]
            self._added = [Span(a, min(b, at)) for a, b in self._added if a < at]
        elif self.stray:
            self.stray[-1] = Span(self.stray[-1].start, at)


def _last_two(spans: Sequence[tuple[int, int]], stop: int) -> Sequence[tuple[int, int]]:
    return spans[max(0, stop - 2) : stop]


def _heading_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the page says which cell it is: phrases, and names alone."""
    for match in grammar.headings(text, end):
        if match.start() >= start:
            names = matrices.read_names(
                text[match.end("code") : match.end("code") + 200].lstrip(" :.–—-")
            )
            yield match.start(), match.end("code") + (names.end + 3 if names else 0)
    at = start
    while at < end and (names := matrices.read_names(text[at : at + 300])):
        yield at, at + names.end
        at += max(names.end, 1)


def _is_footer(beginnings: Sequence[str], known: tuple[str, ...]) -> bool:
    """Tell whether a line, or "more" and the line after it, begins as a footer does."""
    line, *following = beginnings
    if line == "more":
        return bool(following) and following[0].startswith(known)
    return line.removeprefix("more ").startswith(known)


def _ended(text: str) -> bool:
    end = text[-12:].rstrip().rstrip("”’\"')]")
    return end.endswith((".", "!", "?", "…"))


def _is_caption(text: str) -> bool:
    """Tell whether a paragraph is the caption of a picture, or a heading, and no sentence."""
    words = " ".join(text[: 3 * _SHORT].split())
    if _CAPTION.match(words) and len(words) < 2 * _SHORT:
        return True
    return (
        len(words) <= _SHORT
        and _CAPTION_START.match(words) is not None
        and not words.rstrip("”’\"')]").endswith((".", "!", "?", "…", ";", ","))
    )


def _parts(page: Page, legend: int, entries: Sequence[Entry], end: int) -> Iterator[Part]:
    first = entries[0].head.start if entries else end
    cuts = [("header", 0, legend), ("legend", legend, first)]
    cuts += [("entry", entry.head.start, entry.end) for entry in entries]
    cuts.append(("footer", end, len(page.text)))
    at = 0
    for kind, _, stop in cuts:
        until = len(page.file) if kind == "footer" else page.origin(stop)
        if at < until:
            yield Part(kind, page.file[at:until])
            at = until
