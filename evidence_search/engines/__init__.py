"""What an engine is, and the table of engines.

An engine keeps documents and answers plans (:mod:`evidence_search.engines.plan`).
A document arrives as ready-made tokens per text field, labels per facet field, whole
numbers per number field, and an opaque payload.  An engine never sees raw text, never
stems, parses, highlights or prints.

It promises: the same *set* for the same plan (:mod:`evidence_search.engines.matching`
says which), facet counts over all matches, ties by id, only the slice asked for,
and, after any sequence of writes, the same answers as one build of what is left.

Rejected: handing engines the text and letting each analyse it (answers would
differ between engines), and returning scored ids only (facets and payloads
would need a second pass over the files).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from evidence_search.errors import MissingExtraError, SearchIndexError
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from evidence_search.engines.plan import Node


class Document(Value):
    """One document as an engine takes it.

    ``text`` has the tokens of each text field, in order: position ``i`` of
    the field is token ``i``.  ``labels`` has the facet labels, ``numbers``
    the whole numbers (0 to 9999).  ``title_key`` is what ``sort="title"`` sorts by, and
    ``place_key`` what ``sort="place"`` does.
    ``payload`` is given back as it came; ``stored`` has short texts for other
    programs that read the same index.  Ids, tokens, labels and places have no lone surrogates.
    """

    id: str
    text: Mapping[str, Sequence[str]]
    labels: Mapping[str, Sequence[str]] = {}
    numbers: Mapping[str, int] = {}
    title_key: str = ""
    place_key: str = ""
    payload: str = ""
    stored: Mapping[str, str] = {}


class Schema(NamedTuple):
    """The names of the fields that documents may have."""

    text: tuple[str, ...]
    labels: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()


class Ranking(Value):
    """BM25F with one length per field.

    With ``tf`` the frequency of a term in a field of a document, the
    normalised frequency is ``sum over fields of weight * tf / (1 - b + b *
    length / average length)``, and a term scores ``idf * f / (k1 + f)`` with
    ``idf = ln(1 + (N - n + 0.5) / (n + 0.5))``; ``n`` counts documents with
    the term in any of the fields.  Source: Zaragoza et al., "Microsoft
    Cambridge at TREC-13" (2004), with the idf that stays positive, as Lucene
    has it.  A field without a weight counts 1; without a ``b``, 0.75.
    """

    k1: float = 1.2
    weights: Mapping[str, float] = {}
    b: Mapping[str, float] = {}


class Request(Value):
    """What is asked of an engine.

    ``filters`` restrict the matches; each has the name of the facet it
    belongs to, and the counts of that facet are taken without it.  ``sort``
    is ``"relevance"``, ``"newest"``, ``"oldest"``, ``"title"`` or ``"place"``; ``offset`` and
    ``limit`` count hits, and a ``limit`` of ``None`` is all of them.
    """

    tree: Node
    filters: Mapping[str, Node] = {}
    facets: Sequence[str] = ()
    sort: str = "relevance"
    offset: int = 0
    limit: int | None = 10
    ranking: Ranking = Ranking()


class Found(NamedTuple):
    """The slice asked for as ``(id, score, payload)``, and counts over all matches."""

    total: int
    hits: tuple[tuple[str, float, str], ...]
    facets: Mapping[str, Mapping[str, int]]


class Labelled(NamedTuple):
    """A document by its id, with the labels it has in each field asked for; a number is one too."""

    id: str
    labels: tuple[Sequence[str], ...]


class Snapshot(Protocol):
    """One committed state of an engine; no later commit changes what it answers.

    Every method raises only errors of :mod:`evidence_search.errors`:
    :class:`IndexDamagedError` where the files are no longer as they were written.
    """

    @property
    def documents(self) -> int:
        """How many documents there are."""

    @property
    def size(self) -> int:
        """How many bytes its files have."""

    def attachment(self, name: str) -> str:
        """Return the text committed under ``name``; ``""`` where there's none."""

    def attachments(self, prefix: str) -> Mapping[str, str]:
        """Return the texts whose names begin with ``prefix``, by what follows it."""

    def search(self, request: Request) -> Found:
        """Answer ``request``."""

    def stream(self, request: Request) -> Iterator[tuple[str, float, str]]:
        """Yield all hits of a request in its order, its offset and limit left aside.

        Payloads are read as they are asked for, so that they are never in memory together.
        """

    def labels(self, request: Request, fields: Sequence[str]) -> Iterator[Labelled]:
        """Yield the id of each match, in no order, with what it has in some fields.

        ``fields`` are names of label fields and number fields of the schema.
        """

    def among(self, request: Request, ids: Sequence[str]) -> frozenset[str]:
        """Return those of ``ids`` that a request matches, whatever its limit and order."""

    def explain(self, tree: Node, document: str, ranking: Ranking) -> Sequence[tuple[Node, float]]:
        """Return each scoring leaf of ``tree`` that matches the document, with its share."""

    def frequency(self, token: str) -> int:
        """Return how many documents have the token in any text field."""

    def ids(self) -> Sequence[str]:
        """Return the ids of all documents, sorted."""

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return the payloads of those ids that exist."""

    def contents(self) -> Iterator[Document]:
        """Yield every document as the index has it, but for ``stored`` and the order of labels."""

    def damage(self) -> Iterator[str]:
        """Say of each file that isn't, byte for byte, as it was written what is wrong with it."""

    def close(self) -> None:
        """Release the files; a closed snapshot answers nothing."""


