"""What the page and the interface for programs ask of an index alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.errors import (
    HistoryError,
    QueryError,
    RecordNotFoundError,
    StrategyError,
)
from evidence_search.web.asked import PAGE_SIZE, Asked

if TYPE_CHECKING:
    from starlette.requests import Request

    from evidence_search.crosstab import Crosstab
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex
    from evidence_search.results import Results

SIMILAR = 5
"""How many records like one are given."""


def asked_of(request: Request) -> Asked:
    """Return what the address of a request asks for.  Raises :class:`QueryError`."""
    return Asked.of(request.query_params.multi_items())


def page_of(index: EvidenceIndex, asked: Asked) -> Results:
    """Return the page of hits that is asked for."""
    return index.search(asked.search, limit=PAGE_SIZE, offset=asked.offset)


def matches_of(index: EvidenceIndex, asked: Asked) -> Results:
    """Return all that matches, without hits, to be counted by facets."""
    return index.search(asked.search, limit=0, all_matches=True)


def map_of(index: EvidenceIndex, request: Request, asked: Asked) -> Crosstab:
    """Return the map of all that matches, of the rows and columns that a request names."""
    rows = request.query_params.get("rows", "category")
    columns = request.query_params.get("columns", "jurisdiction")
    return matches_of(index, asked).crosstab(rows, columns)


def status_of(error: EvidenceSearchError) -> int:
    """Return the HTTP status of an error: 400 to be asked otherwise, 404, or 503 of the index."""
    if isinstance(error, QueryError | HistoryError | StrategyError):
        return 400
    return 404 if isinstance(error, RecordNotFoundError) else 503
