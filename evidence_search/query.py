"""Query text to a syntax tree of the searcher's words, and back.

The grammar, loosest first::

    query    = conjunct { "OR" conjunct }
    conjunct = [ "NOT" ] run { ( "AND" | "NOT" | "AND NOT" ) run }
    run      = clause { clause }                     any may match
    clause   = [ "+" | "-" ] [ field ":" ] item
    item     = word | word "*" | word "~" [ n ] | '"' words '"' [ "~" n ]
             | "(" query ")" | year ".." year

Parsing is lenient unless ``strict``: what can't be an operator where it
stands is read literally or left out, and a note says so.  Nothing here knows
an index, a stem or a thesaurus.

Rejected: Whoosh's parser (it drops repeated words, which costs ranking, and
can't print a tree back), and a parser generator (error recovery, the point
here, would be most of the grammar).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import QueryError
from evidence_search.trees import (
    And,
    Every,
    Fuzzy,
    Not,
    Nothing,
    Optional,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.trees import Tree

TEXT_FIELDS = ("title", "summary", "publisher")
LABEL_FIELDS = ("category", "jurisdiction", "cell", "matrix", "column", "row", "decade")
FIELDS = (*TEXT_FIELDS, *LABEL_FIELDS, "year")
"""Names that may stand before a colon."""

MAX_DEPTH = 40
MAX_CLAUSES = 1024
MAX_DISTANCE = 2
MAX_SLOP = 99

_OPEN_QUOTES = '"“„«'
_QUOTES = '"“”„«»'
_LEX = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<phrase>(?P<sign1>[+-]?)(?:(?P<field1>[A-Za-z]+):)?
        [{_OPEN_QUOTES}](?P<words>[^{_QUOTES}]*)[{_QUOTES}](?:~(?P<slop>\d{{1,6}}))?)
  | (?P<open>(?P<sign2>[+-]?)(?:(?P<field2>[A-Za-z]+):)?\()
  | (?P<close>\))
  | (?P<quote>[+-]?(?:[A-Za-z]+:)?[{_QUOTES}])
  | (?P<word>[^\s(){_QUOTES}]+)
    """,
    re.VERBOSE,
)
_RANGE = re.compile(r"(\d{4})?(\.\.)?(\d{4})?")
_FUZZY = re.compile(r"~(\d?)$")
_WORD_CHARACTER = re.compile(r"[^\W_]")
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


class Note(NamedTuple):
    """Something of a query that was read literally or left out, and where (0-based offset)."""

    message: str
    position: int


class Parsed(NamedTuple):
    """The tree of a query, and notes on what was not read as an operator."""

    tree: Tree
    notes: tuple[Note, ...] = ()


def parse(text: str, *, strict: bool = False) -> Parsed:
    """Parse a query of any length and content.

    A query without a word gives :class:`Nothing` where it had text, and
    :class:`Every` where it was blank.  Raises :class:`QueryError` only when
    ``strict``, for the first thing that would otherwise become a note; its
    message draws a caret under the place.
    """
    parser = _Parser(text, strict=strict)
    tree = parser.query()
    return Parsed(tree, tuple(parser.notes))


def parse_year(text: str) -> Range:
    """Read ``2010``, ``2005..2012``, ``2010..`` or ``..2008``; raise :class:`QueryError`."""
    match = _RANGE.fullmatch(text.strip())
    if not match or not (match[1] or match[3]):
        raise QueryError(
            f"expected a year such as 2010, 2005..2012, 2010.. or ..2008; found {text!r}"
        )
    low, high = (int(year) if year else None for year in (match[1], match[3]))
    if not match[2]:
        high = low
    if low is not None and high is not None and low > high:
        raise QueryError(f"expected the earlier year first; found {text!r}: write {high}..{low}")
    return Range("year", low, high)


class _Lexeme(NamedTuple):
    kind: str
    text: str
    start: int
    sign: str = ""
    field: str | None = None
    slop: int = 0


