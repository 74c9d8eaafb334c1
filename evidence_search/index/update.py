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
from evidence_search.acronyms import compiled, ranked
from evidence_search.analysis import Recorder
from evidence_search.documents import fingerprint
from evidence_search.errors import CorpusError
from evidence_search.index.changes import without_library
from evidence_search.index.ledger import attachment
from evidence_search.index.reading import processes, read, read_all
from evidence_search.index.regrouping import Ledger
from evidence_search.index.state import VERSION, Refreshed, State
from evidence_search.index.vocabulary import Vocabulary
from evidence_search.merging.neighbours import digests
from evidence_search.merging.record import merge
from evidence_search.thesaurus import Compiled
from evidence_search.thesaurus.source import home, is_own, load
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
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
        self._ledger = Ledger(view.snapshot if view else None)
        self._before: dict[str, Claim] = {}
        self._files = {**view.state.files, **dict(changes.touched)} if view else {}
        self._files.pop(corpus.THESAURUS, None)
        self._analyzer = Recorder(view.analyzer.stems if view else None)
        self._counts: Counter[str] = Counter()
        self._problem_count = view.state.problems if view else 0
        self._read: dict[str, corpus.CorpusFile] = {}
        self._problems: list[Problem] = []

    def run(self, base: View | None) -> Refreshed:
        """Write the state after ``base``; return what that did."""
        for path in self._changes.removed if self._view else ():
            self._forget(path)
        with closing(self._readings()) as readings:
            for path, reading in readings:
                self._list(path, reading)
        claims = self._grouped()
        while waiting := self._waiting(claims):
            for path in waiting:
                self._list(path)
            claims = self._grouped()
        self._problems.extend(p for path in self._to_read for p in self._read[path].problems)
        engine = base.snapshot if base else None
        with self._engine.write(
            engine, clear=not self._view, phrases=lambda: self._phrases(claims)
        ) as writer:
            counts = self._write_documents(writer, claims)
            self._write_ledger(writer, claims)
            words = self._write_vocabulary(writer)
            self._write_thesaurus(writer, claims)
            self._write_state(writer, words)
        return Refreshed(
            *counts,
            thesaurus=self._changes.thesaurus,
            problems=tuple(self._problems),
            bundled=not is_own(self._folder),
        )

    # Files to listings

    def _forget(self, path: str) -> None:
        self._ledger.enter(path, None)
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
                known = self._ledger.held(path)
                for number in range(len(known.listings)):
                    if path in self._read or not self._stored((path, number)):
                        known = known.without(number)
                self._ledger.enter(path, known._replace(problems=1))
                self._files[path] = (0, 0, corpus.UNREADABLE)
        else:
            missing = any(problem.code == corpus.MISSING_LIBRARY for problem in file.problems)
            self._files[path] = (*file.stamp, without_library() if missing else file.digest)
            self._ledger.enter(path, listings)
        self._read[path] = file
        self._read_part(path, 1.0)

    # Listings to documents

    def _grouped(self) -> dict[str, Claim]:
        """Return the documents that may differ from those of the index, as they are now."""
        self._before, claims = self._ledger.group()
        return claims

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
        listings = self._ledger.held(path).listings
        listing = listings[number] if number < len(listings) else None
        if not listing or not listing.document:
            return None
        document = self._ledger.stored(listing.document)
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
            keys = digests(self._ledger.listing(place).identity for place in claim.places)
            try:
                document = self._document(merge(listings, name), self._counts.update, keys)
            except MemoryError:  # of which the record isn't the cause
                raise
            except Exception as error:  # noqa: BLE001 - one record never costs the others
                self._problems.append(corpus.failed(listings[0].source, error))
                for place in claim.places:
                    self._ledger.fail(place)
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

    def _document(
        self, record: StudyRecord, count: Callable[[Iterable[str]], None], keys: Sequence[str] = ()
    ) -> Document:
        """Return the document of a record, and count the words that it has."""
        self._analyzer.met.clear()
        document = documents.document(record, self._analyzer, keys)
        count(self._analyzer.met)
        return document

    # What is committed beside the documents

    def _write_ledger(self, writer: Writer, claims: Mapping[str, Claim]) -> None:
        self._ledger.settle(claims)
        for path, before, now in self._ledger.changes():
            self._problem_count += (now.problems if now else 0) - (before.problems if before else 0)
            writer.attach(attachment(path), now.to_text() if now else "")

    def _write_vocabulary(self, writer: Writer) -> int:
        """Write the words that the documents have; return how many these are."""
        held = self._view.vocabulary if self._view else Vocabulary(None, 0)
        words, attachments = held.changed(self._counts, self._analyzer.stem)
        for name, text in attachments:
            writer.attach(name, text)
        return words

    def _write_state(self, writer: Writer, words: int) -> None:
        thesaurus, _ = self._thesaurus
        state = State(VERSION, self._begun, self._files, thesaurus, self._problem_count, words)
        writer.attach("state", state.write())

    def _phrases(self, claims: Mapping[str, Claim]) -> Iterator[tuple[str, ...]]:
        """Yield the tokens of what queries will be expanded by."""
        _, source = self._thesaurus
        text, _ = compiled(source, tuple(ranked(self._ledger.acronyms(claims))))
        return Compiled.from_text(text).phrases() if text else iter(())

    def _write_thesaurus(self, writer: Writer, claims: Mapping[str, Claim]) -> None:
        """Write thesaurus and acronyms of the corpus, compiled, and the stems of their words."""
        _, source = self._thesaurus
        more = self._ledger.acronyms(claims)
        more.subtract(self._ledger.held_acronyms(self._before))
        changed = any(more.values())
        if self._view and not self._changes.thesaurus and not changed:
            return
        held = self._view.acronyms() if self._view else {}
        counts = Counter(held)
        counts.update(more)
        acronyms = tuple(ranked(counts))
        if changed:
            known = [(*one, counts[one]) for one in acronyms]
            writer.attach("acronyms", json.dumps(known) if known else "")
        if self._view and not self._changes.thesaurus and acronyms == tuple(held):
            return
        text, stems = compiled(source, acronyms)
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
