"""Whole records: what a library's record says is shown, counted, linked and cited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search.exporting.citing import citation
from evidence_search.importing.types import CSL
from evidence_search.index import EvidenceIndex
from evidence_search.labels import united
from evidence_search.languages import language_name
from evidence_search.records import Contributor, Source, StudyRecord
from evidence_search.render import render
from evidence_search.values import replace

if TYPE_CHECKING:
    from pathlib import Path

RIS = """TY  - JOUR
AU  - Foal, Ann B.
AU  - van den Berg, Jan
TI  - Brief advice in stables
JO  - Annals of Hay
VL  - 12
IS  - 3
SP  - 45
EP  - 51
PY  - 2011
DO  - 10.1000/hay.12
LA  - eng
KW  - Advice
KW  - advice
AB  - Advice was tried.
ER  -

TY  - JOUR
AU  - Foal AB
TI  - More advice in stables
JO  - ANNALS OF HAY
PY  - 2012
LA  - en
AB  - It was tried again.
ER  -
"""
CSV = """Title,Authors,Year,PMID,Journal,Language
Care in jails,Doe J,2014,12345678,Drug Review,English
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> EvidenceIndex:
    folder = tmp_path_factory.mktemp("library")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "a.ris").write_text(RIS)
    (folder / "corpus" / "b.csv").write_text(CSV)
    index = EvidenceIndex(folder / "corpus", folder / "index")
    index.refresh()
    return index


def test_a_record_is_shown_whole_with_its_link_and_how_to_cite_it(library: EvidenceIndex) -> None:
    record = library.search("brief advice")[0].record
    shown = "".join(render("records", "text", [record]))
    for row in (
        "Authors:      Foal, Ann B.; van den Berg, Jan",
        "Journal:      Annals of Hay",
        "Volume:       12", "Issue:        3", "Pages:        45-51",
        "Type:         Journal article",
        "Language:     English", "DOI:          10.1000/hay.12",
        "Link:         https://doi.org/10.1000/hay.12", "Cite as:      Foal, A. B., & van den Berg",
    ):  # fmt: skip
        assert row in shown
    page = "".join(render("records", "html", [record]))
    assert '<a href="https://doi.org/10.1000/hay.12">Brief advice in stables</a>' in page
    assert "Cite as:" in page
    assert "https://doi.org/10.1000/hay.12" in "".join(
        render("results", "text", library.search("brief advice"))
    )


@pytest.mark.parametrize(
    ("field", "value", "address"),
    [
        ("doi", "10.1/a", "https://doi.org/10.1/a"),
        ("pmid", "123", "https://pubmed.ncbi.nlm.nih.gov/123/"),
        ("pmcid", "PMC9", "https://pmc.ncbi.nlm.nih.gov/articles/PMC9/"),
        ("url", "https://example.org/", "https://example.org/"),
    ],
)
def test_a_record_leads_to_the_address_that_lasts(field: str, value: str, address: str) -> None:
    record = StudyRecord(id="a", title="A", source=Source("a", 1))
    assert replace(record, **{field: value}).link == address


def test_facets_count_what_records_of_libraries_have(library: EvidenceIndex) -> None:
    names = ("author", "journal", "keyword", "type", "language", "source")
    facets = library.facets(names=names)
    assert facets["author"] == {"Foal AB": 2, "van den Berg J": 1, "Doe J": 1}
    assert facets["journal"] == {"ANNALS OF HAY": 2, "Drug Review": 1}
    assert facets["keyword"] == {"Advice": 1}
    assert facets["type"] == {"article-journal": 2}
    assert facets["language"] == {"English": 3}
    assert facets["source"] == {"a.ris": 2, "b.csv": 1}
    assert library.search("language:en").total == library.search("language:eng").total == 3
    assert library.search("stables").facets["language"] == {"English": 2}


