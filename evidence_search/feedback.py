"""Pseudo-relevance feedback: the telling words of the best records are searched too.

RM3 (Abdul-Jaleel and others, "UMass at TREC 2004"): the first records are
taken for relevant; a word weighs the mean, over them, of its share of the
record's words, each record by its score; the query keeps ``ORIGINAL`` of the
whole weight.  The records' texts are analysed again, so an engine needn't
keep term vectors.

It finds what uses other words, and drifts where the first records are wrong:
an option, off by default.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from evidence_search.analysis import STOP_WORDS, words
from evidence_search.planning import Added
from evidence_search.trees import And, Best, Boost, Near, Optional, Or, Phrase, Term
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.planning import Plan
    from evidence_search.trees import Tree

RECORDS = 10
TERMS = 40
ORIGINAL = 0.7
"""How many records are taken for relevant, how many of their words are added, and the share of
the weight that the query keeps: the values of the literature."""


def expanded(plan: Plan, best: Sequence[tuple[float, str]], analyzer: Analyzer) -> Plan:
    """Return the plan with the words of the best records, given as score and text.

    A query of alternatives finds records that have only added words, too; any
    other finds the same records in a new order.
    """
    size = _size(plan.tree)
    if not size or not best:
        return plan
    model, surfaces = _model(best, analyzer)
    chosen = sorted(model, key=lambda token: (-model[token], token))[:TERMS]
    total = sum(model[token] for token in chosen)
    share = size * (1 - ORIGINAL) / ORIGINAL
    added = tuple(Boost(Term(token), share * model[token] / total) for token in chosen)
    own = _tokens(plan.tree)
    said = tuple(Added("", surfaces[token], "feedback") for token in chosen if token not in own)
    return plan._replace(tree=_with(plan.tree, added), added=(*plan.added, *said))


def _with(tree: Tree, added: tuple[Boost, ...]) -> Tree:
    if not _is_any_of(tree):
        return Optional(tree, Or(added))
    if isinstance(tree, Near):
        # Beside the words, so that nearness is worked out only for what may come first; an Or
        # of one is no word that could stand near another.
        return replace(tree, children=(*tree.children, *(Or((term,)) for term in added)))
    return Or((tree, *added))


def _model(
    best: Sequence[tuple[float, str]], analyzer: Analyzer
) -> tuple[dict[str, float], dict[str, str]]:
    """Return the weight of each token, and the commonest of the words that it stands for."""
    model: dict[str, float] = {}
    written: dict[str, Counter[str]] = {}
    for score, text in best:
        telling = [s for s, _, _ in words(text) if s not in STOP_WORDS and len(s) > 1]
        for surface in telling:
            token = analyzer.stem(surface)
            model[token] = model.get(token, 0.0) + score / len(telling)
            written.setdefault(token, Counter())[surface] += 1
    surfaces = {t: min(c, key=lambda s: (-c[s], s)) for t, c in written.items()}
    return model, surfaces


def _size(tree: Tree) -> int:
    """Return how many words the query has, as scores count them."""
    if isinstance(tree, And | Or | Near):
        return sum(_size(child) for child in tree.children)
    if isinstance(tree, Optional):
        return _size(tree.required) + _size(tree.bonus)
    if isinstance(tree, Boost):
        return _size(tree.child)
    return int(isinstance(tree, Term | Phrase | Best))


def _tokens(tree: Tree) -> set[str]:
    """Return the single words that the query has anyway."""
    if isinstance(tree, And | Or | Near | Best):
        return set().union(*map(_tokens, tree.children))
    if isinstance(tree, Optional):
        return _tokens(tree.required) | _tokens(tree.bonus)
    if isinstance(tree, Boost):
        return _tokens(tree.child)
    return {tree.text} if isinstance(tree, Term) else set()


def _is_any_of(tree: Tree) -> bool:
    """Tell whether the query asks for any of some words, in any field."""
    if isinstance(tree, Or):
        return any(map(_is_any_of, tree.children))
    if isinstance(tree, Near):
        return not tree.every
    return isinstance(tree, Best) or (isinstance(tree, Term) and tree.field is None)
