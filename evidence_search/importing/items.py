"""JSON: our own records, CSL-JSON, Zotero's and Crossref's items, and objects with fields."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.importing.columns import column_field, given_first, table_fields
from evidence_search.importing.entries import DATES, NAMES, Entry
from evidence_search.importing.types import CSL
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OURS = frozenset({"id", "title", "inferences", "furniture"})
"""Keys that together tell one of our own exports."""
_WRAPPERS = tuple(
    "items references records results message data References resultList result response docs hits "
    "_source bibjson search-results entry articles publications works studies documents".split()
)
_DEPTH = 64
_MOST_VALUES = 100_000
_MOST_WRAPPERS = 4
_MOST_IN_VAIN = 1_000_000
"""Characters, and twice those of a file, that are read for objects that turn out to have no end."""
_MOST_DIGITS = 400
"""The most digits of a number: Python reads longer ones in quadratic time, or refuses them."""


def jsonl(text: str) -> Iterator[Entry]:
    """Read one JSON object a line."""
    for number, line in enumerate(text.split("\n"), 1):
        begin = _past(_SPACE, line, 0, len(line))
        if begin == len(line):
            continue
        try:
            seen = _outline(line, begin)
            if line[seen.end :].strip():
                raise json.JSONDecodeError("Extra data", line, seen.end)
            yield from _read(line, begin, seen, number)
        except ValueError as error:
            yield Entry(number, {}, f"expected one JSON object a line: {error}")


def json_items(text: str) -> Iterator[Entry]:
    """Read one object, an array of them, or objects one after the other."""
    found = False
    for entry in _objects(text, 0, len(text), 1):
        found = True
        yield entry
    if not found:
        yield Entry(1, {}, "expected JSON objects, found none")


_SPACE = lazy_pattern(r"\s*")
_BETWEEN = lazy_pattern(r"[\s,\[\]]*")
"""What stands before the next value of an array: white space, commas and brackets."""
_OBJECT = lazy_pattern(r"\n[ \t]{0,2}(?=\{)")
"""Where an object begins that isn't deep in another: reading goes on there after a bad one."""


