"""What each program exports, in the shapes that its files have, is read as whole records."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from evidence_search.corpus import parse_file
from evidence_search.records import StudyRecord, to_dict

EBSCO = """Provider: EBSCOhost
Content: text/plain; charset="UTF-8"

TY  - JOUR
ID  - 2012345678
T1  - Brief talks in A&amp;E departments
A1  - Jones, Ann B
Y1  - 2015/05//May/Jun2015
N2  - <b>Methods</b>: a count.
KW  - ALCOHOL drinking
KW  - EMERGENCY services
SP  - 12
EP  - 24
JF  - Theory of Taverns
JA  - THEORY TAV
SN  - 16066359
AN  - 102345678
L3  - 10.5555/tt.1
UR  - http://search.example.org/login.aspx?direct=true&db=ccm
DP  - EBSCOhost
DB  - ccm
ER  -
"""
OVID_RIS = """1.
TY  - JOUR
T1  - One of Ovid
A1  - Moll K.
Y1  - 2018//
ER  -

Link to the Ovid Full Text or citation:
https://example.org/ovid?AN=1

2.
TY  - JOUR
T1  - Two of Ovid
Y1  - 2019//
N2  - A text that ends here
3.
TY  - JOUR
T1  - Three of Ovid
Y1  - 2020//
"""
CHAPTER = """TY  - CHAP
TI  - A chapter
AU  - van den Berg, Jan
A2  - Ed, I. T.
T2  - A handbook
T3  - A series
PY  - 1999
PB  - Sage
CY  - London
SN  - 978-0-306-40615-7
ER  -
"""
ENDNOTE = """<?xml version="1.0" encoding="UTF-8" ?>
<xml><records><record><database name="L.enl">L.enl</database><rec-number>1</rec-number>
<ref-type name="Journal Article">17</ref-type><contributors><authors><author>Smith, J. A.</author>
<author>World Health Organization,</author></authors></contributors>
<titles><title>Effect of <style face="italic">Humulus</style> &amp; CO<style>2</style></title>
<secondary-title>Hops</secondary-title></titles><pages>12-20</pages><volume>105</volume>
<number>3</number><keywords><keyword>Adult</keyword><keyword>Beer</keyword></keywords>
<dates><year>2010</year></dates><isbn>1360-0443 (Electronic)&#xD;0965-2140 (Linking)</isbn>
<urls><related-urls><url>https://www.ncbi.nlm.nih.gov/pubmed/20123456</url></related-urls></urls>
<custom2>PMC2900001</custom2><electronic-resource-num>10.5555/x</electronic-resource-num></record>
<record><titles><title>Broken &entity; here</title></titles></record>
<record><ref-type name="Report">27</ref-type><titles><title>After it</title></titles></record>
</records></xml>
"""
ENW = """%0 Journal Article
%T A title in enw
%A Smith, John
%A Ministry of Wells, London,
%J Wells
%V 3
%P 1-10
%D 2011
%8 March 5
%R 10.5555/enw
%K alcohol
drinking
%X An abstract
over lines.

