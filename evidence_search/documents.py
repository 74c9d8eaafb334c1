"""A record to the document that an engine indexes: which field holds which words.

Text fields are searched and ranked; labels are counted and filtered by;
``year`` is a number for ranges.  The jurisdiction field holds a place's other
names and the place it lies in, so that "Scottish" and "UK" both find Scotland.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.analysis import fold
from evidence_search.engines import Document, Ranking, Schema
from evidence_search.records import UNCATEGORISED, from_dict, to_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.records import StudyRecord

VERSION = 2
"""Changes whenever the same record would give another document, so that an index is rebuilt."""

FACETS = ("category", "jurisdiction", "decade", "publisher", "cell", "column", "row", "matrix")
"""The facet fields, in the order they are shown."""

SCHEMA = Schema(
    text=(
        "title", "summary", "publisher", "jurisdiction", "year", "category", "cell", "keyword",
        "compound",
    ),
    labels=FACETS,
    numbers=("year",),
)  # fmt: skip
"""The fields of every document."""

RANKING = Ranking(
    k1=1.2,
    weights={"title": 3.0}
    | dict.fromkeys(("publisher", "jurisdiction", "keyword"), 1.5)
    | dict.fromkeys(("category", "cell"), 0.5),
    b=dict.fromkeys(("publisher", "jurisdiction", "year", "category", "cell", "compound"), 0.0),
)
"""Chosen by evaluation: see ``docs/ranking.md``.  Running text (title, summary, keywords) is
normalised by its length; the length of the other fields says nothing."""


def document(record: StudyRecord, analyzer: Analyzer) -> Document:
    """Return the document for ``record``; its payload is the record as JSON."""
    tokens = analyzer.tokens
    place = " ".join(
        part for part in (record.matrix, record.cell, record.column, record.row) if part
    )
    text = {
        "title": tokens(record.title),
        "summary": tokens(record.summary),
        "publisher": tokens(record.publisher or ""),
        "jurisdiction": tokens(" ".join(_place_names(record))),
        "year": [str(record.year)] if record.year is not None else [],
        "category": tokens(" ".join(record.category_labels)),
        "cell": tokens(place),
        "keyword": tokens(" ".join((*record.keywords, *record.authors, record.journal or ""))),
        "compound": analyzer.compounds(readable(record)),
    }
    return Document(
        id=record.id,
        text={name: value for name, value in text.items() if value},
        labels={name: value for name, value in labels(record).items() if value},
        numbers={"year": record.year} if record.year is not None else {},
        title_key=" ".join(fold(record.title).split()).lstrip("“”‘’'\"(["),
        payload=payload(record),
    )


def labels(record: StudyRecord) -> dict[str, Sequence[str]]:
    """Return the labels that a record has in each of ``FACETS``."""
    return {
        "category": [category.code for category in record.categories] or [UNCATEGORISED],
        "jurisdiction": _places(record),
        "decade": [record.decade] if record.decade else [],
        "publisher": [record.publisher] if record.publisher else [],
        "cell": [record.cell] if record.cell else [],
        "column": [record.column] if record.column else [],
        "row": [record.row] if record.row else [],
        "matrix": [record.matrix] if record.matrix else [],
    }


def readable(record: StudyRecord) -> str:
    """Return the running text of a record: its title, summary and keywords."""
    return "\n".join((record.title, record.summary, *record.keywords))


def payload(record: StudyRecord) -> str:
    """Return the record as one line of JSON."""
    return _JSON.encode(to_dict(record))


_JSON = json.JSONEncoder(separators=(",", ":"))


def record(text: str) -> StudyRecord:
    """Return the record that :func:`payload` gave ``text`` for."""
    return from_dict(json.loads(text))


def fingerprint(record: StudyRecord) -> str:
    """Return what changes whenever anything of the record does: 16 hex digits."""
    import hashlib  # it loads OpenSSL: not for every search

    return hashlib.sha256(payload(record).encode()).hexdigest()[:16]


def _places(record: StudyRecord) -> list[str]:
    """Return the jurisdictions of a record and those that they lie in, each once.

    Europe is left out: nobody who types "European" wants every British record.
    """
    from evidence_search.places import ancestors

    names: dict[str, None] = {}
    for jurisdiction in record.jurisdictions:
        wider = (name for name in ancestors(jurisdiction) if name != "Europe")
        names.update(dict.fromkeys((jurisdiction, *wider)))
    return list(names)


def _place_names(record: StudyRecord) -> list[str]:
    from evidence_search.places import all_places

    places = all_places()
    named = ((name, *(places[name].names if name in places else ())) for name in _places(record))
    return list(dict.fromkeys(name for names in named for name in names))
