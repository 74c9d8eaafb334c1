"""A strategy, checked as a peer would check it.

What is looked at is what the PRESS guideline asks (McGowan et al., "PRESS Peer Review of Electronic
Search Strategies", 2015) and a program can know: spelling, line numbers, operators without
parentheses, truncation, redundancy, lines that nothing uses or that find nothing, and the terms
that the thesaurus has and the strategy hasn't.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import wording
from evidence_search.analysis import STOP_WORDS, fold
from evidence_search.analysis import words as words_of
from evidence_search.dialects import dialect
from evidence_search.dialects.syntax import (
    Heading,
    InFields,
    Line,
    Not,
    Or,
    Phrase,
    Reference,
    Word,
    children,
    walk,
)
from evidence_search.lexicon import begins_english
from evidence_search.query.lexing import LABEL_FIELDS
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.index import EvidenceIndex
    from evidence_search.planning import Added
    from evidence_search.strategies.execution import LineRun, StrategyRun
    from evidence_search.strategies.strategy import StrategyLine

MOST_WORDS = 25
"""A pattern that stands for more words of the corpus likely stands for some that aren't meant."""
_EXAMPLES = 6
_SHORT = 4  # letters
_DEEPEST = 20  # lines that lines refer to


class _Leaf(NamedTuple):
    """Words of a line, and the fields that they are searched in; none is any text field."""

    line: StrategyLine
    node: Word | Phrase
    fields: tuple[str, ...]


def lint(
    run: StrategyRun, index: EvidenceIndex, known: frozenset[str] | None = None
) -> list[Problem]:
    """Return what a peer reviewer would ask about, in the order of the lines.

    ``known`` (default ``None``) are the ids of records that the strategy should find: with them a
    NOT is an error where it loses one, and no matter else.
    """
    linter = _Linter(run, index, known)
    problems = dict.fromkeys(chain.from_iterable(linter.problems(item) for item in run))
    return sorted(problems, key=lambda p: (p.source.line, p.source.column, p.code))


