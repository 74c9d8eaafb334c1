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

    ``request`` is the search for one page of them, which ``search`` answers.
    """

    def __init__(self, total: int, request: Request, search: Callable[[Request], Found]) -> None:
        self._total = total
        self._request = request
        self._search = search
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

    def _read(self) -> tuple[StudyRecord, ...]:
        if self._records is None:
            every = replace(self._request, offset=0, limit=None, facets=())
            hits = self._search(every).hits
            self._records = tuple(documents.record(payload) for _, _, payload in hits)
        return self._records
