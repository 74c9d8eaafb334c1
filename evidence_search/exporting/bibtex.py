"""BibTeX in UTF-8, which biblatex, JabRef, Zotero and pandoc read as well.

Titles are in a second pair of braces, so that no style changes their capitals; so are bodies, so
that their names aren't taken apart. Written here rather than with bibtexparser, whose middleware
escapes wanted braces as well.

Source: Patashnik, "BibTeXing" (1988); the manual of biblatex for ``abstract``, ``date``, ``doi``,
``keywords``, ``url`` and other fields.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.exporting import parts
from evidence_search.importing.types import BIBTEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.records import Contributor, StudyRecord

_KINDS = {
    "article-journal": "article", "article-magazine": "article", "article-newspaper": "article",
    "book": "book", "chapter": "incollection", "paper-conference": "inproceedings",
    "thesis": "phdthesis", "report": "techreport", "webpage": "online", "post-weblog": "online",
    "manuscript": "unpublished", "patent": "patent", "dataset": "dataset",
    "software": "software", "pamphlet": "booklet", "periodical": "periodical",
    "document": "misc",
}  # fmt: skip
_PUBLISHERS = {"techreport": "institution", "phdthesis": "school", "mastersthesis": "school"}
_IN_BOOKS = frozenset({"incollection", "inproceedings"})
_EXTRA = {
    "collection-title": "series", "title-short": "shorttitle", "edition": "edition",
    "container-title-short": "shortjournal", "accessed": "urldate",
}  # fmt: skip
_FIELD = re.compile(r"[a-z][a-z_]*[a-z]")
_OWN = frozenset(
    "title author editor translator year date month day publisher institution school "
    "organization address location journal journaltitle booktitle maintitle volume number issue "
    "pages issn isbn abstract keywords doi pmid pmcid pmc url language langid database source "
    "accession note annote annotation notes comment type crossref eprint howpublished subtitle "
    "booksubtitle keyword "
    "author_keywords document_type art_number string xdata ids labels urls".split()
)
_KNOWN = parts.ROLES | frozenset(
    "type date year_end journal volume issue pages place language issn isbn doi pmid pmcid "
    "database accession publisher urls genre".split()
)
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", **{c: f"\\{c}" for c in "&%$#_"},
}  # fmt: skip
_LATEX_TABLE = str.maketrans(_LATEX)
_ADDRESS_TABLE = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})
# Characters that TeX would join to another one: -- to a dash, '' to a quote.
_LIGATURE = re.compile(r"(-(?=-)|'(?=')|`(?=`)|,(?=,)|[?!](?=`))")


def bibtex(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield BibTeX, an entry at a time; the key is that which the record came with, or its id."""
    taken: set[str] = set()
    for record in records:
        key = _unique(re.sub(r"[^A-Za-z0-9:._/+-]", "-", parts.key(record)) or "record", taken)
        rows = "".join(f"  {name} = {{{value}}},\n" for name, value in _numbered(record) if value)
        yield f"@{_kind(record)}{{{key},\n{rows}}}\n\n"


def _kind(record: StudyRecord) -> str:
    guess = "article" if record.journal else "techreport" if record.publisher else "misc"
    kind = _KINDS.get(record.type or "", guess if record.type is None else "misc")
    if kind == "phdthesis" and any("master" in g.lower() for g in parts.values(record, "genre")):
        return "mastersthesis"
    return kind


def _numbered(record: StudyRecord) -> Iterator[tuple[str, str]]:
    """Yield fields, of several with one name the others as ``name-2``, ``name-3`` …."""
    counts: dict[str, int] = {}
    for name, value in _fields(record):
        if value:
            counts[name] = counts.get(name, 0) + 1
            yield name if counts[name] == 1 else f"{name}-{counts[name]}", value


