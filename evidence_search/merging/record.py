"""The listings of one document to its record: each field its fullest value, nothing thrown away."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

from evidence_search.merging.comparing import ALIKE, title_likeness
from evidence_search.merging.identity import folded
from evidence_search.records import Category
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from evidence_search.records import Contributor, StudyRecord

T = TypeVar("T")

_OF_PRIMARY = frozenset(("id", "source", "summary", "listings"))


def merge(listings: Sequence[StudyRecord], name: str) -> StudyRecord:
    """Return the record of the document that ``listings`` are of, whose id is ``name``.

    Summary and place are those of the listing that says most.  Of other fields
    a text is the longest, a list the union, authors the list of most, and a year the
    commonest.  The result is the same whatever the order of the listings.
    """
    entries = tuple(sorted((e for one in listings for e in one.entries), key=_place))
    if len(entries) == 1:
        return replace(entries[0], id=name)
    primary = max(entries, key=lambda e: (len(e.summary), len(e.title)))
    ordered = (primary, *(entry for entry in entries if entry is not primary))
    fields: dict[str, Any] = {
        field: _fullest([getattr(entry, field) for entry in ordered])
        for field in type(primary).__match_args__
        if field not in _OF_PRIMARY
    }
    listed = next((entry for entry in ordered if entry.cell), primary)
    year = _commonest([entry.year for entry in ordered if entry.year is not None])
    fields |= {
        "title": _title(primary.title, entries),
        **{field: getattr(listed, field) for field in ("matrix", "cell", "row", "column")},
        "categories": tuple(c for c in Category if any(c in e.categories for e in entries)),
        "year": year,
        "year_end": next((e.year_end for e in ordered if e.year == year and e.year_end), None),
        "contributors": max((e.contributors for e in ordered), key=_names),
        "doi": _commonest([entry.doi for entry in ordered if entry.doi]),
        "url": next((entry.url for entry in ordered if entry.url), None),
        "extra": tuple(sorted({pair for entry in entries for pair in entry.extra})),
    }
    return replace(primary, id=name, listings=entries, **fields)


def _place(listing: StudyRecord) -> tuple[object, ...]:
    """Return what listings are ordered by: those of cells first."""
    source = listing.source
    return (
        not listing.cell, listing.matrix or "", listing.cell or "",
        source.path, source.line, source.column, listing.id,
    )  # fmt: skip


def _names(contributors: Sequence[Contributor]) -> tuple[int, int]:
    """Return how many names there are, and how much they say."""
    return len(contributors), sum(len(name.inverted) for name in contributors)


def _fullest(values: Sequence[Any]) -> Any:
    """Return the fullest of the values of a field."""
    stated = [value for value in values if value not in (None, "", ())]
    if not stated:
        return values[0]
    if isinstance(stated[0], tuple):
        return _union((item for value in stated for item in value), _without_place)
    if isinstance(stated[0], str):
        return max(stated, key=len)
    return _commonest(stated)


def _union(items: Iterable[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
    found: dict[Hashable, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return tuple(found.values())


def _without_place(item: Any) -> Hashable:
    """Return what tells an item of a list from others: not its case, nor where it stands."""
    if isinstance(item, str):
        return folded(item) or item
    if "source" in getattr(type(item), "__match_args__", ()):
        unplaced: Hashable = replace(item, source=None)
        return unplaced
    hashable: Hashable = item
    return hashable


def _commonest(values: Sequence[T]) -> T | None:
    """Return the value that stands most often, of several the first."""
    counts = Counter(values)
    return max(counts, key=counts.__getitem__) if counts else None


def _title(title: str, entries: Sequence[StudyRecord]) -> str:
    """Return the fullest form of a title that any listing has: not cut off, nor all in capitals."""
    words = folded(title)
    forms = [e.title for e in entries if title_likeness(folded(e.title), words) >= ALIKE]
    return max(forms, key=lambda form: (not form.isupper(), len(form)), default=title)
