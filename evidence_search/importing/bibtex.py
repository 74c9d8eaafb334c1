r"""BibTeX and biblatex, as programs and people write them.

Read here rather than with bibtexparser: a missing key or comma, or an "@" at the
beginning of a line of an abstract, costs it the entry, and it keeps "a # b" as it is.
LaTeX's commands are decoded by pylatexenc.

Source: Patashnik, "BibTeXing" (1988); the manual of biblatex.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.errors import MissingExtraError
from evidence_search.importing.entries import NAMES, Entry, Tags
from evidence_search.importing.types import BIBTEX
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

START = lazy_pattern(
    r"(?:^|(?<=\}))[ \t]*@[A-Za-z]+\s{0,20}[{(]\s{0,20}(?:[^\s,{}()\"=#]{0,200}\s{0,20},)?\s{0,20}"
    r"[A-Za-z][\w:-]{0,60}\s{0,20}=\s{0,20}[\"{\w]",
    re.MULTILINE,
)
"""The beginning of an entry: its type, key and first field."""
_HEAD = lazy_pattern(r"@\s*([A-Za-z]+)\s*([{(])\s*")
_KEY = lazy_pattern(r"([^\s,{}()\"=#]*)\s*(?:,|(?=[})]))\s*")
_NAME = lazy_pattern(r"[\s,]*([^\s=,{}()\"#%']+)\s*=")
_BRACE = lazy_pattern(r"\\.|[{}]", re.DOTALL)
_QUOTE = lazy_pattern(r"\\.|[{}\"]", re.DOTALL)
_WORD = lazy_pattern(r"[^\s,{}()\"#=]+")
_SPACE = lazy_pattern(r"\s*")

_TAGS = Tags("""
    title: title
    journal: journal journaltitle booktitle maintitle
    container-title-short: shortjournal abbrev_source_title journal-iso
    title-short: shorttitle
    author: author
    editor: editor
    translator: translator
    summary: abstract
    year: year date
    month: month
    day: day
    volume: volume
    issue: number issue
    pages: pages art_number
    publisher: publisher institution school organization
    place: address location
    edition: edition
    collection-title: series
    doi: doi
    url: url howpublished
    accessed: urldate
    issn: issn
    isbn: isbn
    pmid: pmid
    pmcid: pmcid pmc
    language: language langid
    keywords: keywords author_keywords keyword keywords-plus mendeley-tags
    notes: note annote annotation notes comment
    accession: unique-id accession
    database: source database
    genre: document_type type
