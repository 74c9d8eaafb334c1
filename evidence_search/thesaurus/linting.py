"""What is doubtful in a thesaurus: the rules of ``docs/thesaurus.md``, one function each."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS
from evidence_search.records import Problem, Source
from evidence_search.thesaurus import MAX_WORDS
from evidence_search.thesaurus.compiling import bag_of, forms_of, variants
from evidence_search.thesaurus.everyday import ACRONYMS, COMMON
from evidence_search.thesaurus.reading import Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evidence_search.thesaurus.compiling import Normalise
    from evidence_search.thesaurus.reading import Concept, Thesaurus


_TREE = re.compile(r"[A-NVZ]\d{2}(\.\d{3})*")


class Doubt(NamedTuple):
    """What is wrong with a term of a concept."""

    concept: Concept
    term: str
    severity: str
    code: str
    message: str


def lint(thesaurus: Thesaurus, path: str, normalise: Normalise) -> list[Problem]:
    """Return every problem of a thesaurus, in the order of its lines."""
    normalise = cache(normalise)  # three rules ask it of every term
    rules = chain(
        _repeated_concepts(thesaurus),
        _repeated_terms(thesaurus, normalise),
        _shadowed_terms(thesaurus, normalise),
        _lonely_concepts(thesaurus),
        _broad_terms(thesaurus, normalise),
        _acronyms(thesaurus),
        _relations(thesaurus),
        _headings(thesaurus),
        _cycles(thesaurus),
    )
    places = Places(thesaurus)
    problems = [
        Problem(Source(path, places.line_of(concept, term)), severity, code, message)
        for concept, term, severity, code, message in rules
    ]
    return sorted(problems, key=lambda problem: (problem.source.line, problem.code))


def _repeated_concepts(thesaurus: Thesaurus) -> Iterator[Doubt]:
    first: dict[str, Concept] = {}
    for concept in thesaurus.concepts:
        name = concept.preferred
        if first.setdefault(name, concept) is not concept:
            yield Doubt(
                concept, name, "error", "duplicate-concept",
                f"expected each concept once, found {name!r} on line {first[name].line} too: "
                "make them one",
            )  # fmt: skip


def _repeated_terms(thesaurus: Thesaurus, normalise: Normalise) -> Iterator[Doubt]:
    for concept in thesaurus.concepts:
        seen: set[tuple[str, ...]] = set()
        for term in concept.leading:
            ways = [*variants(term, normalise)][:1]
            for surfaces, tokens in ways:
                single = len(surfaces) == 1
                keys = {(f,) for f in forms_of(term, *surfaces)} if single else {tokens}
                if (surfaces if single else tokens) in seen:
                    yield Doubt(
                        concept, term, "warning", "duplicate-term",
                        f"expected each term once in {concept.preferred!r}, found {term!r} again "
                        "(in another form): remove it",
                    )  # fmt: skip
                seen |= keys


def _shadowed_terms(thesaurus: Thesaurus, normalise: Normalise) -> Iterator[Doubt]:
    """Find terms that lead elsewhere, because another concept has them first."""
    owners: dict[str, Concept] = {}
    for concept in thesaurus.concepts:
        for term in concept.leading:
            for surfaces, tokens in variants(term, normalise):
                single = len(surfaces) == 1
                key = surfaces[0] if single else bag_of(tokens) or " ".join(tokens)
                owner = owners.setdefault(key, concept)
                if owner is not concept:
                    yield Doubt(
                        concept, term, "warning", "shadowed-term",
                        f"expected {term!r} in one concept, found it (as searched) in "
                        f"{owner.preferred!r} (line {owner.line}) too: keep it where it belongs",
                    )  # fmt: skip
                    break


def _lonely_concepts(thesaurus: Thesaurus) -> Iterator[Doubt]:
    for concept in thesaurus.concepts:
        others = (*concept.leading[1:], *concept.capitals, *concept.narrower, *concept.related)
        if not others:
            yield Doubt(
                concept, concept.preferred, "warning", "empty-concept",
                f"expected other terms for {concept.preferred!r}, found none: add some",
            )  # fmt: skip


def _broad_terms(thesaurus: Thesaurus, normalise: Normalise) -> Iterator[Doubt]:
    common = set(map(normalise, COMMON))
    for concept in thesaurus.concepts:
        searched = {*concept.synonyms, *concept.acronyms}
        for term in concept.leading:
            tokens = normalise(term)
            if len(tokens) > MAX_WORDS:
                yield Doubt(
                    concept, term, "error", "long-term",
                    f"expected at most {MAX_WORDS} words, found {term!r}: no query leads by it",
                )  # fmt: skip
            elif STOP_WORDS.issuperset(tokens):
                yield Doubt(
                    concept, term, "error", "no-word",
                    f"expected a term with a word that tells something, found {term!r}: "
                    "it would be found everywhere",
                )  # fmt: skip
            elif tokens in common and term in searched:
                yield Doubt(
                    concept, term, "warning", "broad-term",
                    f"expected a term that means {concept.preferred!r} wherever it stands, found "
                    f"{term!r}: move it to entry, or add a word",
                )  # fmt: skip


def _acronyms(thesaurus: Thesaurus) -> Iterator[Doubt]:
    english = STOP_WORDS.union(ACRONYMS)
    for concept in thesaurus.concepts:
        for acronym in concept.acronyms:
            if not english.isdisjoint({acronym.casefold(), acronym.casefold().removesuffix("s")}):
                yield Doubt(
                    concept, acronym, "warning", "acronym-is-word",
                    f"expected an acronym that is no word, found {acronym!r}: move it to capitals",
                )  # fmt: skip
        for acronym in concept.capitals:
            if not acronym.isalnum() or acronym == acronym.casefold():
                yield Doubt(
                    concept, acronym, "error", "not-capitals",
                    f"expected in capitals one word with a capital, found {acronym!r}",
                )  # fmt: skip


def _relations(thesaurus: Thesaurus) -> Iterator[Doubt]:
    names = {concept.preferred for concept in thesaurus.concepts}
    for concept in thesaurus.concepts:
        for relation, others in (("narrower", concept.narrower), ("related", concept.related)):
            for name in others:
                if name not in names:
                    yield Doubt(
                        concept, name, "error", "unknown-concept",
                        f"expected the preferred term of a concept in {relation}, found {name!r}",
                    )  # fmt: skip
        for name in sorted({*concept.narrower} & {*concept.related}):
            yield Doubt(
                concept, name, "warning", "related-twice",
                f"expected {name!r} in narrower or in related, found it in both",
            )  # fmt: skip


def _headings(thesaurus: Thesaurus) -> Iterator[Doubt]:
    owners: dict[str, Concept] = {}
    for concept in thesaurus.concepts:
        for heading in (*concept.mesh, *concept.tree):
            owner = owners.setdefault(heading.casefold(), concept)
            if owner is not concept:
                yield Doubt(
                    concept, heading, "warning", "shadowed-heading",
                    f"expected {heading!r} in one concept, found it in {owner.preferred!r} "
                    f"(line {owner.line}) too: keep it where it belongs",
                )  # fmt: skip
        for number in concept.tree:
            if not _TREE.fullmatch(number):
                yield Doubt(
                    concept, number, "error", "no-tree-number",
                    f"expected a tree number of MeSH, as C25.775.100, found {number!r}",
                )  # fmt: skip


def _cycles(thesaurus: Thesaurus) -> Iterator[Doubt]:
    narrower: dict[str, tuple[str, ...]] = {}
    for concept in thesaurus.concepts:
        narrower.setdefault(concept.preferred, concept.narrower)
    circular = _on_cycles(narrower)
    for concept in thesaurus.concepts:
        if concept.preferred in concept.related or concept.preferred in circular:
            yield Doubt(
                concept, concept.preferred, "error", "cycle",
                f"expected narrower and related concepts of {concept.preferred!r} to lead away "
                "from it, found a way back",
            )  # fmt: skip


def _on_cycles(narrower: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return the concepts from which steps of "narrower" lead back to themselves.

    These are the members of strongly connected components, found in one walk
    (Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on
    Computing 1972), without recursion, since a thesaurus may be deep.
    """
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_ones: dict[str, None] = {}
    circular: set[str] = set()
    for root in narrower:
        if root in order:
            continue
        order[root] = lowest[root] = len(order)
        open_ones[root] = None
        walk = [(root, iter(narrower[root]))]
        while walk:
            name, steps = walk[-1]
            following = next((n for n in steps if n in narrower), None)
            if following is None:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[name])
                if lowest[name] == order[name]:
                    component = _taken(open_ones, name)
                    if len(component) > 1 or name in narrower[name]:
                        circular.update(component)
            elif following not in order:
                order[following] = lowest[following] = len(order)
                open_ones[following] = None
                walk.append((following, iter(narrower[following])))
            elif following in open_ones:
                lowest[name] = min(lowest[name], order[following])
    return circular


def _taken(open_ones: dict[str, None], last: str) -> list[str]:
    """Take names off the end of ``open_ones``, up to and with ``last``."""
    taken: list[str] = []
    while not taken or taken[-1] != last:
        taken.append(open_ones.popitem()[0])
    return taken
