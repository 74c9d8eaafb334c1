"""Whatever a record has, each format of reference managers keeps, and our reader gets it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evidence_search.corpus import parse_file
from evidence_search.escaping import line
from evidence_search.importing.types import RIS
from evidence_search.records import Category, Contributor, Source, StudyRecord
from evidence_search.render import render
from evidence_search.values import replace

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

FORMATS = {"ris": "ris", "nbib": "nbib", "bibtex": "bib", "csl-json": "json", "json": "json",
           "jsonl": "jsonl", "csv": "csv", "tsv": "tsv", "csv-excel": "csv"}  # fmt: skip

_characters = st.one_of(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
    st.sampled_from("abcdefgh &%$#_{}\\~^\"'`<>;:,.-=@[]()|/"),
)
_EMPTY = {"na", "nan", "null", "none", "undefined", "nat", "n/a", "#n/a"}


def texts(longest: int = 20) -> SearchStrategy[str]:
    return (
        st.text(_characters, max_size=longest)
        .map(lambda text: line(text).strip(" .;,"))
        .filter(lambda text: any(c.isalnum() for c in text) and text.lower() not in _EMPTY)
        .filter(lambda text: "&" not in text or ";" not in text)  # an entity is a character
        .filter(lambda text: "<" not in text and "{:" not in text)
    )


_words = st.text("abcdefgh", min_size=2, max_size=8)
_plain = st.lists(_words, min_size=1, max_size=3).map(" ".join)
_capital = _words.map(str.capitalize)
_persons = st.builds(
    Contributor, st.sampled_from(["author", "editor", "translator", "collection-editor"]),
    family=_capital, given=_capital, suffix=st.sampled_from([None, "Jr."]),
    non_dropping_particle=st.sampled_from([None, "van den", "de"]),
)  # fmt: skip
_bodies = st.builds(Contributor, st.sampled_from(["author"]), literal=_plain.map(str.title))
_bodies |= st.builds(
    Contributor, st.just("author"),
    literal=st.lists(_capital, min_size=2, max_size=3).map(", ".join),
)  # fmt: skip
_dates = st.sampled_from(
    [None, "2010-06", "2010-06-15", "2010 Winter", "2010-06/2011-01-31", "2010-06/2010-07"]
)


def _ending(record: StudyRecord) -> StudyRecord:
    """Return a record whose last year is that of its interval of dates."""
    return replace(record, year_end=2011) if "/2011" in (record.date or "") else record


def _has_a_full_title_of_its_journal(record: StudyRecord) -> bool:
    """Tell whether a journal is named in full: the short title alone is taken for the title."""
    return bool(record.journal) or "container-title-short" not in dict(record.extra)


_ROLES = ("author", "editor", "collection-editor", "translator")
_extra = st.lists(
    st.tuples(
        st.sampled_from(["collection-title", "edition", "title-short", "Cited by", "C5", "number",
                         "container-title-short", "genre", "STAT"]),
        _plain,
    )
    | st.tuples(
        st.sampled_from(["accessed", "original-date"]),
        st.sampled_from(["2010-06-15", "2010", "last spring"]),
    ),
    max_size=4, unique_by=lambda pair: pair[0],
)  # fmt: skip
RECORDS = st.builds(
    StudyRecord, id=st.just("a-title-0a1b2c"), title=texts(40), source=st.just(Source("a", 1)),
    year=st.just(2010), date=_dates, summary=texts(80) | st.just(""),
    categories=st.sampled_from([(), (Category.KEY,), (Category.REVIEW, Category.GUIDANCE)]),
    publisher=st.none() | texts(), journal=st.none() | texts(),
    keywords=st.lists(texts(), max_size=3, unique=True).map(tuple),
    notes=st.lists(texts(), max_size=3, unique=True).map(tuple),
    contributors=st.lists(
        _persons | _bodies, max_size=4, unique_by=lambda person: (person.role, str(person))
    ).map(lambda people: tuple(sorted(people, key=lambda person: _ROLES.index(person.role)))),
    type=st.sampled_from(sorted({*RIS.values(), "article"})),
    volume=st.none() | _words, issue=st.none() | _words,
    pages=st.sampled_from([None, "101-110", "e12", "1-3, 5"]), place=st.none() | texts(),
    language=st.none() | _words, issn=st.sampled_from([None, "1234-5678", "1234-5678, 2345-678X"]),
    isbn=st.sampled_from([None, "978-0-306-40615-7"]),
    doi=st.sampled_from([None, "10.1000/a_b(c)"]), pmid=st.sampled_from([None, "123"]),
    pmcid=st.sampled_from([None, "PMC77"]),
    ids=st.lists(st.sampled_from(["openalex:W1", "wos:2"]), unique=True, max_size=2).map(tuple),
    database=st.none() | _words.map(str.capitalize), accession=st.none() | _words,
    labels=st.lists(_plain.map("screening: {}".format), max_size=2, unique=True).map(tuple),
    extra=_extra.map(tuple),
).map(_ending).filter(_has_a_full_title_of_its_journal)  # fmt: skip


def comparable(record: StudyRecord) -> StudyRecord:
    """Return what of a record an export keeps: not where it stands, nor how a name was written."""
    return replace(
        record,
        id="",
        source=Source("", 1),
        inferences=(),
        url=None,
        urls=(),
        contributors=tuple(
            sorted((replace(c, written=None) for c in record.contributors), key=repr)
        ),
        extra=tuple(sorted(record.extra)),
        labels=tuple(sorted(record.labels)),
    )


@pytest.mark.parametrize("form", FORMATS)
@given(record=RECORDS)
@example(
    record=StudyRecord(
        id="a-title-0a1b2c", title="A title", source=Source("a", 1), year=2010, type="article",
        keywords=("drink, driving; crime",),
    )
)  # fmt: skip
def test_a_record_loses_nothing_on_the_way(form: str, record: StudyRecord) -> None:
    text = "".join(render("records", form, [record]))
    (back,), problems = parse_file(text.encode(), f"x.{FORMATS[form]}")
    assert [p for p in problems if p.severity == "error"] == []
    if form == "nbib" and record.database is None:
        back = replace(back, database=None)  # what is in PubMed's format is from PubMed
    assert comparable(back) == comparable(record)
