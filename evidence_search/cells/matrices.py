"""The matrices: their five columns and five rows, and how else pages name them.

A name in a header is known by this table, so that a colon for a semicolon,
another edition's word or a missing name gives no wrong column.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

COLUMNS = {
    "A": ("Interventions", "Intervention", "Treatment interventions"),
    "B": ("Practitioners", "Practitioner", "Keyworkers", "Therapists", "Staff"),
    "C": (
        "Management/supervision", "Management and supervision", "Management & supervision",
        "Management or supervision", "Management, supervision", "Management–supervision",
        "Management-supervision", "Supervision/management", "Supervision and management",
        "Managers/supervisors", "Managers and supervisors", "Management",
    ),
    "D": (
        "Organisational functioning", "Organizational functioning", "Organisational context",
        "Organisational factors", "Organisations", "Organizations", "Organisation",
        "Organisational", "Treatment organisations",
    ),
    "E": (
        "Treatment systems", "Treatment system", "Local and national treatment systems",
        "Local/national treatment systems", "Local treatment systems", "Treatment networks",
        "Systems",
    ),
}  # fmt: skip
"""The names of each column, the one that records have first."""

_ROWS = {
    "2": (
        "Generic and cross-cutting issues", "Generic & cross-cutting issues",
        "Generic/cross-cutting issues", "Generic and cross cutting issues",
        "Generic and crosscutting issues", "Generic and cross-cutting", "Cross-cutting issues",
        "Cross-cutting and generic issues", "Generic issues",
    ),
    "3": (
        "Medical treatment", "Medical treatments", "Medical interventions", "Medical therapies",
        "Medication-based treatment", "Medications", "Pharmacotherapy",
    ),
    "4": (
        "Psychosocial therapies", "Psychosocial therapy", "Psychosocial treatments",
        "Psychosocial treatment", "Psychosocial interventions", "Psychological therapies",
        "Psychosocial",
    ),
    "5": (
        "Safeguarding the community", "Safeguarding communities", "Safeguarding community",
        "Safeguarding", "Community safety", "Criminal justice and community safety",
        "Criminal justice", "Protecting the community",
    ),
}  # fmt: skip
ROWS = {
    "Alcohol": {
        "1": (
            "Screening and brief interventions", "Screening and brief intervention",
            "Screening & brief interventions", "Screening/brief interventions",
            "Screening, brief interventions", "Brief interventions", "Brief intervention",
            "Screening",
        ),
        **_ROWS,
    },
    "Drug": {
        "1": (
            "Reducing harm", "Harm reduction", "Reducing harms", "Reducing the harm",
            "Reduce harm",
        ),
        **_ROWS,
    },
}  # fmt: skip
"""The names of each row of each matrix, the one that records have first."""

_SEPARATOR = r"\s*[;:|,/>»–—-]\s*"


class Names(NamedTuple):
    """The column and row that a text names, by letter and number, and where the names end."""

    column: str
    row: str
    matrix: str | None
    end: int


def matrix_name(word: str) -> str | None:
    """Return the name of a matrix for what a page calls it ("drugs", "ALCOHOL")."""
    low = word.lower()
    return "Drug" if low in ("drug", "drugs") else "Alcohol" if low == "alcohol" else None


def column_name(letter: str) -> str | None:
    """Return the name of the column of that letter."""
    names = COLUMNS.get(letter)
    return names[0] if names else None


def row_name(matrix: str | None, number: str) -> str | None:
    """Return the name of the row of that number; of the first row only with the matrix."""
    names = ROWS.get(matrix or "", _ROWS).get(number)
    return names[0] if names else None


def read_names(text: str) -> Names | None:
    """Read the names of a column and a row that a text begins with."""
    match = _pattern().match(text)
    if not match:
        return None
    column = _columns()[_key(match["column"])]
    row, matrices = _rows()[_key(match["row"])]
    return Names(column, row, matrices[0] if len(matrices) == 1 else None, match.end())


def find_column(text: str) -> str | None:
    """Return the letter of the column of that name."""
    return _columns().get(_key(text))


def find_row(text: str) -> str | None:
    """Return the number of the row of that name."""
    found = _rows().get(_key(text))
    return found[0] if found else None


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower().replace("&", " and ")).strip()


@lru_cache(maxsize=1)
def _columns() -> dict[str, str]:
    return {_key(name): letter for letter, names in COLUMNS.items() for name in names}


@lru_cache(maxsize=1)
def _rows() -> dict[str, tuple[str, list[str]]]:
    found: dict[str, tuple[str, list[str]]] = {}
    for matrix, rows in ROWS.items():
        for number, names in rows.items():
            for name in names:
                matrices = found.setdefault(_key(name), (number, []))[1]
                if matrix not in matrices:  # "&" and "and" are one key
                    matrices.append(matrix)
    return found


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    columns = _alternatives(name for names in COLUMNS.values() for name in names)
    rows = _alternatives(
        name for rows in ROWS.values() for names in rows.values() for name in names
    )
    return re.compile(
        rf"\W*(?P<column>{columns}){_SEPARATOR}(?P<row>{rows})(?![\w/-])", re.IGNORECASE
    )


def _alternatives(names: object) -> str:
    """Return a pattern of names, longer ones first, that white space may stand in anyhow."""
    ordered = sorted(set(names), key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(r"\s+".join(map(re.escape, name.split())) for name in ordered)
