"""What the loader makes of pages: cell E5 whole, and a small page for each oddity."""

from __future__ import annotations

import base64
import json
import quopri
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.cells import read_cell
from evidence_search.corpus import parse_file
from evidence_search.decoding import decode
from evidence_search.errors import CellError
from evidence_search.records import Category, StudyRecord, from_dict, to_dict
from tests.conftest import extent, sample
from tests.effort import ceiling, is_linear

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
        ("K Title ([UK] some people). Text.", "Title", "some people", None),
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


def test_the_footer_is_found_after_a_summary_without_a_full_stop() -> None:
    body = "K One (2001). It ends without a full stop\n\nMatrix Bite\n\nK No entry (2002). Text."
    assert [record.title for record in records(body)] == ["One"]


def test_cell_e5_has_no_problem_and_both_its_references_point_at_each_other() -> None:
    text = (ROOT / "corpus" / "alcohol-e5.txt").read_text(encoding="utf-8")
    cell = read_cell(text, "alcohol-e5.txt")
    assert cell.problems == ()
    pointing = {record.id: record.references for record in cell.records if record.references}
    assert len(pointing) == 2
    assert {name: set(pointing) - {name} for name in pointing} == {
        name: {reference.record for reference in references}
        for name, references in pointing.items()
    }
    years = {document.year for record in cell.records for document in record.related}
    assert years == {2006, 2011, 2012, 2013}


def test_anchors_of_html_settle_what_a_reference_points_to() -> None:
    html = (
        "<p>Drug Treatment Matrix cell A1</p><p>S Seminal studies K Key studies</p>"
        '<p>K One (2001). First. <a href="#c">Related study below</a>. Studies (<a href="#b">1</a>'
        ' <a href="x.htm#c">2</a>, <a href="#none">3</a>) below. '
        '<a href="#bite">Click</a> for discussion.</p>'
        '<p id="b">K Two (2002). Second.</p><a name="c"></a><p>K Three (2003). Third.</p>'
        '<div id="bite">Matrix Bite</div>'
    )
    one, two, three = read_cell(html, "a1.html").records
    assert [(r.text, r.record) for r in one.references] == [
        ("Related study below", three.id),
        ("Studies (1 2, 3) below", two.id),
        ("Studies (1 2, 3) below", three.id),
    ]


def test_an_anchor_in_the_first_entry_settles_what_points_back_to_it() -> None:
    html = (
        "<p>Drug Treatment Matrix cell A1</p><p>S Seminal studies K Key studies</p>"
        '<p id="a">K One (2001). First.</p><p>K Two (2002). Second.</p>'
        '<p>K Three (2003). Third. <a href="#a">Study above</a>.</p>'
    )
    one, _, three = read_cell(html, "a1.html").records
    assert [reference.record for reference in three.references] == [one.id]


@pytest.mark.parametrize(
    ("entry", "doubted"),
    [
        ("K Otters (2010): a review of rivers. Wet.", True),
        ("K Otters (2010): A review of rivers. Wet.", False),
        ("K Otters (2010). A review of rivers. Wet.", False),
        ("K Otters (2010) – a review of rivers. Wet.", False),
    ],
)
def test_a_title_that_a_colon_may_carry_on_is_doubted(entry: str, doubted: bool) -> None:
    text = f"Drug Treatment Matrix cell A1: Interventions; Reducing harm\n\n{entry}\n"
    found = read_cell(text, "a1.txt")
    assert [record.title for record in found.records] == ["Otters"]
    assert ("doubtful-title" in {problem.code for problem in found.problems}) == doubted


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Study, review and guidance below.", ["Two", "Three", "Four"]),
        ("Reviews (1 2) below.", [None, None]),
        ("Guidance below (2004).", ["Four"]),
    ],
)
def test_several_targets_are_several_references(sentence: str, found: list[str | None]) -> None:
    read = records(
        f"K One (2001). First. {sentence}\n\nK Two (2002). Second.\n\n"
        "R Three (2003). Third.\n\nG Four (2004). Fourth."
    )
    titles = {record.id: record.title for record in read}
    assert [titles.get(r.record or "") for r in read[0].references] == found


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("Based on the Option 2 (2012) crisis service.", [("Option 2", 2012)]),
        (
            "This refutation (1982) was itself refuted (1984).",
            [("refutation", 1982), ("refuted", 1984)],
        ),
        ("It drew on a series (2003 and 2004).", [("series", 2003), ("series", 2004)]),
        ("As a later review of wards (Home Office, 2010) found.", [("review of wards", 2010)]),
        ("In the first year (1998) it grew.", []),
        ("See study 1 in linked PDF file.", []),
    ],
)
def test_documents_in_running_text_are_related(
    text: str, documents: list[tuple[str, int | None]]
) -> None:
    record = only(f"K One (2001). First. {text}")
    assert [(document.title, document.year) for document in record.related] == documents


