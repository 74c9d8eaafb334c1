"""Maps and timelines as SVG: self-contained, without scripts, light or dark as the reader's screen.

Every cell and bar is a link with a tooltip that lists its records.  In a
picture that stands alone the link opens the list over the picture (the
``:target`` of CSS); within a page it leads to the list of the page.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from evidence_search.escaping import html, link
from evidence_search.render.phrases import (
    CODES,
    counted,
    heading,
    label_name,
    reference,
    remarks,
    told_years,
)
from evidence_search.render.stylesheet import cell_id, shade, stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evidence_search.crosstab import Crosstab
    from evidence_search.records import StudyRecord

    Address = Callable[[str, str], str]

# All lengths are in pixels.
_MARGIN = 16
_TITLE = 40
_LINE = 17
_CHARACTER = 7.2
_CELL_WIDTH, _CELL_HEIGHT = 92, 40
_MAP_WIDTH, _MIN_CELL_WIDTH = 1200, 30
_PLOT_WIDTH, _PLOT_HEIGHT = 760, 220
_MIN_BAR, _MAX_BAR = 3, 40
_YEAR_WIDTH = 40
_LETTERED = 11

_TOOLTIP_RECORDS = 12
_ROW_CHARACTERS = 26
_HEADING_CHARACTERS = 13


def evidence_map(table: Crosstab) -> Iterator[str]:
    """Yield a map as one picture; of many columns each is narrow, and its heading upright."""
    names = [_wrapped(label_name(table.rows, row), _ROW_CHARACTERS) for row in table.row_labels]
    longest = max(len(line) for name in [[""], *names] for line in name)
    left = _MARGIN + round(_CHARACTER * longest) + 12
    across = max(len(table.column_labels), 1)
    wide = min(_CELL_WIDTH, max((_MAP_WIDTH - left - _MARGIN) // across, _MIN_CELL_WIDTH))
    titles = [label_name(table.columns, column) for column in table.column_labels]
    upright = wide < _CELL_WIDTH
    heads = [
        [_cut(t, _ROW_CHARACTERS)] if upright else _wrapped(t, _HEADING_CHARACTERS) for t in titles
    ]
    high = _CHARACTER * max(map(len, titles), default=0) if upright else 0
    high = min(high, _CHARACTER * _ROW_CHARACTERS) or _LINE * max(map(len, [*heads, [""]]))
    top = round(_MARGIN + _TITLE + high)
    heights = [max(_CELL_HEIGHT, _LINE * len(lines) + 8) for lines in names]
    tops = [top + sum(heights[:at]) for at in range(len(heights))]
    body: list[str] = []
    for at, lines in enumerate(heads):
        middle = left + wide * (at + 0.5)
        if upright:
            turn = f'<g transform="translate({middle + 4:.1f} {top - 8}) rotate(-90)">'
            body.append(f"{turn}{_text(lines[0], 0, 0, 'start')}</g>")
        else:
            body += _lines(lines, middle, top - 8 - _LINE * (len(lines) - 1), "middle")
    for at, lines in enumerate(names):
        y = tops[at] + heights[at] / 2 + 5 - _LINE * (len(lines) - 1) / 2
        body += _lines(lines, left - 12, y, "end")
        for column in range(len(heads)):
            box = (left + wide * column, tops[at], wide, heights[at])
            body.append(_cell(table, at, column, box))
    width = left + wide * len(heads) + _MARGIN
    yield _document(table, width, top + sum(heights) + _MARGIN, body, alone=True)


def _cell(table: Crosstab, at: int, across: int, box: tuple[float, float, float, float]) -> str:
    x, y, width, height = box
    row, column = table.row_labels[at], table.column_labels[across]
    n = table.count(row, column)
    drawn = (
        f'<rect class="rule shaded" x="{x}" y="{y}" width="{width}" height="{height}" '
        f'style="fill-opacity:{shade(n, table.most)}%"/>'
        f"{_text(str(n), x + width / 2, y + height / 2 + 5, 'middle')}"
    )
    return _linked(table, at, across, drawn) if n else drawn


def timeline(
    table: Crosstab, *, alone: bool = True, address: Address | None = None
) -> Iterator[str]:
    """Yield a timeline as one picture: a bar for each year, in pieces by category.

    ``address`` gives where the cell of a row and a column leads, ``""`` for nowhere; its
    records are then not read.
    """
    stacks = [
        sum(table.count(year, code) for code in table.column_labels) for year in table.row_labels
    ]
    most = max([*stacks, 1])
    bar = min(max(_PLOT_WIDTH / max(len(stacks), 1), _MIN_BAR), _MAX_BAR)
    left = _MARGIN + round(_CHARACTER * len(str(most))) + 10
    top = _MARGIN + _TITLE + _LINE
    base = top + _PLOT_HEIGHT
    width = left + max(bar * len(stacks) + _YEAR_WIDTH / 2, 480) + _MARGIN
    body = list(_legend(table, left, _MARGIN + _TITLE))
    step = _step(most)
    for n in range(0, most + 1, step):
        y = base - _PLOT_HEIGHT * n / most
        body.append(f'<path class="rule" d="M{left} {y:.1f}H{left + bar * len(stacks):.1f}"/>')
        body.append(_text(str(n), left - 8, y + 4, "end", "small"))
    for at in range(len(stacks)):
        body += _bar(table, at, left + bar * at, base, (bar, most), address)
    room = max(int(bar * len(stacks) / _YEAR_WIDTH), 1)
    for at, name in told_years(table.row_labels, room).items():
        x = left + bar * (at + 0.5)
        body.append(_text(name, x, base + _LINE, "middle", "small"))
    yield _document(table, round(width), base + _LINE + _MARGIN, body, alone=alone)


def _bar(
    table: Crosstab,
    at: int,
    x: float,
    base: float,
    scale: tuple[float, int],
    address: Address | None,
) -> Iterator[str]:
    width, most = scale
    gap = 1 if width > 2 * _MIN_BAR else 0
    y = base
    for across, code in enumerate(table.column_labels):
        n = table.count(table.row_labels[at], code)
        if not n:
            continue
        height = _PLOT_HEIGHT * n / most
        y -= height
        drawn = (
            f'<rect x="{x + gap:.1f}" y="{y + gap:.1f}" width="{width - 2 * gap:.1f}" '
            f'height="{max(height - gap, 1):.1f}" class="{code if code in CODES else "none"}"/>'
        )
        if code in CODES and min(height, width) > _LETTERED:
            drawn += _text(code, x + width / 2, y + height / 2 + 5, "middle", "letter")
        yield _linked(table, at, across, drawn, address)


def _legend(table: Crosstab, x: float, y: float) -> Iterator[str]:
    for code in table.column_labels:
        name = label_name(table.columns, code)
        kind = code if code in CODES else "none"
        yield f'<rect class="{kind}" x="{x:.1f}" y="{y - 11}" width="12" height="12"/>'
        yield _text(name, x + 17, y, "start", "small")
        x += 34 + _CHARACTER * len(name)


def _step(most: int) -> int:
    """Return a step of 1, 2 or 5 times a power of ten that gives at most eight lines."""
    step, factors = 1, (2, 2.5, 2)
    at = 0
    while most / step > 8:
        step = round(step * factors[at % 3])
        at += 1
    return step


def _linked(
    table: Crosstab, at: int, across: int, drawn: str, address: Address | None = None
) -> str:
    row, column = table.row_labels[at], table.column_labels[across]
    told, target = [_told(table, at, across)], f"#{cell_id(at, across)}"
    if address:
        target = address(row, column)
    else:
        found = table.records(row, column)
        told += map(reference, found[:_TOOLTIP_RECORDS])
        told += [f"and {len(found) - _TOOLTIP_RECORDS} more"] * (len(found) > _TOOLTIP_RECORDS)
    title = html("\n".join(told))
    titled = f"<title>{title}</title>{drawn}"
    return f'<a href="{html(target)}">{titled}</a>' if target else f"<g>{titled}</g>"


def _told(table: Crosstab, at: int, across: int) -> str:
    row, column = table.row_labels[at], table.column_labels[across]
    names = f"{label_name(table.rows, row)}, {label_name(table.columns, column)}"
    return f"{names}: {counted(table.count(row, column))}"


def _document(table: Crosstab, width: float, height: float, body: list[str], *, alone: bool) -> str:
    title = heading(table)
    width = max(width, round(_CHARACTER * 1.2 * len(title)) + 2 * _MARGIN)
    for remark in remarks(table) if alone else []:
        for part in _wrapped(remark, int((width - 2 * _MARGIN) / _CHARACTER)):
            body.append(_text(part, _MARGIN, height + 6, "start", "small"))
            height += _LINE
    style = f"<style>{stylesheet()}</style>" if alone else ""
    panels = list(_panels(table, width, height)) if alone else []
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="evidence-picture" '
        'role="graphics-document document" '
        f'aria-label="{html(title)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{html(title)}</title>{style}'
        f'<rect class="paper" width="{width}" height="{height}"/>'
        f"{_text(title, _MARGIN, _MARGIN + 14, 'start', 'title') if alone else ''}"
        f"{''.join(body)}{''.join(panels)}</svg>\n"
    )


def _panels(table: Crosstab, width: float, height: float) -> Iterator[str]:
    """Yield the list of each cell's records, shown over the picture while it is the target."""
    characters = int((width - 3 * _MARGIN) / _CHARACTER)
    room = max(int((height - 5 * _MARGIN) / _LINE), 1)
    for at, row in enumerate(table.row_labels):
        for across, column in enumerate(table.column_labels):
            found = table.records(row, column)
            if found:
                yield (
                    f'<g class="list" id="{cell_id(at, across)}"><rect class="paper" '
                    f'width="{width}" height="{height}"/>'
                    f"{_text(_told(table, at, across), _MARGIN, _MARGIN + 14, 'start', 'title')}"
                    f'<a href="#all"><title>Close the list</title>'
                    f"{_text('Close ✕', width - _MARGIN, _MARGIN + 14, 'end')}</a>"
                    f"{''.join(_panel(found, characters, room))}</g>"
                )


def _panel(found: Sequence[StudyRecord], characters: int, room: int) -> Iterator[str]:
    y = _MARGIN + _TITLE
    for record in found[:room]:
        shown = _text(_cut(reference(record), characters), _MARGIN, y, "start")
        target = link(record.url)
        yield f'<a href="{html(target)}">{shown}</a>' if target else shown
        y += _LINE
    if len(found) > room:
        yield _text(f"and {len(found) - room} more", _MARGIN, y, "start")


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _wrapped(text: str, characters: int) -> list[str]:
    return textwrap.wrap(text, characters) or [""]


def _lines(lines: list[str], x: float, y: float, anchor: str) -> list[str]:
    return [_text(line, x, y + _LINE * at, anchor) for at, line in enumerate(lines)]


def _text(text: str, x: float, y: float, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html(text)}</text>'
