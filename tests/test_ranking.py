"""Which record comes first, and why: one test for each thing that ranking promises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

import evidence_search as es
from evidence_search import feedback
from evidence_search.documents import RANKING
from evidence_search.evaluation import evaluate, read_topics, setting
from evidence_search.planning import Weights
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from tests.conftest import Run

Make = Callable[[Sequence[tuple[str, str]]], "EvidenceIndex"]
FILLER = "A report on several towns, with figures for each of them and for all together."


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return a function that indexes records, given as title and summary."""
    opened: list[EvidenceIndex] = []

    def index(records: Sequence[tuple[str, str]]) -> EvidenceIndex:
        _write(tmp_path / "corpus", "records.jsonl", records)
        opened.append(es.open(tmp_path / "corpus", tmp_path / "index"))
        return opened[-1]

    yield index
    for one in opened:
        one.close()


def _write(corpus: Path, name: str, records: Sequence[tuple[str, str]]) -> None:
    corpus.mkdir(exist_ok=True)
    lines = (json.dumps({"title": title, "summary": summary}) for title, summary in records)
    (corpus / name).write_text("\n".join(lines), encoding="utf-8")


def titles(index: EvidenceIndex, query: str, **options: bool) -> list[str]:
    return [hit.record.title for hit in index.search(query, limit=50, **options)]  # type: ignore[arg-type]


def test_a_word_of_the_title_counts_more_than_one_of_the_summary(make: Make) -> None:
    index = make([("Towns", f"Zebra. {FILLER}"), ("Zebra", f"Towns. {FILLER}")])
    assert titles(index, "zebra") == ["Zebra", "Towns"]


def test_a_rare_word_counts_more_than_a_common_one(make: Make) -> None:
    common = [(f"Street {n}", "A street of houses.") for n in range(9)]
    index = make([*common, ("Zebras", "An animal in parks."), ("Street ten", "More of the same.")])
    assert titles(index, "street zebra")[0] == "Zebras"


def test_a_short_record_comes_before_a_long_one_that_says_as_much(make: Make) -> None:
    index = make([("A", f"Zebra. {FILLER} {FILLER}"), ("B", "Zebra. Nothing else.")])
    assert titles(index, "zebra") == ["B", "A"]


def test_a_word_that_is_typed_twice_counts_twice(make: Make) -> None:
    index = make([("A", "Zebra in one town."), ("B", "Giraffe in one town.")])
    assert titles(index, "zebra zebra giraffe") == ["A", "B"]
    assert titles(index, "zebra giraffe giraffe") == ["B", "A"]


@pytest.mark.parametrize("every_word", [False, True])
def test_words_come_first_where_they_stand_together_then_where_near(
    make: Make, every_word: bool
) -> None:
    index = make(
        [
            ("A", "Zebra was seen by many people and by few, once, twice, and more on a crossing."),
            ("B", "Zebra was seen on a crossing by many people and by few, once, twice, and more."),
            ("C", "Zebra crossing was seen on a by many people and by few, once, twice, and more."),
        ]
    )
    assert titles(index, "zebra crossing", every_word=every_word) == ["C", "B", "A"]
    assert titles(index, "crossing zebra", every_word=every_word)[0] == "C"


def test_every_word_must_match_when_asked(make: Make) -> None:
    index = make([("A", "Zebra."), ("B", f"Zebra crossing. {FILLER}"), ("C", "Crossing, a zebra.")])
    assert sorted(titles(index, "zebra crossing", every_word=True)) == ["B", "C"]
    assert sorted(titles(index, "zebra crossing")) == ["A", "B", "C"]


def test_records_that_match_alike_are_in_the_order_of_their_ids(make: Make) -> None:
    index = make([(f"Zebra {n}", FILLER) for n in (3, 1, 2)])
    hits = index.search("zebra").hits
    assert len({hit.score for hit in hits}) == 1
    assert [hit.record.id for hit in hits] == sorted(hit.record.id for hit in hits)


def test_scores_do_not_depend_on_how_the_corpus_was_indexed(make: Make, tmp_path: Path) -> None:
    records = [(f"Zebra {n}", f"{'Crossing. ' * n}{FILLER}") for n in range(12)]
    whole = make(records)
    corpus = tmp_path / "grown"
    for n in range(0, 12, 2):
        _write(corpus, f"{n}.jsonl", records[n : n + 2])
        es.open(corpus, tmp_path / "grown-index").close()
    with es.open(corpus, tmp_path / "grown-index") as grown:
        for query in ("zebra", "zebra crossing", "towns figures crossing"):
            alike = (
                [(h.record.id, h.score) for h in i.search(query, limit=20)] for i in (whole, grown)
            )
            assert next(alike) == next(alike)


