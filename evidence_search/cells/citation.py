"""The parenthesis after a title: which publishers, years, places and remarks it names.

All but one part may be missing.  Of several documents the first is the
entry's own; "2003, 2005 and 2009" are three.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from evidence_search.cells import vocabulary
from evidence_search.languages import is_language
from evidence_search.patterns import lazy_pattern
from evidence_search.places import canonical, is_publisher

YEAR = r"(?:1[6-9]|20)\d\d"
"""A year, as a pattern."""

_YEARS = lazy_pattern(
    rf"(?=[12])(?:(?<![\w£$=-])|(?<=^c)|(?<=[ ,]c))(?<!\d\.)(?P<first>{YEAR})[a-d]?(?!\w)"
    rf"(?: ?(?:[-–—/]|to) ?(?P<last>{YEAR}|\d{{1,2}})(?!\w))?"
)
_PARTS = lazy_pattern(
    r";|(?=[ ,&])(?:(?<=^\d{4})|(?<=[,;\]] \d{4})|(?<=and \d{4})) *(?:,|&|,? and) *"
    rf"(?={YEAR}(?!\w))"
)
_DATE = lazy_pattern(
    rf"(?:^|(?<=[ ,]))(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:{'|'.join(vocabulary.MONTHS)})[.,]? *$",
    re.IGNORECASE,
)
_TAG = lazy_pattern(r" *\[([^\]\[]{1,60})\] *")
_TAG_BEHIND = lazy_pattern(r" *\[([^\]\[]{1,60})\]$")
_NOTE = lazy_pattern(rf"(?:{'|'.join(map(re.escape, vocabulary.NOTES))})(?: |$)", re.IGNORECASE)
_ALPHA = lazy_pattern(r"[A-Za-z]{4,}")


class Citation(NamedTuple):
    """What the parenthesis after a title says."""

    tag: str | None = None
    publisher: str | None = None
    year: int | None = None
    year_end: int | None = None
    notes: tuple[str, ...] = ()
    further: tuple[Citation, ...] = ()


_NOTHING = Citation()


def reads_as_citation(inside: str, citation: Citation) -> bool:
    """Tell whether a parenthesis without a year names a publisher, or holds only remarks."""
    if citation.tag:
        return True
    if citation.publisher is None:
        return bool(citation.notes)
    if is_publisher(citation.publisher):
        return True
    words = _ALPHA.findall(inside)
    capitals = sum(word[0].isupper() for word in words)
    return bool(words) and citation.publisher[0].isupper() and capitals >= 0.6 * len(words)


def read_citation(inside: str) -> Citation:
    """Read the inside of the parenthesis after a title."""
    return _read_citation(inside) if len(inside) < _LONG else _read_citation.__wrapped__(inside)


_LONG = 200
"""Characters of a parenthesis that is too long to be kept; most are a year alone."""


@lru_cache(maxsize=2048)
def _read_citation(inside: str) -> Citation:
    first = _NOTHING
    further: list[Citation] = []
    for part in _PARTS.split(inside):
        text = " ".join(part.split())
        document = _read_document(text)
        remark = document.notes == (text,)
        if first == _NOTHING:
            first = document
        elif not (first.publisher or first.year):
            first = document._replace(
                tag=first.tag or document.tag, notes=first.notes + document.notes
            )
        elif first.year is None and document.year and not document.publisher:
            first = first._replace(  # "(Home Office; 2010)"
                year=document.year, year_end=document.year_end, notes=first.notes + document.notes
            )
        elif (
            first.year is None
            and document.publisher
            and not document.tag
            and (document.year or is_publisher(document.publisher))
        ):  # "Home Office; Ministry of Justice, 2010"
            first = first._replace(
                publisher=f"{first.publisher}; {document.publisher}",
                year=document.year,
                year_end=document.year_end,
                notes=first.notes + document.notes,
            )
        elif not remark and (document.year or (document.tag and document.publisher)):
            further.append(document)
            first = first._replace(notes=first.notes + document.notes)
        else:  # a remark, or a tag that comes late
            remarks = (document.publisher,) if document.publisher else ()
            first = first._replace(
                tag=first.tag or document.tag, notes=first.notes + remarks + document.notes
            )
    return first._replace(further=tuple(further)) if further else first


def _read_document(text: str) -> Citation:
    """Read "[UK] Publisher, 2010, free source"."""
    tag = _TAG.match(text)
    place = tag.group(1).strip() if tag else None
    if tag:
        text = text[tag.end() :]
    dated = _dated(text)
    year = last = None
    notes = []
    if dated:
        name, years = dated
        remark = text[years.end() :].strip(" ,.:-–")
        year, last = int(years["first"]), _last_year(years)
        if is_note(name) and name[0].islower():  # "updated 2014"
            return Citation(year=year, year_end=last, notes=(text,))
        if is_note(name):
            notes.append(name)
            name = ""
        if remark and not name and not notes and is_publisher(remark):
            name = remark  # "2010, Home Office"
        elif remark and not place and canonical(remark):
            place = remark  # "2010, UK"
        elif remark:
            notes.append(remark)
    else:
        name = text.strip(" ,") if text.endswith("n.d.") else text.strip(" ,.")
        if is_note(name):
            name, notes = "", [name]
    head, comma, tail = name.rpartition(",")
    if comma and is_note(tail.strip()):  # "Home Office, last updated 2010"
        name, notes = head.strip(), [tail.strip(), *notes]
    name, behind = _without_tag(name)
    return Citation(place or behind, name or None, year, last, tuple(notes))


def _without_tag(name: str) -> tuple[str, str | None]:
    """Return a publisher and the place behind it, or alone: "Home Office [UK], 2010"."""
    if name and canonical(name):  # "UK, 2010"
        return "", name
    tag = _TAG_BEHIND.search(name) if name.endswith("]") else None
    if tag and canonical(tag.group(1)):
        return name[: tag.start()], tag.group(1).strip()
    return name, None


def _dated(text: str) -> tuple[str, re.Match[str]] | None:
    """Return the publisher and the year, or years, of a document.

    The year is the first, at the start or after a comma, that isn't the
    beginning of a name; else one that ends the text ("Home Office 2010").
    """
    years = None
    for years in _YEARS.finditer(text):
        before = _DATE.sub("", text[: years.start()]).rstrip()
        after = text[years.end() :].strip()
        if (not before or before[-1] in ",.:") and (
            not after or after[0] in ",.:(-–" or is_note(after)
        ):
            return before.strip(" ,.:"), years
    if years and not text[years.end() :].strip(" ."):
        name = _DATE.sub("", text[: years.start()]).strip(" ,.:")
        if is_publisher(name) or not is_publisher(text):  # else it is "Crew 2000"
            return name, years
    return None


def _last_year(years: re.Match[str]) -> int | None:
    first, end = years["first"], years["last"]
    if end is None:
        return None
    last = int(first[: -len(end)] + end)
    return last if last > int(first) else None


def is_note(text: str) -> bool:
    """Tell whether a part of a parenthesis is a remark, such as "free source" or "in Dutch"."""
    if _NOTE.match(text):
        return True
    return text[:3].lower() == "in " and is_language(text[3:].strip().casefold())
