"""Records like a record: its most telling words, asked as a query.

A word tells the more, the oftener the record has it and the fewer records
have it: tf · idf, as Lucene's MoreLikeThis weighs it, with words of the title
counted as often as the title counts in ranking.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS, words
from evidence_search.engines.plan import Boost, Nothing, Or, Term
from evidence_search.engines.scoring import idf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.engines.plan import Node
    from evidence_search.records import StudyRecord

MAX_WORDS = 25
_TITLE = 3
_MIN_LENGTH = 3


class Telling(NamedTuple):
    """A word of a record, its token, and how much it tells: 1 for the most telling."""

    word: str
    token: str
    weight: float


def telling_words(
    record: StudyRecord,
    analyzer: Analyzer,
    surfaces: Mapping[str, int],
    documents: int,
    limit: int = MAX_WORDS,
) -> list[Telling]:
    """Return the words that tell most of a record, of those that other records have too.

    ``surfaces`` has the number of records with each word, of all ``documents``.
    """
    found: dict[str, Counter[str]] = {}
    weighed = [(record.title, _TITLE), (record.summary, 1), (" ".join(record.keywords), 1)]
    for text, times in weighed:
        for surface, _, _ in words(text):
            if len(surface) >= _MIN_LENGTH and surface not in STOP_WORDS and surface.isalpha():
                found.setdefault(analyzer.stem(surface), Counter())[surface] += times
    scored = []
    for token, counts in found.items():
        records = max(surfaces.get(surface, 0) for surface in counts)
        if records > 1:
            word = min(counts, key=lambda surface: (-counts[surface], surface))
            scored.append((sum(counts.values()) * idf(records, documents), word, token))
    scored.sort(key=lambda item: (-item[0], item[1]))
    most = scored[0][0] if scored else 1.0
    return [Telling(word, token, score / most) for score, word, token in scored[:limit]]


def likeness(telling: Sequence[Telling]) -> Node:
    """Return the plan that scores records by the telling words that they have."""
    terms = tuple(Boost(Term(word.token), word.weight) for word in telling)
    return Or(terms) if terms else Nothing()
