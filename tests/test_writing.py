"""A file is written whole or not at all."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from evidence_search.errors import ExportError
from evidence_search.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def failing() -> Iterator[str]:
    yield "half"
    raise OSError(28, "No space left on device")


def test_a_new_file_has_the_text_as_it_is_and_the_usual_permissions(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    write_file(path, ["é\r\n", "z\n"])
    assert path.read_bytes() == "é\r\nz\n".encode()
    (tmp_path / "usual").touch()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ExportError, match="--force"):
        write_file(path, ["new"])
    assert path.read_text(encoding="utf-8") == "old"
    write_file(path, ["new"], overwrite=True)
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_failure_in_the_middle_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, overwrite: bool
) -> None:
    path = tmp_path / "file"
    if overwrite:
        path.write_text("old", encoding="utf-8")
    with pytest.raises(ExportError, match="No space left on device"):
        write_file(path, failing(), overwrite=overwrite)
    assert [p.read_text(encoding="utf-8") for p in tmp_path.iterdir()] == ["old"] * overwrite


def test_through_a_link_the_file_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("file")
    write_file(tmp_path / "link", ["new"], overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("name", ["missing/file", "."])
def test_where_nothing_can_be_written_it_says_which(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=f"{name}: can't be written|{name}: expected|: expected"):
        write_file(tmp_path / name, ["x"])
