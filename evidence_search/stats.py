"""A corpus at a glance: how much of what there is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from evidence_search.analysis import words
from evidence_search.display import Displayed
from evidence_search.documents import labels
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evidence_search.records import StudyRecord


class Stats(Displayed, Value):
    """Counts of a corpus.

    ``facets`` has the counts of category, jurisdiction and decade; ``years``
    how many records each year has, in order.  ``words`` counts the running
    words of titles and summaries, ``vocabulary`` the different ones, case and
    accents aside.  ``undated`` and ``unplaced`` are records without a year
    and without a jurisdiction; ``problems`` is what ``check`` would report.
    ``listings`` are the entries of files that the records were made of, and
    ``sources`` how many of them each database gave, or file where none is named.
    """

    _kind = "stats"

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
    listings: int
    sources: Mapping[str, int]

    @property
    def duplicates(self) -> int:
        """How many listings were merged into the record of another."""
        return self.listings - self.records

    def __repr__(self) -> str:
        return f"<Stats: {self.records} records in {self.cells} cells>"


def stats(records: Iterable[StudyRecord], files: int, problems: int) -> Stats:
    """Count records; how many files and problems there are is told."""
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("category", "jurisdiction", "decade", "publisher")
    }
    years: Counter[int] = Counter()
    vocabulary: Counter[str] = Counter()
    cells: set[tuple[str | None, str]] = set()
    total = uncategorised = unplaced = 0
    listed: Counter[str] = Counter()
    for record in records:
        total += 1
        listed.update(sources([record]))
        found = labels(record)
        for name, counter in counts.items():
            counter.update(found[name])
        if record.year is not None:
            years[record.year] += 1
        cells.update((entry.matrix, entry.cell) for entry in record.entries if entry.cell)
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
        listings=listed.total(),
        sources=dict(sorted(listed.items(), key=lambda item: (-item[1], item[0]))),
    )


def sources(records: Iterable[StudyRecord]) -> Counter[str]:
    """Return how many listings of records each database gave, or file where none is named."""
    entries = (entry for record in records for entry in record.entries)
    return Counter(entry.database or entry.source.path for entry in entries)
