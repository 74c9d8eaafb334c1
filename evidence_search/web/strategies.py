"""A strategy on the page: its lines run one by one, checked, and held against known papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from evidence_search.calls.answers import papers_of
from evidence_search.render.strategies import language, remarks
from evidence_search.strategies.execution import run_strategy
from evidence_search.strategies.lint import lint
from evidence_search.strategies.recall import ids_of, recall
from evidence_search.strategies.report import report
from evidence_search.strategies.strategy import MAX_LENGTH, read_strategy
from evidence_search.web.asked import Asked

if TYPE_CHECKING:
    from evidence_search.calls.desk import Desk
    from evidence_search.strategies.execution import LineRun
    from evidence_search.strategies.report import Report

_MAILED = 2_000
"""Characters of an address that mail programs and browsers take whole."""
_MOST_ASKED = 5_000


class Row(NamedTuple):
    """A line that ran, the address of its records, and how many known papers it finds."""

    line: LineRun
    address: str
    known: int


def drawn(desk: Desk, text: str, known: str) -> dict[str, Any]:
    """Return what the page shows of a strategy and known papers; of no text an empty form.

    Raises :class:`StrategyError` for a strategy that can't be read, and
    :class:`RecordNotFoundError` for a line that is neither of an export nor an id.
    """
    values: dict[str, Any] = {
        "run": None, "recall": None, "wrong": "", "text": text, "known": known, "mailed": "",
        "most": MAX_LENGTH,
    }  # fmt: skip
    if not text.strip():
        return values
    index = desk.index
    run = run_strategy(index, read_strategy(text))
    papers = papers_of(index, known)
    held = recall(run, index, papers) if papers else None
    desk.keep_strategy("page", run)
    found = {item.number: item.found for item in held.lines} if held else {}
    pairs = [("text", text), *([("known", known)] if known.strip() else [])]
    address = f"/strategy?{urlencode(pairs)}"
    return values | {
        "run": run,
        "recall": held,
        "language": language(run),
        "remarks": [*remarks(run)],
        "problems": lint(run, index, ids_of(papers, index) if papers else None),
        "rows": [Row(one, _records(one), found.get(one.line.number, 0)) for one in run],
        "mailed": address if len(address) <= _MAILED else "",
    }


def reported(desk: Desk, text: str) -> Report:
    """Return the report of a strategy.  Raises :class:`StrategyError`."""
    run = run_strategy(desk.index, read_strategy(text))
    desk.keep_strategy("page", run)
    return report(run, desk.index)


def _records(line: LineRun) -> str:
    """Return the address of the records of a line, nothing where it would be too long."""
    query = line.searched
    if len(query) > _MOST_ASKED:
        return ""
    return Asked(query, switches=frozenset({"exact"})).address()
