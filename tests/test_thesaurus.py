"""A thesaurus: how a query is mapped onto it, what is added, and what the linter doubts."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.analysis import Analyzer, words
from evidence_search.errors import ThesaurusError
from evidence_search.evaluation import evaluate, read_topics
from evidence_search.index import EvidenceIndex
from evidence_search.thesaurus import Compiled
from evidence_search.thesaurus.compiling import compile_thesaurus
from evidence_search.thesaurus.linting import lint
from evidence_search.thesaurus.reading import read_thesaurus

if TYPE_CHECKING:
    from evidence_search.records import Problem

ROOT = Path(__file__).parent.parent
TOPICS = ROOT / "tests" / "topics"
ANALYZER = Analyzer()
FIELD = """
[[concept]]
preferred = "prison"
synonyms = ["jail", "behind bars", "through-the-gate"]

[[concept]]
preferred = "child protection"
synonyms = ["child abuse", "children in need"]
narrower = ["kinship care"]
related = ["prison"]

[[concept]]
preferred = "children"
synonyms = ["kids"]
entry = ["little ones"]

[[concept]]
preferred = "kinship care"
synonyms = ["raised by grandparents"]

[[concept]]
preferred = "reintegration of prisoners"
synonyms = ["release from prison", "support after prison", "re-entry"]

[[concept]]
preferred = "World Health Organization"
capitals = ["WHO"]
"""


KNOWN = frozenset(ANALYZER.tokens(FIELD))


def normalise(term: str) -> tuple[str, ...]:
    return tuple(ANALYZER.tokens(term))


def compiled(text: str = FIELD) -> Compiled:
    return compile_thesaurus(read_thesaurus(text, "thesaurus.toml"), normalise)


def mapped(query: str, text: str = FIELD) -> list[tuple[str, str]]:
    """Return the words that mean a concept, each with the concept's preferred term."""
    typed = [query[start:end] for _, start, end in words(query)]
    preferred = [concept.preferred for concept in read_thesaurus(text, "").concepts]
    return [
        (" ".join(typed[start:end]), preferred[concept])
        for start, end, concept in compiled(text).map(ANALYZER.tokens(query), typed)
    ]


def problems(text: str) -> list[Problem]:
    return lint(read_thesaurus(text, "thesaurus.toml"), "thesaurus.toml", normalise)


def added(query: str, vocabulary: frozenset[str] | None = None) -> dict[str, str]:
    thesaurus = compiled()
    typed = [query[start:end] for _, start, end in words(query)]
    return {
        expansion.text: expansion.kind
        for _, _, concept in thesaurus.map(ANALYZER.tokens(query), typed)
        for expansion in thesaurus.expansions(concept, vocabulary or KNOWN)
    }


# Everyday queries


def test_everyday_queries_find_what_they_mean(e5: EvidenceIndex) -> None:
    everyday = evaluate(e5, read_topics(TOPICS / "alcohol-e5.tsv"))
    assert not everyday.unknown
    assert everyday.mean.ndcg > 0.94


def test_everyday_queries_find_what_they_mean_in_other_cells(tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(TOPICS / "cells", tmp_path / "corpus"))
    shutil.copy(ROOT / "corpus" / "thesaurus.toml", corpus)
    index = EvidenceIndex(corpus, tmp_path / "index")
    index.refresh()
    for cell, least in (("drug-a3", 0.91), ("alcohol-d2", 0.85)):
        everyday = evaluate(index, read_topics(TOPICS / f"{cell}.tsv"))
        assert not everyday.unknown
        assert everyday.mean.ndcg > least, cell


def test_the_bundled_thesaurus_has_nothing_to_doubt() -> None:
    text = (ROOT / "corpus" / "thesaurus.toml").read_text(encoding="utf-8")
    assert len(read_thesaurus(text, "thesaurus.toml").concepts) > 400
    assert problems(text) == []


# Mapping


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("jails", [("jails", "prison")]),
        ("Abused kids behind bars", [("Abused kids", "child protection"),
                                     ("behind bars", "prison")]),
        ("abuse of children", [("abuse of children", "child protection")]),
        ("children’s abuse", [("children s abuse", "child protection")]),
        ("little ones", [("little ones", "children")]),
        ("through the gate", [("through the gate", "prison")]),
        ("the gate", []),
        ("released from jail", [("released from jail", "reintegration of prisoners")]),
        ("prison support", [("prison", "prison")]),
        ("reentry", [("reentry", "reintegration of prisoners")]),
        ("re entry", [("re entry", "reintegration of prisoners")]),
        ("WHO advice", [("WHO", "World Health Organization")]),
        ("who advises", []),
        ("child or abuse", [("child", "children")]),
        ("", []),
    ],
)  # fmt: skip
def test_words_mean_the_longest_term_however_it_is_put(
    query: str, expected: list[tuple[str, str]]
) -> None:
    assert [(words.replace("’", " "), name) for words, name in mapped(query)] == expected


