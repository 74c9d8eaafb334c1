"""The states of an index on a cluster: each is an index of its own, and an alias names the newest.

A state is made (:func:`make`, empty or as a clone of the one before, which costs hardly more
than the names of its files), filled, checked and sealed against writes.  Then one call
(:func:`publish`) moves the alias to it and marks the one before with the time until which
readers may go on with it, or does neither.  What has no mark was never published:
its writer was killed, or lost the lock.

Rejected: one index with the number of its state in each document (each search would leave
aside what is newer or gone, and each commit would touch what it replaces twice).
"""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.engines.opensearch.connection import SECONDS, errors
from evidence_search.engines.opensearch.documents import index_body, schema_mark
from evidence_search.errors import IndexDamagedError, SearchIndexError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opensearchpy import OpenSearch

    from evidence_search.engines import Schema
    from evidence_search.engines.opensearch.connection import Location

OURS = "evidence-search"
"""The name in a mapping's ``_meta`` of what we keep there."""
GRACE = 900.0
"""Seconds that a state is kept for readers after another took its place."""
MOST_KEPT = 20
"""States; the oldest goes sooner, since a cluster has only so many shards."""
_WRITING, _UNTIL = "writing", "until"


class State(NamedTuple):
    """A state: its index, and what its writer noted of it."""

    name: str
    documents: int
    lengths: Mapping[str, int]


def newest(client: OpenSearch, location: Location) -> str:
    """Return the index of the newest state; ``""`` where there's none."""
    from opensearchpy.exceptions import NotFoundError

    with errors(location):
        try:
            found = client.indices.get_alias(name=location.name)
        except NotFoundError:
            return ""
    return str(next(iter(found)))


def opened(client: OpenSearch, location: Location, schema: Schema) -> State | None:
    """Return the newest state, if there's one.

    Raises :class:`IndexDamagedError` for one of another format or schema, and
    :class:`SearchIndexError` where the name is somebody else's.
    """
    with errors(location):
        found = client.indices.get(index=location.name, ignore_unavailable=True)
    if not found:
        return None
    index, about = next(iter(found.items()))
    meta = about["mappings"].get("_meta", {}).get(OURS)
    if not _is_state(location, index) or meta is None or len(found) > 1:
        raise SearchIndexError(
            f"{location.url}: expected an index of this program's, found one of another's; "
            "name another --index"
        )
    made = meta.get("made")
    if made != schema_mark(schema) or "documents" not in meta:
        raise IndexDamagedError(
            f"{location.url}: expected an index of {schema_mark(schema)}, found {made}; "
            "run: evidence-search index --rebuild"
        )
    return State(index, meta["documents"], meta["lengths"])


def make(client: OpenSearch, location: Location, schema: Schema, base: str) -> str:
    """Make the index of a new state, empty or as a clone of ``base``; return its name.

    It has an alias :func:`writing_alias` under which it is written: were it removed, writing
    would fail in place of making another index of its name.
    """
    index = f"{location.name}-state-{time.time_ns():016x}{secrets.token_hex(4)}"
    aliases: dict[str, Any] = {writing_alias(index): {}}
    with errors(location):
        if base:
            settings = {"index.blocks.write": None, "index.refresh_interval": "-1"}
            body: dict[str, Any] = {"settings": settings, "aliases": aliases}
            made = client.indices.clone(index=base, target=index, body=body)
        else:
            body = index_body(schema, {OURS: {"made": schema_mark(schema)}})
            made = client.indices.create(index=index, body={**body, "aliases": aliases})
    if not made["shards_acknowledged"]:
        raise SearchIndexError(
            f"{location.url}: expected a cluster that can hold a new state, found none of its "
            "nodes with room for it; see its health; the index is as it was before"
        )
    return index


def writing_alias(index: str) -> str:
    """Return the name under which a state is written until it is sealed."""
    return f"{index}-{_WRITING}"


def settle(client: OpenSearch, location: Location, index: str) -> None:
    """Wait until a state has the copies that the cluster has nodes for, half a minute at most.

    So the loss of one node loses no state that was published.
    """
    with errors(location):
        client.cluster.health(
            index=index,
            params={
                "wait_for_no_initializing_shards": "true",
                "timeout": "30s",
                "request_timeout": SECONDS,
            },
        )


def seal(
    client: OpenSearch,
    location: Location,
    schema: Schema,
    index: str,
    counted: tuple[int, Mapping[str, int]],
) -> None:
    """Note of a state how many documents it has and tokens in their fields; allow no more."""
    documents, lengths = counted
    meta = {"made": schema_mark(schema), "documents": documents, "lengths": dict(lengths)}
    with errors(location):
        client.indices.put_mapping(index=index, body={"_meta": {OURS: meta}})
        client.indices.put_settings(index=index, body={"index.blocks.write": True})


def publish(client: OpenSearch, location: Location, index: str, base: str, now: int) -> None:
    """Let the alias name a state in place of ``base``, in one step; ``now`` in milliseconds.

    There can be only one index that an alias writes to; so where the alias is at another
    than ``base`` by now, the cluster refuses.
    """
    add = {"index": index, "alias": location.name, "is_write_index": True}
    actions: list[Mapping[str, Any]] = [
        {"add": add},
        {"remove": {"index": index, "alias": writing_alias(index)}},
    ]
    if base:
        until = now + int(GRACE * 1000)
        actions = [
            {"remove": {"index": base, "alias": location.name}},
            {"add": {"index": base, "alias": f"{base}-{_UNTIL}-{until}"}},
            *actions,
        ]
    with errors(location):
        answer = client.indices.update_aliases(body={"actions": actions})
    if not answer["acknowledged"]:
        raise SearchIndexError(
            f"{location.url}: expected every node to know the new state in time, found some that "
            "don't answer; see the cluster's health, and run: evidence-search index"
        )


def sweep(client: OpenSearch, location: Location, now: int) -> None:
    """Remove the states that were never published, or whose readers had their time by ``now``.

    The lock must be held.  Names of states are in the order of their making.
    """
    with errors(location):
        found = client.indices.get_alias(index=f"{location.name}-state-*")
        states = {index: found[index]["aliases"] for index in found if _is_state(location, index)}
        others = sorted(index for index in states if location.name not in states[index])
        kept = [i for i in others if not all(_over(i, alias, now) for alias in states[i])]
        for index in {*others} - {*kept[max(len(kept) - MOST_KEPT, 0) :]}:
            client.indices.delete(index=index, ignore_unavailable=True)


def remove(client: OpenSearch, location: Location, index: str) -> None:
    """Remove a state that isn't to be published."""
    with errors(location):
        client.indices.delete(index=index, ignore_unavailable=True)


def _is_state(location: Location, index: str) -> bool:
    return bool(re.fullmatch(re.escape(location.name) + r"-state-[0-9a-f]{24}", index))


def _over(index: str, alias: str, now: int) -> bool:
    """Tell whether an alias of a state doesn't keep it any longer."""
    until = alias.removeprefix(f"{index}-{_UNTIL}-")
    return not until.isdecimal() or int(until) < now
