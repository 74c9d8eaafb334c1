"""The interface under ``/api``, asked over real connections and held to what it says of itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import fastjsonschema
import pytest

from tests.conftest import ROOT
from tests.test_page import served
from tests.test_reliability_hostile import BAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.test_page import Answer, Server


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(ROOT / "corpus", tmp_path_factory.mktemp("api")) as server:
        yield server


def checked(page: Server, path: str, call: str, status: int = 200) -> Any:
    """Ask, hold the answer to the description of the call, and return it."""
    answer: Answer = page.ask(f"/api{path}")
    assert answer.status == status, answer.text
    described = json.loads(page.ask("/api/openapi.json").text)
    responses = described["paths"][call]["get"]["responses"]
    ((form, content),) = responses[str(status)]["content"].items()
    assert answer.headers["content-type"].split(";")[0] == form
    value = json.loads(answer.text)
    schema = {**content["schema"], "components": described["components"]}
    fastjsonschema.compile(schema)(value)
    return value


def test_each_call_answers_as_it_is_described(page: Server) -> None:
    found = checked(page, "/search?q=prison&jurisdiction=UK", "/search")
    assert found["total"] == len(found["hits"]) > 0
    name = quote(found["hits"][0]["id"], safe="")
    record = checked(page, f"/records/{name}", "/records/{id}")
    assert record == found["hits"][0]["record"]
    assert record["source"]["path"].endswith(".txt")
    assert checked(page, f"/records/{name}/similar", "/records/{id}/similar")["hits"]
    why = checked(page, f"/records/{name}/why?q=prison", "/records/{id}/why")
    assert why["record"]["matches"]
    assert checked(page, "/facets?q=prison", "/facets")["jurisdiction"]["UK"]
    assert checked(page, "/map?q=prison&rows=decade", "/map")["rows"] == "decade"
    assert {line["match"] for line in checked(page, "/kwic?q=prison", "/kwic")}


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
        ("/records/none/why?q=prison", "/records/{id}/why", 404),
    ):
        assert checked(page, path, call, status)["status"] == status


def test_other_addresses_and_ways_are_problems_too(page: Server) -> None:
    answer = page.ask("/api/elsewhere")
    assert (answer.status, json.loads(answer.text)["status"]) == (404, 404)
    where = page.address.rstrip("/")
    answer = page.ask("/api/search", "POST", Origin=where, **{"Content-Length": "0"})
    assert (answer.status, json.loads(answer.text)["status"]) == (405, 405)


def test_another_name_is_refused(page: Server) -> None:
    assert page.ask("/api/search", Host="evil.example").status == 421


def test_no_control_character_of_a_corpus_goes_out(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "x.csv").write_text(f"id,title,year\na,Prison {BAD} study,2010\n", encoding="utf-8")
    with served(folder, tmp_path) as server:
        answer = server.ask("/api/search?q=prison")
    assert json.loads(answer.text)["total"] == 1
    assert answer.text.isascii()
    assert answer.text.replace("\n", "").isprintable()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
