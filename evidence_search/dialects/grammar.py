"""The grammar that the platforms share: operators, parentheses, fields, nearness.

They differ in their signs, which each dialect's lexer turns into :class:`Token`, and in three
rules, which :class:`Rules` has: which operator binds closer, what words side by side mean, and
what a field after words applies to.  Reading is lenient: what can't be an operator where it
stands is left out or read as a word, and a note says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.dialects.syntax import (
    And,
    InFields,
    Line,
    Near,
    Not,
    Or,
    Phrase,
    Reference,
    Word,
    children,
    joined,
    walk,
)
from evidence_search.errors import QueryError
from evidence_search.query import Note
from evidence_search.query.lexing import LABEL_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DEPTH = 60
"""How deep parentheses may stand in each other."""
MAX_CHAIN = 150
"""Operators of nearness in a row."""


class Token(NamedTuple):
    """A piece of a line, with where it begins (0-based).

    ``kind`` is ``"open"``, ``"close"``, ``"AND"``, ``"OR"``, ``"NOT"``, ``"near"``, ``"line"`` (a
    whole tree: words, a heading, years, a reference), ``"before"`` or ``"after"`` (fields of what
    comes next, or came last), ``"limit"`` (a tree that the whole line is limited to) or
    ``"then"`` (what follows is joined by AND to all that comes before).
    """

    kind: str
    start: int
    text: str
    line: Line | None = None
    fields: tuple[str, ...] = ()
    distance: int = 0
    ordered: bool = False


NEAR = frozenset({"near"})
"""The level of nearness."""


class Rules(NamedTuple):
    """How a platform reads what the signs leave open.

    ``levels`` are the operators from the loosest to the closest, nearness by itself; those of one
    level are read from left to right.
    ``adjacent`` is what words side by side are: ``"phrase"`` or ``"AND"``.
    ``field_of_run``: a field after words applies to all words side by side, not to the last alone.
    ``tagged_phrase``: words side by side before a field are a phrase, whatever ``adjacent``.
    ``bare_numbers``: a number by itself is a line, and a word beside other words.
    ``nested``: the platform says what is near to a nearness in parentheses.
    """

    levels: tuple[frozenset[str], ...] = (
        frozenset({"OR"}),
        frozenset({"AND"}),
        frozenset({"NOT"}),
        NEAR,
    )
    adjacent: str = "AND"
    field_of_run: bool = False
    tagged_phrase: bool = False
    bare_numbers: bool = False
    nested: bool = False


def parse(tokens: Sequence[Token], rules: Rules, notes: list[Note]) -> Line | None:
    """Return the tree of a line, or ``None`` where it has no word; ``notes`` grows."""
    parts: list[list[Token]] = [[]]
    limits: list[Line] = []
    for token in _and_not(tokens):
        if token.kind == "then":
            parts.append([])
        elif token.kind == "limit" and token.line:
            limits.append(token.line)
        else:
            parts[-1].append(token)
    lines = [_Parser(_paired(part, notes), rules, notes).operators(0) for part in parts]
    whole = [line for line in (*lines, *limits) if line is not None]
    return joined(And, whole) if whole else None


def _and_not(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens with AND NOT as the one operator that it is meant as."""
    for token, after in zip(tokens, (*tokens[1:], None), strict=False):
        if not (token.kind == "AND" and after and after.kind == "NOT"):
            yield token


def _paired(tokens: Sequence[Token], notes: list[Note]) -> list[Token]:
    """Return the tokens with a partner for each parenthesis, the missing ones at the end."""
    kept: list[Token] = []
    depth = 0
    for token in tokens:
        if token.kind == "close" and not depth:
            notes.append(
                Note("a closing parenthesis without its opening one; left out", token.start)
            )
            continue
        if token.kind == "open" and depth == MAX_DEPTH:
            notes.append(
                Note(f"more than {MAX_DEPTH} parentheses in each other; left out", token.start)
            )
            continue
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        kept.append(token)
    if depth:
        end = tokens[-1].start + len(tokens[-1].text)
        notes.append(Note(f"{depth} closing parenthesis missing; closed at the end", end))
        kept += [Token("close", end, ")")] * depth
    return kept


