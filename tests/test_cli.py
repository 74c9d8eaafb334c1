"""The command, run as a process, the way a searcher does."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_search.cli import messages
from evidence_search.cli.registry import COMMANDS, TOPICS
from evidence_search.documents import AXES, FACETS, MORE_FACETS
from evidence_search.render import ENDINGS
from evidence_search.search import SWITCHES
from evidence_search.web.asked import FILTERS
from tests.conftest import ROOT, Run

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_words_that_are_no_command_are_a_search(run: Run) -> None:
    done = run("drink", "driving")
    assert done.returncode == 0
    assert "1. Treatment needs help from curbs on availability" in done.stdout
    assert "Category: " in done.stdout
    assert done.stderr == ""


def test_the_first_search_builds_the_index_and_says_so(run: Run, tmp_path: Path) -> None:
    new = {"EVIDENCE_SEARCH_INDEX": str(tmp_path / "new")}
    done = run("drink", "driving", env=new)
    assert "Treatment needs help" in done.stdout
    assert done.stderr.startswith("Built the index: 20 added")
    assert run("drink", "driving", env=new).stderr == ""


def test_search_json_has_the_documented_shape(run: Run) -> None:
    done = run("search", "prison", "--format", "json", "-n", "2", "-j", "Scotland")
    value = json.loads(done.stdout)
    assert value["query"] == "prison"
    assert [hit["rank"] for hit in value["hits"]] == [1, 2]
    assert set(value["hits"][0]) >= {"rank", "id", "score", "record", "snippet"}
    assert value["index"] == {"documents": 20, "refreshed": False}
    assert value["facets"]["jurisdiction"]["England"] > 0
    assert all("Scotland" in hit["record"]["jurisdictions"] for hit in value["hits"])


def test_options_of_one_kind_are_alternatives_and_of_different_kinds_restrict(run: Run) -> None:
    def total(*options: str) -> int:
        return int(
            json.loads(run("search", "treatment", "--format", "json", *options).stdout)["total"]
        )

    assert total("-c", "R") + total("-c", "seminal") <= total("-c", "R", "-c", "S")
    assert total("-c", "G", "-y", "2010..2014") <= min(total("-c", "G"), total("-y", "2010..2014"))


def test_a_filter_for_the_uk_finds_its_nations_and_scotland_only_itself(run: Run) -> None:
    def places(name: str) -> set[str]:
        done = run("search", "treatment", "--format", "jsonl", "-n", "50", "-j", name)
        return {p for row in done.stdout.splitlines() for p in json.loads(row)["jurisdictions"]}

    assert {"UK", "England", "Scotland", "Wales"} <= places("uk")
    assert "England" not in places("Scottish")


def test_list_gives_a_record_a_line(run: Run) -> None:
    rows = [json.loads(row) for row in run("list", "--format", "jsonl").stdout.splitlines()]
    assert len(rows) == 20
    golden = (ROOT / "tests" / "golden" / "alcohol-e5.jsonl").read_text(encoding="utf-8")
    assert rows == [json.loads(row) for row in golden.splitlines()]


def test_csv_has_every_record_and_column(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("list", "--format", "csv").stdout)))
    assert len(rows) == 20
    assert rows[1]["publisher"] == "Ministry of Justice"


def test_show_takes_the_beginning_of_an_id(run: Run) -> None:
    done = run("show", "alcohol-e5-managing")
    assert "Managing drink-drivers" in done.stdout
    assert "alcohol-e5.txt:66" in done.stdout


def test_an_id_that_is_none_or_several_is_one_clear_line(run: Run) -> None:
    for prefix, said in [("nothing", "expected the id of a record"), ("alcohol", "begins 20")]:
        done = run("show", prefix)
        assert done.returncode == 1
        assert said in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "words",
    [
        ("--corpus={c}", "--index", "{i}"),
        ("--index", "{i}", "--corpus={c}"),
        ("--no-pager", "--corpus", "{c}", "--index={i}"),
    ],
)
def test_folders_may_be_named_in_any_order_before_a_search(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    named = [w.format(c=ROOT / "corpus", i=tmp_path / "index") for w in words]
    done = run(*named, "drink", "driving", env={"EVIDENCE_SEARCH_INDEX": ""})
    assert (done.returncode, done.stderr) == (0, "")
    assert "drink" in done.stdout


def test_a_search_that_begins_with_a_commands_name_is_told_how(run: Run) -> None:
    done = run("index", "prison")
    assert done.returncode == 2
    assert "evidence-search search index" in done.stderr
    assert "record" in run("--", "index", "prison").stdout


def test_a_search_written_to_a_file_has_every_hit_in_the_format_of_its_ending(
    run: Run, tmp_path: Path
) -> None:
    done = run("treatment", "-o", "found.csv")
    assert (done.returncode, done.stdout) == (0, "")
    text = (tmp_path / "found.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) > 10
    assert done.stderr == f"Wrote {len(rows)} records to found.csv\n"
    assert len(json.loads(run("treatment", "--format", "json").stdout)["hits"]) == 10
    assert len(json.loads(run("treatment", "--format", "json", "-n", "all").stdout)["hits"]) == len(
        rows
    )
    assert run("treatment", "-n", "2", "-o", "2.jsonl").stderr.startswith(f"Wrote 2 of {len(rows)}")


def test_a_file_is_written_over_only_with_force(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine", encoding="utf-8")
    done = run("prison", "-o", "mine.html")
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert (tmp_path / "mine.html").read_text(encoding="utf-8") == "mine"
    assert run("prison", "-o", "mine.html", "--force").returncode == 0
    assert "<mark>" in (tmp_path / "mine.html").read_text(encoding="utf-8")
    done = run("prison", "-o", "mine.docx")
    assert done.returncode == 2
    assert ".html" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
@pytest.mark.parametrize("words", ["prison", "search prison", "--help", "search --help", "man"])
def test_a_full_disk_under_standard_output_is_one_clear_line(run: Run, words: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = run(*words.split(), stdout=full)
    assert done.returncode == 1
    assert done.stderr == (
        "evidence-search: the output can't be written: No space left on device\n"
    )


@pytest.mark.parametrize("words", ["prison", "search prison", "--help"])
def test_a_standard_output_that_is_closed_is_one_clear_line(run: Run, words: str) -> None:
    done = run(*words.split(), closed=1)
    assert done.returncode == 1
    assert done.stderr == "evidence-search: the output can't be written: Bad file descriptor\n"


@pytest.mark.parametrize("closed", [0, 2])
def test_a_search_needs_neither_an_input_nor_a_place_for_messages(run: Run, closed: int) -> None:
    done = run("prison", closed=closed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "prison" in done.stdout


def test_too_little_memory_is_one_clear_line() -> None:
    code = (
        "import sys; from evidence_search.cli import main; sys.argv = ['x', 'list'];"
        "import evidence_search.cli.commands.list as listing;"
        "listing.opened = lambda _: bytes(sys.maxsize // 2); main.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "evidence-search: expected more memory than there is; free some, or search a smaller corpus"
        "\n"
    )


def test_a_fault_of_the_program_is_one_line_that_says_where_it_is() -> None:
    code = (
        "import sys; from evidence_search.__main__ import main; sys.argv = ['x', 'list'];"
        "import evidence_search.cli.commands.list as listing;"
        "listing.opened = lambda _: 'a\\x1b[31m\\nb'.nothing; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("evidence-search: stopped by a fault of its own (AttributeError: ")
    assert re.search(r"evidence_search/cli/commands/list\.py, line \d+\)", line)
    assert line.endswith("please report this line, and what was typed")


def test_ctrl_c_ends_with_130_and_without_a_traceback() -> None:
    code = (
        "import sys, signal; from evidence_search.cli import main; sys.argv = ['x', 'list'];"
        "import evidence_search.cli.commands.list as listing;"
        # A shell that runs the tests in the background has it ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "listing.opened = lambda _: signal.raise_signal(signal.SIGINT);"
        "main.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


def test_no_hits_is_success_with_a_suggestion(run: Run) -> None:
    done = run("homicde", "--exact")
    assert done.returncode == 0
    assert "No records match" in done.stdout
    assert "homicide" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("search",),
        ("prison", "-c", "X"),
        ("prison", "-y", "soon"),
        ("prison", "-j", "Narnia"),
        ("prison", "--sort", "size"),
        ("--strict", "prison AND"),
    ],
)
def test_a_wrong_command_line_exits_2_and_says_what_was_expected(
    run: Run, words: tuple[str, ...]
) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_missing_corpus_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    done = run("prison", corpus=tmp_path / "nowhere")
    assert done.returncode == 1
    assert "expected a corpus folder; found nothing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_edit_of_the_corpus_is_found_by_the_next_search(run: Run, corpus: Path) -> None:
    with (corpus / "alcohol-e5.txt").open("a", encoding="utf-8") as file:
        file.write("\n")
    page = "Drug Treatment Matrix cell A1\n\nK Zebras in clinics (2011). Stripes.\n"
    (corpus / "drug-a1.txt").write_text(page, encoding="utf-8")
    done = run("zebra", corpus=corpus)
    assert "Zebras in clinics" in done.stdout
    assert "1 added, 0 replaced, 0 removed" in done.stderr
    (corpus / "drug-a1.txt").unlink()
    assert "0 added, 0 replaced, 1 removed" in run("index", corpus=corpus).stdout
    assert "up to date: 20 records" in run("index", corpus=corpus).stdout


def test_check_reports_like_a_linter(run: Run, corpus: Path) -> None:
    assert run("check", corpus=corpus).returncode == 0
    (corpus / "notes.txt").write_text("not a cell", encoding="utf-8")
    done = run("check", corpus=corpus)
    assert done.returncode == 1
    assert re.search(r"^notes\.txt:1:1: error: expected a matrix cell", done.stdout, re.MULTILINE)


def test_a_search_says_which_new_file_it_could_not_read(run: Run, corpus: Path) -> None:
    (corpus / "notes.txt").write_text("not a cell", encoding="utf-8")
    done = run("prison", corpus=corpus)
    assert done.returncode == 0
    assert done.stderr.startswith("notes.txt:1:1: error: expected a matrix cell")


def test_terminal_escapes_of_a_corpus_never_reach_the_terminal(run: Run, corpus: Path) -> None:
    heading = "Drug Treatment Matrix cell A1: Interventions; Reducing harm\n\n"
    page = f"{heading}K Zebra\x1b[31m red (2011). \x1b]0;title\x07 x\u202ey.\n"
    (corpus / "drug-a1.txt").write_text(page, encoding="utf-8")
    for words in [("zebra",), ("list",), ("show", "drug-a1"), ("zebra", "--format", "json")]:
        done = run(*words, corpus=corpus)
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout


def test_colours_are_for_terminals_only(run: Run) -> None:
    assert "\x1b[" not in run("prison").stdout


@pytest.mark.usefixtures("run")
def test_a_closed_pipe_is_success(tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m evidence_search --corpus {ROOT / 'corpus'} --index"
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"set -o pipefail; {command} {tmp_path / 'index'} list --format json | head -c 9",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("run")
def test_a_search_of_known_words_does_not_import_nltk(tmp_path: Path) -> None:
    code = (
        "import sys; from evidence_search.cli.main import cli;"
        "cli.main(['drink', 'driving'], standalone_mode=False); print('nltk' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "EVIDENCE_SEARCH_CORPUS": str(ROOT / "corpus"),
            "EVIDENCE_SEARCH_INDEX": str(tmp_path / "index"),
            "XDG_DATA_HOME": str(tmp_path / "data"),
        },
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, evidence_search as es; es.__all__;"
        "print([m for m in ('nltk', 'whoosh', 'click') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_long_refresh_draws_a_bar_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(*, terminal: bool, seconds: float) -> str:
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda: terminal)
        monkeypatch.setattr(sys, "stderr", stream)
        clock = iter([0.0, *[seconds] * 9])
        monkeypatch.setattr("time.monotonic", lambda: next(clock))
        with messages.progress("Reading") as advance:
            for done in range(1, 4):
                advance(done, 3)
        return stream.getvalue()

    assert "100%" in drawn(terminal=True, seconds=1.5)
    assert drawn(terminal=True, seconds=0.5) == ""
    assert drawn(terminal=False, seconds=1.5) == ""


def test_every_command_has_help(run: Run) -> None:
    for command in COMMANDS:
        assert "Example" in run(command, "--help").stdout


def test_the_manual_page_has_every_command_and_option(run: Run) -> None:
    page = run("man").stdout
    assert "\b" not in page
    assert {f"\n.SS {name}".replace("-", r"\-") in page for name in COMMANDS} == {True}
    for option in (r"\-\-corpus", r"\-\-jurisdiction", r"\-\-log", r"\-\-force", "NO_COLOR"):
        assert option in page
    assert "\n  evidence\\-search search drink driving\n" in page
    assert not re.findall(r"^[.'](?!TH|S[HS]|TP|B |br|PP|nf|fi).*", page, re.MULTILINE)


@pytest.mark.parametrize("words", [["run", "a.txt"], ["show", "1"], ["search", "prison"]])
def test_an_option_behind_its_command_is_told_where_it_stands(run: Run, words: list[str]) -> None:
    done = run(*words, "--corpus", "mine")
    assert done.returncode == 2
    assert (
        f"--corpus stands before the command: evidence-search --corpus … {words[0]}" in done.stderr
    )


def test_every_variable_of_ours_is_documented(run: Run) -> None:
    package = (ROOT / "evidence_search").rglob("*.py")
    code = " ".join(path.read_text(encoding="utf-8") for path in package)
    variables = set(re.findall(r"(?<!_)\bEVIDENCE_SEARCH_[A-Z_]+\b", code))
    formats = (ROOT / "docs" / "output-format.md").read_text(encoding="utf-8")
    assert variables <= set(re.findall(r"`(EVIDENCE_SEARCH_[A-Z_]+)`", formats))
    assert variables <= set(re.findall(r"EVIDENCE_SEARCH_[A-Z_]+", run("man").stdout))


def test_every_command_is_in_the_readme_or_a_page_of_the_documentation() -> None:
    pages = [README, *(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))]
    for name in COMMANDS:
        assert re.search(rf"evidence-search (?:--\S+ \S+ )?{name}\b|`{name}\b", "\n".join(pages)), (
            name
        )


def test_the_help_of_map_and_the_page_on_notebooks_name_every_facet(run: Run) -> None:
    helped = run("map", "--help").stdout
    page = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
    page = page.partition("Rows and columns are two of")[2].partition("A record")[0]
    for axis in AXES:
        assert re.search(rf"\b{axis}\b", helped), axis
        assert axis == "saved" or re.search(rf"\b{axis}\b", page), axis


def test_the_pages_on_output_and_logs_name_every_facet_ending_filter_and_switch() -> None:
    formats = (ROOT / "docs" / "output-format.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `facets` \| .*$", formats, re.MULTILINE)
    assert {name for name in (*FACETS, *MORE_FACETS) if f"`{name}" not in row} == set()
    files = formats.partition("## Files: `-o FILE`")[2].partition("##")[0]
    assert {ending for ending in ENDINGS if f"`{ending}`" not in files} == set()
    log = (ROOT / "docs" / "reproducible-searching.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `options` \| .*$", log, re.MULTILINE)
    assert {name for name in (*FILTERS, *SWITCHES, "sort") if f"`{name}`" not in row} == set()


def test_the_readmes_commands_work_one_after_the_other(run: Run, corpus: Path) -> None:
    for line in re.findall(r"^\$ evidence-search (.*)$", README, re.MULTILINE):
        done = run(*shlex.split(line.replace("docs/", f"{ROOT}/docs/")), corpus=corpus)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        assert done.stdout.strip() or "Wrote" in done.stderr, f"{line} says nothing"


def test_the_readmes_session_shows_the_real_output(run: Run) -> None:
    session = re.search(r"\$ evidence-search (employment .*?)\n(.*?)```", README, re.DOTALL)
    assert session
    assert run(*shlex.split(session[1]), env={"COLUMNS": "80"}).stdout == session[2]


@pytest.mark.usefixtures("run")
def test_the_readmes_notebook_snippet_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.setenv("EVIDENCE_SEARCH_CORPUS", str(ROOT / "corpus"))
    monkeypatch.setenv("EVIDENCE_SEARCH_INDEX", str(tmp_path / "index"))
    names: dict[str, object] = {}
    exec(snippet, names)  # noqa: S102 - our own README
    assert names["results"]


def test_the_count_says_which_hits_are_shown_and_how_to_get_the_next(run: Run) -> None:
    def counted(*words: str) -> list[str]:
        shown = run("prison", "--exact", *words).stdout.splitlines()
        return [row for row in shown if re.match(r"\d+ record|Next: ", row)]

    def heading(page: str = "") -> str:
        return f"5 records for “prison”{page} · only these words"

    assert counted() == [heading()]
    assert counted("-n", "0") == [heading()]
    assert counted("-n", "2") == [heading("; 1 to 2"), "Next: --offset 2; all: -n all"]
    assert counted("-n", "3", "--offset", "2") == [heading("; 3 to 5")]
    assert counted("--offset", "9") == [heading("; none from number 10 on")]


def test_help_is_help_and_a_dash_is_standard_output(run: Run) -> None:
    assert run("help").stdout == run("--help").stdout
    assert run("prison", "--format", "ris", "-o", "-").stdout.startswith("TY  - ")


def test_help_shows_the_documentation_that_comes_with_the_program(run: Run) -> None:
    assert set(TOPICS.values()) >= {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    topics = run("help", "--help").stdout.split("Topics:")[1].split("Examples:")[0]
    for topic, name in TOPICS.items():
        assert run("help", topic).stdout == (ROOT / name).read_text(encoding="utf-8")
        assert re.search(rf"\b{topic}\b", topics)
    assert run("help", "kwic").stdout == run("kwic", "--help").stdout
    assert "for “help with housing”" in run("help", "with", "housing").stdout


SEARCHING = ("search", "facets", "map", "timeline", "kwic", "similar", "explain", "list", "show")


@pytest.mark.parametrize("command", SEARCHING)
def test_the_examples_of_a_commands_help_find_something(run: Run, command: str) -> None:
    run("drink", "driving")  # whose hits the numbers are of
    examples = re.findall(
        rf"^ +evidence-search ({command} .*)$", run(command, "--help").stdout, re.MULTILINE
    )
    assert examples
    for example in examples:
        if not example.endswith("--edit"):
            done = run(*shlex.split(re.sub(r" -o \S+| --log \S+", "", example)))
            assert done.returncode == 0, done.stderr
            assert not re.match(r"0 |No records", done.stdout), example
            assert "\n0 match" not in done.stdout, example


def test_filters_take_what_people_write(run: Run) -> None:
    def ids(*options: str) -> list[str]:
        return run("search", "prison", "--format", "lines", "-n", "all", *options).stdout.split(
            "\n"
        )

    assert ids("-c", "guidelines") == ids("-c", "G") != ids()
    assert ids("-c", "R,G") == ids("-c", "R", "-c", "Guidance")
    assert ids("-j", "the UK") == ids("-j", "UK")
    assert ids("-j", "Canada, Scotland") == ids("-j", "Canada", "-j", "Scotland")
    assert "there are: Scotland" in run("prison", "-j", "Scottland").stderr


def test_a_slip_in_the_name_of_a_command_is_told_from_a_search(run: Run) -> None:
    for words in (["serch", "prison"], ["serch", "prison", "-n", "1"]):
        found = run(*words)
        assert "did you mean: evidence-search search prison" in found.stderr
        assert "record" in found.stdout
    assert "did you mean: evidence-search list" in run("lsit").stderr
    assert "did you mean" not in run("care", "prison").stderr


def test_a_query_that_begins_with_a_dash_gets_a_hint(run: Run) -> None:
    for words in (["-prison treatment"], ["-prison", "treatment"], ["search", "-prison"]):
        assert "evidence-search -- -word" in run(*words).stderr
    assert "evidence-search -- -word" not in run("prison", "-x").stderr
    assert run("--", "-prison").stdout.startswith("15 records")


def test_a_query_comes_from_standard_input(run: Run) -> None:
    assert (
        run("search", "-", stdin="prison\ntreatment\n").stdout == run("prison", "treatment").stdout
    )
    assert "at most" in run("search", "-", stdin="a" * 200_000).stderr


def test_which_corpus_answered_is_said_where_it_is_not_that_of_the_folder(
    run: Run, tmp_path: Path
) -> None:
    own = {"EVIDENCE_SEARCH_CORPUS": "", "EVIDENCE_SEARCH_INDEX": str(tmp_path / "i")}
    for words in (["prison"], ["search", "prison", "-n", "1"]):
        assert "the corpus that comes with the program" in run(*words, env=own).stderr
        assert run("--corpus", str(ROOT / "corpus"), *words).stderr == ""
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    assert "comes with the program" not in run("prison", env=own).stderr
    assert "not corpus/ of this folder" in run("prison").stderr
