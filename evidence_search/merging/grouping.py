"""Listings to documents: which belong together follows from listings and decisions alone.

In steps, from the surest to the least: what a person said is the same; exact
copies; a common DOI, PMID, PMCID or link; agreeing facts.  Each step looks at
all pairs of the documents of the step before at once, so that no order of
listings has a say.  Where a document fits two that contradict each other, it
joins neither.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from evidence_search.merging.comparing import GENERIC, judge_by_facts, judge_by_keys
from evidence_search.merging.identity import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence

    from evidence_search.merging.comparing import Document
    from evidence_search.merging.decisions import Decisions
    from evidence_search.merging.identity import Identity

    Judge = Callable[[Document, Document], "bool | None"]
    Pair = tuple[int, int]
    Verdict = Callable[[int, int], "bool | None"]

K = TypeVar("K", bound="Hashable")

_END = 3
"""Words at the beginning, or the end, of a title that make two documents worth comparing."""
LARGE = 40
"""An identifier, or a title with its year, says nothing where more documents than this share it."""


def group(
    identities: Mapping[K, Identity], decisions: Decisions, common: Container[object] = ()
) -> list[tuple[K, ...]]:
    """Return the listings of each document, as keys of ``identities``, in their order.

    Which are together is the same for every order of the mapping.  ``common`` are keys
    that more than ``LARGE`` documents beside these are known to share.
    """
    keys = list(identities)
    grouper = _Grouper(list(identities.values()), decisions, common)
    return [tuple(keys[number] for number in numbers) for numbers in grouper.groups()]


class _Grouper:
    """Joins listings, known by number, into documents, a step at a time."""

    def __init__(
        self, identities: Sequence[Identity], decisions: Decisions, common: Container[object]
    ) -> None:
        self._identities = identities
        self._common = common
        self._same, different = decisions.pairs(identities)
        self._different: dict[int, set[int]] = defaultdict(set)
        for one, other in different:
            self._different[one].add(other)
            self._different[other].add(one)
        self._groups: list[tuple[int, ...]] = [(number,) for number in range(len(identities))]

    def groups(self) -> list[tuple[int, ...]]:
        """Return the documents, in the order of their first listings."""
        self._join(self._same, lambda *_: True)
        self._join_copies()
        for scheme in SCHEMES:
            self._join(self._sharing(_keys_of(scheme)), judge_by_keys)
        self._join(self._sharing(blocks), judge_by_facts)
        return sorted(self._groups)

    def _join_copies(self) -> None:
        """Join what agrees in everything, however many there are."""
        copies: dict[object, list[int]] = defaultdict(list)
        for number, members in enumerate(self._groups):
            first = self._identities[members[0]]
            if first.title and (first.title not in GENERIC or first.authors or first.text):
                copies[first.facts].append(number)
        self._unite(
            (same[0], number)
            for same in copies.values()
            if not any(self._are_apart(*pair) for pair in self._held_apart(same))
            for number in same[1:]
        )

    def _held_apart(self, numbers: Sequence[int]) -> Iterator[Pair]:
        """Yield the pairs of some documents that a decision may hold apart."""
        touched = [n for n in numbers if any(m in self._different for m in self._groups[n])]
        return combinations(touched, 2)

    def _sharing(self, keys: Callable[[Identity], Iterable[object]]) -> set[Pair]:
        """Return the pairs of documents that have a key in common."""
        sharing: dict[object, dict[int, None]] = defaultdict(dict)
        for number, members in enumerate(self._groups):
            for member in members:
                for key in keys(self._identities[member]):
                    sharing[key][number] = None
        return {
            pair
            for key, numbers in sharing.items()
            if 1 < len(numbers) <= LARGE and key not in self._common
            for pair in combinations(numbers, 2)
        }

    def _join(self, pairs: Iterable[Pair], judge: Judge) -> None:
        """Join the pairs that are judged the same, and fit nothing that opposes the other."""
        judged: dict[Pair, bool | None] = {}

        def verdict(one: int, other: int) -> bool | None:
            pair = (one, other) if one < other else (other, one)
            if pair not in judged:
                apart = self._are_apart(*pair)
                judged[pair] = False if apart else judge(self._document(one), self._document(other))
            return judged[pair]

        fitting: dict[int, list[int]] = defaultdict(list)
        for one, other in pairs:
            if verdict(one, other):
                fitting[one].append(other)
                fitting[other].append(one)
        self._unite(
            (
                (one, other)
                for one, others in fitting.items()
                for other in others
                if one < other
                and not any(verdict(one, n) is False for n in fitting[other] if n != one)
                and not any(verdict(other, n) is False for n in others if n != other)
            ),
            verdict,
        )

    def _unite(self, pairs: Iterable[Pair], verdict: Verdict | None = None) -> None:
        """Unite documents along pairs, but for a chain that leads to a contradiction."""
        root: dict[int, int] = {}

        def find(number: int) -> int:
            while (above := root.get(number, number)) != number:
                root[number] = root.get(above, above)
                number = above
            return number

        for one, other in pairs:
            root.setdefault(one, one)
            root[find(other)] = find(one)
        chains: dict[int, list[int]] = defaultdict(list)
        for number in root:
            chains[find(number)].append(number)
        united: set[int] = set()
        groups: list[tuple[int, ...]] = []
        for numbers in chains.values():
            if verdict and any(verdict(*p) is False for p in combinations(numbers, 2)):
                continue
            united.update(numbers)
            groups.append(tuple(sorted(m for n in numbers for m in self._groups[n])))
        groups += [members for n, members in enumerate(self._groups) if n not in united]
        self._groups = sorted(groups)

    def _are_apart(self, one: int, other: int) -> bool:
        """Tell whether a decision holds two documents apart."""
        theirs = self._groups[other]
        return any(
            not self._different[member].isdisjoint(theirs)
            for member in self._groups[one]
            if member in self._different
        )

    def _document(self, number: int) -> Document:
        return tuple(self._identities[member] for member in self._groups[number])


def _keys_of(scheme: str) -> Callable[[Identity], Iterable[object]]:
    return lambda identity: (key for key in identity.keys if key.startswith(f"{scheme}:"))


def blocks(identity: Identity) -> Iterator[object]:
    """Yield what documents share that agree in their facts, narrow enough to try all pairs."""
    if identity.title and identity.year:
        title = (identity.title, identity.year)
        yield title
        if identity.authors:
            yield (*title, re.split("[ -]", identity.authors[0])[0])
        if identity.publisher or identity.text:
            yield (*title, identity.publisher, identity.text)
        # A slip of the pen leaves the beginning or the end of a title as it was.
        words = identity.title.split()
        for who in (*identity.authors[:1], identity.publisher):
            if who and len(words) > _END:
                yield (identity.year, who.partition(" ")[0], "begins", *words[:_END])
                yield (identity.year, who.partition(" ")[0], "ends", *words[-_END:])
    if identity.journal and identity.volume and identity.page:
        yield (identity.journal[0], identity.volume, identity.page)
