"""A corpus at a glance: how much of what there is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from evidence_search.analysis import words
from evidence_search.documents import labels
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evidence_search.records import StudyRecord


class Stats(Value):
    """Counts of a corpus.

    ``facets`` has the counts of category, jurisdiction and decade; ``years``
    how many records each year has, in order.  ``words`` counts the running
    words of titles and summaries, ``vocabulary`` the different ones, case and
    accents aside.  ``undated`` and ``unplaced`` are records without a year
    and without a jurisdiction; ``problems`` is what ``check`` would report.
    """

    files: int
    cells: int
    records: int
    facets: Mapping[str, Mapping[str, int]]
    years: Mapping[int, int]
    publishers: int
    words: int
    vocabulary: int
    uncategorised: int
    undated: int
    unplaced: int
    problems: int

    def __repr__(self) -> str:
        return f"<Stats: {self.records} records in {self.cells} cells>"

    def _repr_html_(self) -> str:
        from evidence_search.render.stats import fragment

        return fragment(self)


def stats(records: Iterable[StudyRecord], files: int, problems: int) -> Stats:
    """Count records; how many files and problems there are is told."""
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("category", "jurisdiction", "decade", "publisher")
    }
    years: Counter[int] = Counter()
    vocabulary: Counter[str] = Counter()
    cells: set[tuple[str | None, str]] = set()
    total = uncategorised = unplaced = 0
    for record in records:
        total += 1
        found = labels(record)
        for name, counter in counts.items():
            counter.update(found[name])
        if record.year is not None:
            years[record.year] += 1
        if record.cell:
            cells.add((record.matrix, record.cell))
        uncategorised += not record.categories
        unplaced += not record.jurisdictions
        vocabulary.update(word for word, _, _ in words(f"{record.title}\n{record.summary}"))
    return Stats(
        files=files,
        cells=len(cells),
        records=total,
        facets={name: dict(counts[name]) for name in ("category", "jurisdiction", "decade")},
        years=dict(sorted(years.items())),
        publishers=len(counts["publisher"]),
        words=vocabulary.total(),
        vocabulary=len(vocabulary),
        uncategorised=uncategorised,
        undated=total - years.total(),
        unplaced=unplaced,
        problems=problems,
    )
