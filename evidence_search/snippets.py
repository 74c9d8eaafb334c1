"""Original text and a tree of tokens to passages with marked spans, by true offsets.

A passage is a stretch of sentences or words around the best cluster of
matches: the window with the greatest sum of distinct leaves, each counted
once, earlier windows first.  Nothing is escaped here; renderers do that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.trees import And, Best, Boost, Near, Optional, Or, Phrase, Term

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.analysis import Analyzer, Token
    from evidence_search.trees import Tree

LENGTH = 240
"""Characters of a passage, about."""

_SENTENCE_END = r"[.!?][”’\"')\]]*\s+(?=[\W_]*[A-Z0-9])"


class Snippet(NamedTuple):
    """A passage of a text, and the spans of it that matched.

    ``marks`` are (start, end) offsets in ``text``, in order, not overlapping.
    ``before`` and ``after`` say whether the original goes on there.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()
    before: bool = False
    after: bool = False


class Leaves(NamedTuple):
    """What a tree looks for in running text: single tokens, and phrases with their slop.

    ``single`` maps a token, ``phrases`` the first token of a phrase, so that a
    text is read once.
    """

    single: frozenset[str]
    phrases: tuple[tuple[tuple[str, ...], int], ...]


def leaves(tree: Tree) -> Leaves:
    """Collect the leaves of ``tree`` that text can match; what is negated isn't marked."""
    found = list(_leaves(tree))
    return Leaves(
        frozenset(leaf.text for leaf in found if isinstance(leaf, Term)),
        tuple(dict.fromkeys((leaf.words, leaf.slop) for leaf in found if isinstance(leaf, Phrase))),
    )


def _leaves(tree: Tree) -> Iterator[Term | Phrase]:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Term | Phrase):
            yield node
        elif isinstance(node, And | Or | Best | Near):
            stack.extend(reversed(node.children))
        elif isinstance(node, Optional):
            stack.extend((node.bonus, node.required))
        elif isinstance(node, Boost):
            stack.append(node.child)


def marks(text: str, wanted: Leaves, analyzer: Analyzer) -> list[tuple[int, int, object]]:
    """Return the spans of ``text`` that ``wanted`` matches, with the leaf, in order."""
    tokens = list(analyzer.spans(text))
    spans: dict[tuple[int, int], object] = {
        (token.start, token.end): token.stem for token in tokens if token.stem in wanted.single
    }
    stems = {token.stem for token in tokens}
    for words, slop in wanted.phrases:
        if stems.issuperset(words):
            for run in _runs(tokens, words, slop):
                for i in run:
                    spans.setdefault((tokens[i].start, tokens[i].end), words)
    return [(start, end, leaf) for (start, end), leaf in sorted(spans.items(), key=lambda s: s[0])]


def occurrences(text: str, wanted: Leaves, analyzer: Analyzer) -> list[tuple[int, int]]:
    """Return the spans of ``text`` that ``wanted`` matches, a phrase as one, in order."""
    tokens = list(analyzer.spans(text))
    spans = {(token.start, token.end) for token in tokens if token.stem in wanted.single}
    for words, slop in wanted.phrases:
        for run in _runs(tokens, words, slop):
            spans.add((tokens[run[0]].start, tokens[run[-1]].end))
    return sorted(spans)


def _runs(tokens: Sequence[Token], words: Sequence[str], slop: int) -> Iterator[list[int]]:
    for first, token in enumerate(tokens):
        if token.stem != words[0]:
            continue
        run, at, last = [first], first, first + len(words) - 1 + slop
        for word in words[1:]:
            at = next(
                (i for i in range(at + 1, min(last + 1, len(tokens))) if tokens[i].stem == word), -1
            )
            if at < 0:
                break
            run.append(at)
        if len(run) == len(words):
            yield run


def highlight(text: str, wanted: Leaves, analyzer: Analyzer) -> Snippet:
    """Return the whole of ``text`` with its matches marked."""
    return Snippet(text, _merged(text, [(s, e) for s, e, _ in marks(text, wanted, analyzer)]))


def best_passage(text: str, wanted: Leaves, analyzer: Analyzer, length: int = LENGTH) -> Snippet:
    """Return the passage of about ``length`` characters that matches most of ``wanted``.

    Where nothing matches it is the beginning of the text.
    """
    found = marks(text, wanted, analyzer)
    if len(text) <= length:
        return Snippet(text, _merged(text, [(s, e) for s, e, _ in found]))
    start, end = _window(text, found, length)
    spans = [(s - start, e - start) for s, e, _ in found if s >= start and e <= end]
    passage = text[start:end]
    return Snippet(passage, _merged(passage, spans), before=start > 0, after=end < len(text))


def _window(text: str, found: Sequence[tuple[int, int, object]], length: int) -> tuple[int, int]:
    """Choose the window: most distinct leaves, then most matches, then earliest."""
    best, best_score = 0, (0, 0)
    for i, (start, _, _) in enumerate(found):
        inside = [leaf for s, e, leaf in found[i:] if e <= start + length]
        score = (len(set(inside)), len(inside))
        if score > best_score:
            best, best_score = start, score
    last = max((e for s, e, _ in found if best <= s and e <= best + length), default=length)
    return _widened(text, best, last, length)


def _widened(text: str, start: int, end: int, length: int) -> tuple[int, int]:
    """Widen a cluster to whole words, from the start of its sentence where there's room."""
    room = length - (end - start)
    ends = re.compile(_SENTENCE_END)  # it is remembered: not for every start
    sentence = max(
        (m.end() for m in ends.finditer(text, max(0, start - length), start)),
        default=0 if start <= length else start,
    )
    if start - sentence <= room:
        start = sentence
    else:
        start = _word_start(text, max(0, start - room // 2))
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start + length // 2, end + 1)
        end = space if space > 0 else end
    return start, end


def _word_start(text: str, start: int) -> int:
    if start == 0:
        return 0
    space = text.find(" ", start)
    return space + 1 if space >= 0 else start


def _merged(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Join spans that only a hyphen or a space of the same match parts."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and (
            start <= merged[-1][1] or text[merged[-1][1] : start] in {"-", "‑", "’", "'"}
        ):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
