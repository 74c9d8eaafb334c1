"""A search of plain words starts without click, and prints what the whole command prints."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from evidence_search.__main__ import ASKING, searched
from evidence_search.cli import completions
from evidence_search.cli.main import cli
from evidence_search.opening import CORPUS_VARIABLE, INDEX_VARIABLE
from tests.conftest import ROOT

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


def imported(command: str, names: set[str]) -> bytes:
    """Return which of some modules a command imports, as a process of its own prints them."""
    script = f"import sys; {command}; print({names} & set(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return done.stderr.strip()


@pytest.mark.usefixtures("at_e5")
def test_a_search_of_words_imports_nothing_heavy() -> None:
    heavy = {"click", "jinja2", "nltk", "dataclasses", "inspect"}
    command = (
        "from evidence_search.__main__ import searched;"
        "assert searched(['search', 'drink', 'driving'])"
    )
    assert imported(command, heavy) == b"set()"


@pytest.mark.usefixtures("at_e5")
def test_a_search_that_says_which_corpus_it_searched_imports_nothing_heavy_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "corpus").mkdir()
    monkeypatch.chdir(tmp_path)
    command = "from evidence_search.__main__ import searched; assert searched(['drink'])"
    note, heavy = imported(command, {"click", "jinja2", "nltk"}).splitlines()
    assert note.startswith(b"Searched ")
    assert heavy == b"set()"


@pytest.mark.usefixtures("at_e5")
def test_a_search_with_options_imports_no_reader_of_files() -> None:
    readers = {"evidence_search.cells", "evidence_search.importing", "jinja2", "nltk"}
    command = (
        "from evidence_search.cli.main import cli;"
        "cli(['search', 'drink', 'driving', '-n', '3'], standalone_mode=False)"
    )
    assert imported(command, readers) == b"set()"


def test_folders_named_by_options_are_searched_without_click(
    e5: EvidenceIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--corpus", str(e5.corpus_folder), f"--index={e5.index_folder}"]
    assert searched([*folders, "prison"])
    assert "records for “prison”" in capsys.readouterr().out
    assert not searched([*folders, "prison", "-n", "3"])
    assert not searched(["--corpus"])


@pytest.mark.usefixtures("at_e5")
@pytest.mark.parametrize(
    "words",
    [[], ["search"], ["index"], ["facets", "prison"], ["prison", "-n", "3"], ["--help"]],
    ids=" ".join,
)
def test_commands_and_options_are_left_to_click(words: list[str]) -> None:
    assert not searched(words)


@pytest.mark.usefixtures("at_e5")
def test_what_is_more_than_a_search_is_left_to_click(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert searched(["prison"])
    for variable in ASKING:
        monkeypatch.setenv(variable, str(tmp_path / "log"))
        assert not searched(["prison"])
        monkeypatch.delenv(variable)
    monkeypatch.setenv("EVIDENCE_SEARCH_USER", "Ann")  # of whom a search says nothing
    assert searched(["prison"])
    monkeypatch.setenv("EVIDENCE_SEARCH_INDEX", str(tmp_path / "none"))
    assert not searched(["prison"])


def test_a_search_without_click_heeds_each_variable_that_an_option_reads() -> None:
    context = click.Context(cli)
    commands = [cli, *(cli.get_command(context, name) for name in cli.list_commands(context))]
    read = {p.envvar for command in commands if command for p in command.params if p.envvar}
    assert read == {*ASKING, CORPUS_VARIABLE, INDEX_VARIABLE} - {completions.VARIABLE}


STEMMING = """
import sys
from evidence_search.stemming import english_stemmer
assert english_stemmer()("prisoners") == "prison"
assert "sklearn" not in sys.modules
import nltk
assert "sklearn" in sys.modules
"""


def test_stemming_brings_in_no_library_that_it_does_not_use_and_leaves_nltk_whole(
    tmp_path: Path,
) -> None:
    (tmp_path / "sklearn").mkdir()
    (tmp_path / "sklearn" / "__init__.py").write_text("")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    subprocess.run([sys.executable, "-c", STEMMING], env=environment, check=True)


IN_THREADS = """
import importlib, sys, threading
from evidence_search import stemming

sys.setswitchinterval(1e-6)
failures = []
threading.excepthook = lambda failed: failures.append(failed.exc_value)

def stem(together):
    together.wait()
    assert stemming.english_stemmer()("prisoners") == "a stem"

def import_another(together):
    together.wait()
    import sklearn

for _ in range(400):
    for name in ("nltk", "nltk.stem", "nltk.stem.snowball", "sklearn"):
        sys.modules.pop(name, None)
    importlib.reload(stemming)
    together = threading.Barrier(5)
    works = [stem, stem, stem, stem, import_another]
    threads = [threading.Thread(target=work, args=(together,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
assert not failures, failures[0]
"""
A_STEMMER = """
class EnglishStemmer:
    def stem(self, word):
        return "a stem"
"""


def test_threads_that_stem_their_first_word_at_once_do_not_disturb_each_other_or_an_import(
    tmp_path: Path,
) -> None:
    for name, text in {
        "sklearn/__init__.py": "",
        "nltk/__init__.py": "",
        "nltk/stem/__init__.py": "",
        "nltk/stem/snowball.py": A_STEMMER,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    subprocess.run([sys.executable, "-c", IN_THREADS], env=environment, check=True)


@pytest.mark.parametrize(
    ("word", "module"),
    [("index", "evidence_search.cli.main"), ("index", "click"), ("drink", "evidence_search.index")],
)
def test_an_interrupt_while_the_program_starts_ends_it_without_a_word(
    word: str, module: str
) -> None:
    command = (
        "import signal, sys; from evidence_search.__main__ import main\n"
        "class Moment:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Moment())\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, word], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
