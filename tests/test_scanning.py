"""A folder is scanned and read while other programs change it, and whatever it holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evidence_search import corpus as corpora
from evidence_search.checking import check_corpus
from evidence_search.index import EvidenceIndex
from evidence_search.index.changes import compare
from evidence_search.index.state import VERSION, Changes, State
from evidence_search.spreadsheet import workbook
from tests.test_reliability import ordinary_user, page, private, small, titles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.records import Problem, StudyRecord

__all__ = ["private", "small"]  # fixtures


def unread(corpus: Path) -> list[Problem]:
    """Return the problems of a corpus, but for its pages being editions of one cell."""
    return [problem for problem in check_corpus(corpus) if problem.code != "edition"]


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]) -> Iterator[None]:
    """Change a folder each time that it has been listed, before anything of it is looked at."""
    real = os.scandir

    class Listed:
        def __init__(self, folder: str) -> None:
            with real(folder) as entries:
                self.entries = list(entries)
            change(Path(folder))

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return iter(self.entries)

        def __exit__(self, *_: object) -> None: ...

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", Listed)
        yield


def test_what_vanishes_while_the_folder_is_scanned_is_as_if_it_had_gone_before(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.")
    (small / "sub").mkdir()
    page(small / "sub", "d.txt", "K Donkeys (2016). Ears.")
    (small / "turns").mkdir()

    def change(folder: Path) -> None:
        if folder == small:
            (small / "c.txt").unlink()
            (small / "sub" / "d.txt").unlink()
            (small / "sub").rmdir()
            (small / "turns").rmdir()
            (small / "turns").touch()

    with EvidenceIndex(small, tmp_path / "made") as index:
        with meanwhile(monkeypatch, change):
            assert list(corpora.scan(small)) == ["a.txt", "b.txt"]
        index.refresh()
        assert titles(index, "loads ears stripes") == {"Zebras"}


def test_a_file_that_is_saved_by_renaming_is_never_in_the_way(small: Path) -> None:
    stop = threading.Event()

    def save() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            new = small / f".new{n}"
            new.write_text("Drug Treatment Matrix cell A1\n\nK Mules (2015). Loads.\n")
            new.replace(small / "c.txt")

    saving = threading.Thread(target=save)
    saving.start()
    try:
        for _ in range(60):
            assert not unread(small)
    finally:
        stop.set()
        saving.join()


SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("saved", "later", "compared"),
    [
        (5 * SECOND + 1, SECOND // 100, True),  # a tick of the usual clocks
        (5 * SECOND + 1, SECOND, False),
        (5 * SECOND, SECOND, True),  # a clock that counts in whole seconds
        (5 * SECOND, 3 * SECOND, False),
    ],
)
def test_a_file_that_was_saved_just_before_a_refresh_is_compared_by_its_bytes(
    small: Path, saved: int, later: int, compared: bool
) -> None:
    size = (small / "a.txt").stat().st_size
    state = State(VERSION, saved + later, {"a.txt": (size, saved, "that of other bytes")})
    changes = compare(small, {"a.txt": corpora.Stamp(size, saved)}, state, size)
    assert changes.changed == (("a.txt",) if compared else ())


def test_a_folder_that_cannot_be_read_is_a_problem_and_its_records_stand(
    small: Path, private: Path
) -> None:
    corpus, folder = private / "corpus", private / "index"
    shutil.copytree(small, corpus)
    (corpus / "sub").mkdir()
    page(corpus / "sub", "d.txt", "K Donkeys (2016). Ears.")
    folder.mkdir()
    with ordinary_user(corpus, folder), EvidenceIndex(corpus, folder) as index:
        index.refresh()
        (corpus / "sub").chmod(0)
        page(corpus, "a.txt", "K Zebras (2011). Spots.")
        problems = index.refresh().problems
        assert [(p.source.path, p.code) for p in problems] == [("sub/", "unreadable")]
        assert "Permission denied" in problems[0].message
        assert titles(index, "ears spots hooves") == {"Donkeys", "Zebras"}
        assert index.changes() == Changes()
        assert [p.source.path for p in unread(corpus)] == ["sub/"]
        with EvidenceIndex(corpus, folder / "first") as first:
            first.refresh()
            assert titles(first, "ears spots") == {"Zebras"}
        said = " ".join(index.verify().differences)
        assert "sub/: expected to compare its records, found that it can't be read" in said
        assert "no such record" not in said
        (corpus / "sub").chmod(0o755)
        page(corpus / "sub", "d.txt", "K Donkeys (2016). Long tails.")
        assert index.refresh().replaced == 1
        assert not index.verify().differences


def test_a_file_that_needs_a_missing_library_is_read_once_that_is_installed(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["title", "year"], ["Mules", "2015"]]
    (small / "c.xlsx").write_bytes(workbook("Records", rows))
    with EvidenceIndex(small, tmp_path / "made") as index:
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "openpyxl", None)
            (problem,) = index.refresh().problems
            assert problem.source.path == "c.xlsx"
            assert "openpyxl" in problem.message
            assert index.changes() == Changes()
        assert index.changes().changed == ("c.xlsx",)
        assert index.refresh().added == 1
        assert titles(index, "mules") == {"Mules"}


@contextmanager
def nested(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Make a folder in a folder in a folder, and remove them, which pytest couldn't."""
    at = os.open(folder, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=at)
        within = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = within
    os.close(at)
    try:
        yield
    finally:
        subprocess.run(["rm", "-rf", folder / names[0]], check=True)


