"""NLTK's English stemmer, and nothing else of NLTK; the only door to it.

Importing any part of NLTK imports the whole, and that brings in scipy, scikit-learn, pandas
and matplotlib wherever these are installed, for parts of NLTK that are not asked for here:
seconds, where stemming itself takes milliseconds.  So they are left out while it is
imported, and the parts of NLTK that went without are forgotten, so that a notebook
which imports NLTK for itself gets all of it.

All of that happens once in a process, by one thread, and no other thread misses a library.
"""

from __future__ import annotations

import sys
import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec

_LEFT_OUT = frozenset({"joblib", "matplotlib", "numpy", "pandas", "scipy", "sklearn"})


_importing = threading.Lock()


class _Without:
    """An importer that says of some libraries, to one thread, that they aren't installed."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Raise for what is left out; leave all else to other importers."""
        if name.partition(".")[0] in _LEFT_OUT and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is not needed for stemming", name=name)
        return None


def english_stemmer() -> Callable[[str], str]:
    """Return the function that gives the Porter2 stem of a word in small letters.

    Source: Porter, "The English (Porter2) stemming algorithm" (2002),
    http://snowball.tartarus.org/algorithms/english/stemmer.html.
    """
    with _importing:  # a cache alone would let two threads import at once
        return _imported()


@cache
def _imported() -> Callable[[str], str]:
    before = any(_is_nltk(name) for name in tuple(sys.modules))
    without = _Without()
    # Another thread may be going through the list: it isn't changed, but replaced.
    sys.meta_path = [without, *sys.meta_path]
    try:
        from nltk.stem.snowball import EnglishStemmer
    finally:
        sys.meta_path = [finder for finder in sys.meta_path if finder is not without]
    if not before:
        for name in filter(_is_nltk, tuple(sys.modules)):
            del sys.modules[name]
    stem: Callable[[str], str] = EnglishStemmer().stem
    return stem


def _is_nltk(module: str) -> bool:
    return module.partition(".")[0] == "nltk"
