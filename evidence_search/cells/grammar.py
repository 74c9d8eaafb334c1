"""The grammar of a matrix cell, in one place.

::

    page      = header legend { entry } footer
    header    = MATRIX " Matrix cell " CODE ": " COLUMN "; " ROW, then any lines
    legend    = a line, or a line a category: "S Seminal studies K Key studies …"
    entry     = { CODE } TITLE "(" origin ")" "." SUMMARY
    origin    = [ "[" TAG "]" ] [ PUBLISHER "," ] YEAR [ "–" YEAR ] { ";" NOTE }
    footer    = from "more Retrieve all …", "Matrix Bite …" on

Functions here say what a piece of text is; offsets are into the text given.
All run in linear time: hand-written scans find the parentheses and sentence
ends, and no pattern can backtrack over more than a line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evidence_search.cells import names
from evidence_search.places import places_of_publisher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEADING = re.compile(
    r"(?P<matrix>[A-Z][\w/-]*)(?: Treatment)? Matrix[:,]? cell (?P<code>[A-Z]\d{1,2})\b"
    r"(?:[ ]?[:.–—-][ ]?(?P<topic>[^\n]*))?",
    re.IGNORECASE,
)
LEGEND = re.compile(r"([A-Z])\s{0,3}[:=–-]?\s{0,3}((?i:Seminal|Key|Review|Guid))")
CODES = re.compile(r"(?:[A-Z](?:\s*[,/&+]\s*|\s+)){1,4}")

_YEAR = r"(?:1[6-9]|20)\d\d"
_ORIGIN = re.compile(
    rf"^(?P<publisher>.*?)(?:^|[,\s]\s*|(?<=[\].]))(?P<year>{_YEAR})\b"
    rf"(?:\s*(?:[-–—/]|to|and)\s*(?P<end>{_YEAR}|\d\d(?!\d)))?(?P<rest>.*)$",
    re.DOTALL,
)
_TAG = re.compile(r"^\s*\[([^\]\[]{1,60})\]\s*")
_SENTENCE = re.compile(r"[.!?…][”’\"')\]]*\s+")
_STARTER = re.compile(r"[\s“‘\"'(\[]*[A-Z0-9À-Þ“‘]")
_FURNITURE = re.compile(
    r"^(?:For|See|To see|To read)\b[^.]{0,60}\b(?:discussions?|commentary|bite)\b"
    r".{0,200}?\b(?:click|scroll|highlighted)\b"
    r"|^(?:Click|Scroll|Unfold|Hover|Turn)\b.{0,200}?"
    r"\b(?:here|heading|headings|highlighted|text|for|down|to)\b"
    r"|^For (?:related |further |more )?discussions? (?:click|see)\b",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(
    r"^(?:See (?:also )?|For )?(?P<what>[^.();:]{2,70}?)\s+(?P<direction>above|below)[.;]?$",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    r"^(?:An? )?(?:Update[ds]?|Revised|Revision|Follow-up)\b"
    rf"(?P<what>[^.()]{{0,40}}?)\s(?:in\s)?(?P<year>{_YEAR})\b",
    re.IGNORECASE,
)
_SEE_ALSO = re.compile(r"^(?:\(?See(?: also)?|Also see)\s+", re.IGNORECASE)
_ASSOCIATED = re.compile(
    r"\b(?:associated|accompanying|companion)\s+(?:[\w-]+\s+){0,4}?(?=\()", re.IGNORECASE
)
_ABBREVIATION = re.compile(r"(?:^|[\s(])([A-Za-z.]{1,7})\.$")
_ALPHA = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True, slots=True)
class Group:
    """A pair of parentheses at the top level: ``text[start:end]`` includes both."""

    start: int
    end: int
    inside: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What the parenthesis after a title says."""

    tag: str | None
    publisher: str | None
    year: int | None
    year_end: int | None
    notes: tuple[str, ...]
    further: tuple[Origin, ...] = ()


def groups(text: str) -> list[Group]:
    """Return the top-level parentheses of a paragraph; what isn't closed is none."""
    found = []
    opened: list[int] = []
    for match in re.finditer("[()]", text):
        if match.group() == "(":
            opened.append(match.start())
        elif opened:
            start = opened.pop()
            if not opened:
                found.append(Group(start, match.end(), text[start + 1 : match.start()]))
    if opened:  # one was never closed: take the pairs inside it
        inner_from = opened[0] + 1
        found += [
            Group(g.start + inner_from, g.end + inner_from, g.inside)
            for g in groups(text[inner_from:])
        ]
    return found


