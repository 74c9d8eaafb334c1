"""Who is answered: pages of this machine's own browser, and elsewhere who has the token.

A page that another site shows can ask this machine too, and a name of that site may come to mean
this machine (DNS rebinding): so the name that was asked for must be one of ours, or the
request must bring the token.  A form must come from a page of ours, JSON from there or from a
program, which isn't a page, and both must say how long they are.  Every answer says that nothing
else may be loaded or run.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "evidence-search-token"
HEADERS = {
    # Widths of bars and shades of cells are attributes, made of numbers alone.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; "
    "style-src-attr 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Other sites are told nothing; without a referrer, forms of ours would come from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
MOST_BYTES = 50_000_000
"""The most bytes of a form, with the files in it."""
_READING = frozenset({"GET", "HEAD"})


class Guard:
    """Answers for an application where the asker may be answered, and says no where not."""

    def __init__(self, application: ASGIApp, hosts: Collection[str], token: str = "") -> None:
        self._application = application
        self._hosts = frozenset(hosts)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with our headers."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self._refusal(Request(scope)) if scope["type"] == "http" else None
        await (refusal or self._application)(scope, receive, guarded)

    def _refusal(self, request: Request) -> ASGIApp | None:
        """Return what to answer instead; ``None`` where nothing is wrong."""
        return self._stranger(request) or _intruding(request)

    def _stranger(self, request: Request) -> ASGIApp | None:
        """Return what to answer to who may not ask at all."""
        host = request.headers.get("host", "")
        if not self._token:
            if host in self._hosts:
                return None
            expected = " or ".join(sorted(self._hosts))
            return PlainTextResponse(f"Expected this page to be asked for as {expected}.\n", 421)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        for brought in (request.cookies.get(COOKIE, ""), bearer):
            if secrets.compare_digest(brought.encode(), self._token.encode()):
                return None
        given = request.query_params.get("token", "")
        if secrets.compare_digest(given.encode(), self._token.encode()):
            # The token goes out of the address, which is mailed and kept in histories.
            response = RedirectResponse(str(request.url.remove_query_params("token")), 303)
            response.set_cookie(COOKIE, self._token, httponly=True, samesite="strict")
            return response
        return PlainTextResponse("Expected the address with the token that was printed.\n", 403)


def _intruding(request: Request) -> ASGIApp | None:
    """Return what to answer to a form that isn't of a page of ours, or may be endless."""
    if request.method in _READING:
        return None
    host, headers = request.headers.get("host", ""), request.headers
    from_site = headers.get("sec-fetch-site", "same-origin")
    own = f"{request.url.scheme}://{host}"
    # Programs name no origin. A browser does, and sends no JSON to another site unasked.
    origin = headers.get("origin", own if _is_json(headers) else "")
    if from_site != "same-origin" or origin != own:
        return PlainTextResponse("Expected a form of this page, found one from elsewhere.\n", 403)
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return PlainTextResponse("Expected a form that says its length.\n", 411)
    if int(length[:20]) > MOST_BYTES:
        return PlainTextResponse(f"Expected a form of at most {MOST_BYTES:,} bytes.\n", 413)
    return None


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip() == "application/json"
