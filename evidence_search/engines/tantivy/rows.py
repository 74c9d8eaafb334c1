"""Words in a row that are one token of their own, since they are often asked for.

A thesaurus knows dozens of ways to say a thing, most of them of several words, and to find a
phrase costs tantivy a hundred times what a token does.  Which rows are tokens is settled
when an index is built anew, and kept with it: a phrase that isn't among them is found as a
phrase, with the same answer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROWS = "tantivy/rows"
"""The name under which they are attached to a state."""
_WORD, _ROW = "\x1f", "\n"
"""What stands between words, and between rows; no token has control characters."""


def token_of(words: Iterable[str]) -> str:
    """Return the token of some words in a row."""
    return _WORD.join(words)


class Rows:
    """The rows of two words or more that are tokens."""

    def __init__(self, rows: Iterable[Sequence[str]] = ()) -> None:
        self._tokens = {token_of(row) for row in rows if len(row) > 1}
        self._from: dict[tuple[str, str], list[tuple[str, ...]]] = {}

    @classmethod
    def from_text(cls, text: str) -> Rows:
        """Return the rows of which :attr:`text` is one."""
        rows = cls()
        rows._tokens = set(text.split(_ROW)) if text else set()
        return rows

    @property
    def text(self) -> str:
        """All of them as a text."""
        return _ROW.join(sorted(self._tokens))

    def __contains__(self, words: Sequence[str]) -> bool:
        return token_of(words) in self._tokens

    def within(self, tokens: Sequence[str]) -> Iterator[tuple[int, str]]:
        """Yield each row that stands in a text, as a token, with the place where it begins."""
        if not self._from:
            for row in (tuple(token.split(_WORD)) for token in self._tokens):
                self._from.setdefault((row[0], row[1]), []).append(row)
        for at, pair in enumerate(pairwise(tokens)):
            for row in self._from.get(pair, ()):
                if tuple(tokens[at : at + len(row)]) == row:
                    yield at, token_of(row)
