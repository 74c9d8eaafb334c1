"""The library as a notebook uses it: public names, reprs, frames, exports, figures."""

from __future__ import annotations

import gc
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import evidence_search as es
from evidence_search import errors, frames, render
from evidence_search.errors import QueryError
from evidence_search.index import EvidenceIndex
from evidence_search.records import Category, Source, StudyRecord
from evidence_search.render import formats_of
from evidence_search.search import Provenance, Search
from evidence_search.snippets import Snippet
from tests.conftest import ROOT
from tests.test_render import HOSTILE, Outline

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC = """
Category CellError CorpusError Crosstab EditorError EvidenceIndex EvidenceSearchError
ExportError HistoryError Hit IndexDamagedError IndexLockedError IndexUnreachableError
IndexUntrustedError
IndexUnwritableError MissingExtraError ModelError QueryError RecordNotFoundError
RelatedDocument Results SearchIndexError Source StateGoneError Stats StrategyError StudyRecord
ThesaurusError export open run to_frame
"""


def test_the_public_names_are_these_and_all_can_be_had() -> None:
    assert es.__all__ == PUBLIC.split()
    assert all(getattr(es, name).__name__ == name for name in es.__all__)
    assert set(es.__all__) <= set(dir(es))


def test_every_error_is_public() -> None:
    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert classes <= set(es.__all__)


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import evidence_search;"
        "print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {
        "evidence_search", "evidence_search.display", "evidence_search.version", "__future__",
    }  # fmt: skip


