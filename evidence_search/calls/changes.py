"""What is changed from the page and by programs: files come into the corpus, searches are kept.

Nothing is written over, and nothing is lost of what somebody else changed between the page and its
form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import adding, corpus, history
from evidence_search.errors import CorpusError, EvidenceSearchError
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from evidence_search.adding import Added
    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord


class Upload(Value):
    """A file that was brought, the records that it lists, and ``others`` of the same cell."""

    added: Added
    records: tuple[StudyRecord, ...]
    others: tuple[str, ...]

    @property
    def merged(self) -> int:
        """How many of the records another file lists too."""
        name = self.added.name
        return sum(any(e.source.path != name for e in record.entries) for record in self.records)


def of_ones_own(index: EvidenceIndex) -> Path:
    """Return the corpus folder of an index, to write into.

    Raises :class:`CorpusError` where it is the one that the program brings.
    """
    if index.corpus_folder == corpus.bundled():
        raise CorpusError(
            "expected a corpus folder of your own, found the one that comes with the program: "
            "serve another with --corpus"
        )
    return index.corpus_folder


def upload(
    index: EvidenceIndex, files: Iterable[tuple[str, bytes]]
) -> tuple[list[Upload], list[str]]:
    """Add files, each a name and its bytes, to the corpus of an index, and index them.

    Returns what became of each, and a line for each that stayed out.  Raises
    :class:`CorpusError` where the corpus is the one that the program brings.
    """
    folder = of_ones_own(index)
    added: list[Added] = []
    wrong: list[str] = []
    for name, data in files:
        try:
            added.append(adding.add_bytes(data, name, folder))
        except EvidenceSearchError as error:
            wrong.append(str(error))
    if any(one.copied for one in added):
        index.refresh()
    every = index.records
    entries = [entry for record in every for entry in record.entries]
    return [
        Upload(
            one,
            tuple(r for r in every if any(e.source.path == one.name for e in r.entries)),
            tuple(adding.others_of_cell(one, entries)),
        )
        for one in added
    ], wrong


def seen(index: EvidenceIndex, name: str, ids: Collection[str]) -> None:
    """Remember that records which a saved search found have been seen.

    Of those found now, others stay new: they came after the page was drawn.
    """
    looked = history.run_saved(index, name)
    before = {*looked.past.ids, *ids}
    found = tuple(one for one in looked.found if one in before)
    history.remember(index.corpus_folder, name, history.as_looked_at(looked)._replace(ids=found))
