"""The language of PubMed: ``"Prisons"[Mesh] OR probation[ti]``, ``"prison support"[tiab:~5]``.

Words side by side are joined by AND, before a field they are a phrase; a heading takes the
narrower ones in, unless it says NoExp.  AND, OR and NOT are read from left to right.  ``~5`` is at
most five words between, in any order.  ``*`` is any letters.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from evidence_search.dialects.common import (
    ANY,
    EXPLODED,
    FILTER,
    HEADING,
    KEYWORD,
    MAJOR,
    MAJOR_EXPLODED,
    SUMMARY,
    TITLE,
    TITLE_SUMMARY,
    as_filter,
    codes_of,
    fields,
    leaf,
    limit,
    operator,
    quoted,
    words,
    year_range,
    years_text,
)
from evidence_search.dialects.grammar import NEAR, Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import (
    And,
    Heading,
    InFields,
    Line,
    Native,
    Near,
    Phrase,
    Reference,
    Word,
    Years,
    joined,
)
from evidence_search.dialects.writer import Writing
from evidence_search.query import Note
from evidence_search.query import syntax as query

if TYPE_CHECKING:
    from collections.abc import Sequence

_OTHER_DATES = (
    "edat", "entry date", "date - entry", "crdt", "create date", "date - create", "mhda",
    "mesh date", "date - mesh", "dcom", "completion date", "date - completion", "lr",
    "modification date", "date - modification",
)  # fmt: skip
"""Dates of the entry in PubMed, not of what was published."""
FIELDS: dict[str, tuple[str, ...] | None] = {
    "ti": TITLE, "title": TITLE, "tt": TITLE, "ab": SUMMARY, "abstract": SUMMARY,
    "tiab": TITLE_SUMMARY, "title/abstract": TITLE_SUMMARY, "tw": ANY, "text word": ANY,
    "all": ANY, "all fields": ANY, "ot": KEYWORD, "other term": KEYWORD,
    "au": ("author",), "author": ("author",), "fau": ("author",), "1au": ("author",),
    "ta": ("journal",), "journal": ("journal",), "jour": ("journal",),
    "pt": ("type",), "publication type": ("type",), "la": ("language",), "lang": ("language",),
    "language": ("language",), "dp": ("year",), "pdat": ("year",), "date - publication": ("year",),
    "publication date": ("year",), "epdat": ("year",), "ppdat": ("year",), "pmid": ("pmid",),
    **dict.fromkeys(("sb", "filter", "text", "sh", "mesh subheading", "pl"), (FILTER,)),
    **dict.fromkeys(_OTHER_DATES, (FILTER,)),
    "uid": ("pmid",), "ptyp": ("type",), "aid": ("doi",), "doi": ("doi",),
}  # fmt: skip
_HEADINGS = {
    "mesh": EXPLODED, "mh": EXPLODED, "mesh terms": EXPLODED, "mesh:noexp": HEADING,
    "mh:noexp": HEADING, "mesh terms:noexp": HEADING, "majr": MAJOR_EXPLODED,
    "mesh major topic": MAJOR_EXPLODED, "majr:noexp": MAJOR, "mesh major topic:noexp": MAJOR,
}  # fmt: skip
_DATES = "|".join(
    re.escape(name) for name, ours in FIELDS.items() if ours == ("year",) or name in _OTHER_DATES
)
_PATTERN = rf"""
    (?P<dates>"?\d{{4}}(?:/\d\d?){{0,2}}"?(?:\s*\[(?:{_DATES})\])?
        \s*:\s*
        "?\d{{4}}(?:/\d\d?){{0,2}}"?\s*\[(?P<date>{_DATES})\])
  | (?P<filters>\bFilters?:(?P<applied>.*))
  | (?P<sorted>\bSort\ by:.*)
  | (?P<history>^\s*Search\s*:|^\s*Search\s+(?=[("\#]))
  | (?P<tagged>(?P<quote>"[^"]*"|“[^“”]*”)\s*\[(?P<tag>[^\[\]]*)\])
  | (?P<after>\[(?P<code>[^\[\]]*)\])
  | (?P<reference>\#(?P<line>\d{{1,4}})\b)
  | (?P<operator>\b(?:AND|OR|NOT)\b)
  | (?P<open>\() | (?P<close>\))
  | (?P<phrase>"[^"]*"|“[^“”]*”)
  | (?P<word>[^\s()\["]+)
"""
_NEAR = re.compile(r"(.*):~(\d{1,3})")
_KINDS = (
    "dates",
    "filters",
    "sorted",
    "history",
    "tagged",
    "after",
    "reference",
    "operator",
    "open",
    "close",
    "phrase",
    "word",
)


def _token(match: re.Match[str], notes: list[Note]) -> Token | None:  # noqa: C901, PLR0911 - a kind each
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    start, text = match.start(), match[0]
    if kind == "dates" and match["date"].casefold() in _OTHER_DATES:
        return leaf(match, InFields(Word(text), (FILTER,)))
    if kind == "dates":
        years = year_range(re.sub(r"\[[^\]]*\]", "", text))
        if re.search(r"\d{4}/(?!0?1/0?1\b|12/31|01\b(?!/))\d", text):
            notes.append(Note(f"of the days in {text} the years alone are searched", start))
        return leaf(match, years) if years else None
    if kind == "filters":
        filters = _filters(match["applied"], notes, start)
        return limit(match, filters) if filters else None
    if kind in {"history", "sorted"}:
        return None
    if kind == "tagged":
        line = _tagged(match["quote"].strip('"“”'), match["tag"], notes, start)
        return leaf(match, line) if line else None
    if kind == "after":
        return _after(match["code"], text, notes, start)
    if kind == "reference":
        return leaf(match, Reference(int(match["line"])))
    if kind == "operator":
        if not text.isupper():
            notes.append(Note(f"{text} in small letters; read as {text.upper()}", start))
        return operator(match, text.upper())
    if kind in {"open", "close"}:
        return operator(match, kind)
    if kind == "word" and re.search(r"[?$#]", text):
        notes.append(Note(f"PubMed has no sign for one letter; {text} is read as a pattern", start))
    line = words(text.strip('"“”'), {"#": "_", "$": "*"})
    return leaf(match, line) if line else None


def _filters(text: str, notes: list[Note], start: int) -> Line | None:
    """Read what PubMed's history writes behind a search: "English, from 2010 - 2020"."""
    parts: list[Line] = []
    for name in filter(None, map(str.strip, text.partition("Sort by:")[0].split(","))):
        part = year_range(re.sub(r"^from\s", "", name)) or as_filter(name)
        if part is None:
            notes.append(Note(f"the filter {name!r} isn't known here; left out", start))
        else:
            parts.append(part)
    return joined(And, parts) if parts else None


def _after(code: str, text: str, notes: list[Note], start: int) -> Token | None:
    """Read a field behind words without quotes, or behind a parenthesis."""
    name = " ".join(code.casefold().split())
    if name in _HEADINGS:
        return Token("after", start, text, fields=(_HEADINGS[name],))
    near = _NEAR.fullmatch(name)
    if near:
        notes.append(Note(f"nearness needs quotes in PubMed; {text} is read as [{near[1]}]", start))
        name = near[1]
    return Token("after", start, text, fields=fields([name], FIELDS, notes, start))


def _tagged(phrase: str, tag: str, notes: list[Note], start: int) -> Line | None:
    name = " ".join(tag.casefold().split())
    if name in _HEADINGS:
        parts = tuple(phrase.split())
        return InFields(Phrase(parts), (_HEADINGS[name],)) if parts else None
    near = _NEAR.fullmatch(name)
    ours = fields([near[1] if near else name], FIELDS, notes, start)
    line = words(phrase, {})
    if near and isinstance(line, Phrase):
        return _within(line.words, int(near[2]), ours, notes, start)
    return InFields(line, ours) if line else None


_MOST_ORDERS = 4  # words


def _within(
    found: tuple[str, ...], between: int, names: tuple[str, ...], notes: list[Note], start: int
) -> Line:
    """Return words in any order in one field, with at most so many others between them."""
    if len(found) == 2:
        return InFields(Near(Word(found[0]), Word(found[1]), between + 1), names)
    if len(found) > _MOST_ORDERS:
        message = f"of more than {_MOST_ORDERS} words each is searched near to the next alone"
        notes.append(Note(message, start))
        pairs = [Near(Word(a), Word(b), between + 1) for a, b in itertools.pairwise(found)]
        return InFields(joined(And, pairs), names)
    orders = [
        query.Phrase(order, name, between)
        for name in names or (None,)
        for order in itertools.permutations(found)
    ]
    return Native(query.Or(tuple(orders)))


def _in_fields(text: str, names: tuple[str, ...]) -> str | None:
    if not names:
        return f"{text}[tw]"
    if names == TITLE_SUMMARY:
        return f"{text}[tiab]"
    both = {*TITLE_SUMMARY} <= {*names}
    rest = [name for name in names if not (both and name in TITLE_SUMMARY)]
    codes = codes_of(rest, FIELDS)
    if codes is None:
        return None
    codes = ["tiab", *codes] if both else codes
    parts = [f"{text}[{code}]" for code in codes]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _near(_left: str, _right: str, _distance: int, _ordered: bool) -> None:
    return None  # nearness has fields


def _near_in_fields(
    left: str, right: str, distance: int, ordered: bool, names: tuple[str, ...]
) -> str | None:
    code = {TITLE: "ti", TITLE_SUMMARY: "tiab"}.get(names)
    if code is None or ordered or re.search(r'[()"*]', left + right):
        return None
    return f'"{left} {right}"[{code}:~{distance - 1}]'


def _heading(heading: Heading) -> str:
    tag = "Majr" if heading.major else "Mesh"
    return f'"{heading.text}"[{tag}{"" if heading.explode else ":NoExp"}]'


def _years(years: Years) -> str:
    return f"{years_text(years, ':', '1800', '3000')}[dp]"


def _phrase(parts: Sequence[str]) -> str | None:
    """Write a phrase; a pattern is one only at its end."""
    return None if any("*" in part for part in parts[:-1]) else quoted(parts)


DIALECT = Dialect(
    name="pubmed",
    title="PubMed",
    pattern=_PATTERN,
    token=_token,
    rules=Rules(
        levels=(frozenset({"AND", "OR", "NOT"}), NEAR), field_of_run=True, tagged_phrase=True
    ),
    writing=Writing(
        wildcards=("*", None, None),
        phrase=_phrase,
        near=_near,
        in_fields=_in_fields,
        heading=_heading,
        years=_years,
        reference="#{}".format,
        near_in_fields=_near_in_fields,
        field_of_word=True,
    ),
    marks=(rf"(?i)\[(?:{'|'.join(map(re.escape, (*FIELDS, *_HEADINGS)))})(?::~\d+)?\]",),
)
