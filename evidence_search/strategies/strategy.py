"""A strategy: the lines of a text, each read as its platform would.

A line may have a number ("1.", "#1", "S1", or a column of them) and the count that the platform
gave, behind it or, as Web of Science had it, between the number and the search; lines that begin
with ``# `` or ``//`` are comments.  Where lines are numbered, what has no number goes on with the
line above it, or, after a blank line or before the first number, is a comment: exports begin with
the names of databases.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import TYPE_CHECKING

from evidence_search.dialects import DIALECTS, dialect
from evidence_search.dialects.syntax import Line, Reference, walk
from evidence_search.errors import QueryError, StrategyError
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.query import Note

MAX_LINES = 999
MAX_LENGTH = 1_000_000
"""Characters of a whole strategy."""

_NUMBERED = re.compile(
    r"\s*(?:[#SL]?(\d{1,3}(?=[.):\s])|\d{4}(?=\.\s|\t))[.):]?\s*)(?=\S)(?!(?:AND|OR|NOT)\s)(.*)",
    re.IGNORECASE | re.DOTALL,
)
"""The number of a line, and its search. Four digits are a year, but before a full stop or a tab."""
_BEYOND = re.compile(rf"\s*{MAX_LINES + 1}\s+(?=\S)(.*)", re.DOTALL)
"""The line behind the last that is allowed, whose number would be taken for a year."""
_COUNT_FIRST = re.compile(r"\s*(?:# (\d{1,3})\s+|#?(\d{1,3})\t)(\d[\d,]*)\s+(?=\S)(.*)", re.DOTALL)
"""A row of Web of Science's older history: "# 4", the count, and the search."""
_COMMENT = re.compile(r"\s*(?:#(?!\d)|//)")
_COUNT = re.compile(r"(?:\s*\t\s*|\s{2,}|\s+(?=\())\(?(\d[\d,. ]*)\)?\s*$")
_RESULTS = re.compile(
    r"\s+(?:(?:Date Run:.*?)?\bResults:\s*(\d[\d,]*)|(\d[\d,]*)\s+(?:document\s+)?results?)\s*$"
)
"""The count of Web of Science ("Date Run: … Results: 12") and of Scopus ("12 document results")."""
_HEADED = re.compile(r"(?i)\b(?:hits|results?|records)\s*$")
_LAST_NUMBER = re.compile(r"\s(\d[\d,]*)\s*$")
_OPERATOR_LAST = re.compile(r"(?:\b(?:AND|OR|NOT)|\()\s*$", re.IGNORECASE)
_OPERATOR_FIRST = re.compile(r"\s*(?:(?:AND|OR|NOT)\b(?!/)|\))", re.IGNORECASE)


class StrategyLine(Value):
    """One search of a strategy.

    ``number`` is what other lines refer to; ``text`` the search as it was written; ``line`` as it
    was read; ``notes`` what could not be honoured (0-based places in ``text``); ``place`` and
    ``column`` are the line and column of the file where it begins (from 1); ``reported`` the count
    that the file gives for it.  ``rows`` are where in ``text`` the rows begin that it goes on
    over, each with its line and column in the file.
    """

    number: int
    text: str
    line: Line
    notes: tuple[Note, ...] = ()
    place: int = 1
    column: int = 1
    reported: int | None = None
    rows: tuple[tuple[int, int, int], ...] = ()

    def at(self, position: int) -> tuple[int, int]:
        """Return the line and column of the file where a place in ``text`` stands."""
        begin, place, column = max(
            row for row in ((0, self.place, self.column), *self.rows) if row[0] <= position
        )
        return place, column + position - begin

    @property
    def references(self) -> tuple[int, ...]:
        """The numbers of the lines that it combines, each once, in order."""
        found = (node.line for node in walk(self.line) if isinstance(node, Reference))
        return tuple(dict.fromkeys(found))


class Strategy(Value):
    """The lines of a strategy in the order in which they are written.

    ``dialect`` is a name of ``DIALECTS``; ``recognised`` tells that it was not named but told by
    its marks; ``comments`` pair a line of the file (from 1) with its text.
    """

    name: str
    dialect: str
    lines: tuple[StrategyLine, ...]
    comments: tuple[tuple[int, str], ...] = ()
    recognised: bool = False

    def line(self, number: int) -> StrategyLine:
        """Return the line of a number; raises :class:`StrategyError` where there's none."""
        for line in self.lines:
            if line.number == number:
                return line
        numbers = ", ".join(str(line.number) for line in self.lines[:20])
        raise StrategyError(f"{self.name}: expected a line of {numbers}; found {number}")

    @property
    def last(self) -> StrategyLine:
        """The line whose records are the result: the one with the highest number."""
        return max(self.lines, key=lambda line: line.number)


