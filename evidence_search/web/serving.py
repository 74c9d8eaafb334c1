"""Running the page: a socket of this machine, until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from evidence_search.calls.desk import Desk
from evidence_search.errors import EvidenceSearchError
from evidence_search.web.guard import Guard
from evidence_search.web.patience import PatientProtocol
from evidence_search.web.site import Site

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex

OWN = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names by which only this machine is reached."""
_TOKEN_BYTES = 18


class Served(NamedTuple):
    """A server that is ready to run, and the address at which it answers."""

    server: uvicorn.Server
    listener: socket.socket
    address: str

    def run(self) -> None:
        """Answer until Ctrl-C."""
        # Once it has ended on Ctrl-C, the server raises that again.
        with self.listener, suppress(KeyboardInterrupt):
            self.server.run(sockets=[self.listener])


def serve(
    index: EvidenceIndex,
    host: str,
    port: int,
    *,
    writes: bool | None = None,
    log: Path | None = None,
) -> Served:
    """Return the page of an index at a host and a port, 0 for one that is free.

    Its searches go to ``log`` (default ``None``: to none).

    It ``writes`` files that its forms bring, by default where only this machine reaches it.
    A host that others reach needs a token, which is in the address.  Raises
    :class:`EvidenceSearchError` where the port can't be had.
    """
    try:
        # A name that is none is told here, before there is a socket to close.
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(where[:2], family=family)
    except (OSError, UnicodeError) as error:
        raise EvidenceSearchError(
            f"expected a free port at {host}; found none at {port} ({error}): try --port 0"
        ) from None
    port = listener.getsockname()[1]
    token = "" if host in OWN else secrets.token_urlsafe(_TOKEN_BYTES)
    shown = f"[{host}]" if ":" in host else host
    hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    site = Site(Desk(index, log), writes=host in OWN if writes is None else writes)
    site.prepare()
    config = uvicorn.Config(
        Guard(site.application(), hosts, token),
        http=PatientProtocol,
        log_level="warning",
        server_header=False,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    address = f"http://{shown}:{port}/" + (f"?token={token}" if token else "")
    return Served(uvicorn.Server(config), listener, address)
