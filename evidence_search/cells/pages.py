"""Read: bytes to the plain text of a page, with the way back to lines, columns and links.

A page may be plain text or HTML as a browser saves it.  Either way a
:class:`Page` has one text, in which every character knows where it stood.

HTML is read by a scanner of our own: the standard library's parser needs
quadratic time for hostile pages, and the fast parsers in C don't say in which
column a piece of text stood.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from html import unescape
from typing import NamedTuple

from evidence_search.records import Link, Problem, Source

_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 "
    "h3 h4 h5 h6 head header hr html li main nav ol p pre section table tbody td th thead title "
    "tr ul".split()
)
_HIDDEN = frozenset({"script", "style", "noscript", "template"})
_HTML = re.compile(
    r"<(?:!doctype|\?xml|html|head|body|div|p|table|meta|title|h[1-6])\b", re.IGNORECASE
)
_MARKUP = re.compile(r"<[A-Za-z/!?]")
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_LINE_END = re.compile(r"\r\n|\n|\r")
_LONE_CODE = re.compile(r"[A-Z]")
_TITLE_START = re.compile(r"[A-Z“‘\"]")


class Page(NamedTuple):
    """The text of a page; ``links`` are (start, end, link) by offset in ``text``, in order.

    The character at ``offsets[i]`` of the text stood at ``origins[i]`` in the
    file, and those up to ``offsets[i + 1]`` after it; ``lines`` are the
    offsets in the file at which its lines begin.
    """

    path: str
    text: str
    lines: list[int]
    offsets: list[int]
    origins: list[int]
    links: list[tuple[int, int, Link]]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column in the file, from 1, of an offset in ``text``."""
        i = bisect_right(self.offsets, offset) - 1
        origin = self.origins[i] + offset - self.offsets[i]
        line = bisect_right(self.lines, origin)
        return line, origin - self.lines[line - 1] + 1

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
    """Tell whether a text is HTML rather than plain: it begins with a tag, comments aside."""
    at = _past_space(text, 0)
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            return False
        at = _past_space(text, end + 3)
    return _HTML.match(text, at) is not None


def _past_space(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):
        at += 1
    return at


def read_page(text: str, path: str) -> Page:
    """Return the page in a text, HTML or plain."""
    lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
    if not looks_like_html(text):
        return Page(path, text, lines, [0], [0], [])
    reader = _HtmlReader()
    reader.read(text)
    return Page(path, "".join(reader.pieces), lines, reader.offsets, reader.origins, reader.links)


class _HtmlReader:
    """Collects the visible text: blocks as paragraphs, white space folded, alt texts kept."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.offsets = [0]
        self.origins = [0]
        self.links: list[tuple[int, int, Link]] = []
        self._length = 0
        self._verbatim = 0
        self._lone_code = False
        self._anchor: tuple[int, int, str] | None = None

    def read(self, html: str) -> None:
        """Read a whole page; what begins like a tag and never ends is text."""
        at = 0
        while at < len(html):
            markup = _MARKUP.search(html, at)
            begin = markup.start() if markup else len(html)
            if begin > at:
                self._text(html[at:begin], at)
            at = self._markup(html, begin) if markup else begin
        self._end_link()

    def _markup(self, html: str, at: int) -> int:
        """Read what begins with "<" at an offset, and return where it ends."""
        tag = _TAG.match(html, at)
        if tag:
            end, attributes = _attributes(html, tag.end())
            if end < 0:
                self._text(html[at:], at)
                return len(html)
            name = tag.group(2).lower()
            if tag.group(1):
                self._close(name, at)
            else:
                self._open(name, attributes, at)
                if name in _HIDDEN:
                    return _past(html, name, end)
            return end
        closing = "-->" if html.startswith("<!--", at) else ">"
        end = html.find(closing, at + 2)
        if end < 0:
            self._text(html[at:], at)
            return len(html)
        return end + len(closing)

    def _open(self, name: str, attributes: dict[str, str], at: int) -> None:
        if name == "br":
            self._add("\n", at)
        elif name in _BLOCKS:
            self._add("\n\n", at)
            self._verbatim += name == "pre"
        elif name == "a" and attributes.get("href"):
            self._end_link()
            self._anchor = (self._length, len(self.pieces), attributes["href"])
        elif name == "img" and attributes.get("alt"):
            self._add(f" {attributes['alt']} ", at)

    def _close(self, name: str, at: int) -> None:
        if name == "a":
            self._end_link()
        elif name in _BLOCKS:
            self._add("\n\n", at)
            if name == "pre":
                self._verbatim = max(0, self._verbatim - 1)

    def _end_link(self) -> None:
        if self._anchor:
            start, first, url = self._anchor
            text = " ".join("".join(self.pieces[first:]).split())
            if text:
                self.links.append((start, self._length, Link(text, url)))
            self._anchor = None

    def _add(self, text: str, origin: int) -> None:
        if origin - self._length != self.origins[-1] - self.offsets[-1]:
            self.offsets.append(self._length)
            self.origins.append(origin)
        self.pieces.append(text)
        self._length += len(text)
        self._lone_code = False

    def _text(self, text: str, at: int) -> None:
        """Add the text between two tags: a chunk a line or entity, so that columns stay true."""
        if self._lone_code and _TITLE_START.match(text):
            self._add(" ", at)  # "<b>K</b><a>Title</a>": the style sheet made the space
        last = 0
        for entity in _ENTITY.finditer(text):
            self._lines(text[last : entity.start()], at + last)
            self._add(unescape(entity.group()), at + entity.start())
            last = entity.end()
        self._lines(text[last:], at + last)
        self._lone_code = _LONE_CODE.fullmatch(text) is not None

    def _lines(self, text: str, at: int) -> None:
        """Add text in which line ends are just spaces, except where they are kept as they are."""
        last = 0
        for end in _LINE_END.finditer(text):
            self._add(text[last : end.start()], at + last)
            self._add("\n" if self._verbatim else " ", at + end.start())
            last = end.end()
        if last < len(text):
            self._add(text[last:], at + last)


def _attributes(html: str, at: int) -> tuple[int, dict[str, str]]:
    """Return where the tag ends whose attributes begin at ``at``, or -1, and the attributes."""
    found: dict[str, str] = {}
    while True:
        match = _ATTRIBUTE.match(html, at)
        if match:
            name, double, single, bare = match.groups()
            value = double if double is not None else single if single is not None else bare
            found.setdefault(name.lower(), unescape(value or ""))
            at = match.end()
            continue
        while at < len(html) and html[at] in "=/ \t\r\n\f\v":
            at += 1
        if at >= len(html):
            return -1, found
        if html[at] == ">":
            return at + 1, found
        at += 1


def _past(html: str, name: str, at: int) -> int:
    """Return where the end tag of a hidden element begins, or the end of the page."""
    end = re.compile(f"</{name}\\b", re.IGNORECASE).search(html, at)
    return end.start() if end else len(html)