def unclosed(text: str) -> int | None:
    """Return the offset of the first parenthesis that is never closed, if there is one."""
    opened: list[int] = []
    for match in re.finditer("[()]", text):
        if match.group() == "(":
            opened.append(match.start())
        elif opened:
            opened.pop()
    return opened[0] if opened else None


def codes(text: str, known: Sequence[str]) -> tuple[list[str], int]:
    """Return the category codes at the start of an entry, and where its title begins.

    A letter is a code only alone, so "G8 …" and "K-hole …" are titles; and
    the letter before a word in lower case belongs to the title ("R and D
    …").  A single capital that the legend hasn't is returned too, unless it
    is a word ("A", "I").
    """
    match = CODES.match(text)
    if not match:
        return [], 0
    letters = [(m.group(), m.end()) for m in re.finditer("[A-Z]", match.group())]
    taken: list[tuple[str, int]] = []
    for letter, end in letters:
        if letter in known or (not taken and letter not in "AI"):
            taken.append((letter, end))
        else:
            break
    while taken:
        rest = text[taken[-1][1] :].lstrip(" ,/&+\n\r\t\u00a0")
        if rest[:1].islower() or not rest:
            taken.pop()
        else:
            return [letter for letter, _ in taken], len(text) - len(rest)
    return [], 0


def sentence_ends(text: str) -> Iterator[int]:
    """Yield the offsets at which a new sentence begins."""
    for match in _SENTENCE.finditer(text):
        following = text[match.end() : match.end() + 3]
        if not following or not _STARTER.match(following):
            continue
        if text[match.start()] == "." and _abbreviates(text[: match.start() + 1][-9:]):
            continue
        yield match.end()


def _abbreviates(tail: str) -> bool:
    match = _ABBREVIATION.search(tail)
    if not match:
        return False
    word = match.group(1)
    return word.lower() in names.ABBREVIATIONS or (
        len(word) == 1 and word.isupper() and word != "I"
    )


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; joined, they are the text."""
    cuts = [0, *sentence_ends(text), len(text)]
    return [text[a:b] for a, b in pairwise(cuts) if a < b]


def find_origin(text: str, start: int = 0) -> tuple[Group, Origin] | None:
    """Find the parenthesis that ends the title of the entry whose title begins at ``start``.

    It is the first at the end of a sentence, or before a capital, that holds
    a year or reads as a publisher.  A full stop before it ends the search: a
    year in the summary is no year of the entry.
    """
    for group in groups(text):
        if group.start < start or not group.inside.strip():
            continue
        before = text[start : group.start].rstrip()
        if before and _full_stop(before):
            return None
        after = text[group.end :]
        stop = re.match(r"[”’\"'\]]*\s*(?:[.:;]|$)", after)
        capital = re.match(r"[,]?\s+[“‘\"'(\[]*[A-Z]", after)
        if not (stop or capital):
            continue
        origin = read_origin(group.inside)
        if origin.year is not None or (stop and _reads_as_origin(group.inside, origin)):
            return group, origin
    return None


def _full_stop(before: str) -> bool:
    """Tell whether a sentence ended in what would be a title (a "?" or "!" may stand in one)."""
    return any(
        before[:cut].rstrip().rstrip("”’\"')]").endswith(".") for cut in sentence_ends(before)
    )


def _reads_as_origin(inside: str, origin: Origin) -> bool:
    if origin.tag:
        return True
    if origin.publisher is None:
        return bool(origin.notes)
    if places_of_publisher(origin.publisher):
        return True
    words = _ALPHA.findall(inside)
    capitals = sum(word[0].isupper() for word in words)
    return bool(words) and origin.publisher[0].isupper() and capitals >= 0.6 * len(words)


def read_origin(inside: str) -> Origin:
    """Read the inside of the parenthesis after a title."""
    first, *others = (" ".join(part.split()) for part in inside.split(";"))
    tag_match = _TAG.match(first)
    tag = tag_match.group(1).strip() if tag_match else None
    rest = first[tag_match.end() :] if tag_match else first
    publisher, year, year_end, notes = _read_document(rest)
    further = []
    for other in others:
        other_tag = _TAG.match(other)
        name, other_year, other_end, other_notes = _read_document(
            other[other_tag.end() :] if other_tag else other
        )
        if name and other_year:
            further.append(
                Origin(
                    other_tag.group(1) if other_tag else None,
                    name,
                    other_year,
                    other_end,
                    other_notes,
                )
            )
        elif year is None and other_year is not None:
            year, year_end = other_year, other_end
            notes = (*notes, *other_notes)
        elif other:
            notes = (*notes, other)
    return Origin(tag, publisher, year, year_end, notes, tuple(further))


def _read_document(text: str) -> tuple[str | None, int | None, int | None, tuple[str, ...]]:
    """Read "Publisher, 2010" into publisher, year, last year of a range, and remarks."""
    match = _ORIGIN.match(text)
    if not match:
        name = text.strip(" ,.")
        if not name or _is_note(name):
            return None, None, None, (name,) if name else ()
        head, comma, tail = name.rpartition(",")
        if comma and _is_note(tail.strip()):
            return head.strip() or None, None, None, (tail.strip(),)
        return name, None, None, ()
    year = int(match["year"])
    end = match["end"]
    last = None if end is None else int(end) if len(end) == 4 else year // 100 * 100 + int(end)
    notes = []
    name = _without_date(match["publisher"].strip(" ,.:"))
    if name and _is_note(name):
        notes.append(f"{name} {year}" if name[0].islower() else name)
        name = ""
    remark = match["rest"].strip(" ,.")
    if remark:
        notes.append(remark)
    if last is not None and last < year:
        last = None
    return name or None, year, last, tuple(notes)


def _without_date(name: str) -> str:
    """Take the day and month that stood before the year off a publisher's name."""
    words = name.split()
    while words and (
        words[-1].strip(",.").lower() in names.MONTHS or words[-1].strip(",.").isdigit()
    ):
        if (
            len(words) > 1
            and words[-1].strip(",.").isdigit()
            and words[-2].strip(",.").lower() not in names.MONTHS
        ):
            if any(w.strip(",.").lower() in names.MONTHS for w in name.split()):
                words.pop()
            break
        words.pop()
    return " ".join(words).strip(" ,.")


