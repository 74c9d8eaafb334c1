"""A log says what was searched and found; it, and saved searches, show what is new and gone."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from evidence_search import history, query
from evidence_search.errors import ExportError, HistoryError, QueryError
from evidence_search.history import Comparison
from evidence_search.index import EvidenceIndex, prepared
from evidence_search.search import Search
from evidence_search.strategies.execution import run_strategy
from evidence_search.strategies.strategy import read_strategy
from tests.effort import ceiling

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

HEADING = "Drug Treatment Matrix cell A1: Interventions; Reducing harm\n\n"
ZEBRA = "K Zebras in clinics (2011). Stripes.\n\n"
HORSE = "R Zebras and horses (2012). Hooves.\n\n"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EvidenceIndex:
    """Return an index of one small cell; saved searches are kept in a folder of the test."""
    monkeypatch.setenv(history.SAVED_VARIABLE, str(tmp_path / "saved"))
    (tmp_path / "corpus").mkdir()
    index = EvidenceIndex(tmp_path / "corpus", tmp_path / "index")
    edit(index, ZEBRA)
    return index


def edit(index: EvidenceIndex, entries: str) -> None:
    (index.corpus_folder / "drug-a1.txt").write_text(HEADING + entries, encoding="utf-8")
    index.refresh()


def logged(index: EvidenceIndex, path: Path, query: str, **options: Any) -> None:
    history.log(path, index, index.search(query, **options))


def test_a_line_of_the_log_has_all_that_prisma_s_asks(e5: EvidenceIndex, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    options = {"category": ("G",), "year": None, "sort": "relevance", "exact": False}
    logged(e5, path, "prison  “x”", strict=True, **options)
    (entry,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    when = datetime.fromisoformat(entry["time"].replace("Z", "+00:00"))
    assert abs((datetime.now(timezone.utc) - when).total_seconds()) < 60
    assert (entry["query"], entry["options"]) == (
        "prison  “x”",
        {"category": ["G"], "strict": True},
    )
    assert {"words": "prison", "text": "inmates", "kind": "synonym"} in entry["mapping"]
    assert entry["found"] == len(entry["ids"]) == entry["shown"] == 3
    assert entry["corpus"] == {
        "folder": str(e5.corpus_folder.resolve()),
        "records": 20,
        "fingerprint": e5.fingerprint(),
    }
    assert re.fullmatch(r"evidence-search \d+\.\d+\.\d+.*", entry["program"])


def test_the_log_has_every_id_also_where_few_were_shown(e5: EvidenceIndex, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    history.log(path, e5, e5.search("treatment", limit=2))
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert entry["shown"] == 2
    assert entry["ids"] == [hit.record.id for hit in e5.search("treatment", limit=None)]


def test_the_fingerprint_changes_with_the_corpus_and_only_with_it(
    small: EvidenceIndex, tmp_path: Path
) -> None:
    before = small.fingerprint()
    assert re.fullmatch(r"[0-9a-f]{16}", before)
    edit(small, ZEBRA + HORSE)
    assert small.fingerprint() != before
    edit(small, ZEBRA)
    assert small.fingerprint() == before
    twin = EvidenceIndex(small.corpus_folder, tmp_path / "twin")
    twin.refresh()
    assert twin.fingerprint() == before


def test_a_replayed_log_shows_what_is_new_and_gone(small: EvidenceIndex, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    logged(small, path, "zebras", year=(2010, None))
    edit(small, HORSE)
    (compared,) = history.replay(path, small)
    assert isinstance(compared, Comparison)
    past = compared.past
    assert past.search == Search.of("zebras", year="2010..")
    assert [name.partition("-zebras-")[2][:3] for name in compared.new] == ["and"]
    assert [name.partition("-zebras-")[2][:2] for name in compared.gone] == ["in"]
    assert past.fingerprint != small.fingerprint()


@pytest.mark.parametrize(
    "bad", ["nope", "{}", "[1]", '"x"', "[" * 100_000, '{"query": 1}', "\x1b[31m"]
)
def test_a_bad_line_of_a_log_is_one_error_that_says_where(
    e5: EvidenceIndex, tmp_path: Path, bad: str
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(f"{bad}\n\n", encoding="utf-8")
    logged(e5, path, "prison")
    error, past = history.read_log(path)
    assert isinstance(error, HistoryError)
    assert f"{path}:1: expected a search as --log writes it" in str(error)
    assert "\x1b" not in str(error)
    assert not isinstance(past, HistoryError)
    assert past.line == 3


def test_of_very_many_bad_lines_of_a_log_the_rest_are_counted(
    e5: EvidenceIndex, tmp_path: Path
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("nope\n" * 2500, encoding="utf-8")
    logged(e5, path, "prison")
    *errors, past, rest = history.read_log(path)
    assert len(errors) == 1000
    assert isinstance(past, history.Past)
    assert str(rest).startswith(f"{path}: found 1500 more lines")


@pytest.mark.parametrize(
    "options", [{"limit": 3}, {"exact": "x"}, {"category": 5}, {"category": [5]}, {"sort": True},
                {"year": "soon"}, {"category": "Z"}, {"sort": "size"}],
)  # fmt: skip
def test_a_line_with_an_option_that_no_search_has_costs_only_itself(
    e5: EvidenceIndex, tmp_path: Path, options: dict[str, object]
) -> None:
    path = tmp_path / "log.jsonl"
    logged(e5, path, "prison")
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{json.dumps(json.loads(text) | {'options': options})}\n{text}", "utf-8")
    error, compared = history.replay(path, e5)
    assert str(error).startswith(f"{path}:1: expected")
    assert isinstance(compared, Comparison)


def test_a_line_that_was_cut_short_costs_only_itself(e5: EvidenceIndex, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"time": "20', encoding="utf-8")
    logged(e5, path, "prison")
    cut, past = history.read_log(path)
    assert isinstance(cut, HistoryError)
    assert not isinstance(past, HistoryError)


def test_a_log_that_cant_be_written_or_read_is_one_line(e5: EvidenceIndex, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="can't be written"):
        logged(e5, tmp_path / "missing" / "log", "prison")
    with pytest.raises(HistoryError, match="can't be read"):
        history.read_log(tmp_path / "missing")


def test_new_is_what_was_not_there_at_the_last_look(small: EvidenceIndex) -> None:
    assert len(history.save(small, "z", Search("zebras")).ids) == 1
    assert history.run_saved(small, "z").new == ()
    edit(small, ZEBRA + HORSE)
    comparison = history.run_saved(small, "z")
    assert len(comparison.new) == 1
    assert history.run_saved(small, "z").new == comparison.new
    history.remember(small.corpus_folder, "z", history.as_looked_at(comparison))
    assert history.run_saved(small, "z").new == ()


def test_saved_searches_belong_to_a_corpus_and_a_name_is_taken_once(
    small: EvidenceIndex, e5: EvidenceIndex
) -> None:
    history.save(small, "z", Search("zebras"))
    assert history.saved_names(small.corpus_folder) == ["z"]
    assert history.saved_names(e5.corpus_folder) == []
    with pytest.raises(HistoryError, match="--force"):
        history.save(small, "z", Search("horses"))
    history.save(small, "z", Search("horses", exact=True), replace=True)
    assert history.read_saved(small.corpus_folder, "z").search == Search("horses", exact=True)
    history.forget(small.corpus_folder, "z")
    for act in (history.read_saved, history.forget):
        with pytest.raises(HistoryError, match="none yet"):
            act(small.corpus_folder, "z")


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "-x", "x" * 65, "a\n"])
def test_a_name_cant_lead_out_of_the_folder(small: EvidenceIndex, name: str) -> None:
    with pytest.raises(HistoryError, match="expected a name of letters"):
        history.save(small, name, Search("zebras"))


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_stands_in_the_place_of_a_file_of_ours_is_never_written_through(
    small: EvidenceIndex, tmp_path: Path, kind: str
) -> None:
    history.save(small, "z", Search("zebras"))
    (saved,) = history.saved_folder(small.corpus_folder).iterdir()
    other = tmp_path / "other"
    other.write_text("mine", encoding="utf-8")
    for path in (saved, saved.with_name("assistants.jsonl")):
        path.unlink(missing_ok=True)
        path.symlink_to(other) if kind == "link" else os.mkfifo(path)
    with ceiling():
        history.save(small, "z", Search("horses"), replace=True)
        found = small.search("zebras")
        history.log(history.assistants_log(small.corpus_folder), small, found)
    assert other.read_text(encoding="utf-8") == "mine"
    assert history.read_saved(small.corpus_folder, "z").search == Search("horses")
    assert history.saved_names(small.corpus_folder) == ["z"]
    assert len(history.read_log(history.assistants_log(small.corpus_folder))) == 1


def test_a_query_that_cant_be_run_isnt_saved(small: EvidenceIndex) -> None:
    with pytest.raises(QueryError):
        history.save(small, "z", Search.of("zebras", year="soon"))
    assert history.saved_names(small.corpus_folder) == []


def test_a_damaged_saved_search_is_one_line_and_can_be_removed(small: EvidenceIndex) -> None:
    history.save(small, "z", Search("zebras"))
    (path,) = history.saved_folder(small.corpus_folder).iterdir()
    path.write_text("{", encoding="utf-8")
    with pytest.raises(HistoryError, match="saved --remove z"):
        history.run_saved(small, "z")
    history.forget(small.corpus_folder, "z")


def test_from_the_shell(run: Run, corpus: Path, tmp_path: Path) -> None:
    mine = {"EVIDENCE_SEARCH_SAVED": str(tmp_path / "saved"), "EVIDENCE_SEARCH_LOG": "log.jsonl"}
    run("zebra", corpus=corpus, env=mine)
    assert "0 records match" in run("save", "z", "zebra", corpus=corpus, env=mine).stdout
    (corpus / "drug-a1.txt").write_text(HEADING + ZEBRA, encoding="utf-8")
    replayed = run("replay", "log.jsonl", corpus=corpus)
    assert replayed.returncode == 0
    assert "1 new, 0 gone\n  + Zebras in clinics (Key study · 2011)" in replayed.stdout
    assert replayed.stdout.endswith("1 search, the corpus changed since: 0 the same, 1 otherwise\n")
    assert (
        json.loads(run("replay", "log.jsonl", "--format", "json", corpus=corpus).stdout)[0]["now"]
        == 1
    )
    assert (
        run("new", "--format", "ris", "--peek", corpus=corpus, env=mine).stdout.count("TY  -") == 1
    )
    assert "+ Zebras in clinics" in run("new", "z", corpus=corpus, env=mine).stdout
    assert "the same now" in run("new", corpus=corpus, env=mine).stdout
    assert run("saved", corpus=corpus, env=mine).stdout.startswith("z\tzebra\t1 record\t")
    saved = next((tmp_path / "saved").iterdir())
    (saved / "bad.json").write_text('{"query": 1}', encoding="utf-8")
    os.mkfifo(saved / "pipe.json")
    for command in ("new", "saved"):  # the good one isn't lost for the others
        done = run(command, corpus=corpus, env=mine)
        assert done.returncode == 1
        assert "zebra" in done.stdout
        assert len(done.stderr.splitlines()) == 2
    (saved / "bad.json").unlink()
    (saved / "pipe.json").unlink()
    assert run("saved", "--remove", "z", corpus=corpus, env=mine).returncode == 0
    (tmp_path / "log.jsonl").write_text("x\n", encoding="utf-8")
    done = run("replay", "log.jsonl", corpus=corpus)
    assert done.returncode == 1
    assert done.stderr.startswith("evidence-search: log.jsonl:1: expected a search")


def test_a_search_is_parsed_once_and_its_log_searches_no_second_time(
    e5: EvidenceIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counting(text: str, **options: bool) -> query.Parsed:
        parsed.append(text)
        return query.parse(text, **options)

    monkeypatch.setattr(prepared, "parse", counting)
    results = e5.search("prison treatment", limit=2, all_matches=True, category="G", feedback=True)
    history.log(tmp_path / "log.jsonl", e5, results)
    assert parsed == ["prison treatment"]
    (entry,) = map(json.loads, (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines())
    assert entry["ids"] == e5.rank(results.search)
    assert (entry["shown"], entry["found"]) == (2, len(entry["ids"]))


STRATEGY = """1. zebra*.ti.
2. (hooves or stripes).ab. (2011)
3. 1 and 2
"""


def test_a_logged_strategy_is_run_again_line_by_line_as_it_was(
    small: EvidenceIndex, tmp_path: Path
) -> None:
    path = tmp_path / "log.jsonl"
    strategy = read_strategy(STRATEGY, name="mine.txt", dialect_name="ovid")
    history.log_strategy(path, small, run_strategy(small, strategy), 3)
    (past,) = history.read_log(path)
    assert isinstance(past, history.Past)
    assert past.strategy is not None
    assert [x.line for x in past.strategy.lines] == [x.line for x in strategy.lines]
    edit(small, ZEBRA + HORSE)
    (compared,) = history.replay(path, small)
    assert isinstance(compared, Comparison)
    assert (len(past.ids), len(compared.found), len(compared.new)) == (1, 2, 1)


@pytest.mark.parametrize("wrong", ['"lines": []', '"lines": [{"number": "1", "text": 2}]'])
def test_a_logged_strategy_without_lines_is_reported_with_its_place(
    small: EvidenceIndex, tmp_path: Path, wrong: str
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(f'{{"strategy": "x", "dialect": "ovid", "line": 1, {wrong}}}\n')
    (error,) = history.replay(path, small)
    assert isinstance(error, HistoryError)
    assert f"{path}:1: expected a search" in str(error)


def test_a_log_reads_as_a_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text(STRATEGY.replace("zebra", "prison"))
    run("search", "prison", "--category", "G", "--log", "log.jsonl")
    run("run", "mine.txt", "--line", "1", "--log", "log.jsonl")
    rows = run("log", "log.jsonl").stdout.splitlines()
    assert rows[0].split() == ["Line", "Date", "Found", "Search"]
    assert rows[1].endswith("  prison --category G")
    assert rows[2].endswith("  run mine.txt --line 1 --from ovid")
    assert rows[-1] == "2 searches, on 1 state of the corpus"
    table = run("log", "log.jsonl", "--format", "csv").stdout.splitlines()
    assert table[0] == "line,time,found,search,fingerprint,program"
    assert len(table) == 3
    assert "| 2 |" in run("log", "log.jsonl", "--format", "markdown").stdout
    (tmp_path / "log.jsonl").write_text("{}\n")
    wrong = run("log", "log.jsonl")
    assert wrong.returncode == 1
    assert "log.jsonl:1: expected a search" in wrong.stderr
