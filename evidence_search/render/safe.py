"""Text from a corpus, made harmless for where it is shown; one function for each place."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and line feed; bidirectional controls; lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    """Return ``text`` without what could command a terminal or reorder what is read."""
    return _UNSAFE.sub("\ufffd", text)


def line(text: str) -> str:
    """Return ``text`` as one harmless line."""
    return " ".join(plain(text).split())


def html(text: str) -> str:
    """Return ``text`` for HTML content or a quoted attribute."""
    from html import escape  # it loads the names of all characters: not for every search

    return escape(plain(text), quote=True)


def link(url: str | None) -> str | None:
    """Return ``url`` if it leads to a web page; any other could run something when followed."""
    return url if url and re.match(r"https?://[^\s]+$", url, re.IGNORECASE) else None
