"""A plan and where its words occur to the scores of documents: one formula for every engine.

See :class:`evidence_search.engines.Ranking` for it.  The engine on Whoosh scores all that
a plan matches; others let theirs choose candidates, whose tokens they give here, and say
how many documents of the whole index have what the plan names.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from evidence_search.engines.plan import (
    Among,
    And,
    Boost,
    Boosting,
    Label,
    Not,
    Nothing,
    Or,
    Phrase,
    Proximity,
    Range,
    Synonyms,
    Term,
    children,
    wordings,
)
from evidence_search.engines.scorers import (
    Boosted,
    Scorer,
    Sum,
    TermScorer,
    Wording,
    document_frequency,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Ranking, Schema
    from evidence_search.engines.plan import Node
    from evidence_search.engines.postings import Postings


class Reader(Protocol):
    """What scoring asks of the documents that it scores, which are numbered."""

    schema: Schema

    @property
    def documents(self) -> int:
        """How many documents the index has; there may be fewer here."""

    @property
    def live(self) -> AbstractSet[int]:
        """All documents that are here."""

    @property
    def lengths(self) -> Sequence[Sequence[int]]:
        """The number of tokens by text field and document."""

    @property
    def average_lengths(self) -> Sequence[float]:
        """The mean number of tokens of each text field, of all documents of the index."""

    @property
    def positions(self) -> Mapping[Any, Sequence[int]]:
        """The positions, rising, for each value of postings of a word."""

    def postings(self, token: str) -> Postings:
        """Return where a token occurs."""

    def phrase(self, phrase: Phrase) -> Postings:
        """Return where the words of a phrase stand in order in one field."""

    def labelled(self, field: str, label: str) -> AbstractSet[int]:
        """Return the documents with a label."""

    def named(self, ids: frozenset[str]) -> AbstractSet[int]:
        """Return those of some ids that are here."""

    def numbers_between(self, field: str, low: int | None, high: int | None) -> AbstractSet[int]:
        """Return the documents whose number lies between the two."""


def idf(n: float, documents: int) -> float:
    """Return the inverse document frequency of what ``n`` of all ``documents`` have, as BM25 does.

    See Robertson and Zaragoza, "The probabilistic relevance framework" (2009), with 1 added
    within the logarithm, so that it is never negative.
    """
    return math.log(1 + (documents - n + 0.5) / (n + 0.5))


class Scorers:
    """Makes the scorers of the plans of one request, under one ranking.

    ``count`` gives the document frequency of a leaf (see :func:`document_frequency`) where
    the reader hasn't all documents; by default its own are counted.
    """

    def __init__(
        self, reader: Reader, ranking: Ranking, count: Callable[[Node], float] | None = None
    ) -> None:
        self._reader = reader
        self._ranking = ranking
        self._count = count
        self._known: dict[int, tuple[Node, Scorer]] = {}
        self._norms: dict[int, tuple[Sequence[int], _Norms]] = {}

    def of(self, node: Node) -> Scorer:
        """Return the scorer of a part of a plan, the same for the same part."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._scorer(node))
        return known[1]

    def _scorer(self, node: Node) -> Scorer:
        reader = self._reader
        if isinstance(node, Term | Phrase | Synonyms):
            ways = [*self._wordings(node)]
            count = self._count(node) if self._count else document_frequency(ways)
            return TermScorer(ways, idf(count, reader.documents), self._ranking.k1)
        if isinstance(node, Label | Among | Range):
            return Scorer(self._having(node))
        parts = [self.of(child) for child in children(node)]
        if isinstance(node, Boost):
            return Boosted(parts[0], node.weight)
        if isinstance(node, Not):
            return Scorer(reader.live - parts[0].docs)
        if not parts:
            return Scorer() if isinstance(node, Nothing | Or | Proximity) else Scorer(reader.live)
        docs = parts[0].docs
        if isinstance(node, And) or (isinstance(node, Proximity) and node.every):
            docs = both(docs, [part.docs for part in parts])
        elif not isinstance(node, Boosting):
            docs = union([part.docs for part in parts])
        if isinstance(node, Proximity):
            return Sum(docs, parts, *self._nearness(node, parts))
        return Sum(docs, parts)

    def _having(self, fact: Label | Among | Range) -> AbstractSet[int]:
        """Return the documents of which something is so that gives no score."""
        if isinstance(fact, Label):
            return self._reader.labelled(fact.field, fact.value)
        if isinstance(fact, Among):
            return self._reader.named(fact.ids)
        return self._reader.numbers_between(fact.field, fact.low, fact.high)

    def _wordings(self, leaf: Node) -> Iterator[Wording]:
        """Yield each way to say what a leaf of the plan says."""
        for node, weight in wordings(leaf):
            if isinstance(node, Term | Phrase):
                postings = self._postings(node)
                yield Wording(postings.docs, self._frequency(postings), weight)
            elif isinstance(node, And):
                yield self._all_of(node, weight)
            else:
                raise TypeError(f"expected terms, phrases, or boosts of these; found {node}")

    def _all_of(self, node: And, weight: float) -> Wording:
        """Return the wording of several words anywhere, as frequent as the rarest of them."""
        words = [wording for child in node.children for wording in self._wordings(child)]
        docs = both(words[0].docs, [word.docs for word in words[1:]])
        return Wording(docs, lambda n: min(word.frequency(n) for word in words), weight)

    def _postings(self, node: Term | Phrase) -> Postings:
        if isinstance(node, Phrase):
            return self._reader.phrase(node)
        postings = self._reader.postings(node.text)
        if node.field is None:
            return postings
        return postings.within(self._reader.schema.text.index(node.field))

    def _frequency(self, postings: Postings) -> Callable[[int], float]:
        """Return what gives the frequency in a document, normalised, summed over its fields."""
        fields = [(values, *self._norm(slot)) for slot, values in sorted(postings.fields.items())]
        count = postings.count

        def frequency(n: int) -> float:
            total = 0.0
            for values, lengths, norms in fields:
                value = values.get(n)
                if value is not None:
                    total += count(value) * norms[lengths[n]]
            return total

        return frequency

    def _norm(self, slot: int) -> tuple[Sequence[int], _Norms]:
        norm = self._norms.get(slot)
        if norm is None:
            reader, name = self._reader, self._reader.schema.text[slot]
            weight, b = self._ranking.weights.get(name, 1.0), self._ranking.b.get(name, 0.75)
            norms = _Norms(weight, b, reader.average_lengths[slot] or 1.0)
            norm = self._norms[slot] = reader.lengths[slot], norms
        return norm

    # Standing together

    def _nearness(
        self, node: Proximity, parts: Sequence[Scorer]
    ) -> tuple[float, list[tuple[int, int, float]], Callable[[int], float]]:
        """Return the bonus of documents that have words near each other, and its bounds."""
        words = [(*word, at) for at, child in enumerate(node.children) if (word := _word(child))]
        pairs, mosts = [], []
        for (first, _, a), (second, _, b) in pairwise(words):
            if first != second:
                # The bound of a word's score is its idf.
                most = node.weight * (parts[a].bound + parts[b].bound) / 2
                pairs.append((most, self._reader.postings(first), self._reader.postings(second)))
                mosts.append((a, b, most))
        k1, reach = self._ranking.k1, node.slop + 1

        def bonus(n: int) -> float:
            total = 0.0
            for most, first, second in pairs:
                f = self._near(n, first, second, reach)
                total += most * f / (k1 + f)
            return total

        # A pair is no more frequent than either of its words, and so adds at most
        # ``weight`` times the mean of their two scores, but for what these were lowered by.
        lowered = min((min(weight, 1.0) for _, weight, _ in words), default=1.0)
        return node.weight / lowered if lowered else math.inf, mosts, bonus

    def _near(self, n: int, first: Postings, second: Postings, reach: int) -> float:
        """Return how often two words stand near each other in a document, normalised."""
        positions, frequency = self._reader.positions, 0.0
        for slot in sorted(first.fields.keys() & second.fields.keys()):
            a, b = first.fields[slot].get(n), second.fields[slot].get(n)
            if a is not None and b is not None:
                lengths, norms = self._norm(slot)
                frequency += norms[lengths[n]] * nearness(positions[a], positions[b], reach)
        return frequency

    # Explaining

    def shares(self, node: Node, n: int, weight: float) -> Iterator[tuple[Node, float]]:
        """Yield the leaves that match document ``n``, with what each adds to its score."""
        scorer = self.of(node)
        if n not in scorer.docs:
            return
        if isinstance(node, Term | Phrase | Synonyms):
            yield node, scorer.score(n) * weight
        elif not isinstance(node, Not):
            for child in children(node):
                part = weight * node.weight if isinstance(node, Boost) else weight
                yield from self.shares(child, n, part)
            if isinstance(scorer, Sum) and scorer.bonus and (bonus := scorer.bonus(n)):
                yield node, bonus * weight


class _Norms(dict[int, float]):
    """Field weight over length normalisation, by length, worked out when first asked for."""

    def __init__(self, weight: float, b: float, average: float) -> None:
        super().__init__()
        self._weight, self._b, self._average = weight, b, average

    def __missing__(self, length: int) -> float:
        norm = self._weight / (1 - self._b + self._b * length / self._average)
        self[length] = norm
        return norm


def _word(node: Node) -> tuple[str, float] | None:
    """Return the word that a child of a proximity stands for, if it is one, and its weight."""
    weight = 1.0
    while isinstance(node, Boost | Synonyms) and children(node):
        weight *= node.weight if isinstance(node, Boost) else 1.0
        node = children(node)[0]
    return (node.text, weight) if isinstance(node, Term) and node.field is None else None


def nearness(a: Sequence[int], b: Sequence[int], reach: int) -> float:
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


def both(docs: AbstractSet[int], others: Collection[AbstractSet[int]]) -> AbstractSet[int]:
    """Return the documents that are in ``docs`` and all others."""
    first, *rest = sorted((docs, *others), key=len)
    return frozenset(first).intersection(*rest) if rest else docs
