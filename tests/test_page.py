"""The page, asked as a browser asks it: a real server, real requests, nothing but addresses."""

from __future__ import annotations

import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search import open as open_index
from evidence_search.errors import QueryError
from evidence_search.web import patience
from evidence_search.web.asked import FILTERS, SWITCHES, Asked
from evidence_search.web.serving import serve
from evidence_search.web.site import EXPORTS
from tests.conftest import ROOT
from tests.servers import Server, served, started
from tests.test_reliability_hostile import BAD, Page

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(ROOT / "corpus", tmp_path_factory.mktemp("page")) as server:
        yield server


def test_a_search_shows_hits_and_facets_to_tick(page: Server) -> None:
    answer = page.ask("/?q=prison")
    assert answer.status == 200
    assert "<h1>5 records for “prison”</h1>" in answer.text
    assert "“Unmet need” for alcohol services in Britain’s <mark>prisons</mark>" in answer.text
    ticks = re.findall(r'name="(\w+)" value="([^"]+)"> <span>.*?class="n">(\d+)<', answer.text)
    assert ("category", "K", "2") in ticks
    assert ("jurisdiction", "Scotland", "2") in ticks


def test_a_first_page_with_its_stylesheet_is_small(page: Server) -> None:
    answers = [page.ask(path) for path in ("/", "/style.css")]
    assert sum(len(answer.text.encode()) for answer in answers) < 100_000


def test_every_number_of_a_facet_is_what_ticking_it_finds(page: Server) -> None:
    answer = page.ask("/?q=prison&jurisdiction=UK")
    ticks = re.findall(r'name="(\w+)" value="([^"]+)"> <span>.*?class="n">(\d+)<', answer.text)
    assert ticks
    for name, label, n in ticks:
        kept = () if name == "jurisdiction" else (("jurisdiction", "UK"),)
        asked = Asked("prison", kept)
        found = page.ask(asked.with_filter(name, label).address()).text
        assert re.search(rf"<h1>{n} records? for", found), (name, label)


def test_a_chip_takes_its_filter_away(page: Server) -> None:
    answer = page.ask("/?q=prison&category=K&year=2005..2012")
    chips = re.findall(r'<li><a href="([^"]+)">(\w+): ', answer.text)
    assert {(unescape(link), name) for link, name in chips} == {
        ("/?q=prison&year=2005..2012", "Category"), ("/?q=prison&category=K", "Year"),
    }  # fmt: skip


def test_every_number_of_a_map_leads_to_as_many_records(page: Server) -> None:
    for path in (
        "/map?q=treatment", "/map?rows=decade&columns=category", "/timeline",
        "/map?category=K", "/map?jurisdiction=UK&category=R&category=G",
        "/map?q=prison&year=2008..2012&rows=year&columns=jurisdiction",
        "/map?year=2012..&rows=decade&columns=matrix",
    ):  # fmt: skip
        answer = page.ask(path)
        numbers = set(re.findall(r'<td style="--shade:\d+%"><a href="([^"]+)">(\d+)<', answer.text))
        assert numbers
        for link, n in numbers:
            assert f"<h1>{n} record" in page.ask(unescape(link)).text, link


def test_every_bar_of_a_timeline_leads_to_as_many_records(page: Server) -> None:
    svg = page.ask("/timeline?jurisdiction=UK").text.partition("<svg")[2].partition("</svg>")[0]
    bars = re.findall(r'<a href="([^"]+)"><title>[^<]+: (\d+) records?</title>', svg)
    assert bars
    for link, n in bars:
        assert f"<h1>{n} record" in page.ask(unescape(link)).text, link


def test_every_link_answers(page: Server) -> None:
    waiting, asked = ["/", "/?q=prison"], set[str]()
    while waiting and len(asked) < 150:
        path = waiting.pop(0)
        if path not in asked:
            asked.add(path)
            answer = page.ask(path)
            assert answer.status == 200, path
            waiting += answer.links
    assert {urlsplit(path).path.split("/")[1] for path in asked} == {
        "", "records", "why", "map", "timeline", "export", "style.css", "map.html",
        "saved", "add", "strategy", "lists",
    }  # fmt: skip


