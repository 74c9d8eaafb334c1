"""The smallest changes to a strategy with which it finds a record that it loses.

The line that loses the record is changed first, then whichever loses it next.  Of a line the
smallest change is taken that makes it find the record: a nearness made wider, a word cut short, a
field left out, years or a language taken in, a word of the record beside the others; where none
does, the part that the record lacks is left out.
"""

from __future__ import annotations

from itertools import chain
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
    """The line that loses a record, by what it lacks, or by what excludes it."""

    line: int
    part: Line
    excluded: bool = False


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
            loss = self._loss(record.id, self._last, lines)
            mended = self._mended(loss, record, lines)
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
        parts = _parts(line)
        lacking = [part for part in parts if not self._finds(part, record, lines)]
        part = lacking[0] if lacking else line
        inner = part.child if isinstance(part, InFields) else part
        if isinstance(inner, Reference) and inner.line in lines and inner.line < number:
            return self._loss(record, inner.line, lines)
        return Loss(number, part)

    def _mended(self, loss: Loss, record: StudyRecord, lines: Mapping[int, Line]) -> Line:
        if loss.excluded:
            return Everything()
        for part in self._candidates(loss.part, record):
            if self._finds(part, record.id, lines):
                return part
        return Everything()

    def _candidates(self, part: Line, record: StudyRecord) -> Iterator[Line]:
        """Yield the part changed in one way each, the smallest changes first."""
        nodes = [node for node in walk(part) if not isinstance(node, Reference)]
        for node, changed in chain(_loosened(nodes), _widened(nodes, record)):
            yield _swapped(part, node, changed)
        named = [node.fields for node in nodes if isinstance(node, InFields)]
        if named and {*named[0]} & {*LABEL_FIELDS}:
            return
        if not isinstance(part, Years):
            for term in self._terms(nodes, record):
                yield joined(Or, (part, InFields(term, named[0]) if named else term))

    def _terms(self, nodes: Iterable[Line], record: StudyRecord) -> Iterator[Line]:
        """Yield words of the record: those that mean the same as words of the line first."""
        for node in nodes:
            text = node.text if isinstance(node, Word) else ""
            for added in self._index.search(text, limit=0).added if text else ():
                if added.kind != "spelling":
                    yield _wording(added.text.split())
        surfaces = self._index.vocabulary()
        said = [fold(text) for line in self._lines.values() for text in _texts(line)]
        plain = dict.fromkeys(word for word, _, _ in words_of(fold(record.title)))
        new = [
            word
            for word in plain
            if len(word) >= _SHORTEST and word not in STOP_WORDS and not _is_said(word, said)
        ]
        yield from map(Word, sorted(new, key=lambda word: surfaces.get(word, 0))[:_TERMS])


def _parts(line: Line) -> tuple[Line, ...]:
    """Return what a record must have for a line, each by itself."""
    if isinstance(line, And):
        return line.children
    if isinstance(line, Not):
        return _parts(line.left)
    if isinstance(line, Or) and all(isinstance(child, Reference) for child in line.children):
        return line.children
    return (line,)


def _loosened(nodes: Sequence[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield words and nearness with what is a little looser, the least first."""
    for more in range(1, _WIDER + 1):
        for node in nodes:
            if isinstance(node, Near):
                yield node, replace(node, distance=node.distance + more)
    plain = [n for n in nodes if isinstance(n, Word) and wording.SIGNS.isdisjoint(n.text)]
    for less in range(_SHORTER + 1):
        for word in plain:
            if len(word.text) - less >= _SHORTEST:
                yield word, Word(f"{word.text[: len(word.text) - less]}*")


def _widened(nodes: Sequence[Line], record: StudyRecord) -> Iterator[tuple[Line, Line]]:
    """Yield fields, languages and years with what takes the record in."""
    for node in nodes:
        if isinstance(node, Years) and record.year is not None:
            low = node.low and min(node.low, record.year)
            high = node.high and max(node.high, record.year)
            yield node, Years(low, high)
        elif isinstance(node, InFields) and node.fields == ("language",) and record.language:
            other = Word((language_name(record.language) or "").casefold())
            yield node, joined(Or, (node, InFields(other, node.fields)))
        elif isinstance(node, InFields) and not {*node.fields} & {*LABEL_FIELDS}:
            yield node, replace(node, fields=())


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
