"""What a record is, how names are told apart, and that JSON keeps all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.records import (
    Category,
    Contributor,
    CrossReference,
    Inference,
    Link,
    RelatedDocument,
    Source,
    StudyRecord,
    authors,
    contributor,
    from_dict,
    to_dict,
    to_sparse_dict,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Smith, Jo", ("Smith", "Jo")),
        ("Smith JA", ("Smith", "JA")),
        ("Beha L.", ("Beha", "L.")),
        ("J. A. Smith", ("Smith", "J. A.")),
        ("J.A. Smith", ("Smith", "J.A.")),
        ("van den Berg, Jan", ("van den", "Berg", "Jan")),
        ("de la Cruz A.", ("de la", "Cruz", "A.")),
        ("J van Dam", ("van", "Dam", "J")),
        ("García López M", ("García López", "M")),
        ("King, Martin, Jr.", ("King", "Martin", "Jr.")),
        ("King, Jr., Martin", ("King", "Martin", "Jr.")),
        ("King, Martin Luther Jr.", ("King", "Martin Luther", "Jr.")),
        ("King ML 3rd", ("King", "ML", "3rd")),
        ("Church, Peter", ("Church", "Peter")),
        ("Bank, P.", ("Bank", "P.")),
    ],
)
def test_a_person_has_family_and_given_names(text: str, parts: tuple[str, ...]) -> None:
    person = contributor(text)
    assert person.literal is None
    fields = (person.non_dropping_particle, person.family, person.given, person.suffix)
    assert tuple(part for part in fields if part) == parts
    assert str(person) == text


@pytest.mark.parametrize(
    "text",
    [
        "World Health Organization", "NICE", "Cancer Research UK", "Turning Point",
        "Ministry of Housing, Communities and Local Government", "Bread and Roses",
        "Department of Health, England", "SWEET-6 Investigators", "Drug Policy NZ",
        "University College London, Institute of Education", "A, B, C, D",
    ],
)  # fmt: skip
def test_a_body_is_one_name_whatever_its_commas(text: str) -> None:
    assert contributor(text) == Contributor("author", literal=text)


def test_a_comma_at_the_end_says_that_a_name_is_a_body() -> None:
    body = contributor("Crown Printers, London,")
    assert (body.literal, str(body)) == ("Crown Printers, London",) * 2


@pytest.mark.parametrize(
    "same",
    [
        ("Smith JA", "Smith, J. A.", "J.A. Smith", "Smith, Jo Anne", "Smith, J.-A."),
        ("van den Berg J", "van den Berg, Jan", "J. van den Berg"),
        ("NICE", "NICE"),
    ],
)
def test_however_a_name_is_written_it_is_the_same_in_short(same: tuple[str, ...]) -> None:
    assert {contributor(text).short for text in same} == {same[0]}


def test_names_with_the_given_name_first_are_persons_where_the_format_says_so() -> None:
    assert contributor("Ana Ruiz Soler", given_first=True).family == "Soler"
    assert contributor("Jan van den Berg", given_first=True).surname == "van den Berg"
    assert contributor("Ana Ruiz").literal == "Ana Ruiz"
    assert contributor("World Health Organization", given_first=True).literal


def test_editors_are_not_authors() -> None:
    record = StudyRecord(
        "x", "X", Source("a", 1),
        contributors=(*authors("Ek, C.", "World Bank"), contributor("Oe, D.", "editor")),
    )  # fmt: skip
    assert record.authors == ("Ek, C.", "World Bank")
    assert record.editors == ("Oe, D.",)
    assert to_dict(record)["authors"] == ["Ek, C.", "World Bank"]


_text = st.text(max_size=12)
_texts = st.lists(_text, max_size=3).map(tuple)
_maybe = st.none() | _text.filter(bool)
_year = st.none() | st.integers(1500, 2099)
_sources = st.builds(Source, _text, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
_related = st.builds(
    RelatedDocument, _text, _text, _maybe, _year, _texts, _maybe, st.none() | _sources
)
_names = st.builds(Contributor, st.sampled_from(["author", "editor", "translator"]),
                   *[_maybe] * 7)  # fmt: skip
_extra = st.dictionaries(_text, st.lists(_text, min_size=1, max_size=2), max_size=3).map(
    lambda fields: tuple((name, value) for name, values in fields.items() for value in values)
)
_PLAIN = [
    "matrix", "cell", "row", "column", "publisher", "journal", "doi", "url", "type", "date",
    "volume", "issue", "pages", "place", "language", "issn", "isbn", "pmid", "pmcid", "database",
    "accession",
]  # fmt: skip
_LISTS = ["notes", "furniture", "keywords", "ids", "urls", "labels"]
records = st.builds(
    StudyRecord, id=_text, title=_text, source=_sources, summary=_text, year=_year, year_end=_year,
    categories=st.lists(st.sampled_from(Category), max_size=2).map(tuple),
    inferences=st.lists(st.builds(Inference, _text, _text), max_size=2).map(tuple),
    related=st.lists(_related, max_size=2).map(tuple),
    references=st.lists(st.builds(CrossReference, _text, _maybe), max_size=2).map(tuple),
    links=st.lists(st.builds(Link, _text, _text), max_size=2).map(tuple),
    contributors=st.lists(_names, max_size=3).map(tuple), extra=_extra,
    **dict.fromkeys(_PLAIN, _maybe), **dict.fromkeys(_LISTS, _texts),
)  # fmt: skip


@given(records)
def test_json_keeps_every_field(record: StudyRecord) -> None:
    for write in (to_dict, to_sparse_dict):
        assert from_dict(json.loads(json.dumps(write(record)))) == record


_VALUES = {"id": "x", "title": "X", "source": {"path": "a", "line": 1}}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", ["X"]), ("title", None), ("year", "2010"), ("year", True), ("year", 1e999),
        ("year", 10**30), ("id", 7), ("keywords", "a; b"), ("keywords", [["a"]]),
        ("source", "a:1"), ("source", {}), ("source", {"path": "a", "line": "1"}),
        ("categories", ["Z"]), ("inferences", 3), ("related", [{"relation": "see also"}]),
        ("extra", {"T3": "text"}), ("contributors", [{"family": "Ek"}]), ("authors", "Ek, C."),
        ("links", [None]), ("urls", {"a": 1}),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=key) as caught:
        from_dict({**_VALUES, key: value})
    assert "\n" not in str(caught.value)


def test_what_an_older_version_wrote_is_read() -> None:
    record = from_dict({**_VALUES, "authors": ["Smith, Jo", "World Bank"], "unheard": {"of": 1}})
    assert [c.family for c in record.contributors] == ["Smith", None]
    assert record.contributors[1].literal == "World Bank"


def test_an_author_corrected_in_an_export_is_read() -> None:
    values = to_dict(
        StudyRecord("x", "X", Source("a", 1), contributors=authors("Smit, Jo", "Ek C"))
    )
    values["authors"][0] = "Smith, Jo"
    assert from_dict(values).authors == ("Smith, Jo", "Ek C")
