"""Evidence maps, timelines and the corpus at a glance, in each format."""

from __future__ import annotations

import csv
import io
import json
import re
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search import documents
from evidence_search.crosstab import crosstab
from evidence_search.documents import AXES, SAVED, labelled
from evidence_search.errors import QueryError
from evidence_search.records import NOT_STATED, Category, Inference, Source, StudyRecord
from evidence_search.render import figures, formats_of, render
from evidence_search.render.style import Style
from evidence_search.search import Search
from evidence_search.stats import stats
from evidence_search.values import replace
from tests.test_render import HOSTILE, Outline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evidence_search.crosstab import Crosstab
    from evidence_search.index import EvidenceIndex
    from tests.conftest import Run


def made(
    number: int, codes: str = "K", year: int | None = 2010, *places: str, cell: str = "E5"
) -> StudyRecord:
    return StudyRecord(
        f"r-{number}",
        f"Study {number}",
        Source("a.txt", number + 1),
        categories=tuple(map(Category, codes)),
        year=year,
        inferences=tuple(Inference(place, "tag") for place in places),
        cell=cell,
        column={"A": "Interventions", "E": "Treatment systems"}[cell[0]],
    )


FEW = [
    made(1, "SG", 2003, "UK"),
    made(2, "K", 2007, "UK", "Scotland"),
    made(3, "", None, cell="A1"),
    made(4, "K", 2007, "Papua New Guinea"),
]


def axis_labels(record: StudyRecord, axis: str) -> Sequence[str]:
    has = () if axis == SAVED else labelled(record, [axis]).labels[0]
    return has or (NOT_STATED,)


def text_of(table: Crosstab, width: int = 80, kind: str = "map") -> str:
    return "".join(render(kind, "text", table, Style(width, width)))


# Counting


def test_a_map_keeps_gaps_and_orders_labels_as_readers_expect() -> None:
    table = crosstab(FEW, "category", "jurisdiction")
    assert table.row_labels == ("S", "K", "R", "G", "uncategorised")
    assert table.column_labels == ("UK", "Papua New Guinea", "Scotland", NOT_STATED)
    assert (table.count("K", "UK"), table.count("R", "UK")) == (1, 0)
    assert crosstab(FEW, "year", "category").row_labels == (
        "2003", "2004", "2005", "2006", "2007", NOT_STATED,
    )  # fmt: skip
    assert crosstab(FEW, "decade", "cell").column_labels == ("A1", "E5")
    assert crosstab(FEW, "column", "year").row_labels == ("Interventions", "Treatment systems")


def test_one_slip_in_a_year_does_not_stretch_the_years() -> None:
    table = crosstab([*FEW, made(5, "K", 9999)], "year", "category")
    assert table.row_labels == ("2003", "2007", "9999", NOT_STATED)


def test_a_record_with_several_labels_is_in_each_cell_and_once_in_totals() -> None:
    table = crosstab(FEW, "category", "jurisdiction")
    assert (table.row_total("S"), table.row_total("K"), table.row_total("G")) == (1, 2, 1)
    assert (table.column_total("UK"), table.total) == (2, 4)


@pytest.mark.parametrize(
    ("rows", "columns"), [("size", "year"), ("year", "size"), ("cell", "cell")]
)
def test_axes_that_are_none_or_the_same_are_refused(rows: str, columns: str) -> None:
    with pytest.raises(QueryError, match="expected"):
        crosstab(FEW, rows, columns)


def test_saved_searches_are_an_axis_with_those_that_find_nothing() -> None:
    saved = {"prison-1": {"r-1", "r-2"}, "zebras": set[str](), "prison.1": {"r-2"}}
    table = crosstab(FEW, "saved", "jurisdiction", saved=saved)
    assert table.row_labels == ("prison-1", "zebras", "prison.1", NOT_STATED)
    assert (table.row_total("prison-1"), table.row_total("prison.1")) == (2, 1)
    assert [r.id for r in table.records("prison-1", "UK")] == ["r-1", "r-2"]
    assert (table.row_total("zebras"), table.row_total(NOT_STATED), table.total) == (0, 2, 4)
    shown = text_of(table)
    assert shown.startswith("4 records by saved search and jurisdiction")
    assert re.search("^None of these ", shown, re.MULTILINE)


