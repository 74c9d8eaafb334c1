"""What one corpus costs on each engine: building, one edit, searching, and room, by the clock.

::

    python -m benchmarks.scale 20000 whoosh tantivy
    python -m tests.opensearch 1 python -m benchmarks.scale 100000 tantivy opensearch

OpenSearch needs a cluster (see ``tests.clusters``).  Its work is done in other
processes, so that all times here are those of the clock: on an idle machine, please.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import corpora
from benchmarks.systems import edit_corpus
from evidence_search.index import EvidenceIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

QUERIES = 40
"""Of each number of words, from 1 to 4."""


def main(count: int, engines: Sequence[str]) -> None:
    """Measure some engines with ``count`` records, and print a table."""
    hosts = os.environ.get("EVIDENCE_SEARCH_TEST_CLUSTER")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpora.write(folder / "corpus", corpora.entries(count))
        made = list(islice(corpora.entries(count), 2000))
        queries = [
            query for words in range(1, 5) for query in corpora.queries(made, QUERIES, words)
        ]
        print(f"| {count:,} records | build s | one edit s | open ms | median ms | p95 ms | MB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        places = {
            "whoosh": f"{folder}/whoosh",
            "tantivy": f"tantivy:{folder}/tantivy",
            "opensearch": f"opensearch://{hosts}/scale-{os.getpid()}",
        }
        for engine in engines:
            print(row(folder, places[engine], queries), flush=True)


def row(folder: Path, place: str, queries: list[str]) -> str:
    """Return the figures of one engine as a row of the table."""
    index = EvidenceIndex(folder / "corpus", place)
    built = seconds(index.refresh)
    time.sleep(3)  # what was written within a tick of the clock is looked at again
    index.refresh()
    edit_corpus(folder)
    edited = seconds(index.refresh)
    opened = min(seconds(lambda: EvidenceIndex(folder / "corpus", place)) for _ in range(3))
    index.search(queries[0])
    times = sorted(seconds(lambda query=query: index.search(query)) for query in queries[1:])
    late = times[len(times) * 95 // 100]
    status = index.status()
    return (
        f"| {status.engine.split(',')[0]} | {built:.0f} | {edited:.2f} | {opened * 1000:.0f} "
        f"| {statistics.median(times) * 1000:.0f} | {late * 1000:.0f} | {status.size / 1e6:.0f} |"
    )


def seconds(action: Callable[[], object]) -> float:
    """Return how long something takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