%0 Book
%T A book in enw
%E Editor, A.
%D 2001
%@ 9780306406157
"""
WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Asam, E
   Gye, MD
AF Asam, Emma
   Gye, Mavis
CA Delta Study Grp
TI Views of brewers
   in the delta
SO BREWING
DE stigma; brewers
ID KNOWLEDGE
PY 2018
BP 1
EP 9
DI 10.5555/b
UT WOS:1
ER

PT B
TI A book
PY 2017
ER

EF
"""
OVID = """<1>
Unique Identifier
  20142345
Title
  Drinking and
  driving.
Source
  Addled. 105(3):12-20, 2010 Mar.
Authors
  Smith J
  Doe A
Year of Publication
  2010
"""
COCHRANE = """Record #1 of 2
ID: CN-01234567
AU: Smith J
AU: Doe A
TI: Trial of counselling
SO: Addled
YR: 2010
PM: PUBMED 20123456
KY: Humans; Adult
DOI: 10.5555/c

Record #2 of 2
ID: CN-07654321
TI: Second trial
YR: 2011
"""
PMC = """PMC - PMC1234567
PMID- 12345678
DP  - 2003
TI  - A title from PMC.
FAU - Doe, Al
JT  - Journal of X

PMC - PMC1234568
DP  - 2004
TI  - Second.
"""
SCOPUS = (
    "Authors,Author full names,Title,Year,Source title,Art. No.,Page start,Page end,Cited by,DOI,"
    "Author Keywords,Index Keywords,Document Type,Source,EID\r\n"
    '"Roman P.; Kim H.K.","Roman, Paul (12345); Kim, Hannah K. (45678)",T,2011,Rev,,1,9,3,10.5/s,'
    '"alcohol; staff","human; adult",Review,Scopus,2-s2.0-1\r\n'
)
EMBASE = (
    '"SEARCH QUERY","tavern:ti"\n---------\n\n'
    '"Title","Author Names","Source","Source title","Publication Year","Date of Publication"\n'
    '"T","Yang Z., van Dam B.","Night (2024) 15:1","Night","2024","December 2024"\n'
)
RAYYAN = (
    "key,title,year,month,day,journal,authors,abstract,notes,pubmed_id,pmc_id\r\n"
    'rayyan-1,T,2010,3,5,J,"Smith, J. and Doe, A.",Text,'
    '"RAYYAN-INCLUSION: {""Ann""=>""Included"", ""Bob""=>""Excluded""} | RAYYAN-LABELS: good",'
    "20123456,PMC2900001\r\n"
)
DIMENSIONS = (
    '"About the data: Exported on Jan 1, 2024. Criteria: x"\r\n'
    "Rank,Publication ID,DOI,PMID,Title,Source title,PubYear,Volume,Pagination,Authors\r\n"
    '1,pub.1,10.5555/d,20123456,T,J,2010,105,12-20,"Smith, John; Doe, Al"\r\n'
)
LENS = (
    "Lens ID,Title,Publication Year,Author/s,Source URLs\n"
    "000-1,T,2021,Jo Pog; Al Nij,https://x.org/a; https://x.org/b\n"
)
COVIDENCE = (
    "Title,Authors,Published Year,Published Month,Journal,Covidence #,Study,Notes,Tags\r\n"
    'T,"Smith, J.; Doe, A.",2010,Mar,J,#12,Smith 2010,,night\r\n'
)
OPENALEX = (
    '{"results":[{"id":"https://openalex.org/W1","doi":"https://doi.org/10.5555/oa","title":"T",'
    '"publication_year":2010,"type":"article",'
    '"authorships":[{"author":{"display_name":"Jo Smith"}}],'
    '"primary_location":{"source":{"display_name":"J"}},"biblio":{"volume":"105","first_page":"12",'
    '"last_page":"20"},"abstract_inverted_index":{"words":[1],"Two":[0]}}]}'
)
CROSSREF = (
    '{"message":{"items":[{"DOI":"10.5555/cr","type":"journal-article","title":["T"],'
    '"container-title":["J"],"author":[{"given":"Jo","family":"Smith"},{"name":"WHO"}],'
    '"issued":{"date-parts":[[2010,3]]},"abstract":"<jats:p>Text</jats:p>"}]}}'
)
ZOTERO_JSON = (
    '[{"data":{"itemType":"bookSection","title":"T","creators":[{"creatorType":"author",'
    '"firstName":"Jo","lastName":"Smith"},{"creatorType":"editor","name":"WHO"}],'
    '"bookTitle":"B","date":"2010-03-05","tags":[{"tag":"a"},{"tag":"b"}]}}]'
)
WOS_BIB = """@article{ WOS:000000000000001,
Author = {Smith, Jo A. and Doe,
   Al and Delta Study Grp},
Title = {{A title}},
Year = {{2010}},
Month = {{MAR 5}},
Abstract = {{Text 50\\% of \\&c.}},
DOI = {{10.5555/wb}},
Keywords = {{alcohol; trial}},
Unique-ID = {{WOS:000000000000001}},
}
"""


