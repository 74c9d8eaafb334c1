"""Cells of tables: text that is never a formula, lists of values, and back again.

The only door to openpyxl.
"""

from __future__ import annotations

import errno
import io
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from evidence_search.errors import MissingExtraError
from evidence_search.escaping import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


def cell(text: str) -> str:
    """Return ``text`` for a spreadsheet: what would be a formula gets an apostrophe before it.

    So does what begins with an apostrophe before such a character, so that
    :func:`from_cell` can take it off again.
    """
    bare = text.lstrip("'")
    return f"'{text}" if bare and _FORMULA.match(bare) else text


def from_cell(text: str) -> str:
    """Return what :func:`cell` was given."""
    bare = text.lstrip("'")
    return text[1:] if text.startswith("'") and bare and _FORMULA.match(bare) else text


def value_cell(value: object) -> str:
    """Return the cell for a JSON value: plain words joined by "; ", other lists as JSON.

    It has no control characters, at which Python 3.10 would refuse to write a table.
    """
    return plain(_joined(value))


def _joined(value: object) -> str:
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        joined = "; ".join(value)
        if from_list_cell(cell(joined)) == value:
            return cell(joined)
    if isinstance(value, list | dict):
        return json.dumps(value)
    return cell(value if isinstance(value, str) else str(value))


def from_list_cell(text: str) -> list[Any]:
    """Return the list in a cell: JSON, or words separated by semicolons."""
    if text.startswith("["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list):
            return value
    return [part.strip() for part in from_cell(text).split(";") if part.strip()]


# Excel

_LONGEST = 32_767
"""Characters that a cell of Excel can have."""
_MOST_UNPACKED = 200_000_000
"""Bytes of all parts of a workbook, and of its sheets if each were its largest part."""
_MOST_BESIDE = 2_000_000
"""Bytes of what openpyxl reads whole, at a hundred times the memory: all but cells and pictures."""
_CELLS = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml|.*\.(?!xml$|rels$)[^./]+")


def is_workbook(data: bytes) -> bool:
    """Tell whether the bytes are those of a workbook of Excel (``.xlsx``)."""
    return data.startswith(b"PK\x03\x04") and b"xl/" in data[:4000] + data[-4000:]


def sheets(data: bytes) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """Yield for each sheet of a workbook its rows that aren't empty, with their numbers from 1.

    Raises ``ValueError`` for one that unpacks to too much, :class:`MissingExtraError`, and what
    openpyxl does for one that is broken.
    """
    import zipfile

    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("openpyxl", "import") from None
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        sizes = {part.filename: part.file_size for part in packed.infolist()}
    _limited(sum(sizes.values()), _MOST_UNPACKED, "unpacked")
    beside = sum(size for name, size in sizes.items() if not _CELLS.fullmatch(name))
    _limited(beside, _MOST_BESIDE, "beside its cells")
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        _limited(len(book.worksheets) * max(sizes.values()), _MOST_UNPACKED, "of sheets")
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what it says of them need not be true
            rows = enumerate(sheet.iter_rows(values_only=True), 1)
            yield (
                (n, list(map(_shown, row))) for n, row in rows if any(v is not None for v in row)
            )
    finally:
        book.close()


def _limited(size: int, most: int, what: str) -> None:
    if size > most:
        raise ValueError(f"expected at most {most} bytes {what}, found {size}")


def _shown(value: object) -> str:
    """Return the text of a cell of Excel: whole numbers without a point, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(value)


def workbook(title: str, rows: Iterable[Sequence[int | str]]) -> bytes:
    """Return a workbook of one sheet, whose first row is its header; no cell is a formula.

    A text longer than Excel allows ends in "…".  Raises :class:`MissingExtraError`,
    and ``OSError`` where there's no room for temporary files.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
    except ImportError:
        raise MissingExtraError("openpyxl", "import") from None
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    packed = io.BytesIO()
    try:
        for number, row in enumerate(rows):
            cells = []
            for value in row:
                fits = isinstance(value, int) or len(value) <= _LONGEST
                made = WriteOnlyCell(sheet, value if fits else f"{value[: _LONGEST - 1]}…")  # type: ignore[index]
                if isinstance(value, str):
                    made.data_type = "s"  # else a text that begins with "=" would be a formula
                if not number:
                    made.font = Font(bold=True)
                cells.append(made)
            sheet.append(cells)
        book.save(packed)
    except Exception as error:
        # openpyxl takes lxml where there is one, whose errors have no name here.
        if not type(error).__module__.startswith("lxml."):
            raise
        with suppress(Exception):  # else the rest is written, and fails, when the program ends
            sheet.close()
        full = f"its parts find no room in the temporary folder ({error})"
        raise OSError(errno.ENOSPC, full) from error
    return packed.getvalue()
