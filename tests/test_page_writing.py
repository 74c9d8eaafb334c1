"""What the page writes, and for whom: files that are brought to it, searches that are saved."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest

from evidence_search import history
from evidence_search import open as open_index
from evidence_search.lists import LISTS
from evidence_search.records import Source, StudyRecord
from evidence_search.render import atom
from evidence_search.web.guard import MOST_BYTES
from tests.conftest import ROOT
from tests.servers import Answer, Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator

MORE = "Title,Year\nZebras in wards,2011\nOtters in wards,2012\n"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - that is what is tried
ATOM = f"{{{atom.NAMESPACE}}}"


def post(
    server: Server, path: str, body: str | bytes = "", kind: str = "", **headers: str
) -> Answer:
    """Send a form as a browser sends one of a page of the server."""
    usual = {
        "Origin": server.address.partition("?")[0].rstrip("/"),
        "Content-Type": kind or "application/x-www-form-urlencoded",
    }
    sent = {name.replace("_", "-"): value for name, value in {**usual, **headers}.items() if value}
    return server.send("POST", path, body.encode() if isinstance(body, str) else body, headers=sent)


def brought(server: Server, *files: tuple[str, str]) -> Answer:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{text}\r\n"
        for name, text in files
    ]
    return post(
        server, "/add", "".join(parts) + "--edge--\r\n", "multipart/form-data; boundary=edge"
    )


def saved(server: Server, name: str, **asked: str) -> Answer:
    return post(server, "/saved", urlencode({**asked, "name": name}))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "corpus", tmp_path / "corpus"))


@pytest.fixture
def page(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv(history.SAVED_VARIABLE, str(tmp_path / "saved"))
    with served(corpus, tmp_path) as server:
        yield server


def test_a_file_that_is_brought_is_found_and_told_of(page: Server, corpus: Path) -> None:
    answer = brought(page, ("Mine (1).csv", MORE))
    assert "<h2>Added mine-1.csv: 2 records</h2>" in answer.text
    assert (corpus / "mine-1.csv").read_text(encoding="utf-8") == MORE
    assert "<h1>1 record for “zebras”" in page.ask("/?q=zebras").text
    again = brought(page, ("other.csv", MORE))
    assert "<h2>Already in the corpus: mine-1.csv: 2 records</h2>" in again.text
    twice = brought(page, ("third.csv", MORE + "Newts in wards,2013\n"))
    assert "2 of them listed in other files too, and merged with those" in twice.text


@pytest.mark.parametrize(
    "name", ["../../out.csv", "/etc/out.csv", "C:\\out.csv", "<b>.csv", "\u202eout.csv", "." * 300]
)
def test_a_file_stays_in_the_corpus_whatever_it_is_called(
    page: Server, corpus: Path, name: str
) -> None:
    before = {path for path in corpus.parent.rglob("*") if "index" not in path.parts}
    answer = brought(page, (name, MORE))
    assert answer.status == 200
    assert "<b>" not in answer.text
    new = {path for path in corpus.parent.rglob("*") if "index" not in str(path)} - before
    assert {path.parent for path in new} <= {corpus}


def test_what_can_not_be_added_is_said_and_stays_out(page: Server, corpus: Path) -> None:
    before = sorted(corpus.iterdir())
    answer = brought(page, ("note.txt", "dear diary"), ("more.csv", MORE))
    assert 'role="alert">note.txt: expected' in answer.text
    assert "Added more.csv" in answer.text
    assert sorted(corpus.iterdir()) == sorted([*before, corpus / "more.csv"])


def test_only_forms_of_the_page_itself_are_taken(page: Server, corpus: Path) -> None:
    before = sorted(corpus.iterdir())
    body = "q=prison&name=taken"
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
    ):
        assert post(page, "/saved", body, **headers).status == 403, headers
    port = urlsplit(page.address).port
    stranger = f"evil.example:{port}"
    assert post(page, "/saved", body, Host=stranger, Origin=f"http://{stranger}").status == 421
    assert history.saved_names(corpus) == []
    assert sorted(corpus.iterdir()) == before
    assert post(page, "/saved", body, Sec_Fetch_Site="same-origin").status == 303


def test_a_form_says_how_long_it_is_and_has_a_limit(page: Server) -> None:
    assert post(page, "/add", Content_Length=str(MOST_BYTES + 1)).status == 413
    where = urlsplit(page.address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    headers = {"Origin": f"http://{where.netloc}", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/add", iter([b"x"]), headers, encode_chunked=True)
    assert connection.getresponse().status == 411
    connection.close()


def test_what_is_no_form_is_said_in_one_line(page: Server) -> None:
    answer = post(page, "/add", "x", "multipart/form-data; boundary=edge")
    assert (answer.status, "expected a form of this page" in answer.text) == (400, True)
    assert post(page, "/add", "x", "text/plain").status == 200


@pytest.mark.parametrize(
    ("options", "writes"),
    [({}, True), ({"writes": False}, False), ({"host": EVERYWHERE}, False),
     ({"host": EVERYWHERE, "writes": True}, True)],
)  # fmt: skip
def test_who_may_write_is_this_machine_or_whom_it_is_told(
    corpus: Path, tmp_path: Path, options: dict[str, Any], writes: bool
) -> None:
    with served(corpus, tmp_path, **options) as server:
        token = urlsplit(server.address).query.removeprefix("token=")
        cookie = f"evidence-search-token={token}"
        assert ('<form action="/add"' in server.ask("/add", Cookie=cookie).text) == writes
        answer = post(server, "/saved", "q=prison&name=x", Cookie=cookie)
        assert answer.status == (303 if writes else 405)


def test_the_corpus_of_the_program_is_left_as_it_is(tmp_path: Path) -> None:
    from evidence_search.corpus import bundled

    before = sorted(bundled().iterdir())
    with served(bundled(), tmp_path) as server:
        assert "expected a corpus folder of your own" in brought(server, ("more.csv", MORE)).text
    assert sorted(bundled().iterdir()) == before


def test_a_saved_search_is_listed_and_leads_to_its_records(page: Server, corpus: Path) -> None:
    assert saved(page, "prisons", q="prison", category="K", exact="1", sort="newest").status == 303
    past = history.read_saved(corpus, "prisons")
    assert past.search.options == {"category": ["K"], "exact": True, "sort": "newest"}
    text = page.ask("/saved").text
    assert "“prison”, category K, exact, sort newest" in text
    assert 'href="/?q=prison&amp;category=K&amp;exact=1&amp;sort=newest"' in text
    taken = saved(page, "prisons", q="beds")
    assert (taken.status, "is saved already" in taken.text) == (400, True)
    assert post(page, "/saved/prisons/remove").status == 303
    assert history.saved_names(corpus) == []


def test_what_is_new_stays_new_until_it_was_seen(page: Server, corpus: Path) -> None:
    saved(page, "wards", q="wards")
    brought(page, ("more.csv", MORE))
    shown = page.ask("/saved/wards")
    assert "<h1>wards: 2 new since" in shown.text
    assert "2 new since" in page.ask("/saved").text
    with open_index(corpus, page_index(corpus)) as index:
        ids = index.rank("zebras")
    post(page, "/saved/wards/seen", urlencode({"id": ids}, doseq=True))
    later = page.ask("/saved/wards").text
    assert "<h1>wards: 1 new since" in later
    assert "Otters in wards" in later


def page_index(corpus: Path) -> Path:
    return corpus.parent / "index"


def test_a_feed_has_what_a_feed_reader_needs(page: Server) -> None:
    saved(page, "wards", q="wards OR prison")
    brought(page, ("more.csv", MORE.replace("Zebras", "Zebras <b>&amp;")))
    answer = page.ask("/saved/wards/feed")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.text)  # noqa: S314 - our own
    entries = root.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") in {"Zebras <b>&amp; in wards", "Otters in wards"}
    for part in (root, *entries):
        for name in ("title", "id", "updated"):
            assert len(part.findall(f"{ATOM}{name}")) == 1
        assert (part.findtext(f"{ATOM}updated") or "").endswith("Z")
        assert (part.findtext(f"{ATOM}id") or "").startswith("urn:uuid:")
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries)
    for entry in entries:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert page.ask(urlsplit(link.get("href") or "").path).status == 200
    times = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert times == sorted(times, reverse=True)
    assert root.findtext(f"{ATOM}updated") == times[0]
    assert page.ask("/saved/wards/feed").text == answer.text


def test_a_feed_is_xml_whatever_a_record_says() -> None:
    record = StudyRecord("x", "]]> \x00 \ud800 \uffff <b>", Source("a", 1), summary="\x1b & \ufffe")
    text = atom.feed("a <&>", "b", "http://c/?d=1&e=2", [(record, "http://c/", atom.EARLIEST)])
    ElementTree.fromstring(text)  # noqa: S314 - our own


def test_two_who_save_and_bring_at_once_lose_nothing(page: Server, corpus: Path) -> None:
    def work(n: int) -> None:
        saved(page, f"search-{n}", q=f"zebra{n}")
        brought(page, ("more.csv", f"Title,Year\nZebra{n},2011\n"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(history.saved_names(corpus)) == 6
    for n in range(6):
        assert f"<h1>1 record for “zebra{n}”" in page.ask(f"/?q=zebra{n}").text


def test_a_saved_search_that_is_broken_is_named_beside_the_others(
    page: Server, corpus: Path
) -> None:
    saved(page, "good", q="prison")
    (history.saved_folder(corpus) / "bad.json").write_text(json.dumps({"query": 3}))
    text = page.ask("/saved").text
    assert "expected a saved search, found something else" in text
    assert "0 new since" in text
    assert page.ask(f"/saved/{quote('bad')}").status == 400
    assert page.ask("/saved/none").status == 400


def put(server: Server, record: str, **fields: str) -> Answer:
    return post(server, f"/records/{record}/lists", urlencode(fields))


def first_record(server: Server, query: str) -> str:
    found = json.loads(server.ask(f"/api/search?q={quote(query)}").text)
    return str(found["hits"][0]["id"])


def test_a_record_is_put_on_a_list_and_taken_off_beside_its_passage(
    page: Server, corpus: Path
) -> None:
    record, back = first_record(page, "prison"), "/?q=prison#record-1"
    assert "<legend>List</legend>" not in page.ask("/?q=prison").text
    assert "None yet" in page.ask("/lists").text
    answer = put(page, record, list="to read", note="soon", by="Ann", back=back)
    assert (answer.status, answer.headers["location"]) == (303, back)
    shown = page.ask("/?q=prison").text
    assert "on “to read” (Ann: soon)" in shown
    assert "<legend>List</legend>" in shown
    assert "<h1>1 record for “prison”" in page.ask("/?q=prison&list=to+read").text
    listed = page.ask("/lists")
    assert "/?list=to+read" in listed.links
    assert re.search(r"</a> · Ann, \d{4}-\d\d-\d\d: soon</li>", listed.text)
    assert open_index(corpus, corpus.parent / "index").lists["to read"][0].by == "Ann"
    assert put(page, record, list="to read", off="1", back=back).status == 303
    assert "on “to read”" not in page.ask("/?q=prison").text
    assert page.ask("/?list=to+read").status == 200


def test_what_the_corpus_has_no_more_is_taken_off_on_the_page_of_lists(
    page: Server, corpus: Path
) -> None:
    (corpus / "lists.txt").write_text("2026-01-01\tann\ton\tto read\t\tdoi:10.1000/gone\n")
    assert "doi:10.1000/gone (no record of the corpus now)" in page.ask("/lists").text
    form = {"record": "doi:10.1000/gone", "list": "to read", "off": "1", "back": "/lists"}
    answer = post(page, "/lists", urlencode(form))
    assert (answer.status, answer.headers["location"]) == (303, "/lists")
    assert "None yet" in page.ask("/lists").text


def test_a_form_of_a_list_leads_nowhere_else(page: Server) -> None:
    record = first_record(page, "prison")
    for back in ("//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:x"):
        answer = put(page, record, list="included", back=back)
        assert (answer.status, answer.headers["location"]) == (303, f"/records/{record}"), back
    answer = put(page, record, list="maybe", back="/\t/evil.example\r\nSet-Cookie: a=b")
    assert answer.headers["location"].startswith("/%09/")
    assert "set-cookie" not in answer.headers


def test_what_is_wrong_with_a_list_is_said(page: Server, corpus: Path) -> None:
    record = first_record(page, "prison")
    assert put(page, record, list=" ").status == 400
    assert "expected a note of 1 to 2000" in put(page, record, list="a", note="x" * 2001).text
    assert put(page, "nobody", list="included").status == 404
    assert not (corpus / LISTS).exists()


def test_names_and_notes_of_lists_are_text(page: Server) -> None:
    record = first_record(page, "prison")
    hostile = "<script>alert(1)</script>\u202e\x1b"
    assert put(page, record, list=hostile, note=hostile, by=hostile).status == 303
    for path in ("/?q=prison", "/lists", f"/records/{record}"):
        shown = page.ask(path).text
        assert "<script" not in shown
        assert "alert(1)" in shown
        assert "\u202e" not in shown
        assert "\x1b" not in shown


def test_two_people_at_two_pages_lose_nothing(page: Server, corpus: Path) -> None:
    record = first_record(page, "prison")
    threads = [
        threading.Thread(target=put, args=(page, record), kwargs={"list": f"{who} {n}", "by": who})
        for n in range(5)
        for who in ("ann", "ben")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_index(corpus, corpus.parent / "index").lists) == 10


def test_a_page_that_is_only_read_has_no_form_of_lists(corpus: Path, tmp_path: Path) -> None:
    open_index(corpus, tmp_path / "index").put(
        open_index(corpus, tmp_path / "index").search("prison").records[:1], "included"
    )
    with served(corpus, tmp_path, writes=False) as server:
        record = first_record(server, "prison")
        for path in ("/?q=prison", f"/records/{record}"):
            shown = server.ask(path).text
            assert "included" in shown
            assert "Put on a list" not in shown
            assert "Take off" not in shown
        before = (corpus / LISTS).read_bytes()
        assert put(server, record, list="excluded").status == 404
        assert (corpus / LISTS).read_bytes() == before
