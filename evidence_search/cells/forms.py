"""Which form a page is in (HTML, Markdown, text of a word processor or PDF), and its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.cells.html import looks_like_html, read_html, saved_from
from evidence_search.cells.links import with_links
from evidence_search.cells.markdown import looks_like_markdown, read_markdown
from evidence_search.cells.mhtml import html_part, location, looks_like_mhtml, read_mhtml
from evidence_search.cells.pages import plain_page
from evidence_search.cells.reflow import reflowed, unlisted, unquoted

if TYPE_CHECKING:
    from evidence_search.cells.pages import Page


def read_page(text: str, path: str, *, hidden: bool = False) -> Page:
    """Return the page in a text of any form; text that HTML hides is left out unless asked for."""
    if looks_like_mhtml(text):
        outer = read_mhtml(text, path)
        page = read_html(outer.text, path, hidden=hidden).within(outer)
    elif looks_like_html(text):
        page = read_html(text, path, hidden=hidden)
        if "<pre" in text[:100_000].lower():
            page = reflowed(page)
    else:
        page = with_links(unquoted(plain_page(text, path)))
        if looks_like_markdown(text, path):
            page = read_markdown(page)
        page = reflowed(page)
    return unlisted(page)


def size(text: str) -> int:
    """Return how many characters a page has; pictures that are saved with it don't count."""
    if not looks_like_mhtml(text):
        return len(text)
    _, start, end = html_part(text)
    return end - start


def has_hidden_text(text: str) -> bool:
    """Tell whether a text is in a form that may hide some of it."""
    return looks_like_html(text) or looks_like_mhtml(text)


def address(text: str) -> str:
    """Return the address that a browser says it saved a page from, or nothing."""
    return location(text) if looks_like_mhtml(text) else saved_from(text)
