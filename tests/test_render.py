"""Records and results in each format: right by its standard, and harmless."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evidence_search.escaping import line
from evidence_search.records import Category, Inference, RelatedDocument, Source, StudyRecord
from evidence_search.render import format_of, html, markdown, render
from evidence_search.render.stylesheet import stylesheet

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from tests.conftest import Run

HOSTILE = StudyRecord(
    "x-<b>", title="<script>alert(1)</script> & “quotes” \x1b[31m\u202e", source=Source("a", 1),
    year=2010, publisher="P & Q \"<i>\"", categories=(Category.KEY,), url="javascript:alert(1)",
    summary="One <b>.\n\nTwo & three.", inferences=(Inference("Scotland", "field"),),
    related=(RelatedDocument("see also", "<u>", url="https://example.org/?a=1&b=\"2\""),),
)  # fmt: skip


class Outline(HTMLParser):
    """Collects tags, attributes and text; void elements apart, each tag must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [f"{name}={value}" for name, value in attrs]
        if tag not in {"meta", "input"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_of_a_record_is_taken_for_html() -> None:
    text = "".join(render("records", "html", [HOSTILE]))
    page = Outline(text)
    assert {"script", "b", "i", "u"}.isdisjoint(page.tags)
    assert "<script>alert(1)</script> & “quotes”" in page.text
    assert not any("javascript" in value for value in page.values)
    assert 'href=https://example.org/?a=1&b="2"' in page.values
    assert not {"\x1b", "\u202e"} & set(text)


def test_a_page_fetches_nothing_and_reads_in_light_and_dark(e5: EvidenceIndex) -> None:
    page = Outline(text := "".join(html.results(e5.search("prison"))))
    assert {"link", "img", "iframe", "script"}.isdisjoint(page.tags)
    assert "@import" not in text
    assert "color-scheme: light dark" in text
    assert "lang=en" in page.values


def test_a_page_of_results_has_facets_badges_and_marked_words(e5: EvidenceIndex) -> None:
    found = e5.search("prison")
    text = "".join(html.results(found))
    assert text.count("<article>") == found.total
    assert "<mark>prisoners</mark>" in text
    assert '<span class="badge K">Key study</span>' in text
    assert '<th scope="row" style="padding-left:1em">Scotland</th><td class="n">2</td>' in text


@pytest.mark.parametrize("query", ["homicde <b>", ""])
def test_results_without_hits_or_query_are_a_page_too(e5: EvidenceIndex, query: str) -> None:
    assert "b" not in Outline("".join(html.results(e5.search(query, exact=True)))).tags
    assert Outline(e5.search(query, exact=True)._repr_html_()).tags[0] == "style"


_characters = st.characters(exclude_categories=["Cs", "Cc"])
_any_text = st.text(st.one_of(_characters, st.sampled_from("\\`*_[]<>&|~#-+=1.)! \n@:/"))).map(line)


@example("a #", "# b")
@given(_any_text.filter(bool), _any_text)
def test_markdown_shows_any_text_as_it_is(title: str, summary: str) -> None:
    record = StudyRecord("x", title=title, source=Source("a", 1), summary=summary)
    page = Outline(MarkdownIt("commonmark").render("".join(markdown.records([record]))))
    told = [title, "Uncategorised · no year", *([summary] if summary else []), "x"]
    assert [line(part) for part in page.text.split("\n") if part.strip()][1:] == told
    assert page.tags == ["h1", "h2", *["p"] * (len(told) - 1), "code"]


def test_markdown_of_a_search_has_the_counts_and_what_matched_in_bold(e5: EvidenceIndex) -> None:
    text = "".join(markdown.results(e5.search("prison", limit=2)))
    assert re.match(
        "# 5 records for “prison”\n\nSearched 20 records of .*\n\n1 to 2\n\nAlso searched: ", text
    )
    assert "\n\n- Category: Guidance 3, Key study 2\n- Jurisdiction: " in text
    assert "with fewer **prisoners** being re-**imprisoned** than" in text
    assert text.count("\n## ") == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csl.json", "csl-json"), ("a.json", "json"), ("A.RIS", "ris"), ("a.bib", "bibtex"),
     ("a.md", "markdown"), ("a", None), ("ris", None)],
)  # fmt: skip
def test_the_ending_of_a_name_tells_the_format(name: str, expected: str | None) -> None:
    assert format_of(name) == expected


# What was asked, in every output


FILES = ["search.html", "search.md", "search.txt", "search.json", "map.html", "map.svg", "map.txt",
         "map.json", "timeline.html", "timeline.svg"]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_what_was_asked_of_which_corpus_and_when(
    run: Run, tmp_path: Path, name: str
) -> None:
    words = ["prison", "-c", "guidance", "-y", "2005..", "--exact"]
    path = tmp_path / name
    run(name.partition(".")[0], *words, "-o", str(path))
    text = path.read_text(encoding="utf-8")
    for said in ("prison", "guidance", "2005..", "exact" if "json" in name else "only these words"):
        assert said in text.replace("G</text>", "").replace("Guidance", "guidance")
    assert "/corpus" in text
    assert re.search(r"20\d\d-\d\d-\d\d", text)


def test_a_facet_that_is_filtered_by_says_that_its_counts_leave_the_filter_aside(run: Run) -> None:
    shown = run("prison", "-c", "guidance").stdout
    assert shown.startswith("3 records for “prison” · category: Guidance\n")
    assert "\nCategory (without its filter): Guidance 3, Key study 2\n" in shown
    assert "\nJurisdiction: " in shown


def test_records_that_lack_some_of_the_words_are_told_from_those_that_have_all(
    e5: EvidenceIndex, run: Run
) -> None:
    found = e5.search("prison treatment")
    every = set(e5.rank("prison treatment", every_word=True))
    assert found.whole == len(every)
    assert {hit.record.id for hit in found if hit.whole} == every & {h.record.id for h in found}
    assert "not all words" in run("prison", "treatment").stdout
    for query in ("prison OR unicorn", "prison", "+prison unicorn"):
        assert e5.search(query).whole is None


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG 2.2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_stand_out_in_light_and_dark_as_wcag_asks() -> None:
    style = stylesheet()
    colours = dict(re.findall(r"--(\w+): (#\w{6})", style))
    assert {"S", "K", "R", "G", "none"} <= colours.keys()
    papers = re.findall(r"background: (#\w{6})", style)
    inks = re.findall(r"[{; ]color: (#\w{6})", style)
    assert len(papers) == len(inks) == 2
    assert all(contrast(*pair) >= 7 for pair in zip(inks, papers, strict=True))
    for colour in colours.values():
        assert all(contrast(colour, paper) >= 3 for paper in papers)
        assert contrast(colour, "#000000") >= 4.5  # the letters on it
