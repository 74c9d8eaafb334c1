"""The measures agree with ir-measures; topics and collections are read; settings are compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.errors import CorpusError, QueryError
from evidence_search.evaluation import (
    compare,
    documents_of,
    evaluate,
    open_collection,
    read_topics,
    setting,
)
from evidence_search.evaluation.measures import measure, paired_test

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from tests.conftest import Run

NAMES = st.integers(0, 300).map(str)
WANTED = (ir_measures.nDCG @ 10, ir_measures.AP, ir_measures.R @ 100)


@given(
    st.lists(NAMES, unique=True, min_size=1, max_size=200),
    st.dictionaries(NAMES, st.integers(0, 3), min_size=1, max_size=60).filter(
        lambda judged: any(judged.values())
    ),
)
def test_the_measures_are_those_of_ir_measures(ranking: list[str], judged: dict[str, int]) -> None:
    run = {"q": {name: float(-rank) for rank, name in enumerate(ranking)}}
    theirs = ir_measures.calc_aggregate(WANTED, {"q": judged}, run)
    assert tuple(measure(ranking, judged)) == pytest.approx([theirs[m] for m in WANTED])


def test_a_record_counts_once_and_nothing_found_or_relevant_is_zero() -> None:
    assert measure(["a", "a", "b"], {"a": 1, "b": 1}) == measure(["a", "b"], {"a": 1, "b": 1})
    assert measure([], {"a": 1}) == measure(["a"], {}) == measure(["a"], {"a": 0}) == (0, 0, 0)
    assert measure(["a"], {"a": -1, "b": 1}) == (0, 0, 0)


def test_equal_settings_do_not_differ_and_opposite_ones_do() -> None:
    assert paired_test([0.5] * 20, [0.5] * 20) == 1.0
    assert paired_test([0.9] * 20, [0.1] * 20) < 0.01


def test_the_paired_test_counts_the_signs_that_differ_at_least_as_much() -> None:
    # Of the 8 ways to sign 1, 2 and 3, two sum to 6 or more either way.
    assert paired_test([1, 2, 3], [0, 0, 0]) == pytest.approx(0.25, abs=0.02)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Return a folder with a small test collection."""
    folder = tmp_path / "collection"
    folder.mkdir()
    docs = [
        {"id": "1", "title": "Wing flutter", "text": "Of swept wings."},
        {"id": "2", "title": "", "text": "Heat in composite slabs."},
        {"id": "3", "title": "Slabs", "text": "Wings are not slabs."},
    ]
    (folder / "docs.jsonl").write_text("\n".join(map(json.dumps, docs)), encoding="utf-8")
    queries = [{"id": "a", "text": "wing flutter"}, {"id": "b", "text": "heat (slabs): AND?"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    (folder / "qrels.tsv").write_text("a\t1\t1\nb\t2\t2\nb\t3\t1\nc\t3\t1\n", encoding="utf-8")
    return folder


def test_a_test_collection_is_indexed_and_measured(collection: Path, tmp_path: Path) -> None:
    documents = documents_of(collection)
    assert documents
    topics = read_topics(collection)
    with open_collection(documents, tmp_path / "cache") as index:
        found = evaluate(index, topics)
        assert found.measures == ((1, 1, 1), (1, 1, 1))
        assert found.unknown == ()
        every = evaluate(index, topics, setting("all"))
        assert every.mean.recall == pytest.approx(0.75)
        assert compare(found, every).difference.recall == pytest.approx(-0.25)


def test_a_collection_in_the_layout_of_beir_is_read_too(collection: Path, tmp_path: Path) -> None:
    (collection / "docs.jsonl").rename(collection / "corpus.jsonl")
    (collection / "qrels").mkdir()
    qrels = (collection / "qrels.tsv").read_text(encoding="utf-8")
    (collection / "qrels.tsv").unlink()
    header = "query-id\tcorpus-id\tscore\n"
    (collection / "qrels" / "test.tsv").write_text(header + qrels, encoding="utf-8")
    documents = documents_of(collection)
    assert documents
    with open_collection(documents, tmp_path / "cache") as index:
        assert evaluate(index, read_topics(collection)).mean == (1, 1, 1)


def test_a_collection_that_changed_is_indexed_again(collection: Path, tmp_path: Path) -> None:
    documents = collection / "docs.jsonl"
    open_collection(documents, tmp_path / "cache").close()
    with documents.open("a", encoding="utf-8") as file:
        file.write('\n{"_id": 4, "title": "More", "text": "flutter", "metadata": {}}\n')
    with open_collection(documents, tmp_path / "cache") as index:
        assert sorted(index.rank("flutter")) == ["1", "4"]


@pytest.mark.parametrize(
    "line", ["a Q0 1 1", "a\t0\t1\t1", "a 1 1"], ids=["TREC", "TREC with tabs", "three columns"]
)
def test_judgements_may_have_three_columns_or_trecs_four(tmp_path: Path, line: str) -> None:
    topics, judgements = tmp_path / "topics.tsv", tmp_path / "qrels"
    topics.write_text("a\twing flutter\n", encoding="utf-8")
    judgements.write_text(f"query-id\tcorpus-id\tscore\n{line}\n", encoding="utf-8")
    (topic,) = read_topics(topics, judgements)
    assert topic == ("a", "wing flutter", {"1": 1})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("topics.tsv", "# comment\nprison\t2:A\nprobation\tB\n", r"topics\.tsv:3: .*grade:record"),
        ("topics.tsv", f"prison\t{'9' * 5000}:A\n", r"topics\.tsv:1: .*grade:record"),
        ("topics.tsv", "prison\t2:A\t1:A\n", r"topics\.tsv:1: expected one grade"),
        ("topics.tsv", "\t2:A\n", r"topics\.tsv:1: expected a query"),
        ("topics.tsv", "prison\t0:A\n", r"topics\.tsv: expected topics with a record of grade 1"),
        ("collection/qrels.tsv", f"a 1 1\na 1 -{'9' * 5000}\n", r"qrels\.tsv:2: expected topic"),
        ("collection/qrels.tsv", "a 1 1\na 1\n", r"qrels\.tsv:2: expected topic, record and grade"),
        ("collection/queries.jsonl", '{"id": "a"}\n', r"queries\.jsonl:1: expected .*text"),
        ("collection/queries.jsonl", "[\n", r"queries\.jsonl:1: expected a JSON object"),
        (
            "collection/queries.jsonl",
            '{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}\n',
            r"queries\.jsonl:2: expected each topic once",
        ),
    ],
)
def test_what_is_malformed_is_named_by_file_and_line(
    collection: Path, name: str, text: str, said: str
) -> None:
    path = collection.parent / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=said):
        read_topics(collection if name.startswith("collection") else path)


