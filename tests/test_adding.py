"""Getting files into a corpus, and starting cells there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from evidence_search.adding import add, new_cell
from evidence_search.cells import read_cell
from evidence_search.errors import CorpusError, ExportError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

PAGE = """Drug Treatment Matrix cell A3: Interventions; Medical treatment

S Seminal studies K Key studies R Reviews G Guidance

K Zebras calm visitors (2011). A Danish study.

R Zebra trials (2012). No gain.
"""
RIS = "TY  - JOUR\nTI  - Zebras in courts\nPY  - 2010\nER  - \n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty corpus folder, beside which files lie."""
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def saved(tmp_path: Path, name: str, text: str = PAGE) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_cell_is_called_by_its_matrix_and_code_and_nothing_is_written_over(
    tmp_path: Path, folder: Path
) -> None:
    first = add(saved(tmp_path, "Saved page.HTM"), folder)
    assert (first.name, first.copied, first.cell) == ("drug-a3.html", True, ("Drug", "A3"))
    assert first.categories == {"K": 1, "R": 1}
    again = add(saved(tmp_path, "copy.txt"), folder)
    assert (again.name, again.copied) == ("drug-a3.html", False)
    edited = add(saved(tmp_path, "later.html", PAGE.replace("2012", "2013")), folder)
    assert (edited.name, edited.copied) == ("drug-a3-2.html", True)
    assert (folder / "drug-a3.html").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("My Library (1).ris", "my-library-1.ris"),
        ("Étude №5.RIS", "etude-no5.ris"),
        ("README.ris", "file-readme.ris"),
        ("-.ris", "file.ris"),
        # What these say of a corpus, or of its records, is for people to say.
        ("lists.txt", "file-lists.txt"),
        ("Duplicates.TXT", "file-duplicates.txt"),
        ("settings.toml", "file-settings.toml"),
        ("thesaurus.toml", "file-thesaurus.toml"),
        ("lists.ris", "lists.ris"),
    ],
)
def test_an_export_keeps_its_name_in_plain_letters(
    tmp_path: Path, folder: Path, name: str, kept: str
) -> None:
    assert add(saved(tmp_path, name, RIS), folder).name == kept


def test_what_holds_nothing_stays_out(tmp_path: Path, folder: Path) -> None:
    for name, text in {"list.txt": "A shopping list", "hot.txt": "Hot topic: zebras"}.items():
        with pytest.raises(CorpusError, match=r"a matrix cell.*; nothing was added$") as no:
            add(saved(tmp_path, name, text), folder)
        assert "out of the corpus" not in str(no.value)
    with pytest.raises(CorpusError, match="found a folder"):
        add(tmp_path, folder)
    with pytest.raises(CorpusError, match="No such file"):
        add(tmp_path / "missing.txt", folder)
    large = f"TY  - JOUR\nTI  - A\nAB  - {'a b ' * 300_000}\nER  - \n"
    with pytest.raises(CorpusError, match="a record of at most 1000000 characters"):
        add(saved(tmp_path, "large.ris", large), folder)
    assert list(folder.iterdir()) == []


def test_a_link_in_the_corpus_is_not_written_through(tmp_path: Path, folder: Path) -> None:
    (folder / "drug-a3.txt").symlink_to(tmp_path / "elsewhere.txt")
    assert add(saved(tmp_path, "a.txt"), folder).name == "drug-a3-2.txt"
    assert not (tmp_path / "elsewhere.txt").exists()
    with pytest.raises(ExportError):
        new_cell("Drug A3", folder)
    assert not (tmp_path / "elsewhere.txt").exists()


def test_add_says_what_it_read_and_searches_find_it_at_once(
    run: Run, tmp_path: Path, folder: Path
) -> None:
    page = saved(tmp_path, "page.txt", PAGE + "\nK No year. Text.\n")
    done = run("add", str(page), str(tmp_path / "missing"), corpus=folder)
    assert done.returncode == 1
    first, problem = done.stdout.splitlines()
    assert first == "Added drug-a3.txt: Drug cell A3, 3 records (2 K, 1 R); 1 to check"
    assert problem.strip().startswith("drug-a3.txt:9:1: warning: expected a year")
    assert "missing: expected a file that can be read" in done.stderr
    found = json.loads(run("search", "zebra", "--format", "json", corpus=folder).stdout)
    assert found["total"] == 2
    assert found["facets"]["cell"] == {"Drug A3": 2}
    other = saved(tmp_path, "b.txt", PAGE.replace("2012", "2014"))
    assert "the same cell is in drug-a3.txt too" in run("add", str(other), corpus=folder).stdout


def test_the_corpus_of_the_program_is_not_added_to(run: Run, tmp_path: Path) -> None:
    # Where no corpus is named and none is here, it is the one that the program brings.
    done = run("add", str(saved(tmp_path, "page.txt")), env={"EVIDENCE_SEARCH_CORPUS": ""})
    assert done.returncode == 1
    assert "expected a corpus folder of your own" in done.stderr


def test_a_new_cell_has_its_header_and_legend(run: Run, folder: Path) -> None:
    done = run("new-cell", "drug", "a3", corpus=folder)
    assert done.stdout == f"Started {folder}/drug-a3.txt\n"
    cell = read_cell((folder / "drug-a3.txt").read_text(encoding="utf-8"), "drug-a3.txt")
    assert (cell.matrix, cell.code, cell.row) == ("Drug", "A3", "Medical treatment")
    assert [problem.code for problem in cell.problems] == ["no-entries"]
    assert run("new-cell", "Drug", "A3", corpus=folder).returncode == 1
    wrong = run("new-cell", "Drug", "F9", corpus=folder)
    assert "expected a matrix and a cell, such as" in wrong.stderr


def test_two_matrices_have_cells_of_one_code_apart(run: Run, tmp_path: Path, folder: Path) -> None:
    run("add", str(saved(tmp_path, "a.txt")), corpus=folder)
    alcohol = PAGE.replace("Drug", "Alcohol").replace("Zebra", "Okapi")
    run("add", str(saved(tmp_path, "b.txt", alcohol)), corpus=folder)
    for query, total in {"cell:A3": 4, 'cell:"Drug A3"': 2, "+column:A +row:3": 4}.items():
        found = run("search", query, "--format", "json", corpus=folder).stdout
        assert json.loads(found)["total"] == total
    done = run("search", "visitors", "--cell", "Drug A3", "--format", "json", corpus=folder)
    assert [hit["record"]["matrix"] for hit in json.loads(done.stdout)["hits"]] == ["Drug"]
