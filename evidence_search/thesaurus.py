"""What else a word of the query may mean in this field.

A thesaurus is a TOML file of *concepts*; its first lines explain how to edit
it.  It is compiled to token sequences when an index is refreshed,
so that a search neither reads TOML nor stems.  A query is mapped onto it as
PubMed maps terms: the longest term that begins at a word wins.

Rejected: WordNet (everyday senses swamp those of the field: "cell", "bank",
"treatment") and word vectors (a searcher can't read them, let alone mend them).
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.errors import ThesaurusError
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Normalise = Callable[[str], tuple[str, ...]]

_LISTS = ("synonyms", "acronyms", "narrower", "related")
_DEPTH = 2
"""How many steps of "narrower" a search goes down."""

AMBIGUOUS_ACRONYMS = frozenset(
    "ACE ACT AID ART ASSIST AUDIT BASIC CAGE CAN CAT CAPS CARE CHANGE DIP DOT FAST FIT GET HAT HIT "
    "HOPE HOT IT MAP MAST MAT MATCH MET MI NA NICE OR PAT PACT REACH SAFE SHAPE SIGN SMART SPICE "
    "STAR STEP TOP US WE WHO".split()
)
"""Acronyms that are words, or mean other things, in lower case: only capitals match them."""


class Concept(NamedTuple):
    """One thing that searchers name in several ways; ``line`` is where its table begins."""

    preferred: str
    synonyms: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    line: int = 1

    @property
    def terms(self) -> tuple[str, ...]:
        """All that the concept is called: preferred, synonyms, acronyms."""
        return (self.preferred, *self.synonyms, *self.acronyms)


class Thesaurus(NamedTuple):
    """The concepts of a file, in its order."""

    concepts: tuple[Concept, ...]


class Expansion(NamedTuple):
    """A term to search too: its tokens, as it is written, and how it belongs to the concept.

    ``kind`` is ``"synonym"``, ``"narrower"`` or ``"related"``.
    """

    tokens: tuple[str, ...]
    text: str
    kind: str


def read_thesaurus(text: str, path: str) -> Thesaurus:
    """Read a thesaurus from TOML.

    Raises :class:`ThesaurusError`, with file and line, for what is not TOML or
    not a list of concepts; :func:`lint` finds what is well formed but doubtful.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:  # pragma: no cover - the other branch's twin
        import tomli as tomllib
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        where = f"{path}:{match.group(1)}" if match else path
        raise ThesaurusError(f"{where}: expected TOML, found: {error}") from error
    lines = [
        n for n, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[concept\]\]", line)
    ]
    tables = values.pop("concept", [])
    if values or not isinstance(tables, list):
        found = ", ".join(values) or "a single table"
        raise ThesaurusError(f"{path}: expected only [[concept]] tables, found {found}")
    lines += [1] * (len(tables) - len(lines))
    return Thesaurus(
        tuple(_concept(table, path, line) for table, line in zip(tables, lines, strict=False))
    )


def _concept(table: dict[str, Any], path: str, line: int) -> Concept:
    unknown = set(table) - {"preferred", *_LISTS}
    if unknown:
        raise ThesaurusError(
            f"{path}:{line}: expected preferred, {', '.join(_LISTS)}; found {min(unknown)!r}"
        )
    preferred = table.get("preferred")
    if not isinstance(preferred, str) or not preferred.strip():
        raise ThesaurusError(f'{path}:{line}: expected preferred = "a term", found {preferred!r}')
    lists = {}
    for key in _LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise ThesaurusError(
                f"{path}:{line}: expected {key} = a list of terms, found {value!r}"
            )
        lists[key] = tuple(value)
    return Concept(preferred, **lists, line=line)


def lint(  # noqa: C901 - one check after another
    thesaurus: Thesaurus, path: str, normalise: Normalise
) -> list[Problem]:
    """Return what is doubtful: duplicates, shadows, unknown names, cycles, empty concepts."""
    problems: list[Problem] = []

    def doubt(concept: Concept, severity: str, code: str, message: str) -> None:
        problems.append(Problem(Source(path, concept.line), severity, code, message))

    by_name: dict[str, Concept] = {}
    owner: dict[tuple[str, ...], Concept] = {}
    for concept in thesaurus.concepts:
        if concept.preferred in by_name:
            doubt(
                concept, "error", "duplicate-concept",
                f"expected each concept once, found {concept.preferred!r} on line "
                f"{by_name[concept.preferred].line} too: make them one",
            )  # fmt: skip
        by_name.setdefault(concept.preferred, concept)
        own: set[tuple[str, ...]] = set()
        for term in concept.terms:
            key = normalise(term)
            if key in own:
                doubt(
                    concept, "warning", "duplicate-term",
                    f"expected each term once in {concept.preferred!r}, found {term!r} again "
                    "(as searched): remove it",
                )  # fmt: skip
            elif owner.get(key, concept) is not concept:
                doubt(
                    concept, "warning", "shadowed-term",
                    f"expected {term!r} in one concept, found it in {owner[key].preferred!r} "
                    f"(line {owner[key].line}) too: keep it where it belongs",
                )  # fmt: skip
            own.add(key)
            owner.setdefault(key, concept)
        if len(concept.terms) == 1 and not concept.narrower and not concept.related:
            doubt(
                concept, "warning", "empty-concept",
                f"expected other terms for {concept.preferred!r}, found none: add some",
            )  # fmt: skip
    for concept in thesaurus.concepts:
        for relation, names in (("narrower", concept.narrower), ("related", concept.related)):
            for name in names:
                if name not in by_name:
                    doubt(
                        concept, "error", "unknown-concept",
                        f"expected the preferred name of a concept in {relation}, found {name!r}",
                    )  # fmt: skip
        if _reaches(concept, concept.preferred, by_name):
            doubt(
                concept, "error", "cycle",
                f"expected narrower concepts of {concept.preferred!r} to lead away from it, "
                "found a way back",
            )  # fmt: skip
    return problems


