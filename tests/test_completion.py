"""Completion in the shell, from the index as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evidence_search.cli.completions import _Zsh

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run


def completions(run: Run, *words: str, env: dict[str, str] | None = None) -> list[str]:
    """Return what bash offers for the last of the words; it parts words at colons."""
    parted = [part for word in words for part in word.replace(":", "\n:\n").split("\n")]
    if words[-1].endswith(":"):
        parted.pop()
    asked = {
        "_EVIDENCE_SEARCH_COMPLETE": "bash_complete",
        "COMP_WORDS": "\n".join(["evidence-search", *parted]),
        "COMP_CWORD": str(len(parted)),
    }
    done = run(env=asked | (env or {}))
    assert done.stderr == ""
    return [line.removeprefix("plain,") for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "alcohol-e5-managi"), ["alcohol-e5-managing-drink-drivers-25c407"]),
        (("explain", "prison", "alcohol-e5-managi"), ["alcohol-e5-managing-drink-drivers-25c407"]),
        (("prison", "-c", "g"), ["guidance"]),
        (("prison", "-j", "scot"), ["Scotland"]),
        (("prison", "-p", "w"), ["Welsh Government", "World Health Organization"]),
        (("prison", "titl"), ["title:"]),
        (("titl",), ["title:"]),
        (("fac",), ["facets"]),
        (("prison", "jurisdiction:Sc"), ["Scotland"]),
        (("prison", "category:"), ["seminal", "key", "review", "guidance", "uncategorised"]),
        (("prison", "publisher:min"), ['"Ministry of Justice"']),
        (("prison", "nonsense:"), []),
        (("prison", "--forc"), ["--force"]),
    ],
)
def test_the_words_of_the_index_are_completed(
    run: Run, words: tuple[str, ...], expected: list[str]
) -> None:
    assert completions(run, *words) == expected


def test_a_key_press_builds_no_index_and_fails_in_silence(run: Run, tmp_path: Path) -> None:
    nowhere = {"EVIDENCE_SEARCH_INDEX": str(tmp_path / "none")}
    assert completions(run, "show", "alco", env=nowhere) == []
    assert not (tmp_path / "none").exists()
    (tmp_path / "none").write_text("not a folder", encoding="utf-8")
    assert completions(run, "prison", "-j", "S", env=nowhere) == []


def test_the_script_for_zsh_puts_no_space_after_a_field() -> None:
    assert "-S ''" in _Zsh.source_template


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_ones_their_shells_can_read(run: Run, shell: str) -> None:
    script = run("completion", shell).stdout
    assert "_EVIDENCE_SEARCH_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_quotes_what_it_completes(run: Run, tmp_path: Path) -> None:
    script = run("completion", "bash").stdout
    command = tmp_path / "evidence-search"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m evidence_search "$@"\n')
    command.chmod(0o755)
    completed = tmp_path / "completed.sh"
    completed.write_text(
        f"compopt() {{ echo nospace; }}\n{script}\n"
        "COMP_WORDS=(evidence-search prison publisher : min) COMP_CWORD=4\n"
        f'_evidence_search_completion "{command}"; echo "${{COMPREPLY[@]}}"\n'
        f"COMP_WORDS=(evidence-search titl) COMP_CWORD=1\n"
        f'_evidence_search_completion "{command}"; echo "${{COMPREPLY[@]}}"\n'
    )
    assert completions(run, "prison", "publisher:min") == ['"Ministry of Justice"']
    done = subprocess.run(
        ["bash", str(completed)],
        env={
            "EVIDENCE_SEARCH_INDEX": str(tmp_path / "index"),
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "EVIDENCE_SEARCH_CORPUS": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == '\\"Ministry\\ of\\ Justice\\"\nnospace\ntitle:\n'