@pytest.mark.parametrize(
    ("head", "title", "year"),
    [
        ("In shops (2013), bars (2014) or homes (2015), talks fail.", None, 2013),
        ("In shops (2013) or bars (2014).", None, 2013),
        ("From the Act (1971) to the Bill (1998), drift (2004).", "drift", 2004),
        ("The Act (2003) changed drinking (2010).", "drinking", 2010),
    ],
)
def test_a_title_may_hold_years(head: str, title: str | None, year: int) -> None:
    record = only(f"K {head} Text.")
    assert (record.year, record.summary) == (year, "Text.")
    assert record.title.endswith(title or head[-12:].rstrip("."))


@pytest.mark.parametrize(
    ("header", "expected", "problems"),
    [
        ("Drug Matrix cell C5: Management/supervision: Safeguarding the community", "Drug C5", 0),
        ("Drug Matrix cell c5 – Management & supervision / Criminal justice", "Drug C5", 0),
        ("Drug Treatment Matrix cell C5 Matrix cell logo", "Drug C5", 0),
        ("Management/supervision; Safeguarding the community", "None C5", 1),
        ("Interventions; Harm reduction", "Drug A1", 0),
        ("Drug Matrix cell C5: Practitioners; Safeguarding the community", "Drug C5", 1),
        ("Drug Matrix cell C5: Keepers; Doors", "Drug C5", 1),
        ("Drug Matrix cell F7", "Drug F7", 1),
    ],
)
def test_a_header_of_any_edition_says_which_cell_it_is(
    header: str, expected: str, problems: int
) -> None:
    cell = read_cell(
        f"{header}\n\nS Seminal studies K Key studies\n\nK One (2001). Text.", "in.txt"
    )
    assert f"{cell.matrix} {cell.code}" == expected
    assert len(cell.problems) == problems
    assert len(cell.records) == 1


@pytest.mark.parametrize(
    "name", ["drug-c5.txt", "Drug Treatment Matrix cell C5.txt", "drug/c5.txt"]
)
def test_a_cell_without_header_is_known_by_its_file(name: str) -> None:
    cell = read_cell("K One (2001). Text.", name)
    assert (cell.matrix, cell.code) == ("Drug", "C5")
    assert (cell.column, cell.row) == ("Management/supervision", "Safeguarding the community")
    assert cell.problems == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Discussion in bite's Issues section.", "Discussed in this cell’s bite.",
        "Discussed in bite’s Where should I start? section.", "See cell D2 for more.",
        "These studies were discussed in cell D2.", "Also listed in cell B3.",
        "For more on this, see the Drug Matrix cell B2.", "See pages 3–4 of the linked document.",
        "Turn to hot topic on this issue.", "(Discussed in cell B1.)", "Unfold extra text.",
    ],
)  # fmt: skip
def test_directions_are_no_part_of_a_summary(sentence: str) -> None:
    record = only(f"K One (2001). First. {sentence} Last.")
    assert (record.summary, record.furniture) == ("First. Last.", (sentence,))


@pytest.mark.parametrize(
    "sentence",
    [
        "Discussions in groups helped.", "Discussed in the paper are the limits.",
        "Findings were explored in issues of trust.", "Free treatment was available to all.",
        "Open access to wards was discussed in the cells.", "Highlighted studies were read twice.",
    ],
)  # fmt: skip
def test_a_sentence_about_the_study_stays_in_the_summary(sentence: str) -> None:
    assert only(f"K One (2001). First. {sentence}").summary == f"First. {sentence}"