def _fields(record: StudyRecord) -> Iterator[tuple[str, str]]:
    kind = _kind(record)
    date, month = _dates(record)
    known = {*_KNOWN, *_EXTRA, *(name for name, _ in record.extra if _is_field(name))}
    if record.type and BIBTEX.get(kind) != record.type:
        known.discard("type")
    if record.date and not (date or month):
        known.discard("date")
    yield "title", f"{{{latex(parts.plain(record.title))}}}"
    for role in ("author", "editor", "translator"):
        yield role, " and ".join(map(_name, parts.contributors(record, role)))
    yield "year", str(record.year or "")
    yield "date", date
    yield "month", month
    yield _PUBLISHERS.get(kind, "publisher"), latex(parts.plain(record.publisher))
    yield "address", latex(record.place)
    yield "booktitle" if kind in _IN_BOOKS else "journal", latex(parts.plain(record.journal))
    yield "volume", latex(record.volume)
    typed = kind == "techreport" or "thesis" in kind
    yield "issue" if typed or kind == "book" else "number", latex(record.issue)
    yield "pages", _pages(record.pages)
    yield "issn", latex(record.issn)
    yield "isbn", latex(record.isbn)
    yield "abstract", latex(parts.plain(record.summary))
    yield "keywords", _keywords([parts.plain(keyword) for keyword in parts.keywords(record)])
    yield "doi", _verbatim(record.doi)
    yield "pmid", latex(record.pmid)
    yield "pmcid", latex(record.pmcid)
    for url in dict.fromkeys((record.url, *record.urls)):
        yield "url", _verbatim(url)
    yield "language", latex(record.language)
    yield "database", latex(record.database)
    yield "accession", latex(record.accession)
    for person in parts.contributors(record, "collection-editor"):
        yield "collection-editor", _name(person)
    for name, value in record.extra:
        if name == "genre":
            yield "type" if typed else "document_type", latex(value)
        elif name in _EXTRA or _is_field(name):
            yield _EXTRA.get(name, name), latex(value)
    for note in parts.notes(record, known):
        yield "note", latex(note)


def _is_field(name: str) -> bool:
    return bool(_FIELD.fullmatch(name)) and name not in _OWN


def _dates(record: StudyRecord) -> tuple[str, str]:
    """Return ``date``, where more than the year is known, or ``month`` for a season."""
    date = record.date or ""
    if re.fullmatch(r"\d{4}-\d\d(-\d\d)?|[\d-]+/[\d-]+", date):
        return date, ""
    if record.year_end:
        return f"{record.year}/{record.year_end}", ""
    year, _, rest = date.partition(" ")
    return "", latex(rest) if rest and year == str(record.year) else ""


def _pages(pages: str | None) -> str:
    return re.sub(r"(?<=\w)-(?=\w)", "--", latex(pages))


def _name(person: Contributor) -> str:
    if person.literal or not person.family:
        return f"{{{latex(parts.plain(person.inverted))}}}"
    family = latex(parts.plain(person.surname))
    if " and " in family or "," in family:
        family = f"{{{family}}}"
    given = " ".join(filter(None, (person.given, person.dropping_particle)))
    return ", ".join(filter(None, (family, latex(person.suffix), latex(parts.plain(given)))))


def latex(text: str | None) -> str:
    """Return text for a field: what LaTeX takes for its own is written as commands."""
    return _LIGATURE.sub(r"\1{}", line(text or "").translate(_LATEX_TABLE))


def _keywords(keywords: Sequence[str]) -> str:
    """Return a list of keywords; one with a comma or semicolon in braces, as biblatex splits lists.

    Programs put braces around whole lists too: a comma behind tells one keyword from such a list.
    """
    marked = [bool(re.search("[,;]", keyword)) for keyword in keywords]
    written = (
        f"{{{latex(keyword)}}}" if braced else latex(keyword)
        for keyword, braced in zip(keywords, marked, strict=True)
    )
    return ", ".join(written) + ("," if marked == [True] else "")


def _verbatim(text: str | None) -> str:
    """Return an address, which isn't LaTeX; what would end its field is percent-encoded."""
    return line(text or "").translate(_ADDRESS_TABLE)


def _unique(key: str, taken: set[str]) -> str:
    """Return ``key``, or with a number where another has it; BibTeX ignores case."""
    name, n = key, 1
    while name.casefold() in taken:
        n += 1
        name = f"{key}-{n}"
    taken.add(name.casefold())
    return name
