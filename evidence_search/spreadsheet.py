"""Text in the cells of CSV and TSV: never a formula, lists of values, and back again."""

from __future__ import annotations

import json
import re
from typing import Any

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")


def cell(text: str) -> str:
    """Return ``text`` for a spreadsheet: what would be a formula gets an apostrophe before it.

    So does what begins with an apostrophe before such a character, so that
    :func:`from_cell` can take it off again.
    """
    bare = text.lstrip("'")
    return f"'{text}" if bare and _FORMULA.match(bare) else text


def from_cell(text: str) -> str:
    """Return what :func:`cell` was given."""
    bare = text.lstrip("'")
    return text[1:] if text.startswith("'") and bare and _FORMULA.match(bare) else text


def value_cell(value: object) -> str:
    """Return the cell for a JSON value: plain words joined by "; ", other lists as JSON."""
    if value is None or value == []:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        joined = "; ".join(value)
        if from_list_cell(cell(joined)) == value:
            return cell(joined)
    if isinstance(value, list | dict):
        return json.dumps(value)
    return cell(value if isinstance(value, str) else str(value))


def from_list_cell(text: str) -> list[Any]:
    """Return the list in a cell: JSON, or words separated by semicolons."""
    if text.startswith("["):
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, list):
            return value
    return [part.strip() for part in from_cell(text).split(";") if part.strip()]