def _reaches(start: Concept, goal: str, by_name: dict[str, Concept]) -> bool:
    stack, seen = list(start.narrower), set()
    while stack:
        name = stack.pop()
        if name == goal:
            return True
        if name not in seen and name in by_name:
            seen.add(name)
            stack.extend(by_name[name].narrower)
    return False


class Compiled:
    """A thesaurus as token sequences, made to be looked up by the words of a query.

    ``concepts`` has, for each concept, its terms as (tokens, text), and the
    numbers of its narrower and related concepts; ``terms`` maps a term's
    tokens, joined by spaces, to a concept; ``capitals`` does so for acronyms
    that only match in capitals.
    """

    def __init__(
        self,
        concepts: Sequence[tuple[list[tuple[str, str]], list[int], list[int]]],
        terms: Mapping[str, int],
        capitals: Mapping[str, int],
    ) -> None:
        self._concepts = concepts
        self._terms = terms
        self._capitals = capitals
        self._longest = max((key.count(" ") + 1 for key in terms), default=1)

    def to_json(self) -> str:
        """Return what :meth:`from_json` reads."""
        return json.dumps([self._concepts, self._terms, self._capitals])

    @classmethod
    def from_json(cls, text: str) -> Compiled:
        """Return the thesaurus that :meth:`to_json` wrote."""
        return cls(*json.loads(text))

    def match(
        self, tokens: Sequence[str], originals: Sequence[str], start: int
    ) -> tuple[int, int] | None:
        """Return the length in tokens, and the concept, of the longest term at ``start``.

        ``originals`` are the words as typed, which tell "WHO" from "who".
        """
        for length in range(min(self._longest, len(tokens) - start), 0, -1):
            concept = self._terms.get(" ".join(tokens[start : start + length]))
            if concept is not None:
                return length, concept
        concept = self._capitals.get(originals[start])
        return None if concept is None else (1, concept)

    def expansions(self, concept: int) -> Iterator[Expansion]:
        """Yield the terms of a concept, then those of narrower and of related ones, each once."""
        _, narrower, related = self._concepts[concept]
        seen: set[str] = set()
        for kind, numbers in (("synonym", [concept]), ("narrower", narrower), ("related", related)):
            for number in numbers:
                for tokens, text in self._concepts[number][0]:
                    if tokens not in seen:
                        seen.add(tokens)
                        yield Expansion(tuple(tokens.split()), text, kind)


def compile_thesaurus(thesaurus: Thesaurus, normalise: Normalise) -> Compiled:
    """Return the thesaurus as tokens; ``normalise`` is what the index does to text.

    A term that two concepts claim belongs to the first; :func:`lint` warns.
    """
    numbers: dict[str, int] = {}
    for n, concept in enumerate(thesaurus.concepts):
        numbers.setdefault(concept.preferred, n)
    terms: dict[str, int] = {}
    capitals: dict[str, int] = {}
    compiled = []
    for n, concept in enumerate(thesaurus.concepts):
        searched: dict[str, str] = {}
        for term in concept.terms:
            if term in concept.acronyms and term in AMBIGUOUS_ACRONYMS:
                capitals.setdefault(term, n)
                continue  # in lower case it is another word, so it isn't searched either
            tokens = " ".join(normalise(term))
            if tokens:
                terms.setdefault(tokens, n)
                searched.setdefault(tokens, term)
        related = [numbers[name] for name in concept.related if name in numbers]
        narrower = list(dict.fromkeys(_narrower(concept, thesaurus.concepts, numbers, _DEPTH)))
        compiled.append((list(searched.items()), narrower, related))
    return Compiled(compiled, terms, capitals)


def _narrower(
    concept: Concept, concepts: Sequence[Concept], numbers: Mapping[str, int], depth: int
) -> Iterator[int]:
    for name in concept.narrower if depth else ():
        if name in numbers:
            yield numbers[name]
            yield from _narrower(concepts[numbers[name]], concepts, numbers, depth - 1)
