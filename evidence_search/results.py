"""What a search found: a page of hits, facets over all matches, and what a notebook makes of them.

A page is drawn, exported and framed as the page it is; maps and timelines are
of all matches, which are read when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import polars as pl

    from evidence_search.crosstab import Crosstab
    from evidence_search.planning import Added
    from evidence_search.records import StudyRecord
    from evidence_search.render.figures import Figure
    from evidence_search.snippets import Snippet
    from evidence_search.suggesting import Suggestion

_REPR_HITS = 10


class Hit(Value):
    """A record that matched: ``rank`` from 1 over all pages, ``score`` comparable in one search."""

    rank: int
    score: float
    record: StudyRecord
    snippet: Snippet
    title: Snippet

    def __repr__(self) -> str:
        return f"<Hit {self.rank}, score {self.score:.2f}: {self.record!r}>"

    def _repr_html_(self) -> str:
        from evidence_search.render.html import record

        return record(self.record, self)


class Results(Value):
    """One page of the hits of a search; a sequence of :class:`Hit`.

    ``facets`` maps each facet to its labels and how many of *all* matches
    have them, its own filter left aside.  ``matches`` are the records of all
    matches, in the order of the search, read when first used.  ``added`` are terms of the
    thesaurus that were searched too, ``notes`` say what of the query was read
    literally, ``suggestions`` are other searches, each finding more.
    """

    query: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    matches: Sequence[StudyRecord]
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
        from evidence_search.render.safe import line

        lines = [f"<Results of {self.query!r}: {self.total} records>"]
        lines += [
            f"{hit.rank:3}. {line(hit.record.title)} ({hit.record.year or 'no year'})"
            for hit in self.hits[:_REPR_HITS]
        ]
        return "\n".join(lines + ["  …"] * (len(self) > _REPR_HITS))

    def _repr_html_(self) -> str:
        from evidence_search.render.html import fragment

        return fragment(self)

    @property
    def records(self) -> list[StudyRecord]:
        """The records of the hits, in order."""
        return [hit.record for hit in self.hits]

    @overload
    def to_frame(self, library: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def to_frame(self, library: Literal["polars"]) -> pl.DataFrame: ...
    def to_frame(
        self, library: Literal["pandas", "polars"] = "pandas"
    ) -> pd.DataFrame | pl.DataFrame:
        """Return the hits as a data frame of pandas or polars, one row a hit.

        The columns are ``rank``, ``score``, those of the record with typed
        values (``docs/notebook.md``), and ``snippet``.  For all matches
        search with ``limit=None``.  Raises :class:`MissingExtraError`.
        """
        from evidence_search import frames

        rows = (
            {
                **frames.row(hit.record),
                "rank": hit.rank,
                "score": hit.score,
                "snippet": hit.snippet.text,
            }
            for hit in self.hits
        )
        return frames.frame(rows, frames.HIT_COLUMNS, library)

    @overload
    def export(self, form: str) -> str: ...
    @overload
    def export(self, form: str, path: str | Path, *, force: bool = False) -> Path: ...
    def export(
        self, form: str, path: str | Path | None = None, *, force: bool = False
    ) -> str | Path:
        """Return the records of the hits in a format, or write them to a file and return its path.

        As :func:`evidence_search.export`; for all matches search with ``limit=None``.
        """
        from evidence_search.render import export

        return (
            export(self.records, form)
            if path is None
            else export(self.records, form, path, force=force)
        )

    def crosstab(self, rows: str = "category", columns: str = "jurisdiction") -> Crosstab:
        """Return all matches counted by two facets; a notebook shows it as a table."""
        from evidence_search.crosstab import crosstab

        return crosstab(self.matches, rows, columns, self.query)

    def map(self, rows: str = "category", columns: str = "jurisdiction") -> Figure:
        """Return the evidence map of all matches, by two facets, as a figure of matplotlib.

        Raises :class:`QueryError` for a facet that isn't one, and :class:`MissingExtraError`.
        """
        from evidence_search.render import figures

        return figures.evidence_map(self.crosstab(rows, columns))

    def timeline(self) -> Figure:
        """Return all matches by year and category as a figure of matplotlib.

        Raises :class:`MissingExtraError`.
        """
        from evidence_search.render import figures

        return figures.timeline(self.crosstab("year", "category"))