def test_a_document_that_is_malformed_is_named_by_file_and_line(collection: Path) -> None:
    documents = collection / "docs.jsonl"
    documents.write_text('{"id": 1, "text": "a"}\n{"title": "b"}\n', encoding="utf-8")
    with pytest.raises(CorpusError, match=r"docs\.jsonl:2: expected .*id"):
        open_collection(documents, collection / "cache")


def test_judgements_name_records_by_title_or_id(e5: EvidenceIndex, tmp_path: Path) -> None:
    path = tmp_path / "topics.tsv"
    (by_id,) = (r.id for r in e5.records if r.title == "Managing drink-drivers")
    path.write_text(
        f"homicide\t1:LESSONS from drink-related domestic homicides\ncanadian\t1:{by_id}\n",
        encoding="utf-8",
    )
    assert [m.ndcg for m in evaluate(e5, read_topics(path)).measures] == [1.0, 1.0]


def test_judged_records_that_are_missing_are_told_and_count_as_not_found(
    e5: EvidenceIndex, tmp_path: Path
) -> None:
    path = tmp_path / "topics.tsv"
    path.write_text("managing\t1:Managing drink-drivers\t1:Zebras\n", encoding="utf-8")
    found = evaluate(e5, read_topics(path))
    assert found.unknown == ("Zebras",)
    assert found.mean.recall == 0.5
    path.write_text("managing\t1:Zebras\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"expected judgements of records of .*Zebras"):
        evaluate(e5, read_topics(path))


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(QueryError, match="expected settings of default, exact"):
        setting("exact,louder")


def test_the_command_measures_and_compares(run: Run, tmp_path: Path, collection: Path) -> None:
    path = tmp_path / "topics.tsv"
    path.write_text(
        "jail\t2:A model system for responding to problem-drinking prisoners\n"
        "homicide\t1:Lessons from drink-related domestic homicides\n",
        encoding="utf-8",
    )
    done = run("evaluate", str(path), "--compare", "exact")
    assert done.returncode == 0, done.stderr
    rows = [row.split() for row in done.stdout.splitlines()]
    assert rows[0][:3] == ["default", "exact", "differs"]
    assert rows[2][:4] == ["1.0000", "1.0000", "+0.0000", "2"]
    value = json.loads(run("evaluate", str(path), "--with", "exact", "--format", "json").stdout)
    (exact,) = value["settings"]
    assert exact["mean"] == {"nDCG@10": 0.5, "AP": 0.5, "R@100": 0.5}
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run("evaluate", str(collection), "--format", "tsv", env=cache)
    assert done.stdout.splitlines()[1] == "default\ta\t1.0000\t1.0000\t1.0000\twing flutter"
    wrong = run("evaluate", str(tmp_path / "none.tsv"))
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (1, 1)
