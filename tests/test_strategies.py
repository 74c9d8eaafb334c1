"""Strategies of other platforms: read, run, translated."""

from __future__ import annotations

import json
import random
import re
from contextlib import suppress
from importlib import import_module
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search import strategies
from evidence_search.dialects import DIALECTS, dialect
from evidence_search.dialects.common import FILTER, KEYWORDS
from evidence_search.dialects.ebsco import LACKING as EBSCO_LACKS
from evidence_search.dialects.syntax import (
    And,
    Heading,
    InFields,
    Line,
    Near,
    Not,
    Or,
    Phrase,
    Reference,
    Word,
    Years,
    joined,
    lowered,
    rewrite,
)
from evidence_search.errors import QueryError, StrategyError
from evidence_search.index import EvidenceIndex
from evidence_search.query import FIELDS as QUERY_FIELDS
from evidence_search.query import parse, syntax, to_text
from evidence_search.search import Search
from evidence_search.strategies.execution import run_strategy
from evidence_search.strategies.lint import lint
from evidence_search.strategies.recall import read_papers, recall
from evidence_search.strategies.strategy import read_strategy
from evidence_search.strategies.translation import translated
from tests.conftest import extent, sample
from tests.effort import ceiling, is_linear


def query_of(text: str, name: str) -> str:
    """Return a line of a dialect as a query of ours, where headings are their words."""
    return to_text(lowered(dialect(name).read(text).line, {}, lambda heading: [heading.text]))


def notes_of(text: str, name: str) -> list[str]:
    return [note.message for note in dialect(name).read(text).notes]


# Reading each dialect


@pytest.mark.parametrize(
    ("name", "line", "ours"),
    [
        ("ovid", "exp Housing/ or hostel*.ti,ab.", "Housing title:hostel* summary:hostel*"),
        ("ovid", "needle exchange.mp.", '"needle exchange"'),
        ("ovid", "(needle adj exchange).tw.", None),
        ("ovid", "colo$1r.ti.", "title:colo?r"),
        ("ovid", "wom#n.ab.", "summary:wom_n"),
        ("ovid", "(syringe adj2 (clean or sterile)).mp.", "syringe NEAR/2 (clean sterile)"),
        ("ovid", "2010.yr. and heroin.mp.", "year:2010 AND heroin"),
        ("ovid", "Substance Abuse, Intravenous/", '"Intravenous Substance Abuse"'),
        ("ovid", '"Wounds and Injuries"/', '"Wounds and Injuries"'),
        ("ovid", "12 step facilitation.ti.", 'title:"12 step facilitation"'),
        ("pubmed", "heroin methadone", "heroin AND methadone"),
        ("pubmed", "needle exchange[ti]", 'title:"needle exchange"'),
        ("pubmed", '"Needle Sharing"[Mesh:NoExp]', '"Needle Sharing"'),
        ("pubmed", "heroin[tiab] AND 2010:2015[dp]", None),
        ("pubmed", '"needle exchange"[ti:~0]', "title:needle NEAR/1 title:exchange"),
        ("cochrane", "heroin NEXT assisted", "heroin PRE/1 assisted"),
        ("cochrane", "heroin NEAR treatment", "heroin NEAR/6 treatment"),
        ("cochrane", "(heroin or opioid*):ti,kw", None),
        ("cochrane", "MeSH descriptor: [Heroin] explode all trees", "Heroin"),
        ("ebsco", "AB (heroin N3 treatment)", "summary:heroin NEAR/4 summary:treatment"),
        ("ebsco", '(MH "Heroin+") OR TI colo#r', "Heroin title:colo?r"),
        ("ebsco", "needle exchange", '"needle exchange"'),
        ("ebsco", "heroin N2 care OR prison", "(heroin NEAR/3 care) OR prison"),
        ("scopus", "TITLE-ABS(heroin W/2 treat*)", None),
        ("scopus", "TITLE(heroin) AND PUBYEAR > 2009", "title:heroin AND year:2010.."),
        ("scopus", "TITLE(heroin) AND PUBYEAR >= 2009", "title:heroin AND year:2009.."),
        ("scopus", "DOCTYPE(ar OR ch)", "type:article OR type:chapter"),
        ("scopus", "heroin W/2 care OR prison", "heroin NEAR/3 (care OR prison)"),
        ("scopus", "(heroin W/2 care) OR prison", "(heroin NEAR/3 care) OR prison"),
        ("scopus", "TITLE({drug court*})", 'title:"drug court"'),
        ("scopus", "TITLE(heroin) NOT TITLE(prison)", "title:heroin NOT title:prison"),
        (
            "scopus",
            "TITLE(heroin) AND ( EXCLUDE ( PUBYEAR,2005 ) OR EXCLUDE ( PUBYEAR,2007 ) )",
            "title:heroin NOT (year:2005 OR year:2007)",
        ),
        ("ebsco", "TI heroin AND NOT TI prison", "title:heroin NOT title:prison"),
        ("cochrane", "(heroin AND NOT prison):ti", "title:heroin NOT title:prison"),
        ("pubmed", "heroin[ti] AND NOT prison[ti]", "title:heroin NOT title:prison"),
        ("pubmed", "heroin[ti] AND 2010/03/15:2012/03/20[dp]", "title:heroin AND year:2010..2012"),
        ("ovid", "a.ti. adj3 (b.ti. or c.ti.)", "title:(a NEAR/3 (b OR c))"),
        ("cochrane", "(a:ti or b:ti) near/2 (c or d:ti)", "(title:a title:b) AND (c title:d)"),
        ("wos", "DT=(Meeting Abstract OR Letter)", 'type:"Meeting Abstract" type:Letter'),
        ("wos", "TI=(heroin NEAR/2 treat*) NOT PY=2010", None),
        ("wos", "(heroin (Title)) NOT jail (Abstract)", "title:heroin NOT summary:jail"),
        ("wos", "ALL=(heroin NEAR/9 (care NEAR/0 plan))", "heroin NEAR/10 (care NEAR/1 plan)"),
        ("ebsco", '"drug court" N3 heroin*', '"drug court" NEAR/4 heroin*'),
        ("ours", "title:(heroin NEAR/3 treat*)", None),
        ("ours", "heroin AND NOT prison", "heroin AND NOT prison"),
    ],
)
def test_a_line_means_in_our_language_what_it_means_on_its_platform(
    name: str, line: str, ours: str | None
) -> None:
    expected = ours if ours is not None else _TRANSLATED[line]
    assert query_of(line, name) == to_text(parse(expected).tree)


_TRANSLATED = {
    "(needle adj exchange).tw.": "title:(needle PRE/1 exchange) OR summary:(needle PRE/1 exchange)",
    "heroin[tiab] AND 2010:2015[dp]": "(title:heroin OR summary:heroin) AND year:2010..2015",
    "(heroin or opioid*):ti,kw": "title:heroin keyword:heroin title:opioid* keyword:opioid*",
    "TITLE-ABS(heroin W/2 treat*)": "title:(heroin NEAR/3 treat*) summary:(heroin NEAR/3 treat*)",
    "TI=(heroin NEAR/2 treat*) NOT PY=2010": "title:(heroin NEAR/3 treat*) NOT year:2010",
    "title:(heroin NEAR/3 treat*)": "title:heroin NEAR/3 title:treat*",
}


