"""An index on a cluster behind TLS, which knows one user: what stands in the environment.

The cluster of the tests has neither, so a server before it has both, as a proxy of an
institution does: it shows a certificate of its own authority, and lets pass who says the password.
"""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import threading
from base64 import b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

import evidence_search as es
from evidence_search.errors import IndexUnreachableError, IndexUnwritableError
from evidence_search.index import EvidenceIndex
from tests import clusters
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evidence_search.engines import Address

USER, PASSWORD = "reader", "pâss wörd:1"
SAID = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"

pytestmark = [
    clusters.on_a_cluster,
    pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with"),
]


class Proxy(BaseHTTPRequestHandler):
    """Passes on to the cluster what the user asks, and refuses everybody else."""

    protocol_version = "HTTP/1.1"
    refused = 0

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") != SAID:
            type(self).refused += 1
            return self._answer(401, b'{"status": 401}', "application/json")
        kept = {name: self.headers[name] for name in ("Content-Type",) if name in self.headers}
        cluster = http.client.HTTPConnection(clusters.HOSTS.split(",")[0], timeout=60)
        cluster.request(self.command, self.path, body, kept)
        answer = cluster.getresponse()
        self._answer(answer.status, answer.read(), answer.getheader("Content-Type", ""))
        return cluster.close()

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate of this machine that nobody else trusts."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", made,
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return made


@contextmanager
def proxy(certificate: Path) -> Iterator[str]:
    """Serve the cluster behind TLS for a while; give the host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def where() -> Iterator[Address]:
    with clusters.place() as address:
        yield address


def test_a_cluster_behind_tls_answers_the_user_of_the_environment(
    certificate: Path, where: Address, e5: EvidenceIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = where.url.rpartition("/")[2]
    monkeypatch.setenv("EVIDENCE_SEARCH_USER", USER)
    monkeypatch.setenv("EVIDENCE_SEARCH_PASSWORD", PASSWORD)
    monkeypatch.setenv("EVIDENCE_SEARCH_CERTIFICATE", str(certificate))
    with proxy(certificate) as host:
        index = es.open(ROOT / "corpus", f"opensearchs://{host}/{name}")
        assert index.search("drink driving").hits == e5.search("drink driving").hits
        assert (*index.records,) == (*e5.records,)
        shown = f"{index.status()} {index!r} {index.address}"
    assert PASSWORD not in shown
    # Straight to the cluster it is the same index.
    monkeypatch.delenv("EVIDENCE_SEARCH_USER")
    monkeypatch.delenv("EVIDENCE_SEARCH_PASSWORD")
    assert len(EvidenceIndex(ROOT / "corpus", where)) == 20


@pytest.mark.parametrize("said", [None, "wrong"])
def test_who_says_no_password_or_a_wrong_one_is_told_what_to_set(
    said: str | None, certificate: Path, where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said:
        monkeypatch.setenv("EVIDENCE_SEARCH_USER", USER)
        monkeypatch.setenv("EVIDENCE_SEARCH_PASSWORD", said)
    monkeypatch.setenv("EVIDENCE_SEARCH_CERTIFICATE", str(certificate))
    name = where.url.rpartition("/")[2]
    with proxy(certificate) as host:
        with pytest.raises(IndexUnwritableError, match="set EVIDENCE_SEARCH_USER") as raised:
            es.open(ROOT / "corpus", f"opensearchs://{host}/{name}")
        assert "wrong" not in str(raised.value)
    assert Proxy.refused
    assert clusters.indices(name) == []


def test_a_certificate_that_nobody_trusts_gets_no_password(
    certificate: Path, where: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVIDENCE_SEARCH_USER", USER)
    monkeypatch.setenv("EVIDENCE_SEARCH_PASSWORD", PASSWORD)
    monkeypatch.delenv("EVIDENCE_SEARCH_CERTIFICATE", raising=False)
    name = where.url.rpartition("/")[2]
    with (
        proxy(certificate) as host,
        pytest.raises(IndexUnreachableError, match="expected a certificate that is trusted"),
    ):
        es.open(ROOT / "corpus", f"opensearchs://{host}/{name}")
