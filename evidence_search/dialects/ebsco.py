"""The language of EBSCOhost: ``TI prison AND AB alcohol``, ``(MH "Prisons+")``, ``child W2 care``.

Words side by side are a phrase.  N5 is at most five words between in either order, W5 in this
order.  ``*`` is any letters, ``?`` exactly one, ``#`` one or none.  A heading with + takes the
narrower ones in.
"""

from __future__ import annotations

import re

from evidence_search.dialects.common import (
    ANY,
    HEADING,
    KEYWORD,
    MAJOR,
    SUMMARY,
    TITLE,
    TITLE_SUMMARY,
    as_heading,
    codes_of,
    fields,
    leaf,
    limit,
    operator,
    quoted,
    whole_years,
    words,
    years_text,
)
from evidence_search.dialects.grammar import Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import (
    And,
    Heading,
    InFields,
    Line,
    Reference,
    Word,
    Years,
    joined,
)
from evidence_search.dialects.writer import Writing
from evidence_search.languages import is_language
from evidence_search.query import Note

FIELDS: dict[str, tuple[str, ...] | None] = {
    "TI": TITLE, "AB": SUMMARY, "SU": KEYWORD, "KW": KEYWORD, "DE": (HEADING,), "ZU": (HEADING,),
    "MH": (HEADING,), "MM": (MAJOR,), "MJ": (MAJOR,), "TX": ANY, "XB": TITLE_SUMMARY,
    "AU": ("author",), "SO": ("journal",), "JN": ("journal",), "PT": ("type",), "LA": ("language",),
    "PY": ("year",), "DT": ("year",), "YR": ("year",), "PM": ("pmid",), "DO": ("doi",),
}  # fmt: skip
LACKING = (
    "AF",
    "CT",
    "XY",
    "MA",
    "GW",
    "AG",
    "GE",
    "AR",
    "IN",
    "ID",
    "MW",
    "RV",
    "PG",
    "ZT",
    "SB",
)
_CODES = "|".join([*FIELDS, *LACKING])
_SIGNS = {"?": "_", "#": "?"}
_PATTERN = rf"""
    (?P<heading>\b(?:MH|MM|MJ)\s+(?:"(?P<name>[^"]+)"|(?P<bare>[\w,'-]+(?:\ [\w,'-]+){{0,15}}?\+?)
        (?=\s*(?:\)|$|\s(?:AND|OR|NOT)\b))))
  | (?P<limit>(?:Limiters|Expanders|Search\ modes|Narrow\ by\s?\w*|Interface|Database)\s+-.*)
  | (?P<before>(?:(?<=[\s(])|^)(?:{_CODES})(?=[\s(]))
  | (?P<near>(?<=\s)(?P<kind>[NW])(?P<distance>\d{{1,3}})(?=\s))
  | (?P<reference>\bS(?P<line>\d{{1,4}})\b)
  | (?P<operator>\b(?:AND|OR|NOT)\b)
  | (?P<open>\() | (?P<close>\))
  | (?P<phrase>"[^"]*"|“[^“”]*”)
  | (?P<word>[^\s()"“]+)
"""
_KINDS = (
    "heading", "limit", "before", "near", "reference", "operator", "open", "close", "phrase",
    "word",
)  # fmt: skip
_SECTION = re.compile(
    r"(Limiters|Expanders|Search\s+modes|Narrow\s+by\s?\w*|Interface|Database)\s+-\s*",
    re.IGNORECASE,
)
_DATES = re.compile(
    r"Publi\w+ (?:Date|Year)s?:\s*(?P<low>\d{4})\d*\s*-\s*(?P<high>\d{4})\d*",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"(?:Language:?\W*)?(?P<name>\w+)(?:\s+Language)?", re.IGNORECASE)


