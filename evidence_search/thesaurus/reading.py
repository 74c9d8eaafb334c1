"""The TOML of a thesaurus to values, with the line of each term."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import Any, NamedTuple

from evidence_search import toml
from evidence_search.errors import ThesaurusError
from evidence_search.toml import shown

LISTS = (
    "synonyms",
    "search",
    "acronyms",
    "capitals",
    "entry",
    "narrower",
    "related",
    "mesh",
    "tree",
)

_OFF = re.compile(r"""(?m)^[ \t]*thesaurus[ \t]*=[ \t]*(["']?)none\1[ \t]*(?:\#.*)?$""")
_PREFERRED = re.compile(r"\bpreferred\s*=")
_QUOTED = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'""")


class Concept(NamedTuple):
    """One thing that searchers name in several ways.

    ``synonyms`` and ``acronyms`` are searched and lead to the concept, acronyms
    in capitals only; ``capitals`` (likewise) and ``entry`` terms only lead to it,
    and ``search`` terms are only searched.
    ``narrower`` and ``related`` are preferred terms of other concepts.
    ``mesh`` are the Medical Subject Headings that mean the concept, ``tree``
    their numbers in the trees of MeSH ("C25.775.100").  ``line`` is where its
    table begins.
    """

    preferred: str
    synonyms: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    entry: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    tree: tuple[str, ...] = ()
    line: int = 1

    @property
    def searched(self) -> tuple[str, ...]:
        """The terms that records are searched for."""
        return (self.preferred, *self.synonyms, *self.search, *self.acronyms)

    @property
    def leading(self) -> tuple[str, ...]:
        """The terms that lead a query here, in any case: not acronyms of one word."""
        parted = (acronym for acronym in self.acronyms if not acronym.isalnum())
        return (self.preferred, *self.synonyms, *parted, *self.entry)

    @property
    def in_capitals(self) -> tuple[str, ...]:
        """The acronyms that lead a query here, in capitals or as they are written."""
        return (*self.capitals, *(acronym for acronym in self.acronyms if acronym.isalnum()))


class Thesaurus(NamedTuple):
    """The concepts of a file, in its order, and the lines of the file."""

    concepts: tuple[Concept, ...]
    lines: tuple[str, ...] = ()


class Places:
    """On which lines of its file a thesaurus names its terms; read in one pass."""

    def __init__(self, thesaurus: Thesaurus) -> None:
        starts = sorted({concept.line for concept in thesaurus.concepts})
        self._lines: dict[tuple[int, str], int] = {}
        for number, line in enumerate(thesaurus.lines, 1):
            at = bisect_right(starts, number)
            for match in _QUOTED.finditer(line) if at else ():
                self._lines.setdefault((starts[at - 1], _unquoted(match)), number)

    def line_of(self, concept: Concept, term: str) -> int:
        """Return the line on which a concept names ``term``, or that of the concept."""
        return self._lines.get((concept.line, term), concept.line)


def _unquoted(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    try:
        return str(json.loads(f'"{match[1]}"'))
    except ValueError:  # an escape that JSON hasn't
        return match[1]


def read_thesaurus(text: str, path: str) -> Thesaurus:
    """Read a thesaurus from TOML; ``thesaurus = none`` stands for one without concepts.

    Raises :class:`ThesaurusError`, with file and line, for what is not TOML or
    not a list of concepts; ``linting`` finds what is well formed but doubtful.
    """
    rest = _OFF.sub("", text)
    values = _toml(rest, path)
    tables = values.pop("concept", [])
    if rest != text and (tables or values):
        raise ThesaurusError(f"{path}: expected concepts or thesaurus = none, found both")
    if values or not isinstance(tables, list):
        found = shown(min(values)) if values else "a single table"
        raise ThesaurusError(f"{path}: expected only [[concept]] tables, found {found}")
    lines = tuple(text.splitlines())
    concepts = zip(tables, _starts(text, lines, len(tables)), strict=True)
    return Thesaurus(tuple(_concept(table, line, path) for table, line in concepts), lines)


def _toml(text: str, path: str) -> dict[str, Any]:
    try:
        return toml.values(text)
    except ValueError as error:
        match = re.search(r"line (\d+)", str(error))
        where = f"{path}:{match.group(1)}" if match else path
        raise ThesaurusError(f"{where}: expected TOML, found: {error}") from error


def _starts(text: str, lines: tuple[str, ...], count: int) -> list[int]:
    """Return the line on which each of ``count`` concepts begins.

    A concept begins with its ``[[concept]]``, or, in an array of tables written
    inline, with its ``preferred``; where neither tells, with the file.
    """
    headers = [n for n, line in enumerate(lines, 1) if line.replace(" ", "")[:11] == "[[concept]]"]
    if len(headers) == count:
        return headers
    inline = [match.start() for match in _PREFERRED.finditer(text)]
    if len(inline) != count:
        return [1] * count
    numbers, number, before = [], 1, 0
    for start in inline:
        number += text.count("\n", before, start)
        numbers.append(number)
        before = start
    return numbers


def _concept(table: object, line: int, path: str) -> Concept:
    if not isinstance(table, dict):
        raise ThesaurusError(f"{path}:{line}: expected [[concept]] tables, found {shown(table)}")
    unknown = set(table) - {"preferred", *LISTS}
    if unknown:
        raise ThesaurusError(
            f"{path}:{line}: expected preferred, {', '.join(LISTS)}; found {shown(min(unknown))}"
        )
    preferred = table.get("preferred")
    if not isinstance(preferred, str) or not preferred.strip():
        raise ThesaurusError(
            f'{path}:{line}: expected preferred = "a term", found {shown(preferred)}'
        )
    lists = {}
    for key in LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise ThesaurusError(
                f"{path}:{line}: expected {key} = a list of terms, found {shown(value)}"
            )
        lists[key] = tuple(value)
    return Concept(preferred, **lists, line=line)
