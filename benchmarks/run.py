"""Measure building, refreshing, searching, memory and disk, for us and for others.

Run from the root of a checkout, after ``pip install -e '.[benchmark]'``::

    python -m benchmarks.run                     # to 100,000 records: half an hour, 4 GB of disk
    python -m benchmarks.run --size 1000         # one of them
    python -m benchmarks.run --size 1000000 --system evidence-search    # one system of one
    python -m benchmarks.run --collections FOLDER FOLDER    # nDCG of judged topics
    python -m benchmarks.run --report            # only write RESULTS.md again
    python -m tests.opensearch 1 python -m benchmarks.run   # on OpenSearch too

See ``README.md`` beside this file for what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import pty
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchmarks import corpora
from benchmarks.report import COMMAND, ON_TERMINAL, OPTIONS, write_report
from benchmarks.systems import (
    ENGINES,
    EXACT,
    HOSTS,
    NODES,
    OURS,
    SYSTEMS,
    TEXTS,
    address,
    edit_corpus,
    ours,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (20, 1_000, 10_000, 100_000, 1_000_000)
RESULTS = Path(__file__).parent / "results.json"
ROOT = Path(__file__).parent.parent
QUERIES_OF_A_LENGTH = 50
COLD_ROUNDS = 15
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, action="append", choices=SIZES, help="repeatable")
    parser.add_argument(
        "--system", choices=sorted(SYSTEMS.keys() - EXACT), action="append",
        help="measure only it, and keep the figures of others; repeatable",
    )  # fmt: skip
    parser.add_argument("--folder", type=Path, help="where to keep corpora and indexes")
    parser.add_argument(
        "--collections", type=Path, nargs="*", default=[], help="of documents, topics, judgements"
    )
    parser.add_argument("--report", action="store_true", help="measure nothing")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(*arguments.worker)
        return
    none = arguments.report or arguments.collections
    for size in arguments.size or (() if none else SIZES[:-1]):
        with tempfile.TemporaryDirectory() as temporary:
            folder = (arguments.folder or Path(temporary)) / str(size)
            measured = measure(folder, size, arguments.system or [*SYSTEMS])
            keep(str(size), measured, others=bool(arguments.system))
    if arguments.collections:
        keep("nDCG@10", {path.name: quality(path) for path in arguments.collections})
    write_report(json.loads(RESULTS.read_text()), RESULTS.with_name("RESULTS.md"))


def keep(name: str, measured: Any, *, others: bool = False) -> None:
    """Put figures into the file of results, in place of those of the same name.

    Those of ``others`` (default: none) than the systems that were measured stay.
    """
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if others:
        before = results.get(name, {"systems": {}, "about": {}})
        for part in ("systems", "about"):
            measured[part] = {**before[part], **measured[part]}
    results[name] = measured
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in results.items())
    RESULTS.write_text("{" + ",\n".join(lines) + "}\n")


def measure(folder: Path, size: int, wanted: Sequence[str]) -> dict[str, Any]:
    """Return all figures of some systems for one size; ``folder`` is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    bytes_of_text = make(folder, size)
    figures: dict[str, dict[str, Any]] = defaultdict(dict)
    systems = [
        name
        for name, system in SYSTEMS.items()
        if EXACT.get(name, name) in wanted and size <= system.most
    ]
    engines = [name for name in ENGINES if name in systems]
    for name in systems:
        if name not in EXACT:
            log(f"{size}: {name} builds")
            figures[name]["build"] = worker(name, "build", folder)
            figures[name]["disk"] = SYSTEMS[name].size(folder)
    time.sleep(3)  # what was written within a tick of the clock is looked at again
    for name in engines:
        worker(name, "refresh", folder)
    for name in systems:
        log(f"{size}: {name} searches")
        figures[name]["warm"] = worker(name, "warm", folder)
    log(f"{size}: cold searches")
    for name, runs in cold(folder, systems).items():
        figures[name]["cold"] = runs
    for name in engines:
        figures[name]["unchanged"] = [worker(name, "refresh", folder) for _ in range(5)]
    edit_corpus(folder)
    for name in systems:
        if name not in EXACT:
            log(f"{size}: {name} after an edit")
            figures[name]["edit"] = worker(name, "edit", folder)
    return {"systems": figures, "bytes of text": bytes_of_text, "about": about()}


