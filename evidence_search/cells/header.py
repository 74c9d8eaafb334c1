"""The header of a page: which cell it is, what the cell is about, who paid for it.

A page says which cell it is up to four times: in a line such as "Alcohol
Treatment Matrix cell E5: Treatment systems; Safeguarding the community", by
the names alone, in its file name, and in the address it was saved from.  They
are held against the table of ``matrices`` and against each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import grammar, matrices, vocabulary
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.cells.layout import Layout, Line
    from evidence_search.cells.pages import Page

HEAD = 20_000
"""Characters within which a page says which cell it is."""

_TOPIC_START = lazy_pattern(r"\s{0,9}[:.–—|-]?\s{0,9}")
_TOPIC = lazy_pattern(r"[ \t]*([^;:\n.]{3,80}[;:][^;:\n.]{3,80})[ \t]*")
_NOISE = lazy_pattern("|".join(map(re.escape, vocabulary.FUNDER_NOISE)), re.IGNORECASE)
_NOT_FUNDERS = (*vocabulary.FOOTER_LINES, "includes ")
_IN_NAME = lazy_pattern(
    r"(?:(?<![a-z])(?P<matrix>alcohol|drugs?)[\W_]*)?(?:treatment[\W_]*)?(?:matrix[\W_]*)?"
    r"(?:cell[\W_]*)?(?<![a-z0-9])(?P<code>[a-e][1-5])(?![a-z0-9])",
    re.IGNORECASE,
)
_MATRIX_IN_NAME = lazy_pattern(r"(?<![a-z])(alcohol|drugs?)(?![a-z])", re.IGNORECASE)
_MATRIX_NAMED = lazy_pattern(r"\b(alcohol|drugs?)(?: treatment)? matrix\b", re.IGNORECASE)


class Heading(NamedTuple):
    """The place of a cell: ``"Alcohol"``, ``"E5"``, and the names of its column and row."""

    matrix: str | None
    code: str | None
    column: str | None
    row: str | None


class Doubt(NamedTuple):
    """What is doubtful of a header, by offsets in the text of the page."""

    start: int
    end: int
    severity: str
    code: str
    message: str


class _Claim(NamedTuple):
    """A line that says which cell this is, as far as it says so."""

    start: int
    end: int
    matrix: str | None
    code: str | None
    column: str | None = None
    row: str | None = None

    @property
    def named(self) -> str | None:
        """The code that the names of column and row tell, or ``None``."""
        column = self.column and matrices.find_column(self.column)
        row = self.row and matrices.find_row(self.row)
        return f"{column}{row}" if column and row else None


def read_heading(page: Page, layout: Layout, address: str) -> tuple[Heading, tuple[Doubt, ...]]:
    """Return which cell a page is, and what is doubtful about that."""
    head = page.text[: min(layout.first, HEAD)].replace("\u00a0", " ")
    claims = [*_phrases(head), *_names(layout)]
    coded = [claim for claim in claims if claim.code]
    named = [claim for claim in claims if claim.column or claim.row]
    elsewhere = _elsewhere(page.path, address)
    codes = [claim.code for claim in coded if claim.code]
    told = next((claim.named for claim in named if claim.named), None)
    code = codes[0] if codes else told or elsewhere.code
    if code and told and told != code and (told in codes or told == elsewhere.code):
        code = told
    matrix = next((claim.matrix for claim in claims if claim.matrix), None) or elsewhere.matrix
    matrix = matrix or _only_matrix(head)
    names = next((claim for claim in named if claim.named == code), named[0] if named else None)
    heading = Heading(matrix, code, *_canonical(matrix, code, names))
    return heading, tuple(_doubts(heading, claims, names))


def _phrases(head: str) -> Iterator[_Claim]:
    """Yield what the phrases "Alcohol Treatment Matrix cell E5: column; row" claim."""
    for match in grammar.headings(head, len(head)):
        word, code = match["matrix"], match["code"].upper()
        matrix = matrices.matrix_name(word) or word.capitalize()
        if word.lower() in (
            "the",
            "this",
            "treatment",
            "each",
            "our",
            "a",
            "bank",
            "effectiveness",
        ):
            matrix = None
        start = _TOPIC_START.match(head, match.end("code"))
        at = start.end() if start else match.end("code")
        names = matrices.read_names(head[at : at + 200])
        if names:
            end = at + names.end
            yield _Claim(match.start(), end, matrix or names.matrix, code, *_named(names, matrix))
        else:
            column, row = _unknown_names(match["topic"] or "")
            yield _Claim(match.start(), match.end(), matrix, code, column, row)


def _names(layout: Layout) -> Iterator[_Claim]:
    """Yield what lines that only name a column and row claim."""
    for line in layout.head_lines:
        if len(line.text) > 120 or line.start > HEAD:
            continue
        names = matrices.read_names(line.text)
        if names and len(line.text) - names.end < 3:
            yield _Claim(line.start, line.end, names.matrix, None, *_named(names, None))
        elif not names and ";" in line.text and not grammar.is_legend(line.text):
            topic = _TOPIC.fullmatch(line.text)
            if topic:
                yield _Claim(line.start, line.end, None, None, *_unknown_names(topic.group(1)))


def _named(names: matrices.Names, matrix: str | None) -> tuple[str | None, str | None]:
    row = matrices.row_name(names.matrix or matrix, names.row)
    return matrices.column_name(names.column), row


def _unknown_names(topic: str) -> tuple[str | None, str | None]:
    """Return the two names of a topic that the table doesn't have: "X; Y"."""
    for mark in (";", ":"):
        column, found, row = topic.partition(mark)
        if found and column.strip() and row.strip():
            return " ".join(column.split()), " ".join(row.split())
    return None, None