def test_a_users_script_passes_mypy_strict(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import evidence_search as es\n"
        "with es.open() as index:\n"
        "    found: es.Results = index.search('prison', category=['K'], year=(2000, None))\n"
        "    for hit in found:\n"
        "        year: int | None = hit.record.year\n"
        "        where: str = hit.record.source.path\n"
        "    page: tuple[es.Hit, ...] = found[:2]\n"
        "    text: str = found.export('ris')\n"
        "    written: str = es.export(index.records, 'csv', 'out.csv', force=True).name\n"
        "    counts: dict[str, int] = dict(found.facets['category'])\n"
        "    cell: int = found.crosstab('category', 'decade').count('K', '2010s')\n"
        "    columns: list[str] = found.to_frame('polars').columns\n"
        "    figure = found.timeline()\n"
        "    figure.savefig('timeline.png')\n"
        "    words: int = index.stats().words\n"
        "    found.total = 3  # E: frozen\n"
        "    index.search('x', limt=3)  # E: no such option\n",
        encoding="utf-8",
    )
    # Libraries that a user may not have are left out: reading them takes mypy the longest.
    options = ("--strict", "--config-file=", "--no-site-packages", "--cache-dir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(script)],
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = re.findall(r"script\.py:(\d+): error", done.stdout)
    assert wrong == ["16", "17"], done.stdout


# What is shown


def test_plain_reprs_are_short_however_long_the_record(e5: es.EvidenceIndex) -> None:
    found = e5.search("prison")
    record = StudyRecord("x-1", "Long " * 500, Source("a.txt", 1), summary="word " * 5000)
    assert len(repr(record)) < 150
    assert repr(found[0]).startswith("<Hit 1, score ")
    assert found[0].record.id in repr(found[0])
    assert repr(e5).endswith("20 records>")
    assert repr(found.matches) == f"<Matches: {found.total} records>"
    assert repr(found.crosstab()).startswith("<Crosstab of category by jurisdiction")
    assert repr(e5.explain("prison")) == "<Explanation of 'prison': 5 records match>"
    assert repr(e5.stats()) == "<Stats: 20 records in 1 cells>"


def test_results_in_a_notebook_have_marks_badges_and_bars(e5: es.EvidenceIndex) -> None:
    text = e5.search("prison", limit=3)._repr_html_()
    page = Outline(text)
    assert page.tags.count("article") == 3
    assert "<mark>prisoners</mark>" in text
    assert '<span class="badge K">Key study</span>' in text
    assert 'scope="row"' in text
    assert "bar" in text


def test_everything_a_notebook_shows_is_a_whole_piece_of_html_without_scripts(
    e5: es.EvidenceIndex,
) -> None:
    found = e5.search("prison")
    record = e5.get("alcohol-e5-managing")
    explained = [e5.explain("prison <b>", r) for r in (None, found[0].record, record)]
    like = e5.similar(record)
    shown: list[Any] = [found, found[0], record, e5, e5.stats(), found.crosstab(), like, *explained]
    shown += [e5.facets("prison"), e5.kwic("prison"), found.added, e5.search("zzzz").added]
    for value in shown:
        page = Outline(value._repr_html_())
        assert page.tags[0] == "style"
        assert {"script", "link", "img", "iframe", "b"}.isdisjoint(page.tags)


def test_an_explanation_says_what_each_part_adds_or_what_is_missing(e5: es.EvidenceIndex) -> None:
    found = e5.search("prison")
    why = Outline(e5.explain("prison", found[0].record)._repr_html_()).text
    assert "It matches: number 1, with a score of" in why
    why_not = Outline(e5.explain("prison", "alcohol-e5-managing")._repr_html_()).text
    assert re.search(r"It doesn't match; it lacks:\s*prison", why_not)


def test_a_hostile_record_is_harmless_in_a_notebook() -> None:
    text = HOSTILE._repr_html_()
    page = Outline(text)
    assert {"script", "b", "i", "u"}.isdisjoint(page.tags)
    assert not any("javascript" in value for value in page.values)
    assert not {"\x1b", "\u202e"} & set(text)
    assert not {"\x1b", "\u202e", "\n"} & set(repr(HOSTILE))
    shown = repr(results_of([HOSTILE]))
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "alert(1)" in shown


def results_of(records: list[StudyRecord]) -> es.Results:
    hits = tuple(
        es.Hit(rank, 1.0, record, Snippet(record.summary), Snippet(record.title))
        for rank, record in enumerate(records, 1)
    )
    return es.Results(Search("<b>"), Provenance(), len(hits), hits, {}, records)


def test_a_page_of_a_thousand_hits_is_not_poured_into_the_notebook() -> None:
    found = results_of([HOSTILE] * 1000)
    assert found._repr_html_().count("<article>") == 50
    assert "950 records more" in found._repr_html_()
    assert len(repr(found).splitlines()) == 12
    assert len(found.to_frame()) == 1000


# Frames


def test_a_pandas_frame_has_a_type_for_each_column_whatever_it_holds(
    e5: es.EvidenceIndex,
) -> None:
    for found in (e5.search("prison"), e5.search("zzzz", exact=True)):
        frame = found.to_frame()
        types = {name: str(kind) for name, kind in frame.dtypes.items()}
        assert list(types) == list(frames.HIT_COLUMNS)
        assert types["year"] == types["rank"] == types["line"] == "Int64"
        assert types["title"] == types["publisher"] == "string"
        assert types["score"] == "float64"
        assert types["jurisdictions"] == "object"
        assert len(frame) == len(found)


def test_a_frame_holds_what_the_records_hold(e5: es.EvidenceIndex) -> None:
    undated = StudyRecord("x-1", "Undated", Source("a.txt", 3), categories=(Category.KEY,))
    frame = es.to_frame([*e5.records, undated])
    assert frame["id"].tolist()[:20] == [record.id for record in e5.records]
    assert frame["categories"].tolist()[-1] == ["K"]
    assert frame["year"].isna().tolist() == [False] * 20 + [True]
    assert frame["line"].tolist()[-1] == 3
    assert frame.loc[frame["year"] >= 2010, "year"].min() == 2010


def test_polars_gives_the_same_values(e5: es.EvidenceIndex) -> None:
    records = e5.records
    pandas, polars = es.to_frame(records), es.to_frame(records, "polars")
    assert polars["title"].to_list() == pandas["title"].tolist()
    assert polars["jurisdictions"].to_list() == pandas["jurisdictions"].tolist()
    assert str(polars.schema["year"]) == "Int64"
    assert str(es.to_frame([], "polars").schema["keywords"]) == "List(String)"
    assert e5.search("prison").crosstab().to_frame("polars").columns[0] == "category"


def test_another_library_is_refused_and_a_missing_one_names_its_extra(
    e5: es.EvidenceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(es.QueryError, match="pandas, polars; found 'dask'"):
        es.to_frame(e5.records, "dask")  # type: ignore[call-overload]  # what is refused
    for name, extra in frames.LIBRARIES.items():
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(es.MissingExtraError, match=rf"pip install .*\[{extra}\]"):
            frames.frame([], {}, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "evidence_search.render.figures", raising=False)
    monkeypatch.delattr(render, "figures", raising=False)
    with pytest.raises(es.MissingExtraError, match=r"pip install .*\[notebook\]"):
        e5.search("prison").map()


# Exports


def test_results_export_in_every_format(e5: es.EvidenceIndex) -> None:
    found = e5.search("prison")
    for form in set(formats_of("records")) - {"xlsx"}:
        assert found[0].record.title[:20] in found.export(form)
    with pytest.raises(es.QueryError, match="expected a path"):
        found.export("xlsx")
    assert len(json.loads(found.export("json"))) == found.total


def test_a_file_is_written_once_and_over_only_if_forced(
    e5: es.EvidenceIndex, tmp_path: Path
) -> None:
    found = e5.search("prison")
    path = found.export("jsonl", tmp_path / "prison.jsonl")
    assert path.read_text(encoding="utf-8") == found.export("jsonl")
    with pytest.raises(es.ExportError, match="force=True"):
        found.export("jsonl", path)
    one = es.export(e5.records[:1], "jsonl", str(path), force=True)
    assert len(one.read_text(encoding="utf-8").splitlines()) == 1
    with pytest.raises(es.QueryError, match=r"expected a format of text, .*; found 'docx'"):
        found.export("docx", path)


# All matches, beyond the page


def test_maps_and_timelines_are_of_all_matches_not_of_the_page(e5: es.EvidenceIndex) -> None:
    page, every = e5.search("treatment", limit=2), e5.search("treatment", limit=None)
    assert len(page) == 2 < page.total == len(page.matches)
    assert page.crosstab() == every.crosstab()
    assert list(page.matches) == every.records
    assert page.matches[0] == page[0].record
    assert e5.search("", limit=0).crosstab().total == 20


def test_all_records_are_gone_through_without_being_kept(e5: es.EvidenceIndex) -> None:
    records = e5.stream()
    assert len(records) == 20
    assert [*records] == [*records] == [*records[:]] == e5.records

    def alive() -> int:
        return sum(isinstance(thing, es.StudyRecord) for thing in gc.get_objects())

    before = alive()
    assert max(alive() - before for n, _ in enumerate(e5.stream()) if n % 9 == 1) <= 2
    matches = e5.search("treatment").matches
    assert max(alive() - before for n, _ in enumerate(matches) if n % 9 == 1) <= 12  # and the page


def test_filters_hold_for_all_matches(e5: es.EvidenceIndex) -> None:
    found = e5.search("treatment", category="G", year=(2010, None), limit=1)
    assert {record.categories[-1] for record in found.matches} == {Category.GUIDANCE}
    assert all(record.year and record.year >= 2010 for record in found.matches)
    assert len(found.matches) == found.total


def test_matches_are_of_the_state_that_was_searched(corpus: Path, tmp_path: Path) -> None:
    with es.open(corpus, tmp_path / "index") as index:
        found = index.search("treatment", limit=1)
        (corpus / "alcohol-e5.txt").unlink()
        assert index.refresh().removed == 20
        assert len(list(found.matches)) == found.total > 1


def test_results_can_be_pickled_and_compare_by_what_they_hold(e5: es.EvidenceIndex) -> None:
    found = e5.search("prison", limit=2)
    assert found == e5.search("prison", limit=2)
    copy = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    assert copy.records == found.records
    assert copy.crosstab() == found.crosstab()


def test_threads_share_an_index(e5: es.EvidenceIndex) -> None:
    queries = ["prison", "drink driving", "child protection", "treatment"] * 8
    alone = {query: e5.rank(query) for query in queries}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: e5.search(query, limit=None), queries))
    for query, found in zip(queries, together, strict=True):
        assert [hit.record.id for hit in found] == alone[query]
        assert found.crosstab().total == found.total


