"""An index on tantivy answers as one on Whoosh does, follows the corpus, and mends itself."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import evidence_search as es
from evidence_search import strategies
from evidence_search.errors import SearchIndexError
from evidence_search.index import EvidenceIndex
from evidence_search.render import render
from evidence_search.values import replace
from tests.conftest import ROOT
from tests.edits import follow_edits

pytest.importorskip("tantivy")

if TYPE_CHECKING:
    from collections.abc import Callable

    from evidence_search.index.state import Status

QUERIES = (
    "drink driving",
    "jail",
    "prison treatment -women",
    '"child protection" OR homicid*',
    "title:alcohol year:2010..",
    "alcohol NEAR/5 prison",
    "safeguarding children of drinkers and domestic abuse",
    "nothingofthekind",
)


@pytest.fixture(scope="module")
def on_tantivy(tmp_path_factory: pytest.TempPathFactory) -> EvidenceIndex:
    index = EvidenceIndex(ROOT / "corpus", f"tantivy:{tmp_path_factory.mktemp('tantivy')}")
    index.refresh()
    return index


def test_a_search_on_tantivy_gives_what_one_on_whoosh_does(
    e5: EvidenceIndex, on_tantivy: EvidenceIndex
) -> None:
    for query in QUERIES:
        one, other = e5.search(query, limit=None), on_tantivy.search(query, limit=None)
        assert other.hits == one.hits
        assert other.facets == one.facets
        assert other.suggestions == one.suggestions
        filtered = [i.search(query, category=["K"], sort="newest") for i in (e5, on_tantivy)]
        assert filtered[0].hits == filtered[1].hits
        assert filtered[0].facets == filtered[1].facets
    assert [*on_tantivy.records] == [*e5.records]


def test_records_are_explained_and_compared_alike(
    e5: EvidenceIndex, on_tantivy: EvidenceIndex
) -> None:
    record = e5.search("prison").hits[0].record.id
    explained, other = (i.explain("jail", record) for i in (e5, on_tantivy))
    assert replace(other, provenance=explained.provenance) == explained  # that has the time
    assert on_tantivy.similar(record).hits == e5.similar(record).hits
    assert (
        on_tantivy.search("prison", feedback=True).hits == e5.search("prison", feedback=True).hits
    )


def test_a_strategy_counts_alike(e5: EvidenceIndex, on_tantivy: EvidenceIndex) -> None:
    file = ROOT / "docs" / "example-strategy.txt"
    counts = [[line.count for line in strategies.run(file, i).lines] for i in (e5, on_tantivy)]
    assert counts[0] == counts[1]


def test_edits_of_the_corpus_are_followed(corpus: Path, tmp_path: Path) -> None:
    follow_edits(corpus, f"tantivy:{tmp_path / 'index'}")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))  # noqa: S311


@pytest.mark.parametrize("harm", [cut, overwrite, Path.unlink])
def test_a_damaged_file_is_noticed_and_the_index_built_anew(
    harm: Callable[[Path], None], on_tantivy: EvidenceIndex, tmp_path: Path
) -> None:
    expected = on_tantivy.search("drink driving").hits
    for name in sorted(path.name for path in on_tantivy.index_folder.iterdir()):
        folder = tmp_path / "index"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(on_tantivy.index_folder, folder)
        harm(folder / name)
        assert (
            es.open(ROOT / "corpus", f"tantivy:{folder}").search("drink driving").hits == expected
        )


def test_an_address_of_no_engine_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError, match=r"or opensearch://HOST/NAME, found elastic:x"):
        es.open(ROOT / "corpus", "elastic:x")
    with pytest.raises(SearchIndexError, match=r"a folder of that name is \./tantivy:"):
        es.open(ROOT / "corpus", "tantivy:")
    assert EvidenceIndex(ROOT / "corpus", f"{tmp_path}/a:b").index_folder == tmp_path / "a:b"


def test_the_status_advises_tantivy_where_whoosh_is_outgrown(e5: EvidenceIndex) -> None:
    def text(status: Status) -> str:
        return "".join(render("status", "text", status))

    status = e5.status()
    assert "tantivy" not in text(status)
    assert "--index tantivy:FOLDER" in text(status._replace(documents=20_001))
    assert "Advice" not in text(status._replace(documents=20_001, engine="tantivy 1"))


def test_an_index_that_is_edited_often_is_not_left_in_ever_more_parts(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    with EvidenceIndex(corpus, f"tantivy:{tmp_path / 'index'}") as index:
        parts = []
        for number in range(24):
            record = {"title": f"Zebras of district {number}", "year": 2001}
            (corpus / f"{number}.jsonl").write_text(f"{json.dumps(record)}\n", encoding="utf-8")
            assert index.refresh().changed
            meta = json.loads((tmp_path / "index" / "meta.json").read_text(encoding="utf-8"))
            parts.append(len(meta["segments"]))
    assert max(parts) <= 8
