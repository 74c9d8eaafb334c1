"""Records to text for people and programs: one function for each format, in one table."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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
}
"""The format that the ending of a file's name means."""


def exporter(name: str) -> Callable[[Iterable[StudyRecord]], Iterator[str]]:
    """Return the function that turns records into pieces of text in a format of ``FORMATS``."""
    module, _, function = FORMATS[name].partition(":")
    found: Callable[[Iterable[StudyRecord]], Iterator[str]] = getattr(
        import_module(f"evidence_search.render.{module}"), function
    )
    return found


def format_of(name: str) -> str | None:
    """Return the format that the name of a file asks for, or ``None`` for one not known."""
    endings = sorted(ENDINGS, key=len, reverse=True)
    return next((ENDINGS[e] for e in endings if name.lower().endswith(e)), None)
