"""A report of a strategy: as a page with the flow diagram, as Markdown, as a document of Word."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.dialects import dialect
from evidence_search.errors import MissingExtraError
from evidence_search.escaping import html as escaped
from evidence_search.escaping import line, without_controls
from evidence_search.render.html import page
from evidence_search.render.phrases import counted
from evidence_search.strategies.report import NO_REASON, TO_FILL_IN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docx.document import Document

    from evidence_search.strategies.report import Flow, Report


class Box(NamedTuple):
    """A box of the flow diagram: its lines; and those of the box beside it, if any."""

    lines: tuple[str, ...]
    beside: tuple[str, ...] = ()


def boxes(flow: Flow) -> list[Box]:
    """Return the boxes of PRISMA's flow diagram for new reviews, from top to bottom."""
    listed = (f"{line(name)} (n = {n:,})" for name, n in flow.sources.items())
    left = flow.undecided + flow.maybe
    decided = flow.undecided < flow.screened
    excluded = f"(n = {flow.excluded:,})" if decided else f": {TO_FILL_IN.lower()}"
    given = flow.reasons if flow.reasons.keys() - {NO_REASON} else {}
    reasons = (f"{line(name)} (n = {n:,})" for name, n in given.items())
    included = f"so far (n = {flow.included:,})" if decided else f": {TO_FILL_IN.lower()}"
    return [
        Box(
            (f"Records identified (n = {flow.identified:,})", *listed),
            (
                "Records removed before screening",
                f"Duplicates merged (n = {flow.duplicates:,})",
                f"Not found by the strategy (n = {flow.outside:,})",
            ),
        ),
        Box(
            (f"Records screened (n = {flow.screened:,})",),
            (f"Records excluded {excluded}".replace(" :", ":"), *reasons),
        ),
        Box(
            (f"Records still to be decided (n = {left:,})",),
            (f"Reports not retrieved, reports excluded: {TO_FILL_IN.lower()}",),
        ),
        Box((f"Studies included {included}".replace(" :", ":"),)),
    ]


def facts(report: Report) -> list[str]:
    """Return what a report begins with."""
    run = report.run
    return [
        f"Strategy: {line(run.strategy.name)}, written for {dialect(run.strategy.dialect).title}",
        f"Corpus: {line(run.provenance.corpus)}, {counted(run.provenance.records)}",
        f"Run: {run.provenance.time}",
        f"Result: line {run.last.line.number}, {counted(run.last.count)}",
    ]


def text(report: Report, _: object = None) -> Iterator[str]:
    """Yield the report as Markdown, which a terminal shows as it is."""
    yield from markdown(report)


def markdown(report: Report) -> Iterator[str]:
    """Yield the report as Markdown."""
    yield "# Search report\n\n"
    yield "".join(f"- {_plain(fact)}\n" for fact in facts(report))
    yield "\n## Search strategy, line by line\n\n"
    yield "| Line | Search | Records |\n| ---: | --- | ---: |\n"
    for searched in report.run:
        notes = "".join(f" *({_plain(note)})*" for note in searched.remarks)
        written = _plain(searched.line.text) + notes
        yield f"| {searched.line.number} | {written} | {searched.count:,} |\n"
    yield "\n## Flow of records (PRISMA 2020)\n\n"
    for box in boxes(report.flow):
        yield f"- {_plain(box.lines[0])}\n"
        yield "".join(f"    - {_plain(row)}\n" for row in box.lines[1:])
        yield "".join(f"    - → {_plain(row)}\n" for row in box.beside)
    yield "\n## PRISMA-S\n\n| Item | | Reported |\n| ---: | --- | --- |\n"
    for item in report.items:
        said = "; ".join(_plain(part).rstrip(".") for part in item.said) or f"**{TO_FILL_IN}**"
        yield f"| {item.number} | {item.name} | {said} |\n"


