"""Checking a corpus, and going to what is wrong."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evidence_search import corpus as corpus_module
from evidence_search.checking import Checked, check_corpus, check_files
from evidence_search.cli import editor as editors
from evidence_search.errors import EditorError
from evidence_search.records import Source
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.conftest import Run

HEADING = "Drug Treatment Matrix cell A1: Interventions; Reducing harm\n\n"


def test_check_reports_like_a_linter_and_fails_for_errors_only(run: Run, corpus: Path) -> None:
    page = corpus / "drug-a1.txt"
    page.write_text(f"{HEADING}K No year. Text.\n", encoding="utf-8")
    done = run("check", corpus=corpus)
    assert done.returncode == 0
    assert "drug-a1.txt:3:1: warning: expected a year in parentheses" in done.stdout
    assert re.search(r"^0 errors, \d+ warnings? in 21 records of 3 files$", done.stderr)
    page.write_text(f"{HEADING}X Title \x1b[31m (2010). Text.\n", encoding="utf-8")
    done = run("check", corpus=corpus)
    assert done.returncode == 1
    assert "drug-a1.txt:3:1: error: expected a category (S, K, R, G), found 'X'" in done.stdout
    assert "\x1b" not in done.stdout


def test_check_of_a_sound_corpus_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sound").mkdir()
    (tmp_path / "sound" / "a1.txt").write_text(f"{HEADING}K One (2010). Text.\n", encoding="utf-8")
    done = run("check", corpus=tmp_path / "sound")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "No problems in 1 record of 1 file\n"


def test_check_as_json_has_the_documented_keys(run: Run, corpus: Path) -> None:
    (corpus / "drug-a1.txt").write_text(f"{HEADING}X One (2010. Text.\n", encoding="utf-8")
    done = run("check", str(corpus / "drug-a1.txt"), "--format", "json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert {name: found[name] for name in ("files", "records", "errors", "warnings")} == {
        "files": 1, "records": 1, "errors": 2, "warnings": 0,
    }  # fmt: skip
    assert found["problems"][1] == {
        "path": str(corpus / "drug-a1.txt"),
        "line": 3,
        "column": 7,
        "end_line": 3,
        "end_column": 8,
        "severity": "error",
        "code": "unclosed-parenthesis",
        "message": "expected a “)” for this “(”, found none in the entry",
    }


def test_files_folders_and_what_is_missing_are_checked_under_the_names_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cells").mkdir()
    Path("cells/a1.txt").write_text(f"{HEADING}K One. Text.\n", encoding="utf-8")
    Path("cells/thesaurus.toml").write_text("[", encoding="utf-8")
    Path("link.txt").symlink_to("cells/a1.txt")
    checked = Checked()
    names = ["cells", "cells/a1.txt", "link.txt", "missing.txt", "cells/thesaurus.toml"]
    found = [(p.source.path, p.code) for p in check_files(names, checked=checked)]
    assert found == [
        ("cells/a1.txt", "no-year"),
        ("cells/thesaurus.toml", "thesaurus"),
        ("cells/a1.txt", "no-year"),
        ("link.txt", "no-year"),
        ("missing.txt", "unreadable"),
        ("cells/thesaurus.toml", "thesaurus"),
    ]
    assert (checked.files, checked.records) == (6, 3)


MANY = {
    "a.txt": HEADING + "".join(f"K Title {n}. Text.\n\n" for n in range(1500)),
    "duplicates.txt": "same\n" * 1500,
    "lists.txt": "2024-01-01\tme\ton\tincluded\tgone\n" * 1500,
    "thesaurus.toml": "".join(f'[[concept]]\npreferred = "word{n}"\n' for n in range(1500)),
}


@pytest.mark.parametrize("name", MANY)
def test_of_very_many_problems_of_a_file_some_are_told_and_the_rest_counted(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(MANY[name], encoding="utf-8")
    *told, last = check_corpus(tmp_path)
    assert (len(told), last.code) == (1000, "more-problems")
    assert last.message.startswith("found 500 more ")


def test_what_a_message_quotes_at_length_is_cut_and_its_advice_is_not(tmp_path: Path) -> None:
    term = "word " * 50_000
    (tmp_path / "thesaurus.toml").write_text(f'[[concept]]\npreferred = "{term}"\n')
    problems = list(check_corpus(tmp_path))
    assert all(len(problem.message) < 700 for problem in problems)
    assert any(problem.message.endswith("found none: add some") for problem in problems)


def test_settings_that_say_something_else_are_a_problem_of_their_file(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("meaning = true\n", encoding="utf-8")
    assert not list(check_corpus(tmp_path))
    settings.write_text("meaning = maybe\n", encoding="utf-8")
    (problem,) = check_corpus(tmp_path)
    assert problem.source.path == "settings.toml"
    assert "expected settings as TOML" in problem.message


def test_a_thesaurus_is_read_as_safely_as_any_file(tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text('[[concept]]\npreferred = "a secret"\n', encoding="utf-8")
    folder = tmp_path / "corpus"
    folder.mkdir()
    thesaurus = folder / "thesaurus.toml"
    thesaurus.symlink_to(outside)
    (folder / "a1.txt").symlink_to(outside)
    page, linked = check_corpus(folder)
    assert (linked.code, linked.message) == (page.code, page.message)
    assert [p.code for p in check_files([str(thesaurus)])] == [corpus_module.LINK]
    thesaurus.unlink()
    os.mkfifo(thesaurus)
    assert [p.code for p in check_files([str(thesaurus)])] == ["thesaurus"]
    thesaurus.unlink()
    assert [p.message for p in check_files([str(thesaurus)])] == ["expected a file, found none"]
    thesaurus.write_text("#" * 100, encoding="utf-8")
    assert [p.code for p in check_files([str(thesaurus)], 99)] == [corpus_module.TOO_LARGE]
    thesaurus.write_bytes(b"# \xff")
    (broken,) = check_files([str(thesaurus)])
    assert broken.message.endswith("expected UTF-8: invalid start byte at byte 2")


def test_a_file_over_the_size_limit_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 100, encoding="utf-8")
    (problem,) = check_corpus(tmp_path, max_size=99)
    assert problem.code == corpus_module.TOO_LARGE
    assert [p.code for p in check_files([str(tmp_path / "a.txt")], 99)] == [corpus_module.TOO_LARGE]


def test_show_edit_opens_the_editor_at_the_record(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "vim"
    script.write_text(f'#!{sys.executable}\nimport sys\nprint(*sys.argv[1:], sep="|")\n')
    script.chmod(0o700)
    environment = {"VISUAL": f"{script} -X", "EDITOR": "false"}
    done = run("show", "alcohol-e5-managing", "--edit", env=environment, apart=True)
    assert done.returncode == 0
    assert done.stdout.startswith("-X|+66|/")
    assert done.stdout.endswith("corpus/alcohol-e5.txt\n")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"VISUAL": "", "EDITOR": ""}, "expected the name of an editor in VISUAL or EDITOR"),
        ({"VISUAL": "", "EDITOR": "no-such-editor"}, "'no-such-editor' can't be started"),
        ({"VISUAL": "", "EDITOR": "false"}, "'false' ended with status 1"),
        ({"VISUAL": "vi 'x", "EDITOR": ""}, "No closing quotation"),
    ],
)
def test_an_editor_that_fails_is_one_clear_line(
    run: Run, environment: dict[str, str], said: str
) -> None:
    done = run("show", "alcohol-e5-managing", "--edit", env=environment, apart=True)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("editor", "words"),
    [
        ("nvim", ["nvim", "+7", "/a.txt"]),
        ("/usr/bin/nano -w", ["/usr/bin/nano", "-w", "+7,3", "/a.txt"]),
        ("emacsclient -t", ["emacsclient", "-t", "+7:3", "/a.txt"]),
        ("code --wait", ["code", "--wait", "--goto", "/a.txt:7:3"]),
        ("hx", ["hx", "/a.txt:7:3"]),
        ("kate", ["kate", "--line", "7", "--column", "3", "/a.txt"]),
        ("my-editor", ["my-editor", "/a.txt"]),
        ("", []),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(editor: str, words: list[str]) -> None:
    assert editors.command(editor, Path("/a.txt"), Source("a.txt", 7, 3)) == words


def test_the_quotes_of_an_editor_must_match() -> None:
    with pytest.raises(EditorError, match="expected a command"):
        editors.command("vi 'x", Path("/a.txt"), Source("a.txt", 7))


def test_every_code_of_a_problem_is_explained_beside_the_corpus() -> None:
    explained = re.findall(
        r"^\| (`.*?) \|", (ROOT / "corpus" / "README.md").read_text(), re.MULTILINE
    )
    package = ROOT / "evidence_search"
    files = [
        *package.glob("cells/*.py"),
        *package.glob("importing/*.py"),
        package / "corpus.py",
        package / "decoding.py",
        package / "checking.py",
        package / "merging" / "decisions.py",
        package / "lists" / "entries.py",
    ]
    written = " ".join(path.read_text(encoding="utf-8") for path in files)
    codes = set(re.findall(r'"(?:error|warning)",?\s*"([a-z0-9-]+)"', written))
    codes |= set(re.findall(r'"([a-z]+-[a-z-]+)" if fitting else "([a-z-]+)"', written)[0])
    codes |= {corpus_module.LINK, corpus_module.TOO_LARGE, corpus_module.UNREADABLE}
    codes |= {corpus_module.MISSING_LIBRARY, "unclosed-parenthesis", "more-problems"}
    assert {code for row in explained for code in re.findall("`([a-z0-9-]+)`", row)} == codes - {
        "thesaurus"
    }


def test_two_editions_of_a_cell_are_reported_naming_both_files(tmp_path: Path) -> None:
    text = "Drug Treatment Matrix cell A1: Interventions; Prisons\n\nK Otters (2010). Help.\n"
    (tmp_path / "a1-2012.txt").write_text(text, encoding="utf-8")
    (tmp_path / "a1-2015.txt").write_text(text.replace("Help", "Help a lot"), encoding="utf-8")
    (problem,) = [p for p in check_corpus(tmp_path) if p.code == "edition"]
    assert problem.severity == "warning"
    assert problem.source.path == "a1-2015.txt"
    assert "Drug A1 in a1-2012.txt too" in problem.message


def test_copies_are_no_problem_and_a_decision_on_nothing_is(tmp_path: Path) -> None:
    row = '{"title": "Otters in court", "year": 2010}\n'
    (tmp_path / "a.jsonl").write_text(row * 2, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(row, encoding="utf-8")
    assert list(check_corpus(tmp_path)) == []
    (tmp_path / "duplicates.txt").write_text("same doi:10.1000/a no-such-id\n?\n", encoding="utf-8")
    assert [(p.source.line, p.code) for p in check_corpus(tmp_path)] == [
        (2, "bad-decision"), (1, "unknown-listing"), (1, "unknown-listing")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "found a PDF: open it, and copy its text"),
        (b"PK\x03\x04\x14\x00word/document.xml", "found a document of Word or LibreOffice"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "found a document of Office before 2007: open it, and save"),
        (b"{\\rtf1\\ansi K Title (2010). Summary.}", "found rich text: open it, and save it as"),
        (b"\x1f\x8b\x08\x00", "found an archive: unpack it"),
    ],
)
def test_a_document_that_is_no_text_is_named_with_what_to_do(data: bytes, advice: str) -> None:
    records, (problem,) = corpus_module.parse_file(data, "a.txt")
    assert records == ()
    assert (problem.severity, problem.code) == ("error", "no-text")
    assert advice in problem.message
