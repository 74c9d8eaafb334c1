"""Words are found however letters, signs and forms of them are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.analysis import Analyzer, transcribed, words

ANALYZER = Analyzer()


def surfaces(text: str) -> list[str]:
    return [surface for surface, _, _ in words(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Søren Kjær, Łukasz", ["soren", "kjaer", "lukasz"]),
        ("œuvre Þórr ağır", ["oeuvre", "thorr", "agir"]),
        ("Wards¹ and costs²³", ["wards", "and", "costs"]),
        ("10 m² of CO₂", ["10", "m2", "of", "co2"]),
        ("β-blockers, Δ9", ["beta", "blockers", "delta9"]),
        ("costs & benefits, Q&A", ["costs", "and", "benefits", "q", "and", "a"]),
        ("12,500 of 1,250,000", ["12500", "of", "1250000"]),
        ("in 2001, 2002", ["in", "2001", "2002"]),
        ("an M.Sc. and a D.Phil.", ["an", "msc", "and", "a", "dphil"]),
        ("the U.S.A.’s law", ["the", "usa", "law"]),
        ("ends here.Then", ["ends", "here", "then"]),
        ("l'hôpital d’accueil qu'une", ["hopital", "accueil", "une"]),
        ("O'Neill d'Souza", ["oneill", "dsouza"]),
        ("girl`s boy´s man′s", ["girl", "boy", "man"]),
        ("C++ or C", ["c++", "or", "c"]),
        ("नशामुक्ति केंद्र", ["नशामुक्ति", "केंद्र"]),
        ("薬物依存", ["薬物", "物依", "依存"]),
        ("酒 or 酒類", ["酒", "or", "酒類"]),
        ("การ", ["กา", "าร"]),
        ("ビール", ["ビー", "ール"]),
        ("أطفال", ["اطفال"]),
        ("ΥΓΕΊΑ", ["υγεια"]),
    ],
)
def test_text_is_words_as_readers_of_its_language_see_them(text: str, found: list[str]) -> None:
    assert surfaces(text) == found


@given(st.text())
def test_every_word_stands_where_it_says_and_after_the_one_before(text: str) -> None:
    at = 0
    for surface, start, end in words(text):
        assert surface
        assert at <= start < end <= len(text)
        at = start
    assert [s for s, _, _ in words(text)] == [s for s, _, _ in words(text)]


def test_umlauts_are_also_written_with_an_e() -> None:
    assert transcribed("Bärbel Köhler aus Zürich") == ["baerbel", "koehler", "zuerich"]
    assert "koehler" in ANALYZER.compounds("Köhler, A.")


@pytest.mark.parametrize(
    "same",
    [
        "aetiology etiology", "oedematous edematous", "dyspnoea dyspnea", "faeces feces",
        "coeliac celiac", "caesarean cesarean", "foetus fetus", "orthopaedic orthopedic",
        "anaesthetist anesthetist", "leucocyte leukocyte", "homoeopathic homeopathic",
        "initialled initialed", "focussing focusing", "benefitted benefited", "enquiries inquiries",
        "dieticians dietitians", "generalisability generalizability", "artefact artifact",
        "mice mouse", "calves calf", "stimuli stimulus", "matrices matrix", "bacteria bacterium",
        "curricula curriculum", "prognoses prognosis", "womens women", "underwent undergo",
        "withdrawn withdraw", "thirteen 13", "third 3rd", "referrals referred",
    ],
)  # fmt: skip
def test_forms_of_one_word_are_one(same: str) -> None:
    one, other = same.split()
    assert ANALYZER.stem(one) == ANALYZER.stem(other)


@pytest.mark.parametrize(
    "apart",
    [
        "hospital hospitality", "office officer", "public publication", "public publicity",
        "custom customer", "incident incidence", "internal international", "legal legalise",
        "personal people", "medical medication", "quit quite", "response responsibility",
        "even evening", "depart department", "direct director", "inform informal",
        "clinic clinical", "organ organism", "universe universal", "later lateral",
        "market marketing",
    ],
)  # fmt: skip
def test_words_of_different_meaning_are_not_one_by_their_stem(apart: str) -> None:
    one, other = apart.split()
    assert ANALYZER.stem(one) != ANALYZER.stem(other)
