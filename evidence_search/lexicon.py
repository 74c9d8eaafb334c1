"""Which words are English, so that a real word isn't taken for a slip of the hand in another.

They are those of the vocabulary that language models of the BERT family read
(``vectors/bert-base-uncased.txt``, Apache-2.0, from Google): the 23,000 commonest words of
Wikipedia and of books, their forms and many names among them, and no misspellings.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "vectors" / "bert-base-uncased.txt"


def is_english(word: str) -> bool:
    """Tell whether a word, in small letters, is a common English one, or a common name."""
    return f"\n{word}\n" in _text()


def begins_english(letters: str) -> bool:
    """Tell whether a common English word, or name, begins with these small letters."""
    return f"\n{letters}" in _text()


@cache
def _text() -> str:
    return _FILE.read_text(encoding="utf-8")
