"""The engine on OpenSearch: an index on a cluster, for many machines and tens of millions.

A state is an index of its own there; an alias names the newest and is moved in one call,
so that it is whole or not at all (:mod:`.states`).  A document is the lock, with an owner and
the time when it expires (:mod:`.locking`).  Nothing that comes back is ever run or unpickled.
"""

from __future__ import annotations

import weakref
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from evidence_search.engines.opensearch import states
from evidence_search.engines.opensearch.connection import Location, connect, version_of
from evidence_search.engines.opensearch.documents import schema_mark
from evidence_search.engines.opensearch.locking import ClusterLock
from evidence_search.engines.opensearch.reader import Reader
from evidence_search.engines.opensearch.writing import ClusterWriter
from evidence_search.errors import EvidenceSearchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from opensearchpy import OpenSearch

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


class ClusterSnapshot:
    """See :class:`evidence_search.engines.Snapshot`, also for what its methods do."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.documents = reader.documents

    @cached_property
    def size(self) -> int:
        """How many bytes the files of its shards have, copies left aside."""
        return self.reader.size()

    def attachment(self, name: str) -> str:
        return self.reader.attachment(name)

    def attachments(self, prefix: str) -> Mapping[str, str]:
        return self.reader.attachments(prefix)

    def search(self, request: Request) -> Found:
        return self.reader.search(request)

    def stream(self, request: Request) -> Iterator[tuple[str, float, str]]:
        return self.reader.hits(request, 0, None)

    def labels(self, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
        return self.reader.labels(request, fields)

    def among(self, request: Request, ids: Sequence[str]) -> frozenset[str]:
        return self.reader.among(request, ids)

    def explain(self, tree: Node, document: str, ranking: Ranking) -> Sequence[tuple[Node, float]]:
        return self.reader.explain(tree, document, ranking)

    def frequency(self, token: str) -> int:
        from evidence_search.engines.plan import Term

        return int(self.reader.document_frequency(Term(token)))

    def ids(self) -> Sequence[str]:
        return self.reader.ids()

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        return self.reader.fetch(ids)

    def contents(self) -> Iterator[Document]:
        return self.reader.contents()

    def damage(self) -> Iterator[str]:
        """Say whether documents are missing; the cluster itself looks after its files."""
        found, noted = self.reader.lengths()[0], self.documents
        if found != noted:
            yield f"{self.reader.location.url}: expected {noted} documents, found {found}"

    def close(self) -> None:
        """Do nothing: the state stays on the cluster as long as it is of use."""


class OpenSearchEngine:
    """See :class:`evidence_search.engines.Engine`; threads may share one."""

    def __init__(self, url: str, schema: Schema) -> None:
        self._location = Location.of(url)
        self._schema = schema
        self._client = connect(self._location)
        self._lock = ClusterLock(self._client, self._location)
        self._number = ""
        self._release = weakref.finalize(self, _close, self._client)

    @property
    def version(self) -> str:
        return f"opensearch {self._check()}, {schema_mark(self._schema)}"

    def _check(self) -> str:
        """Return the version of the cluster; asked once, and an error if it won't do."""
        if not self._number:
            self._number = version_of(self._client, self._location)
        return self._number

    def open(self) -> ClusterSnapshot:
        self._check()
        state = states.opened(self._client, self._location, self._schema)
        return ClusterSnapshot(Reader(self._client, self._location, self._schema, state))

    def is_newest(self, snapshot: Snapshot) -> bool:
        return states.newest(self._client, self._location) == _own(snapshot).reader.index

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
    ) -> Iterator[ClusterWriter]:
        client, location = self._client, self._location
        before = _own(base).reader if base else None
        states.sweep(client, location, self._lock.confirm())
        kept = before if before and before.index and not clear else None
        writer = ClusterWriter(client, location, self._schema, kept)
        try:
            yield writer
            writer.finish()
        except BaseException:
            with suppress(EvidenceSearchError):  # the next writer sweeps it
                states.remove(client, location, writer.index)
            raise
        # Where an answer to this is lost, the state may be the newest: it isn't removed here.
        now = self._lock.confirm()
        replaced = before.index if before else states.newest(client, location)
        states.publish(client, location, writer.index, replaced, now)


def _own(snapshot: Snapshot) -> ClusterSnapshot:
    if not isinstance(snapshot, ClusterSnapshot):
        raise TypeError(f"expected a snapshot of this engine, found {type(snapshot).__name__}")
    return snapshot


def _close(client: OpenSearch) -> None:
    with suppress(Exception):  # there's nobody to tell any more
        client.close()
