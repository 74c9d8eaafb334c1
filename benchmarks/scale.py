"""What one corpus costs on each engine: building, one edit, searching, and room.

::

    python -m benchmarks.scale 20000 whoosh tantivy
    python -m tests.opensearch 1 python -m benchmarks.scale 100000 tantivy opensearch

OpenSearch needs a cluster (see ``tests.clusters``).  Times are processor time, which other work
on the machine changes least, of this process and of the nodes of the cluster together.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import corpora
from benchmarks.systems import edit_corpus
from evidence_search.index import EvidenceIndex
from tests import clusters

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
        print(f"| {count:,} records | build s | one edit s | a search ms | MB |")
        print("| --- | ---: | ---: | ---: | ---: |")
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
    processor = nodes if place.startswith("opensearch") else time.process_time

    def seconds(action: Callable[[], object]) -> float:
        begun = processor()
        action()
        return processor() - begun

    built = seconds(index.refresh)
    time.sleep(3)  # what was written within a tick of the clock is looked at again
    index.refresh()
    edit_corpus(folder)
    edited = seconds(index.refresh)
    index.search(queries[0])
    searched = seconds(lambda: [*map(index.search, queries[1:])])
    status = index.status()
    return (
        f"| {status.engine.split(',')[0]} | {built:.0f} | {edited:.2f} "
        f"| {searched * 1000 / len(queries[1:]):.0f} | {status.size / 1e6:.0f} |"
    )


def nodes() -> float:
    """Return the processor time of this process and of all nodes so far, in seconds."""
    time.sleep(1.1)  # a node looks at its own once a second
    asking = clusters.client()
    stats = asking.nodes.stats(metric="process")["nodes"].values()
    asking.close()
    spent = sum(node["process"]["cpu"]["total_in_millis"] for node in stats)
    return time.process_time() + spent / 1000


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
