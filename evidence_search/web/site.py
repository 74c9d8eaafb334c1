"""What each address of the page answers."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from evidence_search import history
from evidence_search.calls import changes
from evidence_search.calls.asking import SIMILAR
from evidence_search.documents import FACETS, SAVED
from evidence_search.errors import (
    EvidenceSearchError,
    HistoryError,
    MissingExtraError,
    QueryError,
)
from evidence_search.exporting.citing import STYLES, citation
from evidence_search.index.lists import user
from evidence_search.lists import SCREENING
from evidence_search.records import NOT_STATED, UNCATEGORISED
from evidence_search.render import atom, comparisons, html, render
from evidence_search.render.stylesheet import stylesheet
from evidence_search.web import api, strategies
from evidence_search.web.asked import MOST_LONG, PAGE_SIZE, Asked, bounded
from evidence_search.web.guard import MOST_BYTES
from evidence_search.web.statuses import status_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from evidence_search.calls.desk import Desk
    from evidence_search.crosstab import Crosstab
    from evidence_search.history import Comparison
    from evidence_search.records import StudyRecord
    from evidence_search.results import Results
    from evidence_search.search import Search

EXPORTS = {
    "ris": ("RIS", "ris"), "endnote-xml": ("EndNote", "xml"), "bibtex": ("BibTeX", "bib"),
    "csl-json": ("CSL-JSON", "json"), "nbib": ("PubMed", "nbib"), "csv-excel": ("Excel", "csv"),
    "markdown": ("Markdown", "md"), "citation": ("list of references", "txt"),
}  # fmt: skip
"""Formats that a browser may save: what people call each, and the ending of its file."""
AXES = (*FACETS, "year", SAVED)
"""What the form for a map offers: of others few records share a label."""
REPORTS = {
    "html": ("text/html", "html"), "markdown": ("text/markdown", "md"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
}  # fmt: skip
"""Formats of a report: what each is on the web, and the ending of its file."""
_MOST_FED = 100
_MOST_OFFERED = 100
"""Names of lists."""
_MOST_FIELDS = 20_000


class Kept(NamedTuple):
    """A saved search as the page lists it: what it finds, or in ``wrong`` why it can't be run.

    ``page`` is the address of what is new, ``records`` that of all, or nothing where none has it.
    """

    name: str
    page: str
    asked: str = ""
    records: str = ""
    compared: Comparison | None = None
    wrong: str = ""


class Site:
    """The answers of a desk as pages; it changes files if it ``writes``."""

    def __init__(self, desk: Desk, *, writes: bool = False) -> None:
        self._desk = desk
        self._index = desk.index
        self._writes = writes

    # Pages

    def prepare(self) -> None:
        """Draw the first page, so that nobody waits for what is read and made when first used."""
        with suppress(EvidenceSearchError):  # who asks for it is told
            self._searched(Asked())

    def search(self, request: Request) -> Response:
        """Show a page of hits with facets to tick, or what is wrong with what was asked."""
        return self._searched(_asked_of(request))

    def _searched(self, asked: Asked) -> Response:
        limit, offset = PAGE_SIZE, asked.offset
        if asked.filters or asked.query:  # else nobody asked for anything
            found = self._desk.search("page", asked.search, limit=limit, offset=offset)
        else:
            found = self._index.search(asked.search, limit=limit, offset=offset)
        return _page(
            "site-search.html", asked, results=found, pages=-(-found.total // PAGE_SIZE),
            means=self._index.has_vectors, **self._listing(),
        )  # fmt: skip

    def _listing(self) -> dict[str, Any]:
        """Return what a form needs that puts a record on a list."""
        known = dict.fromkeys((*SCREENING, *self._index.list_names())) if self._writes else {}
        offered = [*known][:_MOST_OFFERED]
        return {"writes": self._writes, "known_lists": offered, "user": user()}

    def record(self, request: Request) -> Response:
        """Show a record whole, how to cite it, and what is like it."""
        asked = _asked_of(request)
        record = self._index.get(request.path_params["name"])
        return _page(
            "site-record.html", asked, record=record, citations=_citations(record),
            similar=self._index.similar(record, limit=SIMILAR), **self._listing(),
        )  # fmt: skip

    def why(self, request: Request) -> Response:
        """Show how a query is read, and why it finds a record or not."""
        asked = _asked_of(request)
        name = request.path_params["name"]
        return _page("explanation.html", asked, explanation=self._index.explain(asked.search, name))

    def evidence_map(self, request: Request) -> Response:
        """Show the map of what a query matches; each number leads to a search for its records."""
        asked = _asked_of(request)
        return _drawn(asked, self._map(request, asked))

    def map_file(self, request: Request) -> Response:
        """Send the map as one file that filters without a server, to be published."""
        table = self._map(request, _asked_of(request))
        return HTMLResponse("".join(render("map", "html", table)), headers=_saved("map.html"))

    def timeline(self, request: Request) -> Response:
        """Show what a query matches by year and category."""
        asked = _asked_of(request)
        table = self._matches(asked).crosstab("year", "category")
        return _drawn(asked, table, pictured=True)

    def export(self, request: Request) -> Response:
        """Send all matches as a file."""
        asked = _asked_of(request)
        form = request.query_params.get("format", "")
        if form not in EXPORTS:
            raise QueryError(f"expected a format of {', '.join(EXPORTS)}; found {form[:20]!r}")
        found = self._index.search(asked.search, limit=None)
        return PlainTextResponse(
            "".join(render("results", form, found)),
            headers=_saved(f"evidence.{EXPORTS[form][1]}"),
        )

    def _map(self, request: Request, asked: Asked) -> Crosstab:
        rows = request.query_params.get("rows", "category")
        columns = request.query_params.get("columns", "jurisdiction")
        return history.crosstab(self._index, self._matches(asked), rows, columns)

    def _matches(self, asked: Asked) -> Results:
        """Return all that matches, without hits, to be counted by facets."""
        return self._index.search(asked.search, limit=0)

    # Searches that are kept

    def saved(self, request: Request) -> Response:
        """List the saved searches, with how many records are new to each."""
        rows = [self._kept(name) for name in history.saved_names(self._index.corpus_folder)]
        return _page("site-saved.html", _asked_of(request), rows=rows, writes=self._writes)

    def news(self, request: Request) -> Response:
        """Show which records a saved search finds that it didn't at the last look."""
        row = self._kept(request.path_params["name"])
        if row.compared is None:
            raise HistoryError(row.wrong)
        return _page("site-news.html", Asked(), row=row, writes=self._writes)

    def feed(self, request: Request) -> Response:
        """Send what a saved search finds as a feed, what came last first."""
        name = request.path_params["name"]
        past = history.read_saved(self._index.corpus_folder, name)
        found = self._index.search(past.search, limit=None)
        since: dict[str, str] = {}
        for hit in found.hits:
            path = hit.record.source.path
            since[path] = since.get(path) or _changed(self._index.corpus_folder / path)
        base = str(request.base_url)
        entries = [
            (hit.record, f"{base}records/{quote(hit.record.id, safe='')}",
             since[hit.record.source.path])
            for hit in found.hits
        ]  # fmt: skip
        entries.sort(key=lambda entry: entry[2], reverse=True)
        text = atom.feed(
            f"{name}: {comparisons.in_words(past.search)}",
            f"{self._index.corpus_folder.resolve()}#{name}",
            str(request.url),
            entries[:_MOST_FED],
        )
        return Response(text, media_type="application/atom+xml")

    def _kept(self, name: str) -> Kept:
        page = f"/saved/{quote(name, safe='')}"
        try:
            compared = history.run_saved(self._index, name)
        except (HistoryError, QueryError) as error:
            return Kept(name, page, wrong=str(error))
        search: Search = compared.past.search
        asked = Asked.for_search(search)
        return Kept(
            name, page, comparisons.in_words(search), asked.address() if asked else "", compared
        )

    def save(self, form: FormData, _: Request) -> Response:
        """Save a search."""
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        asked = Asked.of((name, value) for name, value in fields if name != "name")
        history.save(self._index, dict(fields).get("name", "").strip(), asked.search)
        return RedirectResponse("/saved", 303)

    def seen(self, form: FormData, request: Request) -> Response:
        """Remember what was seen of a saved search."""
        name = request.path_params["name"]
        changes.seen(self._index, name, [str(value) for value in form.getlist("id")])
        return RedirectResponse("/saved", 303)

    def remove(self, _: FormData, request: Request) -> Response:
        """Remove a saved search."""
        history.forget(self._index.corpus_folder, request.path_params["name"])
        return RedirectResponse("/saved", 303)

    # Lists

    def lists(self, request: Request) -> Response:
        """Show the named lists, and who put which record on them, when and why."""
        lists = self._index.lists
        rows = [(name, Asked().with_filter("list", name), each) for name, each in lists.items()]
        return _page(
            "site-lists.html", _asked_of(request), rows=rows, note=lists.note,
            writes=self._writes,
        )  # fmt: skip

    def put(self, form: FormData, request: Request) -> Response:
        """Put a record on a list, or take it off, and go back to where the form stood."""
        name = request.path_params.get("name") or _text(form, "record")
        back = _text(form, "back")
        changes.of_ones_own(self._index)
        self._index.put(
            name, _text(form, "list"), note=_text(form, "note"), by=_text(form, "by"),
            off=bool(_text(form, "off")),
        )  # fmt: skip
        ours = back[:1] == "/" and back[1:2] not in {"/", "\\"}
        return RedirectResponse(back if ours else f"/records/{quote(name, safe='')}", 303)

    # Strategies

    def strategy(self, request: Request) -> Response:
        """Show a strategy with what each of its lines found, or the form for one."""
        given = dict(bounded(request.query_params.multi_items()))
        text, known = given.get("text", ""), given.get("known", "")
        return _page("site-strategy.html", Asked(), **strategies.drawn(self._desk, text, known))

    def run(self, form: FormData, _: Request) -> Response:
        """Run a strategy that a form has, or send its report."""
        text, known = (_text(form, name) for name in ("text", "known"))
        wanted = _text(form, "report")
        if wanted in REPORTS:
            kind, ending = REPORTS[wanted]
            pieces = render("report", wanted, strategies.reported(self._desk, text))
            body = b"".join(p if isinstance(p, bytes) else p.encode() for p in pieces)
            return Response(body, media_type=kind, headers=_saved(f"report.{ending}"))
        try:
            values = strategies.drawn(self._desk, text, known)
        except EvidenceSearchError as error:  # with the lines as they were typed, to be mended
            values = {**strategies.drawn(self._desk, "", known), "text": text, "wrong": str(error)}
            return _page("site-strategy.html", Asked(), 400, **values)
        return _page("site-strategy.html", Asked(), **values)

    # Files that are brought

    def adding(self, request: Request) -> Response:
        """Show where to bring files."""
        return self._added(_asked_of(request), [], [])

    def add(self, form: FormData, _: Request) -> Response:
        """Add files to the corpus, and show what was read and merged."""
        given = [item for item in form.getlist("files") if isinstance(item, UploadFile)]
        files = [(item.filename or "file.txt", item.file.read()) for item in given]
        return self._added(Asked(), *changes.upload(self._index, files))

    def _added(self, asked: Asked, uploads: list[changes.Upload], wrong: list[str]) -> Response:
        return _page(
            "site-add.html", asked, uploads=uploads, wrong=wrong, writes=self._writes,
            most=MOST_BYTES,
        )  # fmt: skip

    # What is around them

    def application(self) -> Starlette:
        """Return the application with all addresses."""
        answers = {
            "/": self.search, "/records/{name}": self.record, "/why/{name}": self.why,
            "/map": self.evidence_map, "/map.html": self.map_file,
            "/timeline": self.timeline, "/export": self.export,
            "/saved": self.saved, "/saved/{name}": self.news, "/saved/{name}/feed": self.feed,
            "/lists": self.lists, "/add": self.adding, "/strategy": self.strategy,
        }  # fmt: skip
        forms = {
            "/saved": self.save, "/saved/{name}/seen": self.seen,
            "/saved/{name}/remove": self.remove,
            "/records/{name}/lists": self.put, "/lists": self.put,
            "/add": self.add,
        }  # fmt: skip
        routes = [Route(path, self._answering(answer)) for path, answer in answers.items()]
        taking = [Route(path, self._taking(take), methods=["POST"]) for path, take in forms.items()]
        reading = Route("/strategy", self._taking(self.run), methods=["POST"])
        taking = [reading, *(taking if self._writes else [])]
        return Starlette(
            routes=[
                *routes,
                *taking,
                Route("/style.css", _style),
                Mount("/api", api.application(self._desk, writes=self._writes)),
            ],
            exception_handlers={404: _not_found, 400: _malformed},
        )

    def _taking(self, take: Any) -> Any:
        """Return an endpoint that takes forms, one at a time, and shows errors as pages."""

        def taken(form: FormData, request: Request) -> Response:
            with self._desk.writing:
                return self._answered(lambda _: take(form, request), request)

        async def endpoint(request: Request) -> Response:
            try:
                await request.form(max_fields=_MOST_FIELDS)
            except AssertionError:  # which is what Starlette says where there's none
                error = MissingExtraError("python-multipart", "web")
                return _message(request, 503, str(error))
            except ValueError as error:  # of python-multipart, which most Starlettes let through
                raise HTTPException(400, str(error)) from error
            async with request.form() as form:  # as it was read
                return await run_in_threadpool(taken, form, request)

        return endpoint

    def _answering(self, answer: Any) -> Any:
        """Return an endpoint that refreshes before it answers, and shows errors as pages."""

        def endpoint(request: Request) -> Response:
            self._desk.refresh_if_stale()
            return self._answered(answer, request)

        return endpoint

    @staticmethod
    def _answered(answer: Any, request: Request) -> Response:
        try:
            response: Response = answer(request)
        except EvidenceSearchError as error:
            return _message(request, status_of(error), str(error))
        return response


