"""Small cells, one for each way in which real pages differ, with what they must give beside them.

``tests/cells/NAME.json`` pins the records (fields that aren't empty) and the
problems of ``NAME.txt`` or ``NAME.html``.  After a change that is meant, run
``python -m tests.test_cell_variations`` and read the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evidence_search.cells import read_cell
from evidence_search.decoding import decode
from evidence_search.records import to_dict

FOLDER = Path(__file__).parent / "cells"
PAGES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".txt", ".html"})
EMPTY: tuple[object, ...] = (None, [], "", {})
SAME = {"id", "matrix", "cell", "column", "row"}


def read(path: Path) -> dict[str, Any]:
    """Return what the loader makes of a page, in the shape of the pinned file."""
    text, doubts = decode(path.read_bytes(), path.name)
    cell = read_cell(text, path.name)
    return {
        "cell": [cell.matrix, cell.code, cell.column, cell.row],
        "funders": list(cell.funders),
        "description": cell.description,
        "records": [
            {k: v for k, v in to_dict(record).items() if k not in SAME and v not in EMPTY}
            for record in cell.records
        ],
        "problems": [str(problem) for problem in (*doubts, *cell.problems)],
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_gives_its_pinned_records_and_problems(path: Path) -> None:
    pinned = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert read(path) == pinned


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_record_is_found_in_its_file_where_its_source_says(path: Path) -> None:
    text, _ = decode(path.read_bytes(), path.name)
    lines = text.splitlines()
    for record in read_cell(text, path.name).records:
        source = record.source
        stands = " ".join([*lines[source.line - 1 : source.end_line], ""])[source.column - 1 :]
        first = record.title.split()[0].strip("“‘'\"?!:,")
        assert first in stands


if __name__ == "__main__":
    for page in PAGES:
        pinned = json.dumps(read(page), indent=1, ensure_ascii=False) + "\n"
        page.with_suffix(".json").write_text(pinned, encoding="utf-8")
