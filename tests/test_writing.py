"""A file is written whole or not at all, and read without waiting."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evidence_search.errors import ExportError
from evidence_search.files import read_lines, read_text
from evidence_search.spreadsheet import workbook
from evidence_search.writing import append_line, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def failing() -> Iterator[str]:
    yield "half"
    raise OSError(28, "No space left on device")


def test_a_new_file_has_the_text_as_it_is_and_the_usual_permissions(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    write_file(path, ["é\r\n", "z\n"])
    assert path.read_bytes() == "é\r\nz\n".encode()
    (tmp_path / "usual").touch()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_thread_that_writes_does_not_open_the_files_of_another_to_others(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    usual = (tmp_path / "usual").stat().st_mode

    def touched(number: int) -> int:
        (tmp_path / f"other-{number}").touch()
        return (tmp_path / f"other-{number}").stat().st_mode

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns often, so that what can meet does
    try:
        with ThreadPoolExecutor(4) as pool:
            made = []
            for number in range(400):
                pool.submit(write_file, tmp_path / f"{number}.txt", ["text"])
                made += [pool.submit(touched, 4 * number + n) for n in range(4)]
            modes = {one.result() for one in made}
    finally:
        sys.setswitchinterval(before)
    assert modes == {usual}


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ExportError, match="--force"):
        write_file(path, ["new"])
    assert path.read_text(encoding="utf-8") == "old"
    for mode in (0o600, 0o666):
        path.chmod(mode)
        write_file(path, [f"new {mode}"], overwrite=True)
        assert path.read_text(encoding="utf-8") == f"new {mode}"
        assert stat.S_IMODE(path.stat().st_mode) == mode
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


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    nowhere = "link: can't be written: it is a link that leads nowhere"
    with pytest.raises(ExportError, match=nowhere):
        write_file(tmp_path / "link", ["new"], overwrite=overwrite)
    with pytest.raises(ExportError, match=nowhere):
        append_line(tmp_path / "link", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


@pytest.mark.parametrize(
    "write", [lambda path: write_file(path, ["x"]), lambda p: append_line(p, "x")]
)
def test_a_loop_of_links_is_an_error_like_another(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ExportError, match="loop: can't be written"):
        write(tmp_path / "loop")


def test_a_line_is_appended_after_whole_lines_and_through_a_link(tmp_path: Path) -> None:
    path = tmp_path / "log"
    (tmp_path / "link").symlink_to("log")
    append_line(path, "é")
    with path.open("a") as file:
        file.write("cut sho")
    append_line(tmp_path / "link", "two")
    assert path.read_text(encoding="utf-8") == "é\ncut sho\ntwo\n"


@pytest.mark.parametrize("room", [0, 5])
def test_on_a_full_disk_a_line_is_appended_whole_or_not_at_all(tmp_path: Path, room: int) -> None:
    path = tmp_path / "log"
    for before in ("", "one\n"):
        if before:
            path.write_text(before, encoding="utf-8")
        with full_after(len(before) + room), pytest.raises(ExportError, match="log: can't be wr"):
            append_line(path, "a long line")
        assert path.exists() == bool(before)
        assert not before or path.read_text(encoding="utf-8") == before


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


# Reading what somebody named


def test_what_has_no_end_is_read_up_to_a_limit(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="larger than 1000 bytes"):
        read_text(Path("/dev/zero"), 1000)
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbfa\r\n\xff\r")
    assert read_text(tmp_path / "file", 8) == "a\n\ufffd\n"
    with pytest.raises(OSError, match="larger than 7 bytes"):
        read_text(tmp_path / "file", 7)


def test_a_pipe_is_read_to_its_end_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_text(tmp_path / "pipe") == ""  # nothing writes to it
    with pytest.raises(OSError, match="no ordinary file"):
        read_text(tmp_path / "pipe", regular=True)
    with subprocess.Popen(["sh", "-c", "sleep 0.2; echo one"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert read_text(Path(f"/dev/fd/{process.stdout.fileno()}")) == "one\n"
    with subprocess.Popen(["printf", "one\ntwo"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert [*read_lines(Path(f"/dev/fd/{process.stdout.fileno()}"))] == [b"one\n", b"two"]


def test_lines_are_read_up_to_a_length(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one\nthree\n")
    assert [*read_lines(tmp_path / "file", 6)] == [b"one\n", b"three\n"]
    with pytest.raises(OSError, match="a line is larger than 5 bytes"):
        list(read_lines(tmp_path / "file", 5))


def test_a_workbook_whose_parts_find_no_room_says_so_as_any_full_disk_does() -> None:
    rows = [["a long text " * 100]] * 200
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match=r"File too large|no room in the temporary folder"):
            workbook("Records", rows)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
