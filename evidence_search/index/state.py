"""What an index was made of, what has changed since, and what a refresh did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import analysis, documents
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evidence_search.records import Problem


VERSION = f"{analysis.VERSION}.{documents.VERSION}"
"""Of everything that decides what is indexed for a record."""


class Refreshed(NamedTuple):
    """What a refresh did: records added, replaced, removed; documents now; seconds it took."""

    added: int = 0
    replaced: int = 0
    removed: int = 0
    documents: int = 0
    seconds: float = 0.0
    rebuilt: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.rebuilt or bool(self.added or self.replaced or self.removed)


class Changes(NamedTuple):
    """Files of the corpus that differ from what the index holds, by path."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    thesaurus: bool = False
    version: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.thesaurus or self.version)


class State(Value):
    """The ``state`` attachment: what the index was made of."""

    version: str = ""
    refreshed: int = 0
    files: Mapping[str, tuple[int, int, str]] = {}
    thesaurus: tuple[int, int, str] | None = None
    problems: int = 0

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
        return cls(values["version"], values["refreshed"], files, thesaurus, values["problems"])

    def write(self) -> str:
        return json.dumps(
            {
                "version": self.version,
                "refreshed": self.refreshed,
                "files": self.files,
                "thesaurus": self.thesaurus,
                "problems": self.problems,
            }
        )