def test_a_record_shows_citations_and_why_it_was_found(page: Server) -> None:
    answer = page.ask("/?q=prison")
    record = next(link for link in answer.links if link.startswith("/records/"))
    text = page.ask(record).text
    for words in ("Cite as", "APA", "Vancouver", "Harvard", "Similar records", "Source: "):
        assert words in text
    assert "What each part of the query adds" in page.ask(record.replace("/records/", "/why/")).text


def test_a_file_has_what_the_command_line_writes(page: Server) -> None:
    answer = page.ask("/export?q=prison&format=ris")
    with open_index() as index:
        assert answer.text == index.search("prison", limit=None).export("ris")
    assert answer.headers["content-disposition"] == 'attachment; filename="evidence.ris"'


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/?page=0&q=beds", 400, "expected a page from 1 to 500; found &#39;0&#39;"),
        ("/?sort=best", 400, "expected an order of relevance"),
        ("/?year=soon&q=beds", 400, "found &#39;soon&#39;"),
        ("/export?format=exe", 400, "expected a format of ris"),
        ("/map?rows=colour", 400, "colour"),
        ("/records/none", 404, "expected the id of a record"),
        ("/none", 404, "expected an address of this page"),
        (f"/?q={'a' * 20_000}", 400, "expected a search of at most 10000 characters"),
        (f"/?page=000500{'9' * 5000}", 400, "expected a page from 1 to 500"),
        ("/?" + "&".join(f"row={n}" for n in range(200)), 400, "at most 100 filters; found 200"),
    ],
)
def test_what_is_wrong_is_said_with_the_search_to_mend(
    page: Server, path: str, status: int, words: str
) -> None:
    answer = page.ask(path)
    assert (answer.status, words in answer.text) == (status, True), answer.text
    assert 'role="alert"' in answer.text
    if "q=beds" in path:
        assert 'value="beds"' in answer.text


def test_only_this_machines_names_are_answered(page: Server) -> None:
    assert page.ask("/", Host="evil.example").status == 421
    assert page.ask("/", Host="127.0.0.1.evil.example:80").status == 421
    port = urlsplit(page.address).port
    assert page.ask("/", Host=f"localhost:{port}").status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"", b"GET / HTTP/1.1\r\nHost: ", b"\x16\x03\x01", b"PRI * HTTP/2.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000_000, b"GET /\x00\x1b HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_or_left(page: Server, request_: bytes) -> None:
    where = urlsplit(page.address)
    address = (where.hostname or "", where.port or 0)
    # One that is left already is an OSError of its own where it is shut down.
    with socket.create_connection(address) as client, suppress(OSError):
        client.sendall(request_.replace(b"{host}", where.netloc.encode()))
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100)[:12] in {b"", b"HTTP/1.1 400", b"HTTP/1.1 421"}
    assert page.ask("/?q=prison").status == 200


