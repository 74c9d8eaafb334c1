"""The syntax tree of a query: what a search means, for every part that reads one.

Two dialects share these nodes.  The parser (``query.py``) makes trees of the
searcher's *words*; the planner turns them into trees of *tokens*, the only
ones an engine sees.  What a tree matches is defined by the short evaluator
in ``tests/meaning.py``, which every engine is held to.

A field of ``None`` means any text field.
"""

from __future__ import annotations

from typing import Union

from evidence_search.values import Value


class Term(Value):
    """Records that contain the word."""

    text: str
    field: str | None = None


class Phrase(Value):
    """Records where the words stand in this order in one field, at most ``slop`` words apart.

    ``slop`` counts the extra words allowed between the first and the last.
    """

    words: tuple[str, ...]
    field: str | None = None
    slop: int = 0


class Wildcard(Value):
    """Records with a word of the pattern ``text``; the planner expands it.

    ``*`` stands for any letters or none, ``?`` for one or none.
    """

    text: str
    field: str | None = None


class Fuzzy(Value):
    """Records with a word at most ``distance`` edits away; the planner expands it.

    See :mod:`evidence_search.wording` for what is one edit.
    """

    text: str
    field: str | None = None
    distance: int = 1


class Within(Value):
    """Records where both stand at most ``distance`` words on, in either order; expanded likewise.

    1 is the next word.  ``left`` and ``right`` are leaves of one field, or
    alternatives (:class:`Or`) of such.
    """

    left: Tree
    right: Tree
    distance: int


class Label(Value):
    """Records with this label in a facet field; matching only, no score."""

    field: str
    value: str


class Range(Value):
    """Records whose number in ``field`` is between the two, both included; no score."""

    field: str
    low: int | None = None
    high: int | None = None


class And(Value):
    """Records that match every child; scores add up."""

    children: tuple[Tree, ...]


class Or(Value):
    """Records that match any child; scores of those that match add up."""

    children: tuple[Tree, ...]


class Best(Value):
    """Records that match any child, as one word with several spellings would.

    Children are terms, phrases, or boosts of these.  The greatest of the
    children's (boosted) frequencies counts, and all share one idf, so that a
    rare synonym never outweighs the word that was asked for.  That idf counts
    a record as the greatest weight, up to 1, of the children that it matches:
    what hardly counts as the word doesn't make it common.
    """

    children: tuple[Tree, ...]


class Near(Value):
    """Records that match any child, or ``every`` one; scores add up, with a bonus for nearness.

    Each two words that follow one another among the children, and that a
    record has at most ``slop`` words apart in one field, in either order,
    score as one word more, times ``weight``: its frequency is the sum, over
    the places of the rarer of the two, of 1 / distance to the nearest place
    of the other; its idf is the mean of theirs.
    """

    children: tuple[Tree, ...]
    slop: int
    weight: float
    every: bool = False


class Optional(Value):
    """Records that match ``required``; matching ``bonus`` too only adds to the score."""

    required: Tree
    bonus: Tree


class Not(Value):
    """Records that don't match ``child``; no score."""

    child: Tree


class Boost(Value):
    """What ``child`` matches, with its score multiplied by ``weight`` (0 or more)."""

    child: Tree
    weight: float


class Every(Value):
    """All records; no score."""


class Nothing(Value):
    """No record."""


Tree = Union[  # noqa: UP007 - the classes above name it before it exists
    Term,
    Phrase,
    Wildcard,
    Fuzzy,
    Within,
    Label,
    Range,
    And,
    Or,
    Best,
    Near,
    Optional,
    Not,
    Boost,
    Every,
    Nothing,
]
