"""How good a ranking is: small pure functions of a ranking and judgements.

Formulas: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
techniques" (2002) for nDCG, with the grade as gain, as trec_eval has it;
Buckley and Voorhees, "Evaluating evaluation measure stability" (2000) for
average precision; Smucker, Allan and Carterette, "A comparison of statistical
significance tests for information retrieval evaluation" (2007) for the paired
randomisation test.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Judgements = dict[str, int]
"""Grade by record; 0, less or absence is "not relevant"."""


class Measures(NamedTuple):
    """Of one ranking, or the means of many; each from 0 to 1."""

    ndcg: float
    average_precision: float
    recall: float


def ndcg(ranking: Sequence[str], judgements: Mapping[str, int], depth: int = 10) -> float:
    """Return nDCG at ``depth``: the sum of grade / log2(rank + 1), over that of the best order."""
    gains = [judgements.get(name, 0) for name in ranking[:depth]]
    best = sorted(judgements.values(), reverse=True)[:depth]
    ideal = _discounted(best)
    return _discounted(gains) / ideal if ideal else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return sum(max(gain, 0) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def average_precision(ranking: Sequence[str], judgements: Mapping[str, int]) -> float:
    """Return the mean, over all relevant records, of the precision where each stands."""
    relevant = _relevant(judgements)
    found, total = 0, 0.0
    for rank, name in enumerate(ranking, 1):
        if name in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


def recall(ranking: Sequence[str], judgements: Mapping[str, int], depth: int = 100) -> float:
    """Return the share of the relevant records that stand in the first ``depth``."""
    relevant = _relevant(judgements)
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else 0.0


def _relevant(judgements: Mapping[str, int]) -> set[str]:
    return {name for name, grade in judgements.items() if grade > 0}


def measure(ranking: Sequence[str], judgements: Mapping[str, int]) -> Measures:
    """Return all measures of one ranking; a record counts once, where it first stands."""
    ranking = list(dict.fromkeys(ranking))
    return Measures(
        ndcg(ranking, judgements),
        average_precision(ranking, judgements),
        recall(ranking, judgements),
    )


def mean(measures: Sequence[Measures]) -> Measures:
    """Return the mean of each measure; all 0 for none."""
    if not measures:
        return Measures(0.0, 0.0, 0.0)
    return Measures(*(sum(values) / len(measures) for values in zip(*measures, strict=True)))


def paired_test(a: Sequence[float], b: Sequence[float], rounds: int = 10_000) -> float:
    """Return the two-sided p-value that two settings differ, by paired randomisation.

    The signs of the differences are flipped at random ``rounds`` times, from
    a fixed seed, so that the same figures give the same p.
    """
    differences = [x - y for x, y in zip(a, b, strict=True) if x != y]
    observed = abs(sum(differences)) - 1e-12
    chance = random.Random(20020923)  # noqa: S311 - a simulation, not a secret
    extreme = 0
    for _ in range(rounds):
        signs = chance.getrandbits(len(differences)) if differences else 0
        flipped = sum(d if signs >> i & 1 else -d for i, d in enumerate(differences))
        extreme += abs(flipped) >= observed
    return (extreme + 1) / (rounds + 1)
