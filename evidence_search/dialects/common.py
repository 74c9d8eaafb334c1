"""What several dialects share: their fields by our names, and helpers for their tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.dialects.grammar import Token
from evidence_search.dialects.syntax import (
    And,
    Heading,
    InFields,
    Line,
    Or,
    Phrase,
    Reference,
    Word,
    Years,
    joined,
)
from evidence_search.languages import is_language
from evidence_search.query import Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANY: tuple[str, ...] = ()
TITLE, SUMMARY, KEYWORD = ("title",), ("summary",), ("keyword",)
TITLE_SUMMARY = ("title", "summary")
TOPIC = ("title", "summary", "keyword")
HEADING, EXPLODED = "heading", "heading:explode"
MAJOR, MAJOR_EXPLODED = "heading:major", "heading:major,explode"
FILTER = "filter"
"""Fields of which the words are the names of subject headings, or of a platform's filters."""
KEYWORDS = dict.fromkeys((HEADING, EXPLODED, MAJOR, MAJOR_EXPLODED), "keyword")

FIRST_YEAR, LAST_YEAR = 1000, 2999
"""A year before or after these is how a platform writes that a range is open ("0001:2010")."""


def operator(match: re.Match[str], kind: str) -> Token:
    """Return the token of AND, OR, NOT or a parenthesis."""
    return Token(kind, match.start(), match[0])


def leaf(match: re.Match[str], line: Line) -> Token:
    """Return the token of words, a heading, years or a reference."""
    return Token("line", match.start(), match[0], line)


def limit(match: re.Match[str], line: Line) -> Token:
    """Return the token of what a whole line is limited to, wherever in it that stands."""
    return Token("limit", match.start(), match[0], line)


def words(text: str, signs: Mapping[str, str]) -> Line | None:
    """Return a word or a phrase; ``signs`` turn the dialect's wildcards into ours."""
    found = [_neutral(word, signs) for word in text.split()]
    kept = tuple(word for word in found if re.search(r"[^\W_]", word))
    if not kept:
        return None
    return Word(kept[0]) if len(kept) == 1 else Phrase(kept)


def _neutral(word: str, signs: Mapping[str, str]) -> str:
    word = "".join(signs.get(c, c) for c in word)
    word = re.sub(r"^[^\w*?]+|[^\w*?]+$", "", word)
    return re.sub(r"\*+", "*", word)


def fields(
    codes: Sequence[str], known: Mapping[str, tuple[str, ...] | None], notes: list[Note], start: int
) -> tuple[str, ...]:
    """Return our fields for a platform's codes; one that we lack is noted.

    It is left out where others stand beside it; else any field is searched.
    """
    found = [(code, known.get(code.strip().casefold())) for code in codes]
    there = [ours for _, ours in found if ours is not None]
    instead = "left out" if there else "searched in any field"
    for code, ours in found:
        if ours is None:
            notes.append(Note(f"the field {code.strip()} isn't known here; {instead}", start))
    if ANY in there:
        return ANY
    names = dict.fromkeys(name for ours in there for name in ours)
    # Beside other fields a heading is a keyword, whose words are searched.
    beside = dict.fromkeys(KEYWORDS.get(name, name) for name in names)
    return tuple(names if len(names) == 1 else beside)


def year_range(text: str) -> Years | None:
    """Return the years of "2010", "2010-2015", "2010 -Current", "2010/01/01:3000", or ``None``.

    "201*" is the years that begin so; of days such as "20100131" or "2010-01-31" the year counts.
    """
    text = _DAYS.sub(r"\1", _compact(text))
    decade = re.fullmatch(r"\W*(\d{2,4})[*?_]*\W*", text.strip())
    if decade and (len(decade[1]) < 4 or "*" in text):
        digits = decade[1]
        return Years(int(f"{digits:0<4}"), int(f"{digits:9<4}"))
    match = re.fullmatch(
        r'\W*(\d{4})?(?:/\d\d?){0,2}"?\s*(?:(-|–|:|to|TO)\s*"?(\d{4}|current|present)?(?:/\d\d?){0,2})?\W*',
        text.strip(),
        re.IGNORECASE,
    )
    if not match or not (match[1] or match[3]):
        return None
    low, high = (_year(match[1]), _year(match[3]) if match[2] else _year(match[1]))
    return Years(low, high)


