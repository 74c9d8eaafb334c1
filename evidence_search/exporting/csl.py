"""CSL-JSON, which Zotero, pandoc and citation processors read.

What has no variable stands in the note, which Zotero keeps as "Extra"; it drops ``custom``.

Source: CSL-JSON 1.0.2 (https://github.com/citation-style-language/schema, ``csl-data.json``).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line
from evidence_search.exporting import parts
from evidence_search.importing.entries import DATES, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.records import Contributor, StudyRecord

STRINGS = frozenset(
    "annote archive archive_collection archive_location archive-place authority call-number "
    "chapter-number citation-key collection-number collection-title container-title-short "
    "dimensions division edition event-place event-title first-reference-note-number genre "
    "jurisdiction medium number number-of-pages number-of-volumes original-publisher "
    "original-publisher-place original-title part-number part-title printing-number references "
    "reviewed-genre reviewed-title scale section status supplement-number title-short version "
    "volume-title volume-title-short year-suffix".split()
)
"""Variables of CSL that records have under their name only, and that are text."""
_ISO = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


def csl_json(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield a JSON array of CSL items."""
    yield "["
    for i, record in enumerate(records):
        yield ("," if i else "") + "\n" + json.dumps(item(record), indent=2)
    yield "\n]\n"


def item(record: StudyRecord) -> dict[str, Any]:
    """Return a record as a CSL item."""
    guess = "article-journal" if record.journal else "report" if record.publisher else "document"
    keywords = parts.keywords(record)
    known = _KNOWN | NAMES | {name for name, _ in record.extra if _is_variable(record, name)}
    notes = parts.notes(record, known)
    if any(";" in keyword for keyword in keywords):
        notes += [f"{{:keywords: {keyword}}}" for keyword in keywords]
    values: dict[str, Any] = {
        "id": line(parts.key(record)),
        "type": record.type or guess,
        "title": parts.plain(record.title),
        "issued": _issued(record),
        "publisher": parts.plain(record.publisher),
        "publisher-place": record.place,
        "container-title": parts.plain(record.journal),
        "volume": record.volume,
        "issue": record.issue,
        "page": record.pages,
        "abstract": parts.plain(record.summary),
        "keyword": _joined(keywords),
        "DOI": record.doi,
        "URL": record.url,
        "ISSN": record.issn,
        "ISBN": record.isbn,
        "PMID": record.pmid,
        "PMCID": record.pmcid,
        "language": record.language,
        "source": record.database,
        "note": "\n".join(notes),
    }
    for role in dict.fromkeys(person.role for person in record.contributors):
        if role in NAMES:
            values[role] = [_person(person) for person in parts.contributors(record, role)]
    for name, value in record.extra:
        if _is_variable(record, name):
            values[name] = (_day(value) or {"raw": value}) if name in DATES else value
    return {name: _clean(value) for name, value in values.items() if value}


def _is_variable(record: StudyRecord, name: str) -> bool:
    """Tell whether a field of ``extra`` is one of CSL's variables, which have one value."""
    return (name in STRINGS or name in DATES) and len(parts.values(record, name)) == 1


def _joined(keywords: Sequence[str]) -> str:
    """Return keywords as one text; semicolons part them, so that commas stay within one."""
    text = "; ".join(keyword.replace(";", ",") for keyword in keywords)
    return f"{text};" if "," in text and ";" not in text else text


_KNOWN = frozenset(
    "type date year_end journal volume issue pages place language issn isbn doi pmid pmcid "
    "database publisher".split()
)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return "\n".join(line(row) for row in value.split("\n"))
    if isinstance(value, list):
        return [_clean(part) for part in value]
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    return value


def _issued(record: StudyRecord) -> dict[str, Any]:
    if record.year is None:
        return {"literal": record.date} if record.date else {}
    day = _day(record.date or "")
    if day and day["date-parts"][0][0] == record.year:
        return day
    if record.year_end:
        return {"date-parts": [[record.year], [record.year_end]]}
    issued: dict[str, Any] = {"date-parts": [[record.year]]}
    return {**issued, "literal": record.date} if record.date else issued


def _day(text: str) -> dict[str, Any]:
    """Return a date of ISO 8601, or an interval of two, as CSL has it; nothing for other text."""
    ends = [_ISO.fullmatch(end) for end in text.split("/")]
    if len(ends) > 2 or not all(ends):
        return {}
    return {"date-parts": [[int(part) for part in end.groups() if part] for end in ends if end]}


def _person(person: Contributor) -> dict[str, str]:
    named = {
        name: getattr(person, name.replace("-", "_"))
        for name in ("family", "given", "dropping-particle", "non-dropping-particle", "suffix")
    }
    named = {name: value for name, value in named.items() if value}
    return {"literal": person.surname} if person.literal or not named else named