def _is_note(text: str) -> bool:
    lower = text.lower()
    return any(lower == note or lower.startswith(f"{note} ") for note in names.NOTES)


def is_furniture(sentence: str) -> bool:
    """Tell whether a sentence only helps to move about the page."""
    return _FURNITURE.match(sentence.strip()) is not None


@dataclass(frozen=True, slots=True)
class Reference:
    """A sentence that points to another entry: its words, and ``"above"`` or ``"below"``."""

    text: str
    what: str
    direction: str


def read_reference(sentence: str) -> Reference | None:
    """Read "Scottish guidance below.", or return ``None``."""
    text = sentence.strip()
    match = _REFERENCE.match(text)
    if not match:
        return None
    what = match["what"]
    if not any(word.lower() in names.KINDS for word in re.findall(r"\w+", what)):
        return None
    return Reference(text.rstrip("."), what, match["direction"].lower())


@dataclass(frozen=True, slots=True)
class Pointer:
    """A related document that a sentence names; the span is within the sentence."""

    relation: str
    title: str
    origin: Origin
    start: int
    end: int


def read_pointers(sentence: str) -> list[Pointer]:
    """Return the documents that a "See also", "Update" or "associated" sentence points to."""
    lead = len(sentence) - len(sentence.lstrip())
    body = sentence[lead:]
    update = _UPDATE.match(body)
    if update:
        title = " ".join(update.group().split())
        origin = Origin(None, None, int(update["year"]), None, ())
        return [Pointer("update", title, origin, lead, lead + update.end())]
    see = _SEE_ALSO.match(body)
    if see:
        return _see_also(body, see.end(), lead)
    associated = _ASSOCIATED.search(body)
    if associated:
        group = next((g for g in groups(body) if g.start >= associated.end()), None)
        pointed = read_origin(group.inside) if group else None
        if group and pointed and (pointed.year or pointed.publisher):
            title = " ".join(associated.group().split())
            return [
                Pointer("associated", title, pointed, lead + associated.start(), lead + group.end)
            ]
    return []


def _see_also(body: str, start: int, lead: int) -> list[Pointer]:
    found = []
    begin = start
    for group in groups(body):
        origin = read_origin(group.inside)
        if origin.year is None and not _reads_as_origin(group.inside, origin):
            continue
        title = body[begin : group.start]
        stripped = re.sub(r"^[\s,;]*(?:and|or|plus)?\s+", "", f" {title}")
        offset = begin + len(title) - len(stripped)
        name = " ".join(stripped.split())
        relation = (
            "associated"
            if re.match(r"(?:the )?(?:associated|accompanying|companion)\b", name, re.IGNORECASE)
            else "see also"
        )
        found.append(Pointer(relation, name, origin, lead + max(offset, begin), lead + group.end))
        begin = group.end
    if not found:
        rest = " ".join(body[start:].split()).rstrip(".")
        if rest:
            nothing = Origin(None, None, None, None, ())
            found.append(
                Pointer("see also", rest, nothing, lead + start, lead + len(body.rstrip()))
            )
    return found
