"""What ``docs/reliability.md`` promises of refreshing, full disks, permissions and concurrency."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

import evidence_search as es
from evidence_search import corpus as corpora
from evidence_search import signing
from evidence_search.engines.folders import LOCK, errors
from evidence_search.engines.whoosh import WhooshWriter
from evidence_search.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexUnwritableError,
    SearchIndexError,
)
from evidence_search.index import EvidenceIndex
from evidence_search.index.state import Changes, Status
from evidence_search.render import render
from evidence_search.watching import watch
from tests.conftest import FULL, IN_MEMORY, LOCAL_ENGINES, ROOT, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from evidence_search.index.state import Refreshed

NOBODY = 65534
HEADING = "Drug Treatment Matrix cell A1: Interventions; Reducing harm\n\n"


def titles(index: EvidenceIndex, query: str) -> set[str]:
    return {hit.record.title for hit in index.search(query, limit=None, exact=True)}


def page(corpus: Path, name: str, *entries: str) -> Path:
    path = corpus / name
    path.write_text(HEADING + "\n\n".join(entries) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a corpus of two pages with two records each."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    page(corpus, "a.txt", "K Zebras (2011). Stripes.", "K Horses (2012). Hooves.")
    page(corpus, "b.txt", "R Foals (2013). Legs.", "G Ponies (2014). Manes.")
    return corpus


@pytest.fixture
def index(small: Path, tmp_path: Path) -> Iterator[EvidenceIndex]:
    """Return an index of ``small``, up to date."""
    with EvidenceIndex(small, tmp_path / "made") as made:
        made.refresh()
        yield made


def left(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Return the times and contents of all that is in a folder."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


# Refreshing


def test_a_refresh_says_how_many_were_added_replaced_and_removed(
    index: EvidenceIndex, small: Path
) -> None:
    page(small, "a.txt", "K Zebras (2011). Spots.", "K Donkeys (2012). Ears.")
    (small / "b.txt").unlink()
    refreshed = index.refresh()
    assert (refreshed.added, refreshed.replaced, refreshed.removed) == (1, 1, 3)
    assert refreshed.documents == len(index) == 2
    assert titles(index, "spots ears legs hooves") == {"Zebras", "Donkeys"}


def test_a_refresh_without_a_change_reads_and_writes_nothing(
    index: EvidenceIndex, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time.sleep(0.05)  # a file that was saved just before a refresh is compared by its bytes
    index.refresh(rebuild=True)
    before = left(index.index_folder)
    monkeypatch.setattr(corpora, "read_bytes", None)
    with EvidenceIndex(small, index.index_folder) as again:
        assert not again.refresh().changed
    assert left(index.index_folder) == before


def test_an_edit_that_keeps_size_and_time_of_a_file_is_noticed(
    index: EvidenceIndex, small: Path
) -> None:
    path = small / "a.txt"
    long_ago = 1_000_000_000_000_000_001
    os.utime(path, ns=(long_ago, long_ago))
    index.refresh()
    path.write_text(path.read_text(encoding="utf-8").replace("Hooves", "Manes!"), encoding="utf-8")
    os.utime(path, ns=(long_ago, long_ago))
    assert index.refresh().replaced == 1


def test_a_touched_file_is_read_once_more_and_replaces_nothing(
    index: EvidenceIndex, small: Path
) -> None:
    (small / "a.txt").touch()
    changes = index.changes()
    assert [path for path, _ in changes.touched] == ["a.txt"]
    assert not changes
    assert not index.refresh().changed
    assert index.changes() == Changes()


def test_an_edit_of_the_thesaurus_indexes_no_record_again(
    index: EvidenceIndex, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added: list[object] = []
    monkeypatch.setattr(WhooshWriter, "add", lambda _, document: added.append(document))
    text = '[[concept]]\npreferred = "pony"\nsynonyms = ["steed"]\n'
    (small / "thesaurus.toml").write_text(text, encoding="utf-8")
    refreshed = index.refresh()
    assert refreshed.thesaurus
    assert not refreshed.rebuilt
    assert [hit.record.title for hit in index.search("steed")] == ["Ponies"]
    assert added == []


def test_a_broken_thesaurus_is_a_problem_and_the_old_one_goes_on_answering(
    index: EvidenceIndex, small: Path
) -> None:
    path = small / "thesaurus.toml"
    path.write_text('[[concept]]\npreferred = "pony"\nsynonyms = ["steed"]\n', encoding="utf-8")
    index.refresh()
    path.write_text("[[concept]\n", encoding="utf-8")
    assert [problem.code for problem in index.refresh().problems] == ["thesaurus"]
    assert [hit.record.title for hit in index.search("steed")] == ["Ponies"]
    assert index.changes() == Changes()


def test_an_index_of_another_version_is_built_anew_and_says_why(
    index: EvidenceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("changes", "update", "lifecycle"):
        monkeypatch.setattr(f"evidence_search.index.{module}.VERSION", "next")
    assert index.changes().version
    refreshed = index.refresh()
    assert refreshed.rebuilt
    assert "another version" in refreshed.reason
    assert titles(index, "stripes") == {"Zebras"}


def test_records_among_many_that_were_removed_stay_and_the_others_take_no_room(
    small: Path, tmp_path: Path
) -> None:
    (small / "thesaurus.toml").write_text("thesaurus = none\n", encoding="utf-8")  # a large part
    many = page(small, "many.txt", *(f"K Otters {n} (2015). {'Rivers. ' * n}" for n in range(60)))
    with EvidenceIndex(small, tmp_path / "index") as index:
        index.refresh()
        before = index.status().size
        many.unlink()
        assert index.refresh().removed == 60
        assert titles(index, "stripes legs otters") == {"Zebras", "Foals"}
        assert index.verify().differences == ()
        assert index.status().size < before / 2


def test_no_word_of_a_query_gets_into_the_vocabulary(index: EvidenceIndex, small: Path) -> None:
    index.search("zebrafish")
    page(small, "c.txt", "K Mules (2015). Loads.")
    index.refresh()
    assert index.search("zebraf*").total == 0
    assert "zebrafish" not in index._view.analyzer.stems


def test_an_index_that_was_closed_has_no_file_open(index: EvidenceIndex) -> None:
    def opened() -> list[Path]:
        files = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.exists()]
        return [path for path in files if index.index_folder in path.parents]

    assert titles(index, "stripes") == {"Zebras"}
    assert opened()
    index.close()
    assert opened() == []


# Disks and permissions


def test_all_files_of_a_state_are_on_the_disk_before_it_counts_and_then_its_name(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[Path] = []
    sync, rename = os.fsync, os.rename

    def synced(descriptor: int) -> None:
        sync(descriptor)
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink())

    def renamed(old: str, new: str) -> None:
        done.append(Path(new))
        rename(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    folder = tmp_path / "made"
    with EvidenceIndex(small, folder) as index:
        index.refresh()
    counts = done.index(folder / "_MAIN_1.toc")
    before, after = done[:counts], done[counts + 1 :]
    assert any(path.name.startswith("_MAIN_1.toc.") for path in before)  # its name until then
    assert {*folder.glob("*.seg"), *folder.glob("*.json")} <= {*before}
    assert folder in after


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Mount a disk of 400 kB at ``folder``; skip where that isn't allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def small_files(folder: Path) -> Iterator[None]:
    """Let no file of this process grow beyond 100 kB."""
    import resource

    folder.mkdir()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


@pytest.mark.parametrize("engine", LOCAL_ENGINES)
@pytest.mark.parametrize("disk", [full_disk, small_files])
def test_a_full_disk_is_one_clear_line_and_the_old_index_still_answers(
    small: Path,
    tmp_path: Path,
    disk: Callable[[Path], AbstractContextManager[None]],
    engine: str,
) -> None:
    folder = tmp_path / "disk"
    place = f"{engine}{folder / 'index'}"
    (small / "thesaurus.toml").write_text("thesaurus = none\n", encoding="utf-8")  # a large part
    numbers = [str(n * 7919 % 1_000_003) for n in range(30_000)]  # digits need no stemming
    entries = [f"K Long {n} (2015). {' '.join(numbers[n::10])}." for n in range(10)]
    large = page(small, "large.txt", *entries)
    aside = large.rename(tmp_path / "aside")
    with disk(folder), EvidenceIndex(small, place) as index:
        index.refresh()
        aside.rename(large)
        with pytest.raises(SearchIndexError, match="make room") as failed:
            index.refresh()
        assert "\n" not in str(failed.value)
        assert titles(index, "stripes") == {"Zebras"}
        with pytest.warns(UserWarning, match="answering from the index as it was"):
            again = es.open(small, place)
        assert titles(again, "stripes") == {"Zebras"}
        again.close()
        large.unlink()
        page(small, "c.txt", "K Mules (2015). Loads.")
        assert index.refresh().added == 1
        assert titles(index, "loads") == {"Mules"}


@pytest.mark.parametrize(
    ("number", "kind", "advice"),
    [
        (errno.ENOSPC, SearchIndexError, "make room"),
        (errno.EROFS, IndexUnwritableError, "name a folder that you can write"),
        (errno.ENOTDIR, IndexUnwritableError, "remove it, or name another folder"),
        (errno.EMFILE, SearchIndexError, "let more files be open"),
        (errno.EIO, SearchIndexError, "evidence-search index --rebuild"),
    ],
)
def test_what_the_system_refuses_is_one_line_with_the_file_and_what_to_do(
    tmp_path: Path, number: int, kind: type[Exception], advice: str
) -> None:
    file = str(tmp_path / "file")
    with pytest.raises(kind) as said, errors(tmp_path):
        raise OSError(number, os.strerror(number), file)
    assert type(said.value) is kind
    line = str(said.value)
    assert line.startswith(f"{file}: {os.strerror(number)}; ")
    assert advice in line


@contextmanager
def ordinary_user(*folders: Path) -> Iterator[None]:
    """Be a user whom permissions stop, and who owns ``folders``."""
    if os.geteuid():
        yield
        return
    data = Path(os.environ["XDG_DATA_HOME"])
    data.mkdir(exist_ok=True)
    for folder in (*folders, data):
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def private(e5: EvidenceIndex, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that any user of the system can reach."""
    e5.search("prison")  # imports what other users may not be able to
    folder = Path(tempfile.mkdtemp(dir=IN_MEMORY))
    folder.chmod(0o755)
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    yield folder
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written_is_one_clear_line_and_the_index_still_answers(
    small: Path, private: Path
) -> None:
    corpus, folder = private / "corpus", private / "index"
    shutil.copytree(small, corpus)
    with EvidenceIndex(corpus, folder) as index:
        index.refresh()
        page(corpus, "c.txt", "K Mules (2015). Loads.")
        with ordinary_user(corpus, folder):
            for path in (folder, *folder.iterdir()):
                path.chmod(0o555)
            with pytest.raises(SearchIndexError, match="name a folder that you can write"):
                index.refresh()
            with pytest.warns(UserWarning, match="answering from the index as it was"):
                again = es.open(corpus, folder)
            assert titles(again, "stripes loads") == {"Zebras"}
            again.close()
            with pytest.warns(UserWarning, match="in a temporary folder"):
                passing = es.open(corpus, folder / "deeper" / "index")
            assert titles(passing, "stripes loads") == {"Zebras", "Mules"}
            passing.close()
            (corpus / "c.txt").unlink()
            assert not index.refresh().changed  # it has nothing to write
            for path in (folder, *folder.iterdir()):
                path.chmod(0o755)


