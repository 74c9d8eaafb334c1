"""Answering requests from one committed state: matches, facet counts, order, the slice asked for.

Works for any storage that can hand out whole posting lists (:class:`Leaf`).
Facet counts are bit counts of whole numbers used as bit sets, one per label.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter, OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from evidence_search.engines import Found
from evidence_search.engines.nodes import best
from evidence_search.engines.scoring import Scorer
from evidence_search.trees import Phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Ranking, Request, Schema
    from evidence_search.engines.nodes import Node, Profile
    from evidence_search.trees import Tree

_CACHED_POSTINGS = 2_000_000
"""How many postings are kept, per state: some 300 MB at most."""
_KEPT = 200_000
_RECURRING = 4  # bytes, of one or two places
_T = TypeVar("_T")


class Leaf(Protocol):
    """One segment of the storage; its documents are ``base`` to ``base + size - 1``.

    Text is in one field for all: of ``n`` text fields, position ``p`` is token
    ``p // n`` of field ``p % n``.
    """

    base: int
    size: int
    live: int
    deleted: frozenset[int]

    def terms(self, field: str) -> list[str]:
        """Return the terms of a field, in order."""

    def documents(self, field: str, text: str) -> list[int]:
        """Return the live documents of a term, rising; empty where there's none."""

    def occurrences(self, text: str) -> tuple[list[int], Sequence[bytes]]:
        """Return the live documents of a token, rising, and its positions in each, encoded."""

    def lengths(self) -> array[int]:
        """Return the number of tokens of each text field of the first document, the second …"""

    def key(self, docnum: int) -> str:
        """Return the id of a document."""

    def title_key(self, docnum: int) -> bytes:
        """Return what a document is sorted by when sorted by title."""

    def payload(self, docnum: int) -> str:
        """Return the payload of a document."""


