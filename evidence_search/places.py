"""Jurisdictions: their names, demonyms and publishers, and which lies within which.

The tables are three files beside this one.  ``places.tsv`` has all countries
of the world with their ISO 3166-1 codes, the nations of the UK, Europe, and
"International"; ``regions.tsv`` regions and cities; ``publishers.tsv`` bodies
of the field.

The libraries pycountry and Babel know names and codes, but no demonyms, and
"Scottish", "Danes" and "Moldovan" are what pages are written in; a table must
be there anyway, and theirs would cost every start of the loader tens of
milliseconds to read.  So the table is ours, and the tests hold it to
pycountry's: every country is in it, with its code and names.

Names are found in running text by word, longest first, and only with the
capitals they are written with, so that "us", "turkey" and "polish" are no
countries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# All names begin with a capital; to look behind it is faster than to look for the word's edge.
_WORD = lazy_pattern(r"[A-ZÀ-ÖØ-Þ](?<!\w.)[^\W\d_]*(?:[.'’-][^\W\d_]+)*\.?")
_LOOSE = lazy_pattern(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A jurisdiction; ``names`` are its other names and demonyms, ``code`` is ISO 3166's."""

    name: str
    names: tuple[str, ...]
    parent: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place named in a text at ``text[start:end]``."""

    name: str
    start: int
    end: int


def all_places() -> Mapping[str, Place]:
    """Return every place by its canonical name."""
    return _tables().places


def canonical(text: str) -> str | None:
    """Return the canonical name for a name, demonym, region or code, in any case."""
    return _tables().loose.get(_loosely(text))


@lru_cache(maxsize=512)
def ancestors(name: str) -> tuple[str, ...]:
    """Return the places that a place lies in, nearest first: ``("UK", "Europe")``."""
    places = all_places()
    found = []
    place = places.get(name)
    while place and place.parent:
        found.append(place.parent)
        place = places.get(place.parent)
    return tuple(found)


@lru_cache(maxsize=512)
def within(name: str) -> frozenset[str]:
    """Return a place and all places in it; a name that is no place is alone."""
    return frozenset({name, *(other for other in all_places() if name in ancestors(other))})


@lru_cache(maxsize=512)
def places_of_tag(tag: str) -> tuple[str, ...]:
    """Return the places of a bracketed tag such as ``UK``, ``English`` or ``US and Canada``.

    Empty where any part of it is no place and no body of the table.
    """
    whole = canonical(tag)
    if whole:
        return (whole,)
    parts = [canonical(part) for part in re.split(r"\s*(?:[,/&+]|\band\b)\s*", tag)]
    found = tuple(place for place in parts if place)
    if len(found) == len(parts):
        return found
    return () if found else places_of_publisher(tag)


@lru_cache(maxsize=4096)
def places_of_publisher(publisher: str) -> tuple[str, ...]:
    """Return where a publisher publishes for, as far as its name tells.

    A body of the table counts before the place in its own name ("Public
    Health Wales"), but not before a country that stands beside it: the
    "Ministry of Justice" is the UK's, the "Ministry of Justice, Denmark" not.
    """
    words = f" {_loosely(publisher)} "
    mentions = find_places(publisher)
    bodies = [(len(key), key, place) for key, place in _tables().publishers if key in words]
    if bodies:
        _, key, body = max(bodies)
        beside = [m.name for m in mentions if not _within_body(publisher[m.start : m.end], key)]
        return tuple(dict.fromkeys(beside)) or (body,)
    return tuple(dict.fromkeys(mention.name for mention in mentions))


def is_publisher(name: str) -> bool:
    """Tell whether a name holds that of a body of the table."""
    words = f" {_loosely(name)} "
    return any(key in words for key, _ in _tables().publishers)


def _within_body(name: str, body: str) -> bool:
    """Tell whether a place is part of a body's name, or but the town where it is."""
    return f" {_loosely(name)} " in body or _loosely(name) in _tables().towns


def find_places(text: str) -> list[PlaceMention]:
    """Return the places that running text names, in order, the longest name at each point."""
    return list(_mentions(text))


_LEFT_OUT = lazy_pattern(
    r"\b(?:(?P<contrast>unlike|(?:in )?contrast(?:ing)? (?:to|with))|other than|"
    r"except(?:ing)?(?: for)?|exclud(?:ing|es|ed)|not including|apart from|aside from|"
    r"(?<!if )not|none(?= in| from)|outside(?: of)?|rather than|as opposed to|"
    r"with the exceptions? of|"
    r"leaving out|omitting|bar|minus)"
    r"(?: +(?:in|of|from|for|those|that|at|to|the|one|ones|parts?|most|all|studies|trials|"
    r"and|with|north|south|east|west|northern|southern|eastern|western|city|cities)){0,4} +$",
    re.IGNORECASE,
)
_JOINED = lazy_pattern(r"(?:,? +(?:and|or|nor) | *[/&] *) *(?:(?:in|of|from) +)?(?:the +)?")


def places_included(text: str) -> tuple[str, ...]:
    """Return the places that running text is about: those it names, each once, in order.

    Those it leaves out or sets itself apart from are not ("other than in
    Scotland", "except England and Wales", "unlike in Ireland").
    """
    found: dict[str, None] = {}
    mentions = find_places(text)
    last = -1  # the last mention that is left out
    low = text.lower() if mentions else ""
    if not _may_leave_out(low):  # slow searches are spared
        return tuple(dict.fromkeys(mention.name for mention in mentions))
    for i, mention in enumerate(mentions):
        if i <= last:
            continue
        left_out = _LEFT_OUT.search(text, max(0, mention.start - 60), mention.start)
        if left_out:
            last = _end_of_list(text, mentions, i, commas=left_out["contrast"] is None)
        else:
            found.setdefault(mention.name)
    return tuple(found)


def _may_leave_out(low: str) -> bool:
    """Tell whether a text in lower case has any of the words before places that are left out."""
    return (
        "not " in low or "other than" in low or "except" in low or "exclud" in low
        or "unlike" in low or "part from" in low or "side from" in low
        or "none " in low or "outside" in low or "rather" in low or "opposed" in low
        or "contrast" in low or "leaving" in low or "omitting" in low or "bar " in low
        or "minus" in low
    )  # fmt: skip


def _end_of_list(text: str, mentions: list[PlaceMention], i: int, *, commas: bool) -> int:
    """Return the last of the places listed from the one of that number on.

    A comma goes on with a list only where "and" or "or" ends it.
    """
    last = i
    for j in range(i + 1, len(mentions)):
        between = text[mentions[j - 1].end : mentions[j].start]
        if _JOINED.fullmatch(between):
            last = j
        elif not (commas and between.strip() == ","):
            break
    return last


def _mentions(text: str) -> Iterator[PlaceMention]:
    first_words = _tables().first_words
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        if word not in first_words and word.isalpha():
            continue
        start = match.start()
        if start < end:
            continue
        for candidate in (word,) if word.isalpha() else _beginnings(word):
            for name, place in first_words.get(candidate, ()):
                if text.startswith(name, start) and _ends(text, start + len(name)):
                    end = start + len(name)
                    if place:
                        yield PlaceMention(place, start, end)
                    break
            if end > start:
                break


def _beginnings(word: str) -> tuple[str, ...]:
    """Return a word with and without its full stop, and what stands before "-" and "'s"."""
    return word, word.removesuffix("."), word.split("-", maxsplit=1)[0], _possessor(word)


def _possessor(word: str) -> str:
    return re.split("['’]", word, maxsplit=1)[0]


def _ends(text: str, end: int) -> bool:
    return end >= len(text) or not (text[end].isalnum() or text[end] == "_")


def _loosely(text: str) -> str:
    return _LOOSE.sub(" ", text.replace(".", "").replace("’", "'")).strip().casefold()


@dataclass(frozen=True, slots=True)
class _Tables:
    places: Mapping[str, Place]
    loose: Mapping[str, str]
    first_words: Mapping[str, tuple[tuple[str, str], ...]]
    publishers: tuple[tuple[str, str], ...]
    towns: frozenset[str]


# Names in which a place's name means no place; longer than it, so they win.
_MISLEADING = (
    "English language", "English-language", "Guinea pig", "Guinea pigs", "Dutch courage",
    "French polishing", "Turkish delight", "Indian Ocean", "China white", "NHS England",
    "American Indian", "American Indians", "Native American", "Native Americans",
    "Oxford House", "Oxford Houses", "Oxford Group", "Boston University",
    "African American", "African Americans", "Mexican American", "Mexican Americans",
)  # fmt: skip


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    places = {}
    names: dict[str, str] = {}
    loose: dict[str, str] = {}
    for name, code, parent, others, formal in _rows("places.tsv", 5):
        other_names = tuple(other for other in others.split("; ") if other)
        places[name] = Place(name, other_names, parent or None, code or None)
        plurals = (f"{other}s" for other in other_names if other.endswith("an"))
        names.update(dict.fromkeys((name, *other_names, *plurals), name))
        loose.update(dict.fromkeys(map(_loosely, filter(None, formal.split("; "))), name))
    loose.update((_loosely(name), place) for name, place in names.items())
    for place in places.values():
        if place.code:
            loose.setdefault(place.code.casefold().replace("-", " "), place.name)
    towns = set()
    for place_name, regions in _rows("regions.tsv", 2):
        for region in regions.split("; "):
            names.setdefault(region, place_name)
            loose.setdefault(_loosely(region), place_name)
            towns.add(_loosely(region))
    for name in ("Global", "Worldwide", "International", "EU"):
        # In running text these are adjectives more often than jurisdictions.
        names.pop(name, None)
    names.update((phrase, _american(phrase)) for phrase in _MISLEADING)
    first_words: dict[str, list[tuple[str, str]]] = {}
    for name, place_name in sorted(names.items(), key=lambda item: -len(item[0])):
        match = _WORD.match(name)
        if match:
            first = match.group()
            for key in set(_beginnings(first)):
                first_words.setdefault(key, []).append((name, place_name))
    publishers = [
        (f" {_loosely(body)} ", place_name)  # spaces around it: found as whole words
        for place_name, bodies in _rows("publishers.tsv", 2)
        for body in bodies.split("; ")
    ]
    return _Tables(
        places, loose, {key: tuple(value) for key, value in first_words.items()}, tuple(publishers),
        frozenset(towns),
    )  # fmt: skip


def _american(phrase: str) -> str:
    return "United States" if "American" in phrase else ""


def _rows(name: str, columns: int) -> Iterator[list[str]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            cells = line.split("\t")
            yield cells + [""] * (columns - len(cells))
