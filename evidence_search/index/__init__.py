"""A corpus and its index as one thing: open, refresh, search.

The engine keeps the documents; beside them it commits, in the same step, what is needed to
tell what changed (``state``, ``ledger``, ``acronyms``, ``thesaurus-source``), to stem without
NLTK (``stems``, ``thesaurus-stems``), to know words (``counts``) and to map them
(``thesaurus``).  So an index is always the
image of one state of the corpus, and says which.
"""

from __future__ import annotations

import json
import time
from itertools import islice
from typing import TYPE_CHECKING

from evidence_search.analysis import is_whole
from evidence_search.corpus import MAX_FILE_SIZE
from evidence_search.display import Displayed
from evidence_search.documents import FACETS, MORE_FACETS, RANKING
from evidence_search.engines import Request
from evidence_search.engines.plan import Every
from evidence_search.errors import CorpusError, QueryError, RecordNotFoundError
from evidence_search.index.lifecycle import IndexStore, rebuilt_if_damaged
from evidence_search.index.listed import Listed, read
from evidence_search.index.prepared import PreparedSearch
from evidence_search.labels import united
from evidence_search.matches import Matches
from evidence_search.planning import Weights
from evidence_search.records import StudyRecord
from evidence_search.results import AddedTerms, Facets, Hit, Results
from evidence_search.search import Provenance, Search
from evidence_search.session import History
from evidence_search.snippets import best_passage, highlight, leaves
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from typing_extensions import Unpack

    from evidence_search.analysis import Analyzer
    from evidence_search.concordance import Concordance
    from evidence_search.engines import Address, Found, Ranking
    from evidence_search.engines.plan import Node
    from evidence_search.explaining import Explanation
    from evidence_search.index.duplicates import Duplicates
    from evidence_search.index.lists import Lists, Put
    from evidence_search.index.meaning import FusedSearch, RecordVectors, Vectors
    from evidence_search.index.view import View
    from evidence_search.merging.decisions import Decision
    from evidence_search.planning import Plan
    from evidence_search.search import Filters, Options
    from evidence_search.snippets import Leaves, Snippet
    from evidence_search.stats import Stats
    from evidence_search.thesaurus import Compiled


