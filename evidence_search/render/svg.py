"""Maps and timelines as SVG: self-contained, without scripts, light or dark as the reader's screen.

Every cell and bar is a link with a tooltip that lists its records.  In a
picture that stands alone the link opens the list over the picture (the
``:target`` of CSS); within a page it leads to the list of the page.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from evidence_search.render.maps import cell_id, opacity
from evidence_search.render.names import (
    COLOURS,
    OTHER_COLOUR,
    counted,
    heading,
    label_name,
    reference,
    several,
    told_years,
)
from evidence_search.render.safe import html, link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.crosstab import Crosstab
    from evidence_search.records import StudyRecord

# All lengths are in pixels.
_MARGIN = 16
_TITLE = 40
_LINE = 17
_CHARACTER = 7.2
_CELL_WIDTH, _CELL_HEIGHT = 92, 40
_PLOT_WIDTH, _PLOT_HEIGHT = 760, 220
_MIN_BAR, _MAX_BAR = 3, 40
_YEAR_WIDTH = 40
_LETTERED = 11

_TOOLTIP_RECORDS = 12
_ROW_CHARACTERS = 26
_HEADING_CHARACTERS = 13

_CSS = """
.evidence-picture { font: 13px system-ui, sans-serif; color-scheme: light dark; }
.evidence-picture text { fill: #1a1a1a; }
.evidence-picture .paper { fill: #ffffff; }
.evidence-picture .rule { stroke: #808080; stroke-opacity: .35; fill: none; }
.evidence-picture .title { font-weight: 600; font-size: 15px; }
.evidence-picture .small { font-size: 12px; }
.evidence-picture .letter { fill: #000000; font-size: 11px; font-weight: 600; }
.evidence-picture a:hover rect, .evidence-picture a:focus rect { stroke: #808080; stroke-width: 2; }
.evidence-picture .list { display: none; }
.evidence-picture .list:target { display: block; }
.evidence-picture .list .paper { stroke: #808080; }
.evidence-picture .list a text { text-decoration: underline; }
@media (prefers-color-scheme: dark) {
.evidence-picture text { fill: #ececec; }
.evidence-picture .paper { fill: #16181c; }
.evidence-picture .letter { fill: #000000; }
}
"""


def evidence_map(table: Crosstab) -> Iterator[str]:
    """Yield a map as one picture."""
    names = [_wrapped(label_name(table.rows, row), _ROW_CHARACTERS) for row in table.row_labels]
    heads = [
        _wrapped(label_name(table.columns, column), _HEADING_CHARACTERS)
        for column in table.column_labels
    ]
    longest = max(len(line) for name in [[""], *names] for line in name)
    left = _MARGIN + round(_CHARACTER * longest) + 12
    top = _MARGIN + _TITLE + _LINE * max(len(lines) for lines in [*heads, [""]])
    heights = [max(_CELL_HEIGHT, _LINE * len(lines) + 8) for lines in names]
    tops = [top + sum(heights[:at]) for at in range(len(heights))]
    width = left + _CELL_WIDTH * len(heads) + _MARGIN
    body: list[str] = []
    for across, lines in enumerate(heads):
        middle = left + _CELL_WIDTH * (across + 0.5)
        body += _lines(lines, middle, top - 8 - _LINE * (len(lines) - 1), "middle")
    for at, lines in enumerate(names):
        y = tops[at] + heights[at] / 2 + 5 - _LINE * (len(lines) - 1) / 2
        body += _lines(lines, left - 12, y, "end")
        for across in range(len(heads)):
            x = left + _CELL_WIDTH * across
            box = (x, tops[at], _CELL_WIDTH, heights[at])
            body.append(_cell(table, at, across, box))
    bottom = top + sum(heights)
    yield _document(table, width, bottom + _MARGIN, body, alone=True)


def _cell(table: Crosstab, at: int, across: int, box: tuple[float, float, float, float]) -> str:
    x, y, width, height = box
    row, column = table.row_labels[at], table.column_labels[across]
    n = table.count(row, column)
    drawn = (
        f'<rect class="rule" x="{x}" y="{y}" width="{width}" height="{height}" '
        f'style="fill:rgb(0,120,212);fill-opacity:{opacity(n, table.most):.2f}"/>'
        f"{_text(str(n), x + width / 2, y + height / 2 + 5, 'middle')}"
    )
    return _linked(table, at, across, drawn) if n else drawn


def timeline(table: Crosstab, *, alone: bool = True) -> Iterator[str]:
    """Yield a timeline as one picture: a bar for each year, in pieces by category."""
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
        body += _bar(table, at, left + bar * at, base, (bar, most))
    room = max(int(bar * len(stacks) / _YEAR_WIDTH), 1)
    for at, name in told_years(table.row_labels, room).items():
        x = left + bar * (at + 0.5)
        body.append(_text(name, x, base + _LINE, "middle", "small"))
    yield _document(table, round(width), base + _LINE + _MARGIN, body, alone=alone)


def _bar(
    table: Crosstab, at: int, x: float, base: float, scale: tuple[float, int]
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
            f'height="{max(height - gap, 1):.1f}" fill="{COLOURS.get(code, OTHER_COLOUR)}"/>'
        )
        if code in COLOURS and min(height, width) > _LETTERED:
            drawn += _text(code, x + width / 2, y + height / 2 + 5, "middle", "letter")
        yield _linked(table, at, across, drawn)


def _legend(table: Crosstab, x: float, y: float) -> Iterator[str]:
    for code in table.column_labels:
        name = label_name(table.columns, code)
        fill = COLOURS.get(code, OTHER_COLOUR)
        yield f'<rect x="{x:.1f}" y="{y - 11}" width="12" height="12" fill="{fill}"/>'
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


def _linked(table: Crosstab, at: int, across: int, drawn: str) -> str:
    row, column = table.row_labels[at], table.column_labels[across]
    found = table.records(row, column)
    told = [_told(table, row, column), *map(reference, found[:_TOOLTIP_RECORDS])]
    if len(found) > _TOOLTIP_RECORDS:
        told.append(f"and {len(found) - _TOOLTIP_RECORDS} more")
    title = html("\n".join(told))
    return f'<a href="#{cell_id(at, across)}"><title>{title}</title>{drawn}</a>'


def _told(table: Crosstab, row: str, column: str) -> str:
    names = f"{label_name(table.rows, row)}, {label_name(table.columns, column)}"
    return f"{names}: {counted(table.count(row, column))}"


def _document(table: Crosstab, width: float, height: float, body: list[str], *, alone: bool) -> str:
    title = heading(table)
    width = max(width, round(_CHARACTER * 1.2 * len(title)) + 2 * _MARGIN)
    if alone and several(table):
        body = [*body, _text(several(table), _MARGIN, height + 6, "start", "small")]
        height += _LINE + 6
        width = max(width, round(_CHARACTER * len(several(table))))
    panels = list(_panels(table, width, height)) if alone else []
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="evidence-picture" '
        'role="graphics-document document" '
        f'aria-label="{html(title)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{html(title)}</title><style>{_CSS}</style>'
        f'<rect class="paper" width="{width}" height="{height}"/>'
        f"{_text(title, _MARGIN, _MARGIN + 14, 'start', 'title')}{''.join(body)}"
        f"{''.join(panels)}</svg>\n"
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
                    f"{_text(_told(table, row, column), _MARGIN, _MARGIN + 14, 'start', 'title')}"
                    f'<a href="#all"><title>Close the list</title>'
                    f"{_text('Close ✕', width - _MARGIN, _MARGIN + 14, 'end')}</a>"
                    f"{''.join(_panel(found, characters, room))}</g>"
                )


def _panel(found: tuple[StudyRecord, ...], characters: int, room: int) -> Iterator[str]:
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
