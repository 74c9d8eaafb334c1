"""Files of a corpus read into listings, many and large ones by several processes at once.

The processes are ones of our own that are sent paths and answer with what they read.  They
don't import the program that asks, as those of :mod:`multiprocessing` do: that may be a
notebook, or a script that would run a second time.  They end with the pipe that they are
asked through, so also where this process is killed.

What comes out is what one process gives, in the same order: a file that a process can't read,
or dies of, is left to the caller.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import corpus
from evidence_search.errors import CorpusError
from evidence_search.index.ledger import FileListings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Generator, Mapping, Sequence
    from typing import Any, BinaryIO

WORTH = 4_000_000
"""Bytes of all files from which processes take less time than it takes to start them."""
_MOST = 16
"""Processes; each has the memory that its largest file needs."""
_AHEAD = 4
"""Files for each process that may be read before the first of them is taken."""
_PART = 0.02


class Reading(NamedTuple):
    """A file of the corpus as it was read, and what it lists."""

    file: corpus.CorpusFile
    listings: FileListings


def read(
    folder: Path, path: str, max_size: int, progress: Callable[[float], None] | None = None
) -> Reading:
    """Read one file, as :func:`evidence_search.corpus.read_file` does, with what it raises."""
    file = corpus.read_file(folder, path, max_size, progress)
    return Reading(file, FileListings.of(file))


def processes(sizes: Mapping[str, int]) -> int:
    """Return how many processes are worth it for files of some sizes; 0 where none is."""
    if sum(sizes.values()) < WORTH or getattr(sys, "frozen", False) or not sys.executable:
        return 0
    count = min(_cpus(), len(sizes), _MOST)
    return count if count > 1 else 0


def _cpus() -> int:
    with suppress(AttributeError):  # not every system says
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_all(
    folder: Path,
    paths: Sequence[str],
    max_size: int,
    count: int,
    progress: Callable[[str, float], None],
) -> Generator[tuple[str, Reading | None], None, None]:
    """Yield each file with what ``count`` processes read of it, in the order of ``paths``.

    ``None`` stands for what they couldn't.  ``progress`` is called with the part of a file that
    is read.  Whatever ends this early, an interrupt too, ends the processes.
    """
    events: queue.SimpleQueue[tuple[str, float | Reading | None]] = queue.SimpleQueue()
    waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    workers = [_Worker(folder, max_size, waiting, events) for _ in range(min(count, len(paths)))]
    try:
        done: dict[str, Reading | None] = {}
        asked = 0
        for at, path in enumerate(paths):
            for more in paths[asked : at + _AHEAD * len(workers)]:
                waiting.put(more)
            asked = max(asked, at + _AHEAD * len(workers))
            while path not in done:
                name, found = events.get()
                if isinstance(found, float):
                    progress(name, found)
                else:
                    done[name] = found
                    progress(name, 1.0)
            yield path, done.pop(path)
    finally:
        for _ in workers:
            waiting.put(None)
        for worker in workers:
            worker.end()


class _Worker:
    """A process that reads files, and the thread that asks it."""

    def __init__(
        self,
        folder: Path,
        max_size: int,
        waiting: queue.SimpleQueue[str | None],
        events: queue.SimpleQueue[tuple[str, float | Reading | None]],
    ) -> None:
        self._asked = (os.fspath(folder.absolute()), max_size)
        self._waiting = waiting
        self._events = events
        self._process = _started()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        while (path := self._waiting.get()) is not None:
            try:
                self._events.put((path, self._answer(path)))
            except Exception:  # noqa: BLE001 - whatever it is, the caller reads the file itself
                self._events.put((path, None))

    def _answer(self, path: str) -> Reading | None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        pickle.dump((*self._asked, path), process.stdin)
        process.stdin.flush()
        while isinstance(answer := pickle.load(process.stdout), float):  # noqa: S301 - our own
            self._events.put((path, answer))
        found: Reading | None = answer
        return found

    def end(self) -> None:
        """End the process, in the middle of a file too, and wait for it."""
        if self._process:
            self._process.kill()
        self._thread.join()
        if self._process:
            with suppress(OSError), self._process:  # closes its pipes, and waits
                pass


def _started() -> subprocess.Popen[bytes] | None:
    """Start a process that answers; ``None`` where the system has no more of them."""
    import subprocess  # an edit is read without

    paths = [path for path in sys.path if path]
    code = f"import sys; sys.path[:] = {paths!r}; from {__name__} import answer; answer()"
    with suppress(OSError):
        # In a session of its own: an interrupt of the terminal is for us to pass on.
        return subprocess.Popen(  # noqa: S603 - Python itself
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
    return None


def answer() -> None:
    """Answer what stands in the standard input, until it ends."""
    asked = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while True:
        try:
            folder, max_size, path = pickle.load(asked)  # noqa: S301 - our own
        except EOFError:
            return
        found: Reading | None = None
        with suppress(CorpusError):  # it says again why when the caller reads the file
            found = read(Path(folder), path, max_size, _Progress(answers))
        _send(answers, found)


class _Progress:
    """Sends how much of a file is read, where that is worth a message."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._sent = 0.0

    def __call__(self, part: float) -> None:
        if part - self._sent >= _PART:
            self._sent = part
            _send(self._answers, float(part))


def _send(answers: BinaryIO, value: Any) -> None:
    pickle.dump(value, answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()