@pytest.mark.parametrize(
    ("name", "line", "note"),
    [
        ("ovid", "heroin.nm.", "the field nm isn't known here; searched in any field"),
        ("ovid", "limit 3 to humans", "a limit to 'humans' isn't known here"),
        ("ovid", "limit 3 to (humans or review)", "types beside an alternative that isn't known"),
        ("ovid", "(heroin or methadone.ti.", "closing parenthesis missing"),
        ("ovid", "Heroin/ae [Adverse Effects]", "subheadings"),
        ("ovid", "heroin adj3 (a and b)", "read as AND"),
        ("ovid", "heroin adj3 (a adj2 b)", "isn't laid down for this platform"),
        ("ovid", "(a adj2 b) adj3 (c adj2 d)", "read as AND"),
        ("pubmed", "heroin AND humans[filter]", "filter"),
        ("pubmed", "heroin or methadone", "in small letters"),
        ("pubmed", "heroin[xyz]", "the field xyz isn't known here"),
        ("cochrane", "heroin, in Trials", "'in Trials' isn't known here"),
        ("ebsco", "Limiters - Peer Reviewed", "isn't known here"),
        ("scopus", 'heroin AND LIMIT-TO(SUBJAREA, "MEDI")', "isn't known here"),
        ("pubmed", "heroin AND 2020:3000[crdt]", "the filter '2020:3000[crdt]' isn't known here"),
        ("pubmed", "heroin AND scotland[pl]", "the filter 'scotland' isn't known here"),
        ("wos", "heroin SAME treatment", "read as AND"),
        ("ovid", "and", "without words on both sides"),
        ("pubmed", "()", "no word to search"),
        ("pubmed", '"drug therapy"[sh]', "left out; nothing else to search; read as all records"),
    ],
)
def test_what_cannot_be_honoured_is_named(name: str, line: str, note: str) -> None:
    assert note in "; ".join(notes_of(line, name))


@pytest.mark.parametrize(
    ("name", "line", "ours"),
    [
        ("ovid", "heroin.mp. [mp=title, abstract, keyword]", "heroin"),
        ("ovid", "heroin.ti", "title:heroin"),
        ("ovid", "Heroin/ not (Cocaine/ not Cannabis/)", "Heroin NOT (Cocaine NOT Cannabis)"),
        ("ovid", "Diagnosis, Dual (Psychiatry)/", '"Dual (Psychiatry) Diagnosis"'),
        ("ovid", "2001:2005.(sa_year). and heroin.m_titl.", "year:2001..2005 AND title:heroin"),
        ("ovid", '("200*" or "2010").dp.', "year:2000..2009 OR year:2010"),
        ("ovid", "(heroin or cocaine) adj3 (care or clinic).ti.", None),
        ("ovid", "heroin treatment.sh.", '"heroin treatment"'),
        ("ovid", "heroin.ti,kw,sh.", "title:heroin keyword:heroin"),
        ("ovid", "(heroin or use or using).ti.", "title:heroin title:use title:using"),
        ("pubmed", 'Search "heroin"[ti] Sort by: Best Match', "title:heroin"),
        ("pubmed", '"Heroin Dependence/therapy"[Mesh]', '"Heroin Dependence"'),
        ("pubmed", "heroin AND english[Filter]", "heroin AND language:english"),
        ("pubmed", "heroin AND clinicaltrial[Filter]", 'heroin AND type:"clinical trial"'),
        ("pubmed", 'Search: (heroin) AND "care"', "heroin AND care"),
        ("pubmed", "2010/01/01:2015/12/31[dp] AND heroin", "year:2010..2015 AND heroin"),
        ("cochrane", '[mh "Heroin Dependence"[mj]]', '"Heroin Dependence"'),
        ("cochrane", "MeSH descriptor Heroin Dependence, this term only", '"Heroin Dependence"'),
        ("cochrane", "heroin:ti (Word variations have been searched)", "title:heroin"),
        ("ebsco", '(MH "Heroin Dependence+/TH")', '"Heroin Dependence"'),
        ("ebsco", "AB heroin* N3 treat*", "summary:(heroin* NEAR/4 treat*)"),
        ("ebsco", 'DE "Drug Abuse" AND XB heroin', None),
        ("scopus", "KEY(heroin) AND ALL(care)", "keyword:heroin AND care"),
        ("wos", "TOPIC: (heroin) AND YEAR PUBLISHED: (2010-2015)", None),
        ("wos", "PMID=123 AND LA=(English)", "pmid:123 AND language:English"),
    ],
)
def test_what_platforms_print_and_people_paste_is_read(
    name: str, line: str, ours: str | None
) -> None:
    assert query_of(line, name) == to_text(parse(ours or _PASTED[line]).tree)


_PASTED = {
    "(heroin or cocaine) adj3 (care or clinic).ti.": (
        "(title:heroin OR title:cocaine) NEAR/3 (title:care OR title:clinic)"
    ),
    'DE "Drug Abuse" AND XB heroin': '"Drug Abuse" AND (title:heroin OR summary:heroin)',
    "TOPIC: (heroin) AND YEAR PUBLISHED: (2010-2015)": (
        "(title:heroin OR summary:heroin OR keyword:heroin) AND year:2010..2015"
    ),
}


def tree_of(text: str, name: str, previous: int = 0) -> Line:
    return dialect(name).read(text, previous).line


@pytest.mark.parametrize("name", DIALECTS)
def test_limits_and_references_are_read_alike_on_every_platform(name: str) -> None:
    english = InFields(Word("english"), ("language",))
    french = InFields(Word("french"), ("language",))
    years = Years(2010, None)
    line = 'limit 3 to (english language and yr="2010 -Current")'
    assert tree_of(line, name) == And((Reference(3), years, english))
    assert tree_of("limit to yr=2010-2015", name, 7) == And((Reference(7), Years(2010, 2015)))
    either = And((Reference(3), Or((english, french))))
    assert tree_of("limit 3 to (english or french)", name) == either
    assert tree_of("or/1-2,4", name) == Or((Reference(1), Reference(2), Reference(4)))


def test_operators_between_line_numbers_bind_as_on_the_platform() -> None:
    one, two, three = map(Reference, (1, 2, 3))
    assert tree_of("#1 OR #2 AND #3", "cochrane") == Or((one, And((two, three))))
    assert tree_of("#1 OR #2 AND #3", "pubmed") == And((Or((one, two)), three))
    assert tree_of("#1 OR #2 AND #3", "scopus") == And((Or((one, two)), three))
    assert tree_of("or/1-2 and 3", "ovid") == And((Or((one, two)), three))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("cochrane", "#3 with Publication Year from 2010 to 2020"),
        ("cochrane", "#3 with Cochrane Library publication date between Jan 2010 and Dec 2020"),
        ("ebsco", "S3 Limiters - Published Date: 20100101-20201231"),
        ("ebsco", "S3 Limiters - Publication Year: 2010-2020  Search modes - Boolean/Phrase"),
        ("wos", "#3 Timespan=2010-2020"),
    ],
)
def test_a_limit_behind_a_line_number_leaves_it_a_line_number(name: str, line: str) -> None:
    assert tree_of(line, name) == And((Reference(3), Years(2010, 2020)))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("cochrane", "#1 or #2 with Publication Year from 2010 to 2020"),
        ("ebsco", "S1 OR S2 Limiters - Published Date: 20100101-20201231"),
        ("wos", "#1 OR #2 Timespan=2010-2020"),
        ("wos", "#1 OR #2 Refined by: YEAR PUBLISHED: (2010-2020)"),
        ("pubmed", "#1 OR #2 Filters: from 2010 - 2020 Sort by: Most Recent"),
    ],
)
def test_a_limit_behind_alternatives_is_of_them_all(name: str, line: str) -> None:
    either = Or((Reference(1), Reference(2)))
    assert tree_of(line, name) == And((either, Years(2010, 2020)))


