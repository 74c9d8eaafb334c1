"""Named lists: what people put there stays, whoever writes at once and however records change."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search import export
from evidence_search.engines.plan import Among
from evidence_search.errors import CorpusError, ExportError, QueryError, RecordNotFoundError
from evidence_search.index import EvidenceIndex
from evidence_search.index.lists import Lists, Place
from evidence_search.lists import LISTS
from evidence_search.lists.entries import HEADING, Entry, parse, said_of
from evidence_search.lists.labels import of_labels
from evidence_search.records import OnList
from evidence_search.render import render
from tests.conftest import ROOT
from tests.effort import is_linear
from tests.test_engines import LOCAL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

RIS = """TY  - JOUR
TI  - {title}
AU  - {author}
PY  - {year}
{more}ER  -

"""


def ris(title: str, *, author: str = "Ash, U", year: int = 2010, more: str = "") -> str:
    return RIS.format(title=title, author=author, year=year, more=more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a corpus of four references."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    titles = ("Otters in court", "Zebras in clinics", "Beavers at home", "Moles at work")
    (folder / "a.ris").write_text("".join(map(ris, titles)))
    return folder


@pytest.fixture(params=LOCAL)
def index(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> EvidenceIndex:
    index = EvidenceIndex(folder, f"{request.param}:{tmp_path / 'made'}".removeprefix("whoosh:"))
    index.refresh()
    return index


def found(index: EvidenceIndex, query: str, **filters: str) -> set[str]:
    hits = index.search(query, limit=None, **filters)  # type: ignore[arg-type]
    return {hit.record.title.split()[0] for hit in hits}


def on(index: EvidenceIndex) -> dict[str, set[str]]:
    return {name: {one.title.split()[0] for one in each} for name, each in index.lists.items()}


def put(index: EvidenceIndex, word: str, name: str, **options: str | bool) -> None:
    index.put(index.search(word).records, name, **options)  # type: ignore[arg-type]


# Searching


def test_a_list_is_a_field_a_filter_and_a_facet(index: EvidenceIndex) -> None:
    put(index, "otters OR zebras", "included")
    put(index, "zebras OR moles", "to read")
    assert found(index, "list:included") == {"Otters", "Zebras"}
    assert found(index, 'list:"to read"') == {"Zebras", "Moles"}
    assert found(index, "list:included list:read") == {"Otters", "Zebras", "Moles"}
    assert found(index, "NOT list:included") == {"Beavers", "Moles"}
    assert found(index, "list:included AND zebras") == {"Zebras"}
    assert found(index, "", list="to read") == {"Zebras", "Moles"}
    assert index.search("").facets["list"] == {"included": 2, "to read": 2}
    assert index.search("zebras").facets["list"] == {"included": 1, "to read": 1}
    narrowed = index.search("", list="to read", limit=1)
    assert (narrowed.total, narrowed.facets["list"]) == (2, {"included": 2, "to read": 2})
    assert index.facets("zebras OR beavers", ["list"])["list"] == {"included": 1, "to read": 1}


def test_a_record_says_its_lists_wherever_it_is_given(index: EvidenceIndex) -> None:
    put(index, "otters", "excluded", note="wrong population", by="Ann")
    (record,) = index.search("otters").records
    (one,) = record.lists
    assert (one.name, one.by, one.note, one.at[:2]) == ("excluded", "Ann", "wrong population", "20")
    assert index.get(record.id) == record == index.search("", list="excluded").matches[0]
    assert record in index.records
    assert index.lists["EXCLUDED"][0].record == record


def test_a_list_that_there_is_not_is_said_with_those_that_there_are(index: EvidenceIndex) -> None:
    put(index, "otters", "to read")
    assert not index.search("list:reed")
    with pytest.raises(QueryError, match=r"expected a list of the corpus; found 'reed'.*to read"):
        index.search("", list="reed")


def test_an_explanation_knows_lists(index: EvidenceIndex) -> None:
    put(index, "otters", "included")
    (record,) = index.search("otters").records
    told = index.explain("list:included", record)
    assert told.record
    assert told.record.matches
    assert told.tree == ("list:included, 1 records",)
    assert not index.explain("zebras", record, list="included").record.matches  # type: ignore[union-attr]


def test_taking_off_leaves_other_lists(index: EvidenceIndex) -> None:
    put(index, "otters OR zebras", "included")
    put(index, "otters", "to read")
    put(index, "otters", "Included", off=True)
    assert on(index) == {"included": {"Zebras"}, "to read": {"Otters"}}
    put(index, "otters", "included")
    assert on(index)["included"] == {"Otters", "Zebras"}


def test_a_put_that_says_nothing_new_writes_nothing(index: EvidenceIndex, folder: Path) -> None:
    records = index.search("otters OR zebras").records
    assert index.put(records, "included", note="fits").changed == 2
    before = (folder / LISTS).read_bytes()
    again = index.put([*records, records[0]], "INCLUDED", note="fits")
    assert (again.list, again.changed, again.unchanged) == ("included", 0, 2)
    assert index.put(records, "maybe", off=True).changed == 0
    assert (folder / LISTS).read_bytes() == before
    assert index.put(records[0].id, "included", note="fits well").changed == 1


@pytest.mark.parametrize(
    "name", ["\u200b", "\u2060\u200d", "\u00ad", "\u3164", "\ufe0f", "\u2800", "\u00a0 \u2003"]
)
def test_a_list_has_no_name_that_nobody_would_see(
    index: EvidenceIndex, folder: Path, name: str
) -> None:
    with pytest.raises(QueryError, match="found nothing that can be seen"):
        put(index, "otters", name)
    assert not (folder / LISTS).exists()
    entries, problems = parse(f"2020-01-01\tAnn\ton\t{name}\tx\n")
    assert entries == ()
    assert "found no name of a list that can be seen" in problems[0].message


@pytest.mark.parametrize(
    "name", ["included\u200b", "in\u200dcluded", "\ufeffINCLUDED", "\u2060in\u00adcluded \ufe0f"]
)
def test_a_list_whose_name_looks_like_that_of_another_is_that_one(
    index: EvidenceIndex, name: str
) -> None:
    put(index, "otters", "included")
    assert index.put(index.search("zebras").records, name).list == "included"
    assert [len(places) for places in index.lists.values()] == [2]


def test_a_label_that_nobody_would_see_is_no_list() -> None:
    assert of_labels(["rayyan label: \u200b\u2060", "rayyan label: to read"]) == (
        OnList("to read"),
    )


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 101])
def test_a_list_needs_a_name_of_a_line(index: EvidenceIndex, folder: Path, name: str) -> None:
    if name == "\x00":  # which is shown as a mark
        index.put(index.ids()[0], name)
        assert list(index.lists) == ["\ufffd"]
        return
    with pytest.raises(QueryError, match="expected a name of a list of 1 to 100 characters"):
        index.put(index.ids()[0], name)
    assert not (folder / LISTS).exists()


def test_a_name_may_have_a_hundred_characters_and_a_note_two_thousand(
    index: EvidenceIndex,
) -> None:
    name, note = "x" * 100, "y" * 2000
    index.put(index.ids()[0], name, note=note, by=name)
    (placed,) = index.lists[name]
    assert (placed.by, placed.note) == (name, note)
    with pytest.raises(QueryError, match="expected a note of 1 to 2000 characters; found 2001"):
        index.put(index.ids()[0], name, note=note + "y")


# What people said before, on records of screening tools

SCREENED = (
    'N1  - RAYYAN-INCLUSION: {"Ann"=>"Included"} | RAYYAN-LABELS: to read\n',
    'N1  - RAYYAN-INCLUSION: {"Ann"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: wrong age,animals\n',
    "N1  - ASReview_relevant\n",
    "N1  - ASReview_irrelevant\n",
)


@pytest.fixture
def screened(index: EvidenceIndex, folder: Path) -> EvidenceIndex:
    titles = ("Aardvarks", "Bears", "Camels", "Deer")
    each = (ris(title, more=more) for title, more in zip(titles, SCREENED, strict=True))
    (folder / "screened.ris").write_text("".join(each))
    index.refresh()
    return index


def test_decisions_of_screening_tools_are_lists(screened: EvidenceIndex) -> None:
    assert on(screened) == {
        "included": {"Aardvarks", "Camels"}, "excluded": {"Bears", "Deer"}, "to read": {"Aardvarks"}
    }  # fmt: skip
    assert found(screened, "list:excluded") == {"Bears", "Deer"}
    assert screened.search("").facets["list"] == {"excluded": 2, "included": 2, "to read": 1}
    (bears,) = screened.search("bears").records
    assert [(one.name, one.by, one.note) for one in bears.lists] == [
        ("excluded", "Ann", "wrong age; animals")
    ]


def test_what_is_put_and_taken_off_wins_over_what_was_imported(screened: EvidenceIndex) -> None:
    put(screened, "aardvarks", "included", off=True)
    put(screened, "otters", "Included")
    put(screened, "camels", "included", note="sure")
    assert on(screened)["included"] == {"Camels", "Otters"}
    assert found(screened, "list:included") == {"Camels", "Otters"}
    assert found(screened, "", list="included") == {"Camels", "Otters"}
    counts = screened.search("").facets["list"]
    assert counts == {"excluded": 2, "included": 2, "to read": 1}
    assert screened.search("aardvarks OR otters").facets["list"] == {"included": 1, "to read": 1}


FORMATS = {"ris": "ris", "nbib": "nbib", "bibtex": "bib", "csl-json": "json", "json": "json",
           "jsonl": "jsonl", "csv": "csv", "tsv": "tsv", "csv-excel": "csv"}  # fmt: skip


@pytest.mark.parametrize("form", [*FORMATS, "endnote-xml"])
def test_lists_come_back_from_every_export(
    screened: EvidenceIndex, tmp_path: Path, form: str
) -> None:
    put(screened, "aardvarks", "included", off=True)
    put(screened, "otters", "included", by="Ben")
    put(screened, "zebras", "excluded", note="wrong age, and animals", by="Ben")
    put(screened, "zebras OR moles", "to read, later", by="Ben")
    put(screened, "beavers", "maybe", by="Ben")
    again = tmp_path / "again"
    again.mkdir()
    export(screened.records, form, again / f"x.{FORMATS.get(form, 'xml')}")
    back = EvidenceIndex(again, tmp_path / "back")
    back.refresh()
    later = {"Zebras", "Moles"}
    told = {name.replace(";", ","): titles for name, titles in on(back).items()}
    assert told == {
        "included": {"Camels", "Otters"}, "excluded": {"Bears", "Deer", "Zebras"},
        "maybe": {"Beavers"}, "to read": {"Aardvarks"}, "to read, later": later,
    }  # fmt: skip
    (zebras,) = back.search("zebras").records
    assert [(one.by, one.note.replace(";", ",")) for one in zebras.lists if one.note] == [
        ("Ben", "wrong age, and animals")
    ]


def test_exports_say_decisions_as_rayyan_and_asreview_read_them(screened: EvidenceIndex) -> None:
    put(screened, "otters", "included", by="Ben")
    put(screened, "zebras", "excluded", note="wrong age", by="Ben")
    put(screened, "moles", "included", by="Ben")
    put(screened, "moles", "excluded", by="Ann")
    put(screened, "aardvarks", "included", off=True)

    def notes(word: str) -> set[str]:
        text = export(screened.search(word).records, "ris")
        return {row[6:] for row in text.splitlines() if row.startswith("N1")}

    assert notes("otters") == {'RAYYAN-INCLUSION: {"Ben"=>"Included"}', "ASReview_relevant"}
    assert notes("zebras") == {
        'RAYYAN-INCLUSION: {"Ben"=>"Excluded"}', "RAYYAN-EXCLUSION-REASONS: wrong age",
        "ASReview_irrelevant",
    }  # fmt: skip
    assert notes("moles") == {
        'RAYYAN-INCLUSION: {"Ben"=>"Included"}', 'RAYYAN-INCLUSION: {"Ann"=>"Excluded"}'
    }  # fmt: skip
    assert notes("camels") == {"ASReview_relevant"}
    assert not any("INCLUSION:" in note for note in notes("aardvarks"))
    rows = csv.DictReader(io.StringIO(export(screened.records, "csv")))
    assert {row["title"].split()[0]: row["included"] for row in rows} == {
        "Otters": "1", "Zebras": "0", "Beavers": "", "Moles": "", "Aardvarks": "", "Bears": "0",
        "Camels": "1", "Deer": "0",
    }  # fmt: skip


@pytest.fixture(scope="module", params=LOCAL)
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> EvidenceIndex:
    """Return an index of which half of the records come with decisions; it is only read."""
    place = tmp_path_factory.mktemp("many")
    (place / "corpus").mkdir()
    decided = [*SCREENED, "N1  - RAYYAN-LABELS: Included,later\n", ""]
    rows = (ris(f"Otters {n} in court", more=decided[n % 6]) for n in range(12))
    (place / "corpus" / "a.ris").write_text("".join(rows))
    index = EvidenceIndex(
        place / "corpus", f"{request.param}:{place / 'index'}".removeprefix("whoosh:")
    )
    index.refresh()
    return index


@given(
    st.lists(
        st.tuples(
            st.integers(0, 12),
            st.sampled_from(["on", "on", "off"]),
            st.sampled_from(["included", "Included", "excluded", "to read", "later"]),
            st.integers(0, 3),
        ),
        max_size=20,
    )
)
@settings(deadline=None, max_examples=25)
def test_field_filter_facet_and_records_agree_whatever_was_put_and_taken_off(
    many: EvidenceIndex, said: list[tuple[int, str, str, int]]
) -> None:
    ids = [*many.ids(), "gone-0123ab"]
    lines = (f"2026-01-0{day + 1}\tann\t{do}\t{name}\t{ids[n]}\n" for n, do, name, day in said)
    (many.corpus_folder / LISTS).write_text("".join(lines))
    records = [*many.records]
    for query in ("", "otters", "otters AND 3"):
        counts = many.search(query).facets["list"]
        table = many.search(query, limit=0).crosstab("list", "category")
        totals = {label.casefold(): table.row_total(label) for label in table.row_labels}
        matching = set(many.search(query, limit=None).ids)
        for name in ("included", "excluded", "to read", "later"):
            expected = {
                record.id
                for record in records
                if any(one.name.casefold() == name for one in record.lists)
            }
            found = set(many.search(f'list:"{name}"', limit=None).ids)
            assert found == expected
            shown = {label.casefold(): n for label, n in counts.items()}
            assert shown.get(name, 0) == len(expected & matching) == totals.get(name, 0)
            if expected:
                assert set(many.search(query, list=name, limit=None).ids) == expected & matching


# The file


@given(st.lists(st.text(), min_size=8, max_size=8))
def test_an_entry_is_read_as_it_was_written(texts: list[str]) -> None:
    _, by, _, name, record, _, note, title = texts
    entry = Entry("2026-11-27T08:00:00Z", by, "on", f"l{name}"[:90], f"r{record}", (), note, title)
    (read,), problems = parse(f"{HEADING}{entry.text()}")
    assert not problems
    assert read.text() == entry.text()
    assert entry.text().count("\t") == 7


@given(st.text())
def test_any_text_is_entries_problems_and_remarks(text: str) -> None:
    entries, problems = parse(text)
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    said = [row for row in rows if row.strip() and not row.startswith("#")]
    assert len(entries) + len(problems) == len(said)


def test_a_bad_line_costs_itself_and_is_reported_with_its_place(
    index: EvidenceIndex, folder: Path, run: Run
) -> None:
    put(index, "otters", "included")
    with (folder / LISTS).open("a") as file:
        file.write("<<<<<<< HEAD\n2026-11-27T08:00:00Z\tann\tperhaps\tincluded\tx\n")
        file.write("yesterday\tann\ton\tincluded\tx\n\tann\ton\tincluded\t\n")
    put(index, "zebras", "included")
    assert on(index) == {"included": {"Otters", "Zebras"}}
    assert "4 lines of lists.txt can't be read" in " ".join(index.search("otters").notes)
    checked = run("check", corpus=folder)
    assert checked.returncode == 1
    assert "lists.txt:3:1: error: expected time, person" in checked.stdout
    assert "lists.txt:4:1: error: expected time, person" in checked.stdout
    for found in ("one field in '<<<<<<< HEAD'", "'perhaps'", "the time 'yesterday'", "no record"):
        assert f"found {found}" in checked.stdout
    assert "4 lines of lists.txt can't be read" in run("lists", corpus=folder).stderr


def test_of_very_many_bad_lines_the_rest_are_counted() -> None:
    entries, problems = parse("x\n" * 5000 + "\tann\ton\tincluded\ty\n")
    assert (len(entries), len(problems)) == (1, 1001)
    assert "found 4000 more errors" in problems[-1].message
    assert said_of(()) == ""
    assert said_of(problems).startswith("very many lines of lists.txt can't be read")
    assert said_of(parse("x\n" * 1000)[1]).startswith("1000 lines of lists.txt can't be read")


def test_lines_may_stand_in_any_order(index: EvidenceIndex, folder: Path) -> None:
    ids = {title: index.search(title).records[0].id for title in ("otters", "zebras")}
    lines = [
        f"2026-11-27T08:00:00Z\tann\ton\tincluded\t{ids['otters']}\n",
        f"2026-11-27T09:00:00Z\tben\toff\tincluded\t{ids['otters']}\n",
        f"2026-11-27\tann\toff\tincluded\t{ids['zebras']}\n",
        f"2026-11-27T10:00\tben\ton\tincluded\t{ids['zebras']}\n",
    ]
    for order in (lines, lines[::-1]):
        (folder / LISTS).write_text("".join(order))
        assert on(index) == {"included": {"Zebras"}}


def test_a_hand_written_entry_may_name_a_record_by_its_doi(
    index: EvidenceIndex, folder: Path
) -> None:
    (folder / "doi.ris").write_text(ris("Foxes", more="DO  - 10.1000/Foxes\n"))
    index.refresh()
    (folder / LISTS).write_text("\tann\ton\tincluded\t\thttps://doi.org/10.1000/foxes\r\n")
    assert on(index) == {"included": {"Foxes"}}


def test_what_is_put_now_holds_where_anothers_clock_was_ahead(
    index: EvidenceIndex, folder: Path
) -> None:
    (name,) = index.search("otters").ids
    (folder / LISTS).write_text(f"2199-01-01T00:00:00Z\tann\ton\tincluded\t{name}\n")
    put(index, "otters", "included", off=True)
    assert on(index) == {}


def test_processes_that_put_at_once_lose_nothing(folder: Path, tmp_path: Path) -> None:
    index = EvidenceIndex(folder, tmp_path / "index")
    index.refresh()
    code = (
        "import sys; from pathlib import Path; from evidence_search.index import EvidenceIndex\n"
        "index = EvidenceIndex(Path(sys.argv[1]), sys.argv[2])\n"
        "for n in range(40): index.put(index.ids(), f'{sys.argv[3]} {n}', note='because')\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, folder, tmp_path / "index", who])
        for who in ("one", "two", "three")
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    lists = index.lists
    assert len(lists) == 120
    assert {len(places) for places in lists.values()} == {4}
    assert not lists.problems
    assert (folder / LISTS).read_text().count("#") == 1


def test_a_line_that_a_crash_cut_short_is_all_that_is_lost(
    index: EvidenceIndex, folder: Path
) -> None:
    put(index, "otters", "included")
    with (folder / LISTS).open("a") as file:
        file.write("2026-11-27T08:0")
    put(index, "zebras", "included")
    assert on(index) == {"included": {"Otters", "Zebras"}}


def test_on_a_full_disk_the_file_is_as_it_was(index: EvidenceIndex, folder: Path) -> None:
    import resource

    put(index, "otters", "included")
    before = (folder / LISTS).read_bytes()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 9, usual[1]))
    try:
        with pytest.raises(ExportError, match="can't be written"):
            put(index, "zebras", "included")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert (folder / LISTS).read_bytes() == before
    assert on(index) == {"included": {"Otters"}}


@pytest.mark.parametrize("kind", ["link", "dangling", "endless", "pipe", "folder"])
def test_what_stands_in_the_place_of_the_file_is_never_followed(
    index: EvidenceIndex, folder: Path, tmp_path: Path, kind: str
) -> None:
    victim, path = tmp_path / "victim", folder / LISTS
    victim.write_text("precious")
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        places: dict[str, Path | str] = {
            "link": victim,
            "dangling": tmp_path / "nowhere",
            "endless": "/dev/zero",
        }
        path.symlink_to(places[kind])
    results = index.search("otters")
    assert results.total == 1
    assert "lists.txt: expected a file, found" in results.notes[0]
    for use in (lambda: index.lists, lambda: index.put(results.records, "included")):
        with pytest.raises(CorpusError, match="expected a file, found"):
            use()
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_lists_are_no_evidence_but_a_file_of_that_name_elsewhere_is(
    index: EvidenceIndex, folder: Path
) -> None:
    put(index, "otters", "included")
    assert not index.changes()
    (folder / "sub").mkdir()
    (folder / "sub" / LISTS).write_text(ris("Foxes"))
    assert index.changes().added == (f"sub/{LISTS}",)


# Records change


def test_an_entry_finds_its_record_after_a_reimport_that_changes_its_id(
    index: EvidenceIndex, folder: Path
) -> None:
    put(index, "otters", "included")
    put(index, "zebras", "included")
    (folder / "a.ris").unlink()
    (folder / "new.ris").write_text(
        ris("Otters in court", more="DO  - 10.1000/otters\n") + ris("Zebras in clinics")
    )
    index.refresh()
    assert on(index) == {"included": {"Otters", "Zebras"}}
    assert found(index, "list:included") == {"Otters", "Zebras"}
    (folder / "new.ris").write_text(
        ris("Otters in a court: a study of the law", more="DO  - 10.1000/otters\n", year=2011)
    )
    put(index, "otters", "to read")
    index.refresh()
    assert on(index)["to read"] == {"Otters"}


def test_an_entry_finds_its_record_when_a_slip_in_the_title_is_mended(
    index: EvidenceIndex, folder: Path
) -> None:
    (folder / "slip.ris").write_text(ris("The wellfare of badgers in the north"))
    index.refresh()
    put(index, "badgers", "included")
    (folder / "slip.ris").write_text(
        ris("The welfare of badgers in the north")
        + ris("The welfare of badgers in the north", year=2014)
        + ris("The welfare of badgers in the north", author="Elm, V")
    )
    index.refresh()
    (place,) = index.lists["included"]
    assert place.record
    assert (place.record.year, place.record.authors) == (2010, ("Ash, U",))


def test_an_entry_is_of_the_document_that_its_record_was_merged_into(
    index: EvidenceIndex,
) -> None:
    put(index, "otters", "included")
    put(index, "zebras", "excluded", note="stripes")
    index.decide("same", index.search("otters").ids[0], index.search("zebras").ids[0])
    index.refresh()
    (record,) = index.search("otters").records
    assert {one.name for one in record.lists} == {"included", "excluded"}
    assert index.search("").facets["list"] == {"included": 1, "excluded": 1}
    assert [len(entry.lists) for entry in record.entries] == [2, 2]


def test_two_documents_of_one_title_and_year_are_told_apart(
    index: EvidenceIndex, folder: Path
) -> None:
    (folder / "b.ris").write_text(ris("Editorial", author="Elm, V"))
    index.refresh()
    put(index, "editorial", "included")
    (folder / "a0.ris").write_text(ris("Editorial", author="Oak, W"))
    index.refresh()
    (place,) = index.lists["included"]
    assert place.record
    assert place.record.authors == ("Elm, V",)
    (elm,) = [r for r in index.search("editorial").records if r.authors == ("Elm, V",)]
    put(index, "oak", "to read")
    (folder / "a0.ris").unlink()
    index.refresh()
    assert elm.id != index.search("editorial").ids[0]
    assert index.lists["to read"][0].record is None


def test_an_entry_whose_record_is_gone_stays_and_is_said(
    index: EvidenceIndex, folder: Path, run: Run
) -> None:
    put(index, "otters OR zebras", "included", note="fits")
    (folder / "a.ris").write_text(ris("Zebras in clinics"))
    index.refresh()
    gone, there = sorted(index.lists["included"], key=lambda one: one.title)
    assert (gone.record, gone.title, gone.note) == (None, "Otters in court (2010)", "fits")
    assert there.record
    assert index.search("").facets["list"] == {"included": 1}
    checked = run("check", corpus=folder)
    assert (checked.returncode, checked.stdout.count("unknown-record")) == (0, 1)
    assert "found 'Otters in court (2010)', which is none now" in checked.stdout
    assert "no record of the corpus now" in run("lists", "included", corpus=folder).stdout
    (folder / "b.ris").write_text(ris("Otters in court"))
    index.refresh()
    assert on(index) == {"included": {"Otters", "Zebras"}}


def test_what_the_corpus_has_no_more_is_taken_off_a_list_by_its_id_there(
    index: EvidenceIndex, folder: Path
) -> None:
    put(index, "otters OR zebras", "included")
    with (folder / LISTS).open("a") as file:
        file.write("2026-01-01\tann\ton\tincluded\t\tdoi:10.1000/gone\n")
    (folder / "a.ris").write_text(ris("Zebras in clinics"))
    index.refresh()
    left = [one.id for one in index.lists["included"] if not one.record]
    assert len(left) == 2
    with pytest.raises(RecordNotFoundError):
        index.put(left, "excluded", off=True)
    assert index.put(left, "Included", off=True).changed == 2
    assert [one.title for one in index.lists["included"]] == ["Zebras in clinics"]


def test_entries_without_an_id_are_told_apart_by_their_lasting_names(
    index: EvidenceIndex, folder: Path
) -> None:
    line = "\tann\t{}\tincluded\t\tdoi:10.1000/{}\n"
    lines = [line.format("on", "a"), line.format("on", "b"), line.format("on", "c")]
    (folder / LISTS).write_text("".join([*lines, line.format("off", "b")]))
    assert [one.id for one in index.lists["included"]] == ["doi:10.1000/a", "doi:10.1000/c"]


def test_labels_that_are_no_decision_put_on_no_list() -> None:
    assert of_labels(("asreview: not seen", "topic: relevant", "rayyan label: ")) == ()


def test_other_facets_are_counted_where_there_are_lists(index: EvidenceIndex) -> None:
    put(index, "otters", "included")
    assert index.facets("otters OR zebras", names=["decade"]) == {"decade": {"2010s": 2}}


def test_a_list_of_many_records_is_one_part_of_a_plan(index: EvidenceIndex) -> None:
    assert Among(frozenset("ab")) == Among(frozenset("ba"))
    put(index, "in OR at OR otters OR zebras OR beavers OR moles", "all")
    assert index.search("list:all").total == 4


def test_work_with_very_many_lists_is_linear_in_their_number() -> None:
    def shown(many: int) -> None:
        lists = Lists({f"list {n}": (Place(f"a{n}", "Otters"),) for n in range(many)}, ())
        assert sum(map(len, lists.values())) == many
        assert "".join(render("lists", "text", lists.of(["LIST 0"]))) == "     1  list 0\n"

    assert is_linear(shown, 100)


# The command


def test_the_shell_puts_by_number_and_shows_lists(run: Run, corpus: Path) -> None:
    shown = run("prison", corpus=corpus)
    assert "List:" not in shown.stdout
    done = run("put", "1-3", "included", "--note", "fits", "--by", "Ann", corpus=corpus)
    assert done.stdout == "3 records put on “included”\n"
    done = run("put", "2", "5", "to read", corpus=corpus)
    assert done.stdout == "2 records put on “to read”\n"
    assert run("put", "--off", "1", "4", "included", corpus=corpus).stdout == (
        "1 record taken off “included”, 1 was not on it\n"
    )
    assert run("lists", corpus=corpus).stdout == "     2  included\n     2  to read\n"
    entries = json.loads(run("lists", "--format", "json", corpus=corpus).stdout)["included"]
    assert {(one["by"], one["note"], one["found"]) for one in entries} == {("Ann", "fits", True)}
    again = run("prison", corpus=corpus).stdout
    assert "on “included” (Ann: fits)" in again
    assert "\nList: included 2, to read 2\n" in again
    ids = run("search", "prison", "--list", "included", "--format", "jsonl", corpus=corpus).stdout
    assert {json.loads(row)["id"] for row in ids.splitlines()} == {one["id"] for one in entries}


def test_numbers_of_a_shown_list_name_its_records(run: Run, corpus: Path) -> None:
    run("prison", corpus=corpus)
    run("put", "4", "to read", corpus=corpus)
    shown = run("lists", "to read", corpus=corpus).stdout
    title = shown.splitlines()[1].removeprefix("  1. ")[:40]
    assert title in run("show", "1", corpus=corpus).stdout


def test_errors_of_put_and_lists_say_what_to_do(run: Run, corpus: Path) -> None:
    run("prison", corpus=corpus)
    for words, said in (
        (("put", "77", "included"), "expected numbers of the last search in this corpus"),
        (("put", "nobody", "included"), "expected the id of a record"),
        (("put", "1", "included", "--note", "x" * 2001), "expected a note of 1 to 2000 characters"),
        (("lists", "nope"), "expected a list of the corpus; found 'nope'; there are: none yet"),
    ):
        done = run(*words, corpus=corpus)
        assert (done.returncode > 0, len(done.stderr.splitlines())) == (True, 1), done.stderr
        assert said in done.stderr
    assert not (corpus / LISTS).exists()


def test_the_corpus_that_comes_with_the_program_is_not_written(run: Run) -> None:
    unnamed = {"EVIDENCE_SEARCH_CORPUS": ""}
    run("prison", env=unnamed)
    done = run("put", "1", "included", env=unnamed)
    assert done.returncode == 1
    assert "expected a corpus folder of your own" in done.stderr


# What the page on lists says

PAGE = (ROOT / "docs" / "lists.md").read_text(encoding="utf-8")


def test_the_commands_of_the_page_work_one_after_the_other(run: Run, corpus: Path) -> None:
    for line in re.findall(r"^\$ evidence-search (.*)$", PAGE, re.MULTILINE):
        done = run(*shlex.split(line), corpus=corpus)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout.strip()


def test_the_notebook_of_the_page_runs(corpus: Path, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    index = EvidenceIndex(corpus, tmp_path / "made")
    index.refresh()
    exec(code, {"index": index})  # noqa: S102 - our own page
    assert len(index.lists["to read"]) == 2
    assert "to read: 2 records" in index.lists._repr_html_()
