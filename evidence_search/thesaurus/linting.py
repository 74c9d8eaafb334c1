"""What is doubtful in a thesaurus: the rules of ``docs/thesaurus.md``, one function each."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS
from evidence_search.records import Problem, Source
from evidence_search.thesaurus import MAX_WORDS
from evidence_search.thesaurus.compiling import bag_of, variants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.thesaurus.compiling import Normalise
    from evidence_search.thesaurus.reading import Concept, Thesaurus

# Words of every text: as a synonym one would bring in records of everything.
_COMMON = (
    "able act action area base best better bring build call case centre change close come common "
    "community condition country course day deal develop different effect effective end enter "
    "evidence experience face fact feel find follow form full general give good government great "
    "group hand health help high home hour idea important improve increase issue keep kind know "
    "large lead level life like line little live local long look lose low main make matter mean "
    "meet method month move name national need new number open order part pass people period "
    "person place plan play point possible power practice present pressure problem process "
    "provide public question rate reach reason reduce report research result right role rule run "
    "say see seem service set show side sign start state step stop strong study success support "
    "system take talk team test thing think time top try turn type use user view want way week "
    "work world year"
).split()

# Short words that are acronyms only in capitals.
_WORDS = (
    "ace act age aid aim air ant ape arc arm art ask assist audit bad bar basic bat bed bet bit "
    "box bus cage cap caps car care cat change chat clear coke cop core cost cot cow craft cure "
    "dad dart dash date dip dot drive dry ear ease east eat exact eye face fact fair far fast fat "
    "fig fit fox fun gain gap get gift goal good grip gun hat heal help hit hope hot impact inn "
    "inspire iron jet jot key kid kit lap last law lead leap learn leg lie link lip live map mars "
    "mast mat match met mind miss mum net new nice now odd oral orc pact par part pass past pat "
    "path peer pet pie pin pit place plan pop pride prime prove push ran rap rat reach real rest "
    "ride rise road rod root safe save scan sea self set shape share shine ship sign sip sips "
    "smart sober spice spur stamp star start steps stop strand strive sun swift tag take tap "
    "target team tie tip toe top track trail tree trust try turn vital wave way well wet wise "
    "work"
).split()


class Doubt(NamedTuple):
    """What is wrong with a term of a concept."""

    concept: Concept
    term: str
    severity: str
    code: str
    message: str


def lint(thesaurus: Thesaurus, path: str, normalise: Normalise) -> list[Problem]:
    """Return every problem of a thesaurus, in the order of its lines."""
    rules = chain(
        _repeated_concepts(thesaurus),
        _repeated_terms(thesaurus, normalise),
        _shadowed_terms(thesaurus, normalise),
        _lonely_concepts(thesaurus),
        _broad_terms(thesaurus, normalise),
        _acronyms(thesaurus),
        _relations(thesaurus),
        _cycles(thesaurus),
    )
    problems = [
        Problem(Source(path, thesaurus.line_of(concept, term)), severity, code, message)
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
        seen = set()
        for term in concept.leading:
            tokens = normalise(term)
            if tokens in seen:
                yield Doubt(
                    concept, term, "warning", "duplicate-term",
                    f"expected each term once in {concept.preferred!r}, found {term!r} again "
                    "(as searched): remove it",
                )  # fmt: skip
            seen.add(tokens)


def _shadowed_terms(thesaurus: Thesaurus, normalise: Normalise) -> Iterator[Doubt]:
    """Find terms that lead elsewhere, because another concept has them first."""
    owners: dict[str, Concept] = {}
    for concept in thesaurus.concepts:
        for term in concept.leading:
            for tokens in variants(term, normalise):
                key = bag_of(tokens) or " ".join(tokens)
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
    common = set(map(normalise, _COMMON))
    for concept in thesaurus.concepts:
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
            elif tokens in common and term in (*concept.synonyms, *concept.acronyms):
                yield Doubt(
                    concept, term, "warning", "broad-term",
                    f"expected a term that means {concept.preferred!r} wherever it stands, found "
                    f"{term!r}: move it to entry, or add a word",
                )  # fmt: skip


def _acronyms(thesaurus: Thesaurus) -> Iterator[Doubt]:
    english = STOP_WORDS.union(_WORDS)
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


def _cycles(thesaurus: Thesaurus) -> Iterator[Doubt]:
    by_name = {concept.preferred: concept for concept in thesaurus.concepts}
    for concept in thesaurus.concepts:
        if concept.preferred in concept.related or _reaches(concept, by_name):
            yield Doubt(
                concept, concept.preferred, "error", "cycle",
                f"expected narrower and related concepts of {concept.preferred!r} to lead away "
                "from it, found a way back",
            )  # fmt: skip


def _reaches(start: Concept, by_name: dict[str, Concept]) -> bool:
    """Tell whether steps of "narrower" lead from a concept to itself."""
    stack, seen = list(start.narrower), set()
    while stack:
        name = stack.pop()
        if name == start.preferred:
            return True
        if name not in seen and name in by_name:
            seen.add(name)
            stack.extend(by_name[name].narrower)
    return False
