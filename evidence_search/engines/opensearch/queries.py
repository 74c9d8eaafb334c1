"""A plan as a query of the cluster's, which matches the same documents.

Its scores only choose the candidates that are scored exactly afterwards.  They take nothing
from the cluster's statistics, which count deleted documents and differ from shard to
shard: what depends on the whole index, the idf of a leaf, is given.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from evidence_search.engines.fields import (
    ANY,
    ID,
    KIND,
    RECORD,
    label_field,
    number_field,
    text_field,
)
from evidence_search.engines.opensearch.documents import BETWEEN, term
from evidence_search.engines.plan import (
    Among,
    And,
    Boost,
    Boosting,
    Every,
    Label,
    Not,
    Or,
    Phrase,
    Proximity,
    Range,
    Synonyms,
    Term,
    children,
    wordings,
)
from evidence_search.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evidence_search.engines.plan import Node

Query = dict[str, Any]

EVERY: Query = {"bool": {"filter": [{"term": {KIND: RECORD}}]}}
"""The query of all documents, attached texts left aside."""
_HIGHEST = 9999
_MOST_CLAUSES = 900
"""Of a query with scores; a cluster takes 1,024, unless it is told to take more."""
_MOST_TERMS = 60_000
"""Of one clause of terms; a cluster takes 65,536, unless it is told otherwise."""
_LEAST = 1e-9
"""Of an idf: a weight has to be more than nothing."""


def query_of(node: Node, idf: Callable[[Node], float] | None = None) -> Query:
    """Return the query of a plan; without our idf of its leaves it only matches."""
    if isinstance(node, Term | Phrase | Synonyms):
        return _matching(node) if idf is None else _scoring(node, idf(node))
    if isinstance(node, Label | Among | Range):
        return only(_fact(node))
    if isinstance(node, Not):
        return {"bool": {**EVERY["bool"], "must_not": [query_of(node.child)]}}
    if isinstance(node, Or) and idf is None:
        return _any_matching(node)
    if isinstance(node, Boost):
        return _weighted(query_of(node.child, idf), node.weight)
    if isinstance(node, Boosting):
        required, preferred = (query_of(child, idf) for child in children(node))
        return {"bool": {"must": [required], "should": [preferred]}}
    parts = _counted(children(node), lambda child: query_of(child, idf))
    if isinstance(node, Every | And) or (isinstance(node, Proximity) and node.every and parts):
        return {"bool": {"must": parts}} if parts else EVERY
    return any_of(parts)


def choosing(node: Node, idf: Callable[[Node], float]) -> Query:
    """Return the query of a plan with scores that choose candidates.

    Each wording is a clause there.  Of a plan with more than a cluster takes, the documents
    that it matches are scored by fewer wordings of each part, those of most weight, and of more
    parts than that by the rarest.
    """
    leaves = [*leaves_of(node)]
    if sum(map(_clauses, leaves)) <= _MOST_CLAUSES:
        return query_of(node, idf)
    rarest = sorted(leaves, key=idf, reverse=True)[:_MOST_CLAUSES]
    counts = [*map(_clauses, rarest)]
    most = _MOST_CLAUSES
    while sum(min(count, most) for count in counts) > _MOST_CLAUSES:
        most -= 1
    scored = _counted(rarest, lambda leaf: _scoring(leaf, idf(leaf), most))
    return {"bool": {"filter": [query_of(node)], "should": scored}}


def _counted(nodes: Iterable[Node], query: Callable[[Node], Query]) -> list[Query]:
    """Return the query of each of some nodes; one that is there several times weighs as much.

    The cluster would make one clause of them, and its frequency count as many times, of which
    little is left where frequencies are saturated.
    """
    return [
        _weighted(query(node), count) if count > 1 else query(node)
        for node, count in Counter(nodes).items()
    ]


def leaves_of(node: Node) -> Iterator[Node]:
    """Yield the parts of a plan that scoring counts documents of."""
    if isinstance(node, Term | Phrase | Synonyms):
        yield node
    else:
        for child in children(node):
            yield from leaves_of(child)


def _clauses(leaf: Node) -> int:
    return sum(1 for _ in wordings(leaf))


def only(*queries: Query) -> Query:
    """Return the query of what all of some queries match, without scores."""
    return {"bool": {"filter": [*queries]}}


def any_of(queries: Iterable[Query]) -> Query:
    """Return the query of what any of some queries match; of none nothing."""
    parts = [*queries]
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return {"match_none": {}}
    return {"bool": {"should": parts, "minimum_should_match": 1}}


def any_wording(ways: Iterable[Node]) -> Query:
    """Return the query of what has any of some wordings, words of one field as one clause."""
    words: dict[str, list[str]] = {}
    others: list[Query] = []
    for way in ways:
        if isinstance(way, Term):
            words.setdefault(_field(way), []).append(term(way.text))
        else:
            others.append(_wording(way))
    return any_of([*({"terms": {field: found}} for field, found in words.items()), *others])


def _any_matching(node: Or) -> Query:
    """Return the query of what matches any child, the words of all as few clauses."""
    kinds = (Term, Phrase, Synonyms)
    ways = [
        way for child in node.children if isinstance(child, kinds) for way, _ in wordings(child)
    ]
    others = [query_of(child) for child in node.children if not isinstance(child, kinds)]
    return any_of([any_wording(ways), *others]) if ways else any_of(others)


def _matching(leaf: Node) -> Query:
    return any_wording(way for way, _ in wordings(leaf))


def _scoring(leaf: Node, idf: float, most: int | None = None) -> Query:
    """Return the query of a leaf by its wordings, or by ``most`` of them (default: all)."""
    heaviest = sorted(wordings(leaf), key=lambda way: -way[1])[:most]
    ways = [_wording(way, weight) for way, weight in heaviest]
    best = ways[0] if len(ways) == 1 else {"dis_max": {"queries": ways}}
    return _weighted(best, max(idf, _LEAST)) if ways else {"match_none": {}}


def _weighted(query: Query, weight: float) -> Query:
    if not weight:
        return only(query)
    return {"function_score": {"query": query, "functions": [{"weight": weight}], "boost": 1.0}}


def _wording(node: Node, weight: float = 1.0) -> Query:
    """Return the query of one way to say something; its frequency counts ``weight`` times."""
    if isinstance(node, Term):
        return _term(_field(node), node.text, weight)
    if isinstance(node, Phrase):
        return _phrase(node, weight)
    words = [word for child in children(node) for word, _ in wordings(child)]
    return {"bool": {"must": [_wording(word, weight) for word in words]}}


def _phrase(node: Phrase, weight: float) -> Query:
    field, words = _field(node), [*map(term, node.words)]
    if len(words) == 1:
        return _term(field, node.words[0], weight)
    if not node.slop:
        return {"match_phrase": {field: {"query": BETWEEN.join(words), "boost": weight}}}
    ordered = {
        "ordered": True,
        "max_gaps": node.slop,
        "intervals": [
            {"match": {"query": run, "ordered": True, "max_gaps": 0}}
            for run in _runs(words, node.gaps)
        ],
    }
    return {"intervals": {field: {"all_of": ordered, "boost": weight}}}


def _runs(words: Sequence[str], gaps: Sequence[int]) -> list[str]:
    """Return the words as runs between which others may stand: each alone without ``gaps``.

    Raises :class:`QueryError` where several gaps are limited, each by itself: the cluster's
    intervals are the shortest ones, of which the longer that would do are no part.
    """
    if sum(map(bool, gaps)) > 1:
        raise QueryError(
            "an index on OpenSearch can't search for nearness within nearness; join the two by "
            "AND, or use an index in a folder"
        )
    runs = [[words[0]]]
    for word, gap in zip(words[1:], gaps or [1] * len(words), strict=False):
        if gap:
            runs.append([word])
        else:
            runs[-1].append(word)
    return [BETWEEN.join(run) for run in runs]


def _fact(node: Label | Among | Range) -> Query:
    if isinstance(node, Among):
        return any_of(_named(sorted(node.ids)))
    if isinstance(node, Label):
        return _term(label_field(node.field), node.value)
    low, high = max(node.low or 0, 0), _HIGHEST if node.high is None else node.high
    between = {"gte": min(low, _HIGHEST + 1), "lte": max(min(high, _HIGHEST), -1)}
    return {"range": {number_field(node.field): between}}


def _named(ids: Sequence[str]) -> Iterator[Query]:
    for start in range(0, len(ids), _MOST_TERMS):
        yield {"terms": {ID: [*map(term, ids[start : start + _MOST_TERMS])]}}


def _term(field: str, text: str, weight: float = 1.0) -> Query:
    return {"term": {field: {"value": term(text), "boost": weight}}}


def _field(node: Term | Phrase) -> str:
    return ANY if node.field is None else text_field(node.field)
