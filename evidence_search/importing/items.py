"""JSON: our own records, CSL-JSON, Zotero's and Crossref's items, and objects with fields."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from evidence_search.importing.columns import column_field, given_first, table_fields
from evidence_search.importing.entries import DATES, NAMES, Entry
from evidence_search.importing.types import CSL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OURS = frozenset({"id", "title", "inferences", "furniture"})
"""Keys that together tell one of our own exports."""
_WRAPPERS = ("items", "references", "records", "results", "message", "data", "References")
_DEPTH = 64
_MOST_VALUES = 100_000
_MOST_DIGITS = 400
"""The most digits of a number: Python reads longer ones in quadratic time, or refuses them."""


def jsonl(text: str) -> Iterator[Entry]:
    """Read one JSON object a line."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = _DECODER.decode(line)
            except (ValueError, RecursionError) as error:
                yield Entry(number, {}, f"expected one JSON object a line: {_told(error)}")
            else:
                yield from _entries(value, number)


def json_items(text: str) -> Iterator[Entry]:
    """Read one object, an array of them, or objects one after the other."""
    line, at = 1, 0
    found = False
    end = 0
    while (at := _between(text, end)) < len(text):
        line += text.count("\n", end, at)
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield Entry(line, {}, f"expected a JSON object: {_told(error)}")
            resumed = _OBJECT.search(text, at + 1)
            if not resumed:
                return
            end = resumed.start() + 1
            line += text.count("\n", at, end)
            continue
        found = True
        yield from _entries(value, line)
        line += text.count("\n", at, end)
    if not found:
        yield Entry(1, {}, "expected JSON objects, found none")


_BETWEEN = re.compile(r"[\s,\[\]]*")
_OBJECT = re.compile(r"\n[ \t]{0,2}(?=\{)")
"""Where an object begins that isn't deep in another: reading goes on there after a bad one."""


def _between(text: str, at: int) -> int:
    """Return where the next value of an array begins: after white space, commas and brackets."""
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(parse_int=_number)


