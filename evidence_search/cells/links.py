"""The links of plain text: as Firefox and Thunderbird write them, and as lynx does.

Firefox writes the address behind the words that were linked, "Title
<https://example.org/1>"; lynx a number before them, "[1]Title", and a list
of the numbers under "References".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.cells.pages import Edit, PageLink
from evidence_search.patterns import lazy_pattern
from evidence_search.records import Link

if TYPE_CHECKING:
    from evidence_search.cells.pages import Page

_BEHIND = lazy_pattern(r"[ \t]?(?:\r?\n[ \t]*)?<((?:https?|file|mailto):[^\s<>]{1,2000})>")
_WORDS_BEFORE = lazy_pattern(r"[^.;:()\[\]<>\r\n]{1,120}$")
_CODES = lazy_pattern(r" *(?:[SKRG][ ,/&+*]+)+")
_NUMBER = lazy_pattern(r"\[(\d{1,4})\](?=\S)")
_LISTED = lazy_pattern(
    r"^[ \t]*(\d{1,4})\.[ \t]+((?:https?|file|mailto):\S{1,2000})[ \t]*$", re.MULTILINE
)
_LIST = lazy_pattern(r"^[ \t]*(?:References|Visible links):?[ \t]*$", re.MULTILINE)


def with_links(page: Page) -> Page:
    """Return a page of plain text with the links that it writes out as links."""
    if "<http" in page.text or "<file:" in page.text:
        return _with_addresses_behind(page)
    if "[1]" in page.text:
        return _with_numbers(page)
    return page


def _with_addresses_behind(page: Page) -> Page:
    links = []
    edits = []
    for match in _BEHIND.finditer(page.text):
        start = match.start()
        words = _WORDS_BEFORE.search(page.text, max(0, start - 120), start)
        if not words:
            continue
        codes = _CODES.match(words.group())
        first = words.start() + (codes.end() if codes else 0)
        if first < start:
            text = " ".join(page.text[first:start].split())
            links.append(PageLink(first, start, Link(text, match.group(1))))
            edits.append(Edit(*match.span()))
    return page._replace(links=links).edited(edits)


def _with_numbers(page: Page) -> Page:
    lists = list(_LIST.finditer(page.text))
    if not lists:
        return page
    start = lists[-1].start()
    urls = dict(_LISTED.findall(page.text, start))
    if not urls:
        return page
    numbers = [n for n in _NUMBER.finditer(page.text, 0, start) if n.group(1) in urls]
    links = []
    for i, number in enumerate(numbers):
        stop = numbers[i + 1].start() if i + 1 < len(numbers) else start
        # Where the linked words end isn't written: at the first word's, to be sure.
        word = re.compile(r"\S+").match(page.text, number.end(), stop)
        end = word.end() if word else number.end()
        text = page.text[number.end() : end]
        links.append(PageLink(number.start(), end, Link(text, urls[number.group(1)])))
    edits = [Edit(*number.span()) for number in numbers]
    return page._replace(links=links).edited([*edits, Edit(start, len(page.text))])
