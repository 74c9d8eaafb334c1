"""A strategy in the language of another platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.dialects import dialect
from evidence_search.dialects.syntax import Heading, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.strategies.strategy import Strategy


_MESH = ("ovid", "pubmed", "cochrane")
"""Platforms whose headings are commonly those of MeSH."""


class Translation(NamedTuple):
    """A line in another language; ``missing`` says what of it has no equivalent there."""

    number: int
    text: str
    missing: tuple[str, ...]


def translated(strategy: Strategy, target: str) -> Iterator[Translation]:
    """Yield each line in the language of ``target``, one of ``DIALECTS``, with its number.

    What could not be read in the first place is missing too.  Raises :class:`QueryError` for
    another target.
    """
    language = dialect(target)
    for line in strategy.lines:
        text, missing = language.write(line.line)
        unread = tuple(note.message for note in line.notes)
        if (strategy.dialect in _MESH) != (target in _MESH):
            missing += tuple(
                f"the subject heading {node.text}: look for that of the other thesaurus"
                for node in walk(line.line)
                if isinstance(node, Heading) and language.write(node)[1] == ()
            )
        yield Translation(line.number, text, unread + missing)