class _Written(Value):
    """A line before it is read."""

    number: int | None
    text: str
    place: int
    column: int
    rows: tuple[tuple[int, int, int], ...] = ()
    reported: int | None = None


def read_strategy(
    text: str, *, name: str = "strategy", dialect_name: str | None = None
) -> Strategy:
    """Read a strategy.

    ``name`` (default "strategy") is what messages call it, such as the name of its file;
    ``dialect_name`` is one of ``DIALECTS``, and told by the marks of the text where it is ``None``
    (the default).  Raises :class:`StrategyError` for a text without a search, with too many lines,
    or with two lines of one number, and :class:`QueryError` for an unknown dialect.
    """
    if len(text) > MAX_LENGTH:
        raise StrategyError(
            f"{name}: expected at most {MAX_LENGTH} characters of strategy; found {len(text)}"
        )
    comments: list[tuple[int, str]] = []
    if _HISTORY.match(text):
        written = _history(text, name)
    else:
        rows, comments = _cut(text.splitlines())
        written = _parted(rows, comments)
    if not written:
        raise StrategyError(f"{name}: expected a line with a search; found none")
    if len(written) > MAX_LINES:
        raise StrategyError(f"{name}: expected at most {MAX_LINES} lines; found {len(written)}")
    found = dialect_name or recognised("\n".join(line.text for line in written))
    lines = _read(written, name, found)
    return Strategy(name, found, lines, tuple(comments), dialect_name is None)


def strategy_of(
    lines: Iterable[tuple[int, str]], *, name: str = "strategy", dialect_name: str
) -> Strategy:
    """Return a strategy of lines that are known already, each a number and its search.

    Raises :class:`StrategyError` for two lines of one number, and :class:`QueryError` for an
    unknown dialect.
    """
    written = [_Written(number, text, place, 1) for place, (number, text) in enumerate(lines, 1)]
    return Strategy(name, dialect_name, _read(written, name, dialect_name))


def _read(written: Iterable[_Written], name: str, dialect_name: str) -> tuple[StrategyLine, ...]:
    """Read each line as the dialect has it."""
    language = dialect(dialect_name)
    lines: dict[int, StrategyLine] = {}
    previous = 0
    for position, line in enumerate(written, 1):
        number = line.number or position
        if number in lines:
            raise StrategyError(
                f"{name}:{line.place}: expected each number once; found {number} again, after "
                f"line {lines[number].place}: number the lines anew"
            )
        try:
            reading = language.read(line.text, previous)
        except QueryError as error:
            raise StrategyError(f"{name}:{line.place}: {error}") from error
        previous = number
        lines[number] = StrategyLine(
            number,
            line.text,
            reading.line,
            reading.notes,
            line.place,
            line.column,
            line.reported,
            line.rows,
        )
    return tuple(lines.values())


def recognised(text: str) -> str:
    """Return the name of the dialect whose marks a text has most of; without any, ours."""
    counts = {
        name: sum(len(re.findall(mark, text)) for mark in dialect(name).marks) for name in DIALECTS
    }
    return max(counts, key=lambda name: counts[name])


def _cut(rows: Sequence[str]) -> tuple[list[_Written], list[tuple[int, str]]]:
    """Return the searches of a text, those that go on over several rows whole, and its comments."""
    numbered = _is_numbered(rows)
    begun: list[tuple[_Written, list[tuple[str, int, int]]]] = []
    comments: list[tuple[int, str]] = []
    after_blank, before = True, ""
    for place, row in enumerate(rows, 1):
        if not row.strip():
            after_blank = True
            continue
        line = _numbered(row, place) if numbered else None
        last = begun[-1][0].number if begun else None
        if not line and last == MAX_LINES and (beyond := _BEYOND.fullmatch(row)):
            line = _Written(MAX_LINES + 1, beyond[1].strip(), place, beyond.start(1) + 1)
        text, column = row.strip(), len(row) - len(row.lstrip()) + 1
        if _COMMENT.match(row) and not line:
            comments.append((place, text))
        elif line:
            begun.append((line, []))
            before = line.text
        elif begun and _goes_on(before, row, numbered=numbered, apart=after_blank):
            begun[-1][1].append((text, place, column))
            before = text
        elif numbered:
            comments.append((place, text))
        else:
            begun.append((_Written(None, text, place, column), []))
            before = text
        after_blank = False
    return [_whole(line, more) for line, more in begun], comments


