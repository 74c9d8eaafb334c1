"""What an index was made of, what has changed since, and what a refresh did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import analysis, corpus, documents, merging, thesaurus
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from evidence_search.records import Problem


VERSION = ".".join(str(part.VERSION) for part in (corpus, merging, analysis, documents, thesaurus))
"""Of everything that decides what an index holds for a corpus."""


Entry = tuple[int, int, str]
"""A file as a refresh found it: size, time of change, and digest as in ``CorpusFile``."""


class Refreshed(NamedTuple):
    """What a refresh did: records added, replaced, removed; documents now; seconds it took.

    ``reason`` says why all was built anew where that wasn't asked for; ``bundled``
    whether the thesaurus is the one that comes with the program.
    """

    added: int = 0
    replaced: int = 0
    removed: int = 0
    documents: int = 0
    seconds: float = 0.0
    rebuilt: bool = False
    thesaurus: bool = False
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    bundled: bool = False

    @property
    def changed(self) -> bool:
        """Whether searches may answer otherwise than before."""
        return bool(self.rebuilt or self.thesaurus or self.added or self.replaced or self.removed)


class Verified(NamedTuple):
    """How an index compares with its corpus: what is wrong, a line each.

    ``repaired`` says what the refresh did that mended it, where one was asked for and needed.
    """

    differences: tuple[str, ...]
    documents: int
    seconds: float
    repaired: Refreshed | None = None


class Status(NamedTuple):
    """What an index is, and what has changed since its last refresh.

    ``size`` is in bytes; ``version`` is that of the parts of the program that decide what an index
    holds (:data:`VERSION`);
    ``refreshed`` is when the last refresh that wrote anything began; ``problems``
    counts what the corpus had to check then; ``thesaurus`` is ``"corpus"`` for one
    of its own, ``"program"`` for the one that comes with it, or ``"none"``;
    ``damage`` says what is wrong with the files, if anything was noticed.
    """

    corpus_folder: str
    index_folder: str
    documents: int
    files: int
    size: int
    engine: str
    version: str
    refreshed: datetime | None
    problems: int
    thesaurus: str
    changes: Changes
    damage: str


class Changes(NamedTuple):
    """What of a corpus differs from what an index holds: files by path, and the rest.

    It is true where searches may answer otherwise.  ``touched`` are files with
    other times but the same bytes, as the next refresh will know them.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    thesaurus: bool = False
    version: bool = False
    touched: tuple[tuple[str, Entry], ...] = ()

    @property
    def anything(self) -> bool:
        """Whether a refresh has something to write."""
        return bool(self or self.touched)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.thesaurus or self.version)


class State(Value):
    """The ``state`` attachment: what the index was made of.

    ``refreshed`` is when, in nanoseconds since 1970; ``problems`` counts those of all files,
    ``words`` the words of its vocabulary.
    """

    version: str = ""
    refreshed: int = 0
    files: Mapping[str, Entry] = {}
    thesaurus: Entry | None = None
    problems: int = 0
    words: int = 0

    @classmethod
    def read(cls, text: str) -> State:
        if not text:
            return cls()
        values = json.loads(text)
        files = {
            path: (size, changed, digest)
            for path, (size, changed, digest) in values["files"].items()
        }
        thesaurus = tuple(values["thesaurus"]) if values["thesaurus"] else None
        return cls(
            values["version"],
            values["refreshed"],
            files,
            thesaurus,
            values["problems"],
            values.get("words", 0),  # no version before had it
        )

    def write(self) -> str:
        return json.dumps(
            {
                "version": self.version,
                "refreshed": self.refreshed,
                "files": self.files,
                "thesaurus": self.thesaurus,
                "problems": self.problems,
                "words": self.words,
            }
        )