class Searcher:
    """Answers from one committed state; see :class:`evidence_search.engines.Engine`.

    ``totals`` are the sums of the lengths of each text field.  ``places`` has
    the positions that :meth:`occurrences` encoded, ``profiles`` their profiles.
    """

    def __init__(
        self,
        schema: Schema,
        leaves: Sequence[Leaf],
        totals: Mapping[str, int],
        decode: Callable[[bytes], Sequence[int]],
    ) -> None:
        self._schema = schema
        self._leaves = leaves
        self.totals = totals
        self.documents = sum(leaf.live for leaf in leaves)
        self.places = _Short(lambda value: tuple(decode(value)))
        self.profiles = _Short(lambda value: _profile(self.places[value], len(schema.text)))
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

    @cached_property
    def lengths(self) -> list[array[int]]:
        """The number of tokens by text field and document."""
        width = len(self._schema.text)
        columns = [array("H") for _ in range(width)]
        for leaf in self._leaves:
            found = leaf.lengths()
            for slot, column in enumerate(columns):
                column.extend(found[slot::width])
        return columns

    def occurrences(self, text: str) -> Mapping[int, bytes]:
        """Return the positions of a token, encoded, by document."""

        def read() -> dict[int, bytes]:
            found: dict[int, bytes] = {}
            for leaf in self._leaves:
                ids, values = leaf.occurrences(text)
                found.update(zip(ids, values, strict=True))
            return found

        occurrences: dict[int, bytes] = self._remember(("occurrences", text), read)
        return occurrences

    def phrase(self, phrase: Phrase) -> Mapping[int, Profile]:
        """Return where the words of a phrase stand in order in one field, by document."""
        key = ("phrase", phrase.words, phrase.field, phrase.slop)
        found: dict[int, Profile] = self._remember(key, lambda: self._phrase(phrase))
        return found

    def _phrase(self, phrase: Phrase) -> dict[int, Profile]:
        words = []
        for word in phrase.words:
            words.append(self.occurrences(word))
            if not words[-1]:
                return {}
        if len(words) == 2 and not phrase.slop and phrase.field is None:
            return self._pair(*words)
        width, places = len(self._schema.text), self.places
        slot = None if phrase.field is None else self._schema.text.index(phrase.field)
        found = {}
        if not phrase.slop and len(words) > 2:  # few documents have even the first two in a row
            docs = set(self.phrase(Phrase(phrase.words[:2]))).intersection(*words[2:])
        else:
            rarest, *others = sorted(words, key=len)
            docs = set(rarest).intersection(*others)
        for n in docs:
            starts = _starts([places[word[n]] for word in words], phrase.slop, width)
            if slot is not None:
                starts = [start for start in starts if start % width == slot]
            if starts:
                found[n] = _profile(starts, width)
        return found

    def _pair(self, first: Mapping[int, bytes], second: Mapping[int, bytes]) -> dict[int, Profile]:
        """Find two words in a row, as most phrases are, without a call for each document."""
        width, places = len(self._schema.text), self.places
        found = {}
        for n in first.keys() & second.keys():
            here, there = places[first[n]], places[second[n]]
            if len(here) == 1:
                if here[0] + width in there:
                    found[n] = _profile(here, width)
            elif starts := [place for place in here if place + width in there]:
                found[n] = _profile(starts, width)
        return found

    def labelled(self, field: str, label: str) -> list[int]:
        """Return the documents with a label."""
        return self._documents(f"label_{field}", label)

    def _documents(self, field: str, text: str) -> list[int]:
        return [n for leaf in self._leaves for n in leaf.documents(field, text)]

    def _remember(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
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

    def _leaf(self, docnum: int) -> Leaf:
        return next(leaf for leaf in reversed(self._leaves) if leaf.base <= docnum)

    def _key(self, docnum: int) -> str:
        return self._leaf(docnum).key(docnum)

    def docnum(self, name: str) -> int | None:
        """Return the number of the document with an id."""
        ids = self._documents("id", name)
        return ids[0] if ids else None

    def frequency(self, token: str) -> int:
        """Return how many documents have a token in any text field."""
        return len(self.occurrences(token))

    def fetch(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the payloads of those ids that exist."""
        found = {}
        for name in ids:
            docnum = self.docnum(name)
            if docnum is not None:
                found[name] = self._leaf(docnum).payload(docnum)
        return found

    # Answering

    def search(self, request: Request) -> Found:
        """Answer a request."""
        scorer = Scorer(self, self._schema, request.ranking)
        root = scorer.node(request.tree)
        allowed = {name: scorer.node(tree).docs for name, tree in request.filters.items()}
        kept = root.docs
        if allowed:
            kept = set(kept).intersection(*allowed.values())
        last = None if request.limit is None else request.offset + request.limit
        hits = []
        for docnum in self._ordered(root, kept, request.sort, last)[request.offset : last]:
            leaf = self._leaf(docnum)
            hits.append((leaf.key(docnum), root.score(docnum), leaf.payload(docnum)))
        facets = self._count(root.docs, allowed, request.facets)
        return Found(len(kept), tuple(hits), facets)

    def explain(self, tree: Tree, name: str, ranking: Ranking) -> list[tuple[Tree, float]]:
        """Return the scoring leaves of ``tree`` that match a document, with their shares."""
        docnum = self.docnum(name)
        if docnum is None:
            return []
        return list(Scorer(self, self._schema, ranking).shares(tree, docnum, 1.0))

    # Order

    def _ordered(
        self, root: Node, kept: AbstractSet[int], sort: str, last: int | None
    ) -> list[int]:
        """Return the matches in order, at least the first ``last``: by what is asked, then id."""
        keyed: list[tuple[Any, int]]
        if sort == "relevance":
            count = len(kept) if last is None else last
            keyed = [(-score, n) for score, n in best(root, kept, count)]
        elif sort == "title":
            keyed = [(self._leaf(n).title_key(n), n) for n in kept]
        else:
            years, sign = self._numbers("year"), -1 if sort == "newest" else 1
            keyed = [(sign * years[n] if n in years else math.inf, n) for n in kept]
        if last == 0:
            return []
        if last is not None and last < len(keyed):
            worst = heapq.nsmallest(last, (key for key, _ in keyed))[-1]
            keyed = [pair for pair in keyed if pair[0] <= worst]
        return [n for _, _, n in sorted((key, self._key(n), n) for key, n in keyed)]

    def _numbers(self, field: str) -> dict[int, int]:
        def read() -> dict[int, int]:
            values = {}
            for text in self._terms(f"number_{field}"):
                values.update(dict.fromkeys(self._documents(f"number_{field}", text), int(text)))
            return values

        numbers: dict[int, int] = self._remember(("numbers", field), read)
        return numbers

    def numbers_between(self, field: str, low: int | None, high: int | None) -> set[int]:
        """Return the documents whose number lies between the two."""
        found: set[int] = set()
        for text in self._terms(f"number_{field}"):
            if (low is None or low <= int(text)) and (high is None or int(text) <= high):
                found.update(self._documents(f"number_{field}", text))
        return found

    def _terms(self, field: str) -> list[str]:
        terms: list[str] = self._remember(
            ("terms", field),
            lambda: sorted(set().union(*(leaf.terms(field) for leaf in self._leaves))),
        )
        return terms

    # Facets

    def _count(
        self,
        matches: AbstractSet[int],
        allowed: Mapping[str, AbstractSet[int]],
        facets: Sequence[str],
    ) -> dict[str, dict[str, int]]:
        """Count the labels of each facet over all matches, its own filter left aside."""
        counted: dict[frozenset[str], int] = {}
        result = {}
        for facet in facets:
            names = frozenset(name for name in allowed if name != facet)
            if names not in counted:
                kept = matches
                for name in names:
                    kept = kept & allowed[name]
                counted[names] = self._bits(kept)
            bits = counted[names]
            counts = ((label, (bits & mask).bit_count()) for label, mask in self._facet(facet))
            result[facet] = {label: count for label, count in counts if count}
        return result

    def _facet(self, facet: str) -> list[tuple[str, int]]:
        """Return each label of a facet with the bit set of its documents."""
        masks = self._labels.get(facet)
        if masks is None:
            masks = [
                (label, self._bits(self.labelled(facet, label)))
                for label in self._terms(f"label_{facet}")
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


class _Short(dict[bytes, _T]):
    """What a function gives for a value; kept for short values, as they recur in many documents."""

    def __init__(self, make: Callable[[bytes], _T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: bytes) -> _T:
        made = self._make(value)
        if len(value) <= _RECURRING and len(self) < _KEPT:
            self[value] = made
        return made


def _profile(positions: Sequence[int], width: int) -> Profile:
    if len(positions) == 1:
        return ((positions[0] % width, 1),)
    slots = [position % width for position in positions]
    if slots.count(slots[0]) == len(slots):
        return ((slots[0], len(slots)),)
    return tuple(sorted(Counter(slots).items()))


def _starts(words: Sequence[Sequence[int]], slop: int, width: int) -> Sequence[int]:
    """Return where the words stand in order with at most ``slop`` words between them all.

    ``words`` has the positions of each word of the phrase.  Each start counts
    once, with each next word taken as early as it can be.
    """
    first, *rest = words
    if slop:
        reach = (len(rest) + slop) * width
        return [start for start in first if _fits(start, rest, start + reach, width)]
    for i, later in enumerate(rest, 1):
        step = i * width
        first = [start for start in first if start + step in later]
    return first


def _fits(start: int, rest: Sequence[Sequence[int]], last: int, width: int) -> bool:
    at = start
    for later in rest:
        following = next((p for p in later if p > at and (p - start) % width == 0), None)
        if following is None or following > last:
            return False
        at = following
    return True
