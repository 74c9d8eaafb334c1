"""The engine on tantivy: an index in a folder of one machine, for corpora of up to millions.

A state is one commit of tantivy's, whole or nothing, the texts attached to it among its
documents.  tantivy's table of contents, ``meta.json``, tells states apart.  Nothing in the
files is ever run or unpickled, so that they need no signature.
"""

from __future__ import annotations

import os
import re
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import tantivy
from tantivy import Index, Query

from evidence_search.engines.fields import ATTACHMENT, ID
from evidence_search.engines.folders import FolderLock, errors
from evidence_search.engines.tantivy import documents
from evidence_search.engines.tantivy.queries import all_of
from evidence_search.engines.tantivy.reader import Reader
from evidence_search.engines.tantivy.rows import ROWS, Rows
from evidence_search.errors import EvidenceSearchError, IndexDamagedError, SearchIndexError
from evidence_search.files import make_way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from tantivy import IndexWriter

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

FORMAT = 2
"""Changes whenever files written before could be misread."""
_CONTENTS = "meta.json"
_TANTIVYS = re.compile(r"[0-9a-f]{32}\..*|meta\.json|\.managed\.json")
_PASSING = re.compile(r"\.tmp[0-9A-Za-z]{6}")
"""Files that are on their way to another name: a writer that was killed leaves them behind."""
_LOOKS = 20
_LONGEST = 200
"""Characters of a message of tantivy's, which may quote whole files."""
_TRIED = 1_000_000
"""Bytes."""
_MEGABYTES = 128
"""Of postings in memory while writing, of the one thread that writes."""


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Turn what tantivy raises where its files aren't as it wrote them into damage."""
    try:
        yield
    except EvidenceSearchError:
        raise
    except BaseException as error:
        # A panic of Rust's derives from BaseException, and has no public name.
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        raise IndexDamagedError(
            f"{folder}: expected an index as it was written, found: {_line(error)}; "
            "run: evidence-search index --rebuild"
        ) from error


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what tantivy raises where it can't write into one line."""
    with errors(folder):
        try:
            yield
        except ValueError as error:
            _try_to_write(folder)
            raise SearchIndexError(
                f"{folder}: {_line(error)}; the index is as it was before"
            ) from error


def _try_to_write(folder: Path) -> None:
    """Raise the ``OSError`` that a file in a folder meets: tantivy's threads don't say theirs."""
    import tempfile

    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_TRIED))


def _line(error: BaseException) -> str:
    line = " ".join(str(error).split()) or type(error).__name__
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


