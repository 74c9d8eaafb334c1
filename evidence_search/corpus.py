"""A folder of files to records, problems, and fingerprints that tell what changed.

Each file is read by itself, so a bad one costs only itself, whatever its reader
raises, and memory is bounded by the largest.  Files are recognised by content
first, ending second; ``README*``, hidden files, backups (``*~``) and
``thesaurus.toml`` are not evidence, nor is ``lists.txt`` of the folder itself.
No link is followed: what one inside the folder leads to is read under its own
name, and one that leads out of it is reported.  Pipes and devices are left alone.

Other programs save, rename and synchronise in the folder at the same time:
what vanishes between one look and the next is as if it had never been there.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import CellError, CorpusError, MissingExtraError
from evidence_search.lists import LISTS
from evidence_search.merging import DUPLICATES
from evidence_search.problems import Problems
from evidence_search.records import OUT_OF_CORPUS, Problem, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evidence_search.merging.decisions import Decision
    from evidence_search.records import StudyRecord

VERSION = 9
"""Changes whenever the same file would give other records, so that an index is rebuilt."""

THESAURUS = "thesaurus.toml"
SETTINGS = "settings.toml"
OWN = frozenset({THESAURUS, SETTINGS, LISTS, DUPLICATES})
"""Files of a corpus folder that say something of the corpus, and list no evidence."""
MISSING_LIBRARY = "missing-library"
"""The problem of a file that needs an extra."""
TOO_LARGE = "too-large"
UNREADABLE = "unreadable"
LINK = "link"
"""Problems of files that weren't read."""
FAILED = "failed"
"""The problem of a file, or a record, for which the program raised an exception."""
MAX_FILE_SIZE = 50_000_000
"""Bytes; larger files are reported, not read.  ``--max-file-size`` sets another limit."""
MAX_RECORD_SIZE = 1_000_000
"""Characters of title, summary and keywords; larger records are reported and left out."""


# A file may become a link or a pipe between the look and the opening.
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OPEN_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_VANISHED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ESTALE})
"""What the system says of what was there a moment ago, or is another kind of thing now."""


class Stamp(NamedTuple):
    """What tells cheaply that a file is as it was: size in bytes, time of change in ns.

    The time is that of the last change to the file or what the system knows of it,
    which no program can set back.
    """

    size: int
    changed: int


class CorpusFile(NamedTuple):
    """What one file of the corpus holds.

    ``digest`` is the SHA-256 of its bytes, in hex, or the code of the problem
    that kept it from being read.  ``decisions`` are those on duplicates, which the
    file ``duplicates.txt`` has.
    """

    path: str
    stamp: Stamp
    digest: str
    records: tuple[StudyRecord, ...]
    problems: tuple[Problem, ...]
    decisions: tuple[Decision, ...] = ()


def bundled() -> Path:
    """Return the folder of the corpus, and of the thesaurus, that come with the program."""
    package = Path(__file__).parent
    installed = package / "_corpus"
    return installed if installed.is_dir() else package.parent / "corpus"


