"""A matrix-cell page to its header and study records: read, cut, build.

``forms`` reads bytes of any form (text, HTML, Markdown, a PDF's text) into
one text that remembers lines, columns and links; ``layout`` cuts that into
header, legend, entries and footer, each entry with its head; ``builder``
makes the records.  What a piece of text is, ``grammar`` says, with
``citation`` and ``sentences``; ``vocabulary`` and ``matrices`` have the words
that pages use.  Nothing is lost: the parts, put together, are the file.  What
is doubtful becomes a :class:`Problem` and the rest loads.

Rejected: one big pattern for an entry (titles hold parentheses, summaries
hold years, and a pattern that allows for both backtracks without bound), and
a parser generator (the pages are prose, not a language).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.cells import bank, grammar, header
from evidence_search.cells.builder import build
from evidence_search.cells.forms import address, has_hidden_text, read_page, size
from evidence_search.cells.layout import Part, cell_starts, cut, lines_of
from evidence_search.cells.pages import Edit
from evidence_search.decoding import decode
from evidence_search.errors import CellError
from evidence_search.records import OUT_OF_CORPUS, Problem, Source
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.cells.layout import Layout
    from evidence_search.cells.pages import Page
    from evidence_search.records import StudyRecord

__all__ = ["Cell", "Part", "decode", "read", "read_cell"]


MAX_PAGE_SIZE = 5_000_000
"""Characters; a cell has some hundred thousand at most, and each takes up to 150 bytes to read."""


class Cell(Value):
    """A page: its place in the matrix, its entries, what was doubtful, and its parts in order.

    What the page leaves open of its place is ``None``.
    """

    matrix: str | None
    code: str | None
    column: str | None
    row: str | None
    description: str
    funders: tuple[str, ...]
    records: tuple[StudyRecord, ...]
    problems: tuple[Problem, ...]
    parts: tuple[Part, ...]


def read(text: str, path: str) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the records of a page of the bank, and what is doubtful of it.

    A page is one cell, or several behind one another, or the analysis of one
    study; of other pages the problem says what they are.  Raises
    :class:`CellError` where a page is none of the bank's.
    """
    if size(text) > MAX_PAGE_SIZE:
        message = (
            f"expected a page of at most {MAX_PAGE_SIZE} characters, found {size(text)}; it is "
            f"left out: split it{OUT_OF_CORPUS}"
        )
        return (), (Problem(Source(path, 1), "error", "too-large", message),)
    page, layout = _read(text, path)
    if not _is_cell(layout):
        lines = lines_of(page.text, grammar.flatten(page.text))
        kind = None if bank.is_analysis(lines) else bank.kind_of(lines)
        record = (
            bank.read_analysis(page, lines) if kind is None and bank.is_of_the_bank(lines) else None
        )
        if record:
            return (record,), ()
        if kind:
            return (), (bank.other_page(page, kind),)
    starts = cell_starts(page, layout.first) if layout.entries else []
    if not starts:
        cell = _cell(page, layout, text)
        return cell.records, cell.problems
    cells = []
    for start, stop in zip([0, *starts], [*starts, len(page.text)], strict=True):
        part = page.edited([Edit(0, start), Edit(stop, len(page.text))])
        cells.append(_cell(part, cut(part), text))
    records = tuple(record for cell in cells for record in cell.records)
    problems = tuple(problem for cell in cells for problem in cell.problems)
    return records, (*problems, *_repeated(cells))


def _repeated(cells: Sequence[Cell]) -> Iterator[Problem]:
    """Yield the cells that stand in one file twice."""
    first: dict[tuple[str | None, str], StudyRecord] = {}
    for cell in cells:
        if cell.code and cell.records:
            here = cell.records[0]
            before = first.setdefault((cell.matrix, cell.code), here)
            if before is not here:
                yield Problem(
                    here.source, "warning", "edition",
                    f"expected each cell once, found {here.cell_name} from line "
                    f"{before.source.line} on too: keep one of them",
                )  # fmt: skip


def read_cell(text: str, path: str) -> Cell:
    """Return the cell on a page of any form; ``path`` is where it stands in the corpus.

    Raises :class:`CellError` where nothing says that it is a cell: no
    heading, no legend, and no entry with category and parenthesis.
    """
    page, layout = _read(text, path)
    return _cell(page, layout, text)


def _read(text: str, path: str) -> tuple[Page, Layout]:
    page = read_page(text, path)
    layout = cut(page)
    if not layout.entries and has_hidden_text(text):
        shown = read_page(text, path, hidden=True)
        if cut(shown).entries:
            return shown, cut(shown)
    return page, layout


def _is_cell(layout: Layout) -> bool:
    """Tell whether a page has a legend, or an entry with category and parenthesis."""
    return layout.has_legend or any(
        entry.head.is_coded and entry.head.citation for entry in layout.entries
    )


def _cell(page: Page, layout: Layout, text: str) -> Cell:
    if not (_is_cell(layout) or header.has_heading(page, layout)):
        raise CellError(
            f"{page.path}: expected a line such as “Alcohol Treatment Matrix cell A1: "
            "Interventions; Screening”, found none: add it as the first line"
        )
    heading, doubts = header.read_heading(page, layout, address(text))
    records, problems = build(page, layout, heading, doubts)
    return Cell(
        *heading,
        description=header.description(layout, heading),
        funders=header.funders(layout.header),
        records=records,
        problems=problems,
        parts=layout.parts,
    )
