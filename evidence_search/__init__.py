"""Full-text search over the studies, reviews and guidance of Effectiveness Bank matrix cells.

::

    import evidence_search as es

    index = es.open()
    results = index.search("drink driving", category="K", jurisdiction="Scotland")

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from evidence_search import display
from evidence_search.version import __version__ as __version__

TYPE_CHECKING = False  # as typing has it, which takes longer to import than all else here
if TYPE_CHECKING:
    from typing import Any

    from evidence_search.crosstab import Crosstab
    from evidence_search.errors import (
        CellError,
        CorpusError,
        EditorError,
        EvidenceSearchError,
        ExportError,
        HistoryError,
        IndexDamagedError,
        IndexLockedError,
        IndexUnreachableError,
        IndexUntrustedError,
        IndexUnwritableError,
        MissingExtraError,
        ModelError,
        QueryError,
        RecordNotFoundError,
        SearchIndexError,
        StateGoneError,
        StrategyError,
        ThesaurusError,
    )
    from evidence_search.frames import to_frame
    from evidence_search.index import EvidenceIndex
    from evidence_search.opening import open  # noqa: A004 - es.open() is what one would guess
    from evidence_search.records import Category, RelatedDocument, Source, StudyRecord
    from evidence_search.results import Hit, Results, export
    from evidence_search.stats import Stats
    from evidence_search.strategies import run

__all__ = [
    "Category",
    "CellError",
    "CorpusError",
    "Crosstab",
    "EditorError",
    "EvidenceIndex",
    "EvidenceSearchError",
    "ExportError",
    "HistoryError",
    "Hit",
    "IndexDamagedError",
    "IndexLockedError",
    "IndexUnreachableError",
    "IndexUntrustedError",
    "IndexUnwritableError",
    "MissingExtraError",
    "ModelError",
    "QueryError",
    "RecordNotFoundError",
    "RelatedDocument",
    "Results",
    "SearchIndexError",
    "Source",
    "StateGoneError",
    "Stats",
    "StrategyError",
    "StudyRecord",
    "ThesaurusError",
    "export",
    "open",
    "run",
    "to_frame",
]

_MODULES = {
    "Category": "records",
    "CellError": "errors",
    "CorpusError": "errors",
    "Crosstab": "crosstab",
    "EditorError": "errors",
    "EvidenceIndex": "index",
    "EvidenceSearchError": "errors",
    "ExportError": "errors",
    "HistoryError": "errors",
    "Hit": "results",
    "IndexDamagedError": "errors",
    "IndexLockedError": "errors",
    "IndexUnreachableError": "errors",
    "IndexUntrustedError": "errors",
    "IndexUnwritableError": "errors",
    "MissingExtraError": "errors",
    "ModelError": "errors",
    "QueryError": "errors",
    "RecordNotFoundError": "errors",
    "RelatedDocument": "records",
    "Results": "results",
    "SearchIndexError": "errors",
    "Source": "records",
    "Stats": "stats",
    "StudyRecord": "records",
    "StateGoneError": "errors",
    "StrategyError": "errors",
    "ThesaurusError": "errors",
    "export": "results",
    "open": "opening",
    "run": "strategies",
    "to_frame": "frames",
}


def _render(kind: str, form: str, value: Any) -> Any:
    """Draw a value that asks for it; the formats are imported when something is drawn."""
    from evidence_search.render import render

    return render(kind, form, value)


display.HOOK.render = _render


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(f"evidence_search.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
