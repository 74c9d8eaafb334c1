"""Maps and timelines as figures of matplotlib, its only door.

Of the two libraries that notebooks draw with, matplotlib makes a picture that
is whole where it stands: saved in the notebook, printed, or shown where no
script runs.  Altair hands a specification to a script that a page fetches.

A figure is drawn without ``pyplot``, so that no state is left behind and no
window opens.
"""

from __future__ import annotations

import io
import re
import textwrap
from typing import TYPE_CHECKING, Any

from evidence_search.errors import MissingExtraError
from evidence_search.escaping import plain
from evidence_search.render.phrases import (
    heading,
    label_name,
    remarks,
    told_years,
)
from evidence_search.render.stylesheet import stylesheet

try:
    from matplotlib import figure
    from matplotlib.ticker import MaxNLocator
except ImportError:
    raise MissingExtraError("matplotlib", "notebook") from None

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.crosstab import Crosstab

_DPI = 100
_ROW, _HEADING = 30, 14
"""Characters of a line beside a row, and above a column."""
_INK = "#757575"
_SHARPNESS = 2
"""Dots of the picture for each dot of a plain screen."""


class Figure(figure.Figure):
    """A figure that a notebook shows by itself, with words for who can't see it.

    It has no paper of its own, and what is written is of a grey that reads on a light
    notebook and on a dark one.
    """

    alternative = ""

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        width, height = (round(inches * _DPI) for inches in self.get_size_inches())
        size = {"width": width, "height": height, "alt": self.alternative}
        return saved(self, "png", "none"), size


def saved(drawn: figure.Figure, form: str, paper: str = "white") -> bytes:
    """Return a figure as a file, the same whenever the figure is."""
    buffer = io.BytesIO()
    dated = {"CreationDate": None} if form == "pdf" else None
    drawn.savefig(buffer, format=form, dpi=_DPI * _SHARPNESS, metadata=dated, facecolor=paper)
    return buffer.getvalue()


def evidence_map(table: Crosstab) -> Figure:
    """Return a map with a number in each cell, shaded by it."""
    rows = [textwrap.fill(label_name(table.rows, row), _ROW) for row in table.row_labels]
    columns = [textwrap.fill(label_name(table.columns, c), _HEADING) for c in table.column_labels]
    left = max(len(part) for row in ["", *rows] for part in row.split("\n"))
    high = max(row.count("\n") for row in ["", *rows])
    size = (0.5 + 0.09 * left + 0.95 * max(len(columns), 1), 1.5 + (0.4 + 0.15 * high) * len(rows))
    drawn, axes = _figure(table, size)
    counts = [[table.count(r, c) for c in table.column_labels] or [0] for r in table.row_labels]
    palest = {"vmin": 0, "vmax": max(table.most, 1) * 2}  # so that black reads on the darkest
    axes.pcolormesh(counts, cmap="Blues", edgecolor=_INK, linewidth=0.8, **palest)
    for y, row in enumerate(counts):
        for x, n in enumerate(row):
            shown = {"ha": "center", "va": "center", "color": "0" if n else _INK}
            axes.text(x + 0.5, y + 0.5, str(n), **shown)
    axes.set_xticks([x + 0.5 for x in range(len(columns))], list(map(_plain, columns)))
    axes.set_yticks([y + 0.5 for y in range(len(rows))], list(map(_plain, rows)))
    axes.tick_params(length=0, labeltop=True, labelbottom=False, labelsize="small")
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    return drawn


def timeline(table: Crosstab) -> Figure:
    """Return a bar for each year, in pieces by category."""
    labels = table.row_labels
    drawn, axes = _figure(table, (min(max(3.0 + 0.3 * len(labels), 6), 12), 3.8))
    heights = [0] * len(labels)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", stylesheet()))
    for code in table.column_labels:
        counts = [table.count(year, code) for year in labels]
        axes.bar(
            range(len(labels)),
            counts,
            bottom=heights,
            width=0.85,
            color=colours.get(code, colours["none"]),
            label=label_name(table.columns, code),
        )
        heights = [height + n for height, n in zip(heights, counts, strict=True)]
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    ticks = told_years(labels, 16)
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set_ylabel("Records")
    axes.grid(axis="y", color=_INK, alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    drawn.legend(
        loc="outside lower center", frameon=False, ncols=5, fontsize="small", labelcolor=_INK
    )
    return drawn


def _figure(table: Crosstab, size: tuple[float, float]) -> tuple[Figure, Any]:
    width = max(size[0], 0.5 + 0.09 * len(heading(table)))
    drawn = Figure(figsize=(width, size[1]), dpi=_DPI, layout="constrained", facecolor="none")
    drawn.alternative = " ".join([f"{heading(table)}.", *_told(table)])
    axes = drawn.add_subplot(facecolor="none")
    axes.tick_params(colors=_INK)
    axes.spines[:].set_color(_INK)
    axes.xaxis.label.set_color(_INK)
    axes.yaxis.label.set_color(_INK)
    axes.set_title(
        _plain(heading(table)), loc="left", fontsize="medium", fontweight="bold", color=_INK
    )
    below = "\n".join(textwrap.fill(remark, int(width / 0.065)) for remark in remarks(table))
    if below:
        axes.set_xlabel(_plain(below), loc="left", fontsize="x-small")
    return drawn, axes


def _told(table: Crosstab) -> Iterator[str]:
    for row in table.row_labels:
        counts = (
            f"{label_name(table.columns, column)} {table.count(row, column)}"
            for column in table.column_labels
            if table.count(row, column)
        )
        yield f"{label_name(table.rows, row)}: {', '.join(counts) or 'none'}."


def _plain(text: str) -> str:
    """Return text in which matplotlib finds no mathematics."""
    return plain(text).replace("$", r"\$")


def map_png(table: Crosstab) -> Iterator[bytes]:
    """Yield a map as PNG."""
    yield saved(evidence_map(table), "png")


def map_pdf(table: Crosstab) -> Iterator[bytes]:
    """Yield a map as PDF."""
    yield saved(evidence_map(table), "pdf")


def timeline_png(table: Crosstab) -> Iterator[bytes]:
    """Yield a timeline as PNG."""
    yield saved(timeline(table), "png")


def timeline_pdf(table: Crosstab) -> Iterator[bytes]:
    """Yield a timeline as PDF."""
    yield saved(timeline(table), "pdf")
