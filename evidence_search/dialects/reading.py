"""What a dialect is made of, and what several share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.dialects.common import (
    EXPLODED,
    FILTER,
    HEADING,
    MAJOR,
    MAJOR_EXPLODED,
    as_filter,
    as_heading,
    references,
    whole_years,
    year_range,
)
from evidence_search.dialects.foreign import foreign
from evidence_search.dialects.grammar import NEAR, Rules, Token, parse
from evidence_search.dialects.limits import limited
from evidence_search.dialects.syntax import (
    And,
    Everything,
    Heading,
    InFields,
    Line,
    Near,
    Phrase,
    Reference,
    Word,
    depth,
    rewrite,
    without_everything,
)
from evidence_search.dialects.writer import Writer, as_phrases, of_words
from evidence_search.errors import QueryError
from evidence_search.query import Note
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from evidence_search.dialects.writer import Writing


MAX_DEEP = 150
"""Of a tree: "a NOT b NOT c" is three deep, as is what takes turns with AND from left to right."""


class Reading(NamedTuple):
    """A line as it was read, and notes on what could not be honoured (0-based places)."""

    line: Line
    notes: tuple[Note, ...] = ()


class Dialect(NamedTuple):
    """A platform's language.

    ``pattern`` cuts a line into named pieces, and ``token`` makes a token of each; it may return
    ``None`` for what is nothing, and add to the notes.  ``whole`` reads lines that follow another
    grammar altogether, such as limits.  ``marks`` are patterns that tell the dialect from others.
    ``arrange`` puts the tokens of a line into the order that the grammar reads.
    """

    name: str
    title: str
    pattern: str
    token: Callable[[re.Match[str], list[Note]], Token | None]
    rules: Rules
    writing: Writing
    marks: tuple[str, ...]
    whole: Callable[[str, list[Note]], Line | None] = lambda _text, _notes: None
    arrange: Callable[[list[Token]], list[Token]] = list

    def read(self, text: str, previous: int = 0) -> Reading:
        """Read one line of a strategy, without its number.

        ``previous`` (default 0, none) is the number of the line before it, which a limit without
        a number is of.  What can't be honoured is left out, with a note; a line of which nothing
        is left is all records.  One that only combines other lines is read alike in all
        dialects ("1 or 2", "#1 AND #2", "or/1-4"), and so are limits ("limit 3 to english").
        Raises :class:`QueryError` where operators stand more than ``MAX_DEEP`` in each other, or
        as many of nearness in a row.
        """
        notes: list[Note] = []
        line = combination(text, self.rules) or limited(text, notes, previous)
        line = line or self.whole(text, notes)
        ours = self.writing.native  # whose own parser has read all there is
        parsed = line is None and not ours
        if parsed:
            line = parse(self._tokens(text, notes), self.rules, notes)
        if line and (deep := depth(line)) > MAX_DEEP:
            raise QueryError(
                f"expected operators at most {MAX_DEEP} deep in each other; found {deep}: part the "
                "line into several"
            )
        if parsed:
            line = line and without_everything(_with_years_and_headings(line, text, notes))
            notes += foreign(text, self.name)
        if line is None or (isinstance(line, Everything) and not ours):
            left = "nothing else" if notes else "no word"
            place = len(text) if notes else 0
            notes.append(Note(f"{left} to search; read as all records", place))
        line = line or Everything()
        return Reading(line, tuple(sorted(set(notes), key=lambda note: note.position)))

    def mixed(self, text: str) -> int | None:
        """Return where AND and OR stand side by side in one pair of parentheses, if they do.

        So with OR and nearness, on a platform where OR binds closer.
        """
        pairs = [{"AND", "OR"}] + [{"near", "OR"}] * (self.rules.levels[-1] != NEAR)
        operators: list[set[str]] = [set()]
        for token in self._tokens(text, []):
            if token.kind == "open":
                operators.append(set())
            elif token.kind == "close" and len(operators) > 1:
                operators.pop()
            elif token.kind in {"AND", "OR", "near"}:
                operators[-1].add(token.kind)
                if any(token.kind in pair and pair <= operators[-1] for pair in pairs):
                    return token.start
        return None

    def _tokens(self, text: str, notes: list[Note]) -> list[Token]:
        matches = re.finditer(self.pattern, text, re.VERBOSE | re.IGNORECASE)
        return self.arrange([token for match in matches if (token := self.token(match, notes))])

    def write(self, line: Line) -> tuple[str, tuple[str, ...]]:
        """Return a tree as a line of this dialect, and what of it has no equivalent."""
        writer = Writer(self.writing)
        if self.writing.near("a", "b", 1, True) is None:
            line = as_phrases(line)
        line = of_words(line) if self.writing.field_of_word else line
        return writer.whole(line), tuple(dict.fromkeys(writer.missing))


_HEADINGS = {
    HEADING: (False, False),
    EXPLODED: (True, False),
    MAJOR: (False, True),
    MAJOR_EXPLODED: (True, True),
}


def _with_years_and_headings(  # noqa: C901 - a kind of field each
    line: Line, text: str, notes: list[Note]
) -> Line:
    """Read what stands in the field of years, headings or filters as that: alternatives too."""
    kind = line.fields[0] if isinstance(line, InFields) and line.fields else ""
    if not isinstance(line, InFields) or kind not in {"year", FILTER, *_HEADINGS}:
        return rewrite(line, lambda child: _with_years_and_headings(child, text, notes))

    def note(message: str, words: str) -> None:
        notes.append(Note(message, max(text.casefold().find(words.casefold()), 0)))

    def read(node: Line) -> Line:
        if isinstance(node, Near):
            note("years, headings and filters are never near; read as AND", "")
            return And((read(node.left), read(node.right)))
        if isinstance(node, Heading) and kind in _HEADINGS:
            return replace(node, major=_HEADINGS[kind][1])
        if not isinstance(node, Word | Phrase):
            return rewrite(node, read)
        words = node.text if isinstance(node, Word) else " ".join(node.words)
        if kind in _HEADINGS:
            if "/" in words:
                qualifier = words.partition("/")[2]
                note(f"the subheading {qualifier!r} isn't known here; left out", words)
            explode, major = _HEADINGS[kind]
            return as_heading(words, explode=explode, major=major)
        if kind == FILTER:
            found = as_filter(words)
            if found is None:
                note(f"the filter {words!r} isn't known here; left out", words)
            return found or Everything()
        years = year_range(words)
        if years and not whole_years(words):
            note(f"of {words!r} the years alone are searched", words)
        if years is None:
            note(f"expected years such as 2010 or 2010-2015, found {words!r}; left out", words)
        return years or Everything()

    return read(line.child)


_COMBINED = re.compile(r"\s*(or|and)\s*/\s*([\d,\s#S-]+)", re.IGNORECASE)
_COMBINATION = re.compile(
    r"[()] | \b(?:and\s+not|and|or|not)\b | [\#S]?(?P<line>\d{1,3})\b",
    re.IGNORECASE | re.VERBOSE,
)


def combination(text: str, rules: Rules) -> Line | None:
    """Read a line that has nothing but numbers of lines and operators; else return ``None``."""
    combined = _COMBINED.fullmatch(text)
    if combined:
        return references(combined[1], combined[2])
    if _COMBINATION.sub("", text).strip() or not re.search(r"\d", text):
        return None
    tokens: list[Token] = []
    for match in _COMBINATION.finditer(text):
        place = match.start()
        if match["line"]:
            tokens.append(Token("line", place, match[0], Reference(int(match["line"]))))
        else:
            word = " ".join(match[0].upper().split())
            kind = {"(": "open", ")": "close", "AND NOT": "NOT"}.get(word, word)
            tokens.append(Token(kind, place, match[0]))
    notes: list[Note] = []
    line = parse(tokens, rules, notes)
    return None if notes else line
