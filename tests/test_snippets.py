"""Passages of the original text: the best first, marked by true offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.analysis import Analyzer
from evidence_search.engines.plan import Boost, Not, Or, Phrase, Synonyms, Term
from evidence_search.snippets import Snippet, best_passage, highlight, leaves
from tests.effort import is_linear

ANALYZER = Analyzer()
FILLER = "Nothing that anyone looked for stands in this sentence of some length. "


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


@pytest.mark.parametrize(
    ("text", "tokens", "found"),
    [
        ("Prisoners leave prisons.", ["prison"], ["Prisoners", "prisons"]),
        (
            "the through\u00adcare\u00a0workers",
            ["throughcar", "worker"],
            ["through\u00adcare", "workers"],
        ),
        ("a cafe\u0301 and a café", ["cafe"], ["cafe\u0301", "café"]),
        ("children’s needs", ["child"], ["children’s"]),
        ("drink-driving", ["drink", "drive"], ["drink-driving"]),
        ("U.K. law", ["uk"], ["U.K"]),
        ("İzmir 酒 prison", ["prison"], ["prison"]),
        ("ﬁnding ﬁnancial help", ["financi"], ["ﬁnancial"]),
    ],
)
def test_marks_are_words_of_the_original_text(
    text: str, tokens: list[str], found: list[str]
) -> None:
    wanted = leaves(Or(tuple(map(Term, tokens))))
    assert marked(highlight(text, wanted, ANALYZER)) == found


def test_a_phrase_is_one_mark_and_words_with_others_between_are_several() -> None:
    text = "Continuity of care, or care with continuity of some care."
    together = leaves(Phrase(("continu", "of", "care")))
    assert marked(highlight(text, together, ANALYZER)) == ["Continuity of care"]
    apart = leaves(Phrase(("continu", "care"), slop=2))
    assert marked(highlight(text, apart, ANALYZER)) == [
        "Continuity", "care", "continuity", "care",
    ]  # fmt: skip


def test_what_is_excluded_or_asked_of_another_field_is_not_marked() -> None:
    tree = Or((Term("prison", "title"), Not(Term("staff")), Term("drug")))
    text = "prison staff drugs"
    assert marked(highlight(text, leaves(tree, "summary"), ANALYZER)) == ["drugs"]
    assert marked(highlight(text, leaves(tree, "title"), ANALYZER)) == ["prison", "drugs"]


def test_the_passage_with_most_of_the_words_is_chosen() -> None:
    text = f"A prison. {FILLER * 6}Prison staff and drugs. {FILLER * 6}A prison, a prison."
    tree = Or((Term("prison"), Term("staff"), Term("drug")))
    passage = best_passage(text, leaves(tree), ANALYZER)
    assert marked(passage) == ["Prison", "staff", "drugs"]
    assert passage.text.startswith("Prison staff")
    assert (passage.before, passage.after) == (True, True)


def test_the_searchers_words_weigh_more_than_what_was_added() -> None:
    text = f"A gaol, a cell, a jail. {FILLER * 6}A prison. {FILLER * 6}"
    added = tuple(Boost(Term(word), 0.3) for word in ("gaol", "cell", "jail"))
    passage = best_passage(text, leaves(Synonyms((Term("prison"), *added))), ANALYZER)
    assert marked(passage) == ["prison"]


def test_without_a_match_the_passage_is_the_beginning() -> None:
    passage = best_passage(FILLER * 9, leaves(Term("prison")), ANALYZER)
    assert FILLER.startswith(passage.text[: len(FILLER)])
    assert not passage.text[-1:].isspace()
    assert (passage.before, passage.marks) == (False, ())


PIECES = st.sampled_from(
    [
        "prison",
        "Prisons",
        "staff",
        " ",
        "  ",
        "\u00a0",
        "\n",
        ". ",
        "-",
        "e\u0301",
        "\u00ad",
        "酒",
        "x" * 90,
    ]
)


@given(st.lists(PIECES, max_size=80).map("".join), st.integers(1, 120))
def test_a_passage_is_part_of_the_text_and_its_marks_are_matches(text: str, length: int) -> None:
    wanted = leaves(Or((Term("prison"), Phrase(("prison", "staff"), slop=1))))
    passage = best_passage(text, wanted, ANALYZER, length)
    assert passage.text in text
    assert len(passage.text) <= length or not passage.before
    ends = [0, *(offset for mark in passage.marks for offset in mark)]
    assert ends == sorted(ends)
    for word in marked(passage):
        assert {"prison", "staff"} & set(ANALYZER.tokens(word))


def test_a_very_long_text_takes_linear_time() -> None:
    tree = Or(
        (
            Term("prison"),
            Term("staff"),
            Phrase(("staff", "and", "drug")),
            Phrase(("prison", "prison"), slop=9),
        )
    )
    for piece in ("prison staff and drugs ", "prison ", "prisonstaff", "a-"):

        def passage(size: int, piece: str = piece) -> None:
            best_passage(piece * size, leaves(tree), ANALYZER)
            highlight(piece * size, leaves(tree), ANALYZER)

        assert is_linear(passage, 300), piece
