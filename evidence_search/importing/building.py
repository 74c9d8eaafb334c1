"""Fields of an entry, of whatever format, to a study record."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

from evidence_search.decoding import fold_spaces
from evidence_search.importing.dates import date, years
from evidence_search.importing.entries import NAMES
from evidence_search.importing.types import CSL, PLAIN, csl_type
from evidence_search.lists.labels import labels_of, of_labels
from evidence_search.patterns import lazy_pattern
from evidence_search.places import canonical, find_places, places_of_publisher
from evidence_search.records import (
    Category,
    Contributor,
    Inference,
    RelatedDocument,
    StudyRecord,
    contributor,
    from_dict,
    record_id,
    to_dict,
)
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evidence_search.importing.entries import Entry
    from evidence_search.records import Source

_EMPTY = frozenset(
    "nan NaN NAN None NA N/A n/a null NULL Null <NA> #N/A NaT undefined [] {} -".split()
)
"""What programs write for nothing: Python, pandas, R, Excel and JavaScript."""
_ENTITY = lazy_pattern(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAGS = lazy_pattern(
    r"<(?P<end>/?)(?P<name>i|b|u|em|strong|sub|sup|inf|span|p|italic|bold|scp|small|div|h[1-6]|"
    r"jats:[a-z-]+)(?: [^<>]{0,500})?>",
    re.IGNORECASE,
)
_RAISED = lazy_pattern(r"<sup>([0-9+−()n, –-]{1,20})</sup>", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("0123456789+−-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
"""The number of a note isn't part of the word it stands at, and 10<sup>9</sup> isn't 109."""
_SINGLE = lazy_pattern(r"<br ?/?>", re.IGNORECASE)
_DOI = lazy_pattern(r"10\.\d+(?:\.\d+)*/\S+")
_DOI_ADDRESS = lazy_pattern(r"https?://(?:[\w.-]+\.)?doi\.org/+(10\.\S+)", re.IGNORECASE)
_PMID_ADDRESS = lazy_pattern(
    r"https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,9})\b"
)
_PMID_NOTE = lazy_pattern(r"\bPMID:? ?(\d{1,9})\b")
_PMCID = lazy_pattern(r"PMC ?(\d{1,9})(?!\d)|^(\d{5,9})$", re.IGNORECASE)
_PAGE_RANGE = lazy_pattern(r"(?<=\w) ?(?:--?|[‐‑–]) ?(?=\w)")
_ISSN = lazy_pattern(r"\b\d{4}-?\d{3}[\dXx]\b")
_ISBN = lazy_pattern(r"\b(?:97[89][- ]?)?\d(?:[- ]?\d){8}[- ]?[\dXx]\b")
_ADDRESS = lazy_pattern(r"(?:https?|ftp)://\S|www\.\S", re.IGNORECASE)
_INCLUDED = {
    "1": "included", "1.0": "included", "yes": "included", "include": "included",
    "included": "included", "true": "included", "relevant": "included", "y": "included",
    "0": "excluded", "0.0": "excluded", "no": "excluded", "exclude": "excluded",
    "excluded": "excluded", "false": "excluded", "irrelevant": "excluded", "n": "excluded",
    "maybe": "maybe",
}  # fmt: skip
_CATEGORIES = {
    "s": "S", "seminal": "S", "seminal study": "S", "seminal studies": "S",
    "k": "K", "key": "K", "key study": "K", "key studies": "K",
    "r": "R", "review": "R", "reviews": "R", "g": "G", "guidance": "G",
}  # fmt: skip
_SINGLES = (
    "journal", "volume", "issue", "pages", "place", "language", "publisher", "database",
    "accession", "matrix", "cell", "row", "column",
)  # fmt: skip
_RUNNING = frozenset({"title", "summary", "journal", "publisher", "keywords", "notes"})
_USED = frozenset({
    *_SINGLES, "title", "summary", "year", "date", "month", "day", "issued", "doi", "url", "pmid",
    "pmcid", "issn", "eissn", "isbn", "keywords", "notes", "labels", "categories", "ids",
    "jurisdictions", "type", "csl-type", "published", "citation-key", "start", "end",
    "article-number", "inclusion", "id",
})  # fmt: skip


def build(entry: Entry, source: Source) -> StudyRecord:
    """Return the record of an entry.  Raises ``ValueError`` where it can't be one."""
    if entry.ours:
        return _ours(entry.fields, source)
    return _Builder(entry, source).record()


