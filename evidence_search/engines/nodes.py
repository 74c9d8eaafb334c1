"""The parts of a tree as an engine works with them: what each matches, and how well.

A node knows the documents that it matches at once, and the score of one of
them when asked.  ``bound`` is what no score of it exceeds, so that
:func:`best` need not look at documents that can't come among the first: terms
that can add most are scored first, and once the rest can't lift a new
document over the worst of the best so far, only those seen already go on
(MaxScore; Turtle and Flood, "Query evaluation: strategies and optimizations",
1995).  What comes out is exact: scores are summed in the order of the tree.
"""

from __future__ import annotations

import heapq
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

Profile = tuple[tuple[int, int], ...]
"""How often something occurs in each text field that has it: (number of the field, frequency)."""

_ROUNDING = 1 + 1e-9
"""Bounds are sums in another order than scores, which may differ in the last digits."""


class Node:
    """What matches nothing, and the base of the others."""

    bound = 0.0

    @property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        return frozenset()

    def score(self, docnum: int) -> float:  # noqa: ARG002 - of others it matters which
        """Return the score of a document that matches."""
        return 0.0


class Unscored(Node):
    """Matches some documents, and scores none."""

    def __init__(self, docs: AbstractSet[int]) -> None:
        self._docs = docs

    @property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        return self._docs


class Occurrences:
    """Where a word or a phrase occurs; ``profile`` decodes a value of ``by_document``."""

    def __init__(
        self,
        by_document: Mapping[int, Any],
        profile: Callable[[Any], Profile],
        weight: float = 1.0,
    ) -> None:
        self.by_document = by_document
        self.profile = profile
        self.weight = weight


class Leaf(Node):
    """A word, or several ways to say one, of which the most frequent counts in each document.

    ``weigh`` turns the profile of an occurrence in a document into the
    normalised frequency.
    """

    def __init__(
        self,
        parts: Sequence[Occurrences],
        weigh: Callable[[Profile, int], float],
        idf: Callable[[float], float],
        k1: float,
    ) -> None:
        self._parts = sorted(
            (part for part in parts if part.by_document), key=lambda part: len(part.by_document)
        )
        self._weigh = weigh
        self._k1 = k1
        self._scores: dict[int, float] = {}
        self._idf = self.bound = idf(self._commonness())

    def _commonness(self) -> float:
        """Return how many documents match, each counted as the weightiest part that it has."""
        if len(self._parts) == 1:
            return len(self.docs)
        counted = 0.0
        seen: set[int] = set()
        for part in sorted(self._parts, key=lambda part: -part.weight):
            before = len(seen)
            seen.update(part.by_document)
            counted += min(part.weight, 1.0) * (len(seen) - before)
        return counted

    @cached_property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        if len(self._parts) == 1:
            return self._parts[0].by_document.keys()
        return set().union(*(part.by_document for part in self._parts))

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        score = self._scores.get(docnum)
        if score is None:
            *_, largest = self._parts
            value = largest.by_document.get(docnum)
            frequency = self._frequencies.get(docnum, 0.0)
            if value is not None:
                found = self._weigh(largest.profile(value), docnum) * largest.weight
                frequency = max(frequency, found)
            score = self._idf * frequency / (self._k1 + frequency) if frequency else 0.0
            self._scores[docnum] = score
        return score

    @cached_property
    def _frequencies(self) -> dict[int, float]:
        """The greatest frequency by document, of all ways but the one that most documents have.

        There may be dozens of these ways, each in few documents, so it is less
        work to go through their documents than through all of them for each document.
        """
        frequencies: dict[int, float] = {}
        for part in self._parts[:-1]:
            for docnum, value in part.by_document.items():
                found = self._weigh(part.profile(value), docnum) * part.weight
                if found > frequencies.get(docnum, 0.0):
                    frequencies[docnum] = found
        return frequencies


class AnyOf(Node):
    """Matches what any child does; scores add up."""

    share = 0.0
    """The bonus that a document may get on top, at most, over its sum."""

    def __init__(self, children: Sequence[Node]) -> None:
        self.children = children
        self.bound = sum(child.bound for child in children)

    @cached_property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        if len(self.children) == 1:
            return self.children[0].docs
        return set().union(*(child.docs for child in self.children))

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        total = 0.0
        for child in self.children:
            if docnum in child.docs:
                total += child.score(docnum)
        return total

    def most(self, children: Collection[Node]) -> float:  # noqa: ARG002 - see Together
        """Return the greatest bonus of a document that matches none but these children."""
        return 0.0


