"""The cluster that tests of the engine on OpenSearch use, where one is named.

``EVIDENCE_SEARCH_TEST_CLUSTER`` has its hosts (``127.0.0.1:19200``);
``python -m tests.opensearch`` starts one.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from evidence_search.engines import Address, address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opensearchpy import OpenSearch

VARIABLE = "EVIDENCE_SEARCH_TEST_CLUSTER"
NODES = "EVIDENCE_SEARCH_TEST_NODES"
"""Names the processes of its nodes, in the order of its hosts."""
HOSTS = os.environ.get(VARIABLE, "") if find_spec("opensearchpy") else ""
on_a_cluster = pytest.mark.skipif(
    not HOSTS, reason=f"no OpenSearch in {VARIABLE}; python -m tests.opensearch starts one"
)


def client() -> OpenSearch:
    """Return what asks the cluster directly."""
    from evidence_search.engines.opensearch.connection import Location, connect

    return connect(Location.of(f"opensearch://{HOSTS}/any"))


def indices(name: str) -> list[str]:
    """Return the names of the indices there that begin with one."""
    asking = client()
    try:
        found = asking.indices.get_alias(index=f"{name}*")
        return sorted(index for index in found if not index.endswith("-lock"))
    finally:
        asking.close()


@contextmanager
def place() -> Iterator[Address]:
    """Give an address on the cluster that nobody else has, and leave nothing there."""
    name = f"test-{secrets.token_hex(6)}"
    try:
        yield address(f"opensearch://{HOSTS}/{name}")
    finally:
        asking = client()
        asking.indices.delete(index=f"{name}-*")
        asking.close()
