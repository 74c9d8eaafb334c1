"""Text of word processors, PDFs and messages to running text.

Marks of quotation, page numbers, running heads, bullets and numbers before entries, and the
hyphens of words broken at line ends are no words of a page.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import grammar, vocabulary
from evidence_search.cells.pages import Edit
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.cells.pages import Page

_PAGE_NUMBER = lazy_pattern(
    r"[ \t\f]*(?:[-–—] ?\d{1,3} ?[-–—]|(?i:page|p\.) ?\d{1,3}(?: ?(?:of|/) ?\d{1,3})?"
    r"|\d{1,3}(?: ?(?:of|/) ?\d{1,3})?)[ \t\f]*$"
    # What browsers print above and below a page.
    r"|[ \t\f]*(?:https?|file):\S{1,500}[ \t]+\d{1,3} ?(?:of|/) ?\d{1,3}[ \t]*$"
    r"|[ \t\f]*\d{1,2}[/.]\d{1,2}[/.]\d{2,4}(?:,? \d{1,2}:\d\d(?:[:.]\d\d)?(?: ?[AaPp][Mm])?)?"
    r"[ \t]+\S[^\r\n]{0,150}$",
    re.MULTILINE,
)
_RUNNING = lazy_pattern(r"^[ \t\f]*\S[^\r\n]{2,100}$", re.MULTILINE)
_FORM_FEED = lazy_pattern(r"\f")
_DIGITS = lazy_pattern(r"\d+")
_GLYPHS = "•‣◦⁃∙·▪▫■□●○◆◇♦►▶▸➢➤➔→✓✔❖\uf0a7\uf0a8\uf0b7\uf0d8\uf0fc"
_BULLET = lazy_pattern(
    rf"[ \t\f]*(?:[{_GLYPHS}][ \t\u00a0]*(?:\r?\n(?=[ \t]*\S))?"
    r"|(?:[-–—*+o§]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\d{1,3})[ \t\u00a0]+(?=[\[(]?[SKRG]"
    r"(?:[ ,/&+]{1,3}[SKRG])*[\])]?[:.]?[ \t\u00a0]{1,8}(?:[-–—:][ \t])?[“‘\"'\[(]?[A-Z0-9]))"
)
_BRACKETED = lazy_pattern(
    r"[ \t\f]*(?:[\[(](?![SKRG]*(?P<twice>[SKRG])[SKRG]*(?P=twice))"
    r"(?P<within>[SKRG](?:[ ,/&+]{0,3}[SKRG])*)[\])][:.]?"
    r"|(?P<before>[SKRG](?:[ ,/&+]{1,3}[SKRG])*):)"
    r"[ \t\u00a0]{0,8}(?=[“‘\"'\[(]?[A-Z0-9])"
)
_CODE = lazy_pattern("[SKRG]")
_QUOTED = lazy_pattern(r"(?:[ \t]{0,3}>){1,20}[ \t]?")
_QUOTED_LINES = 3
"""In a row, whose marks are a message's: a line may begin with "> 5 drinks"."""
_HYPHENS = ("-", "\u2010", "\u00ad")
_BREAK = lazy_pattern(r"[-\u2010\u00ad][ \t]*\r?\n[ \t]*(?=[^\W_])")
_FIRST_PART = lazy_pattern(r"[^\W_]{1,40}$")
_SECOND_PART = lazy_pattern(r"[^\W_]{1,40}")
_FEW_LINES = 3
_HEAD = 20_000
_LIGATURES = dict(
    zip("\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06", "ff fi fl ffi ffl st st".split(), strict=True)
)
"""Signs that PDFs set for letters, which nobody types."""
_LIGATURE = lazy_pattern("[\ufb00-\ufb06]")
_SOFT_HYPHEN = lazy_pattern("\u00ad(?![ \t]*\r?\n)")
_WORD = lazy_pattern(r"[^\W\d_]+(?:[-\u2010][^\W_]+)*")
_SENTENCE_END = lazy_pattern(r"[.!?…:;][”’\"')\]]*$")


def unquoted(page: Page) -> Page:
    """Return a page without the marks before its lines that a message has which quotes it."""
    runs: list[list[re.Match[str]]] = []
    for mark in _at_lines(_QUOTED, page.text):
        if runs and page.text.count("\n", runs[-1][-1].end(), mark.start()) == 1:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    marks = (mark for run in runs if len(run) >= _QUOTED_LINES for mark in run)
    return page.edited([Edit(*mark.span()) for mark in marks])


def reflowed(page: Page) -> Page:
    """Return a page of plain text as running text, its paragraphs and lines as they were."""
    page = page.edited(list(_pagination(page.text)))
    return page.edited(list(_broken_words(page.text)))


def unlisted(page: Page) -> Page:
    """Return a page without bullets and numbers before its entries, nor brackets around codes.

    Where a whole page is one line, its legend gets a line of its own.
    """
    if page.text.count("\n") < _FEW_LINES:
        page = page.edited([Edit(at, at, "\n") for at in _legend_ends(page.text)])
    page = page.edited(list(_soft_hyphens(page.text)))
    page = page.edited(
        [Edit(*sign.span(), _LIGATURES[sign.group()]) for sign in _LIGATURE.finditer(page.text)]
    )
    page = page.edited([Edit(*match.span(), "\n") for match in _at_lines(_BULLET, page.text)])
    return page.edited(
        [
            Edit(*match.span(), f"\n{' '.join(_CODE.findall(match['within'] or match['before']))} ")
            for match in _at_lines(_BRACKETED, page.text)
        ]
    )