class _Parser:
    """Recursive descent over the lexemes; ``notes`` grows as the text is read."""

    def __init__(self, text: str, *, strict: bool) -> None:
        self._text = text
        self._strict = strict
        self.notes: list[Note] = []
        self._lexemes = self._balanced(self._lex())
        self._next = 0

    # Lexing

    def _lex(self) -> list[_Lexeme]:
        lexemes: list[_Lexeme] = []
        for match in _LEX.finditer(self._text):
            kind = match.lastgroup
            start = match.start()
            if match["phrase"] is not None:
                field = self._field(match["field1"], start)
                slop = min(int(match["slop"] or 0), MAX_SLOP)
                lexemes.append(
                    _Lexeme("phrase", match["words"], start, match["sign1"], field, slop)
                )
            elif match["open"] is not None:
                field = self._field(match["field2"], start)
                lexemes.append(_Lexeme("open", "(", start, match["sign2"], field))
            elif kind == "close":
                lexemes.append(_Lexeme("close", ")", start))
            elif kind == "quote":
                self._note("a quotation mark without its partner was left out", start)
            elif kind == "word":
                lexemes.extend(self._words(match.group(), start))
            if len(lexemes) > MAX_CLAUSES:
                self._note(f"only the first {MAX_CLAUSES} words were read", start)
                break
        return lexemes[:MAX_CLAUSES]

    def _field(self, name: str | None, start: int) -> str | None:
        if name is None or name.lower() in FIELDS:
            return name and name.lower()
        self._note(f"{name!r} is not a field ({', '.join(FIELDS)}); read as a word", start)
        return None

    def _words(self, word: str, start: int) -> list[_Lexeme]:
        if word in _OPERATORS:
            return [_Lexeme(word, word, start)]
        sign = word[0] if word[0] in "+-" and _WORD_CHARACTER.match(word[1:2]) else ""
        name, colon, rest = word[len(sign) :].partition(":")
        if colon and name.isalpha() and name.isascii() and _WORD_CHARACTER.search(rest):
            field = self._field(name, start)
            if field is not None:
                return [_Lexeme("word", rest, start, sign, field)]
        if not _WORD_CHARACTER.search(word):
            if "*" in word or "~" in word or ":" in word:
                self._note(f"{word[:20]!r} has no word to work on and was left out", start)
            return []
        lexemes = []
        for match in re.finditer(r"[^/:,;|\\]+", word[len(sign) :]):
            if _WORD_CHARACTER.search(match.group()):
                offset = start + len(sign) + match.start()
                lexemes.append(_Lexeme("word", match.group(), offset, sign))
        return lexemes

    def _balanced(self, lexemes: list[_Lexeme]) -> list[_Lexeme]:
        """Leave out the parentheses that have no partner or are nested too deep."""
        keep = [True] * len(lexemes)
        opened: list[tuple[int, bool]] = []
        depth = 0
        for i, lexeme in enumerate(lexemes):
            if lexeme.kind == "open":
                deep = depth >= MAX_DEPTH
                opened.append((i, deep))
                depth += not deep
                keep[i] = not deep
            elif lexeme.kind == "close":
                if not opened:
                    keep[i] = False
                    self._note(
                        "a closing parenthesis without its opening one was left out", lexeme.start
                    )
                    continue
                _, deep = opened.pop()
                depth -= not deep
                keep[i] = not deep
        for i, deep in opened:
            keep[i] = False
            if not deep:
                self._note(
                    "an opening parenthesis without its closing one was left out", lexemes[i].start
                )
        if any(not kept for kept in keep) and len(lexemes) > MAX_DEPTH and not self.notes:
            self._note(
                f"parentheses deeper than {MAX_DEPTH} were left out",
                lexemes[keep.index(False)].start,
            )
        return [lexeme for lexeme, kept in zip(lexemes, keep, strict=True) if kept]

    def _note(self, message: str, position: int) -> None:
        if self._strict:
            raise QueryError(f"{message}\n  {_visible(self._text, position)}", position)
        if not self.notes or self.notes[-1].message != message:
            self.notes.append(Note(message, position))

    # Grammar

    def query(self) -> Tree:
        """Read the whole text."""
        tree = self._disjunction(None)
        if tree is not None:
            return tree
        return Nothing() if self._text.strip() else Every()

    def _peek(self) -> str:
        return self._lexemes[self._next].kind if self._next < len(self._lexemes) else "end"

    def _disjunction(self, field: str | None) -> Tree | None:
        parts = [self._conjunction(field)]
        while self._peek() == "OR":
            operator = self._lexemes[self._next]
            self._next += 1
            parts.append(self._conjunction(field))
            if parts[-1] is None or parts[-2] is None:
                self._note("OR without a word on both sides was left out", operator.start)
        return any_of([part for part in parts if part is not None])

    def _conjunction(self, field: str | None) -> Tree | None:
        parts: list[Tree] = []
        negated = False
        pending: _Lexeme | None = None
        while True:
            kind = self._peek()
            if kind in {"AND", "NOT"}:
                operator = self._lexemes[self._next]
                self._next += 1
                if kind == "NOT":
                    negated = not negated
                elif not parts or (pending is not None and pending.kind == "AND"):
                    self._note("AND without a word on both sides was left out", operator.start)
                pending = operator
            elif kind in {"word", "phrase", "open"}:
                run = self._run(field)
                if run is not None:
                    parts.append(Not(run) if negated else run)
                    negated, pending = False, None
            else:
                break
        if pending is not None:
            self._note(f"{pending.kind} without a word after it was left out", pending.start)
        return all_of(parts)

    def _run(self, field: str | None) -> Tree | None:
        required: list[Tree] = []
        optional: list[Tree] = []
        excluded: list[Tree] = []
        by_sign = {"+": required, "-": excluded, "": optional}
        while self._peek() in {"word", "phrase", "open"}:
            lexeme = self._lexemes[self._next]
            self._next += 1
            if lexeme.kind == "open":
                item = self._disjunction(lexeme.field or field)
                self._next += 1  # its partner: _balanced left only pairs
            else:
                item = self._item(lexeme, lexeme.field or field)
            if item is not None:
                by_sign[lexeme.sign].append(item)
        bonus = any_of(optional)
        core = all_of(required)
        if core is not None and bonus is not None:
            core = Optional(core, bonus)
        elif core is None:
            core = bonus
        negations = [Not(item) for item in excluded]
        return all_of([core, *negations] if core is not None else negations)

    def _item(self, lexeme: _Lexeme, field: str | None) -> Tree | None:
        words = tuple(w for w in lexeme.text.split() if _WORD_CHARACTER.search(w))
        if not words:
            return None
        if field == "year":
            return self._year(lexeme.text, lexeme.start)
        if field in LABEL_FIELDS:
            return Term(" ".join(words), field)
        if lexeme.kind == "word":
            return self._word(lexeme, field)
        return Phrase(words, field, lexeme.slop) if len(words) > 1 else _term(words[0], field)

    def _year(self, text: str, start: int) -> Tree:
        try:
            return parse_year(text)
        except QueryError as error:
            self._note(f"{error}; read as a word", start)
            return _term(text, None)

    def _word(self, lexeme: _Lexeme, field: str | None) -> Tree:
        text = lexeme.text
        fuzzy = _FUZZY.search(text)
        if fuzzy:
            distance = min(int(fuzzy[1] or 1), MAX_DISTANCE)
            return Fuzzy(_EDGES.sub("", text[: fuzzy.start()]), field, max(distance, 1))
        word = _EDGES.sub("", text)
        if text.endswith("*"):
            if "*" not in word and len(word) > 1:
                return Prefix(word, field)
            self._note(f"{text[:20]!r}: a star works after two letters or more", lexeme.start)
        elif "*" in word:
            self._note(f"{text[:20]!r}: a star works only at the end of a word", lexeme.start)
        return _term(word, field)