class Together(AnyOf):
    """As :class:`AnyOf`, and a bonus for pairs of children, at most ``share`` times the sum.

    ``pairs`` has the places of two children, and the most that they may add.
    """

    def __init__(
        self,
        children: Sequence[Node],
        share: float,
        pairs: Sequence[tuple[int, int, float]],
        bonus: Callable[[int], float],
    ) -> None:
        super().__init__(children)
        self.share = share
        self.bonus = bonus
        self._pairs = pairs
        self.bound = _lifted(self, self.bound, self.most(children))

    def most(self, children: Collection[Node]) -> float:
        """Return the greatest bonus of a document that matches none but these children."""
        ours, left = self.children, set(children)
        return sum(m for a, b, m in self._pairs if ours[a] in left and ours[b] in left)

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        return super().score(docnum) + self.bonus(docnum)


class AllOf(Node):
    """Matches what every child does; scores add up."""

    def __init__(self, children: Sequence[Node]) -> None:
        self._children = children
        self.bound = sum(child.bound for child in children)

    @cached_property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        sets = sorted((child.docs for child in self._children), key=len)
        return set(sets[0]).intersection(*sets[1:])

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        return sum(child.score(docnum) for child in self._children)


class AllTogether(AllOf):
    """As :class:`AllOf`, and a bonus that is at most ``share`` times the sum."""

    def __init__(
        self, children: Sequence[Node], share: float, bonus: Callable[[int], float]
    ) -> None:
        super().__init__(children)
        self.bonus = bonus
        self.bound *= 1 + share

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        return super().score(docnum) + self.bonus(docnum)


class WithBonus(Node):
    """Matches what ``required`` does; matching ``bonus`` too adds to the score."""

    def __init__(self, required: Node, bonus: Node) -> None:
        self._required = required
        self._bonus = bonus
        self.bound = required.bound + bonus.bound

    @property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        return self._required.docs

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        bonus = self._bonus.score(docnum) if docnum in self._bonus.docs else 0.0
        return self._required.score(docnum) + bonus


class Boosted(Node):
    """Matches what the child does, with scores multiplied."""

    def __init__(self, child: Node, weight: float) -> None:
        self._child = child
        self._weight = weight
        self.bound = child.bound * weight

    @property
    def docs(self) -> AbstractSet[int]:
        """The documents that match."""
        return self._child.docs

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        return self._child.score(docnum) * self._weight


def best(node: Node, kept: AbstractSet[int], count: int) -> list[tuple[float, int]]:
    """Return the scores of ``kept`` matches of ``node``: the ``count`` best, and some others.

    Whatever ties with the last of the best is among them.
    """
    if not count:
        return []
    if not isinstance(node, AnyOf):
        return [(node.score(n), n) for n in kept]
    partial, most = _partial(node, kept, count), node.most(node.children)
    found: list[tuple[float, int]] = []
    scores: list[float] = []
    for n in sorted(partial, key=partial.__getitem__, reverse=True):
        if len(scores) == count and _lifted(node, partial[n], most) < scores[0]:
            break
        score = node.score(n)
        found.append((score, n))
        if len(scores) < count:
            heapq.heappush(scores, score)
        else:
            heapq.heappushpop(scores, score)
    if len(scores) < count:  # what matches only by what has no score
        found += [(0.0, n) for n in kept if n not in partial]
    return found


def _partial(node: AnyOf, kept: AbstractSet[int], count: int) -> dict[int, float]:
    """Return the sums of scores, without bonus, of all documents that may be among the best."""
    left = sorted(node.children, key=lambda child: child.bound)
    rest, most = sum(child.bound for child in left), node.most(left)
    everything = len(kept) == len(node.docs)
    sums: dict[int, float] = {}
    worst = 0.0
    while left and left[-1].bound:
        child = left[-1]
        docs, score = child.docs, child.score
        if worst and _lifted(node, rest, node.most(left)) < worst:
            sums = {
                n: sum_ + score(n) if n in docs else sum_
                for n, sum_ in sums.items()
                if _lifted(node, sum_ + rest, most) >= worst
            }
        else:
            get = sums.get
            for n in docs if everything else docs & kept:
                sums[n] = get(n, 0.0) + score(n)
        rest -= left.pop().bound
        if len(sums) >= count:
            worst = _nth(sums.values(), count)
    return sums


def _lifted(node: AnyOf, total: float, most: float) -> float:
    """Return what no score exceeds whose sum is at most ``total``, and its bonus ``most``."""
    return min(total * (1 + node.share), total + most) * _ROUNDING


def _nth(scores: Iterable[float], count: int) -> float:
    return heapq.nlargest(count, scores)[-1]
