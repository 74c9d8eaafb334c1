"""Whether an index holds what its corpus says, record by record and word by word.

Nothing that the index says of itself is relied upon: the corpus is read and
analysed as if to build the index, and each document is compared with what the
files of the index give back for it.  It is read twice, first for what is listed where,
then for the records, of which only those that are listed elsewhere too are kept until
all their listings were read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

from evidence_search import corpus, documents
from evidence_search.analysis import Recorder
from evidence_search.index.changes import compare
from evidence_search.index.ledger import (
    FileListings,
    Place,
    documents_of,
    listed,
    recorded,
)
from evidence_search.merging.decisions import Decision, Decisions
from evidence_search.merging.neighbours import digests
from evidence_search.merging.record import merge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from evidence_search.engines import Document
    from evidence_search.index.view import View
    from evidence_search.records import StudyRecord


def differences(folder: Path, view: View, max_size: int) -> Iterator[str]:
    """Yield what is wrong with an index, a line each; of a damaged one only what the damage is."""
    damaged = list(view.snapshot.damage())
    yield from damaged
    if damaged:
        return
    yield from _changes(folder, view, max_size)
    analyzer = Recorder()
    counts: Counter[str] = Counter()
    held = {document.id: _digest(document) for document in view.snapshot.contents()}
    ledger: dict[str, FileListings] = {}
    decided: list[Decision] = []
    unreadable = []
    for file in corpus.read_corpus(folder, max_size):
        ledger[file.path] = FileListings.of(file)
        decided += file.decisions
        if file.digest == corpus.UNREADABLE:
            unreadable.append(file.path)
    for path in unreadable:
        yield f"{path}: expected to compare its records, found that it can't be read"
    unsure = {
        name
        for name, claim in recorded(listed(view.ledger())).items()
        if any(_within(place[0], path) for place in claim.places for path in unreadable)
    }
    left = set(held) - unsure
    for record, keys in _records(folder, max_size, ledger, Decisions(tuple(decided))):
        if record.id in unsure:
            continue
        analyzer.met.clear()
        document = documents.document(record, analyzer, keys)
        counts.update(analyzer.met)
        left.discard(record.id)
        if held.get(record.id) != _digest(document):
            yield f"{record.id}: {_found(record, view, document.payload)}"
    for name in sorted(left):
        yield f"{name}: expected no such record, found one that the corpus hasn't"
    yield from _vocabulary(view, analyzer, counts)


def _records(
    folder: Path, max_size: int, ledger: Mapping[str, FileListings], decisions: Decisions
) -> Iterator[tuple[StudyRecord, list[str]]]:
    """Yield the records of the documents that the files of a ledger list, with their keys."""
    listings = listed(ledger)
    documents = documents_of(listings, decisions)
    names = {place: name for name, claim in documents.items() for place in claim.places}
    waiting: dict[str, dict[Place, StudyRecord]] = {}
    for file in corpus.read_corpus(folder, max_size):
        for number, record in enumerate(file.records):
            place = (file.path, number)
            name = names.get(place)
            if name is None:  # the file was changed since
                continue
            places = documents[name].places
            read = waiting.setdefault(name, {})
            read[place] = record
            if len(read) == len(places):
                del waiting[name]
                yield (
                    merge([read[place] for place in places], name),
                    digests(listings[place].identity for place in places),
                )


def _within(path: str, unreadable: str) -> bool:
    """Tell whether a file is the one, or in the folder, that can't be read."""
    return path == unreadable or (unreadable.endswith("/") and path.startswith(unreadable))


def _digest(document: Document) -> bytes:
    """Return a digest of all that an index must have of a document."""
    comparable = (
        sorted((field, [*tokens]) for field, tokens in document.text.items() if tokens),
        sorted((field, sorted(set(labels))) for field, labels in document.labels.items() if labels),
        sorted(document.numbers.items()),
        document.title_key,
        document.place_key,
        document.payload,
    )
    return hashlib.blake2b(
        repr(comparable).encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()


def _changes(folder: Path, view: View, max_size: int) -> Iterator[str]:
    changes = compare(folder, corpus.scan(folder), view.state, max_size)
    for kind in ("added", "changed", "removed"):
        for path in getattr(changes, kind):
            yield f"{path}: expected it as it was at the last refresh, found it {kind}"
    if changes.thesaurus:
        yield f"{corpus.THESAURUS}: expected it as it was at the last refresh, found it changed"
    if changes.version:
        yield "expected an index of this version of the program, found another"


def _found(record: StudyRecord, view: View, payload: str) -> str:
    """Say how what the index holds for a record differs from it."""
    found = view.snapshot.fetch([record.id]).get(record.id)
    where = f"expected the record of {record.source}, found"
    if found is None:
        return f"{where} none by this id"
    if found == payload:
        return f"{where} it under other words or labels"
    ours, theirs = json.loads(payload), json.loads(found)
    names = [name for name in ours if ours[name] != theirs.get(name)]
    return f"{where} one with another {' and '.join(names[:3]) or 'form'}"


def _vocabulary(view: View, analyzer: Recorder, counts: Mapping[str, int]) -> Iterator[str]:
    held, stems = view.counts(), view.analyzer.stems
    for surface in sorted(counts.keys() | held.keys()):
        expected, found = counts.get(surface, 0), held.get(surface, 0)
        if expected != found:
            yield f"{surface!r}: expected the word in {expected} records, found it counted {found}"
        elif stems.get(surface) != analyzer.stem(surface):
            yield (
                f"{surface!r}: expected the stem {analyzer.stem(surface)!r}, "
                f"found {stems.get(surface)!r}"
            )
