"""A file, or a line of one, written whole or not at all.

The text of a file goes to a new one beside it, is brought to the disk, and takes
its name in one step, so that neither a full disk, a crash nor a second writer
leaves half a file.  A link that leads nowhere is never written through: what it
names may be anywhere.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evidence_search.errors import ExportError
from evidence_search.files import make_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import FileIO
    from pathlib import Path


def write_file(
    path: Path, pieces: Iterable[str | bytes], *, overwrite: bool = False, own: bool = False
) -> None:
    """Write to ``path``: text in UTF-8, with line ends as they are.

    A file that is there is kept unless ``overwrite``; then its permissions
    are.  Pipes and devices are written to as they stand, and links lead to what
    is written; of a file of our ``own`` (default ``False``) neither: it takes the
    place of either.  Raises :class:`ExportError`.
    """
    try:
        if own:
            make_way(path)
        target = _target(path)
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as device:
                device.writelines(map(_encoded, pieces))
            return
        if target.exists() and not overwrite:
            raise FileExistsError
        _replace(target, pieces, overwrite=overwrite)
    except FileExistsError:
        raise ExportError(
            f"{path}: expected a new file, found one; to write over it: --force, or force=True"
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from error


def append_line(path: Path, line: str) -> None:
    """Append ``line`` to a file, in one write, so that two programs at once don't mix theirs.

    Where that fails the file is as it was, and a new one isn't there.  Raises
    :class:`ExportError`.
    """
    try:
        target = _target(path)
        new = not target.exists()
        with target.open("ab+", buffering=0) as file:
            try:
                _append(file, line)
            except OSError:
                if new:
                    target.unlink()
                raise
    except OSError as error:
        raise _unwritable(path, error) from error


def append_own(path: Path, lines: str, heading: str = "") -> None:
    """Append lines to a file of our own, on the disk and whole, or not at all.

    Others who append so wait, and nobody's lines are lost.  A new file begins with
    ``heading``.  A link, a pipe and a device in its place are left alone.  Raises
    :class:`ExportError`.
    """
    import fcntl

    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        while True:
            with os.fdopen(os.open(path, flags, 0o666), "ab+", buffering=0) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise OSError(errno.EINVAL, "it is no ordinary file")
                fcntl.flock(file, fcntl.LOCK_EX)
                # An editor may have put another file in its place since it was opened.
                if not _same(path, file):
                    continue
                new = file.seek(0, os.SEEK_END) == 0
                _append(file, (heading if new else "") + lines.removesuffix("\n"))
                return
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other program of ours is between reading a file of a folder and writing it.

    Raises :class:`ExportError`.
    """
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _same(path: Path, file: FileIO) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _append(file: FileIO, line: str) -> None:
    data = f"{line}\n".encode("utf-8", "replace")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.write(data)
        return
    end = file.seek(0, os.SEEK_END)
    if end:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":  # a line that a crash cut short
            data = b"\n" + data
    try:
        if file.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file.fileno())
    except OSError:
        file.truncate(end)
        raise


def _target(path: Path) -> Path:
    """Return the file that ``path`` names, through links, which go on leading to it."""
    if path.is_symlink() and not path.exists():
        raise OSError(errno.ENOENT, "it is a link that leads nowhere; remove it")
    return path.resolve()


def _unwritable(path: Path, error: OSError) -> ExportError:
    return ExportError(f"{path}: can't be written: {error.strerror or error}")


def _encoded(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "replace")


def _replace(target: Path, pieces: Iterable[str | bytes], *, overwrite: bool) -> None:
    name = target.parent / f".evidence-search-{secrets.token_hex(8)}.part"
    mode = _mode(target)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    # A new file has the permissions that the umask leaves: to ask for it is to change it, for all
    # threads.
    handle = os.open(name, flags, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(map(_encoded, pieces))
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            name.chmod(mode)
        if overwrite:
            name.replace(target)
        else:
            _take_name(name, target)
    finally:
        name.unlink(missing_ok=True)


def _take_name(name: Path, target: Path) -> None:
    """Give the file the name of ``target``; raise ``FileExistsError`` if it was taken meanwhile."""
    try:
        os.link(name, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError from None
        name.replace(target)


def _mode(target: Path) -> int | None:
    """Return the permissions of a file that is there."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        return None
