"""A strategy, held against papers that it should find.

A known paper is looked up in the corpus by its identifiers (DOI, PMID, link), then by its title,
with a year that may differ by one, as that of a paper which was online first does.  For one that
the strategy loses, the lines are followed from the last towards the words: an AND loses it by the
operand that lacks it, an OR by all of them, a NOT by what it excludes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.errors import CorpusError, StrategyError
from evidence_search.merging.identity import folded, identity
from evidence_search.strategies.mending import Change, Mending
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord
    from evidence_search.strategies.execution import StrategyRun


class KnownPaper(Value):
    """A known paper; ``record`` is the id of its record, ``None`` if the corpus has none.

    ``found`` tells whether the strategy finds it; ``lost_by`` is the number of the line that lost
    it, and ``why`` what of this line it lacks, or is excluded by; ``changes`` are the smallest
    ones with which the strategy finds it.
    """

    paper: StudyRecord
    record: str | None
    found: bool
    lost_by: int | None = None
    why: str = ""
    changes: tuple[Change, ...] = ()


class LineRecall(Value):
    """How many known papers a line finds, of those in the corpus, and of all that it finds."""

    number: int
    found: int
    recall: float
    precision: float


class Recall(Value):
    """Known papers and what a strategy makes of them; ``lines`` has the measures of each line."""

    papers: tuple[KnownPaper, ...]
    lines: tuple[LineRecall, ...]

    @property
    def in_corpus(self) -> tuple[KnownPaper, ...]:
        """The papers that the corpus has; no strategy can find others."""
        return tuple(paper for paper in self.papers if paper.record is not None)


def read_papers(path: Path) -> list[StudyRecord]:
    """Return the records of a file of any format that a corpus may have.

    Raises :class:`StrategyError` where it can't be read or has none.
    """
    try:
        file = corpus.read_file(path.parent, path.name)
    except (OSError, CorpusError) as error:
        raise StrategyError(f"{path}: expected known papers; found {error}") from error
    if not file.records:
        raise StrategyError(f"{path}: expected known papers; found no record: run check on it")
    return list(file.records)


def ids_of(papers: Iterable[StudyRecord], index: EvidenceIndex) -> frozenset[str]:
    """Return the ids of the records of the corpus that papers are; of those without one none."""
    lookup = _Lookup(index.records)
    return frozenset(found for paper in papers if (found := lookup.id_of(paper)))


def recall(run: StrategyRun, index: EvidenceIndex, papers: Iterable[StudyRecord]) -> Recall:
    """Say of each known paper whether a strategy finds it, and what loses it."""
    ids = {item.line.number: frozenset(run.ids(item.line.number)) for item in run}
    lookup = _Lookup(index.records)
    last = run.strategy.last.number
    mending = Mending(run, index)
    judged = tuple(
        _judged(paper, lookup.id_of(paper), ids[last], mending, index) for paper in papers
    )
    known = {paper.record for paper in judged if paper.record is not None}
    lines = tuple(
        LineRecall(
            number,
            len(known & found),
            len(known & found) / len(known) if known else 0.0,
            len(known & found) / len(found) if found else 0.0,
        )
        for number, found in ids.items()
    )
    return Recall(judged, lines)


def _judged(
    paper: StudyRecord,
    record: str | None,
    result: frozenset[str],
    mending: Mending,
    index: EvidenceIndex,
) -> KnownPaper:
    if record is None or record in result:
        return KnownPaper(paper, record, record is not None)
    loss = mending.loss(record)
    part = mending.written(loss.part)
    if loss.excluded:
        why = f"it is excluded by {part}"
    else:
        why = f"it is in none of {part}" if loss.alternatives else f"it has no {part}"
    return KnownPaper(paper, record, False, loss.line, why, mending.changes(index.get(record)))


class _Lookup:
    """Finds the record of the corpus that a known paper is."""

    def __init__(self, records: Iterable[StudyRecord]) -> None:
        self._ids: dict[str, str] = {}
        self._titles: dict[str, list[StudyRecord]] = {}
        for record in records:
            for listing in (record, *record.listings):
                self._ids |= dict.fromkeys(identity(listing).keys, record.id)
                self._titles.setdefault(folded(listing.title), []).append(record)

    def id_of(self, paper: StudyRecord) -> str | None:
        for key in identity(paper).keys:
            if key in self._ids:
                return self._ids[key]
        for record in self._titles.get(folded(paper.title), ()):
            if paper.year is None or record.year is None or abs(paper.year - record.year) <= 1:
                return record.id
        return None