def test_folders_may_be_nested_deeper_than_a_program_can_call_itself(
    small: Path, tmp_path: Path
) -> None:
    with nested(small, "d" * 1100), EvidenceIndex(small, tmp_path / "made") as index:
        page(small / "/".join("d" * 1100), "c.txt", "K Mules (2015). Loads.")
        index.refresh()
        assert titles(index, "loads") == {"Mules"}


def test_a_folder_too_deep_for_the_system_is_reported(small: Path, tmp_path: Path) -> None:
    with nested(small, ["x" * 200] * 24), EvidenceIndex(small, tmp_path / "made") as index:
        (problem,) = unread(small)
        assert problem.code == "unreadable"
        assert problem.source.path.endswith("x/")
        index.refresh()
        assert titles(index, "stripes") == {"Zebras"}


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), ZeroDivisionError("by\nzero")])
def test_whatever_a_reader_raises_costs_one_file_and_a_line_with_its_name(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def read(text: str, *_: object) -> None:
        if "Foals" in text:
            raise error

    monkeypatch.setattr("evidence_search.importing.read_import", read)
    (problem,) = check_corpus(small)
    assert str(problem).startswith("b.txt:1:1: error: expected what can be read")
    assert type(error).__name__ in problem.message
    assert "\n" not in problem.message
    with EvidenceIndex(small, tmp_path / "made") as index:
        assert index.refresh().problems == (problem,)
        assert titles(index, "stripes legs") == {"Zebras"}


def test_a_record_for_which_there_is_no_memory_is_indexed_when_there_is(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def document(*_: object) -> None:
        raise MemoryError

    with EvidenceIndex(small, tmp_path / "made") as index:
        with monkeypatch.context() as short:
            short.setattr("evidence_search.documents.document", document)
            with pytest.raises(MemoryError):
                index.refresh()
        assert index.refresh().problems == ()
        assert titles(index, "stripes") == {"Zebras"}


def test_a_record_that_cannot_be_indexed_costs_no_other(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence_search import documents

    real = documents.document

    def document(record: StudyRecord, analyzer: Analyzer, keys: Sequence[str] = ()) -> object:
        if record.title == "Horses":
            raise RecursionError
        return real(record, analyzer, keys)

    monkeypatch.setattr(documents, "document", document)
    with EvidenceIndex(small, tmp_path / "made") as index:
        (problem,) = index.refresh().problems
        assert (problem.source.path, problem.code) == ("a.txt", "failed")
        assert titles(index, "stripes hooves legs") == {"Zebras", "Foals"}
        assert index.changes() == Changes()


def test_a_refresh_that_fails_leaves_the_state_before_to_answer(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence_search.index import update

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with EvidenceIndex(small, tmp_path / "made") as index:
        index.refresh()
        page(small, "a.txt", "K Zebras (2011). Spots.")
        monkeypatch.setattr(update.Update, "_write_state", fail)
        said: list[str] = []
        index.refresh_if_stale(failed=lambda error: said.append(str(error)))
        assert said == [
            "the index can't be refreshed: ZeroDivisionError; answering from the index as it was"
        ]
        assert titles(index, "stripes") == {"Zebras"}
        monkeypatch.undo()
        assert index.refresh().replaced == 1