def test_what_reads_like_directions_and_stays_is_reported() -> None:
    assert codes("K One (2001). First, though for the rest scroll down to it.") == [
        "leftover-navigation"
    ]


def test_hidden_text_and_tooltips_of_html_are_no_text_of_the_page() -> None:
    html = (
        "<html><head><style>.tip span, #note { display: none } @media print { p {display: none} }"
        "</style></head><body><p>Drug Treatment Matrix cell A1</p>"
        '<p>K One<a class="tip" href="x">!<span>A tip.</span></a> (2001). First.'
        '<b style="visibility:hidden">Hidden.</b><i hidden>Hidden.</i>'
        '<span class="sr-only">Opens new window.</span> Last.</p><p id="note">K No (2002).</p>'
    )
    (record,) = read_cell(html, "a1.html").records
    assert record.summary == "First. Last."


def test_what_is_hidden_in_a_sentence_does_not_part_it() -> None:
    html = (
        "<html><style>.tip span { display: none }</style><p>Drug Treatment Matrix cell A1</p>"
        '<div>K One (2001). Of <div hidden>a chart</div>stripes <i class="tip"></i>'
        "<span>and hooves.</span></div>"
    )
    (record,) = read_cell(html, "a1.html").records
    assert record.summary == "Of stripes and hooves."


def test_a_page_whose_text_is_all_hidden_is_read_all_the_same() -> None:
    html = (
        '<p>Drug Treatment Matrix cell A1</p><div style="display:none"><p>K One (2001).</p></div>'
    )
    assert [record.title for record in read_cell(html, "a1.html").records] == ["One"]


def test_captions_belong_to_no_summary_and_are_reported() -> None:
    html = (
        "<p>Drug Treatment Matrix cell A1</p><p>K One (2001). First.</p>"
        '<figure><img src="a" alt="A tall chart"><figcaption>Figure 1. Calm.</figcaption></figure>'
        '<p>K Two <img src="b" alt="Opens new window"> (2002). Second.</p>'
        '<p><img src="c" alt="The keeper’s desk"></p><p>K Three (2003). Third.</p>'
    )
    cell = read_cell(html, "a1.html")
    assert [record.summary for record in cell.records] == ["First.", "Second.", "Third."]
    assert [problem.code for problem in cell.problems] == ["caption", "caption"]


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
    text = f"<p>Drug Treatment Matrix cell A1: Interventions; Reducing harm</p>{body}"
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


REPEATED = [
    "(", "K A (", "K A? ", ". K A ", "See also A (2010), ", "K “A. B ", "[UK] ", "A-",
    "<a b='", "<!--", "<script>", "<p>", "</", "&", "K Title (Home Office, 2010. Text. ",
    "a-\n", "1\n", "\f", "• K A\n", "[K] A ", "**", "[a](http:", "|a|\n", "A (2010), ",
    "For discussion ", "guidance below ", "a (2010) b ", "Drug Matrix cell A1\nK Key studies\n",
    "Practitioners; Medical treatment\n", "except England, ", "hepatitis C. ",
    "<p style='display:none'>", "<figure>", "<style>a b{display:none}</style>", "<img alt='a b'>",
]  # fmt: skip
BEGINNINGS = [HEAD, "<p>Drug Treatment Matrix cell A1</p>"]


@pytest.mark.slow
@pytest.mark.parametrize(("start", "piece"), sample([*product(BEGINNINGS, REPEATED)]))
def test_time_is_linear_in_the_length_of_a_page(start: str, piece: str) -> None:
    assert is_linear(lambda size: read_cell(start + piece * size, "a1"), 100)
    with ceiling():
        read_cell(start + piece * (extent(200_000) // len(piece)), "a1")


def test_a_bracket_before_many_letters_is_read_in_linear_time() -> None:
    different = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000),
                                  *range(0xAC00, 0xD7A4), *range(0x20000, 0x2A6E0))))  # fmt: skip
    with ceiling(10):
        assert not read_cell(f"{HEAD}[aa{different}", "a1").records