def test_years_are_written_behind_whole_lines_where_cochrane_has_them_there() -> None:
    line = And((Reference(1), Or((Word("prison"), Word("jail"))), Years(2010, None)))
    text, missing = dialect("cochrane").write(line)
    assert text == "#1 AND (prison OR jail) with Publication Year from 2010 to present"
    assert not missing
    assert tree_of(text, "cochrane") == line
    twice = dialect("scopus").read("TITLE(heroin) AND PUBYEAR > 2009 AND PUBYEAR < 2016").line
    text, missing = dialect("cochrane").write(twice)
    assert (text, missing) == ("heroin:ti with Publication Year from 2010 to 2015", ())


SIGNS = {
    "ovid": [".ti.", ".ti,ab.", "adj3", "adj", "and", "or", "not", "(", ")"],
    "pubmed": ["[ti]", "[tiab]", "[Mesh]", "AND", "OR", "NOT", "(", ")"],
    "cochrane": [":ti", ":ti,ab", "NEAR/3", "NEXT", "AND", "OR", "NOT", "(", ")"],
    "ebsco": ["TI", "AB", "N3", "W2", "AND", "OR", "NOT", "(", ")"],
    "scopus": ["TITLE(", "ABS(", "W/3", "PRE/2", "AND", "OR", "AND NOT", "(", ")"],
    "wos": ["TI=", "AB=(", "NEAR/3", "AND", "OR", "NOT", "(", ")"],
}
NONSENSE = ["zabu", "zebu", "zibu", "zobu", "zubu", "zaba", "zeba", "ziba"]


@given(
    st.sampled_from(sorted(SIGNS)).flatmap(
        lambda name: st.tuples(
            st.just(name), st.lists(st.sampled_from([*SIGNS[name], *NONSENSE]), max_size=14)
        )
    )
)
def test_no_word_of_a_line_is_lost_however_it_is_broken(drawn: tuple[str, list[str]]) -> None:
    name, pieces = drawn
    text = " ".join(pieces)
    said = str(dialect(name).read(text).line)
    assert {piece for piece in pieces if piece in NONSENSE and piece not in said} == set(), text


def test_headings_in_parentheses_are_each_as_their_sign_says() -> None:
    either = Or((Heading("Prisoners", explode=True), Heading("Prisons")))
    assert tree_of('MH ( "Prisoners+" OR "Prisons" )', "ebsco") == either
    major = Or((Heading("Prisoners", True, True), Heading("Prisons", False, True)))
    assert tree_of('MM ( "Prisoners+" OR "Prisons" )', "ebsco") == major


def test_nearness_of_three_words_in_pubmed_is_in_any_order() -> None:
    either = "title:drug title:court"
    line = query_of('"drug court care"[ti:~2]', "pubmed")
    assert line.startswith('title:"drug court care"~2')
    assert line.count("~2") == 6, either


@pytest.mark.parametrize(
    ("name", "line", "left", "note"),
    [
        ("pubmed", "heroin AND systematic[sb]", "heroin", "the filter 'systematic'"),
        ("pubmed", "heroin OR hasabstract[text]", "heroin", "the filter 'hasabstract'"),
        ("pubmed", 'heroin AND "last 5 years"[dp]', "heroin", "expected years"),
        ("ovid", "heroin.ti. and 2010*.ed.", "title:heroin", "the filter '2010*'"),
        ("ovid", "heroin.ti,nm.", "title:heroin", "the field nm isn't known here; left out"),
        ("ovid", "limit 1 to humans", "#1", "a limit to 'humans'"),
        ("scopus", 'heroin AND EXCLUDE(SUBJAREA, "MEDI")', "heroin", "isn't known here"),
    ],
)
def test_what_cannot_be_asked_is_left_out_and_the_rest_searched(
    name: str, line: str, left: str, note: str
) -> None:
    reading = dialect(name).read(line)
    if left == "#1":
        assert reading.line == Reference(1)
    else:
        assert query_of(line, name) == to_text(parse(left).tree)
    assert note in "; ".join(item.message for item in reading.notes)


@pytest.mark.parametrize(
    ("name", "line", "mark"),
    [
        ("ebsco", "prison NEAR/3 drug", "NEAR/3 is how it is written for cochrane"),
        ("pubmed", "prison*.ti,ab.", ".ti,ab. is how it is written for ovid"),
        ("ovid", "prison[tiab]", "[tiab] is how it is written for pubmed"),
        ("wos", "TITLE-ABS-KEY(prison)", "TITLE-ABS-KEY is how it is written for scopus"),
    ],
)
def test_the_marks_of_another_platform_are_named(name: str, line: str, mark: str) -> None:
    assert mark in "; ".join(notes_of(line, name))


PIECES = st.sampled_from(
    'heroin care* 2010 2010-2015 "drug care" "" ( ) AND or NOT adj adj3 NEAR/3 NEXT N3 W/3 [ti] '
    "[mesh] [dp] [sb] [pt] :ti,ab .ti,ab. .yr. .sh. .fs. .ed. TI PY DE MH TS= PY= TITLE( #1 S1 1 "
    "/ [ ] {or #1-#2} [mh limit to english , in Trials Limiters - Search: Drug/ exp".split(" ")
)


@given(st.sampled_from(DIALECTS), st.lists(PIECES, max_size=12).map(" ".join))
def test_no_order_of_the_pieces_of_platforms_is_too_odd_to_be_read(name: str, text: str) -> None:
    reading = dialect(name).read(text, 1)
    to_text(lowered(reading.line, {}, lambda heading: [heading.text]))
    for target in DIALECTS:
        dialect(target).write(reading.line)


@given(st.sampled_from(DIALECTS), st.text(max_size=80))
def test_no_text_is_too_odd_to_be_read(name: str, text: str) -> None:
    to_text(lowered(dialect(name).read(text).line, {}, lambda heading: [heading.text]))


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("prison*.ti.", ".ti. is how Ovid writes it; as Ovid this is: title:prison*"),
        ("prison*[ti] AND care", "as PubMed this is: title:prison* AND care"),
        ("TI prison", "TI is how EBSCOhost writes it; as EBSCOhost this is: title:prison"),
        ("child W2 protection", "as EBSCOhost this is: child PRE/3 protection"),
        ("[mh Prisons]", "as Cochrane Library this is: Prisons"),
        ("TI=(prison)", "as Web of Science this is: title:prison"),
    ],
)
def test_an_ordinary_search_names_the_platform_that_its_syntax_is_of(
    e5: EvidenceIndex, query: str, note: str
) -> None:
    assert note in "; ".join(e5.search(query).notes)


@pytest.mark.parametrize(
    "query", ["drink driving", "health and/or care", "title:prison AND (alcohol)", "in 2010"]
)
def test_an_ordinary_search_in_our_own_language_names_no_platform(
    e5: EvidenceIndex, query: str
) -> None:
    assert not [note for note in e5.search(query).notes if "writes it" in note]


# Printing and reading back

