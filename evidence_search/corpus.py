"""A folder of files to records, problems, and fingerprints that tell what changed.

Each file is read by itself, so a bad one costs only itself and memory is
bounded by the largest.  Files are recognised by content first, ending second;
``README*``, hidden files, backups (``*~``) and ``thesaurus.toml`` are not
evidence.  No link is followed: what one inside the folder leads to is read
under its own name, and one that leads out of it is reported.  Pipes and
devices are left alone.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import CellError, CorpusError, MissingExtraError
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evidence_search.records import StudyRecord

VERSION = 5
"""Changes whenever the same file would give other records, so that an index is rebuilt."""

THESAURUS = "thesaurus.toml"
MISSING_LIBRARY = "missing-library"
"""The problem of a file that needs an extra."""
TOO_LARGE = "too-large"
UNREADABLE = "unreadable"
LINK = "link"
"""Problems of files that weren't read."""
MAX_FILE_SIZE = 50_000_000
"""Bytes; larger files are reported, not read.  ``--max-file-size`` sets another limit."""


_OPEN = (
    os.O_RDONLY
    # A file may become a link or a pipe between the look and the opening; Windows has neither.
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Stamp(NamedTuple):
    """What tells cheaply that a file is as it was: size in bytes, time of change in ns.

    The time is that of the last change to the file or what the system knows of it,
    which no program can set back; Windows has only the time of the last writing.
    """

    size: int
    changed: int


class CorpusFile(NamedTuple):
    """What one file of the corpus holds.

    ``digest`` is the SHA-256 of its bytes, in hex, or the code of the problem
    that kept it from being read.
    """

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
        if entry.is_symlink():
            if not _inside(Path(entry.path), root):
                yield f"{prefix}{name}", _stamp(entry.stat(follow_symlinks=False))
        elif entry.is_dir():
            yield from _walk(Path(entry.path), root, f"{prefix}{name}/")
        elif entry.is_file() and not name.upper().startswith("README"):
            yield f"{prefix}{name}", _stamp(entry.stat())


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links is a RuntimeError before Python 3.13
        return False


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_ctime_ns if os.name == "posix" else status.st_mtime_ns)


def read_bytes(folder: Path, path: str, max_size: int = MAX_FILE_SIZE) -> tuple[bytes, Stamp]:
    """Return the bytes of a file of the corpus and its stamp, following no link on the way.

    Raises ``OSError``: of ``ELOOP`` for a link, of ``EFBIG`` for more than
    ``max_size`` bytes, and of ``EINVAL`` for what is no file.
    """
    descriptor = _open(folder, path)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(folder / path))
        # As much as there was: room for the limit may be more than there is memory.
        data = file.read(status.st_size + 1) if status.st_size <= max_size else b""
        if max(len(data), status.st_size) > max_size:
            raise OSError(errno.EFBIG, f"it is larger than {max_size} bytes", str(folder / path))
        return data, _stamp(status)


def _open(folder: Path, path: str) -> int:
    if os.open not in os.supports_dir_fd:
        return os.open(folder / path, _OPEN)
    *parents, name = path.split("/")
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for parent in parents:
            within = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = within
        return os.open(name, _OPEN, dir_fd=at)
    finally:
        os.close(at)


def read_file(folder: Path, path: str, max_size: int = MAX_FILE_SIZE) -> CorpusFile:
    """Read one file of the corpus; whatever is wrong with it becomes a problem.

    Only a file that can't be read at all (vanished, no permission) raises
    :class:`CorpusError`.
    """
    try:
        data, stamp = read_bytes(folder, path, max_size)
    except OSError as error:
        stamp = stamp_of(folder, path) or Stamp(0, 0)
        if error.errno == errno.ELOOP:
            return _unread(
                path, stamp, LINK,
                "expected a file, found a link that leads out of the corpus or nowhere; it isn't "
                "followed; copy the file here",
            )  # fmt: skip
        if error.errno == errno.EFBIG:
            return _unread(
                path, stamp, TOO_LARGE,
                f"expected at most {max_size} bytes, found {stamp.size}; "
                "split the file, or raise --max-file-size",
            )  # fmt: skip
        raise CorpusError(f"{folder / path}: can't be read: {error.strerror}") from error
    records, problems = parse_file(data, path)
    return CorpusFile(path, stamp, digest(data), records, problems)


def _unread(path: str, stamp: Stamp, code: str, message: str) -> CorpusFile:
    return CorpusFile(path, stamp, code, (), (Problem(Source(path, 1), "error", code, message),))


def stamp_of(folder: Path, path: str) -> Stamp | None:
    """Return the stamp of one file, or ``None`` where there's none."""
    try:
        return _stamp((folder / path).lstat())
    except OSError:
        return None


def digest(data: bytes) -> str:
    """Return the SHA-256 of ``data``, in hex."""
    import hashlib  # it loads OpenSSL: not for every search

    return hashlib.sha256(data).hexdigest()


def parse_file(data: bytes, path: str) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the records in the bytes of one file of any known format, and what was wrong."""
    from evidence_search.cells import decode, read_cell
    from evidence_search.importing import read_import

    text, doubts = decode(data, path)
    try:
        imported = read_import(text, path)
        if imported:
            return imported[0], (*doubts, *imported[1])
        cell = read_cell(text, path)
    except MissingExtraError as error:
        return (), (*doubts, Problem(Source(path, 1), "error", MISSING_LIBRARY, str(error)))
    except CellError:
        problem = Problem(
            Source(path, 1),
            "error",
            "unknown-format",
            "expected a matrix cell, with a line such as “Alcohol Treatment Matrix cell A1: …”, or "
            "RIS, BibTeX, PubMed, CSV, TSV or JSON Lines; found neither: add the line, or move the "
            "file out of the corpus",
        )
        return (), (*doubts, problem)
    return cell.records, (*doubts, *cell.problems)


def read_corpus(folder: Path, max_size: int = MAX_FILE_SIZE) -> Iterator[CorpusFile]:
    """Yield the files of ``folder``, in order of path, each with its records.

    An id that an earlier file already has is a problem of the later file, and
    its record is left out.  Raises :class:`CorpusError` where the folder
    can't be read; a file that can't is one with a problem.
    """
    seen: dict[str, str] = {}  # texts, which cost the garbage collector nothing
    for path, stamp in scan(folder).items():
        try:
            file = read_file(folder, path, max_size)
        except CorpusError as error:
            yield unreadable(path, stamp, error)
            continue
        yield without_duplicates(file, seen)
        for record in file.records:
            seen.setdefault(record.id, str(record.source))


def unreadable(path: str, stamp: Stamp, error: CorpusError) -> CorpusFile:
    """Return a file of which nothing is known but that it couldn't be read."""
    return _unread(path, stamp, UNREADABLE, str(error))


def without_duplicates(file: CorpusFile, seen: Mapping[str, Source | str]) -> CorpusFile:
    """Return ``file`` with each id once and none that is in ``seen``; others become problems."""
    here: dict[str, Source] = {}
    problems: list[Problem] = []
    kept: list[StudyRecord] = []
    for record in file.records:
        first = seen.get(record.id) or here.get(record.id)
        if first:
            message = (
                f"expected each entry once; found {record.title!r} in {first} too: "
                "remove one of them"
            )
            problems.append(Problem(record.source, "error", "duplicate-record", message))
        else:
            here[record.id] = record.source
            kept.append(record)
    return file._replace(records=tuple(kept), problems=(*file.problems, *problems))
