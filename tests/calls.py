"""A plugin of pytest: which functions of the package each test calls, and how long it takes.

``pytest -p tests.calls`` writes that to the file in ``EVIDENCE_SEARCH_CALLS``, a line for each
test: its seconds, its name, and the functions, each as its file and the line that it begins on.
Functions that a test calls in another process aren't seen; one that runs the command, which may
call any, has ``*`` among them.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import evidence_search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

_PACKAGE = str(Path(evidence_search.__file__).parent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Watch a test with its fixtures."""
    called: set[CodeType] = set()

    def watch(frame: FrameType, _event: str, _: object) -> None:
        called.add(frame.f_code)

    began = time.perf_counter()
    threading.settrace(watch)
    sys.settrace(watch)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        threading.settrace(None)
        took = time.perf_counter() - began
        ours = (code for code in called if code.co_filename.startswith(_PACKAGE))
        places = sorted(
            f"{Path(code.co_filename).relative_to(_PACKAGE)}:{code.co_firstlineno}" for code in ours
        )
        with Path(os.environ["EVIDENCE_SEARCH_CALLS"]).open("a", encoding="utf-8") as file:
            any_ = ["*"] if "run" in getattr(item, "fixturenames", ()) else []
            file.write("\t".join([f"{took:.3f}", item.nodeid, *any_, *places]) + "\n")
