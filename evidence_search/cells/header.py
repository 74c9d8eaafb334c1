"""The header of a page: which cell it is, what the cell is about, who paid for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import grammar, names
from evidence_search.errors import CellError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.cells.parts import Line

HEAD = 20_000
"""Characters within which a page must say that it is a matrix cell."""

_TOPIC = re.compile(r"^[ \t]*([^;\n.]{3,80};[^;\n.]{3,80})[ \t]*$", re.MULTILINE)
_NOISE = re.compile("|".join(map(re.escape, names.FUNDER_NOISE)), re.IGNORECASE)


_NOT_FUNDERS = (*names.FOOTER_LINES, "includes ")


class Heading(NamedTuple):
    """The place of a cell: ``"Alcohol"``, ``"E5"``, and the names of its column and row."""

    matrix: str
    code: str
    column: str
    row: str


def read_heading(text: str, path: str) -> Heading:
    """Return the heading of a page; raise :class:`CellError` where it has none."""
    head = text[:HEAD].replace("\u00a0", " ")
    found = list(grammar.headings(head, len(head)))
    if not found:
        raise CellError(
            f"{path}: expected a line such as “Alcohol Treatment Matrix cell A1: "
            "Interventions; Screening”, found none: add one as the first line"
        )
    matrix, code = found[0]["matrix"].capitalize(), found[0]["code"].upper()
    topic = next((m["topic"] for m in found if m["topic"] and ";" in m["topic"]), "")
    if not topic:
        match = _TOPIC.search(head, found[0].end())
        topic = match.group(1) if match else ""
    topic = topic or next((m["topic"] for m in found if m["topic"]), "")
    column, _, row = (" ".join(part.split()) for part in topic.partition(";"))
    return Heading(matrix, code, column, row)


def description(header: Sequence[Line], heading: Heading) -> str:
    """Return what the header says the cell is about: the prose after the last "column; row"."""
    topic = f"{heading.column}; {heading.row}".lower()
    after = [i for i, line in enumerate(header) if _folded(line) == topic]
    rest = header[after[-1] + 1 :] if after else header[1:]
    prose = [line.text for line in rest if len(line.text) > 60 or (after and line is not rest[0])]
    return " ".join(" ".join(prose).split())


def funders(header: Sequence[Line]) -> tuple[str, ...]:
    """Return the names on the lines after "… funded by" and the like."""
    found: dict[str, None] = {}
    naming = False
    for line in header:
        text = _folded(line)
        if text.rstrip(": ").endswith(names.FUNDER_LINES):
            naming = True
        elif len(line.text) > 80 or "matri" in text or text.startswith(_NOT_FUNDERS):
            naming = False
        elif naming:
            found.setdefault(_NOISE.split(line.text)[0].strip(" ."), None)
    return tuple(name for name in found if name)


def _folded(line: Line) -> str:
    return " ".join(line.text.lower().split())
