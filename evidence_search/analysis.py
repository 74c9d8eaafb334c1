"""Text to tokens with true offsets.

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
    from collections.abc import Callable, Container, Mapping, Sequence

VERSION = 3
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
# What people type for an apostrophe: quotation marks, accents, primes.
_APOSTROPHE = "'’ʼ‘´`′"
# Signs that are part of a letter, which \w leaves out: accents, vowel signs, points.
_SIGNS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u093c"
    "\u093e-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u0a01-\u0a03\u0a3c-\u0a51"
    "\u0a70-\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03\u0b3c-\u0b57\u0b82\u0bbe-\u0bd7\u0c00-\u0c04"
    "\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d57\u0d81-\u0d83\u0dca-\u0ddf"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f"
)
_WORD = re.compile(
    rf"\d{{1,3}}(?:,\d{{3}})+(?!\d)|[A-Za-z]\+\+(?!\w)|[^\W_]+(?:[{_INVISIBLE}{_APOSTROPHE}.]+[^\W_]+|"
    rf"[{_INVISIBLE}{_SIGNS}]+[^\W_]*)*|&(?=[\s\w])"
)
_HYPHEN = re.compile("[-‐‑]")
# The re module compiles a pattern that is a text when it is first used: these are for few words.
_HYPHENATED = r"[^\W_]+(?:[-‐‑][^\W_]+)+"
_INITIALS = (
    rf"(?:[^\W\d_]\.)+[^\W\d_](?:\.?[{_APOSTROPHE}]s)?$"
    r"|(?=(?:.*\.)?[A-Z](?:\.|$))(?:[A-Z][a-z]{0,3}\.)+[A-Z][a-z]{0,3}$"  # Ph.D, D.Phil
)
_NOTE_MARK = r"(?<=[^\W\d_]{3})[¹²³⁰⁴-⁹]+$"
_ELIDED = (
    rf"(?:[cdjlmnst]|(?:jus|lors|puis)?qu|dell|nell|sull|dall|all|un)[{_APOSTROPHE}]"
    r"(?=[aeiouyhàâéèêëîïôöûüœæ]\w)"
)
"""French and Italian articles and the like, as in "l'alcool"."""
_UNSPACED = (
    r"(?:[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    rf"\uf900-\ufaff\U00020000-\U0003ffff][{_SIGNS}]*)+"
)
"""Runs of scripts that write no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han."""
_FIRST_UNSPACED = "\u0e00"
_QUOTES = str.maketrans(_APOSTROPHE, "'" * len(_APOSTROPHE))
_DROPPED = str.maketrans("", "", _INVISIBLE)
_LETTERS = str.maketrans(
    {
        "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ħ": "h", "Ħ": "H",
        "ı": "i", "ŧ": "t", "Ŧ": "T", "ŋ": "ng", "Ŋ": "NG",
    }
)  # fmt: skip
"""Letters of Latin alphabets that no accent makes of others, as people type them without."""
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
        "sigma tau upsilon phi chi psi omega".split(),
        strict=True,
    )
)


_TEXTS = 1000
"""Texts whose tokens are remembered: searches show the same records again and again."""


class Token(NamedTuple):
    """A token and where its word stands: ``text[start:end]``, in characters."""

    stem: str
    start: int
    end: int


def fold(text: str) -> str:
    """Fold case, accents, compatibility forms and quotes; offsets are not kept.

    Signs that make another letter, as in Indic scripts and kana, stay.
    """
    if not text.isascii():
        text = text.translate(_DROPPED).translate(_QUOTES).translate(_LETTERS)
        decomposed = unicodedata.normalize("NFKD", text)
        bare = "".join(c for c in decomposed if not _is_accent(c))
        text = unicodedata.normalize("NFC", bare)
    return text.casefold()


def joined(text: str) -> str:
    """Return the surfaces of a name or title as one; empty where it has fewer than two."""
    surfaces = [surface for surface, _, _ in words(text)]
    return "_".join(surfaces) if len(surfaces) > 1 else ""


def is_whole(surface: str) -> bool:
    """Tell whether a surface of the vocabulary is a whole name: see :meth:`Analyzer.whole`."""
    return "_" in surface


def transcribed(text: str) -> list[str]:
    """Return the words of ``text`` that have umlauts, folded, with these as ae, oe and ue."""
    composed = unicodedata.normalize("NFC", text)
    return [
        fold(re.sub("[äöüÄÖÜ]", lambda umlaut: _bare(umlaut.group()) + "e", word))
        for word in re.findall(r"\w+", composed)
        if re.search("[äöüÄÖÜ]", word)
    ]


def _bare(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0]


def _is_accent(character: str) -> bool:
    """Tell whether readers leave a sign out: accents, Hebrew points, Arabic vowels."""
    order = unicodedata.combining(character)
    return order == 1 or 10 <= order <= 36 or order >= 200


def words(text: str) -> list[tuple[str, int, int]]:
    """Return the surfaces of ``text`` with start and end in it, in order.

    A word with dots inside is split at them, unless it is initials
    ("U.K." is "uk") or a number ("2.5").  Scripts that write no spaces give
    each two characters that follow one another.
    """
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        if word.isascii() and word.isalnum():  # as nearly all are
            found.append((word.casefold(), *match.span()))
        else:
            found += _parts(word, match.start())
    return [word for word in found if word[0]]


def _parts(word: str, start: int) -> list[tuple[str, int, int]]:
    """Return the surfaces of a match that is more than letters and digits of ASCII."""
    end = start + len(word)
    if not word.isascii():
        # So many ranges take milliseconds to compile, which is more than most searches take.
        if max(word.translate(_QUOTES)) >= _FIRST_UNSPACED and re.search(_UNSPACED, word):
            return _pairs(word, start)
        word = re.sub(_NOTE_MARK, "", word)
        end = start + len(word)
    if word == "&" or "+" in word:
        return [("and" if word == "&" else word.casefold(), start, end)]
    if word[0].isdigit() or re.match(_INITIALS, word):
        dropped = "," if word[0].isdigit() else "."
        return [(_surface(word).replace(dropped, ""), start, end)]
    if "." in word:
        return _split_at_dots(word, start)
    elided = re.match(_ELIDED, word, re.IGNORECASE)
    begin = elided.end() if elided else 0
    return [(_surface(word[begin:]), start + begin, end)]


def _split_at_dots(word: str, start: int) -> list[tuple[str, int, int]]:
    found = []
    for part in word.split("."):
        found.append((_surface(part), start, start + len(part)))
        start += len(part) + 1
    return found


def _pairs(word: str, start: int) -> list[tuple[str, int, int]]:
    """Return the characters of unspaced scripts two by two, and the words between them."""
    found = []
    at = 0
    for run in re.finditer(_UNSPACED, word):
        if run.start() > at:
            found += _parts(word[at : run.start()], start + at)
        places = [m.span() for m in re.finditer(rf"\w[{_SIGNS}]*", run.group())]
        for (first, one), (_, last) in zip(places, places[1:] or places, strict=False):
            end = last if len(places) > 1 else one
            surface = fold(run.group()[first:end])
            found.append((surface, start + run.start() + first, start + run.start() + end))
        at = run.end()
    return found + (_parts(word[at:], start + at) if at < len(word) else [])


def _surface(word: str) -> str:
    surface = fold(word.replace("`", "'"))
    if "'" in surface and surface not in STOP_WORDS:
        surface = surface.removesuffix("'s").replace("'", "")
    if surface[:1] in _GREEK and surface[1:].isdecimal() | (len(surface) == 1):
        return _GREEK[surface[0]] + surface[1:]
    return surface


class Analyzer:
    """Turns text into tokens.

    ``stems`` is the vocabulary of a corpus: its surfaces, each with its stem;
    ``others`` has stems of more surfaces, so that NLTK needn't be asked for
    them.  ``vocabulary`` has the stems of ``stems``, where that is known.  Surfaces
    are stemmed when met, and some thousands of them remembered.  Instances may be
    shared by threads.
    """

    _room = 10_000

    def __init__(
        self,
        stems: Mapping[str, str] | None = None,
        others: Mapping[str, str] | None = None,
        vocabulary: Container[str] | None = None,
    ) -> None:
        self._stems = {} if stems is None else stems
        self._others = {} if others is None else others
        self._remembered: dict[str, str] = {}
        self._vocabulary = vocabulary
        self._other_stems: frozenset[str] | None = None
        self._spans: dict[str, Sequence[Token]] = {}
        self._stemmer: Callable[[str], str] | None = None

    @property
    def stems(self) -> Mapping[str, str]:
        """The vocabulary of the corpus: every surface and its stem, and no word of a query."""
        return self._stems

    @property
    def vocabulary(self) -> Container[str]:
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
        if self._other_stems is None:
            self._other_stems = frozenset(self._others.values())
        stem = self.stem(surface)
        return stem in self.vocabulary or stem in self._other_stems

    def stem(self, surface: str) -> str:
        """Return the token for one folded word: spelling folded, then Porter2 (Snowball)."""
        stem = self._remembered.get(surface)
        if stem is None:
            stem = self._stems.get(surface) or self._others.get(surface) or self._new_stem(surface)
            if len(self._remembered) >= self._room:
                self._remembered.clear()
            self._remembered[surface] = stem
        return stem

    def _new_stem(self, surface: str) -> str:
        if surface in STOP_WORDS or is_whole(surface) or not surface.isascii() or surface.isdigit():
            return surface
        # 17 patterns and a table, which a search can do without.
        from evidence_search.spelling import fold_spelling, own_stem

        known = own_stem(surface)
        if known is not None:
            return known
        if self._stemmer is None:
            from evidence_search.stemming import english_stemmer

            self._stemmer = english_stemmer()
        stem = self._stemmer(fold_spelling(surface))
        # "willing" is not "will", nor "ATS" "at".
        return surface if not stem or stem in STOP_WORDS else stem

    def whole(self, name: str) -> str:
        """Return the one token of a label, which no word of it matches: "united_states"."""
        return self.stem(joined(name) or "_" + fold(name).strip())

    def tokens(self, text: str) -> list[str]:
        """Return the stems of ``text`` in order."""
        known, stem = self._remembered.get, self.stem
        return [known(surface) or stem(surface) for surface, _, _ in words(text)]

    def spans(self, text: str) -> Sequence[Token]:
        """Return the tokens of ``text`` in order, with their offsets; some texts are remembered."""
        found = self._spans.get(text)
        if found is None:
            known, stem = self._remembered.get, self.stem
            found = [Token(known(s) or stem(s), start, end) for s, start, end in words(text)]
            if len(self._spans) >= _TEXTS:
                self._spans.clear()
            self._spans[text] = found
        return found

    def compounds(self, text: str) -> list[str]:
        """Return how else words of ``text`` are written as one, as tokens.

        "drink-driving" as "drinkdriv", "Müller" as "mueller".
        """
        found = [
            self.stem(fold(_HYPHEN.sub("", word)))
            for chunk in text.split()
            if _HYPHEN.search(chunk)
            for word in re.findall(_HYPHENATED, chunk)
        ]
        if not text.isascii():
            found += [self.stem(word) for word in transcribed(text)]
        return found


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