def is_enclosure(entry: Entry) -> bool:
    """Tell whether an entry is no work, but a file or a note that Zotero keeps with one.

    What Scopus calls a note is an article, and has a title.
    """
    kinds = {kind.lower() for kind in _list(entry.fields.get("type")) if isinstance(kind, str)}
    untitled = not any(_list(entry.fields.get("title")))
    return bool(kinds & {"annotation", "attachment"}) or ("note" in kinds and untitled)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class _Builder:
    """The fields of one entry, as text, on their way to a record."""

    def __init__(self, entry: Entry, source: Source) -> None:
        self._given_first = entry.given_first
        self._source = source
        self._raw, self._related = _unpacked(entry.fields, source)
        self._extra: dict[str, dict[str, None]] = {}

    def record(self) -> StudyRecord:
        title = self._one("title")
        if not title:
            raise ValueError("expected a title, found none: add one, or remove the entry")
        single = {name: self._one(name) or None for name in _SINGLES}
        year, year_end, day = self._dates()
        kind = self._type()
        urls = self._urls()
        doi = self._doi(urls)
        keywords, tagged = _tagged(self._many("keywords"))
        notes = self._notes()
        issn, isbn = self._numbers()
        pmid = self._pmid(urls, single)
        labels = self._labels(notes)
        ids = self._ids()
        identity = f"{title} {year}" if year else title
        return StudyRecord(
            id=record_id(single["matrix"], single["cell"], identity),
            title=title,
            source=self._source,
            matrix=single["matrix"],
            cell=single["cell"],
            row=single["row"],
            column=single["column"],
            categories=_categories(self._many("categories") or tagged["category"], keywords),
            year=year,
            year_end=year_end,
            publisher=single["publisher"],
            inferences=_inferences(
                self._many("jurisdictions") or tuple(tagged["jurisdiction"]),
                single["publisher"] or "", title,
            ),
            summary=self._one("summary"),
            related=self._related,
            notes=notes,
            journal=single["journal"],
            doi=doi,
            url=urls[0] if urls else None,
            keywords=keywords,
            contributors=self._contributors(),
            type=kind,
            date=day,
            volume=single["volume"],
            issue=single["issue"],
            pages=self._pages(single["pages"]),
            place=single["place"],
            language=single["language"],
            issn=issn,
            isbn=isbn,
            pmid=pmid,
            pmcid=self._pmcid(),
            ids=ids,
            urls=urls,
            database=single["database"],
            accession=single["accession"],
            labels=labels,
            lists=of_labels(labels),
            extra=self._rest(),
        )  # fmt: skip

    def _texts(self, name: str) -> list[str]:
        values = self._raw.get(name)
        if not values:
            return []
        texts = [_text(value, name) for value in _list(values)]
        return [text for text in texts if text]

    def _many(self, name: str) -> tuple[str, ...]:
        texts = self._texts(name)
        if not texts:
            return ()
        if name in _RUNNING:
            texts = [text for text in map(_readable, texts) if text]
        return tuple(dict.fromkeys(texts))

    def _one(self, name: str) -> str:
        """Return the likeliest value of a field; others are kept under its name."""
        texts = self._many(name)
        for other in texts[1:]:
            short = name == "journal" and len(other) < len(texts[0])
            self._keep("container-title-short" if short else name, other)
        return texts[0] if texts else ""

    def _keep(self, name: str, text: str) -> None:
        self._extra.setdefault(name, {})[text] = None

    def _dates(self) -> tuple[int | None, int | None, str | None]:
        if issued := self._raw.get("issued"):
            return _csl_date(issued[0] if isinstance(issued, list) else issued)
        stated = [*self._texts("year"), *self._texts("date")]
        found = [pair for pair in map(years, stated) if pair[0]]
        found += map(years, self._texts("published"))
        year = found[0][0] if found else None
        year_end = next((last for first, last in found if last and first == year), None)
        days = [day for day in map(date, stated) if day]
        if year and not days:  # the day may stand apart from its year
            apart = (f"{year} {text}" for text in stated if not years(text)[0])
            days = [day for day in map(date, apart) if day]
        day = max(
            days,
            key=lambda text: (text[:4] == str(year), text[:4].isdigit(), len(text)),
            default=None,
        )
        month = " ".join(self._texts("month")[:1])
        if month and year and not year_end and not day:
            if month.isdigit():
                month = f"-{int(month):02}"
            day = date(f"{year}{month}" if month[0] == "-" else f"{year} {month}")
            days_of = " ".join(self._texts("day")[:1])
            if day and days_of.isdigit() and len(day) == 7 and 1 <= int(days_of) <= 31:
                day = f"{day}-{int(days_of):02}"
        return year, year_end, day

    def _type(self) -> str | None:
        for text in self._texts("csl-type"):
            if text in CSL:
                return text
            if csl_type(text) is None:
                self._keep("type", text)
        for text in self._texts("type"):
            if text.lower() not in PLAIN:
                self._keep("genre", text)
        named = (*self._texts("csl-type"), *self._texts("type"), *self._texts("genre"))
        return next(filter(None, map(csl_type, named)), None)

    def _urls(self) -> tuple[str, ...]:
        urls: list[str] = []
        for text in self._texts("url"):
            for part in re.split(r";\s*(?=https?://)|\s+(?=https?://)", text):
                if _ADDRESS.match(part):
                    urls.append(part.strip().rstrip(";"))
                elif not _DOI.match(part):
                    self._keep("file", part)
        return tuple(dict.fromkeys(urls))

    def _doi(self, urls: Sequence[str]) -> str | None:
        for text in self._texts("doi"):
            found = doi(text)
            if found:
                return found
            if _ADDRESS.match(text):
                self._keep("URL", text)
            else:
                self._keep("DOI", text)
        for text in (*urls, *self._texts("url")):
            found = doi(text) if _DOI_ADDRESS.match(text) or _DOI.match(text) else None
            if found:
                return found
        return None

    def _pmid(self, urls: Sequence[str], single: Mapping[str, str | None]) -> str | None:
        for text in self._texts("pmid"):
            match = re.search(r"\d{1,9}", text)
            if match:
                return match[0]
        address = next(filter(None, map(_PMID_ADDRESS.match, urls)), None)
        if address:
            return address[1]
        for text in (*self._texts("notes"), *self._texts("Extra")):
            if match := _PMID_NOTE.search(text):
                return match[1]
        number, where = single["accession"] or "", (single["database"] or "").lower()
        if re.match(r"(?:ovid )?(?:medline|pubmed)", where) and re.fullmatch(r"\d{1,8}", number):
            return number
        return None

    def _pmcid(self) -> str | None:
        for text in self._texts("pmcid"):
            match = _PMCID.search(text)
            if match:
                return f"PMC{match[1] or match[2]}"
            self._keep("custom2", text)
        return None

    def _numbers(self) -> tuple[str | None, str | None]:
        """Return ISSN and ISBN, which stand in one field in many formats, of several all."""
        issn: dict[str, None] = {}
        isbn: dict[str, None] = {}
        for name in ("issn", "eissn", "isbn"):
            for text in self._texts(name):
                serials, books = _ISSN.findall(text), _ISBN.findall(text)
                if books and (name == "isbn" or not serials):
                    isbn.update(dict.fromkeys(books))
                elif serials:
                    issn.update(dict.fromkeys(serials))
                else:
                    self._keep(name.upper(), text)
        return ", ".join(issn) or None, ", ".join(isbn) or None

    def _pages(self, stated: str | None) -> str | None:
        if not stated:
            start, end = self._one("start"), self._one("end")
            if start and end and start != end and not re.search(r"\d\s*[-–]", start):
                stated = f"{start}-{end}"
            else:
                stated = start or self._one("article-number") or end or None
        elif self._texts("article-number"):
            self._keep("article-number", self._texts("article-number")[0])
        return _PAGE_RANGE.sub("-", stated) if stated else None

    def _ids(self) -> tuple[str, ...]:
        ids = list(self._many("ids"))
        for text in self._texts("id"):
            match = re.match(r"https?://openalex\.org/(W\d+)", text)
            if match:
                ids.append(f"openalex:{match[1]}")
            else:
                self._keep("id", text)
        return tuple(dict.fromkeys(ids))

    def _notes(self) -> tuple[str, ...]:
        return self._many("notes")

    def _labels(self, notes: Iterable[str]) -> tuple[str, ...]:
        labels = dict.fromkeys(self._many("labels"))
        for note in notes:
            labels.update(dict.fromkeys(labels_of(note)))
        for text in self._texts("inclusion"):
            decision = _INCLUDED.get(text.lower())
            labels[f"screening: {decision}" if decision else f"screening: {text}"] = None
        return tuple(labels)

    def _contributors(self) -> tuple[Contributor, ...]:
        persons: dict[tuple[str, str], Contributor] = {}
        for role in (*("author", "editor"), *(name for name in self._raw if name in NAMES)):
            values = self._raw.get(role, [])
            for value in _list(values):
                for person in self._persons(value, role):
                    persons.setdefault((role, str(person)), person)
        return tuple(persons.values())

    def _persons(self, value: Any, role: str) -> list[Contributor]:
        if value is None:
            return []
        if isinstance(value, dict):
            parts = {
                name.replace("-", "_"): " ".join(value[name].split())
                for name in _NAME_PARTS
                if isinstance(value.get(name), str) and value[name].strip()
            }
            if parts.get("literal"):
                return [Contributor(role, literal=parts["literal"])]
            if not parts.get("family"):
                name = parts.get("given") or value.get("name")
                return [contributor(name, role)] if isinstance(name, str) and name else []
            return [Contributor(role, **parts)]
        text = _readable(_text(value, role))
        if ";" in text:
            names = [name for name in map(str.strip, text.split(";")) if name]
        else:
            names = [text] if text else []
        return [
            contributor(name, role, given_first=self._given_first)
            for name in (_AFTER_NAME.sub("", name) for name in names)
            if name
        ]

    def _rest(self) -> tuple[tuple[str, str], ...]:
        key = self._texts("citation-key")[:1]
        if key and not _OUR_ID.fullmatch(key[0]):
            self._keep("citation-key", key[0])
        for name in self._raw:
            if name not in _USED and name not in NAMES:
                values = self._raw[name]
                for value in _list(values):
                    text = _loose_text(value)
                    if text:
                        self._keep(name, text)
        return tuple((name, text) for name, texts in self._extra.items() for text in texts)


