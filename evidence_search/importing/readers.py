"""Text of each format to plain fields, with the line that each entry starts on.

RIS is read by rispy, BibTeX by bibtexparser, PubMed's format by nbib, CSV and
JSON (records of ours, or CSL items) by Python itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.errors import MissingExtraError
from evidence_search.spreadsheet import from_cell, from_list_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_RIS = re.compile(r"^TY {1,2}- ?\S*", re.MULTILINE | re.IGNORECASE)
_RIS_TAG = re.compile(r"^([A-Za-z][A-Za-z0-9]) {1,2}-(?: |$)", re.MULTILINE)
_NBIB = re.compile(r"^PMID- ?\d+", re.MULTILINE)

# What other programs call our fields, the likeliest name of each first.
_SYNONYMS = {
    "title": "title; ti; primary_title; article title",
    "summary": "summary; abstract; ab; abstract note; notes_abstract",
    "authors": "authors; author; au; first_authors; corporate_author; secondary_authors",
    "year": "year; py; publication_year; publication year; pub_year; publication_date; date",
    "journal": (
        "journal; secondary_title; publication title; source title; alternate_title3; "
        "journal_name; journaltitle; journal/book; so; alternate_title1; alternate_title2; "
        "container-title; booktitle"
    ),
    "categories": "categories; category",
    "publisher": "publisher; institution; organization; school; pu",
    "jurisdictions": "jurisdictions; jurisdiction; country",
    "keywords": (
        "keywords; keyword; kw; tags; manual tags; automatic tags; author keywords; "
        "index keywords; de"
    ),
    "doi": "doi; di",
    "url": "url; urls; link",
}
_NAMES = {name: ours for ours, names in _SYNONYMS.items() for name in names.split("; ")}
_RANKS = {name: i for names in _SYNONYMS.values() for i, name in enumerate(names.split("; "))}
LISTS = frozenset(
    "categories jurisdictions inferences related references notes furniture links authors "
    "keywords".split()
)


class Entry(NamedTuple):
    """The fields of one entry, or what is wrong with it; ``line`` is where it starts."""

    line: int
    fields: Mapping[str, Any]
    wrong: str = ""


def recognise(text: str, path: str) -> Callable[[str], Iterator[Entry]] | None:
    """Tell the format of a file by its content, with the ending where content isn't enough."""
    ending = path.rpartition(".")[2].lower()
    start = text[:4000].lstrip()
    for pattern, endings, reader in (
        (_RIS, {"ris"}, _ris),
        (_NBIB, {"nbib"}, _nbib),
    ):
        if ending in endings or pattern.match(start):
            return reader
    if ending in {"bib", "bibtex"} or re.match(r"@[A-Za-z]+\s*[{(]", start):
        return _bibtex
    if ending in {"jsonl", "ndjson"}:
        return _jsonl
    if ending == "json":
        return _json
    return _table if ending in {"csv", "tsv"} else None


def rank(name: str) -> int:
    """Return how far down the names of its field a name stands: the year's "py" before "date"."""
    return _RANKS.get(name.strip().lower(), 0)


def field_name(name: str) -> str:
    """Return what we call a field that another program calls ``name``."""
    lower = name.strip().lower()
    return _NAMES.get(lower, lower)


