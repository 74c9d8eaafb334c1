"""What the loader makes of pages: cell E5 whole, and a small page for each oddity."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.cells import decode, read_cell
from evidence_search.corpus import parse_file
from evidence_search.errors import CellError
from evidence_search.records import Category, StudyRecord, from_dict, to_dict

ROOT = Path(__file__).parent.parent
HEAD = """Drug Treatment Matrix cell A1: Interventions; Harm reduction

S Seminal studies K Key studies R Reviews G Guidance

"""
FOOT = """

more Retrieve all relevant analyses.

Matrix Bite Open Matrix Bite

K No entry (2010). It isn't."""


def records(body: str) -> tuple[StudyRecord, ...]:
    return read_cell(HEAD + body + FOOT, "a1.txt").records


def only(body: str) -> StudyRecord:
    (record,) = records(body)
    return record


def codes(body: str) -> list[str]:
    return [p.code for p in read_cell(HEAD + body + FOOT, "a1.txt").problems]


def test_cell_e5_gives_the_twenty_records_of_the_golden_file() -> None:
    text = (ROOT / "corpus" / "alcohol-e5.txt").read_text(encoding="utf-8")
    golden = (ROOT / "tests" / "golden" / "alcohol-e5.jsonl").read_text(encoding="utf-8")
    cell = read_cell(text, "alcohol-e5.txt")
    assert [to_dict(r) for r in cell.records] == [json.loads(v) for v in golden.splitlines()]
    counted = Counter(c.code for r in cell.records for c in r.categories)
    assert counted == {"S": 1, "K": 8, "R": 3, "G": 10}
    assert (cell.matrix, cell.code) == ("Alcohol", "E5")
    assert (cell.column, cell.row) == ("Treatment systems", "Safeguarding the community")
    assert "Alcohol Change UK" in cell.funders
    assert cell.description.startswith("Key studies on local, regional and national systems")


@pytest.mark.parametrize(
    ("entry", "title", "publisher", "year"),
    [
        ("K A title ([UK] Home Office, 2010). Text.", "A title", "Home Office", 2010),
        ("K A title (2010). Text.", "A title", None, 2010),
        ("K A title (Home Office). Text.", "A title", "Home Office", None),
        ("K A title. Text.", "A title", None, None),
        ("K A title (2005–2008). Text.", "A title", None, 2005),
        ("K A title (1998; free source at time of writing). Text.", "A title", None, 1998),
        ("K Working (together) on (2010). Text.", "Working (together) on", None, 2010),
        ("K Does it work? (2010). Text.", "Does it work?", None, 2010),
        ("K Costs: who, when, and why (2010). Text.", "Costs: who, when, and why", None, 2010),
        ("K The 1998 strategy, reviewed (2010). Text.", "The 1998 strategy, reviewed", None, 2010),
        ("K “Quoted” title (2010). Text.", "“Quoted” title", None, 2010),
        ("K Title (2010). Study in London (1977). Text.", "Title", None, 2010),
        ("K Title. Study in London (1977). Text.", "Title", None, None),
        ("K G8 countries agree (2010). Text.", "G8 countries agree", None, 2010),
        ("R A review of it (2010). Text.", "A review of it", None, 2010),
        ("K R and D spending (2010). Text.", "R and D spending", None, 2010),
        (
            "K Title (Department of Health, Social Services and Public Safety, 2009). Text.",
            "Title", "Department of Health, Social Services and Public Safety", 2009,
        ),
        ("K Title (Home Office, March 2010). Text.", "Title", "Home Office", 2010),
    ],
)  # fmt: skip
def test_title_publisher_and_year_are_told_apart(
    entry: str, title: str, publisher: str | None, year: int | None
) -> None:
    record = only(entry)
    assert (record.title, record.publisher, record.year) == (title, publisher, year)
    assert record.summary.endswith("Text.")


def test_the_second_parenthesis_stays_in_the_summary() -> None:
    record = only("K Title (2010). Study in London (1977). Text.")
    assert record.summary == "Study in London (1977). Text."


def test_one_to_three_codes_give_one_to_three_categories_in_page_order() -> None:
    record = only("G K S Title (2010). Text.")
    assert record.categories == (Category.GUIDANCE, Category.KEY, Category.SEMINAL)


def test_a_year_range_keeps_both_years() -> None:
    record = only("K Title (2005–08). Text.")
    assert (record.year, record.year_end) == (2005, 2008)


def test_notes_of_the_parenthesis_are_kept() -> None:
    assert only("K Title (2005; free source). Text.").notes == ("free source",)


