"""What several tests need: folders of their own, the bundled corpus, and the command."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, TypeVar

import pytest
from hypothesis import settings

from evidence_search.__main__ import main
from evidence_search.errors import FAULT
from evidence_search.index import EvidenceIndex

FULL = bool(os.environ.get("CI"))
"""Whether what is slow runs at its full length: more kills, states, examples."""


def extent(full: int) -> int:
    """Return how much of something slow runs here: all of it, or a fifth at one's desk."""
    return full if FULL else max(full // 5, 1)


def sample(full: Sequence[T]) -> Sequence[T]:
    """Return which of many cases of one kind run here: all, or each fifth at one's desk."""
    return full if FULL else full[::5]


# A test says what is right, not how soon: the machine may be busy.  A change is accepted or not
# for what it changes, so its examples are the same each time; at one's desk they are new ones.
settings.register_profile(
    "evidence-search", deadline=None, max_examples=200 if FULL else 25, derandomize=FULL
)
settings.load_profile("evidence-search")

ROOT = Path(__file__).parent.parent
T = TypeVar("T")
Run = Callable[..., "subprocess.CompletedProcess[str]"]
# Indexes are signed with a key of the user's, which tests neither see nor make.
DATA = tempfile.mkdtemp(prefix="evidence-search-tests-")
os.environ["XDG_DATA_HOME"] = DATA
LOCAL_ENGINES = ["", "tantivy:"] if find_spec("tantivy") else [""]
"""What the addresses of indexes on this machine begin with; tantivy isn't there on Python 3.10."""
# Tests start the program hundreds of times: where Python is told to leave no compiled modules
# beside the source, each start would compile them all, so they are in a folder that goes again.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(DATA, "compiled"))
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
"""A folder for tests that write an index hundreds of times; ``None`` is the usual one."""


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@cache
def built() -> EvidenceIndex:
    """Return an index of the bundled corpus, made once.

    It holds for a copy of the corpus too: a copy keeps the times of its files.
    """
    index = EvidenceIndex(ROOT / "corpus", Path(DATA, "built"))
    index.refresh()
    return index


@pytest.fixture(scope="session")
def e5() -> EvidenceIndex:
    """Return an index of the bundled corpus, shared by tests that only read."""
    return built()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return a copy of the bundled corpus that a test may edit."""
    return Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))


@pytest.fixture
def run(tmp_path: Path, e5: EvidenceIndex) -> Run:
    """Return a function that runs the command in a folder with a built index.

    It does so in this process, which is ten times as fast, or in one of its own: where that is
    said (``apart``), or an output is a file of the system's or closed.
    """
    shutil.copytree(e5.index_folder, tmp_path / "index")
    shutil.copytree(Path(DATA, "evidence-search"), tmp_path / "data" / "evidence-search")

    def command(
        *words: str,
        corpus: Path = ROOT / "corpus",
        env: dict[str, str] | None = None,
        stdout: IO[str] | int = subprocess.PIPE,
        stdin: str | None = None,
        closed: int | None = None,
        apart: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        variables = {
            "EVIDENCE_SEARCH_CORPUS": str(corpus),
            "EVIDENCE_SEARCH_INDEX": str(tmp_path / "index"),
            "XDG_DATA_HOME": str(tmp_path / "data"),  # where saved searches are kept
            "PYTHONIOENCODING": "utf-8",
            **(env or {}),
        }
        if not apart and stdout == subprocess.PIPE and closed is None:
            return _run_here(words, tmp_path, variables, stdin or "")
        command = [sys.executable, "-m", "evidence_search", *words]
        if closed is not None:  # the number of a stream
            command = ["sh", "-c", f'exec "$@" {closed}>&-', "sh", *command]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, **variables},
            stdout=stdout,
            stderr=subprocess.PIPE,
            input=stdin,
            encoding="utf-8",
            check=False,
        )

    return command


def _run_here(
    words: tuple[str, ...], folder: Path, variables: dict[str, str], stdin: str
) -> subprocess.CompletedProcess[str]:
    """Run the command with streams, a folder and variables as a process would have them."""
    streams = {
        "stdin": TextIOWrapper(BytesIO(stdin.encode()), encoding="utf-8"),
        "stdout": TextIOWrapper(BytesIO(), encoding="utf-8"),
        "stderr": TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace"),
    }
    status: object = 0
    looked_for = gc.get_threshold()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        for name, value in variables.items():
            patched.setenv(name, value)
        for name, stream in streams.items():
            patched.setattr(sys, name, stream)
            patched.setattr(sys, f"__{name}__", stream)
        patched.setattr(sys, "argv", ["evidence-search", *words])
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        finally:
            gc.enable()  # a search does without, other commands look for it seldom
            gc.set_threshold(*looked_for)
    written = []
    for stream in (streams["stdout"], streams["stderr"]):
        stream.flush()
        written.append(stream.buffer.getvalue().decode())
    assert status != FAULT, written[1]
    return subprocess.CompletedProcess(words, int(str(status)), *written)
