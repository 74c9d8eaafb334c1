"""Text to tokens with true offsets; the only door to NLTK.

A *word* is a run of letters and digits in the text, a *surface* the word
folded (case, accents, quotes, possessive ``'s``), a *token* the stem that is
indexed.  Stop words are indexed, so that phrases stay exact; the planner
leaves them out of bags of words.  A hyphenated word is the tokens of its
parts in a row; :meth:`Analyzer.compounds` gives the parts joined.

NLTK takes longer to import than a whole search, so an analyzer is given the
surface-to-stem table of an index and imports NLTK only for a word that the
table hasn't.  The table is the vocabulary of the corpus, no more and no less:
prefixes and near spellings are looked up in it.

Rejected: NLTK's own tokenizers (the good one needs data that is downloaded)
and its stop words (likewise); lemmatising with WordNet (likewise).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

VERSION = 2
"""Changes whenever the same text would give other tokens, so that an index is rebuilt."""

STOP_WORDS = frozenset(
    "a about above after again against all also am an and any are aren't as at be because been "
    "before being below between both but by can can't cannot could did didn't do does doesn't "
    "doing don't down during each either etc few for from further had has have having he her "
    "here hers herself him himself his how however i if in into is isn't it its itself just may "
    "me might more most my myself neither no nor not of off on once only or other our ours "
    "ourselves out over own per rather same shall she should so some such than that the their "
    "theirs them themselves then there these they this those though through thus to too under "
    "until up upon very via was we were what when where whether which while who whom whose why "
    "will with within without would you your yours".split()
)
"""Surfaces that say nothing alone.  "us" isn't one: searchers mean the country."""

# Invisible characters that pages put inside words: soft hyphen, zero-width ones, joiners.
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_WORD = re.compile(rf"[^\W_]+(?:[{_INVISIBLE}'’ʼ.]+[^\W_]+|[{_INVISIBLE}\u0300-\u036f]+)*")
_HYPHEN = re.compile("[-‐‑]")
# The re module compiles a pattern that is a text when it is first used: these are for few words.
_HYPHENATED = r"[^\W_]+(?:[-‐‑][^\W_]+)+"
_INITIALS = r"(?:[^\W\d_]\.)+[^\W\d_](?:\.?['’ʼ]s)?$"
_APOSTROPHES = str.maketrans("’ʼ‘", "'''")
_DROPPED = str.maketrans("", "", _INVISIBLE)


_TEXTS = 1000
"""Texts whose tokens are remembered: searches show the same records again and again."""


class Token(NamedTuple):
    """A token and where its word stands: ``text[start:end]``, in characters."""

    stem: str
    start: int
    end: int


