"""What else the words of a query may mean in this field.

A thesaurus is a TOML file of *concepts*; its first lines explain how to edit
it (``reading``: the file to values; ``linting``: what is doubtful in these;
``compiling``: values to token sequences).  It is compiled when an index is
refreshed, so that a search neither reads TOML nor stems.

A query is mapped onto it as PubMed maps terms: the longest term wins, and
words that it covers belong to no other.  A term of several words is known
however they are put: in another order ("abuse of children", "child abuse"), or
with another word for one of them ("kids of alcoholics").  A term of one word is
known by its inflections (``forms``), not by its stem.

Rejected: WordNet (everyday senses swamp those of the field: "cell", "bank",
"treatment") and word vectors (a searcher can't read them, let alone mend them).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS
from evidence_search.tables import Table

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

VERSION = 5
"""Changes whenever the same file would compile to something else, so that an index is rebuilt."""

MAX_WORDS = 12
"""How many words of a query a term may cover."""

MAX_TERMS = 1_000
"""How many terms of a concept, of narrower and of related ones are searched."""

NAME = "^"
"""What stands after the number of a concept where the term that leads to it is a name."""

_FEW = 3
"""So many words all in capitals may be acronyms."""

NEUTRAL = frozenset(
    "a an and are as at be by for from her his in is its my of on our that the their to who "
    "with your".split()
)
"""Stop words that a term means the same without, unlike "after", "off", "or" and "without"."""


class Expansion(NamedTuple):
    """A term to search too: its tokens, as it is written, and how it belongs to the concept.

    ``kind`` is ``"synonym"``, ``"narrower"`` or ``"related"``.
    """

    tokens: tuple[str, ...]
    text: str
    kind: str


class Mapped(NamedTuple):
    """The words ``start`` to ``end - 1`` of a query mean ``concept``."""

    start: int
    end: int
    concept: int


class Compiled:
    """A thesaurus as token sequences, made to be looked up by the words of a query.

    Concepts have numbers.  ``concepts`` has for each, as JSON, the tokens and
    the text of each term to search, and the numbers of its narrower and of its
    related concepts.  The others lead to the number of a concept: ``words`` from
    the forms of one-word terms, after which :data:`NAME` stands where the term is
    a name; ``terms`` from the tokens of longer terms, joined by spaces; ``bags``
    from their telling tokens in the order of the alphabet; ``capitals`` from
    acronyms, which match in capitals only.  ``usual`` maps a word to the token that
    usually stands for it ("jail" to "prison"), in whose form ``bags`` and some
    ``terms`` are.  ``headings`` and ``trees`` have the Medical Subject Headings and
    their tree numbers, which end in a dot.
    """

    def __init__(
        self,
        concepts: Table,
        words: Table,
        terms: Table,
        bags: Table,
        capitals: Table,
        usual: Table,
        headings: Table,
        trees: Table,
    ) -> None:
        self._concepts, self._words, self._terms, self._bags = concepts, words, terms, bags
        self._capitals, self._usual = capitals, usual
        self._headings, self._trees = headings, trees
        self._tables = (concepts, words, terms, bags, capitals, usual, headings, trees)

    def to_text(self) -> str:
        """Return what :meth:`from_text` reads."""
        return "\f".join(part.text for part in self._tables)

    @classmethod
    def from_text(cls, text: str) -> Compiled:
        """Return the thesaurus that :meth:`to_text` wrote."""
        return cls(*map(Table, text.split("\f")))

    def map(
        self, surfaces: Sequence[str], tokens: Sequence[str], originals: Sequence[str]
    ) -> list[Mapped]:
        """Return the concepts that a query's words mean, in order; none share a word.

        ``surfaces`` are the words folded, ``tokens`` their stems, ``originals`` the
        words as typed, which tell "WHO" from "who", and Mr Young from the young.
        """
        usual = [self._usual.get(*pair) for pair in zip(surfaces, tokens, strict=True)]
        found = [
            *self._acronyms(originals),
            *self._single(surfaces, originals),
            *self._as_typed(tokens, usual),
            *self._in_any_order(tokens, usual),
        ]
        free = [True] * len(tokens)
        kept = []
        # The sort is stable: of equals the surest, then the first, stays ahead.
        for _, mapped in sorted(found, key=lambda pair: pair[0], reverse=True):
            start, end, _ = mapped
            if all(free[start:end]):
                free[start:end] = [False] * (end - start)
                kept.append(mapped)
        return sorted(kept)

    def words(self, surfaces: Sequence[str], originals: Sequence[str]) -> dict[int, int]:
        """Return the concept that each word means by itself, by its place, where it does."""
        found = [*self._single(surfaces, originals), *self._acronyms(originals)]
        return {mapped.start: mapped.concept for _, mapped in found}

    def _acronyms(self, originals: Sequence[str]) -> Iterator[tuple[int, Mapped]]:
        if len(originals) > _FEW and all(word.isupper() for word in originals):
            return  # where all is in capitals they tell nothing
        for i, original in enumerate(originals):
            if original.islower():
                continue
            acronym = re.sub("['’ʼ]s$", "", original)
            concept = self._capitals.get(acronym)
            if concept is None and acronym.endswith("s"):
                concept = self._capitals.get(acronym[:-1])
            if concept is not None:
                yield 1, Mapped(i, i + 1, int(concept))

    def _single(
        self, surfaces: Sequence[str], originals: Sequence[str]
    ) -> Iterator[tuple[int, Mapped]]:
        for i, surface in enumerate(surfaces):
            concept = self._words.get(surface)
            if concept is None:
                continue
            if concept.endswith(NAME) or not _is_name(i, originals):
                yield 1, Mapped(i, i + 1, int(concept.removesuffix(NAME)))

    def _as_typed(
        self, tokens: Sequence[str], usual: Sequence[str]
    ) -> Iterator[tuple[int, Mapped]]:
        for form in (tokens, usual) if usual != tokens else (tokens,):
            for start in range(len(form) - 1):
                for end in range(start + 1, min(start + MAX_WORDS, len(form)) + 1):
                    concept, goes_on = self._terms.find(" ".join(form[start:end]))
                    if concept is not None:
                        yield end - start, Mapped(start, end, int(concept))
                    if not goes_on:
                        break

    def _in_any_order(
        self, tokens: Sequence[str], usual: Sequence[str]
    ) -> Iterator[tuple[int, Mapped]]:
        for start, first in enumerate(tokens):
            telling = [] if first in STOP_WORDS else [usual[start]]
            for end in range(start + 1, len(tokens)) if telling else ():
                token = tokens[end]
                if token not in STOP_WORDS:
                    telling.append(usual[end])
                    concept = self._bags.get(bag(telling))
                    if concept is not None:
                        yield len(telling), Mapped(start, end + 1, int(concept))
                if len(telling) == MAX_WORDS or (token in STOP_WORDS and token not in NEUTRAL):
                    break

    def expansions(self, concept: int, vocabulary: Container[str]) -> Iterator[Expansion]:
        """Yield the terms of a concept, then those of narrower and of related ones, each once.

        Only terms of which ``vocabulary`` has every token: no record can have the
        others.  Narrower concepts are followed two steps down.  At most
        :data:`MAX_TERMS` terms.
        """
        yield from islice(self._expansions(concept, vocabulary), MAX_TERMS)

    def _expansions(self, concept: int, vocabulary: Container[str]) -> Iterator[Expansion]:
        _, narrower, related = self._concept(concept)
        below = (deeper for number in narrower for deeper in self._concept(number)[1])
        seen: set[str] = set()
        walked: set[int] = set()
        for kind, numbers in (
            ("synonym", [concept]),
            ("narrower", chain(narrower, below)),
            ("related", related),
        ):
            for number in numbers:
                if number in walked:
                    continue
                walked.add(number)
                for joined, text in self._concept(number)[0]:
                    tokens = tuple(joined.split())
                    if joined not in seen and all(token in vocabulary for token in tokens):
                        seen.add(joined)
                        yield Expansion(tokens, text, kind)

    def heading(self, name: str) -> int | None:
        """Return the concept that a Medical Subject Heading means, in any case; maybe none."""
        concept = self._headings.get(heading_key(name))
        return None if concept is None else int(concept)

    def exploded(self, concept: int) -> list[int]:
        """Return a concept and all that are narrower, at any depth, in the order they are met.

        They are the narrower ones of the thesaurus, and those whose tree numbers lie
        below its own.
        """
        trees = [(tree, int(number)) for tree, number in self._trees.items()]
        own: dict[int, list[str]] = {}
        for tree, number in trees:
            own.setdefault(number, []).append(tree)
        found = {concept: None}
        waiting = [concept]
        while waiting:
            number = waiting.pop()
            below = [lower for root in own.get(number, ()) for lower in _below(trees, root)]
            for lower in (*self._concept(number)[1], *below):
                if lower not in found:
                    found[lower] = None
                    waiting.append(lower)
        return [*found]

    def terms(self, concept: int) -> list[Expansion]:
        """Return the terms that records are searched for to find a concept."""
        return [
            Expansion(tuple(joined.split()), text, "synonym")
            for joined, text in self._concept(concept)[0]
        ]

    def phrases(self) -> Iterator[tuple[str, ...]]:
        """Yield the tokens of the terms of several words that records are searched for."""
        for number in self._concepts:
            for joined, _ in self._concept(int(number))[0]:
                tokens = tuple(joined.split())
                if len(tokens) > 1:
                    yield tokens

    def _concept(self, number: int) -> tuple[list[list[str]], list[int], list[int]]:
        terms, narrower, related = json.loads(self._concepts[str(number)])
        return terms, narrower, related


def _below(trees: Sequence[tuple[str, int]], root: str) -> Iterator[int]:
    """Yield the concepts of the sorted tree numbers that begin with ``root``."""
    at = bisect_left(trees, (root, -1))
    while at < len(trees) and trees[at][0].startswith(root):
        yield trees[at][1]
        at += 1


def _is_name(i: int, originals: Sequence[str]) -> bool:
    """Tell whether a word has a capital for what it is, not for where it stands.

    So it is in the middle of a query whose other words have small letters, not in a title.
    """
    word = originals[i]
    return (
        i > 0
        and word[0].isupper()
        and word[1:].islower()
        and any(other.islower() and other not in STOP_WORDS for other in originals)
    )


def heading_key(name: str) -> str:
    """Return a subject heading as it is looked up."""
    return " ".join(name.casefold().split())


def bag(tokens: Sequence[str]) -> str:
    """Return the key of some tokens in any order."""
    return " ".join(sorted(tokens))
