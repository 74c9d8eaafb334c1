"""Full-text search over the studies, reviews and guidance of Effectiveness Bank matrix cells.

::

    import evidence_search as es

    index = es.open()
    results = index.search("drink driving", category="K", jurisdiction="Scotland")

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex
    from evidence_search.opening import open  # noqa: A004 - es.open() is what one would guess
    from evidence_search.records import Category, RelatedDocument, Source, StudyRecord
    from evidence_search.results import Hit, Results

__all__ = [
    "Category",
    "EvidenceIndex",
    "EvidenceSearchError",
    "Hit",
    "RelatedDocument",
    "Results",
    "Source",
    "StudyRecord",
    "open",
]

_MODULES = {
    "Category": "records",
    "EvidenceIndex": "index",
    "EvidenceSearchError": "errors",
    "Hit": "results",
    "RelatedDocument": "records",
    "Results": "results",
    "Source": "records",
    "StudyRecord": "records",
    "open": "opening",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(f"evidence_search.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
