"""Whether an index holds what its corpus says, record by record and word by word.

Nothing that the index says of itself is relied upon: the corpus is read and
analysed as if to build the index, and each document is compared with what the
files of the index give back for it.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from evidence_search import corpus, documents
from evidence_search.analysis import Recorder
from evidence_search.engines.fingerprints import of_document
from evidence_search.index.comparing import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from evidence_search.index.view import View
    from evidence_search.records import StudyRecord


def differences(folder: Path, view: View, max_size: int) -> Iterator[str]:
    """Yield what is wrong with an index, a line each; of a damaged one only what the damage is."""
    damaged = list(view.engine.damage())
    yield from damaged
    if damaged:
        return
    yield from _changes(folder, view, max_size)
    analyzer = Recorder()
    counts: Counter[str] = Counter()
    held = view.engine.fingerprints()
    left = set(held)
    for file in corpus.read_corpus(folder, max_size):
        if file.digest == corpus.UNREADABLE:
            yield f"{file.path}: expected to compare its records, found that it can't be read"
            left.difference_update(view.ledger().get(file.path, {"records": ()})["records"])
        for record in file.records:
            analyzer.met.clear()
            document = documents.document(record, analyzer)
            counts.update(analyzer.met)
            left.discard(record.id)
            if held.get(record.id) != of_document(document):
                yield f"{record.id}: {_found(record, view, document.payload)}"
    for name in sorted(left):
        yield f"{name}: expected no such record, found one that the corpus hasn't"
    yield from _vocabulary(view, analyzer, counts)


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
    found = view.engine.fetch([record.id]).get(record.id)
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
