"""The grammar of a matrix cell, in one place.

::

    page       = header legend { entry } footer
    header     = MATRIX " Matrix cell " CODE ": " COLUMN "; " ROW, then any lines
    legend     = a line, or a line a category: "S Seminal studies K Key studies …"
    entry      = { CODE } TITLE "(" citation ")" "." SUMMARY
    citation   = document { ";" ( document | NOTE ) }
    document   = [ "[" TAG "]" ] [ PUBLISHER "," ] YEAR [ "–" YEAR ]
    footer     = from "more Retrieve all …", "Matrix Bite …" on

    SUMMARY    = { navigation | access | reference | pointer | mention | any sentence }
    navigation = "For related discussion click here and scroll down to highlighted heading."
    access     = "Free source at time of writing."
    reference  = "Scottish guidance below."
    pointer    = "See also " TITLE "(" citation ")", "Update published in " YEAR,
                 "associated policy report (" citation ")"
    mention    = … NAME "(" document { "and" YEAR } ")" …

A title may hold parentheses, and a summary years in parentheses: the citation
is the first parenthesis that reads as one, stands where a title can end, and
has no sentence ended before it.  Where a title names documents by their
years ("In clinics (2013), wards (2014) and homes (2015), …"), it ends with
its sentence, and the first year is the entry's.

``citation`` reads the parenthesis, ``sentences`` the sentences of a summary.
Functions here say what the piece of text at some offset is.  They take text
in which all white space is plain spaces (see :func:`flatten`), so that an
offset in it is one in the page.  They look at most :data:`REACH` characters
ahead, and no pattern backtracks over more than that, so that the time a page
takes is linear in its length.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import vocabulary
from evidence_search.cells.citation import (
    YEAR,
    Citation,
    is_note,
    read_citation,
    reads_as_citation,
)
from evidence_search.patterns import lazy_pattern
from evidence_search.places import canonical, places_of_publisher

if TYPE_CHECKING:
    from collections.abc import Iterator

REACH = 500
"""How many characters after the start of a title its parenthesis is looked for."""

_LONGEST_TITLE = 2_000

_MATRIX = lazy_pattern(r"matrix[:,]?\s{1,9}cell[:,]?\s{1,9}[a-z][0-9]", re.IGNORECASE)
_HEADING = lazy_pattern(
    r"\b(?P<matrix>[a-z][\w/-]*)(?:\s{1,9}treatment)?\s{1,9}matrix[:,]?\s{1,9}cell[:,]?\s{1,9}"
    r"(?P<code>[a-z]\d{1,2})\b(?: ?[:.–—-] ?(?P<topic>[^\r\n]{0,200}))?",
    re.IGNORECASE,
)
_RETRIEVE = ("Retrieve all relevant", "This search retrieves all")
_BEFORE_RETRIEVE = lazy_pattern(r"(?:(?<=[.!?”’\"')\]]) +(?:more +)?| more +)$")
LEGEND = lazy_pattern(r"([A-Z])\s{0,3}[:=–-]?\s{0,3}((?i:Seminal|Key|Review|Guid))")
_LEGEND_SENTENCES = lazy_pattern(
    r"(?:[\s.:;,|]*(?:{}))*[\s.]*".format(
        "|".join(r"\s+".join(map(re.escape, s.split())) for s in vocabulary.LEGEND_SENTENCES)
    ),
    re.IGNORECASE,
)
_STUDIES = lazy_pattern(r" *stud(?:y|ies)(?=[^a-z]|more)", re.IGNORECASE)
_LEGEND_OF_ONE = lazy_pattern(
    r"[A-Z]\s{0,3}[:=–-]?\s{0,3}(?:(?:Seminal|Key)(?: stud(?:y|ies))?|Reviews?|Guidance|"
    r"Guidelines?)[ .:;]*(?:more\b.{0,60})?",
    re.IGNORECASE,
)

_WHITE = lazy_pattern(
    "[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]"
)
ONLY_CODES = lazy_pattern(r"[SKRG](?:[ ,/&+]+[SKRG])*")
_JOINING = frozenset(",/&+")
_AFTER_CODE = _JOINING | {" "}
_CODE = lazy_pattern(r"([A-Z])( *[,/&+] *| +(?:[-–—] +)?)(?=[^ ])")
_WORD = lazy_pattern(r"[A-Za-z]+(?=[ ,:;.])")
# Between two entries in one paragraph: the end of a sentence, perhaps a space, and a code.
_JOINT = lazy_pattern(r"[.!?…”’\"')\]] *(?=[A-Z](?: *[,/&+] *| +)[^ ])")
_SENTENCE = lazy_pattern(r"[.!?…][”’\"')\]]* +(?=[ “‘\"'(\[]*[A-Z0-9À-Þ“‘])")
_ABBREVIATION = lazy_pattern(r"(?<![\w.’'])([A-Za-z.]{1,7})\.$")
_WORD_BEFORE = lazy_pattern(r"([\w.’'-]+)[ “‘\"'(]*$")
_NEXT_WORD = lazy_pattern(r"[”’\"')\]]* +[ “‘\"'(\[]*([A-Za-z]+\b\.?)")
_AGENT = lazy_pattern(r".{2,}(?:ist|ian|er|or)s?")

# After the parenthesis of a title: its end, a new sentence, a break within one.
_STOPS = lazy_pattern(r"[”’\"'\]]* *(?:[.?!…]|$)")
_CAPITAL = lazy_pattern(r",? +[“‘\"'\[]*[A-Z0-9]")
_GOES_ON = lazy_pattern(r" *(?:[:;]|[–—-] )")
_RUNS_ON = lazy_pattern(r" *[:;] +[a-z]")
_LISTED = lazy_pattern(r",? *(?:(?:and|or|&) )")
_SERIES = lazy_pattern(rf"(?:[,;] +[^().,;:]{{1,40}}\({YEAR}\)){{1,9}}:")
"""After the first of documents that a colon ends: "DATOS (1997), DARP (1982): …"."""
_UNCLOSED = lazy_pattern(rf"\((?:[^().]|\.(?! +[A-Z])){{0,200}}?{YEAR}(?!\w)")
_RAN_ON = lazy_pattern(rf"{YEAR}\. +[A-Z]")
_BRACKETED = lazy_pattern(r"\s*\[([^\]\[]{1,60})\]")


class Group(NamedTuple):
    """A pair of parentheses: ``text[start:end]`` includes both."""

    start: int
    end: int
    inside: str


def flatten(text: str) -> str:
    """Return ``text`` with a plain space for each white space, and mark of direction."""
    return _WHITE.sub(" ", text)


def headings(text: str, end: int, start: int = 0) -> Iterator[re.Match[str]]:
    """Yield the phrases "Alcohol Treatment Matrix cell E5: column; row" of ``text[start:end]``.

    Their groups are ``matrix``, ``code``, and ``topic``, which may be ``None``.
    """
    for match in _MATRIX.finditer(text, start, end):
        heading = _HEADING.search(text, max(start, match.start() - 60), match.end() + 220)
        if heading:
            yield heading


def find_retrieve(text: str, start: int) -> int | None:
    """Return where "more Retrieve all relevant …" begins that follows in a paragraph."""
    for words in _RETRIEVE:
        at = text.find(words, start)
        while at >= 0:
            before = _BEFORE_RETRIEVE.search(text, max(start, at - 40), at)
            if before:
                return before.start()
            at = text.find(words, at + 1)
    return None


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
    while len(found) < len(vocabulary.CODES):
        match = _CODE.match(text, at, end)
        if not match:
            break
        letter, between = match.groups()
        if letter in found or (letter not in vocabulary.CODES and (found or letter in "AI")):
            break
        at = match.end()
        if not set(between) & _JOINING:
            word = _WORD.match(text, at, end)
            if word and word.group() in vocabulary.SMALL_WORDS:
                break
            sure, title = len(found) + 1, at
        found += letter
    return found[:sure], title


def is_legend(line: str) -> bool:
    """Tell whether a line explains two codes or more."""
    return len(legend_codes(line)) > 1


def legend_codes(line: str) -> list[str]:
    """Return the codes that a line explains, in order; "R Review of wards (2010)" is none."""
    found = [
        code
        for code, word in LEGEND.findall(line)
        if vocabulary.CATEGORY_WORDS.get(code) == word.lower()
    ]
    return found if len(found) > 1 or _LEGEND_OF_ONE.fullmatch(line) else []


def past_legend(text: str, at: int) -> int:
    """Return where the sentences end that explain a page, after the last word of its legend."""
    while at < len(text) and text[at].isalpha():
        at += 1
    studies = _STUDIES.match(text, at)
    match = _LEGEND_SENTENCES.match(text, studies.end() if studies else at)
    return match.end() if match else at


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


_PARENTHESES = lazy_pattern("[()]")
_BALANCED = lazy_pattern(r"[^()]*(?:\([^()]*\)[^()]*)*")
"""Text as most is: every parenthesis closed, and none within another."""


def unbalanced(text: str, start: int, end: int) -> list[int]:
    """Return the offsets of parentheses without their other half, in order."""
    if _BALANCED.fullmatch(text, start, end):
        return []
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
    if len(word) == 1 and match.group(1).isupper():
        return word != "i" and _is_initial(text, match.start(), stop)
    return word in vocabulary.ABBREVIATIONS or (
        word in vocabulary.NUMBERED and text[stop : stop + 2].strip().isdigit()
    )


def _is_initial(text: str, start: int, stop: int) -> bool:
    """Tell whether a capital with a full stop begins a name, rather than ends a sentence.

    "J. Smith", "psychologist B. F. Skinner" and "by R. Jones" are names;
    "hepatitis C. For …" and "ward B. Patients …" are not.
    """
    after = _NEXT_WORD.match(text, stop, stop + 40)
    if after and after.group(1) in vocabulary.OPENERS:
        return False
    before = _WORD_BEFORE.search(text, max(0, start - 30), start)
    if not before:
        return True
    word = before.group(1)
    if word.lower() in vocabulary.LETTERED:
        return False
    return (
        not word[0].islower()
        or word in vocabulary.TITLE_BOUNDARIES
        or _AGENT.fullmatch(word) is not None
    )


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


# The head of an entry: codes, title, parenthesis


class Head(NamedTuple):
    """How an entry begins, by offsets in a flattened text.

    The title is ``text[title:title_end]``; ``citation`` is the parenthesis
    that ends it or ``None``, and ``body`` where the summary begins.
    ``named`` are the documents beside the first that a title with years
    names, each with its parenthesis.  ``doubtful`` tells that the title may
    be longer, ``holds_years`` that its years are part of it.
    """

    start: int
    codes: str
    title: int
    title_end: int
    body: int
    citation: Citation | None = None
    named: tuple[tuple[Group, Citation], ...] = ()
    doubtful: bool = False
    holds_years: bool = False

    @property
    def is_coded(self) -> bool:
        """Whether it begins with categories."""
        return bool(self.codes) and set(self.codes) <= set(vocabulary.CODES)


class _Candidate(NamedTuple):
    """A parenthesis that may end a title: surely where ``doubt`` is 0, not where it's ``None``."""

    group: Group
    citation: Citation
    doubt: int | None