def test_a_type_is_also_what_a_file_calls_it_where_that_says_more(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.nbib").write_text(
        "PMID- 1\nTI  - Mules\nPT  - Journal Article\nPT  - Randomized Controlled Trial\n"
    )
    (tmp_path / "c" / "b.csv").write_text(
        "Title,Source title,Document Type\nOxen,Hay,Review\nMares,Barns,Book chapter\n"
    )
    with EvidenceIndex(tmp_path / "c", tmp_path / "i") as index:
        index.refresh()
        assert index.facets(names=["type"])["type"] == {
            "article-journal": 2, "Randomized Controlled Trial": 1, "Review": 1, "chapter": 1,
        }  # fmt: skip
        for query in ("type:trial", "type:review", "type:chapter"):
            assert index.search(query).total == 1
        rows = "".join(render("facets", "text", index.facets(names=["type"])))
        assert "Randomized Controlled Trial" in rows


def test_a_source_is_a_file_or_the_database_that_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "old.nbib").write_text("PMID- 77\nTI  - Mules in wards.\nDP  - 2001\n")
    with EvidenceIndex(tmp_path / "c", tmp_path / "i") as index:
        index.refresh()
        assert index.facets(names=["source"])["source"] == {"PubMed": 1, "old.nbib": 1}
        assert index.search("source:pubmed").total == index.search("source:old").total == 1


@pytest.mark.parametrize("query", ["12345678", "PMID 12345678", "PMID: 12345678", "pmid12345678"])
def test_a_number_of_pubmed_finds_its_record_however_it_is_typed(
    library: EvidenceIndex, query: str
) -> None:
    assert [hit.record.title for hit in library.search(query)] == ["Care in jails"]


def test_labels_that_differ_in_case_or_spelling_are_one() -> None:
    counts = {"Centre for Hay": 1, "Center for hay": 3, "Hay & Oats": 1, "Hay and oats": 1, "(": 1}
    assert united("publisher", counts) == {"Center for hay": 4, "Hay & Oats": 2, "(": 1}


