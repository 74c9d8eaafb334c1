"""What calls are asked with, as types, and reading it: as JSON has it, or an address.

Nothing is left aside: a name that a call doesn't have, or a value of another kind, is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypedDict, get_args, get_origin

from evidence_search.calls.schemas import Bounds, Choice, fields, parted
from evidence_search.corpus import MAX_FILE_SIZE
from evidence_search.dialects import DIALECTS
from evidence_search.documents import AXES
from evidence_search.errors import QueryError
from evidence_search.index.duplicates import KINDS
from evidence_search.lists import EXCLUDED, INCLUDED
from evidence_search.query.lexing import MAX_LENGTH as MOST_OF_A_QUERY
from evidence_search.search import SORTS
from evidence_search.strategies.strategy import MAX_LENGTH as MOST_OF_A_STRATEGY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HITS = 20
"""Hits of a page where no other number is asked for."""
QUERY = "q"
"""What a query is called in an address, as on the page."""
EXPORTED = 100
SIMILAR = 5
PAIRS = 20
FORMATS = ("ris", "endnote-xml", "bibtex", "csl-json", "nbib", "csv-excel", "markdown", "citation")
_MOST_LABELS = 100
_SHOWN = 40

Labels = list[Annotated[str, Bounds(1, 1_000)]]
_Strategy = Annotated[
    str,
    "numbered lines, as of Ovid, PubMed, Cochrane, EBSCO, Scopus, Web of Science or our language",
    Bounds(1, MOST_OF_A_STRATEGY),
]
_Papers = Annotated[
    str,
    "known papers: an export (RIS, BibTeX, …), or ids of records a line each",
    Bounds(1, MOST_OF_A_STRATEGY),
]
_Id = Annotated[str, "an id of a record, or the beginning of one", Bounds(1, 1_000)]
_Dialect = Annotated[str, "its language; told by its marks if left out", Choice(tuple(DIALECTS))]


class Nothing(TypedDict):
    """There is nothing to ask with."""


class Searching(TypedDict, total=False):
    """A query, filters, and how to search; several labels of one filter are alternatives."""

    query: Annotated[
        str,
        'words, "phrases", AND, OR, NOT, title:word, year:2005..2012, offend*, NEAR/5; '
        "left out, all records match",
        Bounds(0, MOST_OF_A_QUERY),
    ]
    category: Annotated[Labels, "S, K, R, G, or their names", Bounds(0, _MOST_LABELS)]
    jurisdiction: Annotated[Labels, "places, each with what lies in it", Bounds(0, _MOST_LABELS)]
    publisher: Annotated[Labels, "names, words of them, or acronyms", Bounds(0, _MOST_LABELS)]
    matrix: Annotated[Labels, "Alcohol or Drug", Bounds(0, _MOST_LABELS)]
    column: Annotated[Labels, "a letter, or words of its name", Bounds(0, _MOST_LABELS)]
    row: Annotated[Labels, "a number, or words of its name", Bounds(0, _MOST_LABELS)]
    cell: Annotated[Labels, "E5, or Alcohol E5", Bounds(0, _MOST_LABELS)]
    list: Annotated[Labels, "lists that people put records on", Bounds(0, _MOST_LABELS)]
    year: Annotated[str, "2010, 2005..2012, 2010.. or ..2008", Bounds(1, 100)]
    every_word: Annotated[bool, "every word must match"]
    exact: Annotated[bool, "just these words, not their synonyms"]
    meaning: Annotated[bool, "records near in meaning too, where vectors were made"]
    feedback: Annotated[bool, "search the telling words of the best records too"]
    strict: Annotated[bool, "refuse a query that isn't well formed"]


class Paged(Searching, total=False):
    """A page of what matches."""

    sort: Annotated[str, "relevance if left out", Choice(SORTS)]
    page: Annotated[int, "from 1", Bounds(1, 500)]
    limit: Annotated[int, f"hits of a page, {HITS} if left out", Bounds(1, 100)]


class Exporting(Searching, total=False):
    """What matches, as text of a format."""

    sort: Annotated[str, "relevance if left out", Choice(SORTS)]
    format: Annotated[str, "ris if left out", Choice(FORMATS)]
    limit: Annotated[int, f"the most records, {EXPORTED} if left out", Bounds(1, 10_000)]


class Tabling(Searching, total=False):
    """What matches, counted by two facets."""

    rows: Annotated[str, "category if left out", Choice(AXES)]
    columns: Annotated[str, "jurisdiction if left out", Choice(AXES)]


class Explaining(Searching, total=False):
    """A query, and a record that it may find."""

    id: _Id


class Naming(TypedDict):
    """A record."""

    id: _Id


class Comparing(Naming, total=False):
    """A record, and how many like it."""

    limit: Annotated[int, f"{SIMILAR} if left out", Bounds(1, 100)]


class Listing(TypedDict, total=False):
    """Lists, all if left out."""

    names: Annotated[Labels, "names of lists, or words of them", Bounds(0, _MOST_LABELS)]


class Proposing(TypedDict, total=False):
    """How many likely pairs."""

    limit: Annotated[int, f"{PAIRS} if left out", Bounds(0, 1_000)]


class Written(TypedDict):
    """The lines of a strategy."""

    text: _Strategy


class Strategy(Written, total=False):
    """A strategy, and its language."""

    dialect: _Dialect


class Reporting(Strategy, total=False):
    """A strategy, and the lists of what was included and excluded."""

    included: Annotated[str, f"{INCLUDED} if left out", Bounds(1, 1_000)]
    excluded: Annotated[str, f"{EXCLUDED} if left out", Bounds(1, 1_000)]


class Reading(Strategy, total=False):
    """A line of a strategy, the last if left out."""

    line: Annotated[int, "the number of a line", Bounds(0, 999)]
    page: Annotated[int, "from 1", Bounds(1, 500)]
    limit: Annotated[int, f"hits of a page, {HITS} if left out", Bounds(1, 100)]


class Checking(Strategy, total=False):
    """A strategy, and papers that no NOT of it may lose."""

    known: _Papers


class Recalling(Strategy):
    """A strategy, and papers that it should find."""

    known: _Papers


class Translating(Strategy):
    """A strategy, and the language to write it in."""

    to: Annotated[str, "the language to write it in", Choice(tuple(DIALECTS))]


class Called(TypedDict):
    """A name."""

    name: Annotated[str, "letters, digits, hyphens, dots and underscores", Bounds(1, 64)]


class Saving(Called, Searching, total=False):
    """A search to save under a name."""

    sort: Annotated[str, "relevance if left out", Choice(SORTS)]


class OnList(Called):
    """Records, and the list that they are put on."""

    ids: Annotated[list[_Id], "ids of records", Bounds(1, 1_000)]


class Putting(OnList, total=False):
    """Records, the list that they are put on or taken off, and why."""

    off: Annotated[bool, "take them off"]
    note: Annotated[str, "why", Bounds(0, 10_000)]
    by: Annotated[str, "who says so; “program” if left out", Bounds(1, 100)]


class Adding(TypedDict):
    """A file for the corpus."""

    name: Annotated[str, "its name; the ending tells the format", Bounds(1, 1_000)]
    text: Annotated[str, "what is in it", Bounds(1, MAX_FILE_SIZE)]


class Deciding(TypedDict):
    """Two listings that are the same document, or different ones."""

    kind: Annotated[str, "same or different", Choice(tuple(KINDS))]
    one: _Id
    other: _Id


def read(shape: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a call is asked with, as JSON has it, held to its type.

    Raises :class:`QueryError` for anything else than the type says.
    """
    known = fields(shape)
    if other := [name for name in given if name not in known]:
        names = ", ".join(known) or "no arguments"
        raise QueryError(f"expected {names}; found {_quoted(other[0])}")
    if missing := sorted(shape.__required_keys__ - given.keys()):
        raise QueryError(f"expected {missing[0]}; found it left out")
    return {name: _value(name, known[name], value) for name, value in given.items()}


