"""The interface under ``/api``, asked over real connections and held to what it says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import fastjsonschema
import pytest

from evidence_search import history
from evidence_search.calls import CALLS
from evidence_search.calls.schemas import fields
from evidence_search.web.api import MOST_READ
from evidence_search.web.asked import MOST_LONG
from tests.conftest import FULL, ROOT
from tests.servers import served
from tests.test_page_writing import EVERYWHERE, MORE, post
from tests.test_reliability_hostile import BAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Run
    from tests.servers import Answer, Server


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(ROOT / "corpus", tmp_path_factory.mktemp("api")) as server:
        yield server


def checked(
    page: Server, path: str, call: str, status: int = 200, body: dict[str, Any] | None = None
) -> Any:
    """Ask, hold the answer to the description of the call, and return it."""
    answer = page.ask(f"/api{path}") if body is None else sent(page, path, json.dumps(body))
    assert answer.status == status, answer.text
    described = json.loads(page.ask("/api/openapi.json").text)
    responses = described["paths"][call]["get" if body is None else "post"]["responses"]
    ((form, content),) = responses[str(status)]["content"].items()
    assert answer.headers["content-type"].split(";")[0] == form
    value = json.loads(answer.text)
    schema = {**content["schema"], "components": described["components"]}
    fastjsonschema.compile(schema)(value)
    return value


def sent(page: Server, path: str, body: str, **headers: str) -> Answer:
    """Send JSON as a program does, which names no origin."""
    return post(page, f"/api{path}", body, **{"kind": "application/json", "Origin": "", **headers})


def test_each_call_answers_as_it_is_described(page: Server) -> None:
    found = checked(page, "/search?q=prison&jurisdiction=UK", "/search")
    assert found["total"] == len(found["hits"]) > 0
    name = quote(found["hits"][0]["id"], safe="")
    record = checked(page, f"/records/{name}", "/records/{id}")
    assert record == found["hits"][0]["record"]
    assert record["source"]["path"].endswith(".txt")
    assert checked(page, f"/records/{name}/similar", "/records/{id}/similar")["hits"]
    assert checked(page, f"/explain?q=prison&id={name}", "/explain")["record"]["matches"]
    assert checked(page, "/facets?q=prison", "/facets")["jurisdiction"]["UK"]
    assert checked(page, "/map?q=prison&rows=decade", "/map")["rows"] == "decade"
    assert {line["match"] for line in checked(page, "/kwic?q=prison", "/kwic")["lines"]}
    exported = checked(page, "/export?q=prison&format=bibtex&limit=2", "/export")
    assert (exported["written"], exported["text"].count("@")) == (2, 2)
    assert checked(page, "/stats", "/stats")["records"] == 20
    assert checked(page, "/duplicates", "/duplicates")["records"] == 20


def test_what_is_long_is_asked_in_a_body(page: Server) -> None:
    query = "prison OR " + " OR ".join(f'"unimaginable imprisonment {n}"' for n in range(300))
    assert len(query) > MOST_LONG
    asked = {"query": query, "jurisdiction": ["UK"], "exact": True, "limit": 1}
    found = checked(page, "/search", "/search", body=asked)
    assert found["query"] == query
    assert (
        found["total"]
        == checked(page, "/search?q=prison&jurisdiction=UK&exact=1", "/search")["total"]
    )
    for path in ("/explain", "/facets", "/map", "/kwic", "/export"):
        checked(page, path, path, body={"query": query})


def test_strategies_are_run_read_checked_held_against_papers_and_translated(page: Server) -> None:
    text = "1. prison\n2. treatment\n3. 1 and 2\n"

    def asked(what: str, status: int = 200, **more: str | int) -> Any:
        path = f"/strategies/{what}"
        return checked(page, path, path, status, {"text": text, **more})

    counts = [line["count"] for line in asked("run")["lines"]]
    found = asked("records", limit=100)
    assert len(found["hits"]) == found["total"] == counts[-1]
    assert asked("check")["problems"]
    known = "\n".join(hit["id"] for hit in found["hits"])
    assert all(paper["found"] for paper in asked("recall", known=known)["papers"])
    assert asked("translate", to="pubmed")["lines"][-1]["text"] == "#1 AND #2"
    assert "PRISMA" in asked("report")["text"]
    assert "expected to of ours" in asked("translate", 400, to="latin")["detail"]


def test_a_body_is_json_of_its_call_and_no_larger_than_that_takes(page: Server) -> None:
    for body, words in (
        ("{", "found no JSON"), ("[" * 100_000, "found no JSON"), ("[]", "found another value"),
        ('{"colour": 1}', "found 'colour'"), ('{"query": null}', "expected query as a text"),
        ('{"limit": 1' + "0" * 5_000 + "}", "found no JSON"), ("\xff", "found no JSON"),
        ('{"query": [' + "[]," * 200_000 + "0]}", "characters beside the texts"),
        ('{"query": [' + '"a\\\\","\\"",' * 200_000 + '""]}', "characters beside the texts"),
    ):  # fmt: skip
        answer = sent(page, "/search", body)
        assert (answer.status, words in answer.text) == (400, True), answer.text
    text = '"\\' * 300_000  # all of one text, whatever is quoted in it
    assert sent(page, "/strategies/run", json.dumps({"text": text})).status == 200
    large = sent(page, "/strategies/run", json.dumps({"text": "a" * (MOST_READ + 1)}))
    assert (large.status, json.loads(large.text)["status"]) == (413, 413)
    assert sent(page, "/search", "{}", kind="text/plain", Origin=origin(page)).status == 415
    assert sent(page, "/search?q=prison", "{}").status == 400


def origin(page: Server) -> str:
    return page.address.rstrip("/")


def test_a_program_is_answered_and_no_page_of_another_site(page: Server) -> None:
    assert sent(page, "/search", "{}").status == 200
    assert sent(page, "/search", "{}", Origin=origin(page)).status == 200
    for headers in (
        {"Origin": "https://evil.example"}, {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
        {"kind": "text/plain"}, {"kind": "application/x-www-form-urlencoded"},
        {"kind": "text/plain; a=application/json"},
    ):  # fmt: skip
        assert sent(page, "/search", "{}", **headers).status == 403, headers
    assert sent(page, "/search", "{}", Host="evil.example").status == 421


def test_a_program_elsewhere_brings_the_token(tmp_path: Path) -> None:
    with served(ROOT / "corpus", tmp_path, EVERYWHERE) as server:
        token = urlsplit(server.address).query.removeprefix("token=")
        for brought, status in ((f"Bearer {token}", 200), ("Bearer x", 403), ("Bearer ", 403)):
            assert server.ask("/api/stats", Authorization=brought).status == status


def test_searches_of_programs_and_of_the_page_are_logged_and_found_again(
    tmp_path: Path, run: Run
) -> None:
    log = tmp_path / "log.jsonl"
    with served(ROOT / "corpus", tmp_path / "served", log=log) as server:
        checked(server, "/search?q=prison&limit=1", "/search")
        checked(server, "/facets", "/facets", body={"query": "treatment", "category": ["K"]})
        checked(server, "/strategies/run", "/strategies/run", body={"text": "1. prison"})
        checked(server, "/stats", "/stats")
        server.ask("/?q=beds")
        server.ask("/")
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["call"] for line in lines] == ["search", "facets", "run_strategy", "page"]
    assert (len(lines[0]["ids"]), lines[0]["shown"]) == (lines[0]["found"], 1)
    assert "4 the same" in run("replay", str(log)).stdout


def test_what_changes_files_is_there_only_where_the_page_may_write(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.SAVED_VARIABLE, str(tmp_path / "saved"))
    name = {"name": "more.csv", "text": MORE}
    with served(corpus, tmp_path / "reading", writes=False) as server:
        assert json.loads(sent(server, "/files", json.dumps(name)).text)["status"] == 404
        assert sent(server, "/saved", '{"name": "x"}').status == 405
        assert "/files" not in json.loads(server.ask("/api/openapi.json").text)["paths"]
    assert not (corpus / "more.csv").exists()
    with served(corpus, tmp_path / "writing") as server:
        added = checked(server, "/files", "/files", body=name)
        assert (added["name"], len(added["records"])) == ("more.csv", 2)
        assert checked(server, "/saved", "/saved", body={"name": "wards", "query": "wards"})
        assert [kept["now"] for kept in checked(server, "/saved", "/saved")["searches"]] == [2]
        one, other = added["records"]
        put = {"ids": [one], "name": "to read", "off": False}
        assert checked(server, "/lists", "/lists", body=put)["changed"] == 1
        assert checked(server, "/lists?names=to+read", "/lists")["to read"][0]["id"] == one
        assert checked(server, "/search?list=to+read", "/search")["total"] == 1
        decision = dict(zip(("kind", "one", "other"), ("same", one, other), strict=True))
        assert checked(server, "/duplicates", "/duplicates", body=decision) == decision
        assert checked(server, "/search?q=wards", "/search")["total"] == 1


SCHEMATHESIS = """
[checks]
# Not every text is a query, a year or an id: which, no schema says.
positive_data_acceptance.enabled = false
# A body may be none, or too large, before it is anything else.
negative_data_rejection.expected-statuses = ["400", "403", "404", "405", "411", "413", "415"]
"""


@pytest.mark.slow
def test_whatever_its_description_allows_or_forbids_is_answered_so(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(history.SAVED_VARIABLE, str(tmp_path / "saved"))
    extent = ("coverage,fuzzing", "10") if FULL else ("fuzzing", "1")
    (tmp_path / "schemathesis.toml").write_text(SCHEMATHESIS, encoding="utf-8")
    with served(corpus, tmp_path) as server:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run",
                f"{server.address}api/openapi.json", "--phases", extent[0],
                "--max-examples", extent[1], "--generation-deterministic",
                "--request-timeout", "600",  # what is right, not how soon
            ],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_documentation_names_every_call_and_argument() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name, call in CALLS.items():
        assert f"| `{name}` | `{call.path}` |" in text, name
        for argument in fields(call.takes):
            assert f"`{argument}`" in text, argument


def test_the_pages_of_a_search_hold_each_record_once(page: Server) -> None:
    first = checked(page, "/search", "/search")
    second = checked(page, "/search?page=2", "/search")
    ids = [hit["id"] for hit in first["hits"] + second["hits"]]
    assert len(ids) == len(set(ids)) == first["total"]


def test_what_is_wrong_is_a_problem_as_described(page: Server) -> None:
    for path, call, status in (
        ("/search?page=0", "/search", 400),
        ("/search?year=next", "/search", 400),
        ("/search?q=" + "a" * 10_001, "/search", 400),
        ("/map?rows=colour", "/map", 400),
        ("/records/none", "/records/{id}", 404),
        ("/explain?q=prison&id=none", "/explain", 404),
        ("/search?colour=red", "/search", 400),
        ("/search?exact=yes", "/search", 400),
        ("/search?q=a&q=b", "/search", 400),
        ("/search?category=", "/search", 400),
        ("/search?limit=9999999999", "/search", 400),
    ):
        assert checked(page, path, call, status)["status"] == status


def test_other_addresses_and_ways_are_problems_too(page: Server) -> None:
    for path in ("/api/elsewhere", "/api/records/a%0Ab/similar", "/api/"):
        answer = page.ask(path)
        assert (answer.status, json.loads(answer.text)["status"]) == (404, 404)
    where = page.address.rstrip("/")
    answer = page.ask("/api/stats", "POST", Origin=where, **{"Content-Length": "0"})
    assert (answer.status, json.loads(answer.text)["status"]) == (405, 405)


def test_another_name_is_refused(page: Server) -> None:
    assert page.ask("/api/search", Host="evil.example").status == 421


def test_no_control_character_of_a_corpus_goes_out(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    row = {"id": "a", "title": f"Prison {BAD} study", "year": 2010}
    (folder / "x.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with served(folder, tmp_path) as server:
        answer = server.ask("/api/search?q=prison")
    assert json.loads(answer.text)["total"] == 1
    assert answer.text.isascii()
    assert answer.text.replace("\n", "").isprintable()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