SAVED = (
    "<p>Drug Treatment Matrix cell A1</p>\n<p>K <a href='https://e.example/1'>One – and only</a>"
    " (2001). First.</p>\n<p>S Two (2002). Zoë’s words.\n\nR Three (2003). Third.</p>\n"
)


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_a_page_and_its_pictures_in_one_file_are_read_as_the_page(encoding: str) -> None:
    part = {
        "quoted-printable": quopri.encodestring(SAVED.encode()).decode(),
        "base64": base64.encodebytes(SAVED.encode()).decode(),
        "8bit": SAVED,
    }[encoding]
    text = (
        "From: <Saved by a browser>\nMIME-Version: 1.0\nContent-Type: multipart/related;\n"
        f'\tboundary="--b"\n\n----b\nContent-Type: text/html\nContent-Transfer-Encoding: {encoding}'
        f"\n\n{part}\n----b\nContent-Type: image/png\n\nK No (2003). Text.\n----b--\n"
    )
    one, two, three = read_cell(text, "a1.mhtml").records
    assert (one.title, one.url, one.summary) == ("One – and only", "https://e.example/1", "First.")
    assert (two.title, two.summary, three.title) == ("Two", "Zoë’s words.", "Three")
    if encoding != "base64":
        for record, start in ((two, "S Two (2002)"), (three, "R Three (2003)")):
            line = text.splitlines()[record.source.line - 1]
            assert line[record.source.column - 1 :].startswith(start)


@pytest.mark.parametrize(
    "text",
    [
        "*K* One <https://e.example/1> (2001). See also a\nreport <https://e.example/2> (2002).",
        """K [1]One (2001). See also [2]a report (2002).

References

1. https://e.example/1
2. https://e.example/2
""",
        """**K** [One](https://e.example/1) (2001). See also [a report][r] (2002).

[r]: https://e.example/2
""",
    ],
    ids=["firefox", "lynx", "markdown"],
)
def test_links_that_plain_text_writes_out_are_links(text: str) -> None:
    (record,) = read_cell(f"Drug Treatment Matrix cell A1\n\n{text}", "a1.txt").records
    assert (record.title, record.url) == ("One", "https://e.example/1")
    (document,) = record.related
    assert (document.title, document.year) == ("a report", 2002)
    assert document.url == "https://e.example/2"


@pytest.mark.parametrize(
    ("broken", "joined"),
    [
        ("hospi-\ntal", "hospital"), ("follow-\nup", "follow-up"), ("12-\nstep", "12-step"),
        ("short-\nand long-term", "short- and long-term"), ("self-\nhelp", "self-help"),
        ("mid-\n1990s", "mid-1990s"), ("coun\u00ad\nselling", "counselling"),
        ("prison-\nto-community", "prison-to-community"), ("re-\nimprisoned", "re-imprisoned"),
    ],
)  # fmt: skip
def test_words_broken_at_line_ends_are_joined(broken: str, joined: str) -> None:
    assert only(f"K One (2001). It was {broken} care.").summary == f"It was {joined} care."


def test_the_page_says_how_a_broken_word_is_written() -> None:
    record = only("K One (2001). Street-wise and under-\nage, streetwise, underage, street-\nwise.")
    assert record.summary == "Street-wise and underage, streetwise, underage, streetwise."


@pytest.mark.parametrize(
    ("entry", "publisher", "year", "places"),
    [
        ("K Beds (Home Office [UK], 2010). Text.", "Home Office", 2010, ("UK",)),
        ("K Beds (2010, Home Office). Text.", "Home Office", 2010, ("UK",)),
        ("K Beds (2010, in two parts). Text.", None, 2010, ()),
        ("K Beds (Ward Press [second edition], 2010).", "Ward Press [second edition]", 2010, ()),
        ("K Beds (Bed Unit [NICE], 2010).", "Bed Unit [NICE]", 2010, ("UK",)),
        ("K Beds (Home Office, last updated May 2010). Text.", "Home Office", 2010, ("UK",)),
        ("K Beds (Home Office, c2010). Text.", "Home Office", 2010, ("UK",)),
        ("K Beds (Home Office, n.d.). Text.", "Home Office", None, ("UK",)),
        ("K Beds (2010, Wales). Text.", None, 2010, ("Wales",)),
        ("K Beds (Wales, 2010). Text.", None, 2010, ("Wales",)),
        ("K Beds (2010) [Wales]. Text.", None, 2010, ("Wales",)),
        ("K Beds (Ward Press, 2010) [free source]. Text.", "Ward Press", 2010, ()),
        ("K Beds (in Dutch, 2010). Text.", None, 2010, ()),
        (
            "K Beds (Ward Press; Home Office; Lamp, 2010).",
            "Ward Press; Home Office; Lamp",
            2010,
            ("UK",),
        ),
    ],
)
def test_a_publisher_stands_apart_from_its_place_its_year_and_remarks(
    entry: str, publisher: str | None, year: int | None, places: tuple[str, ...]
) -> None:
    record = only(entry)
    assert (record.publisher, record.year, record.jurisdictions) == (publisher, year, places)