@given(
    st.lists(
        st.builds(
            made,
            st.integers(0, 10**9),
            st.sampled_from(["", "S", "KR", "SKRG"]),
            st.none() | st.integers(1900, 2030),
            st.sampled_from(["UK", "Scotland", "Chad"]),
        ),
        unique_by=lambda record: record.id,
    ),
    st.permutations(AXES),
)
def test_every_record_is_in_exactly_the_cells_of_its_labels(
    records: list[StudyRecord], axes: list[str]
) -> None:
    rows, columns, *_ = axes
    table = crosstab(records, rows, columns)
    for row in table.row_labels:
        for column in table.column_labels:
            assert list(table.records(row, column)) == [
                record
                for record in records
                if row in axis_labels(record, rows) and column in axis_labels(record, columns)
            ]
    assert {r.id for cell in table.cells.values() for r in cell} == {r.id for r in records}


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis != "category"])
def test_an_index_counts_what_its_records_would(e5: EvidenceIndex, axis: str) -> None:
    found = e5.search("treatment OR crime", limit=0)
    records = tuple(found.matches)
    for axes in ((axis, "category"), ("category", axis)):
        counted = found.crosstab(*axes)
        assert counted == crosstab(records, *axes, found.search, found.provenance)
        assert repr(counted).startswith(f"<Crosstab of {axes[0]} by {axes[1]}: {len(records)} rec")


def test_a_map_is_counted_without_reading_a_record(
    e5: EvidenceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "record", None)
    found = e5.search("", limit=0)
    for form in ("text", "csv"):
        assert "".join(render("map", form, found.crosstab()))
    assert "".join(render("timeline", "text", found.crosstab("year", "category")))


# In a terminal


@pytest.mark.parametrize("width", [40, 80, 140])
def test_a_map_in_a_terminal_is_aligned_keeps_its_width_and_shows_zeros(
    e5: EvidenceIndex, width: int
) -> None:
    text = text_of(e5.search("").crosstab(), width)
    assert all(len(line) <= width for line in text.splitlines())
    for band in text.split("\n\n")[1:-1]:
        header, *rows = band.splitlines()[-6:]
        ends = {match.end() for match in re.finditer(r"\S+(?: \S+)*", header)}
        for row in rows:
            cells = list(re.finditer(r"(?<=  )(\d+)( [░▒▓█])?", row))
            assert len(cells) == len(ends) - 1
            # A count stands under its heading, with room for a shade after it.
            assert all(ends & {cell.end(1), cell.end(1) + 2} for cell in cells)
    assert re.search(r"^Review +0 +0", text, re.MULTILINE)
    assert re.search(r"^Total", text, re.MULTILINE)


def test_a_small_map_in_a_terminal_reads_like_this() -> None:
    assert (
        text_of(crosstab(FEW, "category", "jurisdiction", Search("x")), 60)
        == """\
4 records for “x” by category and jurisdiction

                    Papua New
Category        UK     Guinea  Scotland  Not stated  Total
Seminal study  1 █        0         0           0        1
Key study      1 █        1 █       1 █         0        2
Review         0          0         0           0        0
Guidance       1 █        0         0           0        1
Uncategorised  0          0         0           1 █      1
Total          2          1         1           1        4

A place counts the places in it too. A record with several
labels is counted under each, and once in totals.
"""
    )


def test_a_timeline_in_a_terminal_has_a_letter_a_record_and_folds_long_gaps() -> None:
    table = crosstab([*FEW, made(5, "R", 2015)], "year", "category")
    assert (
        text_of(table, 70, "timeline")
        == """\
5 records by year and category

2003        1  SG
2004–2006   0
2007        2  KK
2008–2014   0
2015        1  R
Not stated  1  -

S Seminal study, K Key study, R Review, G Guidance, - Uncategorised
A record with several labels is counted under each, and once in
totals.
"""
    )


