"""The lists of a corpus as they are for one state of its index.

The file is read anew whenever it is asked for, since other people and programs write it too;
which record an entry is of, :mod:`.listing` finds out.  A list changes without a refresh:
what is on it is a set of ids in a plan, and the labels of records that come from a screening
tool stand in the index.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from evidence_search import documents
from evidence_search.display import Displayed
from evidence_search.engines import Labelled, Request
from evidence_search.engines.plan import Among, And, Label, Not, Or
from evidence_search.errors import QueryError
from evidence_search.index.listed import Listed
from evidence_search.index.listing import subjects
from evidence_search.lists import LISTS, key
from evidence_search.lists.entries import HEADING, OFF, ON, entry, parse, said_of, taken_off
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from evidence_search.engines.plan import Node
    from evidence_search.index.view import View
    from evidence_search.lists.entries import Entry
    from evidence_search.records import OnList, Problem, StudyRecord


class Entries(Listed):
    """What a file of lists says of the records of one state; threads may share one.

    ``problems`` are the lines that say nothing.
    """

    def __init__(self, view: View, data: bytes) -> None:
        super().__init__(view, data)
        self.entries, self.problems = parse(data.decode("utf-8-sig", "replace"))
        self._subjects = subjects(view, self.entries)
        self._names: dict[str, str] = {}
        self._on: dict[str, dict[str, dict[str, OnList]]] = defaultdict(dict)
        self._off: dict[str, set[str]] = defaultdict(set)
        self._by_record: dict[str, dict[str, None]] = defaultdict(dict)
        self._latest: dict[tuple[str, str], str] = {}
        self._lost: dict[tuple[str, str], Entry] = {}
        for one in sorted(self.entries, key=lambda one: (one.at, one.line)):
            self._take(one)

    def _take(self, one: Entry) -> None:
        name = key(one.list)
        called = self._names.setdefault(name, one.list)
        on, off = self._on[name], self._off[name]
        records = self._subjects.get(one, ())
        for record in records:
            self._by_record[record][name] = None
            self._latest[record, name] = one.at
            if one.action == ON:
                said = replace(one.said, name=called)
                on[record] = {**on.get(record, {}), one.by: said}
                off.discard(record)
            else:
                on.pop(record, None)
                off.add(record)
        subject = (name, one.subject)
        if not records and one.action == ON:
            self._lost[subject] = one
        elif not records:
            self._lost.pop(subject, None)

    @property
    def notes(self) -> Iterator[str]:
        """What is to be said wherever lists have a part in an answer."""
        if self.problems:
            yield said_of(self.problems)

    def called(self, name: str) -> str:
        """Return the name of a list as it was first written, or a new one as it is."""
        return self._names.get(key(name), name)

    @property
    def lost(self) -> tuple[Entry, ...]:
        """The entries that put on a list what the corpus has no record of now."""
        return tuple(self._lost.values())

    def record(self, payload: str) -> StudyRecord:
        """Return a record of the index, on the lists that it is on now."""
        record = documents.record(payload)
        mentioned = self._by_record.get(record.id) if self._by_record else None
        if not mentioned:
            return record
        on = [one for one in record.lists if record.id not in self._off.get(key(one.name), ())]
        for name in mentioned:
            on += self._on[name].get(record.id, {}).values()
        lists = tuple(dict.fromkeys(on))
        # People put a document on a list, so each of its listings is on it.
        listings = tuple(replace(one, lists=lists) for one in record.listings)
        return replace(record, lists=lists, listings=listings)

    def latest(self, record: str, name: str) -> str:
        """Return the time of the last entry on a record and a list, ``""`` where there's none."""
        return self._latest.get((record, key(name)), "")

    # In a search

    @cached_property
    def _carried(self) -> Mapping[str, tuple[str, ...]]:
        """The lists that records bring along: what they are called in the index, by their key."""
        found: dict[str, list[str]] = defaultdict(list)
        for label in self.view.labels("list"):
            found[key(label)].append(label)
        return {name: tuple(labels) for name, labels in found.items()}

    def labels(self, facet: str) -> Collection[str]:
        """Return the labels of a facet; of lists those that people made too."""
        if facet != "list" or not self._names:
            return self.view.labels(facet)
        made = [called for name, called in self._names.items() if name not in self._carried]
        return [*(label for labels in self._carried.values() for label in labels), *made]

    def labelled(self, request: Request, fields: Sequence[str]) -> Iterable[Labelled]:
        """Return what :meth:`.Snapshot.labels` does, on the lists that records are on now."""
        found = super().labelled(request, fields)
        if "list" not in fields or not self._by_record:
            return found
        at = fields.index("list")
        return (
            Labelled(name, (*has[:at], self._lists_of(name, has[at]), *has[at + 1 :]))
            for name, has in found
        )

    def _lists_of(self, record: str, carried: Iterable[str]) -> tuple[str, ...]:
        """Return the labels of the lists that a record is on, of which it brings some along."""
        mentioned = self._by_record.get(record, {})
        on = dict.fromkeys(name for name in mentioned if record in self._on[name])
        kept = {key(label): label for label in carried if key(label) not in mentioned}
        return (*kept.values(), *map(self._label, on))

    def _label(self, name: str) -> str:
        """Return how a list is called among the labels of its facet."""
        carried = self._carried.get(name, ())
        return carried[0] if carried else self._names[name]

    def members(self, label: Label) -> Node:
        """Return what matches the records that are on a list now."""
        name = key(label.value)
        if label.field != "list" or name not in self._names:
            return label
        called = f"list:{label.value}"
        on = Among(frozenset(self._on[name]), called)
        if name not in self._carried:
            return on
        off = Among(frozenset(self._off[name]), f"taken off {called}")
        return Or((on, And((label, Not(off)))))

    def counts(
        self, counted: Mapping[str, Mapping[str, int]], request: Request
    ) -> Mapping[str, Mapping[str, int]]:
        """Return the counts of facets with those of lists as they are now.

        ``counted`` are what the engine counted for ``request``.
        """
        if "list" not in counted or not self._by_record:
            return counted
        filters = {name: node for name, node in request.filters.items() if name != "list"}
        matching = self._among(Request(request.tree, filters), self._by_record)
        counts = dict(counted["list"])
        for name, called in self._names.items():
            on, off = matching & self._on[name].keys(), matching & self._off[name]
            labels = self._carried.get(name, ())
            # The engine counted those of them that bring the list along.
            carry = Or(tuple(Label("list", label) for label in labels))
            before = len(self._among(Request(carry), on | off)) if labels else 0
            now = sum(counts.pop(label, 0) for label in labels) - before + len(on)
            if now:
                counts[labels[0] if labels else called] = now
        return {**counted, "list": counts}

    def _among(self, request: Request, records: Collection[str]) -> frozenset[str]:
        return self.view.snapshot.among(request, sorted(records))


