"""The commands that look into a corpus, run as a searcher does."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from evidence_search.concordance import Concordance, Line
from evidence_search.errors import QueryError
from evidence_search.index import EvidenceIndex
from evidence_search.query import columns
from evidence_search.records import Source, StudyRecord
from evidence_search.render import concordances
from evidence_search.render.style import Style
from evidence_search.search import Provenance, Search
from tests.effort import ceiling

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run


def test_facets_draws_bars_with_places_under_the_place_they_lie_in(run: Run) -> None:
    drawn = run("facets", "-f", "jurisdiction").stdout.splitlines()
    assert drawn[:3] == ["20 records", "", "Jurisdiction"]
    uk = next(i for i, row in enumerate(drawn) if row.startswith("  UK "))
    assert drawn[uk + 1].startswith("    England ")
    assert drawn[uk].count("█") == 24
    assert len(run("facets").stdout) > len(run("facets", "prison", "-c", "guidance").stdout)


def test_facets_for_programs(run: Run) -> None:
    counts = json.loads(run("facets", "prison", "--format", "json").stdout)
    rows = list(
        csv.DictReader(
            io.StringIO(run("facets", "prison", "--format", "tsv").stdout), delimiter="\t"
        )
    )
    assert {(r["facet"], r["label"]): int(r["records"]) for r in rows} == {
        (facet, label): n for facet, labels in counts.items() for label, n in labels.items()
    }
    assert {r["label"]: r["depth"] for r in rows}["Scotland"] == "1"


def test_a_filter_for_what_is_not_there_is_one_clear_line(run: Run) -> None:
    done = run("facets", "--row", "zebra")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("there are: Safeguarding the community")


def test_similar_finds_the_like_of_a_record_and_not_itself(e5: EvidenceIndex) -> None:
    given = e5.get("alcohol-e5-implementing")
    found = e5.similar(given)
    assert "domestic" in found.query.split()
    assert {hit.record.title for hit in found[:2]} == {
        "Working together to prevent domestic violence and abuse",
        "Lessons from drink-related domestic homicides",
    }
    everything = e5.similar(given.id, limit=None)
    assert given.id not in {hit.record.id for hit in everything}
    assert len(everything) == everything.total
    paged = [hit for n in range(0, 20, 3) for hit in e5.similar(given, limit=3, offset=n)]
    assert [hit.record.id for hit in paged] == [hit.record.id for hit in everything]
    assert all("Wales" in h.record.jurisdictions for h in e5.similar(given, jurisdiction="Wales"))


def test_records_that_are_equally_like_one_come_in_order_of_their_ids(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    words = ("tale", "yard", "xray", "west")  # the order of files isn't that of ids
    for name, word in zip("abcd", words, strict=True):
        entry = {"title": f"Ponies in clinics {word}", "year": 2011}
        (folder / f"{name}.jsonl").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    with EvidenceIndex(folder, tmp_path / "index") as index:
        index.refresh()
        (asked,) = (record for record in index.records if record.title.endswith("tale"))
        names = [hit.record.id for hit in index.similar(asked, limit=None)]
        assert len(names) == 3
        assert names == sorted(names)


def test_a_record_from_elsewhere_has_its_like_here(e5: EvidenceIndex) -> None:
    title = "Supporting prisoners on release from prison"
    found = e5.similar(StudyRecord("other", title, Source("elsewhere.txt", 1)))
    assert "prison" in found[0].record.summary.casefold()
    assert not e5.similar(StudyRecord("none", "Zebras", Source("elsewhere.txt", 1)))


def test_explain_says_how_a_query_is_read_and_why_a_record_is_found(e5: EvidenceIndex) -> None:
    hit = e5.search("drink driving scotland")[0]
    explained = e5.explain("drink driving scotland", hit.record.id)
    assert explained.read_as == "drink driving scotland"
    assert [word.word for word in explained.words] == ["drink", "driving", "scotland"]
    assert all(word.records > 0 for word in explained.words)
    assert explained.tree[0].startswith("any of")
    assert explained.record is not None
    assert (explained.record.matches, explained.record.rank) == (True, 1)
    assert explained.record.score == pytest.approx(hit.score)
    assert sum(s.score for s in explained.record.shares) == pytest.approx(hit.score)


def test_explain_says_what_a_record_lacks_and_what_would_find_it(e5: EvidenceIndex) -> None:
    query = '"drink drivers" OR drivers AND scotland'
    record = "alcohol-e5-managing"
    for asked, lacks in [
        ("title:drink-drivers AND scotland", ["scotland"]),
        ("prison", ["prison"]),
    ]:
        judged = e5.explain(asked, record).record
        assert judged is not None
        assert not judged.matches
        assert list(judged.missing) == lacks
        for instead in judged.instead:
            found = e5.search(instead.query, limit=None)
            assert found.total == instead.total
            assert any(hit.record.id.startswith(record) for hit in found)
    judged = e5.explain(query, record, year=1950).record
    assert judged is not None
    assert judged.missing == ("the filter for year",)


def test_kwic_gives_each_place_with_what_stands_there(e5: EvidenceIndex) -> None:
    lines = e5.kwic("offend*", width=15)
    texts = {(r.id, f): getattr(r, f) for r in e5.records for f in ("title", "summary")}
    for place in lines:
        text = texts[place.record, place.field]
        end = place.start + len(place.match)
        assert text[place.start : end] == place.match
        assert text.startswith(place.right, end)
        assert text[: place.start].endswith(place.left)
        assert max(len(place.left), len(place.right)) <= 15
    written = sum(len(re.findall(r"\boffend", text, re.IGNORECASE)) for text in texts.values())
    assert len(lines) == written
    rights = [place.right.split()[:1] for place in e5.kwic("prison", sort="right")]
    assert rights == sorted(rights, key=lambda words: [w.casefold() for w in words])
    assert {place.match for place in e5.kwic('"child protection"')} == {"child protection"}
    assert not e5.kwic("jail")  # only the word itself


def test_explanations_and_concordances_print_as_in_the_shell(
    e5: EvidenceIndex,
) -> None:
    assert "It matches: number" in str(e5.explain("drink driving", "alcohol-e5-managing"))
    _, _, *shown = repr(e5.kwic("probation")).splitlines()
    assert len({row.lower().index("probation", 10) for row in shown}) == 1
    assert repr(e5.kwic("unicorn")) == "0 places in 0 records for “unicorn”"


@pytest.mark.parametrize("options", [{"sort": "size"}, {"width": -1}])
def test_kwic_refuses_what_means_nothing(e5: EvidenceIndex, options: dict[str, object]) -> None:
    with pytest.raises(QueryError, match="expected a sort of"):
        e5.kwic("prison", **options)  # type: ignore[arg-type]


def test_similar_explain_and_kwic_from_the_shell(run: Run) -> None:
    found = run("similar", "alcohol-e5-managing", "--format", "lines").stdout.splitlines()
    assert len(found) == 10
    drawn = run("explain", "drink", "drivng", "alcohol-e5-managing").stdout
    assert "in no record; searched as “driving”" in drawn
    assert "It matches: number" in drawn
    value = json.loads(run("explain", "unicorn", "alcohol-e5-managing", "--format", "json").stdout)
    assert value["record"]["missing"] == ["unicorn"]
    heading, _, *rows = run("kwic", "probation").stdout.splitlines()
    assert heading == "2 places in 1 record for “probation”"
    assert len({row.lower().index("probation", 10) for row in rows}) == 1
    assert {row.split()[0] for row in rows} == {"1"}
    assert run("show", "1").stdout.startswith("Probation struggling to cope")


def test_an_empty_result_says_which_word_emptied_it(run: Run) -> None:
    drawn = run("prison", "scotland", "unicorn", "--all").stdout.splitlines()
    assert drawn[-3].startswith("No records match all of ")
    assert drawn[-2] == "Note: no record has unicorn"
    assert drawn[-1] == "  3 records without unicorn: prison AND scotland"
    assert "Did you mean: homicide (1 record)" in run("homicde", "--exact").stdout
    written = run("search", "homicde", "--format", "markdown").stdout
    assert "No record has “homicde”: searched “homicide”" in written


def test_a_concordance_keeps_its_column_with_wide_and_combining_characters() -> None:
    places = (
        Line("a-1", "title", 0, "酒と", "prison", " x"),
        Line("a-2", "title", 0, "e\u0301e\u0301e\u0301 ", "prison", "\n\x1b[31m y"),
    )
    found = Concordance(Search("prison"), Provenance(), 2, places)
    _, _, *rows = concordances.as_text(found, Style())
    before = [columns(row[: row.index("prison")]) for row in rows]
    assert before[0] == before[1]
    assert "\x1b" not in "".join(rows)


HOSTILE = ["a" * 1_000_000, "(" * 10_000, "*", "e* a* s* t*", "\x00\ud800\u202e", "🍺" * 99]
HOSTILE += ["zzzzqx " * 3000, "+" * 9999 + "a", '"' + "an e* " * 500 + '"', "a NEAR/9 " * 400 + "b"]
HOSTILE += [
    "(" + "al* OR " * 200 + "b) NEAR/9 (" + "pr* OR " * 200 + "c)",
    "qwrtzy AND " * 1000 + "x",
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda q: ascii(q[:12]))
def test_a_hostile_query_is_answered_in_bounded_work_by_every_command(
    e5: EvidenceIndex, query: str
) -> None:
    record = e5.records[0]
    for ask in (
        lambda: e5.search(query),
        lambda: e5.search(query, every_word=True, year=1950),
        lambda: e5.explain(query, record),
        lambda: e5.kwic(query),
        lambda: e5.facets(query),
    ):
        with ceiling():
            ask()


def test_the_vocabulary_has_words_of_texts_and_no_names_of_labels(e5: EvidenceIndex) -> None:
    words = e5.vocabulary()
    texts = [f"{record.title} {record.summary}".lower().split() for record in e5.records]
    assert words["families"] == sum("families" in text for text in texts) > 0
    assert all(word[0].isalnum() for word in words)
