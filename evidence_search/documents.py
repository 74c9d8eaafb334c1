"""A record to the document that an engine indexes: which field holds which words.

Text fields are searched and ranked; labels are counted and filtered by;
``year`` is a number for ranges.  Only text is text: names of places, categories
and cells are each one token (:func:`whole`), so that "units" isn't the United
States, and "key workers" no key study.  The jurisdiction field has a place's
other names and the place it lies in, so that "Scottish" and "UK" both find Scotland.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from evidence_search.analysis import fold, joined
from evidence_search.engines import Document, Labelled, Ranking, Schema
from evidence_search.languages import language_name
from evidence_search.records import UNCATEGORISED, from_dict, to_sparse_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.records import Category, StudyRecord

VERSION = 11
"""Changes whenever the same record would give another document, or what is kept beside documents
has another form, so that an index is rebuilt."""

_DOI = re.compile(r"(?<=doi\.org/)10\.\d{4,9}/\S+")

BOUNDARY = "_"
"""The token between texts of one field; no text has it."""

FACETS = (
    "category", "jurisdiction", "decade", "publisher", "cell", "column", "row", "matrix", "type",
    "language", "journal", "list",
)  # fmt: skip
"""The facet fields that every search counts, in the order they are shown."""
KEYS = "key"
"""The field of labels by which documents are found that may be one, or have one id."""
MORE_FACETS = ("author", "keyword", "source")
"""Those that are counted when asked for: they have thousands of labels."""
SAVED = "saved"
"""The axis of saved searches in a map: a record is under each that finds it."""
AXES = (*FACETS, *MORE_FACETS, "year", SAVED)
"""What rows and columns of a map may be."""

SCHEMA = Schema(
    text=(
        "title", "summary", "publisher", "jurisdiction", "year", "category", "cell", "keyword",
        "author", "journal", "compound",
    ),
    labels=(*FACETS, *MORE_FACETS, "doi", "pmid", KEYS),
    numbers=("year", "year_end"),
    stored=("title", "path"),
)  # fmt: skip
"""The fields of every document."""

RANKING = Ranking(
    k1=1.2,
    weights={"title": 3.0, "journal": 0.1}
    | dict.fromkeys(("publisher", "jurisdiction", "keyword", "author"), 1.5)
    | dict.fromkeys(("category", "cell"), 0.5),
    b={name: 0.0 for name in SCHEMA.text if name not in {"title", "summary", "keyword"}},
)
"""Chosen by evaluation: see ``docs/ranking.md``.  Running text (title, summary, keywords) is
normalised by its length; the length of the other fields says nothing."""


def document(record: StudyRecord, analyzer: Analyzer, keys: Sequence[str] = ()) -> Document:
    """Return the document for ``record``; its payload is the record as JSON.

    ``keys`` (default: none) are what it may have in common with others that it is merged with
    (:func:`evidence_search.merging.neighbours.digests`).
    """
    tokens = analyzer.tokens
    entries = record.entries
    places = ((e.matrix, e.cell, e.column, e.row) for e in entries)
    names = dict.fromkeys(part for parts in places for part in parts if part)
    text = {
        "title": _apart(map(tokens, _texts(record, "title"))),
        "summary": _apart(map(tokens, _texts(record, "summary"))),
        "publisher": tokens(record.publisher or ""),
        "jurisdiction": [
            token
            for name in _place_names(record)
            for token in ([analyzer.whole(name)] if joined(name) else tokens(name))
        ],
        "year": [str(record.year)] if record.year is not None else [],
        "category": [
            analyzer.whole(name)
            for category in record.categories
            for name in category_names(category)
        ],
        "cell": [analyzer.whole(name) for name in names],
        "keyword": _apart(map(tokens, record.keywords)),
        "author": _apart(map(tokens, _names(record))),
        "journal": tokens(record.journal or ""),
        "compound": [
            *analyzer.compounds("\n".join((readable(record), *record.authors))),
            *filter(None, map(joined, _texts(record, "title"))),
        ],
    }
    end = record.year if record.year_end is None else record.year_end
    years = {"year": record.year, "year_end": end}
    facts = labels(record) | _more(record) | {KEYS: keys}
    return Document(
        id=record.id,
        text={name: value for name, value in text.items() if value},
        labels={name: value for name, value in facts.items() if value},
        numbers={name: year for name, year in years.items() if year is not None},
        title_key=" ".join(fold(record.title).split()).lstrip("“”‘’'\"(["),
        place_key=_place_key(record),
        payload=payload(record),
        stored={"title": record.title, "path": record.source.path},
    )


def _place_key(record: StudyRecord) -> str:
    """Return what sorts records as they stand in the corpus."""
    path, line, column = record.source.path, record.source.line, record.source.column
    return f"{_utf8(path)}\0{line:09}\0{column:09}"


def _apart(texts: Iterable[Sequence[str]]) -> list[str]:
    """Return the tokens of several texts, so that no phrase runs from one into the next."""
    found: list[str] = []
    for tokens in texts:
        found += (BOUNDARY, *tokens) if found else tokens
    return found


def category_names(category: Category) -> tuple[str, str]:
    """Return the name of a category in the singular and the plural."""
    label = category.label
    return label, label.removesuffix("y") + "ies" if label.endswith("y") else f"{label}s"


def _names(record: StudyRecord) -> Iterator[str]:
    """Yield the names of authors and editors in the ways they are written."""
    from evidence_search.persons import initials

    for person in record.contributors:
        if person.role not in {"author", "editor"}:
            continue
        if person.literal or not person.given:
            yield person.surname
            continue
        letters = initials(person.given)
        for given in dict.fromkeys((person.given, letters, " ".join(letters))):
            yield f"{person.surname} {given}"
            yield f"{given} {person.surname}"


def _more(record: StudyRecord) -> dict[str, Sequence[str]]:
    """Return the labels that can be asked for, but are no facets."""
    found = [record.doi or "", *(match[0] for match in map(_DOI.search, record.urls) if match)]
    return _encodable(
        {
            "doi": sorted({doi.lower() for doi in found if doi}),
            "pmid": [record.pmid] if record.pmid else [],
        }
    )


def _sources(listing: StudyRecord) -> set[str]:
    """Return the file of a listing, and its database where it names one.

    What of a file's name isn't UTF-8 can't be asked for.
    """
    path = _utf8(listing.source.path)
    return {path, listing.database or path}


def _utf8(path: str) -> str:
    return path.encode(errors="surrogateescape").decode(errors="replace")


def labels(record: StudyRecord, names: Iterable[str] | None = None) -> dict[str, Sequence[str]]:
    """Return the labels that a record has in each facet of ``names``.

    By default those of ``FACETS`` and ``MORE_FACETS``.
    """
    wanted = _LABELS if names is None else names
    return _encodable({name: _LABELS[name](record) for name in wanted})


def labelled(record: StudyRecord, fields: Sequence[str]) -> Labelled:
    """Return the id of a record with what it has in some facets, or in ``"year"``."""
    year = [] if record.year is None else [str(record.year)]
    has = {"year": year} | labels(record, [field for field in fields if field != "year"])
    return Labelled(record.id, tuple(has[field] for field in fields))


def _encodable(labels: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return labels with U+FFFD for lone surrogates, which JSON may have and no index takes."""
    return {
        field: [
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts
        ]
        for field, texts in labels.items()
    }


