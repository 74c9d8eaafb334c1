"""Searching cell E5 as a library: what is found, in which order, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import evidence_search as es
from evidence_search.errors import QueryError, RecordNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex


def titles(index: EvidenceIndex, query: str, **options: object) -> list[str]:
    return [hit.record.title for hit in index.search(query, limit=50, **options)]  # type: ignore[arg-type]


def test_filters_restrict_and_facets_count_all_matches(e5: EvidenceIndex) -> None:
    results = e5.search("prison", category="K", jurisdiction="Scotland", year=(2005, 2018), limit=1)
    assert results.total >= 1
    assert (
        results[0].record.title == "Lessons of coordinating prison-to-community support in Scotland"
    )
    assert len(results.facets["category"]) > 1
    assert "2010s" in results.facets["decade"]


@pytest.mark.parametrize(
    "query", ["drink-driving", "drink driving", "drinkdriving", "DRINK–DRIVING"]
)
def test_hyphens_do_not_matter(e5: EvidenceIndex, query: str) -> None:
    assert "Managing drink-drivers" in titles(e5, query)[:2]


@pytest.mark.parametrize(("a", "b"), [("programme", "program"), ("behaviour", "behavior")])
def test_british_and_american_spelling_find_the_same(e5: EvidenceIndex, a: str, b: str) -> None:
    assert titles(e5, a, exact=True) == titles(e5, b, exact=True)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("jail", "“Unmet need” for alcohol services in Britain’s prisons"),
        ("murder", "Lessons from drink-related domestic homicides"),
        (
            "DWP",
            "Inter-agency working helps tackle systemic barriers to employing problem drinkers",
        ),
        ("wife beating", "Working together to prevent domestic violence and abuse"),
        ("WHO", "A model system for responding to problem-drinking prisoners"),
        (
            "kids",
            "Uncovering and responding to children’s needs in relation to problem-drinking parents",
        ),
    ],
)
def test_other_words_for_the_same_thing_are_searched_too(
    e5: EvidenceIndex, query: str, title: str
) -> None:
    assert title in titles(e5, query)[:5]


def test_exact_searches_only_the_words_themselves(e5: EvidenceIndex) -> None:
    assert titles(e5, "jail", exact=True) == []
    assert not e5.search("jail", exact=True).added


def test_the_result_says_what_was_added(e5: EvidenceIndex) -> None:
    assert any(a.words == "jail" and a.text == "prison" for a in e5.search("jail").added)


def test_phrases_prefixes_near_spellings_and_proximity(e5: EvidenceIndex) -> None:
    assert titles(e5, '"whole family"') == [t for t in titles(e5, "whole family") if "whole" in t]
    assert titles(e5, "homicid*") == titles(e5, "homicide", exact=True)
    assert titles(e5, "homicde~") == titles(e5, "homicide", exact=True)
    assert "Managing drink-drivers" in titles(e5, '"coordinating rehabilitation"~2')


def test_fields_and_ranges_restrict(e5: EvidenceIndex) -> None:
    assert titles(e5, "title:homicides") == ["Lessons from drink-related domestic homicides"]
    assert all(e.record.year == 2010 for e in e5.search("year:2010", limit=50))
    assert len(titles(e5, "category:review")) == 3
    assert len(titles(e5, "NOT category:G")) == 10


def test_every_word_must_match_when_asked(e5: EvidenceIndex) -> None:
    assert (
        len(titles(e5, "scotland children"))
        > len(titles(e5, "scotland children", every_word=True))
        > 0
    )


def test_a_written_or_stays_one_where_every_word_must_match(e5: EvidenceIndex) -> None:
    either = titles(e5, "(probation OR prisons) scotland", every_word=True)
    for word in ("probation", "prisons"):
        assert set(either) >= set(titles(e5, f"{word} scotland", every_word=True)) > set()


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("category:K,G", "category:K OR category:guidance"),
        ("cell:e5", ""),
        ("row:5 AND column:E", ""),
        ("row:safeguarding", ""),
        ("matrix:alcohol", ""),
        ("decade:2010", "year:2010..2019"),
        ("publisher:NICE", 'publisher:"National Institute for Health and Care Excellence"'),
        ("jurisdiction:(Scottish Welsh)", 'jurisdiction:Scotland,"Wales"'),
    ],
)
def test_fields_of_labels_take_what_people_type(e5: EvidenceIndex, query: str, same: str) -> None:
    assert set(titles(e5, query)) == set(titles(e5, same)) > set()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("row:zebra", "expected a row of the corpus; found 'zebra'; there are: Safeguarding the"),
        ("prison category:X", "expected a category: S (Seminal study)"),
        ("jurisdiction:Narnia", "expected a jurisdiction such as Scotland"),
    ],
)
def test_a_label_that_no_record_has_is_noted_and_an_error_when_strict(
    e5: EvidenceIndex, query: str, said: str
) -> None:
    assert any(said in note for note in e5.search(query).notes)
    with pytest.raises(QueryError) as caught:
        e5.search(query, strict=True)
    assert said in str(caught.value)
    assert query[caught.value.position :] in {"zebra", "X", "Narnia"}


def test_sorting_by_year_and_title(e5: EvidenceIndex) -> None:
    years = [hit.record.year or 0 for hit in e5.search("treatment", sort="newest", limit=50)]
    assert years == sorted(years, reverse=True)
    assert titles(e5, "", sort="title")[0].startswith("A model system")


def test_pages_put_together_are_the_whole(e5: EvidenceIndex) -> None:
    whole = titles(e5, "treatment")
    paged = [
        h.record.title for n in range(0, 20, 3) for h in e5.search("treatment", limit=3, offset=n)
    ]
    assert paged == whole


def test_snippets_mark_the_words_that_matched(e5: EvidenceIndex) -> None:
    hit = e5.search("throughcare", exact=True)[0]
    marked = [hit.snippet.text[a:b] for a, b in hit.snippet.marks]
    assert marked
    assert all("throughcare" in word for word in marked)


@pytest.mark.parametrize("options", [{"category": "X"}, {"year": "soon"}, {"sort": "size"}])
def test_an_option_that_means_nothing_is_refused(
    e5: EvidenceIndex, options: dict[str, str]
) -> None:
    with pytest.raises(QueryError, match="expected"):
        e5.search("prison", **options)  # type: ignore[arg-type]


def test_a_record_is_found_by_the_beginning_of_its_id(e5: EvidenceIndex) -> None:
    assert e5.get("alcohol-e5-managing").title == "Managing drink-drivers"
    with pytest.raises(RecordNotFoundError, match="begins 20"):
        e5.get("alcohol")


def test_an_edit_of_the_thesaurus_is_noticed(corpus: Path, tmp_path: Path) -> None:
    with es.open(corpus, tmp_path / "index") as index:
        assert not titles(index, "zebra")
    with (corpus / "thesaurus.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[concept]]\npreferred = "zebra"\nsynonyms = ["homicidal"]\nrelated = ["homicide"]\n'
        )
    with es.open(corpus, tmp_path / "index") as index:
        assert "Lessons from drink-related domestic homicides" in titles(index, "zebra")


@pytest.mark.filterwarnings("ignore")  # Whoosh leaves open what it could not read
def test_a_damaged_index_is_built_anew(corpus: Path, tmp_path: Path) -> None:
    es.open(corpus, tmp_path / "index").close()
    next((tmp_path / "index").rglob("*.toc")).write_bytes(b"nonsense")
    with es.open(corpus, tmp_path / "index") as index:
        assert len(index) == 20


def test_one_replaced_record_is_all_that_is_written(corpus: Path, tmp_path: Path) -> None:
    index = es.open(corpus, tmp_path / "index")
    page = corpus / "alcohol-e5.txt"
    page.write_text(
        page.read_text(encoding="utf-8").replace("Canadian report", "Zebra report"),
        encoding="utf-8",
    )
    refreshed = index.refresh()
    assert (refreshed.added, refreshed.replaced, refreshed.removed) == (0, 1, 0)
    assert titles(index, "zebra") == ["Managing drink-drivers"]
    fresh = es.open(corpus, tmp_path / "fresh")
    for query in ["zebra", "prison", "drink driving", "scotland children"]:
        assert repr(index.search(query)) == repr(fresh.search(query))
        assert [h.score for h in index.search(query)] == [h.score for h in fresh.search(query)]


@pytest.mark.parametrize(
    "query", ["a" * 1_000_000, "(" * 10_000, "*", "\x00\ud800\u202e", "e*", "🍺" * 99]
)
def test_a_hostile_query_is_answered(e5: EvidenceIndex, query: str) -> None:
    assert e5.search(query).total >= 0


def suggested(
    index: EvidenceIndex, query: str, **options: object
) -> list[tuple[str, int, str, str]]:
    return [tuple(s) for s in index.search(query, **options).suggestions]  # type: ignore[arg-type,misc]


def test_a_misspelling_is_suggested_where_it_is_not_searched(e5: EvidenceIndex) -> None:
    found = len(titles(e5, "homicide", exact=True))
    assert suggested(e5, "homicde", exact=True) == [("homicide", found, "spelling", "homicde")]
    assert suggested(e5, "title:homicdes") == [("title:homicides", 1, "spelling", "homicdes")]
    assert suggested(e5, '"domestc homicides"')[0][0] == '"domestic homicides"'
    assert suggested(e5, "prison homicde", exact=True)[0][1] > len(titles(e5, "prison", exact=True))
    assert suggested(e5, "homicide") == []


def test_the_word_that_emptied_the_results_is_named(e5: EvidenceIndex) -> None:
    found = len(titles(e5, "prison AND scotland"))
    assert ("prison AND scotland", found, "fewer words", "unicorn") in suggested(
        e5, "prison AND scotland AND unicorn"
    )
    for query, total, reason, _ in suggested(e5, "prison scotland unicorn", every_word=True):
        assert reason == "fewer words"
        assert len(titles(e5, query)) == total > 0
    either = suggested(e5, '"prison unicorn"')
    assert either == [("prison unicorn", len(titles(e5, "prison unicorn")), "any word", "")]


def test_a_filter_that_emptied_the_results_is_named(e5: EvidenceIndex) -> None:
    found = e5.search("prison", jurisdiction="Scotland").total
    assert suggested(e5, "prison", jurisdiction="Scotland", year=1950) == [
        ("prison", found, "fewer filters", "year")
    ]
    assert suggested(e5, "prison", jurisdiction="Japan", year=1950) == [
        ("prison", e5.search("prison").total, "fewer filters", "jurisdiction, year")
    ]


@pytest.mark.parametrize(
    ("name", "value", "query"),
    [
        ("publisher", "ministry justice", 'publisher:"Ministry of Justice"'),
        ("publisher", "NICE", "publisher:NICE"),
        ("cell", "e5", ""),
        ("column", "E", ""),
        ("row", ["5", "safeguarding"], ""),
        ("matrix", "alcohol", ""),
    ],
)
def test_filters_take_what_people_type(
    e5: EvidenceIndex, name: str, value: object, query: str
) -> None:
    assert set(titles(e5, "", **{name: value})) == set(titles(e5, query)) > set()


def test_a_filter_for_a_label_that_no_record_has_names_the_nearest(e5: EvidenceIndex) -> None:
    with pytest.raises(QueryError, match="there are: Ministry of Justice"):
        e5.search("prison", publisher="Ministry of Magic and Justice")
    with pytest.raises(TypeError, match="expected options of category, jurisdiction"):
        e5.search("prison", colour="red")  # type: ignore[call-arg]


def test_a_place_counts_the_records_of_what_lies_within_it_once(e5: EvidenceIndex) -> None:
    places = e5.facets("", ["jurisdiction"])["jurisdiction"]
    assert places["UK"] == e5.search("", jurisdiction="UK").total
    assert places["Scotland"] == e5.search("", jurisdiction="Scotland").total < places["UK"]
    assert list(e5.facets("prison", ["decade", "cell"])) == ["decade", "cell"]
    with pytest.raises(QueryError, match="expected facets of category"):
        e5.facets("prison", ["colour"])
