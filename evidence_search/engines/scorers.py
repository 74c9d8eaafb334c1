"""A plan as an engine works with it: what each part matches, and how well.

A scorer knows the documents that it matches at once, and the score of one of
them when asked.  ``bound`` is what no score of it exceeds, so that
:func:`best` need not look at documents that can't come among the first.
"""

from __future__ import annotations

import heapq
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

_ROUNDING = 1 + 1e-9
"""Bounds are sums in another order than scores, which may differ in the last digits."""


class Scorer:
    """Matches some documents, and scores none; the base of the others."""

    def __init__(self, docs: AbstractSet[int] = frozenset(), bound: float = 0.0) -> None:
        self.docs = docs
        self.bound = bound

    def score(self, docnum: int) -> float:  # noqa: ARG002 - of others it matters which
        """Return the score of a document that matches."""
        return 0.0


class Wording:
    """One way to say what a :class:`TermScorer` looks for.

    ``docs`` are the documents that have it, ``frequency`` gives how often one of
    them has it, normalised by the lengths of its fields, and ``weight`` multiplies that.
    """

    def __init__(
        self, docs: AbstractSet[int], frequency: Callable[[int], float], weight: float
    ) -> None:
        self.docs = docs
        self.frequency = frequency
        self.weight = weight


def document_frequency(wordings: Iterable[Wording]) -> float:
    """Return the weighted document frequency: what takes the place of ``n`` in the idf.

    It is the sum, over the documents that match, of the greatest weight (1 at
    most) of the wordings, one at least, that each has.
    """
    first, *rest = sorted(wordings, key=lambda wording: (-wording.weight, len(wording.docs)))
    frequency, seen = min(first.weight, 1.0) * len(first.docs), set(first.docs) if rest else set()
    for wording in rest:
        new = wording.docs - seen
        frequency += min(wording.weight, 1.0) * len(new)
        seen |= new
    return frequency


class TermScorer(Scorer):
    """A word, or several ways to say one, of which the most frequent counts in each document."""

    def __init__(self, wordings: Iterable[Wording], idf: float, k1: float) -> None:
        # The way that most documents have comes last.
        self._wordings = sorted((w for w in wordings if w.docs), key=lambda w: len(w.docs))
        self._idf = idf
        self._k1 = k1
        self._scores: dict[int, float] = {}
        super().__init__(union([w.docs for w in self._wordings]), self._idf)

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        score = self._scores.get(docnum)
        if score is None:
            commonest = self._wordings[-1]
            frequency = self._frequencies.get(docnum, 0.0)
            if docnum in commonest.docs:
                frequency = max(frequency, commonest.frequency(docnum) * commonest.weight)
            score = self._idf * frequency / (self._k1 + frequency) if frequency else 0.0
            self._scores[docnum] = score
        return score

    @cached_property
    def _frequencies(self) -> Mapping[int, float]:
        """The greatest frequency by document, of all wordings but the commonest.

        There may be dozens of these, each in few documents, so it is less work to
        go through their documents than through all of them for each document.
        """
        frequencies: dict[int, float] = {}
        for wording in self._wordings[:-1]:
            weight, frequency = wording.weight, wording.frequency
            for docnum in wording.docs:
                weighted = frequency(docnum) * weight
                if weighted > frequencies.get(docnum, 0.0):
                    frequencies[docnum] = weighted
        return frequencies


class Boosted(Scorer):
    """Matches what ``child`` does, with scores multiplied."""

    def __init__(self, child: Scorer, weight: float) -> None:
        super().__init__(child.docs, child.bound * weight)
        self._child = child
        self._weight = weight

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        return self._child.score(docnum) * self._weight


class Sum(Scorer):
    """Matches ``docs``; the scores of the children that a document matches add up.

    On top comes ``bonus`` of the document: at most ``share`` times the sum, and at most what
    ``pairs`` say, each with the places of two children and the most that they add together.
    """

    def __init__(
        self,
        docs: AbstractSet[int],
        children: Sequence[Scorer],
        share: float = 0.0,
        pairs: Sequence[tuple[int, int, float]] = (),
        bonus: Callable[[int], float] | None = None,
    ) -> None:
        self.children = children
        self.bonus = bonus
        self._share = share
        self._pairs = pairs
        total = sum(child.bound for child in children)
        super().__init__(docs, self.lifted(total, self.most(children)))

    def score(self, docnum: int) -> float:
        """Return the score of a document that matches."""
        total = 0.0
        for child in self.children:
            if docnum in child.docs:
                total += child.score(docnum)
        return total + self.bonus(docnum) if self.bonus else total

    def most(self, children: Collection[Scorer]) -> float:
        """Return the greatest bonus of a document that matches none but these children."""
        ours, left = self.children, set(children)
        return sum(m for a, b, m in self._pairs if ours[a] in left and ours[b] in left)

    def lifted(self, total: float, most: float) -> float:
        """Return what no score exceeds whose sum is at most ``total``, and its bonus ``most``."""
        return min(total * (1 + self._share), total + most) * _ROUNDING


def union(sets: Sequence[AbstractSet[int]]) -> AbstractSet[int]:
    """Return the documents that are in any of the sets."""
    return sets[0] if len(sets) == 1 else frozenset().union(*sets)


def best(scorer: Scorer, candidates: AbstractSet[int], count: int) -> list[tuple[float, int]]:
    """Return scores of ``candidates``, all of them matches: the ``count`` best, and some others.

    Whatever ties with the last of the best is among them.  This is MaxScore (Turtle and
    Flood, "Query evaluation: strategies and optimizations", 1995): children that can add
    most are scored first, and once those that are left can't lift a document which has
    only them over the worst of the best so far, no new document is looked at.  What comes
    out is exact: the bounds only decide which documents are scored, and each score is then
    summed once more in the order of the plan.
    """
    if not isinstance(scorer, Sum) or not candidates:
        return [(scorer.score(n), n) for n in candidates]
    sums, most = _partial_sums(scorer, candidates, count), scorer.most(scorer.children)
    scored: list[tuple[float, int]] = []
    heap: list[float] = []
    for n in sorted(sums, key=sums.__getitem__, reverse=True):
        if len(heap) == count and scorer.lifted(sums[n], most) < heap[0]:
            break
        score = scorer.score(n)
        scored.append((score, n))
        if len(heap) < count:
            heapq.heappush(heap, score)
        else:
            heapq.heappushpop(heap, score)
    if len(heap) < count:  # what matches only by what has no score
        scored += [(0.0, n) for n in candidates if n not in sums]
    return scored


def _partial_sums(scorer: Sum, candidates: AbstractSet[int], count: int) -> Mapping[int, float]:
    """Return the sums of scores, without bonus, of all documents that may be among the best."""
    left = sorted(scorer.children, key=lambda child: child.bound)
    rest, most = sum(child.bound for child in left), scorer.most(left)
    sums: dict[int, float] = {}
    worst = 0.0
    while left and left[-1].bound:
        child = left[-1]
        docs, score = child.docs, child.score
        if worst and scorer.lifted(rest, scorer.most(left)) < worst:
            sums = {
                n: total + score(n) if n in docs else total
                for n, total in sums.items()
                if scorer.lifted(total + rest, most) >= worst
            }
        else:
            get = sums.get
            for n in docs & candidates:
                sums[n] = get(n, 0.0) + score(n)
        rest -= left.pop().bound
        if len(sums) >= count:
            worst = heapq.nlargest(count, sums.values())[-1]
    return sums