WORDS = st.sampled_from(["heroin", "needle", "drug", "care", "pris*"])
PLAIN = st.sampled_from(["heroin", "needle", "drug", "care"])
FIELDS = st.sampled_from([("title",), ("summary",), ("title", "summary")])
PHRASES = st.lists(PLAIN, min_size=2, max_size=3).map(lambda words: Phrase(tuple(words)))
LEAVES = st.one_of(
    WORDS.map(Word),
    PHRASES,
    st.builds(Near, PLAIN.map(Word), PLAIN.map(Word), st.integers(1, 4)),
    st.builds(Near, PHRASES, PLAIN.map(Word), st.integers(1, 4), st.booleans()),
    st.builds(
        Near,
        PLAIN.map(Word),
        st.builds(Near, PLAIN.map(Word), PLAIN.map(Word), st.integers(1, 4), st.booleans()),
        st.integers(1, 4),
        st.booleans(),
    ),
)
ITEMS = st.one_of(LEAVES, st.builds(InFields, LEAVES, FIELDS))
LINES: st.SearchStrategy[Line] = st.recursive(
    ITEMS,
    lambda lines: st.one_of(
        st.lists(lines, min_size=2, max_size=3).map(lambda parts: joined(And, parts)),
        st.lists(lines, min_size=2, max_size=3).map(lambda parts: joined(Or, parts)),
        st.builds(Not, lines, lines),
        st.builds(Years, st.integers(2000, 2010), st.integers(2011, 2020)),
    ),
    max_leaves=6,
)
TEXTS = [
    ("heroin needle", "drug care in prison"),
    ("needle drug heroin", "prisons"),
    ("care", "heroin and needle and drug care"),
    ("drug care", "drug needle heroin"),
    ("heroin care drug", ""),
    ("", "needle care needle heroin"),
]
DOCUMENTS: list[dict[str, Any]] = [
    {"title": title.split(), "summary": summary.split(), "year": 2005 + 3 * i}
    for i, (title, summary) in enumerate(TEXTS)
]


def matches(tree: syntax.Tree, document: dict[str, Any]) -> bool:
    """Say by brute force whether a document matches, each word in this very form."""
    if isinstance(tree, syntax.And):
        return all(matches(child, document) for child in tree.children)
    if isinstance(tree, syntax.Or):
        return any(matches(child, document) for child in tree.children)
    if isinstance(tree, syntax.Not):
        return not matches(tree.child, document)
    if isinstance(tree, syntax.Range):
        return bool((tree.low or 0) <= document["year"] <= (tree.high or 9999))
    if isinstance(tree, syntax.Within):
        return any(spans(tree, document, field) for field in ("title", "summary"))
    return any(places(tree, document, field) for field in ("title", "summary"))


def spans(tree: syntax.Tree, document: dict[str, Any], field: str) -> set[tuple[int, ...]]:
    """Return where the words stand of each way to match a side of a nearness, or a nearness."""
    if isinstance(tree, syntax.Or):
        return {span for child in tree.children for span in spans(child, document, field)}
    if not isinstance(tree, syntax.Within):
        size = len(tree.words) if isinstance(tree, syntax.Phrase) else 1
        return {tuple(range(at, at + size)) for at in places(tree, document, field)}
    found = set()
    for left in spans(tree.left, document, field):
        for right in spans(tree.right, document, field):
            after = 0 < right[0] - left[-1] <= tree.distance
            before = 0 < left[0] - right[-1] <= tree.distance
            inside = _inside(left, right) or _inside(right, left)
            if after or (not tree.ordered and (before or inside)):
                found.add(tuple(sorted(left + right)))
    return found


def _inside(inner: tuple[int, ...], outer: tuple[int, ...]) -> bool:
    return any(a < inner[0] and inner[-1] < b for a, b in pairwise(outer))


def places(leaf: syntax.Tree, document: dict[str, Any], field: str) -> list[int]:
    assert isinstance(leaf, syntax.Term | syntax.Wildcard | syntax.Phrase)
    if leaf.field not in {None, field}:
        return []
    tokens = document[field]
    if isinstance(leaf, syntax.Phrase):
        size = len(leaf.words)
        return [i for i in range(len(tokens)) if tuple(tokens[i : i + size]) == leaf.words]
    if isinstance(leaf, syntax.Wildcard):
        return [i for i, token in enumerate(tokens) if token.startswith(leaf.text.rstrip("*"))]
    return [i for i, token in enumerate(tokens) if token == leaf.text]


def found(line: Line) -> list[int]:
    tree = lowered(line, {}, lambda heading: [heading.text])
    return [i for i, document in enumerate(DOCUMENTS) if matches(tree, document)]


@given(LINES, st.sampled_from(DIALECTS))
def test_a_line_printed_in_any_dialect_finds_the_same(line: Line, name: str) -> None:
    text, missing = dialect(name).write(line)
    if not missing:
        assert found(dialect(name).read(text).line) == found(line), text


def rows_of(count: int) -> list[list[str]]:
    """Return rows of a few words, all of which differ."""
    rng = random.Random(3)  # noqa: S311 - texts, no secret
    return [
        rng.choices(["heroin", "needle", "drug", "care", "xx", "yy"], k=9) for _ in range(count)
    ]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> EvidenceIndex:
    folder = tmp_path_factory.mktemp("rows")
    records = [
        {"title": f"Row {i}", "summary": " ".join(row)} for i, row in enumerate(rows_of(150))
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, records)))
    index = EvidenceIndex(folder, tmp_path_factory.mktemp("index-of-rows"))
    index.refresh()
    return index


