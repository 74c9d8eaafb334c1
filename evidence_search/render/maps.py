"""Evidence maps: counts of records by two facets, for people and programs, in one table.

Shades only help: every count is a number, none is left out, and zero is one.
"""

from __future__ import annotations

import csv
import io
import json
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.render.phrases import (
    facet_title,
    heading,
    label_name,
    several,
)
from evidence_search.render.text import asked
from evidence_search.spreadsheet import value_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.crosstab import Crosstab
    from evidence_search.render.style import Style

_SHADES = " ░▒▓█"
_LABEL, _HEADER = 32, 14
_GAP = "  "


class _Column(NamedTuple):
    """A column for a terminal: lines of its heading, a cell for each row, and how wide it is."""

    heading: list[str]
    cells: list[str]
    width: int


# For people at a terminal


def text(table: Crosstab, style: Style) -> Iterator[str]:
    """Yield the map as rows and columns, in bands where it is wider than the terminal."""
    yield style.bold(heading(table)) + "\n"
    yield from asked(table.search, table.provenance, style)
    if not table.total:
        return
    names = [label_name(table.rows, label) for label in table.row_labels]
    longest = max(map(len, [*names, facet_title(table.rows)]))
    wide = min(longest, max(style.table_width // 3, 16), _LABEL)
    for band in _bands(_columns(table), style.table_width - wide):
        yield "\n"
        yield from _band(table, names, wide, band, style)
    if several(table):
        yield "\n" + style.dim(textwrap.fill(several(table), max(style.width, 20))) + "\n"


def _columns(table: Crosstab) -> Iterator[_Column]:
    """Yield the columns, and last the totals."""
    for label in table.column_labels:
        counts = [table.count(row, label) for row in table.row_labels]
        cells = [f"{n} {_SHADES[-(-4 * n // table.most)]}" for n in counts]
        yield _column(label_name(table.columns, label), [*cells, f"{table.column_total(label)}  "])
    totals = [str(table.row_total(row)) for row in table.row_labels]
    yield _column("Total", [*totals, str(table.total)])


def _column(name: str, cells: list[str]) -> _Column:
    lines = textwrap.wrap(name, _HEADER) or [""]
    return _Column(lines, cells, max(map(len, [*lines, *cells])))


def _bands(columns: Iterable[_Column], width: int) -> Iterator[list[_Column]]:
    """Yield as many columns at a time as fit."""
    band: list[_Column] = []
    used = 0
    for column in columns:
        needed = column.width + len(_GAP)
        if band and used + needed > width:
            yield band
            band, used = [], 0
        band.append(column)
        used += needed
    yield band


def _band(
    table: Crosstab, names: list[str], wide: int, band: list[_Column], style: Style
) -> Iterator[str]:
    high = max(len(column.heading) for column in band)
    for at in range(-high, 0):
        label = facet_title(table.rows) if at == -1 else ""
        parts = [
            (column.heading[at] if -at <= len(column.heading) else "").rjust(column.width)
            for column in band
        ]
        yield style.bold(_GAP.join([label.ljust(wide), *parts]).rstrip()) + "\n"
    for at, name in enumerate([*names, "Total"]):
        first, *rest = textwrap.wrap(name, wide) or [""]
        cells = [_styled(column.cells[at].rjust(column.width), style) for column in band]
        yield _GAP.join([first.ljust(wide), *cells]).rstrip() + "\n"
        yield from (f"{more}\n" for more in rest)


def _styled(cell: str, style: Style) -> str:
    return style.dim(cell) if cell.split(maxsplit=1)[0] == "0" else cell


# For programs


def as_json(table: Crosstab) -> Iterator[str]:
    """Yield one JSON object: labels, all counts, and the ids of each cell that has records."""
    value = {
        "query": table.search.query,
        "options": table.search.options,
        "corpus": table.provenance.corpus,
        "time": table.provenance.time,
        "total": table.total,
        "rows": table.rows,
        "columns": table.columns,
        "row_labels": list(table.row_labels),
        "column_labels": list(table.column_labels),
        "counts": [[table.count(r, c) for c in table.column_labels] for r in table.row_labels],
        "cells": [
            {"row": row, "column": column, "records": table.ids(row, column)}
            for row in table.row_labels
            for column in table.column_labels
            if table.count(row, column)
        ],
    }
    yield json.dumps(value, indent=2) + "\n"


def as_csv(table: Crosstab) -> Iterator[str]:
    """Yield the counts as CSV, a line for each row of the map; no cell can be a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([value_cell(name) for name in (table.rows, *table.column_labels)])
    for row in table.row_labels:
        counts = (table.count(row, column) for column in table.column_labels)
        writer.writerow([value_cell(row), *counts])
    yield buffer.getvalue()
