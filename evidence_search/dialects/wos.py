"""The language of Web of Science: ``TS=(prison* NEAR/3 support) AND PY=2010-2015``.

Words side by side are joined by AND.  NEAR/3 is at most three words between in either order, NEAR
at most fifteen.  ``*`` is any letters, ``?`` exactly one, ``$`` one or none.
"""

from __future__ import annotations

import re

from evidence_search.dialects.common import (
    ANY,
    FILTER,
    KEYWORD,
    SUMMARY,
    TITLE,
    TOPIC,
    code_of,
    codes_of,
    fields,
    leaf,
    limit,
    operator,
    quoted,
    whole_years,
    words,
    year_range,
    years_text,
)
from evidence_search.dialects.grammar import Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import Heading, Reference, Years
from evidence_search.dialects.writer import Writing
from evidence_search.query import Note

FIELDS: dict[str, tuple[str, ...] | None] = {
    "ts": TOPIC, "ti": TITLE, "ab": SUMMARY, "ak": KEYWORD, "kp": KEYWORD, "all": ANY,
    "au": ("author",), "so": ("journal",), "dt": ("type",), "la": ("language",), "py": ("year",),
    "do": ("doi",), "pmid": ("pmid",), "dop": ("year",),
    **dict.fromkeys(("wc", "su", "ad", "og", "cu", "fo"), (FILTER,)),
}  # fmt: skip
_NAMES = {
    "TOPIC": "ts", "TITLE": "ti", "AUTHOR": "au", "LANGUAGE": "la", "DOCUMENT TYPE": "dt",
    "YEAR PUBLISHED": "py", "PUBLICATION NAME": "so",
}  # fmt: skip
_TAGS = {
    "Topic": "ts", "Title": "ti", "Abstract": "ab", "Author Keywords": "ak", "Keyword Plus ®": "kp",
    "All Fields": "all", "Author": "au", "Authors": "au", "Publication Titles": "so",
    "Publication Titles/Sources": "so", "Document Types": "dt", "Languages": "la",
    "Year Published": "py", "Publication Years": "py", "DOI": "do", "PubMed ID": "pmid",
    "Publication Date": "dop", **dict.fromkeys((
        "Research Areas", "Web of Science Categories", "Affiliations",
        "Countries/Regions", "Address", "Funding Agencies", "Web of Science Index",
    ), "wc"),
}  # fmt: skip
"""Names of fields as its history has had them since 2021, behind what they are of."""
_REFINING = {f"({name})" for name, code in _TAGS.items() if code in {"dt", "la", "py", "dop", "wc"}}
"""Those by which results are refined: each is of what follows the last AND or NOT."""
_DEFAULT_NEAR = 15
_SIGNS = {"?": "_", "$": "?"}
_TAG = "|".join(map(re.escape, _TAGS))
_PATTERN = rf"""
    (?P<before>\b(?P<code>[A-Z]{{2,4}})\s*=
      | \b(?P<name>TOPIC|TITLE|AUTHOR|LANGUAGES?|DOCUMENT\ TYPES?
        |YEAR\ PUBLISHED|PUBLICATION\ NAME):(?=\s*\())
  | (?P<after>(?<=[\w"”)*?$]\ )(?<!\bOR\ )(?<!\bAND\ )(?<!\bNOT\ )
        \((?P<tag>(?-i:{_TAG}))\)(?=[\s)]|$))
  | (?P<limit>\b(?P<limited>Indexes|Editions|Timespan)\s*[=:]\s*(?P<value>[^=:]*?)
        (?=\s*\.?\s*(?:\b\w+\s*[=:]|$)))
  | (?P<refined>\bRefined\ by:)
  | (?P<near>\bNEAR(?:/(?P<distance>\d{{1,3}}))?(?=[\s("]))
  | (?P<reference>\#(?P<line>\d{{1,4}})\b)
  | (?P<operator>\b(?:AND|OR|NOT|SAME)\b)
  | (?P<open>\() | (?P<close>\))
  | (?P<phrase>"[^"]*"|“[^“”]*”)
  | (?P<word>[^\s()"“]+)
"""
_KINDS = (
    "before", "after", "limit", "refined", "near", "reference", "operator", "open", "close",
    "phrase", "word",
)  # fmt: skip