NEAR_SIDES = st.one_of(PLAIN.map(Word), PHRASES, st.just(Or((Word("care"), Word("drug")))))
INNER = st.builds(Near, NEAR_SIDES, NEAR_SIDES, st.integers(1, 4), st.booleans())
NESTED = st.builds(
    Near,
    st.one_of(NEAR_SIDES, INNER),
    NEAR_SIDES,
    st.integers(1, 4),
    st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(NESTED, st.booleans())
def test_nearness_of_phrases_and_within_nearness_is_exact(
    rows: EvidenceIndex, near: Near, turned: bool
) -> None:
    line = Near(near.right, near.left, near.distance, near.ordered) if turned else near
    tree = lowered(line, {}, lambda heading: [heading.text])
    assert parse(to_text(tree)).tree == tree
    results = rows.search(Search("near", exact=True, tree=tree), limit=None)
    assert {hit.record.title for hit in results} == {
        f"Row {i}" for i, row in enumerate(rows_of(150)) if spans(tree, {"summary": row}, "summary")
    }


CORPUS_WORDS = st.sampled_from(["prison", "alcohol", "treat*", "scotland", "drink*", "wom_n", "uk"])
CORPUS_PLAIN = st.sampled_from(["prison", "alcohol", "care", "support", "treatment"])
CORPUS_LEAVES = st.one_of(
    CORPUS_WORDS.map(Word),
    st.lists(CORPUS_PLAIN, min_size=2, max_size=2, unique=True).map(lambda w: Phrase(tuple(w))),
    st.builds(
        Near, CORPUS_PLAIN.map(Word), CORPUS_PLAIN.map(Word), st.integers(1, 9), st.booleans()
    ),
)
CORPUS_ITEMS = st.one_of(
    CORPUS_LEAVES,
    st.builds(InFields, CORPUS_LEAVES, st.sampled_from([("title",), ("title", "summary")])),
    st.builds(Years, st.integers(2000, 2010), st.integers(2011, 2020)),
    st.integers(1, 3).map(Reference),
)
CORPUS_LINES: st.SearchStrategy[Line] = st.recursive(
    CORPUS_ITEMS,
    lambda lines: st.one_of(
        st.lists(lines, min_size=2, max_size=3).map(lambda parts: joined(And, parts)),
        st.lists(lines, min_size=2, max_size=3).map(lambda parts: joined(Or, parts)),
        st.builds(Not, lines, lines),
    ),
    max_leaves=5,
)


def without_later(line: Line, number: int) -> Line:
    """Return a line whose references are to lines before this number."""
    if isinstance(line, Reference):
        return line if line.line < number else Word("prison")
    return rewrite(line, lambda child: without_later(child, number))


@settings(max_examples=40)
@given(st.lists(CORPUS_LINES, min_size=2, max_size=4), st.sampled_from(DIALECTS))
def test_a_strategy_of_ours_finds_the_same_in_each_dialect(
    e5: EvidenceIndex, lines: list[Line], name: str
) -> None:
    write = dialect("ours").write
    texts = [write(without_later(line, number))[0] for number, line in enumerate(lines, 1)]
    text = "\n".join(f"{number}. {line}" for number, line in enumerate(texts, 1))
    ours = read_strategy(text, dialect_name="ours")
    there = [*translated(ours, name)]
    if any(line.missing for line in there):
        return
    printed = "\n".join(f"{line.number}. {line.text}" for line in there)
    theirs = read_strategy(printed, dialect_name=name)
    run, again = run_strategy(e5, ours), run_strategy(e5, theirs)
    for number in range(1, len(lines) + 1):
        assert set(run.ids(number)) == set(again.ids(number)), (text, printed)


@pytest.mark.parametrize("name", DIALECTS)
def test_words_that_may_stand_in_two_fields_may_do_so_in_each_dialect(
    e5: EvidenceIndex, name: str
) -> None:
    text = "1. (alcohol and health not (scotland and zebra)).ti,ab."
    ovid = read_strategy(text, dialect_name="ovid")
    (there,) = translated(ovid, name)
    theirs = read_strategy(f"1. {there.text}", dialect_name=name)
    found = run_strategy(e5, ovid).ids()
    apart = "(title:alcohol AND title:health) OR (summary:alcohol AND summary:health)"
    assert not {*found} <= {*e5.rank(apart, exact=True)}, "expected one with a word in each"
    assert set(run_strategy(e5, theirs).ids()) == set(found), there.text


# Whole strategies

OVID = """\
Ovid MEDLINE(R) 1946 to present

# the setting
1. exp Prisons/ (21345)
2. (prison* or jail*
   or custod*).ti,ab.
3. 1 or 2
4. alcohol*.mp.
5. 3 and 4
6. limit 5 to yr="2008 -Current"
"""


def test_numbers_counts_comments_and_rows_of_a_line_are_told_apart() -> None:
    strategy = read_strategy(OVID)
    assert strategy.dialect == "ovid"
    assert strategy.recognised
    assert [line.number for line in strategy.lines] == [1, 2, 3, 4, 5, 6]
    assert [line.place for line in strategy.lines] == [4, 5, 7, 8, 9, 10]
    assert strategy.lines[0].reported == 21345
    assert strategy.lines[1].text == "(prison* or jail* or custod*).ti,ab."
    assert strategy.lines[4].references == (3, 4)
    assert strategy.comments == ((1, "Ovid MEDLINE(R) 1946 to present"), (3, "# the setting"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pubmed", "#1 heroin[tiab]\n#2 methadone[tiab]\n#3 #1 AND #2"),
        ("cochrane", "#1 [mh Heroin]\n#2 methadone:ti,ab\n#3 {and #1-#2}"),
        ("ebsco", 'S3 S1 AND S2\nS2 TI methadone\nS1 (MH "Heroin+")'),
        ("wos", "#1 TS=(heroin)\n#2 TS=(methadone)\n#3 #2 AND #1"),
        ("scopus", "TITLE-ABS-KEY(heroin)\nTITLE-ABS-KEY(methadone)\n#1 AND #2"),
        ("ovid", "1\theroin.mp.\t345\n2\tMethadone/\t1,234\n3\tand/1-2\t12"),
        ("ours", "heroin\nsummary:methadone\n#1 AND #2"),
    ],
)
def test_the_platform_is_told_by_its_marks_and_lines_refer_to_lines(name: str, text: str) -> None:
    strategy = read_strategy(text)
    assert strategy.dialect == name
    assert set(strategy.last.references) == {1, 2}
    assert not any(line.notes for line in strategy.lines)


def test_the_history_of_pubmed_is_read_as_it_is_downloaded() -> None:
    text = '''Search number,Query,Sort By,Filters,Search Details,Results,Time
3,#1 AND #2,,,"(""heroin""[tiab])","1,234",11:20:10
2,"""Prisons""[Mesh] OR prison*[tiab]",,English,"""prisons""[MeSH Terms]","20,111",11:20:01
1,heroin[tiab],,,"""heroin""[Title/Abstract]",500,11:19:50
'''
    strategy = read_strategy(text)
    assert strategy.dialect == "pubmed"
    assert [(x.number, x.place, x.reported) for x in strategy.lines] == [
        (3, 2, 1234), (2, 3, 20111), (1, 4, 500),
    ]  # fmt: skip
    assert strategy.last.references == (1, 2)
    limited = '("Prisons"[Mesh] OR prison*[tiab]) AND (English[Filter])'
    assert strategy.line(2).text == limited


def test_counts_after_one_space_are_parted_under_their_heading_alone() -> None:
    rows = "#1 [mh Heroin] 312\n#2 heroin*:ti,ab 1523\n#3 #1 or #2 1600\n"
    headed = read_strategy("Search Name: x\n\nID Search Hits\n" + rows)
    assert [line.reported for line in headed.lines] == [312, 1523, 1600]
    assert headed.last.references == (1, 2)
    assert read_strategy(rows).last.text == "#1 or #2 1600"


NEWER = """\
# Web of Science Search Strategy (v0.1)

# Searches:

1: TI=a     Date Run: Fri Nov 01 2024 10:11:12 GMT+0000 (Greenwich Mean Time)     Results: 5
2: TI=needle  Results: 20
3: #2 AND #1     Results: 1,234
"""
INDEXES = "Indexes=SCI-EXPANDED, SSCI Timespan=All years"


@pytest.mark.parametrize(
    "text",
    [
        f"# 3\t1,234\t#2 AND #1\n{INDEXES}\n# 2\t20\tTI=needle\n{INDEXES}\n# 1\t5\tTI=a\n{INDEXES}",
        "# 3 1,234 #2 AND #1\n# 2 20 TI=needle\n# 1 5 TI=a",
        "#3\t1,234\t#2 AND #1\n#2\t20\tTI=needle\n#1\t5\tTI=a",
        NEWER,
    ],
)
def test_histories_of_web_of_science_are_read_with_their_counts(text: str) -> None:
    strategy = read_strategy(text)
    assert strategy.dialect == "wos"
    assert {line.number: line.reported for line in strategy.lines} == {1: 5, 2: 20, 3: 1234}
    assert strategy.line(2).line == InFields(Word("needle"), ("title",))
    assert strategy.last.line == And((Reference(2), Reference(1)))


def test_counts_that_scopus_calls_results_are_parted() -> None:
    text = "#1\tTITLE(heroin)\t1,234 document results\n#2 #1 AND PUBYEAR = 2010 9 document results"
    strategy = read_strategy(text)
    assert [line.reported for line in strategy.lines] == [1234, 9]
    assert strategy.last.line == And((Reference(1), Years(2010, 2010)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a line with a search; found none"),
        ("# only a comment\n", "expected a line with a search; found none"),
        ("1. a\n2. b\n2. c\n3. d", r"strategy:3: expected each number once; found 2 again"),
    ],
)
def test_what_is_no_strategy_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        read_strategy(text)


def test_a_file_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(StrategyError, match="expected a strategy"):
            strategies.open_strategy(path)


def test_a_run_counts_each_line_and_says_what_is_odd(e5: EvidenceIndex) -> None:
    run = run_strategy(e5, read_strategy(OVID + "7. zzzz.ti.\n8. scotland.ti. and 99\n"))
    by_number = {item.line.number: item for item in run}
    either = e5.search("title:prison* OR summary:prison* OR custod* OR prison", limit=None)
    assert by_number[3].count == len(set(run.ids(1)) | set(run.ids(2)))
    assert by_number[3].count <= either.total
    assert set(run.ids(5)) == set(run.ids(3)) & set(run.ids(4))
    assert run.empty == (7, 8)
    assert run.unused == (6, 7)
    assert "there is no line 99 before this one" in "".join(by_number[8].notes)
    assert "subject heading Prisons" in "".join(by_number[1].headings)


def test_the_results_of_a_run_are_those_of_its_last_line_or_of_any(e5: EvidenceIndex) -> None:
    run = run_strategy(e5, read_strategy("1. prison.ti.\n2. scotland.mp.\n3. 1 or 2"))
    assert [hit.record.id for hit in run.results(limit=None)] == run.ids()
    assert run.results(2).total == run.line(2).count
    with pytest.raises(StrategyError, match="expected a line of 1, 2, 3; found 9"):
        run.results(9)


def test_nothing_is_added_to_the_words_of_a_strategy(e5: EvidenceIndex) -> None:
    run = run_strategy(e5, read_strategy("jail.mp.\n", dialect_name="ovid"))
    assert run.last.count == e5.search("jail", exact=True).total


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prison.mp.", "prison also finds "),
        ("(prison* or custody).mp.", None),
        ("policies*.mp.", None),
        ("heroin.ti. and english.la.", None),
    ],
)
def test_each_line_says_which_forms_of_its_words_are_found_too(
    e5: EvidenceIndex, line: str, said: str | None
) -> None:
    forms = run_strategy(e5, read_strategy(line, dialect_name="ovid")).last.forms
    assert [text.startswith(said or "") for text in forms] == [True] * bool(said)
    for text in forms:
        for form in text.removeprefix(said or "").split(", "):
            assert form in e5.vocabulary()
            found = e5.search(form, exact=True, limit=None)
            assert {hit.record.id for hit in found} == {*e5.rank("prison", exact=True)}


