"""What the page costs: processor time and bytes of each of its views.

::

    python -m benchmarks.page                 # cell E5, and 10,000 records made from a seed

The application answers in this process, without a network, so the times are the server's own:
processor time of the whole process, which other work on the machine changes least.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from benchmarks import corpora
from evidence_search.calls.desk import Desk
from evidence_search.index import EvidenceIndex
from evidence_search.web.site import Site

if TYPE_CHECKING:
    from starlette.applications import Starlette

TIMES = 20
"""Queries, none asked before, of which each view is shown; where it has none, times."""
STRATEGY = quote("1. prison*\n2. treatment OR throughcare\n3. 1 and 2\n4. limit 3 to yr=2005-2015")


def main(count: int) -> None:
    """Measure the views of cell E5 and of ``count`` records, and print a table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpora.write(folder / "corpus", corpora.entries(count))
        print("| | milliseconds, median | the slowest | kilobytes |")
        print("| --- | ---: | ---: | ---: |")
        for corpus, label in (
            (corpora.CORPUS, "cell E5"),
            (folder / "corpus", f"{count:,} records"),
        ):
            index = EvidenceIndex(corpus, folder / label)
            index.refresh()
            made = list(islice(corpora.entries(count), 2000))
            queries = [q for words in (1, 2, 3) for q in corpora.queries(made, TIMES, words)]
            measure(index, label, queries)


def measure(index: EvidenceIndex, label: str, queries: list[str]) -> None:
    """Print a row for each view of an index."""
    application = Site(Desk(index)).application()
    record = quote(index.ids()[0], safe="")
    fresh = iter(queries)
    views = {
        "first page, cold": ["/"],
        "first page": ["/"] * TIMES,
        "a search": [f"/?q={quote(next(fresh))}" for _ in range(TIMES)],
        "a search, filtered": [f"/?q={quote(next(fresh))}&category=K" for _ in range(TIMES)],
        "all records, page 7": ["/?page=7"] * TIMES,
        "a record": [f"/records/{record}"] * TIMES,
        "the map of all": ["/map"] * TIMES,
        "the map of a search": [f"/map?q={quote(next(fresh))}" for _ in range(TIMES)],
        "the timeline of all": ["/timeline"] * TIMES,
        "a strategy": [f"/strategy?text={STRATEGY}"] * TIMES,
        "/api/search": ["/api/search?q=prison"] * TIMES,
        "/api/facets": ["/api/facets"] * TIMES,
    }
    for view, addresses in views.items():
        taken, sizes = [], []
        for address in addresses:
            gc.collect()
            begun = time.process_time()
            size = asyncio.run(answered(application, address))
            taken.append(1000 * (time.process_time() - begun))
            sizes.append(size)
        slowest, size = max(taken), median(sizes) / 1000
        print(f"| {label}: {view} | {median(taken):.0f} | {slowest:.0f} | {size:.0f} |", flush=True)


async def answered(application: Starlette, address: str) -> int:
    """Ask as a server does, and return the bytes of the answer."""
    path, _, query = address.partition("?")
    sizes: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, address
        sizes.append(len(message.get("body", b"")))

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1")], "scheme": "http",
        "server": ("127.0.0.1", 80), "root_path": "", "http_version": "1.1",
    }  # fmt: skip
    await application(scope, receive, send)
    return sum(sizes)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10_000)
