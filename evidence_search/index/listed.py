"""What is on lists, as searches ask it; where the corpus has no lists, this is all of it.

Most searches need no more, so reading entries is imported only where there are some
(:mod:`.lists`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from evidence_search import corpus, documents
from evidence_search.errors import CorpusError
from evidence_search.lists import LISTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from evidence_search.engines import Labelled, Request
    from evidence_search.engines.plan import Label, Node
    from evidence_search.index.view import View
    from evidence_search.records import StudyRecord


def read(folder: Path) -> bytes:
    """Return the file of lists as it is, nothing where there's none.

    Raises :class:`CorpusError` for a link, a pipe, and what else can't be read.
    """
    path = folder / LISTS
    if not os.path.lexists(path):
        return b""
    try:
        return corpus.read_bytes(folder, LISTS)[0]
    except FileNotFoundError:
        return b""
    except OSError as error:
        found = "a link, which may lead anywhere" if path.is_symlink() else error.strerror
        raise CorpusError(f"{path}: expected a file, found {found}: put its file there") from error


class Listed:
    """What is on the lists of one state: without entries what its records bring along.

    ``data`` is the file of lists, ``unread`` why it can't be read.
    """

    def __init__(self, view: View, data: bytes = b"", unread: CorpusError | None = None) -> None:
        self.view = view
        self.data = data
        self.unread = unread

    @property
    def notes(self) -> Iterator[str]:
        """What is to be said wherever lists have a part in an answer."""
        if self.unread:
            yield f"{self.unread}; answered without it"

    def record(self, payload: str) -> StudyRecord:
        """Return a record of the index, on the lists that it is on now."""
        return documents.record(payload)

    def labels(self, facet: str) -> Collection[str]:
        """Return the labels of a facet; of lists those that people made too."""
        return self.view.labels(facet)

    def labelled(self, request: Request, fields: Sequence[str]) -> Iterable[Labelled]:
        """Return what :meth:`.Snapshot.labels` does, on the lists that records are on now."""
        return self.view.snapshot.labels(request, fields)

    def members(self, label: Label) -> Node:
        """Return what matches the records with a label; of a list those that are on it now."""
        return label

    def counts(
        self,
        counted: Mapping[str, Mapping[str, int]],
        request: Request,  # noqa: ARG002
    ) -> Mapping[str, Mapping[str, int]]:
        """Return the counts of facets with those of lists as they are now.

        ``counted`` are what the engine counted for ``request``.
        """
        return counted
