"""A matrix-cell page to its header and study records: read, clean, make.

``pages`` reads bytes into one text that remembers lines, columns and links;
``parts`` cuts that into header, legend, entries and footer; ``making`` makes
the records.  What a piece of text is, ``grammar`` says, with ``origins`` and
``sentences``; ``names`` has the words that pages use.  Nothing is lost: the parts, put
together, are the text.  What is doubtful becomes a :class:`Problem` and the
rest loads.

Rejected: one big pattern for an entry (titles hold parentheses, summaries
hold years, and a pattern that allows for both backtracks without bound), and
a parser generator (the pages are prose, not a language).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.cells import header
from evidence_search.cells.making import make
from evidence_search.cells.pages import decode, read_page
from evidence_search.cells.parts import Part, cut
from evidence_search.values import Value

if TYPE_CHECKING:
    from evidence_search.records import Problem, StudyRecord

__all__ = ["Cell", "Part", "decode", "read_cell"]


class Cell(Value):
    """A page: its place in the matrix, its entries, what was doubtful, and its parts in order."""

    matrix: str
    code: str
    column: str
    row: str
    description: str
    funders: tuple[str, ...]
    records: tuple[StudyRecord, ...]
    problems: tuple[Problem, ...]
    parts: tuple[Part, ...]


def read_cell(text: str, path: str) -> Cell:
    """Return the cell on a page, plain text or HTML; ``path`` is where it stands in the corpus.

    Raises :class:`CellError` where nothing says which cell it is.
    """
    page = read_page(text, path)
    heading = header.read_heading(page.text, path)
    layout = cut(page.text)
    records, problems = make(page, layout, heading)
    return Cell(
        *heading,
        description=header.description(layout.header, heading),
        funders=header.funders(layout.header),
        records=records,
        problems=problems,
        parts=layout.parts,
    )
