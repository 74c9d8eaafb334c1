"""The right to write an index on a cluster: a document with its owner and when it expires.

All is decided by one script on the cluster, by the cluster's clock: whether the lock is
free, its owner's time over, or one's own to be renewed.  A thread renews it while it is
held; so that of a writer which was killed is free after ``LEASE`` seconds.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from opensearchpy.exceptions import ConflictError

from evidence_search.engines.opensearch.connection import errors
from evidence_search.errors import EvidenceSearchError, IndexLockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from opensearchpy import OpenSearch

    from evidence_search.engines.opensearch.connection import Location

LEASE = 30.0
"""Seconds."""
_RENEWED = LEASE / 4
_LOOK = 0.25
_DOCUMENT = "lock"
_TAKE = """
Map lock = ctx._source;
if (lock.until == null || lock.until < ctx._now || lock.token == params.token) {
  lock.token = params.token; lock.owner = params.owner; lock.until = ctx._now + params.lease;
} else { ctx.op = 'none' }
"""
_RELEASE = "ctx.op = ctx._source.token == params.token ? 'delete' : 'none'"
_SETTINGS = {"settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}}}


def lock_index(location: Location) -> str:
    """Return the name of the index that has the lock of another one."""
    return f"{location.name}-lock"


class ClusterLock:
    """The right to write an index, across threads, processes and machines."""

    def __init__(self, client: OpenSearch, location: Location) -> None:
        self._client = client
        self._location = location
        self._index = lock_index(location)
        self._holder = threading.local()

    @contextmanager
    def hold(self, timeout: float, waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the lock; see :meth:`evidence_search.engines.Engine.lock`."""
        until = time.monotonic() + timeout
        token = secrets.token_hex(8)
        self._prepare()
        while (held := self._take(token)).get("token") != token:
            if waiting:
                waiting()
                waiting = None
            if time.monotonic() >= until:
                raise self._locked(_owner(held), timeout)
            time.sleep(min(_LOOK, max(until - time.monotonic(), 0)))
        released = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(token, released), daemon=True)
        keeper.start()
        self._holder.token = token
        try:
            yield
        finally:
            self._holder.token = None
            released.set()
            keeper.join()
            with suppress(EvidenceSearchError):  # it would expire by itself
                self._run(_RELEASE, token)

    def confirm(self) -> int:
        """Renew the lock that this thread holds; return the cluster's time, in milliseconds.

        Raises :class:`IndexLockedError` if it is lost.
        """
        token = getattr(self._holder, "token", None)
        if token is None:
            raise RuntimeError("expected the lock to be held")
        held = self._take(token)
        if held.get("token") != token:
            raise IndexLockedError(
                f"{self._location.url}: expected to go on writing, found that the connection "
                f"was lost for longer than {LEASE:g} s and {_owner(held)} writes now; "
                "run the command again; the index is as it was before"
            )
        return int(held["until"] - LEASE * 1000)

    def _prepare(self) -> None:
        with errors(self._location):
            if not self._client.indices.exists(index=self._index):
                # Another one may make it at the same time.
                self._client.indices.create(index=self._index, body=_SETTINGS, ignore=[400])

    def _keep(self, token: str, released: threading.Event) -> None:
        while not released.wait(_RENEWED):
            # What fails is tried again, and noticed before anything is committed.
            with suppress(EvidenceSearchError):
                self._take(token)

    def _take(self, token: str) -> dict[str, Any]:
        """Take or renew the lock, if that can be; return it, whoever has it."""
        held: dict[str, Any] = self._run(_TAKE, token).get("get", {}).get("_source", {})
        return held

    def _run(self, script: str, token: str) -> dict[str, Any]:
        params = {
            "token": token,
            "owner": f"{socket.gethostname()}, process {os.getpid()}",
            "lease": int(LEASE * 1000),
        }
        body = {
            "script": {"source": script, "lang": "painless", "params": params},
            "_source": True,
        }
        if script == _TAKE:
            body |= {"scripted_upsert": True, "upsert": {}}
        with errors(self._location):
            try:
                answer: dict[str, Any] = self._client.update(
                    index=self._index, id=_DOCUMENT, body=body, retry_on_conflict=3
                )
            except ConflictError:  # another one was quicker
                return {}
        return answer

    def _locked(self, owner: str, timeout: float) -> IndexLockedError:
        waited = f"waited {timeout:g} s for" if timeout > 0 else "found"
        return IndexLockedError(
            f"{self._location.url}: {waited} another process that is writing the index ({owner}); "
            "try again when it has finished, or name another --index"
        )


def _owner(held: Mapping[str, Any]) -> str:
    return str(held.get("owner", "another process"))
