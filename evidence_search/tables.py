"""Mappings of strings that are read without being parsed.

A thesaurus has tens of thousands of terms, of which a search needs a dozen:
to make a ``dict`` of them from JSON takes longer than the search itself.  A
table is its text, lines of key, tab and value in the order of their keys,
and is looked up by halving.  One that is looked up as often as it takes to make a
``dict`` of it is made one.

Rejected: ``dbm`` and SQLite (a file of their own, which the index would have
to commit and seal beside its others; SQLite takes 5 ms to import).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_HALVING = 500
"""Characters of a table that are made part of a ``dict`` in the time that halving takes."""


class Table(Mapping[str, str]):
    """A mapping over text as :func:`table` writes it."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._left = len(text) // _HALVING
        self._values: Mapping[str, str] | None = None

    def __getitem__(self, key: str) -> str:
        if self._values is None:
            self._left -= 1
            if self._left < 0:
                self._values = self.to_dict()
        if self._values is not None:
            return self._values[key]
        start = self._first(key)
        if not self.text.startswith(f"{key}\t", start):
            raise KeyError(key)
        return self.text[start + len(key) + 1 : self.text.index("\n", start)]

    def __iter__(self) -> Iterator[str]:
        for line in self.text.split("\n")[:-1]:
            yield line[: line.index("\t")]

    def __len__(self) -> int:
        return self.text.count("\n")

    def to_dict(self) -> dict[str, str]:
        """Return all of it as a ``dict``."""
        parts = self.text.replace("\t", "\n").split("\n")
        return dict(zip(parts[::2], parts[1::2], strict=False))

    def find(self, key: str) -> tuple[str | None, bool]:
        """Return the value of a key, and whether any key goes on where it ends, after a space."""
        text, value = self.text, None
        start = self._first(key)
        if text.startswith(f"{key}\t", start):
            end = text.index("\n", start)
            value, start = text[start + len(key) + 1 : end], end + 1
        return value, text.startswith(f"{key} ", start)

    def _first(self, key: str) -> int:
        """Return where the first line begins whose key is not less than ``key``."""
        text = self.text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            start = text.rfind("\n", low, middle) + 1 or low
            tab = text.index("\t", start)
            if text[start:tab] < key:
                low = text.index("\n", tab) + 1
            else:
                high = start
        return low


def table(items: Iterable[tuple[str, str]]) -> Table:
    """Return the table of some keys, each once, and values; neither has control characters."""
    return Table("".join(f"{key}\t{value}\n" for key, value in sorted(items)))
