"""The language of the Cochrane Library: ``[mh Prisons]``, ``(drink NEAR/3 driv*):ti,ab``.

Words side by side are joined by AND.  NEAR/3 is at most three words on in either order, NEAR at
most six; NEXT is the next word.  ``*`` is any letters, ``?`` one or none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.dialects.common import (
    ANY,
    KEYWORD,
    SUMMARY,
    TITLE,
    as_heading,
    codes_of,
    fields,
    leaf,
    limit,
    operator,
    quoted,
    references,
    words,
    year_range,
)
from evidence_search.dialects.grammar import Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import Heading, Reference, Years
from evidence_search.dialects.writer import Writing
from evidence_search.query import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS: dict[str, tuple[str, ...] | None] = {
    "ti": TITLE, "ab": SUMMARY, "kw": KEYWORD, "tw": ANY, "au": ("author",), "so": ("journal",),
    "pt": ("type",), "la": ("language",), "doi": ("doi",),
}  # fmt: skip
_DEFAULT_NEAR = 6
_PATTERN = r"""
    (?P<descriptor>MeSH\ descriptor:?\s*(?:\[(?P<name>[^\[\]]+)\]|(?P<bare>[\w'()-]+(?:[ ,]+
            (?!explode\b|this\ term\b)[\w'()-]+){0,12}?(?=,?\s+(?:explode|this)|$)))\s*,?\s*
        (?P<reach>explode\ all\ trees|explode\ tree\ \d+|this\ term\ only)?
        (?P<qualifier>\s*and\s+with\ qualifier(?:\(s\)|s)?:?\s*\[[^\[\]]*\])?)
  | (?P<heading>\[(?:mh|mh\s*:)\s*(?P<only>\^)?(?P<mh>"[^"\[\]]+"[^\[\]]*|[^\[\]]+)
        (?P<mj>\[mj\])?\])
  | (?P<set>\{\s*(?P<operation>or|and)\s+(?P<lines>[#\d,\s-]+)\})
  | (?P<years>,?\s{0,9}(?:with\ )?(?:cochrane\ library\ )?publication\ (?:year|date)
        \ (?:from|between)\b.{0,40}?(?:to|and)\ [^,]{0,40}?(?=,|\ in\ |$))
  | (?P<limit>,?\s{0,9}(?:in\ (?:trials|cochrane\ reviews)\b.*
))
  | (?P<variations>\(word\ variations\ have\ been\ searched\))
  | (?P<after>:(?P<codes>[a-z]{2,3}(?:,[a-z]{2,3})*)(?=[\s)]|$))
  | (?P<near>\b(?P<kind>NEAR|NEXT)(?:/(?P<distance>\d{1,3}))?(?=[\s("]))
  | (?P<reference>\#(?P<line>\d{1,4})\b)
  | (?P<operator>\b(?:AND|OR|NOT)\b)
  | (?P<open>\() | (?P<close>\))
  | (?P<phrase>"[^"]*"|“[^“”]*”)
  | (?P<word>(?:[^\s()\["“:]|:(?![a-z]{2,3}(?:,[a-z]{2,3})*(?:[\s)]|$)))+)
"""
_KINDS = (
    "descriptor", "heading", "set", "years", "limit", "variations", "after", "near",
    "reference", "operator", "open", "close", "phrase", "word",
)  # fmt: skip


def _token(match: re.Match[str], notes: list[Note]) -> Token | None:  # noqa: C901, PLR0911, PLR0912 - a kind each
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    start, text = match.start(), match[0]
    if kind == "descriptor":
        if match["qualifier"]:
            said = match["qualifier"].strip()
            notes.append(Note(f"the qualifier of {said!r} isn't known here; left out", start))
        reach = (match["reach"] or "").casefold()
        return leaf(match, as_heading(match["name"] or match["bare"], explode="this" not in reach))
    if kind == "heading":
        if "/" in match["mh"]:
            notes.append(Note(f"the qualifier of {text} isn't known here; left out", start))
        only, major = bool(match["only"]), bool(match["mj"])
        return leaf(match, as_heading(match["mh"], explode=not only, major=major))
    if kind == "set":
        line = references(match["operation"], match["lines"])
        if line is None:
            notes.append(Note(f"{text} names no lines; left out", start))
        return leaf(match, line) if line else None
    if kind == "years":
        first, *rest = re.findall(r"\d{4}|present|current", text.casefold()) or [""]
        years = year_range("-".join([first, *rest])) if rest else None
        if years and re.search(r"(?i)\b(?!jan|dec|from|between|to|and)[a-z]{3,9}\s\d{4}", text):
            notes.append(Note(f"of {text.strip(' ,')!r} the years alone are searched", start))
        if years:
            return limit(match, years)
    if kind in {"years", "limit"}:
        notes.append(Note(f"{text.strip(' ,')!r} isn't known here; left out", start))
        return None
    if kind == "variations":  # which are searched here too
        return None
    if kind == "after":
        codes = match["codes"].split(",")
        return Token("after", start, text, fields=fields(codes, FIELDS, notes, start))
    if kind == "near":
        is_next = match["kind"].upper() == "NEXT"
        distance = int(match["distance"] or (1 if is_next else _DEFAULT_NEAR))
        return Token("near", start, text, distance=distance, ordered=is_next)
    if kind == "reference":
        return leaf(match, Reference(int(match["line"])))
    if kind in {"open", "close", "operator"}:
        return operator(match, kind if kind != "operator" else text.upper())
    if kind == "phrase" and not {*"*?"}.isdisjoint(text):
        message = (
            f"in quotes * and ? are no wildcards there, as they are with NEXT; {text} with them"
        )
        notes.append(Note(message, start))
    line = words(text.strip('"“”'), {})
    return leaf(match, line) if line else None


def _near(left: str, right: str, distance: int, ordered: bool) -> str | None:
    if ordered:
        return f"{left} NEXT{'' if distance == 1 else f'/{distance}'} {right}"
    return f"{left} NEAR/{distance} {right}"


def _phrase(parts: Sequence[str]) -> str:
    """Write a phrase; one with a pattern by NEXT, since quotes make patterns plain there."""
    if len(parts) > 1 and any({*"*?"} & {*part} for part in parts):
        return f"({' NEXT '.join(parts)})"
    return quoted(parts)


def _limited(years: Years) -> str:
    return f"with Publication Year from {years.low or 1900} to {years.high or 'present'}"


def _in_fields(text: str, names: tuple[str, ...]) -> str | None:
    if not names:
        return text
    codes = codes_of(names, FIELDS)
    return None if codes is None else f"{text}:{','.join(codes)}"


def _heading(heading: Heading) -> str:
    return f'[mh {"" if heading.explode else "^"}"{heading.text}"]'


DIALECT = Dialect(
    name="cochrane",
    title="Cochrane Library",
    pattern=_PATTERN,
    token=_token,
    rules=Rules(),
    writing=Writing(
        wildcards=("*", "?", None),
        phrase=_phrase,
        near=_near,
        in_fields=_in_fields,
        heading=_heading,
        years=lambda _: None,
        reference="#{}".format,
        references=lambda operator, numbers: f"{{{operator.lower()} {numbers}}}",
        limited=_limited,
    ),
    marks=(
        r"(?i)\[mh\b",
        r"(?i)MeSH descriptor",
        r"(?i):(?:ti|ab|kw|tw)(?:,(?:ti|ab|kw))*(?=[\s)]|$)",
        r"\bNEXT\b",
        r"\bin (?:Trials|Cochrane Reviews)\b|(?i:\bwith (?:cochrane library )?publication\b)",
        r"(?i)\{(?:or|and) #",
    ),
)
