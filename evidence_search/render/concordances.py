"""A concordance for people, the word in one column, and as JSON and TSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.query import columns
from evidence_search.render.safe import line
from evidence_search.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.concordance import Line
    from evidence_search.render.text import Style


def as_text(lines: Sequence[Line], style: Style, ids: Iterable[str] = ()) -> Iterator[str]:
    """Yield a line for each place: the left, the word, the right, and where it is.

    ``ids`` are those of the corpus, so that records can be named in short.
    """
    if not lines:
        yield "No record has it.\n"
        return
    sides = [(_left(place.left), line(place.match), _right(place.right)) for place in lines]
    before = max(columns(left) for left, _, _ in sides)
    after = max(columns(word) + columns(right) for _, word, right in sides)
    names = short_names(ids)
    for place, (left, word, right) in zip(lines, sides, strict=True):
        gap = " " * (after - columns(word) - columns(right))
        where = style.dim(line(names.get(place.record, place.record)))
        yield f"{' ' * (before - columns(left))}{left}{style.mark(word)}{right}{gap}  {where}\n"


def short_names(ids: Iterable[str]) -> dict[str, str]:
    """Return the beginning of each id that no other has, up to a hyphen: enough for ``show``."""
    ordered = sorted(ids)
    names = {}
    for before, name, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False):
        shared = max(_shared(before, name), _shared(name, after))
        end = name.find("-", shared + 1)
        names[name] = name if end < 0 else name[:end]
    return names


def _shared(a: str, b: str) -> int:
    """Return how many characters two texts begin with in common."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((i for i, (x, y) in pairs if x != y), min(len(a), len(b)))


def _left(text: str) -> str:
    return line(text) + (" " if text[-1:].isspace() else "")


def _right(text: str) -> str:
    return (" " if text[:1].isspace() else "") + line(text)


def as_json(lines: Sequence[Line], _: Style, __: Iterable[str] = ()) -> Iterator[str]:
    """Yield an array of objects."""
    yield json.dumps([place._asdict() for place in lines], indent=2) + "\n"


def as_tsv(lines: Sequence[Line], _: Style, __: Iterable[str] = ()) -> Iterator[str]:
    """Yield a header, and a line for each place."""
    yield "record\tfield\tstart\tleft\tmatch\tright\n"
    for place in lines:
        yield "\t".join(cell(line(str(value))) for value in place) + "\n"


FORMATS = {"text": as_text, "json": as_json, "tsv": as_tsv}
