"""One refresh: read what changed, file by file, and hand it to the engine.

The *ledger* of an index has, for each file, the fingerprint of each of its
records.  An id that several files claim belongs to the first of them, in
order of path; the others wait for it to be given up.  So what is in the index
follows from the ledger alone (:func:`owned`), however the corpus came to be
as it is, and two ledgers say which documents to add and which to remove.

Files are read one at a time and their documents handed on at once; only
ledgers and the vocabulary are held whole.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from evidence_search import corpus, documents
from evidence_search.acronyms import Acronym, extended, find_acronyms, merged
from evidence_search.analysis import Recorder
from evidence_search.errors import CorpusError, ThesaurusError
from evidence_search.index.comparing import without_library
from evidence_search.index.state import VERSION, State
from evidence_search.records import Problem, Source
from evidence_search.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from evidence_search.corpus import CorpusFile, Stamp
    from evidence_search.engines import Document
    from evidence_search.index.keeping import KeptIndex
    from evidence_search.index.state import Changes, Entry
    from evidence_search.index.view import View
    from evidence_search.records import StudyRecord


def owned(ledger: Mapping[str, Any]) -> dict[str, str]:
    """Return the fingerprint of each record that the index holds, by id."""
    records: dict[str, str] = {}
    for path in sorted(ledger, reverse=True):
        records.update(ledger[path]["records"])
    return records


def claims(ledger: Mapping[str, Any], paths: Iterable[str]) -> dict[str, str]:
    """Return, for each id, the first of ``paths`` that claims it."""
    first: dict[str, str] = {}
    for path in sorted(paths, reverse=True):
        first.update(dict.fromkeys(ledger[path]["records"], path))
    return first


def defined(ledger: Mapping[str, Any]) -> list[Acronym]:
    """Return the acronyms that the records of the index define, those of most records first."""
    return merged(
        Acronym(*acronym)
        for name, path in claims(ledger, ledger).items()
        for acronym in ledger[path]["acronyms"].get(name, ())
    )


class Update:
    """One refresh; ``problems`` are those of the files that it read.

    ``view`` is what the index holds, or ``None`` where all is built anew.
    """

    def __init__(
        self,
        index: KeptIndex,
        view: View | None,
        stamps: Mapping[str, Stamp],
        changes: Changes,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._folder = index.corpus_folder
        self._max_size = index._max_file_size
        self._engine = index._engine
        self._view = view
        self._changes = changes
        self._progress = progress
        self._to_read = sorted((*changes.added, *changes.changed) if view else stamps)
        self._ledger: dict[str, Any] = view.ledger() if view else {}
        self._files = {**view.state.files, **dict(changes.touched)} if view else {}
        self._files.pop(corpus.THESAURUS, None)
        self._counts = Counter(view.counts() if view else {})
        self._analyzer = Recorder(view.analyzer.stems if view else None)
        self._before = owned(self._ledger)
        self._acronyms_before = defined(self._ledger)
        self.problems: list[Problem] = []

    def run(self) -> tuple[int, int, int]:
        """Bring the engine up to date; return how many records were added, replaced, removed."""
        begun = time.time_ns()
        if self._view:
            self._engine.update(
                self._documents(), self._outdated(), lambda: self._attachments(begun)
            )
        else:
            self._engine.build(self._documents(), lambda: self._attachments(begun))
        before, after = self._before, owned(self._ledger)
        common = before.keys() & after.keys()
        replaced = sum(before[name] != after[name] for name in common)
        return len(after) - len(common), replaced, len(before) - len(common)

    # Documents

    def _documents(self) -> Iterator[Document]:
        """Yield the documents of all records that are new to the index, or differ."""
        given_up: set[str] = set()
        for path in (*self._to_read, *self._changes.removed):
            given_up.update(self._records(path))
        for path in self._changes.removed:
            self._forget(path)
        unread = claims(self._ledger, self._ledger.keys() - self._to_read)
        seen: dict[str, Source] = {}
        for done, path in enumerate(self._to_read, 1):
            file = self._read(path)
            if file:
                earlier = {
                    record.id: seen.get(record.id) or Source(unread[record.id], 1)
                    for record in file.records
                    if record.id in seen or unread.get(record.id, path) < path
                }
                kept = corpus.without_duplicates(file, earlier)
                self.problems.extend(kept.problems)
                given_up.difference_update(record.id for record in kept.records)
                seen.update((record.id, record.source) for record in kept.records)
                yield from self._differing(kept.records, path)
            else:
                given_up.difference_update(self._records(path))
                seen.update(dict.fromkeys(self._records(path), Source(path, 1)))
            if self._progress:
                self._progress(done, len(self._to_read))
        yield from self._reclaimed({n: unread[n] for n in given_up if n in unread})

    def _records(self, path: str) -> dict[str, str]:
        records: dict[str, str] = self._ledger.get(path, {"records": {}})["records"]
        return records

    def _forget(self, path: str) -> None:
        self._ledger.pop(path, None)
        self._files.pop(path, None)

    def _read(self, path: str) -> CorpusFile | None:
        """Read a file and enter it into the ledger; return ``None`` where it can't be read."""
        try:
            file = corpus.read_file(self._folder, path, self._max_size)
        except CorpusError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                self._forget(path)  # it is as if the scan had not found it
                return None
            # What the index holds of it stands until it can be read, or is gone.
            problem = Problem(Source(path, 1), "error", corpus.UNREADABLE, str(error))
            held = {n: f for n, f in self._records(path).items() if self._before.get(n) == f}
            self.problems.append(problem)
            known = self._ledger.get(path, {}).get("acronyms", {})
            self._ledger[path] = {"records": held, "problems": 1, "acronyms": known}
            self._files[path] = (0, 0, corpus.UNREADABLE)
            return None
        missing = any(problem.code == corpus.MISSING_LIBRARY for problem in file.problems)
        self._files[path] = (*file.stamp, without_library() if missing else file.digest)
        self._ledger[path] = {
            "records": {r.id: documents.fingerprint(r) for r in reversed(file.records)},
            "problems": len(file.problems),
            "acronyms": _acronyms(file.records),
        }
        return file

    def _differing(self, records: Iterable[StudyRecord], path: str) -> Iterator[Document]:
        fingerprints = self._records(path)
        for record in records:
            if self._before.get(record.id) != fingerprints[record.id]:
                self._analyzer.met.clear()
                document = documents.document(record, self._analyzer)
                self._counts.update(self._analyzer.met)
                yield document

    def _reclaimed(self, wanted: Mapping[str, str]) -> Iterator[Document]:
        """Yield the documents of ids that files gave up to others, which didn't change."""
        for path in sorted(set(wanted.values())):
            names = {name for name, claimant in wanted.items() if claimant == path}
            try:
                file = corpus.read_file(self._folder, path, self._max_size)
            except CorpusError:
                file = None
            if file and file.digest == self._files[path][2]:
                kept = corpus.without_duplicates(file, {}).records
                yield from self._differing((r for r in kept if r.id in names), path)
            else:
                # It is changing just now: let the next refresh read it.
                self._files[path] = (-1, 0, "")
                for name in names:
                    del self._ledger[path]["records"][name]

    def _outdated(self) -> Iterator[str]:
        """Yield the ids of the documents to remove; asked for when all are added."""
        after = owned(self._ledger)
        for name, fingerprint in self._before.items():
            if after.get(name) != fingerprint:
                for payload in self._engine.fetch([name]).values():
                    self._analyzer.met.clear()
                    documents.document(documents.record(payload), self._analyzer)
                    self._counts.subtract(self._analyzer.met)
                yield name

    # What is committed beside the documents

    def _attachments(self, begun: int) -> dict[str, str]:
        known, stem = self._analyzer.stems.get, self._analyzer.stem
        counts = {surface: n for surface, n in sorted(self._counts.items()) if n > 0}
        entry, source = self._source()
        thesaurus, others = self._thesaurus(source)
        claimed = sum(len(file["records"]) for file in self._ledger.values())
        found = sum(file["problems"] for file in self._ledger.values())
        problems = found + claimed - len(owned(self._ledger))
        state = State(VERSION, begun, self._files, entry, problems)
        return {
            "state": state.write(),
            "ledger": json.dumps(self._ledger),
            "stems": json.dumps({s: known(s) or stem(s) for s in counts}),
            "counts": json.dumps(counts),
            "thesaurus": thesaurus,
            "thesaurus-stems": others,
            "thesaurus-source": source,
        }

    def _source(self) -> tuple[Entry | None, str]:
        """Return the thesaurus file as found, and its text; of one that's broken, the text before.

        ``""`` is a thesaurus without concepts.
        """
        view = self._view
        held = view.engine.attachment("thesaurus-source") if view else ""
        if view and not self._changes.thesaurus:
            return dict(self._changes.touched).get(corpus.THESAURUS, view.state.thesaurus), held
        from evidence_search.thesaurus.reading import read_thesaurus

        entry = None
        try:
            data, stamp = corpus.read_bytes(self._folder, corpus.THESAURUS, self._max_size)
            entry = (*stamp, corpus.digest(data))
            text = data.decode()
            read_thesaurus(text, corpus.THESAURUS)
        except FileNotFoundError:
            return None, ""
        except (OSError, UnicodeDecodeError, ThesaurusError) as error:
            # What the index holds of it stands until it is mended.
            self.problems.append(
                Problem(Source(corpus.THESAURUS, 1), "error", "thesaurus", str(error))
            )
            return entry or (0, 0, corpus.UNREADABLE), held
        return entry, text

    def _thesaurus(self, source: str) -> tuple[str, str]:
        """Return thesaurus and acronyms of the corpus, compiled, and the stems of their words."""
        view, acronyms = self._view, defined(self._ledger)
        if view and not self._changes.thesaurus and acronyms == self._acronyms_before:
            held = view.engine.attachment
            return held("thesaurus"), held("thesaurus-stems")
        from evidence_search.thesaurus.compiling import compile_thesaurus
        from evidence_search.thesaurus.reading import read_thesaurus

        analyzer = Recorder(self._analyzer.stems)

        def normalise(words: str) -> tuple[str, ...]:
            return tuple(analyzer.tokens(words))

        thesaurus = extended(read_thesaurus(source, corpus.THESAURUS), acronyms, normalise)
        if not thesaurus.concepts:
            return "", ""
        compiled = compile_thesaurus(thesaurus, normalise)
        stems = table((surface, analyzer.stem(surface)) for surface in analyzer.met)
        return compiled.to_text(), stems.text


def _acronyms(records: Iterable[StudyRecord]) -> dict[str, list[Acronym]]:
    """Return the acronyms that each record defines, by id, of those that define any."""
    found = {
        record.id: sorted(set(find_acronyms(f"{record.title}\n{record.summary}")))
        for record in reversed([*records])
    }
    return {name: acronyms for name, acronyms in found.items() if acronyms}
