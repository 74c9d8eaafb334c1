"""What can be asked of a state beside a search: why a record is found, and what is like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import similar
from evidence_search.documents import document
from evidence_search.engines import Request
from evidence_search.engines.matching import matches
from evidence_search.engines.plan import Boost, Proximity, Synonyms
from evidence_search.explaining import Describer, Explanation, Judged, Share, words_of
from evidence_search.planning import Plan
from evidence_search.query import to_text
from evidence_search.query.syntax import And, Not, Optional, Or, Term
from evidence_search.suggesting import Suggestion, option
from evidence_search.values import replace
from evidence_search.vectors.fusion import MEANING_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.engines import Document, Found, Ranking
    from evidence_search.engines.plan import Node
    from evidence_search.index.prepared import PreparedSearch
    from evidence_search.index.view import View
    from evidence_search.query.syntax import Tree
    from evidence_search.records import StudyRecord
    from evidence_search.search import Provenance
    from evidence_search.similar import Telling
    from evidence_search.vectors.fusion import Fused

_MAX_RANK = 1000
_MAX_PARTS = 20
_FEW = 3


class Likeness:
    """What a record is alike by on one state: its telling words, as a plan that finds others."""

    def __init__(self, view: View, record: StudyRecord, ranking: Ranking) -> None:
        found = telling(view, record)
        self.words = tuple(word.word for word in found)
        self.plan = Plan(similar.likeness(found))
        self._view, self._id, self._ranking = view, record.id, ranking

    def search(self, request: Request) -> Found:
        """Answer as the engine does, without the record itself."""
        last = None if request.limit is None else request.offset + request.limit
        wider = replace(request, offset=0, limit=None if last is None else last + 1)
        found = self._view.snapshot.search(wider)
        others = tuple(hit for hit in found.hits if hit[0] != self._id)
        itself = self._view.snapshot.explain(self.plan.node, self._id, self._ranking)
        return found._replace(total=found.total - bool(itself), hits=others[request.offset : last])


def telling(view: View, record: StudyRecord) -> list[Telling]:
    """Return the most telling words of a record."""
    return similar.telling_words(record, view.analyzer, view.surfaces, view.snapshot.documents)


def explain(
    prepared: PreparedSearch,
    record: StudyRecord | None,
    provenance: Provenance,
    fused: Mapping[str, Fused],
) -> Explanation:
    """Say how a query is read, and what it makes of a record.

    ``fused`` has, of a search by meaning, what words and meaning give each record.
    """
    explanation = _Explainer(prepared).explanation(record, provenance)
    if record is None or record.id not in fused:
        return explanation
    hit = fused[record.id]
    shares = (
        Share("words", (1 - MEANING_SHARE) * (hit.words or 0.0)),
        Share("meaning", MEANING_SHARE * (hit.meaning or 0.0)),
    )
    rank = [*fused].index(record.id) + 1
    judged = Judged(record, matches=True, rank=rank, score=hit.score, shares=shares)
    return replace(explanation, record=judged)


class _Explainer:
    """Explains one search on one state."""

    def __init__(self, prepared: PreparedSearch) -> None:
        self.prepared = prepared
        self.view = prepared.view
        self.planner = prepared.planner

    def explanation(self, record: StudyRecord | None, provenance: Provenance) -> Explanation:
        tree, plan = self.prepared.parsed.tree, self.prepared.asked
        describer = self._describer(tree)
        found = self.view.snapshot.search(self.prepared.request(limit=_MAX_RANK if record else 0))
        judged = self._judged(record, tree, plan.node, found, describer) if record else None
        return Explanation(
            search=self.prepared.search,
            provenance=provenance,
            read_as=to_text(tree),
            notes=self.prepared.notes,
            words=tuple(words_of(tree, self.planner, self.view.snapshot.frequency)),
            added=plan.added,
            tree=tuple(describer.lines(plan.node)),
            total=found.total,
            record=judged,
        )

    def _describer(self, parsed: Tree) -> Describer:
        """Put tokens into the words that were typed, or else the corpus's commonest, shortest."""
        counts, analyzer = self.view.surfaces, self.view.analyzer
        known = [*analyzer.stems.items(), *analyzer.others.items()]
        known.sort(key=lambda pair: (counts.get(pair[0], 0), -len(pair[0])))
        written = {token: surface for surface, token in known}
        typed = words_of(parsed, self.planner, lambda _: 0)
        return Describer(written | {word.token: word.word for word in typed})

    def _judged(
        self, record: StudyRecord, parsed: Tree, node: Node, found: Found, describer: Describer
    ) -> Judged:
        held = document(record, self.view.analyzer)
        failing = [name for name, kept in self.prepared.filters.items() if not matches(kept, held)]
        if failing or not matches(node, held):
            missing = [] if matches(node, held) else self._missing(parsed, held)
            return Judged(
                record,
                matches=False,
                missing=(*missing, *(f"the filter for {option(name)}" for name in failing)),
                instead=tuple(self._instead(record, parsed, held)),
            )
        ranks = {name: rank for rank, (name, _, _) in enumerate(found.hits, 1)}
        shares = [
            Share(_share(part, held, describer), score)
            for part, score in self.view.snapshot.explain(node, record.id, self.prepared.ranking)
        ]
        return Judged(
            record,
            matches=True,
            rank=ranks.get(record.id),
            score=sum(share.score for share in shares),
            shares=tuple(sorted(shares, key=lambda share: -share.score)),
        )

    def _matches(self, parsed: Tree, held: Document) -> bool:
        return matches(self.planner.plan(parsed).node, held)

    def _missing(self, parsed: Tree, held: Document) -> list[str]:
        parts = _required(parsed)
        return [to_text(part) for part in parts if not self._matches(part, held)]

    def _instead(self, record: StudyRecord, parsed: Tree, held: Document) -> Iterator[Suggestion]:
        """Yield searches that find the record: with the parts it has, or with its own words."""
        parts = _required(parsed)
        had = [part for part in parts if self._matches(part, held)]
        if had and not all(isinstance(part, Not) for part in had):
            tree = had[0] if len(had) == 1 else And(tuple(had))
            lacking = ", ".join(to_text(part) for part in parts if part not in had)
            reason = "fewer words" if lacking else "fewer filters"
            yield self._suggestion(to_text(tree), tree, reason, lacking)
        else:
            words = [word.word for word in telling(self.view, record)[:_FEW]]
            if words:
                tree = And(tuple(Term(word) for word in words))
                yield self._suggestion(to_text(tree), tree, "telling words", "")

    def _suggestion(self, query: str, tree: Tree, reason: str, words: str) -> Suggestion:
        total = self.view.snapshot.search(Request(self.planner.plan(tree).node, limit=0)).total
        return Suggestion(query, total, reason, words)


def _required(tree: Tree) -> Sequence[Tree]:
    """Return the parts of a query that a record may lack, of a very long one the first."""
    if isinstance(tree, Optional):
        tree = tree.required
    return tree.children[:_MAX_PARTS] if isinstance(tree, And | Or) else (tree,)


def _share(part: Node, held: Document, describer: Describer) -> str:
    """Describe a part by those of its wordings that the record has."""
    if isinstance(part, Proximity):
        return "standing together"
    if isinstance(part, Synonyms):
        had = tuple(child for child in part.children if matches(child, held))
        bare = (child.child if isinstance(child, Boost) else child for child in had)
        return " | ".join(dict.fromkeys(map(describer.leaf, bare)))
    return describer.leaf(part)