_NAME_PARTS = (
    "family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal",
)  # fmt: skip


# Notes that say what a format has no field for, as our exports write them.
_OUR_ID = lazy_pattern(r"(?:[a-z0-9.]+-)*[0-9a-f]{6}(?:-\d+)?|pmid-\d+")
_FIELD_NOTE = lazy_pattern(r"\{:([^:{}]{1,80}): (.*)\}", re.DOTALL)
_PUBLISHED = lazy_pattern(r"published (\d{4}–\d{4})")
_CELL_NOTE = lazy_pattern(r"(\w+) matrix cell ([A-E][1-5])(?: \((.*?)(?:; (.*))?\))?")
_AFTER_NAME = lazy_pattern(r"(?:^|,?\s+)et al\.?$|\s+\(\d+\)$")
"""What files write after a name: that there are more, or the author's number in Scopus."""
_RELATED = lazy_pattern(r"(see also|update|associated|mentioned): (.+?)(?: \(([^()]*)\))?")
_NOTED = {"urls": "url", "type": "csl-type"}
_EXACT = frozenset({"csl-type", "keywords", "database"})
"""Fields that stand in notes where the format can't say exactly what they are."""


def _unpacked(
    fields: Mapping[str, Any], source: Source
) -> tuple[Mapping[str, Any], tuple[RelatedDocument, ...]]:
    """Return fields, with those that stand in notes of our exports taken out of them."""
    given = fields.get("notes")
    if not isinstance(given, list):
        return fields, ()
    named: dict[str, list[Any]] = {}
    notes: list[Any] = []
    related: list[RelatedDocument] = []
    for note in given:
        text = note.strip() if isinstance(note, str) else ""
        if match := _FIELD_NOTE.fullmatch(text):
            named.setdefault(_NOTED.get(match[1], match[1]), []).append(match[2])
        elif match := _PUBLISHED.fullmatch(text):
            named["published"] = [match[1]]
        elif match := _CELL_NOTE.fullmatch(text):
            parts = zip(("matrix", "cell", "column", "row"), match.groups(), strict=True)
            named.update({name: [value] for name, value in parts if value})
        elif match := _RELATED.fullmatch(text):
            related.append(_related(match, source))
        else:
            notes.append(note)
    merged = {**fields, "notes": notes}
    for name, values in named.items():
        before = merged.get(name, [])
        merged[name] = values if name in _EXACT else [*before, *values]
    return merged, tuple(related)


