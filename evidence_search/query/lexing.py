"""Query text to lexemes: words, phrases, parentheses and operators, each with its place.

Every character of a query belongs to a lexeme, is white space or punctuation,
or gets a note.  Parentheses come out in pairs, so that the grammar after this
can't meet one without its partner.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import NamedTuple

from evidence_search.errors import QueryError

TEXT_FIELDS = ("title", "summary", "publisher", "keyword")
LABEL_FIELDS = ("category", "jurisdiction", "cell", "matrix", "column", "row", "decade")
FIELDS = (*TEXT_FIELDS, *LABEL_FIELDS, "year")
"""Names that may stand before a colon."""

ALIASES = {
    "ti": "title", "ab": "summary", "abstract": "summary", "pub": "publisher", "pb": "publisher",
    "kw": "keyword", "cat": "category", "type": "category", "country": "jurisdiction",
    "place": "jurisdiction", "yr": "year", "py": "year",
}  # fmt: skip
"""Other names for fields, as other databases and hurried people write them."""

MAX_DEPTH = 40
MAX_CLAUSES = 1024
MAX_LENGTH = 20_000
"""Characters; it takes in as many words as there may be, and more."""
MAX_SLOP = 99

OPERATORS = frozenset({"AND", "OR", "NOT"})
NEAR = re.compile(r"(?:NEAR/|ADJ/?)\d{1,6}", re.IGNORECASE)
WORD_CHARACTER = re.compile(r"[^\W_]")

_OPEN_QUOTES = '"“„«‟'
_QUOTES = '"“”„«»‟'
# Texts, which the re module compiles when they are first used: few queries need them.
_LEX = rf"""
    (?P<space>\s+)
  | (?P<phrase>(?P<sign1>[+-]?)(?:(?P<field1>[A-Za-z]+):)?
        [{_OPEN_QUOTES}](?P<words>[^{_QUOTES}]*)[{_QUOTES}](?:~(?P<slop>\d{{1,6}}))?)
  | (?P<open>(?P<sign2>[+-]?)(?:(?P<field2>[A-Za-z]+):)?\()
  | (?P<close>\))
  | (?P<quote>[+-]?(?:[A-Za-z]+:)?[{_QUOTES}])
  | (?P<near>(?:NEAR/|ADJ/?)(?P<distance>\d{{1,6}})(?=[\s()]|$))
  | (?P<code>\[(?:[A-Z]{{2,4}}|MeSH[ ]?[A-Z]*|Title(?:/Abstract)?|Abstract)\])
  | (?P<word>[^\s()\[{_QUOTES}]+|\[)
    """
_CODES = frozenset("ti ab tiab tw mh mesh majr pt dp au ad la ta kw title abstract".split())
# Ovid's fields after a word: "prison.ti,ab."
_SUFFIX = r"\.(?:ti|ab|tw|mp|kw|kf|hw|sh|pt)(?:,(?:ti|ab|tw|mp|kw|kf|hw|sh|pt))*\.$"
_TRUNCATED = r"(?<=[a-z]{3})\$$"
_DASHES = r"(?:(?<=\s)|(?<=\()|^)[‐‑‒–—−](?=\w)"
_FULL_WIDTH = {n: n - 0xFEE0 for n in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class Note(NamedTuple):
    """Something of a query that was read literally or left out, and where (0-based offset)."""

    message: str
    position: int


class Notes(list[Note]):
    """Notes on a query; when ``strict``, the first one is a :class:`QueryError` instead."""

    def __init__(self, text: str, *, strict: bool) -> None:
        super().__init__()
        self._text = text
        self._strict = strict

    def note(self, message: str, position: int, instead: str = "left out") -> None:
        """Note what is wrong at ``position``, and what is done ``instead`` of refusing it."""
        if self._strict:
            raise QueryError(f"{message}\n{caret(self._text, position)}", position)
        self.hint(f"{message}; {instead}", position)

    def hint(self, message: str, position: int) -> None:
        """Note what is right, but perhaps not what was meant."""
        if not self or self[-1].message != message:
            self.append(Note(message, position))


class Lexeme(NamedTuple):
    """A piece of a query.

    ``kind`` is ``"word"``, ``"phrase"``, ``"open"``, ``"close"``, ``"near"``,
    or the operator that it is.  ``number`` is the slop of a phrase, or the
    distance of ``NEAR``.
    """

    kind: str
    text: str
    start: int
    sign: str = ""
    field: str | None = None
    number: int = 0


def lex(text: str, notes: Notes) -> list[Lexeme]:
    """Return the lexemes of ``text``, at most ``MAX_CLAUSES``, parentheses in pairs.

    Nor are there more words than that, whether by themselves, in phrases or hyphenated.
    """
    if len(text) > MAX_LENGTH:
        instead = f"only the first {MAX_LENGTH} were read"
        notes.note(f"more than {MAX_LENGTH} characters", MAX_LENGTH, instead)
        text = text[:MAX_LENGTH]
    if len(text) > 2 * MAX_CLAUSES:
        beyond = next(islice(re.finditer(r"[^\W_]+", text), MAX_CLAUSES, None), None)
        if beyond:
            instead = f"only the first {MAX_CLAUSES} were read"
            notes.note(f"more than {MAX_CLAUSES} words", beyond.start(), instead)
            text = text[: beyond.start()]
    lexemes = _plain(text)
    if lexemes is not None:
        _note_lower_case(lexemes, notes)
        return lexemes
    lexemes = []
    # One character for one, so that offsets hold.
    plain = re.sub(_DASHES, "-", text.translate(_FULL_WIDTH))
    for match in re.finditer(_LEX, plain, re.VERBOSE | re.IGNORECASE):
        lexemes.extend(_lexemes(match, notes))
        if len(lexemes) > MAX_CLAUSES:
            instead = f"only the first {MAX_CLAUSES} were read"
            notes.note(f"more than {MAX_CLAUSES} words and signs", match.start(), instead)
            break
    lexemes = _balanced(lexemes[:MAX_CLAUSES], notes)
    _note_lower_case(lexemes, notes)
    return lexemes


def _plain(text: str) -> list[Lexeme] | None:
    """Return the lexemes of a query of letters and spaces only, as most are; others ``None``."""
    if not text.isascii() or not text.replace(" ", "").isalpha() or text.count(" ") >= MAX_CLAUSES:
        return None
    lexemes, start = [], 0
    for word in text.split(" "):
        if word:
            lexemes.append(Lexeme(word if word in OPERATORS else "word", word, start))
        start += len(word) + 1
    return lexemes


def _lexemes(match: re.Match[str], notes: Notes) -> list[Lexeme]:
    start = match.start()
    if match["phrase"] is not None:
        field = _field(match["field1"], start, notes)
        slop = min(int(match["slop"] or 0), MAX_SLOP)
        return [Lexeme("phrase", match["words"], start, match["sign1"], field, slop)]
    if match["open"] is not None:
        field = _field(match["field2"], start, notes)
        return [Lexeme("open", "(", start, match["sign2"], field)]
    if match["near"] is not None:
        distance = min(max(int(match["distance"]), 1), MAX_SLOP)
        return [Lexeme("near", match["near"], start, number=distance)]
    if match["close"] is not None:
        return [Lexeme("close", ")", start)]
    if match["quote"] is not None:
        notes.note("a quotation mark without its partner", start)
    elif match["code"] is not None:
        return _code(match["code"], start, notes)
    elif match["word"] is not None:
        return _words(match["word"], start, notes)
    return []


def _field(name: str | None, start: int, notes: Notes) -> str | None:
    if name is None:
        return None
    field = ALIASES.get(name.lower(), name.lower())
    if field in FIELDS:
        return field
    notes.note(f"{name!r} is not a field ({', '.join(FIELDS)})", start, "read as a word")
    return None


def _code(code: str, start: int, notes: Notes) -> list[Lexeme]:
    """Read ``[UK]`` as a word and ``[tiab]`` as another database's way to name a field."""
    inside = code[1:-1]
    if inside.split("/")[0].split()[0].lower() not in _CODES:
        return _words(inside, start + 1, notes)
    notes.note(f"{code!r}: a field stands before its word here, as in title:word", start)
    return []


def _words(word: str, start: int, notes: Notes) -> list[Lexeme]:
    if word in OPERATORS:
        return [Lexeme(word, word, start)]
    suffix = re.search(_SUFFIX, word)
    if suffix:
        notes.note(
            f"{suffix.group()!r}: a field stands before its word here, as in title:word",
            start + suffix.start(),
        )
        word = word[: suffix.start()]
    word = re.sub(_TRUNCATED, "*", word)
    sign = word[0] if word[:1] in {"+", "-"} and WORD_CHARACTER.match(word[1:2]) else ""
    name, colon, rest = word[len(sign) :].partition(":")
    if colon and name.isalpha() and name.isascii() and WORD_CHARACTER.search(rest):
        field = _field(name, start, notes)
        if field is not None:
            return [Lexeme("word", rest, start, sign, field)]
    if not WORD_CHARACTER.search(word):
        if "*" in word or "~" in word or ":" in word:
            notes.note(f"{word[:20]!r} has no word to work on", start)
        return []
    return [
        Lexeme("word", match.group(), start + len(sign) + match.start(), sign)
        for match in re.finditer(r"[^/:,;|\\]+", word[len(sign) :])
        if WORD_CHARACTER.search(match.group())
    ]


def _balanced(lexemes: list[Lexeme], notes: Notes) -> list[Lexeme]:
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
                notes.note("a closing parenthesis without its opening one", lexeme.start)
                continue
            _, deep = opened.pop()
            depth -= not deep
            keep[i] = not deep
    for i, deep in opened:
        keep[i] = False
        if not deep:
            notes.note("an opening parenthesis without its closing one", lexemes[i].start)
    if not all(keep) and len(lexemes) > MAX_DEPTH and not notes:
        notes.note(f"parentheses deeper than {MAX_DEPTH}", lexemes[keep.index(False)].start)
    return [lexeme for lexeme, kept in zip(lexemes, keep, strict=True) if kept]


def _note_lower_case(lexemes: list[Lexeme], notes: Notes) -> None:
    """Note an "and" beside what only a practised searcher types: it may be meant as AND."""
    for before, lexeme, after in zip(lexemes, lexemes[1:], lexemes[2:], strict=False):
        if lexeme.kind == "word" and lexeme.text in {"and", "or", "not"} and not lexeme.field:
            if _is_syntax(before) or _is_syntax(after):
                notes.hint(
                    f"{lexeme.text!r} was read as a word: operators are written in capitals, "
                    f"{lexeme.text.upper()}",
                    lexeme.start,
                )


def _is_syntax(lexeme: Lexeme) -> bool:
    return lexeme.kind != "word" or bool(lexeme.field) or lexeme.text.endswith("*")


def caret(text: str, position: int) -> str:
    """Return the line of ``text`` around ``position``, indented, and a caret under the place.

    Widths are those of a terminal: nothing for a combining character, two
    columns for a wide one.
    """
    start = max(0, position - 40)
    while start and unicodedata.combining(text[start]):
        start -= 1
    line = [
        c if c.isprintable() else " " if c.isspace() else "·" for c in text[start : position + 40]
    ]
    before = columns("".join(line[: position - start]))
    return f"  {''.join(line)}\n  {' ' * before}^"


def columns(text: str) -> int:
    """Return how many columns of a terminal printable text takes."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