@pytest.mark.parametrize("end", ["\n\n", "\n", "\r\n\r\n", " \n \n", "\n\u00a0\n"])
def test_entries_are_told_apart_however_their_lines_end(end: str) -> None:
    found = records(end.join(["K One (2010). First.", "G Two (2011). Second."]))
    assert [(r.title, r.summary) for r in found] == [("One", "First."), ("Two", "Second.")]


def test_two_entries_glued_in_one_paragraph_are_two() -> None:
    found = records("K One (2010). First text. K Two here (2011). Second.")
    assert [(r.title, r.summary) for r in found] == [
        ("One", "First text."),
        ("Two here", "Second."),
    ]


def test_soft_line_wraps_are_spaces() -> None:
    record = only("K A title that\nis wrapped (Home\nOffice, 2010). A text\nthat goes on.")
    assert record.title == "A title that is wrapped"
    assert (record.publisher, record.summary) == ("Home Office", "A text that goes on.")


def test_what_stands_after_the_footer_is_no_entry() -> None:
    assert [r.title for r in records("K One (2010). First.")] == ["One"]


def test_navigation_sentences_are_kept_apart_from_the_summary() -> None:
    record = only(
        "K One (2010). First. For discussion click here and scroll down to highlighted heading."
    )
    assert record.summary == "First."
    assert record.furniture == (
        "For discussion click here and scroll down to highlighted heading.",
    )


def test_a_see_also_document_is_related_and_no_evidence_of_where_the_study_is_from() -> None:
    record = only("K One (2010). In Wales. See also similar report for Scotland (NHS, 2011).")
    assert record.jurisdictions == ("Wales",)
    (related,) = record.related
    assert (related.relation, related.title) == ("see also", "similar report for Scotland")
    assert (related.publisher, related.year, related.jurisdictions) == ("NHS", 2011, ("Scotland",))


def test_a_cross_reference_that_fits_one_entry_names_it() -> None:
    one, two = records(
        "K One (2010). First. Scottish guidance below.\n\n"
        "G Two (Scottish Government, 2011). Second."
    )
    assert one.references[0].record == two.id
    assert "unresolved-reference" in codes("K One (2010). First. Welsh guidance below.")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("K Title. Text.", "no-year"),
        ("X Title (2010). Text.", "unknown-category"),
        ("Title here (2010). Text.", "no-category"),
        ("K Title (2010. Text.", "unclosed-parenthesis"),
        ("K Title (2010). One.\n\nK Title (2011). Two.", "duplicate-title"),
        ("K Title ([Narnia] Court, 2010). Text.", "unknown-tag"),
        ("Some prose.\n\nK Title (2010). Text.", "stray-text"),
        ("Some prose.", "no-entries"),
        ("K Title (2010). See also a report ([Narnia] Court, 2010).", "unknown-tag"),
    ],
)
def test_what_is_doubtful_is_reported(body: str, code: str) -> None:
    assert code in codes(body)


def test_the_id_outlives_edits_of_everything_but_the_title() -> None:
    before = only("K “A title” (2010). Text.")
    after = records('K Other (2001). More.\n\nG "a title" (Home Office, 2011). Changed.')[1]
    assert before.id == after.id


def test_html_keeps_the_links_of_the_entry_its_documents_and_discussions() -> None:
    html = (
        "<html><head><title>Drug Treatment Matrix cell A1: Interventions; Harm reduction</title>"
        "</head><body><p>S Seminal studies K Key studies R Reviews G Guidance</p>\n"
        '<p>K <a href="http://a.example/1">A title</a> (2010). Text &amp; more. See also '
        '<a href="http://a.example/2">another report</a> (NHS, 2011). For discussion '
        '<a href="http://a.example/3">click</a> and scroll down to highlighted heading.</p>'
        "</body></html>"
    )
    (record,) = read_cell(html, "a1.html").records
    assert (record.title, record.url) == ("A title", "http://a.example/1")
    assert record.summary == "Text & more. See also another report (NHS, 2011)."
    assert record.related[0].url == "http://a.example/2"
    assert [link.url for link in record.links] == ["http://a.example/3"]
    assert record.source.line == 2


def test_a_record_stands_where_its_source_says() -> None:
    text = HEAD + "K One (2010). First.\n\nG Two (2011). Second."
    for record in read_cell(text, "a1.txt").records:
        line = text.splitlines()[record.source.line - 1]
        assert line[record.source.column - 1 :][2:].startswith(record.title)


def test_a_page_that_is_no_cell_is_refused_with_what_was_expected() -> None:
    with pytest.raises(CellError, match="expected a line such as"):
        read_cell("A shopping list", "list.txt")


def test_bytes_of_another_encoding_are_read_with_a_warning() -> None:
    assert decode("\ufeffcafé".encode(), "x") == ("café", ())
    text, problems = decode("café".encode("cp1252"), "x")
    assert text == "café"
    assert problems[0].code == "not-utf-8"


