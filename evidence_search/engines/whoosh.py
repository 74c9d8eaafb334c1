"""The engine on Whoosh; the only door to Whoosh.

Whoosh keeps the documents: segments, postings with positions, commits.  The
searching is done here, over whole posting lists, because Whoosh's matchers
cost several Python calls per posting, its statistics count deleted documents
(so scores would depend on the history of the index), and it ignores
``limit`` as soon as facets are asked.

On disk, inside a folder of our own: Whoosh's files, and beside each
generation of its table of contents the attachments ``<name>-<generation>``,
written before the table of contents is renamed into place.  That rename is
the one instant at which the old state becomes the new.

Only what whoosh3, Whoosh 2.7.4 and whoosh-reloaded share is used, and only
Whoosh's own classes are in the schema, which its table of contents pickles.
"""

from __future__ import annotations

import errno
import json
import os
import pickle
import struct
import threading
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh import fields, formats
from whoosh.analysis.analyzers import IDAnalyzer
from whoosh.columns import VarBytesColumn
from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError, FileIndex, LockError
from whoosh.index import IndexError as WhooshIndexError
from whoosh.util.filelock import try_for
from whoosh.util.numeric import byte_to_length, length_to_byte

from evidence_search.engines import trust
from evidence_search.engines.scoring import Postings, Searcher
from evidence_search.errors import IndexDamagedError, IndexLockedError, SearchIndexError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evidence_search.engines import Attachments, Document, Found, Ranking, Request, Schema
    from evidence_search.trees import Tree

FORMAT = 1
"""Changes whenever files written before could be misread."""

_NAME = "evidence"
_TOTALS = "totals"
_RETRIES = 20
_DAMAGE = (
    WhooshIndexError,
    pickle.UnpicklingError,
    struct.error,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    ImportError,
    IndexError,
    AssertionError,
    OverflowError,
    MemoryError,
)


