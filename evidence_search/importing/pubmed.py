"""PubMed's XML, read as what PubMed's text format says of the same article or chapter.

Source: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html, and for chapters of books
https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_190101.dtd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.importing.elements import elements
from evidence_search.importing.entries import Entry
from evidence_search.importing.tagged import nbib_fields
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

START = lazy_pattern(r"<Pubmed(?:Book)?Article(?:Set)?[\s>]")
_LONGEST = 1_000_000
"""Characters of an article; a parsed one takes some forty times as much memory."""
_PATHS = {
    "MedlineCitation/PMID": "PMID", "BookDocument/PMID": "PMID",
    "MedlineCitation/Article/ArticleTitle": "TI", "BookDocument/ArticleTitle": "TI",
    "BookDocument/Book/BookTitle": "BTI",
    "MedlineCitation/Article/VernacularTitle": "TT",
    "MedlineCitation/Article/Journal/Title": "JT",
    "MedlineCitation/Article/Journal/ISOAbbreviation": "TA",
    "MedlineCitation/Article/Journal/ISSN": "IS",
    "MedlineCitation/Article/Journal/JournalIssue/Volume": "VI",
    "MedlineCitation/Article/Journal/JournalIssue/Issue": "IP",
    "MedlineCitation/Article/Pagination/MedlinePgn": "PG",
    "BookDocument/Pagination/MedlinePgn": "PG",
    "MedlineCitation/Article/Language": "LA", "BookDocument/Language": "LA",
    "MedlineCitation/Article/PublicationTypeList/PublicationType": "PT",
    "BookDocument/PublicationType": "PT",
    "MedlineCitation/KeywordList/Keyword": "OT", "BookDocument/KeywordList/Keyword": "OT",
    "BookDocument/Book/Publisher/PublisherName": "PB",
    "BookDocument/Book/Isbn": "ISBN",
}  # fmt: skip
"""Elements whose text is the value of a tag."""
_LOCATED = {"doi": " [doi]", "pii": " [pii]"}


def pubmed_xml(text: str) -> Iterator[Entry]:
    """Read the articles, and chapters of books, of PubMed's XML."""
    from xml.etree import ElementTree  # other formats are read without

    found = False
    for line, body in elements(text, "PubmedArticle", "PubmedBookArticle"):
        found = True
        if len(body) > _LONGEST:
            message = f"expected an article of at most {_LONGEST} characters, found {len(body)}"
            yield Entry(line, {}, message)
            continue
        try:
            article = ElementTree.fromstring(body)  # noqa: S314 - it has no document type
        except ElementTree.ParseError as error:
            yield Entry(line, {}, f"expected an article of PubMed in XML: {error}")
        else:
            yield Entry(line, nbib_fields([pair for pair in _pairs(article) if pair[1]]))
    if not found:
        yield Entry(1, {}, "expected articles of PubMed, each in <PubmedArticle>; found none")


def _pairs(article: Element) -> Iterator[tuple[str, str]]:
    for path, tag in _PATHS.items():
        yield from ((tag, _text(element)) for element in article.findall(path))
    parts = article.findall("*/Article/Abstract/*") or article.findall("BookDocument/Abstract/*")
    yield "AB", " ".join(_labelled(part) for part in parts if part.tag == "AbstractText")
    for day in ("*/Article/Journal/JournalIssue/PubDate", "BookDocument/Book/PubDate"):
        yield "DP", " ".join(map(_text, article.findall(f"{day}/*")))
    for people in article.iter("AuthorList"):
        tag = "FED" if people.get("Type") == "editors" else "FAU"
        yield from (_person(person, tag) for person in people.findall("Author"))
    for heading in article.findall("MedlineCitation/MeshHeadingList/MeshHeading"):
        yield "MH", "/".join(map(_heading, heading))
    for identifier in article.findall("MedlineCitation/Article/ELocationID"):
        yield "LID", _text(identifier) + _LOCATED.get(identifier.get("EIdType", ""), "")
    for identifier in article.findall("*/ArticleIdList/ArticleId"):
        kind = identifier.get("IdType", "")
        if kind == "pmc":
            yield "PMC", _text(identifier)
        elif kind in _LOCATED:
            yield "AID", _text(identifier) + _LOCATED[kind]


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _labelled(part: Element) -> str:
    label = part.get("Label")
    return f"{label}: {_text(part)}" if label else _text(part)


def _heading(part: Element) -> str:
    return ("*" if part.get("MajorTopicYN") == "Y" else "") + _text(part)


def _person(person: Element, tag: str) -> tuple[str, str]:
    """Return a body under the tag of such, a person as "family, given, suffix"."""
    body = _text(person.find("CollectiveName"))
    if body:
        return "CN", body
    given = _text(person.find("ForeName")) or _text(person.find("Initials"))
    parts = (_text(person.find("LastName")), given, _text(person.find("Suffix")))
    return tag, ", ".join(filter(None, parts))
