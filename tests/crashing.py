"""Kill a process that refreshes an index, at many random moments, and look at what it left.

Run as a program, with a folder, how often to kill, a seed, and "tantivy:" for that
engine.  It forks, so that no interpreter has to start for each kill; it ends with an
error where an index wasn't whole, and prints how many kills came in the middle of a
write.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sys
import time
from pathlib import Path

from evidence_search.index import EvidenceIndex
from evidence_search.index.ledger import documents_of, listed

FILES = ("a.txt", "b.txt", "sub/c.txt")
RECORDS = 3
LOCKS = {"evidence-search.lock", "MAIN_WRITELOCK"}
TANTIVYS = {"meta.json", ".managed.json", ".tantivy-writer.lock", ".tantivy-meta.lock", *LOCKS}


def edit(corpus: Path, tag: str) -> None:
    """Give every record of the corpus a summary with ``tag``."""
    for n, name in enumerate(FILES):
        entries = "\n\n".join(f"K Study {n} {i} (2011). Of {tag}." for i in range(RECORDS))
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}")
        heading = f"Drug Treatment Matrix cell A{n + 1}: X; Y"
        new.write_text(f"{heading}\n\n{entries}\n", encoding="utf-8")
        new.replace(path)


def refresh_forever(corpus: Path, index: str, name: str) -> None:
    opened = EvidenceIndex(corpus, index)
    n = 0
    while True:
        n += 1
        edit(corpus, f"{name}x{n}")
        opened.refresh(rebuild=n % 3 == 0)


def left_over(index: EvidenceIndex) -> set[str]:
    """Return the names of files that are of no use to the newest state."""
    names = {entry.name for entry in index.index_folder.iterdir()}
    if "meta.json" in names:
        contents = json.loads((index.index_folder / "meta.json").read_text(encoding="utf-8"))
        segments = {one["segment_id"].replace("-", "") for one in contents["segments"]}
        return {name for name in names if name.partition(".")[0] not in segments} - TANTIVYS
    state = max(name for name in names if name.endswith(".toc"))
    manifest = f"evidence-search-{re.sub('[^0-9]', '', state)}.json"
    segments = {name for name in names if name.endswith(".seg")}
    used = index._view.snapshot.storage.files  # type: ignore[attr-defined]
    assert segments >= {name for name in used if name.endswith(".seg")}
    return names - {*used, manifest, *LOCKS}


def look(corpus: Path, index: str) -> bool:
    """Check what a killed process left; return whether it was in the middle of a write."""
    with EvidenceIndex(corpus, index) as opened:
        records = opened.records
        (tag,) = {record.summary.split()[1].rstrip(".") for record in records}
        assert len(records) == len(opened) == len(FILES) * RECORDS
        assert opened.search(tag, exact=True).total == len(records)
        assert opened._view.counts()[tag] == len(records)
        documents = documents_of(listed(opened._view.ledger()), opened._view.decisions())
        assert documents.keys() == {record.id for record in records}
        assert not list(opened._view.snapshot.damage())
        amid = bool(left_over(opened))
        opened.refresh()
        assert not opened.changes()
        edit(corpus, "settled")
        opened.refresh()
        assert not left_over(opened)
    return amid


def main(folder: Path, kills: int, seed: int, engine: str = "") -> None:
    corpus, index = folder / "corpus", f"{engine}{folder / 'index'}"
    moments = random.Random(seed)  # noqa: S311 - not for secrets
    edit(corpus, "first")
    with EvidenceIndex(corpus, index) as opened:
        begun = time.perf_counter()
        opened.refresh(rebuild=True)
        edit(corpus, "second")
        opened.refresh(rebuild=True)
        edit(corpus, "third")
        begun = time.perf_counter()
        opened.refresh()
    took = time.perf_counter() - begun
    amid = 0
    for kill in range(kills):
        process = os.fork()
        if not process:
            try:
                refresh_forever(corpus, index, f"v{kill}")
            finally:
                os._exit(1)
        time.sleep(moments.uniform(0, 3 * took))
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        assert os.WIFSIGNALED(status), "it ended by itself"
        amid += look(corpus, index)
    with EvidenceIndex(corpus, index) as opened:
        assert not opened.verify().differences
    print(f"{kills} kills, {amid} amid a write, {time.perf_counter() - begun:.1f} s")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
