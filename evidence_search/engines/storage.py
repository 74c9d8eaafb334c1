"""The folder of files that an index on Whoosh is kept in."""

from __future__ import annotations

import errno
import mmap
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from evidence_search.engines import trust
from evidence_search.engines.seal import sync_folder
from evidence_search.errors import SearchIndexError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

NAME = "evidence"
"""What the names of Whoosh's files begin with."""
CONTENTS = re.compile(rf"_{NAME}_(\d+)\.toc")
"""The name of a table of contents, with the number of its state."""
LOCK = "REFRESH"
LOCKS = (LOCK, f"{NAME}_WRITELOCK")
FOLDER = re.compile("whoosh-[0-9a-f]{8}")

_WHOLE = (".toc", ".seg")
"""Files that Whoosh reads at once, or maps itself."""
# All that we or Whoosh ever put into the folder, but for the locks.
_OURS = re.compile(
    rf"_{NAME}_\d+\.toc(\.[\d.]+)?|{NAME}_[0-9a-z]+\.[A-Za-z0-9_.]+|{NAME}\.tmp|[a-z-]+-\d+\.json"
)


class Storage(FileStorage):
    """Whoosh's folder of files, which opens only what nobody else could have written."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.before_commit: Callable[[str, str], None] | None = None
        self._written: list[Any] = []

    def temp_storage(self, name: str | None = None) -> Storage:
        """Return a folder within this one for files on their way."""
        temporary = Storage(self._fpath(name or f"{NAME}.tmp"))
        temporary._written = self._written
        temporary.create()
        return temporary

    def release(self) -> None:
        """Close what a writer has left open; until then it takes up the disk."""
        while self._written:
            with suppress(OSError):  # what couldn't be written before can't be now
                self._written.pop().close()

    def create_file(self, name: str, excl: bool = False, mode: str = "wb", **options: Any) -> Any:
        """Open a new file for writing, which nobody else may even read."""

        def private(path: str, flags: int) -> int:
            return os.open(path, flags | (os.O_EXCL if excl else 0), 0o600)

        # Path.open takes no opener; Whoosh closes it.
        file: Any = open(self._fpath(name), mode, opener=private)  # noqa: SIM115
        self._written.append(file)
        return StructFile(file, name=name, **options)

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file for reading."""
        descriptor = trust.open_file(self._fpath(name))
        if name.endswith(_WHOLE) or not os.fstat(descriptor).st_size:
            return StructFile(os.fdopen(descriptor, "rb"), name=name, **options)
        # As Whoosh maps the one file of a small segment: what isn't asked for isn't read.
        try:
            mapped: Any = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)
        return StructFile(mapped, name=name, **options)

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file; that of a table of contents is the commit."""
        if self.before_commit and CONTENTS.fullmatch(newname):
            self.before_commit(oldname, newname)
        super().rename_file(oldname, newname, safe=safe)
        sync_folder(Path(self.folder))


def remove(folder: Path, keep: Collection[str]) -> None:
    """Remove what is ours from a folder, but for ``keep`` and the locks."""
    for path in folder.iterdir():
        if path.name not in keep and _OURS.fullmatch(path.name):
            if path.is_dir() and not path.is_symlink():
                import shutil

                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def errors(folder: Path) -> Iterator[None]:
    """Turn what the file system raises into our errors, one line each."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            advice = "make room and run the command again; the index is as it was before"
        elif error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            advice = "name a folder that you can write with --index"
        else:
            advice = "run: evidence-search index --rebuild"
        raise SearchIndexError(f"{folder}: {error.strerror or error}; {advice}") from error
