"""Evidence maps: counts of records by two facets, for people and programs, in one table.

Shades only help: every count is a number, none is left out, and zero is one.
"""

from __future__ import annotations

import csv
import io
import json
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.render.html import piece, whole_page
from evidence_search.render.names import (
    counted,
    facet_title,
    heading,
    label_name,
    reference,
    several,
)
from evidence_search.render.safe import html, link
from evidence_search.spreadsheet import value_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.crosstab import Crosstab
    from evidence_search.records import StudyRecord
    from evidence_search.render.text import Style

_SHADES = " ░▒▓█"
_LABEL, _HEADER = 32, 14
_GAP = "  "
_UNFOLDED = 20

CSS = """
.evidence-search { max-width: 75rem; }
.evidence-search table.map { border-collapse: collapse; margin: .8rem 0; font-size: .95rem; }
.evidence-search table.map caption { text-align: left; font-weight: 600; padding: .3rem 0; }
.evidence-search .scroll table tr { background: none; }
.evidence-search table.map th, .evidence-search table.map td {
  border: 1px solid rgba(128,128,128,.35); padding: .25rem .6rem; font-weight: normal;
  text-align: center; }
.evidence-search table.map th[scope=row] { text-align: left; background: none; }
.evidence-search table.map thead th { vertical-align: bottom; background: none; }
.evidence-search table.map a { color: inherit; display: block; }
.evidence-search .total { font-weight: 600; }
.evidence-search .zero { opacity: .65; }
.evidence-search .scroll { overflow-x: auto; }
.evidence-search details.cell { margin: .3rem 1rem; }
.evidence-search details.cell:target { outline: 2px solid rgba(255,200,0,.8);
  outline-offset: .2rem; }
.evidence-search details.cell ul { margin: .2rem 0 .6rem; }
"""


def cell_id(row: int, column: int) -> str:
    """Return the name by which links find the records of a cell; it counts from 0."""
    return f"cell-{row}-{column}"


def opacity(n: int, most: int) -> float:
    """Return how dark to shade a cell: black reads on the darkest, and white on the palest."""
    return 0.06 + 0.44 * n / most if n else 0.0


class _Column(NamedTuple):
    """A column for a terminal: lines of its heading, a cell for each row, and how wide it is."""

    heading: list[str]
    cells: list[str]
    width: int


# For people at a terminal


def text(table: Crosstab, style: Style) -> Iterator[str]:
    """Yield the map as rows and columns, in bands where it is wider than the terminal."""
    yield style.bold(heading(table)) + "\n"
    if not table.total:
        return
    names = [label_name(table.rows, label) for label in table.row_labels]
    longest = max(map(len, [*names, facet_title(table.rows)]))
    wide = min(longest, max(style.width // 3, 16), _LABEL)
    for band in _bands(_columns(table), style.width - wide):
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


# For a browser and a notebook


def page(table: Crosstab) -> Iterator[str]:
    """Yield the map as one self-contained page, with a link from each cell to its records."""
    return whole_page(heading(table), _body(table), CSS)


def _body(table: Crosstab) -> Iterator[str]:
    yield f"<h1>{html(heading(table))}</h1>"
    yield grid(table, "Each number leads to its records.", linked=True)
    yield from lists(table, opened=True)


def fragment(table: Crosstab) -> str:
    """Return the map as a piece of HTML for a notebook."""
    records = "".join(lists(table, opened=False))
    unfolded = f"<details><summary>The records of each number</summary>{records}</details>"
    return piece(grid(table, heading(table), linked=False) + unfolded * bool(records), CSS)


def grid(table: Crosstab, caption: str, *, linked: bool) -> str:
    """Return the counts as a table, its numbers ``linked`` to what :func:`lists` gives."""
    heads = "".join(
        f'<th scope="col">{html(label_name(table.columns, label))}</th>'
        for label in table.column_labels
    )
    rows = [_row(table, at, linked=linked) for at in range(len(table.row_labels))]
    totals = "".join(
        f'<td class="total">{table.column_total(label)}</td>' for label in table.column_labels
    )
    remark = f"<p>{html(several(table))}</p>" if several(table) else ""
    return (
        f'<div class="scroll"><table class="map"><caption>{html(caption)}</caption>'
        f'<thead><tr><th scope="col">{html(facet_title(table.rows))}</th>{heads}'
        f'<th scope="col" class="total">Total</th></tr></thead><tbody>{"".join(rows)}'
        f'<tr><th scope="row" class="total">Total</th>{totals}'
        f'<td class="total">{table.total}</td></tr></tbody></table></div>{remark}'
    )


def _row(table: Crosstab, at: int, *, linked: bool) -> str:
    label = table.row_labels[at]
    cells: list[str] = []
    for across, column in enumerate(table.column_labels):
        n = table.count(label, column)
        if not n:
            cells.append('<td><span class="zero">0</span></td>')
            continue
        shown = f'<a href="#{cell_id(at, across)}">{n}</a>' if linked else str(n)
        cells.append(
            f'<td style="background:rgba(0,120,212,{opacity(n, table.most):.2f})">{shown}</td>'
        )
    name = html(label_name(table.rows, label))
    total = f'<td class="total">{table.row_total(label)}</td>'
    return f'<tr><th scope="row">{name}</th>{"".join(cells)}{total}</tr>'


def lists(table: Crosstab, *, opened: bool) -> Iterator[str]:
    """Yield the records of each cell that has any; all of them where they are ``opened``."""
    for at, row in enumerate(table.row_labels):
        for across, column in enumerate(table.column_labels):
            found = table.records(row, column)
            if found:
                most = len(found) if opened else _UNFOLDED
                items = "".join(f"<li>{_item(record)}</li>" for record in found[:most])
                items += f"<li>and {len(found) - most} more</li>" * (len(found) > most)
                names = f"{label_name(table.rows, row)}, {label_name(table.columns, column)}"
                name = f' id="{cell_id(at, across)}" open' if opened else ""
                yield (
                    f'<details class="cell"{name}><summary>{html(names)}: {counted(len(found))}'
                    f"</summary><ul>{items}</ul></details>\n"
                )


def _item(record: StudyRecord) -> str:
    shown, target = html(reference(record)), link(record.url)
    linked = f'<a href="{html(target)}">{shown}</a>' if target else shown
    return f"{linked} <code>{html(record.id)}</code>"


# For programs


def as_json(table: Crosstab) -> Iterator[str]:
    """Yield one JSON object: labels, all counts, and the ids of each cell that has records."""
    value = {
        "query": table.query,
        "total": table.total,
        "rows": table.rows,
        "columns": table.columns,
        "row_labels": list(table.row_labels),
        "column_labels": list(table.column_labels),
        "counts": [[table.count(r, c) for c in table.column_labels] for r in table.row_labels],
        "cells": [
            {"row": row, "column": column, "records": [r.id for r in table.records(row, column)]}
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
