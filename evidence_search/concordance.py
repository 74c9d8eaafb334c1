"""Keyword in context: each place where records have a word, with what stands around it.

A concordance (Luhn, "Keyword-in-context index for technical literature",
1960) shows how a corpus uses a word.  NLTK's takes a list of tokens and
prints; this one keeps the original text, its offsets, and phrases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import fold
from evidence_search.snippets import leaves, occurrences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.analysis import Analyzer
    from evidence_search.records import StudyRecord
    from evidence_search.trees import Tree

SORTS = ("record", "left", "right")
FIELDS = ("title", "summary")


class Line(NamedTuple):
    """A place where a record has the word: ``match`` begins at character ``start`` of ``field``.

    ``left`` and ``right`` are what stands around it, as long as was asked for.
    """

    record: str
    field: str
    start: int
    left: str
    match: str
    right: str


def concordance(
    records: Iterable[StudyRecord], tree: Tree, analyzer: Analyzer, width: int
) -> Iterator[Line]:
    """Yield the places in some records, in order, with ``width`` characters on each side."""
    fields = [(field, leaves(tree, field)) for field in FIELDS]
    for record in records:
        for field, wanted in fields:
            text: str = getattr(record, field)
            for start, end in occurrences(text, wanted, analyzer):
                left, right = text[max(0, start - width) : start], text[end : end + width]
                yield Line(record.id, field, start, left, text[start:end], right)


def arranged(lines: Iterable[Line], sort: str) -> list[Line]:
    """Return lines in order: as they are, or by what stands right, or left, nearest word first."""
    if sort == "right":
        return sorted(lines, key=lambda line: (fold(line.right).split(), fold(line.match)))
    if sort == "left":
        return sorted(lines, key=lambda line: (fold(line.left).split()[::-1], fold(line.match)))
    return list(lines)