def scan(folder: Path) -> dict[str, Stamp]:
    """Return the stamp of every evidence file in ``folder``, by path relative to it, sorted.

    A folder within it that can't be read is there too, with ``/`` at the end of its path.
    Raises :class:`CorpusError` where ``folder`` itself can't be read.
    """
    if not folder.is_dir():
        raise CorpusError(
            f"{folder}: expected a corpus folder; found "
            f"{'a file' if folder.exists() else 'nothing'}: name one with --corpus"
        )
    found: dict[str, Stamp] = {}
    root, left = folder.resolve(), [""]
    while left:
        inside = left.pop()
        try:
            with os.scandir(f"{folder}/{inside}") as entries:
                for entry in entries:
                    path = inside + entry.name
                    if _ignored(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        left.append(f"{path}/")
                    elif path != LISTS and _is_evidence(entry, root) and (stamp := _stamped(entry)):
                        found[path] = stamp
        except OSError as error:
            if not inside:
                raise CorpusError(f"{folder}: can't be read: {error.strerror}") from error
            if error.errno not in _VANISHED:
                found[inside] = Stamp(0, 0)
    return {path: found[path] for path in sorted(found)}


def _ignored(name: str) -> bool:
    return name.startswith(".") or name.endswith("~") or name in {THESAURUS, SETTINGS}


def _is_evidence(entry: os.DirEntry[str], root: Path) -> bool:
    """Tell files of evidence, and links to report, from what is left alone."""
    if entry.is_symlink():
        return not _inside(Path(entry.path), root)
    return entry.is_file() and not entry.name.upper().startswith("README")


def _stamped(entry: os.DirEntry[str]) -> Stamp | None:
    """Return the stamp of a file; of one that vanished just now, ``None``."""
    try:
        return _stamp(entry.stat(follow_symlinks=False))
    except OSError as error:
        return None if error.errno in _VANISHED else Stamp(0, 0)


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links is a RuntimeError before Python 3.13
        return False


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_ctime_ns)


def read_bytes(folder: Path, path: str, max_size: int = MAX_FILE_SIZE) -> tuple[bytes, Stamp]:
    """Return the bytes of a file of the corpus and its stamp, following no link on the way.

    Raises ``OSError``: of ``ELOOP`` for a link, of ``EFBIG`` for more than
    ``max_size`` bytes, and of ``EINVAL`` for what is no file.
    """
    if path.endswith("/"):  # a folder that a scan couldn't read: say why
        os.scandir(folder / path).close()
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
    *parents, name = path.split("/")
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for parent in parents:
            within = os.open(parent, _OPEN_FOLDER, dir_fd=at)
            os.close(at)
            at = within
        return os.open(name or ".", _OPEN, dir_fd=at)
    finally:
        os.close(at)


def read_file(
    folder: Path,
    path: str,
    max_size: int = MAX_FILE_SIZE,
    progress: Callable[[float], None] | None = None,
) -> CorpusFile:
    """Read one file of the corpus; whatever is wrong with it becomes a problem.

    ``progress`` is called now and then with the part of it that is read, from 0 to 1.
    Only a file that can't be read at all (vanished, no permission) raises
    :class:`CorpusError`.
    """
    try:
        data, stamp = read_bytes(folder, path, max_size)
    except OSError as error:
        stamp = stamp_of(folder, path) or Stamp(0, 0)
        refused = refusal(error, path, stamp.size, max_size)
        if refused is None:
            raise CorpusError(f"{folder / path}: can't be read: {error.strerror}") from error
        return CorpusFile(path, stamp, refused.code, (), (refused,))
    if path == DUPLICATES:
        from evidence_search.merging.decisions import parse

        decided, problems = parse(data.decode("utf-8-sig", "replace"))
        return CorpusFile(path, stamp, digest(data), (), problems, decided.lines)
    if path == LISTS:
        from evidence_search.lists import entries

        _, problems = entries.parse(data.decode("utf-8-sig", "replace"))
        return CorpusFile(path, stamp, digest(data), (), problems)
    records, problems = parse_file(data, path, progress)
    return CorpusFile(path, stamp, digest(data), records, problems)


def refusal(error: OSError, path: str, size: int, max_size: int) -> Problem | None:
    """Return the problem of a link, or of a file of more than ``max_size`` bytes.

    ``error`` is what :func:`read_bytes` raised; ``None`` stands for all other errors.
    """
    if error.errno == errno.ELOOP:
        return Problem(
            Source(path, 1), "error", LINK,
            "expected a file, found a link that leads out of the corpus or nowhere; it isn't "
            "followed; copy the file here",
        )  # fmt: skip
    if error.errno == errno.EFBIG:
        return Problem(
            Source(path, 1), "error", TOO_LARGE,
            f"expected at most {max_size} bytes, found {size}; "
            "split the file, or raise --max-file-size",
        )  # fmt: skip
    return None


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