class _Linter:
    def __init__(
        self, run: StrategyRun, index: EvidenceIndex, known: frozenset[str] | None
    ) -> None:
        self._run = run
        self._index = index
        self._known = known
        self._surfaces: Mapping[str, int] = index.vocabulary()
        self._texts: dict[str, int] = {}
        self._additions: dict[str, Sequence[Added]] = {}
        self._lines = {item.line.number: item.line for item in run}
        self._said = {
            fold(text)
            for item in run
            for leaf in _leaves(item.line, item.line.line)
            for text in _texts(leaf.node)
        }

    def problems(self, item: LineRun) -> Iterator[Problem]:
        """Yield the problems of one line."""
        line = item.line
        for note in line.notes:
            yield self._problem(line, "warning", "unread", note.message, note.position)
        yield from self._references(line)
        yield from self._operators(line)
        yield from self._whole(item)
        for leaf in _leaves(line, line.line):
            for word in _texts(leaf.node):
                yield from self._word(line, word)
        for node in walk(line.line):
            if isinstance(node, Or):
                yield from self._redundant(line, node)
            if isinstance(node, Not):
                yield from self._excluded(line, node)
            if isinstance(node, Heading):
                for word, _, _ in words_of(node.text):
                    yield from self._word(line, word)
        yield from self._synonyms(line)

    def _problem(
        self, line: StrategyLine, severity: str, code: str, message: str, at: int | str = 0
    ) -> Problem:
        place, column = line.at(_place(at, line.text) if isinstance(at, str) else at)
        source = Source(self._run.strategy.name, place, column)
        return Problem(source, severity, code, f"line {line.number}: {message}")

    def _references(self, line: StrategyLine) -> Iterator[Problem]:
        numbers = {other.number for other in self._run.strategy.lines}
        for number in line.references:
            if number not in numbers:
                message = f"expected the number of a line, found {number}, which there isn't"
                yield self._problem(line, "error", "no-such-line", message, str(number))
            elif number >= line.number:
                message = f"expected a line before this one, found {number}"
                yield self._problem(line, "error", "later-line", message, str(number))

    def _operators(self, line: StrategyLine) -> Iterator[Problem]:
        language = dialect(self._run.strategy.dialect)
        at = language.mixed(line.text)
        if at is not None:
            message = (
                "AND and OR, or OR and nearness, stand side by side without parentheses, which "
                "each platform reads in its own order: put parentheses around what belongs together"
            )
            yield self._problem(line, "warning", "mixed-operators", message, at)

    def _whole(self, item: LineRun) -> Iterator[Problem]:
        line = item.line
        if line.number in self._run.unused:
            message = "no other line uses it, and it isn't the last: use it, or remove it"
            yield self._problem(line, "warning", "unused", message)
        if not item.count:
            yield self._problem(line, "warning", "empty", "it finds no record")
        same = self._texts.setdefault(fold(line.text), line.number)
        if same != line.number:
            message = f"it is the same as line {same}: remove one"
            yield self._problem(line, "warning", "same-line", message)

    def _word(self, line: StrategyLine, word: str) -> Iterator[Problem]:
        surface = fold(word)
        if not wording.SIGNS.isdisjoint(surface):
            yield from self._pattern(line, word, surface)
            return
        if surface in self._surfaces or surface in STOP_WORDS:
            return
        for added in self._added(word):
            if added.kind == "spelling":
                message = f"no record has {word!r}; did you mean {added.text!r}?"
                yield self._problem(line, "warning", "spelling", message, word)

    def _pattern(self, line: StrategyLine, word: str, surface: str) -> Iterator[Problem]:
        words = wording.matching(surface, self._surfaces)
        letters = sum(c.isalnum() for c in surface)
        typed, written = re.split(r"[*?_]", word)[0], self._run.written(Word(word))
        if not words:
            stem, added = fold(typed), self._added(typed)
            meant = [term.text for term in added if term.kind == "spelling"]
            known = any(fold(text).startswith(stem) for text in meant) or (added and not meant)
            if not known and (meant or not begins_english(stem)):
                asked = f"; did you mean {meant[0]!r}?" if meant else ""
                message = f"{written!r} stands for no word of the corpus{asked}"
                yield self._problem(line, "warning", "no-word", message, typed)
        elif len(words) > MOST_WORDS or (letters < _SHORT and len(words) > _EXAMPLES):
            some = ", ".join(words[-_EXAMPLES:])
            message = f"{written!r} stands for {len(words)} words of the corpus, such as {some}"
            yield self._problem(line, "warning", "broad-pattern", message, typed)

    def _redundant(self, line: StrategyLine, node: Or) -> Iterator[Problem]:
        """Yield what another alternative finds already, in this line or one that it refers to."""
        leaves = [leaf for child in node.children for leaf in self._alternatives(line, child, ())]
        for place, leaf in enumerate(leaves):
            for other_place, other in enumerate(leaves):
                if place == other_place or not _finds_all(other, leaf):
                    continue
                if _finds_all(leaf, other) and place < other_place:
                    continue  # the same twice: the second is the one too many
                where = "" if other.line is leaf.line else f" of line {other.line.number}"
                written = self._run.written(leaf.node)
                message = f"{written} is found by {self._run.written(other.node)}{where} already"
                at = " ".join(_texts(leaf.node))
                yield self._problem(leaf.line, "warning", "redundant", message, at)
                break

    def _alternatives(
        self, line: StrategyLine, node: Line, fields: tuple[str, ...], depth: int = 0
    ) -> Iterator[_Leaf]:
        if isinstance(node, InFields):
            yield from self._alternatives(line, node.child, node.fields, depth)
        elif isinstance(node, Or):
            for child in node.children:
                yield from self._alternatives(line, child, fields, depth)
        elif isinstance(node, Word | Phrase):
            yield _Leaf(line, node, fields)
        elif isinstance(node, Reference) and depth < _DEEPEST:
            other = self._lines.get(node.line)
            if other and other.number < line.number:
                yield from self._alternatives(other, other.line, (), depth + 1)

    def _excluded(self, line: StrategyLine, node: Not) -> Iterator[Problem]:
        left = set(self._index.rank(self._run.search_for(node.left)))
        lost = left.intersection(self._index.rank(self._run.search_for(node.right)))
        wanted = lost if self._known is None else lost & self._known
        if not wanted or (self._known is None and self._is_filter(node.right)):
            return
        some = ", ".join(islice(sorted(wanted), 3)) + (", …" if len(wanted) > 3 else "")
        if self._known is None:
            message = (
                f"NOT leaves out {len(lost)} of {len(left)} records, which may be relevant too: "
                f"look at {some}"
            )
            yield self._problem(line, "warning", "not", message, "not")
        else:
            message = f"NOT loses {len(wanted)} of the known papers: {some}"
            yield self._problem(line, "error", "not", message, "not")

    def _is_filter(self, node: Line) -> bool:
        """Tell whether this is "animals not humans", which loses only what has the first alone."""
        if isinstance(node, Reference):
            line = self._lines.get(node.line)
            return line is not None and isinstance(line.line, Not)
        return isinstance(node, Not)

    def _synonyms(self, line: StrategyLine) -> Iterator[Problem]:
        """Yield the terms for the same thing that records have and no line says."""
        if all(isinstance(node, Reference) for node in walk(line.line) if not _inner(node)):
            return
        texts = [" ".join(_texts(leaf.node)) for leaf in _leaves(line, line.line)]
        for text in dict.fromkeys(texts):
            if not wording.SIGNS.isdisjoint(text):
                continue
            others = ", ".join(dict.fromkeys(islice(self._unsaid(text), _EXAMPLES)))
            if others:
                message = f"records also say {others} for {text!r}"
                yield self._problem(line, "warning", "synonyms", message, text)

    def _unsaid(self, text: str) -> Iterator[str]:
        added = self._added(text)
        if any(term.kind == "spelling" for term in added):
            return
        for term in added:
            words = {*fold(term.text).split()}
            if term.kind != "synonym" or words <= self._covered:
                continue
            if not {*fold(text).split()} <= words:  # else it is found already
                yield term.text

    def _added(self, text: str) -> Sequence[Added]:
        """Return what an everyday search for some words would search too."""
        if text not in self._additions:
            self._additions[text] = self._index.search(text, limit=0).added
        return self._additions[text]

    @cached_property
    def _covered(self) -> set[str]:
        patterns = [text for text in self._said if not wording.SIGNS.isdisjoint(text)]
        found = chain.from_iterable(wording.matching(p, self._surfaces) for p in patterns)
        return self._said.union(found)


