"""A concordance for people, the word in one column, and as JSON and TSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.query import columns
from evidence_search.render.phrases import counted, quoted
from evidence_search.render.text import asked, cut
from evidence_search.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.concordance import Concordance
    from evidence_search.render.style import Style


def as_text(lines: Concordance, style: Style) -> Iterator[str]:
    """Yield a line for each place: the number of its record, the left, the word, the right.

    The words stand in one column; what is around them is cut to the width.
    """
    places = f"{counted(len(lines), 'place')} in {counted(lines.total)}{quoted(lines.search)}"
    yield from asked(lines.search, lines.provenance, style, places)
    if not lines:
        return
    yield "\n"
    numbers = lines.numbers
    first = len(str(len(numbers)))
    room = style.table_width - first - 2
    sides = [(_left(place.left), line(place.match), _right(place.right)) for place in lines]
    before = min(max(columns(left) for left, _, _ in sides), room * 2 // 5)
    after = min(max(columns(word) + columns(right) for _, word, right in sides), room - before)
    for place, (left, word, right) in zip(lines, sides, strict=True):
        start, match = _end(left, before), cut(word, after)
        rest = _beginning(right, after - columns(match))
        space = " " * (before - columns(start))
        number = style.dim(f"{numbers[place.record]:>{first}}")
        yield f"{number}  {space}{start}{style.mark(match)}{rest}".rstrip() + "\n"


def _beginning(text: str, width: int) -> str:
    while columns(text) > width:
        text = text[:-1]
    return text


def _end(text: str, width: int) -> str:
    while columns(text) > width:
        text = text[1:]
    return text


def _left(text: str) -> str:
    return line(text) + (" " if text[-1:].isspace() else "")


def _right(text: str) -> str:
    return (" " if text[:1].isspace() else "") + line(text)


def as_json(lines: Concordance) -> Iterator[str]:
    """Yield an array of objects."""
    yield json.dumps([place._asdict() for place in lines], indent=2) + "\n"


def as_tsv(lines: Concordance) -> Iterator[str]:
    """Yield a header, and a line for each place."""
    yield "record\tfield\tstart\tleft\tmatch\tright\n"
    for place in lines:
        yield "\t".join(cell(line(str(value))) for value in place) + "\n"
