"""What the words find and what the meaning finds, as one order.

The scores of each are brought to between 0 and 1, from the least that they can be to that of
the best hit, and their mean orders the union.  Source: Bruch et al., "An Analysis of Fusion
Functions for Hybrid Retrieval" (2023): there this beat reciprocal rank fusion; so it did here.
With the least of the hits in place of the least there can be, the last of a few good hits of
the words would count for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEPTH = 100
"""How many of the best hits of words, and of meaning, are joined."""
NEAREST = 0.25
"""The least cosine of what is near in meaning.

Chosen so that what has nothing to do with a corpus finds nothing in it; on the collections of
docs/ranking.md a floor of up to .35 changed no measure by .002.
"""
MEANING_SHARE = 0.5
"""How much meaning counts, of 1; the rest is the words'."""


class Fused(NamedTuple):
    """A record with its score, and what words and meaning gave it, ``None`` where nothing."""

    id: str
    score: float
    words: float | None
    meaning: float | None


def fuse(words: Iterable[tuple[str, float]], meaning: Iterable[tuple[str, float]]) -> list[Fused]:
    """Join two lists of ids and scores, each best first, into one, best first; ties by id."""
    by_words, by_meaning = _normalised(words, 0.0), _normalised(meaning, NEAREST)
    fused = [
        Fused(
            name,
            (1 - MEANING_SHARE) * by_words.get(name, 0.0)
            + MEANING_SHARE * by_meaning.get(name, 0.0),
            by_words.get(name),
            by_meaning.get(name),
        )
        for name in by_words.keys() | by_meaning.keys()
    ]
    return sorted(fused, key=lambda hit: (-hit.score, hit.id))


def _normalised(scored: Iterable[tuple[str, float]], least: float) -> Mapping[str, float]:
    scores = dict(scored)
    most = max(scores.values(), default=least)
    if most <= least:
        return dict.fromkeys(scores, 1.0)
    return {name: (score - least) / (most - least) for name, score in scores.items()}
