"""Which records of an index the entries of its lists are of.

An entry finds its record by id; where no record has that now, or two could, by what
:mod:`.tracing` knows of it.  Where several records have what one had, it is of all of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.engines import Request
from evidence_search.engines.plan import Every

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evidence_search.index.view import View
    from evidence_search.lists.entries import Entry

_NUMBERED = re.compile(r"-\d{1,3}$")
_TELLING = 4
"""Words of a title from which on it tells a work from others."""


def subjects(view: View, entries: Sequence[Entry]) -> Mapping[Entry, tuple[str, ...]]:
    """Return the ids of the records that each entry is of; none where the corpus has none."""
    if not entries:
        return {}
    ids = {one.record for one in entries if one.record}
    others = {f"{name}-2" for name in ids} | {_NUMBERED.sub("", name) for name in ids}
    there = view.snapshot.among(Request(Every()), sorted(ids | others))
    # Of several documents of one id all but the first have numbers, in the order of their files.
    sure = {
        name
        for name in ids & there
        if f"{name}-2" not in there
        and (not _NUMBERED.search(name) or _NUMBERED.sub("", name) not in there)
    }
    found = {one: (one.record,) for one in entries if one.record in sure}
    # Where a title says little, an id may have come to be another's: of an "Editorial" of the year.
    short = [one for one in found if one.names and len(one.title.split()) <= _TELLING]
    left = [one for one in entries if one not in found]
    if not (short or left):
        return found
    from evidence_search.index.tracing import mistaken, traced

    wrong = {*mistaken(view, short)}
    found = {one: records for one, records in found.items() if one not in wrong}
    return {**found, **dict(traced(view, [*left, *wrong], wrong, there))}
