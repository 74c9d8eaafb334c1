"""HTML as a browser saves it, to the text that its reader saw.

Blocks are paragraphs, white space is folded.  What the style sheet in the
page or an attribute hides (tooltips, folded text) is left out; the words of
pictures stay, marked as captions; category icons become their code.

It is a scanner of our own: the standard library's parser needs quadratic
time for hostile pages, and the fast parsers in C don't say in which column a
piece of text stood.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import vocabulary
from evidence_search.cells.pages import Caption, Page, PageLink, plain_page
from evidence_search.patterns import lazy_pattern
from evidence_search.records import Link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol p pre section summary "
    "table tbody td th thead title tr ul".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_SKIPPED = frozenset(
    "script style noscript template textarea select datalist svg iframe object canvas audio video "
    "math".split()
)
"""Elements whose content is no text of the page."""
_PICTURES = frozenset({"figure", "figcaption", "caption"})
_ENDED_BY_BLOCKS = frozenset({"p", "li", "dt", "dd", "td", "th", "tr"})
_DEEP = 100
"""How many open elements are looked at."""
_LONGEST_CAPTION = 5_000
_MOST_SELECTORS = 300

_HTML = lazy_pattern(
    r"<(?:!doctype|\?xml|html|head|body|div|p|table|meta|title|h[1-6])\b", re.IGNORECASE
)
_BLOCK = lazy_pattern(rf"</(?:{'|'.join(sorted(_BLOCKS))})\b|<br\b", re.IGNORECASE)
_BEGINNING = 20_000
"""Characters in which a page that begins with another tag has its first block."""
_MARKUP = lazy_pattern(r"<[A-Za-z/!?]")
_TAG = lazy_pattern(r"<(/?)([A-Za-z][^\s/>]*)")
_ATTRIBUTE = lazy_pattern(
    r"[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]*)))?"
)
_ENTITY = lazy_pattern(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_LINE_END = lazy_pattern(r"\r\n|\n|\r")
_LONE_CODE = lazy_pattern(r"[A-Z]")
_TITLE_START = lazy_pattern(r"[A-Z“‘\"]")
_HIDING = lazy_pattern(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SAVED_FROM = lazy_pattern(r"<!--\s*saved from url=\(\d+\)(\S+)", re.IGNORECASE)
_RULE = lazy_pattern(r"([^{}]*)([{}])")
_COMPOUND = lazy_pattern(r"([A-Za-z][\w-]*)?((?:[.#][\w-]+)*)")
_NOTE_MARK = lazy_pattern(
    r"<sup\b[^<>]{0,200}>\s*(?:<a\b[^<>]{0,300}#[^<>]{0,300}>\s*)?"
    r"[\[(]?(?:\d{1,2}|[*†‡]{1,3})[\])]?\s*(?:</a>\s*)?</sup>",
    re.IGNORECASE,
)
"""The mark of a footnote; a number that leads to another page may be a study's."""
_BEFORE_NOTE = lazy_pattern(r"(?:[^\W\d_]{3}|[.,;:)”’\"']|(?<!\d)(?:1[6-9]|20)\d\d)$")
"""What such a mark follows: a word, a sign or a year, but not the "m" of square metres."""
_ICON = lazy_pattern(
    rf"[{vocabulary.CODES}](?:[ ,/&+]*[{vocabulary.CODES}])*"
    r"|(?:more\b|.*(?:retrieve all|matrix bite)).*",
    re.IGNORECASE,
)


class _Element(NamedTuple):
    """An open element: its tag, and its classes and id as ``.class`` and ``#id``."""

    name: str
    marks: frozenset[str]


_Selector = tuple[_Element, ...]


def looks_like_html(text: str) -> bool:
    """Tell whether a text is HTML rather than plain.

    It begins with a tag of a page, comments aside; or with any other, as parts of pages do that
    begin with a style sheet or a picture, and has blocks.
    """
    at = _past_space(text, 0)
    while text.startswith("<!--", at):
        end = text.find("-->", at)
        if end < 0:
            return False
        at = _past_space(text, end + 3)
    if _HTML.match(text, at):
        return True
    return bool(_MARKUP.match(text, at) and _BLOCK.search(text, at, at + _BEGINNING))


