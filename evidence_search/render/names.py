"""What people read in place of codes, and in which order; the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.records import NOT_STATED, Category
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.crosstab import Crosstab
    from evidence_search.records import StudyRecord
    from evidence_search.results import Results
    from evidence_search.suggesting import Suggestion

_CODES = frozenset(category.code for category in Category)

SHOWN_FACETS = ("category", "jurisdiction", "decade")
"""Facets that are shown with results."""


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


COLOURS = {"S": "#d67e00", "K": "#0078d4", "R": "#00965a", "G": "#a060d0"}
"""Of categories, in pictures: black letters read on each, and each shows on black and on white."""

OTHER_COLOUR = "#8c8c8c"
"""Of what has no category."""


def facet_title(name: str) -> str:
    """Return the heading of a facet: "Category"."""
    return name.capitalize()


def label_name(facet: str, label: str) -> str:
    """Return a facet label as people read it: "Key study" for "K"."""
    if facet == "category":
        return Category(label).label if label in _CODES else line(label).capitalize()
    return "Not stated" if label == NOT_STATED else line(label)


def heading(table: Crosstab) -> str:
    """Return what a table counts: "3 records for “prison” by category and jurisdiction"."""
    query = f" for “{line(table.query)}”" if table.query.strip() else ""
    return f"{counted(table.total)}{query} by {table.rows} and {table.columns}"


def several(table: Crosstab) -> str:
    """Return a remark where some record is counted in several cells, else nothing."""
    if table.total == sum(map(len, table.cells.values())):
        return ""
    nested = "jurisdiction" in (table.rows, table.columns)
    places = "A place counts the places in it too. " if nested else ""
    return f"{places}A record with several labels is counted under each, and once in totals."


def told_years(labels: Sequence[str], room: int) -> dict[int, str]:
    """Return which of an axis of years to name, by place: at most ``room``, and what has none."""
    step = next((n for n in (1, 2, 5, 10, 20, 50) if len(labels) <= n * room), 100)
    return {
        at: label if label.isdigit() else "No year"
        for at, label in enumerate(labels)
        if not label.isdigit() or int(label) % step == 0
    }


def reference(record: StudyRecord) -> str:
    """Return title, publisher or journal, and year in one line, to tell a record from others."""
    facts = (record.publisher or record.journal, years(record))
    return f"{line(record.title)} ({line(', '.join(fact for fact in facts if fact))})"


def sorted_labels(facet: str, labels: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return labels with their counts: decades in order, others the most frequent first."""
    if facet == "decade":
        return sorted(labels.items())
    return sorted(labels.items(), key=lambda item: (-item[1], item[0]))


def nested(facet: str, labels: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return labels with count and depth: each place after the place that it lies in."""
    ordered = sorted_labels(facet, labels)
    if facet != "jurisdiction":
        return [(label, n, 0) for label, n in ordered]
    from evidence_search.places import ancestors

    parents = {
        label: next((name for name in ancestors(label) if name in labels), None)
        for label, _ in ordered
    }

    def below(parent: str | None, depth: int) -> Iterator[tuple[str, int, int]]:
        for label, n in ordered:
            if parents[label] == parent:
                yield label, n, depth
                yield from below(label, depth + 1)

    return list(below(None, 0))


def counted(n: int, noun: str = "record") -> str:
    """Return "1 record", "2 records"."""
    return f"{n} {noun}{'s' * (n != 1)}"


def numbered(found: Results) -> str:
    """Return how many records matched, and which of them these are: "5 records; 1 to 2"."""
    records, first = counted(found.total), found.offset + 1
    if found.hits and len(found) < found.total:
        return f"{records}; {first} to {found.offset + len(found)}"
    if found.total and not found.hits and found.offset:
        return f"{records}; none from number {first} on"
    return records


def respelt(found: Results) -> list[str]:
    """Return a sentence for each word that was searched as another."""
    return [
        f"No record has “{line(added.words)}”: searched “{line(added.text)}”"
        for added in found.added
        if added.kind == "spelling"
    ]


def searched_too(found: Results) -> list[tuple[str, list[str]]]:
    """Return the terms that were searched too, each once, under what says where they are from."""
    origins = (
        ("Also searched", {"synonym", "narrower"}),
        ("From the best records", {"feedback"}),
    )
    terms = [
        (origin, list(dict.fromkeys(line(a.text) for a in found.added if a.kind in kinds)))
        for origin, kinds in origins
    ]
    return [(origin, texts) for origin, texts in terms if texts]


def suggested(value: Suggestion) -> str:
    """Return another search in words."""
    query, total = line(value.query), counted(value.total)
    if value.reason == "spelling":
        return f"Did you mean: {query} ({total})"
    if value.reason == "fewer words":
        return f"{total} without {line(value.words)}: {query}"
    if value.reason == "fewer filters":
        return f"{total} without the filter for {value.words}"
    if value.reason == "telling words":
        return f"{total} with words of its own: {query}"
    return f"{total} with any of the words: {query}"