def quality(collection: Path) -> dict[str, Any]:
    """Return the mean nDCG@10 of the topics of a collection on each engine."""
    from evidence_search.evaluation import documents_of, open_collection, read_topics
    from evidence_search.evaluation.measures import ndcg

    documents, topics = documents_of(collection), read_topics(collection)
    assert documents, f"{collection}: expected docs.jsonl"
    means: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / collection.name
        open_collection(documents, folder).close()
        for engine in ENGINES:
            log(f"{collection.name}: {engine}")
            with ours(engine, folder) as index:
                index.refresh()
                ranked = ((index.rank(t.query, limit=10), t.judgements) for t in topics)
                means[engine] = fmean(ndcg(ids, judged) for ids, judged in ranked)
    return {"topics": len(topics), "means": means}


def log(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def about() -> dict[str, str]:
    """Return what was measured, and on what."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = (line.partition(":") for line in cpuinfo.read_text().splitlines())
        names = [value.strip() for key, _, value in lines if key.strip() == "model name"]
        model = names[0] if names else model
    import sqlite3

    from tests import clusters

    return {
        "machine": f"{os.cpu_count()} × {model}, {platform.system()}",
        "Python": platform.python_version(),
        "evidence-search": version("evidence-search"),
        "whoosh3": version("whoosh3"),
        "SQLite FTS5": sqlite3.sqlite_version,
        "bm25s": version("bm25s"),
        "tantivy": version("tantivy"),
        **({"OpenSearch": clusters.client().info()["version"]["number"]} if HOSTS else {}),
    }


# Corpora


def make(folder: Path, size: int) -> int:
    """Write the corpus for us, the same records for the others, and queries; return its bytes."""
    folder.mkdir(parents=True)
    if size == SIZES[0]:
        shutil.copytree(ROOT / "corpus", folder / "corpus", ignore=shutil.ignore_patterns("*.md"))
        from evidence_search.index import EvidenceIndex

        records = EvidenceIndex(folder / "corpus", folder / "reading")
        records.refresh()
        made = [
            corpora.Entry("", r.title, r.publisher or "", "", r.year or 0, r.summary)
            for r in records.records
        ]
        written = (folder / "corpus" / "alcohol-e5.txt").stat().st_size
    else:
        written = corpora.write(folder / "corpus", corpora.entries(size))
        made = list(islice(corpora.entries(size), 2000))
    with (folder / TEXTS).open("w", encoding="utf-8") as file:
        for number, entry in enumerate(made if size <= len(made) else corpora.entries(size)):
            record = {"id": str(number), "title": entry.title, "text": entry.summary}
            file.write(json.dumps(record) + "\n")
    (folder / "texts").mkdir()
    if size == SIZES[0]:  # for the command that comes with Whoosh
        for number, entry in enumerate(made):
            text = f"{entry.title}\n\n{entry.summary}\n"
            (folder / "texts" / f"{number:02}.txt").write_text(text, encoding="utf-8")
        run([script("whoosh"), "index", str(folder / "texts")])
    queries = {n: corpora.queries(made, QUERIES_OF_A_LENGTH, n) for n in range(1, 5)}
    (folder / "queries.json").write_text(json.dumps(queries))
    return written


# Processes


def script(name: str) -> str:
    """Return the path of a command of this environment."""
    return str(Path(sys.executable).with_name(name))


def run(command: list[str], **options: Any) -> str:
    """Run a process and return its output."""
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, **options)  # noqa: PLW1510
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def worker(name: str, action: str, folder: Path) -> Any:
    """Do something with one system in a process of its own, and return what it measured."""
    command = [sys.executable, "-m", "benchmarks.run", "--worker", name, action, str(folder)]
    return json.loads(run(command, cwd=ROOT))


def work(name: str, action: str, given: str) -> None:
    """Be such a process."""
    folder, system = Path(given), SYSTEMS[name]
    if action == "warm":
        figures = warm(name, folder)
    else:
        begun, processor = time.perf_counter(), spent(name)
        {"build": system.build, "edit": system.edit, "refresh": system.build}[action](folder)
        figures = {
            "wall": time.perf_counter() - begun,
            "processor": spent(name) - processor,
            "memory": peak_memory(),
        }
    print(json.dumps(figures))


def spent(name: str) -> float:
    """Return the seconds of processor time so far that count for a system.

    They are those of this process and of its children that have ended; on a cluster, of its
    nodes as well.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime + nodes(name)


def nodes(name: str) -> float:
    """Return the seconds of processor time so far of the nodes that a system is on, if it is."""
    if "OpenSearch" not in name:
        return 0.0
    ticks = 0
    for process in os.environ[NODES].split(","):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # user and system
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_memory() -> int:
    """Return the greatest number of bytes that this process has had in memory."""
    status = Path("/proc/self/status")
    if status.exists():  # rusage would count what the parent had when it started this process
        lines = (line.split() for line in status.read_text().splitlines())
        return next(int(line[1]) for line in lines if line[0] == "VmHWM:") * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def warm(name: str, folder: Path) -> dict[str, Any]:
    """Return milliseconds of each query, none asked before, in a process that is warm."""
    queries = json.loads((folder / "queries.json").read_text())
    search = SYSTEMS[name].open(folder)
    search("treatment prison")
    found: dict[str, Any] = {}
    for words, texts in queries.items():
        times = []
        for text in texts:
            begun = spent(name)
            search(text)
            times.append(round((spent(name) - begun) * 1000, 3))
        found[words] = times
    found["memory"] = peak_memory()
    return found


COLD = """
import sys
from pathlib import Path
from benchmarks.systems import SYSTEMS
SYSTEMS[sys.argv[1]].open(Path(sys.argv[2]))(sys.argv[3])
"""


def cold(folder: Path, systems: Sequence[str]) -> dict[str, list[float]]:
    """Return milliseconds of whole processes that answer one query, all systems in turn."""
    queries = json.loads((folder / "queries.json").read_text())
    texts = [queries["2"][n] if n % 2 else queries["3"][n] for n in range(COLD_ROUNDS)]
    times: dict[str, list[float]] = defaultdict(list)
    named = {**os.environ, "EVIDENCE_SEARCH_CORPUS": str(folder / "corpus")}
    for round_, text in enumerate(["treatment", *texts]):
        commands = {
            name: [sys.executable, "-c", COLD, name, str(folder), text]
            for name in systems
            if name not in {*ENGINES, *EXACT}
        }
        environments = {
            name: {**named, "EVIDENCE_SEARCH_INDEX": address(name, folder)}
            for name in systems
            if name in ENGINES
        }
        for name in environments:
            commands[name] = [script("evidence-search"), "search", text]
        if OURS in environments:
            commands[OPTIONS] = [
                script("evidence-search"), "--corpus", named["EVIDENCE_SEARCH_CORPUS"],
                "--index", address(OURS, folder), "search", text,
            ]  # fmt: skip
        commands["Python alone"] = [sys.executable, "-c", "pass"]
        if (folder / "texts" / ".whoosh_index").exists():
            commands[COMMAND] = [script("whoosh"), "search", "--or", text, str(folder / "texts")]
        for name in (OURS, COMMAND):
            if name in commands:
                commands[ON_TERMINAL.format(name)] = commands[name]
        for name, command in commands.items():
            terminal = name.endswith(ON_TERMINAL.format(""))
            environment = environments.get(OURS if terminal else name, dict(os.environ))
            # Where there's another corpus, a search says that this one was named.
            place = ROOT if command[1] == "-c" else folder
            before = nodes(name)
            taken = processor_time(command, environment, place, terminal=terminal)
            if round_:  # the first is for the caches of the file system and of Python
                times[name].append(round(taken + (nodes(name) - before) * 1000, 3))
    return times


def processor_time(
    command: list[str], environment: dict[str, str], place: Path, *, terminal: bool
) -> float:
    """Return the milliseconds of processor time, user and system, of a process."""
    environment = {k: v for k, v in environment.items() if k != "PYTHONDONTWRITEBYTECODE"}
    ours, theirs = pty.openpty() if terminal else (None, subprocess.DEVNULL)
    environment["PAGER"] = "cat"
    with subprocess.Popen(
        command, cwd=place, env=environment, stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        if ours is not None:
            os.close(theirs)
            with suppress(OSError):  # Linux's way to say that nobody has it open any more
                while os.read(ours, 1 << 16):
                    pass
            os.close(ours)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


if __name__ == "__main__":
    main()
