"""A saved search as an Atom feed (RFC 4287): who reads feeds is told of what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from evidence_search.escaping import line
from evidence_search.render import phrases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence_search.records import StudyRecord

    Entry = tuple[StudyRecord, str, str]

NAMESPACE = "http://www.w3.org/2005/Atom"
EARLIEST = "1970-01-01T00:00:00Z"
"""When a feed without entries was last changed."""


def feed(title: str, identity: str, address: str, entries: Iterable[Entry]) -> str:
    """Return a feed; ``identity`` tells it from all others, wherever it is served.

    ``address`` is its own, and ``entries`` are records, each with the address of its page and the
    time since when it is there, as ISO 8601 in UTC.
    """
    name = uuid5(NAMESPACE_URL, identity)
    listed = [*entries]
    root = Element("feed", xmlns=NAMESPACE)
    _text(root, "title", title)
    _text(root, "id", name.urn)
    _text(root, "updated", max((time for *_, time in listed), default=EARLIEST))
    SubElement(root, "link", rel="self", href=address)
    _text(SubElement(root, "author"), "name", "Evidence Search")
    for record, page, time in listed:
        entry = SubElement(root, "entry")
        _text(entry, "title", record.title)
        _text(entry, "id", uuid5(name, record.id.encode("utf-8", "replace").decode()).urn)
        _text(entry, "updated", time)
        SubElement(entry, "link", rel="alternate", href=page)
        _text(entry, "summary", "\n".join((phrases.facts(record), record.summary)))
    declared = '<?xml version="1.0" encoding="utf-8"?>\n'
    return declared + tostring(root, encoding="unicode") + "\n"


def _text(parent: Element, name: str, text: str) -> None:
    # XML has no place for these two.
    SubElement(parent, name).text = line(text).translate({0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD})
