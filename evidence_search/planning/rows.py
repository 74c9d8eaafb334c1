"""Words in a row: phrases, patterns and near spellings, as the corpus may write them.

A leaf of the searcher's words becomes all the rows of tokens that it stands
for: one for each word of the corpus that a pattern or a near spelling means,
and for each way to write words together or apart.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise, product
from typing import TYPE_CHECKING, TypeVar

from evidence_search import wording
from evidence_search.analysis import fold, joined, words
from evidence_search.engines.plan import And, Nothing, Phrase, Synonyms, Term
from evidence_search.query import SETS, syntax

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

        Where they are ordered there's no way back.
        """
        lefts, rights = ([*self._leaves(side)] for side in (tree.left, tree.right))
        slop = tree.distance - 1
        pairs = (
            _words_of(a) + _words_of(b)
            for left, right in product(lefts, rights)
            for a, b in ((left, right), (right, left))[: 1 if tree.ordered else 2]
        )
        fields = dict.fromkeys(leaf.field for leaf in lefts)
        near = [
            Phrase(pair, name, slop) for pair in self._limited(pairs, "NEAR") for name in fields
        ]
        # The extra words are between the two, not inside a phrase.
        whole = [
            synonyms(side) for side in (lefts, rights) if any(isinstance(x, Phrase) for x in side)
        ]
        return And((synonyms(near), *whole)) if whole else synonyms(near)

    def _leaves(self, tree: syntax.Tree) -> Iterable[Term | Phrase]:
        for leaf in tree.children if isinstance(tree, syntax.Or) else (tree,):
            if isinstance(leaf, syntax.Term | syntax.Phrase | syntax.Wildcard | syntax.Fuzzy):
                yield from self.wordings(leaf)

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


def _words_of(leaf: Term | Phrase) -> tuple[str, ...]:
    return (leaf.text,) if isinstance(leaf, Term) else leaf.words


def synonyms(leaves: Sequence[Node]) -> Node:
    """Return what matches any of some wordings of one thing."""
    if not leaves:
        return Nothing()
    return leaves[0] if len(leaves) == 1 else Synonyms(tuple(leaves))
