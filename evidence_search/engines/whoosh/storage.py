"""The folder of an index on Whoosh: signed, on the disk before it counts, and swept."""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from evidence_search import signing
from evidence_search.engines.folders import sync
from evidence_search.errors import (
    IndexDamagedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONTENTS = re.compile(r"_MAIN_(\d+)\.toc")
"""The name of Whoosh's table of contents, with the number of its state."""
_SEGMENT = re.compile(r"MAIN_[0-9a-z]+\.seg")
_LOOKS = 3
# All that we or Whoosh ever put into the folder, but for the locks.
_OURS = re.compile(
    r"_MAIN_\d+\.toc(\.[\d.]+)?|MAIN_[0-9a-z]+\.[A-Za-z0-9_.]+|MAIN\.tmp|evidence-search-\d+\.json"
)


class Storage(FileStorage):
    """Whoosh's folder of files, which opens only those that were signed, and signs what it commits.

    ``files`` are those of the state that was trusted last, and ``signature`` is its own.
    """

    def __init__(
        self,
        folder: Path,
        version: str,
        key: bytes | None,
        created: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(os.fspath(folder))
        self.path = folder
        self.files: dict[str, signing.SignedFile] = {}
        self.opened: dict[str, Any] = {}
        self._committed: dict[str, signing.SignedFile] = {}
        self.signature = ""
        self._version = version
        self._key = key
        self._created = {} if created is None else created

    def newest(self) -> int:
        """Return the number of the newest state, 0 where nothing was ever committed."""
        for _ in range(_LOOKS):
            names = self.list()
            found = [int(match[1]) for match in map(_CONTENTS.fullmatch, names) if match]
            # A listing that was made while one name took the place of another may lack both.
            if found or not names:
                break
        return max(found, default=0)

    def trust(self, generation: int) -> None:
        """Open the files of a state from now on; raise as :func:`signing.read_manifest`."""
        self.signature, self.files = signing.read_manifest(
            self._manifest(generation), self._version, self._key
        )

    def _manifest(self, generation: int) -> Path:
        return self.path / f"evidence-search-{generation}.json"

    def create_file(
        self,
        name: str,
        excl: bool = True,  # noqa: ARG002 - all that Whoosh makes is new
        mode: str = "wb",
        **options: Any,
    ) -> Any:
        """Open a new file for writing, which nobody else may even read."""

        def private(path: str, flags: int) -> int:
            return os.open(path, flags | os.O_NOFOLLOW | os.O_EXCL, 0o600)

        # Path.open takes no opener; Whoosh closes it.
        file: Any = open(self.path / name, mode, opener=private)  # noqa: SIM115
        self._created[name] = file
        return StructFile(file, name=name, **options)

    def temp_storage(self, name: str | None = None) -> Storage:
        """Return a folder within this one for files on their way."""
        folder = self.path / (name or "MAIN.tmp")
        temporary = Storage(folder, self._version, None, self._created)
        temporary.create()
        return temporary

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file that was signed, or that this storage made itself."""
        if name in self._created:
            return super().open_file(name, **options)
        descriptor = signing.open_signed(self.path / name, self.files.get(name))
        self.opened[name] = os.fdopen(descriptor, "rb")
        return StructFile(self.opened[name], name=name, **options)

    def forget_unopened(self) -> None:
        """Leave out files of the manifest that turned out not to be of its state."""
        self.files = {name: self.files[name] for name in self.opened}

    def close_all(self) -> None:
        """Close what is open, after something went wrong with it."""
        for file in (*self._created.values(), *self.opened.values()):
            with suppress(OSError):
                file.close()
        self._created.clear()

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Rename a file; that of a table of contents is the commit, and is signed before."""
        contents = _CONTENTS.fullmatch(newname)
        if contents:
            self._sign(oldname, newname, self._manifest(int(contents[1])))
        super().rename_file(oldname, newname, safe=safe)
        if contents:
            self.files = self._committed
            sync(self.path)

    def _sign(self, written: str, renamed: str, manifest: Path) -> None:
        contents = signing.sign_file(self.path / written)
        # A renamed file has another time of change: this one is told by its bytes alone.
        files = {renamed: contents._replace(inode=0)}
        for name in filter(_SEGMENT.fullmatch, self.list()):
            if name in self.files:
                files[name] = self.files[name]
            elif name in self._created:
                files[name] = signing.sign_file(self.path / name)
        if not self._key:
            raise PermissionError(errno.EACCES, "there is no key to sign it with")
        signing.write_manifest(manifest, self._version, files, self._key)
        self._committed = files

    def damage(self) -> Iterator[IndexDamagedError]:
        """Yield what is wrong with each file that isn't, byte for byte, as it was written."""
        for name, signed in self.files.items():
            try:
                os.close(signing.open_signed(self.path / name, signed, thorough=True))
            except IndexDamagedError as error:
                yield error

    def sweep(self) -> None:
        """Remove what is ours in the folder, but not of the newest state that was trusted."""
        self.close_all()  # until then it takes up the disk
        newest = self._manifest(self.newest()).name if self.files else ""
        for path in self.path.iterdir():
            if path.name in self.files or path.name == newest or not _OURS.fullmatch(path.name):
                continue
            if path.is_dir() and not path.is_symlink():
                import shutil

                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
