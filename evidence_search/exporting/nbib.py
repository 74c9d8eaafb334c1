"""PubMed's format, for records that came from there and for programs that read only that.

Source: https://pubmed.ncbi.nlm.nih.gov/help/#pubmed-format.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.exporting import parts
from evidence_search.importing.types import csl_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.records import Contributor, StudyRecord

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_EXTRA = {
    "container-title-short": "TA", "collection-title": "CTI", "original-title": "TT",
    "genre": "PT", "edition": "EN", "MeSH": "MH",
}  # fmt: skip
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_KNOWN = frozenset(
    "date journal volume issue pages issn isbn doi pmid pmcid language publisher database author "
    "editor".split()
)


def nbib(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield PubMed's format, an entry at a time."""
    for record in records:
        rows = [f"{tag:<4}- {line(value)}\n" for tag, value in _fields(record) if value]
        yield f"PMID- {line(record.pmid or '')}\n" + "".join(rows) + "\n"


def _fields(record: StudyRecord) -> Iterator[tuple[str, str]]:
    known = {*_KNOWN, *_EXTRA, *(name for name, _ in record.extra if _TAG.fullmatch(name))}
    urls = {f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/"} if record.pmid else set()
    if set(record.urls) <= urls:
        known.add("urls")
    if record.database not in {None, "PubMed"}:
        known.discard("database")
    genres = filter(None, map(csl_type, parts.values(record, "genre")))
    if next(genres, None) == record.type:
        known.add("type")
    yield "PMC", record.pmcid or ""
    yield "TI", parts.plain(record.title) + "."
    yield "DP", _date(record)
    yield "VI", record.volume or ""
    yield "IP", record.issue or ""
    yield "PG", record.pages or ""
    yield "LID", f"{record.doi} [doi]" if record.doi else ""
    yield "AB", parts.plain(record.summary)
    for person in parts.contributors(record, "author"):
        yield from _person(person, "FAU", "AU")
    for person in parts.contributors(record, "editor"):
        yield from _person(person, "FED", "ED")
    yield "LA", record.language or ""
    yield "JT", parts.plain(record.journal)
    yield "PB", parts.plain(record.publisher)
    yield "IS", record.issn or ""
    yield "ISBN", record.isbn or ""
    headings = {value.partition("/")[0].strip("* ") for value in parts.values(record, "MeSH")}
    for keyword in parts.keywords(record):
        yield "OT" if keyword not in headings else "", parts.plain(keyword)
    for name, value in record.extra:
        tag = _EXTRA.get(name) or (name if _TAG.fullmatch(name) else "")
        yield tag, value if tag else ""
    yield from (("GN", note) for note in parts.notes(record, known))


def _person(person: Contributor, full: str, short: str) -> Iterator[tuple[str, str]]:
    if person.literal:
        yield ("CN", person.literal) if full == "FAU" else (full, parts.name(person))
    else:
        yield full, parts.name(person)
        yield short, person.short


def _date(record: StudyRecord) -> str:
    match = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", record.date or "")
    if match and 1 <= int(match[2]) <= 12:
        return " ".join(filter(None, (match[1], _MONTHS[int(match[2]) - 1], match[3])))
    if record.year_end and not record.date:
        return f"{record.year}-{record.year_end}"
    return record.date or str(record.year or "")