def from_address(shape: Any, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the parameters of an address as JSON has them; :func:`read` says what is wrong.

    A query is ``q`` there, a switch is 1, and labels are repeated.
    Raises :class:`QueryError` for what is repeated and can't be.
    """
    known = fields(shape)
    given: dict[str, Any] = {}
    for called, value in pairs:
        name = "query" if called == QUERY else called
        kind = parted(known[name])[0] if name in known else str
        if get_origin(kind) is list:
            given.setdefault(name, []).append(value)
        elif name in given:
            raise QueryError(f"expected one {called}; found several")
        else:
            given[name] = _typed(kind, value)
    return given


def _typed(kind: Any, value: str) -> object:
    if kind is bool and value == "1":
        return True
    if kind is int and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value


def _value(name: str, kind: Any, value: object) -> object:
    """Return a value of a kind as it is; raise :class:`QueryError` for one of another kind."""
    bare, remarks = parted(kind)
    choice = next((r.names for r in remarks if isinstance(r, Choice)), ())
    least, most = next((r for r in remarks if isinstance(r, Bounds)), (0, 0))
    if get_origin(bare) is list:
        if isinstance(value, list) and least <= len(value) <= most:
            return [_value(name, get_args(bare)[0], item) for item in value]
        raise QueryError(f"expected {name} as {least} to {most} texts; found {_quoted(value)}")
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON has no difference
    if type(value) is not bare:
        wanted = {str: "a text", int: "a number", bool: "true or false, in an address 1"}[bare]
        raise QueryError(f"expected {name} as {wanted}; found {_quoted(value)}")
    if isinstance(value, str) and choice and value not in choice:
        raise QueryError(f"expected {name} of {', '.join(choice)}; found {_quoted(value)}")
    if isinstance(value, str) and not choice and not least <= len(value) <= most:
        wanted = f"{least:,} to {most:,} characters"
        raise QueryError(f"expected {name} of {wanted}; found {len(value):,}")
    if isinstance(value, int) and bare is int and not least <= value <= most:
        raise QueryError(f"expected {name} from {least} to {most}; found {_quoted(value)}")
    return value


def _quoted(value: object) -> str:
    shown = repr(value) if not isinstance(value, int) or abs(value) < 10**9 else "a larger one"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
