"""What a search found: a page of hits, and facets over all matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evidence_search.planning import Added
    from evidence_search.records import StudyRecord
    from evidence_search.snippets import Snippet
    from evidence_search.suggesting import Suggestion


class Hit(Value):
    """A record that matched: ``rank`` from 1 over all pages, ``score`` comparable in one search."""

    rank: int
    score: float
    record: StudyRecord
    snippet: Snippet
    title: Snippet


class Results(Value):
    """One page of the hits of a search; a sequence of :class:`Hit`.

    ``facets`` maps each facet to its labels and how many of *all* matches
    have them, its own filter left aside.  ``added`` are terms of the
    thesaurus that were searched too, ``notes`` say what of the query was read
    literally, ``suggestions`` are other searches, each finding more.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    added: tuple[Added, ...] = ()
    notes: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    offset: int = 0

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, at: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[at]

    def __bool__(self) -> bool:
        return self.total > 0

    def __repr__(self) -> str:
        lines = [f"<Results of {self.query!r}: {self.total} records>"]
        lines += [
            f"{hit.rank:3}. {hit.record.title} ({hit.record.year or 'no year'})"
            for hit in self.hits
        ]
        return "\n".join(lines)

    @property
    def records(self) -> list[StudyRecord]:
        """The records of the hits, in order."""
        return [hit.record for hit in self.hits]
