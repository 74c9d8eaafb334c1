"""The folder that an index is in: its owner, its lock, and what the file system says of it."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evidence_search.errors import (
    EvidenceSearchError,
    IndexLockedError,
    IndexUnwritableError,
    SearchIndexError,
)
from evidence_search.files import make_way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK = "evidence-search.lock"
_LOCKS = (LOCK, "MAIN_WRITELOCK", ".tantivy-writer.lock", ".tantivy-meta.lock")
"""Files that are opened for writing as they stand, ours and those of the libraries."""


_LOCK_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_BETWEEN_TRIES = 0.02
"""Seconds."""


class FolderLock:
    """The right to write an index, across threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = threading.Lock()

    @contextmanager
    def hold(self, timeout: float, waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the lock; see :meth:`evidence_search.engines.Engine.lock`."""
        until = time.monotonic() + timeout
        if not self._threads.acquire(blocking=False):
            if waiting:
                waiting()
                waiting = None
            if not self._threads.acquire(timeout=max(timeout, 0)):
                raise self._locked(timeout)
        try:
            with errors(self._folder):
                prepare(self._folder)
                file = os.open(self._folder / LOCK, _LOCK_FLAGS, 0o600)
            try:
                with errors(self._folder):
                    while not _acquired(file):
                        if waiting:
                            waiting()
                            waiting = None
                        if time.monotonic() >= until:
                            raise self._locked(timeout)
                        time.sleep(_BETWEEN_TRIES)
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)  # a process that was forked meanwhile has it too
                os.close(file)
        finally:
            self._threads.release()

    def _locked(self, timeout: float) -> IndexLockedError:
        waited = f"waited {timeout:g} s for" if timeout > 0 else "found"
        return IndexLockedError(
            f"{self._folder}: {waited} another process that is writing the index; "
            "try again when it has finished, or name another --index"
        )


def _acquired(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def prepare(folder: Path) -> None:
    """Make a folder that only this user can write, or check the one that is there.

    Raises :class:`IndexUnwritableError`, and ``OSError`` where it can't be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.geteuid():
        found, advice = f"one of user {status.st_uid}", "name your own folder with --index"
    elif status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        found, advice = "one that others can write", f"run: chmod go-w {folder}"
    else:
        for name in _LOCKS:
            make_way(folder / name)
        return
    raise IndexUnwritableError(
        f"{folder}: expected a folder that only you can write, found {found}; {advice}"
    )


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def errors(folder: Path) -> Iterator[None]:
    """Turn what the file system raises into our errors, one line each."""
    try:
        yield
    except EvidenceSearchError:
        raise
    except OSError as error:
        kind, advice = SearchIndexError, "run: evidence-search index --rebuild"
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            advice = "make room and run the command again; the index is as it was before"
        elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            kind, advice = IndexUnwritableError, "name a folder that you can write with --index"
        elif error.errno in {errno.EISDIR, errno.EEXIST, errno.ENOTDIR, errno.ENAMETOOLONG}:
            kind, advice = IndexUnwritableError, "remove it, or name another folder with --index"
        elif error.errno in {errno.EMFILE, errno.ENFILE}:
            advice = "let more files be open (ulimit -n) and run the command again"
        where = error.filename or folder
        raise kind(f"{where}: {error.strerror or error}; {advice}") from error
