"""NLTK's English stemmer, and nothing else of NLTK; the only door to it.

Importing any part of NLTK imports the whole, and that brings in scipy, scikit-learn, pandas
and matplotlib wherever these are installed, for parts of NLTK that are not asked for here:
seconds, where stemming itself takes milliseconds.  So they are left out while it is
imported, and the parts of NLTK that went without are forgotten, so that a notebook
which imports NLTK for itself gets all of it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec

_LEFT_OUT = frozenset({"joblib", "matplotlib", "numpy", "pandas", "scipy", "sklearn"})


class _Without:
    """An importer that says of some libraries that they aren't installed."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Raise for what is left out; leave all else to other importers."""
        if name.partition(".")[0] in _LEFT_OUT:
            raise ModuleNotFoundError(f"{name} is not needed for stemming", name=name)
        return None


def english_stemmer() -> Callable[[str], str]:
    """Return the function that gives the Porter2 stem of a word in small letters.

    Source: Porter, "The English (Porter2) stemming algorithm" (2002),
    http://snowball.tartarus.org/algorithms/english/stemmer.html.
    """
    before = {name for name in sys.modules if name.partition(".")[0] == "nltk"}
    without = _Without()
    sys.meta_path.insert(0, without)
    try:
        from nltk.stem.snowball import EnglishStemmer
    finally:
        sys.meta_path.remove(without)
    if not before:
        for name in [name for name in sys.modules if name.partition(".")[0] == "nltk"]:
            del sys.modules[name]
    stem: Callable[[str], str] = EnglishStemmer().stem
    return stem
