"""The page in a real Chromium: read by everybody, used by keyboard alone, loading nothing else."""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.test_page import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="Chromium isn't installed"
)
PAGES = ["/", "/?q=prison&category=K", "/map", "/timeline", "/none", "/?q=zzz"]
WIDTHS = (320, 768, 1280)
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(ROOT / "corpus", tmp_path_factory.mktemp("page")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        sandboxed = os.geteuid() != 0  # Chromium refuses its sandbox to root
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, chromium_sandbox=sandboxed
        )
        yield browser
        browser.close()


def opened(browser: Browser, server: Server, path: str, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(server.address.rstrip("/") + path)
    return page


def addresses(server: Server) -> list[str]:
    links = server.ask("/?q=prison").links
    return [*PAGES, *(next(x for x in links if x.startswith(y)) for y in ("/records", "/why"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_wrong_and_nothing_is_cut_off(
    browser: Browser, server: Server, scheme: Any, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in addresses(server):
        page = opened(
            browser, server, path, color_scheme=scheme, bypass_csp=True,
            viewport={"width": width, "height": 900},
        )  # fmt: skip
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.context.close()


def test_a_search_and_its_filters_work_by_keyboard_alone(browser: Browser, server: Server) -> None:
    page = opened(browser, server, "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Tab")
    page.keyboard.type("prison")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=prison")
    while page.evaluate("document.activeElement.value") != "K":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**category=K**")
    assert page.text_content("h1") == "2 records for “prison”"
    while "/records/" not in page.evaluate("document.activeElement.href || ''"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/**")
    assert "Lessons of coordinating" in (page.text_content("h1") or "")
    page.context.close()


def _keep(values: list[str], name: str, event: object) -> None:
    values.append(getattr(event, name))


def test_nothing_is_asked_of_another_machine_and_nothing_is_refused(
    browser: Browser, server: Server
) -> None:
    for path in addresses(server):
        page = browser.new_context().new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", partial(_keep, asked, "url"))
        page.on("console", partial(_keep, said, "text"))
        page.goto(server.address.rstrip("/") + path)
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(server.address).netloc}
        assert [text for text in said if "404" not in text] == []
        page.context.close()