def read(text: str | bytes, path: str) -> tuple[list[dict[str, Any]], list[str]]:
    data = text if isinstance(text, bytes) else text.encode()
    records, problems = parse_file(data, path)
    return [to_dict(record) for record in records], [
        f"{p.source.line} {p.severity} {p.code}" for p in problems if p.code != "no-year"
    ]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        (EBSCO, "a.ris", {
            "title": "Brief talks in A&E departments", "authors": ["Jones, Ann B"],
            "journal": "Theory of Taverns", "summary": "Methods: a count.", "pages": "12-24",
            "date": "2015-05", "doi": "10.5555/tt.1", "issn": "16066359", "database": "ccm",
            "accession": "102345678", "keywords": ["ALCOHOL drinking", "EMERGENCY services"],
            "url": "http://search.example.org/login.aspx?direct=true&db=ccm",
            "type": "article-journal",
        }),
        (CHAPTER, "a.ris", {
            "journal": "A handbook", "publisher": "Sage", "place": "London", "type": "chapter",
            "editors": ["Ed, I. T."], "isbn": "978-0-306-40615-7", "issn": None,
            "extra": {"collection-title": ["A series"]},
        }),
        (ENDNOTE, "a.xml", {
            "title": "Effect of Humulus & CO2", "volume": "105", "issue": "3",
            "authors": ["Smith, J. A.", "World Health Organization"], "pmid": "20123456",
            "pmcid": "PMC2900001", "issn": "1360-0443, 0965-2140", "keywords": ["Adult", "Beer"],
        }),
        (ENW, "a.enw", {
            "authors": ["Smith, John", "Ministry of Wells, London"], "date": "2011-03-05",
            "keywords": ["alcohol", "drinking"], "summary": "An abstract over lines.",
        }),
        (WOS, "savedrecs.txt", {
            "title": "Views of brewers in the delta", "database": "Web of Science",
            "authors": ["Asam, Emma", "Gye, Mavis", "Delta Study Grp"], "accession": "WOS:1",
            "keywords": ["stigma", "brewers", "KNOWLEDGE"], "pages": "1-9",
        }),
        (OVID, "ovid.txt", {
            "title": "Drinking and driving.", "authors": ["Smith J", "Doe A"], "journal": "Addled",
            "year": 2010, "accession": "20142345",
        }),
        (COCHRANE, "citations.txt", {
            "pmid": "20123456", "keywords": ["Humans", "Adult"], "database": "Cochrane",
            "accession": "CN-01234567", "authors": ["Smith J", "Doe A"],
        }),
        (PMC, "pmc_result.txt", {
            "title": "A title from PMC", "pmid": "12345678", "pmcid": "PMC1234567",
        }),
        (SCOPUS, "scopus.csv", {
            "authors": ["Roman, Paul", "Kim, Hannah K."], "journal": "Rev", "database": "Scopus",
            "keywords": ["alcohol", "staff", "human", "adult"], "pages": "1-9",
            "type": "article-journal", "accession": "2-s2.0-1",
        }),
        (EMBASE, "embase.csv", {
            "authors": ["Yang Z.", "van Dam B."], "journal": "Night", "date": "2024-12",
            "extra": {"citation": ["Night (2024) 15:1"]},
        }),
        (RAYYAN, "rayyan.csv", {
            "authors": ["Smith, J.", "Doe, A."], "date": "2010-03-05", "pmcid": "PMC2900001",
            "labels": ["rayyan: included (Ann)", "rayyan: excluded (Bob)", "rayyan label: good"],
        }),
        (DIMENSIONS, "dimensions.csv", {
            "year": 2010, "pages": "12-20", "accession": "pub.1", "pmid": "20123456",
        }),
        (LENS, "lens.csv", {
            "authors": ["Jo Pog", "Al Nij"], "urls": ["https://x.org/a", "https://x.org/b"],
        }),
        (COVIDENCE, "covidence.csv", {"date": "2010-03", "keywords": ["night"]}),
        (OPENALEX, "openalex.json", {
            "authors": ["Jo Smith"], "ids": ["openalex:W1"], "doi": "10.5555/oa", "journal": "J",
            "type": "article-journal", "pages": "12-20", "summary": "Two words",
        }),
        (CROSSREF, "crossref.json", {
            "title": "T", "authors": ["Smith, Jo", "WHO"], "summary": "Text", "date": "2010-03",
            "type": "article-journal",
        }),
        (ZOTERO_JSON, "zotero.json", {
            "authors": ["Smith, Jo"], "editors": ["WHO"], "type": "chapter", "journal": "B",
            "keywords": ["a", "b"], "date": "2010-03-05",
        }),
        (WOS_BIB, "savedrecs.bib", {
            "authors": ["Smith, Jo A.", "Doe, Al", "Delta Study Grp"], "doi": "10.5555/wb",
            "summary": "Text 50% of &c.", "keywords": ["alcohol", "trial"], "date": "2010-03-05",
        }),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)  # fmt: skip
def test_the_first_record_of_an_export_is_whole(
    text: str, path: str, expected: dict[str, Any]
) -> None:
    records, _ = read(text, path)
    assert {name: records[0][name] for name in expected} == expected


def test_counters_and_links_between_entries_are_no_part_of_them() -> None:
    records, problems = read(OVID_RIS, "ovid.txt")
    assert [record["title"] for record in records] == [
        "One of Ovid",
        "Two of Ovid",
        "Three of Ovid",
    ]
    assert records[1]["summary"] == "A text that ends here"
    assert problems == []


def test_a_broken_record_of_endnote_costs_only_itself() -> None:
    records, problems = read(ENDNOTE, "a.xml")
    assert [record["title"] for record in records] == ["Effect of Humulus & CO2", "After it"]
    assert problems == ["11 error bad-entry"]


def test_xml_with_entities_of_its_own_is_refused_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    text = (
        f"{bomb}<xml><records><record><titles><title>&b;</title></titles></record></records></xml>"
    )
    assert read(text, "a.xml") == ([], ["1 error bad-entry"])


