"""What else the words of a query may mean in this field.

A thesaurus is a TOML file of *concepts*; its first lines explain how to edit
it (``reading``: the file to values; ``linting``: what is doubtful in these;
``compiling``: values to token sequences).  It is compiled when an index is
refreshed, so that a search neither reads TOML nor stems.

A query is mapped onto it as PubMed maps terms: the longest term wins, and
words that it covers belong to no other.  A term is known however its words
are put: in another order ("abuse of children", "child abuse"), or with another
word for one of them ("kids of alcoholics").

Rejected: WordNet (everyday senses swamp those of the field: "cell", "bank",
"treatment") and word vectors (a searcher can't read them, let alone mend them).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS
from evidence_search.tables import Table

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

VERSION = 3
"""Changes whenever the same file would compile to something else, so that an index is rebuilt."""

MAX_WORDS = 12
"""How many words of a query a term may cover."""

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
    related concepts.  The others lead to the number of a concept: ``terms``
    from the tokens of a term, joined by spaces; ``bags`` from its telling
    tokens in the order of the alphabet; ``capitals`` from acronyms that only
    match in capitals.  ``usual`` maps a token to the token that usually stands
    for it ("jail" to "prison"), in whose form ``bags`` and some ``terms`` are.
    """

    def __init__(
        self, concepts: Table, terms: Table, bags: Table, capitals: Table, usual: Table
    ) -> None:
        self._tables = (concepts, terms, bags, capitals, usual)
        self._concepts, self._terms, self._bags, self._capitals, self._usual = self._tables

    def to_text(self) -> str:
        """Return what :meth:`from_text` reads."""
        return "\f".join(part.text for part in self._tables)

    @classmethod
    def from_text(cls, text: str) -> Compiled:
        """Return the thesaurus that :meth:`to_text` wrote."""
        return cls(*map(Table, text.split("\f")))

    def map(self, tokens: Sequence[str], originals: Sequence[str]) -> list[Mapped]:
        """Return the concepts that a query's words mean, in order; none share a word.

        ``originals`` are the words as typed, which tell "WHO" from "who".
        """
        usual = [self._usual.get(token, token) for token in tokens]
        found = [
            *self._acronyms(originals),
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

    def _acronyms(self, originals: Sequence[str]) -> Iterator[tuple[int, Mapped]]:
        for i, original in enumerate(originals):
            concept = self._capitals.get(original) if original[:1].isupper() else None
            if concept is not None:
                yield 1, Mapped(i, i + 1, int(concept))

    def _as_typed(
        self, tokens: Sequence[str], usual: Sequence[str]
    ) -> Iterator[tuple[int, Mapped]]:
        for form in (tokens, usual) if usual != tokens else (tokens,):
            for start in range(len(form)):
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

        Only terms of which ``vocabulary`` has every token: no record can have the others.
        """
        _, narrower, related = json.loads(self._concepts[str(concept)])
        seen: set[str] = set()
        for kind, numbers in (("synonym", [concept]), ("narrower", narrower), ("related", related)):
            for number in numbers:
                for joined, text in json.loads(self._concepts[str(number)])[0]:
                    tokens = tuple(joined.split())
                    if joined not in seen and all(token in vocabulary for token in tokens):
                        seen.add(joined)
                        yield Expansion(tokens, text, kind)


def bag(tokens: Sequence[str]) -> str:
    """Return the key of some tokens in any order."""
    return " ".join(sorted(tokens))
