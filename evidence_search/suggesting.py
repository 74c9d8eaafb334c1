"""What to search instead: other spellings, one word less, any of the words, fewer filters.

Suggestions are made of the searcher's own query and checked against the
index: each says how many records it would find.  Nothing is suggested where
nothing would be found.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import wording
from evidence_search.analysis import STOP_WORDS, words
from evidence_search.planning import MAX_CORRECTIONS
from evidence_search.query import LABEL_FIELDS, to_text
from evidence_search.query.syntax import And, Not, Optional, Or, Phrase, Term, rewrite
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evidence_search.planning import Planner
    from evidence_search.query.syntax import Tree

    Count = Callable[[Tree, Sequence[str]], int]
    """Counts the matches of a parsed tree under the filters of these names."""

MAX_SUGGESTIONS = 3
_MAX_PARTS = 12


class Suggestion(NamedTuple):
    """Another search, and how many records it finds.

    ``reason`` is ``"spelling"``, ``"fewer words"``, ``"any word"``,
    ``"fewer filters"``, or ``"telling words"`` of a record that was asked
    about; ``words`` are what was misspelt or is left out.
    """

    query: str
    total: int
    reason: str
    words: str = ""


def suggestions(
    query: str,
    tree: Tree,
    total: int,
    planner: Planner,
    filters: Sequence[str],
    count: Count,
) -> tuple[Suggestion, ...]:
    """Return what to search instead of ``query``, parsed as ``tree``, which found ``total``."""
    found: list[Suggestion] = []
    respelt = _Respelling(planner)
    corrected = respelt.tree(tree)
    if respelt.misspelt:
        _suggest(
            found, corrected, count(corrected, filters), "spelling", ", ".join(respelt.misspelt)
        )
    tree, query = corrected, to_text(corrected) if respelt.misspelt else query
    if total == 0:
        for size in range(len(filters) - 1, -1, -1):
            if not any(s.reason == "fewer filters" for s in found):
                found += _fewer_filters(query, tree, filters, size, count)
        fewer = ((part, less, count(less, filters)) for part, less in _without_one(tree))
        for part, shorter, n in sorted(fewer, key=lambda item: -item[2])[:MAX_SUGGESTIONS]:
            _suggest(found, shorter, n, "fewer words", to_text(part))
        loose = _loosened(tree)
        if not found and loose is not None:
            _suggest(found, loose, count(loose, filters), "any word")
    return tuple(suggestion for suggestion in found if suggestion.total > total)


def _suggest(found: list[Suggestion], tree: Tree, total: int, reason: str, words: str = "") -> None:
    if total:
        found.append(Suggestion(to_text(tree), total, reason, words))


class _Respelling:
    """Replaces words that the corpus doesn't know by the likeliest that it does."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._left = MAX_CORRECTIONS
        self.misspelt: list[str] = []

    def tree(self, tree: Tree) -> Tree:
        """Return ``tree`` respelt; what is excluded stays as it is."""
        if isinstance(tree, Term) and tree.field not in LABEL_FIELDS:
            return replace(tree, text=self._respelt(tree.text))
        if isinstance(tree, Phrase):
            return replace(tree, words=tuple(map(self._respelt, tree.words)))
        return tree if isinstance(tree, Not) else rewrite(tree, self.tree)

    def _respelt(self, text: str) -> str:
        for surface, start, end in reversed(words(text)) if len(text) < 1000 else ():
            if surface in STOP_WORDS or self._left == 0:
                continue
            known = self._planner.analyzer.knows(surface)
            nearest = None if known else wording.correction(surface, self._planner.surfaces())
            self._left -= not known
            if nearest:
                self.misspelt.append(text[start:end])
                text = text[:start] + nearest + text[end:]
        return text


def option(facet: str) -> str:
    """Return the name of the filter that restricts a facet."""
    return "year" if facet == "decade" else facet


def _fewer_filters(
    query: str, tree: Tree, filters: Sequence[str], size: int, count: Count
) -> Iterator[Suggestion]:
    """Yield the query under any ``size`` of the filters."""
    for kept in combinations(filters, size):
        total = count(tree, kept)
        if total:
            left_out = (option(name) for name in filters if name not in kept)
            yield Suggestion(query, total, "fewer filters", ", ".join(left_out))


def _without_one(tree: Tree) -> Iterator[tuple[Tree, Tree]]:
    """Yield each part that must match, and the tree without it."""
    if isinstance(tree, Optional):
        tree = tree.required
    if isinstance(tree, And) and len(tree.children) <= _MAX_PARTS:
        for i, part in enumerate(tree.children):
            rest = (*tree.children[:i], *tree.children[i + 1 :])
            if not all(isinstance(child, Not) for child in rest):
                yield part, rest[0] if len(rest) == 1 else And(rest)


def _loosened(tree: Tree) -> Tree | None:
    """Return the words of a tree so that any may match, or ``None`` where that is what it says."""
    if isinstance(tree, And):
        children = [child for child in tree.children if not isinstance(child, Not)]
        return Or(tuple(children)) if len(children) > 1 else None
    if isinstance(tree, Phrase):
        terms = [Term(surface, tree.field) for word in tree.words for surface, _, _ in words(word)]
        return Or(tuple(terms)) if len(terms) > 1 else None
    return None
