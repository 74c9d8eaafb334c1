"""A corpus at a glance, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.render.phrases import stats_rows
from evidence_search.render.text import bars, folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.render.style import Style
    from evidence_search.stats import Stats


def text(counts: Stats, style: Style) -> Iterator[str]:
    """Yield numbers, then bars of category, jurisdiction and decade."""
    rows = list(stats_rows(counts))
    left, right = (max(len(row[at]) for row in rows) for at in (0, 1))
    for name, number, remark in rows:
        yield folded(f"{name:<{left}}  {number:>{right}}  ", remark, style).rstrip() + "\n"
    yield "\n"
    yield bars(counts.facets, style)


def as_json(counts: Stats) -> Iterator[str]:
    """Yield one JSON object."""
    value = {
        "files": counts.files,
        "cells": counts.cells,
        "listings": counts.listings,
        "duplicates": counts.duplicates,
        "sources": dict(counts.sources),
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
