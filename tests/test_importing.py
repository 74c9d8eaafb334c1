"""Files of reference managers, and our own exports, read into the same records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from evidence_search.analysis import Analyzer
from evidence_search.corpus import parse_file
from evidence_search.importing.entries import Entry
from evidence_search.index import EvidenceIndex
from evidence_search.records import Category, Source, StudyRecord, authors
from evidence_search.render import render
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RIS = """TY  - JOUR
TI  - Zebras in Scottish clinics
AU  - Smith, Jo
AU  - Doe, Al
PY  - 2010/03/01
AB  - Stripes, and what they did.
KW  - key study
KW  - stripes
T2  - Journal of Zebras
DO  - 10.1000/z
UR  - https://example.org/z
ER  -

TY  - RPRT
TI  - Untended
PB  - Ministry of Justice
ER  -
"""
BIBTEX = """@article{z,
  title = {{Zebras} in Scottish clinics},
  author = {Smith, Jo and Doe, Al},
  year = 2010,
  abstract = {Stripes, and what they did.},
  keywords = {key study, stripes},
  journal = {Journal of Zebras},
  doi = {10.1000/z},
  url = {https://example.org/z}
}
@article{broken, title = {never closed
"""
NBIB = """PMID- 123
TI  - Zebras in Scottish
      clinics
FAU - Smith, Jo
FAU - Doe, Al
DP  - 2010 Mar
JT  - Journal of Zebras
AB  - Stripes, and what they did.
OT  - key study
OT  - stripes
AID - 10.1000/z [doi]
"""
CSV = (
    "Title,Authors,Publication Year,Abstract,Keywords,Journal,DOI,Url\r\n"
    '"Zebras in Scottish clinics","Smith, Jo; Doe, Al",2010,"Stripes, and what they did.",'
    "key study; stripes,Journal of Zebras,10.1000/z,https://example.org/z\r\n"
)


def read(text: str, path: str) -> tuple[tuple[StudyRecord, ...], list[str]]:
    records, problems = parse_file(text.encode(), path)
    return records, [f"{p.source.line} {p.code}" for p in problems]


@pytest.mark.parametrize(
    ("text", "path"), [(RIS, "a.ris"), (RIS, "a.txt"), (BIBTEX, "a.bib"), (NBIB, "a.nbib"),
                       (CSV, "a.csv")],
)  # fmt: skip
def test_an_entry_has_the_same_fields_in_every_format(text: str, path: str) -> None:
    record = read(text, path)[0][0]
    assert record.title == "Zebras in Scottish clinics"
    assert (record.year, record.doi, record.journal) == (2010, "10.1000/z", "Journal of Zebras")
    assert record.authors == ("Smith, Jo", "Doe, Al")
    assert record.summary == "Stripes, and what they did."
    assert record.keywords == ("key study", "stripes")
    assert record.categories == (Category.KEY,)
    assert record.jurisdictions == ("Scotland",)


ZOTERO_BIB = """
@string{add = "Addiction"}
@article{obrien_effect_2012,
	title = {Effect of {Brief} {Talks}: {A} trial},
	url = {https://example.org/a_b?x=1%20y},
	abstract = {<i>Half</i> of {\\textless} 50\\% \\& more — caf\\'{e}.},
	journal = add,
	author = {O'Brien, Se{\\'a}n and M{\\"u}ller, J{\\"u}rgen and {World Health Organization}},
	month = may,
	date = {2012-05},
	keywords = {alcohol, key study},
}
@inbook{child, crossref = {parent}, title = {A chapter}, author = {Doe, Al}}
@article{bad, title = {Unbalanced { brace}, year = 2011}
@book{parent, title = {The book}, publisher = {OUP}, year = 2001}
@misc{twice, title = {One of two}, year = 2003}
@misc{twice, title = {Two of two}, year = 2004}
"""
SCHOLAR_RIS = "\ufeffTY - JOUR\r\nT1 - Brief talks\r\nA1 - Doe, J\r\nY1 - 2015\r\nJO - BMJ\r\n"
ENDNOTE_RIS = """Provider: a database

TY  - JOUR
A1  - Smith, J.
A1  - Jones, K.
Y1  - 2009/03/15/
T1  - Brief talks
JF  - Drug and Alcohol Review
JA  - Drug Alcohol Rev
N2  - An abstract that
goes on.
UR  - http://dx.doi.org/10.1000/1
ER  -
ty  - rprt
ti  - In lower case, without end
py  - 2013///
"""
PUBMED = """
PMID- 2
DP  - 2019 Nov-Dec
TI  - Collective author.
CN  - A Research Team
JT  - BMJ
LID - 10.1136/bmj.1 [doi]
"""
ZOTERO_CSV = (
    '\ufeff"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url",'
    '"Abstract Note","Date","Manual Tags","Automatic Tags"\n"A","journalArticle","2012",'
    '"Doe, J; Roe, K","Brief ""talks""","BMJ","https://doi.org/10.1/x","https://e.org/1",'
    '"Abstract, on\ntwo lines","2012-05","key study; alcohol","Humans"\n'
)
RAYYAN_CSV = (
    "key;title;authors;journal;year;url;abstract;doi;keywords\n"
    "r-1;Brief talks;A B and C D;BMJ;2010;https://x;Text, with commas;10.2/y;a,b\n"
)
SCOPUS_CSV = (
    "Authors,Title,Year,Source title,Abstract,Author Keywords,Index Keywords,Publisher,Link,DOI\n"
    '"Roman P.; Knudsen H.K.",Brief talks,2007,BMJ,Text,alcohol; staff,Human,Wiley,https://s,10.1/1\n'
)
PUBMED_CSV = (
    "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,DOI\n"
    '1,Brief talks,"Miller WR, Hall PL.",BMJ. 2002,Miller WR,BMJ,2002,2002/04/20,10.1/z\n'
)
SCIENCE_TSV = (
    "PT\tAU\tTI\tSO\tDE\tAB\tPY\tDI\tPU\n"
    "J\tMiller, WR; Hall, P\tBrief talks\tBMJ\talcohol; trial\tText\t2002\t10.1/w\tWILEY\n"
)


def test_bibtex_of_zotero_and_of_people() -> None:
    found, problems = read(ZOTERO_BIB, "a.bib")
    first, chapter, parent, one, two = found
    assert (first.title, first.journal) == ("Effect of Brief Talks: A trial", "Addiction")
    assert first.authors == ("O'Brien, Seán", "Müller, Jürgen", "World Health Organization")
    assert (first.year, first.summary) == (2012, "Half of < 50% & more — café.")
    assert (first.url, first.categories) == ("https://example.org/a_b?x=1%20y", (Category.KEY,))
    assert (chapter.publisher, chapter.journal, chapter.year) == ("OUP", "The book", 2001)
    assert (parent.title, one.title, two.title) == ("The book", "One of two", "Two of two")
    assert problems == ["14 bad-entry"]


def test_pages_of_bibtex_are_joined_by_a_hyphen_and_titles_keep_their_dashes() -> None:
    text = "@article{a, title = {Otters -- a review}, year = 2011, pages = {12--19}}"
    (record,), _ = parse_file(text.encode(), "a.bib")
    assert (record.title, record.pages) == ("Otters – a review", "12-19")


def test_ris_of_google_scholar_and_endnote() -> None:
    (scholar,), problems = read(SCHOLAR_RIS, "a.txt")
    assert (scholar.title, scholar.authors, scholar.year) == ("Brief talks", ("Doe, J",), 2015)
    assert (scholar.journal, problems) == ("BMJ", [])
    (endnote, lower), problems = read(ENDNOTE_RIS, "a.ris")
    assert endnote.authors == ("Smith, J.", "Jones, K.")
    assert (endnote.year, endnote.journal) == (2009, "Drug and Alcohol Review")
    assert (endnote.summary, endnote.doi) == ("An abstract that goes on.", "10.1000/1")
    assert (endnote.source.line, lower.source.line) == (3, 14)
    assert (lower.title, lower.year) == ("In lower case, without end", 2013)
    assert problems == []


def test_pubmed_entries_with_a_group_for_an_author() -> None:
    (record,), problems = read(PUBMED, "a.nbib")
    assert (record.title, record.authors) == ("Collective author", ("A Research Team",))
    assert (record.doi, record.url) == ("10.1136/bmj.1", "https://pubmed.ncbi.nlm.nih.gov/2/")
    assert (record.year, problems) == (2019, [])


@pytest.mark.parametrize(
    ("text", "path", "authors", "keywords", "doi"),
    [
        (ZOTERO_CSV, "a.csv", ("Doe, J", "Roe, K"), ("key study", "alcohol", "Humans"), "10.1/x"),
        (RAYYAN_CSV, "a.csv", ("A B", "C D"), ("a", "b"), "10.2/y"),
        (
            SCOPUS_CSV,
            "a.csv",
            ("Roman P.", "Knudsen H.K."),
            ("alcohol", "staff", "Human"),
            "10.1/1",
        ),
        (PUBMED_CSV, "a.csv", ("Miller WR", "Hall PL"), (), "10.1/z"),
        (SCIENCE_TSV, "a.tsv", ("Miller, WR", "Hall, P"), ("alcohol", "trial"), "10.1/w"),
    ],
)
def test_tables_of_reference_managers_and_databases(
    text: str, path: str, authors: tuple[str, ...], keywords: tuple[str, ...], doi: str
) -> None:
    (record,), problems = read(text, path)
    assert record.title in {"Brief talks", 'Brief "talks"'}
    assert (record.authors, record.keywords) == (authors, keywords)
    assert (record.journal, record.doi, problems) == ("BMJ", doi, [])
    assert record.year


@pytest.mark.parametrize(
    "text", ['[\n{"title": "A"},\n{"title": "B"}]', '{"title": "A"}\n\n{"title": "B"}\n']
)
def test_each_object_of_a_json_file_says_on_which_line_it_is(text: str) -> None:
    lines = {record.title: record.source.line for record in read(text, "a.json")[0]}
    assert [text.splitlines()[lines[title] - 1][11] for title in "AB"] == ["A", "B"]


def test_lines_and_problems_say_where() -> None:
    records, problems = read(RIS, "a.ris")
    assert [r.source.line for r in records] == [1, 14]
    assert problems == ["14 no-year"]
    assert records[1].categories == ()
    assert read(BIBTEX, "a.bib")[1][0].endswith("bad-entry")


@pytest.mark.parametrize("name", ["jsonl", "json", "csv", "tsv"])
def test_our_exports_are_read_back_without_loss(e5: EvidenceIndex, name: str) -> None:
    odd = StudyRecord(
        "x-1", title="=cmd|' /C calc'!A0", source=Source("a", 1), year=2010, year_end=2012,
        contributors=authors("A; B", "[x"), keywords=("'=1",),
        notes=("-", ""), summary="'+1\nline\ttab \"q\"", categories=(Category.REVIEW,),
    )  # fmt: skip
    records = [*e5.records, odd]
    text = "".join(render("records", name, records))
    back, problems = read(text, f"x.{name}")
    assert problems == []
    assert [_placeless(r) for r in back] == [_placeless(r) for r in records]


def _placeless(record: StudyRecord) -> StudyRecord:
    nowhere = Source("", 1)
    related = tuple(replace(d, source=None) for d in record.related)
    return replace(record, source=nowhere, related=related)


@pytest.mark.parametrize(
    ("text", "path"),
    [("[1", "a.json"), ("[" * 100_000, "a.json"), ("nope\n", "a.jsonl"), ("a,b\n1,2\n", "a.csv"),
     ('title\n"x', "a.csv"), ("title\nx,y\n", "a.csv"), ("", "a.ris"), ("", "a.nbib"),
     ('{"title": ["x"]}', "a.jsonl"), ('{"title": "x", "category": "Z"}', "a.jsonl"),
     ('{"id":1,"title":2,"inferences":3,"furniture":4}', "a.jsonl")],
)  # fmt: skip
def test_a_bad_file_is_a_problem_and_never_an_exception(text: str, path: str) -> None:
    records, problems = read(text, path)
    assert records == ()
    assert problems


def test_a_raised_number_is_part_of_no_word() -> None:
    line = json.dumps(
        {
            "title": "Relapse<sup>1</sup> in H<sub>2</sub>O",
            "summary": "Drinking<sup>2,3</sup> 10<sup>9</sup>",
        }
    )
    (record,), _ = parse_file(line.encode(), "a.jsonl")
    assert record.title == "Relapse¹ in H2O"
    assert record.summary.endswith("10⁹")
    assert "drink" in Analyzer().tokens(record.summary)


def test_progress_of_a_large_file_is_told_by_its_bytes_from_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    entries = "".join(f"TY  - JOUR\nTI  - Title {n}\nPY  - 2010\nER  - \n\n" for n in range(1000))
    (tmp_path / "corpus" / "large.ris").write_text(entries)
    told: list[tuple[int, int]] = []
    with EvidenceIndex(tmp_path / "corpus", tmp_path / "index") as index:
        index.refresh(progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert {total for _, total in told} == {2 * len(entries)}
    assert told[0][0] < len(entries) / 20
    assert sum(done < len(entries) for done, _ in told) > 10
    assert sum(done > len(entries) for done, _ in told) > 10


def test_entries_before_one_that_stops_its_reader_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: str) -> Iterator[Entry]:
        yield Entry(1, {"title": ["Zebras"], "year": ["2010"]})
        raise MemoryError("of a library")

    monkeypatch.setattr("evidence_search.importing.recognise", lambda *_: read)
    records, problems = parse_file(b"anything", "a.ris")
    assert [record.title for record in records] == ["Zebras"]
    assert [(p.severity, p.code, p.source.line) for p in problems] == [("error", "unread-rest", 1)]


def test_a_reader_that_stops_before_its_first_entry_says_so_at_the_first_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def read(_: str) -> Iterator[Entry]:
        raise MemoryError("of a library")
        yield

    monkeypatch.setattr("evidence_search.importing.recognise", lambda *_: read)
    records, problems = parse_file(b"anything", "a.ris")
    assert records == ()
    assert [(p.code, p.source.line) for p in problems] == [("unread-rest", 1)]


def test_a_name_is_without_the_number_that_scopus_gives_its_author() -> None:
    text = (
        '"Authors","Author full names","Author(s) ID","Title","Year"\n'
        '"Ray H.; Poole S.","Ray, Helen (57201); Poole, Sam (7003)","57201;7003","Wards",2015\n'
    )
    (record,), problems = parse_file(text.encode(), "scopus.csv")
    assert [person.inverted for person in record.contributors] == ["Ray, Helen", "Poole, Sam"]
    assert "57201;7003" in dict(record.extra).values()
    assert problems == ()


ENDNOTE_XML = """<xml><records>
<record><ref-type name='{}'>6</ref-type><titles><title>Otters</title>
<secondary-title>Works on mammals</secondary-title></titles>
<dates><year>2011</year></dates></record>
<record><titles><title>Untended</title></titles></record></records></xml>"""


@pytest.mark.parametrize("kind", ["Book", "Report"])
def test_the_series_of_a_book_is_no_journal(kind: str) -> None:
    (book, _), _ = read(ENDNOTE_XML.format(kind), "a.xml")
    (article, _), _ = read(ENDNOTE_XML.format("Journal Article"), "a.xml")
    assert (book.title, book.journal, article.journal) == ("Otters", None, "Works on mammals")


def test_records_of_endnote_say_on_which_line_they_are_and_a_file_without_any_says_so() -> None:
    found, problems = read(ENDNOTE_XML.format("Book"), "a.xml")
    assert [record.source.line for record in found] == [2, 5]
    assert problems == ["5 no-year"]
    one = "<record><titles><title>Alone</title></titles><dates><year>2011</year></dates></record>"
    (record,), _ = read(one, "a.xml")
    assert (record.title, record.source.line) == ("Alone", 1)
    assert read("<?xml version='1.0'?><xml><records></records></xml>", "a.xml")[0] == ()
    assert len(read("<?xml version='1.0'?><xml><records></records></xml>", "a.xml")[1]) == 1


def test_the_first_day_of_a_month_is_a_day() -> None:
    text = "PMID- 1\nTI  - Otters\nDP  - 2011 May 1\n"
    (record,), _ = read(text, "a.nbib")
    assert record.date == "2011-05-01"


@pytest.mark.parametrize(
    ("written", "date"),
    [("2011/01/31/", "2011-01-31"), ("2011/12/1/", "2011-12-01"), ("2011/12//", "2011-12"),
     ("2011/13/01/", None), ("2011/00/01/", None), ("2011/05/32/", "2011-05")],
)  # fmt: skip
def test_the_first_and_the_last_month_are_months_and_no_other(
    written: str, date: str | None
) -> None:
    (record,), _ = read(f"TY  - JOUR\nTI  - Otters\nPY  - {written}\nER  - \n", "a.ris")
    assert (record.year, record.date) == (2011, date)


@pytest.mark.parametrize("lead", ["", " "])
def test_a_cell_in_quotes_may_go_on_in_the_next_line(lead: str) -> None:
    text = f'title,{lead}"abstract",year\nOtters,{lead}"One.\nTwo.",2011\nHares,{lead}"X",2012\n'
    found, problems = read(text, "a.csv")
    assert [(r.title, r.summary, r.year) for r in found] == [
        ("Otters", "One. Two.", 2011), ("Hares", "X", 2012),
    ]  # fmt: skip
    assert problems == []


def test_an_item_of_csl_is_known_by_its_kind_where_it_has_no_date() -> None:
    item = {"id": "a", "type": "article-journal", "title": "Otters", "page": "3-9",
            "author": [{"family": "Ray", "given": "Ann"}], "source": "PsycINFO"}  # fmt: skip
    (record,), _ = read(json.dumps([item]), "a.json")
    assert (record.type, record.pages, record.authors) == ("article-journal", "3-9", ("Ray, Ann",))
    assert record.database == "PsycINFO"
