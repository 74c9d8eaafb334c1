"""Files of reference managers and our own exports to the same study records as a cell gives.

``formats`` is the table of formats; ``tagged``, ``bibtex``, ``endnote``, ``pubmed``, ``items`` and
``tables`` read text to the fields of entries (``entries``), which ``building`` makes records of.
A bad entry costs only itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.errors import MissingExtraError
from evidence_search.importing.building import build, is_enclosure
from evidence_search.importing.formats import recognise
from evidence_search.importing.tables import workbook
from evidence_search.problems import Problems
from evidence_search.records import Problem, Source
from evidence_search.spreadsheet import is_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from evidence_search.importing.entries import Entry
    from evidence_search.records import StudyRecord

    Progress = Callable[[float], None]

_STEP = 64
"""Entries from one word on progress to the next."""
LIBRARIES = ("openpyxl", "pylatexenc")
"""What the extra ``import`` brings: for Excel's workbooks, and for LaTeX in BibTeX."""


def installed() -> list[str]:
    """Return which of ``LIBRARIES`` there are."""
    from importlib.util import find_spec

    return [name for name in LIBRARIES if find_spec(name)]


def read_import(
    text: str, path: str, progress: Progress | None = None
) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]] | None:
    """Return the records of a file and what was wrong, or ``None`` for no format known here.

    ``progress`` is called now and then with the part of the file that is read, from 0 to 1.
    Raises :class:`MissingExtraError` where the library for the format isn't installed.
    """
    # Files put together have a byte order mark in the middle, old Macs end lines with CR alone.
    text = text.replace("\ufeff", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = recognise(text, path)
    if reader is None:
        return None
    lines = text.count("\n") + 1 if progress else 1
    return _records(reader(text), path, lines, progress)


def read_workbook(data: bytes, path: str) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the same for the bytes of a workbook of Excel; see :func:`is_workbook`."""
    return _records(workbook(data), path)


def _records(
    entries: Iterable[Entry], path: str, lines: int = 1, progress: Progress | None = None
) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    records: list[StudyRecord] = []
    enclosures: list[int] = []
    problems = Problems()

    def note(line: int, severity: str, code: str, message: str) -> None:
        problems.add(Problem(Source(path, line, 1, line, 1), severity, code, message))

    for number, entry in enumerate(_read(entries, note)):
        if progress and number % _STEP == 0:
            progress(min(entry.line / lines, 1.0))
        if entry.warning:
            note(entry.line, "warning", "unknown-columns", entry.warning)
            continue
        if is_enclosure(entry):
            enclosures.append(entry.line)
            continue
        try:
            if entry.wrong:
                raise ValueError(entry.wrong)
            record = build(entry, Source(path, entry.line, 1, entry.line, 1))
        except Exception as error:  # noqa: BLE001 - whatever an entry holds costs only itself
            note(entry.line, "error", "bad-entry", _told(error))
            continue
        if record.year is None:
            message = f"expected a year, found none for {record.title[:60]!r}"
            note(entry.line, "warning", "no-year", message)
        records.append(record)
    if enclosures:
        message = (
            "expected works, found attachments and notes, which are kept with works: "
            f"{len(enclosures)} left out, the first here"
        )
        note(enclosures[0], "warning", "enclosures", message)
    return tuple(records), problems.told()


def _read(entries: Iterable[Entry], note: Callable[[int, str, str, str], None]) -> Iterator[Entry]:
    """Yield entries; where their reader fails, say so, and leave those before it as they are."""
    line = 1
    try:
        for entry in entries:
            line = entry.line
            yield entry
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001 - libraries read here raise what they like
        message = f"expected entries to its end, found what can't be read: {_told(error)}"
        note(line, "error", "unread-rest", message)


def _told(error: Exception) -> str:
    """Return what an error says, on one line of bounded length."""
    return " ".join(str(error).split())[:300] or type(error).__name__


__all__ = ["LIBRARIES", "installed", "is_workbook", "read_import", "read_workbook", "recognise"]