def _types(record: StudyRecord) -> list[str]:
    """Return the type of a record and what else its file calls it: "Randomized Controlled Trial".

    A name that says no more than the type, such as "Journal Article", is left out.
    """
    from evidence_search.importing.types import PLAIN

    kind = [record.type] if record.type else []
    genres = [text for name, text in record.extra if name == "genre"]
    return _once([*kind, *(text for text in genres if text.lower() not in PLAIN)])


def _once(names: Iterable[str]) -> list[str]:
    """Return names, of those that differ in case alone the first."""
    return list({fold(name): name for name in reversed([*names])}.values())[::-1]


def _listed(record: StudyRecord, name: str) -> list[str]:
    """Return where a document is listed: its cells, columns, rows or matrices."""
    values = (getattr(entry, name) for entry in record.entries)
    return list(dict.fromkeys(value for value in values if value))


def _texts(record: StudyRecord, name: str) -> list[str]:
    """Return the title or summary of a document, and others that its listings have."""
    texts = (getattr(entry, name) for entry in (record, *record.listings))
    return list({fold(text): text for text in texts if text}.values())


def readable(record: StudyRecord) -> str:
    """Return the running text of a record: its titles, summaries and keywords."""
    return "\n".join((*_texts(record, "title"), *_texts(record, "summary"), *record.keywords))


def payload(record: StudyRecord) -> str:
    """Return the record as one line of JSON."""
    return _JSON.encode(to_sparse_dict(record))


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


def _authors(record: StudyRecord) -> list[str]:
    return _once(person.short for person in record.contributors if person.role == "author")


def _language(record: StudyRecord) -> list[str]:
    language = language_name(record.language)
    return [language] if language else []


_LABELS: Mapping[str, Callable[[StudyRecord], Sequence[str]]] = {
    "category": lambda record: [c.code for c in record.categories] or [UNCATEGORISED],
    "jurisdiction": _places,
    "decade": lambda record: [record.decade] if record.decade else [],
    "publisher": lambda record: [record.publisher] if record.publisher else [],
    "cell": partial(_listed, name="cell_name"),
    **{name: partial(_listed, name=name) for name in ("column", "row", "matrix")},
    "type": _types,
    "language": _language,
    "journal": lambda record: [record.journal] if record.journal else [],
    "list": lambda record: _once(one.name for one in record.lists),
    "author": _authors,
    "keyword": lambda record: _once(record.keywords),
    "source": lambda record: sorted({n for one in record.entries for n in _sources(one)}),
}


def _place_names(record: StudyRecord) -> list[str]:
    from evidence_search.places import all_places

    places = all_places()
    named = ((name, *(places[name].names if name in places else ())) for name in _places(record))
    return list(dict.fromkeys(name for names in named for name in names))


def whoosh_schema() -> Any:
    """Return the schema for Whoosh's query parser to make the terms that we do."""
    from evidence_search.analysis import Analyzer
    from evidence_search.engines.whoosh import schema

    return schema.whoosh_schema(SCHEMA, schema.Tokens(Analyzer().tokens))