@given(st.permutations(["abuse", "of", "children"]))
def test_the_order_of_the_words_does_not_matter(order: list[str]) -> None:
    thesaurus = compiled()
    found = thesaurus.map(ANALYZER.tokens(" ".join(order)), order)
    assert any(concept == 1 for _, _, concept in found)


@given(
    st.lists(
        st.sampled_from(normalise("prison child abuse of after release jail kid who")), max_size=9
    )
)
def test_no_word_means_two_concepts_and_the_longest_term_wins(tokens: list[str]) -> None:
    thesaurus = compiled()
    found = thesaurus.map(tokens, tokens)
    for a, b in itertools.pairwise(found):
        assert a.end <= b.start
    for start, end, _ in found:
        assert 0 <= start < end <= len(tokens)
    longest = max((end - start for start, end, _ in found), default=0)
    alone = {
        end - start
        for start in range(len(tokens))
        for end in range(start + 1, len(tokens) + 1)
        for s, e, _ in thesaurus.map(tokens[start:end], tokens[start:end])
        if (s, e) == (0, end - start)
    }
    assert longest <= max(alone, default=0)


# What is added


def test_synonyms_narrower_and_related_terms_are_added_but_entry_terms_are_not() -> None:
    assert added("child protection") == {
        "child protection": "synonym",
        "child abuse": "synonym",
        "children in need": "synonym",
        "kinship care": "narrower",
        "raised by grandparents": "narrower",
        "prison": "related",
        "jail": "related",
        "behind bars": "related",
        "through-the-gate": "related",
    }
    assert "little ones" not in added("kids")


def test_only_terms_that_the_corpus_may_have_are_added() -> None:
    assert added("jail", frozenset(normalise("prison behind bars"))) == {
        "prison": "synonym",
        "behind bars": "synonym",
    }


def test_a_compiled_thesaurus_survives_being_stored() -> None:
    thesaurus = compiled()
    again = Compiled.from_text(thesaurus.to_text())
    assert again.to_text() == thesaurus.to_text()
    assert again.map(["jail"], ["jail"]) == thesaurus.map(["jail"], ["jail"])


# Reading and checking


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[concept]]\npreferred = a", "thesaurus.toml:2: expected TOML"),
        ('title = "x"', "expected only .*found title"),
        ('[[concept]]\nname = "a"', "thesaurus.toml:1: expected preferred, .*found 'name'"),
        ("[[concept]]\npreferred = 1", "thesaurus.toml:1: expected preferred = "),
        ('\n[[concept]]\npreferred = "a"\nsynonyms = "b"', "thesaurus.toml:2: expected synonyms"),
    ],
)
def test_a_file_that_is_no_thesaurus_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ThesaurusError, match=message):
        read_thesaurus(text, "thesaurus.toml")


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        (['preferred = "jail"', 'entry = [', '  "x",', '  "JAILS",', ']'], "duplicate-term", 5),
        (['preferred = "jail"', 'entry = ["kids"]'], "shadowed-term", 3),
        (['preferred = "jail"', 'entry = ["abuse of a child"]'], "shadowed-term", 3),
        (['preferred = "children"', 'entry = ["x"]'], "duplicate-concept", 2),
        (['preferred = "jail"'], "empty-concept", 2),
        (['preferred = "jail"', 'synonyms = ["services"]'], "broad-term", 3),
        (['preferred = "jail"', 'synonyms = ["on and off"]'], "no-word", 3),
        (['preferred = "jail"', f'entry = ["{"x " * 13}"]'], "long-term", 3),
        (['preferred = "jail"', 'acronyms = ["HOPE"]'], "acronym-is-word", 3),
        (['preferred = "jail"', 'capitals = ["H O"]'], "not-capitals", 3),
        (['preferred = "jail"', 'narrower = [', '"gaol"]'], "unknown-concept", 4),
        (['preferred = "jail"', 'narrower = ["jail"]'], "cycle", 2),
        (['preferred = "jail"', 'related = ["jail"]'], "cycle", 2),
        (['preferred = "jail"', 'narrower = ["children"]', 'related = ["children"]'],
         "related-twice", 3),
    ],
)  # fmt: skip
def test_the_linter_names_the_line_of_what_it_doubts(
    lines: list[str], code: str, line: int
) -> None:
    known = """[[concept]]
preferred = "children"
synonyms = ["kids"]

[[concept]]
preferred = "child protection"
synonyms = ["child abuse"]
"""
    assert problems(known) == []
    found = problems("\n".join([known, "[[concept]]", *lines]))
    after = known.count("\n") + 1
    assert (code, line) in {(p.code, p.source.line - after) for p in found}
