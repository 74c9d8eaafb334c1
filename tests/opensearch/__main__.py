"""Start an OpenSearch of some nodes on this machine, run a command with it, and end it again.

::

    python -m tests.opensearch 3 pytest tests/test_opensearch.py

Java and Maven fetch and run it; nothing is installed.  ``EVIDENCE_SEARCH_TEST_OPENSEARCH`` names
its version, by default that of ``pom.xml``, which runs on Java 17 and later; from 3 on it needs
Java 21 or later, in ``JAVA_HOME`` where the system's is another.  ``OPENSEARCH_JAVA_OPTS`` is
heeded as by OpenSearch's own script (``-Xmx2g``: more than half a gigabyte of heap).  The command
finds its hosts in ``EVIDENCE_SEARCH_TEST_CLUSTER``, and the process of each node, in the same
order, in ``EVIDENCE_SEARCH_TEST_NODES``.  The exit code is that of the command.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from platformdirs import user_cache_path

from tests.clusters import NODES, VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
_VERSION = os.environ.get("EVIDENCE_SEARCH_TEST_OPENSEARCH", "")
_JAVA = (
    "-Xms512m -Xmx512m -Djava.awt.headless=true -Dlog4j2.disable.jmx=true "
    "--add-opens=java.base/java.nio=ALL-UNNAMED"
).split()
_SMALL = ("-XX:+UseSerialGC",)
"""For little memory; of more, garbage would take up so much that the cluster refuses work."""
_STARTS_WITHIN = 180.0
_ENDS_WITHIN = 20.0


def libraries() -> Path:
    """Return the folder of OpenSearch's libraries, fetched by Maven where they aren't there."""
    pom = HERE / "pom.xml"
    name = f"opensearch-{_VERSION or 'pom'}-{pom.stat().st_size}"
    folder = user_cache_path("evidence-search-tests") / name
    if not folder.is_dir():
        made = Path(f"{folder}.{os.getpid()}")
        fetch = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
        given = [f"-DoutputDirectory={made}", *([f"-Dopensearch={_VERSION}"] if _VERSION else [])]
        subprocess.run([*fetch, *given], check=True)
        made.rename(folder)
    return folder


def free_ports(count: int) -> int:
    """Return the first of some ports in a row that nobody listens at, nor another run of this."""
    for step in range(500):
        first = 19200 + (os.getpid() + step) % 500 * 20
        if not any(_listens(first + n) for n in range(count)):
            return first
    raise SystemExit("expected free ports from 19200 on, found none")


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def start(folder: Path, count: int, http: int, transport: int) -> list[subprocess.Popen[bytes]]:
    """Start the nodes of a cluster, each a process of its own."""
    log = f"-Dlog4j.configurationFile={HERE / 'log4j2.xml'}"
    home = os.environ.get("JAVA_HOME")
    program = f"{home}/bin/java" if home else "java"
    given = os.environ.get("OPENSEARCH_JAVA_OPTS", "").split()
    options = [*_JAVA, *(given or _SMALL), log, "-cp", f"{libraries()}/*"]
    java = [program, *options, str(HERE / "OneNode.java")]
    nodes = []
    for number in range(count):
        words = [str(folder), *map(str, (number, count, http, transport))]
        with (folder / f"node{number}.log").open("wb") as output:
            nodes.append(subprocess.Popen([*java, *words], stdout=output, stderr=output))
    return nodes


def wait(nodes: Sequence[subprocess.Popen[bytes]], http: int) -> bool:
    """Wait until all nodes are of one cluster; tell whether they are in time."""
    until = time.monotonic() + _STARTS_WITHIN
    url = f"http://127.0.0.1:{http}/_cluster/health?wait_for_nodes={len(nodes)}&timeout=5s"
    while time.monotonic() < until and all(node.poll() is None for node in nodes):
        try:
            with urlopen(url, timeout=10) as answer:
                if json.load(answer)["number_of_nodes"] == len(nodes):
                    return all(node.poll() is None for node in nodes)
        except (URLError, OSError, ValueError):
            time.sleep(0.5)
    return False


def main(count: int, command: Sequence[str]) -> int:
    """Run a command with a cluster of ``count`` nodes; return its exit code."""
    # Told to end, it ends its nodes first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="evidence-search-opensearch-"))
    http = free_ports(count)
    nodes: list[subprocess.Popen[bytes]] = []
    try:
        nodes = start(folder, count, http, http + 10)
        if not wait(nodes, http):
            for log in sorted(folder.glob("*.log")):
                sys.stderr.write(log.read_text(encoding="utf-8", errors="replace")[-3000:])
            return 1
        hosts = ",".join(f"127.0.0.1:{http + number}" for number in range(count))
        processes = ",".join(str(node.pid) for node in nodes)
        variables = {**os.environ, VARIABLE: hosts, NODES: processes}
        return subprocess.run([*command], check=False, env=variables).returncode
    finally:
        for node in nodes:
            node.terminate()
        for node in nodes:
            try:
                node.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                node.kill()
                node.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