def _past_space(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):
        at += 1
    return at


def read_html(html: str, path: str, *, hidden: bool = False) -> Page:
    """Return the page in an HTML text; ``hidden`` text is left out unless asked for."""
    reader = _HtmlReader(hidden=hidden)
    reader.read(html)
    return plain_page(html, path)._replace(
        text="".join(reader.pieces),
        offsets=reader.offsets,
        origins=reader.origins,
        links=reader.links,
        anchors=reader.anchors,
        captions=reader.captions,
    )


def saved_from(html: str) -> str:
    """Return where a browser says that it saved a page from, or nothing."""
    saved = _SAVED_FROM.search(html[:2000])
    return saved.group(1) if saved else ""


class _HtmlReader:
    """Collects the visible text: blocks as paragraphs, white space folded."""

    def __init__(self, *, hidden: bool) -> None:
        self.pieces: list[str] = []
        self.offsets = [0]
        self.origins = [0]
        self.links: list[PageLink] = []
        self.anchors: dict[str, int] = {}
        self.captions: list[Caption] = []
        self._length = 0
        self._verbatim = 0
        self._lone_code = False
        self._anchor: tuple[int, int, str] | None = None
        self._show_hidden = hidden
        self._hiding = list(map(_selector, vocabulary.HIDING_SELECTORS))
        self._open_elements: list[_Element] = []
        self._hidden: tuple[str, int] | None = None  # the hidden element and how deep within
        self._picture: tuple[str, int] | None = None  # the element, and where its text begins
        self._never_closed: set[str] = set()

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
            note = _NOTE_MARK.match(html, at) if name == "sup" else None
            if note and self.pieces and _BEFORE_NOTE.search(self.pieces[-1][-5:]):
                return note.end()
            if tag.group(1):
                self._close(name, at)
                return end
            if name in _SKIPPED:
                return self._skip(html, name, end)
            self._open(name, attributes, at)
            if name in _PICTURES and not self._hidden and not self._picture:
                closing = html.find(f"</{name}", end, end + _LONGEST_CAPTION)
                if closing >= 0:
                    self._picture = (name, self._length)
            return end
        closing_mark = "-->" if html.startswith("<!--", at) else ">"
        end = html.find(closing_mark, at + 2)
        if end < 0:
            self._text(html[at:], at)
            return len(html)
        return end + len(closing_mark)

    def _skip(self, html: str, name: str, at: int) -> int:
        """Return where the end tag of a skipped element begins; a style sheet is read."""
        found = None
        if name not in self._never_closed:
            found = re.compile(f"</{name}\\b", re.IGNORECASE).search(html, at)
        if not found:
            self._never_closed.add(name)
            return len(html) if name in {"script", "style"} else at
        if name == "style":
            self._hiding += _hiding_selectors(html[at : found.start()])
            del self._hiding[_MOST_SELECTORS:]
        return found.start()

    def _open(self, name: str, attributes: dict[str, str], at: int) -> None:
        if self._stays_hidden(name) or (name not in _VOID and self._hides(name, attributes)):
            return
        anchor = attributes.get("id") or (attributes.get("name") if name == "a" else None)
        if anchor:
            self.anchors.setdefault(anchor, self._length)
        if name == "br":
            self._add("\n", at)
        elif name in _BLOCKS:
            self._add("\n\n", at)
            self._verbatim += name == "pre"
        elif name == "a" and attributes.get("href"):
            self._end_link()
            self._anchor = (self._length, len(self.pieces), attributes["href"])
        elif name == "img":
            self._image(attributes.get("alt", ""), at)

    def _stays_hidden(self, name: str) -> bool:
        """Tell whether an element that opens is within a hidden one."""
        if not self._hidden:
            return False
        within, depth = self._hidden
        if within in _ENDED_BY_BLOCKS and name in _BLOCKS:
            self._hidden = None
            return False
        if name == within:
            self._hidden = (within, depth + 1)
        return True

    def _hides(self, name: str, attributes: dict[str, str]) -> bool:
        """Open an element; tell whether its text is hidden."""
        element = _element(name, attributes)
        self._open_elements.append(element)
        if len(self._open_elements) > 2 * _DEEP:  # none looks further up
            del self._open_elements[:_DEEP]
        if self._show_hidden or not self._is_hidden(element, attributes):
            return False
        self._hidden = (name, 1)
        self._open_elements.pop()
        return True

    def _image(self, alt: str, at: int) -> None:
        alt = " ".join(alt.split())
        code = vocabulary.category_of(alt)
        if code:
            self._add(f" {code} ", at)
        elif alt:
            start = self._length + 1
            self._add(f" {alt} ", at)
            if not _ICON.fullmatch(alt) and not self._picture:
                self.captions.append(Caption(start, start + len(alt)))

    def _is_hidden(self, element: _Element, attributes: dict[str, str]) -> bool:
        if "hidden" in attributes or _HIDING.search(attributes.get("style", "")):
            return True
        if attributes.get("role") == "tooltip":
            return True
        return any(
            _fits(selector[-1], element) and self._within(selector[:-1])
            for selector in self._hiding
        )

    def _within(self, ancestors: _Selector) -> bool:
        around = iter(self._open_elements[-2:-_DEEP:-1])
        return all(any(_fits(wanted, e) for e in around) for wanted in reversed(ancestors))

    def _close(self, name: str, at: int) -> None:
        if self._hidden:
            within, depth = self._hidden
            if name == within:
                self._hidden = (within, depth - 1) if depth > 1 else None
                return
            if within not in _ENDED_BY_BLOCKS or name not in _BLOCKS:
                return
            self._hidden = None
        for i in range(1, min(len(self._open_elements), _DEEP) + 1):
            if self._open_elements[-i].name == name:
                del self._open_elements[-i:]
                break
        if self._picture and self._picture[0] == name:
            self.captions.append(Caption(self._picture[1], self._length))
            self._picture = None
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
                self.links.append(PageLink(start, self._length, Link(text, url)))
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
        if self._hidden:
            return
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


