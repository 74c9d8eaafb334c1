"""The documents that an edit of some files may have changed, as they were and as they are.

What came and went is held against what the files listed before.  Of the documents of the index
those are looked up that have a key in common with it (:mod:`evidence_search.merging.neighbours`),
and those that have one with these, until there are no more; their listings are grouped anew.
All other documents are as they were, whatever their number.  Where much of a corpus
changes, all of it is read and grouped instead, which is quicker then and says the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import documents
from evidence_search.documents import KEYS
from evidence_search.engines import Request
from evidence_search.engines.plan import Every, Label, Or
from evidence_search.errors import IndexDamagedError
from evidence_search.index.ledger import (
    PREFIX,
    Claim,
    FileListings,
    acronyms_of,
    attachment,
    documents_of,
    from_attachments,
    listed,
    recorded,
)
from evidence_search.merging import DUPLICATES
from evidence_search.merging.decisions import Decisions
from evidence_search.merging.grouping import LARGE
from evidence_search.merging.neighbours import Links, binding, digest, sharing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evidence_search.acronyms import Acronym
    from evidence_search.engines import Snapshot
    from evidence_search.index.ledger import Listing, Place
    from evidence_search.merging.identity import Identity
    from evidence_search.records import StudyRecord

MANY = 20
"""Where more than one listing in so many changed, it is quicker to group all of them."""
_AT_ONCE = 200
"""Keys that are asked for in one search."""


class Grouped(NamedTuple):
    """Documents as an index has them, and as they are now, of all that may differ."""

    before: dict[str, Claim]
    after: dict[str, Claim]


class Ledger:
    """What files list, read from a state of an index as it is needed, and what changes of it.

    ``snapshot`` is ``None`` where nothing is held yet.
    """

    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot
        self._held: dict[str, FileListings | None] = {}
        self._entered: dict[str, FileListings | None] = {}
        self._now: dict[str, FileListings | None] = {}
        self._records: dict[str, StudyRecord] = {}
        self._by_document: dict[str, Mapping[str, Sequence[Listing]]] = {}

    def held(self, path: str) -> FileListings:
        """Return what the index has of a file."""
        if path not in self._held:
            text = self._snapshot.attachment(attachment(path)) if self._snapshot else ""
            self._held[path] = FileListings.from_text(text) if text else None
        return self._held[path] or FileListings()

    def decisions(self) -> Decisions:
        """Return what a person decided on duplicates, as the index has it."""
        return Decisions(self.held(DUPLICATES).decisions)

    def enter(self, path: str, listings: FileListings | None) -> None:
        """Note what a file lists now; ``None`` stands for one that is no longer there."""
        self._entered[path] = listings

    def listing(self, place: Place) -> Listing:
        """Return a listing as it is now."""
        path, number = place
        file = self._now[path]
        if file is None:
            raise KeyError(place)
        return file.listings[number]

    def fail(self, place: Place) -> None:
        """Note of a listing as it is now that it was found to be a problem."""
        path, number = place
        self._now[path] = (self._now[path] or FileListings()).without(number)

    def stored(self, name: str) -> StudyRecord:
        """Return a document of the index."""
        if name not in self._records:
            found = self._snapshot.fetch([name]) if self._snapshot else {}
            if name not in found:
                raise _contradiction(name)
            self._records[name] = documents.record(found[name])
        return self._records[name]

    # Listings to documents

    def group(self) -> Grouped:
        """Return the documents that may have changed with what was entered so far."""
        edits = [_Edit.of(self.held(path), now) for path, now in self._entered.items()]
        self._now = {path: edit.now for path, edit in zip(self._entered, edits, strict=True)}
        changed = {identity for edit in edits for identity in edit.changed}
        decided = self._entered.get(DUPLICATES, self.held(DUPLICATES))
        decisions = Decisions(decided.decisions if decided else ())
        count = self._snapshot.documents if self._snapshot else 0
        if decisions != self.decisions() or len(changed) * MANY > count:
            return self._all(decisions)
        gone = {name for edit in edits for name in edit.gone}
        related = _Related(self, Links(decisions))
        related.follow(changed, gone)
        found = related.found
        reworded = {name for edit in edits for name in edit.reworded} - found
        for name in reworded:
            self.identities(name)  # so that all files are read that list it
        held = listed(self._before())
        listings = listed(self._current())
        anew = {
            place: listing
            for place, listing in listings.items()
            if not listing.document or listing.document in found
        }
        return Grouped(
            recorded(_of(held, found | reworded)),
            documents_of(anew, decisions, related.common) | recorded(_of(listings, reworded)),
        )

    def _all(self, decisions: Decisions) -> Grouped:
        """Return all documents."""
        texts = self._snapshot.attachments(PREFIX) if self._snapshot else {}
        self._held |= from_attachments(texts)
        held = listed(self._before())
        return Grouped(recorded(held), documents_of(listed(self._current()), decisions))

    def _before(self) -> dict[str, FileListings]:
        """Return what the files list in the index that were read so far."""
        return {path: file for path, file in self._held.items() if file}

    def _current(self) -> dict[str, FileListings]:
        """Return what the files list now that were read so far."""
        self._now = {**self._held, **self._now}
        return {path: file for path, file in self._now.items() if file}

    def identities(self, name: str) -> list[Identity]:
        """Return the identities of the listings that a document of the index has."""
        record = self.stored(name)
        found = [
            listing.identity
            for path in {entry.source.path for entry in record.entries}
            for listing in self._listings(path).get(name, ())
        ]
        if len(found) != len(record.entries):
            raise _contradiction(name)
        return found

    def _listings(self, path: str) -> Mapping[str, Sequence[Listing]]:
        """Return the listings that the index has of a file, by their documents."""
        if path not in self._by_document:
            by_document: dict[str, list[Listing]] = defaultdict(list)
            for listing in self.held(path).listings:
                by_document[listing.document].append(listing)
            self._by_document[path] = by_document
        return self._by_document[path]

    def having(self, keys: Collection[object], most: int | None = None) -> tuple[set[str], int]:
        """Return the documents that have one of some keys, and how many these are.

        Where they are more than ``most``, these are none.
        """
        if not self._snapshot:
            return set(), 0
        tree = Or(tuple(Label(KEYS, digest(key)) for key in keys))
        # As a filter, since that is not scored.
        found = self._snapshot.search(Request(Every(), {KEYS: tree}, sort="place", limit=most))
        if most is not None and found.total > most:
            return set(), found.total
        for name, _, payload in found.hits:
            if name not in self._records:
                self._records[name] = documents.record(payload)
        return {name for name, _, _ in found.hits}, found.total

    # What is written of it

    def settle(self, claims: Mapping[str, Claim]) -> None:
        """Note which document each listing is of now."""
        names = {place: name for name, claim in claims.items() for place in claim.places}
        for path, file in self._current().items():
            listings = tuple(
                listing._replace(document=names.get((path, number), listing.document))
                for number, listing in enumerate(file.listings)
            )
            self._now[path] = file._replace(listings=listings)

    def acronyms(self, claims: Mapping[str, Claim]) -> Counter[Acronym]:
        """Return in how many of some documents, as they are now, each acronym is defined."""
        return acronyms_of(claims.values(), listed(self._current()))

    def held_acronyms(self, claims: Mapping[str, Claim]) -> Counter[Acronym]:
        """Return in how many of some documents, as the index has them, each acronym is defined."""
        return acronyms_of(claims.values(), listed(self._before()))

    def changes(self) -> Iterator[tuple[str, FileListings | None, FileListings | None]]:
        """Yield the files of which the index lists something else, with that and what it is now."""
        for path, now in self._now.items():
            self.held(path)
            if now != self._held[path]:
                yield path, self._held[path], now


class _Related:
    """Finds the documents that listings which come and go can have to do with.

    ``found`` are these; ``common`` are keys that were not followed, with the number of
    documents that have them: beside those that were found these are more than ``LARGE``.
    """

    def __init__(self, ledger: Ledger, links: Links) -> None:
        self.found: set[str] = set()
        self.common: dict[object, int] = {}
        self._ledger = ledger
        self._links = links
        self._followed: set[object] = set()
        self._within: Counter[object] = Counter()

    def follow(self, changed: Iterable[Identity], gone: Iterable[str]) -> None:
        """Find all that is related to identities, and to documents from which some went."""
        fresh = [*changed, *self._take(gone)]
        while fresh:
            binds = {key for one in fresh for key in (*binding(one), *self._links.of(one))}
            shares = {key for one in fresh for key in sharing(one)} - self.common.keys()
            found = self._having(binds - self._followed)
            found |= self._rare(shares - binds - self._followed)
            fresh = self._take(found)
            if not fresh:
                counts = self.common.items()
                rare = {key for key, count in counts if count - self._within[key] <= LARGE}
                for key in rare:
                    del self.common[key]
                fresh = self._take(self._having(rare))

    def _take(self, names: Iterable[str]) -> list[Identity]:
        """Add documents; return the identities of those that are new."""
        fresh: list[Identity] = []
        for name in sorted(set(names) - self.found):
            identities = self._ledger.identities(name)
            self._within.update({key for one in identities for key in sharing(one)})
            self.found.add(name)
            fresh += identities
        return fresh

    def _having(self, keys: Collection[object]) -> set[str]:
        """Return the documents that have one of some keys."""
        self._followed.update(keys)
        return {name for some in _parts([*keys]) for name in self._ledger.having(some)[0]}

    def _rare(self, keys: Collection[object]) -> set[str]:
        """Return the documents that have one of some keys, but for keys that many have."""
        found: set[str] = set()
        waiting = _parts([*keys])
        while waiting:
            some = waiting.pop()
            names, total = self._ledger.having(some, LARGE)
            if total <= LARGE:
                self._followed.update(some)
                found |= names
            elif len(some) == 1:
                self.common[some[0]] = total
            else:
                half = len(some) // 2
                waiting += [some[:half], some[half:]]
        return found


class _Edit(NamedTuple):
    """How what a file lists differs from what it listed before.

    ``now`` has the listings with the documents of those that stayed; ``changed`` are the
    identities that came or went, ``gone`` the documents that any went from, and ``reworded``
    those that have one which stayed, in other words.
    """

    now: FileListings | None
    changed: set[Identity]
    gone: set[str]
    reworded: set[str]

    @classmethod
    def of(cls, before: FileListings, now: FileListings | None) -> _Edit:
        """Hold what a file lists now against what it listed before."""
        ours = [one for one in before.listings if one.fingerprint]
        theirs = [one for one in now.listings if one.fingerprint] if now else []
        had, has = Counter(one.identity for one in ours), Counter(one.identity for one in theirs)
        changed = {one for one in had.keys() | has.keys() if had[one] != has[one]}
        stayed = [one for one in ours if one.identity not in changed]
        if [one.identity for one in stayed] != [
            one.identity for one in theirs if one.identity not in changed
        ]:
            # Others come first now, which says whose id gets a number.
            changed, stayed = had.keys() | has.keys(), []
        names = iter(stayed)
        listings: list[Listing] = []
        reworded: set[str] = set()
        for one in now.listings if now else ():
            document = ""
            if one.fingerprint and one.identity not in changed:
                known = next(names)
                document = known.document
                if known.fingerprint != one.fingerprint:
                    reworded.add(document)
            listings.append(one._replace(document=document))
        gone = {one.document for one in ours if one.identity in changed}
        return cls(now and now._replace(listings=tuple(listings)), changed, gone, reworded)


def _parts(keys: Sequence[object]) -> list[Sequence[object]]:
    return [keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE)]


def _of(listings: Mapping[Place, Listing], names: Collection[str]) -> dict[Place, Listing]:
    """Return those of some listings that are of one of some documents."""
    return {place: one for place, one in listings.items() if one.document in names}


def _contradiction(name: str) -> IndexDamagedError:
    return IndexDamagedError(
        f"expected the index to have {name} as its files list it, found it otherwise; "
        "run: evidence-search index --rebuild"
    )
