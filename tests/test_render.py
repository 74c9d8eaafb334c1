"""Records and results in each format: right by its standard, and harmless."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from evidence_search.records import Category, Inference, RelatedDocument, Source, StudyRecord
from evidence_search.render import html

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex

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
        if tag != "meta":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_of_a_record_is_taken_for_html() -> None:
    text = "".join(html.records([HOSTILE]))
    page = Outline(text)
    assert {"script", "b", "i", "u"}.isdisjoint(page.tags)
    assert "<script>alert(1)</script> & “quotes”" in page.text
    assert not any("javascript" in value for value in page.values)
    assert 'href=https://example.org/?a=1&b="2"' in page.values
    assert not {"\x1b", "\u202e"} & set(text)


def test_a_page_fetches_nothing_and_reads_in_light_and_dark(e5: EvidenceIndex) -> None:
    page = Outline(text := html.results(e5.search("prison")))
    assert {"link", "img", "iframe", "script"}.isdisjoint(page.tags)
    assert "@import" not in text
    assert "color-scheme: light dark" in text
    assert "lang=en" in page.values


def test_a_page_of_results_has_facets_badges_and_marked_words(e5: EvidenceIndex) -> None:
    found = e5.search("prison")
    text = html.results(found)
    assert text.count("<article>") == found.total
    assert "<mark>prisoners</mark>" in text
    assert '<span class="badge K">Key study</span>' in text
    assert '<th scope="row">Scotland</th><td class="n">2</td>' in text


@pytest.mark.parametrize("query", ["homicde <b>", ""])
def test_results_without_hits_or_query_are_a_page_too(e5: EvidenceIndex, query: str) -> None:
    assert "b" not in Outline(html.results(e5.search(query, exact=True))).tags
    assert Outline(html.fragment(e5.search(query, exact=True))).tags[0] == "style"
