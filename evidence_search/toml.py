"""The text of a TOML file as values, in time that grows with its length and no faster."""

from __future__ import annotations

import sys
from typing import Any

MAX_DOTS = 1_000
"""How many dots one line may have: reading a dotted key takes the square of them."""


def values(text: str) -> dict[str, Any]:
    """Return what is in a TOML file.  Raises ``ValueError``, which says what was found."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:  # pragma: no cover - the other branch's twin
        import tomli as tomllib
    if sum(line.count(".") ** 2 for line in text.splitlines()) > MAX_DOTS**2:
        raise ValueError("more dots on a line than any name has")
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise ValueError("brackets nested too deep") from None
    return found


def shown(value: object) -> str:
    """Return a value as a message shows it: on one line, and not all of a long one."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # lists in lists; an integer of more digits than allowed
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:79]}…"
