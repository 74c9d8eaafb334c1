"""A corpus and its index as one thing: open, refresh, search.

The engine keeps the documents; beside them it commits, in the same step, what
is needed to tell what changed (``state`` and ``ledger``), to stem without
NLTK (``stems``) and to map words (``thesaurus``).  So an index is always the
image of one state of the corpus, and says which.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search import documents
from evidence_search.corpus import MAX_FILE_SIZE
from evidence_search.documents import RANKING, SCHEMA, readable
from evidence_search.engines import Request
from evidence_search.errors import QueryError, RecordNotFoundError
from evidence_search.index import filters as filtering
from evidence_search.index.keeping import KeptIndex, mended
from evidence_search.index.matches import Matches
from evidence_search.planning import Planner, Weights
from evidence_search.query import caret, parse
from evidence_search.results import Hit, Results
from evidence_search.snippets import best_passage, highlight, leaves
from evidence_search.suggesting import suggestions
from evidence_search.trees import Every

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from typing_extensions import Unpack

    from evidence_search.concordance import Concordance
    from evidence_search.engines import Found, Ranking
    from evidence_search.explaining import Explanation
    from evidence_search.index.filters import Filters
    from evidence_search.index.view import View
    from evidence_search.planning import Plan
    from evidence_search.records import StudyRecord
    from evidence_search.stats import Stats
    from evidence_search.suggesting import Suggestion
    from evidence_search.thesaurus import Compiled
    from evidence_search.trees import Tree

SORTS = ("relevance", "newest", "oldest", "title")


class EvidenceIndex(KeptIndex):
    """An index on disk of a corpus folder.

    Use :func:`evidence_search.open` to get one.  It is a context manager;
    threads may share it for searching.  Where a file of it proves damaged in the
    middle of an answer, all is built anew, and the answer is that of the new index.
    """

    def __init__(
        self,
        corpus_folder: Path,
        index_folder: Path,
        *,
        engine: str = "whoosh",
        max_file_size: int = MAX_FILE_SIZE,
        ranking: Ranking = RANKING,
        weights: Weights | None = None,
    ) -> None:
        super().__init__(corpus_folder, index_folder, engine=engine, max_file_size=max_file_size)
        self._ranking = ranking
        self._weights = weights or Weights()

    def _repr_html_(self) -> str:
        from evidence_search.render.stats import fragment

        return fragment(self.stats(), repr(self).strip("<>"))

    @property
    @mended
    def records(self) -> list[StudyRecord]:
        """All records, in the order of matrix, cell and page."""
        found = self._view.engine.search(Request(Every(), limit=None))
        records = [documents.record(payload) for _, _, payload in found.hits]
        return sorted(records, key=lambda r: (r.source.path, r.source.line, r.source.column, r.id))

    @mended
    def stats(self) -> Stats:
        """Return counts of all records, of their files and of the problems found in them."""
        from evidence_search.stats import stats

        state = self._view.state
        return stats(self.records, len(state.files), state.problems)

    @mended
    def get(self, prefix: str) -> StudyRecord:
        """Return the record whose id begins with ``prefix``; raise :class:`RecordNotFoundError`."""
        view = self._view
        exact = view.engine.fetch([prefix])
        if exact:
            return documents.record(exact[prefix])
        fitting = [name for name in _ids(view) if prefix and name.startswith(prefix)]
        if len(fitting) == 1:
            return documents.record(view.engine.fetch(fitting)[fitting[0]])
        if not fitting:
            raise RecordNotFoundError(
                f"expected the id of a record, or the beginning of one; found {prefix!r}: "
                "list them with: evidence-search list"
            )
        some = ", ".join(fitting[:4]) + (", …" if len(fitting) > 4 else "")
        raise RecordNotFoundError(
            f"expected the beginning of one id; {prefix!r} begins {len(fitting)}: {some}"
        )

    @mended
    def ids(self) -> list[str]:
        """Return the ids of all records, sorted."""
        return _ids(self._view)

    @mended
    def fingerprint(self) -> str:
        """Return 16 hex digits that tell the files of the corpus, with its thesaurus, from others.

        Two indexes with the same digits were made of the same bytes.
        """
        import hashlib  # it loads OpenSSL: not for every search

        state = self._view.state
        files = sorted((path, digest) for path, (_, _, digest) in state.files.items())
        thesaurus = state.thesaurus[2] if state.thesaurus else ""
        return hashlib.sha256(json.dumps([files, thesaurus]).encode()).hexdigest()[:16]

    @mended
    def thesaurus(self) -> Compiled | None:
        """Return the compiled thesaurus of the index, or ``None`` where the corpus has none."""
        return self._view.thesaurus

    @mended
    def plan(
        self, query: str, *, exact: bool = False, every_word: bool = False, strict: bool = False
    ) -> tuple[Plan, tuple[str, ...]]:
        """Return the plan of a query, and notes on what was read literally."""
        return self._plan(self._view, query, exact=exact, every_word=every_word, strict=strict)

    def _plan(
        self,
        view: View,
        query: str,
        *,
        exact: bool = False,
        every_word: bool = False,
        strict: bool = False,
    ) -> tuple[Plan, tuple[str, ...]]:
        parsed = parse(query, strict=strict, every_word=every_word)
        plan = self._planner(view, exact=exact, every_word=every_word).plan(parsed.tree)
        if strict and plan.notes:
            message, words = plan.notes[0]
            position = max(query.casefold().find(words.casefold()), 0)
            raise QueryError(f"{message}\n{caret(query, position)}", position)
        notes = (*(note.message for note in parsed.notes), *(message for message, _ in plan.notes))
        return plan, notes

    def _planner(self, view: View, *, exact: bool, every_word: bool = False) -> Planner:
        return Planner(
            view.analyzer,
            lambda: view.surfaces,
            view.labels,
            None if exact else view.thesaurus,
            self._weights,
            every_word,
            exact,
        )

    def _filters(self, view: View, filters: Filters) -> Mapping[str, Tree]:
        def matches(tree: Tree) -> bool:
            return view.engine.search(Request(tree, limit=0)).total > 0

        return filtering.trees(filters, self._planner(view, exact=False), matches)

    @mended
    def search(
        self,
        query: str,
        *,
        sort: str = "relevance",
        limit: int | None = 10,
        offset: int = 0,
        exact: bool = False,
        every_word: bool = False,
        feedback: bool = False,
        strict: bool = False,
        **filters: Unpack[Filters],
    ) -> Results:
        """Search, and return one page of results with facets over all matches.

        The filters are ``category``, ``jurisdiction``, ``publisher``,
        ``cell``, ``column``, ``row``, ``matrix`` and ``year``: see
        :class:`evidence_search.index.filters.Filters`.  ``feedback``
        searches the telling words of the best records too.  Raises
        :class:`QueryError`.
        """
        view = self._view
        plan, notes = self._plan(view, query, exact=exact, every_word=every_word, strict=strict)
        asked = self._with_feedback(view, plan) if feedback else plan
        kept = self._filters(view, filters)
        request = self._request(asked, kept, SCHEMA.labels, sort=sort, offset=offset, limit=limit)
        found = view.engine.search(request)
        return Results(
            query=query,
            total=found.total,
            hits=tuple(_hits(view, found, plan.tree, offset)),
            facets=found.facets,
            matches=Matches(found.total, request, view.engine.search),
            added=asked.added,
            notes=notes,
            suggestions=self._suggest(
                view, query, found.total, kept, exact=exact, every_word=every_word
            ),
            offset=offset,
        )

    @mended
    def facets(
        self,
        query: str = "",
        names: Sequence[str] = SCHEMA.labels,
        *,
        exact: bool = False,
        every_word: bool = False,
        feedback: bool = False,
        strict: bool = False,
        **filters: Unpack[Filters],
    ) -> Mapping[str, Mapping[str, int]]:
        """Return, for each facet of ``names``, its labels and how many matches have each.

        All records match the empty query.  The count of a facet leaves its
        own filter aside; a place counts what lies within it too.
        """
        unknown = [name for name in names if name not in SCHEMA.labels]
        if unknown:
            raise QueryError(
                f"expected facets of {', '.join(SCHEMA.labels)}; found {', '.join(unknown)}"
            )
        view = self._view
        plan, _ = self._plan(view, query, exact=exact, every_word=every_word, strict=strict)
        if feedback:
            plan = self._with_feedback(view, plan)
        kept = self._filters(view, filters)
        return view.engine.search(Request(plan.tree, kept, tuple(names), limit=0)).facets

    @mended
    def similar(
        self,
        record: StudyRecord | str,
        *,
        limit: int | None = 10,
        offset: int = 0,
        **filters: Unpack[Filters],
    ) -> Results:
        """Return the records most like one, given as it is or by the beginning of its id.

        The query of the results is the words that tell most of the record.
        """
        from evidence_search.index.exploring import Likeness

        view = self._view
        given = self.get(record) if isinstance(record, str) else record
        likeness = Likeness(view, given, self._ranking)
        request = self._request(
            likeness.plan,
            self._filters(view, filters),
            sort="relevance",
            offset=offset,
            limit=limit,
        )
        found = likeness.search(request)
        return Results(
            query=" ".join(likeness.words),
            total=found.total,
            hits=tuple(_hits(view, found, likeness.plan.tree, offset)),
            facets={},
            matches=Matches(found.total, request, likeness.search),
            notes=(f"alike by: {', '.join(likeness.words[:10])}",) if likeness.words else (),
            offset=offset,
        )

    @mended
    def explain(
        self,
        query: str,
        record: StudyRecord | str | None = None,
        *,
        exact: bool = False,
        every_word: bool = False,
        **filters: Unpack[Filters],
    ) -> Explanation:
        """Say how a query is read, and, of a record, why it is found or why not."""
        from evidence_search.index.exploring import Explainer

        view = self._view
        planner = self._planner(view, exact=exact, every_word=every_word)
        explainer = Explainer(view, planner, self._ranking, self._filters(view, filters))
        return explainer.explain(query, self.get(record) if isinstance(record, str) else record)

    @mended
    def kwic(
        self,
        query: str,
        *,
        width: int = 40,
        sort: str = "record",
        **filters: Unpack[Filters],
    ) -> Concordance:
        """Return each place where records have the words of a query, as they stand there.

        Only the words themselves, in all their forms; phrases and patterns
        too.  ``width`` is how many characters to give on each side; ``sort``
        is ``"record"``, or ``"left"`` or ``"right"``: by what stands there.
        """
        from evidence_search.concordance import concordance
        from evidence_search.index.exploring import matching

        view = self._view
        plan, _ = self._plan(view, query, exact=True)
        records = matching(view, plan.tree, self._filters(view, filters))
        return concordance(records, plan.tree, view.analyzer, width, sort)

    @mended
    def rank(
        self,
        query: str,
        *,
        sort: str = "relevance",
        limit: int | None = None,
        exact: bool = False,
        every_word: bool = False,
        feedback: bool = False,
        strict: bool = False,
        **filters: Unpack[Filters],
    ) -> list[str]:
        """Return only the ids of what a search finds, best match first."""
        view = self._view
        plan, _ = self._plan(view, query, exact=exact, every_word=every_word, strict=strict)
        if feedback:
            plan = self._with_feedback(view, plan)
        kept = self._filters(view, filters)
        found = view.engine.search(self._request(plan, kept, sort=sort, limit=limit))
        return [name for name, _, _ in found.hits]

    def _request(
        self,
        plan: Plan,
        filters: Mapping[str, Tree],
        facets: tuple[str, ...] = (),
        *,
        sort: str,
        limit: int | None,
        offset: int = 0,
    ) -> Request:
        if sort not in SORTS:
            raise QueryError(f"expected a sort of {', '.join(SORTS)}; found {sort!r}")
        if offset < 0 or (limit is not None and limit < 0):
            raise QueryError(f"expected limit and offset of 0 or more; found {limit}, {offset}")
        return Request(plan.tree, filters, facets, sort, offset, limit, self._ranking)

    def _with_feedback(self, view: View, plan: Plan) -> Plan:
        """Return the plan with words of the best records of all, whatever the filters."""
        from evidence_search import feedback

        request = Request(plan.tree, limit=feedback.RECORDS, ranking=self._ranking)
        best = [
            (score, readable(documents.record(payload)))
            for _, score, payload in view.engine.search(request).hits
        ]
        return feedback.expanded(plan, best, view.analyzer)

    def _suggest(
        self,
        view: View,
        query: str,
        total: int,
        filters: Mapping[str, Tree],
        *,
        exact: bool,
        every_word: bool,
    ) -> tuple[Suggestion, ...]:
        tree = parse(query, every_word=every_word).tree
        planner = self._planner(view, exact=exact, every_word=every_word)

        def count(tree: Tree, names: Sequence[str]) -> int:
            kept = {name: filters[name] for name in names}
            return view.engine.search(Request(planner.plan(tree).tree, kept, limit=0)).total

        return suggestions(query, tree, total, planner, tuple(filters), count)


def _ids(view: View) -> list[str]:

    from evidence_search.index.refreshing import owned  # with all that a refresh needs

    return sorted(owned(view.ledger()))


def _hits(view: View, found: Found, tree: Tree, offset: int) -> Iterator[Hit]:
    summary, title = leaves(tree, "summary"), leaves(tree, "title")
    for rank, (_, score, payload) in enumerate(found.hits, offset + 1):
        record = documents.record(payload)
        yield Hit(
            rank,
            score,
            record,
            best_passage(record.summary, summary, view.analyzer),
            highlight(record.title, title, view.analyzer),
        )