def test_an_exploded_heading_says_what_is_narrower_or_that_nothing_is(e5: EvidenceIndex) -> None:
    run = run_strategy(e5, read_strategy("1. exp Housing/\n2. exp Alcohol Drinking/\n3. Housing/"))
    wide, narrow, plain = (run.line(number).headings[0] for number in (1, 2, 3))
    assert wide.endswith("is searched as its words, and recovery housing")
    assert narrow.endswith("is searched as its words; the thesaurus has nothing narrower")
    assert plain.endswith("is searched as its words")


def test_in_our_own_language_a_word_means_its_forms_and_nothing_is_said(e5: EvidenceIndex) -> None:
    assert not run_strategy(e5, read_strategy("prison", dialect_name="ours")).last.forms


def test_strict_refuses_what_cannot_be_honoured_with_line_and_place(e5: EvidenceIndex) -> None:
    strategy = read_strategy("1. prison.ti.\n2. prison.nm.\n", name="mine.txt")
    with pytest.raises(QueryError, match=r"mine\.txt:2: line 2: the field nm isn't known here"):
        run_strategy(e5, strategy, strict=True)


def test_a_translation_keeps_numbers_and_names_what_has_no_equivalent() -> None:
    lines = [*translated(read_strategy(OVID), "cochrane")]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[1].text == "(prison* OR jail* OR custod*):ti,ab"
    assert lines[4].text == "#3 AND #4"
    assert lines[5].text == "#5 with Publication Year from 2008 to present"
    lines = [*translated(read_strategy(OVID), "wos")]
    assert lines[0].missing == ("the subject heading Prisons; written as its words",)


@pytest.mark.parametrize(
    ("target", "number", "written"),
    [
        ("pubmed", 2, "prison*[tiab] OR jail*[tiab] OR custod*[tiab]"),
        ("ovid", 3, "or/1-2,4"),
        ("cochrane", 3, "{or #1-#2,#4}"),
        ("ovid", 5, 'limit 3 to (yr="2008 -Current" and english)'),
        ("cochrane", 6, "(brief NEXT intervention*):ti"),
        ("pubmed", 7, '"heroin care"[tiab:~2] OR "heroin clinic"[tiab:~2]'),
        ("pubmed", 8, '"drug care"[ti] OR "drug service*"[ti]'),
        ("wos", 8, 'TI=("drug care" OR "drug service*")'),
    ],
)
def test_a_translation_is_written_as_people_of_that_platform_write(
    target: str, number: int, written: str
) -> None:
    text = """1. exp Prisons/
2. (prison* or jail* or custod*).ti,ab.
3. or/1-2,4
4. heroin.ti.
5. limit 3 to (english language and yr="2008 -Current")
6. brief intervention*.ti.
7. (heroin adj3 (care or clinic)).ti,ab.
8. (drug adj (care or service*)).ti.
"""
    lines = {line.number: line for line in translated(read_strategy(text), target)}
    assert lines[number].text == written
    assert not lines[number].missing


def test_a_pattern_inside_a_phrase_which_pubmed_lacks_is_joined_by_and_and_named() -> None:
    (line,) = translated(read_strategy("drink* driv*.ti.", dialect_name="ovid"), "pubmed")
    assert line.text == "(drink*[ti] AND driv*[ti])"
    assert line.missing == ("the pattern inside 'drink* driv*'; written as AND",)


def test_headings_of_another_thesaurus_are_marked_in_a_translation() -> None:
    (line, *_) = translated(read_strategy(OVID), "ebsco")
    assert line.text == '(MH "Prisons+")'
    assert line.missing == ("the subject heading Prisons: look for that of the other thesaurus",)


