"""The two trees are each walked and rewritten in one way, and what is asked is defined once."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.engines import Document, plan
from evidence_search.engines.matching import matches
from evidence_search.query import parse, syntax
from tests.test_engines import GAPPED, PHRASES, TOKENS, TREES


@given(TREES)
def test_a_plan_rewritten_by_its_own_parts_is_the_same(node: plan.Node) -> None:
    assert plan.rewrite(node, lambda child: child) == node


@given(TREES)
def test_a_rewritten_plan_has_the_new_parts_in_their_old_places(node: plan.Node) -> None:
    rewritten = plan.rewrite(node, lambda _: plan.Nothing())
    assert plan.children(rewritten) == (plan.Nothing(),) * len(plan.children(node))


@pytest.mark.parametrize(
    "text", ["a b", "a AND b NOT c", "+a b", "(a OR b) NEAR/3 c", "title:a", '"a b"', ""]
)
def test_a_syntax_tree_is_walked_and_rewritten_wherever_it_has_words(text: str) -> None:
    def renamed(tree: syntax.Tree) -> syntax.Tree:
        if isinstance(tree, syntax.Term):
            return syntax.Term("x", tree.field)
        return syntax.rewrite(tree, renamed)

    tree = parse(text).tree
    changed = renamed(tree)
    assert [type(node) for node in syntax.walk(changed)] == [
        type(node) for node in syntax.walk(tree)
    ]
    assert all(n.text == "x" for n in syntax.walk(changed) if isinstance(n, syntax.Term))


@given(st.one_of(PHRASES, GAPPED), TOKENS)
def test_a_phrase_matches_where_any_choice_of_its_words_is_in_order_and_near_enough(
    phrase: plan.Phrase, tokens: list[str]
) -> None:
    places = [[i for i, token in enumerate(tokens) if token == word] for word in phrase.words]
    stands = any(
        all(a < b for a, b in pairwise(run))
        and run[-1] - run[0] + 1 <= len(phrase.words) + phrase.slop
        and all(b - a - 1 <= gap for (a, b), gap in zip(pairwise(run), phrase.gaps, strict=False))
        for run in product(*places)
    )
    document = Document("1", {phrase.field or "title": tokens})
    assert matches(phrase, document) == stands