def test_a_long_timeline_keeps_to_its_width_and_says_what_a_letter_is() -> None:
    records = [made(n, "K", 2000 + n % 3) for n in range(400)]
    text = text_of(crosstab(records, "year", "category"), 80, "timeline")
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "A letter is up to 3 records." in text


def test_colours_only_help() -> None:
    table = crosstab(FEW, "year", "category")
    coloured = "".join(render("timeline", "text", table, Style(80, colour=True)))
    assert "\x1b[" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == text_of(table, 80, "timeline")


def test_a_map_of_nothing_says_so() -> None:
    for kind, table in [
        ("map", crosstab([], "category", "jurisdiction", Search("x"))),
        ("timeline", crosstab([], "year", "category", Search("x"))),
    ]:
        assert text_of(table, 80, kind).startswith("0 records for “x”")
        for form in formats_of(kind):
            assert list(render(kind, form, table))


# As pages and pictures


@pytest.mark.parametrize("kind", ["map", "timeline"])
def test_each_number_of_a_page_leads_to_its_records(kind: str) -> None:
    axes = ("category", "jurisdiction") if kind == "map" else ("year", "category")
    table = crosstab(FEW, *axes)
    text = "".join(render(kind, "html", table))
    page = Outline(text)
    targets = {value for value in page.values if value.startswith("href=#")}
    names = {value.replace("id=", "href=#") for value in page.values if value.startswith("id=")}
    assert len(targets) == len(table.cells)
    assert targets <= names
    assert len(re.findall("<li[^>]*>Study 2 ", text)) == len(axis_labels(FEW[1], axes[0])) * len(
        axis_labels(FEW[1], axes[1])
    )
    assert "<caption>" in text
    assert page.tags.count("script") == (kind == "map")


def test_a_notebook_lists_the_first_records_of_a_cell_and_a_page_all() -> None:
    table = crosstab([made(n) for n in range(30)], "category", "year")
    assert table._repr_html_().count("<li>Study") == 20
    assert "<li>and 10 more</li>" in table._repr_html_()
    assert "".join(render("map", "html", table)).count('">Study') == 30


def labels_of(record: StudyRecord) -> list[str]:
    return [category.label for category in record.categories] or ["Uncategorised"]


def test_each_tick_of_a_page_knows_the_records_that_have_its_label() -> None:
    text = "".join(render("map", "html", crosstab(FEW, "category", "jurisdiction")))
    entries = dict(re.findall(r'<li data-record="(\d+)">(Study \d+) ', text))
    ticks = re.findall(r'name="category" data-records="([\d ]+)"> <span>([^<]+)<', text)
    assert ticks
    for numbers, code in ticks:
        assert sorted(entries[n] for n in numbers.split()) == sorted(
            record.title for record in FEW if code in labels_of(record)
        )


def test_a_page_lets_a_browser_run_its_own_script_alone() -> None:
    text = "".join(render("map", "html", crosstab(FEW, "category", "jurisdiction")))
    (script,) = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text


def test_a_list_names_the_publisher_or_the_journal_of_each_record() -> None:
    records = [
        replace(made(1), publisher="Home Office"),
        replace(made(2), journal="Addiction"),
        replace(made(3), year=None),
    ]
    table = crosstab(records, "category", "jurisdiction")
    for form in ("html", "svg"):
        text = "".join(render("map", form, table))
        assert "Study 1 (Home Office, 2010)" in text
        assert "Study 2 (Addiction, 2010)" in text
        assert "Study 3 (" in text


@pytest.mark.parametrize("kind", ["map", "timeline"])
def test_a_picture_of_the_same_records_is_the_same_file_at_any_time(kind: str) -> None:
    axes = ("category", "jurisdiction") if kind == "map" else ("year", "category")
    for form in ("png", "pdf"):
        (data,) = render(kind, form, crosstab(FEW, *axes))
        assert not re.search(rb"CreationDate|ModDate|tIME|Creation Time", data)


