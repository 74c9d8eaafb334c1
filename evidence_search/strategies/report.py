"""What a search report says that the program knows: the facts behind PRISMA-S and PRISMA 2020.

Sources: Rethlefsen et al., "PRISMA-S: an extension to the PRISMA Statement for Reporting
Literature Searches in Systematic Reviews" (2021), for the sixteen items, and Page et al., "The
PRISMA 2020 statement" (2021), for the boxes of the flow diagram.  What only people know is left
blank, and says so.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.dialects import dialect
from evidence_search.dialects.syntax import InFields, Years, walk
from evidence_search.errors import CorpusError
from evidence_search.lists import EXCLUDED, INCLUDED, SCREENING, key
from evidence_search.stats import sources
from evidence_search.values import Value
from evidence_search.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord
    from evidence_search.strategies.execution import LineRun, StrategyRun

TO_FILL_IN = "To be filled in"
NO_REASON = "no reason given"


class SourceFile(NamedTuple):
    """A file of the corpus: its path, when it was last changed (ISO 8601), and its listings."""

    path: str
    date: str
    listings: int


class Item(NamedTuple):
    """An item of PRISMA-S: its number and name, and what there is to say; blank if nothing."""

    number: int
    name: str
    said: tuple[str, ...]


class Flow(Value):
    """The numbers of the flow diagram, which add up.

    ``identified`` is the sum of ``sources``, and of ``duplicates``, ``outside`` (documents that the
    strategy didn't find) and ``screened``; that is the sum of ``excluded``, ``included``,
    ``maybe`` and ``undecided``.  ``reasons`` are the notes with which records were excluded, and
    how many were with each; they add up to ``excluded``.
    """

    sources: Mapping[str, int]
    duplicates: int
    outside: int
    screened: int
    excluded: int
    included: int
    maybe: int
    undecided: int
    reasons: Mapping[str, int] = {}

    @property
    def identified(self) -> int:
        """How many listings all sources have together."""
        return sum(self.sources.values())


class Report(Value):
    """A strategy as it was run, with what a report says of it."""

    run: StrategyRun
    flow: Flow
    items: tuple[Item, ...]


def report(
    run: StrategyRun, index: EvidenceIndex, *, included: str = INCLUDED, excluded: str = EXCLUDED
) -> Report:
    """Return the report of a strategy that was run on an index.

    ``included`` and ``excluded`` are the lists whose records the flow counts so.  Raises
    :class:`QueryError` for another list than the usual ones that there isn't.
    """
    others = [name for name in (included, excluded) if key(name) not in SCREENING]
    if others:
        index.lists.of(others)
    records = index.records
    found = {*run.ids()}
    lists = {key(excluded): "excluded", key(included): "included", "maybe": "maybe"}
    flow = _flow(records, [record for record in records if record.id in found], lists)
    return Report(run, flow, tuple(_items(run, index, records, flow)))


def decision(record: StudyRecord, lists: Mapping[str, str]) -> str:
    """Return what was decided on a record: what ``lists`` makes of the lists that it is on.

    Nothing where it is on none of them; where they contradict each other, it is still to be
    decided.
    """
    said = {lists[key(one.name)] for one in record.lists if key(one.name) in lists}
    return said.pop() if len(said) == 1 else ""


def _flow(
    records: Iterable[StudyRecord], found: list[StudyRecord], lists: Mapping[str, str]
) -> Flow:
    every = [*records]
    listed = dict(sources(every).most_common())
    decided = [decision(record, lists) for record in found]
    counts = Counter(decided)
    reasons = Counter(
        _reason(record, lists)
        for record, what in zip(found, decided, strict=True)
        if what == "excluded"
    )
    return Flow(
        listed,
        sum(listed.values()) - len(every),
        len(every) - len(found),
        len(found),
        counts["excluded"],
        counts["included"],
        counts["maybe"],
        counts[""],
        dict(reasons.most_common()),
    )


def _reason(record: StudyRecord, lists: Mapping[str, str]) -> str:
    """Return why a record was excluded, in the words of all who did."""
    notes = (one.note for one in record.lists if lists.get(key(one.name)) == "excluded")
    return "; ".join(dict.fromkeys(filter(None, notes))) or NO_REASON


def _items(
    run: StrategyRun, index: EvidenceIndex, records: Iterable[StudyRecord], flow: Flow
) -> Iterable[Item]:
    platform = dialect(run.strategy.dialect).title
    limits = [line for line in run if _is_limit(line)]
    otherwise = [str(item.line.number) for item in run if item.headings or item.notes]
    these = f"line{'s' if len(otherwise) > 1 else ''} {', '.join(otherwise)}"
    files = _files(index, records)
    yield Item(
        1,
        "Database name",
        tuple(
            f"{file.path}: {file.listings:,} records, file of {file.date or 'unknown date'}"
            for file in files
        ),
    )
    yield Item(2, "Multi-database searching", ())
    yield Item(3, "Study registries", ())
    yield Item(4, "Online resources and browsing", ())
    yield Item(5, "Citation searching", ())
    yield Item(6, "Contacts", ())
    yield Item(7, "Other methods", ())
    yield Item(
        8,
        "Full search strategies",
        (
            f"{len(run)} lines in the language of {platform}, as run, in the table of lines.",
            *([f"Remarks on how they were read: {these}."] if otherwise else []),
        ),
    )
    yield Item(
        9, "Limits and restrictions", tuple(f"Line {x.line.number}: {x.line.text}" for x in limits)
    )
    yield Item(10, "Search filters", ())
    yield Item(11, "Prior work", ())
    yield Item(12, "Updates", ())
    yield Item(
        13,
        "Dates of searches",
        (f"Run on this corpus on {run.provenance.time}. The dates of files are under item 1.",),
    )
    yield Item(14, "Peer review", ())
    total = f"{flow.identified:,} records identified, {flow.screened:,} found"
    yield Item(15, "Total records", (f"{total} by line {run.last.line.number}.",))
    merged = f"{flow.duplicates:,} records were merged into others by Evidence Search {__version__}"
    how = "by DOI, PMID or link, else by title, year and first author or publisher"
    corpus = f"corpus fingerprint {index.fingerprint()}"
    yield Item(16, "Deduplication", (f"{merged}: {how}; {corpus}.",))


def _is_limit(item: LineRun) -> bool:
    """Tell whether a line limits others to years, languages or types."""
    return any(
        isinstance(node, Years)
        or (isinstance(node, InFields) and bool({"language", "type"} & {*node.fields}))
        for node in walk(item.line.line)
    )


def _files(index: EvidenceIndex, records: Iterable[StudyRecord]) -> list[SourceFile]:
    listings = Counter(entry.source.path for record in records for entry in record.entries)
    return [SourceFile(path, _date(index, path), n) for path, n in sorted(listings.items())]


def _date(index: EvidenceIndex, path: str) -> str:
    try:
        changed = (index.corpus_folder / path).stat().st_mtime
    except (OSError, CorpusError):
        return ""
    return datetime.fromtimestamp(changed, timezone.utc).date().isoformat()
