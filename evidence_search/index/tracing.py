"""Records that have another id than their entry in a list says: found by what outlives an id.

That is a lasting name, which listings have in the ledger; and last the title, where year and
first author or publisher are the same too.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from evidence_search.documents import record
from evidence_search.index.ledger import PREFIX, FileListings, Listing
from evidence_search.lists.entries import known_as, lasting_names
from evidence_search.merging.comparing import ALIKE, GENERIC, title_likeness
from evidence_search.merging.decisions import names_of
from evidence_search.merging.identity import Identity, folded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from evidence_search.index.view import View
    from evidence_search.lists.entries import Entry

_YEAR = re.compile(r" \((-?\d{1,5})\)$")
_DECODER = json.JSONDecoder()
_MANY = 500
"""Words that stand so often in a file; it is quicker to read it whole."""
_FEW = 50
"""Names; for more it is quicker to read the whole ledger than to look for each in its text."""


def mistaken(view: View, entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the entries whose id another document has got since."""
    payloads = view.snapshot.fetch({one.record for one in entries})
    for one in entries:
        if not set(known_as(one)).intersection(lasting_names(record(payloads[one.record]))):
            yield one


def traced(
    view: View, entries: Sequence[Entry], wrong: Collection[Entry], there: Collection[str]
) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    """Yield entries with the records that lasting names, or a title, find.

    The ids of those that are ``wrong`` are other records'; ``there`` are ids of the corpus.
    """
    texts = [*view.snapshot.attachments(PREFIX).values()]
    names = {one: (*known_as(one), *([] if one in wrong else [one.record])) for one in entries}
    wanted = {name for each in names.values() for name in each}
    named: dict[str, dict[str, None]] = defaultdict(dict)
    for listing in _listings(texts, wanted):
        for name in wanted.intersection(_names(listing)):
            named[name][listing.document] = None
    whole: dict[str, Sequence[Listing]] = {}
    for one in entries:
        known = [tuple(named[name]) for name in names[one] if named[name]]
        alone = [records for records in known if len(records) == 1]
        if alone:
            yield one, alone[0]
        elif one.record in there and one not in wrong:
            yield one, (one.record,)
        else:
            yield one, known[0] if known else _titled(texts, one, whole)


def _listings(texts: Iterable[str], names: Collection[str]) -> Iterator[Listing]:
    """Yield the listings of documents that may have one of some names."""
    for text in texts:
        if len(names) > _FEW:
            listings: Iterable[Listing] = FileListings.from_text(text).listings
        else:
            parts = {_spaced(name.partition("@")[0]) for name in names}
            listings = (listing for part in parts for listing in _around(text, part))
        yield from (listing for listing in listings if listing.document)


def _around(text: str, part: str) -> Iterator[Listing]:
    """Yield the listings of a file in which a text stands, without reading the others.

    Each begins with two brackets and a quotation mark, which stand so in no text of JSON.
    """
    part, end = json.dumps(part)[1:-1], 0
    while part and (at := text.find(part, end)) >= 0:
        value, end = _DECODER.raw_decode(text, max(text.rfind('[["', 0, at), 0))
        if len(value) == len(Listing._fields) and len(value[0]) == len(Identity._fields):
            yield Listing(Identity.of(value[0]), value[1], (), value[3])
        end = max(end, at + 1)


def _names(listing: Listing) -> Iterator[str]:
    return map(_unspaced, names_of(listing.identity))


def _titled(
    texts: Sequence[str], one: Entry, whole: dict[str, Sequence[Listing]]
) -> tuple[str, ...]:
    """Return the one record whose title differs by a slip, of the same year and first name.

    ``whole`` keeps the listings of files that were read to their end.
    """
    match, title = _YEAR.search(one.title), folded(_YEAR.sub("", one.title))
    year = int(match[1]) if match else None
    who = {name.rpartition("@")[2] for name in one.names if "@" in name} or {""}
    if not title or title in GENERIC:
        return ()
    found = {
        listing.document
        for text in texts
        for listing in _alike(text, title, whole)
        if listing.document
        and listing.identity.year == year
        and title_likeness(listing.identity.title, title) >= ALIKE
        and any(name.rpartition("@")[2] in who for name in _names(listing) if "@" in name)
    }
    return tuple(found) if len(found) == 1 else ()


def _alike(text: str, title: str, whole: dict[str, Sequence[Listing]]) -> Iterable[Listing]:
    """Return the listings that have one of a title's two rarest words: one may be the slip."""
    counts = {word: n for word in title.split() if word.isascii() and (n := text.count(word))}
    rarest = sorted(counts, key=counts.__getitem__)[:2]
    if sum(counts[word] for word in rarest) < _MANY and text not in whole:
        return (listing for word in rarest for listing in _around(text, word))
    if text not in whole:
        whole[text] = FileListings.from_text(text).listings
    return whole[text]


def _unspaced(name: str) -> str:
    return "%20".join(name.split())


def _spaced(name: str) -> str:
    return name.replace("%20", " ")
