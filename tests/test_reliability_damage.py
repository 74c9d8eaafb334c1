"""Damage: whatever happens to the files of an index, it is noticed, explained and mended."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import evidence_search as es
from evidence_search import signing
from evidence_search.errors import IndexDamagedError
from evidence_search.index import EvidenceIndex
from tests.conftest import ROOT, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUERIES = ("prison", "drink driving", "homicid*", "scotland guidance", "jail", "homicde")


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 2 // 3)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def overwrite(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))  # noqa: S311


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\x00")


def remove(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    """Change one bit in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def answers(index: EvidenceIndex) -> list[object]:
    found = [index.search(query) for query in QUERIES]
    return [(f.hits, f.facets, f.added, f.suggestions) for f in found]


@pytest.fixture(scope="module")
def expected(e5: EvidenceIndex) -> list[object]:
    return answers(e5)


@pytest.fixture
def copy(e5: EvidenceIndex, tmp_path: Path) -> Callable[[], Path]:
    """Return a function that gives a folder with a copy of the index of cell E5, whole again."""

    def again() -> Path:
        shutil.rmtree(tmp_path / "index", ignore_errors=True)
        others = shutil.ignore_patterns("last-search.json")  # of tests that search it by command
        return Path(shutil.copytree(e5.index_folder, tmp_path / "index", ignore=others))

    return again


def files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.*")) if path.suffix != ".lock")


def test_an_index_is_made_of_the_files_that_these_tests_damage(copy: Callable[[], Path]) -> None:
    kinds = {path.suffix for path in files(copy())}
    assert kinds == {".toc", ".seg", ".json"}


@pytest.mark.parametrize("damage", [truncate, empty, overwrite, lengthen, remove, flip])
def test_a_damaged_file_is_noticed_explained_and_the_index_built_anew(
    copy: Callable[[], Path], expected: list[object], damage: Callable[[Path], None]
) -> None:
    names = [path.relative_to(folder) for folder in [copy()] for path in files(folder)]
    for name in names:
        folder = copy()
        (folder / "notes.txt").write_text("mine", encoding="utf-8")
        damage(folder / name)
        with EvidenceIndex(ROOT / "corpus", folder) as index:
            refreshed = index.refresh()
            assert refreshed.rebuilt
            if name.suffix != ".toc" or damage is not remove:  # without it nothing is there
                assert name.name in refreshed.reason or name.suffix == ".json"
            assert answers(index) == expected
            assert not list(index._view.snapshot.damage())
        assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"


def rot(path: Path, places: random.Random) -> None:
    """Change bytes as a bad disk does, of which the file system knows nothing."""
    (manifest,) = path.parent.glob("*.json")
    key = signing.read_key()
    version = json.loads(manifest.read_bytes().partition(b"\n")[2])["version"]
    _, files = signing.read_manifest(manifest, version, key)
    with path.open("r+b") as file:
        for _ in range(20):
            file.seek(places.randrange(20, path.stat().st_size - 20))
            file.write(places.randbytes(16))
    status = path.stat()
    files[path.name] = files[path.name]._replace(inode=status.st_ino, changed=status.st_ctime_ns)
    signing.write_manifest(manifest, version, files, key or b"")


def test_damage_that_an_opening_does_not_see_is_damage_in_the_middle_of_an_answer(
    copy: Callable[[], Path], expected: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    places = random.Random(7)  # noqa: S311
    noticed = unnoticed = 0
    for _ in range(12):
        folder = copy()
        segment = next(folder.rglob("*.seg"))
        rot(segment, places)
        with EvidenceIndex(ROOT / "corpus", folder) as index:
            before = len(caplog.records)
            damaged = isinstance(index._now, IndexDamagedError)
            found = answers(index)
            if len(caplog.records) > before:
                noticed += 1
                assert found == expected
                assert "built anew" in caplog.records[-1].message
            else:
                assert not damaged
                unnoticed += 1
                (difference, *_) = index.verify().differences
                assert segment.name in difference
                assert index.verify(repair=True).repaired
                assert answers(index) == expected
    assert noticed
    assert noticed + unnoticed == 12


def test_verify_of_an_index_that_cannot_be_opened_says_why_and_repair_builds_it_anew(
    copy: Callable[[], Path], expected: list[object]
) -> None:
    folder = copy()
    segment = next(folder.rglob("*.seg"))
    truncate(segment)
    with EvidenceIndex(ROOT / "corpus", folder) as index:
        verified = index.verify(repair=True)
        (difference,) = verified.differences
        assert segment.name in difference
        assert verified.repaired
        assert verified.repaired.rebuilt
        assert verified.documents == len(index) == 20
        assert index.verify().differences == ()
        assert answers(index) == expected


def test_an_error_of_ours_is_no_damage(e5: EvidenceIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr("evidence_search.engines.whoosh.search.search", wrong)
    with pytest.raises(KeyError, match="ours"):
        e5.search("prison")


def test_the_command_says_in_a_line_that_it_built_a_damaged_index_anew(
    run: Run, tmp_path: Path
) -> None:
    segment = next((tmp_path / "index").rglob("*.seg"))
    truncate(segment)
    done = run("homicide", "-n", "1")
    assert done.returncode == 0
    assert "domestic homicides" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("Built the index anew (")
    assert segment.name in line
    assert "bytes in place of" in line


def test_without_a_refresh_a_damaged_index_is_built_anew_by_the_first_answer(
    copy: Callable[[], Path], expected: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    folder = copy()
    truncate(next(folder.rglob("*.seg")))
    with es.open(ROOT / "corpus", folder, refresh=False) as index:
        assert index.status().damage
        assert answers(index) == expected
        assert not index.status().damage
    assert "built anew" in caplog.text


@pytest.mark.parametrize(
    "ask",
    [lambda i: i.rank("prison"), lambda i: i.stats(), lambda i: i.facets(), lambda i: i.ids()],
    ids=["rank", "stats", "facets", "ids"],
)
def test_whatever_is_asked_of_a_damaged_index_is_answered_from_a_new_one(
    ask: Callable[[EvidenceIndex], object], copy: Callable[[], Path], e5: EvidenceIndex
) -> None:
    folder = copy()
    truncate(next(folder.rglob("*.seg")))
    with es.open(ROOT / "corpus", folder, refresh=False) as index:
        assert ask(index) == ask(e5)


def test_where_the_corpus_is_gone_damage_is_an_error_that_says_what_to_do(
    corpus: Path, copy: Callable[[], Path]
) -> None:
    folder = copy()
    truncate(next(folder.rglob("*.seg")))
    index = EvidenceIndex(corpus, folder)
    assert isinstance(index._now, IndexDamagedError)
    assert "evidence-search index --rebuild" in str(index._now)
    shutil.rmtree(corpus)
    with pytest.raises(es.EvidenceSearchError, match="expected a corpus folder; found nothing"):
        index.search("prison")
    index.close()


def test_an_index_of_another_format_is_built_anew_in_its_place(
    copy: Callable[[], Path], expected: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy()
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr("evidence_search.engines.whoosh.FORMAT", 0)
    with EvidenceIndex(ROOT / "corpus", folder) as index:
        assert "format 0" in index.refresh().reason
        assert answers(index) == expected
    names = sorted(path.name for path in folder.iterdir())
    assert [name for name in names if name.endswith((".toc", ".json"))] == [
        "_MAIN_1.toc",
        "evidence-search-1.json",
    ]
    assert "notes.txt" in names
