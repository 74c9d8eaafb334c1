"""Which records of an index the entries of its lists are of.

An entry finds its record by id.  Where no record has that now, or two could, it does by its
lasting names, in the ledger; and last by title, where year and first author or publisher are
the same too.  Where several records have what one had, it is of all of them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from evidence_search.documents import record
from evidence_search.engines import Request
from evidence_search.engines.plan import Every
from evidence_search.index.ledger import PREFIX, FileListings
from evidence_search.lists.entries import lasting_names
from evidence_search.merging.comparing import ALIKE, GENERIC, title_likeness
from evidence_search.merging.decisions import names_of
from evidence_search.merging.identity import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evidence_search.index.ledger import Listing
    from evidence_search.index.view import View
    from evidence_search.lists.entries import Entry

_NUMBERED = re.compile(r"-\d{1,3}$")
_YEAR = re.compile(r" \((-?\d{1,5})\)$")
_TELLING = 4
"""Words of a title from which on it tells a work from others."""
_FEW = 50
"""Names; for more it is quicker to read the whole ledger than to look for each in its text."""


def subjects(view: View, entries: Sequence[Entry]) -> Mapping[Entry, tuple[str, ...]]:
    """Return the ids of the records that each entry is of; none where the corpus has none."""
    if not entries:
        return {}
    ids = {one.record for one in entries if one.record}
    others = {f"{name}-2" for name in ids} | {_NUMBERED.sub("", name) for name in ids}
    there = view.engine.among(Request(Every()), sorted(ids | others))
    # Of several documents of one id all but the first have numbers, in the order of their files.
    sure = {
        name
        for name in ids & there
        if f"{name}-2" not in there
        and (not _NUMBERED.search(name) or _NUMBERED.sub("", name) not in there)
    }
    found = {one: (one.record,) for one in entries if one.record in sure}
    mistaken = {*_mistaken(view, [*found])}
    found = {one: records for one, records in found.items() if one not in mistaken}
    left = [one for one in entries if one not in found]
    return {**found, **dict(_named(view, left, mistaken, there))} if left else found


def _mistaken(view: View, entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the entries whose id another document has got since: an "Editorial" of its year.

    Only titles of few words are looked at: others tell works apart.
    """
    short = [one for one in entries if one.names and len(_title(one).split()) < _TELLING]
    payloads = view.engine.fetch({one.record for one in short})
    for one in short:
        if not set(one.names).intersection(lasting_names(record(payloads[one.record]))):
            yield one


def _named(
    view: View, entries: Sequence[Entry], mistaken: Collection[Entry], there: Collection[str]
) -> Iterator[tuple[Entry, tuple[str, ...]]]:
    """Yield entries with the records that lasting names, or a title, find."""
    texts = [*view.engine.attachments(PREFIX).values()]
    names = {one: (*one.names, *([] if one in mistaken else [one.record])) for one in entries}
    wanted = {name for each in names.values() for name in each}
    named: dict[str, dict[str, None]] = defaultdict(dict)
    for listing in _listings(texts, wanted):
        for name in wanted.intersection(_names(listing)):
            named[name][listing.document] = None
    for one in entries:
        known = [tuple(named[name]) for name in names[one] if named[name]]
        alone = [records for records in known if len(records) == 1]
        if alone:
            yield one, alone[0]
        elif one.record in there and one not in mistaken:
            yield one, (one.record,)
        else:
            yield one, known[0] if known else _titled(texts, one)


def _listings(texts: Iterable[str], names: Collection[str] = ()) -> Iterator[Listing]:
    """Yield the listings of documents in files that may have one of some names, or of all."""
    few = 0 < len(names) <= _FEW
    parts = [json.dumps(_spaced(name.partition("@")[0]))[1:-1] for name in names] if few else [""]
    for text in texts:
        if any(part in text for part in parts):
            listings = FileListings.from_text(text).listings
            yield from (listing for listing in listings if listing.document)


def _names(listing: Listing) -> Iterator[str]:
    return map(_unspaced, names_of(listing.identity))


def _titled(texts: Sequence[str], one: Entry) -> tuple[str, ...]:
    """Return the one record whose title differs by a slip, of the same year and first name."""
    match, title = _YEAR.search(one.title), _title(one)
    year = int(match[1]) if match else None
    who = {name.rpartition("@")[2] for name in one.names if "@" in name} or {""}
    if not title or title in GENERIC:
        return ()
    found = {
        listing.document
        for listing in _listings(texts)
        if listing.identity.year == year
        and title_likeness(listing.identity.title, title) >= ALIKE
        and any(name.rpartition("@")[2] in who for name in _names(listing) if "@" in name)
    }
    return tuple(found) if len(found) == 1 else ()


def _title(one: Entry) -> str:
    return folded(_YEAR.sub("", one.title))


def _unspaced(name: str) -> str:
    return "%20".join(name.split())


def _spaced(name: str) -> str:
    return name.replace("%20", " ")
