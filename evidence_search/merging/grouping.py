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
from itertools import chain, combinations
from typing import TYPE_CHECKING, TypeVar

from evidence_search.merging.chains import chains
from evidence_search.merging.comparing import GENERIC, judge_by_facts, judge_by_keys
from evidence_search.merging.decisions import DIFFERENT, SAME, Said
from evidence_search.merging.identity import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence

    from evidence_search.merging.comparing import Document
    from evidence_search.merging.decisions import Decisions
    from evidence_search.merging.identity import Identity

    Judge = Callable[[Document, Document], "bool | None"]
    Pair = tuple[int, int]

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
        self._said = Said(decisions, identities)
        self._groups: list[tuple[int, ...]] = [(number,) for number in range(len(identities))]

    def groups(self) -> list[tuple[int, ...]]:
        """Return the documents, in the order of their first listings."""
        self._join_said()
        self._join_copies()
        for scheme in SCHEMES:
            self._join(self._sharing(_keys_of(scheme)), judge_by_keys)
        self._join(self._sharing(blocks), judge_by_facts)
        return sorted(self._groups)

    def _join_said(self) -> None:
        """Join what a person said is the same; of what is contradicted, the rest of a few."""
        said = self._said.same()
        torn = {n for n, numbers in enumerate(said) if self._are_apart(numbers)}
        pairs = (
            pair
            for n in torn
            if len(said[n]) <= LARGE
            for pair in combinations(said[n], 2)
            if self._said.are(SAME, [[number] for number in pair])
        )
        self._join(pairs, lambda *_: True, [said[n] for n in range(len(said)) if n not in torn])

    def _join_copies(self) -> None:
        """Join what agrees in everything, however many there are."""
        copies: dict[object, list[int]] = defaultdict(list)
        for number, members in enumerate(self._groups):
            first = self._identities[members[0]]
            if first.title and (first.title not in GENERIC or first.authors or first.text):
                copies[first.facts].append(number)
        self._unite(same for same in copies.values() if not self._are_apart(same))

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

    def _join(self, pairs: Iterable[Pair], judge: Judge, sure: Iterable[list[int]] = ()) -> None:
        """Join the pairs that are judged the same, and fit nothing that opposes the other.

        Whatever hangs together through more than ``LARGE`` documents says nothing, as nobody
        could hold each against each; ``sure`` (default: none) are joined as they are.
        """
        judged: dict[Pair, bool | None] = {}

        def verdict(one: int, other: int) -> bool | None:
            pair = (one, other) if one < other else (other, one)
            if pair not in judged:
                apart = self._are_apart(pair)
                judged[pair] = False if apart else judge(self._document(one), self._document(other))
            return judged[pair]

        def oppose(one: int, others: Iterable[int]) -> bool:
            return any(verdict(one, other) is False for other in others if other != one)

        fitting: dict[int, list[int]] = defaultdict(list)
        for one, other in pairs:
            if verdict(one, other):
                fitting[one].append(other)
                fitting[other].append(one)
        few = (
            numbers
            for numbers in chains((one, other) for one in fitting for other in fitting[one])
            if len(numbers) <= LARGE
        )
        agreed = chains(
            (one, other)
            for numbers in few
            for one in numbers
            for other in fitting[one]
            if not oppose(one, fitting[other]) and not oppose(other, fitting[one])
        )
        whole = (ns for ns in agreed if not any(oppose(n, ns) for n in ns))
        self._unite(chain(sure, whole))

    def _unite(self, chained: Iterable[Sequence[int]]) -> None:
        """Make each of some lists of documents one document."""
        united: set[int] = set()
        groups: list[tuple[int, ...]] = []
        for numbers in chained:
            united.update(numbers)
            groups.append(tuple(sorted(m for n in numbers for m in self._groups[n])))
        groups += [members for n, members in enumerate(self._groups) if n not in united]
        self._groups = sorted(groups)

    def _are_apart(self, numbers: Iterable[int]) -> bool:
        """Tell whether a decision holds two of some documents apart."""
        return self._said.are(DIFFERENT, (self._groups[number] for number in numbers))

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
