"""The language of Scopus: ``TITLE-ABS-KEY(prison* W/3 support) AND PUBYEAR > 2009``.

Words side by side are joined by AND.  W/3 is at most three words between in either order, PRE/3 in
this order.  ``*`` is any letters, ``?`` exactly one; in braces they are signs like others.  OR
binds closest, then nearness, AND, AND NOT
(https://service.elsevier.com/app/answers/detail/a_id/11365/supporthub/scopus/).
"""

from __future__ import annotations

import re

from evidence_search.dialects.common import (
    ANY,
    FILTER,
    HEADING,
    KEYWORD,
    SUMMARY,
    TITLE,
    TITLE_SUMMARY,
    TOPIC,
    code_of,
    codes_of,
    fields,
    leaf,
    operator,
    quoted,
    words,
    year_range,
)
from evidence_search.dialects.grammar import NEAR, Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import (
    Everything,
    Heading,
    InFields,
    Line,
    Not,
    Or,
    Phrase,
    Reference,
    Word,
    Years,
    joined,
)
from evidence_search.dialects.writer import Writing
from evidence_search.query import Note

FIELDS: dict[str, tuple[str, ...] | None] = {
    "title-abs-key": TOPIC, "title-abs-key-auth": TOPIC, "title-abs": TITLE_SUMMARY, "title": TITLE,
    "abs": SUMMARY, "key": KEYWORD, "authkey": KEYWORD, "indexterms": (HEADING,), "all": ANY,
    "auth": ("author",), "srctitle": ("journal",), "doctype": ("type",), "language": ("language",),
    "doi": ("doi",), "pmid": ("pmid",), "pubyear": ("year",),
    **dict.fromkeys(
        ("affil", "affilcountry", "affilcity", "subjarea", "srctype", "fund-sponsor", "ref"),
        (FILTER,),
    ),
}  # fmt: skip
_SIGNS = {"?": "_"}
_PATTERN = r"""
    (?P<excluded>\bEXCLUDE\s*\([^()]*\)(?:\s*\bOR\s+EXCLUDE\s*\([^()]*\))*)
  | (?P<years>\bPUBYEAR\s*(?P<sign>[<>]=?|=|IS|AFT|BEF)\s*(?P<year>\d{4}))
  | (?P<types>\bDOCTYPE\s*\(\s*(?P<codes>[a-z]{2}(?:\s+OR\s+[a-z]{2})*)\s*\))
  | (?P<limit>\bLIMIT-TO\s*\(\s*(?P<limited>\w+)\s*,\s*"?(?P<value>(?<=")[^"]*|[^"()]*)"?\s*\))
  | (?P<before>\b(?!(?:AND|OR|NOT)\b)(?-i:[A-Z][A-Z-]{2,})(?=\s*\())
  | (?P<near>\b(?P<kind>W|PRE)/(?P<distance>\d{1,3})(?=[\s("{]))
  | (?P<reference>\#(?P<line>\d{1,4})\b)
  | (?P<operator>\b(?:AND\s+NOT|AND|OR|NOT)\b)
  | (?P<open>\() | (?P<close>\))
  | (?P<phrase>"[^"]*"|“[^“”]*”|\{[^{}]*\})
  | (?P<word>[^\s()"“{]+)
"""
_KINDS = (
    "excluded", "years", "types", "limit", "before", "near", "reference", "operator", "open",
    "close", "phrase", "word",
)  # fmt: skip
_TYPES = {
    "ar": "article", "bk": "book", "ch": "chapter", "cp": "conference paper",
    "cr": "conference review", "dp": "data paper", "ed": "editorial", "er": "erratum",
    "le": "letter", "no": "note", "re": "review", "rp": "report", "sh": "short survey",
}  # fmt: skip
"""Scopus's codes of types of documents (https://dev.elsevier.com/sc_search_tips.html)."""


