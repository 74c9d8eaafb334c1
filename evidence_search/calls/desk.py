"""Where calls are answered: an index that follows its corpus, and the log of searches."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from evidence_search import history
from evidence_search.errors import EvidenceSearchError

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from evidence_search.results import Results
    from evidence_search.search import Search
    from evidence_search.strategies.execution import StrategyRun

FRESH = 1.0
"""Seconds for which the corpus isn't compared again."""
_PATIENCE = 0.2
"""Seconds that an answer waits for a refresh; a longer one is for the next answer."""


class Desk:
    """An index that answers, and ``log``, the file to which its searches go (``None``: none).

    ``writing`` is held by whoever changes files, one at a time.
    """

    def __init__(self, index: EvidenceIndex, log: Path | None = None) -> None:
        self.index = index
        self.log = log
        self.writing = threading.Lock()
        self._compared = 0.0
        self._refreshing: threading.Thread | None = None
        self._lock = threading.Lock()

    def refresh_if_stale(self) -> None:
        """Follow the corpus in a thread of its own; answers go on from the state before."""
        with self._lock:
            running = self._refreshing
            if running is None or not running.is_alive():
                if time.monotonic() - self._compared < FRESH:
                    return
                self._compared = time.monotonic()
                running = threading.Thread(target=self._refresh, daemon=True)
                self._refreshing = running
                running.start()
        running.join(_PATIENCE)

    def _refresh(self) -> None:
        try:
            self.index.refresh_if_stale(failed=lambda _: None)
        except EvidenceSearchError:
            return  # the answer itself will say what is wrong, if it can't be given
        self._compared = time.monotonic()

    def search(self, call: str, search: Search, *, limit: int = 0, offset: int = 0) -> Results:
        """Return what a search finds, and log it as that of a call.

        Raises :class:`QueryError`, and :class:`ExportError` where the log can't be written.
        """
        logs = self.log is not None
        found = self.index.search(search, limit=limit, offset=offset, all_matches=logs)
        if self.log:
            history.log(self.log, self.index, found, call)
        return found

    def keep(self, call: str, search: Search) -> None:
        """Log a search, if there is a log, whose answer is of another kind."""
        if self.log:
            self.search(call, search)

    def keep_strategy(self, call: str, run: StrategyRun, number: int | None = None) -> None:
        """Log a strategy, if there is a log, with what a line of it finds; the last by default."""
        if self.log:
            shown = run.last.line.number if number is None else number
            history.log_strategy(self.log, self.index, run, shown, call)
