"""What each address of the page answers."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from evidence_search.documents import FACETS
from evidence_search.errors import (
    EvidenceSearchError,
    MissingExtraError,
    QueryError,
    RecordNotFoundError,
)
from evidence_search.exporting.citing import STYLES, citation
from evidence_search.records import NOT_STATED, UNCATEGORISED
from evidence_search.render import html, render
from evidence_search.render.stylesheet import stylesheet
from evidence_search.web.asked import FILTERS, PAGE_SIZE, Asked

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request

    from evidence_search.crosstab import Crosstab
    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord

EXPORTS = {
    "ris": ("RIS", "ris"), "endnote-xml": ("EndNote", "xml"), "bibtex": ("BibTeX", "bib"),
    "csl-json": ("CSL-JSON", "json"), "nbib": ("PubMed", "nbib"), "csv-excel": ("Excel", "csv"),
    "markdown": ("Markdown", "md"), "citation": ("list of references", "txt"),
}  # fmt: skip
"""Formats that a browser may save: what people call each, and the ending of its file."""
AXES = (*FACETS, "year")
"""What rows and columns of a map may be."""
MOST_LONG = 10_000
"""The most characters of a query."""
FRESH = 1.0
"""Seconds for which the corpus isn't compared again."""
_PATIENCE = 0.2
"""Seconds that an answer waits for a refresh; a longer one is for the next answer."""
_SIMILAR = 5


