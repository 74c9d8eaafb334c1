"""Records to text for people and programs: one function for each format, in one table."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from evidence_search.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evidence_search.records import StudyRecord

FORMATS = {
    "text": "text:records",
    "lines": "data:lines",
    "json": "data:as_json",
    "jsonl": "data:jsonl",
    "csv": "data:as_csv",
    "tsv": "data:tsv",
    "markdown": "markdown:records",
    "html": "html:records",
    "ris": "citations:ris",
    "bibtex": "citations:bibtex",
    "csl-json": "citations:csl_json",
}
"""Where the function for each format is, as module and name, so that none is imported unused."""

MAP_FORMATS = {
    "text": "maps:text",
    "html": "maps:page",
    "svg": "svg:evidence_map",
    "png": "figures:map_png",
    "pdf": "figures:map_pdf",
    "json": "maps:as_json",
    "csv": "maps:as_csv",
}
"""The same for evidence maps."""

TIMELINE_FORMATS = {
    "text": "timelines:text",
    "html": "timelines:page",
    "svg": "svg:timeline",
    "png": "figures:timeline_png",
    "pdf": "figures:timeline_pdf",
    "json": "maps:as_json",
    "csv": "maps:as_csv",
}
"""The same for timelines."""

ENDINGS = {
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".ris": "ris",
    ".bib": "bibtex",
    ".csl.json": "csl-json",
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
}
"""The format that the ending of a file's name means."""


def exporter(name: str) -> Callable[[Iterable[StudyRecord]], Iterator[str]]:
    """Return the function that turns records into pieces of text in a format of ``FORMATS``.

    Raises :class:`QueryError` for another.
    """
    if name not in FORMATS:
        raise QueryError(f"expected a format of {', '.join(FORMATS)}; found {name!r}")
    found: Callable[[Iterable[StudyRecord]], Iterator[str]] = function(FORMATS[name])
    return found


def function(where: str) -> Any:
    """Import and return a function of a table of formats."""
    module, _, name = where.partition(":")
    return getattr(import_module(f"evidence_search.render.{module}"), name)


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
    """Return records in a format of ``FORMATS``, or write them to a file and return its path.

    A file is written whole or not at all; one that is there is kept unless
    ``force``.  Raises :class:`QueryError` for another format, and
    :class:`ExportError`.
    """
    pieces = exporter(form)(records)
    if path is None:
        return "".join(pieces)
    from evidence_search.writing import write_file

    write_file(Path(path), pieces, overwrite=force)
    return Path(path)


def format_of(name: str) -> str | None:
    """Return the format that the name of a file asks for, or ``None`` for one not known."""
    endings = sorted(ENDINGS, key=len, reverse=True)
    return next((ENDINGS[e] for e in endings if name.lower().endswith(e)), None)
