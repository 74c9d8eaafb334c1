"""What a line of a strategy says, whatever the platform that it was written for.

Each dialect is read into this tree and printed from it; :func:`lowered` turns it into the syntax
tree of our own queries, which is what is searched.

In a word ``*`` stands for any letters or none, ``?`` for one or none and ``_`` for exactly one;
each dialect has its own signs for these.  A field is one of ours; an empty tuple of fields is any
text field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from evidence_search.query import any_of
from evidence_search.query import syntax as query
from evidence_search.query.lexing import LABEL_FIELDS
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class Word(Value):
    """A word, or a pattern of one."""

    text: str


class Phrase(Value):
    """Words in a row; each may be a pattern."""

    words: tuple[str, ...]


class Near(Value):
    """Both sides, at most ``distance`` words on: 1 is the next word.  ``ordered``: left first."""

    left: Line
    right: Line
    distance: int
    ordered: bool = False


class And(Value):
    """Records that match every child."""

    children: tuple[Line, ...]


class Or(Value):
    """Records that match any child."""

    children: tuple[Line, ...]


class Not(Value):
    """Records that match ``left`` and not ``right``."""

    left: Line
    right: Line


class InFields(Value):
    """What ``child`` says, of these fields only; a field named further inside wins."""

    child: Line
    fields: tuple[str, ...]


class Heading(Value):
    """A subject heading; ``explode``: with all narrower ones; ``major``: as the main subject."""

    text: str
    explode: bool = False
    major: bool = False


class Years(Value):
    """Records of the years from ``low`` to ``high``; ``None`` is open."""

    low: int | None = None
    high: int | None = None


class Native(Value):
    """A part of our own query that no platform has the like of: a near spelling, a label."""

    tree: query.Tree


class Reference(Value):
    """What another line of the strategy says, by its number."""

    line: int


class Everything(Value):
    """All records: what is left of a line whose whole content can't be honoured."""


Line = Union[  # noqa: UP007 - the classes above name it before it exists
    Word, Phrase, Near, And, Or, Not, InFields, Heading, Years, Native, Reference, Everything
]


def children(line: Line) -> tuple[Line, ...]:
    """Return the parts of a node, in the order in which they are written; of a leaf none."""
    if isinstance(line, And | Or):
        return line.children
    if isinstance(line, Near | Not):
        return (line.left, line.right)
    return (line.child,) if isinstance(line, InFields) else ()


def rewrite(line: Line, change: Callable[[Line], Line]) -> Line:
    """Return ``line`` with ``change`` made to each of its parts; a leaf as it is."""
    if isinstance(line, And | Or):
        return replace(line, children=tuple(map(change, line.children)))
    if isinstance(line, Near | Not):
        return replace(line, left=change(line.left), right=change(line.right))
    return replace(line, child=change(line.child)) if isinstance(line, InFields) else line


def walk(line: Line) -> Iterator[Line]:
    """Yield ``line`` and all that is in it, in the order in which it is written."""
    yield line
    for child in children(line):
        yield from walk(child)


def depth(line: Line) -> int:
    """Return how many nodes stand in each other: 1 of a leaf."""
    found, level = 0, [line]
    while level:
        found, level = found + 1, [child for node in level for child in children(node)]
    return found


def joined(kind: type[And] | type[Or], parts: Sequence[Line]) -> Line:
    """Return the conjunction or disjunction of ``parts``, flat; a single part as it is."""
    flat: list[Line] = []
    for part in parts:
        flat.extend(part.children if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def without_everything(line: Line) -> Line:
    """Return a line without the parts that are all records since they can't be honoured.

    What AND or NOT join to such a part stands alone, and so do the alternatives to it.  What is
    taken from all records is taken from what AND joins to them.
    """
    if isinstance(line, Not):
        left, right = without_everything(line.left), without_everything(line.right)
        return left if isinstance(right, Everything) else Not(left, right)
    if isinstance(line, And | Or):
        parts = [p for p in map(without_everything, line.children) if not _is_everything(p)]
        taken = [p.right for p in parts if isinstance(p, Not) and _is_everything(p.left)]
        rest = [p for p in parts if not (isinstance(p, Not) and _is_everything(p.left))]
        if taken and rest and isinstance(line, And):
            return Not(joined(And, rest), joined(Or, taken))
        return joined(type(line), parts) if parts else Everything()
    if isinstance(line, InFields):
        child = without_everything(line.child)
        return child if _is_everything(child) else replace(line, child=child)
    return line


def _is_everything(line: Line) -> bool:
    return isinstance(line, Everything)


# To our own queries


def lowered(  # noqa: C901 - one branch for each kind of node
    line: Line,
    lines: Mapping[int, query.Tree],
    narrower: Callable[[Heading], Sequence[str]],
) -> query.Tree:
    """Return the query that a line stands for.

    ``lines`` are the queries of the lines before it; ``narrower`` gives the names of the headings
    that a heading stands for, its own first.
    """

    def lower(node: Line, fields: tuple[str, ...]) -> query.Tree:  # noqa: PLR0911 - a kind each
        if isinstance(node, InFields):
            return lower(node.child, node.fields)
        if isinstance(node, And):
            return query.And(tuple(lower(child, fields) for child in node.children))
        if isinstance(node, Or):
            return _any([lower(child, fields) for child in node.children])
        if isinstance(node, Not):
            return query.And((lower(node.left, fields), query.Not(lower(node.right, fields))))
        if isinstance(node, Native):
            return node.tree
        if isinstance(node, Reference):
            return lines.get(node.line, query.Nothing())
        if isinstance(node, Years):
            return query.Range("year", node.low, node.high)
        if isinstance(node, Heading):
            return _any([_named(name) for name in narrower(node)])
        if isinstance(node, Everything):
            return query.Every()
        return _any([_leaf(node, field) for field in fields or (None,)])

    return lower(line, ())


def _any(trees: Sequence[query.Tree]) -> query.Tree:
    return any_of(trees) or query.Nothing()


def _named(heading: str) -> query.Tree:
    """Return the words of a heading; of "Abuse, Alcohol" the words as they are spoken."""
    *rest, first = heading.split(", ")
    words = tuple(" ".join([first, *rest]).split())
    if not words:
        return query.Nothing()
    return query.Term(words[0]) if len(words) == 1 else query.Phrase(words)


def _leaf(node: Word | Phrase | Near, field: str | None) -> query.Tree:
    if isinstance(node, Near):
        left, right = _side(node.left, field), _side(node.right, field)
        return query.Within(left, right, node.distance, node.ordered)
    words = (node.text,) if isinstance(node, Word) else node.words
    if field in LABEL_FIELDS:
        return query.Term(" ".join(words), field)
    if len(words) > 1:
        return query.Phrase(words, field)
    pattern = any(sign in words[0] for sign in "*?_")
    return query.Wildcard(words[0], field) if pattern else query.Term(words[0], field)


def _side(node: Line, field: str | None) -> query.Tree:
    """Return one side of a nearness: a word, a phrase, a nearness, or alternatives of these."""
    if isinstance(node, Or):
        return query.Or(tuple(_side(child, field) for child in node.children))
    if isinstance(node, InFields):
        return _side(node.child, field)
    if isinstance(node, Word | Phrase | Near):
        return _leaf(node, field)
    raise TypeError(f"expected words, or alternatives of them, in a nearness; found {node!r}")
