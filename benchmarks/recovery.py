"""Build, search, edit, kill and recover a large corpus on each engine, all by the command line.

Run from the root of a checkout, after ``pip install -e '.[benchmark]'``::

    python -m benchmarks.recovery                         # 100,000 records, 20 kills an engine
    python -m benchmarks.recovery --records 1000          # a minute
    python -m tests.opensearch 1 python -m benchmarks.recovery    # on OpenSearch too

A first build is killed in its middle, then ended by another.  Then a record gets a new word, the
refresh for it is killed at a random moment, and after another refresh, which on a cluster waits
until the turn of the killed one is over, a search for the word must find that record and no other;
so often as was asked.  At last all these words are searched for again, and each record is
verified.  It prints what it did, with seconds by the clock, and ends with an error where something
was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import corpora
from benchmarks.systems import ENGINES, address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BUILT_IN_A_SECOND = 5000
"""More records than any engine builds: so a first build is killed while it runs."""


class Place:
    """A corpus, and the index of it on one engine."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.files = sorted((folder / "corpus").glob("*.txt"))
        self._variables = {
            **os.environ,
            "EVIDENCE_SEARCH_CORPUS": str(folder / "corpus"),
            "EVIDENCE_SEARCH_INDEX": address(engine, folder),
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the command."""
        return subprocess.Popen(
            [Path(sys.executable).with_name("evidence-search"), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._variables,
        )  # fmt: skip

    def run(self, *words: str) -> str:
        """Run the command, which must say that all went well, and return what it printed."""
        with self.start(*words) as process:
            printed, said = process.communicate()
        assert process.returncode == 0, f"{words}: {process.returncode}\n{printed}\n{said}"
        return printed

    def killed(self, after: float, *words: str) -> bool:
        """Run the command and kill it after so many seconds; tell whether it was still running."""
        with self.start(*words) as process:
            try:
                process.communicate(timeout=after)
            except subprocess.TimeoutExpired:
                process.kill()
                return True
        return False

    def found(self, query: str) -> list[dict[str, Any]]:
        """Return the records that a search finds."""
        answer = json.loads(self.run("search", query, "--exact", "--format", "json"))
        return [hit["record"] for hit in answer["hits"]]

    def edit(self, number: int) -> str:
        """Put a word that no record has at the end of a file's last record, and return it."""
        word = f"quagga{number}"
        path = self.files[number * 7 % len(self.files)]
        path.write_text(f"{path.read_text('utf-8').rstrip()} Of {word}.\n", encoding="utf-8")
        return word


def recovered(place: Place, records: int, kills: int) -> Iterator[tuple[str, str]]:
    """Do all of it with one index, and yield a line for each step."""
    amid, seconds = timed(place.killed, records / BUILT_IN_A_SECOND, "index", "--rebuild")
    when = "while it ran" if amid else "after its end"
    yield "a first build, killed", f"{seconds:.1f} s, {when}"
    _, seconds = timed(place.run, "index")
    yield "the build after it", f"{seconds:.1f} s"
    status = json.loads(place.run("index", "--status", "--format", "json"))
    assert status["documents"] == records, status
    found, seconds = timed(place.found, "treatment prison")
    assert found
    yield "a search", f"{seconds:.2f} s"
    words = [place.edit(0)]
    _, once = timed(place.run, "index")
    yield "an edit", f"{once:.2f} s"
    rng, running = random.Random(5), 0  # noqa: S311 - moments, no secret
    for number in range(1, kills + 1):
        words.append(place.edit(number))
        running += place.killed(rng.uniform(0, once), "index")
        place.run("index")
        (record,) = place.found(words[-1])
        assert record["summary"].endswith(f"Of {words[-1]}."), record
    yield f"{kills} refreshes, killed", f"{running} while they ran; each edit was found after it"
    found_again, seconds = timed(lambda: [len(place.found(word)) for word in words])
    assert found_again == [1] * len(words), found_again
    yield "each edit searched for again", f"{seconds:.1f} s"
    _, seconds = timed(place.run, "index", "--verify")
    yield "all records verified", f"{seconds:.1f} s"


def timed(do: Callable[..., Any], *values: object) -> tuple[Any, float]:
    """Return what a function returns for some values, and the seconds that it took."""
    begun = time.monotonic()
    returned = do(*values)
    return returned, time.monotonic() - begun


def main() -> None:
    """Recover indexes of as many records as the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="repeatable")
    arguments = parser.parse_args()
    for engine in arguments.engine or ENGINES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            corpora.write(folder / "corpus", corpora.entries(arguments.records))
            place = Place(folder, engine)
            for step, result in recovered(place, arguments.records, arguments.kills):
                print(f"{engine}: {step}: {result}", flush=True)


if __name__ == "__main__":
    main()
