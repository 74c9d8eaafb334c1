"""What the interface answers, as types, and the JSON Schema that they are.

The forms are those of ``docs/output-format.md``; tests hold real answers to these schemas.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, TypedDict, get_args, get_origin, get_type_hints, is_typeddict


class Place(TypedDict):
    """Where in a file a record stands; counted from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Record(TypedDict):
    """A record, with its place in the file that lists it."""

    id: str
    matrix: str | None
    cell: str | None
    row: str | None
    column: str | None
    categories: list[str]
    title: str
    year: int | None
    year_end: int | None
    publisher: str | None
    jurisdictions: list[str]
    inferences: list[dict[str, str]]
    summary: str
    related: list[dict[str, object]]
    references: list[dict[str, str | None]]
    notes: list[str]
    furniture: list[str]
    links: list[dict[str, str]]
    authors: list[str]
    journal: str | None
    doi: str | None
    url: str | None
    keywords: list[str]
    type: str | None
    date: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    place: str | None
    language: str | None
    issn: str | None
    isbn: str | None
    pmid: str | None
    pmcid: str | None
    ids: list[str]
    urls: list[str]
    database: str | None
    accession: str | None
    labels: list[str]
    editors: list[str]
    contributors: list[dict[str, str]]
    extra: dict[str, list[str]]
    listings: list[dict[str, object]]
    source: Place


class Hit(TypedDict):
    """A record that was found, and the passage that shows why; marks are offsets in it."""

    rank: int
    id: str
    score: float
    all_words: bool
    by_meaning: bool
    record: Record
    snippet: str
    marks: list[list[int]]


class Added(TypedDict):
    """A term that was searched too."""

    words: str
    text: str
    kind: str


class Suggestion(TypedDict):
    """Another search, and how many records it finds."""

    query: str
    total: int
    reason: str
    words: str


class State(TypedDict):
    """The index that answered."""

    documents: int
    refreshed: bool


class Found(TypedDict):
    """A page of a search."""

    query: str
    options: dict[str, object]
    corpus: str
    time: str
    total: int
    hits: list[Hit]
    facets: dict[str, dict[str, int]]
    added: list[Added]
    notes: list[str]
    absent: list[str]
    suggestions: list[Suggestion]
    index: State


class Word(TypedDict):
    """A word of a query, and in how many records it is."""

    word: str
    token: str
    records: int
    stop: bool


class Share(TypedDict):
    """What a part of a query adds to a score."""

    part: str
    score: float


class Judged(TypedDict):
    """Why a record is found, or why not."""

    id: str
    matches: bool
    rank: int | None
    score: float
    shares: list[Share]
    missing: list[str]
    instead: list[Suggestion]


class Explained(TypedDict):
    """How a query was read."""

    query: str
    read_as: str
    notes: list[str]
    words: list[Word]
    added: list[Added]
    tree: list[str]
    total: int
    record: Judged | None


class Cell(TypedDict):
    """A cell of a map: the ids of the records in it."""

    row: str
    column: str
    records: list[str]


class Table(TypedDict):
    """A map: records counted by two facets."""

    query: str
    options: dict[str, object]
    corpus: str
    time: str
    total: int
    rows: str
    columns: str
    row_labels: list[str]
    column_labels: list[str]
    counts: list[list[int]]
    cells: list[Cell]


class Line(TypedDict):
    """A place where a record has a word; ``start`` is the offset of ``match`` in the field."""

    record: str
    field: str
    start: int
    left: str
    match: str
    right: str


class Problem(TypedDict):
    """What is wrong with what was asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


COUNTS = dict[str, dict[str, int]]
"""For each facet its labels, and how many records have each."""
LINES = list[Line]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def schema(shape: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type; one with a name is a reference to ``components``."""
    if is_typeddict(shape):
        return {"$ref": f"#/components/schemas/{shape.__name__}"}
    if shape is object:
        return {}
    if shape in _PLAIN:
        return {"type": _PLAIN[shape]}
    parts = get_args(shape)
    if get_origin(shape) is list:
        return {"type": "array", "items": schema(parts[0])}
    if get_origin(shape) is dict:
        return {"type": "object", "additionalProperties": schema(parts[1])}
    assert isinstance(shape, UnionType)  # noqa: S101  # there are no other types above
    return {"anyOf": [schema(part) for part in parts]}


def components() -> dict[str, Any]:
    """Return the JSON Schema of each type that has a name, by that name."""
    return {
        name: {
            "type": "object",
            "description": shape.__doc__,
            "properties": {key: schema(kind) for key, kind in get_type_hints(shape).items()},
            "required": list(shape.__annotations__),
            "additionalProperties": False,
        }
        for name, shape in globals().items()
        if is_typeddict(shape)
    }
