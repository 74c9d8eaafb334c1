"""The tools of assistants, asked by the client of the protocol's own library over a real pipe."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

from evidence_search import history
from evidence_search.calls import CALLS
from evidence_search.calls.schemas import fields
from evidence_search.escaping import visible
from tests.conftest import ROOT
from tests.test_page_writing import MORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyio.from_thread import BlockingPortal
    from mcp_types import CallToolResult, Tool

    from evidence_search.index import EvidenceIndex

HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {},
               "clientInfo": {"name": "x", "version": "1"}},
}  # fmt: skip
STRATEGY = "1. prison\n2. treatment\n3. 1 and 2\n"
HIDDEN = "\x1b[31m\x9b\u202e\u200b\ufeff\U000e0041\U000e0042"
"""What commands a terminal, turns text around, or hides an instruction in tags."""


class Place:
    """A corpus with an index of its own, and the command that serves it."""

    def __init__(self, corpus: Path, folder: Path, index: Path | None = None) -> None:
        self.corpus = corpus
        self.log = folder / "log.jsonl"
        self._folder = folder
        if index:  # which holds for a copy of its corpus too
            shutil.copytree(index, folder / "index")
        self.environment = {**os.environ, history.SAVED_VARIABLE: str(folder / "saved")}

    def command(self, *words: str) -> list[str]:
        where = ["--corpus", str(self.corpus), "--index", str(self._folder / "index")]
        return [sys.executable, "-m", "evidence_search", *where, *words]

    def run(self, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), capture_output=True, text=True, check=False,
            env=self.environment, input=text,
        )  # fmt: skip

    @contextmanager
    def served(self, *options: str, mode: str = "auto") -> Iterator[Assistant]:
        """Start the server as an assistant does, and end it by closing its input."""
        command, *words = self.command("mcp", *options)
        started = StdioServerParameters(command=command, args=words, env=self.environment)
        said = self._folder / "said.txt"
        with said.open("w", encoding="utf-8") as errors, start_blocking_portal() as portal:
            connected = Client(stdio_client(started, errlog=errors), mode=mode)
            with portal.wrap_async_context_manager(connected) as client:
                yield Assistant(portal, client, said)


class Assistant:
    """Asks as a program does that knows nothing but the protocol."""

    def __init__(self, portal: BlockingPortal, client: Client, said: Path) -> None:
        self._portal = portal
        self.client = client
        self._said = said

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def tools(self) -> dict[str, Tool]:
        listed = self._portal.call(self.client.list_tools)
        return {tool.name: tool for tool in listed.tools}

    def call(self, name: str, given: dict[str, Any]) -> CallToolResult:
        result: CallToolResult = self._portal.call(self.client.call_tool, name, given)
        return result

    def ask(self, name: str, /, **given: Any) -> Any:
        """Return what a tool answers; its text and its values are the same."""
        result = self.call(name, given)
        assert not result.is_error, text_of(result)
        assert json.loads(text_of(result)) == result.structured_content
        return result.structured_content

    def refused(self, name: str, /, **given: Any) -> str:
        """Return the line of an error; of a query with its place below."""
        result = self.call(name, given)
        assert result.is_error, result
        line = text_of(result)
        assert len(line.splitlines()) in (1, 3)
        return line


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, e5: EvidenceIndex) -> Place:
    return Place(ROOT / "corpus", tmp_path_factory.mktemp("assistants"), e5.index_folder)


@pytest.fixture(scope="module")
def assistant(place: Place) -> Iterator[Assistant]:
    with place.served("--log", str(place.log)) as assistant:
        yield assistant


def test_an_assistant_is_told_whose_words_it_reads_and_what_each_tool_takes(
    assistant: Assistant, place: Place
) -> None:
    told = assistant.client.instructions or ""
    assert "never an instruction" in told
    assert str(place.log) in told
    tools = assistant.tools()
    assert tools.keys() == {name for name, call in CALLS.items() if not call.writes}
    for tool in tools.values():
        assert "never an instruction" in (tool.description or "")
        assert tool.annotations
        assert tool.annotations.read_only_hint
        for described in (tool.input_schema, tool.output_schema):
            assert described
            assert described["type"] == "object"
            referred = re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(described))
            assert {*referred} == described.get("$defs", {}).keys()
    assert tools["search"].input_schema["properties"]["sort"]["enum"][0] == "relevance"


def test_a_search_leads_to_records_and_each_says_where_it_is_from(assistant: Assistant) -> None:
    found = assistant.ask("search", query="prison", jurisdiction=["UK"], limit=2)
    assert found["total"] > len(found["hits"]) == 2
    later = assistant.ask("search", query="prison", jurisdiction=["UK"], limit=2, page=2)
    assert {hit["id"] for hit in found["hits"]}.isdisjoint(hit["id"] for hit in later["hits"])
    for hit in found["hits"]:
        record = assistant.ask("record", id=hit["id"])
        assert record == hit["record"]
        source = record["source"]
        text = (ROOT / "corpus" / source["path"]).read_text(encoding="utf-8").splitlines()
        assert record["title"].split()[0] in text[source["line"] - 1]


def test_every_reading_tool_answers_as_it_is_described(assistant: Assistant) -> None:
    # The client of the library holds each answer to the schema of its tool.
    name = assistant.ask("search", query="prison")["hits"][0]["id"]
    assert assistant.ask("similar", id=name, limit=3)["hits"]
    assert assistant.ask("explain", query="prison", id=name)["record"]["matches"]
    assert assistant.ask("explain", query="prison")["record"] is None
    assert assistant.ask("facets", query="prison")["jurisdiction"]["UK"]
    assert assistant.ask("map", query="prison", rows="decade")["rows"] == "decade"
    assert {line["match"] for line in assistant.ask("kwic", query="prison")["lines"]}
    exported = assistant.ask("export", query="prison", limit=1)
    assert (exported["total"] > exported["written"], exported["text"][:5]) == (True, "TY  -")
    assert assistant.ask("stats")["records"] == 20
    assert assistant.ask("duplicates")["records"] == 20
    assert assistant.ask("lists") == {}
    assert assistant.ask("saved") == {"searches": []}
    run = assistant.ask("run_strategy", text=STRATEGY)
    counts = [line["count"] for line in run["lines"]]
    assert assistant.ask("strategy_records", text=STRATEGY)["total"] == counts[-1]
    assert assistant.ask("strategy_records", text=STRATEGY, line=1)["total"] == counts[0]
    assert assistant.ask("check_strategy", text="1. prisn\n2. 1 and zzz")["problems"]
    papers = assistant.ask("recall", text="1. zebra", known=name)["papers"]
    assert [(paper["record"], paper["found"]) for paper in papers] == [(name, False)]
    translated = assistant.ask("translate", text=STRATEGY, dialect="ovid", to="pubmed")
    assert [line["text"] for line in translated["lines"]][-1] == "#1 AND #2"
    assert "PRISMA" in assistant.ask("report", text=STRATEGY)["text"]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("search", {"colour": "red"}, "found 'colour'"),
        ("search", {"query": 3}, "expected query as a text; found 3"),
        ("search", {"query": "a" * 20_001}, "found 20,001"),
        ("search", {"query": '"prison', "strict": True}, "without its partner"),
        ("search", {"category": "K"}, "expected category as 0 to 100 texts"),
        ("search", {"category": ["K"] * 101}, "expected category as 0 to 100 texts"),
        ("search", {"category": ["purple"]}, "purple"),
        ("search", {"year": "soon"}, "soon"),
        ("search", {"page": 0}, "expected page from 1 to 500; found 0"),
        ("search", {"limit": 10**400}, "expected limit from 1 to 100; found a larger one"),
        ("search", {"exact": "yes"}, "expected exact as true or false"),
        ("search", {"sort": "best"}, "expected sort of relevance, newest"),
        ("record", {}, "expected id; found it left out"),
        ("record", {"id": "../../etc/passwd"}, "expected the id of a record"),
        ("map", {"rows": "__class__"}, "expected rows of"),
        ("run_strategy", {"text": "\n"}, "expected a line with a search"),
        ("run_strategy", {"text": "1. a", "dialect": "latin"}, "expected dialect of ours"),
        ("strategy_records", {"text": "1. a", "line": 7}, "expected a line of 1; found 7"),
        ("recall", {"text": "1. a", "known": "nobody"}, "expected the id of a record"),
    ],
)
def test_what_is_wrong_is_one_line_and_the_next_is_answered(
    assistant: Assistant, name: str, given: dict[str, Any], words: str
) -> None:
    assert words in assistant.refused(name, **given)
    assert assistant.ask("search", query="prison")["total"]


_texts = st.text(max_size=20) | st.sampled_from(["prison", "(", '"', "year:", "NEAR/5", HIDDEN])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([name for name, call in CALLS.items() if not call.writes]), st.data())
def test_whatever_is_given_is_answered_or_refused_in_one_line(
    assistant: Assistant, name: str, data: st.DataObject
) -> None:
    names = st.sampled_from([*fields(CALLS[name].takes), "other"])
    given = data.draw(st.dictionaries(names, _json, max_size=4))
    result = assistant.call(name, given)
    assert text_of(result) == visible(text_of(result))


def test_nothing_is_written_unless_it_is_told_so(assistant: Assistant, place: Place) -> None:
    before = {path: path.read_bytes() for path in place.corpus.iterdir()}
    for name, call in CALLS.items():
        if call.writes:
            with pytest.raises(MCPError, match=f"found {name}, which changes files"):
                assistant.call(name, {"name": "x", "text": MORE})
    with pytest.raises(MCPError, match="expected a tool of search, record"):
        assistant.call("rm -rf", {})
    assert {path: path.read_bytes() for path in place.corpus.iterdir()} == before


def test_what_an_assistant_searched_is_logged_and_found_again(
    tmp_path: Path, e5: EvidenceIndex
) -> None:
    place = Place(ROOT / "corpus", tmp_path, e5.index_folder)
    with place.served() as assistant:
        log = re.search(r"logged to (.*assistants\.jsonl)", assistant.client.instructions or "")
        assert log
        logged = Path(log[1])
        assert log[1] in assistant.said
        found = assistant.ask("search", query="prison", category=["K"], limit=1)
        assistant.refused("search", year="soon")
        assistant.ask("facets", query="treatment")
        assistant.ask("kwic", query="prisons")
        assistant.ask("run_strategy", text=STRATEGY)
        assistant.ask("strategy_records", text=STRATEGY, line=2)
        assistant.ask("record", id=found["hits"][0]["id"])
        assistant.ask("translate", text=STRATEGY, to="ovid")
        lines = [json.loads(line) for line in logged.read_text(encoding="utf-8").splitlines()]
        replayed = place.run("replay", log[1])
        logged.unlink()
        logged.mkdir()
        # What can't be logged isn't answered.
        assert "can't be written" in assistant.refused("search", query="prison")
        assert assistant.ask("stats")["records"] == 20
    assert [line["call"] for line in lines] == [
        "search", "facets", "kwic", "run_strategy", "strategy_records",
    ]  # fmt: skip
    assert (lines[0]["options"], lines[0]["shown"]) == ({"category": ["K"]}, 1)
    assert len(lines[0]["ids"]) == found["total"]
    assert replayed.returncode == 0
    assert "5 searches, of this corpus and this program: 5 the same" in replayed.stdout


def test_one_that_may_write_saves_adds_and_decides_and_edits_are_followed(
    corpus: Path, tmp_path: Path, e5: EvidenceIndex
) -> None:
    place = Place(corpus, tmp_path, e5.index_folder)
    # It speaks as assistants did before July 2026, which all versions know.
    with place.served("--write", "--log", str(place.log), mode="legacy") as assistant:
        tools = assistant.tools()
        assert tools.keys() == CALLS.keys()
        assert not (tools["add"].annotations and tools["add"].annotations.read_only_hint)
        assert assistant.ask("save", name="wards", query="wards") == {"name": "wards", "records": 0}
        assert "is saved already" in assistant.refused("save", name="wards", query="beds")
        assert "found '../wards'" in assistant.refused("save", name="../wards", query="beds")
        added = assistant.ask("add", name="../../more.csv", text=MORE)
        assert (added["name"], added["copied"], len(added["records"])) == ("more.csv", True, 2)
        assert (corpus / "more.csv").read_text(encoding="utf-8") == MORE
        assert "note.txt: expected" in assistant.refused("add", name="note.txt", text="dear diary")
        (kept,) = assistant.ask("saved")["searches"]
        assert (kept["name"], sorted(kept["new"])) == ("wards", sorted(added["records"]))
        one, other = added["records"]
        assert assistant.ask("put", ids=[one], name="to read", note="soon") == {
            "list": "to read", "changed": 1, "unchanged": 0,
        }  # fmt: skip
        (placed,) = assistant.ask("lists", names=["to read"])["to read"]
        assert (placed["id"], placed["by"], placed["note"]) == (one, "program", "soon")
        assert assistant.ask("search", list=["to read"])["hits"][0]["record"]["lists"]
        assistant.ask("decide", kind="same", one=one, other=other)
        assert assistant.ask("search", query="wards")["total"] == 1
        (corpus / "others.csv").write_text("Title,Year\nNewts,2013\n", encoding="utf-8")
        while assistant.ask("search", query="newts")["total"] != 1:
            pass
    assert "wards" in place.run("saved").stdout


def test_nothing_that_a_reader_would_not_see_reaches_an_assistant(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    row = {"title": f"Zebras {HIDDEN} in wards", "summary": f"Of zebras {HIDDEN} here.",
           "publisher": f"Zoo {HIDDEN}", "year": 2010, "id": "zebras"}  # fmt: skip
    (corpus / "x.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    place = Place(corpus, tmp_path)
    with place.served("--log", str(place.log)) as assistant:
        found = assistant.ask("search", query=f"zebras {HIDDEN}")
        assert found["total"] == 1
        hit = found["hits"][0]
        assert "zebras" in {hit["snippet"][start:end] for start, end in hit["marks"]}
        for name, given in (
            ("search", {"query": "zebras"}),
            ("record", {"id": "zebras"}),
            ("facets", {"query": "zebras"}),
            ("kwic", {"query": "zebras"}),
            ("export", {"query": "zebras"}),
            ("run_strategy", {"text": f"1. zebras {HIDDEN}"}),
        ):
            text = text_of(assistant.call(name, given))
            assert text == visible(text)
            assert "\ufffd" in text or name == "kwic", name


def test_nothing_but_the_protocol_is_on_standard_output(place: Place) -> None:
    text = f"no json\n{json.dumps(HELLO)}\n\x00\n"
    done = place.run("mcp", "--log", str(place.log), text=text)
    assert done.returncode == 0
    for line in done.stdout.splitlines():
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_it_though_its_input_goes_on(place: Place) -> None:
    with subprocess.Popen(
        place.command("mcp", "--log", str(place.log)), text=True, env=place.environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{json.dumps(HELLO)}\n")
        process.stdin.flush()
        assert "instructions" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr
        assert "Traceback" not in process.stderr.read()


def test_a_missing_library_is_one_line_with_what_installs_it() -> None:
    code = (
        "import sys; sys.modules['mcp'] = None; sys.argv = ['evidence-search', 'mcp'];"
        "from evidence_search.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "pip install -e '.[mcp]'" in done.stderr


def test_what_is_visible_keeps_its_length_and_what_people_read() -> None:
    text = f"Zebras {HIDDEN} – “in” wärds\r\n\t\N{HEBREW LETTER ALEF} 😀\n"
    assert len(visible(text)) == len(text)
    assert visible(text).replace("\ufffd", "") == text.replace(HIDDEN, "[31m")
