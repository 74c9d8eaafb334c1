"""The language of Ovid: ``exp Prisons/``, ``(drink* adj3 driv*).ti,ab.``, ``limit 3 to yr=…``.

Words side by side are a phrase.  adj is the next word in order, adj3 at most three words on in
either order.  ``$`` and ``*`` are any letters, ``$2`` at most two, ``#`` exactly one, ``?`` one or
none.  A number by itself is a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.dialects.common import (
    ANY,
    FILTER,
    HEADING,
    KEYWORD,
    SUMMARY,
    TITLE,
    TITLE_SUMMARY,
    as_heading,
    codes_of,
    fields,
    leaf,
    operator,
    references,
    words,
)
from evidence_search.dialects.grammar import Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import (
    And,
    Heading,
    InFields,
    Line,
    Or,
    Reference,
    Word,
    Years,
)
from evidence_search.dialects.writer import Writing
from evidence_search.query import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

FIELDS: dict[str, tuple[str, ...] | None] = {
    "ti": TITLE, "tt": TITLE, "ot": TITLE, "ab": SUMMARY, "tw": TITLE_SUMMARY,
    "mp": ANY, "af": ANY, "kw": KEYWORD, "kf": KEYWORD, "hw": KEYWORD, "sh": (HEADING,),
    **dict.fromkeys(("ed", "dt", "da", "up", "ez", "fs", "cm", "ip", "cp"), (FILTER,)),
    "id": KEYWORD, "m_titl": TITLE, "sa_year": ("year",),
    "au": ("author",), "fa": ("author",), "jn": ("journal",), "jw": ("journal",),
    "so": ("journal",),
    "pt": ("type",), "la": ("language",), "lg": ("language",), "yr": ("year",), "dp": ("year",),
    "pm": ("pmid",), "do": ("doi",),
}  # fmt: skip
_KNOWN = "|".join(sorted(FIELDS, key=len, reverse=True))
_CODE = r"\(?(?:[a-z]{2}|[a-z]{1,2}_[a-z]+)\)?"
_AFTER = rf"\.(?:{_CODE}(?:,\s?{_CODE})*\.(?!\w)|(?:{_KNOWN})(?:,\s?(?:{_KNOWN}))*(?=[\s)]|$))"
_HEADING_WORD = r"(?!(?:or|and|not|adj\d*)\b)[\w'’&.,-]{1,60}(?:\s?\([^()/]{0,60}\))?"
_PATTERN = rf"""
    (?P<heading>(?P<explode>exp\s+)?(?P<major>\*)?
        (?P<name>"[^"]+"|{_HEADING_WORD}(?:[ ]{_HEADING_WORD}){{0,15}})
        /(?P<sub>[a-z]{{2}}(?:,\s?[a-z]{{2}})*)?(?=[\s)]|$))
  | (?P<comment>\[[^\[\]]*\])
  | (?P<frequency>/\s?freq\s?=\s?\d+)
  | (?P<combined>\b(?P<operation>or|and)/\s?(?P<lines>\d[\d,-]*))
  | (?P<after>{_AFTER})
  | (?P<near>\b(?:adj(?P<distance>\d{{1,3}})?)(?=\s))
  | (?P<operator>\b(?:and|or|not)\b)
  | (?P<open>\() | (?P<close>\))
  | (?P<phrase>"[^"]*"|“[^“”]*”)
  | (?P<use>(?<=[\d./)]\s)use\s+(?!(?:or|and|not|adj\d*)\b)[a-z]\w{{2,7}}(?:,\w+)*(?=\s*(?:\)|$)))
  | (?P<word>(?:(?!{_AFTER}|/\s?freq)[^\s()"])+)
"""
_LIMITED = re.compile(r"[*$](\d)")


def _signs(text: str) -> str:
    """Write Ovid's limited truncation ("prison$2") as that many letters or none."""
    return _LIMITED.sub(lambda match: "?" * int(match[1]), text)


_WILDCARDS = {"$": "*", "#": "_"}
_WHOLE_LINE = re.compile(
    r"\s*(?P<merge>(?:remove duplicates from|dedup\w* from|deduplicate)\s+(?P<all>\d{1,3}))\s*"
    r"|\s*(?P<picked>from (?P<some>\d{1,3}) keep\b.*)",
    re.IGNORECASE | re.DOTALL,
)


def _token(match: re.Match[str], notes: list[Note]) -> Token | None:  # noqa: C901, PLR0911 - a kind each
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    start, text = match.start(), match[0]
    if kind == "heading":
        if match["sub"]:
            notes.append(Note(f"subheadings ({match['sub']}) aren't known here; left out", start))
        explode, major = bool(match["explode"]), bool(match["major"])
        return leaf(match, as_heading(match["name"], explode=explode, major=major))
    if kind == "comment":
        return None
    if kind == "combined":
        line = references(match["operation"], match["lines"])
        return leaf(match, line) if line else None
    if kind == "frequency":
        notes.append(Note("how often a word stands in a record can't be asked; left out", start))
        return None
    if kind == "after":
        codes = re.sub(r"[.()\s]", "", text).split(",")
        return Token("after", start, text, fields=fields(codes, FIELDS, notes, start))
    if kind == "near":
        number = match["distance"]
        return Token("near", start, text, distance=int(number or 1), ordered=not number)
    if kind == "operator":
        return operator(match, text.upper())
    if kind in {"open", "close"}:
        return operator(match, kind)
    if kind == "use":
        notes.append(Note(f"{text!r} names a database; left out", start))
        return None
    if kind == "word" and text.isdecimal() and len(text) < 4:
        return leaf(match, Reference(int(text)))
    plain = re.sub(r":(?=\s|$)", "*", text.strip('"“”'))
    line = words(_signs(plain), _WILDCARDS)
    return leaf(match, line) if line else None


_KINDS = (
    "heading", "comment", "frequency", "combined", "after", "near", "operator", "open", "close",
    "phrase", "use", "word",
)  # fmt: skip


def _whole(text: str, notes: list[Note]) -> Line | None:
    """Read what is done with a line: its duplicates, which are merged here, or a choice of it."""
    match = _WHOLE_LINE.fullmatch(text)
    if match and match["picked"]:
        notes.append(Note(f"{text.strip()!r} picks by place; read as the whole line", 0))
    return Reference(int(match["all"] or match["some"])) if match else None


def _near(left: str, right: str, distance: int, ordered: bool) -> str | None:
    if ordered:
        return f"{left} adj {right}" if distance == 1 else None
    return f"{left} adj{distance} {right}"


def _in_fields(text: str, names: tuple[str, ...]) -> str | None:
    if not names:
        return f"{text}.mp."
    codes = codes_of(names, FIELDS)
    return None if codes is None else f"{text}.{','.join(codes)}."


def _heading(heading: Heading) -> str:
    name = f'"{heading.text}"' if re.search(r"\b(?:and|or|not)\b", heading.text) else heading.text
    return f"{'exp ' if heading.explode else ''}{'*' if heading.major else ''}{name}/"


def _phrase(parts: Sequence[str]) -> str:
    plain = not any(part.casefold() in {"and", "or", "not"} for part in parts)
    return " ".join(parts) if plain else '"' + " ".join(parts) + '"'


def _years(years: Years) -> str:
    if years.low is not None and years.low == years.high:
        return f"{years.low}.yr."
    first, last = years.low or 1900, years.high
    return f"({first}-{last}).yr." if last else f"({first}-current).yr."


def _language(line: Line) -> str:
    """Return the language that a part of a limit asks for; nothing for another part."""
    word = isinstance(line, InFields) and line.fields == ("language",) and line.child
    return word.text if isinstance(word, Word) else ""


def _limit(line: Line) -> str | None:
    """Write the limit of a line to years and languages, as Ovid has it."""
    if not (isinstance(line, And) and isinstance(line.children[0], Reference)):
        return None
    limits: list[str] = []
    for part in line.children[1:]:
        languages = part.children if isinstance(part, Or) else (part,)
        if isinstance(part, Years):
            limits.append(f'yr="{part.low or 1860} -{part.high or "Current"}"')
        else:
            names = [*map(_language, languages)]
            limits.append(" or ".join(names) if all(names) else "")
    if len(limits) != len(line.children) - 1 or not all(limits):
        return None
    text = limits[0] if len(limits) == 1 else f"({' and '.join(limits)})"
    return f"limit {line.children[0].line} to {text}"


DIALECT = Dialect(
    name="ovid",
    title="Ovid",
    pattern=_PATTERN,
    token=_token,
    rules=Rules(adjacent="phrase", field_of_run=True, tagged_phrase=True, bare_numbers=True),
    writing=Writing(
        wildcards=("*", "?", "#"),
        phrase=_phrase,
        near=_near,
        in_fields=_in_fields,
        heading=_heading,
        years=_years,
        reference=str,
        operators={"AND": "and", "OR": "or", "NOT": "not"},
        references=lambda operator, numbers: f"{operator.lower()}/{numbers}",
        whole=_limit,
    ),
    marks=(
        r"(?im)\.(?:[a-z]{2}|m_titl)(?:,\w\w)*\.(?=\W|$)",
        r"(?im)\.(?:ti|ab|tw|mp)(?:,\w\w)*(?=[\s)]|$)",
        r"\badj\d+\b",
        (
            r"(?m)(?:^|[\s(])(?:exp )?\*?[\w\"][\w ,'\"-]{1,80}(?<!\band)(?<!\bor)/"
            r"(?=[\s)]|[a-z]{2}\b|$)"
        ),
        r"\buse \w{3,}$|(?i:\bremove duplicates from \d)",
        r"(?im)^\W{0,9}\d{0,3}\W{0,9}(?:or|and)/\d",
        r"(?i)\blimit \d+ to\b",
    ),
    whole=_whole,
)