def test_signs_that_set_two_letters_are_those_letters() -> None:
    record = only("K Sta\ufb00 who \ufb01t in (2010). E\ufb00ective o\ufb03ces.")
    assert (record.title, record.summary) == ("Staff who fit in", "Effective offices.")


def test_a_running_head_beside_numbered_pages_is_no_text_but_the_first_is_the_heading() -> None:
    head = "Drug Treatment Matrix cell B2: Practitioners; Generic and cross-cutting issues"
    legend = "S Seminal studies K Key studies R Reviews G Guidance"
    pages = [
        "K Nurses (2010). They stay.",
        "K Porters (2011). They go.",
        "K Cooks (2012). They eat.",
    ]
    text = "\n".join(
        f"{head}\nPage {number} of 3\n{legend if number == 1 else ''}\n{page}"
        for number, page in enumerate(pages, start=1)
    )
    cell = read_cell(text, "page.txt")
    assert (cell.matrix, cell.code, cell.problems) == ("Drug", "B2", ())
    assert [record.summary for record in cell.records] == ["They stay.", "They go.", "They eat."]


def test_marks_of_footnotes_are_no_part_of_words_or_years() -> None:
    page = (
        "<p>K <a href='https://example.org/1'>Two wards<sup>1</sup></a> (2010<sup>2</sup>). Of 40 "
        "m<sup>2</sup> each<sup><a href='#n3'>3</a></sup> "
        "(<sup><a href='https://example.org/2'>4</a></sup>).</p>"
    )
    (record,) = read_cell(f"<html><p>{HEAD}</p>{page}</html>", "a1.html").records
    assert (record.title, record.year, record.summary) == ("Two wards", 2010, "Of 40 m2 each (4).")
    markdown = HEAD + "**K** [Two wards](https://example.org/1) (2010[^1]). Text.\n"
    (record,) = read_cell(markdown, "a1.md").records
    assert (record.title, record.year) == ("Two wards", 2010)


def test_definitions_of_markdown_are_no_text() -> None:
    page = HEAD + "**K** [Two wards][1] (2010). Text.\n\n[1]: https://example.org/1\n"
    cell = read_cell(page, "a1.md")
    assert [(record.summary, record.url) for record in cell.records] == [
        ("Text.", "https://example.org/1")
    ]
    assert cell.problems == ()


def test_titles_alone_on_their_lines_need_no_full_stop_before_the_next_or_the_footer() -> None:
    page = f"{HEAD}K Judges matter (2006)\nK Officers matter (2007)\nMatrix Bite\nOpen it\n"
    cell = read_cell(page, "a1.txt")
    assert [(r.title, r.year, r.summary) for r in cell.records] == [
        ("Judges matter", 2006, ""),
        ("Officers matter", 2007, ""),
    ]
    assert cell.problems == ()


def test_the_first_row_of_the_alcohol_matrix_is_known_by_its_name_alone() -> None:
    page = (
        "Alcohol Treatment Matrix cell E1\n\nTreatment systems; Screening and brief interventions"
        "\n\nS Seminal studies K Key studies\n\nK A title (2010). Text.\n"
    )
    cell = read_cell(page, "page.txt")
    assert (cell.row, cell.problems) == ("Screening and brief interventions", ())


def test_a_paragraph_of_directions_alone_is_not_reported() -> None:
    body = "K A title (2010). Text.\n\nFor discussion click and scroll down to highlighted heading."
    assert (only(body).summary, codes(body)) == ("Text.", [])
    unfolded = "K A title (2010). Text.\n\nUnfold extra text\n\nK Another (2011). Text."
    assert codes(unfolded) == []


