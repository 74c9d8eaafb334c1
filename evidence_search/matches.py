"""All records that a search matches, without reading them before they are used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, overload

from evidence_search import documents
from evidence_search.records import StudyRecord
from evidence_search.values import replace

if TYPE_CHECKING:
    from evidence_search.engines import Found, Request


class Matches(Sequence[StudyRecord]):
    """The records of all matches, in the order of the search; read when the first is used.

    ``request`` is the search for one page of them, which ``search`` answers; ``hits``
    are all of them, as the engine gave them, where they have been asked for already;
    ``record`` makes a record of what it gives.
    """

    def __init__(
        self,
        total: int,
        request: Request,
        search: Callable[[Request], Found],
        hits: Sequence[tuple[str, float, str]] | None = None,
        record: Callable[[str], StudyRecord] = documents.record,
    ) -> None:
        self._record = record
        self._total = total
        self._request = request
        self._search = search
        self._found = hits
        self._records: tuple[StudyRecord, ...] | None = None

    def __len__(self) -> int:
        return self._total

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
        return [name for name, _, _ in self._hits()]

    def _hits(self) -> Sequence[tuple[str, float, str]]:
        if self._found is None:
            every = replace(self._request, offset=0, limit=None, facets=())
            self._found = self._search(every).hits
        return self._found

    def _read(self) -> tuple[StudyRecord, ...]:
        if self._records is None:
            self._records = tuple(self._record(payload) for _, _, payload in self._hits())
        return self._records