def test_a_common_related_word_does_not_make_a_rare_synonym_common(
    make: Make, tmp_path: Path
) -> None:
    concept = '[[concept]]\npreferred = "okapi"\nsynonyms = ["zebra"]\nrelated = ["animals"]\n'
    other = '[[concept]]\npreferred = "animals"\n'
    herds = [(f"Herd {n}", "Many animals.") for n in range(9)]
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "thesaurus.toml").write_text(f"{concept}\n{other}", encoding="utf-8")
    index = make([*herds, ("Trams", "Like a zebra."), ("Report", "On trams. On trams too.")])
    found = {hit.record.title: hit.score for hit in index.search("okapi", limit=20)}
    alone = {hit.record.title: hit.score for hit in index.search("zebra", exact=True)}
    assert found["Trams"] > 0.5 * alone["Trams"] > found["Herd 1"] > 0


HERD = [
    ("Zebra", "Stripes and savannah, savannah and stripes."),
    ("Zebra herds", "Stripes of the savannah."),
    ("Okapi", "Stripes, in a forest rather than a savannah."),
    ("Trams", "Rails and wires."),
]


def test_feedback_finds_the_record_that_uses_other_words(make: Make) -> None:
    index = make(HERD)
    assert titles(index, "zebra") == ["Zebra", "Zebra herds"]
    assert titles(index, "zebra", feedback=True)[:3] == ["Zebra", "Zebra herds", "Okapi"]
    assert "Trams" not in titles(index, "zebra", feedback=True)


def test_feedback_says_which_words_it_added(make: Make) -> None:
    added = make(HERD).search("zebra", feedback=True).added
    assert {"stripes", "savannah"} <= {a.text for a in added if a.kind == "feedback"}
    assert "zebra" not in {a.text for a in added}
    assert len(added) <= feedback.TERMS


@pytest.mark.parametrize(
    "query", ["+zebra herds", '"zebra herds"', "zebra NOT herds", "title:zebra"]
)
def test_feedback_finds_nothing_more_where_the_query_says_what_must_match(
    make: Make, query: str
) -> None:
    index = make(HERD)
    assert sorted(titles(index, query, feedback=True)) == sorted(titles(index, query))
    everything = titles(index, "stripes forest", every_word=True, feedback=True)
    assert everything == titles(index, "stripes forest", every_word=True) == ["Okapi"]


@pytest.mark.parametrize("query", ["", "unicorn", "category:K"])
def test_feedback_on_nothing_changes_nothing(make: Make, query: str) -> None:
    index = make(HERD)
    assert titles(index, query, feedback=True) == titles(index, query)


def test_the_command_searches_with_feedback(run: Run) -> None:
    done = run("throughcare", "--feedback", "--exact")
    assert "From the best records: " in done.stdout
    assert "Also searched" not in done.stdout


def test_searches_in_a_searchers_own_words_find_what_they_should(e5: EvidenceIndex) -> None:
    topics = read_topics(ROOT / "tests" / "topics" / "e5.tsv")
    found = evaluate(e5, topics)
    assert found.unknown == ()
    assert found.mean.ndcg >= 0.93
    assert found.mean.ndcg >= evaluate(e5, topics, setting("exact")).mean.ndcg + 0.1


def test_the_weights_that_the_page_on_ranking_tells_are_those_in_use() -> None:
    text = (ROOT / "docs" / "ranking.md").read_text(encoding="utf-8").partition("## How")[0]
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([0-9][^|]*?) \|$", text, re.MULTILINE))
    weights, of_fields = Weights(), RANKING.weights
    told = {
        name: [float(n) for n in re.findall(r"[0-9.]*[0-9]", row)] for name, row in rows.items()
    }
    assert told["k1"] == [RANKING.k1]
    assert told["b of title, summary, keywords"] == [RANKING.b.get("title", 0.75)]
    assert told["b of all other fields"] == [RANKING.b["publisher"]]
    assert told["weight of the title"] == [of_fields["title"]]
    assert told["of publisher, jurisdiction, keywords, authors"] == [of_fields["publisher"]]
    assert {of_fields[name] for name in ("jurisdiction", "keyword", "author")} == {1.5}
    assert told["of category and cell names"] == [of_fields["category"]] == [of_fields["cell"]]
    assert told["of the journal"] == [of_fields["journal"]]
    assert told["two words that stand together"] == [weights.together, weights.together_slop + 1]
    assert told["synonyms; narrower; related terms"] == [
        weights.synonym, weights.narrower, weights.related
    ]  # fmt: skip
    assert told["words typed as one; words in order with stop words"] == [
        weights.as_one, weights.order
    ]  # fmt: skip
    assert told["one word of a term of several"] == [weights.part]
    assert told['a word written as two ("data base")'] == [weights.apart]