def _at_lines(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield where a pattern fits at the beginning of a line, each apart from the one before.

    A pattern with "^" would be tried at every character of the page.
    """
    at = stop = 0
    while True:
        match = pattern.match(text, at) if at >= stop else None
        if match:
            yield match
            stop = match.end()
        at = text.find("\n", at) + 1
        if not at:
            return


def _legend_ends(text: str) -> tuple[int, ...]:
    """Return where the legend begins and ends in the first line that explains two codes."""
    found = [m for m in grammar.LEGEND.finditer(text, 0, _HEAD) if m.group(1) in vocabulary.CODES]
    for first, second in pairwise(found):
        if second.start() - first.end() < 20:
            last = second
            for other in found[found.index(second) + 1 :]:
                if other.start() - last.end() < 20:
                    last = other
            end = grammar.past_legend(text, last.end())
            return first.start(), end
    return ()


def _soft_hyphens(text: str) -> Iterator[Edit]:
    if "\u00ad" in text:
        for match in _SOFT_HYPHEN.finditer(text):
            yield Edit(*match.span())


def _pagination(text: str) -> Iterator[Edit]:
    """Yield what takes page numbers, running heads and form feeds away, and joins the text."""
    spans = [match.span() for match in _at_lines(_PAGE_NUMBER, text)]
    feeds = [match.span() for match in _FORM_FEED.finditer(text)]
    if not spans and not feeds:
        return
    spans = sorted(spans + _running_heads(text, spans, feeds))
    if not spans:
        for start, end in feeds:
            yield Edit(start, end, "\n")
        return
    last = 0
    for start, end in _stretches(text, sorted(spans + feeds)):
        if start >= last:
            yield Edit(start, end, "\n")
            last = end


def _stretches(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans with the white space around them, those that touch as one."""
    begin = finish = 0
    for start, end in spans:
        if end <= finish and finish:
            continue
        before, after = start, end
        while before > finish and text[before - 1].isspace():
            before -= 1
        while after < len(text) and text[after].isspace():
            after += 1
        if before > finish or not finish:
            if finish:
                yield begin, finish
            begin = before
        finish = after
    if finish:
        yield begin, finish


def _running_heads(
    text: str, numbers: Sequence[tuple[int, int]], feeds: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return lines that stand, but for their numbers, beside two page breaks or more.

    A line that the whole text begins with stays: it is also its heading.
    """
    breaks = {*(start for start, _ in numbers), *(start for start, _ in feeds)}
    if len(breaks) < 2:
        return []
    numbered = set(numbers)
    lines = [line for line in _RUNNING.finditer(text) if line.span() not in numbered]
    beside: list[re.Match[str]] = []
    ordered = sorted((*numbers, *feeds))
    at = 0
    for before, line, after in zip([None, *lines], lines, [*lines[1:], None], strict=False):
        low = before.end() if before else 0
        high = after.start() if after else len(text)
        while at < len(ordered) and ordered[at][1] <= low:
            at += 1
        near = ordered[at : at + 3]
        if any(
            low <= start and end <= high + 1 and (start, end) != line.span() for start, end in near
        ):
            beside.append(line)
    masked = Counter(_masked(line.group()) for line in beside)
    return [
        line.span()
        for line in beside
        if masked[_masked(line.group())] > 1 and text[: line.start()].strip()
    ]


def _masked(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()))


class _Broken(NamedTuple):
    """A word broken at a line end: its parts, and what stands between them."""

    first: str
    second: str
    start: int
    end: int
    before: str
    after: str


def _broken_words(text: str) -> Iterator[Edit]:
    """Yield what joins the words that were broken at line ends, with or without their hyphen.

    Where the page has the word elsewhere, it says which; else a hyphen stays
    where compounds have one ("follow-up", "self-reported", "12-step").
    """
    broken = list(_breaks(text))
    if not broken:
        return
    words = Counter(word.lower() for word in _WORD.findall(text))
    words.subtract(part.lower() for word in broken for part in (word.first, word.second))
    for word in broken:
        if text[word.start] == "\u00ad":
            yield Edit(word.start, word.end)
        elif word.second.lower() in vocabulary.JOINING_WORDS and word.after != "-":
            continue  # "short-\nand long-term", but not "prison-\nto-community"
        else:
            yield Edit(word.start + _is_compound(word, words), word.end)


def _breaks(text: str) -> Iterator[_Broken]:
    if not any(line.rstrip().endswith(_HYPHENS) for line in text.split("\n")):
        return  # a slow search is spared
    for match in _BREAK.finditer(text):
        start, end = match.span()
        first = _FIRST_PART.search(text, max(0, start - 40), start)
        second = _SECOND_PART.match(text, end)
        if first and second:
            before = text[max(0, first.start() - 1) : first.start()]
            after = text[second.end() : second.end() + 1]
            yield _Broken(first.group(), second.group(), start, end, before, after)


def _is_compound(word: _Broken, words: Counter[str]) -> bool:
    if not word.second[0].islower() or not word.first[-1].isalpha() or word.before == "-":
        return True  # "mid-\n1990s", "12-\nstep", "year-on-\nyear"
    first, second = word.first.lower(), word.second.lower()
    whole = words[f"{first}{second}"]
    hyphened = words[f"{first}-{second}"]
    if whole or hyphened:
        return hyphened > whole
    if second in vocabulary.SECOND_PARTS or first in vocabulary.FIRST_PARTS_ALWAYS:
        return True
    if first == "re" and second[0] in "eio" and len(second) > 6:
        return True  # "re-imprisoned", but not "re-\nsearch"
    return first in vocabulary.FIRST_PARTS and words[second] > 0
