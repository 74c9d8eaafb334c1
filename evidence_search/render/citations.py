"""Records for reference managers: RIS, BibTeX and CSL-JSON.

Each keeps title, years, authors, publisher, journal, abstract, DOI, URL and
keywords; categories and jurisdictions become keywords such as "category: Key
study", which our own reader takes for what they are; the cell, remarks and
related documents go into the note.

Written here rather than with the libraries that read these formats in
``importing``: rispy writes a line break of a value as it is, which breaks
the entry; bibtexparser leaves most of LaTeX's special characters alone; and
exporting would need an extra.  The tests read what is written here with both.

Sources: RIS as of 2011 ("RIS Format Specifications", Research Information
Systems); BibTeX's entry types and fields (Patashnik, "BibTeXing", 1988) with
``abstract``, ``doi``, ``keywords`` and ``url`` as biblatex has them; CSL-JSON
1.0.2 (https://github.com/citation-style-language/schema, ``csl-data.json``).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from evidence_search.render.names import years
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.records import RelatedDocument, StudyRecord


def keywords(record: StudyRecord) -> list[str]:
    """Return categories, jurisdictions and keywords, each once, as keywords."""
    tags = [f"category: {label}" for label in record.category_labels]
    tags += [f"jurisdiction: {name}" for name in record.jurisdictions]
    return list(dict.fromkeys(line(tag) for tag in (*tags, *record.keywords)))


def note(record: StudyRecord) -> str:
    """Return what no field of a reference manager has, in one line."""
    parts = list(record.notes)
    if record.year_end:
        parts.append(f"published {years(record)}")
    if record.cell:
        names = "; ".join(name for name in (record.column, record.row) if name)
        parts.append(
            f"{record.matrix} matrix cell {record.cell}" + (f" ({names})" if names else "")
        )
    parts += map(_related, record.related)
    return line(". ".join(parts))


def _related(document: RelatedDocument) -> str:
    told = ", ".join(str(fact) for fact in (document.publisher, document.year) if fact)
    return f"{document.relation}: {document.title}" + (f" ({told})" if told else "")


def _authors(record: StudyRecord) -> Iterator[tuple[str, str]]:
    """Yield family and given names; the name of a body, which has no comma, is all family."""
    for author in record.authors:
        family, _, given = line(author).partition(",")
        yield family.strip(), given.strip()


# RIS


def ris(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield RIS: JOUR for an article of a journal, RPRT for what has a publisher, else GEN."""
    for record in records:
        fields = [
            ("TY", "JOUR" if record.journal else "RPRT" if record.publisher else "GEN"),
            ("ID", record.id),
            ("TI", record.title),
            *(("AU", author) for author in record.authors),
            ("PY", str(record.year or "")),
            ("PB", record.publisher),
            ("T2", record.journal),
            ("AB", record.summary),
            *(("KW", keyword) for keyword in keywords(record)),
            ("DO", record.doi),
            ("UR", (record.url or "").replace(";", "%3B")),  # a semicolon parts two addresses
            ("N1", note(record)),
        ]
        rows = [f"{tag}  - {line(value)}\r\n" for tag, value in fields if value]
        yield "".join(rows) + "ER  - \r\n\r\n"


# BibTeX

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
    """Yield BibTeX in UTF-8; the key of an entry is the id of the record.

    Titles are in a second pair of braces, so that no style changes their
    capitals; so are authors that have no comma, so that the name of a body
    isn't taken apart.
    """
    taken: set[str] = set()
    for record in records:
        key = _unique(re.sub(r"[^A-Za-z0-9:._/+-]", "-", record.id) or "record", taken)
        kind = "article" if record.journal else "techreport" if record.publisher else "misc"
        publisher = "institution" if kind == "techreport" else "publisher"
        authors = [_bibtex_name(family, given) for family, given in _authors(record)]
        fields = [
            ("title", f"{{{_latex(record.title)}}}"),
            ("author", " and ".join(authors)),
            ("year", years(record).replace("–", "--") if record.year else ""),
            (publisher, _latex(record.publisher)),
            ("journal", _latex(record.journal)),
            ("abstract", _latex(record.summary)),
            ("keywords", ", ".join(map(_keyword, keywords(record)))),
            ("doi", _verbatim(record.doi)),
            ("url", _verbatim(record.url)),
            ("note", _latex(note(record))),
        ]
        rows = "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value)
        yield f"@{kind}{{{key},\n{rows}}}\n\n"


def _bibtex_name(family: str, given: str) -> str:
    whole = f"{{{_latex(family)}}}"
    if not given:
        return whole
    return f"{whole if ' and ' in family else _latex(family)}, {_latex(given)}"


def _latex(text: str | None) -> str:
    return _LIGATURE.sub(r"\1{}", line(text or "").translate(_LATEX_TABLE))


def _keyword(keyword: str) -> str:
    """Return a keyword; one with a comma or semicolon in braces, as biblatex splits lists."""
    return f"{{{_latex(keyword)}}}" if re.search("[,;]", keyword) else _latex(keyword)


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


# CSL-JSON


def csl_json(records: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield a JSON array of CSL items."""
    yield "["
    for i, record in enumerate(records):
        yield ("," if i else "") + "\n" + json.dumps(_csl(record), indent=2)
    yield "\n]\n"


def _csl(record: StudyRecord) -> dict[str, Any]:
    kind = "article-journal" if record.journal else "report" if record.publisher else "document"
    item = {
        "id": line(record.id),
        "type": kind,
        "title": line(record.title),
        "author": [
            {"family": family, "given": given} if given else {"literal": family}
            for family, given in _authors(record)
        ],
        "issued": {"date-parts": [[year] for year in (record.year, record.year_end) if year]},
        "publisher": line(record.publisher or ""),
        "container-title": line(record.journal or ""),
        "abstract": line(record.summary),
        "keyword": "; ".join(keyword.replace(";", ",") for keyword in keywords(record)),
        "DOI": line(record.doi or ""),
        "URL": line(record.url or ""),
        "note": note(record),
    }
    return {name: value for name, value in item.items() if value and value != {"date-parts": []}}
