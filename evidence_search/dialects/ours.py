"""Our own query language in strategies, with ``#1`` for the first line: docs/query-language.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.dialects.common import operator, quoted, years_text
from evidence_search.dialects.grammar import Rules, Token
from evidence_search.dialects.reading import Dialect
from evidence_search.dialects.syntax import (
    And,
    Everything,
    InFields,
    Line,
    Native,
    Near,
    Not,
    Or,
    Phrase,
    Reference,
    Word,
    Years,
    joined,
)
from evidence_search.dialects.writer import Writing
from evidence_search.query import parse, syntax
from evidence_search.query.lexing import LABEL_FIELDS

if TYPE_CHECKING:
    from evidence_search.dialects.syntax import Heading
    from evidence_search.query import Note

_REFERENCE = re.compile(r"(?<!\S)(?P<open>[(+-]*)#(?P<line>\d{1,3})(?=[\s)]|$)")
# A word that nobody types stands for a line while the query is parsed.
_STAND_IN = "lineno{}of"
_STANDING_IN = re.compile(r"lineno(\d+)of")


def _read(text: str, notes: list[Note]) -> Line | None:
    stood_in = _REFERENCE.sub(lambda m: m["open"] + _STAND_IN.format(m["line"]), text)
    parsed = parse(stood_in)
    notes += parsed.notes
    return None if isinstance(parsed.tree, syntax.Nothing) else _line(parsed.tree)


def _token(match: re.Match[str], _: list[Note]) -> Token | None:
    """Return the token of a parenthesis or an operator, by which a check tells mixed ones."""
    kind = match.lastgroup or ""
    return None if kind == "quoted" else operator(match, match[0] if kind == "operator" else kind)


def _line(tree: syntax.Tree) -> Line:
    if isinstance(tree, syntax.Or):
        return joined(Or, [*map(_line, tree.children)])
    if isinstance(tree, syntax.And):
        wanted = [_line(child) for child in tree.children if not isinstance(child, syntax.Not)]
        line = joined(And, wanted) if wanted else Everything()
        for child in tree.children:
            if isinstance(child, syntax.Not):
                line = Not(line, _line(child.child))
        return line
    if isinstance(tree, syntax.Not):
        return Not(Everything(), _line(tree.child))
    if isinstance(tree, syntax.Optional):
        return _line(tree.required)
    if isinstance(tree, syntax.Range) and tree.field == "year":
        return Years(tree.low, tree.high)
    if isinstance(tree, syntax.Within):
        left, right = _line(tree.left), _line(tree.right)
        if isinstance(left, InFields) and isinstance(right, InFields):
            near = Near(left.child, right.child, tree.distance, tree.ordered)
            return InFields(near, left.fields)
        return Near(left, right, tree.distance, tree.ordered)
    return _leaf(tree)


def _leaf(tree: syntax.Tree) -> Line:
    if isinstance(tree, syntax.Every):
        return Everything()
    if isinstance(tree, syntax.Term | syntax.Wildcard) and tree.field not in LABEL_FIELDS:
        stand_in = _STANDING_IN.fullmatch(tree.text)
        if stand_in:
            return Reference(int(stand_in[1]))
        return _in_field(Word(tree.text), tree.field)
    if isinstance(tree, syntax.Phrase):
        if not tree.slop:
            return _in_field(Phrase(tree.words), tree.field)
        if len(tree.words) == 2:
            first, second = map(Word, tree.words)
            return _in_field(Near(first, second, tree.slop + 1, ordered=True), tree.field)
    return Native(tree)


def _in_field(line: Line, field: str | None) -> Line:
    return line if field is None else InFields(line, (field,))


def _near(left: str, right: str, distance: int, ordered: bool) -> str:
    return f"{left} {'PRE' if ordered else 'NEAR'}/{distance} {right}"


def _in_fields(text: str, names: tuple[str, ...]) -> str:
    parts = [f"{name}:{text}" for name in names]
    if len(parts) < 2:
        return "".join(parts) or text
    return f"({' OR '.join(parts)})"


def _heading(_: Heading) -> None:
    return None


def _years(years: Years) -> str:
    return f"year:{years_text(years, '..', '', '')}"


DIALECT = Dialect(
    name="ours",
    title="Evidence Search",
    pattern=r"""
        (?P<quoted>"[^"]*") | (?P<open>\() | (?P<close>\)) | (?P<operator>(?-i:\b(?:AND|OR)\b))
    """,
    token=_token,
    rules=Rules(),
    writing=Writing(
        wildcards=("*", "?", "_"),
        phrase=quoted,
        near=_near,
        in_fields=_in_fields,
        together=lambda _: False,
        heading=_heading,
        years=_years,
        reference="#{}".format,
        native=True,
    ),
    marks=(r"\b(?:title|summary|publisher|jurisdiction|year|keyword|category):",),
    whole=_read,
)