class WhooshEngine:
    """An :class:`evidence_search.engines.Engine`; threads may share one for searching."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        description = json.dumps([FORMAT, schema.text, schema.labels, schema.numbers])
        self._folder = folder / f"whoosh-{zlib.crc32(description.encode()):08x}"
        self._schema = schema
        self._swap = threading.Lock()
        with _errors(self._folder):
            trust.prepare(self._folder)
            self._storage = FileStorage(os.fspath(self._folder))
            if not self._storage.index_exists(_NAME):
                self._create()
        self._state = self._open()

    def _create(self) -> None:
        with self.lock(10.0):
            if not self._storage.index_exists(_NAME):
                self._storage.create_index(_whoosh_schema(self._schema), _NAME)

    def _open(self) -> _State:
        """Open the newest state; try again where a commit took its files away meanwhile."""
        for attempt in range(_RETRIES):
            try:
                with _errors(self._folder):
                    return _State(self._folder, self._storage, self._schema)
            except SearchIndexError as error:
                vanished = isinstance(error.__cause__, FileNotFoundError | EmptyIndexError)
                if not vanished or attempt == _RETRIES - 1:
                    raise
        raise AssertionError("unreachable")  # pragma: no cover

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self._state.searcher.documents

    def reopen(self) -> None:
        """Answer from the newest committed state from now on."""
        state = self._open()
        with self._swap:
            self._state = state

    def attachment(self, name: str) -> str:
        """See :class:`evidence_search.engines.Engine`."""
        return self._state.attachments.get(name, "")

    def build(self, documents: Iterable[Document], attachments: Attachments) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        self._write(documents, (), attachments, clear=True)

    def update(
        self, add: Iterable[Document], remove: Iterable[str], attachments: Attachments
    ) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        self._write(add, remove, attachments, clear=False)

    def _write(
        self,
        add: Iterable[Document],
        remove: Iterable[str],
        attachments: Attachments,
        *,
        clear: bool,
    ) -> None:
        from whoosh.writing import CLEAR

        with _errors(self._folder):
            writer: Any = FileIndex(self._storage, indexname=_NAME).writer(
                timeout=10.0, limitmb=256
            )
        try:
            self.reopen()
            totals = _Totals(self._schema)
            if not clear:
                totals.take(self._state.searcher)
                self._delete(writer, remove, totals)
            for document in add:
                totals.add(document)
                with _errors(self._folder):
                    writer.add_document(**_whoosh_fields(document))
            texts = {**attachments(), _TOTALS: totals.text()}
            with _errors(self._folder):
                self._attach(writer.generation, texts)
                writer.commit(**({"mergetype": CLEAR} if clear else {}))
        except BaseException:
            if not writer.is_closed:
                writer.cancel()
            raise
        self._remove_old(writer.generation)
        self.reopen()

    def _delete(self, writer: Any, remove: Iterable[str], totals: _Totals) -> None:
        searcher = self._state.searcher
        with _errors(self._folder):
            for name in remove:
                docnum = searcher.docnum(name)
                if docnum is not None:
                    writer.delete_document(docnum)
                    totals.remove(searcher, docnum)

    def _attach(self, generation: int, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            path = self._folder / f"{name}-{generation}.json"
            with path.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())

    def _remove_old(self, generation: int) -> None:
        for path in self._folder.glob("*-*.json"):
            if not path.stem.endswith(f"-{generation}"):
                path.unlink(missing_ok=True)

    @contextmanager
    def lock(self, timeout: float) -> Iterator[None]:
        """See :class:`evidence_search.engines.Engine`; raises :class:`IndexLockedError`."""
        with _errors(self._folder):
            lock = self._storage.lock("REFRESH")
            if not try_for(lock.acquire, timeout=timeout, delay=0.02):
                raise IndexLockedError(
                    f"{self._folder}: waited {timeout:g} s for another process that is writing "
                    "the index; try again when it has finished, or name another --index"
                )
        try:
            yield
        finally:
            lock.release()

    def search(self, request: Request) -> Found:
        """See :class:`evidence_search.engines.Engine`."""
        with _errors(self._folder):
            return self._state.searcher.search(request)

    def explain(self, tree: Tree, document: str, ranking: Ranking) -> Sequence[tuple[Tree, float]]:
        """See :class:`evidence_search.engines.Engine`."""
        with _errors(self._folder):
            return self._state.searcher.explain(tree, document, ranking)

    def frequency(self, token: str) -> int:
        """See :class:`evidence_search.engines.Engine`."""
        with _errors(self._folder):
            return self._state.searcher.frequency(token)

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        """See :class:`evidence_search.engines.Engine`."""
        with _errors(self._folder):
            return self._state.searcher.fetch(ids)

    def close(self) -> None:
        """See :class:`evidence_search.engines.Engine`."""
        self._state.close()


def _whoosh_schema(schema: Schema) -> Any:
    text = {
        name: fields.FieldType(formats.Positions(), _analyzer(), scorable=True)
        for name in schema.text
    }
    exact = {
        name: fields.FieldType(formats.Existence(), _analyzer())
        for name in (*map(_label, schema.labels), *map(_number, schema.numbers), "id")
    }
    return fields.Schema(
        **text,
        **exact,
        key=fields.COLUMN(VarBytesColumn()),
        title_key=fields.COLUMN(VarBytesColumn()),
        payload=fields.STORED(),
    )


def _analyzer() -> Any:
    """Whoosh wants one for every field; tokens arrive ready-made, so it is never used."""
    return IDAnalyzer()


def _label(field: str) -> str:
    return f"label_{field}"


def _number(field: str) -> str:
    return f"number_{field}"


def _whoosh_fields(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {name: list(tokens) for name, tokens in document.text.items()}
    values.update((_label(name), list(labels)) for name, labels in document.labels.items())
    values.update((_number(name), [f"{n:04d}"]) for name, n in document.numbers.items())
    values["id"] = [document.id]
    values["key"] = document.id.encode()
    values["title_key"] = document.title_key.encode()
    values["payload"] = document.payload
    return values


class _Totals:
    """Counts over all live documents, kept exactly: a length is what Whoosh's one byte holds."""

    def __init__(self, schema: Schema) -> None:
        self._documents = 0
        self._lengths = dict.fromkeys(schema.text, 0)

    def take(self, searcher: Searcher) -> None:
        self._documents = searcher.documents
        self._lengths.update(searcher.totals)

    def add(self, document: Document) -> None:
        self._documents += 1
        for field, tokens in document.text.items():
            self._lengths[field] += byte_to_length(length_to_byte(len(tokens)))

    def remove(self, searcher: Searcher, docnum: int) -> None:
        self._documents -= 1
        for field in self._lengths:
            self._lengths[field] -= searcher.length(field, docnum)

    def text(self) -> str:
        return json.dumps({"documents": self._documents, "lengths": self._lengths})


class _State:
    """One committed state: its readers, its attachments, and a searcher over them."""

    def __init__(self, folder: Path, storage: FileStorage, schema: Schema) -> None:
        index = FileIndex(storage, indexname=_NAME)
        self._reader = index.reader()
        generation = index.latest_generation()
        if self._reader.generation() is not None:
            generation = self._reader.generation()
        self.attachments = _Attachments(folder, generation)
        totals = json.loads(self.attachments.get(_TOTALS, "{}") or "{}")
        leaves = [
            _Leaf(leaf, base) for leaf, base in self._reader.leaf_readers() if leaf.doc_count_all()
        ]
        documents = sum(leaf.live for leaf in leaves)
        if documents != totals.get("documents", 0):
            raise ValueError(f"{documents} documents, {totals.get('documents', 0)} counted")
        self.searcher = Searcher(schema, leaves, totals.get("lengths", {}))

    def close(self) -> None:
        self._reader.close()


