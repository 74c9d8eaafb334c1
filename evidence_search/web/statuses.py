"""Which status of HTTP an error is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.errors import (
    HistoryError,
    QueryError,
    RecordNotFoundError,
    StrategyError,
)

if TYPE_CHECKING:
    from evidence_search.errors import EvidenceSearchError


def status_of(error: EvidenceSearchError) -> int:
    """Return the HTTP status of an error: 400 to be asked otherwise, 404, or 503 of the index."""
    if isinstance(error, QueryError | HistoryError | StrategyError):
        return 400
    return 404 if isinstance(error, RecordNotFoundError) else 503
