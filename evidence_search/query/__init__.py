"""Query text to a syntax tree of the searcher's words, and back.

The grammar, loosest first::

    query    = conjunct { "OR" conjunct }
    conjunct = [ "NOT" ] run { ( "AND" | "NOT" | "AND NOT" ) run }
    run      = clause { clause }                     any may match
    clause   = [ "+" | "-" ] near
    near     = item { ( "NEAR/" | "PRE/" ) n item }  at most n words on; PRE in this order
    item     = [ field ":" ] ( word | word with *, ? or _ | word "~" [ n ]
             | '"' words '"' [ "~" n ] | "(" query ")" | year ".." year )

Parsing is lenient unless ``strict``: what can't be an operator where it
stands is read literally or left out, and a note says so.  Nothing here knows
an index, a stem or a thesaurus.  ``docs/query-language.md`` is for searchers.

Rejected: Whoosh's parser (it drops repeated words, which costs ranking, and
can't print a tree back); a parser generator (error recovery, the point here,
would be most of the grammar); lower-case operators, as Ovid has them (pasted
prose is full of "and" and "not").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import QueryError
from evidence_search.query.lexing import (
    FIELDS,
    LABEL_FIELDS,
    MAX_CLAUSES,
    NEAR,
    NUMBERED,
    OPERATORS,
    OPTIONAL,
    PIECES,
    PREFIXES,
    SETS,
    TEXT_FIELDS,
    WORD_CHARACTER,
    Lexeme,
    Note,
    Notes,
    caret,
    columns,
    lex,
)
from evidence_search.query.printing import to_text
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
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.query.syntax import Tree

__all__ = [
    "FIELDS",
    "LABEL_FIELDS",
    "MAX_CLAUSES",
    "SETS",
    "TEXT_FIELDS",
    "Note",
    "Parsed",
    "all_of",
    "any_of",
    "caret",
    "columns",
    "parse",
    "parse_year",
    "span_of_years",
    "to_text",
]

MAX_DISTANCE = 2
MAX_STARS = 3
MAX_SIGNS = 9

_RANGE = re.compile(r"(\d{4})?(\.\.|[-–:])?(\d{4})?|([<>]=?)\s*(\d{4})|(\d{3})0s")
_SPAN = re.compile(r"(?:1[89]|20)\d0s|((?:1[89]|20)\d\d)(?:\.\.|[-–])((?:1[89]|20)\d\d)")
_FUZZY = re.compile(r"~(\d?)$")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SIGNS = re.compile(r"[*?]|_(?=[^\W_])")
_WILD_EDGES = re.compile(rf"^[^\w*?]+|(?:[^\w*{OPTIONAL}]|_)+$")
_SIGN = r"[:;=|\\$#<>\[\]{}^]|,(?!\d{3}(?!\d))|/(?!\d)|(?<!\d)[,/]"
_TELLING = r"[^\W_]{2}|[*?].*[^\W_]{3}"


class Parsed(NamedTuple):
    """The tree of a query, and notes on what was not read as an operator."""

    tree: Tree
    notes: tuple[Note, ...] = ()


def parse(text: str, *, strict: bool = False, every_word: bool = False) -> Parsed:
    """Parse a query of any length and content.

    With ``every_word`` words side by side are joined by AND, otherwise by OR.

    A query without a word gives :class:`Nothing` where it had text, and
    :class:`Every` where it was blank.  Raises :class:`QueryError` only when
    ``strict``, for the first thing that would otherwise become a note; its
    message draws a caret under the place.
    """
    notes = Notes(text, strict=strict)
    tree = _Parser(lex(text, notes), notes, every_word=every_word).query()
    if tree is None:
        tree = Nothing() if text.strip() else Every()
    return Parsed(tree, tuple(notes))


def parse_year(text: str) -> Range:
    """Read ``2010``, ``2005..2012``, ``2010..``, ``..2008``, ``>2010``, ``<=2010`` or ``2010s``.

    A hyphen, a dash or a colon is as good as two dots, but not before a year alone.
    Raises :class:`QueryError`.
    """
    match = _RANGE.fullmatch(text.strip())
    if (
        match is None
        or not any(match.group(1, 3, 5, 6))
        or (match[2] not in {None, ".."} and not match[1])
    ):
        raise QueryError(
            f"expected a year such as 2010, 2005..2012, 2010.. or ..2008; found {text[:40]!r}"
        )
    if match[6]:
        return Range("year", int(match[6]) * 10, int(match[6]) * 10 + 9)
    if match[5]:
        year, strictly = int(match[5]), "=" not in match[4]
        after = match[4].startswith(">")
        return (
            Range("year", year + strictly, None) if after else Range("year", None, year - strictly)
        )
    low, high = (int(year) if year else None for year in (match[1], match[3]))
    if not match[2]:
        high = low
    if low is not None and high is not None and low > high:
        raise QueryError(f"expected the earlier year first; found {text!r}: write {high}..{low}")
    return Range("year", low, high)


def span_of_years(text: str) -> Range | None:
    """Return the years that a word names by itself: ``2010s``, ``2005..2012``, ``2005-2012``.

    ``None`` for any other word, a year alone included: that is a word of many texts.
    """
    match = _SPAN.fullmatch(text)
    return parse_year(text) if match and (match[1] or "") <= (match[2] or "") else None


class _Parser:
    """Recursive descent over the lexemes; ``notes`` grows as the text is read."""

    def __init__(self, lexemes: list[Lexeme], notes: Notes, *, every_word: bool) -> None:
        self._lexemes = lexemes
        self._every_word = every_word
        self._notes = notes
        self._note = notes.note
        self._next = 0

    def query(self) -> Tree | None:
        """Read the whole text."""
        return self._disjunction(None)

    def _peek(self) -> str:
        return self._lexemes[self._next].kind if self._next < len(self._lexemes) else "end"

    def _disjunction(self, field: str | None) -> Tree | None:
        parts = [self._conjunction(field)]
        while self._peek() == "OR":
            operator = self._lexemes[self._next]
            self._next += 1
            parts.append(self._conjunction(field))
            if parts[-1] is None or parts[-2] is None:
                self._note("OR without a word on both sides", operator.start)
        return any_of([part for part in parts if part is not None])

    def _conjunction(self, field: str | None) -> Tree | None:
        parts: list[Tree] = []
        negated = False
        pending: Lexeme | None = None
        while True:
            kind = self._peek()
            if kind in {"AND", "NOT"}:
                operator = self._lexemes[self._next]
                self._next += 1
                if kind == "NOT":
                    negated = not negated
                elif not parts or (pending is not None and pending.kind == "AND"):
                    self._note("AND without a word on both sides", operator.start)
                pending = operator
            elif kind in _ITEMS:
                run = self._run(field)
                if run is not None:
                    parts.append(Not(run) if negated else run)
                    negated, pending = False, None
            else:
                break
        if pending is not None:
            self._note(f"{pending.kind} without a word after it", pending.start)
        return all_of(parts)

    def _run(self, field: str | None) -> Tree | None:
        required: list[Tree] = []
        optional: list[Tree] = []
        excluded: list[Tree] = []
        unsigned = required if self._every_word else optional
        by_sign = {"+": required, "-": excluded, "": unsigned}
        while self._peek() in _ITEMS:
            sign = self._lexemes[self._next].sign
            item = self._near(field)
            if item is not None:
                by_sign[sign].append(item)
        bonus = any_of(optional)
        core = all_of(required)
        if core is not None and bonus is not None:
            core = Optional(core, bonus)
        elif core is None:
            core = bonus
        negations = [Not(item) for item in excluded]
        return all_of([core, *negations] if core is not None else negations)

    def _near(self, field: str | None) -> Tree | None:
        """Read an item and what ``NEAR`` ties to it: of three, each to the next."""
        first = self._clause(field)
        pairs: list[Tree] = []
        while self._peek() == "near":
            operator = self._lexemes[self._next]
            self._next += 1
            second = self._clause(field) if self._peek() in _OPERANDS else None
            if first is None or second is None:
                self._note(f"{operator.text} without a word on both sides", operator.start)
                first = first or second
            elif (
                _field_of(first) is _MIXED
                or _field_of(first) != _field_of(second)
                or (_has_near(first) and _has_near(second))
            ):
                self._note(
                    f"{operator.text} joins words, phrases and alternatives of them in one field",
                    operator.start,
                    "read as AND",
                )
                pairs += [] if pairs else [first]
                pairs.append(second)
                first = second
            else:
                ordered = operator.text.startswith("PRE")
                pairs.append(Within(first, second, operator.number, ordered))
                first = second
        return all_of(pairs) if pairs else first

    def _clause(self, field: str | None) -> Tree | None:
        lexeme = self._lexemes[self._next]
        self._next += 1
        if lexeme.kind == "near":
            self._note(f"{lexeme.text} without a word on both sides", lexeme.start)
            return None
        if lexeme.kind == "open":
            item = self._disjunction(lexeme.field or field)
            self._next += 1  # its partner: lex() left only pairs
            return item
        return self._item(lexeme, lexeme.field or field)

    def _item(self, lexeme: Lexeme, field: str | None) -> Tree | None:
        if lexeme.kind == "word" and field == "author" and "," in lexeme.text:
            return Phrase(tuple(re.split(r"[,\s]+", lexeme.text.strip(","))), field)
        if lexeme.kind == "word" and field not in {None, "doi"} and "," in lexeme.text:
            values = [value for value in lexeme.text.split(",") if value]
            items = (self._item(lexeme._replace(text=value), field) for value in values)
            return any_of([item for item in items if item is not None])
        words = tuple(w for w in lexeme.text.split() if WORD_CHARACTER.search(w))
        if not words:
            return None
        if field == "year":
            return self._year(lexeme.text, lexeme.start)
        if field in LABEL_FIELDS:
            return Term(" ".join(words), field)
        if lexeme.kind == "word":
            return self._word(lexeme, field)
        return Phrase(words, field, lexeme.number if len(words) > 1 else 0)

    def _year(self, text: str, start: int) -> Tree:
        try:
            return parse_year(text)
        except QueryError as error:
            self._note(str(error), start, "read as a word")
            pieces = (piece for word in text.split() for piece in re.findall(PIECES, word))
            words = (piece for piece in pieces if WORD_CHARACTER.search(piece))
            return any_of([_term(word, None) for word in words]) or Nothing()

    def _word(self, lexeme: Lexeme, field: str | None) -> Tree:
        text = lexeme.text
        fuzzy = _FUZZY.search(text)
        if fuzzy and _plain(text[: fuzzy.start()]):
            distance = min(int(fuzzy[1] or 1), MAX_DISTANCE)
            return Fuzzy(_plain(text[: fuzzy.start()]), field, max(distance, 1))
        pattern = _WILD_EDGES.sub("", text).replace(OPTIONAL, "?")
        if _SIGNS.search(pattern):
            pattern = re.sub(r"\*[*?]*", "*", pattern)
            if not re.match(_TELLING, pattern) or "~" in pattern:
                if "*" in pattern or "?" in pattern:  # "_" alone is part of a name: "0_0"
                    self._note(
                        f"{text[:20]!r}: * and ? stand after two letters or more, or before three",
                        lexeme.start,
                    )
            elif pattern.count("*") > MAX_STARS or len(_SIGNS.findall(pattern)) > MAX_SIGNS:
                self._note(
                    f"{text[:20]!r}: at most {MAX_STARS} * and {MAX_SIGNS} of *, ? and _ stand in "
                    "a word",
                    lexeme.start,
                )
            else:
                return Wildcard(pattern, field)
            if not {"*", "?", "~"}.isdisjoint(pattern):
                text = text.replace("_", "")
        return _term(text, field)


_OPERANDS = frozenset({"word", "phrase", "open"})
_ITEMS = _OPERANDS | {"near"}
_MIXED = object()


def _has_near(tree: Tree) -> bool:
    return any(isinstance(node, Within) for node in walk(tree))


def _field_of(tree: Tree) -> object:
    """Return the field of what may be near something, of which all parts share it."""
    if isinstance(tree, Or | Within):
        parts = tree.children if isinstance(tree, Or) else (tree.left, tree.right)
        fields = {_field_of(part) for part in parts}
        return fields.pop() if len(fields) == 1 else _MIXED
    if isinstance(tree, Term | Phrase | Wildcard | Fuzzy) and tree.field not in LABEL_FIELDS:
        return tree.field
    return _MIXED


def _plain(word: str) -> str:
    """Return a word without what would read as syntax when printed."""
    bare = re.sub(r"[*?~:]", "", word)
    programming = re.fullmatch(r"\W*([A-Za-z]\+\+)\W*", bare)
    return programming[1] if programming else _EDGES.sub("", bare)


def _term(word: str, field: str | None) -> Tree:
    word = _plain(word)
    # What would be read as an operator when printed is a phrase of one word.
    syntax = NEAR.fullmatch(word) or word in PREFIXES or re.fullmatch(NUMBERED, word)
    if re.search(_SIGN, word) or (syntax and word not in {"near", "next"}):
        return Phrase((word,), field)
    return Term(word.lower() if word in OPERATORS else word, field)


def all_of(children: Sequence[Tree]) -> Tree | None:
    """Return the conjunction of ``children``, flat; ``None`` where there are none."""
    flat: list[Tree] = []
    for child in children:
        flat.extend(child.children if isinstance(child, And) else (child,))
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(children: Sequence[Tree]) -> Tree | None:
    """Return the disjunction of ``children``, flat; ``None`` where there are none."""
    flat: list[Tree] = []
    for child in children:
        flat.extend(child.children if isinstance(child, Or) else (child,))
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
