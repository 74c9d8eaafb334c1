"""The page as tests ask it: a real server and real requests, nothing but addresses."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from evidence_search import open as open_index
from evidence_search.web.serving import serve
from tests.conftest import built

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]

    @property
    def links(self) -> list[str]:
        return [unescape(link) for link in re.findall(r'href="(/[^"]*)"', self.text)]


class Server(NamedTuple):
    address: str

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return self.send(method, path, headers=headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, *, headers: dict[str, str]
    ) -> Answer:
        where = urlsplit(self.address)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        named = {name.lower(): value for name, value in response.getheaders()}
        connection.close()
        return Answer(response.status, text, named)


def _index_of(corpus: Path, folder: Path) -> Path:
    """Return where the index of a corpus is: of the bundled one, or a copy, one that is built."""
    index = folder / "index"
    if (corpus / "alcohol-e5.txt").exists() and not index.exists():
        shutil.copytree(built().index_folder, index)
    return index


@contextmanager
def served(
    corpus: Path,
    folder: Path,
    host: str = "127.0.0.1",
    *,
    writes: bool | None = None,
    log: Path | None = None,
) -> Iterator[Server]:
    """Serve a corpus from a thread of this process, which starts at once."""
    index = open_index(corpus, _index_of(corpus, folder))
    page = serve(index, host, 0, writes=writes, log=log)
    thread = threading.Thread(target=page.run)
    thread.start()
    try:
        yield Server(page.address)
    finally:
        page.server.should_exit = True
        thread.join()


@contextmanager
def started(
    corpus: Path, folder: Path, *options: str
) -> Iterator[tuple[Server, subprocess.Popen[str]]]:
    """Serve a corpus by the command, in a process that is interrupted at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "evidence_search", "--corpus", str(corpus), "--index",
         str(_index_of(corpus, folder)), "serve", "--port", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    assert process.stdout
    line = process.stdout.readline()
    try:
        yield Server(line.split(" at ")[1].split()[0]), process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