""")
_PERSONS = NAMES | {"author", "editor", "translator"}
_NUMBERED = lazy_pattern(r"(.+)-\d+$")
_ADDRESSES = frozenset({"doi", "url", "howpublished", "eprint", "file"})  # not LaTeX: a % is a %
_LISTS = frozenset({"keywords", "author_keywords", "keyword", "keywords-plus", "mendeley-tags"})
_MAX_REUSED = 20_000_000
"""Characters of a file that may come of names of strings, and as many from parents: a few lines
could ask for more than any memory has."""
_MAX_ENTRY = 1_000_000
"""Characters of an entry; LaTeX takes long to decode."""
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


class _Raw(NamedTuple):
    """An entry with its fields as written, in braces or quotes no more."""

    line: int
    kind: str
    key: str
    fields: dict[str, str]
    wrong: str


def bibtex(text: str) -> Iterator[Entry]:
    """Read BibTeX; an entry with a ``crossref`` has what it lacks from its parent."""
    raws = list(_raws(text))
    parents = {raw.key.lower(): raw for raw in raws if raw.key}
    if not raws:
        yield Entry(1, {}, "expected BibTeX entries, each beginning with “@article{…”; found none")
    room = _MAX_REUSED
    for raw in raws:
        if raw.wrong:
            yield Entry(raw.line, {}, raw.wrong)
            continue
        fields = dict(raw.fields)
        parent = parents.get(fields.get("crossref", "").lower())
        if parent and parent is not raw:
            inherited = {
                name: value
                for name, value in parent.fields.items()
                if name == "title" or name not in fields
            }
            reused = sum(map(len, inherited.values()))
            if reused > room:
                yield Entry(raw.line, {}, _too_much("crossref"))
                continue
            room -= reused
            title = inherited.pop("title", None)
            if title:
                inherited.setdefault("booktitle", title)
            fields = {**inherited, **fields}
            fields.pop("crossref")
        size = sum(map(len, fields.values()))
        if size > _MAX_ENTRY:
            yield Entry(raw.line, {}, f"expected at most {_MAX_ENTRY} characters, found {size}")
            continue
        try:
            decoded = _decoded(raw, fields)
        except RecursionError:
            yield Entry(raw.line, {}, "expected LaTeX, found braces nested too deeply")
        else:
            yield Entry(raw.line, decoded, given_first=True)


def _raws(text: str) -> Iterator[_Raw]:
    starts = [*(match.start() for match in START.finditer(text)), len(text)]
    strings: dict[str, str] = {name: name for name in _MONTHS}
    room = _MAX_REUSED
    line, at = 1, 0
    for begin, end in pairwise(starts):
        place = begin
        while head := _HEAD.search(text, place, end):
            line += text.count("\n", at, head.start())
            at = head.start()
            raw, place = _raw(text, head, end, line, strings)
            reused = max(0, sum(map(len, raw.fields.values())) - (place - head.start()))
            if reused > room:
                yield _Raw(line, raw.kind, "", {}, _too_much("names of @string"))
                continue
            room -= reused
            if raw.kind == "string" and not raw.wrong:
                strings.update((name.lower(), value) for name, value in raw.fields.items())
            elif raw.kind not in {"comment", "preamble", "string"} and (raw.wrong or raw.fields):
                yield raw


def _raw(
    text: str, head: re.Match[str], end: int, line: int, strings: Mapping[str, str]
) -> tuple[_Raw, int]:
    """Return the entry that begins with ``head`` and ends before ``end``, and where it ends."""
    kind, at = head[1].lower(), head.end()
    close = "}" if head[2] == "{" else ")"
    key = ""
    if kind in {"comment", "preamble"}:
        return _Raw(line, kind, "", {}, ""), _closing(text, head.end(), end) or end
    if kind != "string":
        match = _KEY.match(text, at, end)
        if match:
            key, at = match[1], match.end()
    fields: dict[str, str] = {}
    while True:
        at = _skip(text, at, end, ", \t\n\r")
        if text.startswith(close, at, end):
            return _Raw(line, kind, key, fields, ""), at
        name = _NAME.match(text, at, end)
        value, at = _value(text, name.end(), end, strings) if name else (None, at)
        if name is None or value is None:
            why = (
                f"{name[1]!r} has no value with an end, or too long a one"
                if name
                else "its braces don't match"
            )
            return _broken(text, head, line, why), end
        if value:
            fields.setdefault(name[1].lower(), value)


def _too_much(what: str) -> str:
    return f"expected at most {_MAX_REUSED} characters by {what} in a file; found more"


def _broken(text: str, head: re.Match[str], line: int, why: str) -> _Raw:
    shown = " ".join(text[head.start() : head.start() + 80].split())[:60]
    return _Raw(line, head[1].lower(), "", {}, f"expected a BibTeX entry, found {shown!r}: {why}")


def _skip(text: str, at: int, end: int, characters: str) -> int:
    while at < end and text[at] in characters:
        at += 1
    return at


def _value(text: str, at: int, end: int, strings: Mapping[str, str]) -> tuple[str | None, int]:
    """Return a value, its parts joined at "#", and where it ends; ``None`` for one without end."""
    parts: list[str] = []
    room = _MAX_REUSED
    while True:
        at = _skip(text, at, end, " \t\n\r")
        if at < end and text[at] in '{"':
            close = (
                _closing(text, at + 1, end) if text[at] == "{" else _quote_end(text, at + 1, end)
            )
            if close is None:
                return None, end
            parts.append(text[at + 1 : close - 1])
            at = close
        elif word := _WORD.match(text, at, end):
            parts.append(strings.get(word[0].lower(), word[0]))
            room -= len(parts[-1])
            if room < 0:
                return None, end
            at = word.end()
        else:
            return "", at
        after = _skip(text, at, end, " \t\n\r")
        if after >= end or text[after] != "#":
            return "".join(parts), at
        at = after + 1


def _closing(text: str, at: int, end: int) -> int | None:
    """Return the offset after the brace that closes one opened before ``at``."""
    depth = 1
    for match in _BRACE.finditer(text, at, end):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return None


def _quote_end(text: str, at: int, end: int) -> int | None:
    depth = 0
    for match in _QUOTE.finditer(text, at, end):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if match[0] == '"' and depth <= 0:
            return match.end()
    return None


def _decoded(raw: _Raw, given: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the fields of an entry under our names, without LaTeX."""
    pairs: list[tuple[str, Any]] = []
    for written, value in given.items():
        name = _name_of(written, given)
        pairs += [(name, part) for part in _parts(name, value) if part]
    other: dict[str, str] = {}
    kind = BIBTEX.get(raw.kind)
    if kind in {"report", "thesis"}:
        other |= {"number": "number", "type": "genre"}
    elif kind == "book":
        other["number"] = "collection-number"
    fields = _TAGS.fields(pairs, other)
    _join_subtitles(fields)
    if "eprint" in fields:
        scheme = (fields.pop("archiveprefix", None) or fields.pop("eprinttype", None) or [""])[0]
        fields["ids"] = [f"{scheme or 'arxiv'}:{fields.pop('eprint')[0]}".lower()]
    if raw.kind == "mastersthesis":
        fields.setdefault("genre", ["Master's thesis"])
    fields["csl-type" if kind else "type"] = [kind or raw.kind]
    fields["citation-key"] = [raw.key]
    return fields


