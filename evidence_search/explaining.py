"""Why a query finds what it finds: how it is read, and what of it a record has.

A record that doesn't match is held against each part of the tree, by the
tokens of its own document, so that the parts it lacks can be named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS, words
from evidence_search.query import LABEL_FIELDS, to_text
from evidence_search.trees import (
    And,
    Best,
    Boost,
    Every,
    Fuzzy,
    Label,
    Near,
    Not,
    Optional,
    Or,
    Phrase,
    Range,
    Term,
    Wildcard,
    Within,
)
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evidence_search.engines import Document
    from evidence_search.planning import Added, Planner
    from evidence_search.records import StudyRecord
    from evidence_search.suggesting import Suggestion
    from evidence_search.trees import Tree


class Word(NamedTuple):
    """A word of the query: the token it is searched as, and how many records have that."""

    word: str
    token: str
    records: int
    stop: bool = False


class Share(NamedTuple):
    """What a part of the query adds to the score of a record."""

    part: str
    score: float


class Judged(Value):
    """What a query makes of one record.

    ``rank`` counts from 1, ``None`` where the record doesn't match or comes
    too late.  ``missing`` are the parts that must match and don't; ``instead``
    are searches that find the record.
    """

    record: StudyRecord
    matches: bool
    rank: int | None = None
    score: float = 0.0
    shares: tuple[Share, ...] = ()
    missing: tuple[str, ...] = ()
    instead: tuple[Suggestion, ...] = ()


class Explanation(Value):
    """How a query is read: as a query again, word by word, and as a tree, a line each node."""

    query: str
    read_as: str
    notes: tuple[str, ...]
    words: tuple[Word, ...]
    added: tuple[Added, ...]
    tree: tuple[str, ...]
    total: int
    record: Judged | None = None

    def __repr__(self) -> str:
        about = f", and of {self.record.record.id}" if self.record else ""
        return f"<Explanation of {self.query!r}{about}: {self.total} records match>"

    def __str__(self) -> str:
        from evidence_search.render.explanations import as_text
        from evidence_search.render.text import Style

        return "".join(as_text(self, Style())).rstrip("\n")

    def _repr_html_(self) -> str:
        from evidence_search.render.explanations import fragment  # a notebook asks the value

        return fragment(self)


def words_of(tree: Tree, planner: Planner, frequency: Callable[[str], int]) -> Iterator[Word]:
    """Yield the words of a parsed tree, each once, with what they are searched as."""
    seen = set()
    for text in _texts(tree):
        for surface, start, end in words(text):
            if surface not in seen:
                seen.add(surface)
                token = planner.analyzer.stem(surface)
                stop = surface in STOP_WORDS
                yield Word(text[start:end], token, frequency(token), stop)


def _texts(tree: Tree) -> Iterator[str]:
    if isinstance(tree, And | Or):
        for child in tree.children:
            yield from _texts(child)
    elif isinstance(tree, Optional):
        yield from _texts(tree.required)
        yield from _texts(tree.bonus)
    elif isinstance(tree, Within):
        yield from _texts(tree.left)
        yield from _texts(tree.right)
    elif isinstance(tree, Not):
        yield from _texts(tree.child)
    elif isinstance(tree, Phrase):
        yield from (word for word in tree.words if "*" not in word and "?" not in word)
    elif isinstance(tree, Term) and tree.field not in LABEL_FIELDS:
        yield tree.text


# A tree in words


class Describer:
    """Puts trees of tokens into words; ``written`` maps a token to a word of the corpus."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written

    def lines(self, tree: Tree, depth: int = 0) -> Iterator[str]:
        """Yield the tree, a line each node, indented."""
        heading, children = self._parts(tree)
        yield "  " * depth + heading
        for child in children:
            yield from self.lines(child, depth + 1)

    def _parts(self, tree: Tree) -> tuple[str, Sequence[Tree]]:
        if isinstance(tree, And):
            return "all of", tree.children
        if isinstance(tree, Or):
            return "any of", tree.children
        if isinstance(tree, Near):
            some = "all" if tree.every else "any"
            return f"{some} of, and more where they stand together", tree.children
        if isinstance(tree, Optional):
            return "the first, and more with the second", (tree.required, tree.bonus)
        if isinstance(tree, Not):
            return "not", (tree.child,)
        return self.leaf(tree), ()

    def leaf(self, tree: Tree) -> str:
        """Return one line for what isn't made of parts, or is made of wordings of one thing."""
        if isinstance(tree, Best):
            return " | ".join(map(self.leaf, tree.children))
        if isinstance(tree, Boost):
            return f"{self.leaf(tree.child)} ×{tree.weight:.3g}"
        if isinstance(tree, Term):
            return self._in_field(self._word(tree.text), tree.field)
        if isinstance(tree, Phrase):
            quoted = '"' + " ".join(map(self._word, tree.words)) + '"'
            return self._in_field(quoted + (f"~{tree.slop}" if tree.slop else ""), tree.field)
        if isinstance(tree, Label):
            return f"{tree.field}:{tree.value}"
        if isinstance(tree, Range | Wildcard | Fuzzy):
            return to_text(tree)
        if isinstance(tree, And | Or | Near | Optional | Not):
            heading, children = self._parts(tree)
            return f"({heading}: {'; '.join(map(self.leaf, children))})"
        return "every record" if isinstance(tree, Every) else "no record"

    def _word(self, token: str) -> str:
        return self._written.get(token, token)

    def _in_field(self, text: str, field: str | None) -> str:
        return f"{field}:{text}" if field else text


# One record against a tree


def matches(tree: Tree, document: Document) -> bool:  # noqa: PLR0911 - one for each node
    """Tell whether a document matches a planned tree, by its own tokens and labels."""
    if isinstance(tree, Term | Phrase):
        run = (tree.text,) if isinstance(tree, Term) else tree.words
        slop = 0 if isinstance(tree, Term) else tree.slop
        fields = document.text if tree.field is None else (tree.field,)
        return any(_stand(run, slop, document.text.get(field, ())) for field in fields)
    if isinstance(tree, And) or (isinstance(tree, Near) and tree.every):
        return all(matches(child, document) for child in tree.children)
    if isinstance(tree, Or | Best | Near):
        return any(matches(child, document) for child in tree.children)
    if isinstance(tree, Optional):
        return matches(tree.required, document)
    if isinstance(tree, Boost):
        return matches(tree.child, document)
    if isinstance(tree, Not):
        return not matches(tree.child, document)
    if isinstance(tree, Label):
        return tree.value in document.labels.get(tree.field, ())
    if isinstance(tree, Range):
        number = document.numbers.get(tree.field)
        return number is not None and (tree.low or 0) <= number <= (tree.high or 9999)
    return isinstance(tree, Every)


def _stand(run: Sequence[str], slop: int, tokens: Sequence[str]) -> bool:
    """Tell whether the words stand in order in ``tokens``, with at most ``slop`` between them."""
    places: list[list[int]] = [[i for i, token in enumerate(tokens) if token == w] for w in run]
    for start in places[0]:
        at = start
        for later in places[1:]:
            at = next((i for i in later if i > at), len(tokens) + slop + len(run))
        if at - start < len(run) + slop:
            return True
    return False
