"""The sentences of a summary: which only help to move about the page, and which point elsewhere.

::

    furniture = "For related discussion click here and scroll down to highlighted heading."
    reference = "Scottish guidance below."
    pointer   = "See also " TITLE "(" origin ")", "Update published in " YEAR,
                "associated policy report (" origin ")"

A sentence is given as the span it has in a flattened text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import names
from evidence_search.cells.grammar import Group, groups
from evidence_search.cells.origins import Origin, read_origin, reads_as_origin

if TYPE_CHECKING:
    from collections.abc import Iterator

_FURNITURE = re.compile(
    r" *(?:For|See|To see|To read)\b[^.]{0,60}\b(?:discussions?|commentary|bite)\b"
    r"[^.]{0,100}?\b(?:click|scroll)(?: +(?:here|and|down|to)\b|[.,;]| *$)"
    r"| *(?:Click|Scroll|Unfold|Hover|Turn)\b.{0,200}?"
    r"\b(?:here|heading|headings|highlighted|text|for|down|to)\b"
    r"| *For (?:related |further |more )?discussions?,? (?:click|see)"
    r"(?: *[.,;]| +(?:here|cell)\b| *$)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r" *(?P<text>(?:See (?:also )?|For )?(?P<what>[^.();:]{2,70}?) +(?P<direction>above|below))"
    r"[.;]? *$",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r" *(?P<title>(?:An? )?(?:Update[ds]?|Revised|Revision|Follow-up)\b"
    r"[^.()]{0,40}? (?:in |\()?(?P<year>(?:19|20)\d\d)\b\)?)",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(r" *\(?(?:See(?: also)?|Also see) +", re.IGNORECASE)
_ASSOCIATED = re.compile(
    r"\b(?:associated|accompanying|companion) +(?:[\w-]+ +){0,4}?(?=\()", re.IGNORECASE
)
_COMPANION = re.compile(r"(?:the )?(?:associated|accompanying|companion)\b", re.IGNORECASE)
_JOINED = re.compile(r"[ ,;]*(?:(?:and|or|plus)\b[ ,;]*)?")
_WORDS = re.compile(r"\w+")


class Reference(NamedTuple):
    """A sentence that points to another entry: its words, and ``"above"`` or ``"below"``."""

    text: str
    what: str
    direction: str

    @property
    def categories(self) -> set[str]:
        """The codes of the kinds of entry that it names: "guidance" is G."""
        return {code for code in _kinds(self.what) if code}


class Pointer(NamedTuple):
    """A related document that a sentence names, at ``start`` to ``end`` of the text."""

    relation: str
    title: str
    origin: Origin
    start: int
    end: int


def is_furniture(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence only helps to move about the page."""
    return _FURNITURE.match(text, start, end) is not None


def read_reference(text: str, start: int, end: int) -> Reference | None:
    """Read "Scottish guidance below.", or return ``None``."""
    match = _REFERENCE.match(text, start, end)
    if not match or not _kinds(match["what"]):
        return None
    return Reference(match["text"], match["what"], match["direction"].lower())


def _kinds(what: str) -> set[str]:
    return {names.KINDS[word] for word in _WORDS.findall(what.lower()) if word in names.KINDS}


def read_pointers(text: str, start: int, end: int) -> Iterator[Pointer]:
    """Yield the documents that a "See also", "Update" or "associated" sentence points to."""
    update = _UPDATE.match(text, start, end)
    if update:
        title = " ".join(update["title"].split())
        yield Pointer("update", title, Origin(year=int(update["year"])), *update.span("title"))
        return
    see = _SEE_ALSO.match(text, start, end)
    if see:
        yield from _see_also(text, see.end(), end)
        return
    opened = text.find("(", start, end)  # without one, a slow search is spared
    associated = _ASSOCIATED.search(text, start, end) if opened >= 0 else None
    if associated:
        group = next(groups(text, associated.end(), end), None)
        origin = read_origin(group.inside) if group else None
        if group and origin and (origin.year or origin.publisher):
            title = " ".join(associated.group().split())
            yield Pointer("associated", title, origin, associated.start(), group.end)


def _see_also(text: str, start: int, end: int) -> Iterator[Pointer]:
    begin = start
    for group, origin in _origins(text, start, end):
        joined = _JOINED.match(text, begin, group.start)
        begin = joined.end() if joined else begin
        title = " ".join(text[begin : group.start].split())
        relation = "associated" if _COMPANION.match(title) else "see also"
        yield Pointer(relation, title, origin, begin, group.end)
        begin = group.end
    if begin == start:
        title = " ".join(text[start:end].split()).rstrip(".")
        if title:
            yield Pointer("see also", title, Origin(), start, start + len(text[start:end].rstrip()))


def _origins(text: str, start: int, end: int) -> Iterator[tuple[Group, Origin]]:
    for group in groups(text, start, end):
        origin = read_origin(group.inside)
        if origin.year is not None or reads_as_origin(group.inside, origin):
            yield group, origin