def _asked_of(request: Request) -> Asked:
    """Return what the address of a request asks for.  Raises :class:`QueryError`."""
    return Asked.of(request.query_params.multi_items())


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _saved(name: str) -> dict[str, str]:
    """Return the headers with which a browser keeps an answer as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _page(template: str, asked: Asked, status: int = 200, **values: Any) -> Response:
    text = html.site(template, here=asked, exports=EXPORTS, **values)
    return HTMLResponse(text, status)


def _drawn(asked: Asked, table: Crosstab, *, pictured: bool = False) -> Response:
    """Return the page of a map or timeline; a number leads to the search for its records."""

    def address(row: str, column: str) -> str:
        there = asked.at(1)
        for axis, label in ((table.rows, row), (table.columns, column)):
            narrowed = there.narrowed(axis, label)
            if narrowed is None or label in {NOT_STATED, UNCATEGORISED}:
                return ""
            there = narrowed
        return there.address()

    picture = html.picture(table, address) if pictured else ""
    return _page(
        "site-map.html", asked, table=table, picture=picture, cell_address=address, axes=AXES
    )


def _message(request: Request, status: int, message: str) -> Response:
    """Return a page that says what is wrong, with the search as it was typed, to mend it."""
    asked = Asked(request.query_params.get("q", "")[:MOST_LONG])
    return _page("site-message.html", asked, status, message=message)


def _not_found(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api/"):  # such as a line break in it, which no route has
        return api.unknown(request)
    return _message(request, 404, "expected an address of this page; found none of them")


def _malformed(request: Request, error: Exception) -> Response:
    detail = error.detail if isinstance(error, HTTPException) else ""
    return _message(request, 400, f"expected a form of this page; found another ({detail})")


def _changed(path: Path) -> str:
    """Return since when a file is as it is; the earliest time where it has just gone."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    except OSError:
        return atom.EARLIEST
    return changed.strftime("%Y-%m-%dT%H:%M:%SZ")


def _style(_: Request) -> Response:
    return Response(stylesheet(), media_type="text/css")


def _citations(record: StudyRecord) -> dict[str, str]:
    """Return a record as each style cites it; nothing where the extra isn't installed."""
    try:
        return {style: citation(record, style) for style in STYLES}
    except MissingExtraError:
        return {}
