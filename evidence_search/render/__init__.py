"""Values to text for people and programs: one function for each kind of value and format.

``FORMATS`` is the one table of them.  Everything that is drawn goes out through
:func:`render`, or as a page of a server through :func:`.html.site`: these are where control
characters end.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from evidence_search.errors import QueryError
from evidence_search.escaping import without_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.render.style import Style

FORMATS: dict[str, dict[str, str]] = {
    "records": {
        "text": "render.text:records",
        "lines": "render.data:lines",
        "json": "render.data:as_json",
        "jsonl": "render.data:jsonl",
        "csv": "render.data:as_csv",
        "tsv": "render.data:tsv",
        "markdown": "render.markdown:records",
        "html": "render.html:records",
        "csv-excel": "render.data:csv_excel",
        "xlsx": "render.data:xlsx",
        "ris": "exporting.ris:ris",
        "bibtex": "exporting.bibtex:bibtex",
        "csl-json": "exporting.csl:csl_json",
        "endnote-xml": "exporting.endnote_xml:endnote_xml",
        "nbib": "exporting.nbib:nbib",
        "citation": "exporting.citing:apa",
        "citation-vancouver": "exporting.citing:vancouver",
        "citation-harvard": "exporting.citing:harvard",
    },
    "results": {
        "text": "render.text:results",
        "lines": "records",
        "json": "render.data:results",
        "jsonl": "records",
        "csv": "records",
        "tsv": "records",
        "markdown": "render.markdown:results",
        "html": "render.html:results",
        "csv-excel": "records",
        "xlsx": "records",
        "ris": "records",
        "bibtex": "records",
        "csl-json": "records",
        "endnote-xml": "records",
        "nbib": "records",
        "citation": "records",
        "citation-vancouver": "records",
        "citation-harvard": "records",
        "notebook": "render.html:results_piece",
    },
    "report": {
        "text": "render.reports:text",
        "markdown": "render.reports:markdown",
        "html": "render.reports:html",
        "docx": "render.reports:docx",
    },
    "history": {"notebook": "render.html:history_piece"},
    "record": {"notebook": "render.html:record_piece"},
    "added": {"notebook": "render.html:added_piece"},
    "hit": {"notebook": "render.html:hit_piece"},
    "facets": {
        "text": "render.text:facets",
        "json": "render.facets:as_json",
        "tsv": "render.facets:as_tsv",
        "notebook": "render.html:facets_piece",
    },
    "map": {
        "text": "render.maps:text",
        "html": "render.html:evidence_map",
        "svg": "render.svg:evidence_map",
        "png": "render.figures:map_png",
        "pdf": "render.figures:map_pdf",
        "json": "render.maps:as_json",
        "csv": "render.maps:as_csv",
        "notebook": "render.html:map_piece",
        "figure": "render.figures:evidence_map",
    },
    "timeline": {
        "text": "render.timelines:text",
        "html": "render.html:timeline",
        "svg": "render.svg:timeline",
        "png": "render.figures:timeline_png",
        "pdf": "render.figures:timeline_pdf",
        "json": "render.maps:as_json",
        "csv": "render.maps:as_csv",
        "figure": "render.figures:timeline",
    },
    "stats": {
        "text": "render.stats:text",
        "json": "render.stats:as_json",
        "notebook": "render.html:stats_piece",
    },
    "duplicates": {
        "text": "render.duplicates:as_text",
        "json": "render.duplicates:as_json",
        "tsv": "render.duplicates:as_tsv",
    },
    "lists": {
        "text": "render.lists:counts",
        "json": "render.lists:as_json",
        "tsv": "render.lists:as_tsv",
        "notebook": "render.lists:fragment",
    },
    "list": {
        "text": "render.lists:text",
        "json": "render.lists:as_json",
        "tsv": "render.lists:as_tsv",
    },
    "index": {"notebook": "render.html:index_piece"},
    "explanation": {
        "text": "render.explanations:as_text",
        "json": "render.explanations:as_json",
        "notebook": "render.html:explanation_piece",
    },
    "concordance": {
        "text": "render.concordances:as_text",
        "json": "render.concordances:as_json",
        "tsv": "render.concordances:as_tsv",
        "notebook": "render.html:concordance_piece",
    },
    "log": {
        "text": "render.comparisons:log",
        "json": "render.comparisons:log_as_json",
        "csv": "render.comparisons:log_as_csv",
        "markdown": "render.comparisons:log_as_markdown",
    },
    "replay": {"text": "render.comparisons:replay", "json": "render.comparisons:as_json"},
    "new": {
        "text": "render.comparisons:news",
        **dict.fromkeys(("lines", "json", "jsonl", "csv", "tsv", "markdown"), "records"),
        **dict.fromkeys(("html", "ris", "bibtex", "csl-json", "endnote-xml"), "records"),
    },
    "strategy": {
        "text": "render.strategies:text",
        "json": "render.strategies:as_json",
        "csv": "render.strategies:as_csv",
        "notebook": "render.strategies:fragment",
    },
    "recall": {"text": "render.recalls:text", "json": "render.recalls:as_json"},
    "status": {"text": "render.status:text", "json": "render.status:as_json"},
    "check": {"text": "render.problems:text", "json": "render.problems:as_json"},
    "evaluation": {
        "text": "render.evaluations:text",
        "json": "render.evaluations:as_json",
        "tsv": "render.evaluations:tsv",
    },
}
"""For each kind of value and format the function that draws it, as module and name, so that none
is imported unused; or the kind that is drawn instead, from the attribute of that name.

