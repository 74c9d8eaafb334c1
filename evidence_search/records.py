"""The values that flow through the package: frozen, comparable, nothing but data.

A :class:`StudyRecord` is one evidence entry.  It turns into plain JSON values
with :func:`to_dict` and back, without loss, with :func:`from_dict`; the
format is documented in ``docs/output-format.md``.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evidence_search.display import Displayed
from evidence_search.values import V, Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    _Reader = Callable[[object, str], Any]

_REPR_WIDTH = 72
UNCATEGORISED = "uncategorised"
"""The facet label of a record that has no category."""

NOT_STATED = "not stated"
"""What is counted where a record has no label of another facet."""


class Category(str, Enum):
    """What kind of evidence a record is; the value is the code of the page's legend."""

    SEMINAL = "S"
    KEY = "K"
    REVIEW = "R"
    GUIDANCE = "G"

    @property
    def code(self) -> str:
        """The letter of the legend: ``"S"``, ``"K"``, ``"R"`` or ``"G"``."""
        return self.value

    @property
    def label(self) -> str:
        """The name that people read, in the singular: ``"Seminal study"``."""
        return _CATEGORY_LABELS[self.value]


_CATEGORY_LABELS = {
    "S": "Seminal study",
    "K": "Key study",
    "R": "Review",
    "G": "Guidance",
}


