"""Markdown to the text that it means: headings, emphasis, links, lists and tables.

The parsers on the registry don't say in which column a piece of text stood,
so the marks are taken away here, and nothing else is changed.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from evidence_search.cells.pages import Edit, Page, PageLink
from evidence_search.patterns import lazy_pattern
from evidence_search.records import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = (".md", ".markdown", ".mdown", ".qmd", ".rmd")

_SIGNS = lazy_pattern(
    r"^ {0,3}#{1,6} +\S|\[[^\[\]\n]{1,300}\]\((?:https?:|/|#|mailto:)|\*\*[^\s*]|^\|.*\|[ \t]*$"
    r"|^\*[SKRG]\*|(?<!\w)__[^\W_]",
    re.MULTILINE,
)
_DEFINITION = lazy_pattern(
    r"^ {0,3}\[(?!\^)([^\[\]\n]{1,300})\]:[ \t]*<?([^\s<>]{1,2000})>?[^\r\n]{0,300}(?:\r?\n|\Z)",
    re.MULTILINE,
)
_FOOTNOTE = lazy_pattern(r"\[\^[^\[\]\s]{1,40}\](?!:)")
"""The mark of a footnote, where it is referred to."""
_BLOCK_MARK = lazy_pattern(
    r"^(?P<quote>[ \t]{0,3}(?:>[ \t]?)+)?(?:"
    r"(?P<heading>[ \t]{0,3}#{1,6}[ \t]+)"
    r"|(?P<rule>[ \t]{0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,})$)"
    r"|(?P<item>[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)"
    r")?",
    re.MULTILINE,
)
_ROW = lazy_pattern(r"^[ \t]*\|.*\|[ \t]*$", re.MULTILINE)
_DELIMITERS = lazy_pattern(r"[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t]*(?::?-{2,}:?)?[ \t]*")
_LETTERED = lazy_pattern(r"[ \t]*\|[ \t*_]*[SKRG](?:[ ,/&+*_]+[SKRG])*[ \t*_]*\|")
_ONLY_ORIGIN = lazy_pattern(
    r"[ \t]*((?:\[[\w ]{1,40}\] ?)?(?:[^|()\[\]]{1,200}, ?)?(?:19|20)\d\d(?:[–/-]\d{2,4})?)[ \t]*"
)
_LINK = lazy_pattern(
    r"(?P<picture>!)?\[(?P<text>(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,100}\]|\n(?!\s*\n)){0,500})\]"
    r"(?:\((?P<url><[^<>\n]{0,2000}>|(?:[^\s()\\]|\\.|\([^\s()]{0,200}\)){0,2000})"
    r"(?:\s+(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'))?\)"
    r"|\[(?P<label>[^\[\]\n]{0,300})\])?"
)
_TARGET = lazy_pattern(r"[:/#.]")
_AUTOLINK = lazy_pattern(r"<((?:https?|mailto):[^\s<>]{1,2000})>")
_INLINE = lazy_pattern(
    r"(?P<escape>\\[!-/:-@\[-`{-~])|(?P<stars>\*{1,3})|(?P<bars>(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w))"
    r"|(?P<code>`{1,3})|(?P<strike>~~)|(?P<break>(?:\\|<br */?>)(?=[ \t]*(?:\r?\n|$))|<br */?>)"
    r"|(?P<tag></?(?:b|i|em|strong|span|u|sup|sub|small|mark|a)(?: [^<>\n]{0,300})?>)"
    r"|(?P<comment><!--.{0,2000}?-->)|(?P<entity>&(?:#\d{1,7}|[A-Za-z]{2,31});)",
    re.DOTALL,
)


def looks_like_markdown(text: str, path: str) -> bool:
    """Tell whether a plain text is Markdown, by its ending or its marks."""
    if path.lower().endswith(ENDINGS):
        return True
    # Without one of these, a slow search is spared.
    return (
        any(mark in text for mark in ("*", "__", "#", "|", "]("))
        and _SIGNS.search(text) is not None
    )


def read_markdown(page: Page) -> Page:
    """Return a page of Markdown without its marks, each item and row of a table a paragraph."""
    text = page.text
    definitions = {match[1].casefold(): match[2] for match in _DEFINITION.finditer(text)}
    links: list[PageLink] = []
    edits = sorted(_edits(text, definitions, links))
    apart: list[Edit] = []
    for edit in edits:
        if not apart or edit.start >= apart[-1].end:
            apart.append(edit)
    return page._replace(links=sorted([*page.links, *links])).edited(apart)


def _edits(text: str, definitions: dict[str, str], links: list[PageLink]) -> Iterator[Edit]:
    defined = set()
    for match in _DEFINITION.finditer(text):
        defined.add(match.start(1) - 1)
        yield Edit(match.start(), match.end())
    for match in _FOOTNOTE.finditer(text):
        yield Edit(match.start(), match.end())
    for match in _BLOCK_MARK.finditer(text):
        if match.group("heading") or match.group("item"):
            yield Edit(match.start(), match.end(), "\n")
        elif match.group():
            yield Edit(match.start(), match.end())
    yield from _table_edits(text)
    for match in _LINK.finditer(text):
        if match.start() not in defined:
            yield from _link_edits(match, definitions, links)
    for match in _AUTOLINK.finditer(text):
        url = match.group(1)
        links.append(PageLink(match.start(), match.end(), Link(url, url)))
        yield Edit(match.start(), match.start() + 1)
        yield Edit(match.end() - 1, match.end())
    for match in _INLINE.finditer(text):
        yield from _inline_edit(match)


def _inline_edit(match: re.Match[str]) -> Iterator[Edit]:
    start, end = match.span()
    text = match.string
    if match.group("escape"):
        yield Edit(start, start + 1)
        yield Edit(end, end)  # keep the character itself from being read as a mark
    elif match.group("break"):
        yield Edit(start, end, "\n")
    elif match.group("entity"):
        yield Edit(start, end, unescape(match.group()))
    elif match.group("stars"):
        before, after = text[start - 1 : start], text[end : end + 1]
        if (before and not before.isspace()) or (after and not after.isspace()):
            yield Edit(start, end)
    else:
        yield Edit(start, end)


def _link_edits(
    match: re.Match[str], definitions: dict[str, str], links: list[PageLink]
) -> Iterator[Edit]:
    """Yield what takes a link's marks away, and note the link."""
    url = match.group("url")
    if url is None:
        label = (match.group("label") or match.group("text")).casefold()
        url = definitions.get(label)
        if url is None:
            return
    elif not _TARGET.search(url):
        return
    start, end = match.span("text")
    if match.group("picture"):
        yield Edit(match.start(), match.end(), " ")
        return
    links.append(PageLink(start, end, Link(_plain(match.group("text")), url.strip("<>"))))
    yield Edit(match.start(), start)
    yield Edit(end, match.end())