@pytest.mark.parametrize("kind", ["map", "timeline"])
def test_a_picture_stands_alone_links_each_cell_and_tells_what_is_in_it(
    kind: str,
) -> None:
    axes = ("category", "jurisdiction") if kind == "map" else ("year", "category")
    table = crosstab(FEW, *axes)
    (text,) = render(kind, "svg", table)
    root = ElementTree.fromstring(text)  # noqa: S314 - our own
    svg = "{http://www.w3.org/2000/svg}"
    links = [link for link in root.iter(f"{svg}a") if link.get("href") != "#all"]
    names = {f"#{group.get('id')}" for group in root.iter(f"{svg}g")}
    assert {link.get("href") for link in links} == names
    assert len(links) == len(table.cells)
    titles = {link.findtext(f"{svg}title") for link in links}
    assert any(title and "Study 2 (2007)" in title for title in titles)
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import", text)
    assert "prefers-color-scheme: dark" in text


def test_nothing_of_a_record_is_taken_for_markup_or_mathematics() -> None:
    odd = StudyRecord(
        "x-2", "$\\frac{1}{$ ]]> --> \x00\ud800", Source("a", 1), url="https://e.org/?a=1&b=2"
    )
    for rows, columns in [("publisher", "jurisdiction"), ("year", "category")]:
        table = crosstab([HOSTILE, odd], rows, columns, Search("<b>$x$ \x1b[31m"))
        for name in ("html", "svg"):
            text = "".join(render("timeline", name, table))
            page = Outline(text)
            assert {"script", "b", "i", "u"}.isdisjoint(page.tags)
            assert not any("javascript" in value for value in page.values)
            assert not {"\x1b", "\u202e", "\x00", "\ud800"} & set(text)
            if name == "svg":
                ElementTree.fromstring(text)  # noqa: S314 - our own
        assert not {"\x1b", "\u202e"} & set(text_of(table))
        assert figures.evidence_map(table)._repr_png_()[0].startswith(b"\x89PNG")


def test_a_figure_is_matplotlibs_and_has_words_for_who_cannot_see_it(e5: EvidenceIndex) -> None:
    found = e5.search("prison", limit=0)
    for drawn in (found.map(), found.map("publisher", "decade"), found.timeline()):
        assert isinstance(drawn, figures.Figure)
        assert type(drawn).__mro__[1].__module__ == "matplotlib.figure"
        png, about = drawn._repr_png_()
        assert png.startswith(b"\x89PNG")
        assert about["alt"].startswith(f"{found.total} records for “prison” by ")
    drawn = found.map()
    assert isinstance(drawn, figures.Figure)
    assert "Key study: UK 2, England 1, Scotland 1." in drawn.alternative


def test_drawing_leaves_nothing_behind(e5: EvidenceIndex) -> None:
    found = e5.search("prison")
    assert figures.saved(found.map(), "pdf") == figures.saved(found.map(), "pdf")
    assert figures.saved(found.timeline(), "png") == figures.saved(found.timeline(), "png")


def test_a_figure_of_many_labels_is_drawn_whole() -> None:
    records = [made(n, "", None if n == 7 else 1950 + n, f"Place {n}") for n in range(60)]
    for table in (
        crosstab(records, "category", "jurisdiction"),
        crosstab(records, "jurisdiction", "category"),
    ):
        assert figures.evidence_map(table).axes
    axes = figures.timeline(crosstab(records, "year", "category")).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()][-2:] == ["2005", "No year"]


# For programs


def test_json_has_all_counts_and_the_ids_of_each_cell() -> None:
    value = json.loads("".join(render("map", "json", crosstab(FEW, "category", "year"))))
    assert value["row_labels"] == ["S", "K", "R", "G", "uncategorised"]
    assert value["counts"][2] == [0, 0, 0, 0, 0, 0]
    assert {"row": "K", "column": "2007", "records": ["r-2", "r-4"]} in value["cells"]
    assert value["total"] == 4


def test_csv_has_a_line_for_each_row_and_no_formulas() -> None:
    records = [made(1, "K", 2010, "=cmd()"), made(2, "K", 2010, "UK")]
    rows = list(
        csv.reader(
            io.StringIO(
                "".join(render("map", "csv", crosstab(records, "category", "jurisdiction")))
            )
        )
    )
    assert rows[0] == ["category", "'=cmd()", "UK"]
    assert rows[2] == ["K", "1", "1"]


