"""A parsed tree to a query that parses to the same tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.query.lexing import LABEL_FIELDS
from evidence_search.query.syntax import (
    And,
    Every,
    Fuzzy,
    Not,
    Nothing,
    Optional,
    Or,
    Phrase,
    Range,
    Term,
    Wildcard,
    Within,
)

if TYPE_CHECKING:
    from evidence_search.query.syntax import Tree


def to_text(tree: Tree) -> str:
    """Print a parsed tree as a query that parses to the same tree."""
    text = _text(tree)
    # Words and operators all in capitals would be read as a heading.
    return f"({text})" if text == text.upper() and isinstance(tree, And | Not) else text


def _text(tree: Tree) -> str:
    if isinstance(tree, Or):
        return " ".join(_clause(child) for child in tree.children)
    if isinstance(tree, And):
        return " AND ".join(_operand(child) for child in tree.children)
    if isinstance(tree, Not):
        return f"NOT {_clause(tree.child)}"
    if isinstance(tree, Optional):
        required = tree.required.children if isinstance(tree.required, And) else (tree.required,)
        bonus = tree.bonus.children if isinstance(tree.bonus, Or) else (tree.bonus,)
        return " ".join(["+" + _clause(c) for c in required] + [_clause(c) for c in bonus])
    if isinstance(tree, Within):
        operator = "PRE" if tree.ordered else "NEAR"
        return f"{_side(tree.left)} {operator}/{tree.distance} {_side(tree.right)}"
    if isinstance(tree, Every):
        return ""
    return _leaf(tree)


def _operand(tree: Tree) -> str:
    return _text(tree) if isinstance(tree, Or | Not) else _clause(tree)


def _clause(tree: Tree) -> str:
    text = _text(tree)
    return f"({text})" if isinstance(tree, Or | And | Not | Optional) else text


def _side(tree: Tree) -> str:
    return f"({_text(tree)})" if isinstance(tree, Within) else _clause(tree)


def _leaf(tree: Tree) -> str:
    if isinstance(tree, Nothing):
        return '""'
    if isinstance(tree, Range):
        low, high = ("" if year is None else f"{year:04}" for year in (tree.low, tree.high))
        return f"year:{low}" if low == high else f"year:{low}..{high}"
    if isinstance(tree, Term):
        quoted = tree.field in LABEL_FIELDS and not re.fullmatch(r"[\w./-]+", tree.text)
        text = f'"{tree.text}"' if quoted else tree.text
    elif isinstance(tree, Phrase):
        text = '"' + " ".join(tree.words) + '"' + (f"~{tree.slop}" if tree.slop else "")
    elif isinstance(tree, Wildcard):
        stem = tree.text.rstrip("?")  # at the end a question mark asks
        text = stem + (f"${len(tree.text) - len(stem)}" if stem != tree.text else "")
    elif isinstance(tree, Fuzzy):
        text = f"{tree.text}~" + (str(tree.distance) if tree.distance != 1 else "")
    else:
        raise TypeError(f"expected a tree that parse() gives; found {type(tree).__name__}")
    field: str | None = tree.field
    return f"{field}:{text}" if field else text
