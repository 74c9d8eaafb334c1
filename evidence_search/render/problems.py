"""What a check of the corpus found, for people, editors and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.render.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.checking import Checked
    from evidence_search.records import Problem
    from evidence_search.render.style import Style


def text(check: tuple[Iterable[Problem], Checked], _: Style) -> Iterator[str]:
    """Yield problems as linters write them, which editors and CI know: file:line:column: …

    Each as it is found; :func:`summary` says the rest when all are.
    """
    problems, _checked = check
    for problem in problems:
        yield f"{line(str(problem))}\n"


def summary(checked: Checked) -> str:
    """Return what was checked and how much was found, in one line."""
    of = f"in {counted(checked.records)} of {counted(checked.files, 'file')}"
    if not checked.problems:
        return f"No problems {of}"
    return f"{counted(checked.errors, 'error')}, {counted(checked.warnings, 'warning')} {of}"


def as_json(check: tuple[Iterable[Problem], Checked]) -> str:
    """Return all problems, and how many there are, as one JSON object."""
    found, checked = check
    problems = [as_dict(problem) for problem in found]
    counts = {
        "files": checked.files,
        "records": checked.records,
        "errors": checked.errors,
        "warnings": checked.warnings,
    }
    return json.dumps({**counts, "problems": problems}, indent=2) + "\n"


def as_dict(problem: Problem) -> dict[str, str | int]:
    """Return a problem and its place as JSON values."""
    return {
        "path": problem.source.path,
        "line": problem.source.line,
        "column": problem.source.column,
        "end_line": problem.source.end_line or problem.source.line,
        "end_column": problem.source.end_column or problem.source.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
    }