def _elsewhere(path: str, address: str) -> _Claim:
    """Return what the name of the file, its folders and the address of the page claim."""
    *folders, name = path.split("/")
    for text in (name, address):
        match = _IN_NAME.search(text)
        if match:
            word = match["matrix"] or _last_matrix([*folders, text])
            matrix = matrices.matrix_name(word) if word else None
            return _Claim(0, 0, matrix, match["code"].upper())
    word = _last_matrix([*folders, name, address])
    return _Claim(0, 0, matrices.matrix_name(word) if word else None, None)


def _last_matrix(names: Sequence[str]) -> str | None:
    for name in reversed(names):
        match = _MATRIX_IN_NAME.search(name)
        if match:
            return match.group(1)
    return None


def _only_matrix(head: str) -> str | None:
    """Return the matrix that a header names, where it names no other."""
    found = {matrices.matrix_name(word) for word in _MATRIX_NAMED.findall(head)}
    return found.pop() if len(found) == 1 else None


def _canonical(
    matrix: str | None, code: str | None, names: _Claim | None
) -> tuple[str | None, str | None]:
    """Return the names of column and row: the table's, but those of a page that it hasn't."""
    column = names.column if names else None
    row = names.row if names else None
    if code and matrix in (None, *matrices.ROWS):
        if not column or matrices.find_column(column):
            column = matrices.column_name(code[:1]) or column
        if not row or matrices.find_row(row):
            row = matrices.row_name(matrix, code[1:]) or row
    return column, row


def _doubts(heading: Heading, claims: Sequence[_Claim], names: _Claim | None) -> Iterator[Doubt]:
    """Yield what a header leaves open, and where it contradicts itself or the table."""
    matrix, code, _, _ = heading
    if not matrix or not code:
        missing = " and ".join(
            name for name, value in (("matrix", matrix), ("cell", code)) if not value
        )
        at = claims[0] if claims else _Claim(0, 1, None, None)
        yield Doubt(
            at.start, at.end, "warning", "unknown-cell",
            "expected a line such as “Alcohol Treatment Matrix cell A1: Interventions; "
            f"Screening and brief interventions”, found none that tells the {missing}: add it",
        )  # fmt: skip
    if matrix not in (None, *matrices.ROWS) or not code:
        return
    expected = (matrices.column_name(code[:1]), matrices.row_name(matrix, code[1:]))
    if not expected[0] or code[1:] not in matrices.ROWS["Drug"]:
        at = next(claim for claim in claims if claim.code == code)
        yield Doubt(
            at.start, at.end, "error", "wrong-heading",
            f"expected a cell from A1 to E5, found {code}: correct it",
        )  # fmt: skip
        return
    other = next((claim for claim in claims if claim.code and claim.code != code), None)
    if other:
        yield Doubt(
            other.start, other.end, "error", "wrong-heading",
            f"expected cell {code}, as the rest of the page says, found {other.code}: correct one",
        )  # fmt: skip
    if names and (names.column or names.row):
        found = (
            matrices.find_column(names.column or "") == code[:1],
            matrices.find_row(names.row or "") == code[1:],
        )
        if not all(found) or (matrix and _other_matrix(matrix, names.row)):
            yield Doubt(
                names.start, names.end, "warning", "wrong-heading",
                f"expected “{'; '.join(name or '?' for name in expected)}” for "
                f"{matrix or 'matrix'} cell {code}, found “{names.column}; {names.row}”: "
                "correct the names or the code",
            )  # fmt: skip


def _other_matrix(matrix: str, row: str | None) -> bool:
    """Tell whether a row is only in another matrix."""
    number = matrices.find_row(row) if row else None
    known = matrices.ROWS[matrix].get(number or "", ())
    return number == "1" and (row or "").lower() not in {name.lower() for name in known}


def description(layout: Layout, heading: Heading) -> str:
    """Return what the header says the cell is about: the prose after the last "column; row"."""
    header = layout.header
    after = [i for i, line in enumerate(header) if _is_topic(line, heading)]
    rest = header[after[-1] + 1 :] if after else header[1:]
    prose = [line.text for line in rest if len(line.text) > 60 or (after and line is not rest[0])]
    return " ".join(" ".join(prose).split())


def _is_topic(line: Line, heading: Heading) -> bool:
    if _folded(line) == f"{heading.column}; {heading.row}".lower():
        return True
    names = matrices.read_names(line.text)
    return names is not None and len(line.text) - names.end < 3


def funders(header: Sequence[Line]) -> tuple[str, ...]:
    """Return the names on the lines after "… funded by" and the like."""
    found: dict[str, None] = {}
    naming = False
    for line in header:
        text = _folded(line)
        if text.rstrip(": ").endswith(vocabulary.FUNDER_LINES):
            naming = True
        elif len(line.text) > 80 or "matri" in text or text.startswith(_NOT_FUNDERS):
            naming = False
        elif naming:
            found.setdefault(_NOISE.split(line.text)[0].strip(" ."), None)
    return tuple(name for name in found if name)


def _folded(line: Line) -> str:
    return " ".join(line.text.lower().split())


def has_heading(page: Page, layout: Layout) -> bool:
    """Tell whether a page says in its head that it is a matrix cell."""
    head = page.text[: min(layout.first, HEAD)].replace("\u00a0", " ")
    return next(grammar.headings(head, len(head)), None) is not None
