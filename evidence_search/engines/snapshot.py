"""One committed state of an index on Whoosh, as it answers."""

from __future__ import annotations

import json
import os
import pickle
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from whoosh.index import TOC, FileIndex
from whoosh.index import IndexError as WhooshIndexError

from evidence_search.engines import trust
from evidence_search.engines.seal import Seal, damaged
from evidence_search.engines.searching import Searcher
from evidence_search.engines.segments import Leaf, decode, whoosh_schema
from evidence_search.engines.storage import NAME, errors
from evidence_search.errors import EvidenceSearchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from evidence_search.engines import Found, Ranking, Request, Schema
    from evidence_search.engines.storage import Storage
    from evidence_search.trees import Tree

TOTALS = "totals"
"""The attachment with the counts over all documents."""

# What Whoosh raises for files that are whole, but not of its version or this machine.
_FOREIGN = (WhooshIndexError, pickle.UnpicklingError, AttributeError, ImportError, AssertionError)


class Snapshot:
    """One committed state: its readers, its attachments, and a searcher over them."""

    def __init__(self, folder: Path, storage: Storage, schema: Schema, generation: int) -> None:
        self._folder = folder
        self._schema = schema
        self._descriptors: dict[str, int] = {}
        self._close = weakref.finalize(self, _close, self._descriptors)
        self.seal = Seal(folder, {})
        self.names = frozenset[str]()
        self._reader: Any = None
        self._leaves: list[Leaf] = []
        if generation:
            self._take_up(generation)
            try:
                contents = TOC.read(storage, NAME, gen=generation, schema=whoosh_schema(schema))
                self._reader = FileIndex._reader(
                    storage, contents.schema, contents.segments, generation
                )
            except _FOREIGN as error:
                raise damaged(folder, f"another format ({type(error).__name__})") from error
            self._leaves = [
                Leaf(leaf, base, schema)
                for leaf, base in self._reader.leaf_readers()
                if leaf.doc_count_all()
            ]
        totals = json.loads(self.attachment(TOTALS) or "{}")
        self.searcher = Searcher(schema, self._leaves, totals.get("lengths", {}), decode)
        if self.searcher.documents != totals.get("documents", 0):
            raise damaged(folder, f"{self.searcher.documents} documents, not those counted")

    def _take_up(self, generation: int) -> None:
        """Open the attachments, which a commit may remove any time, and look at the rest."""
        name = f"seal-{generation}.json"
        self.seal = Seal.read(self._folder, name)
        self.names = frozenset((*self.seal.files, name))
        suffix = f"-{generation}.json"
        for name in self.seal.files:
            if name.endswith(suffix):
                descriptor = trust.open_file(os.path.join(self._folder, name))  # noqa: PTH118
                self._descriptors[name.removesuffix(suffix)] = descriptor
            else:
                self.seal.check(name)
        self._suffix = suffix

    def close(self) -> None:
        """Release the files."""
        if self._reader is not None:
            self._reader.close()
        self._close()

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return self.searcher.documents

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return sum(sealed.size for sealed in self.seal.files.values())

    def attachment(self, name: str) -> str:
        """See :class:`evidence_search.engines.Snapshot`."""
        descriptor = self._descriptors.get(name)
        if descriptor is None:
            return ""
        with errors(self._folder):
            return self.seal.attachment(name + self._suffix, descriptor).decode()

    def search(self, request: Request) -> Found:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.search(request)

    def explain(self, tree: Tree, document: str, ranking: Ranking) -> Sequence[tuple[Tree, float]]:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.explain(tree, document, ranking)

    def frequency(self, token: str) -> int:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.frequency(token)

    def fetch(self, ids: Iterable[str]) -> Mapping[str, str]:
        """See :class:`evidence_search.engines.Snapshot`."""
        with self._reading():
            return self.searcher.fetch(ids)

    def fingerprints(self) -> Mapping[str, int]:
        """See :class:`evidence_search.engines.Snapshot`."""
        from evidence_search.engines.fingerprints import of_leaves

        with self._reading():
            return of_leaves(self._leaves, self._schema, decode)

    def damage(self) -> Iterator[str]:
        """See :class:`evidence_search.engines.Snapshot`."""
        return map(str, self.seal.damage())

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Tell damage from a fault of ours: it is damage where a file isn't as it was sealed."""
        with errors(self._folder):
            try:
                yield
            except (EvidenceSearchError, OSError):
                raise
            except Exception as error:
                for damage in self.seal.damage():
                    raise damage from error
                raise


def _close(descriptors: dict[str, int]) -> None:
    while descriptors:
        os.close(descriptors.popitem()[1])
