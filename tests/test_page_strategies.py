"""Strategies on the page: run line by line, held against known papers, reported."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.conftest import ROOT
from tests.servers import Server, served
from tests.test_page_writing import post

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = (ROOT / "docs" / "example-strategy.txt").read_text(encoding="utf-8")
KNOWN = "TY  - JOUR\nTI  - Managing drink-drivers\nPY  - 2004\nER  - \n"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("page")
    with served(ROOT / "corpus", folder, writes=False) as server:
        yield server


def run(page: Server, **fields: str) -> str:
    answer = post(page, "/strategy", urlencode(fields))
    assert answer.status == 200, answer.text
    return answer.text


def test_each_number_of_a_strategy_leads_to_as_many_records(page: Server) -> None:
    rows = re.findall(r'<td class="n"><a href="([^"]+)">([\d,]+)</a>', run(page, text=TEXT))
    assert len(rows) == 7
    for address, n in rows:
        assert f"<h1>{n} record" in page.ask(unescape(address)).text


def test_a_short_strategy_has_an_address_that_shows_the_same(page: Server) -> None:
    shown = run(page, text=TEXT, known=KNOWN)
    (address,) = re.findall(r'<a href="([^"]+)">The address of this strategy', shown)
    again = page.ask(unescape(address))
    assert again.status == 200
    assert "3 records" in again.text
    assert "The address of" not in run(page, text="prison " * 1000)


def test_known_papers_are_an_export_or_ids(page: Server) -> None:
    for known in (KNOWN, "alcohol-e5-managing-drink-drivers"):
        text = run(page, text=TEXT, known=known)
        assert "1 known paper, 1 in the corpus, 0 found" in text
        assert "lost by line 3" in text
        assert run(page, text="drink", known=known).count(": found</li>") == 1


@pytest.mark.parametrize(
    ("form", "start", "kind"),
    [("html", "<!DOCTYPE html>", "text/html"), ("markdown", "#", "text/markdown")],
)
def test_a_report_is_a_file(page: Server, form: str, start: str, kind: str) -> None:
    answer = post(page, "/strategy", urlencode({"text": TEXT, "report": form}))
    assert answer.text.startswith(start)
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith('attachment; filename="report.')


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "1. prison\n1. jail\n2. 1 or 3\n3. 1 or 2"}, "expected each number once"),
        ({"text": "prison", "known": "nothing-like-it"}, "expected the id of a record"),
    ],
)
def test_what_is_wrong_is_said_above_the_lines_as_they_were_typed(
    page: Server, fields: dict[str, str], words: str
) -> None:
    answer = post(page, "/strategy", urlencode(fields))
    assert answer.status == 400
    (message,) = re.findall('role="alert">([^<]+)<', answer.text)
    assert words in unescape(message)
    assert fields["text"] in unescape(answer.text)
