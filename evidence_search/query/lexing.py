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

TEXT_FIELDS = ("title", "summary", "publisher", "keyword", "author", "journal")
LABEL_FIELDS = (
    "category", "jurisdiction", "cell", "matrix", "column", "row", "decade", "type", "language",
    "list", "source", "doi", "pmid",
)  # fmt: skip
SETS = {"tiab": ("title", "summary"), "text": ("title", "summary", "keyword")}
"""Names for several fields: a record matches in any of them."""
FIELDS = (*TEXT_FIELDS, *LABEL_FIELDS, *SETS, "year")
"""Names that may stand before a colon."""

ALIASES = {
    "ti": "title", "ab": "summary", "abstract": "summary", "pub": "publisher", "pb": "publisher",
    "kw": "keyword", "keywords": "keyword", "cat": "category", "country": "jurisdiction",
    "place": "jurisdiction", "yr": "year", "py": "year", "date": "year", "au": "author",
    "by": "author", "authors": "author", "so": "journal", "jn": "journal", "ta": "journal",
    "jour": "journal", "pt": "type", "la": "language", "lang": "language", "file": "source",
}  # fmt: skip
"""Other names for fields, as other databases and hurried people write them."""

_TAGS = {
    "title": "title", "m_titl": "title", "ot": "title", "title/abstract": "tiab", "tw": "tiab",
    "text word": "tiab", "text words": "tiab", "ts": "text", "mp": "text",
    "title-abs-key": "text", "title-abs": "tiab", "key": "keyword", "mh": "keyword",
    "mesh": "keyword", "mesh terms": "keyword", "su": "keyword", "majr": "keyword",
    "mesh major topic": "keyword", "kf": "keyword", "hw": "keyword", "sh": "keyword",
    "de": "keyword", "1au": "author", "fau": "author", "auth": "author",
    "author name": "author", "dp": "year", "pdat": "year", "publication date": "year",
    "pubyear": "year", "srctitle": "journal", "publication type": "type", "pmid": "pmid",
    "aid": "doi", "af": "", "all": "", "all fields": "", "tx": "", "mw": "keyword",
}  # fmt: skip
"""What other databases call a field, and what it is here; all text is the empty one."""

MAX_DEPTH = 40
MAX_CLAUSES = 1024
MAX_LENGTH = 20_000
"""Characters; it takes in as many words as there may be, and more."""
MAX_SLOP = 99
_NEAR_ALONE = 6
"""Words on, for NEAR without a number, as the Cochrane Library has it."""

OPERATORS = frozenset({"AND", "OR", "NOT"})
NEAR = re.compile(
    r"(?:NEAR|ADJ|PRE|NEXT)/?\d{1,6}|[NW]/?\d{1,2}|W/\d{1,2}|ADJ|NEAR|NEXT", re.IGNORECASE
)
"""What stands between two things that are near each other, here and in other databases."""
WORD_CHARACTER = re.compile(r"[^\W_]")

