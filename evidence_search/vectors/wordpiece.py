"""Text to the word pieces that models of the BERT family read.

Source: Devlin et al., "BERT" (2019), and Wu et al., "Google's Neural Machine Translation System"
(2016): a word is cut from its beginning into the longest pieces of the vocabulary; pieces that go
on within a word begin with ``##``.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN, END, UNKNOWN, CONTINUED = "[CLS]", "[SEP]", "[UNK]", "##"
_LONGEST_WORD = 100  # characters; the models were trained with longer words as unknown
_REMEMBERED_WORDS = 50_000
_CONTROLS = {"Cc", "Cf", "Co", "Cs"}
_IDEOGRAPHS = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2CEAF), (0xF900, 0xFAFF))


class WordPiece:
    """Cuts text into numbers of the pieces of ``vocabulary``, which are listed in order.

    ``lower`` folds case and accents, as the uncased models expect.  Raises ``KeyError`` where the
    vocabulary lacks one of the special pieces.
    """

    def __init__(self, vocabulary: Sequence[str], *, lower: bool = True) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._begin, self._end = self._numbers[BEGIN], self._numbers[END]
        self._unknown = self._numbers[UNKNOWN]
        self._lower = lower
        self._characters = _Characters(drop_marks=lower)
        self._words: dict[str, list[int]] = {}

    def numbers(self, text: str, most: int) -> list[int]:
        """Return the numbers of the first pieces of ``text``, ``most`` with begin and end."""
        if self._lower:
            text = unicodedata.normalize("NFD", text.lower())
        room = most - 2
        pieces: list[int] = []
        for word in text.translate(self._characters).split():
            pieces += self._pieces(word)
            if len(pieces) >= room:
                break
        return [self._begin, *pieces[:room], self._end]

    def _pieces(self, word: str) -> list[int]:
        pieces = self._words.get(word)
        if pieces is None:
            pieces = self._cut(word)
            if len(self._words) >= _REMEMBERED_WORDS:
                self._words.clear()
            self._words[word] = pieces
        return pieces

    def _cut(self, word: str) -> list[int]:
        pieces: list[int] = []
        start = 0
        while start < len(word):
            prefix = CONTINUED if start else ""
            for end in range(min(len(word), _LONGEST_WORD), start, -1):
                number = self._numbers.get(prefix + word[start:end])
                if number is not None:
                    break
            else:
                return [self._unknown]
            if len(word) > _LONGEST_WORD:
                return [self._unknown]
            pieces.append(number)
            start = end
        return pieces


class _Characters(dict[int, str]):
    """What stands for each character before words are split at white space, filled as met.

    Punctuation and ideographs are words by themselves; control characters are none.
    """

    def __init__(self, *, drop_marks: bool) -> None:
        super().__init__()
        self._drop_marks = drop_marks

    def __missing__(self, code: int) -> str:
        self[code] = replacement = self._replacement(chr(code))
        return replacement

    def _replacement(self, character: str) -> str:
        category = unicodedata.category(character)
        if character in "\t\n\r" or category == "Zs":
            return " "
        if (
            category in _CONTROLS
            or character == "\ufffd"
            or (self._drop_marks and category == "Mn")
        ):
            return ""
        symbol = character.isascii() and not character.isalnum()
        if symbol or category[0] == "P" or any(a <= ord(character) <= b for a, b in _IDEOGRAPHS):
            return f" {character} "
        return character
