"""What ``docs/reliability.md`` promises of refreshing, full disks, permissions and concurrency."""

from __future__ import annotations

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
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import evidence_search as es
from evidence_search.errors import (
    IndexLockedError,
    IndexUntrustedError,
    SearchIndexError,
)
from evidence_search.index import EvidenceIndex
from evidence_search.index.state import Changes
from evidence_search.watching import watch
from tests.conftest import IN_MEMORY, ROOT, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from evidence_search.index.state import Refreshed

POSIX = pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes and locks")
NOBODY = 65534
HEADING = "Drug Treatment Matrix cell A1: X; Y\n\n"


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


def test_a_refresh_without_a_change_touches_nothing_and_takes_no_time(
    index: EvidenceIndex, small: Path
) -> None:
    before = left(index.index_folder)
    with EvidenceIndex(small, index.index_folder) as again:
        refreshed = again.refresh()
    assert not refreshed.changed
    assert refreshed.seconds < 0.1
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
    index: EvidenceIndex, small: Path
) -> None:
    segments = sorted(index.index_folder.rglob("*.seg"))
    text = '[[concept]]\npreferred = "pony"\nsynonyms = ["steed"]\n'
    (small / "thesaurus.toml").write_text(text, encoding="utf-8")
    refreshed = index.refresh()
    assert refreshed.thesaurus
    assert not refreshed.rebuilt
    assert [hit.record.title for hit in index.search("steed")] == ["Ponies"]
    assert sorted(index.index_folder.rglob("*.seg")) == segments


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
    for module in ("comparing", "refreshing", "keeping"):
        monkeypatch.setattr(f"evidence_search.index.{module}.VERSION", "next")
    assert index.changes().version
    refreshed = index.refresh()
    assert refreshed.rebuilt
    assert "another version" in refreshed.reason
    assert titles(index, "stripes") == {"Zebras"}


def test_no_word_of_a_query_gets_into_the_vocabulary(index: EvidenceIndex, small: Path) -> None:
    index.search("zebrafish")
    page(small, "c.txt", "K Mules (2015). Loads.")
    index.refresh()
    assert index.search("zebraf*").total == 0
    assert "zebrafish" not in index._view.analyzer.stems


# Disks and permissions


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


@POSIX
@pytest.mark.parametrize("disk", [full_disk, small_files])
def test_a_full_disk_is_one_clear_line_and_the_old_index_still_answers(
    small: Path, tmp_path: Path, disk: Callable[[Path], AbstractContextManager[None]]
) -> None:
    folder = tmp_path / "disk"
    numbers = [str(n * 7919 % 1_000_003) for n in range(30_000)]  # digits need no stemming
    entries = [f"K Long {n} (2015). {' '.join(numbers[n::10])}." for n in range(10)]
    large = page(small, "large.txt", *entries)
    aside = large.rename(tmp_path / "aside")
    with disk(folder), EvidenceIndex(small, folder / "index") as index:
        index.refresh()
        aside.rename(large)
        with pytest.raises(SearchIndexError, match="make room") as failed:
            index.refresh()
        assert "\n" not in str(failed.value)
        assert titles(index, "stripes") == {"Zebras"}
        with pytest.warns(UserWarning, match="answering from the index as it was"):
            again = es.open(small, folder / "index")
        assert titles(again, "stripes") == {"Zebras"}
        again.close()
        large.unlink()
        page(small, "c.txt", "K Mules (2015). Loads.")
        assert index.refresh().added == 1
        assert titles(index, "loads") == {"Mules"}


@contextmanager
def ordinary_user(*folders: Path) -> Iterator[None]:
    """Be a user whom permissions stop, and who owns ``folders``."""
    if os.geteuid():
        yield
        return
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def private() -> Iterator[Path]:
    """Return a folder that any user of the system can reach."""
    folder = Path(tempfile.mkdtemp(dir=IN_MEMORY))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@POSIX
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
            with pytest.raises(SearchIndexError, match="name a folder that you can write"):
                es.open(corpus, folder / "deeper" / "index")
            (corpus / "c.txt").unlink()
            assert not index.refresh().changed  # it has nothing to write
            for path in (folder, *folder.iterdir()):
                path.chmod(0o755)


@POSIX
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
        assert not index.changes().anything
        (corpus / "a.txt").chmod(0o644)
        refreshed = index.refresh()
        assert (refreshed.replaced, refreshed.removed) == (1, 1)
        assert titles(index, "spots") == {"Zebras"}


def test_a_file_that_vanishes_while_it_is_read_is_as_if_it_had_gone_before(
    index: EvidenceIndex, small: Path
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.")
    page(small, "d.txt", "K Donkeys (2016). Ears.")

    def vanish(done: int, total: int) -> None:
        assert done <= total == 2
        (small / "d.txt").unlink(missing_ok=True)

    refreshed = index.refresh(progress=vanish)
    assert refreshed.added == 1
    assert refreshed.problems == ()
    assert index.changes() == Changes()


@POSIX
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

    def replace(done: int, _: int) -> None:
        if done == 1:  # c.txt is read; d.txt and e.txt were files when they were found
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
    page(small, "c.txt", "K Mules (2015). Loads " + "and loads " * 100 + ".")
    for limit, added in ((500, 0), (600, 0), (5000, 1)):
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
    with index._engine.lock(1):
        thread.start()
        assert waiting.wait(20)
        assert index.refresh().added == 1
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

    with index._engine.lock(1), index._engine.lock(1):  # one thread may take it twice
        thread = threading.Thread(target=lock_out)
        thread.start()
        thread.join()


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


@POSIX
def test_eight_readers_and_a_writer_lose_nothing_and_see_only_whole_states() -> None:
    seconds = os.environ.get("EVIDENCE_SEARCH_CROWD_SECONDS", "30")
    states, searches = map(int, re.findall(r"\d+", run_program("crowding", seconds)))
    assert states > 5
    assert searches > 50


@POSIX
def test_a_refresh_killed_at_any_of_200_moments_leaves_the_state_before_or_after() -> None:
    kills, amid = re.findall(r"\d+", run_program("crashing", "200", "11"))[:2]
    assert int(kills) == 200
    assert int(amid) > 20  # the others came between two writes


# Trust


@POSIX
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
    (folder,) = (tmp_path / "index").glob("whoosh-*")
    assert folder.stat().st_mode & 0o777 == 0o700


@POSIX
@pytest.mark.parametrize(
    "what", ["folder writable", "file writable", "link", "pipe", "folder", "owner"]
)
def test_an_index_that_another_user_could_have_written_is_refused(
    index: EvidenceIndex, small: Path, tmp_path: Path, what: str
) -> None:
    segment = next(index.index_folder.rglob("*.seg"))
    if what == "folder writable":
        segment.parent.chmod(0o777)
    elif what == "file writable":
        segment.chmod(0o622)
    elif what == "link":
        segment.rename(tmp_path / "elsewhere")
        segment.symlink_to(tmp_path / "elsewhere")
    elif what == "pipe":
        segment.unlink()
        os.mkfifo(segment)
    elif what == "folder":
        segment.unlink()
        segment.mkdir()
    elif os.geteuid():
        pytest.skip("only root can give a file away")
    else:
        os.chown(segment, NOBODY, NOBODY)
    with pytest.raises(IndexUntrustedError, match="run somebody else's code"):
        EvidenceIndex(small, index.index_folder)


# The command


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
    attachments = {n: index._engine.attachment(n) for n in ("state", "ledger", "stems", "counts")}
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
        index._engine.update([Document(**fields)], [true.id], lambda: attachments)  # type: ignore[arg-type]
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


@POSIX
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
