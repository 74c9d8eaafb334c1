"""Refreshing an index as files of its corpus are saved; the only door to watchfiles."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

from evidence_search.errors import CorpusError, EvidenceSearchError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from evidence_search.index.state import Refreshed

_SETTLE_MS = 300
"""How long nothing more must happen before a refresh: an editor saves in several steps."""
_LOOK_MS = 5000
"""How often to look without being called: no system promises to tell of every change."""


def watch(
    index: EvidenceIndex, stop: threading.Event | None = None
) -> Iterator[Refreshed | EvidenceSearchError]:
    """Refresh ``index`` now and whenever its corpus changes, until ``stop`` is set.

    Yields what each refresh did, or why it failed; the next change tries
    again.  A folder that vanishes is waited for.  Raises
    :class:`MissingExtraError`, and :class:`CorpusError` where the system can't watch.
    """
    if not find_spec("watchfiles"):
        raise MissingExtraError("watchfiles", "watch")
    folder, stop = index.corpus_folder, stop or threading.Event()
    said = ""
    while not stop.is_set():
        watched = _identity(folder)
        for _ in _calls(folder, stop):
            outcome = _refreshed(index)
            if outcome is not None and str(outcome) != said:
                yield outcome
            said = str(outcome) if isinstance(outcome, EvidenceSearchError) else ""
            if _identity(folder) != watched:
                break


def _calls(folder: Path, stop: threading.Event) -> Iterator[None]:
    """Yield at once, whenever something in the folder changes, and now and then."""
    import watchfiles

    yield
    if not folder.is_dir():
        stop.wait(_LOOK_MS / 1000)
        return
    try:
        for _ in watchfiles.watch(
            folder,
            watch_filter=None,
            debounce=_SETTLE_MS * 4,
            step=_SETTLE_MS,
            stop_event=stop,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
        ):
            if not stop.is_set():
                yield
    except FileNotFoundError:  # it vanished just now
        return
    except (OSError, RuntimeError) as error:
        raise CorpusError(f"{folder}: can't be watched: {error}") from error


def _refreshed(index: EvidenceIndex) -> Refreshed | EvidenceSearchError | None:
    """Refresh; return what it did, why it failed, or ``None`` where nothing had changed."""
    try:
        refreshed = index.refresh()
    except EvidenceSearchError as error:
        return error
    return refreshed if refreshed.changed else None


def _identity(folder: Path) -> tuple[int, int] | None:
    """Tell a folder from another of the same name; ``None`` where there's none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
