"""The TOML of a thesaurus to values, with the line of each term."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NamedTuple

from evidence_search.errors import ThesaurusError

LISTS = ("synonyms", "acronyms", "capitals", "entry", "narrower", "related")


class Concept(NamedTuple):
    """One thing that searchers name in several ways.

    ``synonyms`` and ``acronyms`` are searched and lead to the concept;
    ``capitals`` (acronyms, as typed) and ``entry`` terms only lead to it.
    ``narrower`` and ``related`` are preferred terms of other concepts.
    ``line`` is where its table begins.
    """

    preferred: str
    synonyms: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    entry: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    line: int = 1

    @property
    def searched(self) -> tuple[str, ...]:
        """The terms that records are searched for."""
        return (self.preferred, *self.synonyms, *self.acronyms)

    @property
    def leading(self) -> tuple[str, ...]:
        """The terms that lead a query here, in any case."""
        return (*self.searched, *self.entry)


class Thesaurus(NamedTuple):
    """The concepts of a file, in its order, and the lines of the file."""

    concepts: tuple[Concept, ...]
    lines: tuple[str, ...] = ()

    def line_of(self, concept: Concept, term: str) -> int:
        """Return the line on which a concept names ``term``, or that of the concept."""
        written = (json.dumps(term, ensure_ascii=False), f"'{term}'")
        for number in range(concept.line + 1, len(self.lines) + 1):
            line = self.lines[number - 1]
            if _is_header(line):
                break
            if any(form in line for form in written):
                return number
        return concept.line


def read_thesaurus(text: str, path: str) -> Thesaurus:
    """Read a thesaurus from TOML.

    Raises :class:`ThesaurusError`, with file and line, for what is not TOML or
    not a list of concepts; ``linting`` finds what is well formed but doubtful.
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
    lines = tuple(text.splitlines())
    headers = [number for number, line in enumerate(lines, 1) if _is_header(line)]
    tables = values.pop("concept", [])
    if values or not isinstance(tables, list):
        found = ", ".join(values) or "a single table"
        raise ThesaurusError(f"{path}: expected only [[concept]] tables, found {found}")
    headers += [1] * (len(tables) - len(headers))
    concepts = (_concept(*pair, path) for pair in zip(tables, headers, strict=False))
    return Thesaurus(tuple(concepts), lines)


def _is_header(line: str) -> bool:
    return line.replace(" ", "").startswith("[[concept]]")


def _concept(table: dict[str, Any], line: int, path: str) -> Concept:
    unknown = set(table) - {"preferred", *LISTS}
    if unknown:
        raise ThesaurusError(
            f"{path}:{line}: expected preferred, {', '.join(LISTS)}; found {min(unknown)!r}"
        )
    preferred = table.get("preferred")
    if not isinstance(preferred, str) or not preferred.strip():
        raise ThesaurusError(f'{path}:{line}: expected preferred = "a term", found {preferred!r}')
    lists = {}
    for key in LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise ThesaurusError(
                f"{path}:{line}: expected {key} = a list of terms, found {value!r}"
            )
        lists[key] = tuple(value)
    return Concept(preferred, **lists, line=line)
