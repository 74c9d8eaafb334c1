"""Timelines: records by year and category, for people.

In a terminal each record is a letter, so that the picture reads without
colours.  For programs a timeline is a map: see ``maps``.
"""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from evidence_search.render.phrases import counted, heading, label_name, several
from evidence_search.render.text import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.crosstab import Crosstab
    from evidence_search.render.style import Style

_SHORT_GAP = 2
_LEGEND = {"uncategorised": "-"}


def text(table: Crosstab, style: Style) -> Iterator[str]:
    """Yield a line for each year, with a letter for each record; long gaps are one line."""
    yield style.bold(heading(table)) + "\n"
    yield from asked(table.search, table.provenance, style)
    if not table.total:
        return
    yield "\n"
    years = [(label, table.row_total(label)) for label in table.row_labels]
    wide = max(*(len(label) for label, _ in years), len("2000–2009"))
    right = len(str(max(n for _, n in years)))
    stacks = {label: _stack(table, label) for label, _ in years}
    room = max(style.table_width - wide - right - 4, 10)
    each = -(-max(map(len, stacks.values())) // room)
    for empty, group in groupby(years, key=lambda year: not year[1]):
        lines = list(group)
        if empty and len(lines) > _SHORT_GAP:
            lines = [(f"{lines[0][0]}–{lines[-1][0]}", 0)]
        for label, n in lines:
            drawn = "".join(
                style.category(code, code * -(-len(list(run)) // each))
                for code, run in groupby(stacks.get(label, ""))
            )
            name = label_name(table.rows, label)
            yield f"{name:<{wide}}  {n:>{right}}  {drawn}".rstrip() + "\n"
    yield "\n"
    legend = (f"{_letter(code)} {label_name('category', code)}" for code in table.column_labels)
    yield textwrap.fill(", ".join(legend), max(style.width, 20)) + "\n"
    if each > 1:
        yield f"A letter is up to {counted(each)}.\n"
    if several(table):
        yield style.dim(textwrap.fill(several(table), max(style.width, 20))) + "\n"


def _stack(table: Crosstab, year: str) -> str:
    return "".join(_letter(code) * table.count(year, code) for code in table.column_labels)


def _letter(code: str) -> str:
    return _LEGEND.get(code, code)
