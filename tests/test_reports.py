"""The report of a strategy has the facts that the program knows, and numbers that add up."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from docx import Document

from evidence_search.errors import QueryError
from evidence_search.index import EvidenceIndex
from evidence_search.lists import SCREENING
from evidence_search.lists.labels import of_labels
from evidence_search.render import render
from evidence_search.strategies.execution import run_strategy
from evidence_search.strategies.report import TO_FILL_IN, Report, decision, report
from evidence_search.strategies.strategy import read_strategy
from evidence_search.values import replace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

RIS = """TY  - JOUR
TI  - {title}
PY  - {year}
DO  - 10.1000/{doi}
KW  - stables
AB  - {words}
N1  - {note}
ER  -

"""
LISTS = {name: name for name in SCREENING}
LIBRARY = [
    ("Hay for foals", 2010, "a", "Oats & <b>bran</b>.", "ASReview_relevant"),
    ("Water for foals", 2011, "b", "Oats.", "ASReview_irrelevant"),
    ("Salt for foals", 2012, "c", "Oats.", ""),
    ("Shoes", 2013, "d", "Iron.", ""),
]
STRATEGY = """1. foals.ti,ab.
2. oat*.ti,ab.
3. 1 and 2
4. limit 3 to yr="2010 -Current"
"""


@pytest.fixture
def made(tmp_path: Path) -> Report:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    rows = [
        RIS.format(title=t, year=y, doi=d, words=w, note=note or "none")
        for t, y, d, w, note in LIBRARY
    ]
    (corpus / "one.ris").write_text("".join(rows))
    (corpus / "two.ris").write_text(rows[0] + rows[3])
    index = EvidenceIndex(corpus, tmp_path / "index")
    index.refresh()
    run = run_strategy(index, read_strategy(STRATEGY, name="<s>.txt", dialect_name="ovid"))
    return report(run, index)


def test_the_numbers_of_the_flow_add_up(made: Report) -> None:
    flow = made.flow
    assert flow.sources == {"one.ris": 4, "two.ris": 2}
    assert (flow.identified, flow.duplicates, flow.outside, flow.screened) == (6, 2, 1, 3)
    assert flow.identified == flow.duplicates + flow.outside + flow.screened
    assert (flow.included, flow.excluded, flow.maybe, flow.undecided) == (1, 1, 0, 1)
    assert flow.screened == flow.included + flow.excluded + flow.maybe + flow.undecided


def test_the_flow_counts_lists_and_the_reasons_of_what_is_excluded(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    rows = [
        RIS.format(title=t, year=y, doi=d, words="Oats.", note=note or "none")
        for t, y, d, _, note in LIBRARY
    ]
    (corpus / "one.ris").write_text("".join(rows))
    index = EvidenceIndex(corpus, tmp_path / "index")
    index.refresh()
    run = run_strategy(index, read_strategy("1. oats.ti,ab.", dialect_name="ovid"))
    for word, note in (("salt", "wrong animal"), ("shoes", "")):
        index.put(index.search(word).records, "excluded", note=note)
    index.put(index.search("hay").records, "full text", note="read")
    index.put(index.search("hay").records, "included", off=True)
    flow = report(run, index).flow
    assert (flow.included, flow.excluded, flow.undecided) == (0, 3, 1)
    assert flow.reasons == {"no reason given": 2, "wrong animal": 1}
    made = report(run, index, included="Full Text")
    assert (made.flow.included, made.flow.excluded, made.flow.undecided) == (1, 3, 0)
    markdown = "".join(render("report", "markdown", made))
    assert "Records excluded (n = 3)\n    - → no reason given (n = 2)" in markdown
    assert "→ wrong animal (n = 1)" in markdown
    with pytest.raises(QueryError, match="expected a list of the corpus; found 'ful'"):
        report(run, index, included="ful")


def test_decisions_of_screening_tools_count_where_they_agree(made: Report) -> None:
    record = made.run.results(limit=None)[0].record
    for labels, said in [
        ((), ""), (("asreview: relevant",), "included"), (("rayyan: excluded (Ann)",), "excluded"),
        (("rayyan: maybe (Ann)",), "maybe"), (("screening: included", "note: excluded"), ""),
    ]:  # fmt: skip
        assert decision(replace(record, lists=of_labels(labels)), LISTS) == said


def test_a_report_has_every_item_of_prisma_s_and_blanks_for_what_people_know(made: Report) -> None:
    assert [item.number for item in made.items] == list(range(1, 17))
    said = {item.name: item.said for item in made.items}
    assert said["Limits and restrictions"] == ('Line 4: limit 3 to yr="2010 -Current"',)
    assert "2 records were merged" in said["Deduplication"][0]
    assert any("one.ris: 4 records, file of 20" in row for row in said["Database name"])
    assert said["Contacts"] == ()
    text = "".join(render("report", "markdown", made))
    assert text.count(TO_FILL_IN) == sum(not item.said for item in made.items) > 5
    assert "| 3 | 1 and 2 | 3 |" in text


def test_limits_of_any_platform_are_reported_as_such(e5: EvidenceIndex) -> None:
    text = "#1 prison*[ti]\n#2 #1 AND 2010:2015[dp]\n#3 #2 AND english[la]\n#4 #1 OR #3"
    made = report(run_strategy(e5, read_strategy(text)), e5)
    said = {item.name: item.said for item in made.items}
    assert [row.partition(":")[0] for row in said["Limits and restrictions"]] == [
        "Line 2", "Line 3",
    ]  # fmt: skip


def test_the_page_and_the_document_say_the_same_and_trust_no_text(made: Report) -> None:
    page = "".join(render("report", "html", made))
    assert "<s>" not in page
    assert "&lt;s&gt;.txt" in page
    assert "Records identified (n = 6)" in page
    assert "<svg" in page
    (data,) = render("report", "docx", made)
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "oat*.ti,ab." in cells
    assert any("Records identified (n = 6)" in cell for cell in cells)
    assert cells.count(TO_FILL_IN) == sum(not item.said for item in made.items)
    for table in document.tables:
        names, *rows = table.rows
        assert "tblHeader" in names._tr.xml
        for cell in (cell for row in rows for cell in row.cells):
            assert bool(cell.paragraphs[0].runs[0].bold) == (cell.text == TO_FILL_IN)


def test_the_command_writes_what_the_ending_asks_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "strategy.txt").write_text("1. prison*.ti,ab.\n2. treatment.mp.\n3. 1 and 2\n")
    assert run("report", "strategy.txt").stdout.startswith("# Search report\n")
    for ending in ("md", "html", "docx"):
        assert run("report", "strategy.txt", "-o", f"r.{ending}").returncode == 0
    assert (tmp_path / "r.docx").read_bytes()[:2] == b"PK"
    numbers = re.findall(r"n = (\d+)", (tmp_path / "r.md").read_text())
    assert numbers[0] == "20"
