"""A thesaurus of terms to one of tokens, as the index makes them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from evidence_search.analysis import STOP_WORDS
from evidence_search.analysis import words as words_of
from evidence_search.tables import Table, table
from evidence_search.thesaurus import MAX_WORDS, NAME, NEUTRAL, Compiled, bag, heading_key
from evidence_search.thesaurus.forms import forms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evidence_search.thesaurus.reading import Concept, Thesaurus

    Normalise = Callable[[str], tuple[str, ...]]


def compile_thesaurus(thesaurus: Thesaurus, normalise: Normalise) -> Compiled:
    """Return the thesaurus as tokens; ``normalise`` is what the index does to text.

    A term that two concepts claim belongs to the first; the linter warns.
    """
    concepts = thesaurus.concepts
    normalise = cache(normalise)
    usual = usual_tokens(concepts, normalise)
    words: dict[str, str] = {}
    inflected: dict[str, str] = {}
    terms: dict[str, int] = {}
    as_usual: dict[str, int] = {}
    bags: dict[str, int] = {}
    capitals: dict[str, int] = {}
    numbers: dict[str, int] = {}
    headings: dict[str, int] = {}
    trees: dict[str, int] = {}
    for number, concept in enumerate(concepts):
        numbers.setdefault(concept.preferred, number)
        for heading in concept.mesh:
            headings.setdefault(heading_key(heading), number)
        for tree in concept.tree:
            trees.setdefault(f"{tree}.", number)
        for acronym in concept.in_capitals:
            for written in (acronym, acronym.upper()):
                capitals.setdefault(written, number)
        for term in concept.leading:
            for surfaces, tokens in variants(term, normalise):
                if len(surfaces) == 1:
                    value = f"{number}{NAME if term[0].isupper() else ''}"
                    words.setdefault(surfaces[0], value)
                    for form in forms_of(term, surfaces[0]) - STOP_WORDS:
                        inflected.setdefault(form, value)
                    continue
                terms.setdefault(" ".join(tokens), number)
                row = [usual.get(*pair) for pair in zip(surfaces, tokens, strict=False)]
                as_usual.setdefault(" ".join(row), number)
                bags.setdefault(bag_of(row), number)
    bags.pop("", None)
    compiled = [
        (
            [*_searched(concept, normalise)],
            [numbers[name] for name in concept.narrower if name in numbers],
            [numbers[name] for name in concept.related if name in numbers],
        )
        for concept in concepts
    ]
    return Compiled(
        table((str(n), json.dumps(c, separators=(",", ":"))) for n, c in enumerate(compiled)),
        table({**inflected, **words}.items()),
        _numbered({**as_usual, **terms}),
        _numbered(bags),
        _numbered(capitals),
        table(usual.items()),
        _numbered(headings),
        _numbered(trees),
    )


def _numbered(keys: Mapping[str, int]) -> Table:
    return table((key, str(number)) for key, number in keys.items())


def forms_of(term: str, surface: str) -> frozenset[str]:
    """Return the words by which a term of one word leads: "=relatives" by no other form."""
    return frozenset((surface,)) if term.startswith("=") else forms(surface)


def variants(term: str, normalise: Normalise) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the surfaces and the tokens of a term, and again with hyphenated words as one.

    A term that is nothing but stop words would be found everywhere, and one of
    too many words is never typed: they yield nothing.
    """
    for form in dict.fromkeys((term, term.replace("-", ""))):
        tokens = normalise(form)
        if len(tokens) <= MAX_WORDS and not STOP_WORDS.issuperset(tokens):
            yield tuple(surface for surface, _, _ in words_of(form)), tokens


def usual_tokens(concepts: Sequence[Concept], normalise: Normalise) -> dict[str, str]:
    """Map the forms of each one-word synonym of a one-word preferred term to the latter's token."""
    usual: dict[str, str] = {}
    goals = {concept.preferred: _single(concept.preferred, normalise) for concept in concepts}
    preferred = {form for goal in goals.values() if goal for form in forms(goal[0])}
    for concept in concepts:
        goal = goals[concept.preferred]
        for term in concept.synonyms if goal else ():
            single = _single(term, normalise)
            if goal and single and single[0] not in preferred:
                for form in forms_of(term, single[0]):
                    usual.setdefault(form, goal[1])
    return usual


def _single(term: str, normalise: Normalise) -> tuple[str, str] | None:
    """Return surface and token of a term of one word, ``None`` of others."""
    surfaces, tokens = next(iter(variants(term, normalise)), ((), ()))
    return (surfaces[0], tokens[0]) if len(surfaces) == 1 else None


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
        for _, tokens in variants(term, normalise):
            if tokens not in seen:
                seen.add(tokens)
                yield " ".join(tokens), " ".join(term.removeprefix("=").split())
