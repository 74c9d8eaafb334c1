"""What a plan means: the documents that it matches, by brute force over their tokens.

This is the one definition.  Every engine is tested against it, and ``explain``
holds a record against the parts of a query by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.engines.plan import (
    Among,
    And,
    Boosting,
    Every,
    Label,
    Not,
    Nothing,
    Phrase,
    Proximity,
    Range,
    Term,
    children,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.engines import Document
    from evidence_search.engines.plan import Node


def matches(node: Node, document: Document) -> bool:
    """Tell whether ``document`` matches ``node``."""
    if isinstance(node, Term):
        node = Phrase((node.text,), node.field)
    if isinstance(node, Phrase):
        fields = document.text if node.field is None else (node.field,)
        return any(_stand(node, document.text.get(field, ())) for field in fields)
    if isinstance(node, Label | Among | Range):
        return _has(node, document)
    if isinstance(node, Every | Nothing):
        return isinstance(node, Every)
    if isinstance(node, Not):
        return not matches(node.child, document)
    if isinstance(node, And) or (isinstance(node, Proximity) and node.every):
        return all(matches(child, document) for child in node.children)
    if isinstance(node, Boosting):
        return matches(node.required, document)
    return any(matches(child, document) for child in children(node))


def _has(fact: Label | Among | Range, document: Document) -> bool:
    """Tell whether what is known of a document beside its words is so."""
    if isinstance(fact, Label):
        return fact.value in document.labels.get(fact.field, ())
    if isinstance(fact, Among):
        return document.id in fact.ids
    number = document.numbers.get(fact.field)
    return number is not None and (fact.low or 0) <= number <= (fact.high or 9999)


def _stand(phrase: Phrase, tokens: Sequence[str]) -> bool:
    """Tell whether the words stand in order in ``tokens``, with at most so many between them."""
    first, *rest = phrase.words
    for start in (i for i, token in enumerate(tokens) if token == first):
        places, last = {start}, start + len(rest) + phrase.slop
        for word, gap in zip(rest, phrase.gaps or (phrase.slop,) * len(rest), strict=True):
            reached = (range(at + 1, min(at + 1 + gap, last) + 1) for at in places)
            places = {i for near in reached for i in near if i < len(tokens) and tokens[i] == word}
        if places:
            return True
    return False