def test_a_paragraph_that_points_to_a_document_belongs_to_the_entry_above() -> None:
    body = (
        "K A title (2010). Text.\n\nSee also: another study (2011).\n\nUpdate published in 2012."
        "\n\nK B title (2013). Text."
    )
    first, second = records(body)
    assert first.summary == "Text. See also: another study (2011). Update published in 2012."
    assert [(d.title, d.year) for d in first.related] == [
        ("another study", 2011),
        ("Update published in 2012", 2012),
    ]
    assert (second.title, codes(body)) == ("B title", [])


def test_a_study_that_updates_an_earlier_one_is_not_updated_in_that_year() -> None:
    assert not only("K A title (2010). Updates an earlier (2006) review.").related
    (update,) = only("K A title (2010). Updated in 2012.").related
    assert (update.relation, update.year) == ("update", 2012)


@pytest.mark.parametrize("between", [",", ";"])
def test_documents_that_a_colon_ends_are_all_in_the_title(between: str) -> None:
    record = only(f"K ZEBRA (1997){between} OKAPI (1982): long walks agree. Herds were followed.")
    assert record.title == f"ZEBRA (1997){between} OKAPI (1982): long walks agree"
    assert (record.year, record.summary) == (1997, "Herds were followed.")
    assert [(d.title, d.year) for d in record.related] == [("OKAPI", 1982)]


def test_a_parenthesis_in_a_paragraph_of_its_own_is_that_of_the_title_above() -> None:
    body = (
        "K Zebras calm visitors\n\n(Home Office, 2010).\n\nFewer complaints.\n\n"
        "R Zebra trials\n\n(2011). No gain.\n\nG A herd (2012). Text.\n\n(2013). More."
    )
    found = records(body)
    assert [(r.title, r.publisher, r.year, r.summary) for r in found[:2]] == [
        ("Zebras calm visitors", "Home Office", 2010, "Fewer complaints."),
        ("Zebra trials", None, 2011, "No gain."),
    ]
    assert (found[2].year, found[2].summary[:5]) == (2012, "Text.")


def test_cells_of_a_table_are_title_parenthesis_and_summary_of_one_entry() -> None:
    row = (
        "<tr><td>K</td><td>Zebras calm visitors</td><td>(2010)</td><td>Fewer complaints.</td></tr>"
    )
    page = f"<html><p>{HEAD.splitlines()[0]}</p><table>{row}</table></html>"
    (record,) = read_cell(page, "a1.html").records
    assert (record.title, record.year) == ("Zebras calm visitors", 2010)
    assert record.summary == "Fewer complaints."


def test_a_link_up_to_the_parenthesis_marks_a_title_with_a_full_stop_in_it() -> None:
    entry = (
        '<p>K <a href="https://z.example/1">Zebras first. Okapis second.</a> (2010). Calm. '
        '<a href="https://z.example/2">A link. Then more</a> (2012).</p>'
    )
    (record,) = read_cell(f"<html><p>{HEAD.splitlines()[0]}</p>{entry}</html>", "a1.html").records
    assert (record.title, record.year) == ("Zebras first. Okapis second", 2010)
    plain = only("K Zebras went home. They came back in later years (2010). Text.")
    assert (plain.title, plain.year) == ("Zebras went home", None)


def test_codes_in_brackets_may_stand_without_space_between() -> None:
    body = "[KG] Zebras (2010). Text.\n\n(K/R) Okapis (2011). Text.\n\n[RSS] Feeds (2012). Text."
    found = [("".join(c.code for c in r.categories), r.title) for r in records(body)]
    assert found == [("KG", "Zebras"), ("KR", "Okapis"), ("", "[RSS] Feeds")]


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u202a", "\u202b"])
def test_a_mark_of_direction_before_a_code_is_no_part_of_the_title(mark: str) -> None:
    record = only(f"{mark}K Zebras calm visitors{mark} (2010). Text.")
    assert [c.code for c in record.categories] == ["K"]
    assert (record.title, record.year) == ("Zebras calm visitors", 2010)
