"""All records that a search matches, without reading them before they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, overload

from evidence_search import documents
from evidence_search.engines.plan import Among
from evidence_search.records import StudyRecord
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Collection

    from evidence_search.engines import Labelled, Request


def ids_of(records: Sequence[StudyRecord]) -> list[str]:
    """Return the ids of records, of which those that an index matches need not be read for it."""
    return records.ids if isinstance(records, Matches) else [record.id for record in records]


class Matches(Sequence[StudyRecord]):
    """The records that a request matches, in its order, read as they are used.

    To go through them, in a loop or into a file, reads one after the other and keeps none;
    to take them by number, or to compare them, reads and keeps all.  ``hits`` answers the
    request, as :meth:`evidence_search.engines.Snapshot.stream` does; ``total`` is how many
    it gives, and ``record`` makes a record of the payload of one.  ``labelled`` gives what they
    are labelled with, as :meth:`evidence_search.engines.Snapshot.labels` does; without it the
    records are read for that.
    """

    def __init__(
        self,
        total: int,
        request: Request,
        hits: Callable[[Request], Iterable[tuple[str, float, str]]],
        record: Callable[[str], StudyRecord] = documents.record,
        labelled: Callable[[Request, Sequence[str]], Iterable[Labelled]] | None = None,
    ) -> None:
        self._record = record
        self._labelled = labelled
        self._total = total
        self._request = request
        self._hits = hits
        self._records: tuple[StudyRecord, ...] | None = None

    def __len__(self) -> int:
        return self._total

    def __iter__(self) -> Iterator[StudyRecord]:
        if self._records is not None:
            return iter(self._records)
        return (self._record(payload) for _, _, payload in self._hits(self._request))

    @overload
    def __getitem__(self, at: int) -> StudyRecord: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[StudyRecord, ...]: ...
    def __getitem__(self, at: int | slice) -> StudyRecord | tuple[StudyRecord, ...]:
        return self._read()[at]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Matches | tuple):
            return NotImplemented
        return self._read() == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as a list: it would have to be read

    def __repr__(self) -> str:
        return f"<Matches: {self._total} records>"

    def __reduce__(self) -> tuple[type, tuple[tuple[StudyRecord, ...]]]:
        """A copy, perhaps in another process, has no index: it is a plain tuple."""
        return tuple, (self._read(),)

    @property
    def ids(self) -> list[str]:
        """The ids of the records, of which none need be read for it."""
        return [name for name, _, _ in self._hits(self._request)]

    def labels(self, fields: Sequence[str]) -> Iterable[Labelled]:
        """Return the id of each record, in no order, with what it has in facets or ``"year"``."""
        if self._labelled:
            return self._labelled(self._request, fields)
        return (documents.labelled(record, fields) for record in self)

    def only(self, ids: Collection[str]) -> Matches:
        """Return those of some ids, all of which are among these."""
        chosen = frozenset(ids)

        def hits(request: Request) -> Iterable[tuple[str, float, str]]:
            return (hit for hit in self._hits(request) if hit[0] in chosen)

        filters = {**self._request.filters, "ids": Among(chosen)}
        request = replace(self._request, filters=filters)
        return Matches(len(chosen), request, hits, self._record, self._labelled)

    def _read(self) -> tuple[StudyRecord, ...]:
        if self._records is None:
            self._records = tuple(self)
        return self._records
