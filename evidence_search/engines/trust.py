"""Whether the files of an index could have been written by somebody else.

Whoosh unpickles what it opens, and a pickle can run any code.  So an index
folder is opened only if it, and every file in it, belongs to this user (or
to root) and nobody else may write there.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from evidence_search.errors import IndexUntrustedError

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def prepare(folder: Path) -> None:
    """Make ``folder``, writable only by this user, or check the one that is there.

    Raises :class:`IndexUntrustedError`, and ``OSError`` where it can't be made.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.name != "posix":
        return
    _check(folder, os.lstat(folder))
    with os.scandir(folder) as entries:
        for entry in entries:
            _check(entry.path, entry.stat(follow_symlinks=False))


def _check(path: Path | str, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        found, remedy = "a link", "remove it"
    elif status.st_uid not in {os.getuid(), 0}:
        found, remedy = f"a file of user {status.st_uid}", "name your own folder with --index"
    elif status.st_mode & _OTHERS_WRITE and stat.S_ISDIR(status.st_mode):
        found, remedy = "a folder that others can write", f"run: chmod -R go-w {path}, or remove it"
    elif status.st_mode & _OTHERS_WRITE:
        found, remedy = "a file that others can write", f"run: chmod go-w {path}, or remove it"
    else:
        return
    raise IndexUntrustedError(
        f"{path}: expected an index that only you can write, found {found}; opening it could "
        f"run somebody else's code: {remedy}"
    )
