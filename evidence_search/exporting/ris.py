"""RIS, as EndNote, Zotero, Mendeley, Rayyan, Covidence and ASReview read it.

Written here rather than with rispy, which writes a line break of a value as it is; that breaks
the entry.

Source: "RIS Format Specifications" (Research Information Systems, 2011).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.exporting import parts
from evidence_search.importing.types import RIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.records import StudyRecord

_TYPES: dict[str, str] = {}
for _name, _csl in RIS.items():
    _TYPES.setdefault(_csl, _name)
_EXTRA = {
    "collection-title": "T3", "title-short": "ST", "translated-title": "TT", "edition": "ET",
    "container-title-short": "J2", "genre": "M3", "accessed": "Y2", "provider": "DP",
    "call-number": "CN", "number-of-volumes": "NV", "original-publisher": "OP",
}  # fmt: skip
_TAG = re.compile(r"(?!TY|ER)[A-Z][A-Z0-9]")
_KNOWN = parts.ROLES | frozenset(
    "type date journal volume issue pages place language issn isbn doi database accession "
    "publisher urls pmcid".split()
)
_PAGES = re.compile(r"([^\s-]+)-([^\s-]+)")


def ris(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield RIS, an entry at a time."""
    for record in records:
        rows = [f"{tag}  - {line(value)}\r\n" for tag, value in _fields(record) if value]
        yield "".join(rows) + "ER  - \r\n\r\n"


def type_of(record: StudyRecord) -> str:
    """Return the type of RIS, or what a journal or publisher makes likely."""
    guess = "JOUR" if record.journal else "RPRT" if record.publisher else "GEN"
    return _TYPES.get(record.type or "", guess)


def _fields(record: StudyRecord) -> Iterator[tuple[str, str]]:
    kind = type_of(record)
    start, end = _pages(record.pages)
    known = {*_KNOWN, *_EXTRA, *(n for n, _ in record.extra if _TAG.fullmatch(n))}
    if record.type and RIS.get(kind) != record.type:
        known.discard("type")
    book = RIS[kind] in {"book", "report", "thesis", "classic"}
    if book:
        known.discard("journal")
    yield "TY", kind
    yield "ID", parts.key(record)
    yield "TI", parts.plain(record.title)
    for role, tag in (("author", "AU"), ("editor", "A2"), ("collection-editor", "A3"),
                      ("translator", "A4")):  # fmt: skip
        yield from ((tag, parts.name(person)) for person in parts.contributors(record, role))
    yield "PY", str(record.year or "")
    date = record.date or ""
    yield "DA", date if "/" in date else date.replace("-", "/")
    yield "PB", parts.plain(record.publisher)
    yield "CY", record.place or ""
    yield "T2", "" if book else parts.plain(record.journal)
    yield "VL", record.volume or ""
    yield "IS", record.issue or ""
    yield "SP", start
    yield "EP", end
    yield from (("SN", number) for number in (record.issn, record.isbn) if number)
    yield "AB", parts.plain(record.summary)
    yield from (("KW", parts.plain(keyword)) for keyword in parts.keywords(record))
    yield "DO", record.doi or ""
    yield "C2", record.pmcid or ""
    for url in dict.fromkeys((record.url, *record.urls)):
        yield "UR", (url or "").replace(";", "%3B")  # a semicolon parts two addresses
    yield "LA", record.language or ""
    yield "DB", record.database or ""
    yield "AN", record.accession or ""
    for name, value in record.extra:
        tag = _EXTRA.get(name) or (name if _TAG.fullmatch(name) else "")
        yield tag, value if tag else ""
    yield from (("N1", note) for note in parts.notes(record, known))


def _pages(pages: str | None) -> tuple[str, str]:
    match = _PAGES.fullmatch(pages or "")
    return (match[1], match[2]) if match else (pages or "", "")
