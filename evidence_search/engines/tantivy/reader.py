"""One state of an index on tantivy: what it matches, counts and orders.

tantivy finds all that a plan matches, counts facets, and chooses candidates by its own
score; these are scored exactly from their tokens (:mod:`evidence_search.engines.scoring`)
and put in that order.  Behind them come the others as tantivy has them.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Order, Query

from evidence_search.engines import Found
from evidence_search.engines.candidates import WINDOW, Candidates, tiers, weighted_frequency
from evidence_search.engines.fields import ATTACHMENT, ID, KIND, RECORD, label_field, length_field
from evidence_search.engines.matching import matches
from evidence_search.engines.plan import And, Every, Phrase, Term
from evidence_search.engines.scoring import Scorers, idf
from evidence_search.engines.tantivy import documents
from evidence_search.engines.tantivy.queries import Queries, all_of, any_of, field_of, unscored
from evidence_search.engines.tantivy.rows import ROWS, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tantivy import Document as TantivyDocument
    from tantivy import Schema as TantivySchema
    from tantivy import Searcher

    from evidence_search.engines import Document, Labelled, Ranking, Request, Schema
    from evidence_search.engines.plan import Node

_BUCKETS = 65_000
"""The most labels that tantivy counts at once."""
_REMEMBERED = 10_000
_AT_ONCE = 500
"""Documents that are read before the first of them is handed out."""


class Reader:
    """Answers from one state; threads may share one."""

    def __init__(self, searcher: Searcher, fields: TantivySchema, schema: Schema) -> None:
        self.searcher = searcher
        self.schema = schema
        self._fields = fields
        self.rows = Rows.from_text(self.attachment(ROWS))
        self._matching = Queries(fields, self.rows, self._verified)
        self._scoring = Queries(fields, self.rows, self._verified, self._idf, self._own_idf)
        self._counts: OrderedDict[Node, float] = OrderedDict()

    def query(self, tree: Node, filters: Iterable[Node] = ()) -> Query:
        """Return what matches a plan and all filters."""
        return _restricted(self._matching.of(tree), map(self._matching.of, filters))

    @cached_property
    def documents(self) -> int:
        """How many documents there are."""
        return self.count(self._matching.every())

    @cached_property
    def average_lengths(self) -> list[float]:
        """The mean number of tokens of each text field."""
        names = self.schema.text
        sums = {name: {"sum": {"field": length_field(name)}} for name in names}
        found = self.searcher.aggregate(self._matching.every(), sums) if self.documents else {}
        total = max(self.documents, 1)
        return [float(found.get(name, {}).get("value") or 0.0) / total for name in names]

    def count(self, query: Query) -> int:
        """Return how many documents a query matches."""
        # A result counts too, which tantivy's types don't say.
        result: Any = self.searcher.search(unscored(query), 1, count=True)
        return int(result.count)

    def found(
        self, query: Query, limit: int, offset: int = 0, by: str = ""
    ) -> Iterator[TantivyDocument]:
        """Yield documents that a query matches, best first, or in the order of a field."""
        if limit < 1:
            return
        if by:
            result = self.searcher.search(
                query, limit, count=False, offset=offset, order_by_field=by, order=Order.Asc
            )
        else:
            result = self.searcher.search(query, limit, count=False, offset=offset)
        yield from self._read(result)

    def _read(self, result: Any) -> Iterator[TantivyDocument]:
        for _, address in result.hits:
            yield self.searcher.doc(address)

    def all(self, query: Query) -> Iterator[TantivyDocument]:
        """Yield all documents that a query matches."""
        return self.found(query, self.searcher.num_docs)

    def named(self, names: Iterable[str]) -> Query:
        """Return the query of documents by their ids."""
        return Query.term_set_query(self._fields, ID, [*names])

    def attachment(self, name: str) -> str:
        """Return the text attached under a name, ``""`` where there's none."""
        found = [*self.found(Query.term_query(self._fields, ATTACHMENT, name), 1)]
        return documents.attachment_of(found[0])[1] if found else ""

    def _verified(self, phrase: Phrase) -> Query:
        """Return what matches a phrase, found by looking through the tokens of all it might."""
        words = And(tuple(Term(word, phrase.field) for word in dict.fromkeys(phrase.words)))
        likely = (documents.document(made, self.schema) for made in self.all(self.query(words)))
        return self.named(document.id for document in likely if matches(phrase, document))

    # Scores

    def document_frequency(self, leaf: Node) -> float:
        """Return how many documents a leaf counts as; see :func:`.scorers.document_frequency`."""
        if isinstance(leaf, Term | Phrase) and not self._deleted:
            if token := self._matching.token(leaf):
                return float(self.searcher.doc_freq(field_of(leaf), token))
        known = self._counts.get(leaf)
        if known is None:
            counts = [self.count(any_of(*map(self._matching.of, ways))) for _, ways in tiers(leaf)]
            known = weighted_frequency(leaf, counts)
            self._counts[leaf] = known
            while len(self._counts) > _REMEMBERED:
                self._counts.popitem(last=False)
        return known

    @cached_property
    def _deleted(self) -> bool:
        """Whether tantivy's own frequencies count documents that are there no more."""
        return int(self.searcher.doc_freq(KIND, RECORD)) != self.documents

    def _idf(self, leaf: Node) -> float:
        return idf(self.document_frequency(leaf), self.documents)

    def _own_idf(self, field: str, token: str) -> float:
        """Return tantivy's idf of a token, of what is deleted too."""
        return idf(self.searcher.doc_freq(field, token), self.documents)

    def scorers(self, page: Sequence[TantivyDocument], tree: Node, ranking: Ranking) -> Scorers:
        """Return what scores some documents, numbered as they are given."""
        tokens = [*map(documents.tokens_of, page)]
        total, lengths = self.documents, self.average_lengths
        reader = Candidates(
            tokens, lambda n: documents.document(page[n], self.schema), tree, self.schema, total,
            lengths,
        )  # fmt: skip
        return Scorers(reader, ranking, self.document_frequency)

    # Answers

    def search(self, request: Request) -> Found:
        """Answer a request."""
        best = None
        if request.sort == "relevance" and request.offset < WINDOW and request.limit != 0:
            best, total = self._candidates(request)  # counted while they are chosen
        else:
            total = self.count(self.query(request.tree, request.filters.values()))
        first = min(request.offset, total)
        last = total if request.limit is None else min(first + request.limit, total)
        hits = tuple(self.hits(request, first, last, best)) if first < last else ()
        return Found(total, hits, self._facets(request))

    def _chosen(self, request: Request) -> Query:
        """Return what matches a request, scored so that the best by our scores come first."""
        return _restricted(
            self._scoring.of(request.tree), map(self._matching.of, request.filters.values())
        )

    def _candidates(self, request: Request) -> tuple[list[TantivyDocument], int]:
        """Return the first by tantivy's own score, and how many match."""
        result: Any = self.searcher.search(self._chosen(request), WINDOW, count=True)
        return [*self._read(result)], int(result.count)

    def hits(
        self,
        request: Request,
        first: int,
        last: int,
        best: Sequence[TantivyDocument] | None = None,
    ) -> Iterator[tuple[str, float, str]]:
        """Yield the hits of a request from number ``first`` to before ``last``, at most.

        ``best`` are the candidates, where they are known.
        """
        if request.sort != "relevance":
            query = self.query(request.tree, request.filters.values())
            by = documents.sort_field(request.sort)
            yield from self._scored(self.found(query, last - first, first, by), request)
            return
        if first < WINDOW:
            best = self._candidates(request)[0] if best is None else best
            scores = self._scores(best, request)
            order = sorted(range(len(best)), key=lambda n: (-scores[n], documents.name_of(best[n])))
            yield from (_hit(best[n], scores[n]) for n in order[first:last])
        beyond = max(first, WINDOW)
        if beyond < last:
            others = self.found(self._chosen(request), last - beyond, beyond)
            yield from self._scored(others, request)

    def _scored(
        self, found: Iterator[TantivyDocument], request: Request
    ) -> Iterator[tuple[str, float, str]]:
        """Yield documents in the order that they have as hits, each with its score."""
        while page := [*islice(found, _AT_ONCE)]:
            yield from map(_hit, page, self._scores(page, request))

    def _scores(self, page: Sequence[TantivyDocument], request: Request) -> list[float]:
        scorer = self.scorers(page, request.tree, request.ranking).of(request.tree)
        return [scorer.score(n) for n in range(len(page))]

    def _facets(self, request: Request) -> dict[str, dict[str, int]]:
        """Count the labels of each facet over all matches, its own filter left aside."""
        groups: dict[frozenset[str], list[str]] = {}
        for facet in request.facets:
            groups.setdefault(frozenset(request.filters) - {facet}, []).append(facet)
        counts: dict[str, dict[str, int]] = {}
        for names, facets in groups.items():
            query = self.query(request.tree, (request.filters[name] for name in names))
            counts |= self._labels(query, facets)
        return {facet: counts[facet] for facet in request.facets}

    def _labels(self, query: Query, facets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Count the labels of some facets over all that a query matches."""
        fields = {facet: label_field(facet) for facet in facets}
        found = self.searcher.aggregate(
            query,
            {
                facet: {"terms": {"field": field, "size": _BUCKETS, "segment_size": _BUCKETS}}
                for facet, field in fields.items()
            },
        )
        counts: dict[str, dict[str, int]] = {}
        for facet, field in fields.items():
            labels = [(bucket["key"], bucket["doc_count"]) for bucket in found[facet]["buckets"]]
            if len(labels) == _BUCKETS:  # there may be more
                labels = self.searcher.terms_with_prefix(field, "", query)
            counts[facet] = {label: count for label, count in sorted(labels) if count}
        return counts

    def labels(self, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
        """Yield the matches of a request with what they have in some fields."""
        for made in self.all(self.query(request.tree, request.filters.values())):
            yield documents.labelled(made, fields)

    def among(self, request: Request, names: Sequence[str]) -> frozenset[str]:
        """Return those of some documents that a request matches."""
        query = all_of(self.query(request.tree, request.filters.values()), self.named(names))
        return frozenset(map(documents.name_of, self.found(query, len(names))))

    def explain(self, tree: Node, name: str, ranking: Ranking) -> list[tuple[Node, float]]:
        """Return the scoring leaves of a plan that match a document, with their shares."""
        page = [*self.found(self.named([name]), 1)]
        return [*self.scorers(page, tree, ranking).shares(tree, 0, 1.0)] if page else []

    def ids(self) -> list[str]:
        """Return the ids of all documents, sorted."""
        every = self._matching.every()
        return sorted(n for n, count in self.searcher.terms_with_prefix(ID, "", every) if count)

    def attachments(self, prefix: str) -> dict[str, str]:
        """Return the texts attached under names that begin with ``prefix``, by the rest of it."""
        names = [n for n, _ in self.searcher.terms_with_prefix(ATTACHMENT, prefix)]
        query = Query.term_set_query(self._fields, ATTACHMENT, names)
        texts = dict(map(documents.attachment_of, self.all(query)))
        return {name.removeprefix(prefix): text for name, text in texts.items()}

    def contents(self) -> Iterator[Document]:
        """Yield every document as the index has it."""
        for made in self.all(self._matching.of(Every())):
            yield documents.document(made, self.schema, payload=True)


def _hit(made: TantivyDocument, score: float) -> tuple[str, float, str]:
    return documents.name_of(made), score, documents.payload_of(made)


def _restricted(query: Query, filters: Iterable[Query]) -> Query:
    only = [(Occur.Must, unscored(allowed)) for allowed in filters]
    return Query.boolean_query([(Occur.Must, query), *only]) if only else query