def _token(match: re.Match[str], notes: list[Note]) -> Token | None:  # noqa: C901, PLR0911 - a kind each
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    start, text = match.start(), match[0]
    if kind == "years":
        return leaf(match, _compared(match["sign"].upper(), int(match["year"])))
    if kind == "types":
        return leaf(match, joined(Or, [_type(code) for code in match["codes"].split()[::2]]))
    if kind == "excluded":
        return leaf(match, _excluded(text, notes, start))
    if kind == "limit":
        limited = _limited(match["limited"], match["value"])
        if limited is None:
            notes.append(Note(f"{text!r} isn't known here; left out", start))
        return leaf(match, limited or Everything())
    if kind == "before":
        return Token("before", start, text, fields=fields([text], FIELDS, notes, start))
    if kind == "near":
        ordered = match["kind"].upper() == "PRE"
        return Token("near", start, text, distance=int(match["distance"]) + 1, ordered=ordered)
    if kind == "reference":
        return leaf(match, Reference(int(match["line"])))
    if kind == "operator":
        name = " ".join(text.upper().split())
        if name == "NOT":
            notes.append(Note("NOT is written AND NOT in Scopus; read as that", start))
        return operator(match, "NOT" if name == "AND NOT" else name)
    if kind in {"open", "close"}:
        return operator(match, kind)
    if text.startswith("{") and not {*"*?"}.isdisjoint(text):
        notes.append(Note(f"in braces * and ? stand for no letters; {text} without them", start))
        text = re.sub(r"[*?]", " ", text)
    line = words(text.strip('"“”{}'), _SIGNS)
    return leaf(match, line) if line else None


def _limited(field: str, value: str) -> Line | None:
    """Return what LIMIT-TO leaves in, where it is of languages, types or years."""
    value = value.strip().casefold()
    if field.upper() == "LANGUAGE":
        return InFields(Word(value), ("language",))
    if field.upper() == "DOCTYPE":
        return _type(value) if value in _TYPES else None
    return year_range(value) if field.upper() == "PUBYEAR" else None


_ONE_EXCLUDED = re.compile(r'EXCLUDE\s*\(\s*(\w*)\s*,?\s*"?([^")]*)"?\s*\)', re.IGNORECASE)


def _excluded(text: str, notes: list[Note], start: int) -> Line:
    """Read what is excluded: each of several, although OR stands between them."""
    known: list[Line] = []
    for one in _ONE_EXCLUDED.finditer(text):
        excluded = _limited(one[1], one[2])
        if excluded is None:
            notes.append(Note(f"{one[0]!r} isn't known here; left out", start + one.start()))
        else:
            known.append(excluded)
    return Not(Everything(), joined(Or, known)) if known else Everything()


def _type(code: str) -> Line:
    """Return the documents of a type: "ar" is an article."""
    name = _TYPES.get(code.casefold(), code)
    return InFields(Phrase(tuple(name.split())) if " " in name else Word(name), ("type",))


def _compared(sign: str, year: int) -> Years:
    if sign in {">", "AFT", ">="}:
        return Years(year + (sign != ">="), None)
    if sign in {"<", "BEF", "<="}:
        return Years(None, year - (sign != "<="))
    return Years(year, year)


def _near(left: str, right: str, distance: int, ordered: bool) -> str | None:
    return f"{left} {'PRE' if ordered else 'W'}/{distance - 1} {right}"


def _in_fields(text: str, names: tuple[str, ...]) -> str | None:
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    one = code_of(names, FIELDS)
    if one == "doctype":
        inner = next((code for code, name in _TYPES.items() if name == inner.strip('"')), inner)
    if one:
        return f"{one.upper()}({inner})"
    codes = codes_of(names, FIELDS)
    if codes is None:
        return None
    return f"({' OR '.join(f'{code.upper()}({inner})' for code in codes)})"


def _years(years: Years) -> str | None:
    if years.low is not None and years.low == years.high:
        return f"PUBYEAR = {years.low}"
    low = f"PUBYEAR > {years.low - 1}" if years.low else ""
    high = f"PUBYEAR < {years.high + 1}" if years.high else ""
    return f"({low} AND {high})" if low and high else low or high or None


def _heading(_: Heading) -> None:
    return None


DIALECT = Dialect(
    name="scopus",
    title="Scopus",
    pattern=_PATTERN,
    token=_token,
    rules=Rules(levels=(frozenset({"NOT"}), frozenset({"AND"}), NEAR, frozenset({"OR"}))),
    writing=Writing(
        wildcards=("*", None, "?"),
        phrase=quoted,
        near=_near,
        in_fields=_in_fields,
        together=lambda names: names in FIELDS.values(),
        heading=_heading,
        years=_years,
        reference="#{}".format,
        operators={"AND": "AND", "OR": "OR", "NOT": "AND NOT"},
        or_before_near=True,
    ),
    marks=(
        r"\b(?:TITLE|ABS|KEY|AUTH|ALL|[A-Z]+KEY|INDEXTERMS|DOCTYPE|SRCTITLE|AFFIL)\s*\(",
        r"\bTITLE-",
        r"\bPUBYEAR\b",
        r"\b(?:W|PRE)/\d",
        r"\bLIMIT-TO\(",
    ),
)