def _parts(name: str, value: str) -> Sequence[Any]:
    """Return the persons, keywords or text of a field, without LaTeX."""
    if name in _PERSONS:
        return [_person(person) for person in _split_names(value)]
    if name in _LISTS:
        return [plain(part) for part in _split(_bare(value), ",;")]
    if name in _ADDRESSES:
        return [_address(_bare(value))]
    return [plain(value.replace("--", "-") if name == "pages" else value)]


def _bare(value: str) -> str:
    """Return a value without a second or third pair of braces around all of it."""
    value = value.strip()
    for _ in range(2):
        if value.startswith("{") and _closing(value, 1, len(value)) == len(value):
            value = value[1:-1].strip()
    return value


def _name_of(name: str, given: Mapping[str, str]) -> str:
    """Return the name of a field, of several with one without their number: "note-2"."""
    numbered = _NUMBERED.match(name)
    return numbered[1] if numbered and numbered[1] in given else name


def _join_subtitles(fields: dict[str, list[Any]]) -> None:
    for part, whole in (("subtitle", "title"), ("booksubtitle", "journal")):
        if part in fields and whole in fields:
            fields[whole][0] += f": {fields.pop(part)[0]}"


def _address(value: str) -> str:
    value = re.sub(r"\\url\s*\{([^{}]*)\}", r"\1", value)
    return re.sub(r"\{?\\([%_&#~$])\}?", r"\1", value).strip()


def _split(value: str, marks: str) -> list[str]:
    """Split at semicolons, or else commas, outside braces."""
    pieces = _pieces(value)
    mark = next((m for m in reversed(marks) if m in pieces), None)
    return _joined(pieces, mark)


def _split_names(value: str) -> list[str]:
    """Split names at the word "and" outside braces."""
    value = " ".join(value.split())
    names = _joined(_pieces(value, words=True), "and") if "{" in value else value.split(" and ")
    return [name for name in names if name not in {"", "others"}]


def _joined(pieces: Sequence[str], mark: str | None) -> list[str]:
    """Join pieces again but those that stand for an end."""
    parts: list[list[str]] = [[]]
    for piece in pieces:
        if piece == mark:
            parts.append([])
        else:
            parts[-1].append(piece)
    texts = ("".join(part).strip() for part in parts)
    return [text for text in texts if text]


def _pieces(value: str, *, words: bool = False) -> list[str]:
    """Cut a value into groups in braces, marks, and text between them (or its words)."""
    pattern = _WORDS if words else _MARKS
    pieces: list[str] = []
    depth = start = 0
    for match in pattern.finditer(value):
        piece = match[0]
        if piece == "{":
            start = start if depth else match.start()
            depth += 1
        elif piece == "}" and depth:
            depth -= 1
            if not depth:
                pieces.append(value[start : match.end()])
        elif not depth:
            pieces.append(piece)
    return [*pieces, value[start:]] if depth else pieces


_WORDS = lazy_pattern(r"\\.|[{}]|\s+|[^\\{}\s]+|\\", re.DOTALL)
_MARKS = lazy_pattern(r"\\.|[{},;]|[^\\{},;]+|\\", re.DOTALL)


