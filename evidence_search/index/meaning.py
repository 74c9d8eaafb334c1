"""Searching by meaning: what words find, joined with the records nearest in meaning.

The vectors of records are made by :func:`make_vectors`, which is asked for; a search that has none
finds by words alone, and says so.  Nothing of a query that says exactly what it wants is left to
meaning: an acronym, a phrase, a field, operators, or a line of a strategy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.engines import Found, Request
from evidence_search.engines.plan import Every
from evidence_search.matches import Matches
from evidence_search.query.syntax import Or, Term
from evidence_search.values import replace
from evidence_search.vectors.encoders import open_encoder
from evidence_search.vectors.fusion import DEPTH, NEAREST, fuse
from evidence_search.vectors.store import VectorStore, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from evidence_search.index.prepared import PreparedSearch
    from evidence_search.index.view import View
    from evidence_search.query.syntax import Tree
    from evidence_search.records import StudyRecord
    from evidence_search.vectors.encoders import Encoder
    from evidence_search.vectors.fusion import Fused


class Vectors(NamedTuple):
    """What :func:`make_vectors` did: texts in all, those that were new, and the model's name."""

    texts: int
    added: int
    model: str


def make_vectors(
    view: View,
    folder: Path,
    model: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Make the vectors of all records that have none yet, and keep them in ``folder``.

    ``model`` is as :func:`open_encoder` takes it; ``progress`` is called with texts done and
    texts to do.  What is interrupted goes on at the next call.  Raises
    :class:`MissingExtraError`, :class:`ModelError`, :class:`IndexLockedError` and
    :class:`SearchIndexError`.
    """
    encoder = open_encoder(model)
    store = VectorStore(folder, encoder)
    of_records = {record.id: text_of(record) for record in _records(view)}
    texts = {digest(text): text for text in of_records.values()}
    missing = store.missing(texts)
    if missing:
        store.add([texts[key] for key in missing], progress)
    store.compact(texts)
    store.list_records(_state(view), {name: digest(text) for name, text in of_records.items()})
    return Vectors(len(texts), len(missing), encoder.name)


def text_of(record: StudyRecord) -> str:
    """Return what of a record has its meaning."""
    return f"{record.title}\n{record.summary}"


def _state(view: View) -> str:
    return f"{view.state.version} {view.state.refreshed}"


def _records(view: View) -> Matches:
    return Matches(view.snapshot.documents, Request(Every(), sort="place"), view.snapshot.stream)


class RecordVectors:
    """How near the records of one state of the index are to a text in meaning."""

    def __init__(self, view: View, folder: Path, model: str | Path | None = None) -> None:
        self._model = model
        self._asked = 0
        self._encoder: Encoder = open_encoder(model, quick=True)
        store = VectorStore(folder, self._encoder)
        keys = store.listed_records(_state(view))
        if keys is None:
            keys = {record.id: digest(text_of(record)) for record in _records(view)}
        self._names = sorted(keys)
        self._neighbours = store.neighbours([keys[name] for name in self._names])

    @property
    def missing(self) -> int:
        """How many records have no vector yet."""
        return self._neighbours.missing

    def nearest(self, text: str) -> list[tuple[str, float]]:
        """Return the ids of the records near to a text, with their cosines, the nearest first."""
        if self._asked == 1:
            # Who asks twice asks again: what takes longer to start pays now.
            self._encoder = open_encoder(self._model)
        vector = self._encoder.encode([text])[0]
        cosines = self._neighbours.cosines(vector, often=self._asked > 0)
        self._asked += 1
        near = (cosines >= NEAREST).nonzero()[0]
        # Names are sorted, and so is what ties.
        order = near[(-cosines[near]).argsort(kind="stable")]
        return [(self._names[n], float(cosines[n])) for n in order]


def words_only(prepared: PreparedSearch) -> str:
    """Return why a search is left to its words, ``""`` where it isn't."""
    search = prepared.search
    if search.tree is not None:
        return "a line of a strategy"
    if search.sort != "relevance":
        return f"a search sorted by {search.sort}"
    if search.exact or search.every_word:
        return "a search for just these words"
    leaves = _bare_words(prepared.parsed.tree)
    if leaves is None:
        return "a query with quotes, fields, patterns or operators"
    if len(leaves) == 1 and leaves[0].isupper() and len(leaves[0]) > 1:
        return "an acronym"
    return "" if leaves else "a query without words"


def _bare_words(tree: Tree) -> list[str] | None:
    """Return the words of a query that is nothing but words, else ``None``."""
    parts = tree.children if isinstance(tree, Or) else (tree,)
    words = [part.text for part in parts if isinstance(part, Term) and part.field is None]
    return words if len(words) == len(parts) else None


class FusedSearch:
    """Answers the requests of one search with what words and meaning find, in one order.

    ``near`` has what :meth:`RecordVectors.nearest` gave; ``search`` (default: that of the engine)
    is what finds by words.
    Facets are those of what the words find.
    """

    def __init__(
        self,
        prepared: PreparedSearch,
        near: Sequence[tuple[str, float]],
        search: Callable[[Request], Found] | None = None,
    ) -> None:
        self._engine = prepared.view.snapshot
        self._search = search or self._engine.search
        request = prepared.request(limit=DEPTH)
        if request.filters:
            of_filters = replace(request, tree=Every())
            wanted = self._engine.among(of_filters, [name for name, _ in near])
            near = [hit for hit in near if hit[0] in wanted]
        meaning = near[:DEPTH]
        words = self._search(request)
        matching = self._engine.among(request, [name for name, _ in meaning])
        self.fused: dict[str, Fused] = {
            hit.id: hit for hit in fuse([hit[:2] for hit in words.hits], meaning)
        }
        self.only_meaning = frozenset(name for name, _ in meaning if name not in matching)

    def __call__(self, request: Request) -> Found:
        """Answer a request for a page of them."""
        last = None if request.limit is None else request.offset + request.limit
        depth = None if last is None else max(last, DEPTH)
        words = self._search(replace(request, offset=0, limit=depth))
        payloads = {name: payload for name, _, payload in words.hits}
        payloads |= self._engine.fetch(self.fused.keys() - payloads.keys())
        order = [(name, hit.score) for name, hit in self.fused.items()]
        order += [(name, 0.0) for name, _, _ in words.hits if name not in self.fused]
        page: Sequence[tuple[str, float]] = order[request.offset : last]
        hits = tuple((name, score, payloads[name]) for name, score in page)
        return Found(words.total + len(self.only_meaning), hits, words.facets)

    def notes(self, missing: int) -> tuple[str, ...]:
        """Return what is to be said of the results together."""
        only = len(self.only_meaning)
        counted = f"{only} record{'s' * (only != 1)}"
        notes = [f"{counted} found by meaning alone; the counts of facets are without them"] * (
            only > 0
        )
        if missing:
            notes.append(
                f"{missing} records have no vector yet, and are found by words alone: run "
                "evidence-search index --meaning"
            )
        return tuple(notes)
