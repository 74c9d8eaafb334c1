"""A strategy as it was run: the table that specialists know, for a person and for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from evidence_search.dialects import dialect
from evidence_search.escaping import html, line
from evidence_search.render.text import filled
from evidence_search.spreadsheet import value_cell
from evidence_search.strategies.execution import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.render.style import Style
    from evidence_search.strategies.execution import LineRun, StrategyRun

_COUNT_WIDTH = 8


def language(run: StrategyRun) -> str:
    """Return which platform's language the lines are in, and how that is known."""
    title = dialect(run.strategy.dialect).title
    return f"read as {title}{', by its marks' if run.strategy.recognised else ''}"


def remarks(run: StrategyRun) -> Iterator[str]:
    """Yield what is to be known of the lines together."""
    if run.unused:
        yield f"Not used by any other line: {', '.join(map(str, run.unused))}"
    if run.empty:
        yield f"Without a record: {', '.join(map(str, run.empty))}"
    yield FORMS[0].upper() + FORMS[1:] + "."


def text(run: StrategyRun, style: Style) -> Iterator[str]:
    """Yield a line of the strategy each, with its count, and below it what was read otherwise."""
    from evidence_search.render.phrases import counted

    provenance = run.provenance
    yield f"{line(run.strategy.name)}: {language(run)}\n"
    yield f"{line(provenance.corpus)}, {counted(provenance.records)}, {provenance.time}\n\n"
    width = max(len(str(item.line.number)) for item in run)
    for item in run:
        yield from _line(item, width, style)
    yield "\n"
    for remark in remarks(run):
        yield filled(remark, style, "", "  ") + "\n"
    yield f"\nResult: line {run.last.line.number}, {counted(run.last.count)}\n"


def _line(item: LineRun, width: int, style: Style) -> Iterator[str]:
    number = f"{item.line.number:>{width}}"
    count = f"{item.count:>{_COUNT_WIDTH},}"
    yield filled(line(item.line.text), style, f"{number} {count}  ", " " * (width + 11)) + "\n"
    for note in item.remarks:
        yield filled(f"- {line(note)}", style, " " * (width + 11), " " * (width + 13)) + "\n"


def as_dict(run: StrategyRun) -> dict[str, Any]:
    """Return a run as JSON values."""
    return {
        "strategy": run.strategy.name,
        "dialect": run.strategy.dialect,
        "recognised": run.strategy.recognised,
        "corpus": run.provenance.corpus,
        "records": run.provenance.records,
        "time": run.provenance.time,
        "lines": [
            {
                "number": item.line.number,
                "line": item.line.text,
                "searched": item.searched,
                "count": item.count,
                "notes": list(item.remarks),
                "used": item.used,
                "place": item.line.place,
                "reported": item.line.reported,
            }
            for item in run
        ],
        "unused": list(run.unused),
        "empty": list(run.empty),
        "remark": FORMS,
    }


def as_json(run: StrategyRun) -> str:
    """Return a run as JSON, with what was searched for each line in our own language."""
    return json.dumps(as_dict(run), ensure_ascii=False, indent=2) + "\n"


_COLUMNS = ("number", "line", "searched", "count", "notes")


def as_csv(run: StrategyRun) -> str:
    """Return the lines as CSV."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for values in as_dict(run)["lines"]:
        writer.writerow([value_cell(values[name]) for name in _COLUMNS])
    return file.getvalue()


def fragment(run: StrategyRun) -> Iterator[str]:
    """Yield the lines as a table of HTML."""
    yield '<div class="evidence-search"><table class="strategy">'
    yield f"<caption>{html(run.strategy.name)}: {html(language(run))}</caption>"
    yield "<thead><tr><th scope=col>Line<th scope=col>Search<th scope=col>Records</tr></thead>"
    yield "<tbody>"
    for item in run:
        notes = "".join(f"<li>{html(note)}</li>" for note in item.remarks)
        yield f"<tr><th scope=row>{item.line.number}</th><td>{html(item.line.text)}"
        yield f"<ul>{notes}</ul>" if notes else ""
        yield f'</td><td class="n">{item.count:,}</td></tr>'
    yield "</tbody></table>"
    yield from (f"<p>{html(remark)}</p>" for remark in remarks(run))
    yield "</div>"
