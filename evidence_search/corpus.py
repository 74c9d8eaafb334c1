"""A folder of files to records, problems, and fingerprints that tell what changed.

Each file is read by itself, so a bad one costs only itself and memory is
bounded by the largest.  Files are recognised by content first, ending second;
``README*``, hidden files, backups (``*~``) and ``thesaurus.toml`` are not
evidence.  Links that lead out of the folder aren't followed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import CellError, CorpusError, MissingExtraError
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evidence_search.records import StudyRecord

THESAURUS = "thesaurus.toml"
MISSING_LIBRARY = "missing-library"
"""The problem of a file that needs an extra; it is tried again at each refresh."""
MAX_FILE_SIZE = 50_000_000
"""Bytes; larger files are reported, not read.  ``--max-file-size`` sets another limit."""


class Stamp(NamedTuple):
    """What tells cheaply that a file is as it was: size in bytes, time of change in ns."""

    size: int
    changed: int


class CorpusFile(NamedTuple):
    """What one file of the corpus holds.  ``digest`` is the SHA-256 of its bytes, in hex."""

    path: str
    stamp: Stamp
    digest: str
    records: tuple[StudyRecord, ...]
    problems: tuple[Problem, ...]


def scan(folder: Path) -> dict[str, Stamp]:
    """Return the stamp of every evidence file in ``folder``, by path relative to it, sorted.

    Raises :class:`CorpusError` where the folder can't be read.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"{folder}: expected a corpus folder; found "
            f"{'a file' if folder.exists() else 'nothing'}: name one with --corpus"
        )
    found = dict(_walk(folder, folder.resolve(), ""))
    return {path: found[path] for path in sorted(found)}


def _walk(folder: Path, root: Path, prefix: str) -> Iterator[tuple[str, Stamp]]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise CorpusError(f"{folder}: can't be read: {error.strerror}") from error
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name.endswith("~") or name == THESAURUS:
            continue
        if entry.is_symlink() and not _inside(Path(entry.path), root):
            continue
        if entry.is_dir():
            if not entry.is_symlink():
                yield from _walk(Path(entry.path), root, f"{prefix}{name}/")
        elif entry.is_file() and not name.upper().startswith("README"):
            status = entry.stat()
            yield f"{prefix}{name}", Stamp(status.st_size, status.st_mtime_ns)


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links is a RuntimeError before Python 3.13
        return False


def read_file(folder: Path, path: str, max_size: int = MAX_FILE_SIZE) -> CorpusFile:
    """Read one file of the corpus; whatever is wrong with it becomes a problem.

    Only a file that can't be read at all (vanished, no permission) raises
    :class:`CorpusError`.
    """
    full = folder / path
    try:
        status = full.stat()
        if status.st_size > max_size:
            stamp = Stamp(status.st_size, status.st_mtime_ns)
            problem = Problem(
                Source(path, 1),
                "error",
                "too-large",
                f"expected at most {max_size} bytes, found {status.st_size}; "
                "split the file, or raise --max-file-size",
            )
            return CorpusFile(path, stamp, "", (), (problem,))
        data = full.read_bytes()
    except OSError as error:
        raise CorpusError(f"{full}: can't be read: {error.strerror}") from error
    records, problems = parse_file(data, path)
    return CorpusFile(
        path,
        Stamp(status.st_size, status.st_mtime_ns),
        _digest(data),
        records,
        problems,
    )


def digest_of(folder: Path, path: str) -> str:
    """Return the SHA-256 of a file's bytes, in hex, or ``""`` where it can't be read."""
    try:
        return _digest((folder / path).read_bytes())
    except OSError:
        return ""


def stamp_of(folder: Path, path: str) -> Stamp | None:
    """Return the stamp of one file, or ``None`` where there's none."""
    try:
        status = (folder / path).stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def _digest(data: bytes) -> str:
    import hashlib  # it loads OpenSSL: not for every search

    return hashlib.sha256(data).hexdigest()


def parse_file(data: bytes, path: str) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the records in the bytes of one file of any known format, and what was wrong."""
    from evidence_search.cells import decode, looks_like_cell, read_cell
    from evidence_search.importing import read_import

    text, doubts = decode(data, path)
    if looks_like_cell(text):
        try:
            cell = read_cell(text, path)
        except CellError as error:
            problem = Problem(Source(path, 1), "error", "not-a-cell", str(error))
            return (), (*doubts, problem)
        return cell.records, (*doubts, *cell.problems)
    try:
        imported = read_import(text, path)
    except MissingExtraError as error:
        return (), (*doubts, Problem(Source(path, 1), "error", MISSING_LIBRARY, str(error)))
    if imported:
        return imported[0], (*doubts, *imported[1])
    problem = Problem(
        Source(path, 1),
        "error",
        "unknown-format",
        "expected a matrix cell, with a line such as “Alcohol Treatment Matrix cell A1: …”, or "
        "RIS, BibTeX, PubMed, CSV, TSV or JSON Lines; found neither: add the line, or move the "
        "file out of the corpus",
    )
    return (), (*doubts, problem)


def read_corpus(folder: Path, max_size: int = MAX_FILE_SIZE) -> Iterator[CorpusFile]:
    """Yield the files of ``folder``, in order of path, each with its records.

    An id that an earlier file already has is a problem of the later file, and
    its record is left out.  Raises :class:`CorpusError` where the folder
    can't be read; a file that can't is one with a problem.
    """
    seen: dict[str, Source] = {}
    for path, stamp in scan(folder).items():
        try:
            file = read_file(folder, path, max_size)
        except CorpusError as error:
            yield unreadable(path, stamp, error)
            continue
        yield without_duplicates(file, seen)
        for record in file.records:
            seen.setdefault(record.id, record.source)


def unreadable(path: str, stamp: Stamp, error: CorpusError) -> CorpusFile:
    """Return a file of which nothing is known but that it couldn't be read."""
    problem = Problem(Source(path, 1), "error", "unreadable", str(error))
    return CorpusFile(path, stamp, "", (), (problem,))


def without_duplicates(file: CorpusFile, seen: Mapping[str, Source]) -> CorpusFile:
    """Return ``file`` without the records whose id is in ``seen``, with a problem for each."""
    repeated = [record for record in file.records if record.id in seen]
    if not repeated:
        return file
    problems = tuple(
        Problem(
            record.source,
            "error",
            "duplicate-record",
            f"expected each entry once; found {record.title!r} in {seen[record.id]} too: "
            "remove one of them",
        )
        for record in repeated
    )
    kept = tuple(record for record in file.records if record.id not in seen)
    return file._replace(records=kept, problems=file.problems + problems)
