"""What each file of a corpus lists, and which documents follow from that.

A *listing* is a record as it was read from one file.  The ledger of an index has the
listings of every file, and what a person decided on duplicates; which documents the index
holds follows from it alone (:func:`documents_of`), however the corpus came to be as it is.
So two ledgers say what to add and what to remove, and a refreshed index is the same as one
built anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.acronyms import Acronym, find_acronyms, merged
from evidence_search.documents import fingerprint
from evidence_search.merging.decisions import Decision, Decisions
from evidence_search.merging.grouping import group
from evidence_search.merging.identity import Identity, document_id, identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evidence_search.corpus import CorpusFile

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


Ledger = dict[str, FileListings]
"""By path."""


def attachment(path: str) -> str:
    """Return the name under which what a file lists is kept; a path may be no Unicode."""
    return PREFIX + json.dumps(path)


def from_attachments(texts: Mapping[str, str]) -> Ledger:
    """Return the ledger of attachments, by what follows ``PREFIX`` in their names."""
    return {json.loads(name): FileListings.from_text(text) for name, text in texts.items()}


class Claim(NamedTuple):
    """A document of an index: its listings, and what changes whenever one of them does."""

    places: tuple[Place, ...]
    fingerprint: str


def documents_of(ledger: Ledger) -> dict[str, Claim]:
    """Return the documents that follow from the listings of all files, by id.

    Of several documents that would have one id, all but the first, by path and place in the
    file, get a number.  This is the one place between listings and documents.
    """
    identities = {
        (path, number): listing.identity
        for path in sorted(ledger)
        for number, listing in enumerate(ledger[path].listings)
        if listing.fingerprint
    }
    claims: dict[str, Claim] = {}
    for places in group(identities, decisions_of(ledger)):
        base = name = document_id([identities[place] for place in places])
        number = 2
        while name in claims:
            name, number = f"{base}-{number}", number + 1
        claims[name] = _claim(ledger, places)
    return claims


def decisions_of(ledger: Ledger) -> Decisions:
    """Return what a person decided on duplicates."""
    return Decisions(tuple(d for path in sorted(ledger) for d in ledger[path].decisions))


def recorded(ledger: Ledger) -> dict[str, Claim]:
    """Return the documents that the listings of a ledger were found to be of, when it was made."""
    places: dict[str, list[Place]] = defaultdict(list)
    for path in sorted(ledger):
        for number, listing in enumerate(ledger[path].listings):
            if listing.document:
                places[listing.document].append((path, number))
    return {name: _claim(ledger, tuple(found)) for name, found in places.items()}


def _claim(ledger: Ledger, places: tuple[Place, ...]) -> Claim:
    digests = (ledger[path].listings[number].fingerprint for path, number in places)
    return Claim(places, "-".join(digests))


def record_documents(ledger: Ledger, claims: Mapping[str, Claim]) -> set[str]:
    """Note in a ledger which document each listing is of; return the files where that changed."""
    names = {place: name for name, claim in claims.items() for place in claim.places}
    changed: set[str] = set()
    for path, file in ledger.items():
        listings = tuple(
            listing._replace(document=names.get((path, number), ""))
            for number, listing in enumerate(file.listings)
        )
        if listings != file.listings:
            changed.add(path)
            ledger[path] = file._replace(listings=listings)
    return changed


def acronyms_of(ledger: Ledger, claims: Iterable[Claim]) -> list[Acronym]:
    """Return the acronyms that the documents of an index define, those of most first."""
    return merged(
        acronym
        for claim in claims
        for acronym in sorted(
            {a for path, number in claim.places for a in ledger[path].listings[number].acronyms}
        )
    )
