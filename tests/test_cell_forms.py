"""A cell drawn from the grammar reads back to the same records, in any edition and form."""

from __future__ import annotations

import html
import random

import pytest

from evidence_search.cells import read_cell
from tests.cell_forms import (
    CAPTIONED,
    EDITIONS,
    ENDINGS,
    FORMS,
    LINKED,
    DrawnEntry,
    draw,
    edition,
    wrapped,
)
from tests.conftest import ROOT

DRAWN = 200


@pytest.mark.parametrize("seed", range(DRAWN))
def test_a_cell_reads_back_from_any_edition_and_form(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a drawing, no secret
    form = list(FORMS)[seed % len(FORMS)]
    name = EDITIONS[seed // len(FORMS) % len(EDITIONS)]
    cell = draw(rng)
    text = FORMS[form](cell, *edition(cell, name), rng)
    read = read_cell(text, f"in.{ENDINGS.get(form, 'txt')}")
    assert (read.matrix, read.code, (read.column, read.row)) == (cell.matrix, cell.code, cell.names)
    titles = {record.id: record.title for record in read.records}
    for entry, record in zip(cell.entries, read.records, strict=False):
        got = DrawnEntry(
            " ".join(category.code for category in record.categories), record.title,
            entry.citation, entry.summary, record.year or 0, record.year_end, record.publisher,
            list(record.notes), [record.summary], list(record.furniture),
            [(d.title, d.year or 0) for d in record.related], list(record.jurisdictions),
            [titles.get(reference.record or "", "") for reference in record.references], record.url,
        )  # fmt: skip
        entry.kept = [" ".join(entry.kept)]
        entry.url = entry.url if form in LINKED else None
        assert got == entry, text
    assert [r.title for r in read.records] == [e.title for e in cell.entries]
    captions = [*cell.captions.values()] if form in CAPTIONED else []
    assert [problem.code for problem in read.problems] == ["caption"] * len(captions)
    assert all(text in str(p) for text, p in zip(captions, read.problems, strict=True))


def bundled() -> list[str]:
    """Return the paragraphs of the bundled cell."""
    text = (ROOT / "corpus" / "alcohol-e5.txt").read_text(encoding="utf-8")
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


def printed(form: str) -> str:
    """Return the bundled cell in another form."""
    paragraphs = bundled()
    if form == "pdf":
        rng = random.Random(5)  # noqa: S311 - a drawing, no secret
        lines = [line for p in paragraphs for line in wrapped(p, 80, rng)]
        pages = [lines[i : i + 40] for i in range(0, len(lines), 40)]
        return "".join("\n".join(p) + f"\n\n{n}\n\f" for n, p in enumerate(pages, 1))
    if form == "html":
        return f"<html><body>{'<br>'.join(map(html.escape, paragraphs))}</body></html>"
    if form == "wrapped":
        return "\n".join(line for p in paragraphs for line in wrapped(p, 72, None))
    return {"lines": "\n", "one line": " "}[form].join(paragraphs)


@pytest.mark.parametrize("form", ["pdf", "html", "wrapped", "lines", "one line"])
def test_the_bundled_cell_reads_the_same_in_every_form(form: str) -> None:
    expected = read_cell("\n\n".join(bundled()), "in.txt")
    read = read_cell(printed(form), "in.txt")
    assert read.problems == ()
    assert [
        (r.title, r.categories, r.year, r.publisher, r.summary, r.furniture, r.inferences)
        for r in read.records
    ] == [
        (r.title, r.categories, r.year, r.publisher, r.summary, r.furniture, r.inferences)
        for r in expected.records
    ]
    assert [r.references for r in read.records] == [r.references for r in expected.records]


@pytest.mark.parametrize(
    "before",
    [
        "<style>p { color: red }</style>", "<script>if (a < b) { c('<p>') }</script>",
        "<!-- saved --><style>p {}</style>", '<a name="top"></a>', "<b>Menu</b>", "<br>",
        '<link rel="icon">', '<img src="logo.png">', "<nav>Menu</nav>", "</div>", "<?php ?>",
    ],
)  # fmt: skip
def test_a_part_of_a_page_is_read_as_one_whatever_it_begins_with(before: str) -> None:
    body = "<p>Drug Treatment Matrix cell A1: X; Y</p><p><b>K</b> Zebras (2011). Stripes.</p>"
    (record,) = read_cell(before + body, "a.txt").records
    assert (record.title, record.summary) == ("Zebras", "Stripes.")


def test_a_page_of_markdown_that_begins_with_a_tag_is_none_of_html() -> None:
    body = (
        "# Drug Treatment Matrix cell A1: X; Y\n\n**K** [Zebras](http://e.org/a) (2011). Stripes.\n"
    )
    (record,) = read_cell(f'<a id="top"></a>\n\n{body}', "a.md").records
    assert (record.title, record.summary) == ("Zebras", "Stripes.")


HEADER = "Drug Treatment Matrix cell A1: X; Y"


@pytest.mark.parametrize(
    "body",
    [
        '<p>K <span hidden>tip</span>Zebras (2011). Stripes.</p>',
        '<p>K <b hidden>tip <b>within</b> it</b>Zebras (2011). Stripes.</p>',
        "<div>Something</div>K Zebras (2011). Stripes.",
        "<p>K <i>Zeb</i>ras (2011). <b>Str</b>ipes.</p>",
        '<p>K Zebras (2011).<span style="display: none">tip</span> Stripes.</p><p>G Mules (2012).',
    ],
    ids=["hidden", "hidden within hidden", "after a block", "inline", "hidden and another"],
)  # fmt: skip
def test_what_is_hidden_ends_with_its_element_and_words_are_parted_by_blocks_alone(
    body: str,
) -> None:
    record, *_ = read_cell(f"<p>{HEADER}</p>{body}", "a.html").records
    assert (record.title, record.year, record.summary) == ("Zebras", 2011, "Stripes.")


def test_a_row_of_a_table_is_an_entry_with_the_year_of_its_column() -> None:
    rows = "|   | Title | Year | About |\n|---|---|---|---|\n| K | Zebras | 2011 | Stripes. |\n"
    text = f"# {HEADER}\n\n{rows}| G | Mules |2012| Loads. |\n"
    read = [(r.title, r.year, r.summary) for r in read_cell(text, "a.md").records]
    assert read == [("Zebras", 2011, "Stripes."), ("Mules", 2012, "Loads.")]


@pytest.mark.parametrize("number", ["- 2 -", "Page 2 of 9", "2", "\f", "http://e.org/a  2/9"])
def test_the_number_of_a_page_in_the_midst_of_an_entry_is_no_word_of_it(number: str) -> None:
    pages = f"{HEADER}\n\nK Zebras (2011). Stripes\n{number}\nand manes.\n"
    (record,) = read_cell(pages, "a.txt").records
    assert record.summary == "Stripes and manes."


def test_an_entry_may_follow_the_legend_at_once() -> None:
    legend = "S Seminal studies K Key studies R Reviews G Guidance\nHover over titles for notes\n"
    text = f"{HEADER}\n\n{legend}K Zebras (2011). Stripes.\n\nG Mules (2012). Loads.\n"
    assert [r.title for r in read_cell(text, "a.txt").records] == ["Zebras", "Mules"]