class _Parser:
    def __init__(self, tokens: Sequence[Token], rules: Rules, notes: list[Note]) -> None:
        self._tokens = tokens
        self._rules = rules
        self._notes = notes
        self._next = 0
        self._named = False

    def _peek(self) -> str:
        return self._tokens[self._next].kind if self._next < len(self._tokens) else "end"

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]

    def _note(self, message: str, token: Token) -> None:
        self._notes.append(Note(message, token.start))

    def operators(self, level: int) -> Line | None:
        """Read what the operators of a level join."""
        if level == len(self._rules.levels):
            return self._run()
        if self._rules.levels[level] == NEAR:
            return self._nearness(level)
        left = self.operators(level + 1)
        mixed = self._rules.levels[level]
        while self._peek() in mixed:
            operator = self._take()
            right = self.operators(level + 1)
            if left is None or right is None:
                self._note(f"{operator.text} without words on both sides; left out", operator)
                left = left or right
            elif operator.kind == "NOT":
                left = Not(left, right)
            else:
                left = joined(And if operator.kind == "AND" else Or, (left, right))
        return left

    def _nearness(self, level: int) -> Line | None:
        """Read what nearness joins, and what a field begins beside it without an operator."""
        parts = [self._chain(level)]
        while parts[-1] is not None and self._peek() == "before":
            field = self._tokens[self._next]
            self._note(f"no operator before {field.text}; read as AND", field)
            parts.append(self._chain(level))
        found = [part for part in parts if part is not None]
        return joined(And, found) if found else None

    def _chain(self, level: int) -> Line | None:
        """Read what operators of nearness join, from left to right."""
        left = self.operators(level + 1)
        chained, count = False, 0
        while self._peek() == "near":
            operator, count = self._take(), count + 1
            if count > MAX_CHAIN:
                raise QueryError(
                    f"expected at most {MAX_CHAIN} operators of nearness in a row; found more: "
                    "part the line into several"
                )
            right = self.operators(level + 1)
            if left is None or right is None:
                self._note(f"{operator.text} without words on both sides; left out", operator)
                left = left or right
            else:
                left = self._near(left, right, operator, chained)
                chained = True
        return left

    def _near(self, left: Line, right: Line, operator: Token, chained: bool) -> Line:
        """Join two sides by nearness: of three words each to the next, as our queries have it.

        ``chained`` tells that ``left`` is a nearness which stands in no parentheses of its own.
        """
        left, right = _of_one_field(left), _of_one_field(right)
        fields = [side.fields for side in (left, right) if isinstance(side, InFields)]
        plain = [side for side in (left, right) if not isinstance(side, InFields)]
        if fields and fields[0] == fields[-1] and all(map(_is_wording, plain)):
            # A field of one side is that of both: words of two fields are never near.
            left, right = (s.child if isinstance(s, InFields) else s for s in (left, right))
            return InFields(self._near(left, right, operator, chained), fields[0])
        next_to = operator.ordered and operator.distance == 1
        if next_to and isinstance(left, Near) and left.ordered and left.distance == 1:
            sides = [_words(left.left), _words(left.right), _words(right)]
            if all(sides):
                return Phrase(tuple(word for side in sides for word in side))
        last = left.children[-1] if isinstance(left, And) else left
        before = last.right if isinstance(last, Near) and chained else last
        nested = [side for side in (before, right) if _has_near(side)]
        if not (_is_wording(before) and _is_wording(right)) or len(nested) > 1:
            self._note(
                f"{operator.text} joins words, phrases and alternatives of them in one field; "
                "read as AND",
                operator,
            )
            return joined(And, (left, right))
        near = Near(before, right, operator.distance, operator.ordered)
        if nested and not self._rules.nested:
            self._note(
                f"what {operator.text} means beside another nearness isn't laid down for this "
                "platform; read as near to any word of it",
                operator,
            )
        if before is not left:
            message = f"{operator.text} goes on from a nearness; each two neighbours are searched"
            self._note(message, operator)
        return near if before is left else joined(And, (left, near))

    def _run(self) -> Line | None:  # noqa: C901 - one branch for each kind of token
        """Read words side by side, with the fields before or after them."""
        items: list[Line] = []
        fields: tuple[str, ...] | None = None
        while True:
            kind = self._peek()
            if kind == "before":
                if items:
                    break
                fields = self._take().fields
            elif kind == "after":
                token = self._take()
                tagged = self._rules.field_of_run and items and isinstance(items[-1], InFields)
                if items and not tagged:
                    self._in_fields(items, token.fields)
                else:
                    self._note(f"{token.text} without a word before it; left out", token)
            elif kind == "open":
                self._take()
                outside, self._named = self._named, self._is_named(fields)
                inner = self.operators(0)
                self._named = outside
                self._take()
                if inner is not None:
                    items.append(inner)
            elif kind == "line":
                items += [line] if (line := self._take().line) else []
            else:
                break
        if not items:
            if kind == "before" or fields is not None:
                self._note("a field without words; left out", self._tokens[self._next - 1])
            return None
        kind = "phrase" if self._is_named(fields) else self._rules.adjacent
        run = self._adjacent(items, kind)
        return run if fields is None else InFields(run, fields)

    def _is_named(self, fields: tuple[str, ...] | None) -> bool:
        """Tell whether words here are a name, such as that of a type, not words of a text."""
        return fields[0] in {*LABEL_FIELDS, "filter"} if fields else self._named

    def _in_fields(self, items: list[Line], fields: tuple[str, ...]) -> None:
        if self._rules.field_of_run:
            start = next(
                (i + 1 for i in range(len(items) - 1, -1, -1) if isinstance(items[i], InFields)), 0
            )
            kind = "phrase" if self._rules.tagged_phrase else self._rules.adjacent
            items[start:] = [InFields(self._adjacent(items[start:], kind), fields)]
        else:
            items[-1] = InFields(items[-1], fields)

    def _adjacent(self, items: Sequence[Line], kind: str) -> Line:
        if len(items) == 1:
            return items[0]
        if self._rules.bare_numbers and all(_words(i) or isinstance(i, Reference) for i in items):
            # Beside a word a number is a word: "12 step programmes".
            items = [Word(str(i.line)) if isinstance(i, Reference) else i for i in items]
        if kind == "phrase" and all(map(_words, items)):
            return Phrase(tuple(word for item in items for word in _words(item)))
        return joined(And, items)


def _words(line: Line) -> tuple[str, ...]:
    if isinstance(line, Word):
        return (line.text,)
    return line.words if isinstance(line, Phrase) else ()


def _of_one_field(line: Line) -> Line:
    """Return alternatives that each name the same field as alternatives in that field."""
    parts = [part for part in children(line) if isinstance(part, InFields)]
    if not isinstance(line, Or) or len(parts) < len(line.children):
        return line
    fields = {part.fields for part in parts}
    child = joined(Or, [part.child for part in parts])
    return InFields(child, fields.pop()) if len(fields) == 1 else line


def _is_wording(line: Line) -> bool:
    """Tell whether a line can stand on one side of a nearness."""
    if isinstance(line, Or):
        return all(map(_is_wording, line.children))
    if isinstance(line, Near):
        return _is_wording(line.left) and _is_wording(line.right)
    return isinstance(line, Word | Phrase)


def _has_near(line: Line) -> bool:
    return any(isinstance(node, Near) for node in walk(line))