def _person(name: str) -> str | dict[str, str]:
    """Return a name, or as an object that of a body: one that is all in braces, or has no end."""
    if name.startswith("{") and len(_pieces(name)) == 1:
        return {"literal": plain(name)}
    return plain(name)


# LaTeX

_SYMBOLS = {
    "textless": "<", "textgreater": ">", "textbar": "|", "textbraceleft": "{",
    "textbraceright": "}", "textasciicircum": "^", "textasciitilde": "~",
}  # fmt: skip
"""Commands that pylatexenc doesn't know, or takes for another character."""
_LATEX = lazy_pattern(r"[\\{}$~]|--|``|''|[?!]`|,,")
"""What means something else in LaTeX than in plain text, as exports write it."""
_ESCAPED = lazy_pattern(r"\\([%&_#$])")
_LONE = lazy_pattern(r"(?<!\\)([%&#_^])")
_FORMULA = lazy_pattern(
    r"(?<!\\)\$(?=\S)((?:[^$\s\\]|\\.){1,100}|[^$]{0,200}?\\[A-Za-z][^$]{0,200})(?<=\S)\$"
)
"""Between dollars without a space, or with a command: other dollars are money."""
_IS_FORMULA = lazy_pattern(r"[\\^_]|^[A-Za-z]$|^[A-Za-z0-9]\s?[<>=]")
_SCRIPT = lazy_pattern(r"[_^]\{([^{}]*)\}|[_^](\\[A-Za-z]+|.)")
_NO_LATEX = lazy_pattern(r"(@\w+)\{([^{}\\]*)\}")
_TILDE = lazy_pattern(r"(?<=[^\s\\:/])~(?=\S)")


def plain(value: str) -> str:
    """Return the text of a value in LaTeX.

    What publishers leave unescaped (``%``, ``&``, ``_``, ``#``, ``^``, a lone ``$``) is text.
    """
    value = " ".join(_bare(value).split())
    if not _LATEX.search(value):
        return value
    if "@" in value:
        value = _NO_LATEX.sub(r"\1\{\2\}", value)
    if "$" in value:
        value = _FORMULA.sub(_formula, value)
    if not _LATEX.search(_ESCAPED.sub("", value)):
        return _ESCAPED.sub(r"\1", value)
    words = _split_words(value)
    return " ".join(_word(word) if _LATEX.search(word) else word for word in words).strip()


def _formula(match: re.Match[str]) -> str:
    """Return a formula without dollars and the marks of scripts; what is none as it is."""
    body = match[1]
    if not _IS_FORMULA.search(body):
        return match[0].replace("$", r"\$")
    body = _SCRIPT.sub(lambda script: script[1] if script[1] is not None else script[2], body)
    return f"{{{body}}}"


def _split_words(value: str) -> list[str]:
    """Split at spaces outside braces, but not after a short command: it may be about the next."""
    words: list[list[str]] = [[]]
    for piece in _pieces(value, words=True):
        if piece.isspace() and not _SHORT_COMMAND.search("".join(words[-1][-3:])):
            words.append([])
        else:
            words[-1].append(piece)
    return ["".join(word) for word in words if word]


_SHORT_COMMAND = lazy_pattern(r"\\[A-Za-z]{1,2}$|\\$")


@lru_cache(maxsize=16384)
def _word(word: str) -> str:
    if "://" in word:
        return _address(word).replace("{", "").replace("}", "")
    word = _LONE.sub(r"\\\1", _TILDE.sub(" ", word))
    if "$" in word:
        word = re.sub(r"(?<!\\)\$", r"\\$", word)
    if "~" in word:
        word = re.sub(r"(?<!\\)~", r"\\textasciitilde{}", word)
    return str(
        _decoder()(word.replace(r"\^", r"\textasciicircum{}") if word.endswith(r"\^") else word)
    )


@lru_cache(maxsize=1)
def _decoder() -> Callable[[str], str]:
    """Return the function from LaTeX to plain text."""
    try:
        from pylatexenc.latex2text import (
            LatexNodes2Text,
            MacroTextSpec,
            get_default_latex_context_db,
        )
    except ImportError:
        raise MissingExtraError("pylatexenc", "import") from None
    known = get_default_latex_context_db()
    symbols = [MacroTextSpec(name, text) for name, text in _SYMBOLS.items()]
    known.add_context_category("symbols", prepend=True, macros=symbols)
    decode: Callable[[str], str] = LatexNodes2Text(latex_context=known).latex_to_text
    return decode