def _jsonl(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield _object(json.loads(line), number)
            except (ValueError, RecursionError) as error:
                yield Entry(number, {}, f"expected one JSON object a line: {error}")


def _json(text: str) -> Iterator[Entry]:
    """Read one object, an array of them, or objects one after the other."""
    decoder = json.JSONDecoder()
    lines = _Lines(text)
    found = False
    at = _between(text, 0)
    while at < len(text):
        line = lines.of(at)
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield Entry(line, {}, f"expected a JSON object: {error}")
            return
        yield _object(value, line)
        found, at = True, _between(text, end)
    if not found:
        yield Entry(1, {}, "expected JSON objects, found none")


def _between(text: str, at: int) -> int:
    """Return where the next value of an array begins: after white space, commas and brackets."""
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


_BETWEEN = re.compile(r"[\s,\[\]]*")


class _Lines:
    """Tells the line, from 1, of offsets in a text that come in order, in linear time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def of(self, offset: int) -> int:
        self._line += self._text.count("\n", self._at, offset)
        self._at = offset
        return self._line


def _object(value: object, line: int) -> Entry:
    if not isinstance(value, dict):
        return Entry(line, {}, f"expected a JSON object, found {type(value).__name__}")
    return Entry(line, _csl(value) if _CSL_NAMES & value.keys() else value)


_CSL_NAMES = frozenset({"issued", "container-title"})


def _csl(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a CSL item under our names."""
    fields = dict(item)
    fields["author"] = [
        name.get("literal") or ", ".join(filter(None, (name.get("family"), name.get("given"))))
        for name in item.get("author") or []
    ]
    issued = fields.pop("issued", None) or {}
    parts = [str(date[0]) for date in issued.get("date-parts") or []]
    fields["year"] = "–".join(parts) or issued.get("raw") or issued.get("literal")
    return fields


def _table(text: str) -> Iterator[Entry]:
    """Read CSV or TSV: commas, semicolons or tabs, whichever part a column "title" off."""
    delimiter = next((d for d in ",;\t" if _has_title(text, d)), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    ours = False
    begins = 1
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if not header:
                header = [name.strip() for name in row]
                ours = {"inferences", "furniture"} <= set(header)
                if "title" not in map(field_name, header):
                    wrong = f"expected a header with a column “title”; found {header[:6]}"
                    yield Entry(line, {}, wrong)
                    return
            elif len(row) > len(header) and any(row[len(header) :]):
                wrong = f"expected {len(header)} columns, found {len(row)}"
                yield Entry(line, {}, wrong)
            elif any(row):
                cells = zip(header, row, strict=False)
                yield Entry(
                    line, {name: _from_cell(name, value, ours=ours) for name, value in cells}
                )
    except csv.Error as error:
        yield Entry(begins, {}, f"expected CSV: {error}")


def _has_title(text: str, delimiter: str) -> bool:
    first, _, _ = text.partition("\n")
    return any(field_name(name.strip('" \r')) == "title" for name in first.split(delimiter))


def _from_cell(name: str, value: str, *, ours: bool) -> Any:
    """Return what is in a cell; other programs part names and keywords with commas as well."""
    name = field_name(name)
    if not value:
        return None
    if name in LISTS:
        if not ours and not re.search(r"^\[|;", value):
            if name == "authors":
                return _names(from_cell(value))
            if name == "keywords":
                return from_cell(value).split(",")
        return from_list_cell(value)
    if name == "source" and value.startswith("{"):
        return json.loads(value)
    return from_cell(value)


def _names(text: str) -> list[str]:
    """Part authors that no semicolon parts: "A B and C D", or PubMed's "Miller WR, Hall W."."""
    parts = text.rstrip(".").split(", ")
    if len(parts) > 1 and all(_INITIALS.search(part) for part in parts):
        return parts
    return re.split(r",? and |,? & ", text)


_INITIALS = re.compile(r"\w [A-Z]{1,3}$")


def _ris(text: str) -> Iterator[Entry]:
    try:
        import rispy
    except ImportError:
        raise MissingExtraError("rispy", "import") from None
    starts = [match.start() for match in _RIS.finditer(text)]
    if not starts:
        yield Entry(1, {}, "expected RIS entries, each beginning with “TY  - ”; found none")
    lines = _Lines(text)
    for start, end in pairwise([*starts, len(text)]):
        # Tags in lower case or with one space, and entries without end, are common.
        body = _RIS_TAG.sub(lambda tag: f"{tag[1].upper()}  - ", text[start:end])
        body = body.partition("\nER  - ")[0].rstrip() + "\nER  - \n"
        line = lines.of(start)
        try:
            (fields,) = rispy.loads(body, skip_unknown_tags=True)
        except (ValueError, OSError) as error:
            yield Entry(line, {}, f"expected a RIS entry: {error}")
            continue
        yield Entry(line, {**fields, "notes": None})


def _nbib(text: str) -> Iterator[Entry]:
    try:
        import nbib
    except ImportError:
        raise MissingExtraError("nbib", "import") from None
    starts = [match.start() for match in _NBIB.finditer(text)]
    if not starts:
        yield Entry(1, {}, "expected PubMed entries, each beginning with “PMID- ”; found none")
    lines = _Lines(text)
    for start, end in pairwise([*starts, len(text)]):
        line = lines.of(start)
        try:
            (fields,) = nbib.read(text[start:end].rstrip() + "\n")
        except Exception as error:  # noqa: BLE001 - nbib raises its own and Python's; it costs one entry
            yield Entry(line, {}, f"expected a PubMed entry: {error}")
            continue
        doi = _LOCATION.search(text, start, end)  # which nbib leaves out
        authors = [author["author"] for author in fields.get("authors", [])]
        descriptors = [d["descriptor"] for d in fields.get("descriptors", [])]
        yield Entry(
            line,
            {
                "title": (fields.get("title") or "").removesuffix("."),
                "abstract": fields.get("abstract"),
                "journal": fields.get("journal"),
                "doi": fields.get("doi") or (doi and doi[1]),
                "year": fields.get("publication_date"),
                "authors": authors or [fields.get("corporate_author")],
                "keywords": [*fields.get("keywords", []), *descriptors],
                "url": f"https://pubmed.ncbi.nlm.nih.gov/{fields.get('pubmed_id')}/",
            },
        )


_LOCATION = re.compile(r"^LID - (\S+) \[doi\]", re.MULTILINE)


def _bibtex(text: str) -> Iterator[Entry]:
    try:
        from bibtexparser.entrypoint import parse_string
        from bibtexparser.model import Entry as Block
    except ImportError:
        raise MissingExtraError("bibtexparser", "import") from None
    import logging

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it is reported as a problem
    library = parse_string(text)
    plain = _latex_decoder()
    blocks = [*library.entries, *library.failed_blocks]
    parents = {entry.key.lower(): entry for entry in library.entries}
    for block in sorted(blocks, key=lambda block: block.start_line or 0):
        line = (block.start_line or 0) + 1
        # A key that stands twice is no matter to us.
        entry = getattr(block, "ignore_error_block", block)
        if not isinstance(entry, Block):
            shown = " ".join((block.raw or "").split())[:60]
            why = str(getattr(block, "error", "")) or "its braces or commas don't match"
            yield Entry(line, {}, f"expected a BibTeX entry, found {shown!r}: {why}")
            continue
        fields = _bibtex_fields(entry, plain)
        parent = parents.get(str(fields.get("crossref", "")).lower())
        if parent:
            inherited = _bibtex_fields(parent, plain)
            inherited["booktitle"] = inherited.pop("title", None)
            fields = {**inherited, **fields}
        yield Entry(line, fields)


def _bibtex_fields(entry: Any, plain: Callable[[str], str]) -> dict[str, Any]:
    fields: dict[str, Any] = {"notes": None}
    for field in entry.fields:
        name, value = field.key.lower(), str(field.value)
        if name in _SEPARATORS:
            fields[name] = [plain(part) for part in _split(value, _SEPARATORS[name])]
        elif name in _ADDRESSES:
            fields[name] = re.sub(r"\\([%_&#~])", r"\1", value)
        else:
            fields[name] = plain(value)
    return fields


_SEPARATORS = {"author": re.compile(r"\s+and\s+"), "keywords": re.compile(r"\s*[,;]\s*")}
_ADDRESSES = frozenset({"doi", "url"})  # not LaTeX: a % is a %
_SYMBOLS = {
    "textless": "<", "textgreater": ">", "textbar": "|", "textbraceleft": "{",
    "textbraceright": "}", "textasciicircum": "^",
}  # fmt: skip
"""Commands that pylatexenc doesn't know, or takes for another character."""


def _latex_decoder() -> Callable[[str], str]:
    """Return the function from LaTeX to plain text; pylatexenc comes with bibtexparser."""
    from pylatexenc.latex2text import (
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    known = get_default_latex_context_db()
    symbols = [MacroTextSpec(name, text) for name, text in _SYMBOLS.items()]
    known.add_context_category("symbols", prepend=True, macros=symbols)
    decode: Callable[[str], str] = LatexNodes2Text(latex_context=known).latex_to_text

    def plain(value: str) -> str:
        # Decoding takes a millisecond for thirty characters, so only what needs it is decoded.
        if not _LATEX.search(_ESCAPED.sub("", value)):
            return _ESCAPED.sub(r"\1", value)
        if "$" in value.replace("\\$", ""):  # a formula of several words
            return decode(value)
        words = _split(value, _SPACE)
        return " ".join(decode(word) if _LATEX.search(word) else word for word in words)

    return plain


_LATEX = re.compile(r"[\\{}$~%#&^_]|--|``|''|[?!]`|,,")
"""What means something else in LaTeX than in plain text."""
_ESCAPED = re.compile(r"\\([%&_#$])")
_SPACE = re.compile(r"(?<!\\)(?<!\\[A-Za-z])(?<!\\[A-Za-z]{2})\s+")
"""Between words, but not after a short command, which may be about the next letter: \\c c."""


def _split(value: str, separator: re.Pattern[str]) -> list[str]:
    """Split at a separator outside braces."""
    parts, start, depth, at = [], 0, 0, 0
    while at < len(value):
        match = separator.match(value, at) if depth == 0 else None
        if match:
            parts.append(value[start:at])
            start = at = match.end()
            continue
        depth += {"{": 1, "}": -1}.get(value[at], 0)
        at += 2 if value[at] == "\\" else 1
    return [*parts, value[start:]]