def read_head(text: str, start: int, end: int, titled: int = 0) -> Head:
    """Read codes, title and parenthesis of the entry that would begin at ``start``.

    ``titled`` is how far its title reaches at least, as the page marks it.

    The parenthesis is the first with a year or tag at the end of a sentence
    or before a capital; failing that, the likeliest of the others.  A full
    stop before it ends the search: a year in the summary is no year of the
    entry.
    """
    letters, title = codes(text, start, end)
    limit = min(end, title + REACH)
    likely: list[_Candidate] = []
    dated: list[_Candidate] = []
    for candidate in _candidates(text, title, max(title, titled), limit, end):
        group, citation, doubt = candidate
        if dated and _SERIES.match(text, dated[-1].group.end, limit):
            doubt = None  # the next of the series
        if doubt == 0 and not (
            dated and _LISTED.match(text, dated[-1].group.end, group.start)
        ):  # "in clinics (2013) or wards (2014)."
            sure = _STOPS.match(text, group.end, end) or not _dated_later(text, title, group, limit)
            return Head(start, letters, title, group.start, group.end, citation, doubtful=not sure)
        if doubt:
            likely.append(candidate)
        elif citation.year is not None and not citation.publisher and not citation.tag:
            dated.append(candidate)
        if doubt == 0:
            break
    if likely:
        group, citation, doubt = min(likely, key=lambda candidate: candidate.doubt or 0)
        runs_on = doubt == 1 and _RUNS_ON.match(text, group.end) is not None
        return Head(start, letters, title, group.start, group.end, citation, doubtful=runs_on)
    if dated:
        stop = _sentence_end(text, dated[-1].group.end, end)
        others = tuple((group, citation) for group, citation, _ in dated[1:])
        return Head(start, letters, title, stop, stop, dated[0].citation, others, holds_years=True)
    stop = _sentence_end(text, title, end)  # no parenthesis: the title is its first sentence
    return Head(start, letters, title, stop, stop)


