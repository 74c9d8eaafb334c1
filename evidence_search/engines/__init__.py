"""What an engine is, and the table of engines.

An engine keeps documents and answers trees.  A document arrives as
ready-made tokens per text field, labels per facet field, whole numbers per
number field, and an opaque payload.  An engine never sees raw text, never
stems, parses, highlights or prints.

It promises: the same *set* for the same tree (``tests/meaning.py`` says
which), facet counts over all matches, ties by id, only the slice asked for,
and, after any sequence of updates, the same answers as one build of what is
left.

Rejected: handing engines the text and letting each analyse it (answers would
differ between engines), and returning scored ids only (facets and payloads
would need a second pass over the files).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from evidence_search.trees import Tree


class Document(Value):
    """One document as an engine takes it.

    ``text`` has the tokens of each text field, in order: position ``i`` of
    the field is token ``i``.  ``labels`` has the facet labels, ``numbers``
    the whole numbers (0 to 9999).  ``title_key`` is what ``sort="title"`` sorts by.
    """

    id: str
    text: Mapping[str, Sequence[str]]
    labels: Mapping[str, Sequence[str]] = {}
    numbers: Mapping[str, int] = {}
    title_key: str = ""
    payload: str = ""


class Schema(NamedTuple):
    """The names of the fields that documents may have."""

    text: tuple[str, ...]
    labels: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


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
    is ``"relevance"``, ``"newest"``, ``"oldest"`` or ``"title"``.
    """

    tree: Tree
    filters: Mapping[str, Tree] = {}
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


Attachments = Callable[[], Mapping[str, str]]
"""Called after the last document was taken, for the texts to commit beside them."""


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
        """The text committed under ``name`` with the documents; ``""`` where there's none."""

    def search(self, request: Request) -> Found:
        """Answer ``request``."""

    def explain(self, tree: Tree, document: str, ranking: Ranking) -> Sequence[tuple[Tree, float]]:
        """Give each scoring leaf of ``tree`` that matches the document, with its share."""

    def frequency(self, token: str) -> int:
        """Return how many documents have the token in any text field."""

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return the payloads of those ids that exist."""

    def fingerprints(self) -> Mapping[str, int]:
        """Return :func:`fingerprints.of_document` of every document as it is on disk, by id."""

    def damage(self) -> Iterator[str]:
        """Say of each file that isn't, byte for byte, as it was written what is wrong with it."""


class Engine(Snapshot, Protocol):
    """Documents on disk; as a snapshot itself, it answers from the newest state it has seen.

    A closed engine answers nothing.
    """

    @property
    def version(self) -> str:
        """What it is: library, format of the files, and schema of the documents."""

    @property
    def snapshot(self) -> Snapshot:
        """The state it answers from, to be asked several things that belong together."""

    def reopen(self) -> None:
        """Answer from the newest committed state from now on."""

    def build(self, documents: Iterable[Document], attachments: Attachments) -> None:
        """Replace all documents and attachments, in one step: wholly or not at all.

        What was there before may be damaged.
        """

    def update(
        self, add: Iterable[Document], remove: Iterable[str], attachments: Attachments
    ) -> None:
        """Remove by id, and add; replace all attachments; in one step: wholly or not at all.

        ``remove`` is taken after ``add``, and speaks of documents that were there before.
        """

    def lock(
        self, timeout: float, waiting: Callable[[], None] | None = None
    ) -> AbstractContextManager[None]:
        """Hold the right to write, across threads and processes.

        Waits at most ``timeout`` seconds, and calls ``waiting`` first where it has to.
        ``build`` and ``update`` take it themselves where it isn't held.
        """

    def close(self) -> None:
        """Release the files."""


def open_engine(name: str, folder: Path, schema: Schema) -> Engine:
    """Return the engine called ``name`` for ``folder``, importing it only now.

    Nothing is read before it is asked, and then :class:`IndexDamagedError` and
    :class:`IndexUntrustedError` say that what is there can't be used.  Where nothing
    is there it has no documents; only writing makes files.
    """
    if name != "whoosh":
        from evidence_search.errors import SearchIndexError

        raise SearchIndexError(f"expected an engine of: whoosh; found {name!r}")
    from evidence_search.engines.whoosh import WhooshEngine

    return WhooshEngine(folder, schema)
