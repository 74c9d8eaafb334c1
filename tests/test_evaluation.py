"""The measures agree with ir-measures, and cell E5's searches reach their goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.errors import CorpusError
from evidence_search.evaluation import measure, paired_test, read_topics

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.sampled_from("abcdefgh")


@given(
    st.lists(NAMES, unique=True, min_size=1), st.dictionaries(NAMES, st.integers(1, 2), min_size=1)
)
def test_the_measures_are_those_of_ir_measures(ranking: list[str], judged: dict[str, int]) -> None:
    ours = measure(ranking, judged)
    run = {"q": {name: float(-rank) for rank, name in enumerate(ranking)}}
    wanted = [ir_measures.nDCG @ 10, ir_measures.AP, ir_measures.R @ 100]
    theirs = ir_measures.calc_aggregate(wanted, {"q": judged}, run)
    assert [ours.ndcg, ours.average_precision, ours.recall] == pytest.approx(
        [theirs[m] for m in wanted]
    )


def test_equal_settings_do_not_differ_and_opposite_ones_do() -> None:
    assert paired_test([0.5] * 20, [0.5] * 20) == 1.0
    assert paired_test([0.9] * 20, [0.1] * 20) < 0.01


def test_a_topic_that_is_malformed_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "topics.tsv"
    path.write_text("# comment\nprison\t2:A\nprobation\tB\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"topics\.tsv:3: expected grade:document"):
        read_topics(path)
