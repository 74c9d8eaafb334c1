"""Keeping an index on disk in step with its corpus."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from functools import wraps
from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.documents import SCHEMA
from evidence_search.engines import open_engine
from evidence_search.errors import CorpusError, IndexDamagedError, SearchIndexError
from evidence_search.index.comparing import compare
from evidence_search.index.state import VERSION, Changes, Refreshed, State, Status, Verified
from evidence_search.index.view import View

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Concatenate, ParamSpec, TypeVar

    from typing_extensions import Self

    from evidence_search.errors import EvidenceSearchError

    P = ParamSpec("P")
    R = TypeVar("R")
    Kept = TypeVar("Kept", bound="KeptIndex")

LOCK_SECONDS = 60.0


def mended(method: Callable[Concatenate[Kept, P], R]) -> Callable[Concatenate[Kept, P], R]:
    """Decorate a method that answers: where a file proves damaged, it builds all anew first."""

    @wraps(method)
    def answer(self: Kept, /, *args: P.args, **options: P.kwargs) -> R:
        try:
            return method(self, *args, **options)
        except IndexDamagedError as error:
            import logging

            # With nothing set up for it, a line on standard error.
            logging.getLogger("evidence_search").warning("%s; built anew", _found(error))
            self.refresh(rebuild=True)
            return method(self, *args, **options)

    return answer


class KeptIndex:
    """An index that can be brought up to date, and answers from one whole state at a time."""

    def __init__(
        self, corpus_folder: Path, index_folder: Path, *, engine: str, max_file_size: int
    ) -> None:
        self.corpus_folder = corpus_folder
        self.index_folder = index_folder
        self._max_file_size = max_file_size
        self._engine = open_engine(engine, index_folder, SCHEMA)
        self._now: View | IndexDamagedError = self._newest()

    def _newest(self) -> View | IndexDamagedError:
        """Return the newest state, or why it can't be read."""
        try:
            self._engine.reopen()
            return View(self._engine.snapshot)
        except IndexDamagedError as error:
            return error

    @property
    def _view(self) -> View:
        """The state that is answered from; whoever asks it more than once keeps it."""
        now = self._now
        if isinstance(now, IndexDamagedError):
            raise now
        return now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the index's files."""
        self._engine.close()

    @mended
    def __len__(self) -> int:
        return self._view.engine.documents

    def __repr__(self) -> str:
        now = self._now
        held = f"{now.engine.documents} records" if isinstance(now, View) else "damaged"
        return f"<EvidenceIndex of {self.corpus_folder}: {held}>"

    # Refreshing

    def changes(self) -> Changes:
        """Return what of the corpus differs from what the index holds; cheap where nothing does.

        Raises :class:`CorpusError` where the corpus folder can't be read.
        """
        now = self._now
        state = State() if isinstance(now, IndexDamagedError) else now.state
        return compare(
            self.corpus_folder, corpus.scan(self.corpus_folder), state, self._max_file_size
        )

    def refresh(
        self,
        *,
        rebuild: bool = False,
        timeout: float = LOCK_SECONDS,
        waiting: Callable[[], None] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Refreshed:
        """Bring the index up to date with the corpus, and answer from it from now on.

        Only what changed is written, unless ``rebuild``, or the index is damaged or of
        another version.  ``waiting`` is called where another process is writing, and
        ``progress`` with files read and files to read.  Raises
        :class:`IndexLockedError` where another process writes for longer than
        ``timeout`` seconds, :class:`SearchIndexError` where writing fails (the old
        state goes on answering), and :class:`CorpusError`.
        """
        begun = time.perf_counter()
        self._now = self._newest()
        refreshed = Refreshed()
        changes = self.changes()
        if rebuild or changes.anything:
            try:
                with self._engine.lock(timeout if rebuild or changes else 0, waiting):
                    self._now = self._newest()  # another process may have done it meanwhile
                    refreshed = self._refresh(rebuild=rebuild, progress=progress)
                    self._now = self._newest()
            except SearchIndexError:
                # To know of touched files only saves looking at them again.
                if rebuild or changes:
                    raise
        return refreshed._replace(documents=len(self), seconds=time.perf_counter() - begun)

    def _refresh(self, *, rebuild: bool, progress: Callable[[int, int], None] | None) -> Refreshed:
        from evidence_search.index.refreshing import Update

        now, reason = self._now, ""
        if isinstance(now, IndexDamagedError):
            reason, state = _found(now), State()
        else:
            state = now.state
            if state.version and state.version != VERSION:
                reason = f"it was made by another version ({state.version}, now {VERSION})"
        stamps = corpus.scan(self.corpus_folder)
        changes = compare(self.corpus_folder, stamps, state, self._max_file_size)
        if not rebuild and not changes.anything:
            return Refreshed()
        whole = rebuild or changes.version or isinstance(now, IndexDamagedError)
        try:
            update = Update(self, None if whole else self._view, stamps, changes, progress)
            counts = update.run()
        except IndexDamagedError as error:
            if whole:
                raise
            reason, whole = _found(error), True
            update = Update(self, None, stamps, changes, progress)
            counts = update.run()
        return Refreshed(
            *counts,
            rebuilt=whole,
            thesaurus=changes.thesaurus,
            problems=tuple(update.problems),
            reason=reason,
        )

    def catch_up(
        self,
        *,
        progress: Callable[[int, int], None] | None = None,
        failed: Callable[[EvidenceSearchError], None],
    ) -> Refreshed:
        """Refresh where the corpus changed; where that fails, answer from the index as it is.

        ``failed`` is then called with the error.  It raises that error where the index
        has no state to answer from, or the corpus isn't there at all.
        """
        now = self._now
        answers = isinstance(now, View) and bool(now.state.version)
        try:
            if self.changes().anything:
                return self.refresh(timeout=0 if answers else LOCK_SECONDS, progress=progress)
        except (CorpusError, SearchIndexError) as error:
            if not answers or not self.corpus_folder.is_dir():
                raise
            failed(error)
        return Refreshed(documents=len(self))

    def verify(self, *, repair: bool = False) -> Verified:
        """Compare the index with its corpus, record by record and word by word.

        With ``repair``, what is wrong is mended: by a refresh, or where that doesn't
        do, by building all anew.  Raises :class:`CorpusError`, and as :meth:`refresh`.
        """
        begun = time.perf_counter()
        found = self._differences()
        repaired = None
        if repair and found:
            repaired = self.refresh()
            if self._differences():
                repaired = self.refresh(rebuild=True)
        now = self._now
        count = now.engine.documents if isinstance(now, View) else 0
        return Verified(found, count, time.perf_counter() - begun, repaired)

    def _differences(self) -> tuple[str, ...]:
        from evidence_search.index.verifying import differences

        self._now = self._newest()
        if isinstance(self._now, IndexDamagedError):
            return (_found(self._now),)
        return tuple(differences(self.corpus_folder, self._now, self._max_file_size))

    def status(self) -> Status:
        """Return what the index is, and what of the corpus has changed since its last refresh."""

        now = self._now
        damage = _found(now) if isinstance(now, IndexDamagedError) else ""
        state = State() if isinstance(now, IndexDamagedError) else now.state
        engine = None if isinstance(now, IndexDamagedError) else now.engine
        refreshed = datetime.fromtimestamp(state.refreshed / 1e9, timezone.utc)
        return Status(
            corpus_folder=str(self.corpus_folder),
            index_folder=str(self.index_folder),
            documents=engine.documents if engine else 0,
            files=len(state.files),
            size=engine.size if engine else 0,
            engine=self._engine.version,
            version=state.version,
            refreshed=refreshed if state.refreshed else None,
            problems=state.problems,
            changes=self.changes(),
            damage=damage,
        )


def _found(damage: IndexDamagedError) -> str:
    """Return what was found, without what to do about it."""
    return str(damage).partition("; run: ")[0]
