"""A few documents, given as their tokens, for scoring: those that an engine chose by its own score.

They are scored by the words of a plan alone, so only these are looked for.
"""

from __future__ import annotations

from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING

from evidence_search.engines.plan import Node, Phrase, Term, children, wordings
from evidence_search.engines.postings import Postings, count_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Document, Schema

WINDOW = 200
"""How many candidates are scored exactly; the same for all pages, so that these fit together."""
LONGEST_TEXT = 65_535
"""Tokens that lengths count to, as an engine may keep them in two bytes."""


class Candidates:
    """See :class:`evidence_search.engines.scoring.Reader`; documents are numbered as given.

    Each of ``candidates`` is the tokens of each text field; ``facts`` gives the labels and
    numbers of one.  ``total`` is how many documents the whole index has, and
    ``average_lengths`` the mean number of tokens in each text field of all of them.
    """

    def __init__(
        self,
        candidates: Sequence[Sequence[Sequence[str]]],
        facts: Callable[[int], Document],
        tree: Node,
        schema: Schema,
        total: int,
        average_lengths: Sequence[float],
    ) -> None:
        self.schema = schema
        self.documents = total
        self.average_lengths = average_lengths
        self.live = frozenset(range(len(candidates)))
        self.positions = _Same()
        self._candidates = candidates
        self._facts = facts
        self._wanted = frozenset(_words(tree))

    @cached_property
    def lengths(self) -> list[list[int]]:
        """The number of tokens by text field and document."""
        return [
            [min(LONGEST_TEXT, length) for length in map(len, column)]
            for column in zip(*self._candidates, strict=True)
        ]

    @cached_property
    def _postings(self) -> Mapping[str, dict[int, dict[int, tuple[int, ...]]]]:
        """The positions of each word of the plan, by text field and document."""
        is_wanted = self._wanted.__contains__
        postings: dict[str, dict[int, dict[int, tuple[int, ...]]]]
        postings = {word: {} for word in self._wanted}
        for n, texts in enumerate(self._candidates):
            for slot, tokens in enumerate(texts):
                places: dict[str, list[int]] = {}
                # Most tokens aren't wanted, and are passed without a step of Python's.
                for at in compress(range(len(tokens)), map(is_wanted, tokens)):
                    places.setdefault(tokens[at], []).append(at)
                for word, positions in places.items():
                    postings[word].setdefault(slot, {})[n] = tuple(positions)
        return postings

    def postings(self, token: str) -> Postings:
        """Return where a token of the plan occurs."""
        return Postings(self._postings[token], len)

    def phrase(self, phrase: Phrase) -> Postings:
        """Return where the words of a phrase stand in order in one field."""
        words = [self._postings[word] for word in phrase.words]
        starts: dict[int, dict[int, int]] = {}
        for slot in set(words[0]).intersection(*words[1:]):
            if phrase.field in {None, self.schema.text[slot]}:
                places = [word[slot] for word in words]
                for n in set(places[0]).intersection(*places[1:]):
                    found = [place[n] for place in places]
                    if count := count_starts(found, phrase.slop, phrase.gaps):
                        starts.setdefault(slot, {})[n] = count
        return Postings(starts, int)

    def labelled(self, field: str, label: str) -> AbstractSet[int]:
        """Return the documents with a label."""
        return {n for n in self.live if label in self._facts(n).labels.get(field, ())}

    def named(self, ids: frozenset[str]) -> AbstractSet[int]:
        """Return those of some ids that are here."""
        return {n for n in self.live if self._facts(n).id in ids}

    def numbers_between(self, field: str, low: int | None, high: int | None) -> AbstractSet[int]:
        """Return the documents whose number lies between the two."""
        least, most = low or 0, 9999 if high is None else high
        return {n for n in self.live if least <= self._facts(n).numbers.get(field, -1) <= most}


class _Same(dict[tuple[int, ...], tuple[int, ...]]):
    """Positions as they are: nothing encodes them here."""

    def __missing__(self, positions: tuple[int, ...]) -> tuple[int, ...]:
        return positions


def tiers(leaf: Node) -> list[tuple[float, list[Node]]]:
    """Return, for each weight of the wordings of a leaf, greatest first, those of it or more."""
    found: list[tuple[float, list[Node]]] = []
    ways: list[Node] = []
    for wording, weight in sorted(wordings(leaf), key=lambda way: -way[1]):
        ways.append(wording)
        if found and found[-1][0] == weight:
            found.pop()
        found.append((weight, [*ways]))
    return found


def weighted_frequency(leaf: Node, counts: Sequence[int]) -> float:
    """Return how many documents a leaf counts as, from how many have each of its tiers.

    It is what :func:`evidence_search.engines.scorers.document_frequency` works out.
    """
    frequency, before = 0.0, 0
    for (weight, _), count in zip(tiers(leaf), counts, strict=True):
        frequency += min(weight, 1.0) * (count - before)
        before = count
    return frequency


def _words(node: Node) -> Iterator[str]:
    """Yield the words that a plan names."""
    if isinstance(node, Term):
        yield node.text
    elif isinstance(node, Phrase):
        yield from node.words
    for child in children(node):
        yield from _words(child)