# What the documents say


def test_the_page_on_notebooks_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    own = tmp_path_factory.mktemp("own")  # it puts records on lists
    shutil.copytree(ROOT / "corpus", own / "corpus")
    monkeypatch.setenv("EVIDENCE_SEARCH_CORPUS", str(own / "corpus"))
    monkeypatch.setenv("EVIDENCE_SEARCH_INDEX", str(own / "index"))
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)  # noqa: S102 - our own page
    assert {path.name for path in tmp_path.iterdir()} == {
        "timeline.pdf",
        "drink-driving.ris",
        "reading-list.md",
    }
    for name in re.findall(r"`(\w+Error)`", page):
        assert issubclass(getattr(es, name), es.EvidenceSearchError)
    assert {name for name in vars(errors) if name.endswith("Error")} - {
        "EvidenceSearchError"
    } <= set(re.findall(r"`(\w+Error)`", page))
    types = page[page.index("| columns") : page.index("`rank`, `score` and")]
    assert set(frames.HIT_COLUMNS) <= set(re.findall(r"`(\w+)`", types))


def test_searches_of_a_session_are_numbered_and_combined(e5: EvidenceIndex) -> None:
    with EvidenceIndex(e5.corpus_folder, e5.index_folder) as index:
        assert repr(index.history) == "no searches yet"
        prison, children = index.search("prison"), index.search("children")
        both = index.search("#1 AND #2")
        assert both.total == index.search("(prison) AND (children)").total
        either = index.search("#1 OR #2").total
        assert either == prison.total + children.total - both.total
        assert index.search("#3 OR #1").total == prison.total
        assert [(s.number, s.query) for s in index.history][:3] == [
            (1, "prison"), (2, "children"), (3, "#1 AND #2")
        ]  # fmt: skip
        assert index.history[3].total == both.total
        with pytest.raises(QueryError, match=r"session \(#1 to #6\); found #9"):
            index.search("#9 OR police")
        index.search("prison", offset=5)
        assert len(index.history) == 6
        index.search("<b>")
        assert "&lt;b&gt;" in index.history._repr_html_()
        assert "#1  prison  " in repr(index.history)
