"""Which files make up a committed state of an index, and whether they are as they were written.

A seal is a file beside them, written before the state is committed, that has
the size and checksums of each.  It makes damage plain: a file that was cut
short, overwritten or taken from elsewhere is found before anything of it is
unpickled, and an error while searching is a damaged file only if the seal
says so, and a fault of ours otherwise.

Rejected: trusting that damage shows as an exception (a changed byte of a
summary never does), and checking every byte at every opening (a large index
would cost seconds; what is opened is checked at its ends, where a file that
was cut or overwritten differs).
"""

from __future__ import annotations

import json
import os
import zlib
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.engines import trust
from evidence_search.errors import IndexDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import IO

_END = 1 << 19
"""Bytes at each end of a file that are checked at every opening."""
_CHUNK = 1 << 20


class Sealed(NamedTuple):
    """A file as it was written: bytes, CRC-32 of its two ends, and of all of it."""

    size: int
    ends: int
    whole: int


class Seal:
    """The files of one committed state, by name."""

    def __init__(self, folder: Path, files: Mapping[str, Sealed]) -> None:
        self._folder = folder
        self.files = files

    @classmethod
    def of(cls, folder: Path, names: Iterable[str], before: Seal | None = None) -> Seal:
        """Seal files that were just written, and make sure that they are on the disk.

        A file that is in ``before`` is taken from there: files never change.
        """
        known = before.files if before else {}
        return cls(folder, {name: known.get(name) or _sealed(folder / name) for name in names})

    def write(self, name: str) -> None:
        """Write the seal as a file."""
        text = json.dumps(self.files).encode()
        write_file(self._folder / name, b"%08x\n%s" % (zlib.crc32(text), text))

    @classmethod
    def read(cls, folder: Path, name: str) -> Seal:
        """Read a seal.

        Raises :class:`IndexDamagedError`, and ``FileNotFoundError`` where there's none.
        """
        data = read_file(folder / name)
        checksum, _, text = data.partition(b"\n")
        if checksum != b"%08x" % zlib.crc32(text):
            raise damaged(folder / name, "other bytes in it")
        return cls(folder, {name: Sealed(*values) for name, values in json.loads(text).items()})

    def check(self, name: str, *, whole: bool = False) -> None:
        """Raise :class:`IndexDamagedError` where a file isn't as it was sealed.

        Without ``whole`` only its ends are looked at.  Raises
        ``FileNotFoundError`` where there's no such file.
        """
        sealed = self.files[name]
        path = self._folder / name
        with os.fdopen(trust.open_file(os.fspath(path)), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != sealed.size:
                raise damaged(path, f"{size} bytes in place of {sealed.size}")
            found = _checksum(file) if whole else _ends(file, size)
        if found != (sealed.whole if whole else sealed.ends):
            raise damaged(path, "other bytes in it")

    def attachment(self, name: str, descriptor: int) -> bytes:
        """Return the bytes of an open file; raise :class:`IndexDamagedError` for others."""
        sealed = self.files[name]
        data = os.pread(descriptor, sealed.size + 1, 0)
        if zlib.crc32(data) != sealed.whole:
            raise damaged(self._folder / name, "other bytes in it")
        return data

    def damage(self) -> Iterator[IndexDamagedError]:
        """Yield what is wrong with each file that isn't, byte for byte, as it was sealed."""
        for name in self.files:
            try:
                self.check(name, whole=True)
            except FileNotFoundError:
                yield damaged(self._folder / name, "nothing")
            except IndexDamagedError as error:
                yield error


def damaged(path: Path, found: str) -> IndexDamagedError:
    """Return the error for a file that isn't as it was committed."""
    return IndexDamagedError(
        f"{path}: expected the file as it was written, found {found}; "
        "run: evidence-search index --rebuild"
    )


def read_file(path: Path) -> bytes:
    """Return the bytes of a file that only this user can write; raise as opening one does."""
    with os.fdopen(trust.open_file(os.fspath(path)), "rb") as file:
        return file.read()


def write_file(path: Path, data: bytes) -> None:
    """Write a file that is on the disk, and writable by this user only, when this returns."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        _keep(file)


def sync_folder(folder: Path) -> None:
    """Make sure that what was renamed in ``folder`` stays so."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sealed(path: Path) -> Sealed:
    # Not "rb": Windows flushes only what may be written.
    with path.open("r+b") as file:
        _keep(file)
        size = os.fstat(file.fileno()).st_size
        return Sealed(size, _ends(file, size), _checksum(file))


def _keep(file: IO[bytes]) -> None:
    """Make sure that a file is on the disk, and writable by this user only."""
    if os.name == "posix":
        os.fchmod(file.fileno(), 0o600)
    os.fsync(file.fileno())


def _ends(file: IO[bytes], size: int) -> int:
    file.seek(0)
    checksum = zlib.crc32(file.read(_END))
    if size > _END:
        file.seek(max(_END, size - _END))
        checksum = zlib.crc32(file.read(_END), checksum)
    return checksum


def _checksum(file: IO[bytes]) -> int:
    file.seek(0)
    checksum = 0
    while chunk := file.read(_CHUNK):
        checksum = zlib.crc32(chunk, checksum)
    return checksum
