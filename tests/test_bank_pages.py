"""Pages of the bank beside cells, and several cells in one file."""

from __future__ import annotations

import pytest

from evidence_search.cells import read
from evidence_search.errors import CellError

LEGEND = "\n\nS Seminal studies K Key studies R Reviews G Guidance\n\n"
ANALYSIS = """Effectiveness Bank analysis

This entry is our analysis of a study considered particularly relevant.

Talks by porters calm visitors to Scottish wards

Keeper N., Porter J.A., Nurse B. et al.
Journal of Quiet Wards: 2011, 106(5), p. 748–756.

Unable to obtain a copy by clicking title? Try asking the author for a reprint.

Summary Visitors to twelve wards were talked to by porters.

They were calmer after a month.

Findings logo commentary Nothing to add.
"""


def test_the_analysis_of_one_study_is_one_record() -> None:
    (record,), problems = read(ANALYSIS, "saved.txt")
    assert problems == ()
    assert record.title == "Talks by porters calm visitors to Scottish wards"
    assert record.authors == ("Keeper, N", "Porter, JA", "Nurse, B")
    assert (record.journal, record.year) == ("Journal of Quiet Wards", 2011)
    assert (record.volume, record.issue, record.pages) == ("106", "5", "748–756")
    assert record.summary == (
        "Visitors to twelve wards were talked to by porters. They were calmer after a month."
    )
    assert record.jurisdictions == ("Scotland",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Effectiveness Bank hot topics\n\nHot topic: are porters enough?", "a hot topic"),
        ("Subject search results\nYour search for porters found 23 documents", "search results"),
        ("Alcohol Treatment Matrix row 5: Safeguarding the community", "a row of a matrix"),
        ("Effectiveness Bank Drug Treatment Matrix\n\nInterventions", "an overview of a matrix"),
        ("About the matrices\n\nArticles, slides, and video", "about the matrices"),
    ],
)
def test_other_pages_are_reported_as_what_they_are(text: str, kind: str) -> None:
    records, (problem,) = read(text, "saved.txt")
    assert records == ()
    assert problem.code == "other-page"
    assert f"found {kind}, as another page" in problem.message


def test_a_page_of_nobody_is_refused() -> None:
    with pytest.raises(CellError):
        read("A shopping list (2010)\n\nButter", "list.txt")


def test_several_cells_in_one_file_are_read_one_after_the_other() -> None:
    text = "".join(
        f"{matrix} Treatment Matrix cell {code}{LEGEND}K {title} ({year}). Text.\n\n{below}\n\n"
        for matrix, code, title, year, below in [
            ("Drug", "A3", "First", 2001, "more Retrieve all relevant analyses."),
            ("Drug", "B3", "Second", 2002, "Matrix Bite Open Matrix Bite"),
            ("Alcohol", "A3", "Third", 2003, ""),
        ]
    )
    records, problems = read(text, "all.txt")
    assert [(r.matrix, r.cell, r.title) for r in records] == [
        ("Drug", "A3", "First"), ("Drug", "B3", "Second"), ("Alcohol", "A3", "Third"),
    ]  # fmt: skip
    assert problems == ()
    again, (problem,) = read(f"{text}\n{text[: len(text) // 3]}", "all.txt")
    assert problem.code == "edition"
    assert len(again) == 4
    lines = text.splitlines()
    assert all(record.title in lines[record.source.line - 1] for record in records)
