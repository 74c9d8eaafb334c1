"""Connections that end: a client that sends no whole request, or reads no answer, is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

PATIENCE = 30.0
"""Seconds in which a request must be whole, and something of an answer be read."""
MOST_CONNECTIONS = 200
"""At a time; a browser has six."""


class PatientProtocol(H11Protocol):
    """A connection that is looked at now and then, and ended where nothing has become of it."""

    _next_look: asyncio.TimerHandle | None = None
    _seen: tuple[object, int] | None = None

    def connection_made(  # type: ignore[override]  # as in the class that it is made from
        self, transport: asyncio.Transport
    ) -> None:
        """Begin a connection, or end it at once where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        unread = self.transport.get_write_buffer_size()
        state = (self.cycle, unread)
        at_work = self.cycle is not None and not self.cycle.response_complete and not unread
        if at_work or state != self._seen:
            self._seen = state
            self._next_look = self.loop.call_later(PATIENCE, self._look)
        else:
            self.transport.abort()
