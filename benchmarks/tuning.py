"""Weights of ranking, one varied at a time, over topics whose good answers are known.

    python benchmarks/tuning.py COLLECTION... [--known-items] [--topics FILE...]

Each COLLECTION is a folder as ``evidence-search evaluate`` takes it, and is measured with its
own topics; with ``--known-items`` also as known-item search: the titles of up to 300
documents are the topics, and each finds the text of its document, indexed without title.
Topics files are about the corpus in ``corpus/``.

Prints a table in Markdown: nDCG@10, and in brackets the p-value of the paired
randomisation test against the weights in use.  The last
column is the mean of a row.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.documents import RANKING
from evidence_search.engines import Ranking
from evidence_search.evaluation import Topic, documents_of, open_collection, read_topics
from evidence_search.evaluation.measures import ndcg, paired_test
from evidence_search.index import EvidenceIndex
from evidence_search.planning import Weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KNOWN_ITEMS = 300
_WORDS = 30  # a shorter text hardly says what its title does


class Set(NamedTuple):
    """Topics, and the folders of the corpus and index that they are asked of."""

    name: str
    corpus: Path
    index: Path
    topics: list[Topic]


class Variant(NamedTuple):
    """What differs from the weights in use."""

    name: str
    ranking: Ranking = RANKING
    weights: Weights = Weights()
    options: Mapping[str, bool] = {}


def collections(folders: list[Path], scratch: Path, *, known_items: bool) -> Iterator[Set]:
    """Yield each collection with its topics, and if asked for as known-item search."""
    for folder in folders:
        documents = documents_of(folder)
        assert documents, f"{folder}: expected docs.jsonl"
        yield _set(folder.name, documents, scratch / folder.name, read_topics(folder))
        if not known_items:
            continue
        rows = [json.loads(line) for line in documents.read_text(encoding="utf-8").splitlines()]
        known = scratch / f"{folder.name}-known.jsonl"
        bare = ({"id": row["id"], "text": row.get("text", "")} for row in rows)
        known.write_text("\n".join(map(json.dumps, bare)), encoding="utf-8")
        titled = [
            Topic(row["id"], row["title"], {row["id"]: 1})
            for row in rows
            if row.get("title") and len(row.get("text", "").split()) >= _WORDS
        ]
        chosen = random.Random(1).sample(titled, min(len(titled), _KNOWN_ITEMS))  # noqa: S311 - no secret
        yield _set(f"{folder.name}, titles", known, scratch / known.stem, chosen)


def _set(name: str, documents: Path, cache: Path, topics: list[Topic]) -> Set:
    with open_collection(documents, cache) as index:
        return Set(name, index.corpus_folder, index.index_folder, topics)


def about_the_corpus(files: list[Path], scratch: Path) -> Iterator[Set]:
    """Yield each file of topics, with ids in place of titles."""
    corpus = Path(__file__).parent.parent / "corpus"
    for path in files:
        with EvidenceIndex(corpus, scratch / "index") as index:
            index.refresh()
            ids = {record.title: record.id for record in index.records}
        topics = [
            topic._replace(judgements={ids.get(n, n): g for n, g in topic.judgements.items()})
            for topic in read_topics(path)
        ]
        yield Set(path.stem, corpus, scratch / "index", topics)


def variants() -> Iterator[Variant]:
    """Yield the weights in use, then the others."""
    yield Variant("as in use")
    for k1 in (0.6, 0.9, 1.5, 2.0, 3.0):
        yield Variant(f"k1 {k1}", _ranking(k1=k1))
    for b in (0.3, 0.5, 0.6, 0.9, 1.0):
        fields = dict.fromkeys(("title", "summary", "keyword"), b)
        yield Variant(f"b {b}", _ranking(b={**RANKING.b, **fields}))
    for field, values in {
        "title": (1.0, 2.0, 4.0, 5.0),
        "publisher": (0.5, 1.0, 3.0),
        "jurisdiction": (0.5, 1.0, 3.0),
        "category": (0.1, 1.0, 2.0),
        "cell": (0.1, 1.0, 2.0),
        "compound": (0.1, 0.5, 2.0),
    }.items():
        for weight in values:
            changed = {**RANKING.weights, field: weight}
            yield Variant(f"{field} {weight}", _ranking(weights=changed))
    for name, values in {
        "together": (0.0, 0.25, 0.75, 1.0),
        "as_one": (0.0, 0.3, 0.5, 1.0),
        "order": (0.0, 0.1, 0.6, 1.0),
        "synonym": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        "narrower": (0.0, 0.25, 0.75),
        "related": (0.0, 0.02, 0.1, 0.2, 0.4),
        "apart": (0.0, 0.2, 0.6, 1.0),
    }.items():
        for weight in values:
            yield Variant(f"{name} {weight}", weights=Weights()._replace(**{name: weight}))
    for slop in (0, 1, 3, 15, 30):
        yield Variant(f"together within {slop + 1}", weights=Weights(together_slop=slop))
    yield Variant("exact", options={"exact": True})
    yield Variant("feedback", options={"feedback": True})


def _ranking(**changed: Any) -> Ranking:
    values = {"k1": RANKING.k1, "weights": RANKING.weights, "b": RANKING.b, **changed}
    return Ranking(**values)


def measured(where: Set, variant: Variant) -> list[float]:
    """Return the nDCG@10 of each topic."""
    with EvidenceIndex(
        where.corpus, where.index, ranking=variant.ranking, weights=variant.weights
    ) as index:
        return [
            ndcg(index.rank(topic.query, limit=10, **variant.options), topic.judgements)
            for topic in where.topics
        ]


def main() -> None:
    """Measure every variant on every set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("collections", nargs="*", type=Path, metavar="COLLECTION")
    parser.add_argument("--known-items", action="store_true")
    parser.add_argument("--topics", nargs="*", type=Path, default=[], metavar="FILE")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sets = [
            *collections(arguments.collections, scratch, known_items=arguments.known_items),
            *about_the_corpus(arguments.topics, scratch),
        ]
        print("| | " + " | ".join(f"{s.name} ({len(s.topics)})" for s in sets) + " | mean |")
        print("| --- |" + " ---: |" * (len(sets) + 1))
        base: list[list[float]] = []
        for variant in variants():
            found = [measured(where, variant) for where in sets]
            base = base or found
            means = [sum(values) / len(values) for values in found]
            cells = [
                f"{mean:.3f}"
                + (f" ({paired_test(values, known, 1000):.2f})" if values != known else "")
                for mean, values, known in zip(means, found, base, strict=True)
            ]
            mean = sum(means) / len(means)
            print(f"| {variant.name} | {' | '.join(cells)} | {mean:.4f} |", flush=True)


if __name__ == "__main__":
    main()
