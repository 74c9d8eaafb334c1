"""Text of one name to its parts: a person's family and given names, or a body.

Files write "Smith, Jo", "Smith JA", "J. A. Smith", "van den Berg, Jan", "King, Martin, Jr." and
"Ministry of Housing, Communities and Local Government".  The parts are those of the name variables
of CSL (https://docs.citationstyles.org/en/stable/specification.html#names): ``family``, ``given``,
``non-dropping-particle``, ``suffix``; a body, and what can't be told, is ``literal``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from evidence_search.patterns import lazy_pattern

_SUFFIX = lazy_pattern(r"(?:Jr|Sr|Junior|Senior|II|III|IV|2nd|3rd|4th)\.?", re.IGNORECASE)
_BODY = lazy_pattern(
    r"\b(?:academy|administration|agency|alliance|assembly|association|authority|board|bureau|"
    r"campaign|cent(?:er|re)s?|charity|clinic|coalition|collaborat(?:ion|ive|ors?)|college|"
    r"commission|committee|community|company|confederation|consortium|corporation|council|"
    r"department|dept|directorate|division|executive|faculty|federation|forum|foundation|fund|"
    r"government|group|health|hospital|inc|initiative|institut(?:e|es|ion|o)?|investigators|"
    r"laborator(?:y|ies)|library|ltd|ministry|nations|network|observatory|office|"
    r"organi[sz]ation|panel|parliament|partnership|party|police|press|programm?e?|project|"
    r"assoc|comm|consort|dept|grp|minist|org|soc|stud(?:y|ies)|trials?|univ|"
    r"research|school|secretariat|service|services|society|task force|team|trialists|trust|"
    r"union|unit|university|working)\b",
    re.IGNORECASE,
)
_JOINING = lazy_pattern(r"(?:^|\s)(?:of|for|the|on|against)\s", re.IGNORECASE)
_AND = lazy_pattern(r"\s(?:and|&)\s")
_PLACES = frozenset({"EU", "NHS", "NZ", "UAE", "UK", "UN", "US", "USA", "WHO"})
"""Capitals at the end of a body's name ("Cancer Research UK") that are nobody's initials."""
_DROPPING = frozenset("d' da das de dei del della der di do dos du la le van von zu".split())
_INITIAL = lazy_pattern(r"[^\W\d_]")


@lru_cache(maxsize=65536)
def parse(text: str, *, given_first: bool = False) -> dict[str, str]:
    """Return the parts of a name under the names of CSL's variables.

    ``given_first`` (default no) is for files that write "Jo Smith", where
    without a comma the last word is the family name; otherwise several whole
    words without a comma are taken for a body.  The dictionary is shared:
    don't change it.
    """
    text = " ".join(text.split())
    if text.endswith(",") or ",," in text:  # EndNote's way to say that it is a body
        return {"literal": re.sub(r",+ ?", ", ", text.rstrip(", ")) or text}
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1:
        return _inverted(text, parts)
    words = text.split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    if len(words) < 2 or _is_body(text):
        return {"literal": text}
    count = next((i for i, word in enumerate(reversed(words)) if not _is_initials(word)), 0)
    if count and not set(words[-count:]) & _PLACES:
        return _person(" ".join(words[:-count]), " ".join(words[-count:]), suffix)
    lead = next((i for i, word in enumerate(words) if not _is_initials(word)), 0)
    if not lead and not given_first:
        return {"literal": text}
    at = len(words) - 1
    while at > max(lead, 1) and (at - 1 >= lead) and words[at - 1][0].islower():
        at -= 1
    return _person(" ".join(words[at:]), " ".join(words[:at]), suffix)


def _inverted(text: str, parts: list[str]) -> dict[str, str]:
    """Return the parts of a name with commas: "family, given", and a suffix after either."""
    suffix = next((part for part in parts[1:] if _SUFFIX.fullmatch(part)), "")
    rest = [part for part in parts if part and part != suffix]
    if len(rest) > 2 or not parts[0]:
        return {"literal": text}
    family, given = rest[0], rest[1] if len(rest) > 1 else ""
    names = given.split()
    if not suffix and len(names) > 1 and _SUFFIX.fullmatch(names[-1]):
        suffix, given = names[-1], " ".join(names[:-1])
    several = " " in family and (_BODY.search(family) or _JOINING.search(family))
    if several or (" " in given and _is_body(given)):
        return {"literal": text}
    return _person(family, given, suffix)


def _person(family: str, given: str, suffix: str) -> dict[str, str]:
    words, names = family.split(), given.split()
    at, end = 0, len(names)
    while end > 1 and names[end - 1] in _DROPPING:
        end -= 1
    while at < len(words) - 1 and words[at][0].islower():
        at += 1
    parts = {
        "family": " ".join(words[at:]),
        "given": " ".join(names[:end]),
        "dropping-particle": " ".join(names[end:]),
        "non-dropping-particle": " ".join(words[:at]),
        "suffix": suffix,
    }
    return {name: part for name, part in parts.items() if part}


def _is_body(text: str) -> bool:
    return bool(_BODY.search(text) or _JOINING.search(text) or _AND.search(text))


def _is_initials(word: str) -> bool:
    letters = word.replace(".", "").replace("-", "")
    return 0 < len(letters) <= (4 if "." in word else 3) and letters.isalpha() and letters.isupper()


def initials(given: str) -> str:
    """Return the initials of given names: ``"JA"`` for "Jo Anne", "J. A.", "J.-A." and "JA"."""
    found: list[str] = []
    for word in re.split(r"[\s.\-‐]+", given):
        if _is_initials(word):
            found += word
        elif _INITIAL.match(word):
            found.append(word[0].upper())
    return "".join(found)
