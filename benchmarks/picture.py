"""The picture of the page that the README shows: python benchmarks/picture.py docs/page.png.

It runs the page on the records that come with the program, and a Chromium that is installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

SHOWN = "?q=prison+treatment&jurisdiction=UK"
WIDTH, HEIGHT = 1000, 620


def draw(target: Path) -> None:
    """Write the picture to a file."""
    corpus = Path(__file__).parent.parent / "corpus"
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-m", "evidence_search", "--corpus", str(corpus), "--index",
             str(Path(folder) / "index"), "serve", "--port", "0", "--read-only"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            assert server.stdout
            address = server.stdout.readline().split(" at ")[1].split()[0]
            _photograph(address + SHOWN, target)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def _photograph(address: str, target: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            chromium_sandbox=os.geteuid() != 0,  # Chromium refuses its sandbox to root
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
