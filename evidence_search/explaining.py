"""Why a query finds what it finds: how it is read, and what of it a record has.

A record that doesn't match is held against each part of the query, by the
tokens of its own document, so that the parts it lacks can be named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS, words
from evidence_search.display import Displayed, drawn
from evidence_search.engines.plan import (
    Among,
    And,
    Boost,
    Boosting,
    Every,
    Label,
    Not,
    Or,
    Phrase,
    Proximity,
    Range,
    Synonyms,
    Term,
    children,
)
from evidence_search.query import LABEL_FIELDS, syntax
from evidence_search.values import Value
from evidence_search.wording import SIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from evidence_search.engines.plan import Node
    from evidence_search.planning import Added, Planner
    from evidence_search.query.syntax import Tree
    from evidence_search.records import StudyRecord
    from evidence_search.search import Provenance, Search
    from evidence_search.suggesting import Suggestion


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


class Explanation(Displayed, Value):
    """How a query is read: as a query again, word by word, and as a tree, a line each node."""

    _kind = "explanation"

    search: Search
    provenance: Provenance
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

    @property
    def query(self) -> str:
        """The query as it was typed."""
        return self.search.query

    def __str__(self) -> str:
        return drawn(self._kind, "text", self).rstrip("\n")


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
    for node in syntax.walk(tree):
        if isinstance(node, syntax.Phrase):
            yield from (word for word in node.words if SIGNS.isdisjoint(word))
        elif isinstance(node, syntax.Term) and node.field not in LABEL_FIELDS:
            yield node.text


# A plan in words


class Describer:
    """Puts plans into words; ``written`` maps a token to a word of the corpus."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written

    def lines(self, node: Node, depth: int = 0) -> Iterator[str]:
        """Yield the plan, a line each node, indented."""
        heading = _heading(node)
        yield "  " * depth + (heading or self.leaf(node))
        for child in children(node) if heading else ():
            yield from self.lines(child, depth + 1)

    def leaf(self, node: Node) -> str:
        """Return one line for what isn't made of parts, or is made of wordings of one thing."""
        heading = _heading(node)
        if heading:
            return f"({heading}: {'; '.join(map(self.leaf, children(node)))})"
        if isinstance(node, Synonyms):
            return " | ".join(map(self.leaf, node.children))
        if isinstance(node, Boost):
            return f"{self.leaf(node.child)} ×{node.weight:.3g}"
        if isinstance(node, Term):
            return self._in_field(self._word(node.text), node.field)
        if isinstance(node, Phrase):
            quoted = '"' + " ".join(map(self._word, node.words)) + '"'
            apart = "+".join(map(str, node.gaps)) or node.slop
            return self._in_field(quoted + (f"~{apart}" if node.slop else ""), node.field)
        if isinstance(node, Label | Among | Range):
            return _fact(node)
        return "every record" if isinstance(node, Every) else "no record"

    def _word(self, token: str) -> str:
        return self._written.get(token, token)

    def _in_field(self, text: str, field: str | None) -> str:
        return f"{field}:{text}" if field else text


def _fact(node: Label | Among | Range) -> str:
    if isinstance(node, Label):
        return f"{node.field}:{node.value}"
    if isinstance(node, Among):
        return f"{node.name}, {len(node.ids)} records"
    low, high = (("" if year is None else str(year)) for year in (node.low, node.high))
    return f"{node.field}:{low}" if low == high else f"{node.field}:{low}..{high}"


def _heading(node: Node) -> str:
    """Return what is said of the parts of a node; of a leaf nothing."""
    if isinstance(node, Proximity):
        return f"{'all' if node.every else 'any'} of, and more where they stand together"
    headings = {
        And: "all of", Or: "any of", Not: "not", Boosting: "the first, and more with the second"
    }  # fmt: skip
    return headings.get(type(node), "")
