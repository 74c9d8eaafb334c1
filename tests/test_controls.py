"""No control character reaches anybody, whatever stands in a corpus, in a name or on the command
line: every command in every format, on a terminal, through a pipe and in a file."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import click
import docx
import openpyxl
import pytest
from click.testing import CliRunner

from evidence_search.cli.main import cli
from evidence_search.cli.registry import COMMANDS
from evidence_search.render import ENDINGS
from tests.servers import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BAD = "\x1b[31mzebra\x1b]0;t\x07\x9b1m\u202e\x00\x85\x08"
ODD = os.fsdecode(b"odd\x1b[31m\x07\xff\xc3")
"""Part of a name that isn't UTF-8."""
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
DRAWN = re.compile("\x1b\\[[0-9;]*m|\x1b]8;;(?:file://[!-~]*)?\x1b\\\\|\r\n")
COLOURS = {"FORCE_COLOR": "1", "FORCE_HYPERLINK": "1"}


TYPED = BAD.replace("\x00", "")
"""The same as it can stand on a command line, which ends at a zero."""


def harmless(text: str, *, styled: bool = False) -> None:
    text = DRAWN.sub("", text) if styled else text.replace("\r\n", "\n")
    assert not CONTROLS.findall(text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a corpus with hostile text in every field, in folders and files of hostile names."""
    place = tmp_path_factory.mktemp("controls") / ODD
    corpus = place / f"corpus{ODD}"
    corpus.mkdir(parents=True)
    text = ("summary", "publisher", "journal", "doi", "url", "date", "accession", "database")
    lists = ("jurisdictions", "authors", "keywords", "notes", "labels")
    fields: dict[str, object] = {**dict.fromkeys(text, BAD), **{name: [BAD] for name in lists}}
    fields |= {"year": 2010, "categories": ["K", "G"]}
    rows = [fields | {"id": f"zebra-{n}{BAD}", "title": f"Zebra number{n} {BAD}"} for n in range(3)]
    (corpus / f"{ODD}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (corpus / f"cell{ODD}.txt").write_text(
        f"Drug Treatment Matrix cell A1: X{BAD}; Y\n\nK Zebras {BAD} (2011, {BAD}). Of {BAD}.\n"
        f"G Zebra {BAD} (UK; 2012; {BAD}\n",
        encoding="utf-8",
    )
    (place / f"topics{ODD}.tsv").write_text(
        f"zebra {BAD}\t1:Zebra number1 {BAD}\n", encoding="utf-8"
    )
    (place / f"log{ODD}.jsonl").write_text(f'{BAD}\n{{"query": "{BAD}"}}\n', encoding="utf-8")
    (place / f"strategy{ODD}.txt").write_text(f"1. zebra {BAD}\n2. {BAD}\n", encoding="utf-8")
    return place


def arguments(place: Path) -> dict[str, list[list[str]]]:
    """Return what to call each command with: what works, and what quotes the command line."""
    zebra = f"zebra {TYPED}"
    log, topics = str(place / f"log{ODD}.jsonl"), str(place / f"topics{ODD}.tsv")
    strategy = str(place / f"strategy{ODD}.txt")
    records = str(place / f"corpus{ODD}" / f"{ODD}.jsonl")
    return {
        "search": [[zebra], [zebra, "-c", TYPED], [zebra, "-y", TYPED], [zebra, "-n", TYPED],
                   [zebra, "--strict"], ["zebra", "--log", str(place / ODD / "x.jsonl")]],
        "facets": [["zebra"], ["zebra", "-f", TYPED]], "map": [["zebra"], ["--rows", TYPED]],
        "timeline": [["zebra"]], "stats": [[]], "similar": [["zebra-number1"], [TYPED]],
        "explain": [[zebra], ["zebra", "zebra-number1"]], "kwic": [["zebra"], [zebra, "-p", TYPED]],
        "run": [[strategy], [TYPED], [strategy, "--from", TYPED]],
        "translate": [[strategy, "--to", "pubmed"], [TYPED, "--to", "ovid"]],
        "recall": [[strategy, records], [strategy, TYPED], [TYPED, records]],
        "report": [[strategy], [strategy, "--format", "html"], [TYPED]],
        "log": [[log], [TYPED]], "serve": [["--host", TYPED], ["--port", TYPED], [TYPED]],
        "mcp": [[], ["--log", str(place / ODD / "x.jsonl")], [TYPED]],
        "replay": [[log], [TYPED]], "save": [[TYPED, "zebra"], ["z", zebra, "-c", "K", "--force"]],
        "new": [[], [TYPED]], "saved": [[], ["--remove", TYPED]], "list": [[]],
        "show": [["zebra-number1", "zebra-number0"], [TYPED], ["zebra-number1", "--edit"]],
        "index": [["--status"], ["--verify"], [TYPED], []],
        "check": [[], [str(place / f"corpus{ODD}")], [TYPED]],
        "evaluate": [[topics], [TYPED], [topics, "--with", TYPED]],
        "completion": [[TYPED]], "man": [[TYPED]], "help": [[TYPED], ["query"], [f"--{TYPED}"]],
        "add": [[TYPED]], "new-cell": [[TYPED]], "duplicates": [[]],
        "put": [["zebra-number1", TYPED, "--note", TYPED, "--by", TYPED], [TYPED, "x"],
                ["zebra-number0", "--off", TYPED], ["zebra-number0", "x", "--note", "y" * 3000]],
        "lists": [[], [f"list{TYPED}"], [TYPED.replace("\x1b", "\ufffd")]],
    }  # fmt: skip


def formats(name: str) -> Iterator[list[str]]:
    yield []
    command = cli.get_command(click.Context(cli), name)
    for option in command.params if command else []:
        if "--format" in option.opts and isinstance(option.type, click.Choice):
            yield from (["--format", form] for form in option.type.choices)


@pytest.mark.parametrize("environment", [{}, COLOURS], ids=["piped", "coloured"])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_control_character_is_printed(
    place: Path, name: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVIDENCE_SEARCH_SAVED", str(place / "saved"))
    monkeypatch.setenv("EDITOR", f"false{TYPED}")
    where = ["--corpus", str(place / f"corpus{ODD}"), "--index", str(place / f"index{ODD}")]
    for words in arguments(place)[name]:
        for form in formats(name):
            if form[-1:] in (["png"], ["pdf"]):
                continue
            done = CliRunner().invoke(cli, [*where, name, *words, *form], env=environment)
            known = done.exception is None or isinstance(done.exception, SystemExit)
            assert known, (words, form, done.exception)
            styled = bool(environment) and form in ([], ["--format", "text"], ["--format", "lines"])
            harmless(done.output, styled=styled)


def contents(path: Path) -> list[str]:
    """Return the text of a file; of a workbook or document, which are archives, of each cell."""
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
        return [*cells, *(paragraph.text for paragraph in document.paragraphs)]
    if path.suffix != ".xlsx":
        return [path.read_bytes().decode()]
    rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [cell for row in rows for cell in row if isinstance(cell, str)]


@pytest.mark.parametrize("ending", [e for e, form in ENDINGS.items() if form not in {"png", "pdf"}])
def test_no_control_character_is_written_to_a_file(place: Path, ending: str) -> None:
    where = ["--corpus", str(place / f"corpus{ODD}"), "--index", str(place / f"index{ODD}")]
    strategy = place / f"strategy{ODD}.txt"
    strategy.write_text(f"1. zebra\n2. {TYPED.strip()}\n", encoding="utf-8")
    own = {".svg": ["map"], ".docx": ["report", str(strategy)]}
    command = own.get(ending, ["search", f"zebra {TYPED}"])
    path = place / f"out{ODD}{ending}"
    done = CliRunner().invoke(cli, [*where, *command, "-o", str(path)], env=COLOURS)
    assert done.exit_code == 0, done.output
    harmless(done.output)
    for content in contents(path):
        harmless(content)


def test_a_hyperlink_leads_to_a_file_whose_name_is_not_utf_8(place: Path) -> None:
    where = ["--corpus", str(place / f"corpus{ODD}"), "--index", str(place / f"index{ODD}")]
    shown = CliRunner().invoke(cli, [*where, "show", "zebra-number1"], env=COLOURS).output
    assert re.search(r"\x1b]8;;file://\S*%1B%5B31m%07%FF%C3\.jsonl#2\x1b", shown)


def test_no_control_character_is_on_any_page_of_the_server(place: Path, tmp_path: Path) -> None:
    with served(place / f"corpus{ODD}", tmp_path) as server:
        asked, waiting = set[str](), [f"/?q={quote(f'zebra {BAD}')}", "/?q=zebra", "/lists"]
        while waiting and len(asked) < 60:
            address = waiting.pop(0)
            if address in asked:
                continue
            asked.add(address)
            answer = server.ask(address)
            harmless(answer.text)
            waiting += answer.links
    kinds = {address.split("?")[0].split("/")[1] for address in asked}
    assert kinds >= {"", "records", "map", "timeline", "export", "saved"}
