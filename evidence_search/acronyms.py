"""Acronyms that a text defines: "Long Name (LN)" and "LN (Long Name)".

The algorithm is that of Schwartz and Hearst, "A simple algorithm for
identifying abbreviation definitions in biomedical text", Pacific Symposium on
Biocomputing 2003: the letters of the short form are looked for in the words
before it, from the last to the first, and its first letter must begin a word.
One thing is asked beyond it: at least two capitals, since parentheses of
these texts hold many short asides ("(in press)").

Rejected: a list of the world's acronyms (each means many things; the one that
the corpus defines is the one that its searchers mean).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS, Recorder
from evidence_search.corpus import THESAURUS
from evidence_search.tables import table
from evidence_search.thesaurus.compiling import compile_thesaurus
from evidence_search.thesaurus.everyday import ACRONYMS, COMMON
from evidence_search.thesaurus.reading import Concept, read_thesaurus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evidence_search.thesaurus.compiling import Normalise
    from evidence_search.thesaurus.reading import Thesaurus

_PARENTHESIS = re.compile(r"\(([^()]{2,120})\)")
_SHORT = re.compile(r"[^\W_][\w&/.’'-]{1,9}")
_LAST_WORD = re.compile(r"\S+$")
_MAX_WORDS = 12


class Acronym(NamedTuple):
    """A short form and what it stands for, as the text writes them."""

    short: str
    long: str


def find_acronyms(text: str) -> Iterator[Acronym]:
    """Yield the acronyms that ``text`` defines, in order."""
    for match in _PARENTHESIS.finditer(text):
        before = text[max(0, match.start() - 200) : match.start()].rstrip()
        inside = re.split("[;,]", match[1])[0].strip(" '\"‘’“”")
        if _is_short(inside):
            long = _long_form(inside, _words_before(before, inside))
            short = inside
        else:
            last = _LAST_WORD.search(before)
            short = last.group().strip(" '\"‘’“”") if last else ""
            words = match[1].split()
            long = _long_form(short, words) if _is_short(short) and len(words) > 1 else None
            if long is not None and long != " ".join(words):
                long = None  # in parentheses the whole must be the name
        if long:
            yield Acronym(re.sub(r"(?<=[A-Z])s$", "", short), long)


def _is_short(text: str) -> bool:
    return bool(_SHORT.fullmatch(text)) and sum(c.isupper() for c in text) >= 2


def _words_before(text: str, short: str) -> list[str]:
    """Return the words that a long form may be made of: those of this sentence, not too many."""
    sentence = re.split(r"[.;:!?()]\s", text)[-1]
    letters = sum(c.isalnum() for c in short)
    return sentence.split()[-min(letters + 5, letters * 2, _MAX_WORDS) :]


def _long_form(short: str, words: list[str]) -> str | None:
    """Return the shortest run of words, up to the last, that the letters of ``short`` fit."""
    text = " ".join(words)
    letters = [c for c in short.casefold() if c.isalnum()]
    if len(text.casefold()) != len(text):
        return None
    folded, at = text.casefold(), len(text)
    for i in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and not (
            folded[at] == letters[i] and (i > 0 or at == 0 or not folded[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return None
    start = text.rfind(" ", 0, at) + 1
    long = text[start:].strip(" '\"‘’“”([")
    if len(long.split()) < 2 or len(long) <= len(short) or short in long.split():
        return None
    return long


def ranked(counts: Mapping[Acronym, int]) -> list[Acronym]:
    """Return the acronyms that were found, those of most records first."""
    found = [(-count, acronym) for acronym, count in counts.items() if count > 0]
    return [acronym for _, acronym in sorted(found)]


def extended(thesaurus: Thesaurus, acronyms: Iterable[Acronym], normalise: Normalise) -> Thesaurus:
    """Return the thesaurus with the acronyms of a corpus.

    An acronym joins the concept that has its long form; else the two are a
    concept of their own.  What the corpus defines leads to its concept in small
    letters too, unless it is an everyday word in these.  What the thesaurus says
    about a short form stands, and of several meanings in the corpus the first counts.
    """
    concepts = list(thesaurus.concepts)
    everyday = STOP_WORDS.union(ACRONYMS, COMMON)
    owner: dict[tuple[str, ...], int] = {}
    for n, concept in enumerate(concepts):
        for term in (*concept.searched, *concept.entry, *concept.capitals):
            owner.setdefault(normalise(term), n)
    for short, long in acronyms:
        short_key, long_key = normalise(short), normalise(long)
        if not short_key or not long_key:
            continue
        small = () if short.casefold() in everyday else (short.casefold(),)
        at = owner.get(long_key)
        known = owner.get(short_key)
        if known is not None:
            if known == at and short in concepts[at].acronyms:
                concepts[at] = concepts[at]._replace(entry=(*concepts[at].entry, *small))
            continue
        if at is None:
            at = owner[long_key] = len(concepts)
            concepts.append(Concept(long))
        concept = concepts[at]
        if STOP_WORDS.issuperset(short_key):  # in records it is that word
            concepts[at] = concept._replace(capitals=(*concept.capitals, short))
        else:
            concepts[at] = concept._replace(
                acronyms=(*concept.acronyms, short), entry=(*concept.entry, *small)
            )
        owner[short_key] = at
    return thesaurus._replace(concepts=tuple(concepts))


@lru_cache(maxsize=4)
def compiled(source: str, acronyms: tuple[Acronym, ...]) -> tuple[str, str]:
    """Return a thesaurus with the acronyms of a corpus, compiled, and the stems of its words.

    ``source`` is TOML that can be read.  Both are texts that an index keeps, and
    empty where there is no concept.  Corpora that use the same thesaurus, as all
    do that have none of their own, share the work.
    """
    analyzer = Recorder()

    def normalise(words: str) -> tuple[str, ...]:
        return tuple(analyzer.tokens(words))

    thesaurus = extended(read_thesaurus(source, THESAURUS), acronyms, normalise)
    if not thesaurus.concepts:
        return "", ""
    text = compile_thesaurus(thesaurus, normalise).to_text()
    return text, table((surface, analyzer.stem(surface)) for surface in analyzer.met).text