class Writer(Protocol):
    """What becomes the next state, wholly or not at all."""

    def add(self, document: Document) -> None:
        """Add a document; one of its id that was there before must be removed too."""

    def remove(self, name: str) -> None:
        """Remove the document of an id from those that were there before, if it is one."""

    def attach(self, name: str, text: str) -> None:
        """Keep a text under ``name`` in place of the one before, if any; none where it is empty."""


class Engine(Protocol):
    """Documents on disk, or wherever the engine keeps them."""

    @property
    def version(self) -> str:
        """What it is: library, format of the files, and schema of the documents."""

    def open(self) -> Snapshot:
        """Return the newest committed state, one without documents where there's none.

        Raises :class:`IndexDamagedError` where what is there can't be used.
        """

    def is_newest(self, snapshot: Snapshot) -> bool:
        """Tell, without opening anything, whether no state was committed after this one."""

    def lock(
        self, timeout: float, waiting: Callable[[], None] | None = None
    ) -> AbstractContextManager[None]:
        """Hold the right to write, across threads and processes.

        Waits at most ``timeout`` seconds, and calls ``waiting`` first where it has to.
        Raises :class:`IndexLockedError`, and :class:`IndexUnwritableError` where
        nothing can be written here at all.
        """

    def write(
        self,
        base: Snapshot | None,
        *,
        clear: bool = False,
        phrases: Callable[[], Iterable[Sequence[str]]] = tuple,
    ) -> AbstractContextManager[Writer]:
        """Write the state after ``base``, or, without one, in place of whatever is there.

        With ``clear`` nothing of ``base`` stays.  ``phrases`` gives tokens in a row that will
        often be asked for: an engine may keep what finds them sooner.  All is committed at the
        end of the ``with`` block, in one step; where the block raises, nothing is.  The lock
        must be held, and ``base`` be the newest state.
        """


ENGINES = ("whoosh", "tantivy", "opensearch")

_CLUSTER = re.compile(r"opensearchs?://([^/?#@\s]+)/([a-z0-9][a-z0-9_-]{0,99})")
_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?", re.ASCII)


class Address(NamedTuple):
    """Where an index is: the name of its engine, one of ``ENGINES``, and its folder.

    Of one on a cluster, at ``url``, the folder is for what belongs to it on this machine.
    """

    engine: str
    folder: Path
    url: str = ""

    def __str__(self) -> str:
        written = str(self.folder) if self.engine == "whoosh" else f"{self.engine}:{self.folder}"
        return self.url or written


def address(index: str | Path | Address) -> Address:
    """Return the address that is written ``FOLDER``, ``tantivy:FOLDER``, or as a URL.

    That is ``opensearch://HOST[:PORT][,HOST…]/NAME``, or with TLS ``opensearchs://``.  A
    folder whose own name begins so is written ``./tantivy:FOLDER``.  Raises
    :class:`SearchIndexError` where it names an engine that there isn't.
    """
    if isinstance(index, Address):
        return index
    engine, colon, folder = str(index).partition(":")
    if not colon or "/" in engine or isinstance(index, Path):
        return Address("whoosh", Path(index))
    if engine in {"opensearch", "opensearchs"}:
        return _on_cluster(str(index))
    if engine not in ENGINES or not folder:
        raise SearchIndexError(
            f"expected an index as FOLDER, tantivy:FOLDER or opensearch://HOST/NAME, "
            f"found {index}; a folder of that name is ./{index}"
        )
    return Address(engine, Path(folder))


def _on_cluster(url: str) -> Address:
    parts = _CLUSTER.fullmatch(url)
    if not parts or not all(map(_HOST.fullmatch, parts[1].split(","))):
        # A password may stand there; it isn't shown.
        found = "user or password in it" if "@" in url else url
        raise SearchIndexError(
            "expected opensearch://HOST[:PORT][,HOST]/NAME, or opensearchs:// with TLS, the name "
            "of lower-case letters, digits, - and _, and who asks in EVIDENCE_SEARCH_USER and "
            f"EVIDENCE_SEARCH_PASSWORD; found {found}"
        )
    import hashlib

    from platformdirs import user_cache_path

    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    return Address("opensearch", user_cache_path("evidence-search") / f"cluster-{digest}", url)


def open_engine(index: Address, schema: Schema, *, passing: bool = False) -> Engine:
    """Return the engine of an address, importing it only now.

    Nothing is read before it is opened, and only writing makes files.  A ``passing`` index,
    of Whoosh, is of use to this process only.  Raises :class:`MissingExtraError` where the
    engine's library isn't installed.
    """
    if index.engine == "opensearch":
        try:
            from evidence_search.engines.opensearch import OpenSearchEngine
        except ModuleNotFoundError as error:
            raise MissingExtraError("opensearch-py", "opensearch") from error
        return OpenSearchEngine(index.url, schema)
    if index.engine == "tantivy":
        try:
            from evidence_search.engines.tantivy import TantivyEngine
        except ImportError as error:  # an earlier one lacks names, and is what 3.10 has
            note = " on Python 3.11 or later"
            raise MissingExtraError("tantivy>=0.27", "tantivy", note) from error
        return TantivyEngine(index.folder, schema)
    from evidence_search.engines.whoosh import WhooshEngine

    return WhooshEngine(index.folder, schema, os.urandom(32) if passing else None)
