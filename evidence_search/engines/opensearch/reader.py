"""One state of an index on a cluster: what it matches, counts and orders.

The cluster finds all that a plan matches, counts facets, and chooses candidates by its own
score; these are scored exactly from their tokens (:mod:`evidence_search.engines.scoring`)
and put in that order.  Behind them come the others as the cluster has them.

A state is the index of a concrete name, which nothing writes any more once it is sealed.
So pages fit together without the cluster's points in time, of which each would hold
memory there until it expires, and which a reader that is killed would leave behind.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Any

from evidence_search.engines import Found
from evidence_search.engines.candidates import WINDOW, Candidates, tiers, weighted_frequency
from evidence_search.engines.fields import (
    ATTACHMENT,
    CONTENT,
    ID,
    PAYLOAD,
    label_field,
    length_field,
    number_field,
)
from evidence_search.engines.opensearch import documents
from evidence_search.engines.opensearch.connection import errors
from evidence_search.engines.opensearch.queries import (
    EVERY,
    Query,
    any_wording,
    choosing,
    leaves_of,
    only,
    query_of,
)
from evidence_search.engines.scoring import Scorers, idf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from opensearchpy import OpenSearch

    from evidence_search.engines import Document, Labelled, Ranking, Request, Schema
    from evidence_search.engines.opensearch.connection import Location
    from evidence_search.engines.opensearch.states import State
    from evidence_search.engines.plan import Node

_AT_ONCE = 1000
"""Documents in one answer."""
_FURTHEST = 10_000
"""Hits that one request may skip or ask for; more are reached from the last one before."""
_LABELS = 8_000
"""Of a facet in one answer; the rest are asked for page by page."""
_SEARCHES = 100
"""Counts in one request."""
_REMEMBERED = 10_000
_NEIGHBOURS = 32
"""Attached texts with numbers that are asked for at once: the parts of a vocabulary, of 20 kB."""

_SCORED = [documents.TOKENS, documents.FACTS]
_WHOLE = [*_SCORED, PAYLOAD]
_SORTS: dict[str, list[dict[str, Any]]] = {
    "relevance": [{"_score": "desc"}],
    "newest": [{number_field("year"): {"order": "desc", "missing": "_last"}}],
    "oldest": [{number_field("year"): {"order": "asc", "missing": "_last"}}],
    "title": [{documents.TITLE: "asc"}],
    "place": [{documents.PLACE: "asc"}],
}
_BY_ID: list[dict[str, Any]] = [{ID: "asc"}]

Hit = dict[str, Any]


class Reader:
    """Answers from the index of one state, or of none; threads may share one."""

    def __init__(
        self,
        client: OpenSearch,
        location: Location,
        schema: Schema,
        state: State | None,
    ) -> None:
        self.client = client
        self.location = location
        self.schema = schema
        self.index = state.name if state else ""
        self.documents = state.documents if state else 0
        lengths = state.lengths if state else {}
        total = max(self.documents, 1)
        self.average_lengths = [lengths.get(name, 0) / total for name in schema.text]
        self._counts: OrderedDict[Node, float] = OrderedDict()
        self._ahead: dict[str, str] = {}

    # What is asked of the cluster

    def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a search, of all shards or none."""
        if not self.index:
            return {"hits": {"hits": [], "total": {"value": 0}}}
        with errors(self.location):
            answer: dict[str, Any] = self.client.search(
                index=self.index, body=body, params={"allow_partial_search_results": "false"}
            )
        return answer

    def count(self, queries: Sequence[Query]) -> list[int]:
        """Return how many documents each query matches."""
        if not self.index:
            return [0] * len(queries)
        counts: list[int] = []
        for start in range(0, len(queries), _SEARCHES):
            lines: list[Mapping[str, Any]] = []
            for query in queries[start : start + _SEARCHES]:
                body = {"size": 0, "track_total_hits": True, "query": only(query)}
                lines += [{"index": self.index, "allow_partial_search_results": False}, body]
            counts += [int(found["hits"]["total"]["value"]) for found in self._ask_all(lines)]
        return counts

    def _ask_all(self, lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        from opensearchpy.exceptions import HTTP_EXCEPTIONS, TransportError

        with errors(self.location):
            answers: list[dict[str, Any]] = self.client.msearch(body=lines)["responses"]
            for answer in answers:
                if "error" in answer:
                    status = answer.get("status", 500)
                    kind = HTTP_EXCEPTIONS.get(status, TransportError)
                    raise kind(status, str(answer["error"].get("type")), answer)
        return answers

    def found(
        self,
        query: Query,
        first: int,
        last: int | None,
        *,
        order: Sequence[Mapping[str, Any]] = (),
        fields: Sequence[str] = _WHOLE,
    ) -> Iterator[Hit]:
        """Yield the hits of a query from number ``first`` to before ``last``, ties by id."""
        body: dict[str, Any] = {
            "query": query,
            "sort": [*order, *_BY_ID],
            "track_total_hits": False,
        }
        at = 0
        if first + _AT_ONCE <= _FURTHEST:
            at, body["from"] = first, first
        while last is None or at < last:
            if at < first:
                size, body["_source"] = min(_FURTHEST, first - at), False
            else:
                left = _AT_ONCE if last is None else last - at
                size, body["_source"] = min(_AT_ONCE, left), [*fields]
            hits: list[Hit] = self.ask({**body, "size": size})["hits"]["hits"]
            if at >= first:
                yield from hits
            if len(hits) < size:
                return
            at += size
            body["search_after"] = hits[-1]["sort"]
            body.pop("from", None)

    # Scores

    def document_frequency(self, leaf: Node) -> float:
        """Return how many documents a leaf counts as; see :func:`.scorers.document_frequency`."""
        if leaf not in self._counts:
            self.learn(leaf)
        return self._counts[leaf]

    def learn(self, tree: Node) -> None:
        """Ask, in as few requests as can be, how many documents each leaf of a plan counts as."""
        unknown = [leaf for leaf in dict.fromkeys(leaves_of(tree)) if leaf not in self._counts]
        queries = [[any_wording(ways) for _, ways in tiers(leaf)] for leaf in unknown]
        counts = iter(self.count([query for several in queries for query in several]))
        while len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        for leaf, several in zip(unknown, queries, strict=True):
            self._counts[leaf] = weighted_frequency(leaf, [next(counts) for _ in several])

    def _idf(self, leaf: Node) -> float:
        return idf(self.document_frequency(leaf), self.documents)

    def scorers(self, page: Sequence[Hit], tree: Node, ranking: Ranking) -> Scorers:
        """Return what scores some documents, numbered as they are given."""
        sources = [hit["_source"] for hit in page]
        reader = Candidates(
            [*map(documents.tokens_of, sources)],
            lambda n: documents.document(sources[n], self.schema),
            tree, self.schema, self.documents, self.average_lengths,
        )  # fmt: skip
        return Scorers(reader, ranking, self.document_frequency)

    # Answers

    def search(self, request: Request) -> Found:
        """Answer a request."""
        if not self.index:
            return Found(0, (), {facet: {} for facet in request.facets})
        total, facets = self._totals(request)
        first = min(request.offset, total)
        last = total if request.limit is None else min(first + request.limit, total)
        hits = tuple(self.hits(request, first, last)) if first < last else ()
        return Found(total, hits, facets)

    def hits(
        self, request: Request, first: int, last: int | None
    ) -> Iterator[tuple[str, float, str]]:
        """Yield the hits of a request from number ``first`` to before ``last``, if there is one."""
        self.learn(request.tree)
        filters = map(query_of, request.filters.values())
        order = _SORTS[request.sort]
        if request.sort != "relevance":
            query = only(query_of(request.tree), *filters)
            yield from self._scored(self.found(query, first, last, order=order), request)
            return
        tree = choosing(request.tree, self._idf)
        query = {"bool": {"must": [tree], "filter": [*filters]}}
        if first < WINDOW:
            best = [*self.found(query, 0, WINDOW, order=order, fields=_SCORED)]
            scores = self._scores(best, request)
            ranked = sorted(
                (-score, documents.name_of(hit["_source"]))
                for score, hit in zip(scores, best, strict=True)
            )[first:last]
            payloads = self.fetch([name for _, name in ranked])
            yield from ((name, -score, payloads[name]) for score, name in ranked)
        beyond = max(first, WINDOW)
        yield from self._scored(self.found(query, beyond, last, order=order), request)

    def _scored(self, hits: Iterator[Hit], request: Request) -> Iterator[tuple[str, float, str]]:
        """Yield hits in the order that they have, each with its score."""
        while page := [*islice(hits, _AT_ONCE)]:
            for hit, score in zip(page, self._scores(page, request), strict=True):
                source = hit["_source"]
                yield documents.name_of(source), score, source[PAYLOAD]

    def _scores(self, page: Sequence[Hit], request: Request) -> list[float]:
        scorer = self.scorers(page, request.tree, request.ranking).of(request.tree)
        return [scorer.score(n) for n in range(len(page))]

    def _totals(self, request: Request) -> tuple[int, dict[str, dict[str, int]]]:
        """Count the matches, and the labels of each facet over them, its own filter left aside."""
        tree = query_of(request.tree)
        filters = {name: query_of(node) for name, node in request.filters.items()}
        allowed = {
            facet: only(*(query for name, query in filters.items() if name != facet))
            for facet in request.facets
        }
        body = {
            "size": 0,
            "track_total_hits": True,
            "query": only(tree),
            "aggs": {
                facet: {"filter": query, "aggs": {"labels": {"terms": _labels(facet)}}}
                for facet, query in allowed.items()
            },
        }
        if filters:
            body["post_filter"] = only(*filters.values())
        answer = self.ask(body)
        counts: dict[str, dict[str, int]] = {}
        for facet, query in allowed.items():
            found = answer["aggregations"][facet]["labels"]
            buckets = {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}
            if found["sum_other_doc_count"] or found["doc_count_error_upper_bound"]:
                buckets = dict(self._all_labels(only(tree, query), facet))
            counts[facet] = dict(sorted(buckets.items()))
        return int(answer["hits"]["total"]["value"]), counts

    def _all_labels(self, query: Query, facet: str) -> Iterator[tuple[str, int]]:
        """Yield the labels of a facet, page by page, and how many documents have each."""
        terms = {"terms": {"field": label_field(facet)}}
        pages: dict[str, Any] = {"size": _LABELS, "sources": [{"label": terms}]}
        while True:
            body = {"size": 0, "query": query, "aggs": {"labels": {"composite": pages}}}
            found = self.ask(body)["aggregations"]["labels"]
            for bucket in found["buckets"]:
                yield bucket["key"]["label"], bucket["doc_count"]
            if "after_key" not in found:
                return
            pages["after"] = found["after_key"]

    def labels(self, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
        """Yield the matches of a request with what they have in some fields."""
        query = only(*map(query_of, (request.tree, *request.filters.values())))
        for hit in self.found(query, 0, None, fields=[documents.FACTS]):
            yield documents.labelled(hit["_source"], fields)

    def among(self, request: Request, names: Sequence[str]) -> frozenset[str]:
        """Return those of some documents that a request matches."""
        asked = [*map(query_of, (request.tree, *request.filters.values()))]
        found: set[str] = set()
        for start in range(0, len(names), _FURTHEST):
            terms = [*map(documents.term, names[start : start + _FURTHEST])]
            found.update(self._names(only({"terms": {ID: terms}}, *asked)))
        return frozenset(found)

    def _names(self, query: Query) -> Iterator[str]:
        for hit in self.found(query, 0, None, fields=[f"{documents.FACTS}.id"]):
            yield documents.name_of(hit["_source"])

    def explain(self, tree: Node, name: str, ranking: Ranking) -> list[tuple[Node, float]]:
        """Return the scoring leaves of a plan that match a document, with their shares."""
        found = self._got([documents.record_name(name)], _SCORED)
        if not found:
            return []
        self.learn(tree)
        return [*self.scorers(found, tree, ranking).shares(tree, 0, 1.0)]

    def ids(self) -> list[str]:
        """Return the ids of all documents, sorted."""
        return sorted(self._names(EVERY))

    def fetch(self, names: Iterable[str]) -> dict[str, str]:
        """Return the payloads of those ids that exist."""
        fields = [f"{documents.FACTS}.id", PAYLOAD]
        found = self._got([*map(documents.record_name, names)], fields)
        sources = [hit["_source"] for hit in found]
        return {documents.name_of(made): made[PAYLOAD] for made in sources}

    def _got(self, names: Sequence[str], fields: Sequence[str]) -> list[Hit]:
        """Return the documents that exist of some, by their names there."""
        found: list[Hit] = []
        for start in range(0, len(names) if self.index else 0, _AT_ONCE):
            body = {"ids": [*names[start : start + _AT_ONCE]]}
            with errors(self.location):
                answer = self.client.mget(index=self.index, body=body, _source=[*fields])
            found += [hit for hit in answer["docs"] if hit.get("found")]
        return found

    def attachment(self, name: str) -> str:
        """Return the text attached under a name; ``""`` where there's none.

        With one of several that are numbered some of its neighbours come: who asks for one asks
        for others soon, and a request takes longer than what it brings.
        """
        if name not in self._ahead:
            names = _neighbours(name)
            found = self._got([*map(documents.attachment_name, names)], [documents.NAME, CONTENT])
            sources = [hit["_source"] for hit in found]
            brought = {made[documents.NAME]: documents.attached_text(made) for made in sources}
            self._ahead |= dict.fromkeys(names, "") | brought
        return self._ahead.pop(name, "")

    def attachments(self, prefix: str) -> dict[str, str]:
        """Return the texts attached under names that begin with ``prefix``, by the rest of it."""
        query = only({"prefix": {ATTACHMENT: {"value": prefix}}})
        fields = [documents.NAME, CONTENT]
        order = [{ATTACHMENT: "asc"}]
        made = [hit["_source"] for hit in self.found(query, 0, None, order=order, fields=fields)]
        return {
            source[documents.NAME].removeprefix(prefix): documents.attached_text(source)
            for source in made
        }

    def contents(self) -> Iterator[Document]:
        """Yield every document as the index has it."""
        for hit in self.found(EVERY, 0, None):
            yield documents.document(hit["_source"], self.schema)

    def count_all(self, names: Sequence[str] | None = None) -> int:
        """Return how many documents the index has, attached texts among them, or of some names."""
        if names is None:
            return self.count([{"match_all": {}}])[0]
        steps = range(0, len(names), _FURTHEST)
        return sum(self.count([{"ids": {"values": [*names[at : at + _FURTHEST]]}} for at in steps]))

    def size(self) -> int:
        """Return how many bytes the files have, copies of shards left aside."""
        if not self.index:
            return 0
        with errors(self.location):
            found = self.client.indices.stats(index=self.index, metric="store")
        return int(found["_all"]["primaries"]["store"]["size_in_bytes"])

    def lengths(self) -> tuple[int, dict[str, int]]:
        """Return how many documents there are, and how many tokens in each of their text fields."""
        sums = {name: {"sum": {"field": length_field(name)}} for name in self.schema.text}
        answer = self.ask({"size": 0, "track_total_hits": True, "query": EVERY, "aggs": sums})
        found = answer.get("aggregations")
        lengths = {name: int(found[name]["value"]) if found else 0 for name in self.schema.text}
        return int(answer["hits"]["total"]["value"]), lengths


def _labels(facet: str) -> dict[str, Any]:
    return {"field": label_field(facet), "size": _LABELS}


def _neighbours(name: str) -> list[str]:
    """Return the names of the attached texts that come with one: of numbered ones several."""
    stem, _, number = name.rpartition("/")
    if not number.isdecimal():
        return [name]
    first = int(number) // _NEIGHBOURS * _NEIGHBOURS
    return [f"{stem}/{n}" for n in range(first, first + _NEIGHBOURS)]