class Site:
    """The answers from one index, which follows its corpus."""

    def __init__(self, index: EvidenceIndex) -> None:
        self._index = index
        self._compared = 0.0
        self._refreshing: threading.Thread | None = None
        self._lock = threading.Lock()

    # Pages

    def search(self, request: Request) -> Response:
        """Show a page of hits with facets to tick, or what is wrong with what was asked."""
        asked = _asked(request)
        found = self._index.search(asked.search, limit=PAGE_SIZE, offset=asked.offset)
        return _page("site-search.html", asked, results=found, pages=-(-found.total // PAGE_SIZE))

    def record(self, request: Request) -> Response:
        """Show a record whole, how to cite it, and what is like it."""
        asked = _asked(request)
        record = self._index.get(request.path_params["name"])
        return _page(
            "site-record.html", asked, record=record, citations=_citations(record),
            similar=self._index.similar(record, limit=_SIMILAR),
        )  # fmt: skip

    def why(self, request: Request) -> Response:
        """Show how a query is read, and why it finds a record or not."""
        asked = _asked(request)
        name = request.path_params["name"]
        return _page("explanation.html", asked, explanation=self._index.explain(asked.search, name))

    def evidence_map(self, request: Request) -> Response:
        """Show the map of what a query matches; each number leads to a search for its records."""
        asked, table = self._map(request)
        return _drawn(asked, table, "")

    def map_file(self, request: Request) -> Response:
        """Send the map as one file that filters without a server, to be published."""
        _, table = self._map(request)
        return HTMLResponse("".join(render("map", "html", table)), headers=_saved("map.html"))

    def _map(self, request: Request) -> tuple[Asked, Crosstab]:
        asked = _asked(request)
        rows = request.query_params.get("rows", "category")
        columns = request.query_params.get("columns", "jurisdiction")
        found = self._index.search(asked.search, limit=0, all_matches=True)
        return asked, found.crosstab(rows, columns)

    def timeline(self, request: Request) -> Response:
        """Show what a query matches by year and category."""
        asked = _asked(request)
        found = self._index.search(asked.search, limit=0, all_matches=True)
        table = found.crosstab("year", "category")
        return _drawn(asked, table, html.picture(table))

    def export(self, request: Request) -> Response:
        """Send all matches as a file."""
        asked = _asked(request)
        form = request.query_params.get("format", "")
        if form not in EXPORTS:
            raise QueryError(f"expected a format of {', '.join(EXPORTS)}; found {form[:20]!r}")
        found = self._index.search(asked.search, limit=None)
        return PlainTextResponse(
            "".join(render("results", form, found)),
            headers=_saved(f"evidence.{EXPORTS[form][1]}"),
        )

    # What is around them

    def application(self) -> Starlette:
        """Return the application with all addresses."""
        answers = {
            "/": self.search, "/records/{name}": self.record, "/why/{name}": self.why,
            "/map": self.evidence_map, "/map.html": self.map_file,
            "/timeline": self.timeline, "/export": self.export,
        }  # fmt: skip
        routes = [Route(path, self._answering(answer)) for path, answer in answers.items()]
        return Starlette(
            routes=[*routes, Route("/style.css", _style)],
            exception_handlers={404: _not_found},
        )

    def _answering(self, answer: Any) -> Any:
        """Return an endpoint that refreshes before it answers, and shows errors as pages."""

        def endpoint(request: Request) -> Response:
            self._catch_up()
            try:
                response: Response = answer(request)
            except QueryError as error:
                return _message(request, 400, str(error))
            except RecordNotFoundError as error:
                return _message(request, 404, str(error))
            except EvidenceSearchError as error:
                return _message(request, 503, str(error))
            return response

        return endpoint

    def _catch_up(self) -> None:
        """Follow the corpus in a thread of its own; answers go on from the state before."""
        with self._lock:
            running = self._refreshing
            if running is None or not running.is_alive():
                if time.monotonic() - self._compared < FRESH:
                    return
                self._compared = time.monotonic()
                running = threading.Thread(target=self._refresh, daemon=True)
                self._refreshing = running
                running.start()
        running.join(_PATIENCE)

    def _refresh(self) -> None:
        try:
            self._index.catch_up(failed=lambda _: None)
        except EvidenceSearchError:
            return  # the answer itself will say what is wrong, if it can't be given
        self._compared = time.monotonic()


def _asked(request: Request) -> Asked:
    pairs = request.query_params.multi_items()
    if sum(len(name) + len(value) for name, value in pairs) > MOST_LONG:
        raise QueryError(f"expected a search of at most {MOST_LONG} characters; found a longer one")
    return Asked.of(pairs)


def _saved(name: str) -> dict[str, str]:
    """Return the headers with which a browser keeps an answer as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _page(template: str, asked: Asked, status: int = 200, **values: Any) -> Response:
    text = html.site(template, here=asked, exports=EXPORTS, **values)
    return HTMLResponse(text, status)


def _drawn(asked: Asked, table: Crosstab, picture: str) -> Response:
    """Return the page of a map or timeline; a number leads to the search for its records."""

    def address(row: str, column: str) -> str:
        there = asked.at(1)
        for axis, label in ((table.rows, row), (table.columns, column)):
            if axis == "decade" and label[:4].isdigit():
                there = there.with_filter("year", f"{label[:4]}..{int(label[:4]) + 9}")
            elif axis in FILTERS and label not in {NOT_STATED, UNCATEGORISED}:
                there = there.with_filter(axis, label)
            else:
                return ""  # no filter asks for it
        return there.address()

    return _page(
        "site-map.html", asked, table=table, picture=picture, cell_address=address, axes=AXES
    )


def _message(request: Request, status: int, message: str) -> Response:
    """Return a page that says what is wrong, with the search as it was typed, to mend it."""
    asked = Asked(request.query_params.get("q", "")[:MOST_LONG])
    return _page("site-message.html", asked, status, message=message)


def _not_found(request: Request, _: Exception) -> Response:
    return _message(request, 404, "expected an address of this page; found none of them")


def _style(_: Request) -> Response:
    return Response(stylesheet(), media_type="text/css")


def _citations(record: StudyRecord) -> dict[str, str]:
    """Return a record as each style cites it; nothing where the extra isn't installed."""
    try:
        return {style: citation(record, style) for style in STYLES}
    except MissingExtraError:
        return {}
