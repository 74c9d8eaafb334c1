"""Writing a state on a cluster: documents in bulk, checked before anybody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evidence_search.engines.fields import PAYLOAD
from evidence_search.engines.opensearch import documents, states
from evidence_search.engines.opensearch.connection import SECONDS, errors
from evidence_search.engines.opensearch.reader import Reader
from evidence_search.errors import SearchIndexError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

    from evidence_search.engines import Document, Schema
    from evidence_search.engines.opensearch.connection import Location

_AT_ONCE = 500
"""Documents and removals in one request, and so in memory."""
_BYTES = 8_000_000
_PATIENCE = "20s"
"""How long the cluster may wait for a shard whose node went, until another one has it."""
_RETRIES = 5
"""Of what a node that has too much to do refuses, each after twice as long."""


class ClusterWriter:
    """See :class:`evidence_search.engines.Writer`; the lock is held."""

    def __init__(
        self, client: OpenSearch, location: Location, schema: Schema, base: Reader | None
    ) -> None:
        self._client = client
        self._location = location
        self._schema = schema
        self._base = base
        self.index = states.make(client, location, schema, base.index if base else "")
        self._actions: list[dict[str, Any]] = []
        self._waiting = 0
        self._added: set[str] = set()
        self._removed: set[str] = set()

    def add(self, document: Document) -> None:
        name = documents.record_name(document.id)
        self._put(name, documents.source(document, self._schema))

    def remove(self, name: str) -> None:
        self._remove(documents.record_name(name))

    def attach(self, name: str, text: str) -> None:
        if text:
            made = documents.attached_source(name, text)
            self._put(documents.attachment_name(name), made)
        else:
            self._remove(documents.attachment_name(name))

    def _put(self, name: str, made: dict[str, Any]) -> None:
        self._added.add(name)
        self._act({"_id": name, "_source": made}, len(made.get(PAYLOAD, "")))

    def _remove(self, name: str) -> None:
        """Remove what was there before under a name; not what this writer put in its place."""
        if self._base and name not in self._added:
            self._removed.add(name)
            self._act({"_op_type": "delete", "_id": name})

    def _act(self, action: dict[str, Any], size: int = 0) -> None:
        self._actions.append(action)
        self._waiting += size
        if len(self._actions) == _AT_ONCE or self._waiting > _BYTES:
            self._flush()

    def _flush(self) -> None:
        from opensearchpy.exceptions import NotFoundError
        from opensearchpy.helpers import BulkIndexError, streaming_bulk

        actions, self._actions, self._waiting = self._actions, [], 0
        alias = states.writing_alias(self.index)
        with errors(self._location):
            try:
                results = streaming_bulk(
                    self._client, actions, index=alias, require_alias=True, raise_on_error=False,
                    chunk_size=_AT_ONCE, max_chunk_bytes=_BYTES, max_retries=_RETRIES,
                    initial_backoff=1, timeout=_PATIENCE, request_timeout=SECONDS,
                )  # fmt: skip
                for done, result in results:
                    [(kind, about)] = result.items()
                    if not done and not (kind == "delete" and about.get("result") == "not_found"):
                        raise self._refused(about)
            except BulkIndexError as error:
                raise self._refused(error.errors[0]) from error
            except NotFoundError as error:
                raise self._refused({"error": str(error)}) from error

    def _refused(self, about: dict[str, Any]) -> SearchIndexError:
        error = about.get("error") or about
        reason = f"{error.get('type')}: {error.get('reason')}" if isinstance(error, dict) else error
        full = "disk usage exceeded" in str(reason) or "flood-stage" in str(reason)
        advice = "make room on the cluster's disk and run the command again; " if full else ""
        line = " ".join(str(reason).split())[:300]
        return SearchIndexError(
            f"{self._location.url}: expected the cluster to take {about.get('_id', 'a document')}, "
            f"found: {line}; {advice}the index is as it was before"
        )

    def finish(self) -> None:
        """Check that all arrived, and seal the state; :func:`.states.publish` is what is left."""
        self._flush()
        client, location = self._client, self._location
        with errors(location):
            client.indices.refresh(index=self.index)
        written = Reader(client, location, self._schema, states.State(self.index, 0, {}))
        expected, found = len(self._added), written.count_all()
        if self._base:
            touched = [*self._added | self._removed]
            expected += self._base.count_all() - self._base.count_all(touched)
        if found != expected:
            raise SearchIndexError(
                f"{location.url}: expected {expected} documents in the new state, found {found}; "
                "run the command again; the index is as it was before"
            )
        states.settle(client, location, self.index)
        states.seal(client, location, self._schema, self.index, written.lengths())
