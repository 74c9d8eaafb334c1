"""One state of an index, whole: what a search reads from its beginning to its end."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from evidence_search.analysis import Analyzer
from evidence_search.engines import Request
from evidence_search.engines.plan import Every
from evidence_search.index.state import State
from evidence_search.index.vocabulary import Vocabulary
from evidence_search.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence_search.acronyms import Acronym
    from evidence_search.engines import Snapshot
    from evidence_search.index.ledger import FileListings
    from evidence_search.merging.decisions import Decisions
    from evidence_search.thesaurus import Compiled


class View:
    """The documents, the vocabulary and the thesaurus of one committed state.

    An index swaps its view for another in one step, so threads that share the
    index never mix two states in one search.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.state = State.read(snapshot.attachment("state"))

    @cached_property
    def analyzer(self) -> Analyzer:
        """What turns text into tokens, with the vocabulary of the corpus."""
        thesaurus = Table(self.snapshot.attachment("thesaurus-stems"))
        return Analyzer(self.vocabulary.stems, thesaurus, self.vocabulary.vocabulary)

    @cached_property
    def thesaurus(self) -> Compiled | None:
        """The compiled thesaurus, or ``None`` where the corpus has none."""
        text = self.snapshot.attachment("thesaurus")
        if not text:
            return None
        from evidence_search.thesaurus import Compiled

        return Compiled.from_text(text)

    def ledger(self) -> dict[str, FileListings]:
        """Return what each file lists, by path: see :mod:`evidence_search.index.ledger`."""
        from evidence_search.index import ledger

        return ledger.from_attachments(self.snapshot.attachments(ledger.PREFIX))

    def acronyms(self) -> dict[Acronym, int]:
        """Return the acronyms that the corpus defines, with the number of records of each."""
        from evidence_search.acronyms import Acronym

        found = json.loads(self.snapshot.attachment("acronyms") or "[]")
        return {Acronym(short, long): count for short, long, count in found}

    def documents_listed_as(self, prefix: str) -> list[str]:
        """Return the ids of the documents of which a listing's own id begins with ``prefix``."""
        found = {
            listing.document
            for file in (self.ledger().values() if prefix else ())
            for listing in file.listings
            if listing.document and listing.identity.id.startswith(prefix)
        }
        return sorted(found)

    def decisions(self) -> Decisions:
        """Return what a person decided on duplicates."""
        from evidence_search.index.regrouping import Ledger

        return Ledger(self.snapshot).decisions()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the corpus, read as they are needed."""
        return Vocabulary(self.snapshot, self.state.words)

    def counts(self) -> dict[str, int]:
        """Return in how many records each surface of the vocabulary stands, sorted."""
        return {surface: int(n) for surface, n in self.vocabulary.counts.to_dict().items()}

    @cached_property
    def surfaces(self) -> Mapping[str, int]:
        """What :meth:`counts` returns, read once for this view."""
        return self.counts()

    def labels(self, facet: str) -> Mapping[str, int]:
        """Return the labels of a facet, and how many records have each."""
        return self.snapshot.search(Request(Every(), facets=(facet,), limit=0)).facets[facet]