def _related(match: re.Match[str], source: Source) -> RelatedDocument:
    publisher, _, year = (match[3] or "").rpartition(", ")
    if not re.fullmatch(r"\d{4}", year):
        publisher, year = match[3] or "", ""
    return RelatedDocument(
        match[1], match[2], publisher or None, int(year) if year else None, source=source
    )


def _text(value: object, name: str) -> str:
    """Return a value as text on one line, nothing for what stands for nothing."""
    if isinstance(value, str):
        text = fold_spaces(value)
        return "" if text in _EMPTY else text
    if value is None or value != value:  # noqa: PLR0124 - only NaN isn't itself
        return ""
    if isinstance(value, bool | list | dict):
        raise TypeError(f"expected text as “{name}”, found {type(value).__name__}")
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _loose_text(value: object) -> str:
    """Return any value as text: what isn't text or a number as JSON."""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False) if value or value is False else ""
    return _text(value, "")


def _readable(text: str) -> str:
    """Return running text without the entities and tags that exports leave in it."""
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" in text:
        text = _RAISED.sub(lambda raised: raised[1].translate(_SUPERSCRIPTS), text)
        pairs = {(tag["name"].lower(), bool(tag["end"])) for tag in _TAGS.finditer(text)}
        paired = {name for name, _ in pairs if {(name, True), (name, False)} <= pairs}
        text = _TAGS.sub(lambda tag: "" if tag["name"].lower() in paired else tag[0], text)
        text = fold_spaces(_SINGLE.sub(" ", text))
    return "" if text in _EMPTY else text