PIECES = st.sampled_from(
    ["K ", "G ", "S ", "(", ")", "2010", ". ", "\n", "\n\n", "[UK] ", "Title", "“", "See also ",
     "below.", "more Retrieve all", "For discussion click", " ", "\u00a0", "\r\n", "x", ", ", "; "]
)  # fmt: skip
TAGS = ["<p>", "</p>", "<a href='x'>", "</a>", "<br>", "<b>", "&amp;", "<!--", "-->", "<script>",
        "</script>", '<img alt="K">', "<", "<pre>", "</pre>", '"']  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_no_text_is_lost_and_none_breaks_the_loader(body: str) -> None:
    text = HEAD + body
    cell = read_cell(text, "a1.txt")
    assert "".join(part.text for part in cell.parts) == text
    for record in cell.records:
        assert from_dict(json.loads(json.dumps(to_dict(record)))) == record


@given(st.lists(st.one_of(PIECES, st.sampled_from(TAGS)), max_size=40).map("".join))
def test_no_html_breaks_the_loader_and_every_entry_stands_in_the_file(body: str) -> None:
    text = f"<p>Drug Treatment Matrix cell A1: X; Y</p>{body}"
    for record in read_cell(text, "a1.html").records:
        lines = text.splitlines()
        assert 1 <= record.source.line <= record.source.end_line <= len(lines)
        assert record.source.column <= len(lines[record.source.line - 1]) + 1


@given(
    st.one_of(st.binary(), st.text().map(str.encode)),
    st.sampled_from(["txt", "html", "ris", "bib", "nbib", "csv", "tsv", "json", "jsonl", "x"]),
)
def test_no_bytes_break_any_reader(data: bytes, ending: str) -> None:
    records, problems = parse_file(data, f"a.{ending}")
    assert not records or all(record.title for record in records)
    assert all("\n" not in str(problem) for problem in problems)


WORDS = st.lists(
    st.sampled_from("drinkers prison nurses ‘early’ trial e-mail (mostly) 24-hour GPs’ A".split()),
    min_size=1,
    max_size=8,
).map(lambda words: " ".join(["Most", *words]))
PUBLISHERS = st.sampled_from(["Home Office", "Crew 2000", "Department of Health, Education", "BMJ"])


@given(
    categories=st.lists(st.sampled_from(list(Category)), min_size=1, max_size=3, unique=True),
    title=WORDS,
    tag=st.sampled_from([None, "UK", "English", "US"]),
    publisher=st.one_of(st.none(), PUBLISHERS),
    year=st.integers(1900, 2029),
    span=st.one_of(st.none(), st.integers(1, 9)),
    notes=st.lists(st.sampled_from(["free source", "alternative source"]), max_size=2, unique=True),
    summary=WORDS,
)
def test_an_entry_written_by_the_grammar_is_read_back(
    categories: list[Category],
    title: str,
    tag: str | None,
    publisher: str | None,
    year: int,
    span: int | None,
    notes: list[str],
    summary: str,
) -> None:
    codes = " ".join(category.code for category in categories)
    bracket = f"[{tag}] " if tag else ""
    name = f"{publisher}, " if publisher else ""
    years = f"{year}–{year + span}" if span else str(year)
    origin = "; ".join([f"{bracket}{name}{years}", *notes])
    record = only(f"{codes} {title} ({origin}). {summary}.")
    assert record.categories == tuple(categories)
    assert (record.title, record.publisher, record.summary) == (title, publisher, f"{summary}.")
    assert (record.year, record.year_end) == (year, year + span if span else None)
    assert record.notes == tuple(notes)
    assert bool(tag) == any(inference.origin == "tag" for inference in record.inferences)


@pytest.mark.parametrize(
    "piece",
    ["(", "K A (", "K A? ", ". K A ", "See also A (2010), ", "K “A. B ", "[UK] ", "A-",
     "<a b='", "<!--", "<script>", "<p>", "</", "&", "K Title (Home Office, 2010. Text. "],
)  # fmt: skip
@pytest.mark.parametrize("start", [HEAD, "<p>Drug Treatment Matrix cell A1: X; Y</p>"])
def test_time_is_linear_in_the_length_of_a_page(start: str, piece: str) -> None:
    def seconds(size: int) -> float:
        text = start + piece * (size // len(piece))
        begun = time.process_time()
        read_cell(text, "a1")
        return time.process_time() - begun

    # Ten times the text: a quadratic reader takes a hundred times as long, and many seconds.
    assert seconds(100_000) < 20 * seconds(10_000) + 0.5