@contextmanager
def patient_for(seconds: float, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Serve from this process, with another patience."""
    monkeypatch.setattr(patience, "PATIENCE", seconds)
    with open_index(ROOT / "corpus") as index:
        served = serve(index, "127.0.0.1", 0)
        thread = threading.Thread(target=served.run)
        thread.start()
        try:
            yield "127.0.0.1", urlsplit(served.address).port or 0
        finally:
            served.server.should_exit = True
            thread.join()


def test_a_client_that_never_ends_its_request_or_never_reads_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with patient_for(0.2, monkeypatch) as where, socket.create_connection(where) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
        with suppress(ConnectionResetError):
            assert slow.recv(100) == b""
    with patient_for(0.2, monkeypatch) as where, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(where)
        asked = f"GET /?q=prison HTTP/1.1\r\nHost: 127.0.0.1:{where[1]}\r\n\r\n".encode()
        with suppress(ConnectionResetError, BrokenPipeError):
            while True:
                deaf.sendall(asked)


def test_there_are_only_so_many_connections_and_room_again_once_they_are_gone(
    page: Server,
) -> None:
    where = urlsplit(page.address)
    with ExitStack() as stack:
        for _ in range(2 * patience.MOST_CONNECTIONS):
            client = socket.create_connection((where.hostname or "", where.port or 0))
            stack.enter_context(client)
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""
    while True:
        with suppress(http.client.HTTPException, ConnectionError):
            assert page.ask("/?q=prison").status == 200
            break


def test_nothing_is_changed_by_a_request_of_another_site(page: Server) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert page.ask("/", method, Origin="https://evil.example").status == 403


def test_no_page_may_load_or_run_anything_else(page: Server) -> None:
    for path in ("/", "/none", "/style.css", "/export?format=ris"):
        headers = page.ask(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert "script" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_another_host_needs_the_token_that_is_printed(tmp_path: Path) -> None:
    everywhere = "0.0.0.0"  # noqa: S104 - that is what is tried
    with served(ROOT / "corpus", tmp_path, everywhere) as server:
        assert server.ask("/").status == 403
        assert server.ask("/?token=wrong").status == 403
        token = urlsplit(server.address).query
        answer = server.ask(f"/?q=prison&{token}")
        assert (answer.status, urlsplit(answer.headers["location"]).query) == (303, "q=prison")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert server.ask("/?q=prison", Cookie=cookie.split(";")[0]).status == 200


def test_text_of_a_corpus_is_harmless_on_every_page(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "cell.txt").write_text(
        f"Drug Treatment Matrix cell A1: Interventions; Reducing harm\n\n"
        f"K Zebras {BAD} (2011). Of zebras {BAD}.\n\nR Zebras again (2012). Of {BAD} zebras.\n",
        encoding="utf-8",
    )
    with served(corpus, tmp_path) as server:
        waiting, asked = ["/?q=zebra", "/?q=%3Cscript%3E&category=%3Cb%3E"], set[str]()
        while waiting:
            path = waiting.pop(0)
            if path not in asked and not path.startswith(("/export", "/style.css")):
                asked.add(path)
                answer = server.ask(path)
                checked = Page()
                checked.feed(answer.text)
                assert not checked.wrong, path
                waiting += answer.links if len(asked) < 40 else []
        assert len(asked) > 10


def test_edits_are_followed_while_it_runs(tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))
    with served(corpus, tmp_path) as server:
        assert "<h1>0 records for “zebras”" in server.ask("/?q=zebras").text
        (corpus / "more.csv").write_text("Title,Year\nZebras in wards,2011\n", encoding="utf-8")
        while "Zebras in wards" not in unmarked(server.ask("/?q=zebras").text):
            pass


def unmarked(text: str) -> str:
    return re.sub("</?mark>", "", text)


def test_the_command_takes_its_options_ends_quietly_and_a_taken_port_is_one_line(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.jsonl"
    options = "--read-only", "--log", str(log)
    with started(ROOT / "corpus", tmp_path, *options) as (server, process):
        port = urlsplit(server.address).port
        second = subprocess.run(
            [sys.executable, "-m", "evidence_search", "serve", "--port", str(port)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert f"expected a free port at 127.0.0.1; found none at {port}" in second.stderr
        assert "Traceback" not in second.stderr
        assert server.ask("/?q=prison").status == 200
        assert '"prison"' in log.read_text(encoding="utf-8")
        assert server.ask("/saved", "POST", Origin=server.address.rstrip("/")).status == 405
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        assert (process.returncode, "Traceback" in errors) == (0, False)


_texts = st.text(min_size=1, max_size=12).filter(str.strip)


@given(
    st.builds(
        Asked, st.just("") | _texts,
        st.lists(st.tuples(st.sampled_from(FILTERS), _texts), max_size=4, unique=True).map(tuple),
        st.frozensets(st.sampled_from(SWITCHES)), st.sampled_from(["relevance", "title"]),
        st.integers(1, 500),
    )
)  # fmt: skip
def test_an_address_says_all_that_was_asked(asked: Asked) -> None:
    from starlette.datastructures import QueryParams

    query = urlsplit(asked.address()).query
    assert Asked.of(QueryParams(query).multi_items()) == asked


def test_an_address_of_another_program_is_read_as_far_as_it_is_ours() -> None:
    assert Asked.of([("q", "beds"), ("utm_source", "mail")]) == Asked("beds")
    with pytest.raises(QueryError):
        Asked.of([("page", "²")])


def test_the_documentation_names_every_address_parameter_and_format() -> None:
    text = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    for name in (*FILTERS, *SWITCHES, "q", "sort", "page", "rows", "columns", "format"):
        assert re.search(rf"`{name}(=1)?`", text), name
    paths = (
        "/ /records/ID /why/ID /map /map.html /timeline /export /strategy /saved /saved/NAME /add"
    )
    for path in (*paths.split(), "/saved/NAME/feed"):
        assert f"| `{path}` |" in text
    (formats,) = re.findall(r"of the export: (.*) \|", text)
    assert formats.split(", ") == [*EXPORTS]
