"""How words are written: together, apart, shortened, misspelt; and what is found all the same."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search import wording
from evidence_search.acronyms import Acronym, extended, find_acronyms, ranked
from evidence_search.index import EvidenceIndex
from evidence_search.thesaurus.reading import Concept, Thesaurus
from tests.conftest import extent

if TYPE_CHECKING:
    from pathlib import Path

HEADING = "Drug Treatment Matrix cell A1: Interventions; Safeguarding the community\n\n"


def page(*titles: str) -> str:
    return HEADING + "".join(f"K {title} (2011). A study.\n\n" for title in titles)


def index_of(folder: Path, *titles: str) -> EvidenceIndex:
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    (folder / "corpus" / "drug-a1.txt").write_text(page(*titles), encoding="utf-8")
    index = EvidenceIndex(folder / "corpus", folder / "index")
    index.refresh()
    return index


def titles(index: EvidenceIndex, query: str, **options: bool) -> set[str]:
    return {hit.record.title for hit in index.search(query, limit=50, **options)}  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["Drink-driving", "Drink driving", "Drinkdriving"])
def test_words_together_apart_and_hyphened_find_each_other(tmp_path: Path, written: str) -> None:
    title = f"{written} deaths fell"
    index = index_of(tmp_path, title, "Driving lessons", "A drink of water")
    for typed in ["drink-driving", "drink driving", "drinkdriving", "DRINK‑DRIVING"]:
        for query in [f'"{typed} deaths"', f'title:"{typed} deaths"', f'"{typed}"']:
            assert titles(index, query) == {title}, query
        assert title in titles(index, f"title:({typed})")
        for options in [{}, {"exact": True}, {"every_word": True}]:
            assert title in titles(index, typed, **options)
        assert index.search(typed)[0].record.title == title


def test_patterns_stand_for_words_of_the_corpus(tmp_path: Path) -> None:
    index = index_of(tmp_path, "Offending women", "A woman offended", "Treatment wards", "Treaties")
    assert titles(index, "offend*") == {"Offending women", "A woman offended"}
    assert titles(index, "wom?n") == {"Offending women", "A woman offended"}
    assert titles(index, "treat_es") == {"Treaties"}
    assert titles(index, "treat_s") == set()
    assert titles(index, "treat*ment") == {"Treatment wards"}
    assert titles(index, '"treat* wards"') == {"Treatment wards"}
    assert titles(index, "treat*-wards") == {"Treatment wards"}


def test_near_means_either_order_and_no_more_words_on(tmp_path: Path) -> None:
    index = index_of(tmp_path, "Prison drug support", "Support for those in prison", "Prison")
    assert titles(index, "prison NEAR/2 support") == {"Prison drug support"}
    assert len(titles(index, "prison NEAR/4 support")) == 2
    assert titles(index, "pris* NEAR/2 (support OR help)") == {"Prison drug support"}
    assert titles(index, '"drug support" NEAR/1 prison') == {"Prison drug support"}
    assert titles(index, "title:(prison adj2 support)") == {"Prison drug support"}
    assert not titles(index, "summary:(prison NEAR/9 support)")
    assert titles(index, "prison PRE/2 support") == {"Prison drug support"}
    assert titles(index, "support PRE/9 prison") == {"Support for those in prison"}


def test_a_misspelt_word_is_searched_as_the_nearest_of_the_corpus(tmp_path: Path) -> None:
    index = index_of(tmp_path, "Recidivism in Leeds", "Homicide and recidivism", "Herds")
    for typed in ["recidvism", "recidivsim", "ricidivism", "recidivisms"]:
        assert len(titles(index, typed)) == 2, typed
    results = index.search("recidvism")
    assert [(a.words, a.text, a.kind) for a in results.added] == [
        ("recidvism", "recidivism", "spelling")
    ]
    assert not titles(index, "recidvism", exact=True)
    assert not titles(index, '"in leads"')
    assert not titles(index, "leeds NOT leeds")


def test_the_words_of_an_index_are_those_of_its_records_whatever_came_before(
    tmp_path: Path,
) -> None:
    index = index_of(tmp_path, "Organs and organ donors", "Organic food (OF)")
    index = index_of(tmp_path, "Organic food")
    fresh = index_of(tmp_path / "fresh", "Organic food")
    for query in ["organs*", "organ*", "organs~2", "donors", "dnoors", "OF"]:
        assert titles(index, query) == titles(fresh, query), query
    for name in ["stems", "vocabulary", "counts", "thesaurus", "acronyms"]:
        assert index._view.snapshot.attachments(name) == fresh._view.snapshot.attachments(name)


EDITS = st.lists(
    st.sampled_from(
        ["Drink-driving (DD)", "Alcohol Liaison Service (ALS) teams", "drinkdriving", "ALS", "Deer"]
    ),
    unique=True,
)


@settings(max_examples=extent(20))
@given(EDITS, EDITS)
def test_a_refreshed_index_knows_the_same_words_as_a_rebuilt_one(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("refreshed")
    index_of(folder, *before)
    refreshed = index_of(folder, *after)
    rebuilt = index_of(folder / "again", *after)
    for name in ["stems", "vocabulary", "counts", "thesaurus", "acronyms"]:
        kept = refreshed._view.snapshot.attachments(name)
        assert kept == rebuilt._view.snapshot.attachments(name)


def test_an_acronym_that_the_corpus_defines_matches_its_long_form_both_ways(tmp_path: Path) -> None:
    index = index_of(
        tmp_path, "An alcohol liaison service (ALS) for wards", "The ALS at night",
        "Alcohol liaison service in Hull", "Alcohol on the wards", "IPED (intensive post-exit day)",
    )  # fmt: skip
    three = {"The ALS at night", "Alcohol liaison service in Hull"}
    assert titles(index, "als") > three
    assert titles(index, "alcohol liaison service") > three
    assert ("als", "alcohol liaison service") in {
        (a.words, a.text) for a in index.search("als").added
    }
    assert "Alcohol liaison service in Hull" not in titles(index, "als", exact=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the Drug Intervention Programme (DIP) began", [("DIP", "Drug Intervention Programme")]),
        ("DIP (Drug Intervention Programme) began", [("DIP", "Drug Intervention Programme")]),
        ("cognitive behavioural therapies (CBTs)", [("CBT", "cognitive behavioural therapies")]),
        ("HIV (human immunodeficiency virus)", [("HIV", "human immunodeficiency virus")]),
        ("Gamma hydroxybutyrate acid (GHB; in clubs)", [("GHB", "Gamma hydroxybutyrate acid")]),
        ("an “approved premises” (AP) scheme", [("AP", "approved premises")]),
        ("the review (Home Office, 2010) of it", []),
        ("results (in press) of a trial (2012)", []),
        ("another body (NICE) said", []),
        ("It ended. New Zealand (XYZ)", []),
        ("a (A) b (AB) (AB)", []),
        ("İ" * 40 + " (II)", []),
    ],
)
def test_acronyms_are_read_where_a_text_defines_them(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert list(find_acronyms(text)) == found


@given(st.text(alphabet="aAbB ()-.,İß\u0301", max_size=80))
def test_any_text_is_searched_for_acronyms(text: str) -> None:
    for short, long in find_acronyms(text):
        assert long in " ".join(text.split())
        assert short in text


def test_what_the_thesaurus_says_about_an_acronym_stands() -> None:
    thesaurus = Thesaurus((Concept("motivational interviewing", acronyms=("MI",)), Concept("gout")))
    acronyms = ranked(
        {
            Acronym("MI", "myocardial infarction"): 9,
            Acronym("MINT", "motivational interviewing"): 1,
            Acronym("GO", "good outcome"): 1,
            Acronym("GO", "group outing"): 2,
        }
    )
    both = extended(thesaurus, acronyms, lambda text: tuple(text.casefold().split()))
    assert [concept.searched for concept in both.concepts] == [
        ("motivational interviewing", "MI", "MINT"),
        ("gout",),
        ("group outing", "GO"),
    ]


def test_an_acronym_that_the_corpus_defines_leads_in_small_letters_unless_it_is_a_word() -> None:
    thesaurus = Thesaurus(
        (Concept("motivational interviewing", acronyms=("MI",)), Concept("x y", acronyms=("XY",)))
    )
    acronyms = [
        Acronym("MI", "motivational interviewing"),
        Acronym("XY", "xenon yield"),
        Acronym("CARE", "contact and referral"),
        Acronym("CTO", "community treatment order"),
    ]
    both = extended(thesaurus, acronyms, lambda text: tuple(text.casefold().split()))
    assert [(concept.in_capitals, concept.entry) for concept in both.concepts] == [
        (("MI",), ("mi",)),
        (("XY",), ()),
        (("CARE",), ()),
        (("CTO",), ("cto",)),
    ]


WORDS = st.text("abc", max_size=6)


@given(WORDS, WORDS, st.integers(0, 3))
def test_the_distance_of_two_words_is_that_of_the_definition(a: str, b: str, limit: int) -> None:
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        best = min(
            distance(i - 1, j) + 1,
            distance(i, j - 1) + 1,
            distance(i - 1, j - 1) + (a[i - 1] != b[j - 1]),
        )
        if i > 1 and j > 1 and a[i - 2 : i] == b[j - 1] + b[j - 2]:
            best = min(best, distance(i - 2, j - 2) + 1)
        return best

    assert wording.edit_distance(a, b, limit) == min(distance(len(a), len(b)), limit + 1)


def test_near_spellings_leave_out_no_word_that_is_near() -> None:
    chance = random.Random(1)  # noqa: S311 - a seed is what a test wants
    surfaces = {"".join(chance.choices("abcdef", k=chance.randint(2, 6))): 1 for _ in range(500)}
    for word in ["abcd", "fade", "bb", "cabbed"]:
        for limit in (1, 2):
            near = {s for s in surfaces if wording.edit_distance(word, s, limit) <= limit}
            assert set(wording.near(word, limit, surfaces)) == near


def test_a_word_is_taken_apart_only_into_words() -> None:
    known = {
        "drink",
        "driving",
        "the",
        "rapist",
        "therapist",
        "deal",
        "ing",
        "dealing",
    }.__contains__
    assert wording.apart("drinkdriving", known) == ("drink", "driving")
    assert wording.apart("therapist", known) is None
    assert wording.apart("dealing", known) is None


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("does coerced treatment work", 3),
        ("what works to reduce crime", 1),
        ("work", None),
        ("social work", None),
        ("does work help drinkers", None),
    ],
)
def test_the_work_of_a_question_is_no_job(question: str, where: int | None) -> None:
    assert wording.question_word(question.split()) == where
