"""A plan as a query of tantivy's, which matches the same documents.

Its scores only choose the candidates that are scored exactly afterwards.  A phrase with
words between is not given to tantivy as that: its ``slop`` finds other orders too, so each
way to spread the words in between is a phrase of its own.
"""

from __future__ import annotations

import math
from itertools import accumulate, combinations, product
from typing import TYPE_CHECKING

from tantivy import FieldType, Occur, Query

from evidence_search.engines.fields import (
    ANY,
    ID,
    KIND,
    RECORD,
    label_field,
    number_field,
    text_field,
)
from evidence_search.engines.plan import (
    Among,
    And,
    Boost,
    Boosting,
    Every,
    Label,
    Not,
    Phrase,
    Proximity,
    Range,
    Synonyms,
    Term,
    children,
    wordings,
)
from evidence_search.engines.tantivy.rows import token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tantivy import Schema as TantivySchema

    from evidence_search.engines.plan import Node
    from evidence_search.engines.tantivy.rows import Rows

WAYS = 512
"""The most ways to spread words that one query asks for."""
_LEAST = 1e-6
"""The inverse document frequency that is divided by where it is 0, or nearly so."""


class Queries:
    """Makes queries of plans.

    ``idf`` gives our inverse document frequency of a leaf, and ``own_idf`` tantivy's of a token of
    a field, with which its scores come near ours; without them queries only match.  ``verified``
    makes a query of a phrase that can be spread in too many ways; ``rows`` are tokens.
    """

    def __init__(
        self,
        schema: TantivySchema,
        rows: Rows,
        verified: Callable[[Phrase], Query],
        idf: Callable[[Node], float] | None = None,
        own_idf: Callable[[str, str], float] | None = None,
    ) -> None:
        self._schema = schema
        self._rows = rows
        self._verified = verified
        self._idf = idf
        self._own_idf = own_idf

    def of(self, node: Node) -> Query:
        """Return the query of a plan."""
        if isinstance(node, Term | Phrase | Synonyms):
            return self._leaf(node)
        if isinstance(node, Label | Among | Range):
            return unscored(self._fact(node))
        parts = [self.of(child) for child in children(node)]
        if isinstance(node, Not):
            return all_of(self.every(), never=parts)
        if isinstance(node, Boost):
            return Query.boost_query(parts[0], node.weight)
        if isinstance(node, Boosting):
            return Query.boolean_query([(Occur.Must, parts[0]), (Occur.Should, parts[1])])
        if isinstance(node, Every | And) or (isinstance(node, Proximity) and node.every and parts):
            return all_of(*parts) if parts else self.every()
        return any_of(*parts)

    def every(self) -> Query:
        """Return the query of all documents."""
        return unscored(self._term(KIND, RECORD))

    def _leaf(self, node: Node) -> Query:
        ways = [*wordings(node)]
        if self._idf is None or self._own_idf is None:
            return any_of(*(self._wording(wording) for wording, _ in ways))
        ours = self._idf(node)
        weighted = []
        for wording, weight in ways:
            theirs = sum(self._own_idf(*token) for token in self.tokens(wording))
            factor = weight * ours / max(theirs, _LEAST)
            weighted.append(Query.boost_query(self._wording(wording), factor))
        return weighted[0] if len(weighted) == 1 else Query.disjunction_max_query(weighted)

    def _wording(self, node: Node) -> Query:
        if isinstance(node, Term):
            return self._term(field_of(node), node.text)
        if isinstance(node, Phrase):
            return self._phrase(node)
        return all_of(
            *(self._wording(word) for child in children(node) for word, _ in wordings(child))
        )

    def _phrase(self, node: Phrase) -> Query:
        field = field_of(node)
        if token := self.token(node):
            return self._term(field, token)
        gaps = len(node.words) - 1
        each = math.prod(gap + 1 for gap in node.gaps)
        if (each if node.gaps else math.comb(node.slop + gaps, gaps)) > WAYS:
            return self._verified(node)
        return any_of(
            *(
                Query.phrase_query(self._schema, field, [*zip(places, node.words, strict=True)])
                for places in (_parted(node.gaps) if node.gaps else _spread(gaps, node.slop))
            )
        )

    def token(self, leaf: Node) -> str:
        """Return the one token that finds a leaf in its field, "" where there's none."""
        if isinstance(leaf, Term):
            return leaf.text
        if isinstance(leaf, Phrase):
            if len(leaf.words) == 1:
                return leaf.words[0]
            if leaf.field is None and not leaf.slop and leaf.words in self._rows:
                return token_of(leaf.words)
        return ""

    def tokens(self, wording: Node) -> Iterator[tuple[str, str]]:
        """Yield the field and the text of each token that tantivy looks for to find a wording."""
        if isinstance(wording, Term | Phrase):
            token = self.token(wording)
            words = wording.words if isinstance(wording, Phrase) and not token else (token,)
            yield from ((field_of(wording), word) for word in words)
        for child in children(wording):
            yield from self.tokens(child)

    def _term(self, field: str, text: str) -> Query:
        return Query.term_query(self._schema, field, text)

    def _fact(self, node: Label | Among | Range) -> Query:
        if isinstance(node, Label):
            return self._term(label_field(node.field), node.value)
        if isinstance(node, Among):
            return Query.term_set_query(self._schema, ID, sorted(node.ids))
        return self._range(node)

    def _range(self, node: Range) -> Query:
        low, high = node.low or 0, 9999 if node.high is None else node.high
        if low > high:
            return Query.empty_query()
        field = number_field(node.field)
        return Query.range_query(self._schema, field, FieldType.Unsigned, max(low, 0), high)


def all_of(*queries: Query, never: list[Query] | None = None) -> Query:
    """Return the query of what all of some queries match, and none of others."""
    unwanted = [(Occur.MustNot, query) for query in never or ()]
    return Query.boolean_query([*((Occur.Must, query) for query in queries), *unwanted])


def any_of(*queries: Query) -> Query:
    """Return the query of what any of some queries match; of none nothing."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def unscored(query: Query) -> Query:
    """Return the query of the same documents, for which no score is worked out."""
    return Query.const_score_query(query, 0.0)


def field_of(node: Term | Phrase) -> str:
    """Return the name in tantivy of the field that a word or phrase is looked for in."""
    return ANY if node.field is None else text_field(node.field)


def _spread(gaps: int, slop: int) -> Iterator[tuple[int, ...]]:
    """Yield the places of words whose gaps have at most ``slop`` extra words in all."""
    for bars in combinations(range(slop + gaps), gaps):
        yield _places([bar - before - 1 for before, bar in zip((-1, *bars), bars, strict=False)])


def _parted(gaps: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the places of words that have at most so many extra words between each two."""
    return map(_places, product(*(range(gap + 1) for gap in gaps)))


def _places(extra: Iterable[int]) -> tuple[int, ...]:
    return tuple(accumulate((1 + words for words in extra), initial=0))
