"""Duplicates in an index: one record for one document, and a refreshed index as one built anew."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evidence_search import export
from evidence_search.corpus import read_file
from evidence_search.index import EvidenceIndex, regrouping
from tests.conftest import extent
from tests.edits import refreshed_and_rebuilt
from tests.test_reliability_refresh import answers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run

OTTERS = "Otters help in the courts"
ENTRIES = (
    f"K {OTTERS} (Home Office, 2010). Otters swim; stripes help.",
    "K Zebras in clinics of the north (2011). Stripes help patients in Scottish prisons (SP).",
    f"G {OTTERS} (Home Office, 2010). What they do, in more words, and why zebras don't.",
    "R Beavers and their dams (Ministry of Dams, 2011). See also a later report (2014).",
)
REFERENCES: tuple[dict[str, Any], ...] = (
    {"title": OTTERS, "year": 2010, "publisher": "Home Office", "doi": "10.1000/otters"},
    {"title": "A report on mammals", "year": 2010, "doi": "10.1000/OTTERS", "summary": "Horses."},
    {"title": "Zebras in clinics of the north", "year": 2011, "authors": ["Smith, J"]},
    {"title": "Zebras in clinics of the north", "year": 2011, "authors": ["Smith JA"]},
    {"title": "Zebras in clinics of the north", "year": 2011, "authors": ["Roe, K"]},
)
LINES = (
    "same doi:10.1000/otters drug-a1-beavers-and-their-dams",
    "different doi:10.1000/otters drug-c5-otters",
    "same zebras drug-a1-zebras",
    "nonsense",
)


def write_cell(corpus: Path, name: str, entries: list[int]) -> None:
    cell = {"a.txt": "A1", "b.txt": "C5", "c.txt": "C5"}[name]
    text = f"Drug Treatment Matrix cell {cell}: Interventions; Treatment systems\n\n"
    path = corpus / name
    path.write_text(text + "\n\n".join(ENTRIES[n] for n in entries) + "\n", encoding="utf-8")


def write_references(corpus: Path, name: str, entries: list[int]) -> None:
    text = "".join(f"{json.dumps(REFERENCES[n])}\n" for n in entries)
    (corpus / name).write_text(text, encoding="utf-8")


def decide(corpus: Path, lines: list[int]) -> None:
    text = "".join(f"{LINES[n]}\n" for n in lines)
    (corpus / "duplicates.txt").write_text(text, encoding="utf-8")


def delete(corpus: Path, name: str) -> None:
    (corpus / name).unlink(missing_ok=True)


def rename(corpus: Path, old: str, new: str) -> None:
    if (corpus / old).exists():
        (corpus / old).replace(corpus / new)


CELLS = st.sampled_from(["a.txt", "b.txt", "c.txt"])
LISTS = st.sampled_from(["r.jsonl", "s.jsonl"])
EDITS: dict[Callable[..., None], tuple[st.SearchStrategy[Any], ...]] = {
    write_cell: (CELLS, st.lists(st.integers(0, len(ENTRIES) - 1), max_size=3)),
    write_references: (LISTS, st.lists(st.integers(0, len(REFERENCES) - 1), max_size=3)),
    decide: (st.lists(st.integers(0, len(LINES) - 1), max_size=2),),
    delete: (st.one_of(CELLS, LISTS, st.just("duplicates.txt")),),
    rename: (LISTS, LISTS),
}
STEPS = st.lists(
    st.one_of(*(st.tuples(st.just(edit), st.tuples(*of)) for edit, of in EDITS.items())),
    min_size=1,
    max_size=3,
)


@settings(max_examples=extent(60), suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=2, max_size=5))
@example(
    [
        [(write_cell, ("a.txt", [0])), (write_references, ("r.jsonl", [1]))],
        [(write_references, ("s.jsonl", [0]))],
        [(delete, ("r.jsonl",))],
        [(decide, ([1],)), (write_cell, ("b.txt", [2, 2]))],
    ]
)
def test_whatever_the_edits_documents_are_those_of_a_rebuilt_index(
    monkeypatch: pytest.MonkeyPatch, steps: list[list[Any]]
) -> None:
    monkeypatch.setattr(regrouping, "MANY", 0)  # so that all is never grouped at once
    with refreshed_and_rebuilt(steps) as (index, rebuilt):
        assert answers(index) == answers(rebuilt)


def opened(folder: Path) -> EvidenceIndex:
    index = EvidenceIndex(folder / "corpus", folder / "index")
    index.refresh()
    return index


def three_listings(folder: Path) -> Path:
    """Write a corpus of one document, listed in two cells and an export."""
    corpus = folder / "corpus"
    corpus.mkdir()
    write_cell(corpus, "a.txt", [0, 3])
    write_cell(corpus, "b.txt", [2])
    write_references(corpus, "r.jsonl", [0])
    return corpus


def test_a_document_of_several_listings_is_one_record_that_lists_them(tmp_path: Path) -> None:
    three_listings(tmp_path)
    with opened(tmp_path) as index:
        (record,) = [r for r in index.records if r.listings]
        assert len(index) == 2
        assert [(e.cell, e.source.path) for e in record.listings] == [
            ("A1", "a.txt"), ("C5", "b.txt"), (None, "r.jsonl")
        ]  # fmt: skip
        assert record.doi == "10.1000/otters"
        assert [c.code for c in record.categories] == ["K", "G"]


def test_the_words_of_all_listings_find_it_once(tmp_path: Path) -> None:
    three_listings(tmp_path)
    with opened(tmp_path) as index:
        for query in ("swim", '"in more words"', "otters"):
            assert index.search(query).total == 1, query


def test_facets_count_a_document_once_in_each_of_its_cells(tmp_path: Path) -> None:
    three_listings(tmp_path)
    with opened(tmp_path) as index:
        facets = index.facets()
        assert facets["cell"] == {"Drug A1": 2, "Drug C5": 1}
        assert facets["matrix"] == {"Drug": 2}
        assert facets["category"] == {"K": 1, "G": 1, "R": 1}


def test_a_document_is_known_by_the_ids_of_its_listings_too(tmp_path: Path) -> None:
    three_listings(tmp_path)
    with opened(tmp_path) as index:
        (record,) = [r for r in index.records if r.listings]
        assert record.id.startswith("doi-10.1000-otters-")
        for listing in record.listings:
            assert index.get(listing.id) == record
        assert index.get("drug-c5-otters") == record


def test_removing_the_other_copies_leaves_the_one_as_if_they_had_never_been(tmp_path: Path) -> None:
    corpus = three_listings(tmp_path)
    with opened(tmp_path) as index:
        (corpus / "a.txt").unlink()
        (corpus / "r.jsonl").unlink()
        refreshed = index.refresh()
        assert (refreshed.added, refreshed.removed) == (1, 2)
        (record,) = index.records
        assert (record.cell, record.listings, record.doi) == ("C5", (), None)


def test_a_decision_parts_and_joins_at_the_next_refresh(tmp_path: Path) -> None:
    corpus = three_listings(tmp_path)
    with opened(tmp_path) as index:
        (record,) = [r for r in index.records if r.listings]
        ours, theirs, _ = (listing.id for listing in record.listings)
        (corpus / "duplicates.txt").write_text(f"different {ours} {theirs}\n", encoding="utf-8")
        index.refresh()
        assert len([r for r in index.records if "otters" in r.title.casefold()]) > 1
        (corpus / "duplicates.txt").unlink()
        index.refresh()
        assert record in index.records


def test_the_command_shows_what_was_merged_and_what_may_be_and_takes_decisions(
    tmp_path: Path, run: Run
) -> None:
    corpus = three_listings(tmp_path)
    write_references(corpus, "s.jsonl", [2])
    write_cell(corpus, "c.txt", [1])
    where = ("--corpus", str(corpus), "--index", str(tmp_path / "index"))
    shown = run(*where, "duplicates").stdout
    assert "6 listings, 2 merged as duplicates: 4 records" in shown
    assert "Drug C5, b.txt:3: drug-c5-otters" in shown
    assert "for: same title, same year" in shown
    value = json.loads(run(*where, "duplicates", "--format", "json").stdout)
    assert (value["listings"], value["duplicates"], value["records"]) == (6, 2, 4)
    assert value["sources"] == {"a.txt": 2, "b.txt": 1, "c.txt": 1, "r.jsonl": 1, "s.jsonl": 1}
    assert len(value["merged"][0]["listings"]) == 3
    done = run(*where, "duplicates", "same", "drug-a1-beavers", "doi:10.1000/OTTERS")
    assert done.stdout.startswith("duplicates.txt: same drug-a1-beavers-and-their-dams")
    assert json.loads(run(*where, "stats", "--format", "json").stdout)["duplicates"] == 3
    run(*where, "duplicates", "different", "doi:10.1000/OTTERS", "drug-a1-beavers-and-their-dams")
    text = (corpus / "duplicates.txt").read_text(encoding="utf-8")
    assert [ln.split()[0] for ln in text.splitlines()[1:]] == ["different"]
    assert json.loads(run(*where, "stats", "--format", "json").stdout)["duplicates"] == 2


def test_a_decision_on_what_is_not_there_says_so_and_writes_nothing(
    tmp_path: Path, run: Run
) -> None:
    corpus = three_listings(tmp_path)
    where = ("--corpus", str(corpus), "--index", str(tmp_path / "index"))
    done = run(*where, "duplicates", "same", "nothing", "drug-a1-beavers")
    assert done.returncode == 1
    assert "found 'nothing', and none" in done.stderr
    assert run(*where, "duplicates", "alike", "a", "b").returncode == 2
    assert not (corpus / "duplicates.txt").exists()


def test_a_hit_says_where_else_it_is_listed_and_as_what(tmp_path: Path, run: Run) -> None:
    corpus = three_listings(tmp_path)
    write_references(corpus, "r.jsonl", [1, 0])
    where = ("--corpus", str(corpus), "--index", str(tmp_path / "index"))
    shown = run(*where, "search", "swim").stdout
    assert "also in Drug A1; r.jsonl, as “A report on mammals”" in " ".join(shown.split())
    for form in ("html", "markdown"):
        text = run(*where, "search", "swim", "--format", form).stdout
        assert "also in Drug A1; r.jsonl, as “A report on mammals”" in text.replace("\\", ""), form
    assert "Otters swim" in shown  # a passage of the listing that has the word


def test_each_listing_is_shown_for_itself_where_that_is_asked(tmp_path: Path, run: Run) -> None:
    corpus = three_listings(tmp_path)
    where = ("--corpus", str(corpus), "--index", str(tmp_path / "index"))
    assert len(run(*where, "list").stdout.splitlines()) == 2
    assert len(run(*where, "list", "--listings").stdout.splitlines()) == 4
    rows = run(*where, "search", "swim", "--listings", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(row)["source"]["path"] for row in rows] == ["a.txt", "b.txt", "r.jsonl"]
    shown = run(*where, "show", "drug-c5-otters").stdout
    assert "Listed in" in shown
    assert run(*where, "show", "drug-c5-otters", "--listings").stdout.count("Source:") == 3


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_record_of_several_listings_comes_back_whole_from_our_own_formats(
    tmp_path: Path, form: str
) -> None:
    three_listings(tmp_path)
    with opened(tmp_path) as index:
        records = index.records
    again = tmp_path / "again"
    (again / "corpus").mkdir(parents=True)
    export(records, form, again / "corpus" / f"all.{form}")
    with opened(again) as index:
        assert {r.id for r in index.records} == {r.id for r in records}
        (record,) = [r for r in records if r.listings]
        back = index.get(record.id)
        assert [(e.id, e.cell, e.title, e.summary) for e in back.listings] == [
            (e.id, e.cell, e.title, e.summary) for e in record.listings
        ]
        assert (back.title, back.doi, back.categories) == (
            record.title, record.doi, record.categories
        )  # fmt: skip


def test_a_file_of_decisions_in_another_encoding_is_left_as_it_is(tmp_path: Path, run: Run) -> None:
    corpus = three_listings(tmp_path)
    remarked = "# décidé\n".encode("latin-1")
    (corpus / "duplicates.txt").write_bytes(remarked)
    where = ("--corpus", str(corpus), "--index", str(tmp_path / "index"))
    done = run(*where, "duplicates", "same", "drug-a1-beavers", "doi:10.1000/OTTERS")
    assert done.returncode == 1
    assert "duplicates.txt: expected text in UTF-8; found 0xe9 at byte 3" in done.stderr
    assert (corpus / "duplicates.txt").read_bytes() == remarked


def test_processes_that_decide_at_once_lose_no_decision(corpus: Path) -> None:
    text = "".join(f'{{"title": "Report {n}", "doi": "10.1000/{n}"}}\n' for n in range(31))
    (corpus / "many.jsonl").write_text(text, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path\n"
        "from evidence_search.corpus import parse_file\n"
        "from evidence_search.index.duplicates import decide\n"
        "corpus = Path(sys.argv[1]); name = 'many.jsonl'\n"
        "records, _ = parse_file((corpus / name).read_bytes(), name)\n"
        "for n in range(int(sys.argv[2]), 31, 3):\n"
        "    decide(corpus, records, 'different', 'doi:10.1000/0', f'doi:10.1000/{n}')\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, corpus, str(first)]) for first in (1, 2, 3)
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    read = read_file(corpus, "duplicates.txt")
    assert (len(read.decisions), read.problems) == (30, ())
