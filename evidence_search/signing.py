"""Which files an index is made of, signed, so that only what this user's program wrote is opened.

Whoosh unpickles what it opens, and a pickle can run any code.  Who a file belongs to
proves nothing: what comes in a zip or a clone belongs to whoever unpacked it.  So a
random key is kept in the user's own data folder, and beside each state of an index
stands a manifest with the size and SHA-256 of each of its files, signed with that key
(HMAC; RFC 2104).  A file is opened only if it is in the manifest, and its bytes are those
that were signed; they aren't read again where the file system says that it is the very
file and wasn't changed since (inode and time of change, which no program can set).
``docs/security.md`` says against whom this guards.

Rejected: a list of our indexes in the data folder (it would grow, and go stale when a
folder is moved or copied), and reading every byte at every opening (a large index would
cost a tenth of a second).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import IndexDamagedError, IndexUntrustedError, IndexUnwritableError
from evidence_search.files import make_way, read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_BYTES = 32
_CHUNK = 1 << 20
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe mustn't make one wait
_REMEDY = "run: evidence-search index --rebuild"


class SignedFile(NamedTuple):
    """A file as it was written: bytes, SHA-256 in hex, inode, and time of change in ns."""

    size: int
    digest: str
    inode: int
    changed: int


def key_path() -> Path:
    """Return where this user's key is: in the folder that ``platformdirs`` gives.

    To import that library takes a tenth of a search.
    """
    if sys.platform == "darwin":
        folder = "~/Library/Application Support"
    else:  # the XDG base directory specification
        folder = os.environ.get("XDG_DATA_HOME", "").strip() or "~/.local/share"
    return Path(folder).expanduser() / "evidence-search" / "index.key"


def read_key() -> bytes | None:
    """Return this user's key; ``None`` where there's none that nobody else could have made."""
    try:
        descriptor = os.open(key_path(), _FLAGS)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        key = file.read(_KEY_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
    ours = status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return key if ours and len(key) == _KEY_BYTES else None


def make_key() -> bytes:
    """Return this user's key, making it where there's none.

    Raises :class:`IndexUnwritableError` where it can't be made.
    """
    key, path = read_key(), key_path()
    try:
        return key or _new_key(path)
    except OSError as error:
        raise IndexUnwritableError(
            f"{path}: the key that indexes are signed with can't be written "
            f"({error.strerror or error}); make the folder writable, or remove the file"
        ) from error


def _new_key(path: Path) -> bytes:
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(_KEY_BYTES))
        with suppress(FileExistsError):  # another process was first
            os.link(name, path)
    finally:
        Path(name).unlink()
    key = read_key()
    if not key:
        raise PermissionError("others can read it")
    return key


def write_manifest(path: Path, version: str, files: Mapping[str, SignedFile], key: bytes) -> None:
    """Write the manifest of a state: its version and its files, by name."""
    text = json.dumps({"version": version, "files": files}).encode()
    make_way(path)
    with path.open("wb") as file:
        file.write(b"%s\n%s" % (_signature(key, text), text))
        file.flush()
        os.fsync(file.fileno())


def read_manifest(path: Path, version: str, key: bytes | None) -> tuple[str, dict[str, SignedFile]]:
    """Return the signature of a manifest, and its files by name.

    Raises :class:`IndexUntrustedError` where it isn't signed with the key, and
    :class:`IndexDamagedError` where it is of another version.
    """
    try:
        signature, _, text = read_bytes(path, regular=True).partition(b"\n")
    except OSError:
        signature = text = b""
    if not key or not hmac.compare_digest(signature, _signature(key, text)):
        raise IndexUntrustedError(
            f"{path.parent}: expected an index that this program wrote for you, found one from "
            f"elsewhere, which isn't opened; {_REMEDY}"
        )
    values = json.loads(text)
    if values["version"] != version:
        raise IndexDamagedError(
            f"{path.parent}: expected an index of {version}, found one of {values['version']}; "
            f"{_REMEDY}"
        )
    return signature.decode(), {name: SignedFile(*f) for name, f in values["files"].items()}


def _signature(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256").hex().encode()


def sign_file(path: Path) -> SignedFile:
    """Make sure that a file is on the disk, and return what it is."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest, status = _digest(file.fileno()), os.fstat(file.fileno())
    return SignedFile(status.st_size, digest, status.st_ino, status.st_ctime_ns)


def open_signed(path: Path, signed: SignedFile | None, *, thorough: bool = False) -> int:
    """Open a file for reading that is as it was signed; return its descriptor.

    What is asked is asked of the open file, so that nothing can be put in its place
    in between.  ``thorough`` reads all of it.  Raises :class:`IndexDamagedError`.
    """
    if signed is None:
        raise _damaged(path, "one that isn't of the index")
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        raise _damaged(
            path, "nothing" if isinstance(error, FileNotFoundError) else str(error.strerror)
        ) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _damaged(path, "something that is no file")
        if status.st_size != signed.size:
            raise _damaged(path, f"{status.st_size} bytes in place of {signed.size}")
        same = (status.st_ino, status.st_ctime_ns) == (signed.inode, signed.changed)
        if (thorough or not same) and _digest(descriptor) != signed.digest:
            raise _damaged(path, "other bytes in it")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _damaged(path: Path, found: str) -> IndexDamagedError:
    return IndexDamagedError(
        f"{path}: expected the file as it was written, found {found}; {_REMEDY}"
    )


def _digest(descriptor: int) -> str:
    """Return the SHA-256 of an open file, which stands at its beginning afterwards."""
    digest = hashlib.sha256()
    os.lseek(descriptor, 0, os.SEEK_SET)
    while chunk := os.read(descriptor, _CHUNK):
        digest.update(chunk)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return digest.hexdigest()