class _Attachments:
    """The attachments of a generation, read when asked for; they may be removed meanwhile."""

    def __init__(self, folder: Path, generation: int) -> None:
        self._texts = {}
        if generation > 0:
            suffix = f"-{generation}.json"
            for entry in os.scandir(folder):
                if entry.name.endswith(suffix):
                    name = entry.name.removesuffix(suffix)
                    self._texts[name] = Path(entry.path).read_text(encoding="utf-8")

    def get(self, name: str, default: str = "") -> str:
        return self._texts.get(name, default)


class _Leaf:
    """One segment, as whole posting lists; see :class:`evidence_search.engines.scoring.Leaf`."""

    def __init__(self, reader: Any, base: int) -> None:
        self._reader = reader
        self._columns: dict[str, Any] = {}
        self.base = base
        self.size: int = reader.doc_count_all()
        self.live: int = reader.doc_count()
        self.deleted = (
            frozenset(n for n in range(self.size) if reader.is_deleted(n))
            if reader.has_deletions()
            else frozenset()
        )

    def terms(self, field: str) -> list[str]:
        return [text.decode("utf-8") for text in self._reader.lexicon(field)]

    def postings(self, field: str, text: str) -> Postings:
        ids: list[int] = []
        weights: list[float] = []
        for matcher in self._matchers(field, text):
            if hasattr(matcher, "_next_block"):
                while matcher.is_active():
                    matcher.id()
                    matcher.weight()
                    ids.extend(matcher._ids)
                    weights.extend(matcher._weights)
                    matcher._next_block()
            else:
                while matcher.is_active():
                    ids.append(matcher.id())
                    weights.append(matcher.weight())
                    matcher.next()
        if self.deleted:
            live = [i for i, docnum in enumerate(ids) if docnum not in self.deleted]
            ids, weights = [ids[i] for i in live], [weights[i] for i in live]
        if self.base:
            ids = [docnum + self.base for docnum in ids]
        return ids, weights

    def positions(self, field: str, text: str) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for matcher in self._matchers(field, text):
            if hasattr(matcher, "_next_block"):
                while matcher.is_active():
                    matcher.id()
                    matcher.value()
                    found.update(zip(matcher._ids, matcher._values, strict=True))
                    matcher._next_block()
            else:
                while matcher.is_active():
                    found[matcher.id()] = matcher.value()
                    matcher.next()
        base = self.base
        return {docnum + base: value for docnum, value in found.items()} if base else found

    def decode(self, value: bytes) -> list[int]:
        positions: list[int] = _POSITIONS.decode_positions(value)
        return positions

    def _matchers(self, field: str, text: str) -> Iterator[Any]:
        key = text.encode("utf-8")
        if (field, key) in self._reader:
            matcher = self._reader.postings(field, key)
            # Deletions are taken out here, a list at a time, not a call at a time.
            yield getattr(matcher, "child", matcher)

    def length(self, field: str, docnum: int) -> int:
        return self._reader.doc_field_length(docnum - self.base, field) or 0

    def key(self, docnum: int) -> str:
        key: bytes = self._column("key")[docnum - self.base]
        return key.decode()

    def title_key(self, docnum: int) -> bytes:
        value: bytes = self._column("title_key")[docnum - self.base]
        return value

    def _column(self, name: str) -> Any:
        column = self._columns.get(name)
        if column is None:  # opening one reads the offsets of all its values
            column = self._columns[name] = self._reader.column_reader(name)
        return column

    def payload(self, docnum: int) -> str:
        text: str = self._reader.stored_fields(docnum - self.base)["payload"]
        return text


_POSITIONS = formats.Positions()


@contextmanager
def _errors(folder: Path) -> Iterator[None]:
    """Turn whatever Whoosh or the file system raises into our errors, one line each."""
    try:
        yield
    except LockError as error:
        raise IndexLockedError(
            f"{folder}: another process is writing the index; try again when it has finished"
        ) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            advice = "make room and run the command again; the index is as it was before"
        elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            advice = "name a folder that you can write with --index"
        else:
            advice = "run: evidence-search index --rebuild"
        raise SearchIndexError(f"{folder}: {error.strerror or error}; {advice}") from error
    except _DAMAGE as error:
        raise IndexDamagedError(
            f"{folder}: expected the files of an index, found damage "
            f"({type(error).__name__}: {' '.join(str(error).split())[:120]}); "
            "run: evidence-search index --rebuild"
        ) from error