def test_a_workbook_is_read_as_the_table_that_it_is() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    for row in (
        ["Exported by a tool"],
        [],
        ["Title", "Year", "Authors"],
        ["T", 2018.0, "Xl, A.; S, B."],
    ):
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    (record,), problems = read(packed.getvalue(), "a.xlsx")
    assert (record["title"], record["year"], record["authors"]) == ("T", 2018, ["Xl, A.", "S, B."])
    assert record["source"]["line"] == 4
    assert problems == []


def test_a_broken_workbook_is_a_problem_of_its_file() -> None:
    records, problems = read(b"PK\x03\x04 xl/ and nothing more", "a.xlsx")
    assert (records, len(problems)) == ([], 1)


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Smit J.A., van Dam B., Ek C.", ["Smit J.A.", "van Dam B.", "Ek C."]),
        ("Smit, J.A., Dam, B., Ek, C.", ["Smit, J.A.", "Dam, B.", "Ek, C."]),
        ("Smit, J. A., Dam, B., & Ek, C.", ["Smit, J. A.", "Dam, B.", "Ek, C."]),
        ("Miller WR, Hall PL.", ["Miller WR", "Hall PL"]),
        ("J Smit, C O'Conn", ["J Smit", "C O'Conn"]),
        ("Jo Smit, Al Doe and Ida Ek", ["Jo Smit", "Al Doe", "Ida Ek"]),
        ("Smit, Jo and Doe, Al", ["Smit, Jo", "Doe, Al"]),
        ("Smit, Jo", ["Smit, Jo"]),
        ("Smit, Jo; Doe, Al; ", ["Smit, Jo", "Doe, Al"]),
        ("Ana Ruiz|Bo Li", ["Ana Ruiz", "Bo Li"]),
        ("Smit J, et al.", ["Smit J"]),
        ("Department of Health and Social Care", ["Department of Health and Social Care"]),
        ("Ministry of Housing, Communities and Taverns",
         ["Ministry of Housing, Communities and Taverns"]),
    ],
)  # fmt: skip
def test_names_in_one_cell_are_parted_as_people_write_them(cell: str, names: list[str]) -> None:
    (record,), _ = read(f"Title\tAuthors\nT\t{cell}\n", "a.tsv")
    assert record["authors"] == names


def test_columns_that_are_not_known_are_named_once_and_kept() -> None:
    records, problems = read("Title,Year,Mood,Title\nA,2001,good,\nB,2002,,\n", "a.csv")
    assert problems == ["1 warning unknown-columns"]
    assert records[0]["extra"] == {"Mood": ["good"]}
    assert [record["title"] for record in records] == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (
            """[{"itemType": "journalArticle", "title": "A", "date": "2001"},
                {"itemType": "attachment", "title": "Full Text PDF", "parentItem": "A1"},
                {"itemType": "note", "note": "<p>Read on the train</p>", "parentItem": "A1"},
                {"itemType": "annotation", "annotationText": "odd"},
                {"title": "B", "year": 2002, "type": "Note"}]""",
            "a.json",
        ),
        (
            """Item Type,Title,Date,Notes\njournalArticle,A,2001,\nattachment,Full Text PDF,,
note,,,Read on the train\nannotation,,,odd\nNote,B,2002,\n""",
            "a.csv",
        ),
    ],
)  # fmt: skip
def test_what_is_kept_with_works_is_left_out_and_said_once(text: str, path: str) -> None:
    records, problems = read(text, path)
    assert [record["title"] for record in records] == ["A", "B"]  # a note of Scopus is an article
    (problem,) = problems
    assert problem.endswith(" warning enclosures")


REFWORKS = """RT Journal Article
SR Electronic(1)
ID 17
A1 Smit,Jo
A1 Doe,Al
T1 Talks in taverns,
and after
JF Theory of Taverns
YR 2009
VO 3
IS 2
SP 12
OP 24
K1 ale
K1 talk
AB They talked.
SN 1606-6359
LA English
DO 10.5555/t
LK http://example.org/t

RT Book, Section
SR Print(0)
A1 Lee,Ann
A2 Ek,Ida
T1 A chapter
T2 Books of Ale
YR 2001
PB Barn Press
"""


def test_refworks_text_is_read_as_whole_records() -> None:
    (article, chapter), problems = read(REFWORKS, "export.txt")
    assert not problems
    assert article["title"] == "Talks in taverns, and after"
    assert [(c["family"], c["given"]) for c in article["contributors"]] == [
        ("Smit", "Jo"), ("Doe", "Al"),
    ]  # fmt: skip
    assert {name: article[name] for name in ("type", "journal", "year", "volume", "issue")} == {
        "type": "article-journal", "journal": "Theory of Taverns", "year": 2009, "volume": "3",
        "issue": "2",
    }  # fmt: skip
    assert (article["pages"], article["doi"], article["issn"]) == (
        "12-24",
        "10.5555/t",
        "1606-6359",
    )
    assert (article["keywords"], article["summary"]) == (["ale", "talk"], "They talked.")
    assert (chapter["type"], chapter["journal"]) == ("chapter", "Books of Ale")
    assert [(c["role"], c["family"]) for c in chapter["contributors"]] == [
        ("author", "Lee"), ("editor", "Ek"),
    ]  # fmt: skip


