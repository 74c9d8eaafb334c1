"""Eight readers and a writer at work on one index at once.

Run as a program, with a folder and how often to write it.  Four readers are
processes that open the index anew each time; four are threads that share the
writer's own.  All read until the writer has done.  Each state of the corpus has another
word in all of its records, so that half of one state and half of another would show.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.index import EvidenceIndex
from tests.crashing import FILES, RECORDS, edit

if TYPE_CHECKING:
    from collections.abc import Callable

TOTAL = len(FILES) * RECORDS
PROCESSES, THREADS = 4, 4
DONE = "done"


def read(index: EvidenceIndex) -> None:
    """Search once, and check that the answer is of one whole state."""
    found = index.search("study", limit=None)
    assert found.total == len(found) == sum(found.facets["cell"].values()) == TOTAL
    (tag,) = {hit.record.summary.split()[1].rstrip(".") for hit in found}
    assert tag.startswith("state")
    index.search("stat* statte~ nonsense")


def read_alone(corpus: Path, folder: Path) -> None:
    while not (folder / DONE).exists():
        with EvidenceIndex(corpus, folder / "index") as index:
            read(index)


def forked(work: Callable[[], None]) -> int:
    """Run ``work`` in a process of its own; return its id."""
    process = os.fork()
    if not process:
        status = 1
        try:
            work()
            status = 0
        except BaseException:  # noqa: BLE001 - it is said, and the process ends with 1
            traceback.print_exc()
        finally:
            os._exit(status)
    return process


def main(folder: Path, times: int) -> None:
    corpus = folder / "corpus"
    edit(corpus, "state0")
    with EvidenceIndex(corpus, folder / "index") as index:
        index.refresh()
        read(index)  # what is imported late is imported now, for the processes
        processes = [forked(lambda: read_alone(corpus, folder)) for _ in range(PROCESSES)]
        done = [0] * THREADS
        failed: list[BaseException] = []

        def read_together(n: int) -> None:
            try:
                while not (folder / DONE).exists():
                    read(index)
                    done[n] += 1
            except BaseException as error:
                failed.append(error)
                raise

        threads = [threading.Thread(target=read_together, args=(n,)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for state in range(1, times + 1):
            edit(corpus, f"state{state}")
            refreshed = index.refresh(rebuild=state % 5 == 0)
            assert refreshed.documents == TOTAL
        (folder / DONE).touch()
        for thread in threads:
            thread.join()
        for process in processes:
            assert os.waitpid(process, 0)[1] == 0, "a reading process failed"
        assert not failed
        assert all(done)
        assert index.search(f"state{times}", exact=True).total == TOTAL
        assert not index.verify().differences
    print(f"{times} states; {sum(done)} searches in threads")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
