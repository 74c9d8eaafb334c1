"""What an engine is asked: a tree of tokens, labels and numbers.

The planner makes it of the searcher's syntax tree
(:mod:`evidence_search.query.syntax`).  :func:`evidence_search.engines.matching.matches`
defines which documents a node matches, and every engine is tested against it.
A field of ``None`` means any text field.

:func:`children` and :func:`rewrite` are the one way to walk and to change a
plan; a function that treats no kind of node apart needs no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Term(Value):
    """Documents that contain the token."""

    text: str
    field: str | None = None


class Phrase(Value):
    """Documents where the tokens stand in this order in one field, at most ``slop`` words apart.

    ``slop`` counts the extra words allowed between the first and the last.  ``gaps``, if there
    are any, are those allowed between each two neighbours, and ``slop`` is their sum.
    """

    words: tuple[str, ...]
    field: str | None = None
    slop: int = 0
    gaps: tuple[int, ...] = ()


class Label(Value):
    """Documents with this label in a facet field; matching only, no score."""

    field: str
    value: str


class Among(Value):
    """Documents of these ids, which are called ``name``; no score."""

    ids: frozenset[str]
    name: str = ""


class Range(Value):
    """Documents whose number in ``field`` is between the two, both included; no score."""

    field: str
    low: int | None = None
    high: int | None = None


class And(Value):
    """Documents that match every child; scores add up."""

    children: tuple[Node, ...]


class Or(Value):
    """Documents that match any child; scores of those that match add up."""

    children: tuple[Node, ...]


class Synonyms(Value):
    """Documents that match any child, as one word with several spellings would.

    Children are terms, phrases, several terms wherever they stand (:class:`And`, as
    frequent as the rarest), or boosts of these.  The greatest of the children's
    (boosted) frequencies counts, and all share one idf, so that a
    rare synonym never outweighs the word that was asked for.  That idf counts
    a document as the greatest weight, up to 1, of the children that it matches:
    what hardly counts as the word doesn't make it common.
    """

    children: tuple[Node, ...]


class Proximity(Value):
    """Documents that match any child, or ``every`` one; scores add up, and nearness adds a bonus.

    Each two words that follow one another among the children, and that a
    document has at most ``slop`` words apart in one field, in either order,
    score as one word more, times ``weight``: its frequency is the sum, over
    the places of the rarer of the two, of 1 / distance to the nearest place
    of the other; its idf is the mean of theirs.
    """

    children: tuple[Node, ...]
    slop: int
    weight: float
    every: bool = False


class Boosting(Value):
    """Documents that match ``required``; matching ``bonus`` too only adds to the score."""

    required: Node
    bonus: Node


class Not(Value):
    """Documents that don't match ``child``; no score."""

    child: Node


class Boost(Value):
    """What ``child`` matches, with its score multiplied by ``weight`` (0 or more)."""

    child: Node
    weight: float


class Every(Value):
    """All documents; no score."""


class Nothing(Value):
    """No document."""


Node = Union[  # noqa: UP007 - the classes above name it before it exists
    Term,
    Phrase,
    Label,
    Among,
    Range,
    And,
    Or,
    Synonyms,
    Proximity,
    Boosting,
    Not,
    Boost,
    Every,
    Nothing,
]


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, in order; of a leaf none."""
    if isinstance(node, And | Or | Synonyms | Proximity):
        return node.children
    if isinstance(node, Boosting):
        return (node.required, node.bonus)
    return (node.child,) if isinstance(node, Not | Boost) else ()


def rewrite(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return ``node`` with ``change`` made to each of its parts; a leaf as it is."""
    if isinstance(node, And | Or | Synonyms | Proximity):
        return replace(node, children=tuple(map(change, node.children)))
    if isinstance(node, Boosting):
        return Boosting(change(node.required), change(node.bonus))
    if isinstance(node, Not | Boost):
        return replace(node, child=change(node.child))
    return node


def wordings(node: Node, weight: float = 1.0) -> Iterator[tuple[Node, float]]:
    """Yield each way to say what a leaf of a plan says, with its weight.

    Each is a term, a phrase, or terms that stand anywhere.
    """
    if isinstance(node, Boost):
        weight *= node.weight
    if isinstance(node, Boost | Synonyms):
        for child in children(node):
            yield from wordings(child, weight)
    else:
        yield node, weight
