"""Trees to matches, scores, facet counts and slices, over whole posting lists.

This is the searching half of an engine whose storage can hand out posting
lists (:class:`Leaf`).  A scored node is a ``dict`` from document number to
score; what only restricts is a set; facet counts are bit counts of whole
numbers used as bit sets, one per label.  Sums follow the order of the tree,
so that scores don't depend on how documents are spread over segments.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections import OrderedDict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from evidence_search.engines import Found
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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Ranking, Request, Schema
    from evidence_search.trees import Tree

Postings = tuple[list[int], list[float]]
"""Document numbers, rising, and the frequency of the term in each."""

Scores = dict[int, float]

_CACHED_POSTINGS = 2_000_000
"""How many postings, scores and positions are kept decoded, per state: some 200 MB at most."""


class Leaf(Protocol):
    """One segment of the storage; its documents are ``base`` to ``base + size - 1``."""

    base: int
    size: int
    live: int
    deleted: frozenset[int]

    def terms(self, field: str) -> list[str]:
        """Return the terms of a field, in order."""

    def postings(self, field: str, text: str) -> Postings:
        """Return the live documents of a term; empty where there's none."""

    def positions(self, field: str, text: str) -> dict[int, bytes]:
        """Return the positions of a term by document, still encoded."""

    def decode(self, value: bytes) -> list[int]:
        """Return positions, rising."""

    def length(self, field: str, docnum: int) -> int:
        """Return the number of tokens of a field of a document."""

    def key(self, docnum: int) -> str:
        """Return the id of a document."""

    def title_key(self, docnum: int) -> bytes:
        """Return what a document is sorted by when sorted by title."""

    def payload(self, docnum: int) -> str:
        """Return the payload of a document."""


