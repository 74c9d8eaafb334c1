"""Topics and judgements to measures of how good a ranking is.

Formulas: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
techniques" (2002) for nDCG, with the grade as gain, as
trec_eval has it; Buckley and Voorhees (2000) for average precision; the paired
randomisation test of Smucker, Allan and Carterette (2007).
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evidence_search.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

Judgements = dict[str, int]
"""Grade by document; 0 or absence is "not relevant"."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A query, and what is relevant to it."""

    id: str
    query: str
    judgements: Judgements


@dataclass(frozen=True, slots=True)
class Measures:
    """Of one ranking, or the means of many; each from 0 to 1."""

    ndcg: float
    average_precision: float
    recall: float


def ndcg(ranking: Sequence[str], judgements: Mapping[str, int], depth: int = 10) -> float:
    """Return nDCG at ``depth``: the sum of grade / log2(rank + 1), over that of the best order."""
    gains = [judgements.get(name, 0) for name in ranking[:depth]]
    best = sorted((grade for grade in judgements.values() if grade > 0), reverse=True)[:depth]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(max(gain, 0) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def average_precision(ranking: Sequence[str], judgements: Mapping[str, int]) -> float:
    """Return the mean, over all relevant documents, of the precision where each stands."""
    relevant = {name for name, grade in judgements.items() if grade > 0}
    found, total = 0, 0.0
    for rank, name in enumerate(ranking, 1):
        if name in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


def recall(ranking: Sequence[str], judgements: Mapping[str, int], depth: int = 100) -> float:
    """Return the share of the relevant documents that stand in the first ``depth``."""
    relevant = {name for name, grade in judgements.items() if grade > 0}
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def measure(ranking: Sequence[str], judgements: Mapping[str, int]) -> Measures:
    """Return all measures of one ranking."""
    return Measures(
        ndcg(ranking, judgements),
        average_precision(ranking, judgements),
        recall(ranking, judgements),
    )


def mean(measures: Sequence[Measures]) -> Measures:
    """Return the mean of each measure; all 0 for none."""
    n = max(len(measures), 1)
    return Measures(
        sum(m.ndcg for m in measures) / n,
        sum(m.average_precision for m in measures) / n,
        sum(m.recall for m in measures) / n,
    )


def evaluate(
    topics: Sequence[Topic], rank: Callable[[str], Sequence[str]]
) -> list[tuple[Topic, Measures]]:
    """Rank every topic's query, and measure; ``rank`` returns ids, best first."""
    return [(topic, measure(rank(topic.query), topic.judgements)) for topic in topics]


def paired_test(a: Sequence[float], b: Sequence[float], rounds: int = 10_000) -> float:
    """Return the two-sided p-value that two settings differ, by paired randomisation.

    The signs of the differences are flipped at random ``rounds`` times, from
    a fixed seed, so that the same figures give the same p.
    """
    differences = [x - y for x, y in zip(a, b, strict=True)]
    observed = abs(sum(differences))
    chance = random.Random(20020923)  # noqa: S311 - a simulation, not a secret
    extreme = sum(
        abs(sum(d if chance.random() < 0.5 else -d for d in differences)) >= observed - 1e-12
        for _ in range(rounds)
    )
    return (extreme + 1) / (rounds + 1)


def read_topics(path: Path, judgements: Path | None = None) -> list[Topic]:
    """Read topics with their judgements.

    A ``.tsv`` file of topics has, in each line, the query and then
    ``grade:document`` columns.  A folder has ``queries.jsonl`` (``id``,
    ``text``) and ``qrels.tsv`` (topic, document, grade); ``judgements`` names
    another file in the latter form, or in TREC's four columns.  Raises
    :class:`CorpusError` with file and line.
    """
    if path.is_dir():
        return _with_qrels(path / "queries.jsonl", judgements or path / "qrels.tsv")
    if path.suffix == ".jsonl":
        return _with_qrels(path, judgements or path.with_name("qrels.tsv"))
    topics: list[Topic] = []
    for number, line in _numbered(path):
        query, *columns = line.split("\t")
        graded = {}
        for column in columns:
            grade, colon, name = column.partition(":")
            if not colon or not grade.strip().isdigit():
                raise CorpusError(
                    f"{path}:{number}: expected grade:document, found {column[:40]!r}"
                )
            graded[name.strip()] = int(grade)
        topics.append(Topic(str(len(topics) + 1), query.strip(), graded))
    return topics


def _with_qrels(queries: Path, qrels: Path) -> list[Topic]:
    graded: dict[str, Judgements] = {}
    for number, line in _numbered(qrels):
        columns = line.split()
        try:
            judged, name, grade = columns[0], columns[-2], int(columns[-1])
        except (IndexError, ValueError):
            raise CorpusError(
                f"{qrels}:{number}: expected topic, document and grade, found {line[:40]!r}"
            ) from None
        graded.setdefault(judged, {})[name] = grade
    topics = []
    for number, line in _numbered(queries):
        try:
            values = json.loads(line)
            topic = Topic(str(values["id"]), values["text"], graded.get(str(values["id"]), {}))
        except (ValueError, KeyError, TypeError):
            raise CorpusError(
                f'{queries}:{number}: expected {{"id": …, "text": …}}, found {line[:40]!r}'
            ) from None
        if any(grade > 0 for grade in topic.judgements.values()):
            topics.append(topic)
    return topics


def _numbered(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path}: expected topics or judgements in UTF-8: {error}") from error
    return [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
