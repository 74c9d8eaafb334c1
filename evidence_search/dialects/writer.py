"""Trees to lines of a dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.dialects.syntax import (
    And,
    Everything,
    Heading,
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
    children,
    joined,
    rewrite,
    walk,
)
from evidence_search.query import to_text
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Writing(NamedTuple):
    """How a dialect writes a tree; each function returns ``None`` where it has no way to say it.

    ``wildcards`` are its signs for any letters, one or none, exactly one.  ``operators`` are its
    words for AND, OR and NOT; ``native`` is true of our own language alone.
    ``together`` tells whether several fields have one name; where not, each has what it is to hold
    for itself, and so words joined by AND or NOT, which may stand in two of them, are parted.
    ``near_in_fields`` writes nearness and its fields in one, where a platform has them so, and
    ``field_of_word`` is true of one where each word has its own.  ``references`` writes three or
    more lines joined by one operator ("or/1-4"), ``whole`` lines that have a form of their own, and
    ``limited`` the years to which a whole line is limited, behind it.  ``or_before_near``: OR binds
    closer than nearness, which therefore stands in parentheses beside it.
    """

    wildcards: tuple[str, str | None, str | None]
    phrase: Callable[[Sequence[str]], str | None]
    near: Callable[[str, str, int, bool], str | None]
    in_fields: Callable[[str, tuple[str, ...]], str | None]
    heading: Callable[[Heading], str | None]
    years: Callable[[Years], str | None]
    reference: Callable[[int], str]
    operators: Mapping[str, str] = {"AND": "AND", "OR": "OR", "NOT": "NOT"}
    native: bool = False
    near_in_fields: Callable[[str, str, int, bool, tuple[str, ...]], str | None] | None = None
    field_of_word: bool = False
    together: Callable[[tuple[str, ...]], bool] = lambda _: True
    references: Callable[[str, str], str] | None = None
    whole: Callable[[Line], str | None] = lambda _: None
    limited: Callable[[Years], str] | None = None
    or_before_near: bool = False


_MANY = 3  # lines
_MOST_PAIRS = 12  # words, or phrases, that one nearness is written as


def ranges(numbers: Sequence[int], write: Callable[[int], str]) -> str:
    """Write numbers of lines as "1-3,5", each as ``write`` does."""
    pieces: list[list[int]] = []
    for number in numbers:
        if pieces and number == pieces[-1][-1] + 1:
            pieces[-1].append(number)
        else:
            pieces.append([number])
    return ",".join(
        write(piece[0]) + (f"-{write(piece[-1])}" if piece[1:] else "") for piece in pieces
    )


def of_words(line: Line, fields: tuple[str, ...] | None = None) -> Line:
    """Return a line in which each word has its fields for itself; ``None`` is none."""
    if isinstance(line, InFields):
        return of_words(line.child, line.fields)
    if isinstance(line, And | Or | Not):
        return rewrite(line, lambda part: of_words(part, fields))
    if fields is None or not isinstance(line, Word | Phrase | Near):
        return line
    if isinstance(line, Near) and _is_plain(line):
        return joined(Or, [InFields(near, fields) for near in _pairs(line)])
    return InFields(line, fields)


def as_phrases(line: Line) -> Line:
    """Return a line in which what stands next to another, in order, are phrases."""
    line = rewrite(line, as_phrases)
    if isinstance(line, Near) and line.ordered and line.distance == 1:
        pairs = [
            (*_row(left), *_row(right))
            for left in _sides(line.left)
            for right in _sides(line.right)
        ]
        plain = all(isinstance(s, Word | Phrase) for n in children(line) for s in _sides(n))
        if plain and len(pairs) <= _MOST_PAIRS:
            return joined(Or, [Phrase(words) for words in pairs])
    return line


def _row(line: Line) -> tuple[str, ...]:
    if isinstance(line, Word):
        return (line.text,)
    return line.words if isinstance(line, Phrase) else ()


def _combines(line: Line) -> bool:
    return any(isinstance(node, And | Not) for node in walk(line))


def _parted(line: Line, fields: tuple[str, ...]) -> Line:
    """Return a line in which each part that AND, OR or NOT joins has its fields for itself."""
    if isinstance(line, InFields):
        return line
    return (
        rewrite(line, lambda p: _parted(p, fields)) if _combines(line) else InFields(line, fields)
    )


def _sides(line: Line) -> tuple[Line, ...]:
    return line.children if isinstance(line, Or) else (line,)


def _is_plain(near: Near) -> bool:
    """Tell whether alternatives of plain words are near, which can be said pair by pair."""
    sides = (*_sides(near.left), *_sides(near.right))
    plain = all(isinstance(s, Word) and not {*"*?_"} & {*s.text} for s in sides)
    return plain and 2 < len(sides) <= _MOST_PAIRS and not near.ordered


def _pairs(near: Near) -> list[Line]:
    return [
        replace(near, left=left, right=right)
        for left in _sides(near.left)
        for right in _sides(near.right)
    ]


class Writer:
    """Writes a tree; ``missing`` grows by what has no equivalent."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self.missing: list[str] = []
        self._by_kind: Mapping[type, Callable[[Any], str]] = {
            Word: lambda line: self._pattern(line.text),
            Phrase: self._phrase,
            And: lambda line: self._joined("AND", line.children),
            Or: lambda line: self._joined("OR", line.children),
            Not: lambda line: self._joined("NOT", (line.left, line.right)),
            Near: self._near,
            InFields: self._in_fields,
            Heading: self._heading,
            Years: self._years,
            Native: self._native,
            Reference: lambda line: writing.reference(line.line),
            Everything: self._everything,
        }

    def whole(self, line: Line) -> str:
        """Return a tree as a line, with the years that it is limited to behind it, if need be."""
        text = self._writing.whole(line)
        if text is not None:
            return text
        parts = line.children if isinstance(line, And) else ()
        years = [part for part in parts if isinstance(part, Years)]
        rest = [part for part in parts if not isinstance(part, Years)]
        if self._writing.limited is None or not years or not rest:
            return self.write(line)
        low = max((part.low for part in years if part.low is not None), default=None)
        high = min((part.high for part in years if part.high is not None), default=None)
        return f"{self.write(joined(And, rest))} {self._writing.limited(Years(low, high))}"

    def write(self, line: Line) -> str:
        """Return a tree as a line; nothing for what can't be said at all."""
        return self._by_kind[type(line)](line)

    def _joined(self, operator: str, lines: Sequence[Line]) -> str:
        numbers = [line.line for line in lines if isinstance(line, Reference)]
        shortly = self._writing.references
        if shortly and operator != "NOT" and len(numbers) == len(lines) >= _MANY:
            return shortly(operator, ranges(numbers, self._writing.reference))
        apart = self._near_side if self._writing.or_before_near else self._operand
        return f" {self._writing.operators[operator]} ".join(filter(None, map(apart, lines)))

    def _operand(self, line: Line) -> str:
        text = self.write(line)
        return f"({text})" if isinstance(line, And | Or | Not) else text

    def _phrase(self, line: Phrase, fields: tuple[str, ...] | None = None) -> str:
        text = self._writing.phrase([self._pattern(word) for word in line.words])
        if text is not None:
            return text
        self.missing.append(f"the pattern inside {' '.join(line.words)!r}; written as AND")
        return f"({self.write(of_words(And(tuple(map(Word, line.words))), fields))})"

    def _near(self, line: Near) -> str:
        left, right = self._near_side(line.left), self._near_side(line.right)
        text = self._writing.near(left, right, line.distance, line.ordered)
        if text is None:
            self.missing.append(f"nearness of {left} and {right}; written as AND")
            return f"({left} {self._writing.operators['AND']} {right})"
        return text

    def _near_side(self, line: Line) -> str:
        text = self._operand(line)
        return f"({text})" if isinstance(line, Near) else text

    def _in_fields(self, line: InFields) -> str:
        child, fields = line.child, line.fields
        if len(fields) > 1 and _combines(child) and not self._writing.together(fields):
            return f"({self.write(_parted(child, fields))})"
        if isinstance(child, Near) and self._writing.near_in_fields:
            left, right = self._near_side(child.left), self._near_side(child.right)
            text = self._writing.near_in_fields(left, right, child.distance, child.ordered, fields)
            if text is not None:
                return text
            if self._writing.field_of_word:
                self.missing.append(f"nearness of {left} and {right}; written as AND")
                return f"({self.write(of_words(And((child.left, child.right)), fields))})"
        words = child.words if isinstance(child, Phrase) else ()
        if isinstance(child, Phrase) and self._writing.phrase(words) is None:
            return self._phrase(child, fields)
        inner = self.write(child)
        inner = inner if isinstance(child, Word | Phrase) else f"({inner})"
        text = self._writing.in_fields(inner, fields)
        if text is None:
            self.missing.append(f"the fields {', '.join(fields)}; written without them")
        return inner if text is None else text

    def _heading(self, line: Heading) -> str:
        text = self._writing.heading(line)
        if text is None:
            self.missing.append(f"the subject heading {line.text}; written as its words")
            return self._writing.phrase(line.text.split()) or line.text
        return text

    def _years(self, line: Years) -> str:
        text = self._writing.years(line)
        if text is None:
            self.missing.append(f"the years {line.low or ''}..{line.high or ''}; left out")
        return text or ""

    def _native(self, line: Native) -> str:
        text = to_text(line.tree)
        if not self._writing.native:
            self.missing.append(f"{text}; written as it is in our own language")
        return text

    def _everything(self, _: Everything) -> str:
        self.missing.append("all records")
        return ""

    def _pattern(self, word: str) -> str:
        many, optional, one = self._writing.wildcards
        for sign, own in (("?", optional), ("_", one)):
            if sign in word and own is None:
                self.missing.append(f"{sign!r} in {word}; written as {many!r}")
        signs = {"*": many, "?": optional or many, "_": one or many}
        return "".join(signs.get(c, c) for c in word)
