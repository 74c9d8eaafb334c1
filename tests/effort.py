"""How much work a program does: a count, which is the same on an idle machine and a busy one."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

CEILING = 30.0
"""Processor seconds; what is tried under it takes less than one, or minutes where it is faulty."""


def steps(work: Callable[[], object]) -> int:
    """Return how many lines of Python a call runs, a loop's on each round, and C calls it makes."""
    count = 0

    def trace(*_: object) -> Callable[..., Any]:
        nonlocal count
        count += 1
        return trace

    def profile(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event == "c_call"

    tracing, profiling = sys.gettrace(), sys.getprofile()
    sys.setprofile(profile)
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(tracing)
        sys.setprofile(profiling)
    return count


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Tell whether four times the size takes at most five times the steps: not sixteen times."""
    work(1)  # what is imported or compiled late
    return steps(lambda: work(4 * size)) < 5 * steps(lambda: work(size)) + 1000


@contextmanager
def ceiling(seconds: float = CEILING) -> Iterator[None]:
    """Fail what never ends, or as good as: after ``seconds`` of this process's own work.

    It is no measure of speed: other programs don't count, and what is right is far from it.
    """

    def stop(*_: object) -> None:
        raise AssertionError(f"expected an end, found it at work after {seconds} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
