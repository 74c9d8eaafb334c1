"""Keyword in context: each place where records have a word, with what stands around it.

A concordance (Luhn, "Keyword-in-context index for technical literature",
1960) shows how a corpus uses a word.  NLTK's takes a list of tokens and
prints; this one keeps the original text, its offsets, and phrases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import fold
from evidence_search.errors import QueryError
from evidence_search.snippets import leaves, occurrences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.analysis import Analyzer
    from evidence_search.records import StudyRecord
    from evidence_search.trees import Tree

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


class Concordance(tuple[Line, ...]):
    """The places found, in order; it prints with the word in one column."""

    __slots__ = ()

    def __repr__(self) -> str:
        from evidence_search.render.concordances import as_text
        from evidence_search.render.text import Style

        return "".join(as_text(self, Style())).rstrip("\n")


def concordance(
    records: Iterable[StudyRecord], tree: Tree, analyzer: Analyzer, width: int, sort: str
) -> Concordance:
    """Return the places in some records, with ``width`` characters on each side.

    Raises :class:`QueryError` for a width or a sort that there isn't.
    """
    if sort not in SORTS or width < 0:
        raise QueryError(
            f"expected a sort of {', '.join(SORTS)} and a width of 0 or more; "
            f"found {sort!r}, {width}"
        )
    places = _places(records, tree, analyzer, width)
    key = _KEYS.get(sort)
    return Concordance(sorted(places, key=key) if key else places)


def _places(
    records: Iterable[StudyRecord], tree: Tree, analyzer: Analyzer, width: int
) -> Iterator[Line]:
    fields = [(field, leaves(tree, field)) for field in FIELDS]
    for record in records:
        for field, wanted in fields:
            text: str = getattr(record, field)
            for start, end in occurrences(text, wanted, analyzer):
                left, right = text[max(0, start - width) : start], text[end : end + width]
                yield Line(record.id, field, start, left, text[start:end], right)


def _by_right(line: Line) -> tuple[list[str], str]:
    return fold(line.right).split(), fold(line.match)


def _by_left(line: Line) -> tuple[list[str], str]:
    """Return the words that stand left, the nearest first."""
    return fold(line.left).split()[::-1], fold(line.match)


_KEYS = {"left": _by_left, "right": _by_right}
SORTS = ("record", *_KEYS)
