"""Tables: CSV, TSV, and the sheets of Excel's workbooks.

A table may begin with lines about the search, or with Excel's "sep=;"; its
header is the first row that names a title and other columns.
"""

from __future__ import annotations

import csv
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from evidence_search.errors import MissingExtraError
from evidence_search.importing.columns import column_field, given_first, is_known, table_fields
from evidence_search.importing.entries import Entry
from evidence_search.importing.tagged import WOS_TAGS, wos_fields
from evidence_search.patterns import lazy_pattern
from evidence_search.spreadsheet import from_cell, from_list_cell, sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_SEP = lazy_pattern(r"\s*\"?sep=(.)\"?\s*$", re.IGNORECASE)
_TITLE = lazy_pattern(r"t[ií]t|\bTI\b|display.?name", re.IGNORECASE)
"""What any name of a column of titles has in it."""
_PREAMBLE = 40
"""The header is looked for in this many lines."""
_DELIMITERS = ",;\t|"
_OURS = frozenset({"inferences", "furniture"})
LISTS = frozenset(
    "categories jurisdictions inferences related references notes furniture links authors "
    "keywords ids urls labels lists editors contributors listings".split()
)

Row = tuple[int, list[str], str]
"""The line that a row starts on, its cells, and what is wrong with it."""


def table(text: str) -> Iterator[Entry]:
    """Read CSV or TSV: commas, semicolons, tabs or bars, whichever part the header."""
    lines = text.split("\n")
    at, delimiter = _header(lines)
    if at is None:
        shown = [part.strip() for part in lines[0].split(delimiter)][:6]
        yield Entry(1, {}, f"expected a header with a column “title”; found {shown}")
        return
    yield from _entries(_rows(lines, at, delimiter))


def is_table(text: str) -> bool:
    """Tell whether a text of any ending begins as a table of records does."""
    lines = text.split("\n", _PREAMBLE)[:_PREAMBLE]
    at, delimiter = _header(lines)
    return at is not None and _known(_cut(lines[at], delimiter)) >= 4


def _header(lines: Sequence[str]) -> tuple[int | None, str]:
    """Return the line of the header, and the delimiter of the table."""
    told = _SEP.match(lines[0]) if lines else None
    best: tuple[int, int, str] = (0, 0, "")
    for at, line in enumerate(lines[:_PREAMBLE]):
        if not _TITLE.search(line, 0, 20_000):
            continue
        for delimiter in told[1] if told else _DELIMITERS:
            names = _cut(line[:20_000], delimiter)
            if "title" in map(_field, names):
                known = _known(names)
                if known > best[0]:
                    best = (known, at, delimiter)
        if best[0] > 1:
            break
    return (best[1], best[2]) if best[0] else (None, told[1] if told else ",")


def _field(name: str) -> str:
    return "title" if name == "TI" else column_field(name)


def _known(names: Sequence[str]) -> int:
    return sum(bool(name) and (is_known(name) or name in WOS_TAGS) for name in names)


def _cut(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _rows(lines: Sequence[str], at: int, delimiter: str) -> Iterator[Row]:
    """Yield the rows from the header on; a quote that is never closed costs only its own line."""
    width = 0
    while at < len(lines):
        first, end = at, at + 1
        quotes = lines[at].count('"')
        if quotes % 2 and _opens(lines[at], delimiter):
            while quotes % 2 and end < len(lines):
                quotes += lines[end].count('"')
                end += 1
        try:
            row = _row(lines[first:end], delimiter)
        except csv.Error as error:
            at = first + 1
            yield first + 1, [], f"expected quotes doubled in a cell: {error}"
            continue
        at = end
        width = width or len(row)
        if end > first + 1 and (quotes % 2 or len(row) != width):
            at = first + 1
            yield first + 1, [], "expected a quote at the end of a cell, found none"
        elif any(row):
            yield first + 1, row, ""


def _opens(line: str, delimiter: str) -> bool:
    """Tell whether a line may have a cell that goes on in the next, as one in quotes does."""
    return line.lstrip().startswith('"') or f'{delimiter}"' in line or f'{delimiter} "' in line


def _row(lines: Sequence[str], delimiter: str) -> list[str]:
    """Return the cells of a row.

    Between tabs nothing needs quotes, so that there they may stand for themselves.
    Raises ``csv.Error`` where other quotes don't say where a cell ends.
    """
    try:
        text = ["\n".join(lines)]
        return next(csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=True), [])
    except csv.Error:
        if delimiter != "\t":
            raise
        return "\n".join(lines).split("\t")


def _entries(rows: Iterable[Row]) -> Iterator[Entry]:
    header: list[str] = []
    make: Callable[[Sequence[tuple[str, str]]], Any] = dict
    ours = inverted = False
    for line, row, wrong in rows:
        if not header:
            header = [name.strip().strip("\ufeff") for name in row]
            ours = set(header) >= _OURS
            make = _maker(header, ours=ours)
            inverted = given_first(header)
            unknown = [] if make is wos_fields else [n for n in header if not is_known(n)]
            if unknown and not ours:
                names = ", ".join(f"“{name[:40]}”" for name in unknown[:20])
                more = f" and {len(unknown) - 20} more" if len(unknown) > 20 else ""
                yield Entry(line, {}, warning=f"kept by name, not searched: {names}{more}")
        elif wrong:
            yield Entry(line, {}, wrong)
        elif len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            yield Entry(line, {}, f"expected {len(header)} columns, found {len(row)}")
        else:
            cells = [(name, cell) for name, cell in zip(header, row, strict=False) if cell.strip()]
            try:
                yield Entry(line, make(cells), ours=ours, given_first=inverted)
            except (ValueError, RecursionError) as error:
                yield Entry(line, {}, f"expected cells of one of our exports: {error}")


def _maker(header: Sequence[str], *, ours: bool) -> Callable[[Sequence[tuple[str, str]]], Any]:
    if ours:
        return _our_fields
    if {"PT", "AU", "TI"} <= set(header):
        return _wos_fields
    return lambda cells: table_fields(cells, header)


def _wos_fields(cells: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    split = []
    for name, cell in cells:
        parts = cell.split(";") if name in {"AU", "AF", "BA", "BF", "BE", "CR"} else [cell]
        split += [(name, part.strip()) for part in parts]
    return wos_fields(split)


def _our_fields(cells: Sequence[tuple[str, str]]) -> dict[str, Any]:
    import json

    values: dict[str, Any] = {}
    for name, cell in cells:
        if name in LISTS:
            values[name] = from_list_cell(cell)
        elif name in {"source", "extra"} and cell.startswith("{"):
            values[name] = json.loads(cell)
        else:
            values[name] = from_cell(cell)
    return values


# Excel


def workbook(data: bytes) -> Iterator[Entry]:
    """Read the sheets of a workbook of Excel that have a header with a title.

    Raises :class:`MissingExtraError` without openpyxl.
    """
    headed = False
    try:
        for sheet in sheets(data):
            rows = ((number, row, "") for number, row in sheet)
            start = list(islice(rows, _PREAMBLE))
            for at in [i for i, (_, row, _) in enumerate(start) if "title" in map(_field, row)][:1]:
                headed = True
                yield from _entries(chain(start[at:], rows))
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001 - openpyxl raises what it likes for broken ones
        said = " ".join(str(error).split())[:100]
        yield Entry(1, {}, f"expected a workbook that can be read to its end: {said}")
        return
    if not headed:
        yield Entry(1, {}, "expected a sheet with a column “title”; found none")
