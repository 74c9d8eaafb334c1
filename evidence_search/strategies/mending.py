"""The smallest changes to a strategy with which it finds a record that it loses.

The line that loses the record is changed first, then whichever loses it next.  Of a line the
smallest change is taken that makes it find the record: a nearness made wider, a word cut short, a
field left out, years or a language taken in, a word of the record beside the others; where none
does, the part that the record lacks is left out.  Of lines that are alternatives, all of which
lose the record, the one is changed that needs the smallest change.
"""

from __future__ import annotations

from functools import cached_property
from heapq import merge
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import wording
from evidence_search.analysis import STOP_WORDS, fold
from evidence_search.analysis import words as words_of
from evidence_search.dialects import dialect
from evidence_search.dialects.syntax import (
    And,
    Everything,
    InFields,
    Line,
    Near,
    Not,
    Or,
    Phrase,
    Reference,
    Word,
    Years,
    joined,
    rewrite,
    walk,
    without_everything,
)
from evidence_search.languages import language_name
from evidence_search.query.lexing import LABEL_FIELDS
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord
    from evidence_search.strategies.execution import StrategyRun

_WIDER, _SHORTER, _SHORTEST, _TERMS, _CHANGES = 7, 4, 4, 6, 5
"""At most so many words on, letters cut off (and left), words tried, and changes."""


class Change(Value):
    """A line of a strategy, changed: its number, a part of it as it was, and what to write."""

    line: int
    was: str
    instead: str


class Loss(NamedTuple):
    """The line that loses a record, by what it lacks, or by what excludes it.

    ``alternatives`` are what loses it in each of the lines that ``part`` joins by OR.
    """

    line: int
    part: Line
    excluded: bool = False
    alternatives: tuple[Loss, ...] = ()


class Mending:
    """Follows a record through the lines of a strategy."""

    def __init__(self, run: StrategyRun, index: EvidenceIndex) -> None:
        self._run = run
        self._index = index
        self._lines: Mapping[int, Line] = {item.line.number: item.line.line for item in run}
        self._last = run.strategy.last.number
        self._write = dialect(run.strategy.dialect).write

    def written(self, part: Line) -> str:
        """Return a part of a line in the strategy's own language."""
        return self._write(part)[0] or "all records"

    def loss(self, record: str) -> Loss:
        """Return which line loses a record, the one nearest to the words."""
        return self._loss(record, self._last, self._lines)

    def changes(self, record: StudyRecord) -> tuple[Change, ...]:
        """Return what to change, line by line, for the strategy to find a record."""
        lines = dict(self._lines)
        changes: list[Change] = []
        while not self._finds(Reference(self._last), record.id, lines):
            if len(changes) == _CHANGES:
                return ()
            loss, mended = self._mended(self._loss(record.id, self._last, lines), record, lines)
            lines[loss.line] = _swapped(lines[loss.line], loss.part, mended)
            was, instead = self.written(loss.part), self.written(mended)
            changes.append(Change(loss.line, was, "" if mended == Everything() else instead))
        return tuple(changes)

    def _finds(self, part: Line, record: str, lines: Mapping[int, Line]) -> bool:
        return record in self._index.rank(self._run.search_for(part, lines))

    def _loss(self, record: str, number: int, lines: Mapping[int, Line]) -> Loss:
        """Follow a record from a line to those that it refers to."""
        line = lines[number]
        if isinstance(line, Not) and self._finds(line.left, record, lines):
            return Loss(number, line.right, excluded=True)
        lacking = (part for part in _parts(line) if not self._finds(part, record, lines))
        part = next(lacking, line)
        inner = part.child if isinstance(part, InFields) else part
        choices = inner.children if isinstance(inner, Or) else (inner,)
        earlier = [
            choice.line
            for choice in choices
            if isinstance(choice, Reference) and choice.line in lines and choice.line < number
        ]
        if not earlier or len(earlier) < len(choices):
            return Loss(number, part)
        losses = tuple(self._loss(record, line, lines) for line in earlier)
        return losses[0] if len(losses) == 1 else Loss(number, part, alternatives=losses)

    def _mended(
        self, loss: Loss, record: StudyRecord, lines: Mapping[int, Line]
    ) -> tuple[Loss, Line]:
        """Return what to change, and to what; the smallest change of all alternatives."""
        if loss.excluded:
            return loss, Everything()
        tried = merge(*(self._candidates(each, record) for each in _flat(loss)), key=itemgetter(0))
        for _, each, part in tried:
            if self._finds(part, record.id, lines):
                return each, part
        return loss, Everything()

    def _candidates(
        self, loss: Loss, record: StudyRecord
    ) -> Iterator[tuple[tuple[int, int], Loss, Line]]:
        """Yield the part changed in one way each, with how much that is: the smallest first."""
        part = loss.part
        nodes = [node for node in walk(part) if not isinstance(node, Reference)]
        for kind, ways in enumerate((_wider(nodes), _shorter(nodes), _widened(nodes, record))):
            for much, node, changed in ways:
                yield (kind, much), loss, _swapped(part, node, changed)
        named = [node.fields for node in nodes if isinstance(node, InFields)]
        if named and {*named[0]} & {*LABEL_FIELDS}:
            return
        if not isinstance(part, Years):
            for much, term in enumerate(self._terms(nodes, record)):
                yield (
                    (3, much),
                    loss,
                    joined(Or, (part, InFields(term, named[0]) if named else term)),
                )

    def _terms(self, nodes: Iterable[Line], record: StudyRecord) -> Iterator[Line]:
        """Yield words of the record: those that mean the same as words of the line first."""
        for node in nodes:
            text = node.text if isinstance(node, Word) else ""
            for added in self._index.search(text, limit=0).added if text else ():
                if added.kind != "spelling":
                    yield _wording(added.text.split())
        said = [fold(text) for line in self._lines.values() for text in _texts(line)]
        plain = dict.fromkeys(word for word, _, _ in words_of(fold(record.title)))
        new = [
            word
            for word in plain
            if len(word) >= _SHORTEST and word not in STOP_WORDS and not _is_said(word, said)
        ]
        yield from map(Word, sorted(new, key=lambda word: self._surfaces.get(word, 0))[:_TERMS])

    @cached_property
    def _surfaces(self) -> Mapping[str, int]:
        return self._index.vocabulary()


