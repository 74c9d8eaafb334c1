"""Files of reference managers and our own exports to the same study records as a cell gives.

``readers`` turns text into plain fields; here one function makes records of
them.  A bad entry costs only itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from evidence_search.importing.readers import LISTS, field_name, rank, recognise
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
from evidence_search.spreadsheet import from_list_cell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_YEARS = re.compile(
    r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)(?:\s?(?:–|--?)\s?(1[5-9]\d\d|20\d\d)(?!\d))?"
)
_TAGS = re.compile(
    r"<(?P<end>/?)(?P<name>i|b|em|strong|sub|sup|span|p|jats:[a-z]+)(?: [^<>]*)?>", re.IGNORECASE
)
_WORDS = {
    "s": "S", "seminal": "S", "seminal study": "S", "seminal studies": "S",
    "k": "K", "key": "K", "key study": "K", "key studies": "K",
    "r": "R", "review": "R", "reviews": "R", "g": "G", "guidance": "G",
}  # fmt: skip

_OURS = frozenset(to_dict(StudyRecord("", "", Source("", 1))))


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
    reader = recognise(text, path)
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


def _record(given: Mapping[str, Any], source: Source) -> StudyRecord:
    """Make a record; one of our own exports keeps every field but where it stands."""
    if given.keys() >= {"id", "title", "inferences", "furniture"}:
        return _ours(given, source)
    fields = _merged(given)
    title = _plain(fields.get("title"))
    if not title:
        raise ValueError("expected a title, found none: add one, or remove the entry")
    publisher, summary = _text(fields.get("publisher")), _plain(fields.get("summary"))
    keywords, tagged = _tagged(_list(fields.get("keywords")))
    matrix, cell = _text(fields.get("matrix")), _text(fields.get("cell"))
    year = _YEARS.search(str(fields.get("year", "")))
    url = _first(fields.get("url"))
    identity = " ".join(filter(None, (title, year and year[1])))
    return StudyRecord(
        id=record_id(matrix or None, cell or None, identity),
        title=title,
        source=source,
        matrix=matrix or None,
        cell=cell or None,
        row=_text(fields.get("row")) or None,
        column=_text(fields.get("column")) or None,
        categories=_categories(_list(fields.get("categories")) or tagged["category"], keywords),
        year=int(year[1]) if year else None,
        year_end=int(year[2]) if year and year[2] else None,
        publisher=publisher or None,
        inferences=_inferences(
            _list(fields.get("jurisdictions")) or tagged["jurisdiction"], publisher, title
        ),
        summary=summary,
        authors=_list(fields.get("authors")),
        journal=_text(fields.get("journal")) or None,
        doi=_doi(_text(fields.get("doi"))) or _doi_of(url),
        url=url or None,
        keywords=keywords,
    )


def _merged(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields under our names: of several for one, the likeliest; keywords of all."""
    fields: dict[str, Any] = {}
    for name in sorted(given, key=rank):
        value = given[name]
        ours = field_name(name)
        if value in (None, "", []):
            continue
        if ours == "keywords" and ours in fields:
            fields[ours] = [*_list(fields[ours]), *_list(value)]
        else:
            fields.setdefault(ours, value)
    return fields


def _ours(given: Mapping[str, Any], source: Source) -> StudyRecord:
    values = {**to_dict(StudyRecord("", "", source)), **given}
    for name in ("year", "year_end"):
        values[name] = int(values[name]) if values[name] else None
    for name in LISTS:
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


def _plain(value: object) -> str:
    """Return text without the tags of rich text that reference managers leave in it, in pairs."""
    text = _text(value)
    tags = {(tag["name"].lower(), bool(tag["end"])) for tag in _TAGS.finditer(text)}
    paired = {name for name, _ in tags if {(name, True), (name, False)} <= tags}
    return _TAGS.sub(lambda tag: "" if tag["name"].lower() in paired else tag[0], text)


def _doi(text: str) -> str:
    """Return a DOI without the address, or the "doi:", before it."""
    return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi: ?)", "", text, flags=re.IGNORECASE)


def _doi_of(url: str) -> str | None:
    match = re.match(r"https?://(?:dx\.)?doi\.org/(10\.\S+)", url, re.IGNORECASE)
    return match[1] if match else None


def _list(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    values = value if isinstance(value, list) else from_list_cell(str(value))
    return tuple(dict.fromkeys(_text(item) for item in values if item))


def _first(value: object) -> str:
    """Return a text, or the first of several; an address may well have a semicolon."""
    return _text(next(iter(value), "") if isinstance(value, list) else value)


def _tagged(keywords: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """Part keywords such as "jurisdiction: Scotland", as our exports have them, from the others."""
    tagged: dict[str, list[str]] = {"category": [], "jurisdiction": []}
    others = []
    for keyword in keywords:
        name, colon, value = keyword.partition(":")
        known = name.strip().lower()
        if not colon or known not in tagged or (known == "category" and not _code(value)):
            others.append(keyword)
        else:
            tagged[known].append(value.strip())
    return tuple(others), tagged


def _code(word: str) -> str | None:
    """Return the code of a category named by its code or in words."""
    return _WORDS.get(word.strip().lower())


def _categories(given: Sequence[str], keywords: tuple[str, ...]) -> tuple[Category, ...]:
    """Return the categories of the field; without one, those that keywords name in words."""
    codes = map(_code, given or (keyword for keyword in keywords if len(keyword) > 1))
    found = [code for code in codes if code]
    if given and not found:
        raise ValueError(f"expected categories of S, K, R, G; found {', '.join(given)}")
    return tuple(Category(code) for code in dict.fromkeys(found))


def _inferences(given: Sequence[str], publisher: str, title: str) -> tuple[Inference, ...]:
    found = [Inference(canonical(place) or place, "field") for place in given]
    found += [Inference(place, "publisher") for place in places_of_publisher(publisher)]
    found += [Inference(mention.name, "title") for mention in find_places(title)]
    return tuple(dict.fromkeys(found))
