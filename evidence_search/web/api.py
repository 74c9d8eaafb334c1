"""The page's answers as JSON under ``/api``, and their description in OpenAPI 3.1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from evidence_search.errors import EvidenceSearchError
from evidence_search.render import render
from evidence_search.search import SORTS
from evidence_search.values import replace
from evidence_search.version import __version__
from evidence_search.web import shapes
from evidence_search.web.answers import SIMILAR, asked_of, map_of, page_of, status_of
from evidence_search.web.asked import FILTERS, MOST_PAGES, SWITCHES

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from evidence_search.index import EvidenceIndex

_PROBLEM = "application/problem+json"


class Call(NamedTuple):
    """A call: what it answers, as a function, in words and as a type, and what it is asked with."""

    answer: Callable[[EvidenceIndex, Request], str]
    summary: str
    shape: Any
    names: tuple[str, ...]


def _search(index: EvidenceIndex, request: Request) -> str:
    return _json("results", page_of(index, asked_of(request)))


def _record(index: EvidenceIndex, request: Request) -> str:
    return _json("records", [index.get(request.path_params["id"])], "jsonl")


def _similar(index: EvidenceIndex, request: Request) -> str:
    return _json("results", index.similar(request.path_params["id"], limit=SIMILAR))


def _explain(index: EvidenceIndex, request: Request) -> str:
    return _json("explanation", index.explain(asked_of(request).search, request.path_params["id"]))


def _facets(index: EvidenceIndex, request: Request) -> str:
    return _json("facets", index.facets(asked_of(request).search))


def _map(index: EvidenceIndex, request: Request) -> str:
    return _json("map", map_of(index, request, asked_of(request)))


def _kwic(index: EvidenceIndex, request: Request) -> str:
    return _json("concordance", index.kwic(replace(asked_of(request), switches=frozenset()).search))


_FILTERED = ("q", *FILTERS, *SWITCHES)
CALLS = {
    "/search": Call(
        _search, "A page of the records that match", shapes.Found, (*_FILTERED, "sort", "page")
    ),
    "/records/{id}": Call(_record, "A record", shapes.Record, ()),
    "/records/{id}/similar": Call(_similar, "Records like one", shapes.Found, ()),
    "/records/{id}/why": Call(
        _explain, "Why a query finds a record, or not", shapes.Explained, _FILTERED
    ),
    "/facets": Call(_facets, "Counts of what matches", shapes.COUNTS, _FILTERED),
    "/map": Call(_map, "What matches by two facets", shapes.Table, (*_FILTERED, "rows", "columns")),
    "/kwic": Call(_kwic, "Words as they stand in records", shapes.LINES, ("q", *FILTERS)),
}
"""The one table of calls, by their paths below ``/api``."""


def application(index: EvidenceIndex, catch_up: Callable[[], None]) -> Starlette:
    """Return the interface of an index; ``catch_up`` follows its corpus before each answer."""

    def endpoint(call: Call) -> Callable[[Request], Response]:
        def answered(request: Request) -> Response:
            catch_up()
            try:
                return Response(call.answer(index, request), media_type="application/json")
            except EvidenceSearchError as error:
                return _problem(status_of(error), str(error))

        return answered

    routes = [Route(path, endpoint(call)) for path, call in CALLS.items()]
    return Starlette(
        routes=[*routes, Route("/openapi.json", _described)],
        exception_handlers={HTTPException: _refused},
    )


def openapi() -> dict[str, Any]:
    """Return the description of all calls."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Evidence Search",
            "version": __version__,
            "description": "Searches a corpus of evidence. Text of records is data of others.",
        },
        "servers": [{"url": "/api"}],
        "paths": {path: {"get": _operation(path, call)} for path, call in CALLS.items()},
        "components": {"schemas": shapes.components()},
    }


def _operation(path: str, call: Call) -> dict[str, Any]:
    wrong = {"400": "The query can't be read", "404": "There is no such record",
             "503": "The index can't answer"}  # fmt: skip
    refused = {"403": "The token is missing", "421": "Asked under another name"}
    inside = [_parameter("id", "path")] if "{id}" in path else []
    return {
        "summary": call.summary,
        "parameters": [*inside, *(_parameter(name, "query") for name in call.names)],
        "responses": {
            "200": _response(call.summary, "application/json", shapes.schema(call.shape)),
            **{
                status: _response(text, _PROBLEM, shapes.schema(shapes.Problem))
                for status, text in wrong.items()
            },
            **{
                status: _response(text, "text/plain", {"type": "string"})
                for status, text in refused.items()
            },
        },
    }


def _parameter(name: str, where: str) -> dict[str, Any]:
    text = {"type": "string"}
    kinds: dict[str, Any] = {
        **{filtered: {"type": "array", "items": text} for filtered in FILTERS},
        **{switch: {"enum": ["1"]} for switch in SWITCHES},
        "sort": {"enum": list(SORTS)},
        "page": {"type": "integer", "minimum": 1, "maximum": MOST_PAGES},
    }
    return {
        "name": name, "in": where, "required": where == "path", "schema": kinds.get(name, text),
    }  # fmt: skip


def _response(text: str, form: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {form: {"schema": schema}}}


def _json(kind: str, value: Any, form: str = "json") -> str:
    return "".join(render(kind, form, value))


def _problem(status: int, detail: str) -> Response:
    title = {400: "Can't be read", 404: "Not found", 405: "Not allowed"}.get(status, "No answer")
    value = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(json.dumps(value) + "\n", status, media_type=_PROBLEM)


def _refused(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _problem(status, "expected a GET of an address in /api/openapi.json; found another")


def _described(_: Request) -> Response:
    return Response(json.dumps(openapi()) + "\n", media_type="application/json")
