"""The searches of a session, numbered: ``#1 AND #2`` combines them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.display import Displayed
from evidence_search.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = re.compile(r"(?<![\w#&])#(\d{1,4})\b")
_MOST = 9_999


class Asked(NamedTuple):
    """A search of the session: its number, what was typed, what that stands for, what it found."""

    number: int
    query: str
    meant: str
    total: int


class History(Displayed):
    """The searches of a session in their order; a sequence of :class:`Asked`.

    ``index.history[1]`` is the first.  Those after the 9,999th have no number.
    """

    _kind = "history"

    def __init__(self) -> None:
        self._searches: list[Asked] = []

    def __len__(self) -> int:
        return len(self._searches)

    def __iter__(self) -> Iterator[Asked]:
        return iter(self._searches)

    def __getitem__(self, number: int) -> Asked:
        if not 1 <= number <= len(self._searches):
            there = f"#1 to #{len(self._searches)}" if self._searches else "none yet"
            raise QueryError(f"expected a search of this session ({there}); found #{number}")
        return self._searches[number - 1]

    def __repr__(self) -> str:
        return "\n".join(f"#{s.number}  {s.query}  {s.total:,}" for s in self) or "no searches yet"

    def meant(self, query: str) -> str:
        """Return a query with the searches that its numbers stand for written out.

        Raises :class:`QueryError` for a number that no search has.  Before the first search
        of a session a number is a word as any other.
        """
        if not self._searches:
            return query
        return _NUMBER.sub(lambda found: f"({self[int(found[1])].meant})", query)

    def add(self, query: str, meant: str, total: int) -> None:
        """Give the next number to a search."""
        if len(self._searches) < _MOST:
            self._searches.append(Asked(len(self._searches) + 1, query, meant, total))