def _token(match: re.Match[str], notes: list[Note]) -> Token | None:  # noqa: C901 - a kind each
    kind = next(kind for kind in _KINDS if match[kind] is not None)
    start, text = match.start(), match[0]
    if kind in {"before", "after"}:
        return Token(kind, start, text, fields=fields([_code(match)], FIELDS, notes, start))
    if kind == "limit":
        span = re.sub(r"(?i)\s*\(publication date\)", "", match["value"])
        years = year_range(span)
        if years and not whole_years(span):
            notes.append(Note(f"of {text!r} the years alone are searched", start))
        if not years and match["value"].casefold() != "all years":
            notes.append(Note(f"{text!r} isn't known here; left out", start))
        return limit(match, years) if years else None
    if kind == "refined":
        return Token("then", start, text)
    if kind == "near":
        return Token("near", start, text, distance=int(match["distance"] or _DEFAULT_NEAR) + 1)
    if kind == "reference":
        return leaf(match, Reference(int(match["line"])))
    if kind == "operator":
        if text.upper() == "SAME":
            notes.append(Note("SAME isn't known here; read as AND", start))
        return operator(match, text.upper().replace("SAME", "AND"))
    if kind in {"open", "close"}:
        return operator(match, kind)
    line = words(text.strip('"“”'), _SIGNS)
    return leaf(match, line) if line else None


def _code(match: re.Match[str]) -> str:
    """Return the code of a field, whichever way it is named."""
    if match["tag"]:
        return _TAGS[match["tag"]]
    return match["code"] or _NAMES[match["name"].upper().rstrip("S")]


def _arranged(tokens: list[Token]) -> list[Token]:
    """Put fields that stand behind what they are of before it, and that into parentheses.

    A field is of all that follows the field before it: "a or b (Topic) and c (Title)".  What
    refines is of its own values, and joined to all before it: "#1 or #2 and 2010 or 2011
    (Publication Years)".
    """
    arranged: list[Token] = []
    begins = [0]  # where what the next field is of begins, in each pair of parentheses
    for token in tokens:
        if token.kind == "after":
            begin = begins.pop()
            if token.text in _REFINING:
                begin = _refining(arranged, begin, whole=not begins)
            while begin < len(arranged) and arranged[begin].kind in {"AND", "OR", "NOT"}:
                begin += 1
            opening, closing = (Token(kind, token.start, token.text) for kind in ("open", "close"))
            field = token._replace(kind="before")
            arranged[begin:] = [field, opening, *arranged[begin:], closing]
            begins.append(len(arranged))
            continue
        arranged.append(token)
        if token.kind == "open":
            begins.append(len(arranged))
        elif token.kind == "close" and len(begins) > 1:
            begins.pop()
    return arranged


def _refining(arranged: list[Token], begin: int, *, whole: bool) -> int:
    """Return where the values of what refines begin; ``whole`` tells that it is of a whole line."""
    depth = 0
    for at in range(len(arranged) - 1, begin - 1, -1):
        operator = arranged[at]
        depth += {"close": 1, "open": -1}.get(operator.kind, 0)
        if depth or operator.kind not in {"AND", "NOT"}:
            continue
        if whole and operator.kind == "AND":
            arranged[at] = operator._replace(kind="then")
        elif whole and any(token.kind == "OR" for token in arranged[:at]):
            place = operator.start
            arranged[:at] = [Token("open", 0, "("), *arranged[:at], Token("close", place, ")")]
            return at + 3
        return at + 1
    return begin


def _near(left: str, right: str, distance: int, ordered: bool) -> str | None:
    return None if ordered else f"{left} NEAR/{distance - 1} {right}"


def _in_fields(text: str, names: tuple[str, ...]) -> str | None:
    inner = text if text.startswith("(") else f"({text})"
    one = code_of(names, FIELDS)
    if one:
        return f"{one.upper()}={inner}"
    codes = codes_of(names, FIELDS)
    if codes is None:
        return None
    return f"({' OR '.join(f'{code.upper()}={inner}' for code in codes)})"


def _heading(_: Heading) -> None:
    return None


def _years(years: Years) -> str:
    return f"PY={years_text(years, '-', '1900', '2999')}"


DIALECT = Dialect(
    name="wos",
    title="Web of Science",
    pattern=_PATTERN,
    token=_token,
    rules=Rules(nested=True),
    writing=Writing(
        wildcards=("*", "$", "?"),
        phrase=quoted,
        near=_near,
        in_fields=_in_fields,
        together=lambda names: names in FIELDS.values(),
        heading=_heading,
        years=_years,
        reference="#{}".format,
    ),
    marks=(
        r"(?:^|[\s(])(?:TS|TI|AB|AK|AU|SO|PY|LA|ALL|WC|DT)\s*=",
        r"\b(?:TOPIC|TITLE|YEAR PUBLISHED): \(",
        r"(?<=\w \()(?:Topic|All Fields|Publication Years|Document Types)(?=\))",
    ),
    arrange=_arranged,
)
