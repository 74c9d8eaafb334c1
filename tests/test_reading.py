"""Files that several processes read give what one process does, and nothing stays behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_search.errors import CorpusError
from evidence_search.index import EvidenceIndex, reading
from tests.conftest import ROOT

CELL = (ROOT / "corpus" / "alcohol-e5.txt").read_bytes()
RIS = b"TY  - JOUR\nTI  - Stripes in clinics\nPY  - 2011\nER  - \n"
CONTENTS = st.sampled_from(
    [CELL, RIS, RIS * 300, b"", b"no cell at all", b"\xff\xfe\x00", b"PK\x03\x04xl/", b"{" * 5000]
)
LIMIT = 20_000
"""Bytes; the cell and the many records are larger."""


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(CONTENTS, min_size=1, max_size=9), st.integers(1, 3), st.booleans())
def test_several_processes_read_what_one_does_in_the_same_order(
    contents: list[bytes], count: int, limited: bool
) -> None:
    limit = LIMIT if limited else 10**9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, data in enumerate(contents):
            (folder / f"{number}.txt").write_bytes(data)
        paths = [*(f"{n}.txt" for n in range(len(contents))), "that-is-gone.txt"]
        alone = [(path, reading.read(folder, path, limit)) for path in paths[:-1]]
        parts: dict[str, list[float]] = {path: [] for path in paths}
        several = [
            *reading.read_all(
                folder, paths, limit, count, lambda path, part: parts[path].append(part)
            )
        ]
    assert several == [*alone, ("that-is-gone.txt", None)]
    assert all(done == sorted(done) and done[-1] == 1.0 for done in parts.values())


def test_an_index_is_the_same_however_many_processes_read_its_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(5):
        (corpus / f"{number}.ris").write_bytes(RIS.replace(b"Stripes", b"Stripes %d" % number) * 3)
    (corpus / "gone.txt").symlink_to("/nowhere")
    (corpus / "other.txt").write_text("no cell")

    def built(name: str) -> tuple[object, ...]:
        index = EvidenceIndex(corpus, tmp_path / name)
        done: list[int] = []
        refreshed = index.refresh(progress=lambda part, whole: done.append(part * 100 // whole))
        assert done == sorted(done)
        return (
            (*index.records,),
            refreshed.problems,
            index.search("stripes").hits,
            index.verify()[0],
        )

    alone = built("alone")
    monkeypatch.setattr(reading, "WORTH", 0)
    monkeypatch.setattr(reading, "_cpus", lambda: 2)
    assert built("several") == alone


SCRIPT = """
import os, signal, sys
from pathlib import Path
from evidence_search.index import reading

print("begun", flush=True)

def children():
    return Path("/proc/self/task", str(os.getpid()), "children").read_text().split()

paths = sorted(path.name for path in Path(sys.argv[1]).iterdir())
files = reading.read_all(Path(sys.argv[1]), paths, 10**9, 2, lambda path, part: None)
try:
    for number, (path, found) in enumerate(files):
        if number == 1 and sys.argv[2] == "interrupt":
            signal.raise_signal(signal.SIGINT)
        if number == 1 and sys.argv[2] == "kill":
            for child in children():
                os.kill(int(child), signal.SIGKILL)
except KeyboardInterrupt:
    files.close()
    print("interrupted")
print("left", children(), "read", number + 1)
"""


def run(script: Path, corpus: Path, what: str) -> str:
    command = [sys.executable, str(script), str(corpus), what]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=300
    )
    assert not done.stderr
    return done.stdout


def test_no_process_stays_behind_and_no_script_runs_twice(tmp_path: Path) -> None:
    corpus, script = tmp_path / "corpus", tmp_path / "script.py"
    corpus.mkdir()
    for number in range(30):
        (corpus / f"{number:02}.ris").write_bytes(RIS * 50)
    script.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{SCRIPT}")
    assert run(script, corpus, "wait") == "begun\nleft [] read 30\n"
    assert run(script, corpus, "kill") == "begun\nleft [] read 30\n"
    assert run(script, corpus, "interrupt") == "begun\ninterrupted\nleft [] read 2\n"


def test_what_a_process_cannot_read_raises_where_it_is_asked_for(tmp_path: Path) -> None:
    assert [*reading.read_all(tmp_path, ["none.txt"], 9, 1, lambda *_: None)] == [
        ("none.txt", None)
    ]
    with pytest.raises(CorpusError, match=r"none.txt: can't be read"):
        reading.read(tmp_path, "none.txt", 9)


def test_few_or_small_files_are_read_without_other_processes() -> None:
    assert reading.processes({"a": 10, "b": 20}) == 0
    assert reading.processes({"a": reading.WORTH * 2}) == 0
    assert reading.processes({}) == 0
