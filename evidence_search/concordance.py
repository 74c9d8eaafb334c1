"""Keyword in context: each place where records have a word, with what stands around it.

A concordance (Luhn, "Keyword-in-context index for technical literature",
1960) shows how a corpus uses a word.  NLTK's takes a list of tokens and
prints; this one keeps the original text, its offsets, and phrases.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import fold
from evidence_search.display import Displayed, drawn
from evidence_search.errors import QueryError
from evidence_search.snippets import leaves, occurrences
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.analysis import Analyzer
    from evidence_search.engines.plan import Node
    from evidence_search.records import StudyRecord
    from evidence_search.search import Provenance, Search

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


class Concordance(Displayed, Value):
    """The places where records have a word, in order: a sequence of :class:`Line`.

    ``total`` is how many records match.  It prints with the word in one column.
    """

    _kind = "concordance"

    search: Search
    provenance: Provenance
    total: int
    lines: tuple[Line, ...]

    @property
    def numbers(self) -> dict[str, int]:
        """The records of the places, by id, numbered from 1 in the order of the places."""
        ids = dict.fromkeys(place.record for place in self.lines)
        return {name: number for number, name in enumerate(ids, 1)}

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __getitem__(self, at: int) -> Line:
        return self.lines[at]

    def __str__(self) -> str:
        return drawn(self._kind, "text", self).rstrip("\n")

    __repr__ = __str__


def concordance(
    records: Iterable[StudyRecord], node: Node, analyzer: Analyzer, width: int, sort: str
) -> tuple[Line, ...]:
    """Return the places in some records, with ``width`` characters on each side.

    By record they are in the order of their ids, and so are those of which ``sort`` says no more.

    Raises :class:`QueryError` for a width or a sort that there isn't.
    """
    if sort not in SORTS or width < 0:
        raise QueryError(
            f"expected a sort of {', '.join(SORTS)} and a width of 0 or more; "
            f"found {sort!r}, {width}"
        )
    places = sorted(_places(records, node, analyzer, width), key=attrgetter("record"))
    key = _KEYS.get(sort)
    return tuple(sorted(places, key=key) if key else places)


def _places(
    records: Iterable[StudyRecord], node: Node, analyzer: Analyzer, width: int
) -> Iterator[Line]:
    fields = [(field, leaves(node, field)) for field in FIELDS]
    for record in records:
        for field, wanted in fields:
            for text in dict.fromkeys(getattr(r, field) for r in (record, *record.listings)):
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
