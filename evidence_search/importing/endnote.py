"""EndNote's XML, each record parsed by itself, by the standard library's expat.

Source: the XML that EndNote 8 to 21 and Zotero write; its elements have no public definition.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from evidence_search.importing.elements import elements
from evidence_search.importing.entries import Entry, Tags
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

START = lazy_pattern(r"<xml>\s*<records>|<records>\s*<record\b|<record>\s*<database\b")
_DEPTH = 40

_TAGS = Tags("""
    type: ref-type
    author: contributors/authors/author
    editor: contributors/secondary-authors/author
    collection-editor: contributors/tertiary-authors/author
    translator: contributors/subsidiary-authors/author contributors/translated-authors/author
    title: titles/title
    journal: titles/secondary-title periodical/full-title
    container-title-short: titles/alt-title periodical/abbr-1 alt-periodical/full-title
    collection-title: titles/tertiary-title
    title-short: titles/short-title
    translated-title: titles/translated-title
    pages: pages
    start: pages-start
    end: pages-end
    volume: volume
    issue: number
    edition: edition
    keywords: keywords/keyword
    year: dates/year dates/pub-dates/date
    place: pub-location
    publisher: publisher
    issn: isbn issn
    accession: accession-num
    doi: electronic-resource-num
    summary: abstract
    notes: notes research-notes
    url: urls/related-urls/url urls/web-urls/url urls/text-urls/url urls/pdf-urls/url
    database: remote-database-name
    provider: remote-database-provider
    language: language
    genre: work-type
    call-number: call-num
    citation-key: label
    pmcid: custom2
    accessed: access-date
""")
_OURS = frozenset({"database", "source-app", "rec-number", "foreign-keys/key"})
"""What is about the EndNote library, not the work."""


def endnote_xml(text: str) -> Iterator[Entry]:
    """Read the records of EndNote's XML."""
    found = False
    for line, body in elements(text, "record"):
        found = True
        try:
            pairs = _values(body)
        except (expat.ExpatError, ValueError) as error:
            yield Entry(line, {}, f"expected a record of EndNote in XML: {error}")
        else:
            yield Entry(line, _fields(pairs))
    if not found:
        yield Entry(
            1,
            {},
            "expected records of EndNote in <record>, or of PubMed in <PubmedArticle>; found none",
        )


def _values(body: str) -> list[tuple[str, str]]:
    """Return each element that has text, by its path, the text of <style> being its parent's."""
    parser = expat.ParserCreate()
    path: list[str] = []
    texts: list[list[str]] = []
    pairs: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > _DEPTH:
            raise ValueError(f"elements within {_DEPTH} others")
        path.append(name)
        texts.append([])
        if name == "ref-type" and attributes.get("name"):
            pairs.append(("ref-type", attributes["name"]))
        if name == "pages":
            pairs.extend((f"pages-{k}", attributes[k]) for k in ("start", "end") if k in attributes)

    def end(_: str) -> None:
        name, text = path.pop(), "".join(texts.pop())
        if name == "style" and texts:
            texts[-1].append(text)
        elif text.strip() and name != "ref-type":
            pairs.append(("/".join([*path[1:], name]), text.strip()))

    def data(text: str) -> None:
        if texts:
            texts[-1].append(text)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.Parse(body, True)
    return pairs


def _fields(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    tags = {tag for tag, _ in pairs}
    split: list[tuple[str, str]] = []
    for tag, value in pairs:
        if tag in _OURS or (tag.startswith("pages-") and "pages" in tags):
            continue
        parted = [value]
        if tag == "keywords/keyword":
            parted = re.split(r"[\n\r;]+", value)
        elif tag == "notes" and "{:" in value:  # as our exports have them
            parted = value.split("\n")
        split += [(tag, part.strip()) for part in parted]
    kind = dict(pairs).get("ref-type", "")
    other = {"titles/secondary-title": "collection-title"} if kind in _BOOKS else {}
    return _TAGS.fields(split, other)


_BOOKS = frozenset({"Book", "Edited Book", "Report", "Thesis"})
