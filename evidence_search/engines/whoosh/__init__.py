"""The engine on Whoosh: an ordinary index, which any program that knows Whoosh can search.

Whoosh keeps the documents: segments, postings with positions, commits.  The searching is
done here, over whole posting lists, because Whoosh's matchers cost several Python calls a
posting, its statistics count deleted documents (so scores would depend on the history of
the index), and it ignores ``limit`` as soon as facets are asked.

Whoosh's commit is the rename of its table of contents, whole or nothing.  What it
lacks is added around it: files are signed and synced to the disk before that rename
(:mod:`.storage`), and a state that was swept away while it was opened is tried again.

Only what whoosh3, Whoosh 2.7.4 and Whoosh-Reloaded document and share is used.
"""

from __future__ import annotations

import gc
import weakref
import zlib
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import whoosh
from whoosh.analysis.analyzers import IDAnalyzer

from evidence_search import signing
from evidence_search.engines.folders import FolderLock, errors
from evidence_search.engines.whoosh import search
from evidence_search.engines.whoosh.reader import IndexReader
from evidence_search.engines.whoosh.schema import attached_document, whoosh_document, whoosh_schema
from evidence_search.engines.whoosh.storage import Storage
from evidence_search.errors import EvidenceSearchError, IndexLockedError, SearchIndexError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from evidence_search.engines import (
        Document,
        Found,
        Labelled,
        Ranking,
        Request,
        Schema,
        Snapshot,
    )
    from evidence_search.engines.plan import Node

FORMAT = 7
"""Changes whenever files written before could be misread."""
_RETRIES = 20
_MEGABYTES = 256
"""Of postings in memory while writing; Whoosh sorts more than that on the disk."""


P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def _reading_of(storage: Storage) -> Iterator[None]:
    """Turn errors of what reads into damage where a file isn't as it was signed."""
    try:
        yield
    except EvidenceSearchError:
        raise
    except Exception as error:
        for damage in storage.damage():
            raise damage from error
        raise  # it is a fault of ours


def _reading(method: Callable[P, R]) -> Callable[P, R]:
    """Decorate a method that reads the files of its snapshot."""

    @wraps(method)
    def read(*args: P.args, **options: P.kwargs) -> R:
        snapshot: Any = args[0]
        with _reading_of(snapshot.storage):
            return method(*args, **options)

    return read