def test_a_file_that_cannot_be_read_keeps_its_records_until_it_can(
    small: Path, private: Path
) -> None:
    corpus = private / "corpus"
    shutil.copytree(small, corpus)
    folder = private / "index"
    folder.mkdir()
    with ordinary_user(corpus, folder), EvidenceIndex(corpus, folder) as index:
        index.refresh()
        page(corpus, "a.txt", "K Zebras (2011). Spots.")
        (corpus / "a.txt").chmod(0)
        refreshed = index.refresh()
        assert [problem.code for problem in refreshed.problems] == ["unreadable"]
        assert not refreshed.changed
        assert titles(index, "stripes hooves") == {"Zebras", "Horses"}
        assert index.status().problems == 1
        assert not index.changes().anything
        differences = index.verify().differences
        assert "a.txt: expected to compare its records, found that it can't be read" in differences
        assert "no such record" not in " ".join(differences)
        (corpus / "a.txt").chmod(0o644)
        refreshed = index.refresh()
        assert (refreshed.replaced, refreshed.removed) == (1, 1)
        assert index.status().problems == 0
        assert titles(index, "spots") == {"Zebras"}


def test_a_file_that_vanishes_while_it_is_read_is_as_if_it_had_gone_before(
    index: EvidenceIndex, small: Path
) -> None:
    page(small, "a2.txt", "K Mules (2015). Loads.")
    page(small, "b.txt", "R Foals (2013). Longer legs.")
    page(small, "d.txt", "K Donkeys (2016). Ears.")

    def vanish(done: int, total: int) -> None:
        assert done <= total
        for name in ("b.txt", "d.txt"):
            (small / name).unlink(missing_ok=True)

    refreshed = index.refresh(progress=vanish)
    assert (refreshed.added, refreshed.replaced, refreshed.removed) == (1, 0, 2)
    assert refreshed.problems == ()
    assert titles(index, "loads legs manes ears") == {"Mules"}
    assert index.changes() == Changes()