def _character(entity: re.Match[str]) -> str:
    return unescape(entity[0])


def doi(text: str) -> str | None:
    """Return the bare DOI in a text: without address, "doi:", and what stands after it."""
    address = _DOI_ADDRESS.search(text)
    if address:
        from urllib.parse import unquote

        text = unquote(address[1])
    match = _DOI.search(text)
    return match[0].rstrip(".,;") if match else None


def _csl_date(issued: Any) -> tuple[int | None, int | None, str | None]:
    """Return the years and the day of a CSL date, in any of the forms that programs write."""
    if not isinstance(issued, dict):
        text = _text(issued, "issued")
        first, last = years(text)
        return first, last, date(text)
    parts = issued.get("date-parts")
    if isinstance(parts, list):
        days = [_wholes(part) for part in parts if isinstance(part, list)]
        days = [part for part in days if part and 0 < part[0] < 10000]
        firsts = [part[0] for part in days]
        if firsts:
            day = date("/".join(map(_iso, days[:2]))) if len(max(days[:2], key=len)) > 1 else None
            last = firsts[1] if len(firsts) > 1 and firsts[1] > firsts[0] else None
            season = issued.get("season") or issued.get("literal")
            if season and not day and not last:
                season = _SEASONS.get(str(season), str(season))
                day = date(season if str(firsts[0]) in season else f"{firsts[0]} {season}")
            return firsts[0], last, day
    for name in ("raw", "literal"):
        if issued.get(name):
            return _csl_date(str(issued[name]))
    return None, None, None


