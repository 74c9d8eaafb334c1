"""The engine on Whoosh; with ``segments``, the only door to Whoosh.

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

import errno
import gc
import json
import mmap
import os
import pickle
import re
import sys
import threading
import time
import weakref
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import whoosh
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, FileIndex
from whoosh.index import IndexError as WhooshIndexError
from whoosh.util.filelock import try_for

from evidence_search.engines import trust
from evidence_search.engines.seal import Seal, damaged, sync_folder, write_file
from evidence_search.engines.searching import Searcher
from evidence_search.engines.segments import (
    SMALL,
    Batches,
    Leaf,
    Totals,
    codec,
    decode,
    whoosh_schema,
)
from evidence_search.errors import (
    EvidenceSearchError,
    IndexDamagedError,
    IndexLockedError,
    IndexUntrustedError,
    SearchIndexError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from evidence_search.engines import Attachments, Document, Found, Ranking, Request, Schema
    from evidence_search.trees import Tree

FORMAT = 5
"""Changes whenever files written before could be misread."""

_NAME = "evidence"
_LOCK = "REFRESH"
_LOCKS = (_LOCK, f"{_NAME}_WRITELOCK")
_FOLDER = re.compile("whoosh-[0-9a-f]{8}")
_TOTALS = "totals"
_LOCK_SECONDS = 60.0
_RETRIES = 20
# All that we or Whoosh ever put into the folder, but for the locks.
_OURS = re.compile(
    rf"_{_NAME}_\d+\.toc(\.[\d.]+)?|{_NAME}_[0-9a-z]+\.[A-Za-z0-9_.]+|{_NAME}\.tmp|[a-z-]+-\d+\.json"
)
# What Whoosh raises for files that are whole, but not of its version or this machine.
_FOREIGN = (WhooshIndexError, pickle.UnpicklingError, AttributeError, ImportError, AssertionError)
_WHOLE = (".toc", ".seg")
"""Files that Whoosh reads at once, or maps itself."""
_TOC = re.compile(rf"_{_NAME}_(\d+)\.toc")


class WhooshEngine:
    """An :class:`evidence_search.engines.Engine`; threads may share one."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        description = json.dumps(
            [FORMAT, sys.byteorder, schema.text, schema.labels, schema.numbers]
        )
        self._folder = folder / f"whoosh-{zlib.crc32(description.encode()):08x}"
        self._schema = schema
        self._storage = _Storage(os.fspath(self._folder))
        self._writing = threading.RLock()
        self._depth = 0
        self._newest: _Snapshot | None = None

    # Reading

    def _open(self) -> _Snapshot:
        """Open the newest state; try again where a commit took its files away meanwhile."""
        with _errors(self._folder):
            if self._folder.exists():
                trust.check(self._folder)
            for _ in range(_RETRIES):
                generation = self._generation()
                try:
                    return _Snapshot(self._folder, self._storage, self._schema, generation)
                except (FileNotFoundError, IndexDamagedError) as error:
                    if self._generation() == generation:
                        if isinstance(error, IndexDamagedError):
                            raise
                        raise damaged(self._folder, f"no {error.filename}") from error
        raise SearchIndexError(f"{self._folder}: it changes faster than it can be opened")

    def _generation(self) -> int:
        """Return the number of the newest state, 0 where nothing was ever committed."""
        matches = (_TOC.fullmatch(name) for name in self._storage.list())
        return max((int(match[1]) for match in matches if match), default=0)

    @property
    def version(self) -> str:
        """See :class:`evidence_search.engines.Engine`."""
        library = ".".join(map(str, whoosh.__version__))
        schema = self._folder.name.removeprefix("whoosh-")
        return f"whoosh {library}, format {FORMAT}, schema {schema}"

    @property
    def snapshot(self) -> _Snapshot:
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
            with _errors(self._folder):
                trust.prepare(self._folder)
                lock = self._storage.lock(_LOCK)
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
                with _errors(self._folder):
                    _remove(self._folder, frozenset())
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
            with _errors(self._folder):
                writer, batches = self._writers()
            for document in add:
                totals.add(document)
                with _errors(self._folder):
                    batches.add(document)
            if not clear:
                totals.take(searcher)
                for name in remove:
                    docnum = searcher.docnum(name)
                    if docnum is not None:
                        writer.delete_document(docnum)
                        totals.remove(searcher, docnum)
            texts = {**attachments(), _TOTALS: totals.text()}
            with _errors(self._folder):
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
            self._storage.create_index(schema, _NAME)
        index = FileIndex(self._storage, schema, _NAME)
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
        _remove(self._folder, self.snapshot.names)

    def _clear_other_formats(self) -> None:
        """Remove what other versions of the program wrote beside us, where none is writing."""
        for folder in self._folder.parent.glob("whoosh-*"):
            if folder == self._folder or not _FOLDER.fullmatch(folder.name):
                continue
            with suppress(OSError, IndexUntrustedError):
                trust.check(folder)
                lock = _Storage(os.fspath(folder)).lock(_LOCK)
                if lock.acquire():
                    try:
                        _remove(folder, frozenset())
                        for name in _LOCKS:
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


