"""The syntax tree of a query: what a searcher typed, in words and operators.

Every dialect of the query language becomes this tree, and the planner turns it
into what an engine is asked (:mod:`evidence_search.engines.plan`).  A field of
``None`` means any text field; ``tiab`` and ``text`` are sets of fields.

:func:`children` and :func:`rewrite` are the one way to walk and to change a
tree; a function that treats no kind of node apart needs no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
    """Records with a word of the pattern ``text``.

    ``*`` stands for any letters or none, ``?`` for one or none, ``_`` for exactly one.
    """

    text: str
    field: str | None = None


class Fuzzy(Value):
    """Records with a word at most ``distance`` edits away.

    See :mod:`evidence_search.wording` for what is one edit.
    """

    text: str
    field: str | None = None
    distance: int = 1


class Within(Value):
    """Records where both stand at most ``distance`` words on, in either order unless ``ordered``.

    1 is the next word.  ``left`` and ``right`` are leaves of one field, or
    alternatives (:class:`Or`) of such; one of them may be or have a nearness, of which the
    nearest word counts.
    """

    left: Tree
    right: Tree
    distance: int
    ordered: bool = False


class Range(Value):
    """Records whose number in ``field`` is between the two, both included; ``None`` is open."""

    field: str
    low: int | None = None
    high: int | None = None


class And(Value):
    """Records that match every child."""

    children: tuple[Tree, ...]


class Or(Value):
    """Records that match any child: alternatives, or words side by side."""

    children: tuple[Tree, ...]


class Optional(Value):
    """Records that match ``required``; those that match ``bonus`` too come before others."""

    required: Tree
    bonus: Tree


class Not(Value):
    """Records that don't match ``child``."""

    child: Tree


class Every(Value):
    """All records: the query without any text."""


class Nothing(Value):
    """No record: a query with text, but without a word."""


Tree = Union[  # noqa: UP007 - the classes above name it before it exists
    Term, Phrase, Wildcard, Fuzzy, Within, Range, And, Or, Optional, Not, Every, Nothing
]


def children(tree: Tree) -> tuple[Tree, ...]:
    """Return the parts of a node, in the order in which they are written; of a leaf none."""
    if isinstance(tree, And | Or):
        return tree.children
    if isinstance(tree, Optional):
        return (tree.required, tree.bonus)
    if isinstance(tree, Within):
        return (tree.left, tree.right)
    return (tree.child,) if isinstance(tree, Not) else ()


def rewrite(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """Return ``tree`` with ``change`` made to each of its parts; a leaf as it is."""
    if isinstance(tree, And | Or):
        return replace(tree, children=tuple(map(change, tree.children)))
    if isinstance(tree, Optional):
        return Optional(change(tree.required), change(tree.bonus))
    if isinstance(tree, Within):
        return replace(tree, left=change(tree.left), right=change(tree.right))
    return Not(change(tree.child)) if isinstance(tree, Not) else tree


def walk(tree: Tree) -> Iterator[Tree]:
    """Yield ``tree`` and all that is in it, in the order in which it is written."""
    yield tree
    for child in children(tree):
        yield from walk(child)
