"""An index on OpenSearch answers as one on Whoosh does, by any number of shards and writers.

What all engines have in common is in ``test_engines``.  Without a cluster (see
``tests.clusters``) only what goes wrong on the way to one is tried here.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import evidence_search as es
from evidence_search import strategies
from evidence_search.engines import Document, Request, address, open_engine
from evidence_search.engines import plan as t
from evidence_search.engines.matching import matches
from evidence_search.errors import (
    IndexLockedError,
    IndexUnreachableError,
    IndexUnwritableError,
    SearchIndexError,
    StateGoneError,
)
from evidence_search.index import EvidenceIndex
from evidence_search.values import replace
from tests import clusters
from tests.conftest import ROOT
from tests.edits import follow_edits
from tests.test_engines import (
    BAGS,
    KILLED,
    SCHEMA,
    SOON_FREE,
    TREES,
    answer,
    many,
    snapshot_of,
    write,
)
from tests.test_tantivy import QUERIES

pytest.importorskip("opensearchpy")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evidence_search.engines import Address, Engine, Snapshot

on_a_cluster = clusters.on_a_cluster


@pytest.fixture
def where() -> Iterator[Address]:
    with clusters.place() as address:
        yield address


# Answers


@pytest.fixture(scope="module")
def on_opensearch() -> Iterator[EvidenceIndex]:
    with clusters.place() as address:
        index = EvidenceIndex(ROOT / "corpus", address)
        index.refresh()
        yield index


@on_a_cluster
def test_a_search_on_opensearch_gives_what_one_on_whoosh_does(
    e5: EvidenceIndex, on_opensearch: EvidenceIndex
) -> None:
    for query in QUERIES:
        one, other = e5.search(query, limit=None), on_opensearch.search(query, limit=None)
        assert other.hits == one.hits
        assert other.facets == one.facets
        assert other.suggestions == one.suggestions
        filtered = [i.search(query, category=["K"], sort="newest") for i in (e5, on_opensearch)]
        assert filtered[0].hits == filtered[1].hits
        assert filtered[0].facets == filtered[1].facets
    assert [*on_opensearch.records] == [*e5.records]


@on_a_cluster
def test_what_is_made_of_searches_on_opensearch_is_as_on_whoosh(
    e5: EvidenceIndex, on_opensearch: EvidenceIndex
) -> None:
    record = e5.search("prison").hits[0].record.id
    explained, other = (i.explain("jail", record) for i in (e5, on_opensearch))
    assert replace(other, provenance=explained.provenance) == explained  # that has the time
    assert on_opensearch.similar(record).hits == e5.similar(record).hits
    feedback = [index.search("prison", feedback=True).hits for index in (e5, on_opensearch)]
    assert feedback[0] == feedback[1]
    file = ROOT / "docs" / "example-strategy.txt"
    counts = [[line.count for line in strategies.run(file, i).lines] for i in (e5, on_opensearch)]
    assert counts[0] == counts[1]


@on_a_cluster
def test_edits_of_the_corpus_are_followed_on_opensearch(corpus: Path, where: Address) -> None:
    again = follow_edits(corpus, str(where))
    assert again.status().index_folder == str(where)
    assert again.status().size > 0


@contextmanager
def in_shards(count: int) -> Iterator[Address]:
    """Give a place where a template of the cluster spreads each state over some shards."""
    with clusters.place() as address:
        name = address.url.rpartition("/")[2]
        asking = clusters.client()
        template = {"settings": {"number_of_shards": count}}
        body = {"index_patterns": [f"{name}-state-*"], "template": template}
        asking.indices.put_index_template(name=name, body=body)
        try:
            yield address
        finally:
            asking.indices.delete_index_template(name=name)
            asking.close()


def shuffled(count: int) -> list[Document]:
    """Return documents of few words each, of a small vocabulary, so that trees match some."""
    rng = random.Random(3)  # noqa: S311 - documents, no secret

    def words() -> list[str]:
        return rng.choices("abcd", k=rng.randint(0, 6))

    return [
        Document(
            id=f"{n:03}",
            text={"title": words(), "summary": words()},
            labels={"category": rng.sample("KRG", rng.randint(0, 2))},
            numbers=rng.choice([{}, {"year": 2005}, {"year": 2010}]),
            title_key=str(rng.random()),
        )
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def spread() -> Iterator[tuple[list[Document], Snapshot, Snapshot]]:
    """Give documents, and a snapshot of them on three shards and one on Whoosh.

    On the cluster they came by an update, so that deleted ones stand among them.
    """
    docs = shuffled(150)
    with in_shards(3) as address, snapshot_of("whoosh", docs) as whoosh:
        engine = open_engine(address, SCHEMA)
        first = write(engine, [*many(190), *docs[:70]])
        gone = [document.id for document in first.contents()]
        yield docs, write(engine, docs, gone, base=first), whoosh


@on_a_cluster
@settings(
    max_examples=300, deadline=None, phases=[Phase.generate], derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(tree=TREES)
def test_any_tree_on_several_shards_is_answered_as_it_is_meant_and_as_on_whoosh(
    tree: t.Node, spread: tuple[list[Document], Snapshot, Snapshot]
) -> None:
    docs, snapshot, whoosh = spread
    found = answer(snapshot, tree)
    assert {hit[0] for hit in found.hits} == {d.id for d in docs if matches(tree, d)}
    assert found == answer(whoosh, tree)
    filters: dict[str, t.Node] = {
        "category": t.Label("category", "K"),
        "year": t.Range("year", 2006),
    }
    for sort in ("relevance", "newest", "title"):
        request = Request(tree, filters, ("category",), sort=sort, offset=1, limit=7)
        assert snapshot.search(request) == whoosh.search(request)


@on_a_cluster
def test_phrases_with_words_between_are_found_in_order_alone(
    spread: tuple[list[Document], Snapshot, Snapshot],
) -> None:
    docs, snapshot, _ = spread
    rng = random.Random(7)  # noqa: S311 - words, no secret
    for _ in range(150):
        words = tuple(rng.choices("abcd", k=rng.randint(2, 4)))
        field = rng.choice([None, "title", "summary"])
        phrase = t.Phrase(words, field, rng.randint(0, 6))
        found = {hit[0] for hit in answer(snapshot, phrase).hits}
        assert found == {d.id for d in docs if matches(phrase, d)}, phrase


@on_a_cluster
def test_the_best_of_many_on_several_shards_are_those_of_whoosh() -> None:
    docs = many(600)
    with in_shards(3) as address, snapshot_of("whoosh", docs) as whoosh:
        snapshot = write(open_engine(address, SCHEMA), docs)
        for tree in BAGS:
            for limit in (1, 10, 50):
                request = Request(tree, facets=("category",), limit=limit)
                assert snapshot.search(request) == whoosh.search(request)


@on_a_cluster
def test_the_best_of_many_are_those_of_whoosh_however_long_the_query(where: Address) -> None:
    docs = many(600)
    words = [t.Term(f"w{n}") for n in range(200)]
    repeated = t.Or((*words[:12], *words[90:93] * 7))
    several = t.Or(
        tuple(
            t.Synonyms((word, *(t.Boost(words[n - m], 0.4 / m) for m in range(1, 7))))
            for n, word in enumerate(words)
        )
    )
    with snapshot_of("whoosh", docs) as whoosh:
        snapshot = write(open_engine(where, SCHEMA), docs)
        for tree in (repeated, several):
            request = Request(tree, limit=20)
            assert snapshot.search(request) == whoosh.search(request)


@on_a_cluster
def test_hits_and_labels_are_counted_beyond_what_one_request_may_ask_for(where: Address) -> None:
    docs = [
        Document(
            id=f"{n:05}", text={"title": ["a"]}, labels={"category": [f"label {n}"]},
            numbers={"year": 2000 + n % 20}, payload=str(n),
        )
        for n in range(10_300)
    ]  # fmt: skip
    snapshot = write(open_engine(where, SCHEMA), docs)
    whole = snapshot.search(Request(t.Term("a"), facets=("category",), limit=0))
    assert whole.total == 10_300
    assert whole.facets["category"] == {f"label {n}": 1 for n in range(10_300)}
    assert snapshot.ids() == [document.id for document in docs]
    for sort in ("relevance", "oldest"):
        everything = snapshot.search(Request(t.Term("a"), sort=sort, limit=None)).hits
        assert len({hit[0] for hit in everything}) == 10_300
        page = snapshot.search(Request(t.Term("a"), sort=sort, offset=10_090, limit=30)).hits
        assert page == everything[10_090:10_120]
    assert snapshot.among(Request(t.Term("a")), [*snapshot.ids(), "none"]) == {*snapshot.ids()}


@on_a_cluster
def test_words_labels_ids_and_titles_of_any_length_are_kept_apart(where: Address) -> None:
    long = "é" * 20_000
    docs = [
        Document(
            id=f"{long}{n}", text={"title": [f"{long}{n}", "b"]},
            labels={"category": [f"{long}{n}"]}, title_key=f"{long}{n}",
        )
        for n in range(2)
    ]  # fmt: skip
    engine = open_engine(where, SCHEMA)
    snapshot = write(engine, docs)
    for n in range(2):
        for tree in (
            t.Term(f"{long}{n}"),
            t.Phrase((f"{long}{n}", "b"), "title", 1),
            t.Label("category", f"{long}{n}"),
        ):
            assert [hit[0] for hit in snapshot.search(Request(tree)).hits] == [f"{long}{n}"]
    assert {document.id: document.text for document in snapshot.contents()} == {
        document.id: document.text for document in docs
    }
    assert write(engine, [], [f"{long}0"], base=snapshot).ids() == [f"{long}1"]


@on_a_cluster
def test_more_words_than_a_cluster_takes_at_once_are_answered_or_refused_in_one_line() -> None:
    docs = many(100)
    words = tuple(t.Term(f"w{n}") for n in range(1500))
    phrases = tuple(t.Phrase(("w1", f"w{n}")) for n in range(1500))
    with snapshot_of("whoosh", docs) as whoosh, snapshot_of("opensearch", docs) as snapshot:
        for tree in (t.Or(words), t.And((t.Synonyms(words), t.Or(words[:90])))):
            assert answer(snapshot, tree) == answer(whoosh, tree)
        with pytest.raises(SearchIndexError, match="expected fewer words"):
            answer(snapshot, t.Or(phrases))


# Writing


@on_a_cluster
def test_more_than_a_thousand_texts_are_attached_and_found_by_the_beginning_of_their_names(
    where: Address,
) -> None:
    texts = {f"ledger/{n}": f"text {n}\n\u0000é" for n in range(1100)}
    snapshot = write(open_engine(where, SCHEMA), [], texts={**texts, "other": "x"})
    assert snapshot.attachments("ledger/") == {str(n): texts[f"ledger/{n}"] for n in range(1100)}
    assert snapshot.documents == 0


@on_a_cluster
def test_numbered_texts_that_come_together_are_each_the_one_that_was_asked_for(
    where: Address,
) -> None:
    engine = open_engine(where, SCHEMA)
    texts = {f"part/{n}": f"text {n}" for n in range(70) if n != 33}
    first = write(engine, many(3), texts=texts)
    second = write(engine, [], texts={"part/40": "another"}, base=first)
    for snapshot, changed in ((first, "text 40"), (second, "another")):
        for name in ("part/0", "part/69", "part/40", "part/0"):
            assert snapshot.attachment(name) == (changed if name == "part/40" else texts[name])
        assert [snapshot.attachment(f"part/{n}") for n in (33, 99)] == ["", ""]


@on_a_cluster
def test_what_a_killed_writer_left_is_swept_by_the_next(where: Address) -> None:
    name = where.url.rpartition("/")[2]
    kept: set[str] = set()
    for seconds in (0.6, 0.75, 0.9):
        subprocess.run(
            [sys.executable, "-c", SOON_FREE + KILLED, str(where), str(seconds)], check=False
        )
    engine = open_engine(where, SCHEMA)
    with engine.lock(5):
        kept = aliased(name)
        with engine.write(None) as writer:
            writer.add(Document(id="1", text={"title": ["a"]}))
    assert aliased(name) >= kept
    assert {*clusters.indices(name)} == aliased(name)
    assert engine.open().ids() == ["1"]


def aliased(name: str) -> set[str]:
    """Return the states that were published once."""
    asking = clusters.client()
    found = asking.indices.get_alias(index=f"{name}-state-*")
    asking.close()
    return {
        index
        for index, about in found.items()
        if any("-until-" in alias or alias == name for alias in about["aliases"])
    }


@on_a_cluster
def test_states_are_kept_for_readers_and_removed_in_time(
    where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evidence_search.engines.opensearch import states

    name = where.url.rpartition("/")[2]
    engine = open_engine(where, SCHEMA)
    first = write(engine, [Document(id="1", text={"title": ["a"]})])
    second = write(engine, [Document(id="2", text={"title": ["a"]})], base=first)
    assert first.ids() == ["1"]
    monkeypatch.setattr(states, "GRACE", -1.0)
    third = write(engine, [], ["1"], base=second)
    assert second.ids() == ["1", "2"]
    write(engine, [], base=third)
    assert len(clusters.indices(name)) == 3  # the first has its quarter of an hour
    with pytest.raises(StateGoneError, match="open it again"):
        second.ids()
    monkeypatch.setattr(states, "MOST_KEPT", 0)
    write(engine, [], base=engine.open())
    assert len(clusters.indices(name)) == 2  # before it was written, and after
    assert engine.open().ids() == ["2"]


@on_a_cluster
def test_an_index_whose_state_was_removed_opens_the_newest(corpus: Path, where: Address) -> None:
    from evidence_search.engines.opensearch import states
    from evidence_search.engines.opensearch.connection import Location

    index = es.open(corpus, str(where))
    [state] = clusters.indices(where.url.rpartition("/")[2])
    es.open(corpus, str(where), refresh=False).refresh(rebuild=True)
    asking = clusters.client()
    states.remove(asking, Location.of(where.url), state)
    asking.close()
    assert index.search("prison").total > 0


@on_a_cluster
def test_a_writer_that_lost_its_lock_to_another_commits_nothing(where: Address) -> None:
    slow, quick = (open_engine(where, SCHEMA) for _ in range(2))
    asking = clusters.client()

    def written_meanwhile() -> Iterator[Document]:
        yield Document(id="1", text={"title": ["a"]})
        asking.delete(index=f"{where.url.rpartition('/')[2]}-lock", id="lock")
        with quick.lock(5), quick.write(None) as writer:
            writer.add(Document(id="2", text={"title": ["a"]}))
        # Its own state was removed under it, and another is the newest.

    with pytest.raises((IndexLockedError, SearchIndexError)):
        write(slow, written_meanwhile())
    asking.close()
    assert quick.open().ids() == ["2"]


@on_a_cluster
def test_a_state_takes_no_place_but_that_of_the_one_it_was_made_from(where: Address) -> None:
    from evidence_search.engines.opensearch import states
    from evidence_search.engines.opensearch.connection import Location

    engine, location = open_engine(where, SCHEMA), Location.of(where.url)
    first = write(engine, [Document(id="1", text={"title": ["a"]})])
    asking = clusters.client()
    made = states.make(asking, location, SCHEMA, "")
    with pytest.raises(SearchIndexError, match="more than one write index"):
        states.publish(asking, location, made, "", 0)
    asking.close()
    assert engine.is_newest(first)
    assert engine.open().ids() == ["1"]


@on_a_cluster
def test_the_message_of_a_lock_names_its_owner(where: Address) -> None:
    first, second = (open_engine(where, SCHEMA) for _ in range(2))
    owner = pytest.raises(IndexLockedError, match=rf"process {os.getpid()}")
    with first.lock(1), owner, second.lock(0):
        pass
    with second.lock(0):
        pass


@on_a_cluster
def test_many_writers_leave_what_one_after_the_other_would(where: Address) -> None:
    engines = [open_engine(where, SCHEMA) for _ in range(4)]

    def adding(engine: Engine, number: int) -> None:
        for n in range(3):
            with engine.lock(60), engine.write(engine.open()) as writer:
                writer.add(Document(id=f"{number}{n}", text={"title": ["a"]}))

    threads = [
        threading.Thread(target=adding, args=(engine, number))
        for number, engine in enumerate(engines)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    snapshot = engines[0].open()
    assert snapshot.ids() == [f"{number}{n}" for number in range(4) for n in range(3)]
    assert snapshot.search(Request(t.Term("a"))).total == 12


@on_a_cluster
@pytest.mark.parametrize(
    ("block", "error", "message"),
    [
        ("write", IndexUnwritableError, "expected to be allowed to do this, found: .*write"),
        ("read_only", IndexUnwritableError, "read-only"),
        ("read_only_allow_delete", SearchIndexError, "disk is full; make room there"),
    ],
)
def test_a_cluster_that_takes_nothing_is_explained_and_goes_on_answering(
    block: str, error: type[Exception], message: str, corpus: Path, where: Address
) -> None:
    index = es.open(corpus, str(where))
    lock = f"{where.url.rpartition('/')[2]}-lock"
    asking = clusters.client()
    asking.indices.put_settings(index=lock, body={f"index.blocks.{block}": True})
    try:
        with pytest.raises(error, match=message):
            index.refresh(rebuild=True)
        (corpus / "new.txt").write_text("K Zebras (2011). Stripes.\n", encoding="utf-8")
        with pytest.warns(UserWarning, match="answering from the index as it was"):
            assert es.open(corpus, str(where)).search("prison").total > 0
    finally:
        asking.indices.put_settings(index=lock, body={f"index.blocks.{block}": None})
        asking.close()


@on_a_cluster
def test_an_index_of_somebody_else_is_left_as_it_is(where: Address) -> None:
    name = where.url.rpartition("/")[2]
    asking = clusters.client()
    asking.indices.create(index=f"{name}-theirs", body={"aliases": {name: {}}})
    try:
        with pytest.raises(SearchIndexError, match="found one of another's"):
            es.open(ROOT / "corpus", str(where))
        assert clusters.indices(name) == [f"{name}-theirs"]
    finally:
        asking.close()


# Nodes that go


@pytest.mark.skipif(
    os.environ.get(clusters.NODES, "").count(",") < 2,
    reason=f"no three nodes in {clusters.NODES}; python -m tests.opensearch 3 starts them",
)
def test_one_of_three_nodes_killed_while_it_is_written_loses_nothing(where: Address) -> None:
    engine = open_engine(where, SCHEMA)
    docs = many(900)
    first = write(engine, docs[:300])

    def interrupted() -> Iterator[Document]:
        yield from docs[300:600]
        os.kill(int(os.environ[clusters.NODES].split(",")[0]), signal.SIGKILL)
        yield from docs[600:]

    try:
        second = write(engine, interrupted(), base=first)
    except SearchIndexError:
        # Nothing of it is there; once another node leads, it is written again.
        assert first.documents == 300
        time.sleep(5)
        second = write(engine, docs[300:], base=engine.open())
    with snapshot_of("whoosh", docs) as whoosh:
        for tree in BAGS:
            request = Request(tree, facets=("category",), limit=50)
            assert second.search(request) == whoosh.search(request)
    assert len(engine.open().ids()) == 900


# The way there


@contextmanager
def answering(status: int, body: object, location: str = "") -> Iterator[str]:
    """Give the address of a server that has one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            plain = body if isinstance(body, str | bytes) else json.dumps(body)
            content = plain if isinstance(plain, bytes) else plain.encode()
            self.send_response(status)
            kind = "text/plain" if isinstance(body, str) else "application/json"
            self.send_header("Content-Type", f"{kind}; charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815 - their names are given

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (401, "Unauthorized", IndexUnwritableError, "set EVIDENCE_SEARCH_USER and"),
        (200, {"version": {"number": "8.15.0"}}, SearchIndexError, "found Elasticsearch 8.15.0"),
        (
            200,
            {"version": {"number": "1.3.2", "distribution": "opensearch"}},
            SearchIndexError,
            "expected OpenSearch 2.19 or later, found Opensearch 1.3.2; upgrade",
        ),
        (
            503,
            {"error": {"type": "cluster_block_exception", "reason": "no leader"}},
            IndexUnreachableError,
            "found: cluster_block_exception: no leader; see its health",
        ),
        (
            429,
            {"error": {"type": "circuit_breaking_exception", "reason": "[parent] Data too large"}},
            IndexUnreachableError,
            "expected a cluster with memory to spare, .*; give its nodes more",
        ),
        (200, "nothing", SearchIndexError, "expected an OpenSearch cluster, found another server"),
        (200, b"[" * 100_000, SearchIndexError, "found brackets nested too deep; see host"),
        (200, {"version": {"number": 3, "distribution": [1]}}, SearchIndexError, r"found \[1\] 3;"),
        (500, {"error": {"type": "x", "reason": "y", "root_cause": 5}}, SearchIndexError, "x: y;"),
    ],
)
def test_a_server_that_will_not_do_is_explained_in_a_line(
    status: int, body: object, error: type[Exception], message: str
) -> None:
    with answering(status, body) as host, pytest.raises(error, match=message) as raised:
        es.open(ROOT / "corpus", f"opensearch://{host}/name")
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_cluster_sends_nobody_to_another_host(status: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        elsewhere = f"http://127.0.0.1:{other.getsockname()[1]}/"
        with answering(status, {}, elsewhere) as host, pytest.raises(SearchIndexError):
            es.open(ROOT / "corpus", f"opensearch://{host}/name")
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_a_cluster_that_does_not_answer_is_explained() -> None:
    with pytest.raises(IndexUnreachableError, match="found none that answers; start it"):
        es.open(ROOT / "corpus", "opensearch://127.0.0.1:9,localhost:9/name")


def test_a_connection_that_is_not_encrypted_as_expected_is_explained() -> None:
    with answering(200, {}) as host, pytest.raises(IndexUnreachableError, match="certificate"):
        es.open(ROOT / "corpus", f"opensearchs://{host}/name")


def test_a_password_goes_over_no_network_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVIDENCE_SEARCH_USER", "me")
    monkeypatch.setenv("EVIDENCE_SEARCH_PASSWORD", "secret")
    with pytest.raises(SearchIndexError, match="expected opensearchs://") as raised:
        es.open(ROOT / "corpus", "opensearch://search.example.org/name")
    assert "secret" not in str(raised.value)


def test_a_certificate_that_cannot_be_read_is_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EVIDENCE_SEARCH_CERTIFICATE", str(tmp_path / "none.pem"))
    with pytest.raises(SearchIndexError, match=r"none\.pem: expected a file of certificates"):
        es.open(ROOT / "corpus", "opensearchs://search.example.org/name")
    (tmp_path / "none.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(SearchIndexError, match=r"none\.pem: expected a file of certificates"):
        es.open(ROOT / "corpus", "opensearchs://search.example.org/name")


@pytest.mark.parametrize(
    "url",
    [
        "opensearch://",
        "opensearch://host",
        "opensearch://host/Name",
        "opensearch://host/a/b",
        "opensearch://me:secret@host/name",
        "opensearch://host,/name",
        "opensearch:name",
    ],
)
def test_an_address_that_is_no_cluster_is_explained(url: str) -> None:
    with pytest.raises(SearchIndexError, match=r"expected opensearch://HOST") as raised:
        address(url)
    assert "secret" not in str(raised.value)


def test_an_address_of_several_hosts_is_read_whole() -> None:
    from evidence_search.engines.opensearch.connection import Location

    location = Location.of("opensearchs://a.org:1,[::1],b/name")
    assert location.hosts == (("a.org", 1), ("::1", 9200), ("b", 9200))
    assert (location.secure, location.name) == (True, "name")


def test_without_its_library_the_line_that_installs_it_is_named() -> None:
    script = (
        "import sys; sys.modules['opensearchpy'] = None; import evidence_search as es; "
        "es.open('corpus', 'opensearch://localhost/name')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "MissingExtraError" in done.stderr
    assert "pip install opensearch-py" in done.stderr
    assert "pip install -e '.[opensearch]'" in done.stderr
