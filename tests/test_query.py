"""The query language: what a query means, and that no text can break it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.errors import QueryError
from evidence_search.query import parse, parse_year, to_text
from evidence_search.query.syntax import (
    And,
    Every,
    Fuzzy,
    Not,
    Nothing,
    Optional,
    Or,
    Phrase,
    Range,
    Term,
    Wildcard,
    Within,
)

a, b, c = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", a),
        ("a b", Or((a, b))),
        ("a a b", Or((a, a, b))),
        ("a OR b", Or((a, b))),
        ("a AND b", And((a, b))),
        ("a b AND c", And((Or((a, b)), c))),
        ("a AND b OR c", Or((And((a, b)), c))),
        ("a NOT b", And((a, Not(b)))),
        ("a AND NOT b", And((a, Not(b)))),
        ("NOT a", Not(a)),
        ("NOT NOT a", a),
        ("+a b", Optional(a, b)),
        ("+a +b", And((a, b))),
        ("a -b", And((a, Not(b)))),
        ("(a OR b) AND c", And((Or((a, b)), c))),
        ("a (b AND c)", Or((a, And((b, c))))),
        ('"a b"', Phrase(("a", "b"))),
        ("“a b”", Phrase(("a", "b"))),
        ('"a b"~5', Phrase(("a", "b"), slop=5)),
        ('"a"', Phrase(("a",))),
        ("offend*", Wildcard("offend*")),
        ("offend$", Wildcard("offend*")),
        ("wom?n", Wildcard("wom?n")),
        ("wom_n", Wildcard("wom_n")),
        ("behavio*r", Wildcard("behavio*r")),
        ("why?", Term("why")),
        ('"offend*"', Phrase(("offend*",))),
        ('"alcohol treat*"', Phrase(("alcohol", "treat*"))),
        ("a NEAR/3 b", Within(a, b, 3)),
        ("a adj3 b", Within(a, b, 3)),
        ("a PRE/3 b", Within(a, b, 3, ordered=True)),
        ("(a OR b) near/5 c", Within(Or((a, b)), c, 5)),
        ("a NEAR/2 b NEAR/3 c", And((Within(a, b, 2), Within(b, c, 3)))),
        ("c a NEAR/2 b", Or((c, Within(a, b, 2)))),
        ("title:(a NEAR/2 b)", Within(Term("a", "title"), Term("b", "title"), 2)),
        ("recidvism~", Fuzzy("recidvism")),
        ("recidvism~2", Fuzzy("recidvism", distance=2)),
        ("title:a", Term("a", "title")),
        ("title:(a b)", Or((Term("a", "title"), Term("b", "title")))),
        ('title:"a b"', Phrase(("a", "b"), "title")),
        ("Title:a", Term("a", "title")),
        ("ti:a", Term("a", "title")),
        ("title:a,b", Or((Term("a", "title"), Term("b", "title")))),
        ("category:K,G", Or((Term("K", "category"), Term("G", "category")))),
        ("year:2005,2010", Or((Range("year", 2005, 2005), Range("year", 2010, 2010)))),
        ("year:2005-2012", Range("year", 2005, 2012)),
        ("year:(2005 OR 2010)", Or((Range("year", 2005, 2005), Range("year", 2010, 2010)))),
        ("ｔｉｔｌｅ：ａ", Term("a", "title")),
        ("（a　OR　b）", Or((a, b))),
        ("a –b", Or((a, b))),
        ("a −b", And((a, Not(b)))),
        ("ward$1", Wildcard("ward?")),
        ("wom#n", Wildcard("wom_n")),
        ("behavio$r", Wildcard("behavio*r")),
        ("*natal", Wildcard("*natal")),
        ("why?!", Term("why")),
        ("‘a b’ c", Or((Phrase(("a", "b")), c))),
        ("'a b' c", Or((Phrase(("a", "b")), c))),
        ("'a’s b' c", Or((Phrase(("a’s", "b")), c))),
        ("parents' groups'", Or((Term("parents"), Term("groups")))),
        ("1,000 drinkers 24/7", Or((Term("1,000"), Term("drinkers"), Term("24/7")))),
        ("C++ courses", Or((Term("C++"), Term("courses")))),
        ("title: prison wards", Or((Term("prison", "title"), Term("wards")))),
        ('title: "a b"', Phrase(("a", "b"), "title")),
        ("title: (a b)", Or((Term("a", "title"), Term("b", "title")))),
        ("prison.ti,ab. AND a", And((Term("prison", "tiab"), a))),
        ("(a OR b).ti. AND c", And((Or((Term("a", "title"), Term("b", "title"))), c))),
        ("prison[tiab]", Term("prison", "tiab")),
        (
            "prison[Title/Abstract] AND Smith[Author]",
            And((Term("prison", "tiab"), Term("Smith", "author"))),
        ),
        ("prison[All Fields]", Term("prison")),
        ("2010[pdat]", Range("year", 2010, 2010)),
        ("TI prison AND b", And((Term("prison", "title"), b))),
        ("TI(a b) OR c", Or((Term("a", "title"), Term("b", "title"), c))),
        ("TS=(a OR b)", Or((Term("a", "text"), Term("b", "text")))),
        ("TITLE-ABS-KEY(a b)", Or((Term("a", "text"), Term("b", "text")))),
        ("ward(s)", Or((Term("ward"), Term("s")))),
        ("a N3 b", Within(a, b, 4)),
        ("a W3 b", Within(a, b, 4, ordered=True)),
        ("a w/3 b", Within(a, b, 4)),
        ("a near3 b", Within(a, b, 3)),
        ("a NEXT b", Within(a, b, 1, ordered=True)),
        ("a adj b", Within(a, b, 1, ordered=True)),
        ("next steps near prison", Or((Term("next"), Term("steps"), Term("near"), Term("prison")))),
        ("10.1000/xyz(a)1", Term("10.1000/xyz(a)1", "doi")),
        ("https://doi.org/10.1000/xyz.", Term("10.1000/xyz", "doi")),
        ("doi: 10.1000/xyz", Term("10.1000/xyz", "doi")),
        ("PMID: 1234567", Term("1234567", "pmid")),
        ("https://pubmed.ncbi.nlm.nih.gov/1234567/", Term("1234567", "pmid")),
        ("author:Smith,J.A.", Phrase(("Smith", "J.A."), "author")),
        ("year:>2010", Range("year", 2011, None)),
        ("year:<=2010", Range("year", None, 2010)),
        ("year: 2010-", Range("year", 2010, None)),
        ("year:2010:2015", Range("year", 2010, 2015)),
        ("year:2010s", Range("year", 2010, 2019)),
        (
            "DRUG TREATMENT AND PRISONS",
            Or((Term("drug"), Term("treatment"), Term("and"), Term("prisons"))),
        ),
        ("HIV AND HCV", And((Term("HIV"), Term("HCV")))),
        ("[UK] a", Or((Term("UK"), a))),
        ("a [North wales]", Or((a, Term("North"), Term("wales")))),
        ('"or"', Phrase(("or",))),
        ("adj3.", Phrase(("adj3",))),
        ('row:"a b"', Term("a b", "row")),
        ("category:guidance", Term("guidance", "category")),
        ('jurisdiction:"United States"', Term("United States", "jurisdiction")),
        ("year:2010", Range("year", 2010, 2010)),
        ("year:2005..2012", Range("year", 2005, 2012)),
        ("year:2010..", Range("year", 2010, None)),
        ("year:..2008", Range("year", None, 2008)),
        ("drink-driving", Term("drink-driving")),
        ("CBT/MI", Or((Term("CBT"), Term("MI")))),
        ("and or not", Or((Term("and"), Term("or"), Term("not")))),
        ("", Every()),
        ("  ", Every()),
        ("?!", Nothing()),
    ],
)
def test_a_query_means(text: str, tree: object) -> None:
    assert parse(text, strict=True).tree == tree


@pytest.mark.parametrize(
    ("text", "tree", "note"),
    [
        ("(a", a, "opening parenthesis"),
        ("a AND (b OR c", And((a, Or((b, c)))), "closed at the end"),
        ("#1 AND #2", And((Term("1"), Term("2"))), "line of a strategy"),
        ("S1 AND S2", And((Phrase(("S1",)), Phrase(("S2",)))), "line of a strategy"),
        ("1 and 2", Or((Term("1"), Term("and"), Term("2"))), "lines of a strategy"),
        ("a)", a, "closing parenthesis"),
        ('a "b', Or((a, b)), "quotation mark"),
        ("AND b", b, "AND without a word"),
        ("a AND", a, "AND without a word"),
        ("a AND OR b", Or((a, b)), "AND without a word"),
        ("a OR", a, "OR without a word"),
        ("NOT", Nothing(), "NOT without a word"),
        ("*", Nothing(), "no word to work on"),
        ("a*", a, "after two letters"),
        ("*al", Term("al"), "after two letters"),
        ("ab*c*d*e*f", Term("abcdef"), "at most 3"),
        ("NEAR/3 a", a, "without a word on both sides"),
        ("a NEAR/3", a, "without a word on both sides"),
        ("a NEAR/3 (b AND c)", And((a, b, c)), "read as AND"),
        ("title:a NEAR/3 b", And((Term("a", "title"), b)), "read as AND"),
        ("colour:red", Or((Term("colour"), Term("red"))), "not a field"),
        ("year:soon", Term("soon"), "expected a year"),
        ("year:2012..2005", Term("2012..2005"), "earlier year first"),
    ],
)
def test_what_is_no_operator_is_read_literally_with_a_note(
    text: str, tree: object, note: str
) -> None:
    parsed = parse(text)
    assert parsed.tree == tree
    assert any(note in n.message for n in parsed.notes)


def test_a_lower_case_operator_is_a_word_with_a_hint_even_when_strict() -> None:
    parsed = parse("(a b) and c", strict=True)
    assert parsed.tree == Or((a, b, Term("and"), c))
    assert "written in capitals, AND" in parsed.notes[0].message
    assert "written in capitals, OR" in parse("police or custody").notes[0].message


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("prison AND )scotland", 11),
        ("e\u0301e\u0301 )", 3),  # combining accents take no column
        ("酒 )", 3),  # a wide character takes two
        ("a\t\n\x1b )", 5),  # a tab is shown as one
        ("x" * 500 + " )", 40),
    ],
)
def test_strict_parsing_points_a_caret_at_the_first_trouble(text: str, columns: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, strict=True)
    assert caught.value.position == text.index(")")
    _, line, caret = str(caught.value).splitlines()
    assert line[caught.value.position + 2 if len(text) < 99 else 42] == ")"
    assert caret == " " * (columns + 2) + "^"


@given(st.text())
def test_any_text_parses_and_its_tree_prints_back_to_the_same_tree(text: str) -> None:
    tree = parse(text).tree
    assert parse(to_text(tree), strict=True).tree == tree


OPERATORS = st.sampled_from(
    'a b AND OR NOT ( ) " + - * ? ~ ~2 .. : title: year: 2010 cell: category: “ ’ -c +d ab* x-y / '
    '\\ NEAR/2 PRE/2 adj3 and or [ ] [ti] .ti. , $ abc – ： １ row: ’ ‘ # _ $1 TI TS=( N3 W3 near '
    'NEXT adj [tiab] [Author] .ti,ab. S1 #1 10.1000/x pmid: author: doi: tiab: C++ 1,000 24/7 = > '
    "< [ti] exp ' Prisons/ LONGER".split()
)  # fmt: skip
SPACED = st.sampled_from([" ", "[Two words]", "[this AND that]"])


@given(st.lists(st.one_of(OPERATORS, SPACED), max_size=25).map("".join))
def test_any_pile_of_operators_parses_and_prints_back(text: str) -> None:
    tree = parse(text).tree
    assert parse(to_text(tree), strict=True).tree == tree


HOSTILE = {
    "opening": "(" * 10_000,
    "nested": "(" * 10_000 + "a" + ")" * 10_000,
    "many words": "a " * 500_000,
    "one long word": "x" * 1_000_000,
    "quotes": '"' * 9_999,
    "negations": "NOT " * 10_000 + "a",
    "nested negations": "-(" * 5_000 + "a" + ")" * 5_000,
    "control characters": "\x00\ud800 \u202e a",
    "tildes": "~" * 5_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_query_is_parsed_in_bounded_depth(text: str) -> None:
    tree = parse(text).tree
    assert parse(to_text(tree)).tree == tree


@pytest.mark.parametrize("text", ["", "..", "soon", "20101", "2012..2005", "-2010", "-"])
def test_a_year_that_is_none_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(QueryError, match="expected"):
        parse_year(text)
