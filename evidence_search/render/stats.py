"""A corpus at a glance, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.render.html import bars as html_bars
from evidence_search.render.html import piece
from evidence_search.render.safe import html
from evidence_search.render.text import bars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.render.text import Style
    from evidence_search.stats import Stats


def text(counts: Stats, style: Style) -> Iterator[str]:
    """Yield numbers, then bars of category, jurisdiction and decade."""
    rows = list(_rows(counts))
    left, right = (max(len(row[at]) for row in rows) for at in (0, 1))
    for name, number, remark in rows:
        yield f"{name:<{left}}  {number:>{right}}  {style.dim(remark)}".rstrip() + "\n"
    yield "\n"
    yield bars(counts.facets, style)


def _rows(counts: Stats) -> Iterator[tuple[str, str, str]]:
    yield "Files", f"{counts.files:,}", ""
    yield "Cells", f"{counts.cells:,}", ""
    yield "Records", f"{counts.records:,}", _years(counts)
    yield "  without a year", f"{counts.undated:,}", ""
    yield "  without a category", f"{counts.uncategorised:,}", ""
    yield "  without a jurisdiction", f"{counts.unplaced:,}", ""
    yield "Publishers", f"{counts.publishers:,}", ""
    yield "Words", f"{counts.words:,}", "of titles and summaries"
    yield "Vocabulary", f"{counts.vocabulary:,}", "different words"
    problems = "see: evidence-search check" if counts.problems else ""
    yield "Problems", f"{counts.problems:,}", problems


def _years(counts: Stats) -> str:
    if not counts.years:
        return ""
    first, *_, last = (*counts.years, *counts.years)
    return f"of {first}" if first == last else f"from {first} to {last}"


def as_json(counts: Stats) -> Iterator[str]:
    """Yield one JSON object."""
    value = {
        "files": counts.files,
        "cells": counts.cells,
        "records": counts.records,
        "without_year": counts.undated,
        "without_category": counts.uncategorised,
        "without_jurisdiction": counts.unplaced,
        "publishers": counts.publishers,
        "words": counts.words,
        "vocabulary": counts.vocabulary,
        "problems": counts.problems,
        "years": {str(year): n for year, n in counts.years.items()},
        "facets": {name: dict(labels) for name, labels in counts.facets.items()},
    }
    yield json.dumps(value, indent=2) + "\n"


def fragment(counts: Stats, title: str = "") -> str:
    """Return the counts as a piece of HTML for a notebook."""
    head = f"<p><strong>{html(title)}</strong></p>" if title else ""
    rows = "".join(
        f'<tr><th scope="row" style="white-space:pre">{html(name)}</th><td class="n">{number}</td>'
        f"<td>{html(remark)}</td></tr>"
        for name, number, remark in _rows(counts)
    )
    table = f'<div class="facets"><table><caption>Corpus</caption>{rows}</table></div>'
    return piece(head + table + html_bars(counts.facets))