class EvidenceIndex(Displayed, IndexStore):
    """An index on disk of a corpus folder.

    Use :func:`evidence_search.open` to get one.  It is a context manager;
    threads may share it for searching.  Where a file of it proves damaged in the
    middle of an answer, all is built anew, and the answer is that of the new index.
    """

    _kind = "index"

    def __init__(
        self,
        corpus_folder: Path,
        index: str | Path | Address,
        *,
        max_file_size: int = MAX_FILE_SIZE,
        ranking: Ranking = RANKING,
        weights: Weights | None = None,
        model: str | Path | None = None,
    ) -> None:
        super().__init__(corpus_folder, index, max_file_size=max_file_size)
        self._ranking = ranking
        self._weights = weights or Weights()
        self._model = model
        self._vectors: tuple[View, RecordVectors] | None = None
        self._lists: Listed | None = None
        self.history = History()

    @property
    @rebuilt_if_damaged
    def records(self) -> list[StudyRecord]:
        """All records, in the order of matrix, cell and page."""
        return [*self.stream()]

    @rebuilt_if_damaged
    def stream(self) -> Matches:
        """Return all records in the same order, read as they are gone through.

        Of a large corpus they need not be in memory together; the index must stay open
        as long as they are read.
        """
        listed = self._listed(self._view)
        return Matches(len(self), Request(Every(), sort="place"), self._stream, listed.record)

    def _stream(self, request: Request) -> Iterator[tuple[str, float, str]]:
        """Yield all hits of a request; damage is mended before the first, not between two."""
        first, others = self._begun(request)
        yield from first
        yield from others

    @rebuilt_if_damaged
    def _begun(
        self, request: Request
    ) -> tuple[list[tuple[str, float, str]], Iterator[tuple[str, float, str]]]:
        hits = iter(self._view.snapshot.stream(request))
        return [*islice(hits, 1)], hits

    @rebuilt_if_damaged
    def duplicates(self) -> Duplicates:
        """Return what was merged, what may be the same document, and the counts for PRISMA."""
        from evidence_search.index.duplicates import duplicates

        return duplicates(self.records, self._view.decisions())

    def decide(self, kind: str, one: str, other: str) -> Decision:
        """Write into the corpus that two listings are ``"same"`` or ``"different"``.

        See :func:`evidence_search.index.duplicates.decide`; the next refresh takes it up.
        """
        from evidence_search.index.duplicates import decide

        return decide(self.corpus_folder, self.records, kind, one, other)

    @property
    @rebuilt_if_damaged
    def lists(self) -> Lists:
        """The named lists with the records that are on them now, from the corpus's ``lists.txt``.

        Records that come from a screening tool are on the lists that it put them on.  Raises
        :class:`CorpusError` where the file can't be read.
        """
        from evidence_search.index.lists import lists

        return lists(self._listed(self._view))

    @rebuilt_if_damaged
    def list_names(self) -> list[str]:
        """Return the names of all lists that anything was ever put on, sorted."""
        return sorted(self._listed(self._view).labels("list"))

    @rebuilt_if_damaged
    def put(
        self,
        records: StudyRecord | str | Iterable[StudyRecord | str],
        name: str,
        *,
        note: str = "",
        by: str = "",
        off: bool = False,
    ) -> Put:
        """Put records on the list of a name, or with ``off`` take them off it.

        ``records`` is one or several, as they are or by the beginning of their ids.  ``note``
        (default: none) says why, ``by`` (the user of the system) who.  A line is appended to
        ``lists.txt`` of the corpus for each record that this changes; searches know it at
        once.  What a list names though the corpus has it no more is taken off by the id that
        it has there.  Raises :class:`QueryError` for a name or note that is empty or too long,
        :class:`RecordNotFoundError`, and :class:`CorpusError` or :class:`ExportError` where
        the file can't be read or written.
        """
        from evidence_search.index.lists import lost, put

        given = [records] if isinstance(records, str | StudyRecord) else [*records]
        names = [one if isinstance(one, str) else one.id for one in given]
        now = self._listed(self._view)
        exact = now.view.snapshot.fetch(names)
        left = lost(now, name) if off else {}
        found = [
            now.record(exact[one]) if one in exact else self.get(one)
            for one in dict.fromkeys(names)
            if one not in left
        ]
        gone = [left[one] for one in dict.fromkeys(names) if one in left]
        return put(self.corpus_folder, now, found, name, note=note, by=by, off=off, gone=gone)

    @rebuilt_if_damaged
    def stats(self) -> Stats:
        """Return counts of all records, of their files and of the problems found in them."""
        from evidence_search.stats import stats

        state = self._view.state
        return stats(self.stream(), len(state.files), state.problems)

    @rebuilt_if_damaged
    def get(self, prefix: str) -> StudyRecord:
        """Return the record whose id, or that of a listing of it, begins with ``prefix``.

        Raises :class:`RecordNotFoundError` where none or several do.
        """
        view = self._view
        now = self._listed(view)
        prefix = prefix.encode(errors="replace").decode()  # half of a character is in no id
        exact = view.snapshot.fetch([prefix])
        if exact:
            return now.record(exact[prefix])
        fitting = [name for name in view.snapshot.ids() if prefix and name.startswith(prefix)]
        fitting = fitting or view.documents_listed_as(prefix)
        if len(fitting) == 1:
            return now.record(view.snapshot.fetch(fitting)[fitting[0]])
        if not fitting:
            raise RecordNotFoundError(
                f"expected the id of a record, or the beginning of one; found {prefix!r}: "
                "list them with: evidence-search list"
            )
        some = ", ".join(fitting[:4]) + (", …" if len(fitting) > 4 else "")
        raise RecordNotFoundError(
            f"expected the beginning of one id; {prefix!r} begins {len(fitting)}: {some}"
        )

    @rebuilt_if_damaged
    def ids(self) -> list[str]:
        """Return the ids of all records, sorted."""
        return list(self._view.snapshot.ids())

    @rebuilt_if_damaged
    def fingerprint(self) -> str:
        """Return 16 hex digits that tell the files of the corpus, with its thesaurus, from others.

        Two indexes with the same digits were made of the same bytes.
        """
        import hashlib  # it loads OpenSSL: not for every search

        state = self._view.state
        files = sorted((path, digest) for path, (_, _, digest) in state.files.items())
        thesaurus = state.thesaurus[2] if state.thesaurus else ""
        return hashlib.sha256(json.dumps([files, thesaurus]).encode()).hexdigest()[:16]

    @rebuilt_if_damaged
    def thesaurus(self) -> Compiled | None:
        """Return the compiled thesaurus of the index, or ``None`` where the corpus has none."""
        return self._view.thesaurus

    @rebuilt_if_damaged
    def vocabulary(self) -> Mapping[str, int]:
        """Return each word of the corpus, folded, with the number of records that have it."""
        return {word: n for word, n in self._view.surfaces.items() if not is_whole(word)}

    @property
    def has_vectors(self) -> bool:
        """Whether vectors were made of its records, so that it can be searched by meaning."""
        from evidence_search.vectors import FILES

        return any(self.index_folder.glob(FILES.format("*")))

    @rebuilt_if_damaged
    def forms(self, texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the words of the corpus that each word, or pattern of one, is searched as.

        They are folded, those in most records first; a word in them may be ``text`` itself.
        """
        from evidence_search import wording
        from evidence_search.analysis import fold, words

        stem, surfaces = self._view.analyzer.stem, self.vocabulary()
        written: dict[str, list[str]] = {}
        for surface in sorted(surfaces, key=lambda word: (-surfaces[word], word)):
            written.setdefault(stem(surface), []).append(surface)

        def of(text: str) -> tuple[str, ...]:
            plain = wording.SIGNS.isdisjoint(text)
            typed = (
                [word for word, _, _ in words(fold(text))]
                if plain
                else wording.matching(fold(text), surfaces)
            )
            stems = dict.fromkeys(map(stem, typed))
            return tuple(word for token in stems for word in written.get(token, ()))

        return {text: of(text) for text in texts}

    @rebuilt_if_damaged
    def make_vectors(self, progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Make the vectors that searches by meaning need, of all records that have none yet.

        They are kept beside the index; what is interrupted goes on at the next call.
        ``progress`` is called with texts done and texts to do.  Raises
        :class:`MissingExtraError`, :class:`ModelError`, :class:`IndexLockedError` and
        :class:`SearchIndexError`.
        """
        from evidence_search.index.meaning import make_vectors

        self._vectors = None
        return make_vectors(self._view, self.index_folder, self._model, progress)

    @rebuilt_if_damaged
    def search(
        self,
        query: str | Search,
        *,
        limit: int | None = 10,
        offset: int = 0,
        all_matches: bool = False,
        **options: Unpack[Options],
    ) -> Results:
        """Search, and return one page of results with facets over all matches.

        ``query`` is text, or a :class:`Search`; for the options see
        :class:`evidence_search.search.Options`.  ``limit`` (default 10) is how many
        hits to return, ``None`` for all; ``offset`` (0) how many to skip.
        ``all_matches`` (``False``) reads at once what ``matches`` of the results would
        otherwise read when first used.  A query that is typed is kept in ``history``, and
        ``#1`` in it stands for the first of these.  Raises :class:`QueryError`.
        """
        meant = self.history.meant(query) if isinstance(query, str) else query
        prepared = self._prepared(meant, options)
        request = prepared.request(FACETS, limit=limit, offset=offset)
        fused, notes = self._fused(prepared) if prepared.search.meaning else (None, ())
        results = self._results(prepared, request, fused, all_matches)
        results = replace(
            results,
            hits=self._marked(prepared, results, fused.only_meaning if fused else frozenset()),
            notes=(*results.notes, *notes),
            suggestions=prepared.suggestions(results.total),
        )
        if isinstance(query, str) and isinstance(meant, str) and query.strip() and not offset:
            self.history.add(query, meant, results.total)
        if prepared.whole is None or not results.hits:
            return results
        must = replace(request, tree=prepared.whole, facets=(), offset=0, limit=0)
        return replace(results, whole=prepared.view.snapshot.search(must).total)

    def _marked(
        self, prepared: PreparedSearch, results: Results, only_meaning: frozenset[str]
    ) -> tuple[Hit, ...]:
        """Return the hits of a page with a mark on those that have all the words, or none."""
        names = [hit.record.id for hit in results]
        have: frozenset[str] = frozenset()
        if prepared.whole is not None:
            have = prepared.view.snapshot.among(Request(prepared.whole), names)
        return tuple(
            replace(
                hit,
                whole=prepared.whole is None or hit.record.id in have,
                by_meaning=hit.record.id in only_meaning,
            )
            for hit in results
        )

    def _fused(self, prepared: PreparedSearch) -> tuple[FusedSearch | None, tuple[str, ...]]:
        """Return what answers a search by meaning, ``None`` where words do, and why or how."""
        from evidence_search.index.meaning import FusedSearch, words_only

        why = words_only(prepared)
        if why:
            return None, (f"{why} is searched by its words alone, not by meaning",)
        vectors = self._vectors_of(prepared.view)
        fused = FusedSearch(prepared, vectors.nearest(prepared.search.query))
        return fused, fused.notes(vectors.missing)

    def _vectors_of(self, view: View) -> RecordVectors:
        from evidence_search.index.meaning import RecordVectors

        of, vectors = self._vectors or (None, None)
        if vectors is None or of is not view:
            vectors = RecordVectors(view, self.index_folder, self._model)
            self._vectors = (view, vectors)
        return vectors

    @rebuilt_if_damaged
    def facets(
        self,
        query: str | Search = "",
        names: Sequence[str] = FACETS,
        **options: Unpack[Options],
    ) -> Facets:
        """Return, for each facet of ``names``, its labels and how many matches have each.

        All records match the empty query, which is the default.  The count of a facet
        leaves its own filter aside; a place counts what lies within it too.  Raises
        :class:`QueryError`.
        """
        every = (*FACETS, *MORE_FACETS)
        unknown = [name for name in names if name not in every]
        if unknown:
            raise QueryError(f"expected facets of {', '.join(every)}; found {', '.join(unknown)}")
        prepared = self._prepared(query, options)
        request = prepared.request(tuple(names), limit=0)
        found = prepared.view.snapshot.search(request)
        counted = prepared.listed.counts(found.facets, request)
        counts = {name: united(name, labels) for name, labels in counted.items()}
        return Facets(prepared.search, self._provenance(prepared.view), found.total, counts)

    @rebuilt_if_damaged
    def similar(
        self,
        record: StudyRecord | str,
        *,
        limit: int | None = 10,
        offset: int = 0,
        meaning: bool = False,
        **filters: Unpack[Filters],
    ) -> Results:
        """Return the records most like one, given as it is or by the beginning of its id.

        The query of the results is the words that tell most of the record.  With
        ``meaning`` (``False``) those near to it in meaning are joined to what these words
        find.  ``limit``, ``offset`` and the filters are those of :meth:`search`.
        """
        from evidence_search.index.exploring import Likeness

        given = self.get(record) if isinstance(record, str) else record
        likeness = Likeness(self._view, given, self._ranking)
        prepared = self._prepared(" ".join(likeness.words), filters, likeness.plan)
        request = prepared.request(limit=limit, offset=offset)
        if not meaning:
            return replace(self._results(prepared, request, likeness.search), like=given, notes=())
        from evidence_search.index.meaning import FusedSearch, text_of

        vectors = self._vectors_of(prepared.view)
        near = [hit for hit in vectors.nearest(text_of(given)) if hit[0] != given.id]
        fused = FusedSearch(prepared, near, likeness.search)
        results = self._results(prepared, request, fused)
        only = fused.only_meaning
        hits = tuple(replace(hit, by_meaning=hit.record.id in only) for hit in results)
        return replace(results, hits=hits, like=given, notes=fused.notes(vectors.missing))

    def _results(
        self,
        prepared: PreparedSearch,
        request: Request,
        otherwise: Callable[[Request], Found] | None,
        all_matches: bool = False,
    ) -> Results:
        """Return what the engine finds, or what else is to answer in its place."""
        view, plan = prepared.view, prepared.plan
        search = otherwise or view.snapshot.search

        def hits(request: Request) -> Iterable[tuple[str, float, str]]:
            if all_matches:
                return found.hits
            if otherwise:
                return otherwise(replace(request, offset=0, limit=None, facets=())).hits
            return view.snapshot.stream(request)

        found = search(replace(request, offset=0, limit=None) if all_matches else request)
        last = None if request.limit is None else request.offset + request.limit
        page = found.hits[request.offset : last] if all_matches else found.hits
        facets = prepared.listed.counts(found.facets, request)
        return Results(
            search=prepared.search,
            provenance=self._provenance(view),
            total=found.total,
            hits=tuple(_hits(prepared, page, plan.node, request.offset)),
            facets={name: united(name, labels) for name, labels in facets.items()},
            matches=Matches(
                found.total,
                request,
                hits,
                prepared.listed.record,
                None if otherwise else prepared.listed.labelled,
            ),
            added=AddedTerms(prepared.asked.added),
            notes=prepared.notes,
            absent=prepared.plan.absent,
            offset=request.offset,
        )

    def _provenance(self, view: View) -> Provenance:
        folder = self.corpus_folder.resolve()
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return Provenance("/".join(folder.parts[-2:]), view.snapshot.documents, now)

    @rebuilt_if_damaged
    def explain(
        self,
        query: str | Search,
        record: StudyRecord | str | None = None,
        **options: Unpack[Options],
    ) -> Explanation:
        """Say how a query is read, and, of a record, why it is found or why not.

        ``record`` is one as it is or by the beginning of its id; the options are
        those of :meth:`search`.
        """
        from evidence_search.index.exploring import explain

        given = self.get(record) if isinstance(record, str) else record
        prepared = self._prepared(query, options)
        fused, notes = self._fused(prepared) if prepared.search.meaning else (None, ())
        joined = fused.fused if fused else {}
        explanation = explain(prepared, given, self._provenance(prepared.view), joined)
        return replace(explanation, notes=(*explanation.notes, *notes))

    @rebuilt_if_damaged
    def kwic(
        self,
        query: str | Search,
        *,
        width: int = 40,
        sort: str = "record",
        **filters: Unpack[Filters],
    ) -> Concordance:
        """Return each place where records have the words of a query, as they stand there.

        Only the words themselves, in all their forms; phrases and patterns
        too.  ``width`` (default 40) is how many characters to give on each side;
        ``sort`` is ``"record"`` (the default), or ``"left"`` or ``"right"``: by what
        stands there.  Raises :class:`QueryError`.
        """
        from evidence_search.concordance import Concordance, concordance

        prepared = self._prepared(Search.of(query, exact=True), filters)
        view, node = prepared.view, prepared.plan.node
        request = Request(node, prepared.filters, sort="place")
        records = Matches(
            view.snapshot.search(replace(request, limit=0)).total,
            request,
            view.snapshot.stream,
            prepared.listed.record,
        )
        lines = concordance(records, node, view.analyzer, width, sort)
        search = replace(prepared.search, exact=False)  # it is never otherwise
        return Concordance(search, self._provenance(view), len(records), lines)

    @rebuilt_if_damaged
    def rank(
        self, query: str | Search, *, limit: int | None = None, **options: Unpack[Options]
    ) -> list[str]:
        """Return only the ids of what a search finds, best match first.

        At most ``limit``; all by default.  The options are those of :meth:`search`.
        """
        prepared = self._prepared(query, options)
        fused = self._fused(prepared)[0] if prepared.search.meaning else None
        found = (fused or prepared.view.snapshot.search)(prepared.request(limit=limit))
        return [name for name, _, _ in found.hits]

    def _prepared(
        self, query: str | Search, options: Mapping[str, Any], plan: Plan | None = None
    ) -> PreparedSearch:
        search = Search.of(query, **options)
        view = self._view
        now = self._listed(view)
        return PreparedSearch(view, search, self._ranking, self._weights, plan, now)

    def _listed(self, view: View) -> Listed:
        """Return what is on lists now; it is read anew, and worked out where it has changed."""
        try:
            data = read(self.corpus_folder)
        except CorpusError as error:
            return Listed(view, unread=error)
        known = self._lists
        if known is None or known.view is not view or known.data != data:
            if data:
                from evidence_search.index.lists import Entries

                known = Entries(view, data)
            else:
                known = Listed(view)
            self._lists = known
        return known


def _passage(record: StudyRecord, wanted: Leaves, analyzer: Analyzer) -> Snippet:
    """Return the best passage of a summary; of another listing's where only that has the words."""
    texts = dict.fromkeys((record.summary, *(entry.summary for entry in record.listings)))
    passages = [best_passage(text, wanted, analyzer) for text in texts]
    return next((passage for passage in passages if passage.marks), passages[0])


def _hits(
    prepared: PreparedSearch, page: Sequence[tuple[str, float, str]], node: Node, offset: int
) -> Iterator[Hit]:
    analyzer = prepared.view.analyzer
    summary, title = leaves(node, "summary"), leaves(node, "title")
    for rank, (_, score, payload) in enumerate(page, offset + 1):
        record = prepared.listed.record(payload)
        yield Hit(
            rank,
            score,
            record,
            _passage(record, summary, analyzer),
            highlight(record.title, title, analyzer),
        )
