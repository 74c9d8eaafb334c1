"""Adding, saving and strategies in a real Chromium: by keyboard alone, and read by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from evidence_search import history
from tests.servers import Server, served
from tests.test_page_browser import browser, pytestmark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

__all__ = ["browser", "pytestmark"]
"""What pytest takes from here that stands there."""
WIDTHS = (320, 768, 1280)
CELL = """Alcohol Treatment Matrix cell E5: Treatment systems; Safeguarding the community

K Zebras in wards of a hospital in the north (2011). Of zebras.

Q Otters (20x2). Of otters that nobody dated.

R A very long title of a review about the throughcare of prisoners with alcohol problems (2012).
"""
STRATEGY = "1. prison\n2. treatmnt\n3. prisn* OR jail\n4. 1 and (2 or treatment)\n"


@pytest.fixture
def server(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv(history.SAVED_VARIABLE, str(tmp_path / "saved"))
    (tmp_path / "zebras.txt").write_text(CELL, encoding="utf-8")
    with served(corpus, tmp_path) as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.goto(server.address)
        yield page


def reach(page: Page, selector: str) -> None:
    """Press the tabulator until something has the focus, from where the page begins."""
    page.locator(selector).first.wait_for()
    seen = 0
    while not page.evaluate("selector => document.activeElement.matches(selector)", selector):
        page.keyboard.press("Tab")
        seen += 1
        assert seen < 300, f"{selector} can't be reached"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", f"nobody sees that {selector} has the focus"


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Reach something, press a key on it, and wait for the page that comes."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press(key)


def follow(page: Page, words: str) -> None:
    """Follow the link of a text by keyboard."""
    page.evaluate(
        "words => [...document.querySelectorAll('a, button')]"
        ".find(one => one.textContent.includes(words)).setAttribute('data-wanted', '')",
        words,
    )
    press(page, "[data-wanted]")


def read_by_everybody(page: Page) -> None:
    """Hold a page to axe at each width, by day and by night; nothing of it is cut off."""
    from axe_playwright_python.sync_playwright import Axe

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found: Any = Axe().run(page)
            assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_files_are_added_and_read_of_by_keyboard(page: Page, tmp_path: Path) -> None:
    follow(page, "Add files")
    reach(page, "#files")
    note = tmp_path / "note.txt"
    note.write_text("dear diary", encoding="utf-8")
    # The dialog that a key opens here is the browser's own, and none is drawn without a screen.
    page.set_input_files("#files", [tmp_path / "zebras.txt", note])
    press(page, "main form button")
    assert "note.txt: expected" in (page.text_content("[role=alert]") or "")
    assert "The same cell is in alcohol-e5.txt too" in (page.text_content("main") or "")
    reach(page, "main summary")
    page.keyboard.press("Enter")
    assert page.locator("main details li").first.is_visible()
    read_by_everybody(page)
    follow(page, "Zebras in wards")
    assert "Zebras in wards" in (page.text_content("h1") or "")


def test_a_search_is_saved_looked_at_and_removed_by_keyboard(page: Page, corpus: Path) -> None:
    reach(page, "#q")
    page.keyboard.type("prison OR zebras")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, "#name")
    page.keyboard.type("prisons")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    read_by_everybody(page)
    (corpus / "more.csv").write_text("Title,Year\nZebras in wards,2011\n", encoding="utf-8")
    while "1 new since" not in (page.text_content("main") or ""):
        page.reload()
    follow(page, "prisons")
    read_by_everybody(page)
    follow(page, "I have seen these")
    assert "0 new since" in (page.text_content("main") or "")
    follow(page, "prisons")
    follow(page, "Remove")
    assert "None yet." in (page.text_content("main") or "")
    read_by_everybody(page)


def test_a_strategy_is_run_mended_and_followed_by_keyboard(page: Page) -> None:
    follow(page, "Strategy")
    reach(page, "#text")
    for line in STRATEGY.splitlines():
        page.keyboard.type(line)
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("alcohol-e5-managing")
    press(page, "main form button")
    assert "What a peer reviewer would ask about" in (page.text_content("main") or "")
    assert "1 known paper" in (page.text_content("main") or "")
    read_by_everybody(page)
    number = page.text_content("table.strategy td.n a")
    press(page, "table.strategy td.n a")
    assert (page.text_content("h1") or "").startswith(f"{number} record")


def test_a_strategy_that_can_not_be_read_stands_there_to_be_mended(page: Page) -> None:
    follow(page, "Strategy")
    reach(page, "#text")
    page.keyboard.type("1. prison")
    page.keyboard.press("Tab")
    page.keyboard.type("nobody")
    press(page, "main form button")
    assert "found 'nobody'" in (page.text_content("[role=alert]") or "")
    assert (page.input_value("#text"), page.input_value("#known")) == ("1. prison", "nobody")
    read_by_everybody(page)