def whole_years(text: str) -> bool:
    """Tell whether days such as "20100101-20201231" begin and end with a year; none do."""
    days = [day[2] for day in _DAYS.finditer(_compact(text))]
    return not days or (days[0] in {"01", "0101"} and days[-1] in {"12", "1231"})


def _compact(text: str) -> str:
    """Return "2010-01-31/2010-12-31" as "20100131-20101231"."""
    text = re.sub(r"\b(\d{4})-(\d\d)-(\d\d)\b", r"\1\2\3", text)
    return re.sub(r"(?<=\b\d{8})/(?=\d{8}\b)", "-", text)


_DAYS = re.compile(r"\b([12]\d{3})((?:0[1-9]|1[0-2])(?:[0-3]\d)?)\b")


def _year(text: str | None) -> int | None:
    if not text or not text.isdecimal():
        return None
    return int(text) if FIRST_YEAR < int(text) < LAST_YEAR else None


def years_text(years: Years, between: str, first: str, last: str) -> str:
    """Write years as "2010-2015", with words for no limit."""
    low, high = years.low or first, years.high or last
    return str(low) if low == high else f"{low}{between}{high}"


def code_of(field: tuple[str, ...], known: Mapping[str, tuple[str, ...] | None]) -> str | None:
    """Return a platform's first code for what it searches; ``None`` where it has none."""
    return next((code for code, ours in known.items() if ours == field), None)


def codes_of(names: Sequence[str], known: Mapping[str, tuple[str, ...] | None]) -> list[str] | None:
    """Return a platform's code for each of our fields; ``None`` where it lacks one of them."""
    codes = [code_of((name,), known) for name in names]
    there = [code for code in codes if code is not None]
    return there if len(there) == len(codes) else None


def quoted(parts: Sequence[str]) -> str:
    """Write a phrase in quotes, a single word without."""
    return parts[0] if len(parts) == 1 else '"' + " ".join(parts) + '"'


def line_numbers(text: str) -> list[int] | None:
    """Return the numbers of "1-3,5" or "#1-#3, #5" or "S1-S3"; ``None`` for another text."""
    numbers: list[int] = []
    for part in re.split(r"[,\s]+", text.strip()):
        match = re.fullmatch(r"[#S]?(\d{1,3})(?:-[#S]?(\d{1,3}))?", part, re.IGNORECASE)
        if not match:
            return None
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers


def as_heading(text: str, *, explode: bool, major: bool = False) -> Heading:
    """Return a subject heading, without the subheadings that may follow it."""
    name = text.partition("/")[0]
    return Heading(" ".join(name.strip("\"' []").split()), explode, major)


def references(operator: str, text: str) -> Line | None:
    """Return what "or" or "and" make of the lines "1-3,5"; ``None`` for another text."""
    numbers = line_numbers(text)
    kind = Or if operator.casefold() == "or" else And
    return joined(kind, [Reference(n) for n in numbers]) if numbers else None


_TYPES = (
    "review", "systematic review", "meta-analysis", "clinical trial", "guideline",
    "randomized controlled trial", "practice guideline", "editorial", "letter", "case reports",
)  # fmt: skip


def _ways(kind: str) -> set[str]:
    """Return how platforms write a type: "meta analysis", "metaanalysis"."""
    apart = kind.replace("-", " ")
    return {apart, apart.replace(" ", "")}


def as_filter(words: str) -> Line | None:
    """Return the language or the type of publication that a filter asks for, or ``None``."""
    name = words.casefold().replace("-", " ")
    if is_language(name):
        return InFields(Word(name), ("language",))
    kind = next((k for k in _TYPES if name in _ways(k)), None)
    return InFields(Phrase(tuple(kind.split())), ("type",)) if kind else None