def test_pipes_and_links_in_a_corpus_neither_hang_nor_lead_out_of_it(
    index: EvidenceIndex, small: Path, tmp_path: Path
) -> None:
    outside = page(tmp_path, "outside.txt", "K Secrets (2015). Hidden.")
    (small / "link.txt").symlink_to(outside)
    (small / "inside.txt").symlink_to(small / "a.txt")
    (small / "folder").symlink_to(tmp_path)
    (small / "loop").symlink_to(small / "loop")
    os.mkfifo(small / "pipe.txt")
    page(small, "c.txt", "K Mules (2015). Loads.")
    page(small, "d.txt", "K Donkeys (2016). Ears.")
    page(small, "e.txt", "K Asses (2016). Tails.")

    def replace(*_: int) -> None:
        if (small / "d.txt").is_file():  # c.txt is read; both were files when they were found
            (small / "d.txt").unlink()
            os.mkfifo(small / "d.txt")
            (small / "e.txt").unlink()
            (small / "e.txt").symlink_to(outside)

    refreshed = index.refresh(progress=replace)
    assert refreshed.added == 1
    codes = {problem.source.path: problem.code for problem in refreshed.problems}
    assert codes == {
        "d.txt": "unreadable", "e.txt": "link", "link.txt": "link", "folder": "link",
        "loop": "link",
    }  # fmt: skip
    assert titles(index, "hidden") == set()


