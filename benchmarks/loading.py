"""How fast the loader reads a bank of cells, and how much memory that takes.

Run ``python benchmarks/loading.py``.  It writes ten thousand cells into a
temporary folder (``--cells`` sets another number), each with the structure of
the bundled cell E5 and other words, the same ones at every run; reads them
through ``read_corpus`` on one core; and prints records a second, of processor
time and by the clock (the same on a machine that does nothing else), and the
peak of the process's memory over what it was before.
"""

from __future__ import annotations

import argparse
import platform
import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.corpus import read_corpus

if TYPE_CHECKING:
    from collections.abc import Mapping

E5 = Path(__file__).parent.parent / "corpus" / "alcohol-e5.txt"
SEED = 5
# Words that are part of the structure: the loader looks for them.
_KEPT = set(
    "see also similar associated report policy update published guidance above below for related "
    "discussion discussions click here scroll down highlighted heading headings free alternative "
    "source more retrieve matrix bite cell alcohol treatment seminal studies reviews".split()
)
_WORD = re.compile(r"\b[a-z]{4,}\b")
_TITLE = re.compile(r"^([SKRG](?: [SKRG])* .*?) (\((?:\[|[A-Z0-9]))", re.MULTILINE)


def main() -> None:
    """Write the cells, read them, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=10_000)
    cells = parser.parse_args().cells
    with tempfile.TemporaryDirectory() as name:
        size = write(Path(name), cells)
        before = _peak()
        begun = time.perf_counter(), time.process_time()
        records = problems = 0
        for file in read_corpus(Path(name)):
            records += len(file.records)
            problems += len(file.problems)
        seconds = time.perf_counter() - begun[0]
        busy = time.process_time() - begun[1]
        grown = _peak() - before
    assert records == 20 * cells
    print(f"Python {platform.python_version()}, {platform.machine()}, one core, seed {SEED}")
    print(f"{cells} cells, {records} records, {size / 1e6:.0f} MB of text, {problems} problems")
    print(f"{busy:.1f} s of processor time: {records / busy:.0f} records a second")
    print(f"{seconds:.1f} s by the clock: {records / seconds:.0f} records a second")
    print(f"peak memory {grown / 1e6:.0f} MB above {before / 1e6:.0f} MB at the start")


def write(folder: Path, cells: int) -> int:
    """Write cells into a folder, and return how many bytes they have."""
    rng = random.Random(SEED)  # noqa: S311 - a corpus, no secret
    page = E5.read_text(encoding="utf-8")
    words = sorted(set(_WORD.findall(page)) - _KEPT)
    size = 0
    for number in range(cells):
        others = dict(zip(words, rng.sample(words, len(words)), strict=True))
        text = _cell(page, others, number)
        size += (folder / f"cell-{number:05}.txt").write_bytes(text.encode())
    return size


def _cell(page: str, others: Mapping[str, str], number: int) -> str:
    # The header stays: its names are those of the matrix.
    first = next(_TITLE.finditer(page)).start()
    text = page[:first] + _WORD.sub(lambda word: others.get(word[0], word[0]), page[first:])
    return _TITLE.sub(lambda title: f"{title[1]}, number {number} {title[2]}", text)


def _peak() -> int:
    """Return the most memory that the process has had, in bytes (Linux counts in kilobytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