class Searcher:
    """Answers from one committed state; see :class:`evidence_search.engines.Engine`."""

    def __init__(self, schema: Schema, leaves: Sequence[Leaf], totals: Mapping[str, int]) -> None:
        self._schema = schema
        self._leaves = leaves
        self.totals = totals
        self.documents = sum(leaf.live for leaf in leaves)
        self._size = sum(leaf.size for leaf in leaves)
        self._cache: OrderedDict[tuple[object, ...], tuple[int, object]] = OrderedDict()
        self._cached = 0
        self._labels: dict[str, list[tuple[str, int]]] = {}
        self._live: frozenset[int] | None = None

    # What the storage knows, cached

    def live(self) -> frozenset[int]:
        """Return all documents that aren't deleted."""
        if self._live is None:
            self._live = frozenset(
                leaf.base + n
                for leaf in self._leaves
                for n in range(leaf.size)
                if n not in leaf.deleted
            )
        return self._live

    def postings(self, field: str, text: str) -> Postings:
        """Return the postings of a term over all segments."""
        ids: list[int] = []
        weights: list[float] = []
        for leaf in self._leaves:
            leaf_ids, leaf_weights = leaf.postings(field, text)
            ids += leaf_ids
            weights += leaf_weights
        return ids, weights

    def positions(self, field: str, text: str) -> dict[int, bytes]:
        """Return the encoded positions of a term, by document."""

        def read() -> dict[int, bytes]:
            found: dict[int, bytes] = {}
            for leaf in self._leaves:
                found.update(leaf.positions(field, text))
            return found

        cached: dict[int, bytes] = self.remember(("positions", field, text), read)
        return cached

    def remember(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """Return ``make()``, kept until the cache has more than its bound."""
        entry = self._cache.get(key)
        if entry is not None:
            return entry[1]
        value: Any = make()
        size = len(value) + 1
        self._cache[key] = (size, value)
        self._cached += size
        while self._cached > _CACHED_POSTINGS and len(self._cache) > 1:
            try:
                _, (size, _) = self._cache.popitem(last=False)
            except KeyError:  # another thread emptied it meanwhile
                break
            self._cached -= size
        return value

    def leaf(self, docnum: int) -> Leaf:
        """Return the segment of a document."""
        return next(leaf for leaf in reversed(self._leaves) if leaf.base <= docnum)

    def length(self, field: str, docnum: int) -> int:
        """Return the number of tokens of a field of a document."""
        return self.leaf(docnum).length(field, docnum)

    def docnum(self, name: str) -> int | None:
        """Return the number of the document with an id."""
        ids, _ = self.postings("id", name)
        return ids[0] if ids else None

    def frequency(self, token: str) -> int:
        """Return how many documents have a token in any text field."""
        return len(set().union(*(self.postings(f, token)[0] for f in self._schema.text)))

    def fetch(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the payloads of those ids that exist."""
        found = {}
        for name in ids:
            docnum = self.docnum(name)
            if docnum is not None:
                found[name] = self.leaf(docnum).payload(docnum)
        return found

    # Matching and scoring

    def search(self, request: Request) -> Found:
        """Answer a request."""
        scorer = Scorer(self, self._schema, request.ranking)
        late = request.tree if isinstance(request.tree, Near) else None
        scores = scorer.sum(late.children) if late else scorer.scores(request.tree)
        allowed = {name: scorer.matches(tree) for name, tree in request.filters.items()}
        kept: Iterable[int] = scores
        if allowed:
            kept = scores.keys() & frozenset.intersection(*map(frozenset, allowed.values()))
        facets = self._count(scores, allowed, request.facets)
        if late and request.sort == "relevance" and request.limit is not None:
            top = self._top_near(scorer, late, scores, kept, request.offset + request.limit)
        else:
            if late and request.sort == "relevance":
                scores = scorer.scores(late)
            top = self._ordered(scores, kept, request)
        last = None if request.limit is None else request.offset + request.limit
        hits = tuple(
            (leaf.key(n), score, leaf.payload(n))
            for score, n in top[request.offset : last]
            for leaf in (self.leaf(n),)
        )
        total = len(scores) if not allowed else len(kept)  # type: ignore[arg-type]
        return Found(total, hits, facets)

    def _ordered(
        self, scores: Scores, kept: Iterable[int], request: Request
    ) -> list[tuple[float, int]]:
        """Sort the matches that are asked for: all keys first, then id."""
        pairs = [(scores[n], n) for n in kept]
        if request.sort == "relevance":
            if request.limit is not None:
                pairs = _greatest(pairs, request.offset + request.limit)
            return self._by_id(pairs)
        if request.sort == "title":
            pairs = self._by_id(pairs, by_score=False)
            return sorted(pairs, key=lambda pair: self.leaf(pair[1]).title_key(pair[1]))
        years = self._numbers("year")
        sign = -1 if request.sort == "newest" else 1
        pairs = self._by_id(pairs, by_score=False)
        return sorted(pairs, key=lambda p: sign * years[p[1]] if p[1] in years else math.inf)

    def _by_id(
        self, pairs: list[tuple[float, int]], *, by_score: bool = True
    ) -> list[tuple[float, int]]:
        keys = {n: self.leaf(n).key(n) for _, n in pairs}
        if by_score:
            return sorted(pairs, key=lambda pair: (-pair[0], keys[pair[1]]))
        return sorted(pairs, key=lambda pair: keys[pair[1]])

    def _top_near(
        self, scorer: Scorer, tree: Near, scores: Scores, kept: Iterable[int], count: int
    ) -> list[tuple[float, int]]:
        """Rank with the bonus, working it out only for what can still enter the slice.

        The bonus of a document is at most ``weight`` times its score, since a
        pair is no more frequent than either of its words, and so adds at most
        ``weight`` times the mean of their two scores.
        """
        if not count:
            return []
        pairs = [(scores[n], n) for n in kept]
        heapq.heapify(inverted := [(-score, n) for score, n in pairs])
        bonus = scorer.bonus(tree)
        best: list[float] = []
        ranked: list[tuple[float, int]] = []
        while inverted:
            negative, n = heapq.heappop(inverted)
            if len(best) == count and -negative * (1 + tree.weight) * (1 + 1e-9) < best[0]:
                break
            score = bonus(n, -negative)
            ranked.append((score, n))
            if len(best) < count:
                heapq.heappush(best, score)
            else:
                heapq.heappushpop(best, score)
        return self._by_id(_greatest(ranked, count))

    def _numbers(self, field: str) -> dict[int, int]:
        def read() -> dict[int, int]:
            values = {}
            for text in self._terms(f"number_{field}"):
                values.update(dict.fromkeys(self.postings(f"number_{field}", text)[0], int(text)))
            return values

        numbers: dict[int, int] = self.remember(("numbers", field), read)
        return numbers

    def numbers_between(self, field: str, low: int | None, high: int | None) -> set[int]:
        """Return the documents whose number lies between the two."""
        found: set[int] = set()
        for text in self._terms(f"number_{field}"):
            if (low is None or low <= int(text)) and (high is None or int(text) <= high):
                found.update(self.postings(f"number_{field}", text)[0])
        return found

    def _terms(self, field: str) -> list[str]:
        terms: list[str] = self.remember(
            ("terms", field),
            lambda: sorted(set().union(*(leaf.terms(field) for leaf in self._leaves))),
        )
        return terms

    # Facets

    def _count(
        self, scores: Scores, allowed: Mapping[str, AbstractSet[int]], facets: Sequence[str]
    ) -> dict[str, dict[str, int]]:
        counted: dict[frozenset[str], int] = {}
        result = {}
        for facet in facets:
            names = frozenset(name for name in allowed if name != facet)
            if names not in counted:
                kept: Iterable[int] = scores
                for name in names:
                    kept = allowed[name] & set(kept)
                counted[names] = self._bits(kept)
            bits = counted[names]
            counts = ((label, (bits & mask).bit_count()) for label, mask in self._facet(facet))
            result[facet] = {label: count for label, count in counts if count}
        return result

    def _facet(self, facet: str) -> list[tuple[str, int]]:
        """Return each label of a facet with the bit set of its documents."""
        masks = self._labels.get(facet)
        if masks is None:
            field = f"label_{facet}"
            masks = [
                (label, self._bits(self.postings(field, label)[0])) for label in self._terms(field)
            ]
            self._labels[facet] = masks
        return masks

    def _bits(self, docnums: Iterable[int]) -> int:
        # Setting bytes and reading them as one binary number is linear in the number of
        # documents; setting bits of a whole number one by one is quadratic.
        flags = bytearray(b"0" * (self._size + 1))
        last = self._size
        for n in docnums:
            flags[last - n] = 49
        return int(flags, 2)

    # Explaining

    def explain(self, tree: Tree, name: str, ranking: Ranking) -> list[tuple[Tree, float]]:
        """Return the scoring leaves of ``tree`` that match a document, with their shares."""
        docnum = self.docnum(name)
        if docnum is None:
            return []
        scorer = Scorer(self, self._schema, ranking)
        if docnum not in scorer.scores(tree):
            return []
        return list(scorer.shares(tree, docnum, 1.0))


class Scorer:
    """Matches and scores of trees under one ranking."""

    def __init__(self, searcher: Searcher, schema: Schema, ranking: Ranking) -> None:
        self._searcher = searcher
        self._schema = schema
        self._ranking = ranking
        self._signature = (
            ranking.k1,
            tuple(sorted(ranking.weights.items())),
            tuple(sorted(ranking.b.items())),
        )
        self._norms = {name: _Norms(searcher, name, ranking) for name in schema.text}

    def matches(self, tree: Tree) -> AbstractSet[int]:
        """Return the documents that match."""
        searcher = self._searcher
        if isinstance(tree, Label):
            return set(searcher.postings(f"label_{tree.field}", tree.value)[0])
        if isinstance(tree, Range):
            return searcher.numbers_between(tree.field, tree.low, tree.high)
        if isinstance(tree, Not):
            return searcher.live() - self.matches(tree.child)
        if isinstance(tree, Every):
            return searcher.live()
        if isinstance(tree, Or) and all(isinstance(c, Label | Range) for c in tree.children):
            return set().union(*(self.matches(child) for child in tree.children))
        return self.scores(tree).keys()

    def scores(self, tree: Tree) -> Scores:
        """Return the documents that match, with their scores."""
        if isinstance(tree, Term | Phrase | Best):
            return self._leaf(tree)
        if isinstance(tree, Or):
            return self.sum(tree.children)
        if isinstance(tree, And):
            return self._every(tree.children)
        if isinstance(tree, Optional):
            scores, bonus = self.scores(tree.required), self.scores(tree.bonus)
            return {n: score + bonus.get(n, 0.0) for n, score in scores.items()}
        if isinstance(tree, Boost):
            return {n: score * tree.weight for n, score in self.scores(tree.child).items()}
        if isinstance(tree, Near):
            bonus_of = self.bonus(tree)
            return {n: bonus_of(n, score) for n, score in self.sum(tree.children).items()}
        if isinstance(tree, Nothing):
            return {}
        return dict.fromkeys(self.matches(tree), 0.0)

    def sum(self, children: Sequence[Tree]) -> Scores:
        """Return the documents that match any child, with the sum of their scores."""
        if not children:
            return {}
        total = dict(self.scores(children[0]))
        get = total.get
        for child in children[1:]:
            for n, score in self.scores(child).items():
                total[n] = get(n, 0.0) + score
        return total

    def _every(self, children: Sequence[Tree]) -> Scores:
        unscored = (Label, Range, Not, Every)
        restricting = [self.matches(child) for child in children if isinstance(child, unscored)]
        scored = [self.scores(child) for child in children if not isinstance(child, unscored)]
        sets = sorted([*restricting, *(scores.keys() for scores in scored)], key=len)
        if not sets:
            return dict.fromkeys(self._searcher.live(), 0.0)
        kept = set(sets[0]).intersection(*sets[1:])
        return {n: sum(scores[n] for scores in scored) for n in kept}

    def _leaf(self, tree: Term | Phrase | Best) -> Scores:
        def score() -> Scores:
            frequencies = self._frequencies(tree)
            k1, idf = self._ranking.k1, self._idf(len(frequencies))
            return {n: idf * f / (k1 + f) for n, f in frequencies.items()}

        scores: Scores = self._searcher.remember((tree, self._signature), score)
        return scores

    def _idf(self, n: int) -> float:
        return math.log(1 + (self._searcher.documents - n + 0.5) / (n + 0.5))

    def _frequencies(self, tree: Tree) -> Scores:
        """Return the normalised frequency of a leaf in each document that has it."""
        if isinstance(tree, Boost):
            return {n: f * tree.weight for n, f in self._frequencies(tree.child).items()}
        if isinstance(tree, Best):
            best: Scores = {}
            for child in tree.children:
                for n, f in self._frequencies(child).items():
                    if f > best.get(n, -1.0):
                        best[n] = f
            return best
        if not isinstance(tree, Term | Phrase):
            raise TypeError(f"expected a term, a phrase or a boost of one; found {tree}")
        found: Scores = {}
        get = found.get
        for field in self._fields(tree):
            norm = self._norms[field]
            ids, counts = (
                self._searcher.postings(field, tree.text)
                if isinstance(tree, Term)
                else self._phrase(tree, field)
            )
            for n, count in zip(ids, counts, strict=True):
                found[n] = get(n, 0.0) + count * norm[n]
        return found

    def _fields(self, tree: Term | Phrase) -> Sequence[str]:
        return self._schema.text if tree.field is None else (tree.field,)

    def _phrase(self, tree: Phrase, field: str) -> Postings:
        if len(tree.words) == 1:
            return self._searcher.postings(field, tree.words[0])
        encoded = [self._searcher.positions(field, word) for word in tree.words]
        smallest = min(encoded, key=len)
        ids: list[int] = []
        counts: list[float] = []
        live = self._searcher.live()
        for n in smallest:
            if n in live and all(n in positions for positions in encoded):
                decode = self._searcher.leaf(n).decode
                count = _occurrences([decode(positions[n]) for positions in encoded], tree.slop)
                if count:
                    ids.append(n)
                    counts.append(count)
        return ids, counts

    # Standing together

    def bonus(self, tree: Near) -> Callable[[int, float], float]:
        """Return the function from a document and its score to its score with the bonus."""
        k1, reach = self._ranking.k1, tree.slop + 1
        words = [(word, child) for child in tree.children if (word := _word(child))]
        pairs = []
        for (first, a), (second, b) in pairwise(words):
            if first != second:
                idf = (self._idf(len(self.scores(a))) + self._idf(len(self.scores(b)))) / 2
                pairs.append((tree.weight * idf, self._places(first, second)))

        def with_bonus(n: int, score: float) -> float:
            for most, places in pairs:
                f = 0.0
                for norm, a, b in places:
                    if n in a and n in b:
                        decode = self._searcher.leaf(n).decode
                        f += norm[n] * _closeness(decode(a[n]), decode(b[n]), reach)
                score += most * f / (k1 + f)
            return score

        return with_bonus

    def _places(
        self, first: str, second: str
    ) -> list[tuple[_Norms, dict[int, bytes], dict[int, bytes]]]:
        """Return, for each field that has both words somewhere, the positions of each."""
        positions = self._searcher.positions
        return [
            (self._norms[field], a, b)
            for field in self._schema.text
            if (a := positions(field, first)) and (b := positions(field, second))
        ]

    # Explaining

    def shares(self, tree: Tree, n: int, weight: float) -> Iterator[tuple[Tree, float]]:
        """Yield the leaves that match document ``n``, with what each adds to its score."""
        if n not in self.scores(tree):
            return
        if isinstance(tree, Boost):
            yield from self.shares(tree.child, n, weight * tree.weight)
        elif isinstance(tree, And | Or):
            for child in tree.children:
                yield from self.shares(child, n, weight)
        elif isinstance(tree, Near):
            plain = 0.0
            for child in tree.children:
                yield from self.shares(child, n, weight)
                plain += self.scores(child).get(n, 0.0)
            together = self.bonus(tree)(n, plain) - plain
            if together:
                yield tree, together * weight
        elif isinstance(tree, Optional):
            yield from self.shares(tree.required, n, weight)
            yield from self.shares(tree.bonus, n, weight)
        elif isinstance(tree, Term | Phrase | Best):
            yield tree, self._leaf(tree)[n] * weight


class _Norms(dict[int, float]):
    """Field weight over length normalisation, by document, worked out when first asked for."""

    def __init__(self, searcher: Searcher, field: str, ranking: Ranking) -> None:
        super().__init__()
        self._length = searcher.length
        self._field = field
        self._weight = ranking.weights.get(field, 1.0)
        self._b = ranking.b.get(field, 0.75)
        self._average = searcher.totals.get(field, 0) / max(searcher.documents, 1) or 1.0

    def __missing__(self, n: int) -> float:
        length = self._length(self._field, n)
        norm = self._weight / (1 - self._b + self._b * length / self._average)
        self[n] = norm
        return norm


def _word(tree: Tree) -> str | None:
    """Return the word that a child of ``Near`` stands for, if it is one."""
    if isinstance(tree, Best) and tree.children:
        tree = tree.children[0]
    if isinstance(tree, Boost):
        tree = tree.child
    return tree.text if isinstance(tree, Term) and tree.field is None else None


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


def _occurrences(positions: Sequence[Sequence[int]], slop: int) -> int:
    """Count the places where the words stand in order with at most ``slop`` words between them all.

    ``positions`` has the positions of each word of the phrase.  Each start
    counts once, with each next word taken as early as it can be.
    """
    rest = positions[1:]
    if not slop:
        sets = [set(later) for later in rest]
        return sum(
            all(start + i in later for i, later in enumerate(sets, 1)) for start in positions[0]
        )
    return sum(_fits(start, rest, start + len(rest) + slop) for start in positions[0])


def _fits(start: int, rest: Sequence[Sequence[int]], last: int) -> bool:
    at = start
    for later in rest:
        following = next((p for p in later if p > at), None)
        if following is None or following > last:
            return False
        at = following
    return True


def _greatest(pairs: list[tuple[float, int]], count: int) -> list[tuple[float, int]]:
    """Return the ``count`` pairs of greatest score, and all that tie with the last of them."""
    if count >= len(pairs):
        return pairs
    if count == 0:
        return []
    threshold = heapq.nlargest(count, (score for score, _ in pairs))[-1]
    return [pair for pair in pairs if pair[0] >= threshold]