def test_a_file_larger_than_the_limit_is_reported_and_read_when_the_limit_is_raised(
    index: EvidenceIndex, small: Path, run: Run
) -> None:
    large = page(small, "c.txt", "K Mules (2015). Loads " + "and loads " * 100 + ".")
    size = large.stat().st_size
    for limit, added in ((500, 0), (size - 1, 0), (size, 1)):
        with EvidenceIndex(small, index.index_folder, max_file_size=limit) as limited:
            refreshed = limited.refresh()
            assert refreshed.added == added
            assert not limited.changes().anything
            if limit == 500:
                assert [problem.code for problem in refreshed.problems] == ["too-large"]
    done = run("--max-file-size", "500", "check", corpus=small)
    assert re.search(r"c\.txt:1:1: error: expected at most 500 bytes.*--max-file-size", done.stdout)


# Several at once


def test_searches_answer_from_the_old_state_while_another_process_refreshes(
    index: EvidenceIndex, small: Path, run: Run
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.")
    env = {"EVIDENCE_SEARCH_INDEX": str(index.index_folder)}
    with index._engine.lock(1):
        done = run("stripes loads", corpus=small, env=env)
    assert done.returncode == 0
    assert "Zebras" in done.stdout
    assert "Mules" not in done.stdout
    (line,) = done.stderr.splitlines()
    assert "found another process that is writing the index" in line
    assert line.endswith("answering from the index as it was")
    assert "Mules" in run("loads", corpus=small, env=env).stdout


def test_a_second_refresh_waits_with_a_note_and_then_finds_nothing_to_do(
    index: EvidenceIndex, small: Path
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.")
    second = EvidenceIndex(small, index.index_folder)
    waiting = threading.Event()
    done: list[Refreshed] = []
    thread = threading.Thread(
        target=lambda: done.append(second.refresh(timeout=20, waiting=waiting.set))
    )

    def start(*_: int) -> None:
        if not waiting.is_set():
            thread.start()
            assert waiting.wait(20)

    assert index.refresh(progress=start).added == 1
    thread.join()
    assert not done[0].changed
    assert titles(second, "loads") == {"Mules"}
    second.close()


def test_the_command_waits_as_long_as_it_is_told(
    index: EvidenceIndex, small: Path, run: Run
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.")
    env = {"EVIDENCE_SEARCH_INDEX": str(index.index_folder)}
    with index._engine.lock(1):
        done = run("index", "--timeout", "0.1", corpus=small, env=env)
    assert done.returncode == 1
    note, error = done.stderr.splitlines()
    assert note.startswith("Waiting for another process")
    assert "waited 0.1 s for another process" in error


def test_threads_of_one_process_wait_for_each_other_too(index: EvidenceIndex) -> None:
    def lock_out() -> None:
        with pytest.raises(IndexLockedError), index._engine.lock(0.05):
            pass

    with index._engine.lock(1):
        thread = threading.Thread(target=lock_out)
        thread.start()
        thread.join()


def test_a_process_that_was_started_meanwhile_does_not_go_on_holding_the_lock(
    index: EvidenceIndex,
) -> None:
    with index._engine.lock(1):
        files = [path for path in Path("/proc/self/fd").iterdir() if path.exists()]
        held = [int(path.name) for path in files if path.readlink().name == LOCK]
        other = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=held)
    assert held
    with other, index._engine.lock(0):
        assert other.poll() is None


def run_program(name: str, *arguments: str) -> str:
    """Run a module of the tests as a program, in a folder of its own; return what it printed."""
    folder = tempfile.mkdtemp(dir=IN_MEMORY)
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.{name}", folder, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_eight_readers_and_a_writer_lose_nothing_and_see_only_whole_states() -> None:
    times = 200 if FULL else 6
    states, searches = map(int, re.findall(r"\d+", run_program("crowding", str(times))))
    assert states == times
    assert searches > 4


@pytest.mark.slow
@pytest.mark.parametrize("engine", LOCAL_ENGINES)
def test_a_refresh_killed_at_any_moment_leaves_the_state_before_or_after(engine: str) -> None:
    wanted = 200 if FULL else 12
    told = run_program("crashing", str(wanted), "11", engine)
    kills, amid = map(int, re.findall(r"\d+", told)[:2])
    assert kills == wanted
    assert amid > wanted // 10  # the others came between two writes


# Trust


def test_an_index_folder_is_private_whatever_the_umask(small: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with EvidenceIndex(small, tmp_path / "index") as index:
            index.refresh()
            page(small, "c.txt", "K Mules (2015). Loads.")
            index.refresh()
        with EvidenceIndex(small, tmp_path / "index") as index:
            assert titles(index, "loads") == {"Mules"}
    finally:
        os.umask(before)
    for path in (tmp_path / "index", *(tmp_path / "index").glob("*MAIN_*.*")):
        assert not path.stat().st_mode & 0o077


PICKLE = b"cposix\nsystem\n(S'touch %s'\ntR."
"""What runs a command where it is unpickled."""


def signed_by_nobody(index: Path) -> None:
    (manifest,) = index.glob("evidence-search-*.json")
    manifest.write_bytes(b"0" * 64 + manifest.read_bytes()[64:])


def signed_by_another(index: Path) -> None:
    """Sign all again with another user's key, as who sends a folder could."""
    (manifest,) = index.glob("evidence-search-*.json")
    version = json.loads(manifest.read_bytes().partition(b"\n")[2])["version"]
    files = {p.name: signing.sign_file(p) for p in index.glob("*MAIN_*.*")}
    signing.write_manifest(manifest, version, files, b"another user's key of 32 bytes...")


def without_manifest(index: Path) -> None:
    (manifest,) = index.glob("evidence-search-*.json")
    manifest.unlink()


def keyless(index: Path) -> None:
    assert index.is_dir()
    (Path(os.environ["XDG_DATA_HOME"]) / "evidence-search" / "index.key").unlink()


def other_contents(index: Path) -> None:
    """Only change a file within a folder that this user signed, keeping its size and times."""
    (contents,) = index.glob("*.toc")
    status = contents.stat()
    evil = PICKLE % os.fsencode(index / "ran")
    contents.write_bytes(evil.ljust(status.st_size, b"."))
    os.utime(contents, ns=(status.st_atime_ns, status.st_mtime_ns))


def other_segment(index: Path) -> None:
    (segment,) = index.glob("*.seg")
    status, data = segment.stat(), segment.read_bytes()
    evil = PICKLE % os.fsencode(index / "ran")
    new = segment.with_name("new")
    new.write_bytes(evil + data[len(evil) :])
    new.replace(segment)
    os.utime(segment, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "received",
    [signed_by_nobody, signed_by_another, without_manifest, keyless, other_contents, other_segment],
)
def test_an_index_that_this_user_did_not_build_is_never_opened_but_built_anew(
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    received: Callable[[Path], None],
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "mine"
    with EvidenceIndex(small, folder) as mine:
        mine.refresh()
    received(folder)

    def loaded(*_: object) -> None:
        raise AssertionError("something of it was unpickled")

    with monkeypatch.context() as context:
        context.setattr("pickle.loads", loaded)
        context.setattr("pickle.load", loaded)
        opened = EvidenceIndex(small, folder)
        assert isinstance(opened._now, IndexDamagedError)
    assert not (folder / "ran").exists()
    refreshed = opened.refresh()
    assert refreshed.rebuilt
    assert re.search("found (one from elsewhere|other bytes)", refreshed.reason)
    assert "\n" not in refreshed.reason
    assert titles(opened, "stripes") == {"Zebras"}
    opened.close()
    with EvidenceIndex(small, folder) as again:
        assert not again.refresh().changed


def test_an_open_index_in_whose_place_another_was_put_is_built_anew_by_its_next_refresh(
    index: EvidenceIndex, small: Path
) -> None:
    signed_by_nobody(index.index_folder)
    refreshed = index.refresh()
    assert refreshed.rebuilt
    assert "found one from elsewhere" in refreshed.reason
    with EvidenceIndex(small, index.index_folder) as again:
        assert titles(again, "stripes") == {"Zebras"}


def test_an_index_that_its_user_copied_or_touched_is_still_theirs(
    index: EvidenceIndex, small: Path, tmp_path: Path
) -> None:
    copied = Path(shutil.copytree(index.index_folder, tmp_path / "copied"))
    for path in copied.iterdir():
        path.chmod(0o400)
    with EvidenceIndex(small, copied) as opened:
        assert titles(opened, "stripes") == {"Zebras"}
    moved = index.index_folder.rename(tmp_path / "moved")
    with EvidenceIndex(small, moved) as opened:
        assert titles(opened, "stripes") == {"Zebras"}


def test_where_the_data_folder_cannot_be_written_a_passing_index_answers_and_says_so(
    small: Path, private: Path, run: Run
) -> None:
    corpus, data = private / "corpus", private / "data"
    shutil.copytree(small, corpus)
    data.mkdir(0o555)
    passing = private / "passing"
    passing.mkdir()
    env = {
        "XDG_DATA_HOME": str(data),
        "EVIDENCE_SEARCH_INDEX": str(private / "index"),
        "TMPDIR": str(passing),
    }
    if not os.geteuid():
        data.rmdir()
        data.write_text("no folder at all", encoding="utf-8")
    done = run("stripes", corpus=corpus, env=env)
    assert (done.returncode, "Zebras" in done.stdout) == (0, True), done.stderr
    line = done.stderr.splitlines()[0]
    assert "the key that indexes are signed with" in line
    assert line.endswith("answering from an index in a temporary folder")
    assert list(passing.iterdir()) == []


def test_the_key_is_where_the_users_data_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("/somewhere", " ", ""):
        monkeypatch.setenv("XDG_DATA_HOME", folder)
        assert signing.key_path().parent == platformdirs.user_data_path("evidence-search")


def put_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


SPOILT: dict[str, Callable[[Path, bytes], object]] = {
    "others can read it": lambda path, _: path.chmod(0o640),
    "it is cut short": lambda path, key: path.write_bytes(key[:-1]),
    "it is longer": lambda path, key: path.write_bytes(key + b"."),
    "it is a link": lambda path, _: path.symlink_to(path.rename(path.with_name("elsewhere"))),
    "it is a pipe": lambda path, _: put_a_pipe(path),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_key_that_somebody_else_may_know_is_not_used_but_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert signing.read_key() is None
    key = signing.make_key()
    assert signing.make_key() == signing.read_key() == key
    assert [*signing.key_path().parent.iterdir()] == [signing.key_path()]
    SPOILT[spoilt](signing.key_path(), key)
    assert signing.read_key() is None
    again = signing.make_key()
    assert again != key
    assert signing.read_key() == again
    assert not signing.key_path().lstat().st_mode & 0o077


def test_an_index_folder_that_others_can_write_is_not_written(
    index: EvidenceIndex, small: Path
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.")
    index.index_folder.chmod(0o777)
    with pytest.raises(IndexUnwritableError, match="chmod go-w"):
        index.refresh()
    assert titles(index, "stripes loads") == {"Zebras"}


# The command


def test_status_in_a_terminal_reads_like_this() -> None:
    refreshed = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    status = Status(
        corpus_folder="corpus", index_folder="index", documents=1200, files=2, size=30_000,
        engine="whoosh 1", version="1.2", refreshed=refreshed, problems=0, thesaurus="corpus",
        changes=Changes(), damage="",
    )  # fmt: skip
    text = "".join(render("status", "text", status))
    assert re.sub(r"Refreshed: .*", "Refreshed: then", text) == (
        """Corpus:     corpus
Index:      index
Records:    1,200 in 2 files
Size:       30.0 kB on disk
Engine:     whoosh 1
Analysis:   version 1.2
Thesaurus:  thesaurus.toml of the corpus
Refreshed: then
To check:   nothing
Changed:    nothing since
"""
    )
    changes = Changes(added=("a", "b"))
    status = status._replace(problems=3, changes=changes, damage="x is gone")
    status = status._replace(version="", refreshed=None)
    text = "".join(render("status", "text", status))
    assert "To check:   3: evidence-search check\n" in text
    assert "Changed:    2 added (a, b)\n" in text
    assert text.endswith("Damage:     x is gone\n")
    assert "Analysis:   none yet\n" in text
    assert "Refreshed:  never\n" in text


def test_status_of_an_index_that_was_never_built_says_so(small: Path, tmp_path: Path) -> None:
    with EvidenceIndex(small, tmp_path / "none") as index:
        status = index.status()
    assert (status.documents, status.files, status.size, status.problems) == (0, 0, 0, 0)
    assert (status.version, status.refreshed, status.damage) == ("", None, "")
    assert status.changes.added == ("a.txt", "b.txt")
    assert not (tmp_path / "none").exists()


def test_status_says_what_the_index_is_and_what_has_changed(run: Run, corpus: Path) -> None:
    page(corpus, "new.txt", "K Mules (2015). Loads.")
    done = run("index", "--status", corpus=corpus)
    assert re.search(r"Records: +20 in 1 file\n", done.stdout)
    assert re.search(r"Changed: +1 added \(new\.txt\)\n", done.stdout)
    value = json.loads(run("index", "--status", "--format", "json", corpus=corpus).stdout)
    assert value["documents"] == 20
    assert value["changes"]["added"] == ["new.txt"]
    assert value["size"] > 10_000
    assert value["damage"] == ""


def test_verify_names_each_difference_and_repair_mends_it(run: Run, corpus: Path) -> None:
    page = corpus / "alcohol-e5.txt"
    page.write_text(page.read_text(encoding="utf-8").replace("Canadian", "Zebra"), encoding="utf-8")
    done = run("index", "--verify", corpus=corpus)
    assert done.returncode == 1
    assert "alcohol-e5.txt: expected it as it was at the last refresh" in done.stdout
    assert re.search(
        r"^alcohol-e5-managing-.*: expected the record of .*:\d+, found one with another .*summary",
        done.stdout,
        re.MULTILINE,
    )
    assert "'zebra': expected the word in" in done.stdout
    done = run("index", "--verify", "--repair", corpus=corpus)
    assert (done.returncode, "Repaired." in done.stderr) == (0, True)
    with EvidenceIndex(corpus, corpus.parent / "index") as index:
        assert index.verify().differences == ()


def test_verify_compares_words_places_labels_and_payload(index: EvidenceIndex) -> None:
    from evidence_search import documents
    from evidence_search.analysis import Analyzer
    from evidence_search.engines import Document

    (record,) = [r for r in index.records if r.title == "Zebras"]
    true = documents.document(record, Analyzer())
    wrong = {
        "text": {**true.text, "summary": [*true.text["summary"], "stripe"]},
        "labels": {**true.labels, "decade": ["1910s"]},
        "numbers": {"year": 1911},
        "title_key": "zz",
        "payload": true.payload.replace("Stripes", "Strikes"),
    }
    for name, value in wrong.items():
        fields = {
            "id": true.id, "text": true.text, "labels": true.labels, "numbers": true.numbers,
            "title_key": true.title_key, "payload": true.payload, name: value,
        }  # fmt: skip
        with index._engine.lock(1), index._engine.write(index._engine.open()) as writer:
            writer.add(Document(**fields))  # type: ignore[arg-type]
            writer.remove(true.id)
        (difference,) = index.verify().differences
        assert difference.startswith(f"{true.id}: expected the record of a.txt:3")
    assert index.verify(repair=True).repaired
    assert not index.verify().differences


def test_watch_refreshes_as_files_are_saved_and_outlives_a_vanished_folder(
    index: EvidenceIndex, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence_search.watching._LOOK_MS", 300)
    monkeypatch.setattr("evidence_search.watching._SETTLE_MS", 50)
    stop, told = threading.Event(), []
    page(small, "c.txt", "K Mules (2015). Loads.")
    outcomes = watch(index, stop)
    told.append(next(outcomes))
    small.rename(tmp_path / "gone")
    told.append(next(outcomes))
    (tmp_path / "gone").rename(small)
    page(small, "d.txt", "K Donkeys (2016). Ears.")
    told.append(next(outcomes))
    page(small, "d.txt", "K Donkeys (2016). Longer ears.")
    told.append(next(outcomes))
    stop.set()
    assert list(outcomes) == []
    assert [getattr(outcome, "added", None) for outcome in told] == [1, None, 1, 0]
    assert "found nothing" in str(told[1])


def test_watch_ends_cleanly_on_an_interrupt(tmp_path: Path, small: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "evidence_search", "--corpus", str(small),
         "--index", str(tmp_path / "index"), "index", "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )  # fmt: skip
    assert process.stdout
    assert "Built the index: 4 added" in process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said.strip()) == (0, "Stopped watching.")


# The page


def test_every_promise_names_tests_that_exist() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    tests = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/test_*.py"))
    rows = re.findall(r"^\| (?!---|promise)(.*) \| (.*) \|$", text, re.MULTILINE)
    assert len(rows) > 25
    for promise, held in rows:
        names = re.findall(r"`(test_\w+)`", held)
        assert names or "not tried" in held, promise
        for name in names:
            assert f"def {name}(" in tests, f"{promise} names {name}"
