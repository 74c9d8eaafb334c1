"""The life of an index on disk, from top to bottom: open, compare, apply, commit.

1. *Open* the newest state (:meth:`IndexStore._open`); one that is damaged, or wasn't
   written by this user's program here, is as if it weren't there, but for the reason.
2. *Compare* one scan of the corpus folder with it (:mod:`.changes`).
3. *Apply* what differs (:mod:`.update`): read the files that changed into listings; group
   the listings of all files into documents (:func:`.ledger.documents_of`: whatever decides
   that two listings are of one document belongs there); write the documents that differ
   from those of the state before, with the vocabulary and the thesaurus.
4. *Commit* all of it in one step, and open the state that came of it.

Readers swap their view for another in one step, so that threads which share an index never
see half of two states.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from datetime import datetime, timezone
from functools import wraps
from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.documents import SCHEMA
from evidence_search.engines import address, open_engine
from evidence_search.errors import (
    CorpusError,
    IndexDamagedError,
    IndexUnwritableError,
    SearchIndexError,
    StateGoneError,
)
from evidence_search.index.changes import compare
from evidence_search.index.state import VERSION, Changes, Refreshed, State, Status, Verified
from evidence_search.index.view import View
from evidence_search.thesaurus.source import is_own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Concatenate, ParamSpec, TypeVar

    from typing_extensions import Self

    from evidence_search.corpus import Stamp
    from evidence_search.engines import Address
    from evidence_search.errors import EvidenceSearchError

    P = ParamSpec("P")
    R = TypeVar("R")
    Store = TypeVar("Store", bound="IndexStore")

LOCK_SECONDS = 60.0


def rebuilt_if_damaged(
    method: Callable[Concatenate[Store, P], R],
) -> Callable[Concatenate[Store, P], R]:
    """Decorate a method that answers: where a file proves damaged, it builds all anew first.

    It does so once: of answers that are made of others, the outermost does.
    Where the state was removed from its cluster since it was opened, the newest is opened.
    """

    @wraps(method)
    def answer(self: Store, /, *args: P.args, **options: P.kwargs) -> R:
        if _answering.get():
            return method(self, *args, **options)
        outermost = _answering.set(True)
        try:
            return method(self, *args, **options)
        except StateGoneError:
            self._now = self._open()
            return method(self, *args, **options)
        except IndexDamagedError as error:
            import logging

            # With nothing set up for it, a line on standard error.
            logging.getLogger("evidence_search").warning("%s; built anew", _finding(error))
            self.refresh(rebuild=True)
            return method(self, *args, **options)
        finally:
            _answering.reset(outermost)

    return answer


_answering = ContextVar("answering", default=False)


class IndexStore:
    """An index that can be brought up to date, and answers from one whole state at a time."""

    def __init__(
        self, corpus_folder: Path, index: str | Path | Address, *, max_file_size: int
    ) -> None:
        self.corpus_folder = corpus_folder
        self.address = address(index)
        self.index_folder = self.address.folder
        self._max_file_size = max_file_size
        self._engine = open_engine(self.address, SCHEMA)
        self._now: View | IndexDamagedError = self._open()

    # Open

    def _open(self) -> View | IndexDamagedError:
        """Return the newest state, or why it can't be read."""
        try:
            return View(self._engine.open())
        except IndexDamagedError as error:
            return error

    @property
    def _view(self) -> View:
        """The state that is answered from; whoever asks it more than once keeps it."""
        now = self._now
        if isinstance(now, IndexDamagedError):
            raise now
        return now

    @property
    def _state(self) -> State:
        """What the index was made of: nothing, where it can't be read."""
        now = self._now
        return State() if isinstance(now, IndexDamagedError) else now.state

    def _is_newest(self) -> bool:
        """Tell whether no state was committed after the one that is answered from."""
        now = self._now
        try:
            return isinstance(now, View) and self._engine.is_newest(now.snapshot)
        except IndexDamagedError:
            return False

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
        if isinstance(self._now, View):
            self._now.snapshot.close()

    @rebuilt_if_damaged
    def __len__(self) -> int:
        return self._view.snapshot.documents

    def __repr__(self) -> str:
        now = self._now
        content = f"{now.snapshot.documents} records" if isinstance(now, View) else "damaged"
        return f"<EvidenceIndex of {self.corpus_folder}: {content}>"

    # Compare

    def changes(self) -> Changes:
        """Return what of the corpus differs from what the index holds; cheap where nothing does.

        Raises :class:`CorpusError` where the corpus folder can't be read.
        """
        return self._compare()[0]

    def _compare(self) -> tuple[Changes, Mapping[str, Stamp]]:
        """Return what differs, and the scan of the corpus that says so."""
        stamps = corpus.scan(self.corpus_folder)
        return compare(self.corpus_folder, stamps, self._state, self._max_file_size), stamps

    # Apply and commit

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
        ``progress`` with bytes done and bytes to do, of files to read and records to write.  Raises
        :class:`IndexLockedError` where another process writes for longer than
        ``timeout`` seconds, :class:`SearchIndexError` where writing fails (the old
        state goes on answering), and :class:`CorpusError`.
        """
        if not self._is_newest():
            self._now = self._open()
        return self._refresh(*self._compare(), rebuild, timeout, waiting, progress)

    def _refresh(
        self,
        changes: Changes,
        stamps: Mapping[str, Stamp],
        rebuild: bool,
        timeout: float,
        waiting: Callable[[], None] | None,
        progress: Callable[[int, int], None] | None,
    ) -> Refreshed:
        begun = time.perf_counter()
        refreshed = Refreshed()
        if rebuild or changes.anything:
            try:
                with self._engine.lock(timeout if rebuild or changes else 0, waiting):
                    if not self._is_newest():  # another process may have done it meanwhile
                        self._now = self._open()
                        changes, stamps = self._compare()
                    if rebuild or changes.anything:
                        refreshed = self._apply(changes, stamps, rebuild, progress)
                        self._now = self._open()
            except SearchIndexError:
                # To know of touched files only saves looking at them again.
                if rebuild or changes:
                    raise
        return refreshed._replace(documents=len(self), seconds=time.perf_counter() - begun)

    def _apply(
        self,
        changes: Changes,
        stamps: Mapping[str, Stamp],
        rebuild: bool,
        progress: Callable[[int, int], None] | None,
    ) -> Refreshed:
        from evidence_search.index.update import Update

        def update(view: View | None) -> Update:
            folder, size = self.corpus_folder, self._max_file_size
            return Update(self._engine, folder, size, view, stamps, changes, progress)

        now, reason = self._now, ""
        if isinstance(now, IndexDamagedError):
            reason = _finding(now)
        elif now.state.version and now.state.version != VERSION:
            reason = f"it was made by another version ({now.state.version}, now {VERSION})"
        elif not (rebuild or changes.version):
            try:
                return update(now).run(now)
            except IndexDamagedError as error:
                now, reason = error, _finding(error)
        base = now if isinstance(now, View) else None
        refreshed = update(None).run(base)
        return refreshed._replace(rebuilt=True, reason=reason)

    def refresh_if_stale(
        self,
        *,
        progress: Callable[[int, int], None] | None = None,
        failed: Callable[[EvidenceSearchError], None],
    ) -> Refreshed:
        """Refresh where the corpus changed; where that fails, answer from the index as it is.

        ``failed`` is then called with the error, one of the program included, which says what
        is answered from.  Where the index has no state to answer from and can't be written, that
        is one in a temporary folder; for any other reason the error is raised, and where the
        corpus isn't there at all.
        """
        answers = bool(self._state.version)
        try:
            changes, stamps = self._compare()
            if changes.anything:
                timeout = 0 if answers else LOCK_SECONDS
                return self._refresh(changes, stamps, False, timeout, None, progress)
        except IndexUnwritableError as error:
            if answers:
                failed(_extended(error, "answering from the index as it was"))
            else:
                self._move_to_temporary_folder()
                failed(_extended(error, "answering from an index in a temporary folder"))
                return self.refresh(progress=progress)
        except (CorpusError, SearchIndexError) as error:
            if not answers or not self.corpus_folder.is_dir():
                raise
            failed(_extended(error, "answering from the index as it was"))
        except Exception as error:
            if not answers:
                raise
            why = SearchIndexError(f"the index can't be refreshed: {corpus.reason(error)}")
            failed(_extended(why, "answering from the index as it was"))
        return Refreshed(documents=len(self))

    def _move_to_temporary_folder(self) -> None:
        """Keep the index, from now on, in a folder that goes when this process does."""
        import shutil
        import tempfile
        import weakref
        from pathlib import Path

        folder = tempfile.mkdtemp(prefix="evidence-search-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._engine = open_engine(address(Path(folder)), SCHEMA, passing=True)
        self._now = self._open()

    # Verify

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
        count = now.snapshot.documents if isinstance(now, View) else 0
        return Verified(found, count, time.perf_counter() - begun, repaired)

    def _differences(self) -> tuple[str, ...]:
        from evidence_search.index.verifying import differences

        self._now = self._open()
        if isinstance(self._now, IndexDamagedError):
            return (_finding(self._now),)
        return tuple(differences(self.corpus_folder, self._now, self._max_file_size))

    def status(self) -> Status:
        """Return what the index is, and what of the corpus has changed since its last refresh."""
        now, state = self._now, self._state
        refreshed = datetime.fromtimestamp(state.refreshed / 1e9, timezone.utc)
        return Status(
            corpus_folder=str(self.corpus_folder),
            index_folder=str(self.address),
            documents=now.snapshot.documents if isinstance(now, View) else 0,
            files=len(state.files),
            size=now.snapshot.size if isinstance(now, View) else 0,
            engine=self._engine.version,
            version=state.version,
            refreshed=refreshed if state.refreshed else None,
            problems=state.problems,
            thesaurus=self._thesaurus_in_use(),
            changes=self.changes(),
            damage=_finding(now) if isinstance(now, IndexDamagedError) else "",
        )

    def _thesaurus_in_use(self) -> str:
        if isinstance(self._now, View) and self._now.thesaurus is None:
            return "none"
        return "corpus" if is_own(self.corpus_folder) else "program"


def _finding(damage: IndexDamagedError) -> str:
    """Return what was found, without what to do about it."""
    return str(damage).partition("; run: ")[0]


def _extended(error: EvidenceSearchError, more: str) -> EvidenceSearchError:
    return type(error)(f"{error}; {more}")
