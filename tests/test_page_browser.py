"""The page in a real Chromium: read by everybody, used by keyboard alone, loading nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest

from evidence_search import history
from tests.conftest import FULL, ROOT
from tests.servers import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="Chromium isn't installed"
)
PAGES = [
    "/",
    "/?q=prison&category=K",
    "/map",
    "/timeline",
    "/none",
    "/?q=zzz",
    "/add",
    "/saved",
    "/lists",
    "/strategy?text=1.+prison%0A2.+1+and+treatment&known=alcohol-e5-managing",
]
WIDTHS = (320, 640, 768, 1280)
"""Of a phone, of 1280 pixels at 200% zoom, of a tablet and a desk."""
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
    page.goto(urljoin(server.address, path))
    return page


def addresses(server: Server) -> list[str]:
    links = server.ask("/?q=prison").links
    return [*PAGES, *(next(x for x in links if x.startswith(y)) for y in ("/records", "/why"))]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "scheme"),
    [*product(WIDTHS, ("light", "dark"))] if FULL else [(WIDTHS[0], "dark"), (WIDTHS[-1], "light")],
)
def test_axe_finds_nothing_wrong_and_nothing_is_cut_off(
    browser: Browser, server: Server, scheme: Any, width: int, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    saved = tmp_path / "map.html"
    saved.write_text(server.ask("/map.html").text, encoding="utf-8")
    for path in [*addresses(server), saved.as_uri()]:
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


def test_records_are_put_on_lists_by_keyboard_alone_and_read_by_everybody(
    browser: Browser, tmp_path: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    corpus = Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))
    with served(corpus, tmp_path) as server:
        page = opened(browser, server, "/?q=prison", bypass_csp=True)
        while page.evaluate("document.activeElement.tagName") != "SUMMARY":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        for text in ("to read", "for the meeting"):
            page.keyboard.press("Tab")
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=on “to read”")
        assert page.url.endswith("#record-1")
        assert "for the meeting" in (page.text_content("#record-1") or "")
        page.click("#record-2 summary")
        for path in ("", "/?q=prison&list=to+read", "/lists"):
            if path:
                page.goto(urljoin(server.address, path))
            for summary in page.locator("summary:visible").all()[:2]:
                summary.press("Enter")
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                found = Axe().run(page)
                assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto(urljoin(server.address, "/?list=to+read"))
        while page.evaluate("document.activeElement.textContent") != "Take off “to read”":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:has-text('0 records')")
        page.context.close()


def test_a_saved_map_filters_without_a_server(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    """Each number is one that the server finds with the same filters."""
    page = opened(browser, server, "/map")
    with page.expect_download() as download:
        page.click("text=Save this map as a page")
    saved = tmp_path / "map.html"
    download.value.save_as(saved)
    page.context.close()
    page = browser.new_context(offline=True).new_page()
    page.goto(saved.as_uri())
    page.check("input[name=jurisdiction] >> nth=0")
    page.check("input[name=category] >> nth=0")
    place, category = (
        page.text_content(f"label:has(input[name={name}]:checked) span") or ""
        for name in ("jurisdiction", "category")
    )
    there = opened(browser, server, f"/?jurisdiction={place}&category={category}")
    n = (there.text_content("h1") or "").split()[0]
    there.context.close()
    assert page.text_content("output") == f"{n} of 20 shown"
    assert page.text_content("table.upright [data-total=all]") == n
    shown = page.locator("details.cell li:visible").evaluate_all(
        "all => new Set(all.map(one => one.dataset.record)).size"
    )
    assert str(shown) == n
    page.click("text=Show all")
    page.locator("output", has_text="All 20 shown").wait_for()
    page.context.close()


def test_a_saved_map_is_a_picture_without_scripts(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    saved = tmp_path / "map.html"
    saved.write_text(server.ask("/map.html").text, encoding="utf-8")
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(saved.as_uri())
    assert page.locator("details.sift").is_hidden()
    assert page.locator("table.upright").is_visible()
    page.context.close()


def test_a_search_is_saved_and_a_dropped_file_is_new_to_it_in_two_tabs(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))
    monkeypatch.setenv(history.SAVED_VARIABLE, str(tmp_path / "saved"))
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for file, title in zip(files, ("Zebras in wards", "Otters in wards"), strict=True):
        file.write_text(f"Title,Year\n{title},2011\n", encoding="utf-8")
    with served(corpus, tmp_path) as server:
        context = browser.new_context()
        tabs = [context.new_page(), context.new_page()]
        tabs[0].goto(server.address + "?q=wards")
        tabs[0].fill("#name", "wards")
        tabs[0].press("#name", "Enter")
        tabs[0].wait_for_url("**/saved")
        for tab in tabs:
            tab.goto(server.address + "add")
        for tab, file in zip(tabs, files, strict=True):
            tab.set_input_files("#files", file)
        for tab in tabs:
            tab.click("text=Add to the corpus", no_wait_after=True)
        for tab, file in zip(tabs, files, strict=True):
            tab.wait_for_selector(f"text=Added {file.name}: 1 record")
        tabs[0].goto(server.address + "saved/wards")
        assert "wards: 2 new since" in (tabs[0].text_content("h1") or "")
        tabs[0].click("text=I have seen these")
        tabs[0].wait_for_url("**/saved")
        assert "0 new since" in (tabs[0].text_content("main") or "")
        context.close()


def test_the_script_of_the_readme_s_picture_draws_one_that_is_small(
    browser: Browser, tmp_path: Path
) -> None:
    assert browser.is_connected()  # as the script needs one too
    target = tmp_path / "page.png"
    script = ROOT / "benchmarks" / "picture.py"
    subprocess.run([sys.executable, str(script), str(target)], check=True, cwd=ROOT)
    shown = ROOT / "docs" / "page.png"
    for picture in (target, shown):
        data = picture.read_bytes()
        assert data.startswith(b"\x89PNG")
        assert len(data) < 150_000
    assert f"](docs/{shown.name})" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("path", "kind"), [("/map", "turned"), ("/timeline", "upright")])
def test_a_map_has_its_longer_side_down_a_phone_and_is_seen_whole(
    browser: Browser, server: Server, path: str, kind: str
) -> None:
    page = opened(browser, server, path, viewport={"width": 320, "height": 900})
    shown = page.locator("table.map:visible")
    assert kind in (shown.get_attribute("class") or "")
    assert shown.evaluate("table => table.getBoundingClientRect().right") <= 320
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