def fold(text: str) -> str:
    """Fold case, accents, compatibility forms and quotes; offsets are not kept."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_DROPPED))
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
        text = text.translate(_APOSTROPHES)
    return text.casefold()


def words(text: str) -> list[tuple[str, int, int]]:
    """Return the surfaces of ``text`` with start and end in it, in order.

    A word with dots inside is split at them, unless it is initials
    ("U.K." is "uk") or a number ("2.5").
    """
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii() and word.isalnum():  # as nearly all are
            found.append((word.casefold(), *match.span()))
            continue
        start, end = match.span()
        if "." not in word:
            found.append((_surface(word), start, end))
        elif re.match(_INITIALS, word) or word[0].isdigit():
            surface = _surface(word)
            found.append((surface.replace(".", "") if word[0].isalpha() else surface, start, end))
        else:
            for part in word.split("."):
                found.append((_surface(part), start, start + len(part)))
                start += len(part) + 1
    return [word for word in found if word[0]]


def _surface(word: str) -> str:
    surface = fold(word)
    if "'" in surface and surface not in STOP_WORDS:
        surface = surface.removesuffix("'s").replace("'", "")
    return surface


class Analyzer:
    """Turns text into tokens.

    ``stems`` is the vocabulary of a corpus: its surfaces, each with its stem;
    ``others`` has stems of more surfaces, so that NLTK needn't be asked for
    them.  Surfaces that are in neither are stemmed when met, and some thousands
    of them remembered.  Instances may be shared by threads.
    """

    _room = 10_000

    def __init__(
        self, stems: Mapping[str, str] | None = None, others: Mapping[str, str] | None = None
    ) -> None:
        self._stems = stems or {}
        self._others = others or {}
        self._remembered: dict[str, str] = {}
        self._vocabulary: frozenset[str] | None = None
        self._known: frozenset[str] | None = None
        self._spans: dict[str, Sequence[Token]] = {}
        self._stemmer: Callable[[str], str] | None = None

    @property
    def stems(self) -> Mapping[str, str]:
        """The vocabulary of the corpus: every surface and its stem, and no word of a query."""
        return self._stems

    @property
    def vocabulary(self) -> frozenset[str]:
        """The stems of the vocabulary of the corpus."""
        if self._vocabulary is None:
            self._vocabulary = frozenset(self._stems.values())
        return self._vocabulary

    @property
    def others(self) -> Mapping[str, str]:
        """The stems of surfaces that were given beside the vocabulary."""
        return self._others

    def knows(self, surface: str) -> bool:
        """Tell whether a surface was given, or another form of its word."""
        if surface in self._stems or surface in self._others:
            return True
        if self._known is None:
            self._known = self.vocabulary.union(self._others.values())
        return self.stem(surface) in self._known

    def stem(self, surface: str) -> str:
        """Return the token for one folded word: spelling folded, then Porter2 (Snowball)."""
        stem = (
            self._stems.get(surface) or self._remembered.get(surface) or self._others.get(surface)
        )
        if stem is None:
            stem = self._new_stem(surface)
            if len(self._remembered) >= self._room:
                self._remembered.clear()
            self._remembered[surface] = stem
        return stem

    def _new_stem(self, surface: str) -> str:
        if surface.isdigit() or surface in STOP_WORDS or not surface.isascii():
            return surface
        # 17 patterns and a table, which a search can do without.
        from evidence_search.spelling import fold_spelling, own_stem

        known = own_stem(surface)
        if known is not None:
            return known
        if self._stemmer is None:
            from nltk.stem.snowball import EnglishStemmer

            self._stemmer = EnglishStemmer().stem
        stem = self._stemmer(fold_spelling(surface))
        # "willing" is not "will", nor "ATS" "at".
        return surface if not stem or stem in STOP_WORDS else stem

    def tokens(self, text: str) -> list[str]:
        """Return the stems of ``text`` in order."""
        known, stem = self._stems.get, self.stem
        return [known(surface) or stem(surface) for surface, _, _ in words(text)]

    def spans(self, text: str) -> Sequence[Token]:
        """Return the tokens of ``text`` in order, with their offsets; some texts are remembered."""
        found = self._spans.get(text)
        if found is None:
            known, stem = self._stems.get, self.stem
            found = [Token(known(s) or stem(s), start, end) for s, start, end in words(text)]
            if len(self._spans) >= _TEXTS:
                self._spans.clear()
            self._spans[text] = found
        return found

    def compounds(self, text: str) -> list[str]:
        """Return the hyphenated words of ``text`` as tokens: "drink-driving" as "drinkdriv"."""
        return [
            self.stem(fold(_HYPHEN.sub("", word)))
            for chunk in text.split()
            if _HYPHEN.search(chunk)
            for word in re.findall(_HYPHENATED, chunk)
        ]


class Recorder(Analyzer):
    """An analyzer that notes in ``met`` which surfaces it was asked for."""

    _room = sys.maxsize  # it stems a whole corpus

    def __init__(
        self, stems: Mapping[str, str] | None = None, others: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(stems, others)
        self.met: set[str] = set()

    def stem(self, surface: str) -> str:
        """Return the token for one folded word."""
        self.met.add(surface)
        return super().stem(surface)

    def tokens(self, text: str) -> list[str]:
        """Return the stems of ``text`` in order."""
        surfaces = [surface for surface, _, _ in words(text)]
        self.met.update(surfaces)
        known, stem = self._remembered.get, super().stem
        return [known(surface) or stem(surface) for surface in surfaces]
