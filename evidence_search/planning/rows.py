"""Words in a row: phrases, patterns and near spellings, as the corpus may write them.

A leaf of the searcher's words becomes all the rows of tokens that it stands
for: one for each word of the corpus that a pattern or a near spelling means,
and for each way to write words together or apart.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from evidence_search import wording
from evidence_search.analysis import fold, joined, words
from evidence_search.engines.plan import Nothing, Phrase, Synonyms, Term
from evidence_search.query import SETS, syntax
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.engines.plan import Node

    Wordlike = syntax.Term | syntax.Phrase | syntax.Wildcard | syntax.Fuzzy

_T = TypeVar("_T")
MAX_PHRASE_WORDS = 2000
"""How many words all wordings of one phrase may have together."""
MAX_EXPANSIONS = 200
"""How many words, or wordings of a phrase, one pattern may stand for; the commonest are kept."""

MAX_NEAR = 1000
"""How many ways to stand near each other one nearness may stand for."""


class Rows:
    """Finds the rows of tokens for leaves; ``notes`` grows where there are too many."""

    def __init__(
        self,
        analyzer: Analyzer,
        surfaces: Callable[[], Mapping[str, int]],
        notes: list[tuple[str, str]],
    ) -> None:
        self._analyzer = analyzer
        self._surfaces = surfaces
        self._notes = notes

    def within(self, tree: syntax.Within) -> Node:
        """Plan two things near each other: every wording of the one, then the other, and back.

        Where they are ordered there's no way back.  Of a nearness within this one the nearest
        word counts, and what stands inside it is near it.
        """
        leaf = next(node for node in syntax.walk(tree) if not syntax.children(node))
        field = getattr(leaf, "field", None)
        names = SETS.get(field or "", (field,))
        runs = self._limited(self._near(tree), "NEAR", MAX_NEAR)
        return synonyms([_phrase(run, name) for run in runs for name in names])

    def _near(self, tree: syntax.Within) -> Iterator[_Run]:
        sides = (self._runs(tree.left), self._runs(tree.right))
        lefts, rights = (self._limited(side, "NEAR", MAX_NEAR) for side in sides)
        for left, right in product(lefts, rights):
            yield _after(left, tree.distance - 1, right)
            if not tree.ordered:
                yield _after(right, tree.distance - 1, left)
                yield from _inside(left, right)
                yield from _inside(right, left)

    def _runs(self, tree: syntax.Tree) -> Iterator[_Run]:
        """Yield the rows of words that one side of a nearness stands for."""
        if isinstance(tree, syntax.Or):
            for child in tree.children:
                yield from self._runs(child)
        elif isinstance(tree, syntax.Within):
            yield from self._near(tree)
        elif isinstance(tree, syntax.Term | syntax.Phrase | syntax.Wildcard | syntax.Fuzzy):
            leaves = (replace(leaf, field=None) for leaf in self.wordings(tree))
            for leaf in dict.fromkeys(leaves):
                if isinstance(leaf, Term):
                    yield _Run((leaf.text,), ())
                else:
                    ways = _shared(leaf.slop, len(leaf.words) - 1)
                    yield from (_Run(leaf.words, gaps) for gaps in ways)

    def wordings(self, leaf: Wordlike) -> list[Term | Phrase]:
        """Return the terms and phrases that a leaf stands for, as the corpus may write it."""
        typed = leaf.words if isinstance(leaf, syntax.Phrase) else (leaf.text,)
        steps: list[list[tuple[str, ...]]] = []
        plain: list[str] = []
        if isinstance(leaf, syntax.Fuzzy):
            near = wording.near(fold(leaf.text), leaf.distance, self._surfaces())
            steps.append(self._stems(near, leaf.text))
        else:
            for word in typed:
                for step, surface in self._steps(word):
                    steps.append(step)
                    plain.append(surface)
        together: list[list[list[tuple[str, ...]]]] = [
            [*steps[:i], [(self._analyzer.stem(a + b),)], *steps[i + 2 :]]
            for i, (a, b) in enumerate(pairwise(plain))
            if a and b and a + b in self._analyzer.stems
        ]
        rows = (row for way in (steps, *together) for row in product(*way))
        most = max(1, MAX_PHRASE_WORDS // max(1, len(steps)))
        slop = leaf.slop if isinstance(leaf, syntax.Phrase) else 0
        limited = self._limited(rows, " ".join(typed), min(most, MAX_EXPANSIONS))
        phrases = _phrases(limited, leaf.field, slop)
        name = self._analyzer.stems.get(joined(" ".join(typed)) or "_" + fold(typed[0]))
        return phrases if name is None or leaf.field or slop else [*phrases, Term(name)]

    def _steps(self, word: str) -> Iterator[tuple[list[tuple[str, ...]], str]]:
        """Yield what each part of a word may be; and the part, where it is no pattern."""
        if wording.SIGNS.isdisjoint(word):
            for surface, _, _ in words(word):
                yield self._spelt(surface), surface
            return
        for part in re.split(r"[^\w*?'’]+", word):
            if not wording.SIGNS.isdisjoint(part):
                found = wording.matching(fold(part), self._surfaces())
                yield self._stems(found, part), ""
            elif part:
                yield from self._steps(part)

    def _spelt(self, surface: str) -> list[tuple[str, ...]]:
        """Return the ways to write one word: as it is, and as two words."""
        stem = self._analyzer.stem
        two = wording.apart(surface, self._analyzer.stems.__contains__)
        return [(stem(surface),)] + ([tuple(map(stem, two))] if two else [])

    def _stems(self, surfaces: Iterable[str], typed: str) -> list[tuple[str, ...]]:
        stems = dict.fromkeys((self._analyzer.stem(surface),) for surface in surfaces)
        return self._limited(stems, typed)

    def _limited(self, rows: Iterable[_T], typed: str, most: int = MAX_EXPANSIONS) -> list[_T]:
        """Return at most ``most``, and note it where there are more."""
        found = list(islice(rows, most + 1))
        if len(found) > most:
            message = f"{typed[:40]!r} may be written in more than {most} ways"
            self._notes.append((f"{message}; the commonest {most} were searched", typed))
        return found[:most]


def _phrases(
    rows: Iterable[tuple[tuple[str, ...], ...]], field: str | None, slop: int
) -> list[Term | Phrase]:
    """Return the phrase, or the single term, for each row of steps."""
    runs = dict.fromkeys(tuple(token for step in row for token in step) for row in rows)
    return [
        Term(run[0], name) if len(run) == 1 else Phrase(run, name, slop)
        for run in runs
        if run
        for name in SETS.get(field or "", (field,))
    ]


class _Run(NamedTuple):
    """Words in order, with the most others that may stand between each two."""

    words: tuple[str, ...]
    gaps: tuple[int, ...]


def _after(first: _Run, gap: int, second: _Run) -> _Run:
    return _Run(first.words + second.words, (*first.gaps, gap, *second.gaps))


def _inside(outer: _Run, inner: _Run) -> Iterator[_Run]:
    """Yield the ways in which one run stands whole between two words of another."""
    for at, gap in enumerate(outer.gaps):
        for gaps in product(*(range(most + 1) for most in inner.gaps)):
            left = gap - len(inner.words) - sum(gaps)
            for before in range(left + 1):
                between = (before, *gaps, left - before)
                yield _Run(
                    (*outer.words[: at + 1], *inner.words, *outer.words[at + 1 :]),
                    (*outer.gaps[:at], *between, *outer.gaps[at + 1 :]),
                )


def _shared(slop: int, gaps: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to share out the words between all of a row among its gaps."""
    if gaps == 1:
        yield (slop,)
    else:
        for first in range(slop + 1):
            yield from ((first, *rest) for rest in _shared(slop - first, gaps - 1))


def _phrase(run: _Run, field: str | None) -> Phrase:
    """Return a phrase; between two words the slop alone says what the gap does."""
    slop = sum(run.gaps)
    return Phrase(run.words, field, slop, run.gaps if slop and len(run.gaps) > 1 else ())


def synonyms(leaves: Sequence[Node]) -> Node:
    """Return what matches any of some wordings of one thing."""
    if not leaves:
        return Nothing()
    return leaves[0] if len(leaves) == 1 else Synonyms(tuple(leaves))