def _plain(value: str) -> str:
    """Return text with what Markdown would read as a sign made plain."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in line(value))


def html(report: Report) -> Iterator[str]:
    """Yield the report as one self-contained page."""
    return page(
        "report.html",
        report=report,
        facts=facts(report),
        diagram="".join(diagram(report.flow)),
        to_fill_in=TO_FILL_IN,
    )


# The diagram.  All lengths are in pixels.
_WIDTH, _BOX, _BESIDE, _GAP, _ROW, _PAD = 760, 330, 350, 34, 19, 12
_CHARACTERS = 44


def diagram(flow: Flow) -> Iterator[str]:
    """Yield the flow diagram as SVG, with its numbers as text."""
    rows = [(_wrapped(box.lines), _wrapped(box.beside)) for box in boxes(flow)]
    heights = [2 * _PAD + _ROW * max(len(lines), len(beside), 1) for lines, beside in rows]
    total = sum(heights) + _GAP * (len(rows) - 1)
    said = f"{flow.identified:,} identified, {flow.screened:,} screened, {flow.included:,} included"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH} {total + 2}" '
    yield f'style="max-width:{_WIDTH}px;width:100%"><title>Flow of records: {said}</title>'
    top = 1
    for number, ((lines, beside), height) in enumerate(zip(rows, heights, strict=True)):
        yield from _drawn(1, top, _BOX, height, lines)
        if beside:
            at, middle = _WIDTH - _BESIDE - 1, top + height // 2
            yield from _drawn(at, top, _BESIDE, height, beside)
            yield _arrow(_BOX + 1, middle, at, middle)
        if number + 1 < len(rows):
            yield _arrow(_BOX // 2, top + height, _BOX // 2, top + height + _GAP)
        top += height + _GAP
    yield "</svg>"


def _wrapped(rows: Sequence[str]) -> list[str]:
    import textwrap

    return [piece for row in rows for piece in textwrap.wrap(row, _CHARACTERS) or [""]]


def _drawn(x: int, y: int, width: int, height: int, rows: Sequence[str]) -> Iterator[str]:
    yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="none" '
    yield 'stroke="currentColor"/>'
    for number, row in enumerate(rows):
        yield f'<text x="{x + _PAD}" y="{y + _PAD + _ROW * number + 14}" font-size="14" '
        yield f'fill="currentColor">{escaped(row)}</text>'


def _arrow(x1: int, y1: int, x2: int, y2: int) -> str:
    points = f"{x2 - 7},{y2 - 4} {x2},{y2} {x2 - 7},{y2 + 4}"
    if x1 == x2:
        points = f"{x2 - 4},{y2 - 7} {x2},{y2} {x2 + 4},{y2 - 7}"
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="currentColor"/>'
        f'<polyline points="{points}" fill="none" stroke="currentColor"/>'
    )


def docx(report: Report) -> Iterator[bytes]:
    """Yield the report as a document of Word; the flow diagram is a table there.

    Raises :class:`MissingExtraError` without python-docx.
    """
    try:
        import docx as word
    except ImportError:
        raise MissingExtraError("python-docx", "report") from None
    document = word.Document()
    document.core_properties.title = "Search report"
    document.add_heading("Search report", 0)
    for fact in facts(report):
        document.add_paragraph(_word(fact), style="List Bullet")
    document.add_heading("Search strategy, line by line", 1)
    lines = [
        (
            str(x.line.number),
            "\n".join([x.line.text, *x.remarks]),
            f"{x.count:,}",
        )
        for x in report.run
    ]
    _table(document, {"Line": 1.4, "Search": 11.3, "Records": 2.5}, lines)
    document.add_heading("Flow of records (PRISMA 2020)", 1)
    flow = [("\n".join(box.lines), "\n".join(box.beside)) for box in boxes(report.flow)]
    _table(document, {"Records": 7.6, "Removed": 7.6}, flow)
    document.add_heading("PRISMA-S", 1)
    items = [(str(i.number), i.name, "\n".join(i.said) or TO_FILL_IN) for i in report.items]
    _table(document, {"Item": 1.4, "Name": 4.6, "Reported": 9.2}, items)
    file = io.BytesIO()
    document.save(file)
    yield file.getvalue()


def _table(document: Document, columns: Mapping[str, float], rows: Sequence[Sequence[str]]) -> None:
    """Add a table; ``columns`` are their names, in bold, with the width of each in centimetres.

    The names stand again on each page, numbers to the right, and what is to be filled in is bold.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    table.autofit = False
    for cell, name in zip(table.rows[0].cells, columns, strict=True):
        cell.paragraphs[0].add_run(name).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.add_run(_word(value)).bold = value == TO_FILL_IN
            if value.replace(",", "").isdecimal():
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    # Word goes by the width of each cell, other programs by that of the column.
    for column, width in zip(table.columns, columns.values(), strict=True):
        for sized in (column, *column.cells):
            sized.width = Cm(width)


def _word(value: str) -> str:
    """Return text without what XML can't hold."""
    return without_controls("\n".join(map(line, value.split("\n"))))
