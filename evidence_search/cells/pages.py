"""Bytes to the plain text of a page, with the way back to lines, columns and links of the file.

A page may be plain text or HTML as a browser saves it.  Either way a
:class:`Page` has one text, in which every character knows where it stood.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from evidence_search.records import Link, Problem, Source

_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 "
    "h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td th thead title tr ul"
    .split()
)  # fmt: skip
_HIDDEN = frozenset({"script", "style", "noscript", "template"})
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|div|p|table|meta|h[1-6])\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page; ``links`` are (start, end, link) by offset in ``text``, in order."""

    path: str
    text: str
    chunks: tuple[tuple[int, int, int], ...]
    links: tuple[tuple[int, int, Link], ...] = ()

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column in the file, from 1, of an offset in ``text``."""
        i = bisect_right(self.chunks, (offset, float("inf"), 0)) - 1
        start, line, column = self.chunks[max(i, 0)]
        return line, column + offset - start

    def source(self, start: int, end: int) -> Source:
        """Return where ``text[start:end]`` stands in the file."""
        line, column = self.place(start)
        end_line, end_column = self.place(max(end - 1, start))
        return Source(self.path, line, column, end_line, end_column + 1)


def decode(data: bytes, path: str) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a file: UTF-8 with or without a byte-order mark, else Windows-1252.

    UTF-16 is known by its mark.  A file in Windows-1252 gets a warning.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), ()
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        problem = Problem(
            Source(path, line, column, line, column + 1),
            "warning",
            "not-utf-8",
            f"expected UTF-8, found the byte 0x{data[error.start]:02x}; read as Windows-1252: "
            "save the file as UTF-8",
        )
        return data.decode("cp1252", errors="replace"), (problem,)


def looks_like_html(text: str) -> bool:
    """Tell whether a text is HTML rather than plain."""
    return _HTML.match(text.lstrip("\ufeff")) is not None


def read_page(text: str, path: str) -> Page:
    """Return the page in a text, HTML or plain."""
    return _read_html(text, path) if looks_like_html(text) else _read_plain(text, path)


def _read_plain(text: str, path: str) -> Page:
    chunks = [(0, 1, 1)]
    for line, match in enumerate(re.finditer(r"\r\n|\n|\r", text), 2):
        chunks.append((match.end(), line, 1))
    return Page(path, text, tuple(chunks))


def _read_html(text: str, path: str) -> Page:
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    return Page(path, "".join(reader.pieces), tuple(reader.chunks), tuple(reader.links))


class _HtmlReader(HTMLParser):
    """Collects the visible text: blocks as paragraphs, white space folded, alt texts kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.chunks: list[tuple[int, int, int]] = [(0, 1, 1)]
        self.links: list[tuple[int, int, Link]] = []
        self._length = 0
        self._hidden = 0
        self._anchor: tuple[int, int, str] | None = None

    def _add(self, text: str) -> None:
        line, column = self.getpos()
        self.chunks.append((self._length, line, column + 1))
        self.pieces.append(text)
        self._length += len(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self._add("\n")
        elif tag in _BLOCKS:
            self._add("\n\n")
        elif tag == "a" and values.get("href"):
            self._end_anchor()
            self._anchor = (self._length, len(self.pieces), values["href"] or "")
        elif tag == "img" and values.get("alt"):
            self._add(f" {values['alt']} ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "a":
            self._end_anchor()
        elif tag in _BLOCKS:
            self._add("\n\n")

    def _end_anchor(self) -> None:
        if self._anchor:
            start, first, url = self._anchor
            text = " ".join("".join(self.pieces[first:]).split())
            if text:
                self.links.append((start, self._length, Link(text, url)))
            self._anchor = None

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._add_lines(data)

    def _add_lines(self, data: str) -> None:
        """Add text whose line ends are just spaces, a chunk a line so that columns stay true."""
        line, column = self.getpos()
        for i, part in enumerate(re.split("\r\n|\n|\r", data)):
            text = (" " if i else "") + part
            self.chunks.append((self._length, line + i, 0 if i else column + 1))
            self.pieces.append(text)
            self._length += len(text)

    def handle_entityref(self, name: str) -> None:
        if not self._hidden:
            self._add(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        if not self._hidden:
            self._add(unescape(f"&#{name};"))
