"""Patterns that are compiled when they are first used.

Readers know hundreds of patterns, of which the files that one command reads need some: compiling
all of them took that command a tenth of its time.  Modules whose patterns are needed by most
commands, or that have few, compile theirs when they are imported.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _LazyPattern:
    """Stands for a pattern until it is asked for anything, and then answers as that."""

    def __init__(self, text: str, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        answer = getattr(re.compile(self._text, self._flags), name)  # compiled once: re keeps it
        setattr(self, name, answer)  # asked for the next time, it is found before this method
        return answer


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what ``re.compile`` does, for all that has attributes and methods of it asked for.

    ``flags`` (default: none) are those of :mod:`re`.  A ``text`` that is no
    pattern raises ``re.error`` when it is first used.
    """
    return cast("re.Pattern[str]", _LazyPattern(text, flags))
