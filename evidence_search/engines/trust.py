"""Whether the files of an index could have been written by somebody else.

Whoosh unpickles what it opens, and a pickle can run any code.  So an index
folder is used only if it belongs to this user (or to root) and nobody else
may write there, and the same is asked of each file once it is open, so that
nothing can be put in its place between the look and the reading.
``docs/security.md`` says against whom this guards.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from evidence_search.errors import IndexUntrustedError

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Windows has none of the first two; a pipe in a file's place must not make one wait.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def prepare(folder: Path) -> None:
    """Make ``folder``, open to this user only, or check the one that is there.

    Raises :class:`IndexUntrustedError`, and ``OSError`` where it can't be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    check(folder)


def check(folder: Path) -> None:
    """Raise :class:`IndexUntrustedError` where somebody else could write in ``folder``."""
    if os.name == "posix":
        _check(folder, os.lstat(folder), stat.S_IFDIR)


def open_file(path: str) -> int:
    """Open a file for reading; return its descriptor.

    Raises :class:`IndexUntrustedError` where it isn't a file that only this
    user can write, and ``OSError``.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        if os.path.islink(path):  # noqa: PTH114 - Whoosh's paths are text
            _check(path, os.lstat(path), stat.S_IFREG)
        raise
    try:
        if os.name == "posix":
            _check(path, os.fstat(descriptor), stat.S_IFREG)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path | str, status: os.stat_result, kind: int) -> None:
    name = "folder" if kind == stat.S_IFDIR else "file"
    if stat.S_ISLNK(status.st_mode):
        found, remedy = "a link", "remove it"
    elif stat.S_IFMT(status.st_mode) != kind:
        found, remedy = f"something that is no {name}", "remove it"
    elif status.st_uid not in {os.geteuid(), 0}:
        found, remedy = f"one of user {status.st_uid}", "name your own folder with --index"
    elif status.st_mode & _OTHERS_WRITE:
        found, remedy = f"a {name} that others can write", f"run: chmod go-w {path}, or remove it"
    else:
        return
    raise IndexUntrustedError(
        f"{path}: expected an index that only you can write, found {found}; opening it could "
        f"run somebody else's code: {remedy}"
    )