def test_the_commands_run_translate_and_export(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "strategy.txt"
    file.write_text("1. prison*.ti.\n2. scotland.mp.\n3. 1 or 2\n")
    lines = json.loads(run("run", str(file), "--format", "json").stdout)["lines"]
    assert [line["number"] for line in lines] == [1, 2, 3]
    assert lines[0]["searched"] == "title:prison*"
    records = run("run", str(file), "--format", "jsonl").stdout.splitlines()
    assert len(records) == lines[2]["count"]
    first = run("run", str(file), "--line", "1", "--format", "jsonl").stdout.splitlines()
    assert len(first) == lines[0]["count"]
    translation = run("translate", str(file), "--to", "pubmed").stdout
    assert translation == "1. prison*[ti]\n2. scotland[tw]\n3. #1 OR #2\n"


def test_lines_that_rise_and_fall_keep_their_numbers() -> None:
    numbers = [line.number for line in read_strategy("3. c\n2. b\n1. a").lines]
    assert all(b - a == -1 for a, b in pairwise(numbers))


DOCS = Path(__file__).parent.parent / "docs"
PAGES = {name: (DOCS / f"strategies-{name}.md").read_text() for name in DIALECTS if name != "ours"}
ROWS = [
    (name, line, ours)
    for name, page in PAGES.items()
    for line, ours in re.findall(r"^\| `(.+)` \| `(.+)` \|$", page, re.MULTILINE)
]
LEFT_OUT = [
    (name, line, note)
    for name, page in PAGES.items()
    for line, note in re.findall(r"^\| `([^`]+)` \| ([^`\n]+) \|$", page, re.MULTILINE)
    if note not in page.partition("## Fields")[2].partition("## Lines")[0]
]


@pytest.mark.parametrize(("name", "line", "ours"), ROWS)
def test_the_documented_lines_mean_what_the_page_says(name: str, line: str, ours: str) -> None:
    assert not notes_of(line, name)
    if "#" in ours:
        assert dialect("ours").write(tree_of(line, name))[0] == ours
    else:
        assert query_of(line, name) == to_text(parse(ours).tree)


@pytest.mark.parametrize(("name", "line", "note"), LEFT_OUT)
def test_what_the_page_says_is_left_out_is_named(name: str, line: str, note: str) -> None:
    assert note in notes_of(line, name)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_a_platform_lists_all_its_fields(name: str) -> None:
    fields = import_module(f"evidence_search.dialects.{name}").FIELDS
    page = PAGES[name].casefold()
    assert not [code for code in fields if f"`{code.casefold()}`" not in page]
    assert not [code for code in EBSCO_LACKS if f"`{code}`" not in PAGES["ebsco"]]
    searched = {ours for names in fields.values() for ours in names or ()}
    assert searched <= {*QUERY_FIELDS, *KEYWORDS, FILTER}
    assert len([row for row in ROWS if row[0] == name]) > 8


def test_the_example_strategy_runs_without_a_line_that_finds_nothing(e5: EvidenceIndex) -> None:
    run = strategies.run(DOCS / "example-strategy.txt", e5)
    assert not run.empty
    assert not run.unused
    assert run.last.count > 1


# Checking, and known papers

DOUBTFUL = """\
1. exp Prisons/
2. (prison or prison* or inmates or custodey).ti,ab.
3. 1 or 2
4. a*.mp.
5. 3 and 4 or 9
6. prison.ti,ab. not scotland.mp.
7. 3 and 6
8. zzz*.ti.
"""


def test_a_check_says_what_a_peer_reviewer_would_ask_about(e5: EvidenceIndex) -> None:
    run = run_strategy(e5, read_strategy(DOUBTFUL, name="mine.txt"))
    problems = lint(run, e5)
    codes = {(problem.source.line, problem.code) for problem in problems}
    assert {
        (2, "redundant"),
        (2, "spelling"),
        (4, "broad-pattern"),
        (5, "mixed-operators"),
        (5, "no-such-line"),
        (5, "unused"),
        (6, "not"),
        (8, "no-word"),
        (8, "empty"),
    } <= codes
    assert not [problem for problem in problems if problem.source.line in {1, 3}]
    by_code = {problem.code: str(problem) for problem in problems}
    column = DOUBTFUL.splitlines()[1].index("custodey") + 1
    assert by_code["spelling"].startswith(f"mine.txt:2:{column}: warning: line 2: no record has")
    assert "prison is found by prison* already" in by_code["redundant"]


def test_of_a_strategy_without_faults_only_its_words_are_remarked_on(e5: EvidenceIndex) -> None:
    run = strategies.run(DOCS / "example-strategy.txt", e5)
    assert {problem.code for problem in lint(run, e5)} <= {"synonyms", "no-word"}


SOUND = """\
1. exp Alcohol-Related Disorders/
2. exp Alcohol Drinking/
3. (alcohol$ adj3 (misus$ or abus$ or depend$ or problem$ or harm$)).mp. [mp=title, abstract]
4. (drink$ adj2 (problem or binge or heavy)).ti,ab.
5. or/1-4
6. exp Prisons/
7. Prisoners/
8. (prison$ or jail$ or offend$ or custod$ or probation$).tw.
9. (criminal adj justice).ti,ab.
10. or/6-9
11. exp Psychotherapy/
12. Counseling/
13. (brief adj (intervention$ or advice)).tw.
14. motivational interview$.tw.
15. (treatment$ or rehabilitat$ or support$).ti,ab.
16. or/11-15
17. 5 and 10 and 16
18. exp animals/ not humans.sh.
19. 17 not 18
20. limit 19 to (english language and yr="1990 -Current")
"""


def test_a_sound_strategy_is_asked_only_about_lines_that_find_nothing(e5: EvidenceIndex) -> None:
    run = run_strategy(e5, read_strategy(SOUND, dialect_name="ovid"))
    assert {p.code for p in lint(run, e5)} <= {"empty"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1. (prison$ or prison).ti.", "1:16: prison is found by prison* already"),
        ("1. prison.ti.\n2. prison*.ti,ab.\n3. 1 or 2", "of line 2 already"),
        ('1. (alcohol or "alcohol misuse").ti.', "alcohol misuse is found by alcohol already"),
        ("1. (prison or custody or prison).ti.", "prison is found by prison already"),
        ("1. (alcohol or xlcoholx*).ti.", "stands for no word"),
        ("1. (alcohol or xlco#olx).ti.", "'xlco#olx' stands for no word"),
        ("1. exp Prisins/", "1:8: warning: line 1: no record has 'prisins'"),
        ("1. (alchol* or drink*).ti.", "1:5: warning: line 1: 'alchol*' stands for no word"),
        ("1. (alcohol or\n   custodey).ti.", "2:4: warning: line 1: no record has 'custodey'"),
    ],
)
def test_what_is_too_much_or_misspelt_is_named_at_its_place(
    e5: EvidenceIndex, text: str, said: str
) -> None:
    problems = lint(run_strategy(e5, read_strategy(text, dialect_name="ovid")), e5)
    place, _, rest = said.rpartition(": ")
    begin = "" if place == said else place.partition(": ")[0]
    assert any(rest in str(p) and f"strategy:{begin}" in str(p) for p in problems), problems


@pytest.mark.parametrize(
    "text",
    [
        "1. prison.ti. or prison*.ab.",
        "1. prison*.ti.\n2. prison.ti,ab.\n3. 1 or 2",
        "1. prison.ti.\n2. prison*.ti.\n3. 1 and 2",
    ],
)
def test_what_finds_more_or_narrows_is_not_redundant(e5: EvidenceIndex, text: str) -> None:
    problems = lint(run_strategy(e5, read_strategy(text, dialect_name="ovid")), e5)
    assert not [problem for problem in problems if problem.code == "redundant"]


@pytest.mark.parametrize("name", DIALECTS)
def test_and_and_or_side_by_side_are_remarked_on_in_every_dialect(name: str) -> None:
    assert dialect(name).mixed("#1 AND #2 OR #3") == 10
    assert dialect(name).mixed("(#1 AND #2) OR #3") is None
    assert dialect(name).mixed('"a OR b" AND c') is None


def test_or_and_nearness_side_by_side_are_remarked_on_where_or_binds_closer() -> None:
    assert dialect("scopus").mixed("TITLE(a W/3 b OR c)") == 14
    assert dialect("scopus").mixed("TITLE((a W/3 b) OR c)") is None
    assert dialect("wos").mixed("TI=(a NEAR/3 b OR c)") is None


@pytest.mark.parametrize(
    ("text", "noted"), [("DT 20100101-20201231", False), ("DT 20100315-20201231", True)]
)
def test_days_in_a_field_are_their_years_and_a_part_of_a_year_is_noted(
    text: str, noted: bool
) -> None:
    reading = dialect("ebsco").read(text)
    assert reading.line == Years(2010, 2020)
    assert any("the years alone" in note.message for note in reading.notes) == noted


def test_with_known_papers_a_not_is_an_error_only_where_it_loses_one(e5: EvidenceIndex) -> None:
    text = "1. drink*.mp. not driv*.mp.\n2. drink*.mp. not scotland.mp.\n3. 1 or 2"
    run = run_strategy(e5, read_strategy(text, dialect_name="ovid"))
    known = frozenset(e5.rank("title:driv*")) & frozenset(e5.rank("drink*"))
    problems = [p for p in lint(run, e5, known) if p.code == "not"]
    assert [(p.source.line, p.severity) for p in problems] == [(1, "error")]
    assert f"loses {len(known)} of the known papers" in problems[0].message


KNOWN = """\
TY  - RPRT
TI  - Managing drink-drivers
ER  -
TY  - RPRT
TI  - A model system for responding to problem-drinking prisoners
PY  - 2012
ER  -
TY  - JOUR
TI  - A paper that no corpus has
ER  -
"""