def _term(word: str, field: str | None) -> Term:
    """A plain word, without what would read as an operator when printed."""
    word = _EDGES.sub("", re.sub("[*~:]", "", word))
    return Term(word.lower() if word in _OPERATORS else word, field)


def _visible(text: str, position: int) -> str:
    """One line of ``text`` around ``position``, and a caret under it."""
    start = max(0, position - 40)
    line = "".join(c if c.isprintable() else "·" for c in text[start : position + 40])
    return f"{line}\n  {' ' * (position - start)}^"


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


def to_text(tree: Tree) -> str:
    """Print a parsed tree as a query that parses to the same tree."""
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
    if isinstance(tree, Every):
        return ""
    if isinstance(tree, Nothing):
        return '""'
    return _leaf(tree)


def _operand(tree: Tree) -> str:
    return to_text(tree) if isinstance(tree, Or | Not) else _clause(tree)


def _clause(tree: Tree) -> str:
    text = to_text(tree)
    return f"({text})" if isinstance(tree, Or | And | Not | Optional) else text


def _leaf(tree: Tree) -> str:
    if isinstance(tree, Range):
        low, high = (("" if year is None else str(year)) for year in (tree.low, tree.high))
        return f"year:{low}" if low == high else f"year:{low}..{high}"
    if isinstance(tree, Term):
        quoted = tree.field in LABEL_FIELDS and not re.fullmatch(r"[^\s()]+", tree.text)
        text = f'"{tree.text}"' if quoted else tree.text
    elif isinstance(tree, Phrase):
        text = '"' + " ".join(tree.words) + '"' + (f"~{tree.slop}" if tree.slop else "")
    elif isinstance(tree, Prefix):
        text = f"{tree.text}*"
    elif isinstance(tree, Fuzzy):
        text = f"{tree.text}~" + (str(tree.distance) if tree.distance != 1 else "")
    else:
        raise TypeError(f"expected a tree that parse() gives; found {type(tree).__name__}")
    field: str | None = tree.field
    return f"{field}:{text}" if field else text
