"""What is said to the person at the terminal beside the output: on standard error, a line each.

Every message goes through :func:`say`, which is where control characters end.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line, without_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index.state import Refreshed

_MAX_ERRORS = 3
_LONGEST = 300  # characters of what an error says
_PACKAGE = Path(__file__).parent.parent
_PATIENCE = 1.0  # seconds


def say(message: str, *, out: bool = False) -> None:
    """Print a message on standard error, or where it is what was asked for on standard ``out``."""
    stream = sys.stdout if out else sys.stderr
    stream.write(f"{without_controls(message)}\n")
    stream.flush()


def say_error(error: object) -> None:
    """Print an error, under the name of the program; of a query, with the place in it."""
    say(f"evidence-search: {error}")


def say_fault(error: Exception) -> None:
    """Say, on one line, that the program itself is at fault, and where in it."""
    from traceback import extract_tb

    paths = [(Path(frame.filename), frame.lineno) for frame in extract_tb(error.__traceback__)]
    path, number = next(place for place in reversed(paths) if _PACKAGE in place[0].parents)
    place = f"{path.relative_to(_PACKAGE.parent)}, line {number}"
    said = line(f"{type(error).__name__}: {error}")[:_LONGEST]
    say_error(
        f"stopped by a fault of its own ({said}; {place}); what was there before is as it was; "
        "please report this line, and what was typed"
    )


def warn(error: EvidenceSearchError) -> None:
    """Say that the index couldn't be brought up to date."""
    say_error(str(error))


def say_problems(refreshed: Refreshed) -> None:
    """Say, a line each, what kept the first files or entries from being read."""
    errors = [problem for problem in refreshed.problems if problem.severity == "error"]
    for problem in errors[:_MAX_ERRORS]:
        say(line(str(problem)))


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with what is done and all there is to do.

    It draws a bar on standard error, where that is a terminal and the work
    has taken a second.
    """
    begun = time.monotonic()
    with ExitStack() as stack:
        bar: Any = None  # click doesn't export the type

        def advance(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                if not sys.stderr.isatty() or time.monotonic() - begun < _PATIENCE:
                    return
                import click  # a search that only says something doesn't wait for it

                bar = stack.enter_context(
                    click.progressbar(length=total, label=label, file=sys.stderr)
                )
            bar.update(done - bar.pos)

        yield advance