class _Storage(FileStorage):
    """Whoosh's folder of files, which opens only what nobody else could have written."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.before_commit: Callable[[str, str], None] | None = None
        self._written: list[Any] = []

    def temp_storage(self, name: str | None = None) -> _Storage:
        """Return a folder within this one for files on their way."""
        temporary = _Storage(self._fpath(name or f"{_NAME}.tmp"))
        temporary._written = self._written
        temporary.create()
        return temporary

    def release(self) -> None:
        """Close what a writer has left open; until then it takes up the disk."""
        while self._written:
            with suppress(OSError):  # what couldn't be written before can't be now
                self._written.pop().close()

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **options: Any) -> Any:
        """Open a new file for writing, which nobody else may even read."""

        def private(path: str, flags: int) -> int:
            return os.open(path, flags | (os.O_EXCL if excl else 0), 0o600)

        # Path.open takes no opener; Whoosh closes it.
        file: Any = open(self._fpath(name), mode, opener=private)  # noqa: SIM115
        self._written.append(file)
        return StructFile(file, name=name, **options)

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file for reading."""
        descriptor = trust.open_file(self._fpath(name))
        if name.endswith(_WHOLE) or not os.fstat(descriptor).st_size:
            return StructFile(os.fdopen(descriptor, "rb"), name=name, **options)
        # As Whoosh maps the one file of a small segment: what isn't asked for isn't read.
        try:
            mapped: Any = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)
        return StructFile(mapped, name=name, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file; that of a table of contents is the commit."""
        if self.before_commit and _TOC.fullmatch(newname):
            self.before_commit(oldname, newname)
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(Path(self.folder))


def _remove(folder: Path, keep: Collection[str]) -> None:
    """Remove what is ours from a folder, but for ``keep`` and the locks."""
    for path in folder.iterdir():
        if path.name not in keep and _OURS.fullmatch(path.name):
            if path.is_dir() and not path.is_symlink():
                import shutil

                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


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


class _Snapshot:
    """One committed state: its readers, its attachments, and a searcher over them."""

    def __init__(self, folder: Path, storage: FileStorage, schema: Schema, generation: int) -> None:
        self._folder = folder
        self._schema = schema
        self._descriptors: dict[str, int] = {}
        self._close = weakref.finalize(self, _close, self._descriptors)
        self.seal = Seal(folder, {})
        self.names = frozenset[str]()
        self._reader: Any = None
        self._leaves: list[Leaf] = []
        if generation:
            self._take_up(generation)
            try:
                contents = TOC.read(storage, _NAME, gen=generation, schema=whoosh_schema(schema))
                self._reader = FileIndex._reader(
                    storage, contents.schema, contents.segments, generation
                )
            except _FOREIGN as error:
                raise damaged(folder, f"another format ({type(error).__name__})") from error
            self._leaves = [
                Leaf(leaf, base, schema)
                for leaf, base in self._reader.leaf_readers()
                if leaf.doc_count_all()
            ]
        totals = json.loads(self.attachment(_TOTALS) or "{}")
        self.searcher = Searcher(schema, self._leaves, totals.get("lengths", {}), decode)
        if self.searcher.documents != totals.get("documents", 0):
            raise damaged(folder, f"{self.searcher.documents} documents, not those counted")

    def _take_up(self, generation: int) -> None:
        """Open the attachments, which a commit may remove any time, and look at the rest."""
        name = f"seal-{generation}.json"
        self.seal = Seal.read(self._folder, name)
        self.names = frozenset((*self.seal.files, name))
        suffix = f"-{generation}.json"
        for name in self.seal.files:
            if name.endswith(suffix):
                descriptor = trust.open_file(os.path.join(self._folder, name))  # noqa: PTH118
                self._descriptors[name.removesuffix(suffix)] = descriptor
            else:
                self.seal.check(name)
        self._suffix = suffix

    def close(self) -> None:
        """Release the files."""
        if self._reader is not None:
            self._reader.close()
        self._close()

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.searcher.documents

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return sum(sealed.size for sealed in self.seal.files.values())

    def attachment(self, name: str) -> str:
        """See :class:`evidence_search.engines.Snapshot`."""
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            return ""
        with _errors(self._folder):
            return self.seal.attachment(name + self._suffix, descriptor).decode()

    def search(self, request: Request) -> Found:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.search(request)

    def explain(self, tree: Tree, document: str, ranking: Ranking) -> Sequence[tuple[Tree, float]]:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.explain(tree, document, ranking)

    def frequency(self, token: str) -> int:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.frequency(token)

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.fetch(ids)

    def fingerprints(self) -> Mapping[str, int]:
        """See :class:`evidence_search.engines.Snapshot`."""
        from evidence_search.engines.fingerprints import of_leaves

        with self._reading():
            return of_leaves(self._leaves, self._schema, decode)

    def damage(self) -> Iterator[str]:
        """See :class:`evidence_search.engines.Snapshot`."""
        return map(str, self.seal.damage())

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Tell damage from a fault of ours: it is damage where a file isn't as it was sealed."""
        with _errors(self._folder):
            try:
                yield
            except (EvidenceSearchError, OSError):
                raise
            except Exception as error:
                for damage in self.seal.damage():
                    raise damage from error
                raise


def _close(descriptors: dict[str, int]) -> None:
    while descriptors:
        os.close(descriptors.popitem()[1])


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """Turn what the file system raises into our errors, one line each."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            advice = "make room and run the command again; the index is as it was before"
        elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            advice = "name a folder that you can write with --index"
        else:
            advice = "run: evidence-search index --rebuild"
        raise SearchIndexError(f"{folder}: {error.strerror or error}; {advice}") from error
