"""Pairs of documents that may be one, for a person to decide on, with what speaks for and against.

Only documents that share an identifier, a title or several of their rarest
words are held against each other, so that the work grows with the number of
documents, not of pairs.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import accumulate, combinations
from typing import TYPE_CHECKING

from evidence_search.merging import comparing
from evidence_search.merging.comparing import compare, years_apart
from evidence_search.merging.decisions import DIFFERENT, SAME, Said
from evidence_search.merging.identity import folded, identity
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.merging.comparing import Comparison, Document
    from evidence_search.merging.decisions import Decisions
    from evidence_search.records import StudyRecord

_COMMON = 50
"""A word, title or identifier of more documents than these says nothing of a pair."""
_RAREST = 12
_SHARED = 3
_LEAST = 3.0
"""What a pair must score to be proposed: as much as a title of nearly the same words."""

_LIKE = 0.25
"""Summaries that tell of the same work are mostly this alike, and of others hardly ever."""

_WEIGHTS = {
    "doi": 3.0, "pmid": 3.0, "pmcid": 3.0, "link": 3.0,
    "year": 1.0, "authors": 1.0, "publisher": 1.0, "journal": 0.5, "volume": 0.5, "page": 0.5,
}  # fmt: skip
_PENALTIES = {
    "doi": 2.0, "pmid": 2.0, "authors": 2.0, "year": 2.0, "journal": 1.0, "publisher": 1.0,
    "volume": 0.5, "issue": 0.5, "page": 0.5,
}  # fmt: skip
_NAMES = {
    "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "link": "link", "year": "year",
    "authors": "first author", "publisher": "publisher", "journal": "journal",
    "volume": "volume", "issue": "issue", "page": "first page",
}  # fmt: skip


class Proposal(Value):
    """Two documents that may be one.

    ``score`` grows with how likely that is; ``supporting`` and ``opposing`` say
    in words what speaks for it and against it.
    """

    one: StudyRecord
    other: StudyRecord
    score: float
    supporting: tuple[str, ...]
    opposing: tuple[str, ...]


def proposals(records: Sequence[StudyRecord], decisions: Decisions) -> list[Proposal]:
    """Return the likely pairs among the records of documents, the likeliest first.

    What is decided isn't proposed again.
    """
    documents = [tuple(map(identity, record.entries)) for record in records]
    said = Said(decisions, [listing for document in documents for listing in document])
    ends = [*accumulate(map(len, documents))]
    listings = [range(end - len(doc), end) for end, doc in zip(ends, documents, strict=True)]
    texts = _Texts(records)
    found = []
    for pair in texts.candidates(documents):
        if not any(said.are(kind, [listings[n] for n in pair]) for kind in (SAME, DIFFERENT)):
            one, other = pair
            proposal = _proposal(
                records[one],
                records[other],
                documents[one],
                documents[other],
                texts.likeness(*pair),
            )
            if proposal.score >= _LEAST:
                found.append(proposal)
    return sorted(found, key=lambda p: (-p.score, p.one.id, p.other.id))


class _Texts:
    """The words of documents: of titles and summaries of all their listings."""

    def __init__(self, records: Sequence[StudyRecord]) -> None:
        self._summaries = [
            [set(folded(e.summary).split()) for e in record.entries if e.summary]
            for record in records
        ]
        self._words = [
            {word for e in record.entries for word in folded(e.title).split()}.union(*summaries)
            for record, summaries in zip(records, self._summaries, strict=True)
        ]
        counts = Counter(word for words in self._words for word in words)
        self._weights = {word: math.log(1 + len(records) / n) for word, n in counts.items()}
        self._counts: Mapping[str, int] = counts

    def candidates(self, documents: Sequence[Document]) -> Iterator[tuple[int, int]]:
        """Yield the pairs, by number, that are worth a look."""
        pairs: set[tuple[int, int]] = set()
        sharing: dict[str, set[int]] = defaultdict(set)
        for number, document in enumerate(documents):
            for listing in document:
                for key in (*listing.keys, listing.title):
                    sharing[key].add(number)
        for key, numbers in sharing.items():
            if key and len(numbers) <= _COMMON:
                pairs.update(combinations(sorted(numbers), 2))
        pairs.update(self._sharing_rare_words())
        for one, other in sorted(pairs):
            apart = years_apart(documents[one], documents[other])
            if apart is None or apart <= 1 or _share_key(documents[one], documents[other]):
                yield one, other

    def _sharing_rare_words(self) -> Iterator[tuple[int, int]]:
        having: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._words):
            known = ((self._counts[word], word) for word in words if len(word) > 2)
            rare = sorted(pair for pair in known if 1 < pair[0] <= _COMMON)
            shared = Counter(earlier for _, word in rare[:_RAREST] for earlier in having[word])
            for earlier, count in shared.items():
                if count >= _SHARED:
                    yield earlier, number
            for _, word in rare[:_RAREST]:
                having[word].append(number)

    def likeness(self, one: int, other: int) -> float:
        """Return how alike the summaries of two documents are, 0 to 1: cosine of weighted words."""
        return max(
            (self._cosine(a, b) for a in self._summaries[one] for b in self._summaries[other]),
            default=0.0,
        )

    def _cosine(self, one: set[str], other: set[str]) -> float:
        def length(words: set[str]) -> float:
            return sum(self._weights[word] ** 2 for word in words)

        return length(one & other) / math.sqrt(length(one) * length(other))


def _share_key(one: Document, other: Document) -> bool:
    return any(set(a.keys) & set(b.keys) for a in one for b in other)


def _proposal(
    one: StudyRecord, other: StudyRecord, ours: Document, theirs: Document, summaries: float
) -> Proposal:
    found = compare(ours, theirs)
    titles = comparing.likeness(ours, theirs)
    opposing = {name for name in found.contradicting if name in _PENALTIES}
    if found.agreeing & {"authors", "journal"}:
        opposing.discard("publisher")
    score = (
        _points(titles, 0.6, 0.75, 0.9)
        + _points(summaries, _LIKE, _LIKE, 0.5, 0.75)
        + sum(_WEIGHTS.get(name, 0.0) for name in found.agreeing)
        - sum(_PENALTIES[name] for name in opposing)
    )
    return Proposal(
        one, other, score,
        tuple(_supporting(found, titles, summaries)),
        tuple(_opposing(opposing, ours, theirs)),
    )  # fmt: skip


def _points(likeness: float, *steps: float) -> int:
    return sum(likeness >= step for step in steps)


def _supporting(found: Comparison, titles: float, summaries: float) -> Iterator[str]:
    if titles >= 0.6:
        yield "same title" if titles == 1 else f"titles {titles:.0%} alike"
    if summaries >= _LIKE:
        yield f"summaries {summaries:.0%} alike"
    yield from (f"same {called}" for name, called in _NAMES.items() if name in found.agreeing)


def _opposing(names: set[str], ours: Document, theirs: Document) -> Iterator[str]:
    for name, called in _NAMES.items():
        if name in names:
            yield f"other {called}: {_value(ours, name)}, {_value(theirs, name)}"


def _value(document: Document, name: str) -> str:
    """Return the first value that a document has of a fact."""
    for listing in document:
        value = (
            next((k.partition(":")[2] for k in listing.keys if k.startswith(f"{name}:")), "")
            if name in ("doi", "pmid", "pmcid")
            else getattr(listing, name)
        )
        if value:
            return value[0] if isinstance(value, tuple) else str(value)
    return ""
