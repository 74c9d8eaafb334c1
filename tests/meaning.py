"""What a tree means: the set of documents it matches, by brute force over their tokens."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

from evidence_search import trees as t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.engines import Document


def matches(tree: t.Tree, document: Document) -> bool:  # noqa: PLR0911 - one for each node
    """Tell whether ``document`` matches ``tree``."""
    if isinstance(tree, t.Term | t.Phrase):
        words = (tree.text,) if isinstance(tree, t.Term) else tree.words
        slop = 0 if isinstance(tree, t.Term) else tree.slop
        fields = document.text if tree.field is None else (tree.field,)
        return any(_stand(words, slop, document.text.get(field, ())) for field in fields)
    if isinstance(tree, t.Label):
        return tree.value in document.labels.get(tree.field, ())
    if isinstance(tree, t.Range):
        number = document.numbers.get(tree.field)
        return number is not None and (tree.low or 0) <= number <= (tree.high or 9999)
    if isinstance(tree, t.And) or (isinstance(tree, t.Near) and tree.every):
        return all(matches(child, document) for child in tree.children)
    if isinstance(tree, t.Or | t.Best | t.Near):
        return any(matches(child, document) for child in tree.children)
    if isinstance(tree, t.Optional):
        return matches(tree.required, document)
    if isinstance(tree, t.Boost):
        return matches(tree.child, document)
    if isinstance(tree, t.Not):
        return not matches(tree.child, document)
    return isinstance(tree, t.Every)


def _stand(words: tuple[str, ...], slop: int, tokens: Sequence[str]) -> bool:
    places = [[i for i, token in enumerate(tokens) if token == word] for word in words]
    return any(
        all(a < b for a, b in pairwise(run)) and run[-1] - run[0] + 1 - len(words) <= slop
        for run in product(*places)
    )
