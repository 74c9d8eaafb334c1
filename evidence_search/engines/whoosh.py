"""The engine on Whoosh; with what it stands on here, the only door to Whoosh.

Whoosh keeps the documents: segments, postings with positions, commits.  The
searching is done here, over whole posting lists, because Whoosh's matchers
cost several Python calls per posting, its statistics count deleted documents
(so scores would depend on the history of the index), and it ignores
``limit`` as soon as facets are asked.

On disk, inside a folder of our own: Whoosh's files, and beside each
generation of its table of contents the attachments ``<name>-<generation>``
and the seal of them all, written before the table of contents is renamed into
place.  That rename is the one instant at which the old state becomes the new.

Only what whoosh3, Whoosh 2.7.4 and whoosh-reloaded share is used, and only
Whoosh's own classes are in the schema, which its table of contents pickles.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import whoosh
from whoosh.index import FileIndex
from whoosh.util.filelock import try_for

from evidence_search.engines import trust
from evidence_search.engines.seal import Seal, damaged, write_file
from evidence_search.engines.segments import SMALL, Batches, Totals, codec, whoosh_schema
from evidence_search.engines.snapshot import TOTALS, Snapshot
from evidence_search.engines.storage import (
    CONTENTS,
    FOLDER,
    LOCK,
    LOCKS,
    NAME,
    Storage,
    errors,
    remove,
)
from evidence_search.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexUntrustedError,
    SearchIndexError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from evidence_search.engines import Attachments, Document, Found, Ranking, Request, Schema
    from evidence_search.trees import Tree

FORMAT = 5
"""Changes whenever files written before could be misread."""

_LOCK_SECONDS = 60.0
_RETRIES = 20


class WhooshEngine:
    """An :class:`evidence_search.engines.Engine`; threads may share one."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        description = json.dumps(
            [FORMAT, sys.byteorder, schema.text, schema.labels, schema.numbers]
        )
        self._folder = folder / f"whoosh-{zlib.crc32(description.encode()):08x}"
        self._schema = schema
        self._storage = Storage(os.fspath(self._folder))
        self._writing = threading.RLock()
        self._depth = 0
        self._newest: Snapshot | None = None

    # Reading

    def _open(self) -> Snapshot:
        """Open the newest state; try again where a commit took its files away meanwhile."""
        with errors(self._folder):
            if self._folder.exists():
                trust.check(self._folder)
            for _ in range(_RETRIES):
                generation = self._generation()
                try:
                    return Snapshot(self._folder, self._storage, self._schema, generation)
                except (FileNotFoundError, IndexDamagedError) as error:
                    if self._generation() == generation:
                        if isinstance(error, IndexDamagedError):
                            raise
                        raise damaged(self._folder, f"no {error.filename}") from error
        raise SearchIndexError(f"{self._folder}: it changes faster than it can be opened")

    def _generation(self) -> int:
        """Return the number of the newest state, 0 where nothing was ever committed."""
        matches = (CONTENTS.fullmatch(name) for name in self._storage.list())
        return max((int(match[1]) for match in matches if match), default=0)

    @property
    def version(self) -> str:
        """See :class:`evidence_search.engines.Engine`."""
        library = ".".join(map(str, whoosh.__version__))
        schema = self._folder.name.removeprefix("whoosh-")
        return f"whoosh {library}, format {FORMAT}, schema {schema}"

    @property
    def snapshot(self) -> Snapshot:
        """See :class:`evidence_search.engines.Engine`."""
        if self._newest is None:
            self._newest = self._open()
        return self._newest

    def reopen(self) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        self._newest = self._open()

    def close(self) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        if self._newest is not None:
            self._newest.close()

    # Writing

    @contextmanager
    def lock(self, timeout: float, waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """See :class:`evidence_search.engines.Engine`; raises :class:`IndexLockedError`."""
        until = time.monotonic() + timeout
        if not self._writing.acquire(blocking=False):
            if waiting:
                waiting()
                waiting = None
            if not self._writing.acquire(timeout=max(timeout, 0)):
                raise self._locked(timeout)
        try:
            if self._depth:
                yield
                return
            with errors(self._folder):
                trust.prepare(self._folder)
                lock = self._storage.lock(LOCK)
                if not lock.acquire():
                    if waiting:
                        waiting()
                    left = max(until - time.monotonic(), 0)
                    if not try_for(lock.acquire, timeout=left, delay=0.02):
                        raise self._locked(timeout)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                lock.release()
        finally:
            self._writing.release()

    def _locked(self, timeout: float) -> IndexLockedError:
        waited = f"waited {timeout:g} s for" if timeout > 0 else "found"
        return IndexLockedError(
            f"{self._folder}: {waited} another process that is writing the index; "
            "try again when it has finished, or name another --index"
        )

    def build(self, documents: Iterable[Document], attachments: Attachments) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        with self.lock(_LOCK_SECONDS):
            try:
                self.reopen()
            except IndexDamagedError:
                with errors(self._folder):
                    remove(self._folder, frozenset())
                self.reopen()
            self._write(documents, (), attachments, clear=True)
        self._clear_other_formats()

    def update(
        self, add: Iterable[Document], remove: Iterable[str], attachments: Attachments
    ) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        with self.lock(_LOCK_SECONDS):
            self.reopen()
            self._write(add, remove, attachments, clear=False)

    def _write(
        self,
        add: Iterable[Document],
        remove: Iterable[str],
        attachments: Attachments,
        *,
        clear: bool,
    ) -> None:
        searcher = self.snapshot.searcher
        totals = Totals(self._schema)
        writer: Any = None
        batches = None
        thresholds = gc.get_threshold()
        gc.set_threshold(50_000, 10, 1_000_000)  # millions of postings aren't searched for cycles
        try:
            with errors(self._folder):
                writer, batches = self._writers()
            for document in add:
                totals.add(document)
                with errors(self._folder):
                    batches.add(document)
            if not clear:
                totals.take(searcher)
                for name in remove:
                    docnum = searcher.docnum(name)
                    if docnum is not None:
                        writer.delete_document(docnum)
                        totals.remove(searcher, docnum)
            texts = {**attachments(), TOTALS: totals.text()}
            with errors(self._folder):
                names = self._attach(writer.generation, texts)
                self._commit(writer, names, batches.finish(), clear=clear)
        except BaseException:
            self._storage.release()
            with suppress(Exception):  # what it raises is what it met before, again
                if batches is not None:
                    batches.cancel()
                if writer is not None and not writer.is_closed:
                    writer.cancel()
            with suppress(OSError, SearchIndexError):
                self.reopen()  # it may have failed after the commit
                self._sweep()
            raise
        finally:
            self._storage.release()
            gc.set_threshold(*thresholds)
        self.reopen()
        self._sweep()

    def _writers(self) -> tuple[Any, Batches]:
        """Return Whoosh's writer, which commits, and ours, which takes the documents."""
        self._sweep()
        schema = whoosh_schema(self._schema)
        if not self._generation():
            self._storage.create_index(schema, NAME)
        index = FileIndex(self._storage, schema, NAME)
        writer = index.writer(_lk=False, limitmb=256, codec=codec())
        return writer, Batches(index, self._schema)

    def _attach(self, generation: int, texts: Mapping[str, str]) -> list[str]:
        names = []
        for name, text in texts.items():
            names.append(f"{name}-{generation}.json")
            write_file(self._folder / names[-1], text.encode())
        return names

    def _commit(self, writer: Any, names: list[str], new: list[Any], *, clear: bool) -> None:
        """Commit, sealing all files of the new state at the instant before it is the state."""
        write_contents = writer._commit_toc

        def merge(_: Any, segments: list[Any]) -> list[Any]:
            kept = [] if clear else _merge(writer, segments)
            writer.compound = writer.docnum <= SMALL
            return [*kept, *new]

        def commit_contents(segments: Sequence[Any]) -> None:
            ids = {segment.segment_id() for segment in segments}
            names.extend(n for n in self._storage.list() if n.partition(".")[0] in ids)
            write_contents(segments)

        def seal(written: str, renamed: str) -> None:
            sealed = Seal.of(self._folder, [*names, written], self.snapshot.seal)
            files = {renamed if n == written else n: file for n, file in sealed.files.items()}
            Seal(self._folder, files).write(f"seal-{writer.generation}.json")

        writer._commit_toc = commit_contents
        self._storage.before_commit = seal
        try:
            with self.snapshot._reading():  # merging reads the segments that are there
                writer.commit(mergetype=merge)
        finally:
            self._storage.before_commit = None

    def _sweep(self) -> None:
        """Remove what writers that were killed, or states before this one, left behind."""
        remove(self._folder, self.snapshot.names)

    def _clear_other_formats(self) -> None:
        """Remove what other versions of the program wrote beside us, where none is writing."""
        for folder in self._folder.parent.glob("whoosh-*"):
            if folder == self._folder or not FOLDER.fullmatch(folder.name):
                continue
            with suppress(OSError, IndexUntrustedError):
                trust.check(folder)
                lock = Storage(os.fspath(folder)).lock(LOCK)
                if lock.acquire():
                    try:
                        remove(folder, frozenset())
                        for name in LOCKS:
                            (folder / name).unlink(missing_ok=True)
                        folder.rmdir()
                    finally:
                        lock.release()

    # Answering from the newest state

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.snapshot.documents

    @property
    def size(self) -> int:
        """How many bytes the files of the newest state have."""
        return self.snapshot.size

    def attachment(self, name: str) -> str:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.attachment(name)

    def search(self, request: Request) -> Found:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.search(request)

    def explain(self, tree: Tree, document: str, ranking: Ranking) -> Sequence[tuple[Tree, float]]:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.explain(tree, document, ranking)

    def frequency(self, token: str) -> int:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.frequency(token)

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.fetch(ids)

    def fingerprints(self) -> Mapping[str, int]:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.fingerprints()

    def damage(self) -> Iterator[str]:
        """See :class:`evidence_search.engines.Snapshot`."""
        return self.snapshot.damage()


def _merge(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge as Whoosh does, and drop or rewrite segments that are mostly deleted documents."""
    from whoosh.reading import SegmentReader
    from whoosh.writing import MERGE_SMALL

    kept = []
    for segment in segments:
        if segment.doc_count() * 2 >= segment.doc_count_all():
            kept.append(segment)
        elif segment.doc_count():
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
    merged: list[Any] = MERGE_SMALL(writer, kept)
    return merged
