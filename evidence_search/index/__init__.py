"""A corpus and its index as one thing: open, refresh, search.

The engine keeps the documents; beside them it commits, in the same step, what
is needed to tell what changed (``state`` and ``ledger``), to stem without
NLTK (``stems``) and to map words (``thesaurus``).  So an index is always the
image of one state of the corpus, and says which.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from evidence_search import corpus
from evidence_search.analysis import Analyzer
from evidence_search.documents import RANKING, SCHEMA
from evidence_search.engines import Request, open_engine
from evidence_search.errors import (
    IndexDamagedError,
    QueryError,
    RecordNotFoundError,
)
from evidence_search.index.refreshing import Update
from evidence_search.index.state import VERSION, Changes, Refreshed, State
from evidence_search.planning import Planner, Weights, category_label, jurisdiction_labels
from evidence_search.query import parse, parse_year
from evidence_search.records import from_dict
from evidence_search.results import Hit, Results
from evidence_search.snippets import best_passage, highlight, leaves
from evidence_search.trees import Every, Label, Or

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from evidence_search.corpus import Stamp
    from evidence_search.engines import Engine, Found, Ranking
    from evidence_search.planning import Plan
    from evidence_search.records import StudyRecord
    from evidence_search.thesaurus import Compiled
    from evidence_search.trees import Tree

SORTS = ("relevance", "newest", "oldest", "title")
LOCK_SECONDS = 60.0
# A file may be saved twice within one tick of the file system's clock.
_RACY_NS = 2_000_000_000


class EvidenceIndex:
    """An index on disk of a corpus folder.

    Use :func:`evidence_search.open` to get one.  It is a context manager;
    threads may share it for searching.
    """

    def __init__(
        self,
        corpus_folder: Path,
        index_folder: Path,
        *,
        engine: str = "whoosh",
        max_file_size: int = corpus.MAX_FILE_SIZE,
        ranking: Ranking = RANKING,
        weights: Weights | None = None,
    ) -> None:
        self.corpus_folder = corpus_folder
        self.index_folder = index_folder
        self._engine_name = engine
        self._max_file_size = max_file_size
        self._ranking = ranking
        self._weights = weights or Weights()
        self._engine = self._open_engine()
        self._load()

    def _open_engine(self) -> Engine:
        try:
            return open_engine(self._engine_name, self.index_folder, SCHEMA)
        except IndexDamagedError:
            # It is the image of a corpus that is still there: make it anew.
            _discard(self.index_folder)
            return open_engine(self._engine_name, self.index_folder, SCHEMA)

    def _load(self) -> None:
        """Take up the state that the engine answers from."""
        try:
            self._state = State.read(self._engine.attachment("state"))
            stems = self._engine.attachment("stems")
            self._analyzer = Analyzer(json.loads(stems) if stems else None)
        except (ValueError, KeyError, TypeError) as error:
            raise IndexDamagedError(
                f"{self.index_folder}: expected an index, found damage ({error}); "
                "run: evidence-search index --rebuild"
            ) from error
        self._thesaurus: Compiled | None = None

    def __enter__(self) -> EvidenceIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the index's files."""
        self._engine.close()

    def __len__(self) -> int:
        return self._engine.documents

    def __repr__(self) -> str:
        return f"<EvidenceIndex of {self.corpus_folder}: {len(self)} records>"

    # Refreshing

    def changes(self) -> Changes:
        """Return which files differ from what the index holds; cheap where none does."""
        return self._changes(corpus.scan(self.corpus_folder))

    def _changes(self, stamps: dict[str, Stamp]) -> Changes:
        known = self._state.files
        changed = [
            path
            for path, stamp in stamps.items()
            if path in known and not self._same(path, stamp, known[path])
        ]
        return Changes(
            tuple(path for path in stamps if path not in known),
            tuple(changed),
            tuple(path for path in known if path not in stamps),
            not self._same_thesaurus(),
            self._state.version != VERSION,
        )

    def _same(self, path: str, stamp: Stamp, known: tuple[int, int, str]) -> bool:
        size, changed, digest = known
        if stamp.size != size:
            return False
        if stamp.changed == changed and changed + _RACY_NS < self._state.refreshed:
            return True
        return corpus.digest_of(self.corpus_folder, path) == digest

    def _same_thesaurus(self) -> bool:
        stamp = corpus.stamp_of(self.corpus_folder, corpus.THESAURUS)
        known = self._state.thesaurus
        if stamp is None or known is None:
            return stamp is None and known is None
        return self._same(corpus.THESAURUS, stamp, known)

    def _thesaurus_state(self) -> tuple[int, int, str] | None:
        stamp = corpus.stamp_of(self.corpus_folder, corpus.THESAURUS)
        if stamp is None:
            return None
        digest = corpus.digest_of(self.corpus_folder, corpus.THESAURUS)
        return stamp.size, stamp.changed, digest

    def refresh(
        self,
        *,
        rebuild: bool = False,
        timeout: float = LOCK_SECONDS,
        progress: Callable[[int, int], None] | None = None,
    ) -> Refreshed:
        """Bring the index up to date with the corpus, and answer from it from now on.

        Only what changed is written, unless ``rebuild``.  ``progress`` is
        called with files read and files to read.  Raises
        :class:`IndexLockedError` where another process writes for longer
        than ``timeout`` seconds, and :class:`CorpusError`.
        """
        begun = time.perf_counter()
        with self._engine.lock(timeout):
            self._engine.reopen()
            self._load()
            refreshed = self._refresh(rebuild=rebuild, progress=progress)
        self._load()
        return Refreshed(
            *refreshed, documents=len(self), seconds=time.perf_counter() - begun, **self._outcome
        )

    def _refresh(
        self, *, rebuild: bool, progress: Callable[[int, int], None] | None
    ) -> tuple[int, int, int]:
        stamps = corpus.scan(self.corpus_folder)
        changes = self._changes(stamps)
        rebuild = rebuild or changes.version
        self._outcome: dict[str, Any] = {"rebuilt": rebuild, "problems": ()}
        if not changes and not rebuild:
            return 0, 0, 0
        update = Update(self, stamps, changes, rebuild=rebuild, progress=progress)
        counts = update.run()
        self._outcome["problems"] = tuple(update.problems)
        return counts

    # Searching

    @property
    def records(self) -> list[StudyRecord]:
        """All records, in the order of matrix, cell and page."""
        found = self._engine.search(Request(Every(), limit=None))
        records = [from_dict(json.loads(payload)) for _, _, payload in found.hits]
        return sorted(records, key=lambda r: (r.source.path, r.source.line, r.source.column, r.id))

    def get(self, prefix: str) -> StudyRecord:
        """Return the record whose id begins with ``prefix``; raise :class:`RecordNotFoundError`."""
        exact = self._engine.fetch([prefix])
        if exact:
            return from_dict(json.loads(exact[prefix]))
        fitting = [name for name in self.ids() if prefix and name.startswith(prefix)]
        if len(fitting) == 1:
            return from_dict(json.loads(self._engine.fetch(fitting)[fitting[0]]))
        if not fitting:
            raise RecordNotFoundError(
                f"expected the id of a record, or the beginning of one; found {prefix!r}: "
                "list them with: evidence-search list"
            )
        some = ", ".join(fitting[:4]) + (", …" if len(fitting) > 4 else "")
        raise RecordNotFoundError(
            f"expected the beginning of one id; {prefix!r} begins {len(fitting)}: {some}"
        )

    def ids(self) -> list[str]:
        """Return the ids of all records, sorted."""
        return sorted(name for names in self._ledger().values() for name in names["records"])

    def _ledger(self) -> dict[str, Any]:
        text = self._engine.attachment("ledger")
        ledger: dict[str, Any] = json.loads(text) if text else {}
        return ledger

    def thesaurus(self) -> Compiled | None:
        """Return the compiled thesaurus of the index, or ``None`` where the corpus has none."""
        if self._thesaurus is None:
            text = self._engine.attachment("thesaurus")
            if text:
                from evidence_search.thesaurus import Compiled

                self._thesaurus = Compiled.from_json(text)
        return self._thesaurus

    def plan(
        self, query: str, *, exact: bool = False, every_word: bool = False, strict: bool = False
    ) -> tuple[Plan, tuple[str, ...]]:
        """Return the plan of a query, and notes on what was read literally."""
        parsed = parse(query, strict=strict)
        planner = Planner(
            self._analyzer,
            None if exact else self.thesaurus(),
            self._weights,
            every_word,
        )
        return planner.plan(parsed.tree), tuple(note.message for note in parsed.notes)

    def search(  # noqa: PLR0913 - one keyword for each option of a search
        self,
        query: str,
        *,
        category: str | Sequence[str] | None = None,
        jurisdiction: str | Sequence[str] | None = None,
        year: int | str | tuple[int | None, int | None] | None = None,
        sort: str = "relevance",
        limit: int | None = 10,
        offset: int = 0,
        exact: bool = False,
        every_word: bool = False,
        strict: bool = False,
    ) -> Results:
        """Search, and return one page of results with facets over all matches.

        ``category`` takes codes or names, ``jurisdiction`` names; several are
        alternatives.  ``year`` is 2010, ``"2005..2012"`` or a pair of first
        and last, either of which may be ``None``.  Raises :class:`QueryError`.
        """
        if sort not in SORTS:
            raise QueryError(f"expected a sort of {', '.join(SORTS)}; found {sort!r}")
        if offset < 0 or (limit is not None and limit < 0):
            raise QueryError(f"expected limit and offset of 0 or more; found {limit}, {offset}")
        plan, notes = self.plan(query, exact=exact, every_word=every_word, strict=strict)
        filters = _filters(category, jurisdiction, year)
        found = self._engine.search(
            Request(plan.tree, filters, SCHEMA.labels, sort, offset, limit, self._ranking)
        )
        return Results(
            query=query,
            total=found.total,
            hits=tuple(self._hits(found, plan.tree, offset)),
            facets=found.facets,
            added=plan.added,
            notes=notes,
            suggestions=()
            if found.total
            else self._suggest(query, filters, exact=exact, every_word=every_word),
            offset=offset,
        )

    def rank(
        self, query: str, *, limit: int | None = None, exact: bool = False, every_word: bool = False
    ) -> list[str]:
        """Return only the ids of what a search finds, best match first."""
        plan, _ = self.plan(query, exact=exact, every_word=every_word)
        found = self._engine.search(Request(plan.tree, limit=limit, ranking=self._ranking))
        return [name for name, _, _ in found.hits]

    def _hits(self, found: Found, tree: Tree, offset: int) -> Iterator[Hit]:
        wanted = leaves(tree)
        for rank, (_, score, payload) in enumerate(found.hits, offset + 1):
            record = from_dict(json.loads(payload))
            yield Hit(
                rank,
                score,
                record,
                best_passage(record.summary, wanted, self._analyzer),
                highlight(record.title, wanted, self._analyzer),
            )

    def _suggest(self, query: str, filters: dict[str, Tree], **options: bool) -> tuple[str, ...]:
        from evidence_search.suggesting import suggestions

        def count(text: str, with_filters: bool) -> int:
            plan, _ = self.plan(text, **options)
            kept = filters if with_filters else {}
            return self._engine.search(Request(plan.tree, kept, limit=0)).total

        frequency = self._engine.frequency
        return tuple(suggestions(query, self._analyzer, frequency, count, filtered=bool(filters)))


