"""The problems of a file as they are told: the first of them one by one, and how many more."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from evidence_search.records import Problem
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence_search.records import Source

MOST = 1000
"""Problems of a severity that are told one by one: what is said of a line may be the longer."""
MORE = "more-problems"
"""The code of the problem that says how many aren't told."""
_MOST_TOLD = 600
"""Characters of a message; of a longer one, which quotes the file, the middle is left out."""


class Problems:
    """Problems of one file, noted one after the other."""

    def __init__(self, found: Iterable[Problem] = ()) -> None:
        self._told: list[Problem] = []
        self._counts: Counter[str] = Counter()
        self._last: dict[str, Source] = {}
        for problem in found:
            self.add(problem)

    def add(self, problem: Problem) -> None:
        """Note a problem."""
        if problem.code != MORE:
            self._counts[problem.severity] += 1
            self._last[problem.severity] = problem.source
        if self._counts[problem.severity] <= MOST or problem.code == MORE:
            self._told.append(replace(problem, message=shortened(problem.message)))

    def told(self) -> tuple[Problem, ...]:
        """Return the problems, with one that says how many of a severity aren't among them."""
        more = (
            Problem(
                self._last[severity], severity, MORE,
                f"found {count - MOST} more {severity}s up to here: mend these first",
            )
            for severity, count in self._counts.items()
            if count > MOST
        )  # fmt: skip
        return (*self._told, *more)


def shortened(message: str) -> str:
    """Return a message without the middle of what it quotes at length: its advice stands last."""
    if len(message) <= _MOST_TOLD:
        return message
    half = _MOST_TOLD // 2
    return f"{message[:half]} … {message[-half:]}"