# The commands


def test_map_takes_a_query_filters_and_axes(run: Run) -> None:
    done = run("map", "treatment", "--rows", "decade", "--columns", "category", "-j", "UK")
    assert done.returncode == 0, done.stderr
    assert re.match("[0-9]+ records for “treatment” by decade and category\n", done.stdout)
    assert re.search("^2010s ", done.stdout, re.MULTILINE)
    wrong = run("map", "--rows", "size")
    assert wrong.returncode == 2
    assert "'size' is not one of 'category', 'jurisdiction'" in wrong.stderr


def test_a_map_counts_what_saved_searches_find(run: Run) -> None:
    for name, query in (("homicide", "homicide"), ("prisons", "prison"), ("zebras", "zebra")):
        assert run("save", name, query).returncode == 0
    done = run("map", "--rows", "saved", "--columns", "decade", "--format", "json")
    table = json.loads(done.stdout)
    assert table["row_labels"][:3] == ["homicide", "prisons", "zebras"]
    counts = dict(zip(table["row_labels"], map(sum, table["counts"]), strict=True))
    prisons = json.loads(run("search", "prison", "-n", "0", "--format", "json").stdout)["total"]
    assert (counts["prisons"], counts["zebras"]) == (prisons, 0)


def test_map_and_timeline_write_files_by_their_ending(run: Run, tmp_path: Path) -> None:
    for name in ("map.svg", "map.png", "timeline.html", "timeline.pdf"):
        done = run(name.partition(".")[0], "prison", "-o", str(tmp_path / name))
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert re.search(f"Wrote [0-9]+ records to .*{name}", done.stderr)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "timeline.pdf").read_bytes().startswith(b"%PDF")
    again = run("map", "-o", str(tmp_path / "map.svg"))
    assert again.returncode == 1
    assert "--force" in again.stderr


def test_timeline_at_the_shell_draws_years_by_category(run: Run) -> None:
    done = run("timeline", "drink", "driving", env={"COLUMNS": "80"})
    assert re.search(r"^2010 +\d+  K+", done.stdout, re.MULTILINE)
    assert "S Seminal study, K Key study" in done.stdout


def test_stats_are_the_corpus_at_a_glance(run: Run) -> None:
    text = run("stats").stdout
    assert re.search(r"^Records +20  from 2003 to 2018$", text, re.MULTILINE)
    assert re.search(r"^  Guidance +10 █+$", text, re.MULTILINE)
    value = json.loads(run("stats", "--format", "json").stdout)
    assert (value["files"], value["cells"], value["records"]) == (1, 1, 20)
    assert sum(value["years"].values()) + value["without_year"] == 20
    assert value["facets"]["category"]["G"] == 10
    assert value["words"] > value["vocabulary"] > 100


def test_stats_count_what_is_missing() -> None:
    counts = stats(FEW, files=2, problems=3)
    assert (counts.cells, counts.records, counts.undated) == (2, 4, 1)
    assert (counts.uncategorised, counts.unplaced, counts.problems) == (1, 1, 3)
    assert counts.years == {2003: 1, 2007: 2}
    assert (counts.words, counts.vocabulary) == (8, 5)


def test_stats_in_a_terminal_read_like_this() -> None:
    text = "".join(render("stats", "text", stats(FEW, files=2, problems=3), Style()))
    assert text.startswith(
        """Files                     2
Cells                     2
Listings                  4  a.txt 4
  merged as duplicates    0
Records                   4  from 2003 to 2007
  without a year          1
  without a category      1
  without a jurisdiction  1
Publishers                0
Words                     8  of titles and summaries
Vocabulary                5  different words
Problems                  3  see: evidence-search check

Category
"""
    )
    text = "".join(render("stats", "text", stats([made(1)], files=1200, problems=0), Style()))
    assert "\nRecords                       1  of 2010\n" in text
    assert "\nProblems                      0\n" in text
    assert "check" not in text
    assert "No records." in "".join(render("stats", "text", stats([], 0, 0), Style()))
