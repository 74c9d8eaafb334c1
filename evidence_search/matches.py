"""All records that a search matches, without reading them before they are used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, overload

from evidence_search import documents
from evidence_search.records import StudyRecord

if TYPE_CHECKING:
    from evidence_search.engines import Request


class Matches(Sequence[StudyRecord]):
    """The records that a request matches, in its order, read as they are used.

    To go through them, in a loop or into a file, reads one after the other and keeps none;
    to take them by number, or to compare them, reads and keeps all.  ``hits`` answers the
    request, as :meth:`evidence_search.engines.Snapshot.stream` does; ``total`` is how many
    it gives, and ``record`` makes a record of the payload of one.
    """

    def __init__(
        self,
        total: int,
        request: Request,
        hits: Callable[[Request], Iterable[tuple[str, float, str]]],
        record: Callable[[str], StudyRecord] = documents.record,
    ) -> None:
        self._record = record
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
        if not isinstance(other, Matches):
            return NotImplemented
        return self._read() == other._read()

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

    def _read(self) -> tuple[StudyRecord, ...]:
        if self._records is None:
            self._records = tuple(self)
        return self._records