def _iso(parts: Sequence[int]) -> str:
    return "-".join([f"{parts[0]:04}", *(f"{number:02}" for number in parts[1:3])])


_SEASONS = {"1": "Spring", "2": "Summer", "3": "Autumn", "4": "Winter"}


def _wholes(values: Iterable[object]) -> list[int]:
    """Return the whole numbers of values, whether numbers or text, up to the first that is none."""
    numbers: list[int] = []
    for value in values:
        try:
            numbers.append(int(str(value)[:6]))
        except ValueError:
            break
    return numbers


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
    return _CATEGORIES.get(word.strip().lower())


def _categories(given: Sequence[str], keywords: tuple[str, ...]) -> tuple[Category, ...]:
    """Return the categories of the field; without one, those that keywords name in words."""
    codes = map(_code, given or (keyword for keyword in keywords if len(keyword) > 1))
    known = [code for code in codes if code]
    if given and not known:
        raise ValueError(f"expected categories of S, K, R, G; found {', '.join(given)}")
    return tuple(Category(code) for code in dict.fromkeys(known))


def _inferences(given: Sequence[str], publisher: str, title: str) -> tuple[Inference, ...]:
    """Return the jurisdictions of the field, and only where it has none what else tells."""
    if given:
        stated = [Inference(canonical(place) or place, "field") for place in given]
        return tuple(dict.fromkeys(stated))
    inferred = [Inference(place, "publisher") for place in places_of_publisher(publisher)]
    inferred += [Inference(mention.name, "title") for mention in find_places(title)]
    return tuple(dict.fromkeys(inferred))


def _ours(given: Mapping[str, Any], source: Source) -> StudyRecord:
    """Return the record of one of our exports, which keeps every field but where it stands."""
    empty = to_dict(StudyRecord("", "", source))
    values = {
        name: empty.get(name) if value is None or value == "" else value
        for name, value in given.items()
    }
    for name in ("year", "year_end"):
        if re.fullmatch(r"-?\d{1,6}", str(values.get(name))):
            values[name] = int(str(values[name]))
    values["source"] = empty["source"]
    related = values.get("related")
    if isinstance(related, list):
        values["related"] = [
            {**document, "source": empty["source"] if document.get("source") else None}
            if isinstance(document, dict)
            else document
            for document in related
        ]
    listings = values.get("listings")
    if isinstance(listings, list):
        values["listings"] = [
            {**listing, "source": empty["source"]} if isinstance(listing, dict) else listing
            for listing in listings
        ]
    record = from_dict(values)
    if "lists" not in given:  # a version before lists wrote it
        record = replace(record, lists=of_labels(record.labels))
    if not (record.title.strip() or record.summary.strip()):  # test collections have no titles
        raise ValueError("expected a title or a summary, found none: add one, or remove the entry")
    return record