def test_each_known_paper_that_is_lost_has_its_line_and_a_search_that_finds_it(
    e5: EvidenceIndex, tmp_path: Path
) -> None:
    file = tmp_path / "known.ris"
    file.write_text(KNOWN)
    text = "1. prison*.mp.\n2. (treat* or care).mp.\n3. 1 and 2\n"
    run = run_strategy(e5, read_strategy(text))
    found = recall(run, e5, read_papers(file))
    lost, kept, missing = found.papers
    assert (kept.found, lost.found, missing.record) == (True, False, None)
    assert lost.lost_by == 1
    assert "prison*.mp." in lost.why
    assert [change.line for change in lost.changes] == [1]
    mended = text.replace(lost.changes[0].was, lost.changes[0].instead)
    assert lost.record in run_strategy(e5, read_strategy(mended)).ids()
    assert [line.found for line in found.lines] == [1, 2, 1]
    assert found.lines[0].recall == 0.5
    assert found.lines[2].precision == pytest.approx(1 / run.last.count)


@pytest.mark.parametrize(
    ("text", "line", "instead"),
    [
        ("1. drink*.mp.\n2. limit 1 to yr=2010-2015", 2, "(2004-2015).yr."),
        ("1. (drivers adj2 evidence).mp.", 1, None),
        ("1. drivex.ti.", 1, "drive*.ti."),
        ("1. manag*.ab.", 1, "manag*.mp."),
        ("1. drink*.mp. not driv*.mp.", 1, ""),
        ("1. zebra.ti.\n2. drink*.mp.\n3. 1 and 2", 1, None),
    ],
)
def test_the_smallest_change_is_one_with_which_the_strategy_finds_the_paper(
    e5: EvidenceIndex, tmp_path: Path, text: str, line: int, instead: str | None
) -> None:
    file = tmp_path / "known.ris"
    file.write_text(KNOWN)
    run = run_strategy(e5, read_strategy(text, dialect_name="ovid"))
    lost = recall(run, e5, read_papers(file)).papers[0]
    (change,) = lost.changes
    assert change.line == line
    if instead is not None:
        assert change.instead == instead
    if change.instead:
        row = text.splitlines()[line - 1]
        was = row.partition(". ")[2] if change.was not in row else change.was
        changed = text.replace(was, change.instead)
        if not was.startswith("limit"):
            assert (
                lost.record in run_strategy(e5, read_strategy(changed, dialect_name="ovid")).ids()
            )


def test_a_paper_that_not_excludes_is_told_so(e5: EvidenceIndex, tmp_path: Path) -> None:
    file = tmp_path / "known.ris"
    file.write_text(KNOWN)
    run = run_strategy(e5, read_strategy("1. drink*.mp. not driv*.mp.\n", dialect_name="ovid"))
    lost = recall(run, e5, read_papers(file)).papers[0]
    assert (lost.lost_by, lost.why) == (1, "it is excluded by driv*.mp.")


def test_of_lines_joined_by_or_the_one_nearest_to_the_paper_is_changed(
    e5: EvidenceIndex, tmp_path: Path
) -> None:
    file = tmp_path / "known.ris"
    file.write_text(KNOWN)
    text = "1. zebra.ti.\n2. giraffe.mp.\n3. drivex.ti.\n4. or/1-3\n5. drink*.mp.\n6. 4 and 5\n"
    run = run_strategy(e5, read_strategy(text, dialect_name="ovid"))
    lost = recall(run, e5, read_papers(file)).papers[0]
    assert (lost.lost_by, lost.why) == (4, "it is in none of or/1-3")
    assert [(c.line, c.instead) for c in lost.changes] == [(3, "drive*.ti.")]


@pytest.mark.parametrize("piece", ["(", "a or ", "NOT "])
def test_the_language_of_a_very_long_line_is_told_without_trying_all_ways(piece: str) -> None:
    assert strategies.strategy.recognised(f"1. {piece * 60_000}") in DIALECTS


def test_a_strategy_of_very_many_lines_is_refused_and_no_line_is_taken_for_another() -> None:
    lines = [f"{n}. prison" for n in range(1, 1001)]
    assert len(read_strategy("\n".join(lines[:-1])).lines) == 999
    for form in ("{}. prison", "{} prison", "{}\tprison"):
        with pytest.raises(StrategyError, match="expected at most 999 lines; found 1000"):
            read_strategy("\n".join(form.format(n) for n in range(1, 1001)))
    dated = read_strategy("1. prison\n2. drink AND\n2010 report")
    assert [line.text for line in dated.lines] == ["prison", "drink AND 2010 report"]


def test_reading_a_line_of_very_many_rows_is_linear_in_them() -> None:
    def read(rows: int) -> None:
        (line,) = read_strategy("1. prison" + "\nOR a" * rows).lines
        assert line.at(len(line.text) - 1) == (rows + 1, 4)

    assert is_linear(read, 100)
    with ceiling():
        read(extent(100_000))


UNCLOSED = ["[", "“", "A N5 ", "limit 1 to “", "MH a ", "'a b "]
OPERATORS = ["a NOT ", "a AND b OR c NOT ", "MH a ", "a NEAR/3 ", "a N3 ", "a W/3 ", "a adj3 "]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "piece"), sample([*product(DIALECTS, UNCLOSED)]))
def test_a_line_of_marks_that_nothing_closes_ends_soon(name: str, piece: str) -> None:
    text = piece * (extent(60_000) // len(piece))
    for read in (dialect(name).read, read_strategy):
        with ceiling(10), suppress(QueryError, StrategyError):  # too many operators of nearness
            read(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "piece"), sample([*product([n for n in DIALECTS if n != "ours"], OPERATORS)])
)
def test_thousands_of_operators_are_read_or_refused_in_one_line(
    e5: EvidenceIndex, name: str, piece: str
) -> None:
    refused = ""
    try:
        assert run_strategy(e5, read_strategy(f"1. {piece * 1500}a", dialect_name=name)).last
    except StrategyError as error:
        refused = str(error)
    assert re.fullmatch(r"(strategy:1: expected .* part the line into several)?", refused)


def test_what_concerns_every_search_is_said_once_of_a_strategy(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "lists.txt").write_text("<<<<<<< ours\n")
    index = EvidenceIndex(tmp_path / "corpus", tmp_path / "index")
    index.refresh()
    first, *others = run_strategy(index, read_strategy("1. prison\n2. drink\n3. 1 OR 2"))
    assert len([note for note in first.remarks if "lists.txt can't be read" in note]) == 1
    assert not any("lists.txt" in note for line in others for note in line.remarks)


def test_lines_that_double_are_refused_before_they_fill_the_memory(e5: EvidenceIndex) -> None:
    lines = ["1. prison*.mp.", "2. " + " or ".join("1" * 500), "3. 2 or 2 or 2"]
    lines += [f"{n}. {n - 1} or {n - 1}" for n in range(4, 100)]
    doubling = read_strategy("\n".join(lines), dialect_name="ovid")
    with pytest.raises(StrategyError, match=r"line 7: expected at most 20,000 words.*24,000"):
        run_strategy(e5, doubling)


def test_known_papers_that_cannot_be_read_are_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "empty.ris").write_text("")
    for path in (tmp_path / "nothing.ris", tmp_path / "empty.ris"):
        with pytest.raises(StrategyError, match="expected known papers"):
            read_papers(path)


def test_the_commands_check_and_hold_against_papers(run: Any, tmp_path: Path) -> None:
    (tmp_path / "strategy.txt").write_text("1. prison*.ti,ab.\n2. scotland.mp. and 1 or 7\n")
    (tmp_path / "known.ris").write_text(KNOWN)
    checked = run("run", "strategy.txt", "--check")
    assert "strategy.txt:2:" in checked.stdout
    assert "[no-such-line]" in checked.stdout
    judged = json.loads(run("recall", "strategy.txt", "known.ris", "--format", "json").stdout)
    assert len(judged["papers"]) == 3
    assert [line["number"] for line in judged["lines"]] == [1, 2]
    assert "not in the corpus" in run("recall", "strategy.txt", "known.ris").stdout
