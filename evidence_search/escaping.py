"""Text from a corpus, made harmless for where it is shown; one function for each place."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls but tab and line feed; bidirectional controls; lone surrogates.
_CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_UNSAFE = re.compile(_CONTROLS)
# The re module compiles a pattern that is a text when it is first used: no search needs all these.
# The end of a line of CSV and RIS may be CR and LF.
_UNSAFE_IN_A_FILE = f"(?!\r\n){_CONTROLS}"
# What render.style writes: colours, and links to a percent-encoded address.
_UNSAFE_ON_A_TERMINAL = (
    f"(\x1b\\[[0-9;]*m|\x1b\\]8;;(?:(?:file|vscode)://[!-~]*)?\x1b\\\\)|{_CONTROLS}"
)
# Zero width characters, tags and selectors, in which a text can hide from who reads it.
_INVISIBLE = (
    f"(?!\r\n){_CONTROLS}|[\u034f\u115f\u1160\u180b-\u180f\u200b\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_UNSEEN = f"{_INVISIBLE}|[\u00ad\u200c\u200d]"


def plain(text: str) -> str:
    """Return ``text`` without what could command a terminal or reorder what is read."""
    return _UNSAFE.sub("\ufffd", text)


def visible(text: str) -> str:
    """Return ``text`` of the same length with each character that nobody would see replaced.

    For a reader that takes all of it in: a language model reads what people aren't shown.
    """
    return re.sub(_INVISIBLE, "\ufffd", text)


def seen(text: str) -> str:
    """Return ``text`` without what takes no room: two texts that look the same are the same then.

    Joiners and soft hyphens go too, which some texts need: it is for comparing, not to be shown.
    """
    return text if text.isascii() else re.sub(_UNSEEN, "", text)


def has_visible(text: str) -> bool:
    """Tell whether somebody would see any of a text: more than spaces and what takes no room."""
    # Controls and spaces of any kind; the empty cell of Braille is a sign, though nobody sees it.
    return any(unicodedata.category(c)[0] not in "CZ" and c != "\u2800" for c in seen(text))


def without_controls(text: str, *, styled: bool = False) -> str:
    """Return text that is ready to be written, whatever it was made of, with no control in it.

    Line ends of either kind and tabs stay; so do, where it is ``styled``, colours and links.
    """
    if styled:
        return re.sub(_UNSAFE_ON_A_TERMINAL, lambda match: match[1] or "\ufffd", text)
    return re.sub(_UNSAFE_IN_A_FILE, "\ufffd", text)


def line(text: str) -> str:
    """Return ``text`` as one harmless line, without byte order marks: no reader keeps those."""
    return " ".join(plain(text).replace("\ufeff", "").split())


def html(text: str) -> str:
    """Return ``text`` for HTML content or a quoted attribute."""
    from html import escape  # it loads the names of all characters: not for every search

    return escape(plain(text), quote=True)


def link(url: str | None) -> str | None:
    """Return ``url`` if it leads to a web page; any other could run something when followed."""
    return url if url and re.match(r"https?://[^\s]+$", url, re.IGNORECASE) else None
