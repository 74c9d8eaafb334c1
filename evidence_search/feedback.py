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
from evidence_search.engines.plan import (
    And,
    Boost,
    Boosting,
    Not,
    Or,
    Phrase,
    Proximity,
    Synonyms,
    Term,
    children,
)
from evidence_search.planning import Added
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.engines.plan import Node
    from evidence_search.planning import Plan

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
    size = _size(plan.node)
    if not size or not best:
        return plan
    model, surfaces = _model(best, analyzer)
    chosen = sorted(model, key=lambda token: (-model[token], token))[:TERMS]
    total = sum(model[token] for token in chosen)
    share = size * (1 - ORIGINAL) / ORIGINAL
    added = tuple(Boost(Term(token), share * model[token] / total) for token in chosen)
    own = _tokens(plan.node)
    said = tuple(Added("", surfaces[token], "feedback") for token in chosen if token not in own)
    return plan._replace(node=_with(plan.node, added), added=(*plan.added, *said))


def _with(node: Node, added: tuple[Boost, ...]) -> Node:
    if not _is_any_of(node):
        return Boosting(node, Or(added))
    if isinstance(node, Proximity):
        # Beside the words, so that nearness is worked out only for what may come first; an Or
        # of one is no word that could stand near another.
        return replace(node, children=(*node.children, *(Or((term,)) for term in added)))
    return Or((node, *added))


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


def _size(node: Node) -> int:
    """Return how many words the query has, as scores count them."""
    if isinstance(node, And | Or | Proximity | Boosting | Boost):
        return sum(map(_size, children(node)))
    return int(isinstance(node, Term | Phrase | Synonyms))


def _tokens(node: Node) -> set[str]:
    """Return the single words that the query has anyway."""
    if isinstance(node, Term):
        return {node.text}
    return set() if isinstance(node, Not) else set().union(*map(_tokens, children(node)))


def _is_any_of(node: Node) -> bool:
    """Tell whether the query asks for any of some words, in any field."""
    if isinstance(node, Or):
        return any(map(_is_any_of, node.children))
    if isinstance(node, Proximity):
        return not node.every
    return isinstance(node, Synonyms) or (isinstance(node, Term) and node.field is None)
