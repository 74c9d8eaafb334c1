"""Files of reference managers and our own exports to the same study records as a cell gives.

RIS is read by rispy, BibTeX by bibtexparser, PubMed's format by nbib (the
extra ``import``), CSV and JSON by Python itself.  Each reader yields plain
fields with the line they start on; one function makes records of them.  A
bad entry costs only itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.errors import MissingExtraError
from evidence_search.places import canonical, find_places, places_of_publisher
from evidence_search.records import (
    Category,
    Inference,
    Problem,
    Source,
    StudyRecord,
    from_dict,
    record_id,
    to_dict,
)
from evidence_search.spreadsheet import from_cell, from_list_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_RIS = re.compile(r"^TY {1,2}- ?\S*", re.MULTILINE)
_NBIB = re.compile(r"^PMID- ?\d+", re.MULTILINE)
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_WORDS = {
    "s": "S", "seminal": "S", "seminal study": "S", "seminal studies": "S",
    "k": "K", "key": "K", "key study": "K", "key studies": "K",
    "r": "R", "review": "R", "reviews": "R", "g": "G", "guidance": "G",
}  # fmt: skip

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
_LISTS = frozenset(
    "categories jurisdictions inferences related references notes furniture links authors "
    "keywords".split()
)
_OURS = frozenset(to_dict(StudyRecord("", "", Source("", 1))))


class _Entry(NamedTuple):
    """The fields of one entry, or what is wrong with it; ``line`` is where it starts."""

    line: int
    fields: Mapping[str, Any]
    wrong: str = ""


LIBRARIES = ("bibtexparser", "nbib", "rispy")
"""What the extra ``import`` brings."""


def installed() -> list[str]:
    """Return which of ``LIBRARIES`` there are."""
    from importlib.util import find_spec

    return [name for name in LIBRARIES if find_spec(name)]


def read_import(text: str, path: str) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]] | None:
    """Return the records of a file and what was wrong, or ``None`` for no format known here.

    Raises :class:`MissingExtraError` where the library for the format isn't
    installed.
    """
    reader = _recognise(text, path)
    if reader is None:
        return None
    records: list[StudyRecord] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for entry in reader(text):
        source = Source(path, entry.line, 1, entry.line, 1)
        try:
            if entry.wrong:
                raise ValueError(entry.wrong)
            record = _record(entry.fields, source)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(Problem(source, "error", "bad-entry", str(error)))
            continue
        if record.id in seen:
            problems.append(
                Problem(
                    source, "error", "duplicate-record",
                    f"expected each entry once; found {record.title!r} on line "
                    f"{seen[record.id]} too: remove one of them",
                )
            )  # fmt: skip
            continue
        if record.year is None:
            message = f"expected a year, found none for {record.title[:60]!r}"
            problems.append(Problem(source, "warning", "no-year", message))
        seen[record.id] = entry.line
        records.append(record)
    return tuple(records), tuple(problems)


def _recognise(text: str, path: str) -> Callable[[str], Iterator[_Entry]] | None:
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


# Readers: text to fields


def _jsonl(text: str) -> Iterator[_Entry]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield _object(json.loads(line), number)
            except (ValueError, RecursionError) as error:
                yield _Entry(number, {}, f"expected one JSON object a line: {error}")


def _json(text: str) -> Iterator[_Entry]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield _Entry(getattr(error, "lineno", 1), {}, f"expected JSON: {error}")
        return
    for value in values if isinstance(values, list) else [values]:
        yield _object(value, 1)


def _object(value: object, line: int) -> _Entry:
    if not isinstance(value, dict):
        return _Entry(line, {}, f"expected a JSON object, found {type(value).__name__}")
    return _Entry(line, value)


def _tsv(text: str) -> Iterator[_Entry]:
    return _csv(text, "\t")


def _csv(text: str, delimiter: str = ",") -> Iterator[_Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    begins = 1
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if header is None:
                header = [name.strip() for name in row]
                if "title" not in map(_name, header):
                    wrong = f"expected a header with a column “title”; found {header[:6]}"
                    yield _Entry(line, {}, wrong)
                    return
            elif len(row) > len(header):
                wrong = f"expected {len(header)} columns, found {len(row)}"
                yield _Entry(line, {}, wrong)
            elif any(row):
                cells = zip(header, row, strict=False)
                yield _Entry(line, {name: _from_cell(name, value) for name, value in cells})
    except csv.Error as error:
        yield _Entry(begins, {}, f"expected CSV: {error}")


def _from_cell(name: str, value: str) -> Any:
    name = _name(name)
    if not value:
        return None
    if name in _LISTS:
        return from_list_cell(value)
    if name == "source" and value.startswith("{"):
        return json.loads(value)
    return from_cell(value)


def _ris(text: str) -> Iterator[_Entry]:
    try:
        import rispy
    except ImportError:
        raise MissingExtraError("rispy", "import") from None
    lines = [text.count("\n", 0, match.start()) + 1 for match in _RIS.finditer(text)]
    chunks = _RIS.split(text)[1:]
    starts = _RIS.findall(text)
    if not starts:
        yield _Entry(1, {}, "expected RIS entries, each beginning with “TY  - ”; found none")
    for line, start, chunk in zip(lines, starts, chunks, strict=True):
        body = chunk if re.search(r"^ER {1,2}-", chunk, re.MULTILINE) else f"{chunk}\nER  - \n"
        try:
            (fields,) = rispy.loads(f"{start}{body}", skip_unknown_tags=True)
        except (ValueError, OSError) as error:
            yield _Entry(line, {}, f"expected a RIS entry: {error}")
            continue
        yield _Entry(line, {"notes": None, **fields})


def _nbib(text: str) -> Iterator[_Entry]:
    try:
        import nbib
    except ImportError:
        raise MissingExtraError("nbib", "import") from None
    starts = [match.start() for match in _NBIB.finditer(text)]
    if not starts:
        yield _Entry(1, {}, "expected PubMed entries, each beginning with “PMID- ”; found none")
        return
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line = text.count("\n", 0, start) + 1
        try:
            (fields,) = nbib.read(text[start:end].rstrip() + "\n")
        except (ValueError, KeyError, IndexError, TypeError) as error:
            yield _Entry(line, {}, f"expected a PubMed entry: {error}")
            continue
        descriptors = [d["descriptor"] for d in fields.get("descriptors", [])]
        yield _Entry(
            line,
            {
                **{name: fields.get(name) for name in ("title", "abstract", "journal", "doi")},
                "year": fields.get("publication_date"),
                "authors": [author["author"] for author in fields.get("authors", [])],
                "keywords": [*fields.get("keywords", []), *descriptors],
            },
        )


def _bibtex(text: str) -> Iterator[_Entry]:
    try:
        from bibtexparser.entrypoint import parse_string
        from bibtexparser.middlewares import LatexDecodingMiddleware
    except ImportError:
        raise MissingExtraError("bibtexparser", "import") from None
    import logging

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it is reported as a problem
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    for block in library.failed_blocks:
        yield _Entry((block.start_line or 0) + 1, {}, f"expected a BibTeX entry: {block.error}")
    for entry in library.entries:
        fields = {field.key.lower(): field.value for field in entry.fields}
        for name, between in (("author", r"\s+and\s+"), ("keywords", r"\s*[,;]\s*")):
            if fields.get(name):
                fields[name] = re.split(between, " ".join(fields[name].split()))
        yield _Entry((entry.start_line or 0) + 1, {**fields, "notes": None})


# Fields to a record


def _name(name: str) -> str:
    lower = name.strip().lower()
    return _NAMES.get(lower, lower)


def _record(given: Mapping[str, Any], source: Source) -> StudyRecord:
    """Make a record; one of our own exports keeps every field but where it stands."""
    if given.keys() >= {"id", "title", "inferences", "furniture"}:
        return _ours(given, source)
    fields: dict[str, Any] = {}
    for name, value in given.items():
        if value not in (None, "", []):
            fields.setdefault(_name(name), value)
    title = _text(fields.get("title"))
    if not title:
        raise ValueError("expected a title, found none: add one, or remove the entry")
    publisher, summary = _text(fields.get("publisher")), _text(fields.get("summary"))
    keywords = _list(fields.get("keywords"))
    matrix, cell = _text(fields.get("matrix")), _text(fields.get("cell"))
    year = _YEAR.search(str(fields.get("year", "")))
    identity = " ".join(filter(None, (title, year and year.group())))
    return StudyRecord(
        id=record_id(matrix or None, cell or None, identity),
        title=title,
        source=source,
        matrix=matrix or None,
        cell=cell or None,
        row=_text(fields.get("row")) or None,
        column=_text(fields.get("column")) or None,
        categories=_categories(_list(fields.get("categories")), keywords),
        year=int(year.group()) if year else None,
        publisher=publisher or None,
        inferences=_inferences(_list(fields.get("jurisdictions")), publisher, title),
        summary=summary,
        authors=_list(fields.get("authors")),
        journal=_text(fields.get("journal")) or None,
        doi=_text(fields.get("doi")) or None,
        url=next(iter(_list(fields.get("url"))), None),
        keywords=keywords,
    )


def _ours(given: Mapping[str, Any], source: Source) -> StudyRecord:
    values = {**to_dict(StudyRecord("", "", source)), **given}
    for name in ("year", "year_end"):
        values[name] = int(values[name]) if values[name] else None
    for name in _LISTS:
        values[name] = values[name] or []
    for name in ("title", "summary"):
        values[name] = values[name] or ""
    here = to_dict(StudyRecord("", "", source))["source"]
    values["source"] = here
    values["related"] = [
        {**document, "source": here if document["source"] else None}
        for document in values["related"]
    ]
    return from_dict({name: values[name] for name in _OURS})


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        raise TypeError(f"expected text, found {type(value).__name__}")
    return " ".join(str(value).split())


def _list(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    values = value if isinstance(value, list) else from_list_cell(str(value))
    return tuple(dict.fromkeys(_text(item) for item in values if item))


def _categories(given: tuple[str, ...], keywords: tuple[str, ...]) -> tuple[Category, ...]:
    """Return the categories of the field; without one, those that keywords name in words."""
    found = [_WORDS[word.lower()] for word in given if word.lower() in _WORDS]
    if not given:
        named = (k.lower().removeprefix("category:").strip() for k in keywords if len(k) > 1)
        found = [_WORDS[word] for word in named if word in _WORDS]
    elif not found:
        raise ValueError(f"expected categories of S, K, R, G; found {', '.join(given)}")
    return tuple(Category(code) for code in dict.fromkeys(found))


def _inferences(given: tuple[str, ...], publisher: str, title: str) -> tuple[Inference, ...]:
    found = [Inference(canonical(place) or place, "field") for place in given]
    found += [Inference(place, "publisher") for place in places_of_publisher(publisher)]
    found += [Inference(mention.name, "title") for mention in find_places(title)]
    return tuple(dict.fromkeys(found))