def _told(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _entries(value: object, line: int) -> Iterator[Entry]:
    if not isinstance(value, dict):
        yield Entry(line, {}, f"expected a JSON object, found {type(value).__name__}")
        return
    inner = _inner(value)
    if inner:
        for item in inner:
            yield from _entries(item, line)
        return
    if limit := _too_large(value):
        yield Entry(line, {}, f"expected at most {limit} of JSON, found more")
    elif value.keys() >= OURS:
        yield Entry(line, value, ours=True)
    elif "itemType" in value or "creators" in value:
        yield Entry(line, _zotero(value))
    elif _is_csl(value):
        try:
            yield Entry(line, _csl(value))
        except ValueError as error:
            yield Entry(line, {}, str(error))
    else:
        flat = dict(_flat(value))
        fields = table_fields(list(flat.items()), flat.keys())
        yield Entry(line, fields, given_first=given_first(flat.keys()))


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of an object and of those in it, named as the columns of tables are."""
    for name, part in value.items():
        if name == "abstract_inverted_index" and isinstance(part, dict):  # of OpenAlex
            places = [(at, word) for word, found in part.items() for at in found]
            yield "abstract", " ".join(word for _, word in sorted(places))
        elif isinstance(part, dict):
            yield from _flat(part, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", part


def _inner(value: Mapping[str, Any]) -> list[Any]:
    """Return the items of an object that is but their wrapper, as web services have it."""
    if "title" in value:
        return []
    for name in _WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, dict):
            return [inner]
        if isinstance(inner, list) and inner and all(map(_is_object, inner)):
            return inner
    return []


def _too_large(value: object) -> str:
    """Return which limit an object is beyond, or nothing."""
    level: list[Any] = [value]
    values = 0
    for _ in range(_DEPTH):
        values += sum(map(len, level))
        if values > _MOST_VALUES:
            return f"{_MOST_VALUES} values in an object"
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return ""
    return f"{_DEPTH} levels"


# CSL-JSON

_CSL_KEYS = frozenset({"issued", "container-title", "DOI", "URL", "ISSN", "citation-key"})
_NOT_CSL = frozenset({"year", "publication_year", "authors", "display_name", "summary"})
"""What other programs call what CSL calls otherwise."""
_CSL_FIELDS = {
    "type": "csl-type",
    "container-title": "journal", "abstract": "summary", "page": "pages",
    "publisher-place": "place", "note": "notes", "source": "database",
    "keyword": "keywords", "DOI": "doi", "URL": "url",
    "ISSN": "issn", "ISBN": "isbn", "PMID": "pmid", "PMCID": "pmcid",
    "journalAbbreviation": "container-title-short", "shortTitle": "title-short",
    "id": "citation-key",
}  # fmt: skip


def _is_csl(item: Mapping[str, Any]) -> bool:
    kind = str(item.get("type", "")).lower()
    if _CSL_KEYS & item.keys():
        return True
    return kind in CSL and bool({"id", "author"} & item.keys()) and not _NOT_CSL & item.keys()


def _csl(item: Mapping[str, Any]) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    custom: Mapping[str, Any] = {}
    for name, value in item.items():
        ours = _CSL_FIELDS.get(name, name)
        if name == "issued":
            fields["issued"] = [value]
        elif name in NAMES:
            fields[name] = _names(name, value)
        elif name in DATES and isinstance(value, dict):
            fields[name] = [_day(value)]
        elif name == "custom" and isinstance(value, dict):
            custom = value
        elif name == "note" and isinstance(value, str):
            fields[ours] = value.split("\n")
        elif name == "keyword" and isinstance(value, str):
            fields[ours] = [
                part.strip() for part in re.split(r"[;,]" if ";" not in value else ";", value)
            ]
        else:
            values = value if isinstance(value, list) else [value]
            fields.setdefault(ours, []).extend(values)
    if fields.get("citation-key") and "citation-key" in item:
        fields["citation-key"] = [item["citation-key"]]
    for name, value in custom.items():
        values = value if isinstance(value, list) else [value]
        fields[name] = [*fields.get("url", []), *values] if name == "urls" else values
    fields["url"] = fields.pop("urls", fields.get("url", []))
    return fields


def _names(name: str, value: object) -> list[Any]:
    if not isinstance(value, list) or not all(map(_is_object, value)):
        raise ValueError(f"expected a list of names as “{name}”, each an object")
    return value


def _day(value: Mapping[str, Any]) -> Any:
    """Return a date of CSL as text: of ISO 8601, or as its source wrote it."""
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and all(isinstance(end, list) and end for end in parts):
        return "/".join("-".join(str(part).zfill(2) for part in end) for end in parts)
    return value.get("raw") or value.get("literal") or ""


# Zotero's own JSON

_ZOTERO = {
    "itemType": "type", "abstractNote": "summary", "publicationTitle": "journal",
    "bookTitle": "journal", "proceedingsTitle": "journal", "websiteTitle": "journal",
    "blogTitle": "journal", "encyclopediaTitle": "journal", "dictionaryTitle": "journal",
    "journalAbbreviation": "container-title-short", "shortTitle": "title-short",
    "institution": "publisher", "university": "publisher", "libraryCatalog": "database",
    "accessDate": "accessed", "DOI": "doi", "ISSN": "issn", "ISBN": "isbn",
    "callNumber": "call-number", "series": "collection-title", "reportType": "genre",
    "thesisType": "genre", "extra": "notes", "citationKey": "citation-key",
    "reportNumber": "number", "numPages": "number-of-pages",
}  # fmt: skip
_ZOTERO_INTERNAL = frozenset(
    "key version relations collections dateAdded dateModified attachments uri itemID select "
    "libraryID itemKey".split()
)


def _zotero(item: Mapping[str, Any]) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for name, value in item.items():
        if name in _ZOTERO_INTERNAL or value in (None, "", []):
            continue
        if name == "creators" and isinstance(value, list):
            for creator in filter(_is_object, value):
                role = {"seriesEditor": "collection-editor", "bookAuthor": "container-author"}.get(
                    creator.get("creatorType"), creator.get("creatorType") or "author"
                )
                single = creator.get("name")
                person = {"family": creator.get("lastName"), "given": creator.get("firstName")}
                fields.setdefault(str(role), []).append({"literal": single} if single else person)
        elif name == "tags" and isinstance(value, list):
            tags = [tag.get("tag") if _is_object(tag) else tag for tag in value]
            fields.setdefault("keywords", []).extend(tags)
        elif name == "notes" and isinstance(value, list):
            notes = [note.get("note") if _is_object(note) else note for note in value]
            fields.setdefault("notes", []).extend(notes)
        else:
            ours = _ZOTERO.get(name) or column_field(name)
            fields.setdefault(ours, []).append(value)
    return fields


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
