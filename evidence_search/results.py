"""What a search found: a page of hits, facets over all matches, and what a notebook makes of them.

A page is drawn, exported and framed as the page it is; maps and timelines are
of all matches, which are read when first asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from evidence_search.display import HOOK, Displayed
from evidence_search.errors import QueryError
from evidence_search.escaping import line
from evidence_search.matches import ids_of
from evidence_search.snippets import Snippet
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd
    import polars as pl
    from matplotlib.figure import Figure

    from evidence_search.crosstab import Crosstab
    from evidence_search.planning import Added
    from evidence_search.records import StudyRecord
    from evidence_search.search import Provenance, Search
    from evidence_search.suggesting import Suggestion

_REPR_HITS = 10


class Hit(Displayed, Value):
    """A record that matched: ``rank`` from 1 over all pages, ``score`` comparable in one search.

    ``whole`` tells whether it has all the words of the query, which need not all match.
    ``by_meaning`` tells that no word of the search found it, only its meaning.
    """

    _kind = "hit"

    rank: int
    score: float
    record: StudyRecord
    snippet: Snippet
    title: Snippet
    whole: bool = True
    by_meaning: bool = False

    def __repr__(self) -> str:
        return f"<Hit {self.rank}, score {self.score:.2f}: {self.record!r}>"


def by_listing(hit: Hit) -> Iterator[Hit]:
    """Yield a hit for each listing of its record, with the title and text that it has there."""
    for entry in hit.record.entries:
        title = hit.title if entry.title == hit.record.title else Snippet(entry.title)
        same = entry.summary == hit.record.summary
        passage = Snippet(entry.summary[:_PASSAGE], after=len(entry.summary) > _PASSAGE)
        yield replace(hit, record=entry, title=title, snippet=hit.snippet if same else passage)


_PASSAGE = 240
"""Characters of the summary of a listing that wasn't itself looked into for the best passage."""


class AddedTerms(Displayed, tuple["Added", ...]):
    """The terms that a search looked for beside the words of its query."""

    __slots__ = ()
    _kind = "added"


class Facets(Displayed, Mapping[str, Mapping[str, int]]):
    """Counts of the matches of a search: facet, label, count; a mapping.

    The labels of a facet that the search filters by are counted without that filter.
    ``total`` is how many records match.
    """

    __slots__ = ("_counts", "provenance", "search", "total")
    _kind = "facets"

    def __init__(
        self,
        search: Search,
        provenance: Provenance,
        total: int,
        counts: Mapping[str, Mapping[str, int]],
    ) -> None:
        self.search = search
        self.provenance = provenance
        self.total = total
        self._counts = counts

    def __getitem__(self, facet: str) -> Mapping[str, int]:
        return self._counts[facet]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def __repr__(self) -> str:
        return repr(dict(self._counts))


class Results(Displayed, Value):
    """One page of the hits of a search; a sequence of :class:`Hit`.

    ``search`` is what was asked, ``provenance`` of which corpus and when.

    ``facets`` maps each facet to its labels and how many of *all* matches
    have them, its own filter left aside.  ``matches`` are the records of all
    matches, in the order of the search, read when first used.  ``added`` are terms of the
    thesaurus that were searched too, ``notes`` say what of the query was read
    literally, ``absent`` are words of it that no record has, ``suggestions`` are
    other searches, each finding more.  ``whole`` is how many matches have all the
    words, where that could be fewer.  ``like`` is the record that these are similar
    to, if any; ``refreshed`` says whether
    the index was brought up to date for this search.
    """

    _kind = "results"

    search: Search
    provenance: Provenance
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]]
    matches: Sequence[StudyRecord]
    added: AddedTerms = AddedTerms()
    notes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    offset: int = 0
    whole: int | None = None
    like: StudyRecord | None = None
    refreshed: bool = False

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
            f"{hit.rank:3}. {line(hit.record.title)} ({hit.record.year or 'no year'})"
            for hit in self.hits[:_REPR_HITS]
        ]
        return "\n".join(lines + ["  …"] * (len(self) > _REPR_HITS))

    @property
    def query(self) -> str:
        """The query as it was typed."""
        return self.search.query

    @property
    def ids(self) -> list[str]:
        """The ids of all matches, in the order of the search."""
        return ids_of(self.matches)

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
        return (
            export(self.records, form)
            if path is None
            else export(self.records, form, path, force=force)
        )

    def crosstab(
        self,
        rows: str = "category",
        columns: str = "jurisdiction",
        saved: Mapping[str, Collection[str]] | None = None,
    ) -> Crosstab:
        """Return all matches counted by two facets; a notebook shows it as a table.

        For the facet ``"saved"`` see :func:`evidence_search.history.crosstab`.
        """
        from evidence_search.crosstab import crosstab

        return crosstab(self.matches, rows, columns, self.search, self.provenance, saved)

    def map(self, rows: str = "category", columns: str = "jurisdiction") -> Figure:
        """Return the evidence map of all matches, by two facets, as a figure of matplotlib.

        Raises :class:`QueryError` for a facet that isn't one, and :class:`MissingExtraError`.
        """
        figure: Figure = HOOK.render("map", "figure", self.crosstab(rows, columns))
        return figure

    def timeline(self) -> Figure:
        """Return all matches by year and category as a figure of matplotlib.

        Raises :class:`MissingExtraError`.
        """
        figure: Figure = HOOK.render("timeline", "figure", self.crosstab("year", "category"))
        return figure


@overload
def export(records: Iterable[StudyRecord], form: str) -> str: ...
@overload
def export(
    records: Iterable[StudyRecord], form: str, path: str | Path, *, force: bool = False
) -> Path: ...
def export(
    records: Iterable[StudyRecord],
    form: str,
    path: str | Path | None = None,
    *,
    force: bool = False,
) -> str | Path:
    """Return records in a format, or write them to a file and return its path.

    ``form`` is "text", "lines", "json", "jsonl", "csv", "csv-excel", "tsv", "markdown", "html",
    "ris", "bibtex", "csl-json", "endnote-xml", "nbib", "citation" (in the style of APA),
    "citation-vancouver", "citation-harvard", or, to a file only, "xlsx".  A file is written
    whole or not at all; one that is there is left as it is unless ``force`` (default
    ``False``).  Raises :class:`QueryError` for another format, :class:`MissingExtraError`
    where its library isn't installed, and :class:`ExportError` where the file can't be
    written.
    """
    pieces = HOOK.render("records", form, records)
    if path is None:
        if form == "xlsx":
            raise QueryError("expected a path for a workbook, which is no text; found none")
        return "".join(pieces)
    from evidence_search.writing import write_file

    write_file(Path(path), pieces, overwrite=force)
    return Path(path)
