"""How else a corpus may write a word: patterns, near spellings, together or apart.

Everything here works on *surfaces*, the folded words of a corpus, each with
the number of records that have it.  Letters are compared by optimal string
alignment: an insertion, a deletion, another letter, or two neighbours
swapped is one edit each, as the commonest slips of the keyboard are.  Source:
Damerau, "A technique for computer detection and correction of spelling
errors" (1964).

Rejected: NLTK's ``edit_distance`` (160 ms to import, and no limit), and an
index of deletions such as SymSpell's (larger than the vocabulary itself, for
what happens only when a word is unknown).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.analysis import STOP_WORDS, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_MIN_HALF = 4
_MIN_HALF_OF_UNKNOWN = 3
_LONGEST = 64
"""Longer surfaces are no words that anyone looks for by a pattern or a slip."""


SIGNS = frozenset("*?_")
"""What stands for letters in a pattern."""

_PATTERNS = {"*": ".*", "?": ".?", "_": "."}


def matching(pattern: str, surfaces: Mapping[str, int]) -> list[str]:
    """Return the surfaces that a pattern stands for, those in most records first.

    ``*`` is any letters or none, ``?`` one or none, ``_`` exactly one.
    """
    stem, star, rest = pattern.partition("*")
    if star and not rest and not SIGNS.intersection(stem):
        found: Iterable[str] = (s for s in surfaces if s.startswith(stem) and not is_whole(s))
    else:
        parts = (_PATTERNS.get(c) or re.escape(c) for c in pattern)
        fits = re.compile("".join(parts), re.DOTALL).fullmatch
        start = re.split(r"[*?_]", pattern)[0]
        begin = (s for s in surfaces if s.startswith(start) and len(s) <= _LONGEST)
        found = (s for s in begin if not is_whole(s) and fits(s))
    return sorted(found, key=lambda s: (-surfaces[s], s))


def near(word: str, distance: int, surfaces: Mapping[str, int]) -> list[str]:
    """Return the surfaces at most ``distance`` edits away, the nearest, then commonest, first."""
    found = [
        (edits, -surfaces[surface], surface) for edits, surface in _near(word, distance, surfaces)
    ]
    return [surface for _, _, surface in sorted(found)]


def correction(word: str, surfaces: Mapping[str, int]) -> str | None:
    """Return the surface that a misspelt ``word`` most likely means, or ``None``.

    One edit from five letters on, two from nine; of four letters one left
    out, or two swapped.  The first letter is seldom wrong, so it has to be
    the same, unless it was swapped with the second.  So careful because a
    word that the corpus doesn't have is oftener another word than a slip.
    """
    if len(word) < 4 or not word.isalpha() or len(word) > _LONGEST:
        return None
    found = (
        (edits, -surfaces[surface], surface)
        for edits, surface in _near(word, 2 if len(word) >= 9 else 1, surfaces)
        if surface not in STOP_WORDS and _is_likely(word, surface)
    )
    best = min(found, default=None)
    return best[2] if best else None


def _is_likely(word: str, surface: str) -> bool:
    begins_alike = surface[0] == word[0] or surface[:2] == word[1] + word[0]
    return begins_alike and (
        len(word) > 4 or len(surface) > len(word) or sorted(surface) == sorted(word)
    )


def _near(word: str, distance: int, surfaces: Iterable[str]) -> Iterator[tuple[int, str]]:
    letters = set(word)
    for surface in surfaces:
        if abs(len(surface) - len(word)) <= distance and not is_whole(surface):
            # An edit changes at most one letter that is there and one that isn't.
            if len(letters.symmetric_difference(surface)) <= 2 * distance:
                edits = edit_distance(word, surface, distance)
                if edits <= distance:
                    yield edits, surface


def edit_distance(a: str, b: str, limit: int) -> int:
    """Return the edits between two words, or ``limit + 1`` where there are more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    older: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, row, last = row, [i], older
        for j, y in enumerate(b, 1):
            edits = min(older[j] + 1, row[j - 1] + 1, older[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                edits = min(edits, last[j - 2] + 1)
            row.append(edits)
        if min(row) > limit and min(older) > limit - 1:
            return limit + 1
    return min(row[-1], limit + 1)


def apart(surface: str, known: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the two known words that ``surface`` is written together from, or ``None``.

    Of several ways the one with the most even halves is taken: "drinkdriving"
    is "drink driving".  Halves are words of some length, of more where the
    whole is a known word; and no stop words: a therapist is not "the rapist".
    """
    if not surface.isalpha() or len(surface) > _LONGEST:
        return None
    least = _MIN_HALF if known(surface) else _MIN_HALF_OF_UNKNOWN
    fitting = (
        (abs(len(surface) - 2 * i), surface[:i], surface[i:])
        for i in range(least, len(surface) - least + 1)
        if known(surface[:i]) and known(surface[i:])
        if not STOP_WORDS.intersection((surface[:i], surface[i:]))
    )
    best = min(fitting, default=None)
    return best and best[1:]


_ASKING = frozenset("are can could did do does is will would".split())
_WORKING = frozenset("work worked working works".split())


def question_word(surfaces: Sequence[str]) -> int | None:
    """Return where the "work" of "does it work?" and "what works" stands, which means no job.

    ``None`` where the words ask nothing of the kind.
    """
    last = len(surfaces) - 1
    if last > 0 and surfaces[0] in _ASKING and surfaces[last] in _WORKING:
        return last
    return 1 if [*surfaces[:2]] == ["what", "works"] else None