PUBMED_XML = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "pubmed.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">77</PMID><Article><Journal>
<ISSN>1606-6359</ISSN><JournalIssue><Volume>3</Volume><Issue>2</Issue><PubDate><Year>2009</Year>
<Month>Mar</Month></PubDate></JournalIssue><Title>Theory of Taverns</Title></Journal>
<ArticleTitle>Talks in <i>taverns</i> &amp; after.</ArticleTitle>
<Pagination><MedlinePgn>12-24</MedlinePgn></Pagination>
<ELocationID EIdType="doi">10.5555/t</ELocationID>
<Abstract><AbstractText Label="AIM">To talk.</AbstractText><AbstractText>They did.</AbstractText>
</Abstract><AuthorList><Author><LastName>Smit</LastName><ForeName>Jo A</ForeName>
<Initials>JA</Initials></Author><Author><CollectiveName>Barn Group</CollectiveName></Author>
</AuthorList><Language>eng</Language></Article><MeshHeadingList><MeshHeading>
<DescriptorName MajorTopicYN="Y">Taverns</DescriptorName><QualifierName>history</QualifierName>
</MeshHeading></MeshHeadingList></MedlineCitation><PubmedData>
<ArticleIdList><ArticleId IdType="pmc">PMC7</ArticleId></ArticleIdList>
<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/other</ArticleId>
</ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>78</PMID><Article><ArticleTitle>Cut off</PubmedArticle>
<PubmedBookArticle><BookDocument><PMID>79</PMID><Book><Publisher><PublisherName>Barn Press
</PublisherName></Publisher><BookTitle>Books of Ale</BookTitle><PubDate><Year>2001</Year></PubDate>
<AuthorList Type="editors"><Author><LastName>Ek</LastName><Initials>I</Initials></Author>
</AuthorList></Book><ArticleTitle>A chapter</ArticleTitle><AuthorList Type="authors"><Author>
<LastName>Lee</LastName><ForeName>Ann</ForeName></Author></AuthorList></BookDocument>
</PubmedBookArticle>
</PubmedArticleSet>
"""


def test_pubmed_xml_is_read_as_whole_records_and_a_broken_article_costs_itself() -> None:
    (article, chapter), problems = read(PUBMED_XML, "export.xml")
    assert problems == ["19 error bad-entry"]
    assert article["title"] == "Talks in taverns & after"
    assert article["authors"] == ["Smit, Jo A", "Barn Group"]
    assert {name: article[name] for name in ("journal", "date", "volume", "issue", "pages")} == {
        "journal": "Theory of Taverns", "date": "2009-03", "volume": "3", "issue": "2",
        "pages": "12-24",
    }  # fmt: skip
    assert (article["pmid"], article["pmcid"], article["doi"]) == ("77", "PMC7", "10.5555/t")
    assert (article["summary"], article["keywords"]) == ("AIM: To talk. They did.", ["Taverns"])
    assert (chapter["title"], chapter["journal"]) == ("A chapter", "Books of Ale")
    assert (chapter["year"], chapter["publisher"], chapter["pmid"]) == (2001, "Barn Press", "79")
    assert [(c["role"], c["family"]) for c in chapter["contributors"]] == [
        ("author", "Lee"), ("editor", "Ek"),
    ]  # fmt: skip


SERVICES = {
    "what a server found": """{"responseHeader": {"status": 0}, "response": {"numFound": 1, "docs":
        [{"title": "Talks in taverns", "author": ["Smit, Jo"], "year": 2009, "volume": 3}]}}""",
    "hits with their sources": """{"took": 1, "hits": {"total": {"value": 1}, "hits": [{"_id": "1",
        "_source": {"title": "Talks in taverns", "authors": [{"name": "Jo Smit"}], "year": 2009,
        "journal": {"name": "Ale", "volume": "3"}}}]}}""",
    "a list of results in another": """{"hitCount": 1, "resultList": {"result": [{"source": "MED",
        "title": "Talks in taverns", "authorString": "Smit, Jo", "volume": "3",
        "journalInfo": {"journal": {"title": "Ale"}, "yearOfPublication": 2009}}]}}""",
    "identifiers that say of which kind they are": """{"results": [{"bibjson": {"year": "2009",
        "title": "Talks in taverns", "author": [{"name": "Jo Smit", "affiliation": "Ale U"}],
        "journal": {"title": "Ale", "volume": "3"}, "link": [{"url": "https://example.org/t"}],
        "identifier": [{"type": "doi", "id": "10.5555/t"}, {"id": "odd"}]}}]}""",
    "identifiers by name": """{"data": [{"title": "Talks in taverns", "publicationYear": 2009,
        "authors": [{"authorId": "4", "name": "Jo Smit"}], "journal": {"volume": "3"},
        "externalIds": {"DOI": "10.5555/t", "PubMed": "32"}}]}""",
}


@pytest.mark.parametrize("text", SERVICES.values(), ids=SERVICES.keys())
def test_works_are_read_from_what_web_services_answer(text: str) -> None:
    (record,), problems = read(text, "answer.json")
    assert not problems
    assert (record["title"], record["year"], record["volume"]) == ("Talks in taverns", 2009, "3")
    (author,) = record["contributors"]
    assert (author["family"], author["given"]) == ("Smit", "Jo")
    assert record["doi"] == ("10.5555/t" if "10.5555/t" in text else None)
    assert record["journal"] == ("Ale" if "Ale" in text else None)


def test_bibtex_names_its_people_and_bodies_and_leaves_money_and_about_as_they_are() -> None:
    text = (
        "@book{a, title={Paid $10$ a day, ~5 drinks}, year=2001, "
        'author={Jo Smit and Doe, Al and {Barn Group}}}\n@book{b, title="Talks"#" in "#{ale}, '
        "year=2002}\n@book{c, title ="
    )
    (paid, talks), problems = read(text, "a.bib")
    assert paid["title"] == "Paid $10$ a day, ~5 drinks"
    smit, doe, barn = paid["contributors"]
    assert [(c["family"], c["given"]) for c in (smit, doe)] == [("Smit", "Jo"), ("Doe", "Al")]
    assert barn["literal"] == "Barn Group"
    assert talks["title"] == "Talks in ale"
    assert problems == ["3 error bad-entry"]


def test_what_is_about_a_library_of_zotero_is_not_of_the_work() -> None:
    text = """[{"itemType": "book", "title": "T", "date": "2001", "key": "K1", "version": 3,
        "dateAdded": "2015", "relations": {}, "extra": "", "numPages": "12", "libraryID": 7,
        "seeAlso": ["U"]}]"""
    (record,), problems = read(text, "a.json")
    assert not problems
    assert record["extra"] == {"number-of-pages": ["12"], "seeAlso": ['["U"]']}


def test_objects_of_csl_json_that_are_not_known_are_kept_by_name() -> None:
    text = """[{"id": "x", "type": "book", "title": "T", "issued": {"date-parts": [[2001]]},
        "custom": "one", "event": {"name": "Talks"}}]"""
    (record,), problems = read(text, "a.json")
    assert not problems
    assert record["extra"] == {
        "citation-key": ["x"], "custom": ["one"], "event": ['{"name": "Talks"}'],
    }  # fmt: skip


def test_a_name_within_very_many_others_costs_nothing() -> None:
    name = "ids." * 50_000
    (record,), problems = read(
        f'{{"title": "T", "year": 2001, "{name}doi": "10.5555/t"}}', "a.json"
    )
    assert (record["doi"], problems) == ("10.5555/t", [])


def test_columns_may_run_words_together() -> None:
    text = "ArticleTitle,PublicationYear,SourceTitle,DocumentType\nT,2001,Ale,Book\n"
    (record,), problems = read(text, "a.csv")
    assert not problems
    assert (record["title"], record["year"], record["journal"]) == ("T", 2001, "Ale")
    assert record["type"] == "book"


def test_a_doi_as_a_kind_of_work_in_ris_is_a_doi() -> None:
    (record,), _ = read("TY  - JOUR\nTI  - T\nM3  - doi:10.5555/t\nER  -\n", "a.ris")
    assert record["doi"] == "10.5555/t"
    assert "genre" not in record["extra"]


def test_a_quote_that_never_ends_costs_its_line_alone() -> None:
    text = 'Title,Abstract\n"A","one"\n"B","never closed\n"C","three\nlines"\n"D",four\n'
    records, problems = read(text, "a.csv")
    assert [record["title"] for record in records] == ["A", "C", "D"]
    assert problems == ["3 error bad-entry"]


@pytest.mark.parametrize("nothing", ["nan", "NaN", "None", "NA", "N/A", "null", "<NA>", "#N/A"])
def test_what_programs_write_for_nothing_is_nothing(nothing: str) -> None:
    (record,), _ = read(f"Title,Abstract,DOI,Keywords\nT,{nothing},{nothing},{nothing}\n", "a.csv")
    assert (record["summary"], record["doi"], record["keywords"]) == ("", None, [])


def test_a_country_that_a_field_names_wins_over_what_the_publisher_tells() -> None:
    (record,), _ = read("Title,Country,Publisher\nT,Ireland,NICE\n", "a.csv")
    assert record["jurisdictions"] == ["Ireland"]


def test_bibtex_keeps_its_signs_and_costs_only_broken_entries() -> None:
    text = (
        "@string{jot = {Journal of Taps}}\n"
        "@article{a, title = {R&D of 50% {UK} inns: $5, x_1, PM$_{2.5}$ and {\\'E}tude},\n"
        "  journal = jot # { B}, year = 2001,\n"
        "  author = {{Wells, Bells and Co} and Ek, C. and others},\n"
        "  url = {https://x.org/a{\\_}b}\n}\n"
        "@article{b, title = {No end, year = 2002\n}\n"
        "@misc{\n title = {No key},\n abstract = {Write to\n@home {and} more.}, issue = {4}\n"
        " year = 2003}\n"
    )
    records, problems = read(text, "a.bib")
    assert [record["title"] for record in records] == [
        "R&D of 50% UK inns: $5, x_1, PM2.5 and Étude", "No key",
    ]  # fmt: skip
    assert records[0]["journal"] == "Journal of Taps B"
    assert records[0]["authors"] == ["Wells, Bells and Co", "Ek, C."]
    assert records[0]["url"] == "https://x.org/a_b"
    assert (records[1]["summary"], records[1]["year"]) == ("Write to @home and more.", 2003)
    assert problems == ["7 error bad-entry"]


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("cp1252", "Café – à l’hôpital"), ("mac_roman", "Café et hôtel à Besançon"),
     ("utf-16-le", "Gläser ohne Marke"), ("utf-16", "Gläser"), ("utf-8-sig", "Gläser")],
)  # fmt: skip
def test_text_of_any_encoding_is_read_as_it_was_written(encoding: str, title: str) -> None:
    text = f"TY  - JOUR\nTI  - {title}\nPY  - 2003\nER  - \n"
    assert read(text.encode(encoding), "a.ris")[0][0]["title"] == title


def test_files_of_several_encodings_put_together_are_read() -> None:
    first, second = "TY  - JOUR\nTI  - Naïve\nER  - \n", "TY  - JOUR\nTI  - Señor\nER  - \n"
    records, problems = read(first.encode("utf-8-sig") + second.encode("cp1252"), "a.ris")
    assert [record["title"] for record in records] == ["Naïve", "Señor"]
    assert problems == ["5 warning not-utf-8"]


def test_a_format_is_known_by_its_content_whatever_its_ending() -> None:
    for text in (EBSCO, ENDNOTE, ENW, WOS, OVID, COCHRANE, PMC, SCOPUS, WOS_BIB, CROSSREF):
        expected = [record["title"] for record in read(text, "a.dat")[0]]
        assert expected
        assert [record["title"] for record in read(text, "a.ris")[0]] == expected


def test_screening_decisions_are_labels_and_stay_in_their_notes() -> None:
    note = "ASReview_relevant"
    records, _ = read(f"TY  - JOUR\nTI  - T\nN1  - {note}\nER  - \n", "a.ris")
    assert (records[0]["labels"], records[0]["notes"]) == (["asreview: relevant"], [note])
    records, _ = read("title,included\nT,1\nU,0\n", "a.csv")
    assert [r["labels"] for r in records] == [["screening: included"], ["screening: excluded"]]
    assert isinstance(parse_file(b"title,included\nT,1\n", "a.csv")[0][0], StudyRecord)


def test_quotes_in_braces_are_of_the_value_in_quotes() -> None:
    text = '@book{a, title = "The {UK} and {"}Zebras{"}", note = "\\"{o}ne", year = 2011}'
    (record,), problems = read(text, "a.bib")
    assert (record["title"], record["notes"], problems) == ('The UK and "Zebras"', ["öne"], [])


def test_entries_of_ris_may_lack_their_type_and_what_stands_between_them_is_none() -> None:
    text = (
        "TY  - JOUR\nTI  - One\nPY  - 2011\nER  - \n\n"
        "PY  - 2010\nER  - \n\n"
        "TI  - Two\nPY  - 2012\nER  - \n\n"
        "AU  - Nobody\n\n"
        "TY  - JOUR\nTI  - Three\nPY  - 2013\nER  - \n\n"
        "TI  - Last\nPY  - 2014\n"
    )
    records, problems = read(text, "a.ris")
    read_ = [(record["title"], record["year"]) for record in records]
    assert read_ == [("One", 2011), ("Two", 2012), ("Three", 2013), ("Last", 2014)]
    assert problems == []


def test_tags_without_a_title_at_the_end_of_ris_are_no_entry() -> None:
    text = "TY  - JOUR\nTI  - One\nPY  - 2011\nER  - \n\nAU  - Nobody\nPY  - 2012\n"
    records, problems = read(text, "a.ris")
    assert ([record["title"] for record in records], problems) == (["One"], [])


def test_the_first_header_with_a_title_and_another_column_is_that_of_the_table() -> None:
    (record,), problems = read("title,year\ntitle; author; year,2011\n", "a.csv")
    assert (record["title"], record["year"], problems) == ("title; author; year", 2011, [])


def test_quotes_between_tabs_stand_for_themselves() -> None:
    records, problems = read('title\tyear\n"Zebras" and more\t2011\nMules\t2012\n', "a.tsv")
    titles = [record["title"] for record in records]
    assert (titles, problems) == (['"Zebras" and more', "Mules"], [])


def test_names_of_fields_of_ovid_stand_on_lines_of_their_own_and_values_below_them() -> None:
    text = (
        "<1>\nUnique Identifier\n  123\nTitle\n  Zebras\n  and manes.\n"
        "Authors\n  Smith J\n  Doe A\n"
        "Publication Year\n  2011\n\n<2>\n  lost\nTitle\n  Mules\nYear of Publication\n  2012\n"
    )
    first, second = read(text, "a.txt")[0]
    assert (first["title"], first["year"]) == ("Zebras and manes.", 2011)
    assert first["authors"] == ["Smith J", "Doe A"]
    assert (second["title"], second["year"]) == ("Mules", 2012)


def test_an_abstract_by_its_words_may_be_missing_and_objects_within_are_none() -> None:
    text = (
        '{"title": "A", "year": 2011, "abstract_inverted_index": null, "ids": {"doi": "10.1/x"}}\n'
        '{"title": "B", "year": 2012, "abstract_inverted_index": {"Two": [0], "words": [1]}}\n'
    )
    (first, second), problems = read(text, "a.jsonl")
    assert (first["title"], first["summary"]) == ("A", "")
    assert (second["title"], second["summary"]) == ("B", "Two words")
    assert problems == []


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20100531", "2010-05-31"),
        ("2010-05-31", "2010-05-31"),
        ("31/05/2010", "2010-05-31"),
        ("05/31/2010", "2010-05-31"),
        ("05/05/2010", "2010-05-05"),
        ("04/05/2010", "04/05/2010"),  # of April or of May: as it was written
    ],
)
def test_a_day_in_figures_is_read_where_it_can_be_but_one(written: str, day: str) -> None:
    (record,), _ = read(f"TY  - JOUR\nTI  - A\nDA  - {written}\nER  - \n", "a.ris")
    assert (record["year"], record["date"]) == (2010, day)


def test_values_that_are_no_text_are_kept_as_json_has_them_and_empty_ones_left_out() -> None:
    text = '{"title": "A", "year": 2011, "open": false, "closed": true, "none": [], "n": 0}'
    (record,), problems = read(text, "a.json")
    assert record["extra"] == {"open": ["false"], "closed": ["true"], "n": ["0"]}
    assert problems == []


def test_the_line_with_which_excel_names_its_delimiter_is_no_header() -> None:
    records, problems = read("sep=;\ntitle;year\nOne, two;2011\nThree;2012\n", "a.csv")
    found = [(record["title"], record["year"]) for record in records]
    assert (found, problems) == ([("One, two", 2011), ("Three", 2012)], [])


def test_an_item_of_csl_keeps_its_own_address_before_those_that_we_add() -> None:
    item = '{"id": "a", "type": "book", "title": "A", "issued": {"date-parts": [[2011]]}, %s}'
    own, ours = '"URL": "http://a.org/1"', '"custom": {"urls": ["http://b.org/2"], "note": "x"}'
    for members in (f"{own}, {ours}", f"{ours}, {own}"):
        (record,), _ = read(item % members, "a.json")
        assert record["urls"] == ["http://a.org/1", "http://b.org/2"]


def test_documents_that_a_note_of_ours_relates_have_publisher_and_year_where_it_says_so() -> None:
    notes = ("see also: One (Findings, 2011)", "update: Two (Findings)", "mentioned: Three")
    text = "TY  - JOUR\nTI  - A\nPY  - 2012\n" + "".join(f"N1  - {note}\n" for note in notes)
    (record,), _ = read(f"{text}ER  - \n", "a.ris")
    assert [(one["title"], one["publisher"], one["year"]) for one in record["related"]] == [
        ("One", "Findings", 2011), ("Two", "Findings", None), ("Three", None, None),
    ]  # fmt: skip


def test_a_problem_stands_at_the_beginning_of_the_line_of_its_entry() -> None:
    records, problems = parse_file(b"\n\nTY  - JOUR\nTI  - A\nER  - \n", "a.ris")
    (problem,) = problems
    assert str(problem).startswith("a.ris:3:1: warning: expected a year")
    assert problem.source == records[0].source