# Style sheets: only what hides


def _element(name: str, attributes: dict[str, str]) -> _Element:
    marks = [f".{word}" for word in attributes.get("class", "").split()]
    if attributes.get("id"):
        marks.append(f"#{attributes['id']}")
    return _Element(name, frozenset(marks))


def _fits(wanted: _Element, element: _Element) -> bool:
    return wanted.name in ("", element.name) and wanted.marks <= element.marks


def _selector(text: str) -> _Selector:
    """Read a selector such as ``a.tip span``; it is empty where it says more than that."""
    compounds = []
    for word in text.replace(">", " ").split():
        match = _COMPOUND.fullmatch(word)
        if not match:
            return ()
        marks = frozenset(re.findall(r"[.#][\w-]+", match.group(2)))
        compounds.append(_Element((match.group(1) or "").lower(), marks))
    return tuple(compounds)


def _hiding_selectors(sheet: str) -> Iterator[_Selector]:
    """Yield what a style sheet hides on a screen, whatever the pointer does."""
    before = ""
    printing = False
    depth = 0
    for match in _RULE.finditer(re.sub(r"/\*.*?(?:\*/|$)", "", sheet, flags=re.DOTALL)):
        text, brace = match.groups()
        if brace == "{":
            if depth == 0:
                printing = "@" in text and "print" in text
            before, depth = text, depth + 1
            continue
        if _HIDING.search(text) and not printing:
            for one in before.split(","):
                selector = _selector(one)
                if selector and any(element != _Element("", frozenset()) for element in selector):
                    yield selector
        depth = max(0, depth - 1)


def masked(text: str, captions: Sequence[Caption]) -> str:
    """Return ``text`` with spaces for the words of pictures."""
    if not captions:
        return text
    pieces = []
    at = 0
    for start, end in captions:
        if start >= at:
            pieces += [text[at:start], " " * (end - start)]
            at = end
    return "".join([*pieces, text[at:]])
