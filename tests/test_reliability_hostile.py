"""Hostile input: queries that would wear a program out, a corpus that would command a terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tracemalloc
from contextlib import suppress
from html.parser import HTMLParser
from itertools import product
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search import corpus as corpora
from evidence_search.cli.main import cli
from evidence_search.cli.registry import COMMANDS
from evidence_search.errors import QueryError
from evidence_search.render.stylesheet import TEMPLATES
from tests.conftest import ROOT, Run, extent, sample
from tests.effort import ceiling, steps
from tests.fuzz import targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evidence_search.index import EvidenceIndex

M = extent(1_000_000)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
QUERIES = {
    "one long word": "a" * M,
    "many words": "prison " * (M // 7),
    "many different words": " ".join(f"w{n}" for n in range(M // 7)),
    "opening parentheses": "(" * 10_000,
    "nested parentheses": "(" * 10_000 + "prison" + ")" * 10_000,
    "a star": "*",
    "every word that begins with a letter": " ".join(f"{letter}*" for letter in LETTERS),
    "every word": "*e* ?* *a*i*o* " + " ".join(f"{a}{b}*" for a in LETTERS for b in "aeioust"),
    "patterns that try all ways": ("*a" * 50 + "* ") * 20 + "?" * 1000 + "*",
    "near spellings": " ".join(f"homicid{letter}~2" for letter in LETTERS)
    + " "
    + "a" * 10_000
    + "~2",
    "a long phrase": '"' + "drink driving " * extent(20_000) + '"',
    "a phrase of common words": '"' + "the of and " * 300 + '"~99',
    "near": "prison NEAR/99 drink " * 500,
    "operators": 'AND OR NOT ( ) " ~ * : + - / \\ NEAR/5 .. ' * extent(20_000),
    "negations": "NOT " * extent(20_000) + "prison",
    "signs": "+-" * 200_000 + "a",
    "fields": "title:" * 100_000 + "x",
    "ranges": "year:1..9999 " * extent(50_000),
    "quotes": '"' * M,
    "hyphens": "a-" * (M // 2),
    "apostrophes": "a'" * (M // 2),
    "dots": "a." * (M // 2),
    "controls": "".join(map(chr, range(32))) * 1000,
    "lone surrogates": "\ud800\udfff" * 100_000 + " prison",
    "right to left": "\u202e\u2066\u200f" * 100_000 + "prison",
    "emoji": "🍺👩‍👩‍👧‍👦" * 50_000,
    "NUL": "\x00" * M,
    "combining characters": "a" + "\u0301" * M,
    "characters that grow when folded": "ﷺİ" * 100_000,
    "labels of surrogates": "publisher:\ud800 cell:\udfff category:\x00 jurisdiction:💥 row:\u202e",
    "a long number": "year:" + "9" * M,
}
BYTES = 50_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "option"), sample([*product(QUERIES, ("strict", "exact", "every_word", "feedback"))])
)
def test_a_hostile_query_is_answered_in_bounded_work(
    e5: EvidenceIndex, name: str, option: str
) -> None:
    query = QUERIES[name]
    e5.search("*e* homicidee")  # what is read once for all patterns and near spellings
    with ceiling(15), suppress(QueryError):  # where it is strict
        assert e5.search(query, **{option: True}).total >= 0  # type: ignore[arg-type]


def test_a_query_ten_times_as_long_is_no_more_work_beyond_the_limit(e5: EvidenceIndex) -> None:
    for piece in sample(("pris* ", "prison AND (")):
        e5.search(piece)
        least = steps(lambda: e5.search(piece * (20_000 // len(piece))))  # noqa: B023
        assert steps(lambda: e5.search(piece * (200_000 // len(piece)))) < 1.5 * least + 1000  # noqa: B023


def test_a_hostile_query_takes_little_memory(e5: EvidenceIndex) -> None:
    for name in ("many different words", "every word", "characters that grow when folded"):
        tracemalloc.start()
        e5.search(QUERIES[name])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < BYTES, name


PIECES = st.sampled_from(
    'prison drink "drink driving" ( ) AND OR NOT + - * ? ~ ~2 title: year: 2010 .. category: K “ ” '
    "NEAR/3 x-y pris* homicde~ \ud800 \x00 \u202e 🍺 ﷺ ' . / : [ti]".split()
)


@settings(max_examples=60)
@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=15), st.booleans())
def test_any_query_is_answered(e5: EvidenceIndex, pieces: list[str], every_word: bool) -> None:
    found = e5.search(" ".join(pieces), every_word=every_word, limit=2)
    assert 0 <= found.total <= 20


PARTS = [
    "Alcohol Treatment Matrix cell E5: X; Y\n", "\n\n", "K ", "R ", "S Title (2011). ",
    "(2011, Home Office). ", "Summary. ", "See also ", "[Scotland] ", "(free source) ",
    "\r\n", "\ufeff", "\x00", "<p>", "</p>", "<a href='x'>", "&amp;", "&#0;", "<!--",
    "TY  - JOUR\nTI  - T\nER  - \n", "@article{a, title={T}}", "]}", '"', "\u202e",
    '{"id": "x", "title": "\\ud800"}', "title,year\n", "T,2011\n", "PMID- 1\nTI  - T\n",
]  # fmt: skip
PAGES = st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=8)), max_size=20).map("".join)


@settings(max_examples=120)
@given(st.one_of(PAGES.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary()))
def test_any_file_of_a_corpus_is_read(data: bytes) -> None:
    records, problems = corpora.parse_file(data, "page.txt")
    for record in records:
        assert record.title
    for problem in problems:
        assert str(problem).startswith("page.txt:")


FAILED = sorted((ROOT / "tests" / "fuzz" / "inputs").iterdir())


@pytest.mark.parametrize("path", FAILED, ids=lambda path: path.name)
def test_an_input_that_once_failed_is_taken(path: Path) -> None:
    target = max((name for name in targets.TARGETS if path.name.startswith(name)), key=len)
    targets.TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("name", targets.TARGETS)
def test_what_a_fuzzer_begins_with_is_good(name: str) -> None:
    for data in targets.seeds(name):
        targets.TARGETS[name](data)
        if name in {"page", "workbook", *targets.READERS}:
            ending = {"workbook": "xlsx", "bibtex": "bib", "csv": "csv", "ris": "ris"}.get(name, "")
            records, problems = corpora.parse_file(data, f"page.{ending}")
            assert len(records) in {1, 2}
            assert [p for p in problems if p.severity == "error"] == []


@pytest.mark.parametrize("name", targets.TARGETS)
def test_nothing_and_nonsense_are_taken_by_every_reader(name: str) -> None:
    for text in ("", "\n", "\0", "{", "@", "<", "[" * 5000, "{" * 5000, "<a>" * 5000, "\ud800"):
        targets.TARGETS[name](text.encode("utf-8", "surrogatepass"))


# A hostile corpus

BAD = "=cmd|' /C calc'!A0 \x1b[31m\x1b]0;me\x07 \x9b1m \u202eevil\u2066 <script>a()</script> \x00"
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1")
ENTRY = {
    "id": "bad", "title": f"Zebra {BAD}", "year": 2011, "summary": f"Zebra summary {BAD} \ud800.",
    "publisher": f"=Publisher {BAD}", "authors": ["=Doe, J\x1b[1m", "\ud800"], "journal": BAD,
    "doi": "10.1/\x1b[31m<b>", "url": "javascript:alert(1)", "keywords": [BAD, "@key"],
    "jurisdictions": ["Scotland"], "categories": ["K"],
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    corpus = folder / "corpus"
    corpus.mkdir()
    more = [{"id": f"f{n}", "title": f"{text} zebra {n}"} for n, text in enumerate(FORMULAS)]
    rows = [json.dumps(entry) for entry in (ENTRY, *more)]
    (corpus / "bad\x1b[31m.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (corpus / "cell.txt").write_text(
        f"Drug Treatment Matrix cell A1: X{BAD}; Y\n\nK Zebras {BAD} (2011, {BAD}). Of {BAD}.\n",
        encoding="utf-8",
    )
    (corpus / "thesaurus.toml").write_text(
        '[[concept]]\npreferred = "zebra"\nsynonyms = ["<b>horse</b>", "=1 \\u001b[31m \\u202e"]\n',
        encoding="utf-8",
    )
    (folder / "strategy.txt").write_text(f"1 zebra\n2 {BAD}\n3 1 and 2\n", encoding="utf-8")
    searched = invoked(folder, "search", BAD, "--log", str(folder / "log.jsonl"))
    assert searched.exit_code == 0
    return folder


ARGUMENTS = {
    "search": ["zebra"], "list": [], "show": ["zebra-cmd"], "similar": ["zebra-cmd"],
    "explain": ["zebra", "zebra-cmd"], "facets": ["zebra"], "kwic": ["zebra"], "map": [],
    "timeline": [], "stats": [], "duplicates": [], "check": [], "index": ["--status"],
    "report": ["{folder}/strategy.txt"], "log": ["{folder}/log.jsonl"], "lists": [],
}  # fmt: skip
BINARY = {"png", "pdf", "docx"}


def invoked(hostile: Path, *words: str) -> Result:
    where = ["--corpus", str(hostile / "corpus"), "--index", str(hostile / "index")]
    return CliRunner().invoke(cli, [*where, *words])


def formats() -> Iterator[tuple[str, str]]:
    """Yield every command that shows a corpus with each of its formats."""
    for name in ARGUMENTS:
        command = cli.get_command(click.Context(cli), name)
        assert command
        (option,) = [p for p in command.params if "--format" in p.opts]
        assert isinstance(option.type, click.Choice)
        for form in option.type.choices:
            if form not in BINARY:
                yield name, form


def test_every_command_is_tried_on_a_hostile_corpus_or_shows_none() -> None:
    others = {
        "save", "saved", "new", "replay", "add", "new-cell", "evaluate", "completion", "man",
        "help", "run", "recall", "translate", "serve", "put", "mcp",
    }  # fmt: skip
    assert set(COMMANDS) - set(ARGUMENTS) <= others


@pytest.mark.parametrize(("command", "form"), [*formats()])
def test_text_of_a_corpus_is_harmless_in_every_format(
    hostile: Path, command: str, form: str
) -> None:
    words = [word.format(folder=hostile) for word in ARGUMENTS[command]]
    done = invoked(hostile, command, *words, "--format", form)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in {0, 1 if command == "check" else 0}, done.output
    if form != "xlsx":  # which is a zip
        harmless(done.stdout, form)
    harmless(done.stderr, "text")


def harmless(text: str, form: str) -> None:
    """Check that a text commands neither a terminal, a spreadsheet nor a browser."""
    text.encode()
    found = re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert not found
    assert "\r" not in text.replace("\r\n", "")
    if form in {"csv", "tsv"}:
        for row in csv.reader(io.StringIO(text), delimiter="," if form == "csv" else "\t"):
            for cell in row:
                assert not cell.startswith(("=", "+", "@", "\t", "\r", "＝"))
                assert not re.match(r"-(?!\d)", cell)
    if form in {"html", "svg"}:
        page = Page()
        page.feed(text)
        assert not page.wrong
    if form in {"json", "csl-json"}:
        json.loads(text)


SIFTING = (TEMPLATES / "sift.js").read_text(encoding="utf-8")
"""The one script that is ours, of a map that is a page of its own."""


class Page(HTMLParser):
    """Collects what a page of ours must not have, such as a script that isn't ours."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and data != SIFTING:
            self.wrong.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and attrs:
            self.wrong.append("script that isn't ours")
        if tag in {"iframe", "b", "object", "embed"}:
            self.wrong.append(tag)
        for name, value in attrs:
            if name.startswith("on") or re.match(r"\s*(javascript|data):", value or ""):
                self.wrong.append(f"{tag} {name}={value}")


def test_error_messages_are_harmless_too(hostile: Path) -> None:
    for words in (["show", "\x1b[31mnone"], ["search", "zebra", "-j", "\x1b[31m\u202e"]):
        done = invoked(hostile, *words)
        assert done.exit_code in {1, 2}
        harmless(done.output, "text")


@pytest.mark.parametrize("command", ["show", "similar"])
def test_an_id_in_another_encoding_is_one_that_is_not_found(run: Run, command: str) -> None:
    done = run(command, os.fsdecode(b"\xff"))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "expected the id of a record" in line
