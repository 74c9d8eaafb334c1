"""Clean: a page cut into header, legend, entries and footer.

Every character is in one part; put together, the parts are the page.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import grammar, names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence


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
    """A paragraph, by offsets in the page."""

    start: int
    end: int


class Entry(NamedTuple):
    """An entry, by offsets in the page; ``head`` is where the paragraph of its title ends."""

    start: int
    head: int
    end: int


class Layout(NamedTuple):
    """Where the parts of a page are, by offsets in its text.

    ``text`` is the flattened text, ``header`` the lines before the legend,
    ``legend`` the codes that it explains (all, where there's none), ``end``
    where the footer begins, ``loose`` the paragraphs that start no entry, and
    ``doubtful`` where in mid-paragraph an entry without a parenthesis may start.
    """

    text: str
    header: tuple[Line, ...]
    legend: str
    entries: tuple[Entry, ...]
    end: int
    loose: tuple[Span, ...]
    doubtful: tuple[Span, ...]
    parts: tuple[Part, ...]


def cut(page: str) -> Layout:
    """Find the parts of a page."""
    text = grammar.flatten(page)
    lines = _lines(page, text)
    begin, after, legend = _legend(lines)
    if begin is None:
        begin = after = _first_entry(lines, text)
    # The footer may follow in the last entry's own paragraph.
    retrieve = grammar.RETRIEVE.search(text, lines[after].start if after < len(lines) else 0)
    page_end = retrieve.start() if retrieve else len(page)
    paragraphs, end = _body(_until(lines[after:], page_end), text, page_end)
    heads, loose, doubtful = _heads(paragraphs, text, {line.start for line in lines})
    ends = [*(head.start for head in heads[1:]), end]
    entries = tuple(Entry(*head, stop) for head, stop in zip(heads, ends, strict=False))
    first = entries[0].start if entries else end
    legend_at = min(lines[begin].start if begin < len(lines) else first, first)
    header = tuple(line for line in lines if line.start < legend_at)
    parts = tuple(_parts(page, legend_at, entries, end))
    return Layout(text, header, legend, entries, end, loose, doubtful, parts)


def _lines(page: str, text: str) -> list[Line]:
    found: list[Line] = []
    last = 0
    for match in re.finditer(r"[^\r\n]+", page):
        line = text[match.start() : match.end()]
        stripped = line.strip()
        if not stripped:
            continue
        start = match.end() - len(line.lstrip())
        gap = page[last:start]
        blank = not found or gap.count("\n") + gap.count("\r") - gap.count("\r\n") > 1
        last = start + len(stripped)
        found.append(Line(start, last, stripped, blank))
    return found


def _legend(lines: Sequence[Line]) -> tuple[int | None, int, str]:
    """Return the first line of the legend, the line after it, and its codes.

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
        while following < len(lines) and lines[following].beginning.startswith(names.LEGEND_LINES):
            following += 1
        return i, following, "".join(dict.fromkeys(known))
    return None, 0, names.CODES


def _legend_codes(lines: Sequence[Line], i: int) -> tuple[list[str], int]:
    """Return the codes that a line explains, and how many lines that took."""
    text, used = lines[i].text, 1
    if len(text) == 1 and i + 1 < len(lines):
        text, used = f"{text} {lines[i + 1].text}", 2
    if len(text) > 300:
        return [], used
    found = [
        code
        for code, word in grammar.LEGEND.findall(text)
        if names.CATEGORY_WORDS.get(code) == word.lower()
    ]
    return found, used


def _first_entry(lines: Sequence[Line], text: str) -> int:
    """Return the line at which the header of a page without legend ends.

    It is the first that is surely an entry, with codes and parenthesis; else
    the first with codes.
    """
    ends = _paragraph_ends(lines)
    likely = len(lines)
    for i, line in enumerate(lines):
        alone = _only_codes(text, Span(line.start, line.end)) and i + 1 < len(lines)
        end = ends[i + 1 if alone else i]
        if grammar.codes(text, line.start, end)[0] and _has_origin(text, line.start, end):
            return i
        if _is_coded(text, line.start, end):
            likely = min(likely, i)
    return likely


def _paragraph_ends(lines: Sequence[Line]) -> list[int]:
    """Return for each line where its paragraph ends."""
    ends: list[int] = []
    end = 0
    for line, after in zip(reversed(lines), [None, *reversed(lines)], strict=False):
        if after is None or after.after_blank:
            end = line.end
        ends.append(end)
    return ends[::-1]


def _body(lines: Sequence[Line], text: str, length: int) -> tuple[list[Span], int]:
    """Return the paragraphs before the footer, and where the footer begins."""
    found: list[Span] = []
    previous = "."
    coded = [i for i, line in enumerate(lines) if _is_coded(text, line.start, line.end)]
    beginnings = [line.beginning for line in lines]
    for i, line in enumerate(lines):
        here = beginnings[i : i + 2]
        begins = line.after_blank or not found
        if (begins or _ended(previous)) and _is_footer(here, names.FOOTER_LINES):
            # Some of these lines may stand before the entries too.
            before = bool(coded) and i < coded[0]
            if not before or _is_footer(here, names.RETRIEVE_LINES):
                return found, line.start
            continue
        if begins:
            found.append(Span(line.start, line.end))
        else:
            found[-1] = Span(found[-1].start, line.end)
        previous = line.text
    return found, length


def _until(lines: Sequence[Line], end: int) -> list[Line]:
    """Return the lines before an offset; one that goes on behind it ends there."""
    return [
        line._replace(end=min(line.end, end), text=line.text[: end - line.start])
        for line in lines
        if line.start < end
    ]


def _is_footer(beginnings: Sequence[str], known: tuple[str, ...]) -> bool:
    """Tell whether a line, or "more" and the line after it, begins as a footer does."""
    line, *following = beginnings
    if line == "more":
        return bool(following) and following[0].startswith(known)
    return line.removeprefix("more ").startswith(known)


def _ended(line: str) -> bool:
    return line.rstrip("”’\"')]").endswith((".", "!", "?", "…"))


def _heads(
    paragraphs: Sequence[Span], text: str, line_starts: Collection[int]
) -> tuple[list[Span], tuple[Span, ...], tuple[Span, ...]]:
    """Return where entries start and their titles' paragraphs end, and what may be others."""
    heads: list[Span] = []
    loose: list[Span] = []
    doubtful: list[Span] = []
    for before, paragraph in pairwise([Span(0, 0), *paragraphs]):
        start, end = paragraph
        if _only_codes(text, before):
            # The title of an entry whose codes stand in a paragraph, or table cell, above.
            heads[-1] = Span(heads[-1].start, end)
        elif (
            _only_codes(text, paragraph)
            or _is_coded(text, start, end)
            or (_has_origin(text, start, end) and not _is_bare_head(text, before))
        ):
            heads.append(paragraph)
        else:
            loose.append(paragraph)
        for joint in grammar.joints(text, start, end):
            if not _is_coded(text, joint, end):
                continue
            if joint in line_starts or _has_origin(text, joint, end):
                heads.append(Span(joint, end))
            else:
                doubtful.append(Span(joint, end))
    return heads, tuple(loose), tuple(doubtful)


def _only_codes(text: str, paragraph: Span) -> bool:
    start, end = paragraph
    return 0 < end - start < 12 and grammar.ONLY_CODES.fullmatch(text, start, end) is not None


def _is_bare_head(text: str, paragraph: Span) -> bool:
    """Tell whether a paragraph is codes, title and parenthesis only: its summary comes next."""
    start, end = paragraph
    found, title = grammar.codes(text, start, end)
    origin = grammar.find_origin(text, title, end) if found else None
    return origin is not None and not text[origin[0].end : end].strip(" .:;")


def _is_coded(text: str, start: int, end: int) -> bool:
    """Tell whether categories, and a title that begins like one, stand at an offset."""
    found, title = grammar.codes(text, start, end)
    return bool(found) and set(found) <= set(names.CODES) and not text[title].islower()


def _has_origin(text: str, start: int, end: int) -> bool:
    _, title = grammar.codes(text, start, end)
    return grammar.find_origin(text, title, end) is not None


def _parts(page: str, legend: int, entries: Sequence[Entry], end: int) -> Iterator[Part]:
    first = entries[0].start if entries else end
    cuts = [("header", 0, legend), ("legend", legend, first)]
    cuts += [("entry", entry.start, entry.end) for entry in entries]
    cuts.append(("footer", end, len(page)))
    for kind, a, b in cuts:
        if a < b:
            yield Part(kind, page[a:b])