def test_a_label_counts_what_it_finds_in_facets_filters_and_maps(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    spelt = ["Hay & Oats", "hay and oats", "Hay And Oats", "Hay"]
    files = (
        f"TY  - RPRT\nTI  - Mules of {n}\nPB  - {name}\nER  -\n" for n, name in enumerate(spelt)
    )
    (tmp_path / "c" / "a.ris").write_text("\n".join(files))
    with EvidenceIndex(tmp_path / "c", tmp_path / "i") as index:
        index.refresh()
        found = index.search("", limit=0)
        table = found.crosstab("publisher", "type")
        for label, count in found.facets["publisher"].items():
            assert count == table.row_total(label) == index.search("", publisher=label).total
        assert sorted(table.row_totals.values()) == [1, 3]


def test_languages_have_one_name() -> None:
    assert {language_name(x) for x in ("en", "ENG", "English", "en-GB", "en_US")} == {"English"}
    assert {language_name(x) for x in ("ger", "deu", "de", "German")} == {"German"}
    assert language_name("Elvish") == "Elvish"
    assert language_name(None) is None


@pytest.mark.parametrize("style", ["apa", "vancouver", "harvard"])
def test_a_citation_without_an_author_ends_with_one_full_stop(style: str) -> None:
    text = citation(StudyRecord(id="a", title="Hay", source=Source("a", 1), year=2010), style)
    assert text.endswith(".")
    assert not text.endswith("..")


@pytest.mark.parametrize("style", ["apa", "vancouver", "harvard"])
def test_a_citation_says_its_title_once(style: str) -> None:
    report = StudyRecord(id="a", title="Hay", source=Source("a", 1), year=2010, publisher="Barn")
    assert citation(report, style).count("Hay") == 1
    assert "Barn" in citation(report, style)
    bare = StudyRecord(id="a", title="Hay", source=Source("a", 1), year=2010)
    assert citation(bare, style).count("Hay") == 1


@pytest.mark.parametrize("style", ["apa", "vancouver", "harvard"])
@pytest.mark.parametrize("title", ["Does hay help?", "Eat hay!", "“Hay helps?”"])
def test_a_title_that_ends_in_a_mark_gets_no_full_stop_behind_it(title: str, style: str) -> None:
    source = Source("a", 1)
    for record in (
        StudyRecord(id="a", title=title, source=source, year=2010),
        StudyRecord(id="a", title=title, source=source, publisher="Barn", year=2010),
        StudyRecord(id="a", title=title, source=source, journal="Annals of Hay", year=2010),
    ):
        text = citation(record, style)
        assert title.strip("“”") in text
        assert not re.search(r"[?!][”’]?\.", text), text


@pytest.mark.parametrize("style", ["apa", "vancouver", "harvard"])
@pytest.mark.parametrize(
    ("date", "dated"),
    [
        ("2010-03-04/2010-03-05", "2010"),
        ("2010-03-04/2010-04-04", "2010"),
        ("2010-03/2010-06-01", "2010"),
        ("2010-12-30/2011-01-02", "2010–2011"),
        ("2010/2012", "2010–2012"),
    ],
)
def test_a_date_from_one_day_to_another_is_cited(date: str, dated: str, style: str) -> None:
    for kind in ("webpage", "article-journal", "speech"):
        record = StudyRecord("a", title="Hay", source=Source("a", 1), year=2010, date=date)
        text = citation(replace(record, type=kind), style)
        assert dated in text
        assert not re.search(r"April|June|December", text), text


_KINDS = st.one_of(st.none(), st.sampled_from(sorted(CSL)))
_ENDS = st.sampled_from(
    "2010 2010-03 2010-03-04 2010-04-04 2010-03-05 2011-01 2010-13 soon".split()
)
_DATES = st.one_of(st.none(), _ENDS, st.tuples(_ENDS, _ENDS).map("/".join))
_PEOPLE = st.sampled_from([
    Contributor("author", "Foal", "Ann"), Contributor("author", literal="Barn"),
    Contributor("editor", "Mare", ""), Contributor("author", "", "Jo"),
    Contributor("translator", "Colt"), Contributor("author", given="Only"),
    Contributor("author", "Berg", "J.", "den", "van", "Jr."),
])  # fmt: skip
_MORE = st.dictionaries(
    st.sampled_from("edition genre number accessed collection-title event-title".split()),
    st.sampled_from(["2nd", "II", "PH24", "2013-01-01/2013-01-02", "n.d.", "?"]),
)


@given(
    st.builds(
        StudyRecord,
        id=st.just("a"),
        title=st.sampled_from(["Hay", "Hay?", "“Hay”.", "."]),
        source=st.just(Source("a", 1)),
        year=st.sampled_from([None, 1, 2010, 2011]),
        year_end=st.sampled_from([None, 2012]),
        date=_DATES,
        type=_KINDS,
        contributors=st.lists(_PEOPLE, max_size=3, unique=True).map(tuple),
        publisher=st.sampled_from([None, "Barn"]),
        journal=st.sampled_from([None, "Annals of Hay"]),
        volume=st.sampled_from([None, "3", "III", "3-4", "v."]),
        pages=st.sampled_from([None, "1-9", "e1", "1-", "i-x", "12-9"]),
        url=st.sampled_from([None, "https://example.org/"]),
        extra=_MORE.map(lambda more: tuple(more.items())),
    ),
    st.sampled_from(["apa", "vancouver", "harvard"]),
)
@settings(max_examples=300)
def test_every_record_has_a_citation_in_every_style(record: StudyRecord, style: str) -> None:
    assert record.title.strip("“”.?") in citation(record, style)


def test_no_phrase_runs_from_one_author_or_keyword_into_the_next(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    rows = "AU  - Foal, Ann\nAU  - Mare, Jo\nKW  - hay bales\nKW  - oat sacks\n"
    text = f"TY  - JOUR\nTI  - Stables\nPY  - 2010\n{rows}ER  - \n"
    (tmp_path / "corpus" / "a.ris").write_text(text)
    with EvidenceIndex(tmp_path / "corpus", tmp_path / "index") as index:
        index.refresh()
        for phrase in (
            '"hay bales"',
            'keyword:"oat sacks"',
            'author:"Foal Ann"',
            'author:"Jo Mare"',
        ):
            assert index.search(phrase).total == 1
        for phrase in (
            '"bales oat"',
            'keyword:"bales oat"',
            'author:"Ann Mare"',
            'author:"A Mare"',
        ):
            assert index.search(phrase).total == 0