def _plain(text: str) -> str:
    """Return the text of a link without marks."""
    bare = _INLINE.sub(lambda m: m.group()[1:] if m.group("escape") else "", text)
    return " ".join(bare.split())


def _table_edits(text: str) -> Iterator[Edit]:
    """Yield what makes a row of a table a paragraph, a column with only years a parenthesis."""
    rows = list(_ROW.finditer(text))
    for i, row in enumerate(rows):
        if _DELIMITERS.fullmatch(row.group()):
            yield Edit(row.start(), row.end())
            continue
        heads = i + 1 < len(rows) and _DELIMITERS.fullmatch(rows[i + 1].group()) is not None
        if heads and not _LETTERED.match(row.group()):
            yield Edit(row.start(), row.end())
            continue
        bars = [m.start() for m in re.finditer(r"(?<!\\)\|", row.group())]
        at = row.start()
        for number, bar in enumerate(bars):
            between = row.group()[bars[number - 1] + 1 : bar] if number else ""
            dated = _ONLY_ORIGIN.fullmatch(between)
            if dated:
                first = at + bars[number - 1] + 1
                yield Edit(first + dated.start(1), first + dated.start(1), "(")
                yield Edit(first + dated.end(1), first + dated.end(1), ").")
            yield Edit(at + bar, at + bar + 1, " " if number else "\n")
