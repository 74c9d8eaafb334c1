"""Records counted by two facets at once: what an evidence map and a timeline are drawn from.

A map of evidence is read for its gaps, so labels without records are kept
where the full range is known: every category, every saved search, and every year or
decade between the first and the last.  A record with several labels is counted under
each; totals count it once.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Literal, overload

from evidence_search.display import Displayed
from evidence_search.documents import AXES, SAVED, labelled
from evidence_search.errors import QueryError
from evidence_search.labels import spellings
from evidence_search.matches import Matches, ids_of
from evidence_search.records import NOT_STATED, UNCATEGORISED, Category
from evidence_search.search import Provenance, Search
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    import polars as pl

    from evidence_search.records import StudyRecord

EVERYTHING, UNKNOWN = Search(), Provenance()
_LAST_PLACE = "~"
"""After those of columns and rows that the matrices have."""
_LONGEST_RANGE = 150
"""Years; in a longer range those without records are left out: one of its ends is a slip."""


class Crosstab(Displayed, Value):
    """Counts of records by the labels of two facets.

    ``cells`` has the records of each pair of labels that has any, in the
    order they were given in, those of an index read when first used; ``total`` counts
    each record once, and so do ``row_totals`` and ``column_totals`` for each label.
    """

    _kind = "map"

    search: Search
    provenance: Provenance
    rows: str
    columns: str
    row_totals: Mapping[str, int]
    column_totals: Mapping[str, int]
    cells: Mapping[tuple[str, str], Sequence[StudyRecord]]
    total: int

    def __repr__(self) -> str:
        return (
            f"<Crosstab of {self.rows} by {self.columns}: {self.total} records, "
            f"{len(self.row_labels)} × {len(self.column_labels)} cells>"
        )

    @property
    def row_labels(self) -> tuple[str, ...]:
        """The labels of the rows, in order."""
        return tuple(self.row_totals)

    @property
    def column_labels(self) -> tuple[str, ...]:
        """The labels of the columns, in order."""
        return tuple(self.column_totals)

    def records(self, row: str, column: str) -> Sequence[StudyRecord]:
        """Return the records that have both labels."""
        return self.cells.get((row, column), ())

    def ids(self, row: str, column: str) -> list[str]:
        """Return the ids of the records that have both labels, in their order."""
        return ids_of(self.records(row, column))

    def count(self, row: str, column: str) -> int:
        """Return how many records have both labels."""
        return len(self.records(row, column))

    def row_total(self, row: str) -> int:
        """Return how many records have the label of a row, each counted once."""
        return self.row_totals.get(row, 0)

    def column_total(self, column: str) -> int:
        """Return how many records have the label of a column, each counted once."""
        return self.column_totals.get(column, 0)

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

    Those that an index matches are counted by the index, and none is read.
    ``saved`` has the ids of the records that each saved search finds, for the axis of these;
    by default there are none.  Raises :class:`QueryError` for another axis, or twice the same.
    """
    for axis in (rows, columns):
        if axis not in AXES:
            raise QueryError(f"expected a facet of {', '.join(AXES)}; found {axis!r}")
    if rows == columns:
        raise QueryError(f"expected two facets; found {rows} for both rows and columns")
    given = records if isinstance(records, Matches) else {one.id: one for one in records}
    by_saved = saved or {}
    cells: dict[tuple[str, str], list[str]] = {}
    down: dict[str, int] = {}
    across: dict[str, int] = {}
    total = 0
    every = [*_labelled(given, (rows, columns), by_saved)]
    known = [
        spellings(axis, Counter(label for _, has in every for label in has[at]))
        for at, axis in enumerate((rows, columns))
    ]
    for name, has in every:
        total += 1
        row_labels, column_labels = (
            dict.fromkeys(map(spelt.__getitem__, labels))
            for spelt, labels in zip(known, has, strict=True)
        )
        for totals, labels in ((down, row_labels), (across, column_labels)):
            for label in labels:
                totals[label] = totals.get(label, 0) + 1
        for pair in product(row_labels, column_labels):
            cells.setdefault(pair, []).append(name)
    return Crosstab(
        search,
        provenance,
        rows,
        columns,
        {label: down.get(label, 0) for label in _ordered(rows, down, by_saved)},
        {label: across.get(label, 0) for label in _ordered(columns, across, by_saved)},
        {pair: _chosen(given, names) for pair, names in cells.items()},
        total,
    )


def _labelled(
    records: Matches | Mapping[str, StudyRecord],
    axes: tuple[str, str],
    saved: Mapping[str, Collection[str]],
) -> Iterator[tuple[str, list[Sequence[str]]]]:
    """Yield each record by its id with its labels on two axes; ``NOT_STATED`` for none."""
    fields = [axis for axis in axes if axis != SAVED]
    if isinstance(records, Matches):
        every = records.labels(fields)
    else:
        every = (labelled(record, fields) for record in records.values())
    for name, has in every:
        left = iter(has)
        found = [
            [kept for kept, ids in saved.items() if name in ids] if axis == SAVED else next(left)
            for axis in axes
        ]
        yield name, [one or (NOT_STATED,) for one in found]


def _chosen(
    records: Matches | Mapping[str, StudyRecord], names: Sequence[str]
) -> Sequence[StudyRecord]:
    return (
        records.only(names)
        if isinstance(records, Matches)
        else tuple(records[name] for name in names)
    )


def _ordered(
    axis: str, totals: Mapping[str, int], saved: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """Return the labels of an axis in the order that its readers expect, and those between."""
    stated = [label for label in totals if label != NOT_STATED]
    last = [NOT_STATED] if NOT_STATED in totals else []
    if axis == "category":
        none = [UNCATEGORISED] if UNCATEGORISED in totals else []
        return (*(category.code for category in Category), *none)
    if axis == SAVED:
        return (*saved, *last)
    if axis == "year":
        return (*map(str, _between(sorted(map(int, stated)), 1)), *last)
    if axis == "decade":
        decades = _between(sorted(int(label[:-1]) for label in stated), 10)
        return (*(f"{decade}s" for decade in decades), *last)
    if axis in {"row", "column"}:  # of the matrix: as its cells are numbered
        from evidence_search.cells.matrices import find_column, find_row

        place = find_column if axis == "column" else find_row
        stated.sort(key=lambda label: (place(label) or _LAST_PLACE, label))
    elif axis in {"cell", "matrix"}:
        stated.sort()
    else:
        stated.sort(key=lambda label: (-totals[label], label))
    return (*stated, *last)


def _between(years: list[int], step: int) -> list[int]:
    if not years or years[-1] - years[0] > _LONGEST_RANGE:
        return years
    return list(range(years[0], years[-1] + 1, step))
