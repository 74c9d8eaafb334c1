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
from typing import Any

from evidence_search.values import Value

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
        return f"{where}: {self.severity}: {self.message} [{self.code}]"


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

    ``relation`` is ``"see also"``, ``"update"`` or ``"associated"``; ``title``
    is what the page calls it ("similar report for Scotland").
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


class StudyRecord(Value):
    """One evidence entry.

    ``summary`` is complete and verbatim but for ``furniture``: the page's
    navigation sentences ("For discussion click here …"), kept apart in page
    order.  ``notes`` are remarks of the parenthesis ("free source").
    ``year`` is the year of publication, or the first of a range that ends in
    ``year_end``.  The fields from ``authors`` on are for records imported
    from reference managers; a cell leaves them empty.
    """

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
    authors: tuple[str, ...] = ()
    journal: str | None = None
    doi: str | None = None
    url: str | None = None
    keywords: tuple[str, ...] = ()

    def __repr__(self) -> str:
        codes = "".join(category.code for category in self.categories) or "-"
        title = textwrap.shorten(repr(self.title), _REPR_WIDTH, placeholder=" …")
        return f"<StudyRecord {self.id}: {codes} {self.year or 'no year'} {title}>"

    def _repr_html_(self) -> str:
        from evidence_search.render.html import record  # a notebook asks the value itself

        return record(self)

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """Names of the places the evidence is from or for, each once, in order of inference."""
        return tuple(dict.fromkeys(i.jurisdiction for i in self.inferences))

    @property
    def decade(self) -> str | None:
        """The decade of ``year`` as a facet label: ``"2010s"``."""
        return None if self.year is None else f"{self.year // 10 * 10}s"

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

    folded = unicodedata.normalize("NFKD", title)
    if not folded.isascii():
        folded = "".join(c for c in folded if not unicodedata.combining(c))
    folded = folded.casefold()
    words = re.findall(r"\w+", re.sub("['’‘]", "", folded))
    where = [part.casefold() for part in (matrix, cell) if part]
    digest = hashlib.sha256(" ".join([*where, "|", *words]).encode()).hexdigest()[:6]
    slug: list[str] = []
    room = _SLUG_LENGTH
    for word in words:
        if len(word) > room:
            break
        slug.append(re.sub(r"[^a-z0-9]", "", word))
        room -= len(slug[-1]) + 1
    return "-".join(part for part in [*where, *slug, digest] if part)


_SLUG_LENGTH = 40


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
        "source": _source_to_dict(record.source),
    }


def from_dict(values: dict[str, Any]) -> StudyRecord:
    """Return the record that :func:`to_dict` gave ``values`` for.

    Raises ``KeyError`` or ``ValueError`` where ``values`` has another shape.
    """
    return StudyRecord(
        id=values["id"],
        title=values["title"],
        source=Source(**values["source"]),
        matrix=values["matrix"],
        cell=values["cell"],
        row=values["row"],
        column=values["column"],
        categories=tuple(Category(code) for code in values["categories"]),
        year=values["year"],
        year_end=values["year_end"],
        publisher=values["publisher"],
        inferences=tuple(Inference(**i) for i in values["inferences"]),
        summary=values["summary"],
        related=tuple(
            RelatedDocument(
                **{
                    **document,
                    "jurisdictions": tuple(document["jurisdictions"]),
                    "source": Source(**document["source"]) if document["source"] else None,
                }
            )
            for document in values["related"]
        ),
        references=tuple(CrossReference(**r) for r in values["references"]),
        notes=tuple(values["notes"]),
        furniture=tuple(values["furniture"]),
        links=tuple(Link(**link) for link in values["links"]),
        authors=tuple(values["authors"]),
        journal=values["journal"],
        doi=values["doi"],
        url=values["url"],
        keywords=tuple(values["keywords"]),
    )


def _source_to_dict(source: Source) -> dict[str, Any]:
    return {
        "path": source.path,
        "line": source.line,
        "column": source.column,
        "end_line": source.end_line,
        "end_column": source.end_column,
    }