_OPEN_QUOTES = '"“„«‟'
_QUOTES = '"“”„«»‟'
# Texts, which the re module compiles when they are first used: few queries need them.
_NAME = r"[A-Za-z]{2,12}"
_DOI = r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?10\.\d{4,9}(?:\.\d+)*/[^\s\"“”<>]+"
_PMID = (
    r"(?:https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/|pmid:?\s*)"
)
# Bounded, so that many marks of which none is closed take no longer than as many words.
_WITHIN = rf"\w[^'’‘{_QUOTES}()]{{0,300}}"
_LEX = rf"""
    (?P<space>\s+)
  | (?<![^\s(])(?P<doi>{_DOI})
  | (?<![^\s(]){_PMID}(?P<pmid>\d{{1,9}})/?(?![^\s)])
  | (?P<heading>(?<!\S)(?:exp\s+)\*?[A-Z][\w ,'’-]{{1,60}}/(?![\w/]))
  | (?P<range>(?<!\S)[a-z]{{2,12}}:\s*(?:[<>]=?\s*\d{{4}}|\d{{3}}0s(?!\w)
        |\d{{4}}\s*[-–:]\s*\d{{4}}(?!\w)|\d{{4}}[-–:](?=[\s)]|$)))
  | (?P<phrase>(?P<sign1>[+-]?)(?:(?P<field1>{_NAME})[:=]\s*)?(?:
        [{_OPEN_QUOTES}](?P<words>[^{_QUOTES}]*)[{_QUOTES}](?:~(?P<slop>\d{{1,6}}))?
      | (?<![^\s(:=])['‘](?P<single>{_WITHIN}(?:['’]{_WITHIN}){{0,9}})
        ['’](?=[\s)]|$)))
  | (?P<open>(?P<sign2>[+-]?)(?:(?P<field2>{_NAME}(?:-ABS(?:-KEY)?)?)[:=]?(?=\()
        |(?P<field3>{_NAME})[:=]\s+(?=\())?\()
  | (?P<close>\))
  | (?P<quote>[+-]?(?:[A-Za-z]+:)?[{_QUOTES}])
  | (?P<near>(?:{NEAR.pattern})(?=[\s()]|$))
  | (?P<code>\[(?:[A-Z0-9]{{2,5}}|[A-Z][A-Za-z]+(?:[ /-][A-Za-z]+){{0,3}})(?::~?\w+)?\])
  | (?P<word>[^\s()\[{_QUOTES}]+|\[)
    """
# Ovid's fields after a word or a parenthesis: "prison.ti,ab."
_CODES = "ti|ab|tw|mp|kw|kf|hw|sh|pt|au|af|jn|jw|mw|la|yr|in|id|nm|ot"
_SUFFIX = rf"\.({_CODES})((?:,(?:{_CODES}))*)\.?$"
TRUNCATED = r"(?<=[a-z]{2})(?:[$*](\d?)(?![0-9A-Z_])|#(?=[a-z]))"
_DASHES = r"(?:(?<=\s)|(?<=\()|^)[‐‑−](?=\w)"
_FULL_WIDTH = {n: n - 0xFEE0 for n in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
OPTIONAL = "\ue000"
"""One letter or none, also at the end of a word, where a question mark asks."""
PREFIXES = frozenset({"TI", "AB", "SU", "AU", "KW", "TX", "DE", "MH", "SO"})
"""Fields that EBSCO writes before a word, without a colon."""
PIECES = r"(?:\d,(?=\d{3}(?!\d))|[^/:,;|\\$#]|(?<=\d)/(?=\d))+"
"""What stays together where signs part words: "1,000" and "24/7", but "HIV" and "AIDS"."""
_YEARS = r"(?<![\w:])(\d{4}):(\d{4})(?![\w:])"
NUMBERED = r"S\d{1,3}"
_NUMBERED = r"#\d+|S\d{1,3}|(?:or|and)/\d+(?:[-,]\d+)*"


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
    if lexemes is None:
        lexemes = _balanced(_Lexer(text, notes).lexemes()[:MAX_CLAUSES], notes, len(text))
    if _is_shouted(lexemes):
        notes.hint("all is in capitals, so AND, OR and NOT were read as words", lexemes[0].start)
        return [x._replace(kind="word", text=x.text.lower()) for x in lexemes]
    _note_lower_case(lexemes, notes)
    return lexemes


def _plain(text: str) -> list[Lexeme] | None:
    """Return the lexemes of a query of letters and spaces only, as most are; others ``None``."""
    if not text.isascii() or not text.replace(" ", "").isalpha() or text.count(" ") >= MAX_CLAUSES:
        return None
    lexemes, start = [], 0
    for word in text.split(" "):
        if word in PREFIXES or word.upper() in {"NEAR", "ADJ", "NEXT"}:
            return None
        if word:
            lexemes.append(Lexeme(word if word in OPERATORS else "word", word, start))
        start += len(word) + 1
    return lexemes


class _Lexer:
    """Reads a text once; fields that stand after what they are about go back to it."""

    def __init__(self, text: str, notes: Notes) -> None:
        self._text = text
        self._notes = notes
        self._found: list[Lexeme] = []
        self._field: str | None = None

    def lexemes(self) -> list[Lexeme]:
        # One character for one, so that offsets hold.
        plain = re.sub(_DASHES, "-", self._text.translate(_FULL_WIDTH))
        for match in re.finditer(_LEX, plain, re.VERBOSE | re.IGNORECASE):
            if match["space"] is None:
                self._read(match)
            if len(self._found) > MAX_CLAUSES:
                instead = f"only the first {MAX_CLAUSES} were read"
                message = f"more than {MAX_CLAUSES} words and signs"
                self._notes.note(message, match.start(), instead)
                break
        return self._found

    def _read(self, match: re.Match[str]) -> None:  # noqa: C901, PLR0912 - a case for each kind
        start = match.start()
        if match["doi"] is not None:
            doi = match["doi"][match["doi"].index("10.") :].rstrip(".,;:")
            spare = max(0, doi.count(")") - doi.count("("))
            for _ in range(spare):
                doi = doi[: doi.rindex(")")].rstrip(".,;:")
            self._add(Lexeme("word", doi, start, field="doi"))
            self._found += [Lexeme("close", ")", match.end() - 1)] * spare
        elif match["pmid"] is not None:
            self._add(Lexeme("word", match["pmid"], start, field="pmid"))
        elif match["heading"] is not None:
            heading = match["heading"][4:-1].strip(" *")
            self._notes.hint(f"{match['heading']!r} was read as keyword:", start)
            self._add(Lexeme("phrase", heading, start, field="keyword"))
        elif match["range"] is not None:
            name, _, years = match["range"].partition(":")
            if ALIASES.get(name.lower(), name.lower()) == "year":
                self._add(Lexeme("word", years.replace(" ", ""), start, field="year"))
            else:
                self._words(match["range"], start)
        elif match["phrase"] is not None:
            field = self._named(match["field1"], start)
            text = match["words"] if match["words"] is not None else match["single"]
            slop = min(int(match["slop"] or 0), MAX_SLOP)
            self._add(Lexeme("phrase", text, start, match["sign1"], field, slop))
        elif match["open"] is not None:
            self._open(match, start)
        elif match["near"] is not None:
            self._near(match["near"], start)
        elif match["close"] is not None:
            self._found.append(Lexeme("close", ")", start))
        elif match["quote"] is not None:
            self._notes.note("a quotation mark without its partner", start)
        elif match["code"] is not None:
            self._code(match["code"], start)
        else:
            self._words(match["word"], start)

    def _add(self, lexeme: Lexeme) -> None:
        if self._field is not None and lexeme.field is None:
            lexeme = lexeme._replace(field=self._field or None)
        self._field = None
        self._found.append(lexeme)

    def _named(self, name: str | None, start: int) -> str | None:
        """Return the field of a name before a colon; what is none is a word."""
        if name is None:
            return None
        field = ALIASES.get(name.lower(), name.lower())
        if field in FIELDS:
            return field
        message = f"{name!r} is not a field ({', '.join(FIELDS)})"
        self._notes.note(message, start, "read as a word")
        self._add(Lexeme("word", name, start))
        return None

    def _open(self, match: re.Match[str], start: int) -> None:
        name = match["field2"] or match["field3"]
        field = None
        if name is not None:
            colon = ":" in match["open"]
            known = _tag(name)
            if name.upper() in {"AND", "OR", "NOT"}:
                self._found.append(Lexeme(name.upper(), name, start))
            elif NEAR.fullmatch(name):
                self._near(name, start)
            elif known is not None and (colon or name.isupper()):
                field = known or None
                if not colon:
                    self._notes.hint(
                        f"{name!r} was read as the field {known or 'of all text'}", start
                    )
            elif colon:
                self._named(name, start)
            else:
                self._words(name, start)
        if self._field is not None and field is None:
            field = self._field or None
            self._field = None
        self._found.append(Lexeme("open", "(", start, match["sign2"], field))

    def _near(self, text: str, start: int) -> None:
        """Read an operator of nearness: ours and those of other databases, with their counting."""
        name, number = re.fullmatch(r"([A-Z]+)/?(\d*)", text.upper()).groups()  # type: ignore[union-attr]  # it is one
        alone = not number
        small = not text.isupper()
        word = small and ((alone and name != "ADJ") or (name in {"N", "W"} and "/" not in text))
        if word or (self._begins() and (alone or name in {"N", "W"})):
            self._word(text, start)
            return
        distance = int(number) if number else _NEAR_ALONE if name == "NEAR" else 1
        ordered = name in {"PRE", "NEXT"} or (name == "ADJ" and alone) or re.match(r"W\d", text)
        if name in {"N", "W"}:
            distance += 1  # they count the words between
        distance = min(max(distance, 1), MAX_SLOP)
        ours = f"{'PRE' if ordered else 'NEAR'}/{distance}"
        if alone or name in {"N", "W", "NEXT"}:
            self._notes.hint(f"{text!r} was read as {ours}", start)
        self._found.append(Lexeme("near", ours, start, number=distance))

    def _code(self, code: str, start: int) -> None:
        """Read ``[UK]`` as words and ``[tiab]`` as the field of what stands before it."""
        name, _, proximity = code[1:-1].partition(":")
        field = _tag(name)
        if field is None or not self._found:
            inside = code[1:-1]
            if (
                self._found
                and re.search(r"[a-z]", inside)
                and not inside.istitle()
                and "/" in inside
            ):
                self._notes.note(f"{code!r} is not a field", start)
                return
            for word in re.finditer(r"\S+", inside):
                self._words(word.group(), start + 1 + word.start())
            return
        if proximity.startswith("~") and self._found[-1].kind == "phrase":
            self._found[-1] = self._found[-1]._replace(number=int(proximity[1:] or 0))
        self._tagged(code, field, start)

    def _tagged(self, tag: str, field: str, start: int) -> None:
        """Give the lexeme before a tag, or all of its parenthesis, a field."""
        at, depth = len(self._found), 0
        while at > 0 and (depth or at == len(self._found)):
            at -= 1
            depth += {"close": 1, "open": -1}.get(self._found[at].kind, 0)
        if self._found[at].kind in {"word", "phrase", "open"} and not self._found[at].field:
            self._found[at] = self._found[at]._replace(field=field or None)
            self._notes.hint(f"{tag!r} was read as the field {field or 'of all text'}", start)
        else:
            self._notes.note(f"{tag!r}: a field without a word before it", start)

    def _words(self, word: str, start: int) -> None:
        if word in OPERATORS:
            self._found.append(Lexeme(word, word, start))
            return
        if re.fullmatch(_NUMBERED, word, re.IGNORECASE if "/" in word else 0):
            if word[0] != "S" or self._beside_operator(start + len(word)):
                self._notes.note(
                    f"{word!r}: a line of a strategy can't be referred to in a single search",
                    start, "read as a word",
                )  # fmt: skip
        if word in PREFIXES and self._begins() and self._text[start + len(word) :].strip(" )"):
            field = _tag(word) or ""
            self._notes.hint(f"{word!r} was read as the field {field or 'of all text'}", start)
            self._field = field
            return
        suffix = re.search(_SUFFIX, word, re.IGNORECASE)
        if suffix and (suffix.group().endswith(".") or suffix[2]):
            if suffix.start():
                self._words(word[: suffix.start()], start)
            if self._found:
                fields = [_tag(name) for name in (suffix[1] + suffix[2]).lower().split(",")]
                self._tagged(suffix.group(), _together(fields), start + suffix.start())
            return
        self._word(word, start)

    def _word(self, word: str, start: int) -> None:
        word = re.sub(TRUNCATED, _own_sign, word)
        word = re.sub(_YEARS, r"\1..\2", word)
        sign = word[0] if word[:1] in {"+", "-"} and WORD_CHARACTER.match(word[1:2]) else ""
        if ":" in word or "=" in word:
            field, rest = self._prefix(word[len(sign) :], start)
            if field is not None:
                if rest:
                    self._add(Lexeme("word", rest, start, sign, field or None))
                elif self._text[start + len(word) :].strip():
                    self._field = field
                return
        if not WORD_CHARACTER.search(word):
            if "*" in word or "~" in word or ":" in word:
                self._notes.note(f"{word[:20]!r} has no word to work on", start)
            return
        for match in re.finditer(PIECES, word[len(sign) :]):
            if WORD_CHARACTER.search(match.group()):
                self._add(Lexeme("word", match.group(), start + len(sign) + match.start(), sign))

    def _prefix(self, word: str, start: int) -> tuple[str | None, str]:
        """Return the field that a word begins with, ``None`` where there's none, and the rest."""
        match = re.match(r"([A-Za-z]+)([:=])", word)
        if match is None:
            return None, word
        name, sign = match.groups()
        rest = word[match.end() :]
        if sign == "=":
            return (_tag(name) if name.isupper() else None), rest
        field = ALIASES.get(name.lower(), name.lower())
        if field in FIELDS and (not rest or WORD_CHARACTER.search(rest)):
            return field, rest
        if rest[:1] not in {":", "/", ""} and WORD_CHARACTER.search(rest):
            message = f"{name!r} is not a field ({', '.join(FIELDS)})"
            self._notes.note(message, start, "read as a word")
        return None, word

    def _begins(self) -> bool:
        return not self._found or self._found[-1].kind in {*OPERATORS, "open"}

    def _beside_operator(self, end: int) -> bool:
        before = bool(self._found) and self._found[-1].kind in OPERATORS
        return before or re.match(r"\s+(?:AND|OR|NOT)\s", self._text[end:]) is not None


def _own_sign(match: re.Match[str]) -> str:
    """Return Ovid's truncation as ours: "$" any letters, "$2" up to two, "#" exactly one."""
    if match.group() == "#":
        return "_"
    return OPTIONAL * int(match[1]) if match[1] else "*"


def _tag(name: str) -> str | None:
    """Return the field that another database calls so; all text is ``""``."""
    name = name.lower()
    field = ALIASES.get(name, name)
    return field if field in FIELDS else _TAGS.get(name.split(":")[0])


def _together(fields: list[str | None]) -> str:
    """Return the field, or the set of fields, that has all of these."""
    named = {part for field in fields for part in SETS.get(field or "", (field,)) if part}
    if len(named) == 1:
        return named.pop() or ""
    fitting = (name for name, parts in SETS.items() if named and named.issubset(parts))
    return next(fitting, "")


def _balanced(lexemes: list[Lexeme], notes: Notes, end: int) -> list[Lexeme]:
    """Leave out parentheses that close nothing or are nested too deep, and close the open ones."""
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
        if not deep:
            message = "an opening parenthesis without its closing one"
            notes.note(message, lexemes[i].start, "closed at the end")
    if not all(keep) and len(lexemes) > MAX_DEPTH and not notes:
        notes.note(f"parentheses deeper than {MAX_DEPTH}", lexemes[keep.index(False)].start)
    closing = [Lexeme("close", ")", end) for _, deep in opened if not deep]
    return [lexeme for lexeme, kept in zip(lexemes, keep, strict=True) if kept] + closing


_LONG = 6


def _is_shouted(lexemes: list[Lexeme]) -> bool:
    """Tell whether all words, some of them long, are in capitals: no acronyms, but a heading."""
    texts = [x.text for x in lexemes if x.kind == "word"]
    return (
        any(x.kind in OPERATORS for x in lexemes)
        and all(x.kind == "word" or x.kind in OPERATORS for x in lexemes)
        and not any(x.field or x.sign for x in lexemes)
        and all(text == text.upper() for text in texts)
        and any(len(text) >= _LONG and text.isalpha() for text in texts)
    )


def _note_lower_case(lexemes: list[Lexeme], notes: Notes) -> None:
    """Note that a small "and", "or" or "not" between words is no operator."""
    for before, lexeme, after in zip(lexemes, lexemes[1:], lexemes[2:], strict=False):
        if lexeme.kind == "word" and lexeme.text in {"and", "or", "not"} and not lexeme.field:
            notes.hint(
                f"{lexeme.text!r} was read as a word: operators are written in capitals, "
                f"{lexeme.text.upper()}",
                lexeme.start,
            )
            if before.text.isdigit() and after.text.isdigit():
                notes.hint("lines of a strategy can't be referred to in a single search", 0)
            return


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
