"""Which corpus and index a command works on, and opening them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import corpus, opening
from evidence_search.cli.messages import progress, say, say_problems, warn
from evidence_search.errors import CorpusError, EvidenceSearchError
from evidence_search.render.status import refresh_summary

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.engines import Address
    from evidence_search.index import EvidenceIndex
    from evidence_search.index.meaning import Vectors
    from evidence_search.index.state import Refreshed


class Folders(NamedTuple):
    """What ``--corpus`` and ``--index`` named; each command gets it as its first argument."""

    corpus_folder: str | None
    index_folder: str | None
    max_file_size: int = corpus.MAX_FILE_SIZE

    def resolved(self) -> tuple[Path, Address]:
        """Return the corpus folder and the address of the index to use."""
        return opening.folders(self.corpus_folder, self.index_folder)

    def of_ones_own(self) -> Path:
        """Return the corpus folder to write into: not the one that the package brings.

        Raises :class:`CorpusError` where no other was named.
        """
        folder = self.resolved()[0]
        if folder == corpus.bundled() and not self.corpus_folder:
            raise CorpusError(
                "expected a corpus folder of your own, found only the one that comes with the "
                "program: make one here (mkdir corpus), or name one with --corpus"
            )
        return folder

    def open(self) -> EvidenceIndex:
        """Return the index, as it was left."""
        from evidence_search.index import EvidenceIndex

        model = os.environ.get(opening.MODEL_VARIABLE) or None
        return EvidenceIndex(*self.resolved(), max_file_size=self.max_file_size, model=model)


def opened(folders: Folders) -> tuple[EvidenceIndex, Refreshed]:
    """Open the index, up to date; say so in one line on standard error where that took writing.

    Where it can't be brought up to date but answers, that is one line too, and so is
    each of the first errors in files that were read.
    """
    index = folders.open()
    if note := opening.corpus_note(folders.corpus_folder):
        say(note)
    with progress("Reading the corpus") as advance:
        refreshed = index.refresh_if_stale(progress=advance, failed=warn)
    if refreshed.changed:
        say(refresh_summary(refreshed))
    say_problems(refreshed)
    if refreshed.changed:
        make_vectors_as_set(index)
    return index, refreshed


def make_vectors_as_set(index: EvidenceIndex) -> None:
    """Make vectors where the corpus asks for it; where that fails, it is one line."""
    from evidence_search.settings import read_settings

    try:
        if read_settings(index.corpus_folder).meaning:
            make_vectors(index)
    except EvidenceSearchError as error:
        warn(error)


def make_vectors(index: EvidenceIndex) -> Vectors:
    """Make the vectors of new and changed records, with progress."""
    with progress("Reading for meaning") as advance:
        return index.make_vectors(advance)
