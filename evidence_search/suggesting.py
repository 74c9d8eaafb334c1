"""What to try when nothing matched: nearer spellings, one word less, no filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.analysis import STOP_WORDS, words
from evidence_search.wording import edit_distance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evidence_search.analysis import Analyzer

MAX_SUGGESTIONS = 3
_MAX_WORDS = 8


def suggestions(
    query: str,
    analyzer: Analyzer,
    frequency: Callable[[str], int],
    count: Callable[[str, bool], int],
    *,
    filtered: bool,
) -> list[str]:
    """Return queries to try, each of which matches something; a sentence where it's the filters.

    ``frequency`` counts the documents with a token, ``count`` the matches of
    a query, with or without the filters.
    """
    found: dict[str, None] = {}
    for changed in (*_respelt(query, analyzer, frequency), *_shortened(query)):
        if len(found) < MAX_SUGGESTIONS and changed not in found and count(changed, True):
            found[changed] = None
    if filtered and (without := count(query, False)):
        found[f"{query} (without the filters: {without})"] = None
    return list(found)


def _respelt(query: str, analyzer: Analyzer, frequency: Callable[[str], int]) -> Iterator[str]:
    """Yield the query with each word that no record has replaced by its nearest in the corpus."""
    for surface, start, end in words(query)[:_MAX_WORDS]:
        if surface in STOP_WORDS or frequency(analyzer.stem(surface)):
            continue
        for near in nearest(surface, analyzer.stems):
            if frequency(analyzer.stem(near)):
                yield query[:start] + near + query[end:]
                break


def nearest(word: str, surfaces: Iterable[str]) -> list[str]:
    """Return the surfaces within one edit in four letters of ``word``, nearest first."""
    limit = 1 if len(word) < 5 else 2
    distances = [
        (edit_distance(word, surface, limit), surface)
        for surface in surfaces
        if surface != word and abs(len(surface) - len(word)) <= limit and len(surface) > 2
    ]
    return [surface for distance, surface in sorted(distances) if distance <= limit]


def _shortened(query: str) -> Iterator[str]:
    """Yield the query without each of its words, where it is only words."""
    typed = query.split()
    if 1 < len(typed) <= _MAX_WORDS and all(word.isalnum() for word in typed):
        for i in range(len(typed)):
            yield " ".join(typed[:i] + typed[i + 1 :])
