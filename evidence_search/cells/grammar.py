"""The grammar of a matrix cell, in one place.

::

    page      = header legend { entry } footer
    header    = MATRIX " Matrix cell " CODE ": " COLUMN "; " ROW, then any lines
    legend    = a line, or a line a category: "S Seminal studies K Key studies …"
    entry     = { CODE } TITLE "(" origin ")" "." SUMMARY
    origin    = document { ";" ( document | NOTE ) }
    document  = [ "[" TAG "]" ] [ PUBLISHER "," ] YEAR [ "–" YEAR ]
    footer    = from "more Retrieve all …", "Matrix Bite …" on

A title may hold parentheses, and a summary years in parentheses: the origin
is the first parenthesis that reads as one, stands where a title can end, and
has no sentence ended before it.

Functions here say what the piece of text at some offset is.  They take text
in which all white space is plain spaces (see :func:`flatten`), so that an
offset in it is one in the page.  They look at most :data:`REACH` characters
ahead, and no pattern backtracks over more than that, so that the time a page
takes is linear in its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import names
from evidence_search.cells.origins import YEAR, Origin, is_note, read_origin, reads_as_origin
from evidence_search.places import places_of_publisher

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = 500
"""How many characters after the start of a title its parenthesis is looked for."""

_MATRIX = re.compile("matrix[:,]? +cell +[a-z][0-9]", re.IGNORECASE)
_HEADING = re.compile(
    r"\b(?P<matrix>[a-z][\w/-]*)(?: +treatment)? +matrix[:,]? +cell +(?P<code>[a-z]\d{1,2})\b"
    r"(?: ?[:.–—-] ?(?P<topic>[^\r\n]{0,200}))?",
    re.IGNORECASE,
)
RETRIEVE = re.compile(
    r"(?<=[.!?”’\"')\]]) +(?:more +)?(?:Retrieve all relevant|This search retrieves all)"
)
LEGEND = re.compile(r"([A-Z])\s{0,3}[:=–-]?\s{0,3}((?i:Seminal|Key|Review|Guid))")

_WHITE = re.compile(
    "[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
)
ONLY_CODES = re.compile(r"[SKRG](?:[ ,/&+]+[SKRG])*")
_JOINING = frozenset(",/&+")
_AFTER_CODE = _JOINING | {" "}
_CODE = re.compile(r"([A-Z])( *[,/&+] *| +(?:[-–—] +)?)(?=[^ ])")
_WORD = re.compile(r"[A-Za-z]+(?=[ ,:;.])")
# Between two entries in one paragraph: the end of a sentence, perhaps a space, and a code.
_JOINT = re.compile(r"[.!?…”’\"')\]] *(?=[A-Z](?: *[,/&+] *| +)[^ ])")
_SENTENCE = re.compile(r"[.!?…][”’\"')\]]* +(?=[ “‘\"'(\[]*[A-Z0-9À-Þ“‘])")
_ABBREVIATION = re.compile(r"(?<![\w.’'])([A-Za-z.]{1,7})\.$")

_STOPS = re.compile(r"[”’\"'\]]* *(?:[.?!…]|$)")
_CAPITAL = re.compile(r",? +[“‘\"'\[]*[A-Z0-9]")
_GOES_ON = re.compile(r" *(?:[,:;]|[–—-] )")
_UNCLOSED = re.compile(rf"\((?:[^().]|\.(?! +[A-Z])){{0,200}}?{YEAR}(?!\w)")
_RAN_ON = re.compile(rf"{YEAR}\. +[A-Z]")


class Group(NamedTuple):
    """A pair of parentheses: ``text[start:end]`` includes both."""

    start: int
    end: int
    inside: str


def flatten(text: str) -> str:
    """Return ``text`` with a plain space for each character of white space."""
    return _WHITE.sub(" ", text)


def headings(text: str, end: int) -> Iterator[re.Match[str]]:
    """Yield the phrases "Alcohol Treatment Matrix cell E5: column; row" of ``text[:end]``.

    Their groups are ``matrix``, ``code``, and ``topic``, which may be ``None``.
    """
    for match in _MATRIX.finditer(text, 0, end):
        heading = _HEADING.search(text, max(0, match.start() - 60), match.end() + 220)
        if heading:
            yield heading


# Where an entry starts


def codes(text: str, start: int, end: int) -> tuple[str, int]:
    """Return the category codes at ``start``, as one word, and where the title after them begins.

    A letter is a code only alone, so "G8 …", "K-hole …" and "R&D …" are
    titles, and so is a letter that a small word follows ("R and D …"), or one
    that stands there a second time ("K K Street …").  A single capital that is
    no category is returned too, unless it is a word ("A", "I").
    """
    if text[start + 1 : start + 2] not in _AFTER_CODE:
        return "", start
    found = ""
    sure, title = 0, start
    at = start
    while len(found) < len(names.CODES):
        match = _CODE.match(text, at, end)
        if not match:
            break
        letter, between = match.groups()
        if letter in found or (letter not in names.CODES and (found or letter in "AI")):
            break
        at = match.end()
        if not set(between) & _JOINING:
            word = _WORD.match(text, at, end)
            if word and word.group() in names.SMALL_WORDS:
                break
            sure, title = len(found) + 1, at
        found += letter
    return found[:sure], title


def joints(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offsets in a paragraph, after its start, at which another entry could begin."""
    for match in _JOINT.finditer(text, start, end):
        first = max(start, match.start() - 5)
        ending = text[first : match.start() + 1].rstrip("”’\"')]")
        if ending.endswith((".", "!", "?", "…")) and not _abbreviates(text, first + len(ending)):
            yield match.end()


# Parentheses and sentences


