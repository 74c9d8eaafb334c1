"""Original text and a plan to passages with marked spans, by true offsets.

A passage is a stretch of sentences or words around the best cluster of
matches: the window with the greatest weight of distinct leaves, each counted
once, earlier windows first.  What was added to the searcher's words weighs
less than they do.  Nothing is escaped here; renderers do that.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.engines.plan import Boost, Not, Phrase, Term, children
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.analysis import Analyzer, Token
    from evidence_search.engines.plan import Node

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
    """What a plan looks for in running text, with how much each counts.

    ``single`` has tokens, ``phrases`` words in a row with the most words between each two.
    """

    single: Mapping[str, float]
    phrases: Mapping[Phrase, float]


def leaves(node: Node, field: str | None = None) -> Leaves:
    """Collect the leaves of ``node`` that text can match, or the text of one field.

    What is negated isn't marked.
    """
    single: dict[str, float] = {}
    phrases: dict[Phrase, float] = {}
    for leaf, weight in _leaves(node):
        if field is None or leaf.field is None or leaf.field == field:
            if isinstance(leaf, Term):
                single[leaf.text] = max(single.get(leaf.text, 0.0), weight)
            else:
                key = replace(leaf, field=None)
                phrases[key] = max(phrases.get(key, 0.0), weight)
    return Leaves(single, phrases)


def _leaves(node: Node, weight: float = 1.0) -> Iterator[tuple[Term | Phrase, float]]:
    if isinstance(node, Term | Phrase):
        yield node, weight
    elif not isinstance(node, Not):
        weight *= node.weight if isinstance(node, Boost) else 1.0
        for child in children(node):
            yield from _leaves(child, weight)


class Mark(NamedTuple):
    """A span that matched, and the leaf that it matched, with its weight."""

    start: int
    end: int
    leaf: object
    weight: float


def marks(text: str, wanted: Leaves, analyzer: Analyzer) -> list[Mark]:
    """Return the spans of ``text`` that ``wanted`` matches, in order; a phrase is one."""
    tokens = analyzer.spans(text)
    found = {
        Mark(token.start, token.end, token.stem, wanted.single[token.stem])
        for token in tokens
        if token.stem in wanted.single
    }
    stems = {token.stem for token in tokens}
    for phrase, weight in wanted.phrases.items():
        if stems.issuperset(phrase.words):
            for run in _runs(tokens, phrase):
                # Where other words stand between, only the phrase's own are marked.
                ends = zip(run, run, strict=True) if phrase.slop else [(run[0], run[-1])]
                for first, last in ends:
                    found.add(Mark(tokens[first].start, tokens[last].end, phrase.words, weight))
    return sorted(found, key=lambda mark: mark[:2])


def occurrences(text: str, wanted: Leaves, analyzer: Analyzer) -> list[tuple[int, int]]:
    """Return the spans of ``text`` that ``wanted`` matches, a phrase as one, in order."""
    tokens = analyzer.spans(text)
    spans = {(token.start, token.end) for token in tokens if token.stem in wanted.single}
    for phrase in wanted.phrases:
        for run in _runs(tokens, phrase):
            spans.add((tokens[run[0]].start, tokens[run[-1]].end))
    return sorted(spans)


def _runs(tokens: Sequence[Token], phrase: Phrase) -> Iterator[Sequence[int]]:
    """Yield the places of the words of a phrase, one row for each place where it begins."""
    rest = phrase.words[1:]
    gaps = phrase.gaps or (phrase.slop,) * len(rest)
    for first, token in enumerate(tokens):
        if token.stem != phrase.words[0]:
            continue
        runs, last = [[first]], first + len(rest) + phrase.slop
        for word, gap in zip(rest, gaps, strict=True):
            # Of the ways to a place the first is enough.
            ways = {
                at: [*run, at]
                for run in reversed(runs)
                for at in range(run[-1] + 1, min(run[-1] + 1 + gap, last, len(tokens) - 1) + 1)
                if tokens[at].stem == word
            }
            runs = [ways[at] for at in sorted(ways)]
        yield from runs[:1]


def highlight(text: str, wanted: Leaves, analyzer: Analyzer) -> Snippet:
    """Return the whole of ``text`` with its matches marked."""
    return Snippet(text, _merged(text, [mark[:2] for mark in marks(text, wanted, analyzer)]))


def best_passage(text: str, wanted: Leaves, analyzer: Analyzer, length: int = LENGTH) -> Snippet:
    """Return the passage of about ``length`` characters that matches most of ``wanted``.

    Where nothing matches it is the beginning of the text.
    """
    found = marks(text, wanted, analyzer)
    if len(text) <= length:
        return Snippet(text, _merged(text, [mark[:2] for mark in found]))
    start, end = _window(text, found, length)
    spans = [(m.start - start, m.end - start) for m in found if m.start >= start and m.end <= end]
    passage = text[start:end]
    return Snippet(passage, _merged(passage, spans), before=start > 0, after=end < len(text))


def _window(text: str, found: Sequence[Mark], length: int) -> tuple[int, int]:
    """Choose the window: greatest weight of distinct leaves, then most matches, then earliest."""
    inside: dict[object, int] = {}
    best, best_score, weight, last = (0, length), (0.0, 0), 0.0, 0
    for first, mark in enumerate(found):
        while last < len(found) and found[last].end <= mark.start + length:
            entering = found[last]
            inside[entering.leaf] = inside.get(entering.leaf, 0) + 1
            weight += entering.weight if inside[entering.leaf] == 1 else 0.0
            last += 1
        score = (round(weight, 6), last - first)
        if score > best_score:
            end = max((m.end for m in found[first:last]), default=mark.end)
            best, best_score = (mark.start, end), score
        if last > first:
            inside[mark.leaf] -= 1
            weight -= 0.0 if inside[mark.leaf] else mark.weight
        last = max(last, first + 1)
    return _widened(text, *best, length)


def _widened(text: str, start: int, end: int, length: int) -> tuple[int, int]:
    """Widen a cluster to whole words, from the start of its sentence where there's room."""
    room = length - (end - start)
    ends = re.compile(_SENTENCE_END)  # it is remembered: not for every start
    sentence = max(
        (m.end() for m in ends.finditer(text, max(0, start - length), start + 1)),
        default=0 if start <= length else start,
    )
    if start - sentence <= room:
        start = sentence
    else:
        start = _word_start(text, max(0, start - room // 2))
    return start, _word_end(text, min(len(text), start + length), start + length // 2)


def _word_end(text: str, end: int, least: int) -> int:
    """Return where the last whole word before ``end`` ends, or else no part of a character."""
    if end == len(text) or text[end].isspace():
        return end
    space = next((i for i in range(end, least, -1) if text[i].isspace()), None)
    if space is not None:
        return space
    while end > least and unicodedata.combining(text[end]):
        end -= 1
    return end


def _word_start(text: str, start: int) -> int:
    if start == 0:
        return 0
    after = (i + 1 for i in range(start, min(start + 60, len(text))) if text[i].isspace())
    return next(after, start)


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
