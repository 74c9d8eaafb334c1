"""Text of each format to plain fields, with the line that each entry starts on.

RIS is read by rispy, BibTeX by bibtexparser, PubMed's format by nbib, CSV and
JSON (records of ours, or CSL items) by Python itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.errors import MissingExtraError
from evidence_search.spreadsheet import from_cell, from_list_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_RIS = re.compile(r"^TY {1,2}- ?\S*", re.MULTILINE)
_NBIB = re.compile(r"^PMID- ?\d+", re.MULTILINE)

# What other programs call our fields.
_NAMES = {
    "ti": "title", "primary_title": "title", "article title": "title", "abstract": "summary",
    "ab": "summary", "notes_abstract": "summary", "author": "authors", "au": "authors",
    "first_authors": "authors", "py": "year", "publication_year": "year",
    "publication year": "year", "publication_date": "year", "date": "year", "pub_year": "year",
    "journal_name": "journal", "journaltitle": "journal", "secondary_title": "journal",
    "publication title": "journal", "category": "categories", "institution": "publisher",
    "organization": "publisher", "school": "publisher", "jurisdiction": "jurisdictions",
    "country": "jurisdictions", "keyword": "keywords", "kw": "keywords", "tags": "keywords",
    "manual tags": "keywords", "urls": "url", "link": "url",
}  # fmt: skip
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
    if ending in {"csv", "tsv"}:
        return _csv if ending == "csv" else _tsv
    return None


def field_name(name: str) -> str:
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
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Entry(getattr(error, "lineno", 1), {}, f"expected JSON: {error}")
        return
    for value in values if isinstance(values, list) else [values]:
        yield _object(value, 1)


def _object(value: object, line: int) -> Entry:
    if not isinstance(value, dict):
        return Entry(line, {}, f"expected a JSON object, found {type(value).__name__}")
    return Entry(line, _csl(value) if _CSL_NAMES.keys() & value.keys() else value)


_CSL_NAMES = {"issued": "year", "container-title": "journal"}


def _csl(item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a CSL item under our names."""
    fields = {_CSL_NAMES.get(name, name): value for name, value in item.items()}
    fields["author"] = [
        name.get("literal") or ", ".join(filter(None, (name.get("family"), name.get("given"))))
        for name in item.get("author") or []
    ]
    issued = item.get("issued") or {}
    parts = [str(date[0]) for date in issued.get("date-parts") or []]
    fields["year"] = "–".join(parts) or issued.get("raw") or issued.get("literal")
    return fields


def _tsv(text: str) -> Iterator[Entry]:
    return _csv(text, "\t")


def _csv(text: str, delimiter: str = ",") -> Iterator[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    begins = 1
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if header is None:
                header = [name.strip() for name in row]
                if "title" not in map(field_name, header):
                    wrong = f"expected a header with a column “title”; found {header[:6]}"
                    yield Entry(line, {}, wrong)
                    return
            elif len(row) > len(header):
                wrong = f"expected {len(header)} columns, found {len(row)}"
                yield Entry(line, {}, wrong)
            elif any(row):
                cells = zip(header, row, strict=False)
                yield Entry(line, {name: _from_cell(name, value) for name, value in cells})
    except csv.Error as error:
        yield Entry(begins, {}, f"expected CSV: {error}")


def _from_cell(name: str, value: str) -> Any:
    name = field_name(name)
    if not value:
        return None
    if name in LISTS:
        return from_list_cell(value)
    if name == "source" and value.startswith("{"):
        return json.loads(value)
    return from_cell(value)


def _ris(text: str) -> Iterator[Entry]:
    try:
        import rispy
    except ImportError:
        raise MissingExtraError("rispy", "import") from None
    lines = [text.count("\n", 0, match.start()) + 1 for match in _RIS.finditer(text)]
    chunks = _RIS.split(text)[1:]
    starts = _RIS.findall(text)
    if not starts:
        yield Entry(1, {}, "expected RIS entries, each beginning with “TY  - ”; found none")
    for line, start, chunk in zip(lines, starts, chunks, strict=True):
        body = chunk if re.search(r"^ER {1,2}-", chunk, re.MULTILINE) else f"{chunk}\nER  - \n"
        try:
            (fields,) = rispy.loads(f"{start}{body}", skip_unknown_tags=True)
        except (ValueError, OSError) as error:
            yield Entry(line, {}, f"expected a RIS entry: {error}")
            continue
        yield Entry(line, {"notes": None, **fields})


def _nbib(text: str) -> Iterator[Entry]:
    try:
        import nbib
    except ImportError:
        raise MissingExtraError("nbib", "import") from None
    starts = [match.start() for match in _NBIB.finditer(text)]
    if not starts:
        yield Entry(1, {}, "expected PubMed entries, each beginning with “PMID- ”; found none")
        return
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text.count("\n", 0, start) + 1
        try:
            (fields,) = nbib.read(text[start:end].rstrip() + "\n")
        except (ValueError, KeyError, IndexError, TypeError) as error:
            yield Entry(line, {}, f"expected a PubMed entry: {error}")
            continue
        descriptors = [d["descriptor"] for d in fields.get("descriptors", [])]
        yield Entry(
            line,
            {
                **{name: fields.get(name) for name in ("title", "abstract", "journal", "doi")},
                "year": fields.get("publication_date"),
                "authors": [author["author"] for author in fields.get("authors", [])],
                "keywords": [*fields.get("keywords", []), *descriptors],
            },
        )


def _bibtex(text: str) -> Iterator[Entry]:
    try:
        from bibtexparser.entrypoint import parse_string
    except ImportError:
        raise MissingExtraError("bibtexparser", "import") from None
    import logging

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it is reported as a problem
    library = parse_string(text)
    for block in library.failed_blocks:
        yield Entry((block.start_line or 0) + 1, {}, f"expected a BibTeX entry: {block.error}")
    plain = _latex_decoder()
    for entry in library.entries:
        fields: dict[str, Any] = {"notes": None}
        for field in entry.fields:
            name, value = field.key.lower(), str(field.value)
            if name in _SEPARATORS:
                fields[name] = [plain(part) for part in _split(value, _SEPARATORS[name])]
            elif name in _ADDRESSES:
                fields[name] = re.sub(r"\\([%_&#~])", r"\1", value)
            else:
                fields[name] = plain(value)
        yield Entry((entry.start_line or 0) + 1, fields)


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
    return decode


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
