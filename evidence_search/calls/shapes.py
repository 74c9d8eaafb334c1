"""What calls answer, as types.

The forms are those of ``docs/output-format.md``; tests hold real answers to their schemas.
"""

from __future__ import annotations

from typing import TypedDict


class Place(TypedDict):
    """Where in a file a record stands; counted from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class OnList(TypedDict):
    """A list that a record is on: who put it there, why, and when."""

    name: str
    by: str
    note: str
    at: str


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
    lists: list[OnList]
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


class Term(TypedDict):
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
    added: list[Term]
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
    added: list[Term]
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


class Lines(TypedDict):
    """The places where records have the words of a query."""

    lines: list[Line]


class Exported(TypedDict):
    """Records as a text of a format: how many there are, and how many of them the text has."""

    total: int
    written: int
    text: str


class Stats(TypedDict):
    """A corpus at a glance."""

    files: int
    cells: int
    listings: int
    duplicates: int
    sources: dict[str, int]
    records: int
    without_year: int
    without_category: int
    without_jurisdiction: int
    publishers: int
    words: int
    vocabulary: int
    problems: int
    years: dict[str, int]
    facets: dict[str, dict[str, int]]


class Placed(TypedDict):
    """A record on a list; ``found`` is false where the corpus has it no more."""

    id: str
    title: str
    by: str
    note: str
    at: str
    found: bool


class Listed(TypedDict):
    """A listing that was merged with others, and its place."""

    id: str
    title: str
    matrix: str | None
    cell: str | None
    database: str | None
    path: str
    line: int


class Known(TypedDict):
    """What tells a document from others."""

    id: str
    title: str
    year: int | None
    publisher: str | None
    authors: list[str]


class Merged(Known):
    """A record of several listings."""

    listings: list[Listed]


class Proposal(TypedDict):
    """Two records that may be one document, with what speaks for and against it."""

    score: float
    one: Known
    other: Known
    supporting: list[str]
    opposing: list[str]


class Duplicates(TypedDict):
    """What was merged, and the likeliest pairs of ``likely``."""

    listings: int
    sources: dict[str, int]
    duplicates: int
    records: int
    merged: list[Merged]
    likely: int
    proposals: list[Proposal]


class Kept(TypedDict):
    """A saved search: what it found at the last look, and what is new and gone since.

    ``wrong`` says why it can't be run, or nothing.
    """

    name: str
    query: str
    options: dict[str, object]
    time: str
    found: int
    now: int
    new: list[str]
    gone: list[str]
    wrong: str


class Saved(TypedDict):
    """The saved searches of the corpus."""

    searches: list[Kept]


class RunLine(TypedDict):
    """A line of a strategy: what was searched for it in our language, and what it found."""

    number: int
    line: str
    searched: str
    count: int
    notes: list[str]
    used: bool
    place: int
    reported: int | None


class Run(TypedDict):
    """A strategy that was run; its result is what the line with the highest number found."""

    strategy: str
    dialect: str
    recognised: bool
    corpus: str
    records: int
    time: str
    lines: list[RunLine]
    unused: list[int]
    empty: list[int]
    remark: str


class Remark(TypedDict):
    """What is to be looked at in a file or a strategy; positions count from 1."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: str
    code: str
    message: str


class Checked(TypedDict):
    """What a peer reviewer would ask about a strategy."""

    problems: list[Remark]


class Change(TypedDict):
    """A smallest change with which a strategy finds a paper."""

    line: int
    was: str
    instead: str


class Paper(TypedDict):
    """A known paper, the id of its record, and which line of a strategy loses it, and why."""

    title: str
    year: int | None
    record: str | None
    found: bool
    lost_by: int | None
    why: str
    changes: list[Change]


class Measured(TypedDict):
    """How many known papers a line finds."""

    number: int
    found: int
    recall: float
    precision: float


class Recall(TypedDict):
    """Known papers, held against a strategy."""

    papers: list[Paper]
    lines: list[Measured]


class Written(TypedDict):
    """A line in another language, and what of it has no equivalent there."""

    number: int
    text: str
    missing: list[str]


class Translation(TypedDict):
    """A strategy in the language of another platform."""

    dialect: str
    lines: list[Written]


class Text(TypedDict):
    """A text to be read."""

    text: str


class Keeping(TypedDict):
    """A search that was saved, and how many records it finds now."""

    name: str
    records: int


class Added(TypedDict):
    """A file of the corpus: what is in it, what to check, and where the same records are.

    ``copied`` is false where the corpus had it already; ``merged`` counts records that another file
    lists too; ``others`` are other files of the same cell.
    """

    name: str
    copied: bool
    records: list[str]
    merged: int
    problems: list[Remark]
    others: list[str]


class Put(TypedDict):
    """How many records were put on a list or taken off, and of how many that was so already."""

    list: str
    changed: int
    unchanged: int


class Decided(TypedDict):
    """What was written of two listings into the corpus."""

    kind: str
    one: str
    other: str


class Problem(TypedDict):
    """What is wrong with what was asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


COUNTS = dict[str, dict[str, int]]
"""For each facet its labels, and how many records have each."""
LISTS = dict[str, list[Placed]]
"""For each list the records on it."""
