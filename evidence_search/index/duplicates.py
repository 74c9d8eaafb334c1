"""Duplicates of a corpus: what was merged, what may be, and what a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.errors import CorpusError, RecordNotFoundError
from evidence_search.files import read_bytes
from evidence_search.merging import DUPLICATES
from evidence_search.merging.decisions import (
    DIFFERENT,
    SAME,
    Decision,
    changed,
    names_of,
    normalised,
    telling_names,
)
from evidence_search.merging.identity import identity
from evidence_search.merging.proposing import proposals
from evidence_search.stats import sources
from evidence_search.values import Value
from evidence_search.writing import alone_in, write_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from evidence_search.merging.decisions import Decisions
    from evidence_search.merging.proposing import Proposal
    from evidence_search.records import StudyRecord


KINDS = (SAME, DIFFERENT)
"""What can be decided on two listings."""


class Duplicates(Value):
    """How often documents are listed: the counts that PRISMA asks for, and likely pairs.

    ``sources`` has how many listings come from each database, or file where no
    database is named; ``merged`` are the records of several listings;
    ``proposals`` are pairs of records that may be one document, the likeliest first.
    """

    records: int
    listings: int
    sources: Mapping[str, int]
    merged: tuple[StudyRecord, ...]
    proposals: tuple[Proposal, ...]


def duplicates(records: Sequence[StudyRecord], decisions: Decisions) -> Duplicates:
    """Return what is known of the duplicates among records."""
    return Duplicates(
        len(records),
        sum(len(record.entries) for record in records),
        dict(sources(records).most_common()),
        tuple(record for record in records if record.listings),
        tuple(proposals(records, decisions)),
    )


def decide(
    corpus_folder: Path, records: Sequence[StudyRecord], kind: str, one: str, other: str
) -> Decision:
    """Write into the corpus that two listings are ``"same"`` or ``"different"``.

    ``one`` and ``other`` are ids of records or of listings, or their beginnings, or
    identifiers (``doi:…``).  Raises :class:`RecordNotFoundError` where either names none, or
    several, or both the same; and :class:`CorpusError`
    or :class:`ExportError` where the file can't be read or written.
    """
    ours, theirs = _named(records, one), _named(records, other)
    pairs = ((a, b) for a in ours for b in theirs if a != b)
    told = next(
        ((a, b, names) for a, b in pairs if (names := telling_names(identity(a), identity(b)))),
        None,
    )
    if told is None:
        raise RecordNotFoundError(
            f"expected two listings that something tells apart; found {one!r} and {other!r}: "
            "name two with other titles, authors, publishers or identifiers"
        )
    path = corpus_folder / DUPLICATES
    if path.is_symlink():
        raise CorpusError(
            f"{path}: expected a file, found a link, which may lead anywhere: put its file there"
        )
    decision = Decision(kind, *told[2])
    remark = " | ".join(f"{record.title[:60]} ({record.year or 'no year'})" for record in told[:2])
    with alone_in(corpus_folder):
        try:
            # Its lines are written again, so that what is replaced for reading would be lost.
            data = read_bytes(path, regular=True) if path.exists() else b""
            text = data.decode("utf-8-sig")
        except OSError as error:
            raise CorpusError(f"{path}: can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"{path}: expected text in UTF-8; found {data[error.start]:#x} at byte "
                f"{error.start}: save it as UTF-8"
            ) from error
        write_file(path, [changed(text, decision, remark)], overwrite=True)
    return decision


def _named(records: Sequence[StudyRecord], name: str) -> list[StudyRecord]:
    """Return the listings that a name means: their own, or their record's, or its beginning."""
    wanted = normalised(name)
    listed = [(record, entry) for record in records for entry in record.entries]
    for exact in (
        [e for _, e in listed if wanted in names_of(identity(e))],
        [e for r, e in listed if wanted == r.id],
    ):
        if exact:
            return exact
    fitting: dict[str, list[StudyRecord]] = {}
    for _, entry in listed:
        if entry.id.startswith(name):
            fitting.setdefault(entry.id, []).append(entry)
    if len(fitting) != 1:
        fitting = {r.id: [*r.entries] for r, e in listed if r.id.startswith(name)} or fitting
    if len(fitting) == 1 and name:
        return next(iter(fitting.values()))
    some = f"{len(fitting)} that begin so" if fitting else "none"
    raise RecordNotFoundError(
        f"expected the id of a record or listing, or the beginning of one; found {name!r}, and "
        f"{some}: see them with: evidence-search duplicates"
    )
