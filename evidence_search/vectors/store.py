"""The vectors of a corpus, in one file beside its index.

A row is the digest of a text (16 bytes), a scale (4 bytes) and the vector in whole numbers of one
byte each; rows are only ever added at the end.  So a vector belongs to a text, and not to a record
or to a state of the index: an edit, a renamed file or a rebuilt index finds the vectors of all
texts that it still has, what was interrupted goes on where it stopped, and no state can be paired
with the vectors of another.

The file is numbers, of which nothing can run; that of another model has another name.  Beside it
stands a list of the records of the state that it was made for, which only saves reading them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import numpy as np

from evidence_search.errors import IndexLockedError, SearchIndexError
from evidence_search.files import read_text, write_own
from evidence_search.vectors import FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from evidence_search.vectors.encoders import Encoder

_DIGEST_BYTES = 16
_BATCH = 64
"""Texts that are encoded and written together: so much work an interruption costs at most."""
_BLOCK = 4096
"""Rows that are compared at once: as floats they fit into the processor's cache."""
_MOST_AS_FLOATS = 250_000
"""Vectors: some 400 MB."""
_WASTE = 2
"""The file is written anew when it has more than so many rows for each text that is left."""


def digest(text: str) -> bytes:
    """Return what a text is known by in the file."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).digest()


class Neighbours:
    """The vectors of texts, to be compared with that of another.

    ``rows`` has the place of each text's vector, -1 for a text that has none yet.
    """

    def __init__(self, rows: NDArray[np.int64], table: NDArray[np.void]) -> None:
        self._rows = rows
        self._table = table
        self._numbers: NDArray[np.float32] | None = None

    @property
    def missing(self) -> int:
        """How many of the texts have no vector yet."""
        return int((self._rows < 0).sum())

    def cosines(self, vector: NDArray[np.float32], *, often: bool = False) -> NDArray[np.float32]:
        """Return the cosine of each text's vector with ``vector``, -1 for a text without one.

        ``often`` (``False``) keeps the vectors as floats, four times their size, which takes
        a fifth of the time from then on.
        """
        products = np.empty(len(self._table) + 1, np.float32)
        products[-1] = -1  # what a row of -1 means
        if often and self._numbers is None and len(self._table) <= _MOST_AS_FLOATS:
            scales = self._table["scale"][:, None]
            self._numbers = self._table["vector"].astype(np.float32) * scales
        if self._numbers is not None:
            np.matmul(self._numbers, vector, out=products[:-1])
            return products[self._rows]
        for start in range(0, len(self._table), _BLOCK):
            block = self._table[start : start + _BLOCK]
            products[start : start + len(block)] = (
                block["vector"].astype(np.float32) @ vector
            ) * block["scale"]
        return products[self._rows]


class VectorStore:
    """The file of the vectors that ``encoder`` makes, in ``folder``."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._row = np.dtype(
            [
                ("digest", f"V{_DIGEST_BYTES}"),
                ("scale", "<f4"),
                ("vector", "i1", (encoder.dimensions,)),
            ]
        )
        name = hashlib.sha256(encoder.name.encode()).hexdigest()[:8]
        self.path = folder / FILES.format(name)

    def neighbours(self, digests: Sequence[bytes]) -> Neighbours:
        """Return the vectors of the texts of these digests, in their order."""
        table = self._table()
        places = _places(table)
        rows = np.fromiter((places.get(d, -1) for d in digests), np.int64, len(digests))
        return Neighbours(rows, table)

    def missing(self, digests: Iterable[bytes]) -> set[bytes]:
        """Return the digests whose texts have no vector yet."""
        return {*digests}.difference(_places(self._table()))

    def add(
        self, texts: Collection[str], progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Make the vectors of texts and keep them, a batch at a time.

        ``progress`` is called with texts done and texts in all.  Raises :class:`IndexLockedError`
        where another process is doing it, and :class:`SearchIndexError` where it can't be written;
        what was kept before stays.
        """
        by_length = sorted(texts, key=len)
        with self._writing() as file:
            for start in range(0, len(by_length), _BATCH):
                batch = by_length[start : start + _BATCH]
                rows = np.empty(len(batch), self._row)
                vectors = self._encoder.encode(batch)
                rows["digest"] = np.frombuffer(b"".join(map(digest, batch)), f"V{_DIGEST_BYTES}")
                rows["scale"] = np.abs(vectors).max(1) / np.float32(127)
                rows["vector"] = np.rint(vectors / rows["scale"][:, None])
                os.write(file, rows.tobytes())
                if progress:
                    progress(start + len(batch), len(by_length))
            os.fsync(file)

    def compact(self, digests: Collection[bytes]) -> None:
        """Drop the vectors of texts that the corpus no longer has, where these are many."""
        table = self._table()
        if len(table) <= _WASTE * len(digests):
            return
        wanted = {*digests}
        rows = [row for text, row in _places(table).items() if text in wanted]
        new = self.path.with_suffix(".new")
        with self._writing():
            write_own(new, table[sorted(rows)].tobytes())
            new.replace(self.path)

    def list_records(self, state: str, records: Mapping[str, bytes]) -> None:
        """Keep which record of a state has which text, so that a search need not read them all.

        ``records`` has the digest of the text of each id.  Where it can't be written,
        a search reads the records.
        """
        digests = {name: key.hex() for name, key in records.items()}
        new = self._listing.with_suffix(".new")
        with suppress(OSError):
            write_own(new, json.dumps({"state": state, "records": digests}).encode())
            new.replace(self._listing)

    def listed_records(self, state: str) -> dict[str, bytes] | None:
        """Return what :meth:`list_records` kept for a state, ``None`` where it has none."""
        try:
            kept = json.loads(read_text(self._listing, regular=True))
            if kept["state"] == state:
                return {name: bytes.fromhex(key) for name, key in kept["records"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # it is only there to save work
        return None

    @property
    def _listing(self) -> Path:
        return self.path.with_suffix(".json")

    def _table(self) -> NDArray[np.void]:
        """Return the whole rows of the file; one that was cut short at its end isn't there."""
        size = self.path.stat().st_size // self._row.itemsize if self.path.is_file() else 0
        if not size:
            return np.empty(0, self._row)
        return np.memmap(self.path, self._row, "r", shape=(size,))

    @contextmanager
    def _writing(self) -> Iterator[int]:
        """Open the file to add to it, behind its last whole row, alone."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.open(self.path, flags, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                size = os.fstat(file).st_size
                os.ftruncate(file, size - size % self._row.itemsize)
                os.lseek(file, 0, os.SEEK_END)
                yield file
            finally:
                os.close(file)
        except BlockingIOError:
            raise IndexLockedError(
                f"{self.path}: expected to add vectors, found another process that does; "
                "try again when it has finished"
            ) from None
        except OSError as error:
            raise SearchIndexError(
                f"{self.path}: expected to add vectors, found: {error.strerror}; make room or "
                "name another folder with --index; the vectors made before are kept"
            ) from error


def _places(table: NDArray[np.void]) -> dict[bytes, int]:
    digests = table["digest"].tobytes()
    return {
        digests[start : start + _DIGEST_BYTES]: row
        for row, start in enumerate(range(0, len(digests), _DIGEST_BYTES))
    }