def groups(text: str, start: int, end: int) -> Iterator[Group]:
    """Yield the top-level parentheses, in order; within one that is never closed, those in it."""
    opened: list[int] = []
    inner: list[tuple[int, int]] = []
    for match in _PARENTHESES.finditer(text, start, end):
        at = match.start()
        if text[at] == "(":
            opened.append(at)
        elif opened:
            begin = opened.pop()
            if opened:
                inner.append((begin, at + 1))
            else:
                yield Group(begin, at + 1, text[begin + 1 : at])
                inner.clear()
    if opened:
        last = 0
        for begin, stop in sorted(inner):
            if begin >= last:
                yield Group(begin, stop, text[begin + 1 : stop - 1])
                last = stop


_PARENTHESES = re.compile("[()]")


def unbalanced(text: str, start: int, end: int) -> list[int]:
    """Return the offsets of parentheses without their other half, in order."""
    opened: list[int] = []
    closing: list[int] = []
    for match in _PARENTHESES.finditer(text, start, end):
        if match.group() == "(":
            opened.append(match.start())
        elif opened:
            opened.pop()
        else:
            closing.append(match.start())
    return sorted(opened + closing)


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offsets at which a new sentence begins."""
    for match in _SENTENCE.finditer(text, start, end):
        at = match.start()
        if text[at] != "." or not _abbreviates(text, at + 1):
            yield match.end()


def _abbreviates(text: str, stop: int) -> bool:
    """Tell whether the full stop that ends at ``stop`` belongs to a word such as "Dr."."""
    match = _ABBREVIATION.search(text, max(0, stop - 9), stop)
    if not match:
        return False
    word = match.group(1).lower()
    if word in names.ABBREVIATIONS or (
        word in names.NUMBERED and text[stop : stop + 2].strip().isdigit()
    ):
        return True
    return len(word) == 1 and match.group(1).isupper() and word != "i"


def ends_abbreviated(text: str) -> bool:
    """Tell whether a text ends with the full stop of a word such as "U.S."."""
    return text.endswith("etc.") or (text.endswith(".") and _abbreviates(text, len(text)))


def sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of ``text[start:end]``; together they are all of it."""
    for cut in sentence_ends(text, start, end):
        yield start, cut
        start = cut
    if start < end:
        yield start, end


# The parenthesis after a title


def find_origin(text: str, start: int, end: int) -> tuple[Group, Origin] | None:
    """Find the parenthesis that ends the title that begins at ``start``.

    It is the first with a year or tag at the end of a sentence or before a
    capital; failing that, the likeliest of the others.  A full stop before
    it ends the search: a year in the summary is no year of the entry.
    """
    limit = min(end, start + REACH)
    at = start
    likely: list[tuple[int, Group, Origin]] = []
    for group in _title_groups(text, start, limit):
        if _full_stop(text, start, at, group.start):
            break
        at = group.end
        if _RAN_ON.search(group.inside):
            return _unclosed_origin(text, group.start, limit)
        origin = read_origin(group.inside)
        doubt = _doubt(text, group, origin, end)
        if doubt == 0:
            return group, origin
        if doubt:
            likely.append((doubt, group, origin))
    if likely:
        _, group, origin = min(likely, key=lambda candidate: candidate[0])
        return group, origin
    opened = next((at for at in unbalanced(text, start, limit) if text[at] == "("), None)
    if opened is None or _full_stop(text, start, start, opened):
        return None
    return _unclosed_origin(text, opened, limit)


def _title_groups(text: str, start: int, end: int) -> Iterator[Group]:
    """Yield the parentheses up to the first one after which a sentence ends.

    Remarks in a parenthesis of their own right behind one are taken as part
    of it: "(2010) (free source)".
    """
    held: Group | None = None
    for group in groups(text, start, end):
        if held and not text[held.end : group.start].strip() and _only_notes(group.inside):
            held = Group(held.start, group.end, f"{held.inside}; {group.inside}")
            continue
        if held:
            yield held
            if _full_stop(text, start, held.end, min(held.end + 6, end)):
                return
        held = group
    if held:
        yield held


def _only_notes(inside: str) -> bool:
    return all(is_note(part.strip()) for part in inside.split(";"))


def _doubt(text: str, group: Group, origin: Origin, end: int) -> int | None:
    """Return how doubtful it is that a parenthesis is the origin, or ``None`` where it isn't."""
    certain = origin.tag or origin.year is not None
    ends = _STOPS.match(text, group.end, end) is not None
    opens = _CAPITAL.match(text, group.end, end) is not None
    if certain and (ends or opens):
        return 0
    if certain and _GOES_ON.match(text, group.end, end):
        return 1
    known = bool(origin.publisher and places_of_publisher(origin.publisher))
    if (ends and reads_as_origin(group.inside, origin)) or (opens and known):
        return 2
    return 3 if (known or origin.notes) and origin.year is not None else None


def _full_stop(text: str, start: int, at: int, end: int) -> bool:
    """Tell whether a sentence ends between two offsets of what would be a title.

    A "?", "!" or "…" may stand in a title; so may a full stop inside quotes.
    """
    for cut in sentence_ends(text, at, end):
        last = len(text[at:cut].rstrip().rstrip("”’\"')]")) + at - 1
        if text[last] == "." and text.count("“", start, last) <= text.count("”", start, last):
            return True
    return False


def _unclosed_origin(text: str, opened: int, end: int) -> tuple[Group, Origin] | None:
    """Read the origin at a parenthesis that is never closed: it ends with its year."""
    match = _UNCLOSED.match(text, opened, end)
    if not match:
        return None
    group = Group(opened, match.end(), text[opened + 1 : match.end()])
    return group, read_origin(group.inside)
