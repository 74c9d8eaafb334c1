"""A file written whole or not at all.

The text goes to a new file beside it, is brought to the disk, and takes its
name in one step, so that neither a full disk, a crash nor a second writer
leaves half a file.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable


def write_file(path: Path, pieces: Iterable[str | bytes], *, overwrite: bool = False) -> None:
    """Write to ``path``: text in UTF-8, with line ends as they are.

    A file that is there is kept unless ``overwrite``; then its permissions
    are.  Pipes and devices are written to as they stand.  Raises
    :class:`ExportError`.
    """
    try:
        target = path.resolve()  # through a link: it goes on leading to the file
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as device:
                device.writelines(map(_encoded, pieces))
            return
        if target.exists() and not overwrite:
            raise FileExistsError
        _replace(target, pieces, overwrite=overwrite)
    except FileExistsError:
        raise ExportError(
            f"{path}: expected a new file, found one; to write over it: --force, or force=True"
        ) from None
    except OSError as error:
        raise ExportError(f"{path}: can't be written: {error.strerror or error}") from error


def _encoded(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "replace")


def _replace(target: Path, pieces: Iterable[str | bytes], *, overwrite: bool) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".evidence-search-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(map(_encoded, pieces))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(target))
        if overwrite:
            Path(name).replace(target)
        else:
            _take_name(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def _take_name(name: str, target: Path) -> None:
    """Give the file the name of ``target``; raise ``FileExistsError`` if it was taken meanwhile."""
    try:
        os.link(name, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError from None
        Path(name).replace(target)


def _mode(target: Path) -> int:
    """Return the permissions of the file, or those of a new one."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
