"""EndNote's XML, the form that Covidence and SyRF ask for.

Source: the XML that EndNote and Zotero write; its elements have no public definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from evidence_search.escaping import line
from evidence_search.exporting import parts
from evidence_search.exporting.ris import type_of
from evidence_search.importing.types import ENDNOTE, RIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.records import StudyRecord

_TYPES: dict[str, tuple[str, str]] = {}
for _name, (_number, _csl) in ENDNOTE.items():
    _TYPES.setdefault(_csl, (_name, _number))
_KNOWN = parts.ROLES | frozenset(
    "type date journal volume issue pages place language issn isbn doi pmcid database accession "
    "publisher urls collection-title title-short translated-title edition container-title-short "
    "genre call-number".split()
)


def endnote_xml(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield EndNote's XML, a record at a time."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<xml><records>\n'
    for record in records:
        yield f"<record>{''.join(_elements(record))}</record>\n"
    yield "</records></xml>\n"


def _elements(record: StudyRecord) -> Iterator[str]:
    name, number = _TYPES.get(record.type or RIS[type_of(record)], ("Generic", "13"))
    yield f"<ref-type name={quoteattr(name)}>{number}</ref-type>"
    people = [
        _each(group, "author", [parts.name(p) for p in parts.contributors(record, role)])
        for group, role in (
            ("authors", "author"), ("secondary-authors", "editor"),
            ("tertiary-authors", "collection-editor"), ("subsidiary-authors", "translator"),
        )
    ]  # fmt: skip
    yield _wrapped("contributors", people)
    one = {n: "; ".join(parts.values(record, n)) for n in _KNOWN}
    yield _wrapped("titles", [
        _one("title", record.title),
        _one("secondary-title", record.journal or one["collection-title"]),
        _one("tertiary-title", one["collection-title"] if record.journal else ""),
        _one("alt-title", one["container-title-short"]),
        _one("short-title", one["title-short"]),
        _one("translated-title", one["translated-title"]),
    ])  # fmt: skip
    yield _wrapped("periodical", [_one("full-title", record.journal)])
    yield _one("pages", record.pages)
    yield _one("volume", record.volume)
    yield _one("number", record.issue)
    yield _one("edition", one["edition"])
    yield _each("keywords", "keyword", parts.keywords(record))
    dates = [_one("year", str(record.year or "")), _each("pub-dates", "date", [record.date or ""])]
    yield _wrapped("dates", dates)
    yield _one("pub-location", record.place)
    yield _one("publisher", record.publisher)
    yield _one("isbn", record.isbn or record.issn)
    yield _one("accession-num", record.accession)
    yield _one("electronic-resource-num", record.doi)
    yield _one("abstract", record.summary)
    yield _one("custom2", record.pmcid)
    yield _one("notes", "\n".join(parts.notes(record, _KNOWN)))
    yield _one("work-type", one["genre"])
    yield _one("call-num", one["call-number"])
    yield _one("label", parts.key(record))
    urls = [url for url in dict.fromkeys((record.url, *record.urls)) if url]
    yield _wrapped("urls", [_each("related-urls", "url", urls)])
    yield _one("remote-database-name", record.database)
    yield _one("language", record.language)


def _one(name: str, text: str | None) -> str:
    if not text:
        return ""
    clean = escape("\n".join(line(row) for row in text.split("\n")))
    return f'<{name}><style face="normal" font="default" size="100%">{clean}</style></{name}>'


def _each(group: str, name: str, texts: Sequence[str]) -> str:
    return _wrapped(group, [_one(name, text) for text in texts])


def _wrapped(name: str, elements: Sequence[str]) -> str:
    inner = "".join(elements)
    return f"<{name}>{inner}</{name}>" if inner else ""
