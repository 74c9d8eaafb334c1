"""A thesaurus of terms to one of tokens, as the index makes them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from evidence_search.analysis import STOP_WORDS
from evidence_search.tables import Table, table
from evidence_search.thesaurus import NEUTRAL, Compiled, bag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evidence_search.thesaurus.reading import Concept, Thesaurus

    Normalise = Callable[[str], tuple[str, ...]]

_DEPTH = 2
"""How many steps of "narrower" a search goes down."""


def compile_thesaurus(thesaurus: Thesaurus, normalise: Normalise) -> Compiled:
    """Return the thesaurus as tokens; ``normalise`` is what the index does to text.

    A term that two concepts claim belongs to the first; the linter warns.
    """
    concepts = thesaurus.concepts
    normalise = cache(normalise)
    leading = [
        (tokens, number)
        for number, concept in enumerate(concepts)
        for term in concept.leading
        for tokens in variants(term, normalise)
    ]
    usual = usual_tokens(concepts, normalise)
    terms: dict[str, int] = {}
    bags: dict[str, int] = {}
    for tokens, number in leading:
        terms.setdefault(" ".join(tokens), number)
    for tokens, number in leading:
        if len(tokens) > 1:
            as_usual = [usual.get(token, token) for token in tokens]
            terms.setdefault(" ".join(as_usual), number)
            bags.setdefault(bag_of(as_usual), number)
    bags.pop("", None)
    capitals: dict[str, int] = {}
    for number, concept in enumerate(concepts):
        for acronym in concept.capitals:
            capitals.setdefault(acronym, number)
    numbers: dict[str, int] = {}
    for number, concept in enumerate(concepts):
        numbers.setdefault(concept.preferred, number)
    compiled = [
        (
            [*_searched(concept, normalise)],
            [*dict.fromkeys(_narrower(concept, concepts, numbers, _DEPTH))],
            [numbers[name] for name in concept.related if name in numbers],
        )
        for concept in concepts
    ]
    return Compiled(
        table((str(n), json.dumps(c, separators=(",", ":"))) for n, c in enumerate(compiled)),
        _numbered(terms),
        _numbered(bags),
        _numbered(capitals),
        table(usual.items()),
    )


def _numbered(keys: Mapping[str, int]) -> Table:
    return table((key, str(number)) for key, number in keys.items())


def variants(term: str, normalise: Normalise) -> Iterator[tuple[str, ...]]:
    """Yield the tokens of a term, and again with its hyphenated words written as one.

    A term that is nothing but stop words would be found everywhere: it yields nothing.
    """
    for form in dict.fromkeys((term, term.replace("-", ""))):
        tokens = normalise(form)
        if not STOP_WORDS.issuperset(tokens):
            yield tokens


def usual_tokens(concepts: Sequence[Concept], normalise: Normalise) -> dict[str, str]:
    """Map each one-word synonym of a one-word preferred term to the latter, as tokens."""
    usual: dict[str, str] = {}
    preferred = {normalise(concept.preferred) for concept in concepts}
    for concept in concepts:
        goal = normalise(concept.preferred)
        for term in concept.synonyms if len(goal) == 1 else ():
            tokens = normalise(term)
            if len(tokens) == 1 and tokens not in preferred:
                usual.setdefault(tokens[0], goal[0])
    return usual


def bag_of(tokens: Sequence[str]) -> str:
    """Return the key of a term whose words may come in any order; empty where they may not.

    They may where there are two or more, and the stop words among them are neutral.
    """
    telling = [token for token in tokens if token not in STOP_WORDS]
    fixed = any(token in STOP_WORDS and token not in NEUTRAL for token in tokens)
    return "" if len(telling) < 2 or fixed else bag(telling)


def _searched(concept: Concept, normalise: Normalise) -> Iterator[tuple[str, str]]:
    seen = set()
    for term in concept.searched:
        for tokens in variants(term, normalise):
            if tokens not in seen:
                seen.add(tokens)
                yield " ".join(tokens), " ".join(term.split())


def _narrower(
    concept: Concept, concepts: Sequence[Concept], numbers: Mapping[str, int], depth: int
) -> Iterator[int]:
    for name in concept.narrower if depth else ():
        if name in numbers:
            yield numbers[name]
            yield from _narrower(concepts[numbers[name]], concepts, numbers, depth - 1)