def _limits(text: str, notes: list[Note], start: int) -> Line | None:
    """Read "Limiters - Published Date: 20100101-20201231; English Language"."""
    parts: list[Line] = []
    pieces = _SECTION.split(text)[1:]
    for section, values in zip(pieces[::2], pieces[1::2], strict=True):
        if section.casefold() in {"interface", "database"}:  # where it was run, no part of it
            continue
        for value in filter(None, map(str.strip, values.split(";"))):
            dates, language = _DATES.fullmatch(value), _LANGUAGE.fullmatch(value)
            if dates:
                parts.append(Years(int(dates["low"]), int(dates["high"])))
                if not whole_years(value):
                    notes.append(Note(f"of {value!r} the years alone are searched", start))
            elif language and is_language(language["name"].casefold()):
                parts.append(InFields(Word(language["name"].casefold()), ("language",)))
            elif value.casefold() not in {"boolean/phrase", "none"}:
                left = f"{section} - {value}"
                notes.append(Note(f"{left!r} isn't known here; left out", start))
    return joined(And, parts) if parts else None


def _token(match: re.Match[str], notes: list[Note]) -> Token | None:
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    start, text = match.start(), match[0]
    if kind == "heading":
        name = match["name"] or match["bare"]
        if "/" in name:
            notes.append(Note(f"the subheading of {name} isn't known here; left out", start))
        plain = name.partition("/")[0].strip()
        major = text[:2].upper() != "MH"
        return leaf(match, as_heading(plain.rstrip("+"), explode=plain.endswith("+"), major=major))
    if kind == "limit":
        limits = _limits(text, notes, start)
        return limit(match, limits) if limits else None
    if kind == "before":
        return Token("before", start, text, fields=fields([text.upper()], _FOLDED, notes, start))
    if kind == "near":
        ordered = match["kind"].upper() == "W"
        return Token("near", start, text, distance=int(match["distance"]) + 1, ordered=ordered)
    if kind == "reference":
        return leaf(match, Reference(int(match["line"])))
    if kind in {"open", "close", "operator"}:
        return operator(match, kind if kind != "operator" else text.upper())
    if kind == "phrase" and re.search(r"\w\+[\"”]$", text):
        return leaf(match, as_heading(text.strip('"“”').rstrip("+"), explode=True))
    line = words(text.strip('"“”'), _SIGNS)
    return leaf(match, line) if line else None


_FOLDED = {code.casefold(): ours for code, ours in FIELDS.items()}


def _near(left: str, right: str, distance: int, ordered: bool) -> str | None:
    return f"{left} {'W' if ordered else 'N'}{distance - 1} {right}"


def _in_fields(text: str, names: tuple[str, ...]) -> str | None:
    if not names:
        return f"TX {text}"
    codes = codes_of(names, FIELDS)
    if codes is None:
        return None
    parts = [f"{code} {text}" for code in codes]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _heading(heading: Heading) -> str:
    code = "MM" if heading.major else "MH"
    return f'({code} "{heading.text}{"+" if heading.explode else ""}")'


def _years(years: Years) -> str:
    return f"PY {years_text(years, '-', '1900', '2999')}"


DIALECT = Dialect(
    name="ebsco",
    title="EBSCOhost",
    pattern=_PATTERN,
    token=_token,
    rules=Rules(adjacent="phrase"),
    writing=Writing(
        wildcards=("*", "#", "?"),
        phrase=quoted,
        near=_near,
        in_fields=_in_fields,
        together=lambda _: False,
        heading=_heading,
        years=_years,
        reference="S{}".format,
    ),
    marks=(
        r"(?:^|[\s(])(?:TI|AB|SU|MH|MM|TX|MJ|DE|ZU|XB|AU|SO|JN|PT|LA)\s+[(\"\w]",
        r"(?:^|[\s(])(?:TI|AB)\(",
        r"(?:^|[\s(])PY \d",
        r"\s[NW]\d{1,2}\s",
        r"(?m)(?:^|[\s(])S\d{1,3}(?=[\s)]|$)",
        r"\bLimiters - ",
    ),
)
