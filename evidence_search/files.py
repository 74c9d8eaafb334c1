"""A file that was named by its user, or stands where anybody may put one, read whole.

What it is isn't trusted: a pipe without a writer doesn't make the program wait,
and what has no end, such as ``/dev/zero``, is read up to a limit.  A file of our own
is never written where a link leads that somebody put in its place.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_SIZE = 100_000_000
"""Bytes."""
_PIECE = 1_000_000
MAX_LINE = 20_000_000
"""Bytes of a line, where a file is read line by line."""


def read_bytes(path: Path, max_size: int = MAX_SIZE, *, regular: bool = False) -> bytes:
    """Return what is in a file, or comes out of a pipe that something is writing to.

    ``max_size`` is in bytes; ``regular`` refuses what is no ordinary file.  Raises
    ``OSError``: of ``EFBIG`` where there is more, and of ``EINVAL`` for what is refused.
    """
    with _opened(path, regular=regular) as file:
        # Piece by piece: room for the limit may be more than there is memory.
        pieces = []
        left = max_size + 1
        while left and (piece := file.read(min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
        data = b"".join(pieces)
    if len(data) > max_size:
        raise OSError(errno.EFBIG, f"it is larger than {max_size} bytes", str(path))
    return data


def read_lines(path: Path, max_line: int = MAX_LINE) -> Iterator[bytes]:
    """Yield the lines of a file of any size, or what comes out of a pipe, with their ends.

    Raises ``OSError``: of ``EFBIG`` for a line of more than ``max_line`` bytes.
    """
    with _opened(path) as file:
        while line := file.readline(max_line + 1):
            if len(line) > max_line:
                raise OSError(errno.EFBIG, f"a line is larger than {max_line} bytes", str(path))
            yield line


@contextmanager
def _opened(path: Path, *, regular: bool = False) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if regular and not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
        os.set_blocking(descriptor, True)
        yield file


def read_text(path: Path, max_size: int = MAX_SIZE, *, regular: bool = False) -> str:
    """Return a file's text, in UTF-8 with or without its mark; see :func:`read_bytes`.

    What isn't UTF-8 becomes U+FFFD, and line ends become ``\\n``.
    """
    text = read_bytes(path, max_size, regular=regular).decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def make_way(path: Path) -> None:
    """Remove what stands under the name of a file of our own but is none: a link, or a pipe.

    It came with a folder from elsewhere, and is nothing that this program made.  Raises
    ``OSError``.
    """
    try:
        ordinary = stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return
    if not ordinary:
        path.unlink()


def write_own(path: Path, data: bytes) -> None:
    """Write a file of our own, in place of what stands there; see :func:`make_way`.

    It is neither on the disk nor whole before this returns: it's for what may be lost.  Raises
    ``OSError``.
    """
    make_way(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