def _past(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    match = pattern.match(text, at, end)
    return match.end() if match else at


def _objects(text: str, at: int, end: int, line: int, wrappers: int = 0) -> Iterator[Entry]:
    """Read what stands between two places, each object by itself, so that a bad one costs no other.

    ``line`` is that of ``at``; ``wrappers`` are around it.
    """
    room = _MOST_IN_VAIN + 2 * (end - at)
    while (begin := _past(_BETWEEN, text, at, end)) < end:
        line += text.count("\n", at, begin)
        at = begin
        after = None
        try:
            seen = _outline(text, begin)
            after = seen.end
            yield from _read(text, begin, seen, line, wrappers)
        except ValueError as error:
            yield Entry(line, {}, f"expected a JSON object: {error}")
            if after is None:
                room -= error.pos - begin if isinstance(error, json.JSONDecodeError) else 0
                resumed = _OBJECT.search(text, begin + 1, end) if room > 0 else None
                after = resumed.end() if resumed else end
        line += text.count("\n", at, after)
        at = after
    if room <= 0:
        yield Entry(line, {}, "expected JSON objects, found too many without an end to read on")


def _number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(parse_int=_number)


class _Outline(NamedTuple):
    """A value before it is read: where it ends, how many are in it, how deep, and those by key."""

    end: int
    values: int
    levels: int
    parts: Mapping[str, tuple[int, int]]


_MARK = lazy_pattern(r'"[^"\\\n]*"|["\[\]{},:]')


def _outline(text: str, at: int) -> _Outline:
    """Return the outline of the value that begins at ``at``; nothing is made of what is in it.

    Objects and arrays may take thirty times in memory what they take in a file.  Raises
    ``JSONDecodeError`` where the value has no end.
    """
    if text[at] not in "[{":
        return _Outline(_DECODER.raw_decode(text, at)[1], 1, 0, {})
    opened = bytearray()
    values = levels = 0
    key, begin = "", -1
    parts: dict[str, tuple[int, int]] = {}
    while mark := _MARK.search(text, at):
        sign, at = mark[0], mark.end()
        if sign[0] == '"':
            string, at = _string(text, mark)
            if len(opened) == 1 and begin < 0:
                key = string
        elif sign == ":":
            begin = at if len(opened) == 1 else begin
        elif sign in "[{":
            opened += sign.encode()
            values += 1
            levels = max(levels, len(opened))
        else:
            if len(opened) == 1 and begin >= 0 and len(parts) < _MOST_VALUES:
                parts[key] = begin, mark.start()
            begin = -1 if len(opened) == 1 else begin
            values += sign == ","
            if sign != "," and opened.pop() != ord(_OPENS[sign]):
                break
            if not opened:
                return _Outline(at, values, levels, parts)
    raise json.JSONDecodeError("No end of what begins here", text, at)


_OPENS = {"]": "[", "}": "{"}


def _string(text: str, mark: re.Match[str]) -> tuple[str, int]:
    """Return the string that begins with a mark, and where it ends."""
    if mark.end() - mark.start() > 1:
        return mark[0][1:-1], mark.end()
    string, end = _DECODER.raw_decode(text, mark.start())  # it has an escape, or no end
    return string, end


def _read(text: str, at: int, seen: _Outline, line: int, wrappers: int = 0) -> Iterator[Entry]:
    """Read the value at ``at``: an object, or the items that it is but the wrapper of."""
    inner = _inner(text, seen)
    if inner:
        if wrappers >= _MOST_WRAPPERS:
            raise ValueError(f"it is within more than {_MOST_WRAPPERS} others")
        begin, end = inner
        first = line + text.count("\n", at, begin)
        yield from _objects(text, begin, end, first, wrappers + 1)
        return
    if seen.levels > _DEPTH:
        raise ValueError(f"it has more than {_DEPTH} levels")
    if seen.values > _MOST_VALUES:
        raise ValueError(f"it has more than {_MOST_VALUES} values")
    value, _ = _DECODER.raw_decode(text, at)
    if not isinstance(value, dict):
        raise ValueError(f"found {type(value).__name__}")  # noqa: TRY004 - of the file
    yield _entry(value, line)


def _inner(text: str, seen: _Outline) -> tuple[int, int] | None:
    """Return where the items of an object stand that is but their wrapper, as of web services."""
    if "title" not in seen.parts:
        for name in _WRAPPERS:
            if name in seen.parts and _HOLDS_OBJECTS.match(text, *seen.parts[name]):
                return seen.parts[name]
    return None


_HOLDS_OBJECTS = lazy_pattern(r"\s*(?:\[\s*)?\{")


def _entry(value: Mapping[str, Any], line: int) -> Entry:
    if value.keys() >= OURS:
        return Entry(line, value, ours=True)
    if "itemType" in value or "creators" in value:
        return Entry(line, _zotero(value))
    if _is_csl(value):
        return Entry(line, _csl(value))
    flat = dict(_flat(value))
    fields = table_fields(list(flat.items()), flat.keys())
    named = any(map(_is_object, _authors(value)))  # {"name": "Jo Smith"}
    return Entry(line, fields, given_first=named or given_first(flat.keys()))


def _authors(value: Mapping[str, Any]) -> list[Any]:
    authors = value.get("authors") or value.get("author")
    return authors if isinstance(authors, list) else []


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of an object and of those in it, named as the columns of tables are."""
    for name, part in value.items():
        if name == "abstract_inverted_index" and isinstance(part, dict):  # of OpenAlex
            places = [(at, word) for word, found in part.items() for at in found]
            yield "abstract", " ".join(word for _, word in sorted(places))
        elif isinstance(part, dict):
            yield from _flat(part, f"{prefix}{name}.")
        elif _IDENTIFIERS.fullmatch(name) and isinstance(part, list) and part:
            yield from _identifiers(name, part)
        else:
            yield f"{prefix}{name}", part


_IDENTIFIERS = lazy_pattern(r"identifiers?|(?:external_?)?ids|pids?", re.IGNORECASE)


def _identifiers(name: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield identifiers by their kind where a list has them as objects that say which they are."""
    for value in values:
        kind = value.get("type") or value.get("scheme") if isinstance(value, dict) else None
        if isinstance(kind, str):
            yield kind, value.get("id") or value.get("value")
        else:
            yield name, [value]


# CSL-JSON

_CSL_KEYS = frozenset({"issued", "container-title", "DOI", "URL", "ISSN", "citation-key"})
_NOT_CSL = frozenset({"year", "publication_year", "authors", "display_name", "summary"})
"""Names that CSL-JSON doesn't have: an item with one of them comes from another program."""
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