class WhooshSnapshot:
    """See :class:`evidence_search.engines.Snapshot`, also for what its methods do."""

    def __init__(self, storage: Storage, reader: Any, schema: Schema) -> None:
        self.storage = storage
        self.reader = IndexReader(reader, schema)
        self.documents = self.reader.documents
        self.size = sum(file.size for file in storage.files.values())
        self.close = weakref.finalize(self, _close, reader)

    @_reading
    def attachment(self, name: str) -> str:
        return self.reader.attachment(name)

    @_reading
    def attachments(self, prefix: str) -> Mapping[str, str]:
        return self.reader.attachments(prefix)

    @_reading
    def search(self, request: Request) -> Found:
        return search.search(self.reader, request)

    def stream(self, request: Request) -> Iterator[tuple[str, float, str]]:
        with _reading_of(self.storage):
            yield from search.stream(self.reader, request)

    def labels(self, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
        with _reading_of(self.storage):
            yield from search.labels(self.reader, request, fields)

    @_reading
    def among(self, request: Request, ids: Sequence[str]) -> frozenset[str]:
        return search.among(self.reader, request, ids)

    @_reading
    def explain(self, tree: Node, document: str, ranking: Ranking) -> Sequence[tuple[Node, float]]:
        return search.explain(self.reader, tree, document, ranking)

    @_reading
    def frequency(self, token: str) -> int:
        return len(self.reader.postings(token).docs)

    @_reading
    def ids(self) -> Sequence[str]:
        return sorted(map(self.reader.id, self.reader.live))

    @_reading
    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        numbers = {name: self.reader.docnum(name) for name in ids}
        return {name: self.reader.payload(n) for name, n in numbers.items() if n is not None}

    @_reading
    def contents(self) -> Iterator[Document]:
        return iter([*self.reader.contents()])

    def damage(self) -> Iterator[str]:
        return map(str, self.storage.damage())


def _close(reader: Any) -> None:
    with suppress(Exception):  # some versions of Whoosh raise for what is closed already
        reader.close()


class WhooshEngine:
    """See :class:`evidence_search.engines.Engine`; threads may share one.

    ``key`` signs what is written; without one it is the user's own.
    """

    def __init__(self, folder: Path, schema: Schema, key: bytes | None = None) -> None:
        self._folder = folder
        self._schema = schema
        self._key = key
        self._lock = FolderLock(folder)

    @property
    def version(self) -> str:
        library = ".".join(map(str, whoosh.__version__))
        schema = zlib.crc32(repr(self._schema).encode())
        return f"whoosh {library}, format {FORMAT}, schema {schema:08x}"

    def _storage(self, key: bytes | None) -> Storage:
        return Storage(self._folder, self.version, key)

    def open(self) -> WhooshSnapshot:
        with errors(self._folder):
            for _ in range(_RETRIES):
                storage = self._storage(self._key or signing.read_key())
                generation = storage.newest()
                try:
                    return self._open(storage, generation)
                except Exception as error:
                    storage.close_all()
                    # A commit may have taken its files away meanwhile; then it is tried again.
                    if storage.newest() == generation:
                        for damage in storage.damage():
                            raise damage from error
                        raise
        raise SearchIndexError(f"{self._folder}: it changes faster than it can be opened")

    def _open(self, storage: Storage, generation: int) -> WhooshSnapshot:
        if not generation:
            from whoosh.reading import EmptyReader

            return WhooshSnapshot(
                storage, EmptyReader(whoosh_schema(self._schema, IDAnalyzer())), self._schema
            )
        storage.trust(generation)
        # Reading needs no analyzer, and not to import one is felt.
        schema = whoosh_schema(self._schema, IDAnalyzer())
        reader = storage.open_index(schema=schema).reader()
        storage.forget_unopened()
        return WhooshSnapshot(storage, reader, self._schema)

    def is_newest(self, snapshot: Snapshot) -> bool:
        storage = self._storage(self._key or signing.read_key())
        generation = storage.newest()
        if generation:
            storage.trust(generation)
        return storage.signature == _own(snapshot).storage.signature

    def lock(
        self, timeout: float, waiting: Callable[[], None] | None = None
    ) -> AbstractContextManager[None]:
        return self._lock.hold(timeout, waiting)

    @contextmanager
    def write(
        self,
        base: Snapshot | None,
        *,
        clear: bool = False,
        phrases: Callable[[], Iterable[Sequence[str]]] = tuple,  # noqa: ARG002 - it has no use for them
    ) -> Iterator[WhooshWriter]:
        before = _own(base) if base else None
        thresholds = gc.get_threshold()
        gc.set_threshold(50_000, 10, 1_000_000)  # millions of postings aren't searched for cycles
        with errors(self._folder):
            storage = self._storage(self._key or signing.make_key())
        writer: WhooshWriter | None = None
        try:
            with errors(self._folder):
                if before and before.storage.signature:
                    storage.trust(storage.newest())
                storage.sweep()
                # What is cleared is not read either: it may be damaged.
                writer = WhooshWriter(storage, self._schema, None if clear else before)
            yield writer
            with errors(self._folder):
                writer.commit(clear=clear)
        except BaseException:
            if writer:
                writer.cancel()
            raise
        finally:
            with suppress(OSError):
                storage.sweep()
            gc.set_threshold(*thresholds)


def _own(snapshot: Snapshot) -> WhooshSnapshot:
    if not isinstance(snapshot, WhooshSnapshot):
        raise TypeError(f"expected a snapshot of this engine, found {type(snapshot).__name__}")
    return snapshot


class WhooshWriter:
    """See :class:`evidence_search.engines.Writer`; the lock is held."""

    def __init__(self, storage: Storage, schema: Schema, base: WhooshSnapshot | None) -> None:
        from whoosh.analysis.analyzers import LanguageAnalyzer
        from whoosh.index import LockError

        self._storage = storage
        self._schema = schema
        self._base = base.reader if base else None
        stemmed = whoosh_schema(schema, LanguageAnalyzer("en"))
        if storage.signature:
            index = storage.open_index(schema=stemmed)
        else:
            index = storage.create_index(stemmed)
        try:
            self._writer: Any = index.writer(limitmb=_MEGABYTES)
        except LockError as error:
            raise IndexLockedError(
                f"{storage.path}: found another program of Whoosh's that is writing the index; "
                "try again when it has finished, or name another --index"
            ) from error

    def add(self, document: Document) -> None:
        with errors(self._storage.path):
            self._writer.add_document(**whoosh_document(document, self._schema))

    def remove(self, name: str) -> None:
        self._delete(self._base.docnum(name) if self._base else None)

    def attach(self, name: str, text: str) -> None:
        self._delete(self._base.attached(name) if self._base else None)
        if text:
            with errors(self._storage.path):
                self._writer.add_document(**attached_document(name, text, self._schema))

    def _delete(self, docnum: int | None) -> None:
        if docnum is not None:
            self._writer.delete_document(docnum)

    def commit(self, *, clear: bool) -> None:
        """Make what was written the newest state, without what was there before if ``clear``."""
        from whoosh.writing import CLEAR

        self._writer.commit(mergetype=CLEAR if clear else _merge)

    def cancel(self) -> None:
        """Write nothing more; the state stays as it was."""
        with suppress(Exception):  # what it raises is what it met before, again
            self._writer.cancel()


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
