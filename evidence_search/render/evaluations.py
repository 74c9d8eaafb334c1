"""Measures of topics for people and programs; one setting, or two compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line
from evidence_search.render.phrases import counted
from evidence_search.spreadsheet import value_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.evaluation import Comparison, Evaluation
    from evidence_search.evaluation.measures import Measures
    from evidence_search.render.style import Style

    Report = tuple[list[Evaluation], Comparison | None]

LABELS = ("nDCG@10", "AP", "R@100")
"""What the measures are called, as ir-measures has it."""

_QUERY_SHOWN = 60


def text(report: Report, _: Style) -> Iterator[str]:
    """Yield a table of topics, then means and, of two settings, what differs."""
    evaluations, comparison = report
    names = [evaluation.setting.name for evaluation in evaluations]
    width = max(map(len, ("differs", *names)))
    if comparison is None:
        yield _row(LABELS, "topic")
        for topic, measures in zip(evaluations[0].topics, evaluations[0].measures, strict=True):
            yield _row(_figures(measures), f"{topic.id} {_shown(topic.query)}")
        yield "\n"
        yield _row(_figures(evaluations[0].mean), _counted(evaluations[0]))
        return
    yield _row((*names, "differs"), f"topic, {LABELS[0]}", width)
    first, second = evaluations
    for topic, one, other in zip(first.topics, first.measures, second.measures, strict=True):
        figures = _figures((one.ndcg, other.ndcg))
        differs = f"{other.ndcg - one.ndcg:+.4f}"
        yield _row((*figures, differs), f"{topic.id} {_shown(topic.query)}", width)
    yield "\n"
    yield _row((*names, "differs", "p"), _counted(first), width)
    for label, *means, difference, p in zip(
        LABELS, first.mean, second.mean, *comparison, strict=True
    ):
        yield _row((*_figures(means), f"{difference:+.4f}", f"{p:.4f}"), label, width)


def _row(cells: Iterable[str], last: str, width: int = 7) -> str:
    return "  ".join([*(f"{line(cell):>{width}}" for cell in cells), last]) + "\n"


def _figures(measures: Iterable[float]) -> list[str]:
    return [f"{value:.4f}" for value in measures]


def _shown(query: str) -> str:
    query = line(query)
    return query if len(query) <= _QUERY_SHOWN else query[: _QUERY_SHOWN - 1] + "…"


def _counted(evaluation: Evaluation) -> str:
    return f"mean of {counted(len(evaluation.topics), 'topic')}"


def as_json(report: Report) -> Iterator[str]:
    """Yield one JSON object: settings with means and topics; of two, the differences and p."""
    evaluations, comparison = report
    value: dict[str, Any] = {
        "settings": [
            {
                "setting": evaluation.setting.name,
                "mean": _named(evaluation.mean),
                "topics": [
                    {"id": topic.id, "query": topic.query, **_named(measures)}
                    for topic, measures in zip(evaluation.topics, evaluation.measures, strict=True)
                ],
                "unknown": list(evaluation.unknown),
            }
            for evaluation in evaluations
        ]
    }
    if comparison is not None:
        value["difference"] = _named(comparison.difference)
        value["p"] = _named(comparison.p)
    yield json.dumps(value, indent=2) + "\n"


def _named(measures: Measures) -> dict[str, float]:
    return {label: round(value, 6) for label, value in zip(LABELS, measures, strict=True)}


def tsv(report: Report) -> Iterator[str]:
    """Yield a line for each setting and topic, with a header; means and p are for other formats."""
    evaluations, _ = report
    yield "\t".join(("setting", "topic", *LABELS, "query")) + "\n"
    for evaluation in evaluations:
        for topic, measures in zip(evaluation.topics, evaluation.measures, strict=True):
            cells = (evaluation.setting.name, topic.id, *_figures(measures), topic.query)
            yield "\t".join(str(value_cell(cell)) for cell in cells) + "\n"