def _place(words: str, text: str) -> int:
    """Return where words stand in a text, as they are rather than in a longer word; else 0."""
    whole = re.search(rf"(?<!\w){re.escape(words)}(?![\w*$?#])", text, re.IGNORECASE)
    return whole.start() if whole else max(text.casefold().find(words.casefold()), 0)


def _leaves(line: StrategyLine, node: Line, fields: tuple[str, ...] = ()) -> Iterator[_Leaf]:
    """Yield the words that are searched in texts, not those of names and labels."""
    if isinstance(node, InFields):
        if not node.fields or not {*node.fields} <= {"author", "journal", *LABEL_FIELDS}:
            yield from _leaves(line, node.child, node.fields)
    elif isinstance(node, Word | Phrase):
        yield _Leaf(line, node, fields)
    for child in () if isinstance(node, InFields) else children(node):
        yield from _leaves(line, child, fields)


def _finds_all(wide: _Leaf, narrow: _Leaf) -> bool:
    """Tell whether one leaf finds all that another does."""
    if wide.fields and not (narrow.fields and {*narrow.fields} <= {*wide.fields}):
        return False
    if wide.node == narrow.node:
        return True
    if not isinstance(wide.node, Word):
        return False
    pattern = fold(wide.node.text)
    texts = [fold(text) for text in _texts(narrow.node)]
    if wording.SIGNS.isdisjoint(pattern):
        return isinstance(narrow.node, Phrase) and pattern in texts
    stem, star, rest = pattern.partition("*")
    if star and not rest and wording.SIGNS.isdisjoint(stem):
        return any(text.startswith(stem) and len(text) > 1 for text in texts)
    plain = {text: 1 for text in texts if wording.SIGNS.isdisjoint(text)}
    return bool(wording.matching(pattern, plain))


def _texts(node: Line) -> tuple[str, ...]:
    if isinstance(node, Word):
        return (node.text,)
    return node.words if isinstance(node, Phrase) else ()


def _inner(node: Line) -> bool:
    """Tell whether a node joins others."""
    return not isinstance(node, Word | Phrase | Reference)
