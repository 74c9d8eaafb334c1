"""The formats that are read: how each is recognised, and by which function it is read.

Recognised by content first, by the ending of the name second.  Another format is a line here, and a
function that yields its entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.importing import bibtex, endnote, items, pubmed, tables, tagged
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evidence_search.importing.entries import Entry

_START = 20_000
"""Characters from the beginning in which a format is recognised."""


class Format(NamedTuple):
    """A format: its name, endings of its files, a test of their beginning, and its reader.

    ``only`` are the endings under which alone the content is trusted; none for
    content that is like nothing else.
    """

    name: str
    endings: frozenset[str]
    begins: Callable[[str], object]
    read: Callable[[str], Iterator[Entry]]


_JSON = lazy_pattern(r"\s*[\[{]\s*[\"{\]}]")
_BIBTEX = lazy_pattern(r"\s*(?:%[^\n]*\n\s*)*@(?:[A-Za-z]+)\s*[{(]")

FORMATS = (
    Format("EndNote XML", frozenset({"xml"}), endnote.START.search, endnote.endnote_xml),
    Format("PubMed XML", frozenset(), pubmed.START.search, pubmed.pubmed_xml),
    Format("Web of Science", frozenset({"ciw"}), tagged.WOS_START.match, tagged.wos),
    Format("PubMed", frozenset({"nbib"}), tagged.NBIB_START.match, tagged.nbib),
    Format("Ovid", frozenset({"ovd"}), tagged.OVID_START.match, tagged.ovid),
    Format("Ovid fields", frozenset(), tagged.OVID_FIELDS_START.match, tagged.ovid_fields),
    Format("Cochrane", frozenset(), tagged.COCHRANE_START.match, tagged.cochrane),
    Format("RIS", frozenset({"ris"}), tagged.is_ris, tagged.ris),
    Format("EndNote", frozenset({"enw"}), tagged.ENW_START.match, tagged.enw),
    Format("RefWorks", frozenset(), tagged.REFWORKS_START.match, tagged.refworks),
    Format("BibTeX", frozenset({"bib", "bibtex"}), _BIBTEX.match, bibtex.bibtex),
    Format("JSON Lines", frozenset({"jsonl", "ndjson"}), lambda _: False, items.jsonl),
    Format("JSON", frozenset({"json"}), _JSON.match, items.json_items),
    Format("CSV", frozenset({"csv", "tsv", "tab"}), tables.is_table, tables.table),
)


def recognise(text: str, path: str) -> Callable[[str], Iterator[Entry]] | None:
    """Return the reader of a file, or ``None`` where it is in no format known here.

    What begins as a format does is read as that; a table, which begins as many
    texts do, only where its header is one of references.  Else the ending tells.
    """
    ending = path.rpartition(".")[2].lower()
    beginning = text[:_START].lstrip()
    named = next((form for form in FORMATS if ending in form.endings), None)
    if named and (named.begins(beginning) or named.name == "JSON Lines"):
        return named.read
    for form in FORMATS:
        if form.begins(beginning):
            return form.read
    return named.read if named else None
