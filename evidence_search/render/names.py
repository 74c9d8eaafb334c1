"""What people read in place of codes, and in which order; the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.records import Category
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence_search.records import StudyRecord

_CODES = frozenset(category.code for category in Category)


def years(record: StudyRecord) -> str:
    """Return the year, the range of years, or "no year"."""
    if record.year is None:
        return "no year"
    return f"{record.year}–{record.year_end}" if record.year_end else str(record.year)


def facts(record: StudyRecord) -> str:
    """Return categories, year, publisher or journal, and jurisdictions in one line."""
    parts = [
        ", ".join(record.category_labels) or "Uncategorised",
        years(record),
        record.publisher or record.journal,
        ", ".join(record.jurisdictions),
    ]
    return " · ".join(line(part) for part in parts if part)


def facet_title(name: str) -> str:
    """Return the heading of a facet: "Category"."""
    return name.capitalize()


def label_name(facet: str, label: str) -> str:
    """Return a facet label as people read it: "Key study" for "K"."""
    if facet == "category":
        return Category(label).label if label in _CODES else line(label).capitalize()
    return line(label)


def sorted_labels(facet: str, labels: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return labels with their counts: decades in order, others the most frequent first."""
    if facet == "decade":
        return sorted(labels.items())
    return sorted(labels.items(), key=lambda item: (-item[1], item[0]))