class TantivySnapshot:
    """See :class:`evidence_search.engines.Snapshot`, also for what its methods do."""

    def __init__(self, folder: Path, reader: Reader, contents: bytes) -> None:
        self.folder = folder
        self.reader = reader
        self.contents_table = contents
        with _reading(folder):
            self.documents = reader.documents
            self.size = _size(folder) if contents else 0

    def attachment(self, name: str) -> str:
        with _reading(self.folder):
            return self.reader.attachment(name)

    def attachments(self, prefix: str) -> Mapping[str, str]:
        with _reading(self.folder):
            return self.reader.attachments(prefix)

    def search(self, request: Request) -> Found:
        with _reading(self.folder):
            return self.reader.search(request)

    def stream(self, request: Request) -> Iterator[tuple[str, float, str]]:
        with _reading(self.folder):
            yield from self.reader.hits(request, 0, self.documents)

    def labels(self, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
        with _reading(self.folder):
            yield from self.reader.labels(request, fields)

    def among(self, request: Request, ids: Sequence[str]) -> frozenset[str]:
        with _reading(self.folder):
            return self.reader.among(request, ids)

    def explain(self, tree: Node, document: str, ranking: Ranking) -> Sequence[tuple[Node, float]]:
        with _reading(self.folder):
            return self.reader.explain(tree, document, ranking)

    def frequency(self, token: str) -> int:
        from evidence_search.engines.plan import Term

        with _reading(self.folder):
            return int(self.reader.document_frequency(Term(token)))

    def ids(self) -> Sequence[str]:
        with _reading(self.folder):
            return self.reader.ids()

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        with _reading(self.folder):
            found = self.reader.all(self.reader.named(ids))
            return {documents.name_of(made): documents.payload_of(made) for made in found}

    def contents(self) -> Iterator[Document]:
        with _reading(self.folder):
            return iter([*self.reader.contents()])

    def damage(self) -> Iterator[str]:
        """Say what can't be read; tantivy keeps checksums, but gives no way to ask for them."""
        try:
            with _reading(self.folder):
                for _ in self.reader.contents():
                    pass
        except IndexDamagedError as error:
            yield str(error)

    def close(self) -> None:
        """Do nothing: the files are let go of with the last reference."""


class TantivyEngine:
    """See :class:`evidence_search.engines.Engine`; threads may share one."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        self._folder = folder
        self._schema = schema
        self._fields = documents.tantivy_schema(schema)
        self._lock = FolderLock(folder)

    @property
    def version(self) -> str:
        from importlib.metadata import version  # it takes a tenth of the time of a search

        schema = zlib.crc32(repr(self._schema).encode())
        return f"tantivy {version('tantivy')}, format {FORMAT}, schema {schema:08x}"

    def open(self) -> TantivySnapshot:
        with errors(self._folder):
            for _ in range(_LOOKS):
                contents = self._contents()
                try:
                    index = self._index(contents)
                    with _reading(self._folder):
                        reader = Reader(index.searcher(), self._fields, self._schema)
                    if self._contents() == contents:
                        return TantivySnapshot(self._folder, reader, contents)
                except IndexDamagedError:
                    # A commit may have taken its files away meanwhile; then it is tried again.
                    if self._contents() == contents:
                        raise
        raise SearchIndexError(f"{self._folder}: it changes faster than it can be opened")

    def _contents(self) -> bytes:
        """Return tantivy's table of contents; nothing where nothing was ever committed.

        A folder with a link or a pipe among its files came from elsewhere: tantivy, which would
        follow the one and wait for the other, isn't asked to open it.
        """
        with suppress(FileNotFoundError, NotADirectoryError):
            strange = _strange(self._folder)
            return b"" if strange else (self._folder / _CONTENTS).read_bytes()
        return b""

    def _index(self, contents: bytes) -> Index:
        if not contents:
            return Index(self._fields)
        with _reading(self._folder):
            index = Index.open(str(self._folder))
            # Written under another schema: it is of another version of ours, or of somebody else.
            return Index(self._fields, str(self._folder)) if index else index

    def is_newest(self, snapshot: Snapshot) -> bool:
        return self._contents() == _own(snapshot).contents_table

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
        phrases: Callable[[], Iterable[Sequence[str]]] = tuple,
    ) -> Iterator[TantivyWriter]:
        with _writing(self._folder):
            index = self._writable(clear=clear or base is None)
            written = index.writer(_MEGABYTES * 1_000_000, 1)
            # A file of a writer that was killed would have the name of one that this one makes.
            written.garbage_collect_files()
        try:
            if clear or base is None:
                written.delete_all_documents()
                rows = Rows(map(tuple, phrases()))
            else:
                rows = _own(base).reader.rows
            writer = TantivyWriter(self._folder, written, self._fields, self._schema, rows)
            if clear or base is None:
                writer.attach(ROWS, rows.text)
            yield writer
            with _writing(self._folder):
                written.commit()
                written.garbage_collect_files()
        except BaseException:
            with suppress(Exception):  # what it raises is what it met before, again
                written.rollback()
                written.garbage_collect_files()
            with suppress(Exception):  # an error may refer to it for long, and its lock bars others
                written.wait_merging_threads()
            raise
        # Merges that are left in the middle begin again at each commit, and never end.  One that
        # fails, as on a full disk, leaves the state that was committed as it is.
        with suppress(ValueError):
            written.wait_merging_threads()

    def _writable(self, *, clear: bool) -> Index:
        for path in _strange(self._folder):
            make_way(path)
        for path in self._folder.iterdir():
            if _PASSING.fullmatch(path.name):
                path.unlink(missing_ok=True)
        try:
            return Index(self._fields, str(self._folder))
        except ValueError:
            if not clear:
                raise
        # It is of another schema, or damaged: nothing of it is wanted any more.
        for name in (_CONTENTS, ".managed.json"):
            (self._folder / name).unlink(missing_ok=True)
        return Index(self._fields, str(self._folder))


def _strange(folder: Path) -> list[Path]:
    """Return what has the name of a file of tantivy's but is none."""
    with os.scandir(folder) as entries:
        named = [entry for entry in entries if _TANTIVYS.fullmatch(entry.name)]
        return [Path(e.path) for e in named if not e.is_file(follow_symlinks=False)]


def _size(folder: Path) -> int:
    """Return the bytes of all files; one that a commit took away meanwhile has none."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                size += entry.stat(follow_symlinks=False).st_size
    return size


def _own(snapshot: Snapshot) -> TantivySnapshot:
    if not isinstance(snapshot, TantivySnapshot):
        raise TypeError(f"expected a snapshot of this engine, found {type(snapshot).__name__}")
    return snapshot


class TantivyWriter:
    """See :class:`evidence_search.engines.Writer`; the lock is held."""

    def __init__(
        self,
        folder: Path,
        writer: IndexWriter,
        fields: tantivy.Schema,
        schema: Schema,
        rows: Rows,
    ) -> None:
        import secrets

        self._folder = folder
        self._writer = writer
        self._fields = fields
        self._schema = schema
        self._rows = rows
        self._state = secrets.token_hex(8)

    def add(self, document: Document) -> None:
        with _writing(self._folder):
            made = documents.tantivy_document(document, self._schema, self._rows, self._state)
            self._writer.add_document(made)

    def remove(self, name: str) -> None:
        self._delete(ID, name)

    def attach(self, name: str, text: str) -> None:
        self._delete(ATTACHMENT, name)
        if text:
            with _writing(self._folder):
                made = documents.attached_document(name, text, self._state)
                self._writer.add_document(made)

    def _delete(self, field: str, name: str) -> None:
        """Delete what was there before under a name; not what this writer added."""
        named = Query.term_query(self._fields, field, name)
        ours = Query.term_query(self._fields, documents.STATE, self._state)
        with _writing(self._folder):
            self._writer.delete_documents_by_query(all_of(named, never=[ours]))