def parse_file(
    data: bytes, path: str, progress: Callable[[float], None] | None = None
) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the records in the bytes of one file of any known format, and what was wrong.

    ``progress`` is as in :func:`read_file`.  Whatever a reader raises costs this file, and no
    other.
    """
    try:
        records, found = _parsed(data, path, progress)
        problems = Problems(found).told()
        large = {record for record in records if _size(record) > MAX_RECORD_SIZE}
        if not large:
            return records, problems
        kept = tuple(record for record in records if record not in large)
        return kept, (*problems, *(_too_large(record) for record in records if record in large))
    except Exception as error:  # noqa: BLE001 - libraries read here raise what they like
        return (), (failed(Source(path, 1), error),)


def _size(record: StudyRecord) -> int:
    return len(record.title) + len(record.summary) + sum(map(len, record.keywords))


def _too_large(record: StudyRecord) -> Problem:
    return Problem(
        record.source,
        "error",
        TOO_LARGE,
        f"expected a record of at most {MAX_RECORD_SIZE} characters, found {_size(record)} in "
        f"{record.title[:60]!r}; it is left out: shorten it",
    )


def failed(source: Source, error: Exception) -> Problem:
    """Return the problem of a file or a record that no reader expected to be as it is."""
    return Problem(
        source,
        "error",
        FAILED,
        "expected what can be read and indexed, found what stops the program "
        f"({reason(error)}): mend it{OUT_OF_CORPUS}, and please report it",
    )


def reason(error: Exception) -> str:
    """Return what an exception says, on one line of bounded length."""
    said = " ".join(str(error).split())[:100]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _parsed(
    data: bytes, path: str, progress: Callable[[float], None] | None
) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    from evidence_search import cells
    from evidence_search.decoding import decode, no_text
    from evidence_search.importing import is_workbook, read_import, read_workbook

    if is_workbook(data):
        try:
            return read_workbook(data, path)
        except MissingExtraError as error:
            return (), (Problem(Source(path, 1), "error", MISSING_LIBRARY, str(error)),)
    if document := no_text(data):
        message = f"expected text or a workbook of Excel, found {document[0]}: {document[1]}"
        return (), (Problem(Source(path, 1), "error", "no-text", message),)
    text, doubts = decode(data, path)
    try:
        imported = read_import(text, path, progress)
        if imported:
            return imported[0], (*doubts, *imported[1])
        records, problems = cells.read(text, path)
    except MissingExtraError as error:
        return (), (*doubts, Problem(Source(path, 1), "error", MISSING_LIBRARY, str(error)))
    except CellError:
        problem = Problem(
            Source(path, 1),
            "error",
            "unknown-format",
            "expected a matrix cell, with a line such as “Alcohol Treatment Matrix cell A1: …” or "
            "entries such as “K Title (2010). Summary.”, or the export of a reference manager or "
            f"database; found neither: correct it{OUT_OF_CORPUS}",
        )
        return (), (*doubts, problem)
    return records, (*doubts, *problems)


def read_corpus(folder: Path, max_size: int = MAX_FILE_SIZE) -> Iterator[CorpusFile]:
    """Yield the files of ``folder``, in order of path, each with its records.

    Raises :class:`CorpusError` where the folder can't be read; a file that can't
    is one with a problem, and one that has vanished since the scan is none.
    """
    for path, stamp in scan(folder).items():
        try:
            yield read_file(folder, path, max_size)
        except CorpusError as error:
            if not vanished(error):
                yield unreadable(path, stamp, error)


def vanished(error: CorpusError) -> bool:
    """Tell whether what couldn't be read isn't there any more."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in _VANISHED


def unreadable(path: str, stamp: Stamp, error: CorpusError) -> CorpusFile:
    """Return a file of which nothing is known but that it couldn't be read."""
    problem = Problem(Source(path, 1), "error", UNREADABLE, str(error))
    return CorpusFile(path, stamp, UNREADABLE, (), (problem,))
