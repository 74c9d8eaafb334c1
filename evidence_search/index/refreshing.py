"""One refresh: read what changed, file by file, and hand it to the engine."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from evidence_search import corpus, documents
from evidence_search.analysis import Analyzer
from evidence_search.errors import CorpusError
from evidence_search.index.state import VERSION, State
from evidence_search.records import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evidence_search.corpus import CorpusFile, Stamp
    from evidence_search.engines import Document
    from evidence_search.index import EvidenceIndex
    from evidence_search.index.state import Changes
    from evidence_search.records import Problem, StudyRecord


class Update:
    """One refresh: reads what changed, file by file, and hands it to the engine."""

    def __init__(
        self,
        index: EvidenceIndex,
        stamps: dict[str, Stamp],
        changes: Changes,
        *,
        rebuild: bool,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._index = index
        self._stamps = stamps
        self._changes = changes
        self._rebuild = rebuild
        self._progress = progress
        self._analyzer = Analyzer() if rebuild else index._analyzer
        self._ledger: dict[str, Any] = {} if rebuild else index._ledger()
        self._files: dict[str, tuple[int, int, str]] = {} if rebuild else dict(index._state.files)
        self.problems: list[Problem] = []

    def run(self) -> tuple[int, int, int]:
        engine = self._index._engine
        begun = time.time_ns()
        if self._rebuild:
            engine.build(self._all(), lambda: self._attachments(begun))
            return sum(len(file["records"]) for file in self._ledger.values()), 0, 0
        to_read = (*self._changes.added, *self._changes.changed)
        before = {name for path in (*to_read, *self._changes.removed) for name in self._known(path)}
        old = {n: f for p in (*to_read, *self._changes.removed) for n, f in self._known(p).items()}
        for path in self._changes.removed:
            self._ledger.pop(path, None)
            self._files.pop(path, None)
        for path in to_read:
            self._ledger.pop(path, None)
        elsewhere = {n for file in self._ledger.values() for n in file["records"]}
        records: dict[str, StudyRecord] = {}
        for file in self._read(to_read, elsewhere):
            records.update((record.id, record) for record in file.records)
        now = {n: f for path in to_read for n, f in self._known(path).items()}
        changed = [name for name in now if now[name] != old.get(name)]
        gone = [name for name in before if name not in now]
        engine.update(
            (documents.document(records[name], self._analyzer) for name in changed),
            [*gone, *(name for name in changed if name in old)],
            lambda: self._attachments(begun),
        )
        replaced = sum(name in old for name in changed)
        return len(changed) - replaced, replaced, len(gone)

    def _known(self, path: str) -> dict[str, str]:
        records: dict[str, str] = self._ledger.get(path, {"records": {}})["records"]
        return records

    def _all(self) -> Iterator[Document]:
        for file in self._read(tuple(self._stamps), set()):
            for record in file.records:
                yield documents.document(record, self._analyzer)

    def _read(self, paths: Sequence[str], elsewhere: set[str]) -> Iterator[CorpusFile]:
        seen = dict.fromkeys(elsewhere, Source("another file", 1))
        for done, path in enumerate(paths, 1):
            try:
                file = corpus.read_file(self._index.corpus_folder, path, self._index._max_file_size)
            except CorpusError as error:
                file = corpus.unreadable(path, self._stamps[path], error)
            file = corpus.without_duplicates(file, seen)
            seen.update((record.id, record.source) for record in file.records)
            self.problems.extend(file.problems)
            # A permission, a limit or a library may change without the file: look again.
            again = not file.digest or any(p.code == corpus.MISSING_LIBRARY for p in file.problems)
            stamp = (-1, 0) if again else file.stamp
            self._files[path] = (*stamp, file.digest)
            self._ledger[path] = {
                "records": {r.id: documents.fingerprint(r) for r in file.records},
                "problems": len(file.problems),
            }
            if self._progress:
                self._progress(done, len(paths))
            yield file

    def _attachments(self, begun: int) -> dict[str, str]:
        thesaurus = self._compiled_thesaurus()
        state = State(
            VERSION,
            begun,
            self._files,
            self._index._thesaurus_state(),
            sum(file["problems"] for file in self._ledger.values()),
        )
        return {
            "state": state.write(),
            "ledger": json.dumps(self._ledger),
            "stems": json.dumps(dict(self._analyzer.stems), ensure_ascii=True),
            "thesaurus": thesaurus,
        }

    def _compiled_thesaurus(self) -> str:
        path = self._index.corpus_folder / corpus.THESAURUS
        with suppress(FileNotFoundError):
            from evidence_search.thesaurus import compile_thesaurus, read_thesaurus

            text = path.read_text(encoding="utf-8")
            compiled = compile_thesaurus(
                read_thesaurus(text, corpus.THESAURUS),
                lambda words: tuple(self._analyzer.tokens(words)),
            )
            return compiled.to_json()
        return ""
