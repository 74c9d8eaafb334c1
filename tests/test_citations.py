"""What is written for reference managers is read by their parsers, and by ours, without loss."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import fastjsonschema
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.corpus import parse_file
from evidence_search.escaping import line
from evidence_search.exporting.parts import keywords
from evidence_search.records import (
    Category,
    Inference,
    RelatedDocument,
    Source,
    StudyRecord,
    authors,
)
from evidence_search.render import render
from evidence_search.values import replace

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex

ENDINGS = {"ris": "ris", "bibtex": "bib", "csl-json": "json"}
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "csl-data.json").read_bytes())

ARTICLE = StudyRecord(
    "x-1", source=Source("a", 1),
    title="{Zebras} & 100% of \\stripes: “a” ~ b_c # $1 -- it's ''so'' <b>",
    year=2009, year_end=2012, publisher="Press; Co & Sons", journal="J. Zebras, B",
    categories=(Category.KEY, Category.REVIEW), inferences=(Inference("Scotland", "field"),),
    summary="One.\n\nER  - \nTwo @article{x, y} “–” é.", doi="10.1000/a_b(c)",
    url="https://example.org/a%20b;c_d?x=1&y={2}#z", notes=("free source",),
    contributors=authors("Smith, Jo", "de la Cruz, A.", "Ministry of Drugs and Alcohol",
                         "Bread and Butter, Al"),
    keywords=("stripes, black", "x; y", "plain"), matrix="Drug", cell="A1",
    related=(RelatedDocument("see also", "A map", "WHO", 2011),),
)  # fmt: skip
REPORT = StudyRecord("x-2", title="Report", source=Source("a", 9), publisher="WHO")
BARE = StudyRecord("x-3", title="Bare", source=Source("a", 12))

_characters = st.characters(exclude_categories=["Cs", "Cc"])
_texts = st.text(st.one_of(_characters, st.sampled_from("\\{}%&$#_~^<>|-'`\"?!@,;:= \n"))).map(line)
_texts = _texts.filter(
    lambda text: text.lower() not in {"na", "nan", "nat", "null", "none", "n/a", "-"}
)


def write(name: str, *records: StudyRecord) -> str:
    return "".join(render("records", name, records))


def read_back(name: str, *records: StudyRecord) -> tuple[StudyRecord, ...]:
    found, problems = parse_file(write(name, *records).encode(), f"x.{ENDINGS[name]}")
    assert [p for p in problems if p.severity == "error"] == []
    return found


def test_ris_is_read_by_rispy_without_loss() -> None:
    article, report, bare = rispy.loads(write("ris", ARTICLE, REPORT, BARE))
    assert [x["type_of_reference"] for x in (article, report, bare)] == ["JOUR", "RPRT", "GEN"]
    assert article["title"] == ARTICLE.title
    assert (article["year"], article["publisher"]) == ("2009", ARTICLE.publisher)
    assert article["secondary_title"] == ARTICLE.journal
    assert article["abstract"] == line(ARTICLE.summary)
    assert article["authors"] == list(ARTICLE.authors)
    assert article["keywords"] == keywords(ARTICLE)
    assert (article["doi"], article["urls"]) == (
        ARTICLE.doi,
        ["https://example.org/a%20b%3Bc_d?x=1&y={2}#z"],
    )
    assert "published 2009–2012" in article["notes"][0]


def test_bibtex_is_read_by_bibtexparser_without_loss() -> None:
    library = parse_string(write("bibtex", ARTICLE, REPORT, BARE))
    assert library.failed_blocks == []
    assert [e.entry_type for e in library.entries] == ["article", "techreport", "misc"]
    fields = {f.key: f.value for f in library.entries[0].fields}
    assert fields["title"].startswith(r"{\textbraceleft{}Zebras\textbraceright{} \& 100\% of")
    assert (fields["year"], fields["date"]) == ("2009", "2009/2012")
    assert fields["author"] == (
        "Smith, Jo and de la Cruz, A. and {Ministry of Drugs and Alcohol} and "
        "{Bread and Butter}, Al"
    )
    assert fields["keywords"].endswith("jurisdiction: Scotland, {stripes, black}, {x; y}, plain")
    assert library.entries[1].fields_dict["institution"].value == "WHO"


def test_bibtex_keys_are_the_ids_and_differ_even_for_bibtex() -> None:
    odd = [
        StudyRecord(name, title="t", source=Source("a", 1)) for name in ("é{,", "X-1", "x-1", "")
    ]
    keys = [e.key for e in parse_string(write("bibtex", *odd)).entries]
    assert keys == ["---", "X-1", "x-1-2", "record"]


def test_csl_json_fits_the_schema(e5: EvidenceIndex) -> None:
    validate = fastjsonschema.compile(SCHEMA)
    items: list[dict[str, Any]] = json.loads(write("csl-json", ARTICLE, REPORT, BARE, *e5.records))
    validate(items)
    assert [item["type"] for item in items[:3]] == ["article-journal", "report", "document"]
    assert items[0]["issued"] == {"date-parts": [[2009], [2012]]}
    assert items[0]["author"][0] == {"family": "Smith", "given": "Jo"}
    assert items[0]["author"][2] == {"literal": "Ministry of Drugs and Alcohol"}


@pytest.mark.parametrize("name", ENDINGS)
def test_our_own_reader_gets_every_field_back(name: str) -> None:
    (back,) = read_back(name, ARTICLE)
    assert back.title == ARTICLE.title
    assert (back.year, back.publisher, back.journal) == (2009, ARTICLE.publisher, ARTICLE.journal)
    assert back.summary == line(ARTICLE.summary)
    assert back.authors == ARTICLE.authors
    assert back.categories == ARTICLE.categories
    assert back.jurisdictions == ARTICLE.jurisdictions
    assert back.doi == ARTICLE.doi
    assert unquote(back.url or "") == unquote(ARTICLE.url or "")
    assert back.keywords == ARTICLE.keywords
    assert back.year_end == 2012
    assert (back.matrix, back.cell, back.notes) == ("Drug", "A1", ("free source",))
    assert [replace(d, source=None) for d in back.related] == list(ARTICLE.related)


@pytest.mark.parametrize("name", ENDINGS)
def test_the_bundled_records_come_back_with_what_identifies_them(
    e5: EvidenceIndex, name: str
) -> None:
    records = e5.records
    for record, back in zip(records, read_back(name, *records), strict=True):
        assert back.title == line(record.title)
        assert (back.year, back.publisher) == (record.year, record.publisher)
        assert back.summary == line(record.summary)
        assert back.categories == record.categories
        assert set(record.jurisdictions) <= set(back.jurisdictions)
        assert back.keywords == record.keywords


@given(st.sampled_from(sorted(ENDINGS)), _texts.filter(bool), _texts, _texts)
def test_any_text_survives(name: str, title: str, summary: str, publisher: str) -> None:
    record = StudyRecord(
        "x", title=title, source=Source("a", 1), year=2010, summary=summary,
        publisher=publisher or None,
    )  # fmt: skip
    (back,) = read_back(name, record)
    assert (back.title, back.summary, back.publisher) == (title, summary, publisher or None)


@pytest.mark.parametrize("name", ["ris", "bibtex"])
def test_an_entry_is_a_field_a_line(name: str) -> None:
    assert len(re.findall(r"^(?:TY  - |@)", write(name, ARTICLE), re.MULTILINE)) == 1
    assert "\n\nTwo" not in write(name, ARTICLE)
