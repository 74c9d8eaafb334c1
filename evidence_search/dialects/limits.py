"""Limits: ``limit 3 to (english language and yr="2010 -Current")``, in any dialect."""

from __future__ import annotations

import re

from evidence_search.dialects.common import as_filter, year_range
from evidence_search.dialects.syntax import (
    And,
    Everything,
    InFields,
    Line,
    Or,
    Reference,
    Word,
    joined,
)
from evidence_search.languages import is_language
from evidence_search.query import Note

_LIMIT = re.compile(
    r"\s*limit\s+(?:[#SL]?(?P<line>\d{1,3})\s+)?to\s+(?P<to>.+)", re.IGNORECASE | re.DOTALL
)
_PART = re.compile(
    r"""(?:yr|year|py|dp)\s*=\s*(?P<years>[\"“][^\"“”]*[\"”]|[\d/]+\s*-?\s*(?:\d+|current)?)
      | (?P<language>[^\W\d_]+)(?:\s+language)?(?=\s*(?:$|[(),;.]|\b(?:and|or)\b))
      | (?P<other>[\"“][^\"“”]*[\"”] | (?:(?!\b(?:and|or)\b)[^()\s,;"“][^(),;"“\s]*\s*)+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_JOINING = re.compile(r"[\s(),;.]+|\b(?:and|or)\b", re.IGNORECASE)


def limited(text: str, notes: list[Note], previous: int) -> Line | None:
    """Read a limit to years, languages and types of publication; another text is ``None``.

    Languages are alternatives, however they are joined, and so are types, which are left out where
    one of several alternatives isn't known.  ``previous`` is the line that a limit without a
    number is of, 0 for none.  ``notes`` grows by what isn't known here.
    """
    limit = _LIMIT.fullmatch(text)
    if not limit:
        return None
    number = int(limit["line"] or previous)
    if not number:
        notes.append(Note("there is no line before this limit; read as of all records", 0))
    parts: list[Line] = [Reference(number) if number else Everything()]
    languages: list[Line] = []
    types: list[Line] = []
    known = True
    at, end = limit.span("to")
    while at < end:
        joining = _JOINING.match(text, at)
        part = None if joining else _PART.match(text, at, end)
        if part and part["years"]:
            years = year_range(part["years"])
            if years:
                parts.append(years)
            else:
                notes.append(Note(f"years {part['years']} can't be read; left out", at))
        elif part and part["language"] and is_language(part["language"].casefold()):
            languages.append(InFields(Word(part["language"].casefold()), ("language",)))
        elif part and (kind := as_filter(part[0].strip().strip('"“”'))):
            types.append(kind)
        elif part:
            known = False
            notes.append(Note(f"a limit to {part[0].strip()!r} isn't known here; left out", at))
        read = joining or part
        at = read.end() if read else at + 1
    if types and not known and re.search(r"\bor\b", limit["to"], re.IGNORECASE):
        types = []
        notes.append(Note("types beside an alternative that isn't known are left out", 0))
    parts += [joined(Or, found) for found in (languages, types) if found]
    return joined(And, parts)