class Place(Value):
    """A record on a list: ``record`` is ``None`` where the corpus has it no more.

    ``title`` and ``id`` are what it is known by; ``by``, ``note`` and ``at`` (UTC, ISO 8601) say
    who put it there, why and when, and are empty where that isn't known.
    """

    id: str
    title: str
    by: str = ""
    note: str = ""
    at: str = ""
    record: StudyRecord | None = None


class Lists(Displayed, Mapping[str, "tuple[Place, ...]"]):
    """The lists of a corpus by name, each with the records that are on it now; a mapping.

    ``problems`` are lines of the file that say nothing.
    """

    __slots__ = ("_called", "_places", "problems")
    _kind = "lists"

    def __init__(
        self, places: Mapping[str, tuple[Place, ...]], problems: Sequence[Problem]
    ) -> None:
        self._places = places
        self._called = {key(name): name for name in places}
        self.problems = problems

    def __getitem__(self, name: str) -> tuple[Place, ...]:
        return self._places[self._called[key(name)]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def of(self, names: Sequence[str]) -> Lists:
        """Return those of some names.  Raises :class:`QueryError` for one that there isn't."""
        missing = [name for name in names if name not in self]
        if missing:
            there = ", ".join(self) or "none yet"
            raise QueryError(
                f"expected a list of the corpus; found {missing[0]!r}; there are: {there}"
            )
        wanted = {self._called[key(name)]: self[name] for name in names}
        return Lists(wanted, self.problems)

    @property
    def note(self) -> str:
        """What is to be said of lines that can't be read; nothing where there are none."""
        return said_of(self.problems)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name!r}: {len(places)}" for name, places in self._places.items())
        return f"<Lists {{{counts}}}>"


def lists(now: Listed) -> Lists:
    """Return all lists with the records on them, those of most records first.

    Raises :class:`CorpusError` where the file can't be read.
    """
    listed = _entries(now)
    names = listed.labels("list")
    every = Or(tuple(listed.members(Label("list", name)) for name in names))
    found = listed.view.snapshot.search(Request(every, limit=None)).hits if names else ()
    called: dict[str, str] = {}
    places: dict[str, list[Place]] = defaultdict(list)
    for _, _, payload in found:
        record = listed.record(payload)
        for one in record.lists:
            name = called.setdefault(key(one.name), one.name)
            places[name].append(Place(record.id, record.title, one.by, one.note, one.at, record))
    for left in listed.lost:
        name = called.setdefault(key(left.list), left.list)
        places[name].append(Place(left.subject, left.title, left.by, left.note, left.at))
    ordered = sorted(places, key=lambda name: (-len(places[name]), name))
    return Lists(
        {
            name: tuple(sorted(places[name], key=lambda one: (one.at, one.title, one.id)))
            for name in ordered
        },
        listed.problems,
    )


def lost(now: Listed, name: str) -> Mapping[str, Entry]:
    """Return the entries of a list whose records the corpus has no more, by what they call them."""
    return {one.subject: one for one in _entries(now).lost if key(one.list) == key(name)}


def _entries(now: Listed) -> Entries:
    if now.unread:
        raise now.unread
    return now if isinstance(now, Entries) else Entries(now.view, b"")


class Put(Value):
    """What a put did: the list's name, and how many records it put on or took off."""

    list: str
    action: str
    changed: int
    unchanged: int


def put(
    folder: Path,
    now: Listed,
    records: Sequence[StudyRecord],
    name: str,
    *,
    note: str = "",
    by: str = "",
    off: bool = False,
    gone: Collection[Entry] = (),
) -> Put:
    """Put records on a list of a corpus, or take them off; see :meth:`EvidenceIndex.put`.

    ``gone`` are entries of :func:`lost`, which are taken off.
    """
    listed = _entries(now)
    action, by, name = OFF if off else ON, by.strip() or user(), listed.called(name)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    entries = []
    for record in dict.fromkeys(records):
        # Where another's clock is ahead of ours, what we say now still comes after it.
        made = entry(record, action, name, note, by, max(at, listed.latest(record.id, name)))
        on = [one for one in record.lists if key(one.name) == key(name)]
        same = any(one.note == made.note and one.by == made.by for one in on)
        if not (same if action == ON else not on):
            entries.append(made)
    entries += [taken_off(one, note, by, max(at, one.at)) for one in gone]
    if entries:
        from evidence_search.writing import append_own  # a search needs none of it

        append_own(folder / LISTS, "".join(one.text() for one in entries), HEADING)
    return Put(name, action, len(entries), len({*records}) + len(gone) - len(entries))


def user() -> str:
    """Return who is at work: the name that the system knows them by."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