def _whole(line: _Written, more: Iterable[tuple[str, int, int]]) -> _Written:
    """Return a line with the rows that it goes on over, each its text, line and column."""
    texts, rows, end = [line.text], [], len(line.text)
    for text, place, column in more:
        texts.append(text)
        rows.append((end + 1, place, column))
        end += 1 + len(text)
    return replace(line, text=" ".join(texts), rows=tuple(rows))


def _numbered(row: str, place: int) -> _Written | None:
    """Return the search of a row that begins with a number, else ``None``."""
    first = _COUNT_FIRST.fullmatch(row)
    if first:
        number, text, column = int(first[1] or first[2]), first[4].strip(), first.start(4) + 1
        return _Written(number, text, place, column, reported=_number(first[3]))
    match = _NUMBERED.fullmatch(row)
    return _Written(int(match[1]), match[2].strip(), place, match.start(2) + 1) if match else None


def _goes_on(before: str, row: str, *, numbered: bool, apart: bool) -> bool:
    """Tell whether a row goes on with the line whose last row is the one ``before``."""
    if _OPERATOR_LAST.search(before) or _OPERATOR_FIRST.match(row):
        return True
    return numbered and not apart


def _is_numbered(rows: Sequence[str]) -> bool:
    """Tell whether most rows begin with numbers that rise by one, or fall: newest first."""
    numbers = list(_numbers(rows))
    if len(numbers) == 1:
        return numbers[0] == 1
    steps = [b - a for a, b in itertools.pairwise(numbers)]
    return bool(steps) and (steps.count(1) > len(steps) / 2 or steps.count(-1) > len(steps) / 2)


def _numbers(rows: Sequence[str]) -> Iterator[int]:
    for row in rows:
        line = _numbered(row, 0)
        if line and line.number is not None:
            yield line.number


def _parted(written: Sequence[_Written], comments: Iterable[tuple[int, str]]) -> list[_Written]:
    """Part numbered lines and the counts behind them.

    A count stands after a tab or spaces, or in parentheses; under a heading "ID Search Hits" one
    space is enough, where every line has one.
    """
    headed = any(_HEADED.search(text) for _, text in comments)
    loose = headed and all(_LAST_NUMBER.search(line.text) for line in written)
    return [_without_count(line, _LAST_NUMBER if loose else _COUNT) for line in written]


def _without_count(line: _Written, pattern: re.Pattern[str]) -> _Written:
    if line.number is None or line.reported is not None:
        return line
    match = _RESULTS.search(line.text) or pattern.search(line.text)
    if not match or not line.text[: match.start()].strip():
        return line
    count = _number(match[match.lastindex or 1])
    return replace(line, text=line.text[: match.start()].rstrip(), reported=count)


def _number(text: str) -> int | None:
    digits = re.sub(r"[^0-9]", "", text)
    return int(digits) if 0 < len(digits) < 16 else None


_HISTORY = re.compile(r"\ufeff?\s*\"?Search number\"?,\"?Query\"?,", re.IGNORECASE)


def _history(text: str, name: str) -> list[_Written]:
    """Return the searches of PubMed's history, as it is downloaded: a table, newest first."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff \n")))
    written = []
    try:
        for row in rows:
            number, query = (row.get("Search number") or "").strip(), row.get("Query") or ""
            if re.fullmatch(r"[0-9]{1,3}", number) and query.strip():
                names = filter(None, map(str.strip, (row.get("Filters") or "").split(",")))
                filters = "".join(f" AND ({name}[Filter])" for name in names)
                search = f"({query}){filters}" if filters else query
                place, column = rows.line_num, len(number) + 2
                count = _number(row.get("Results") or "")
                written.append(_Written(int(number), search, place, column, (), count))
    except csv.Error as error:
        raise StrategyError(f"{name}: expected PubMed's history as CSV; {error}") from error
    return written
