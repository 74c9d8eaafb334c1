"""One refresh on its way: files to listings, listings to documents, and what differs written.

Files are read whole, one by one or several at once (:mod:`.reading`); the records of those
that changed are in memory until the listings of all files are grouped into documents, since a
record of one file may be the document of another's.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from evidence_search import corpus, documents
from evidence_search.acronyms import compiled
from evidence_search.analysis import Recorder
from evidence_search.documents import fingerprint
from evidence_search.errors import CorpusError
from evidence_search.index.changes import without_library
from evidence_search.index.ledger import (
    FileListings,
    acronyms_of,
    attachment,
    documents_of,
    record_documents,
    recorded,
)
from evidence_search.index.reading import processes, read, read_all
from evidence_search.index.state import VERSION, Refreshed, State
from evidence_search.merging.record import merge
from evidence_search.tables import table
from evidence_search.thesaurus import Compiled
from evidence_search.thesaurus.source import home, is_own, load
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from evidence_search.corpus import Stamp
    from evidence_search.engines import Document, Engine, Writer
    from evidence_search.index.ledger import Claim, Place
    from evidence_search.index.reading import Reading
    from evidence_search.index.state import Changes, Entry
    from evidence_search.index.view import View
    from evidence_search.records import Problem, StudyRecord


_STEP = 64
"""Documents from one word on progress to the next."""


class Update:
    """One refresh on its way: files read, listings grouped, documents and attachments written.

    ``view`` is what the index holds, or ``None`` where all is built anew.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        max_size: int,
        view: View | None,
        stamps: Mapping[str, Stamp],
        changes: Changes,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._max_size = max_size
        self._view = view
        self._changes = changes
        self._progress = progress
        self._begun = time.time_ns()
        self._to_read = sorted((*changes.added, *changes.changed) if view else stamps)
        self._sizes = {path: stamps[path].size for path in self._to_read if path in stamps}
        self._bytes, self._bytes_read = sum(self._sizes.values()), 0.0
        self._parts: dict[str, float] = {}
        self._ledger = view.ledger() if view else {}
        self._before = recorded(self._ledger)
        self._files = {**view.state.files, **dict(changes.touched)} if view else {}
        self._files.pop(corpus.THESAURUS, None)
        self._analyzer = Recorder(view.analyzer.stems if view else None)
        self._counts = Counter(view.counts() if view else {})
        self._read: dict[str, corpus.CorpusFile] = {}
        self._listed = dict(self._ledger)
        self._payloads: dict[str, str] = {}
        self._problems: list[Problem] = []

    def run(self, base: View | None) -> Refreshed:
        """Write the state after ``base``; return what that did."""
        for path in self._changes.removed if self._view else ():
            self._forget(path)
        with closing(self._readings()) as readings:
            for path, reading in readings:
                self._list(path, reading)
        claims = documents_of(self._ledger)
        while waiting := self._waiting(claims):
            for path in waiting:
                self._list(path)
            claims = documents_of(self._ledger)
        self._problems.extend(p for path in self._to_read for p in self._read[path].problems)
        engine = base.snapshot if base else None
        with self._engine.write(
            engine, clear=not self._view, phrases=lambda: self._phrases(claims)
        ) as writer:
            counts = self._write_documents(writer, claims)
            self._write_ledger(writer, claims)
            self._write_vocabulary(writer)
            self._write_thesaurus(writer, claims)
            self._write_state(writer)
        return Refreshed(
            *counts,
            thesaurus=self._changes.thesaurus,
            problems=tuple(self._problems),
            bundled=not is_own(self._folder),
        )

    # Files to listings

    def _forget(self, path: str) -> None:
        self._ledger.pop(path, None)
        self._files.pop(path, None)

    def _report(self, done: float) -> None:
        """Say how many bytes are done, of files to read and then of their records to write."""
        if self._progress and self._bytes:
            self._progress(int(done), 2 * self._bytes)

    def _read_part(self, path: str, part: float) -> None:
        """Say how much of a file is read."""
        known = self._parts.get(path, 0.0)  # more, where it is read a second time
        self._bytes_read += max(part - known, 0.0) * self._sizes.get(path, 0)
        self._parts[path] = max(part, known)
        self._report(self._bytes_read)

    def _readings(self) -> Generator[tuple[str, Reading | None], None, None]:
        """Yield the files to read, with what was read of them by other processes, if any."""
        count = processes(self._sizes)
        if not count:
            return ((path, None) for path in self._to_read)
        return read_all(self._folder, self._to_read, self._max_size, count, self._read_part)

    def _list(self, path: str, reading: Reading | None = None) -> None:
        """Enter what a file lists into the ledger; read it where that isn't done yet."""
        try:
            file, listings = reading or read(
                self._folder, path, self._max_size, lambda part: self._read_part(path, part)
            )
        except CorpusError as error:
            file = corpus.unreadable(path, corpus.Stamp(0, 0), error)
            if corpus.vanished(error):
                file = file._replace(problems=())
                self._forget(path)  # it is as if the scan had not found it
            else:
                # What the index holds of it stands until it can be read, or is gone.
                known = self._ledger.get(path, FileListings())
                for number in range(len(known.listings)):
                    if path in self._read or not self._stored((path, number)):
                        known = known.without(number)
                self._ledger[path] = known._replace(problems=1)
                self._files[path] = (0, 0, corpus.UNREADABLE)
        else:
            missing = any(problem.code == corpus.MISSING_LIBRARY for problem in file.problems)
            self._files[path] = (*file.stamp, without_library() if missing else file.digest)
            self._ledger[path] = listings
        self._read[path] = file
        self._read_part(path, 1.0)

    # Listings to documents

    def _waiting(self, claims: Mapping[str, Claim]) -> list[str]:
        """Return the files that didn't change, but have listings whose text is needed again."""
        return sorted(
            {
                place[0]
                for name, claim in claims.items()
                if self._differs(name, claim)
                for place in claim.places
                if place[0] not in self._read and not self._stored(place)
            }
        )

    def _differs(self, name: str, claim: Claim) -> bool:
        before = self._before.get(name)
        return before is None or before.fingerprint != claim.fingerprint

    def _listing(self, place: Place) -> StudyRecord:
        """Return a listing as it was read, from its file or from the document it was part of."""
        path, number = place
        file = self._read.get(path)
        if file and file.digest != corpus.UNREADABLE:
            return file.records[number]
        stored = self._stored(place)
        if stored is None:
            raise CorpusError(f"{path}: can't be read")
        return stored

    def _stored(self, place: Place) -> StudyRecord | None:
        """Return a listing from the document of the index that it is part of."""
        path, number = place
        listing = self._listed[path].listings[number] if path in self._listed else None
        if not self._view or not listing or not listing.document:
            return None
        if listing.document not in self._payloads:
            self._payloads |= self._view.snapshot.fetch([listing.document])
        document = documents.record(self._payloads[listing.document])
        single = replace(document, id=listing.identity.id)
        return next(
            (r for r in document.listings or (single,) if fingerprint(r) == listing.fingerprint),
            None,
        )

    def _write_documents(self, writer: Writer, claims: dict[str, Claim]) -> tuple[int, int, int]:
        """Write what differs; return how many documents were added, replaced and removed."""
        for number, (name, claim) in enumerate([*claims.items()]):
            if number % _STEP == 0:
                self._report(self._bytes * (1 + number / len(claims)))
            if not self._differs(name, claim):
                continue
            listings = [self._listing(place) for place in claim.places]
            try:
                document = self._document(merge(listings, name), self._counts.update)
            except Exception as error:  # noqa: BLE001 - one record never costs the others
                self._problems.append(corpus.failed(listings[0].source, error))
                for path, place in claim.places:
                    self._ledger[path] = self._ledger[path].without(place)
                del claims[name]
            else:
                writer.add(document)
        outdated = [
            name
            for name, claim in self._before.items()
            if name not in claims or self._differs(name, claims[name])
        ]
        for name in outdated:
            writer.remove(name)
            for payload in self._view.snapshot.fetch([name]).values() if self._view else ():
                self._document(documents.record(payload), self._counts.subtract)
        removed = len(self._before.keys() - claims.keys())
        return len(claims.keys() - self._before.keys()), len(outdated) - removed, removed

    def _document(self, record: StudyRecord, count: Callable[[Iterable[str]], None]) -> Document:
        """Return the document of a record, and count the words that it has."""
        self._analyzer.met.clear()
        document = documents.document(record, self._analyzer)
        count(self._analyzer.met)
        return document

    # What is committed beside the documents

    def _write_ledger(self, writer: Writer, claims: Mapping[str, Claim]) -> None:
        changed = record_documents(self._ledger, claims)
        for path in {*self._read, *changed, *(self._changes.removed if self._view else ())}:
            listings = self._ledger.get(path)
            writer.attach(attachment(path), listings.to_text() if listings else "")

    def _write_vocabulary(self, writer: Writer) -> None:
        known, stem = self._analyzer.stems.get, self._analyzer.stem
        counts = {surface: n for surface, n in sorted(self._counts.items()) if n > 0}
        if not self._view or counts != self._view.counts():
            stems = {surface: known(surface) or stem(surface) for surface in counts}
            writer.attach("stems", table(stems.items()).text)
            writer.attach("vocabulary", table(dict.fromkeys(stems.values(), "").items()).text)
            writer.attach("counts", json.dumps(counts))

    def _write_state(self, writer: Writer) -> None:
        problems = sum(file.problems for file in self._ledger.values())
        state = State(VERSION, self._begun, self._files, self._thesaurus[0], problems)
        writer.attach("state", state.write())

    def _phrases(self, claims: Mapping[str, Claim]) -> Iterator[tuple[str, ...]]:
        """Yield the tokens of what queries will be expanded by."""
        _, source = self._thesaurus
        text, _ = compiled(source, tuple(acronyms_of(self._ledger, claims.values())))
        return Compiled.from_text(text).phrases() if text else iter(())

    def _write_thesaurus(self, writer: Writer, claims: Mapping[str, Claim]) -> None:
        """Write thesaurus and acronyms of the corpus, compiled, and the stems of their words."""
        _, source = self._thesaurus
        acronyms = acronyms_of(self._ledger, claims.values())
        known = json.dumps(acronyms)
        if self._view and not self._changes.thesaurus:
            if known == self._view.snapshot.attachment("acronyms"):
                return
        text, stems = compiled(source, tuple(acronyms))
        writer.attach("acronyms", known)
        writer.attach("thesaurus", text)
        writer.attach("thesaurus-stems", stems)
        writer.attach("thesaurus-source", source)

    @cached_property
    def _thesaurus(self) -> tuple[Entry | None, str]:
        """Return what is to be known of the thesaurus file, and its text."""
        view = self._view
        held = view.snapshot.attachment("thesaurus-source") if view else ""
        if view and not self._changes.thesaurus:
            return dict(self._changes.touched).get(corpus.THESAURUS, view.state.thesaurus), held
        loaded = load(*home(self._folder, self._max_size))
        if loaded.problem:
            self._problems.append(loaded.problem)
        # What the index holds of a broken one stands until it is mended.
        return loaded.entry, held if loaded.text is None else loaded.text