def _candidates(text: str, title: int, titled: int, limit: int, end: int) -> Iterator[_Candidate]:
    """Yield the parentheses of what may be a title, up to the end of its sentence."""
    at = titled
    for group in _title_groups(text, titled, limit):
        if _full_stop(text, title, at, group.start):
            break
        if _RAN_ON.search(group.inside):
            yield from _unclosed(text, group.start, limit)
            return
        citation = read_citation(group.inside)
        yield _Candidate(group, citation, _doubt(text, group, citation, end))
        at = group.end
    if at == titled:
        opened = next((at for at in unbalanced(text, titled, limit) if text[at] == "("), None)
        if opened is not None and not _full_stop(text, title, titled, opened):
            yield from _unclosed(text, opened, limit)


def _sentence_end(text: str, start: int, end: int) -> int:
    limit = min(end, start + _LONGEST_TITLE)
    return next(sentence_ends(text, start, limit), limit)


def _dated_later(text: str, title: int, group: Group, limit: int) -> bool:
    """Tell whether the sentence that goes on after a parenthesis ends with another year."""
    at = group.end
    letters, _ = codes(text, at + len(text[at:limit]) - len(text[at:limit].lstrip()), limit)
    if letters and set(letters) <= set(vocabulary.CODES):
        return False  # the next entry, of titles that no full stop ends
    for other in groups(text, at, limit):
        if _full_stop(text, title, at, other.start):
            return False
        at = other.end
        if _STOPS.match(text, other.end, limit) and read_citation(other.inside).year is not None:
            return True
    return False


