"""Grouping what an edit touches alone: the same documents, without reading what all files list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evidence_search.documents import KEYS
from evidence_search.engines.plan import children
from evidence_search.engines.whoosh import WhooshSnapshot
from evidence_search.index import EvidenceIndex, regrouping
from evidence_search.index.ledger import attachment
from evidence_search.merging.grouping import LARGE
from tests.conftest import extent
from tests.edits import refreshed_and_rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pytest

    from evidence_search.engines import Found, Request
    from evidence_search.engines.plan import Node

PAGE = "https://journal.example/contents"


def crowd(size: int) -> list[dict[str, Any]]:
    """Return documents that one link leads to, and nothing else has them be one."""
    return [
        {"title": f"Otters {'abcdefghijklmnopqrstuvwxyz'[n % 26] * (n + 3)}", "year": 1950 + n,
         "authors": [f"Person{n}, A"], "url": PAGE}
        for n in range(size)
    ]  # fmt: skip


SINGLE: tuple[dict[str, Any], ...] = (
    {"title": "Zebras in clinics of the north", "year": 2011, "authors": ["Smith, J"], "url": PAGE},
    {"title": "Zebras in clinics of the north", "year": 2011, "authors": ["Smith JA"], "url": PAGE},
    {"title": "Zebras in clinics of the north: a report", "year": 2011, "url": PAGE},
    {"title": "Zebras in clinics of the north", "year": 2011, "authors": ["Roe, K"]},
    {"title": "Zebras in clinics of the north", "year": 2012, "doi": "10.1000/a"},
    {"title": "Zebras at night", "year": 1990, "doi": "10.1000/a"},
    {"title": "Horses at noon", "year": 2001, "doi": "10.1000/a", "pmid": "12345"},
    {"title": "Horses at noon", "year": 2001, "authors": ["Poe, E"], "pmid": "12345"},
    {"title": "Editorial", "year": 2001, "publisher": "Home Office"},
    {"title": "Editorial", "year": 2001, "publisher": "Ministry of Justice"},
    {"title": "Editorial", "year": 2001, "publisher": "Ministry of Justice", "url": PAGE},
)
LINES = (
    "same doi:10.1000/a pmid:12345",
    f"same link:{PAGE.removeprefix('https://')} doi:10.1000/a",
    "different doi:10.1000/a pmid:12345",
)


def write(corpus: Path, name: str, size: int, entries: Iterable[int]) -> None:
    records = [*crowd(size), *(SINGLE[n] for n in entries)]
    text = "".join(f"{json.dumps(record)}\n" for record in records)
    (corpus / name).write_text(text, encoding="utf-8")


def decide(corpus: Path, lines: Iterable[int]) -> None:
    text = "".join(f"{LINES[n]}\n" for n in lines)
    (corpus / "duplicates.txt").write_text(text, encoding="utf-8")


NAMES = st.sampled_from(["a.jsonl", "b.jsonl", "c.jsonl"])
SOME = st.lists(st.integers(0, len(SINGLE) - 1), max_size=5)
SIZES = st.sampled_from([0, 2, LARGE - 2, LARGE - 1, LARGE, LARGE + 1, LARGE + 5])
WRITING = st.tuples(st.just(write), st.tuples(NAMES, SIZES, SOME))
DECIDING = st.tuples(
    st.just(decide), st.tuples(st.lists(st.integers(0, len(LINES) - 1), max_size=2))
)
STEPS = st.lists(st.one_of(WRITING, WRITING, WRITING, DECIDING), min_size=1, max_size=2)


@settings(max_examples=extent(40), suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=2, max_size=5))
@example(
    [
        [(write, ("a.jsonl", LARGE + 1, [0]))],
        [(write, ("b.jsonl", 0, [1, 2, 10]))],  # the link is of too many to say anything
        [(write, ("a.jsonl", LARGE - 3, [0]))],
        [(write, ("c.jsonl", 0, [2]))],
        [(write, ("a.jsonl", LARGE - 1, [0])), (write, ("b.jsonl", 0, []))],
        [(write, ("b.jsonl", 0, [0, 0, 1, 2]))],
        [(decide, ([1],)), (write, ("c.jsonl", 0, [4, 10]))],
        [(write, ("b.jsonl", 0, [4, 5, 6]))],
    ]
)
def test_of_any_edits_what_they_touch_alone_is_grouped_as_all_would_be(
    monkeypatch: pytest.MonkeyPatch, steps: list[list[Any]]
) -> None:
    monkeypatch.setattr(regrouping, "MANY", 0)  # so that all is never grouped at once
    with refreshed_and_rebuilt(steps) as (index, rebuilt):
        assert index._view.ledger() == rebuilt._view.ledger()
        assert index.records == rebuilt.records


def test_an_edit_reads_what_the_edited_file_lists_and_those_that_list_its_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number in range(300):
        record = {"title": f"Otters of river {number}", "year": 1900, "doi": f"10.1000/{number}"}
        more = {**record, "title": "Beavers", "doi": "10.1000/7"} if number == 200 else record
        text = json.dumps(more)
        (corpus / f"{number:03}.jsonl").write_text(f"{text}\n", encoding="utf-8")
    with EvidenceIndex(corpus, tmp_path / "index") as index:
        index.refresh()
        read: list[str] = []
        real, all_of = WhooshSnapshot.attachment, WhooshSnapshot.attachments

        def one(snapshot: WhooshSnapshot, name: str) -> str:
            read.append(name)
            return real(snapshot, name)

        def several(snapshot: WhooshSnapshot, prefix: str) -> Mapping[str, str]:
            read.append(prefix)
            return all_of(snapshot, prefix)

        asked: list[Node] = []
        search = WhooshSnapshot.search

        def keys(snapshot: WhooshSnapshot, request: Request) -> Found:
            asked.extend(children(request.filters[KEYS]))
            return search(snapshot, request)

        monkeypatch.setattr(WhooshSnapshot, "search", keys)
        monkeypatch.setattr(WhooshSnapshot, "attachment", one)
        monkeypatch.setattr(WhooshSnapshot, "attachments", several)
        path = corpus / "007.jsonl"
        path.write_text(path.read_text("utf-8").replace("river", "the river"), encoding="utf-8")
        again = {"title": "Otters again", "doi": "10.1000/9"}
        (corpus / "300.jsonl").write_text(f"{json.dumps(again)}\n", encoding="utf-8")
        assert index.refresh().replaced == 2
        ledger = {name for name in read if name.startswith("ledger/")}
        paths = ("007.jsonl", "200.jsonl", "009.jsonl", "300.jsonl", "duplicates.txt")
        assert ledger == {attachment(path) for path in paths}
        assert asked
        assert len(asked) == len({*asked})  # no key is asked for twice
