"""What each file of a corpus lists, and which documents follow from that.

A *listing* is a record as it was read from one file.  The ledger of an index has the
listings of every file, and what a person decided on duplicates; which documents the index
holds follows from it alone (:func:`documents_of`), however the corpus came to be as it is.
So two ledgers say what to add and what to remove, and a refreshed index is the same as one
built anew.

A ledger is read file by file.  Of an edit only the listings that came and went are grouped
anew, with those that they can have to do with (:mod:`.regrouping`): for these documents
follow from listings as they do for all.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.acronyms import Acronym, find_acronyms
from evidence_search.documents import fingerprint
from evidence_search.merging.decisions import Decision
from evidence_search.merging.grouping import group
from evidence_search.merging.identity import Identity, document_id, identity

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from evidence_search.corpus import CorpusFile
    from evidence_search.merging.decisions import Decisions

PREFIX = "ledger/"
"""What the names of the attachments begin with that keep the ledger, one for each file."""

Place = tuple[str, int]
"""Where a listing is: the path of its file, and its number there."""


class Listing(NamedTuple):
    """A record as one file lists it, and the id of the document that it is of.

    A listing without a fingerprint was found to be a problem, and is of no document.
    """

    identity: Identity
    fingerprint: str
    acronyms: tuple[Acronym, ...] = ()
    document: str = ""


class FileListings(NamedTuple):
    """What one file lists, how many problems were found in it, and decisions on duplicates."""

    listings: tuple[Listing, ...] = ()
    problems: int = 0
    decisions: tuple[Decision, ...] = ()

    @classmethod
    def of(cls, file: CorpusFile) -> FileListings:
        """Return what a file lists, as it was read."""
        listings = (
            Listing(
                identity(record),
                fingerprint(record),
                tuple(sorted(set(find_acronyms(f"{record.title}\n{record.summary}")))),
            )
            for record in file.records
        )
        return cls(tuple(listings), len(file.problems), file.decisions)

    @classmethod
    def from_text(cls, text: str) -> FileListings:
        """Return what :meth:`to_text` wrote."""
        listings, problems, decisions = json.loads(text)
        return cls(
            tuple(
                Listing(Identity.of(facts), digest, tuple(Acronym(*a) for a in acronyms), name)
                for facts, digest, acronyms, name in listings
            ),
            problems,
            tuple(Decision(*decision) for decision in decisions),
        )

    def without(self, number: int) -> FileListings:
        """Return it without a listing, which was found to be a problem."""
        listings = list(self.listings)
        listings[number] = listings[number]._replace(fingerprint="", acronyms=(), document="")
        return self._replace(listings=tuple(listings), problems=self.problems + 1)

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(self)


def attachment(path: str) -> str:
    """Return the name under which what a file lists is kept; a path may be no Unicode."""
    return PREFIX + json.dumps(path)


def from_attachments(texts: Mapping[str, str]) -> dict[str, FileListings]:
    """Return what files list, by path, of attachments by what follows ``PREFIX`` in their names."""
    return {json.loads(name): FileListings.from_text(text) for name, text in texts.items()}


def listed(files: Mapping[str, FileListings]) -> dict[Place, Listing]:
    """Return the listings of some files in their order, but for those found to be problems."""
    return {
        (path, number): listing
        for path in sorted(files)
        for number, listing in enumerate(files[path].listings)
        if listing.fingerprint
    }


class Claim(NamedTuple):
    """A document of an index: its listings, and what changes whenever one of them does."""

    places: tuple[Place, ...]
    fingerprint: str

    @classmethod
    def of(cls, places: Iterable[Place], listings: Mapping[Place, Listing]) -> Claim:
        """Return the document of some listings."""
        found = tuple(places)
        return cls(found, "-".join(listings[place].fingerprint for place in found))


def documents_of(
    listings: Mapping[Place, Listing], decisions: Decisions, common: Container[object] = ()
) -> dict[str, Claim]:
    """Return the documents that follow from listings, by id.

    Of several documents that would have one id, all but the first, by path and place in the
    file, get a number.  This is the one place between listings and documents.  ``common`` is as
    in :func:`evidence_search.merging.grouping.group`.
    """
    identities = {place: listing.identity for place, listing in listings.items()}
    claims: dict[str, Claim] = {}
    for places in group(identities, decisions, common):
        base = name = document_id([identities[place] for place in places])
        number = 2
        while name in claims:
            name, number = f"{base}-{number}", number + 1
        claims[name] = Claim.of(places, listings)
    return claims


def recorded(listings: Mapping[Place, Listing]) -> dict[str, Claim]:
    """Return the documents that listings were found to be of, when their ledger was made."""
    places: dict[str, list[Place]] = defaultdict(list)
    for place, listing in listings.items():
        if listing.document:
            places[listing.document].append(place)
    return {name: Claim.of(found, listings) for name, found in places.items()}


def acronyms_of(claims: Iterable[Claim], listings: Mapping[Place, Listing]) -> Counter[Acronym]:
    """Return the acronyms that some documents define, and in how many of them each stands."""
    return Counter(
        acronym
        for claim in claims
        for acronym in {a for place in claim.places for a in listings[place].acronyms}
    )