def _title_groups(text: str, start: int, end: int) -> Iterator[Group]:
    """Yield the parentheses up to the first one after which a sentence ends.

    Remarks in a parenthesis of their own right behind one are taken as part
    of it: "(2010) (free source)", "(2010) [free source]".
    """
    pending: Group | None = None
    for group in (_with_remark(text, group) for group in groups(text, start, end)):
        if pending and not text[pending.end : group.start].strip() and _only_notes(group.inside):
            pending = Group(pending.start, group.end, f"{pending.inside}; {group.inside}")
            continue
        if pending:
            yield pending
            if _full_stop(text, start, pending.end, min(pending.end + 6, end)):
                return
        pending = group
    if pending:
        yield pending


def _with_remark(text: str, group: Group) -> Group:
    """Return a parenthesis with the remark or place in brackets behind it, if there is one."""
    behind = _BRACKETED.match(text, group.end)
    if behind and _only_notes(behind[1]):
        return Group(group.start, behind.end(), f"{group.inside}; {behind[1]}")
    if behind and canonical(behind[1]):
        return Group(group.start, behind.end(), f"{behind[0].strip()} {group.inside}")
    return group


def _only_notes(inside: str) -> bool:
    return all(is_note(part.strip()) for part in inside.split(";"))


def _doubt(text: str, group: Group, citation: Citation, end: int) -> int | None:
    """Return how doubtful it is that a parenthesis ends the title, or ``None`` where it doesn't."""
    certain = citation.tag or citation.year is not None
    if certain and _SERIES.match(text, group.end, end):
        return None
    ends = _STOPS.match(text, group.end, end) is not None
    opens = _CAPITAL.match(text, group.end, end) is not None
    if certain and (ends or opens):
        return 0
    if certain and _GOES_ON.match(text, group.end, end):
        return 1
    known = bool(citation.publisher and places_of_publisher(citation.publisher))
    if (ends and reads_as_citation(group.inside, citation)) or (opens and known):
        return 2
    return 3 if (known or citation.notes) and citation.year is not None else None


def _full_stop(text: str, start: int, at: int, end: int) -> bool:
    """Tell whether a sentence ends between two offsets of what would be a title.

    A "?", "!" or "…" may stand in a title; so may a full stop inside quotes.
    """
    for cut in sentence_ends(text, at, end):
        last = len(text[at:cut].rstrip().rstrip("”’\"')]")) + at - 1
        if text[last] == "." and text.count("“", start, last) <= text.count("”", start, last):
            return True
    return False


def _unclosed(text: str, opened: int, end: int) -> Iterator[_Candidate]:
    """Yield the citation at a parenthesis that is never closed: it ends with its year."""
    match = _UNCLOSED.match(text, opened, end)
    if match:
        group = Group(opened, match.end(), text[opened + 1 : match.end()])
        yield _Candidate(group, read_citation(group.inside), 0)