A function takes the value, and for ``text`` and ``lines`` a :class:`Style` as well; it gives
pieces of text, or of bytes for ``png``, ``pdf`` and ``xlsx``.  ``notebook`` and ``figure`` are for
notebooks: a piece of HTML, and a figure of matplotlib.  What stands after the hyphen of
``citation-harvard`` is a style, which has an option of its own."""

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
    ".excel.csv": "csv-excel",
    ".xlsx": "xlsx",
    ".xml": "endnote-xml",
    ".nbib": "nbib",
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
    ".docx": "docx",
}
"""The format that the ending of a file's name means."""


def formats_of(kind: str) -> tuple[str, ...]:
    """Return the formats that a command can be asked for."""
    inner = {"notebook", "figure", "citation-vancouver", "citation-harvard"}
    return tuple(form for form in FORMATS[kind] if form not in inner)


def render(kind: str, form: str, value: Any, style: Style | None = None) -> Any:
    """Return a value of a kind of ``FORMATS`` in a format: an iterator of pieces, or a figure.

    ``style`` is how to draw ``text``; without it, 80 columns wide and plain.  Raises
    :class:`QueryError` for a format that the kind doesn't have.
    """
    where = FORMATS[kind].get(form)
    if where is None:
        raise QueryError(f"expected a format of {', '.join(formats_of(kind))}; found {form!r}")
    if where in FORMATS:
        return render(where, form, getattr(value, where), style)
    module, _, name = where.partition(":")
    function = getattr(import_module(f"evidence_search.{module}"), name)
    if form == "figure":
        return function(value)
    if form not in {"text", "lines"}:
        return _clean(function(value), styled=False)
    from evidence_search.render.style import Style

    style = style or Style()
    return _clean(function(value, style), styled=style.colour or style.links is not None)


def _clean(pieces: Any, *, styled: bool) -> Iterator[Any]:
    for piece in [pieces] if isinstance(pieces, str) else pieces:
        yield without_controls(piece, styled=styled) if isinstance(piece, str) else piece


def format_of(name: str) -> str | None:
    """Return the format that the name of a file asks for, or ``None`` for one not known."""
    endings = sorted(ENDINGS, key=len, reverse=True)
    return next((ENDINGS[e] for e in endings if name.lower().endswith(e)), None)
