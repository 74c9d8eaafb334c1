"""Results and records for programs: JSON, JSON Lines, CSV, TSV, and one record a line.

The formats are stable; ``docs/output-format.md`` describes them.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line
from evidence_search.lists.labels import included
from evidence_search.records import to_dict
from evidence_search.render import text
from evidence_search.spreadsheet import value_cell, workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.records import StudyRecord
    from evidence_search.render.style import Style
    from evidence_search.results import Results

COLUMNS = (
    "id", "matrix", "cell", "row", "column", "categories", "title", "year", "year_end",
    "publisher", "jurisdictions", "inferences", "summary", "related", "references", "notes",
    "furniture", "links", "authors", "journal", "doi", "url", "keywords", "type", "date",
    "volume", "issue", "pages", "place", "language", "issn", "isbn", "pmid", "pmcid", "ids",
    "urls", "database", "accession", "labels", "lists", "editors", "contributors", "extra",
    "listings", "source",
)  # fmt: skip
"""The columns of CSV and TSV: the keys of a record; lists of values are JSON in their cell."""
LABELLED = (*COLUMNS, "included")
"""The same, and last 1 or 0 for what is included or excluded, as ASReview reads it."""


def results(found: Results) -> str:
    """Return a search as one JSON object."""
    value: dict[str, Any] = {
        "query": found.query,
        "options": found.search.options,
        "corpus": found.provenance.corpus,
        "time": found.provenance.time,
        "total": found.total,
        "hits": [
            {
                "rank": hit.rank,
                "id": hit.record.id,
                "score": round(hit.score, 6),
                "all_words": hit.whole,
                "by_meaning": hit.by_meaning,
                "record": to_dict(hit.record),
                "snippet": hit.snippet.text,
                "marks": [list(mark) for mark in hit.snippet.marks],
            }
            for hit in found.hits
        ],
        "facets": {name: dict(labels) for name, labels in found.facets.items()},
        "added": [{"words": a.words, "text": a.text, "kind": a.kind} for a in found.added],
        "notes": list(found.notes),
        "absent": list(found.absent),
        "suggestions": [suggestion._asdict() for suggestion in found.suggestions],
        "index": {
            "documents": found.provenance.records,
            "refreshed": found.refreshed,
        },
    }
    return json.dumps(value, indent=2) + "\n"


def as_json(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield a JSON array of records."""
    yield "["
    for i, record in enumerate(records):
        yield ("," if i else "") + "\n" + json.dumps(to_dict(record), indent=2)
    yield "\n]\n"


def jsonl(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield a line of JSON for each record."""
    for record in records:
        yield json.dumps(to_dict(record)) + "\n"


def lines(records: Iterable[StudyRecord], style: Style) -> Iterator[str]:
    """Yield a line for each record: id, year, categories and title, separated by tabs.

    For a person at a terminal the title comes before the id, and a line fits the width.
    """
    if style.terminal:
        yield from text.lines(records, style)
        return
    for record in records:
        codes = "".join(category.code for category in record.categories) or "-"
        fields = (record.id, str(record.year or "-"), codes, line(record.title))
        yield "\t".join(fields) + "\n"


def as_csv(records: Iterable[StudyRecord], delimiter: str = ",") -> Iterator[str]:
    """Yield CSV with a header; no cell can be a formula or command a terminal."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(LABELLED)
    for record in records:
        writer.writerow([value_cell(value) for value in _row(record)])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def tsv(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield the same with tabs."""
    return as_csv(records, "\t")


def csv_excel(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield CSV that begins with the mark by which Excel knows UTF-8."""
    yield "\ufeff"
    yield from as_csv(records)


def xlsx(records: Iterable[StudyRecord]) -> Iterator[bytes]:
    """Yield a workbook of Excel with a row for each record.  Raises :class:`MissingExtraError`."""
    yield workbook("Records", _rows(records))


def _rows(records: Iterable[StudyRecord]) -> Iterator[Sequence[int | str]]:
    yield LABELLED
    for record in records:
        yield [value if isinstance(value, int) else value_cell(value) for value in _row(record)]


def _row(record: StudyRecord) -> list[Any]:
    values = to_dict(record)
    return [*(values[name] for name in COLUMNS), {True: 1, False: 0, None: None}[included(record)]]