class Source(Value):
    """Where something stands in the corpus.

    ``path`` is relative to the corpus folder, with ``/``.  Lines and columns
    count from 1; the span runs up to, not including, ``end_column`` of
    ``end_line``.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


OUT_OF_CORPUS = ", or move it out of the corpus"
"""How the message of a problem ends that a file may be left out for."""


class Problem(Value):
    """Something in a file that was expected otherwise.

    ``severity`` is ``"error"`` or ``"warning"``; ``code`` a short stable name
    such as ``"no-year"``; ``message`` one line: what was expected, what was
    found, what to do.
    """

    source: Source
    severity: str
    code: str
    message: str

    def __str__(self) -> str:
        where = f"{self.source.path}:{self.source.line}:{self.source.column}"
        line = f"{where}: {self.severity}: {self.message} [{self.code}]"
        return " ".join(line.split())  # names of files and columns may hold line ends


class Inference(Value):
    """A jurisdiction of a record, and what it was read from.

    ``origin`` is ``"tag"`` (a bracketed tag such as ``[UK]``), ``"publisher"``,
    ``"title"``, ``"summary"`` or ``"field"`` (a field of an imported record).
    """

    jurisdiction: str
    origin: str


class Link(Value):
    """A hyperlink of a page that was saved as HTML."""

    text: str
    url: str


class RelatedDocument(Value):
    """Another document that an entry points to.

    ``relation`` is ``"see also"``, ``"update"``, ``"associated"``, or
    ``"mentioned"`` where running text names it with its year; ``title`` is
    what the page calls it ("similar report for Scotland").
    """

    relation: str
    title: str
    publisher: str | None = None
    year: int | None = None
    jurisdictions: tuple[str, ...] = ()
    url: str | None = None
    source: Source | None = None


class CrossReference(Value):
    """A pointer to another entry of the same cell ("Scottish guidance below").

    ``record`` is the id of the one entry that fits, or ``None`` where none or
    several do.
    """

    text: str
    record: str | None = None


class OnList(Value):
    """That a record is on a list: its name, who put it there, with which note or reason, and when.

    ``at`` is in UTC, as ISO 8601 has it.  What isn't known is empty.
    """

    name: str
    by: str = ""
    note: str = ""
    at: str = ""


class Contributor(Value):
    """A person or a body that had a part in a work: a name of one of CSL's name variables.

    ``role`` is the variable: ``"author"``, ``"editor"``, ``"translator"``,
    ``"collection-editor"`` ….  A person has ``family`` and mostly ``given``; a
    body has ``literal`` alone.  A non-dropping particle stays with the family
    name ("van den" Berg), a dropping one goes with the given name.
    ``written`` is the name as the file has it, where that is otherwise than
    "family, given" ("Smith JA").

    Source: https://docs.citationstyles.org/en/stable/specification.html#name-variables
    """

    role: str
    family: str | None = None
    given: str | None = None
    dropping_particle: str | None = None
    non_dropping_particle: str | None = None
    suffix: str | None = None
    literal: str | None = None
    written: str | None = None

    def __str__(self) -> str:
        return self.written or self.inverted

    @property
    def inverted(self) -> str:
        """The name with the family name first: ``"van den Berg, Jan"``, ``"King, Martin, Jr."``."""
        if self.literal:
            return self.literal
        given = " ".join(filter(None, (self.given, self.dropping_particle)))
        return ", ".join(filter(None, (self.surname, given, self.suffix)))

    @property
    def surname(self) -> str:
        """The family name with its particle, ``"van den Berg"``, or the whole name of a body."""
        family = " ".join(filter(None, (self.non_dropping_particle, self.family)))
        return self.literal or family

    @property
    def short(self) -> str:
        """Surname and initials, the same however they are written: ``"van den Berg JA"``."""
        if self.literal or not self.given:
            return self.surname
        from evidence_search.persons import initials  # few searches show it

        return f"{self.surname} {initials(self.given)}".rstrip()


@lru_cache(maxsize=16384)
def contributor(text: str, role: str = "author", *, given_first: bool = False) -> Contributor:
    """Return the person or body that ``text`` names; see :func:`evidence_search.persons.parse`."""
    from evidence_search.persons import parse

    parts = parse(text, given_first=given_first)
    named = Contributor(role, **{name.replace("-", "_"): part for name, part in parts.items()})
    text = " ".join(text.split())
    return named if named.literal or str(named) == text else replace(named, written=text)


def authors(*names: str) -> tuple[Contributor, ...]:
    """Return the contributors that texts such as "Smith, Jo" or "World Bank" name as authors."""
    return tuple(map(contributor, names))


class StudyRecord(Displayed, Value):
    """One evidence entry.

    ``summary`` is complete and verbatim but for ``furniture``: the page's
    navigation sentences ("For discussion click here …"), kept apart in page
    order.  ``notes`` are remarks of the parenthesis ("free source"), or the
    notes of a reference manager.  ``year`` is the year of publication, or the
    first of a range that ends in ``year_end``.

    The fields from ``journal`` on are those of a bibliographic record, after
    CSL's variables (https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables);
    a cell leaves them empty.  ``journal`` is the title of what the work is
    part of: journal, book or site (``container-title``).  ``urls`` are all
    addresses of the record, ``url`` the one to open.  ``type`` is CSL's:
    ``"article-journal"``, ``"chapter"``, ``"report"`` ….  ``date`` is the date of
    publication where more than the year is known, as ISO 8601 (``"2010-06"``)
    or as the file has it ("2014 Winter").  ``ids`` are other identifiers, each
    with the name of its scheme: ``"openalex:W123"``.  ``accession`` is the
    number that ``database`` gives the record.  ``labels`` are decisions of
    screening tools: ``"asreview: relevant"``, ``"rayyan: included (Ann)"``.
    ``lists`` are the named lists that the record is on: those that its labels say, and
    those that people put it on (:mod:`evidence_search.lists`).
    ``extra`` has every other field by its name (CSL's where it has one, else
    the file's), as pairs of name and text.  ``listings`` are, of a document
    that is listed several times, all its entries as they were read.
    """

    _kind = "record"

    id: str
    title: str
    source: Source
    matrix: str | None = None
    cell: str | None = None
    row: str | None = None
    column: str | None = None
    categories: tuple[Category, ...] = ()
    year: int | None = None
    year_end: int | None = None
    publisher: str | None = None
    inferences: tuple[Inference, ...] = ()
    summary: str = ""
    related: tuple[RelatedDocument, ...] = ()
    references: tuple[CrossReference, ...] = ()
    notes: tuple[str, ...] = ()
    furniture: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    journal: str | None = None
    doi: str | None = None
    url: str | None = None
    keywords: tuple[str, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    type: str | None = None
    date: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    place: str | None = None
    language: str | None = None
    issn: str | None = None
    isbn: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    ids: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    database: str | None = None
    accession: str | None = None
    labels: tuple[str, ...] = ()
    lists: tuple[OnList, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    listings: tuple[StudyRecord, ...] = ()

    def __repr__(self) -> str:
        codes = "".join(category.code for category in self.categories) or "-"
        title = textwrap.shorten(repr(self.title), _REPR_WIDTH, placeholder=" …")
        return f"<StudyRecord {self.id}: {codes} {self.year or 'no year'} {title}>"

    @property
    def link(self) -> str | None:
        """The address to read more at: of the DOI, of PubMed, or that of the record itself."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        if self.pmcid:
            return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmcid}/"
        return self.url

    @property
    def entries(self) -> tuple[StudyRecord, ...]:
        """The listings of the document; of one that is listed once, the record itself."""
        return self.listings or (self,)

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Names of the places the evidence is from or for, each once, in order of inference."""
        return tuple(dict.fromkeys(i.jurisdiction for i in self.inferences))

    @property
    def authors(self) -> tuple[str, ...]:
        """The names of the authors, as the file writes them."""
        return tuple(str(c) for c in self.contributors if c.role == "author")

    @property
    def editors(self) -> tuple[str, ...]:
        """The names of the editors, as the file writes them."""
        return tuple(str(c) for c in self.contributors if c.role == "editor")

    @property
    def decade(self) -> str | None:
        """The decade of ``year`` as a facet label: ``"2010s"``."""
        return None if self.year is None else f"{self.year // 10 * 10}s"

    @property
    def cell_name(self) -> str | None:
        """The cell with its matrix, which it belongs to: ``"Alcohol E5"``."""
        return f"{self.matrix} {self.cell}" if self.matrix and self.cell else self.cell

    @property
    def category_labels(self) -> tuple[str, ...]:
        """Names of the categories: ``("Seminal study", "Guidance")``."""
        return tuple(category.label for category in self.categories)


def record_id(matrix: str | None, cell: str | None, title: str) -> str:
    """Return the id of an entry: matrix, cell, the beginning of its title, six digits of a hash.

    It depends on nothing else, and not on case, accents, punctuation or
    white space of the title, so that it outlives every other edit.
    """
    import hashlib  # it loads OpenSSL: not for every search

    folded = title
    if not title.isascii():
        folded = unicodedata.normalize("NFKD", title)
        folded = "".join(c for c in folded if not unicodedata.combining(c))
    bare = folded.casefold().replace("'", "").replace("’", "").replace("‘", "")
    words = _WORD.findall(bare)
    where = [part.casefold() for part in (matrix, cell) if part]
    digest = hashlib.sha256(" ".join([*where, "|", *words]).encode()).hexdigest()[:6]
    slug: list[str] = []
    room = _SLUG_LENGTH
    for word in words:
        if len(word) > room:
            break
        slug.append(word if word.isascii() and word.isalnum() else _UNSPEAKABLE.sub("", word))
        room -= len(slug[-1]) + 1
    return "-".join(part for part in [*where, *slug, digest] if part)


_SLUG_LENGTH = 40
_WORD = re.compile(r"\w+")
_UNSPEAKABLE = re.compile(r"[^a-z0-9]")


def to_dict(record: StudyRecord) -> dict[str, Any]:
    """Return ``record`` as JSON values, in the order of ``docs/output-format.md``."""
    return {
        "id": record.id,
        "matrix": record.matrix,
        "cell": record.cell,
        "row": record.row,
        "column": record.column,
        "categories": [category.code for category in record.categories],
        "title": record.title,
        "year": record.year,
        "year_end": record.year_end,
        "publisher": record.publisher,
        "jurisdictions": list(record.jurisdictions),
        "inferences": [
            {"jurisdiction": i.jurisdiction, "origin": i.origin} for i in record.inferences
        ],
        "summary": record.summary,
        "related": [
            {
                "relation": document.relation,
                "title": document.title,
                "publisher": document.publisher,
                "year": document.year,
                "jurisdictions": list(document.jurisdictions),
                "url": document.url,
                "source": None if document.source is None else _source_to_dict(document.source),
            }
            for document in record.related
        ],
        "references": [{"text": r.text, "record": r.record} for r in record.references],
        "notes": list(record.notes),
        "furniture": list(record.furniture),
        "links": [{"text": link.text, "url": link.url} for link in record.links],
        "authors": list(record.authors),
        "journal": record.journal,
        "doi": record.doi,
        "url": record.url,
        "keywords": list(record.keywords),
        "type": record.type,
        "date": record.date,
        "volume": record.volume,
        "issue": record.issue,
        "pages": record.pages,
        "place": record.place,
        "language": record.language,
        "issn": record.issn,
        "isbn": record.isbn,
        "pmid": record.pmid,
        "pmcid": record.pmcid,
        "ids": list(record.ids),
        "urls": list(record.urls),
        "database": record.database,
        "accession": record.accession,
        "labels": list(record.labels),
        "lists": [
            {"name": one.name, "by": one.by, "note": one.note, "at": one.at} for one in record.lists
        ],
        "editors": list(record.editors),
        "contributors": [
            {
                name.replace("_", "-"): part
                for name in Contributor.__match_args__
                if (part := getattr(c, name))
            }
            for c in record.contributors
        ],
        "extra": _grouped(record.extra),
        "listings": _listings_to_list(record),
        "source": _source_to_dict(record.source),
    }


_PLACE = (
    "id",
    "matrix",
    "cell",
    "row",
    "column",
    "categories",
    "title",
    "summary",
    "database",
    "source",
)
"""What of a listing is always written; the rest only where its record says otherwise."""


def _listings_to_list(record: StudyRecord) -> list[dict[str, Any]]:
    if not record.listings:
        return []
    merged = to_dict(replace(record, listings=()))
    return [
        {
            name: value
            for name, value in to_dict(listing).items()
            if name in _PLACE or value != merged[name]
        }
        for listing in record.listings
    ]


_DERIVED = frozenset({"jurisdictions", "authors", "editors"})
"""Keys of :func:`to_dict` that follow from others."""


def to_sparse_dict(record: StudyRecord) -> dict[str, Any]:
    """Return what :func:`to_dict` does, without what is empty or follows from the rest."""
    values = to_dict(record)
    return {name: v for name, v in values.items() if name not in _DERIVED and (v or name in _MUST)}


def _grouped(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def from_dict(values: Mapping[str, Any]) -> StudyRecord:
    """Return the record that :func:`to_dict` or :func:`to_sparse_dict` gave ``values`` for.

    Keys that are no fields are ignored, and missing ones empty, so that what
    older and newer versions wrote is read.  ``authors`` and ``editors`` that
    differ from the names of ``contributors`` win over them.  Raises
    ``ValueError`` where ``id``, ``title`` or ``source`` is missing or a value is
    of another type.
    """
    fields = dict(_EMPTY)
    for name, value in values.items():
        read = _READERS.get(name)
        if read:
            fields[name] = read(value, name)
    missing = [name for name in _MUST if fields[name] is None]
    if missing:
        raise ValueError(f"expected “{missing[0]}”, found none")
    for role in ("author", "editor"):
        if values.get(f"{role}s") is not None:
            texts = _texts(values[f"{role}s"], f"{role}s")
            fields["contributors"] = _renamed(fields["contributors"], role, texts)
    # A listing says only what it says otherwise than its record.
    shared = {**values, "listings": []}
    fields["listings"] = tuple([from_dict({**shared, **one}) for one in fields["listings"]])
    return StudyRecord(*fields.values())


def _renamed(
    contributors: tuple[Contributor, ...], role: str, texts: tuple[str, ...]
) -> tuple[Contributor, ...]:
    """Return contributors of whom those with a role are named by ``texts``."""
    same = [c for c in contributors if c.role == role]
    if texts == tuple(map(str, same)):
        return contributors
    known = {str(c): c for c in same}
    others = tuple(c for c in contributors if c.role != role)
    named = tuple(known.get(text) or contributor(text, role) for text in texts)
    return named + others if role == "author" else others + named


def _wrong(value: object, name: str, expected: str) -> ValueError:
    return ValueError(f"expected {expected} as “{name}”, found {type(value).__name__}")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _wrong(value, name, "text")
    return value


def _text_or_none(value: object, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _wrong(value, name, "text or null")
    return value


def _number(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _MOST:
        raise _wrong(value, name, "a whole number")
    return value


def _number_or_none(value: object, name: str) -> int | None:
    return None if value is None else _number(value, name)


_MOST = 2**53
"""The greatest whole number that every reader of JSON takes for what it is."""


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(value, name, "a list")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    return tuple([_text(item, name) for item in _list(value, name)])


def _categories(value: object, name: str) -> tuple[Category, ...]:
    codes = _texts(value, name)
    if not set(codes) <= _CATEGORY_LABELS.keys():
        raise ValueError(f"expected codes of {', '.join(_CATEGORY_LABELS)} as “{name}”")
    return tuple(map(Category, codes))


def _pairs(value: object, name: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise _wrong(value, name, "an object")
    return tuple((key, text) for key, texts in value.items() for text in _texts(texts, name))


def _object(kind: type[V], readers: Mapping[str, _Reader]) -> Callable[[object, str], V]:
    """Return the function that reads a value of ``kind`` from a JSON object."""

    def read(value: object, name: str) -> V:
        if not isinstance(value, dict):
            raise _wrong(value, name, "an object")
        try:
            return kind(
                **{
                    key.replace("-", "_"): readers[key](part, f"{name}.{key}")
                    for key, part in value.items()
                    if key in readers
                }
            )
        except TypeError:
            raise ValueError(f"expected {', '.join(readers)} in “{name}”") from None

    return read


def _objects(kind: type[V], readers: Mapping[str, _Reader]) -> Callable[[object, str], Any]:
    read = _object(kind, readers)

    def read_all(value: object, name: str) -> tuple[V, ...]:
        return tuple([read(item, name) for item in _list(value, name)])

    return read_all


def _source_or_none(value: object, name: str) -> Source | None:
    return None if value is None else _source(value, name)


def _listings(value: object, name: str) -> list[dict[str, Any]]:
    listings = _list(value, name)
    if not all(isinstance(listing, dict) for listing in listings):
        raise _wrong(value, name, "a list of objects")
    return [{**listing, "listings": []} for listing in listings]


_source = _object(
    Source,
    {"path": _text} | dict.fromkeys(("line", "column", "end_line", "end_column"), _number),
)
_RELATED: Mapping[str, _Reader] = {
    "relation": _text, "title": _text, "publisher": _text_or_none, "year": _number_or_none,
    "jurisdictions": _texts, "url": _text_or_none, "source": _source_or_none,
}  # fmt: skip
_READERS: Mapping[str, _Reader] = dict.fromkeys(StudyRecord.__match_args__, _text_or_none) | {
    "id": _text, "title": _text, "summary": _text, "source": _source,
    "categories": _categories, "year": _number_or_none, "year_end": _number_or_none,
    "inferences": _objects(Inference, dict.fromkeys(Inference.__match_args__, _text)),
    "related": _objects(RelatedDocument, _RELATED),
    "references": _objects(CrossReference, {"text": _text, "record": _text_or_none}),
    "links": _objects(Link, {"text": _text, "url": _text}),
    "contributors": _objects(
        Contributor,
        {"role": _text}
        | {name.replace("_", "-"): _text_or_none for name in Contributor.__match_args__[1:]},
    ),
    "lists": _objects(OnList, dict.fromkeys(OnList.__match_args__, _text)),
    "extra": _pairs,
    "listings": _listings,
    **dict.fromkeys(("notes", "furniture", "keywords", "ids", "urls", "labels"), _texts),
}  # fmt: skip
_MUST = ("id", "title", "source")
_EMPTY: Mapping[str, Any] = {
    **dict.fromkeys(StudyRecord.__match_args__),
    **StudyRecord._defaults,
}


def _source_to_dict(source: Source) -> dict[str, Any]:
    return {
        "path": source.path,
        "line": source.line,
        "column": source.column,
        "end_line": source.end_line,
        "end_column": source.end_column,
    }