def _filters(
    category: str | Sequence[str] | None,
    jurisdiction: str | Sequence[str] | None,
    year: int | str | tuple[int | None, int | None] | None,
) -> dict[str, Tree]:
    """Return the filters of a search, each under the name of its facet."""
    filters: dict[str, Tree] = {}
    categories = _listed(category)
    if categories:
        filters["category"] = _labels("category", map(category_label, categories))
    places = _listed(jurisdiction)
    if places:
        names = (name for place in places for name in jurisdiction_labels(place))
        filters["jurisdiction"] = _labels("jurisdiction", names)
    if year is not None:
        if isinstance(year, tuple):
            low, high = year
            year = f"{'' if low is None else low}..{'' if high is None else high}"
        filters["decade"] = parse_year(str(year))
    return filters


def _listed(values: str | Sequence[str] | None) -> list[str]:
    if values is None:
        return []
    return [values] if isinstance(values, str) else list(values)


def _labels(field: str, labels: Iterable[str]) -> Tree:
    return Or(tuple(Label(field, label) for label in dict.fromkeys(labels)))


def _discard(folder: Path) -> None:
    """Remove the engine's files from an index folder, and nothing else."""
    import shutil

    for path in folder.glob("whoosh-*"):
        shutil.rmtree(path, ignore_errors=True)
