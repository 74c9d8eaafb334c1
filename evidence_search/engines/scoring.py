"""Trees to nodes: what matches, and BM25F over whole posting lists.

See :class:`evidence_search.engines.Ranking` for the formula.  Everything that
a score depends on counts live documents only, so that it doesn't depend on
the history of an index or on how documents are spread over segments.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from evidence_search.engines.nodes import (
    AllOf,
    AllTogether,
    AnyOf,
    Boosted,
    Leaf,
    Node,
    Occurrences,
    Together,
    Unscored,
    WithBonus,
)
from evidence_search.trees import (
    And,
    Best,
    Boost,
    Every,
    Label,
    Near,
    Not,
    Nothing,
    Optional,
    Or,
    Phrase,
    Range,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Ranking, Schema
    from evidence_search.engines.nodes import Profile
    from evidence_search.engines.searching import Searcher
    from evidence_search.trees import Tree


class Scorer:
    """Makes nodes of the trees of one request, under one ranking."""

    def __init__(self, searcher: Searcher, schema: Schema, ranking: Ranking) -> None:
        self._searcher = searcher
        self._schema = schema
        self._ranking = ranking
        self._slots = {name: slot for slot, name in enumerate(schema.text)}
        self._width = len(schema.text)
        self._nodes: dict[int, tuple[Tree, Node]] = {}
        self._norms = [
            (searcher.lengths[slot], _Norms(searcher, name, ranking))
            for name, slot in self._slots.items()
        ]

    def node(self, tree: Tree) -> Node:
        """Return the node of a tree, the same for the same tree."""
        known = self._nodes.get(id(tree))
        if known is None:
            known = self._nodes[id(tree)] = (tree, self._node(tree))
        return known[1]

    def _node(self, tree: Tree) -> Node:
        if isinstance(tree, Term | Phrase | Best):
            return Leaf(list(self._parts(tree)), self._weigh, self._idf, self._ranking.k1)
        if isinstance(tree, Near):
            children = [self.node(child) for child in tree.children]
            return self._together(tree, children)
        if isinstance(tree, Or):
            return AnyOf([self.node(child) for child in tree.children])
        if isinstance(tree, And):
            children = [self.node(child) for child in tree.children]
            return AllOf(children) if children else Unscored(self._searcher.live())
        if isinstance(tree, Optional):
            return WithBonus(self.node(tree.required), self.node(tree.bonus))
        if isinstance(tree, Boost):
            return Boosted(self.node(tree.child), tree.weight)
        return Node() if isinstance(tree, Nothing) else Unscored(self._matches(tree))

    def _matches(self, tree: Tree) -> AbstractSet[int]:
        searcher = self._searcher
        if isinstance(tree, Label):
            return frozenset(searcher.labelled(tree.field, tree.value))
        if isinstance(tree, Range):
            return searcher.numbers_between(tree.field, tree.low, tree.high)
        if isinstance(tree, Not):
            return searcher.live() - self.node(tree.child).docs
        if isinstance(tree, Every):
            return searcher.live()
        raise TypeError(f"expected a tree of tokens, found {type(tree).__name__}")

    # Words

    def _parts(self, tree: Tree, weight: float = 1.0) -> Iterator[Occurrences]:
        """Yield the occurrences of each way to say what a leaf of the tree says."""
        if isinstance(tree, Boost):
            yield from self._parts(tree.child, weight * tree.weight)
        elif isinstance(tree, Best):
            for child in tree.children:
                yield from self._parts(child, weight)
        elif isinstance(tree, Term) and tree.field is None:
            yield Occurrences(self._searcher.occurrences(tree.text), self._profile, weight)
        elif isinstance(tree, Term):
            yield Occurrences(self._in_field(tree.text, tree.field), _itself, weight)
        elif isinstance(tree, Phrase):
            yield Occurrences(self._searcher.phrase(tree), _itself, weight)
        else:
            raise TypeError(f"expected a term, a phrase or a boost of one; found {tree}")

    def _profile(self, value: bytes) -> Profile:
        return self._searcher.profiles[value]

    def _in_field(self, text: str, field: str | None) -> Mapping[int, Profile]:
        slot, profiles = self._slots[field or ""], self._searcher.profiles
        found = {}
        for n, value in self._searcher.occurrences(text).items():
            for pair in profiles[value]:
                if pair[0] == slot:
                    found[n] = (pair,)
        return found

    def _weigh(self, profile: Profile, docnum: int) -> float:
        frequency = 0.0
        for slot, count in profile:
            lengths, norms = self._norms[slot]
            frequency += count * norms[lengths[docnum]]
        return frequency

    def _idf(self, n: float) -> float:
        return math.log(1 + (self._searcher.documents - n + 0.5) / (n + 0.5))

    # Standing together

    def _together(self, tree: Near, children: Sequence[Node]) -> Together | AllTogether:
        words = [
            (*word, place) for place, child in enumerate(tree.children) if (word := _word(child))
        ]
        pairs, mosts = [], []
        for (first, _, a), (second, _, b) in pairwise(words):
            if first != second:
                # The bound of a word's score is its idf.
                most = tree.weight * (children[a].bound + children[b].bound) / 2
                pairs.append((most, first, second))
                mosts.append((a, b, most))
        k1, reach = self._ranking.k1, tree.slop + 1

        def bonus(n: int) -> float:
            total = 0.0
            for most, first, second in pairs:
                f = self._closeness(n, first, second, reach)
                total += most * f / (k1 + f)
            return total

        # A pair is no more frequent than either of its words, and so adds at most
        # ``weight`` times the mean of their two scores, but for what these were lowered by.
        lowered = min((min(weight, 1.0) for _, weight, _ in words), default=1.0)
        share = tree.weight / lowered if lowered else math.inf
        if tree.every:
            return AllTogether(children, share, bonus)
        return Together(children, share, mosts, bonus)

    def _closeness(self, n: int, first: str, second: str, reach: int) -> float:
        """Return how often two words stand near each other in a document, normalised."""
        searcher, width = self._searcher, self._width
        a, b = searcher.occurrences(first).get(n), searcher.occurrences(second).get(n)
        if a is None or b is None:
            return 0.0
        places, others = searcher.places[a], searcher.places[b]
        frequency = 0.0
        for slot in sorted({p % width for p in places}.intersection(p % width for p in others)):
            lengths, norms = self._norms[slot]
            frequency += norms[lengths[n]] * _closeness(
                [place // width for place in places if place % width == slot],
                [place // width for place in others if place % width == slot],
                reach,
            )
        return frequency

    # Explaining

    def shares(self, tree: Tree, n: int, weight: float) -> Iterator[tuple[Tree, float]]:
        """Yield the leaves that match document ``n``, with what each adds to its score."""
        node = self.node(tree)
        if n not in node.docs:
            return
        if isinstance(tree, Boost):
            yield from self.shares(tree.child, n, weight * tree.weight)
        elif isinstance(tree, And | Or | Near):
            for child in tree.children:
                yield from self.shares(child, n, weight)
            if isinstance(node, Together | AllTogether):
                together = node.bonus(n)
                if together:
                    yield tree, together * weight
        elif isinstance(tree, Optional):
            yield from self.shares(tree.required, n, weight)
            yield from self.shares(tree.bonus, n, weight)
        elif isinstance(tree, Term | Phrase | Best):
            yield tree, node.score(n) * weight


class _Norms(dict[int, float]):
    """Field weight over length normalisation, by length, worked out when first asked for."""

    def __init__(self, searcher: Searcher, field: str, ranking: Ranking) -> None:
        super().__init__()
        self._weight = ranking.weights.get(field, 1.0)
        self._b = ranking.b.get(field, 0.75)
        self._average = searcher.totals.get(field, 0) / max(searcher.documents, 1) or 1.0

    def __missing__(self, length: int) -> float:
        norm = self._weight / (1 - self._b + self._b * length / self._average)
        self[length] = norm
        return norm


def _itself(profile: Profile) -> Profile:
    return profile


def _word(tree: Tree) -> tuple[str, float] | None:
    """Return the word that a child of ``Near`` stands for, if it is one, and its weight."""
    if isinstance(tree, Best) and tree.children:
        tree = tree.children[0]
    weight = 1.0
    if isinstance(tree, Boost):
        weight = tree.weight
        tree = tree.child
    return (tree.text, weight) if isinstance(tree, Term) and tree.field is None else None


def _closeness(a: Sequence[int], b: Sequence[int], reach: int) -> float:
    """Sum 1 / distance to the nearest place of the other word, over the places of the rarer one.

    Places further away than ``reach`` don't count, so the sum is at most the
    lesser of the two frequencies.
    """
    if len(a) > len(b):
        a, b = b, a
    total = 0.0
    for place in a:
        at = bisect_left(b, place)
        nearest = min(abs(place - other) for other in b[max(at - 1, 0) : at + 1])
        if nearest <= reach:
            total += 1 / nearest
    return total
