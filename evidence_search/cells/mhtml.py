"""A page with its pictures in one file, as Chrome and Edge save it: its HTML part.

Source: RFC 2557 (MHTML) and RFC 2045, section 6.7 (quoted-printable).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from evidence_search.cells.pages import Edit, plain_page
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from evidence_search.cells.pages import Page

_START = lazy_pattern(r"\A\ufeff?(?:[A-Za-z-]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){1,40}\r?\n")
_BOUNDARY = lazy_pattern(r"boundary=\"?([^\"\r\n;]{1,100})", re.IGNORECASE)
_HTML_PART = lazy_pattern(r"^Content-Type: *text/html\b", re.IGNORECASE | re.MULTILINE)
_ENCODING = lazy_pattern(r"^Content-Transfer-Encoding: *([\w-]+)", re.IGNORECASE | re.MULTILINE)
_LOCATION = lazy_pattern(r"^(?:Snapshot-)?Content-Location: *(\S+)", re.IGNORECASE | re.MULTILINE)
_BLANK = lazy_pattern(r"\r?\n\r?\n")
_QUOTED = lazy_pattern(r"(?:=[0-9A-Fa-f]{2}|=[ \t]*\r?\n)+")
_NO_DIGITS = lazy_pattern(r"[=\s]+")


def looks_like_mhtml(text: str) -> bool:
    """Tell whether a text begins with the header of a page in several parts."""
    head = _START.match(text[:10_000])
    return head is not None and "multipart/related" in head.group().lower()


def read_mhtml(text: str, path: str) -> Page:
    """Return the HTML of a page in several parts; it is empty where no part is HTML."""
    page = plain_page(text, path)
    begin, start, end = html_part(text)
    encoding = _ENCODING.search(text, begin, start)
    how = encoding.group(1).lower() if encoding else ""
    edits = [Edit(0, start)]
    if how == "quoted-printable":
        edits += [Edit(*m.span(), _unquoted(m.group())) for m in _QUOTED.finditer(text, start, end)]
    elif how == "base64":
        edits.append(Edit(start, end, _unpacked(text[start:end])))
    return page.edited([*edits, Edit(end, len(text))])


def html_part(text: str) -> tuple[int, int, int]:
    """Return where the head of the HTML part begins, its HTML, and where that ends.

    All is at the end where no part is HTML.
    """
    boundary = _BOUNDARY.search(text[:10_000])
    kind = _HTML_PART.search(text)
    blank = _BLANK.search(text, kind.end()) if kind else None
    if not boundary or not kind or not blank:
        return len(text), len(text), len(text)
    mark = f"--{boundary.group(1)}"
    end = text.find(mark, blank.end())
    begin = text.rfind(mark, 0, kind.start())
    return max(0, begin), blank.end(), len(text) if end < 0 else end


def location(text: str) -> str:
    """Return the address that a page in several parts was saved from, or nothing."""
    found = _LOCATION.search(text[:10_000])
    return found.group(1) if found else ""


def _unquoted(quoted: str) -> str:
    return bytes.fromhex(_NO_DIGITS.sub("", quoted)).decode(errors="replace")


def _unpacked(packed: str) -> str:
    try:
        return base64.b64decode(packed).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
