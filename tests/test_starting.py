"""A search of plain words starts without click, and prints what the whole command prints."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evidence_search.__main__ import found

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from tests.conftest import Run


@pytest.fixture
def at_e5(e5: EvidenceIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the index of the bundled corpus the one that is searched."""
    monkeypatch.setenv("EVIDENCE_SEARCH_CORPUS", str(e5.corpus_folder))
    monkeypatch.setenv("EVIDENCE_SEARCH_INDEX", str(e5.index_folder))


def test_a_search_of_words_prints_what_the_whole_command_prints(run: Run) -> None:
    run("index")
    assert run("drink", "driving").stdout == run("search", "--", "drink", "driving").stdout


@pytest.mark.usefixtures("at_e5")
def test_a_search_of_words_imports_nothing_heavy() -> None:
    command = (
        "import sys; from evidence_search.__main__ import found;"
        "assert found(['search', 'drink', 'driving']);"
        "print({'click', 'nltk', 'dataclasses', 'inspect'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"


@pytest.mark.usefixtures("at_e5")
@pytest.mark.parametrize(
    "words",
    [[], ["search"], ["index"], ["facets", "prison"], ["prison", "-n", "3"], ["--help"]],
    ids=" ".join,
)
def test_commands_and_options_are_left_to_click(words: list[str]) -> None:
    assert found(words) is None


@pytest.mark.usefixtures("at_e5")
def test_what_is_more_than_a_search_is_left_to_click(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert found(["prison"])
    monkeypatch.setenv("EVIDENCE_SEARCH_LOG", str(tmp_path / "log"))
    assert found(["prison"]) is None
    monkeypatch.delenv("EVIDENCE_SEARCH_LOG")
    monkeypatch.setenv("EVIDENCE_SEARCH_INDEX", str(tmp_path / "none"))
    assert found(["prison"]) is None
