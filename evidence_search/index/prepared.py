"""A search made ready for one state of the index: parsed once, planned once, its filters read."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from evidence_search import documents
from evidence_search.analysis import joined
from evidence_search.documents import readable
from evidence_search.engines import Request, plan
from evidence_search.errors import QueryError
from evidence_search.index import filters
from evidence_search.index.listed import Listed
from evidence_search.planning import Planner
from evidence_search.query import Parsed, caret, parse
from evidence_search.query.syntax import And, Or
from evidence_search.suggesting import suggestions
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.engines import Ranking
    from evidence_search.engines.plan import Node
    from evidence_search.index.view import View
    from evidence_search.planning import Plan, Weights
    from evidence_search.query.syntax import Tree
    from evidence_search.search import Search
    from evidence_search.suggesting import Suggestion

_PMID = re.compile(r"\d{5,9}")
_OR = re.compile(r"\bOR\b|\|")
_MARKED = re.compile(r"[\[({/=:.]|[A-Z]{2}|\d")
"""What the syntax of any platform has, and words alone have seldom."""


MAX_TITLE = 1000
"""Characters of a query that may be a title."""
TITLE_WEIGHT = 100.0
"""So much that a record of that title comes first."""


class PreparedSearch:
    """What a search asks of one state, as the engine takes it.

    ``plan`` is what the query alone asks, ``asked`` that with the words of the best
    records where the search has ``feedback``; ``notes`` say what was read
    literally.  Another ``plan`` than that of the query may be given.  ``listed`` is what
    is on lists now.  Raises :class:`QueryError`.
    """

    def __init__(
        self,
        view: View,
        search: Search,
        ranking: Ranking,
        weights: Weights,
        plan: Plan | None = None,
        listed: Listed | None = None,
    ) -> None:
        self.view = view
        self.listed = listed or Listed(view)
        self.search = search
        self.ranking = ranking
        self.planner = Planner(
            view.analyzer,
            lambda: view.surfaces,
            self.listed.labels,
            None if search.exact else view.thesaurus,
            weights,
            search.every_word,
            search.exact,
            self.listed.members,
        )
        self.parsed = (
            Parsed(search.tree)
            if search.tree is not None
            else parse(search.query, strict=search.strict, every_word=search.every_word)
        )
        self.plan = plan or self._titled(self.planner.plan(self.parsed.tree))
        if search.strict and self.plan.notes:
            message, words = self.plan.notes[0]
            position = max(search.query.casefold().find(words.casefold()), 0)
            raise QueryError(f"{message}\n{caret(search.query, position)}", position)
        self.notes = (
            *(note.message for note in self.parsed.notes),
            *(message for message, _ in self.plan.notes),
            *([f"no record has {', '.join(self.plan.absent)}"] if self.plan.absent else []),
            *self._offers(),
            *self.listed.notes,
        )

    def _offers(self) -> Iterator[str]:
        """Yield how the query would be read on another platform, where it's written for one."""
        if self.search.tree is not None or not _MARKED.search(self.search.query):
            return
        from evidence_search.dialects import offer

        note = offer(self.search.query)
        if note:
            yield note

    def _titled(self, planned: Plan) -> Plan:
        """Return the plan, with the record first whose whole title is the query, if there's one.

        A title may hold what reads as an operator.
        """
        number = self.search.query.strip()
        if _PMID.fullmatch(number) and planned.absent:
            # A number that no text has may be that of a record in PubMed.
            record = plan.Label("pmid", number)
            if self._matches(record):
                return planned._replace(node=record, absent=())
        title = joined(self.search.query[:MAX_TITLE])
        if (
            self.search.strict
            or self.search.tree is not None
            or not title
            or not self.view.snapshot.frequency(title)
        ):
            return planned
        titled = plan.Boost(plan.Term(title), TITLE_WEIGHT)
        return planned._replace(node=plan.Or((planned.node, titled)))

    @cached_property
    def filters(self) -> Mapping[str, Node]:
        """What each filter asks, by the name of its facet."""
        if not self.search.filters:
            return {}
        # A publisher's acronym is known by the thesaurus, however the query is read.
        planner = replace(
            self.planner, thesaurus=self.view.thesaurus, every_word=False, exact=False
        )
        return filters.nodes(self.search.filters, planner, self._matches)

    def _matches(self, node: Node) -> bool:
        return self.view.snapshot.search(Request(node, limit=0)).total > 0

    @cached_property
    def asked(self) -> Plan:
        """The plan, with words of the best records of all, whatever the filters, if asked for."""
        if not self.search.feedback:
            return self.plan
        from evidence_search import feedback

        request = Request(self.plan.node, limit=feedback.RECORDS, ranking=self.ranking)
        best = [
            (score, readable(documents.record(payload)))
            for _, score, payload in self.view.snapshot.search(request).hits
        ]
        return feedback.expanded(self.plan, best, self.view.analyzer)

    @cached_property
    def whole(self) -> Node | None:
        """What a record must match to have all the words, where words side by side may do alone."""
        tree = self.parsed.tree
        if not isinstance(tree, Or) or _OR.search(self.search.query):
            return None
        return replace(self.planner, every_word=True).plan(And(tree.children)).node

    def request(
        self, facets: tuple[str, ...] = (), *, limit: int | None = None, offset: int = 0
    ) -> Request:
        """Return what to ask the engine for ``limit`` hits, ``None`` for all, after ``offset``."""
        if offset < 0 or (limit is not None and limit < 0):
            raise QueryError(f"expected limit and offset of 0 or more; found {limit}, {offset}")
        node, sort = self.asked.node, self.search.sort
        return Request(node, self.filters, facets, sort, offset, limit, self.ranking)

    def suggestions(self, total: int) -> tuple[Suggestion, ...]:
        """Return what to search instead, where that finds more than ``total``."""

        def count(tree: Tree, names: Sequence[str]) -> int:
            kept = {name: self.filters[name] for name in names}
            node = self.planner.plan(tree).node
            return self.view.snapshot.search(Request(node, kept, limit=0)).total

        query, tree = self.search.query, self.parsed.tree
        return suggestions(query, tree, total, self.planner, tuple(self.filters), count)
