"""Records counted by two facets at once: what an evidence map and a timeline are drawn from.

A map of evidence is read for its gaps, so labels without records are kept
where the full range is known: every category, every saved search, and every year or
decade between the first and the last.  A record with several labels is counted under
each; totals count it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from evidence_search.display import Displayed
from evidence_search.documents import FACETS, MORE_FACETS, labels
from evidence_search.errors import QueryError
from evidence_search.records import NOT_STATED, UNCATEGORISED, Category
from evidence_search.search import Provenance, Search
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pandas as pd
    import polars as pl

    from evidence_search.records import StudyRecord

SAVED = "saved"
"""The axis of saved searches: a record is under each that finds it."""
AXES = (*FACETS, *MORE_FACETS, "year", SAVED)
"""What rows and columns may be."""

EVERYTHING, UNKNOWN = Search(), Provenance()
_LONGEST_RANGE = 150
"""Years; in a longer range those without records are left out: one of its ends is a slip."""


class Crosstab(Displayed, Value):
    """Counts of records by the labels of two facets.

    ``cells`` has the records of each pair of labels that has any, in the
    order they were given in; ``total`` counts each record once.
    """

    _kind = "map"

    search: Search
    provenance: Provenance
    rows: str
    columns: str
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[StudyRecord, ...]]
    total: int

    def __repr__(self) -> str:
        return (
            f"<Crosstab of {self.rows} by {self.columns}: {self.total} records, "
            f"{len(self.row_labels)} × {len(self.column_labels)} cells>"
        )

    def records(self, row: str, column: str) -> tuple[StudyRecord, ...]:
        """Return the records that have both labels."""
        return self.cells.get((row, column), ())

    def count(self, row: str, column: str) -> int:
        """Return how many records have both labels."""
        return len(self.records(row, column))

    def row_total(self, row: str) -> int:
        """Return how many records have the label of a row, each counted once."""
        return len({r.id for column in self.column_labels for r in self.records(row, column)})

    def column_total(self, column: str) -> int:
        """Return how many records have the label of a column, each counted once."""
        return len({r.id for row in self.row_labels for r in self.records(row, column)})

    @property
    def most(self) -> int:
        """The count of the fullest cell."""
        return max(map(len, self.cells.values()), default=0)

    @overload
    def to_frame(self, library: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def to_frame(self, library: Literal["polars"]) -> pl.DataFrame: ...
    def to_frame(
        self, library: Literal["pandas", "polars"] = "pandas"
    ) -> pd.DataFrame | pl.DataFrame:
        """Return the counts as a frame, with a first column of row labels."""
        from evidence_search.frames import frame

        rows = (
            {self.rows: row, **{column: self.count(row, column) for column in self.column_labels}}
            for row in self.row_labels
        )
        return frame(rows, {self.rows: str, **dict.fromkeys(self.column_labels, int)}, library)


def crosstab(
    records: Iterable[StudyRecord],
    rows: str,
    columns: str,
    search: Search = EVERYTHING,
    provenance: Provenance = UNKNOWN,
    saved: Mapping[str, Collection[str]] | None = None,
) -> Crosstab:
    """Count records by two of ``AXES``; ``search`` found them, where ``provenance`` says.

    ``saved`` has the ids of the records that each saved search finds, for the axis of these;
    by default there are none.  Raises :class:`QueryError` for another axis, or twice the same.
    """
    for axis in (rows, columns):
        if axis not in AXES:
            raise QueryError(f"expected a facet of {', '.join(AXES)}; found {axis!r}")
    if rows == columns:
        raise QueryError(f"expected two facets; found {rows} for both rows and columns")
    cells: dict[tuple[str, str], list[StudyRecord]] = {}
    found: tuple[dict[str, list[StudyRecord]], dict[str, list[StudyRecord]]] = ({}, {})
    total = 0
    by_saved = saved or {}
    for record in records:
        total += 1
        down, across = (axis_labels(record, axis, by_saved) for axis in (rows, columns))
        for labelled, names in zip(found, (down, across), strict=True):
            for label in names:
                labelled.setdefault(label, []).append(record)
        for row in down:
            for column in across:
                cells.setdefault((row, column), []).append(record)
    return Crosstab(
        search,
        provenance,
        rows,
        columns,
        _ordered(rows, found[0], by_saved),
        _ordered(columns, found[1], by_saved),
        {key: tuple(values) for key, values in cells.items()},
        total,
    )


def axis_labels(record: StudyRecord, axis: str, saved: Mapping[str, Collection[str]]) -> list[str]:
    """Return the labels of a record on one of ``AXES``; ``NOT_STATED`` where it has none."""
    if axis == SAVED:
        return [name for name, ids in saved.items() if record.id in ids] or [NOT_STATED]
    if axis == "year":
        return [NOT_STATED if record.year is None else str(record.year)]
    return list(labels(record, (axis,))[axis]) or [NOT_STATED]


def _ordered(
    axis: str, found: Mapping[str, list[StudyRecord]], saved: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """Return the labels of an axis in the order that its readers expect, and those between."""
    stated = [label for label in found if label != NOT_STATED]
    last = [NOT_STATED] if NOT_STATED in found else []
    if axis == "category":
        none = [UNCATEGORISED] if UNCATEGORISED in found else []
        return (*(category.code for category in Category), *none)
    if axis == SAVED:
        return (*saved, *last)
    if axis == "year":
        return (*map(str, _between(sorted(map(int, stated)), 1)), *last)
    if axis == "decade":
        decades = _between(sorted(int(label[:-1]) for label in stated), 10)
        return (*(f"{decade}s" for decade in decades), *last)
    if axis in {"row", "column"}:  # of the matrix: as its cells are numbered
        at = 0 if axis == "column" else 1
        stated.sort(key=lambda label: (min((r.cell or "")[at:] for r in found[label]), label))
    elif axis in {"cell", "matrix"}:
        stated.sort()
    else:
        stated.sort(key=lambda label: (-len(found[label]), label))
    return (*stated, *last)


def _between(years: list[int], step: int) -> list[int]:
    if not years or years[-1] - years[0] > _LONGEST_RANGE:
        return years
    return list(range(years[0], years[-1] + 1, step))