def _parts(line: Line) -> tuple[Line, ...]:
    """Return what a record must have for a line, each by itself."""
    if isinstance(line, And):
        return line.children
    if isinstance(line, Not):
        return _parts(line.left)
    return (line,)


def _flat(loss: Loss) -> Iterator[Loss]:
    """Yield what loses a record in each alternative; a loss without these is its only one."""
    if not loss.alternatives:
        yield loss
    for each in loss.alternatives:
        yield from _flat(each)


def _wider(nodes: Sequence[Line]) -> Iterator[tuple[int, Line, Line]]:
    """Yield nearness with what is wider, and by how much, the least first."""
    for more in range(1, _WIDER + 1):
        for node in nodes:
            if isinstance(node, Near):
                yield more, node, replace(node, distance=node.distance + more)


def _shorter(nodes: Sequence[Line]) -> Iterator[tuple[int, Line, Line]]:
    """Yield words cut short, and by how many letters, the least first."""
    plain = [n for n in nodes if isinstance(n, Word) and wording.SIGNS.isdisjoint(n.text)]
    for less in range(_SHORTER + 1):
        for word in plain:
            if len(word.text) - less >= _SHORTEST:
                yield less, word, Word(f"{word.text[: len(word.text) - less]}*")


def _widened(nodes: Sequence[Line], record: StudyRecord) -> Iterator[tuple[int, Line, Line]]:
    """Yield fields, languages and years with what takes the record in."""
    for node in nodes:
        if isinstance(node, Years) and record.year is not None:
            low = node.low and min(node.low, record.year)
            high = node.high and max(node.high, record.year)
            yield 0, node, Years(low, high)
        elif isinstance(node, InFields) and node.fields == ("language",) and record.language:
            other = Word((language_name(record.language) or "").casefold())
            yield 0, node, joined(Or, (node, InFields(other, node.fields)))
        elif isinstance(node, InFields) and not {*node.fields} & {*LABEL_FIELDS}:
            yield 0, node, replace(node, fields=())


def _swapped(line: Line, old: Line, new: Line) -> Line:
    """Return a line with one part put in place of another."""
    if line is old:
        return new
    return without_everything(rewrite(line, lambda child: _swapped(child, old, new)))


def _texts(line: Line) -> Iterator[str]:
    leaves = (node for node in walk(line) if isinstance(node, Word | Phrase))
    return chain.from_iterable((n.text,) if isinstance(n, Word) else n.words for n in leaves)


def _is_said(word: str, said: Iterable[str]) -> bool:
    return any(word == text or wording.matching(text, {word: 1}) for text in said)


def _wording(parts: list[str]) -> Line:
    return Word(parts[0]) if len(parts) == 1 else Phrase(tuple(parts))
