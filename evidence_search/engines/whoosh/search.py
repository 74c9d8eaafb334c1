"""Answering requests from one state: a plan becomes scorers; matches are counted and ordered.

See :class:`evidence_search.engines.Ranking` for the formula.  Everything that
a score depends on counts live documents only, so that it doesn't depend on
the history of an index or on how documents are spread over segments.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Any

from evidence_search.engines import Found, Labelled
from evidence_search.engines.scorers import Scorer, best
from evidence_search.engines.scoring import Scorers, both
from evidence_search.engines.whoosh.schema import NO_NUMBER, SORT_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Ranking, Request
    from evidence_search.engines.plan import Node
    from evidence_search.engines.whoosh.reader import IndexReader


def search(reader: IndexReader, request: Request) -> Found:
    """Answer a request."""
    root, allowed = _matching(reader, request)
    kept = both(root.docs, allowed.values())
    last = None if request.limit is None else request.offset + request.limit
    page = _ordered(reader, root, kept, request.sort, last)[request.offset : last]
    hits = tuple((reader.id(n), root.score(n), reader.payload(n)) for n in page)
    return Found(len(kept), hits, _count(reader, root.docs, allowed, request.facets))


def stream(reader: IndexReader, request: Request) -> Iterator[tuple[str, float, str]]:
    """Yield all hits of a request in its order, payloads read as they are asked for."""
    root, allowed = _matching(reader, request)
    for n in _ordered(reader, root, both(root.docs, allowed.values()), request.sort, None):
        yield reader.id(n), root.score(n), reader.payload(n)


def labels(reader: IndexReader, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
    """Yield the matches of a request with what they have in some fields."""
    root, allowed = _matching(reader, request)
    tables = [reader.labels(field) for field in fields]
    for n in both(root.docs, allowed.values()):
        yield Labelled(reader.id(n), tuple(table.get(n, ()) for table in tables))


def _matching(
    reader: IndexReader, request: Request
) -> tuple[Scorer, Mapping[str, AbstractSet[int]]]:
    """Return the scorer of a request's plan, and what each of its filters lets through."""
    scorers = Scorers(reader, request.ranking)
    allowed = {name: scorers.of(node).docs for name, node in request.filters.items()}
    return scorers.of(request.tree), allowed


def among(reader: IndexReader, request: Request, names: Sequence[str]) -> frozenset[str]:
    """Return those of some documents that a request matches."""
    scorers = Scorers(reader, request.ranking)
    nodes = (request.tree, *request.filters.values())
    kept = both(scorers.of(nodes[0]).docs, [scorers.of(node).docs for node in nodes[1:]])
    numbers = reader.docnums(frozenset(names))
    return frozenset(name for name, n in numbers.items() if n in kept)


def explain(
    reader: IndexReader, node: Node, name: str, ranking: Ranking
) -> list[tuple[Node, float]]:
    """Return the scoring leaves of a plan that match a document, with their shares."""
    docnum = reader.docnum(name)
    return [] if docnum is None else [*Scorers(reader, ranking).shares(node, docnum, 1.0)]


def _ordered(
    reader: IndexReader, root: Scorer, kept: AbstractSet[int], sort: str, last: int | None
) -> list[int]:
    """Return the matches in order, at least the first ``last``: by what is asked, then id."""
    keyed: list[tuple[Any, int]]
    if last == 0:
        return []
    if sort == "relevance":
        keyed = [(-score, n) for score, n in best(root, kept, len(kept) if last is None else last)]
    elif sort in SORT_KEYS:
        keyed = [(reader.sort_key(n, sort), n) for n in kept]
    else:
        years, sign = reader.numbers("year"), -1 if sort == "newest" else 1
        keyed = [(math.inf if years[n] == NO_NUMBER else sign * years[n], n) for n in kept]
    if last is not None and last < len(keyed):
        worst = heapq.nsmallest(last, (key for key, _ in keyed))[-1]
        keyed = [pair for pair in keyed if pair[0] <= worst]
    return [n for _, _, n in sorted((key, reader.id(n), n) for key, n in keyed)]


def _count(
    reader: IndexReader,
    matches: AbstractSet[int],
    allowed: Mapping[str, AbstractSet[int]],
    facets: Sequence[str],
) -> dict[str, dict[str, int]]:
    """Count the labels of each facet over all matches, its own filter left aside."""
    bit_sets: dict[frozenset[str], int] = {}
    counts = {}
    for facet in facets:
        names = frozenset(allowed) - {facet}
        if names not in bit_sets:
            bit_sets[names] = reader.bits(both(matches, [allowed[name] for name in names]))
        bits = bit_sets[names]
        counted = ((label, (bits & mask).bit_count()) for label, mask in reader.facet(facet))
        counts[facet] = {label: count for label, count in counted if count}
    return counts
