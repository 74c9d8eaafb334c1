"""What is drawn where: colours, hyperlinks and the pager."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evidence_search.query import columns
from evidence_search.render.style import colours, hyperlinks
from tests.conftest import ROOT, Run

if TYPE_CHECKING:
    from pathlib import Path

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")


@pytest.mark.parametrize(
    ("environment", "on_terminal", "off_terminal"),
    [({}, True, False), ({"NO_COLOR": "1"}, False, False), ({"NO_COLOR": ""}, True, False),
     ({"TERM": "dumb"}, False, False), ({"CLICOLOR": "0"}, False, False),
     ({"FORCE_COLOR": "1"}, True, True), ({"CLICOLOR_FORCE": "1"}, True, True),
     ({"CLICOLOR_FORCE": "0"}, True, False), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False)],
)  # fmt: skip
def test_colours_follow_the_conventions(
    environment: dict[str, str], on_terminal: bool, off_terminal: bool
) -> None:
    assert colours(environment, on_terminal=True) is on_terminal
    assert colours(environment, on_terminal=False) is off_terminal


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, False), ({"TERM_PROGRAM": "WezTerm"}, True), ({"VTE_VERSION": "7200"}, True),
     ({"VTE_VERSION": "4999"}, False), ({"KITTY_WINDOW_ID": "1"}, True),
     ({"KITTY_WINDOW_ID": "1", "TMUX": "x"}, False), ({"WT_SESSION": "x", "TERM": "dumb"}, False),
     ({"WT_SESSION": "x", "FORCE_HYPERLINK": "0"}, False), ({"FORCE_HYPERLINK": "1"}, True)],
)  # fmt: skip
def test_only_terminals_known_to_show_hyperlinks_get_them(
    environment: dict[str, str], expected: bool
) -> None:
    assert hyperlinks(environment, on_terminal=True) is expected
    assert hyperlinks(environment, on_terminal=False) is (
        environment.get("FORCE_HYPERLINK", "0") != "0"
    )


def on_terminal(words: list[str], environment: dict[str, str]) -> str:
    """Run the command on a pseudo-terminal of 24 lines and return what appears."""
    ours, theirs = pty.openpty()
    usual = {"PATH": os.environ["PATH"], "TERM": "xterm", "LINES": "24", "COLUMNS": "80"}
    command = [sys.executable, "-m", "evidence_search", *words]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=usual | environment
    ) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that it is at the end
        return b""


def test_a_terminal_gets_colours_and_what_is_long_through_the_pager(
    run: Run, tmp_path: Path
) -> None:
    folders = {
        "EVIDENCE_SEARCH_CORPUS": str(ROOT / "corpus"),
        "EVIDENCE_SEARCH_INDEX": str(tmp_path / "index"),
        "PAGER": "sed s/^/paged:/",
    }
    long = on_terminal(["show", "alcohol-e5-managing", "alcohol-e5-lessons-of"], folders)
    assert "paged:" in long
    assert "\x1b[1m" in long
    assert "paged:" not in on_terminal(["--no-pager", "list"], folders)
    assert "paged:" not in on_terminal(["list"], folders | {"NO_PAGER": "1"})
    assert "paged:" not in on_terminal(["show", "alcohol-e5-managing"], folders | {"LINES": "99"})
    assert "paged:" not in run("list", env={"PAGER": folders["PAGER"]}).stdout


def test_results_are_never_behind_a_pager_that_would_hide_their_end(tmp_path: Path) -> None:
    folders = {
        "EVIDENCE_SEARCH_CORPUS": str(ROOT / "corpus"),
        "EVIDENCE_SEARCH_INDEX": str(tmp_path / "index"),
        "PAGER": "sed s/^/paged:/",
    }
    for words in (["treatment"], ["treatment", "-n", "all"]):
        shown = on_terminal(words, folders)
        assert "paged:" not in shown
        assert re.search("\x1b\\[1m\\d+ records for “treatment”", shown)
        assert "Decade:" in shown


def test_a_terminal_that_lacks_a_character_gets_another_and_an_export_is_always_utf_8(
    run: Run,
) -> None:
    narrow = {"PYTHONIOENCODING": "ascii"}
    assert "?Unmet need? for alcohol" in run("unmet need", env=narrow, apart=True).stdout
    for form in ("ris", "csv", "markdown", "lines"):
        assert "“Unmet need” for alcohol" in run("unmet need", "--format", form, env=narrow).stdout


def test_a_hyperlink_leads_to_the_line_of_the_record(run: Run) -> None:
    shown = run("show", "alcohol-e5-managing", env={"FORCE_HYPERLINK": "1"}).stdout
    assert f"{(ROOT / 'corpus' / 'alcohol-e5.txt').as_posix()}#66\x1b\\alcohol-e5.txt:66" in shown
    in_code = {"FORCE_HYPERLINK": "1", "TERM_PROGRAM": "vscode"}
    assert "vscode://file" in run("prison", env=in_code).stdout


@pytest.mark.parametrize("width", [40, 80, 140])
def test_what_is_shown_fits_a_terminal_of_any_width(tmp_path: Path, width: int) -> None:
    environment = {
        "EVIDENCE_SEARCH_CORPUS": str(ROOT / "corpus"),
        "EVIDENCE_SEARCH_INDEX": str(tmp_path / "index"),
        "COLUMNS": str(width),
        "NO_PAGER": "1",
        "NO_COLOR": "1",
    }
    on_terminal(["index"], environment)
    commands = ["prison treatment", "prison -n 2 -c guidance", "list", "kwic offend*", "map",
                "facets prison", "timeline", "stats", "explain prison treatment", "similar 1",
                "show 1-3"]  # fmt: skip
    for words in commands:
        shown = on_terminal(words.split(), environment)
        assert [row for row in shown.splitlines() if columns(row) > width] == [], words


def test_a_hit_is_named_by_its_number_in_what_was_shown_last(run: Run) -> None:
    def titles(*words: str) -> list[str]:
        return [r["title"] for r in json.loads(run(*words, "--format", "json").stdout)]

    shown = json.loads(run("search", "prison", "--format", "json").stdout)
    hits = [hit["record"]["title"] for hit in shown["hits"]]
    assert titles("show", "1-3") == hits[:3]
    assert titles("show", "5", "2") == [hits[4], hits[1]]
    run("prison", "--offset", "3")
    assert titles("show", "4") == [hits[3]]
    assert run("show", "1").stderr.endswith("which showed 4 to 5; found 1\n")
    run("prison")
    alike = run("similar", "2", "-n", "1")
    assert f"like “{hits[1]}”" in alike.stdout
    assert titles("show", "1") != [hits[1]]
    places = run("kwic", "probation").stdout
    assert places.splitlines()[2].startswith("1 ")
    assert "robation" in titles("show", "1")[0]
