"""Files copied into a corpus under a good name, and cells started there.

Nothing is written over, nothing through a link, and a file that holds nothing
that can be read stays out.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.cells import matrices
from evidence_search.errors import CorpusError
from evidence_search.records import OUT_OF_CORPUS, Category
from evidence_search.values import Value
from evidence_search.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evidence_search.records import Problem, StudyRecord

_LONGEST_NAME = 60
_NONE = "expected records, found none"
_ENDINGS = {".htm": ".html", ".xhtml": ".html", ".text": ".txt", ".asc": ".txt", "": ".txt"}
_CELL = re.compile(r"\s*(?P<matrix>[A-Za-z]+)[\W_]*(?P<code>[A-Ea-e][1-5])\s*")


class Added(Value):
    """What became of a file: the name it has in the corpus, its records and their problems.

    ``copied`` is false for a file that the corpus has already.
    """

    name: str
    copied: bool
    records: tuple[StudyRecord, ...]
    problems: tuple[Problem, ...]

    @property
    def cell(self) -> tuple[str | None, str | None] | None:
        """The matrix and code of the cell that the file is, or ``None``."""
        places = {(record.matrix, record.cell) for record in self.records}
        return places.pop() if len(places) == 1 and any(next(iter(places))) else None

    @property
    def categories(self) -> dict[str, int]:
        """How many of the records are of each category, by code, in the order of the legend."""
        counts = Counter(c for record in self.records for c in record.categories)
        return {category.code: counts[category] for category in Category if counts[category]}


def add(source: Path, folder: Path, max_size: int = corpus.MAX_FILE_SIZE) -> Added:
    """Copy a file into a corpus folder, under a name that says what it holds.

    A cell is called by its matrix and code ("drug-a3.html"), other files by
    their own name; a number tells it from another file of that name.  Raises
    :class:`CorpusError` where the file can't be read or nothing in it can,
    and :class:`ExportError` where the copy can't be written.
    """
    try:
        whole = source.resolve(strict=True)
        if whole.is_dir():
            raise CorpusError(f"{source}: expected a file, found a folder: name the files in it")
        data, _ = corpus.read_bytes(whole.parent, whole.name, max_size)
    except (OSError, RuntimeError) as error:  # a loop of links, before Python 3.13
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CorpusError(f"{source}: expected a file that can be read: {why}") from error
    return add_bytes(data, whole.name, folder, str(source))


def add_bytes(data: bytes, named: str, folder: Path, source: str = "") -> Added:
    """Put the bytes of a file of a name into a corpus folder, as :func:`add` does.

    ``source`` is what errors call it, the name by default.
    """
    same = _same(folder, data)
    name = same or _free_name(folder, _name(named, data))
    records, problems = corpus.parse_file(data, name)
    if not records:
        # A warning is of what was read in spite of it, an error why there is nothing.
        why = [one.message for one in sorted(problems, key=lambda one: one.severity != "error")]
        message = why[0] if why else _NONE
        if same is None:
            message = f"{message.replace(OUT_OF_CORPUS, '')}; nothing was added"
        raise CorpusError(f"{source or named}: {message}")
    if same is None:
        write_file(folder / name, [data])
    return Added(name, same is None, records, problems)


def _same(folder: Path, data: bytes) -> str | None:
    """Return the file of the corpus that has the same bytes, if any."""
    for path, stamp in corpus.scan(folder).items():
        if stamp.size == len(data):
            try:
                if corpus.read_bytes(folder, path, stamp.size)[0] == data:
                    return path
            except OSError:
                continue
    return None


def _name(name: str, data: bytes) -> str:
    """Return a good name for a file: that of its cell, or its own in plain letters."""
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    ending = _ENDINGS.get(ending.lower(), ending.lower())
    records, _ = corpus.parse_file(data, name)
    places = {(record.matrix, record.cell) for record in records}
    if len(places) == 1:
        matrix, code = places.pop()
        if code:
            return f"{'-'.join(part.lower() for part in (matrix, code) if part)}{ending}"
    folded = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:_LONGEST_NAME].rstrip("-")
    ending = ending if re.fullmatch(r"[.][a-z0-9]{1,10}", ending) else ".txt"
    if plain.startswith("readme") or plain + ending in corpus.OWN:  # of which none lists evidence
        plain = f"file-{plain}"
    return f"{plain or 'file'}{ending}"


def _free_name(folder: Path, name: str) -> str:
    stem, ending = PurePath(name).stem, PurePath(name).suffix
    number = 1
    free = name
    while os.path.lexists(folder / free):
        number += 1
        free = f"{stem}-{number}{ending}"
    return free


def others_of_cell(added: Added, records: Sequence[StudyRecord]) -> list[str]:
    """Return the other files of a corpus that have records of the cell that was added."""
    if added.cell is None:
        return []
    return sorted(
        {
            record.source.path
            for record in records
            if (record.matrix, record.cell) == added.cell and record.source.path != added.name
        }
    )


def new_cell(name: str, folder: Path) -> Path:
    """Start a cell in a corpus folder, and return its file: the header and legend.

    ``name`` is its matrix and code, such as "Drug A3".  Raises
    :class:`CorpusError` where there's no such cell or no such folder, and
    :class:`ExportError` where the corpus has its file already.
    """
    match = _CELL.fullmatch(name)
    matrix = matrices.matrix_name(match["matrix"]) if match else None
    if not match or not matrix:
        raise CorpusError(
            f"expected a matrix and a cell, such as “Alcohol A1” or “Drug E5”, found {name!r}: "
            "the matrices are Alcohol and Drug, the columns A to E, the rows 1 to 5"
        )
    if not folder.is_dir():
        raise CorpusError(f"{folder}: expected a corpus folder, found none: make it first")
    code = match["code"].upper()
    column = matrices.column_name(code[0])
    row = matrices.row_name(matrix, code[1])
    path = folder / f"{matrix.lower()}-{code.lower()}.txt"
    header = f"{matrix} Treatment Matrix cell {code}: {column}; {row}"
    write_file(path, [f"{header}\n\nS Seminal studies K Key studies R Reviews G Guidance\n\n"])
    return path
