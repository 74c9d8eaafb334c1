"""The way to a cluster: its hosts, who asks, and its errors as ours, one line each."""

from __future__ import annotations

import logging
import os
import ssl
from base64 import b64encode
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

import opensearchpy
from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    SSLError,
    TransportError,
)

from evidence_search.errors import (
    EvidenceSearchError,
    IndexUnreachableError,
    IndexUnwritableError,
    SearchIndexError,
    StateGoneError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

USER_VARIABLE = "EVIDENCE_SEARCH_USER"
PASSWORD_VARIABLE = "EVIDENCE_SEARCH_PASSWORD"  # noqa: S105 - the name of one
CERTIFICATE_VARIABLE = "EVIDENCE_SEARCH_CERTIFICATE"

PORT = 9200
SECONDS = 60.0
"""That one request may take; a clone or a merge of a large state takes seconds."""
_SECONDS_AT_FIRST = 10.0
"""That a server may take to say what it is: one that is silent may be no cluster at all."""
_LEAST = (2, 19)
_RETRIES = 3
_LONGEST = 200
"""Characters of a message of the cluster's, which may quote whole documents."""


class Location(NamedTuple):
    """The hosts of a cluster, each with its port, and the name of an index there."""

    url: str
    secure: bool
    hosts: tuple[tuple[str, int], ...]
    name: str

    @classmethod
    def of(cls, url: str) -> Location:
        """Return what an address ``opensearch://host:9200[,host2]/name`` says."""
        scheme, _, rest = url.partition("://")
        hosts, _, name = rest.rpartition("/")
        return cls(url, scheme == "opensearchs", tuple(map(_host, hosts.split(","))), name)


def _host(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    return host.strip("[]"), int(port or PORT)


def connect(location: Location) -> OpenSearch:
    """Return a client; nothing is asked of the cluster yet.

    User, password and the file of the certificate to trust come from the environment.  Raises
    :class:`SearchIndexError` where a password would go over the network unencrypted.
    """
    # What it has to say of failures is said by our errors.
    logging.getLogger("opensearch").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {}
    user, password = os.environ.get(USER_VARIABLE), os.environ.get(PASSWORD_VARIABLE)
    if user or password:
        if not location.secure and not all(_is_here(host) for host, _ in location.hosts):
            raise SearchIndexError(
                f"{location.url}: expected opensearchs://, since there is a password in "
                f"{PASSWORD_VARIABLE}, found a connection that anyone on the way can read"
            )
        # The client itself would write other letters than those of Latin-1 wrongly.
        said = b64encode(f"{user or ''}:{password or ''}".encode()).decode("ascii")
        options["headers"] = {"authorization": f"Basic {said}"}
    if location.secure:
        options["ssl_context"] = _trusted(os.environ.get(CERTIFICATE_VARIABLE))
    hosts = [{"host": host, "port": port} for host, port in location.hosts]
    with errors(location):
        return OpenSearch(
            hosts,
            use_ssl=location.secure,
            timeout=SECONDS,
            max_retries=max(_RETRIES, len(hosts)),
            retry_on_timeout=True,
            retry_on_status=(429, 502, 503, 504),
            **options,
        )


def _trusted(certificate: str | None) -> ssl.SSLContext:
    """Return what a connection trusts: a file of certificates, or else what the system does."""
    try:
        return ssl.create_default_context(cafile=certificate or None)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SearchIndexError(
            f"{certificate}: expected a file of certificates, as {CERTIFICATE_VARIABLE} says; "
            f"found: {reason}"
        ) from error


def _is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def version_of(client: OpenSearch, location: Location) -> str:
    """Return the version of a cluster; raise :class:`SearchIndexError` for one that won't do."""
    with errors(location):
        answer = client.info(request_timeout=_SECONDS_AT_FIRST)
    found = answer.get("version") if isinstance(answer, dict) else None
    if not isinstance(found, dict) or "number" not in found:
        raise SearchIndexError(
            f"{location.url}: expected an OpenSearch cluster, found another server; "
            "see host and port, or name another --index"
        )
    distribution = str(found.get("distribution", "Elasticsearch"))
    number = str(found["number"])[:_LONGEST]
    release = tuple(int(part) for part in number.split(".")[:2] if part.isdecimal())
    if distribution != "opensearch" or release < _LEAST:
        least = ".".join(map(str, _LEAST))
        raise SearchIndexError(
            f"{location.url}: expected OpenSearch {least} or later, "
            f"found {distribution.capitalize()} {number}; upgrade it or name another --index"
        )
    return number


@contextmanager
def errors(location: Location) -> Iterator[None]:
    """Turn what the client raises into our errors, one line each."""
    try:
        yield
    except EvidenceSearchError:
        raise
    except (OpenSearchException, OSError) as error:
        raise _error(location.url, error) from error
    except RecursionError as error:
        raise SearchIndexError(
            f"{location.url}: expected an answer of a cluster, found brackets nested too deep; "
            "see host and port, or name another --index"
        ) from error


def _error(url: str, error: Exception) -> SearchIndexError:
    if isinstance(error, opensearchpy.ConnectionError):
        return _unreachable(url, error)
    return _refused(url, error, _line(error))


def _unreachable(url: str, error: Exception) -> IndexUnreachableError:
    if isinstance(error, SSLError):
        return IndexUnreachableError(
            f"{url}: expected a certificate that is trusted, found: {_line(error)}; "
            f"name the file of its authority in {CERTIFICATE_VARIABLE}"
        )
    if isinstance(error, ConnectionTimeout):
        return IndexUnreachableError(
            f"{url}: expected an answer, waited for it in vain; "
            "see how the cluster is, and run the command again"
        )
    return IndexUnreachableError(
        f"{url}: expected an OpenSearch cluster, found none that answers; "
        "start it, see host and port, or name another --index"
    )


def _refused(url: str, error: Exception, found: str) -> SearchIndexError:
    if isinstance(error, AuthenticationException):
        return IndexUnwritableError(
            f"{url}: expected a user that the cluster knows, found none; "
            f"set {USER_VARIABLE} and {PASSWORD_VARIABLE}"
        )
    if "flood-stage" in found or "disk usage exceeded" in found:
        return SearchIndexError(
            f"{url}: the cluster's disk is full; make room there and run the command again; "
            "the index is as it was before"
        )
    if isinstance(error, AuthorizationException):
        return IndexUnwritableError(
            f"{url}: expected to be allowed to do this, found: {found}; "
            "ask who looks after the cluster; the index is as it was before"
        )
    if isinstance(error, NotFoundError) and "no such index" in found:
        return StateGoneError(f"{url}: the state that was opened is there no more; open it again")
    if "circuit_breaking_exception" in found:
        return IndexUnreachableError(
            f"{url}: expected a cluster with memory to spare, found: {found}; "
            "give its nodes more, and run the command again; the index is as it was before"
        )
    if isinstance(error, TransportError) and error.status_code in {429, 503}:
        return IndexUnreachableError(
            f"{url}: expected a cluster with all parts of the index, found: {found}; "
            "see its health, and run the command again"
        )
    if "too_many" in found or "maxClauseCount" in found:
        return SearchIndexError(
            f"{url}: expected fewer words, with their synonyms, than the cluster allows "
            "(its setting indices.query.bool.max_clause_count); ask for fewer, or add --exact"
        )
    return SearchIndexError(f"{url}: {found}; the index is as it was before")


def _line(error: Exception) -> str:
    """Return what an error says, the innermost reason first, cut to a line."""
    info = getattr(error, "info", None)
    reasons: list[str] = []
    cause = info.get("error") if isinstance(info, dict) else None
    while isinstance(cause, dict):
        reasons.insert(0, f"{cause.get('type', '')}: {cause.get('reason', '')}")
        roots = cause.get("root_cause")
        root = roots[0] if isinstance(roots, list) and roots else None
        cause = cause.get("caused_by") or (root if root != cause else None)
    line = " ".join((reasons[0] if reasons else str(error)).split()) or type(error).__name__
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
