"""The inflections of a word, and its British and American spellings.

A one-word term of a thesaurus leads a query by its forms, not by its stem:
Porter's stems unite words of other meanings ("public" and "publication",
"signs" and "signing"), which does little harm to a ranking but much to a
searcher who finds advertising for "public health".

The rules make what grammar allows, without a dictionary; what is no word
("alcoholing") is never typed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from evidence_search.spelling import fold_spelling, irregular_forms

if TYPE_CHECKING:
    from collections.abc import Iterator

# British and American endings and middles, either of which may stand for the other where
# folding makes the two words one.
_PAIRS = tuple(
    pair
    for british, american in (
        ("is", "iz"), ("ys", "yz"), ("our", "or"), ("ll", "l"), ("re", "er"), ("ence", "ense"),
        ("ae", "e"), ("oe", "e"), ("ph", "f"), ("ogue", "og"),
    )
    for pair in ((british, american), (american, british))
)  # fmt: skip
_LONGEST_WORD = 100
"""Letters; no word of a language has as many."""
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")
_SHORT_VOWEL = re.compile(r"[^aeiou][aeiou][bdfgklmnprtv]$")


@lru_cache(maxsize=10_000)
def forms(surface: str) -> frozenset[str]:
    """Return the folded words that are forms of ``surface``, itself among them.

    Its number is free ("prisons" and "prison").  A word that is no plural may be
    a verb, and has its endings too ("screen", "screened", "screening"); but an
    ending is never taken off: the verb "sign" is another word than "signing".
    """
    found: set[str] = set()
    for word in {surface, *spellings(surface)}:
        singulars = {word, *_singulars(word)}
        found |= {*singulars, *map(_plural, singulars)}
        if len(singulars) == 1 and not word.endswith(("ed", "ing")):
            found.update(_verb_endings(word))
    return frozenset(found.union(*map(irregular_forms, found)))


def spellings(word: str) -> Iterator[str]:
    """Yield the other spellings of a word that :func:`fold_spelling` makes one with it.

    There are none of what is longer than any word: each would be as long.
    """
    if len(word) > _LONGEST_WORD:
        return
    folded = fold_spelling(word)
    for old, new in _PAIRS:
        at = word.find(old, 1)
        while at >= 0:
            other = word[:at] + new + word[at + len(old) :]
            if fold_spelling(other) == folded:
                yield other
            at = word.find(old, at + 1)


def _singulars(word: str) -> Iterator[str]:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return
    yield word[:-1]
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    elif word.endswith("es") and _SIBILANT.search(word[:-2]):
        yield word[:-2]


def _plural(word: str) -> str:
    if _CONSONANT_Y.search(word):
        return f"{word[:-1]}ies"
    return f"{word}es" if _SIBILANT.search(word) else f"{word}s"


def _verb_endings(word: str) -> Iterator[str]:
    if word.endswith("e"):
        yield from (f"{word}d", f"{word[:-1]}ing")
        return
    yield f"{word}ing"
    yield f"{word[:-1]}ied" if _CONSONANT_Y.search(word) else f"{word}ed"
    if _SHORT_VOWEL.search(word):
        yield from (f"{word}{word[-1]}ing", f"{word}{word[-1]}ed")
