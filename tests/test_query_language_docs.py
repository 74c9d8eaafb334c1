"""The page on the query language is true: every example finds what its row says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from evidence_search.engines import candidates
from evidence_search.planning import rows
from evidence_search.query import FIELDS, lexing, parse, to_text
from evidence_search.query.lexing import ALIASES
from evidence_search.web import asked
from tests.conftest import ROOT

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex

PAGE = (ROOT / "docs" / "query-language.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \| .* \| ([^|]+) \|$", PAGE, re.MULTILINE)


def titles(index: EvidenceIndex, query: str) -> set[str]:
    return {hit.record.title for hit in index.search(query, limit=None)}


@pytest.mark.parametrize(("query", "finds"), ROWS, ids=[query for query, _ in ROWS])
def test_an_example_finds_what_its_row_says(e5: EvidenceIndex, query: str, finds: str) -> None:
    found = titles(e5, query)
    for said in finds.split("; "):
        count = re.fullmatch(r"(\d+) records?", said)
        same = re.fullmatch(r"same as `(.+)`", said)
        if count:
            assert len(found) == int(count[1])
        elif same:
            assert found == titles(e5, same[1]) > set()
        else:
            assert any(title.startswith(said) for title in found)


def test_the_page_has_many_examples_and_every_field() -> None:
    assert len(ROWS) > 35
    for field in (*FIELDS, *ALIASES):
        assert f"{field}:" in PAGE
    grammar = PAGE[PAGE.index("## The grammar") :]
    assert all(field in grammar for field in FIELDS)


def test_what_users_of_other_platforms_type_is_read_as_the_page_says() -> None:
    table = PAGE[PAGE.index("| there | here |") : PAGE.index("## The grammar")]
    lines = re.findall(r"^\| (`.+`) \| `([^`]+)`", table, re.MULTILINE)
    assert len(lines) > 12
    for there, here in lines:
        for typed in re.findall("`([^`]+)`", there):
            assert to_text(parse(typed).tree) == to_text(parse(here).tree), typed


def words_of(name: str) -> str:
    """Return a page of the documentation as one line."""
    return " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())


def test_the_limits_that_pages_name_are_those_of_the_program() -> None:
    language = words_of("query-language.md")
    deep = f"{lexing.MAX_DEPTH} parentheses deep"
    assert f"{lexing.MAX_CLAUSES} words, {lexing.MAX_LENGTH:,} characters and {deep}" in language
    assert f"a pattern stands for up to {rows.MAX_EXPANSIONS} words" in language
    assert f"a nearness for up to {rows.MAX_NEAR} ways" in language
    most = f"{asked.MOST_FILTERS} filters, {asked.MOST_PAGES} pages and {asked.MOST_LONG:,} char"
    assert most in words_of("page.md")
    assert f"the first {candidates.WINDOW} by the engine's own score" in words_of("engines.md")


def test_its_example_of_precedence_is_true() -> None:
    first, second = re.findall(r"`(prison jail [^`]+)` is `([^`]+)`", PAGE)[0]
    assert parse(first).tree == parse(second).tree


def test_the_help_of_search_names_the_page() -> None:
    from evidence_search.cli.commands.search import command

    assert "evidence-search help query" in (command.help or "")
