"""A page: one text in which every character knows where it stood in the file.

What a form of page needs (markup taken away, broken words joined) is done by
:meth:`Page.edited`, which keeps the way back to lines, columns and links.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.patterns import lazy_pattern
from evidence_search.records import Link, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LINE_END = lazy_pattern(r"\r\n|\n|\r")


class Edit(NamedTuple):
    """``text`` in the place of the characters from ``start`` up to ``end`` of a page."""

    start: int
    end: int
    text: str = ""


class PageLink(NamedTuple):
    """A hyperlink, by offsets in the text of a page."""

    start: int
    end: int
    link: Link


class Caption(NamedTuple):
    """The words of a picture, by offsets in the text of a page."""

    start: int
    end: int


class Page(NamedTuple):
    """The text of a page, its links, pictures and anchors, in order.

    The character at ``offsets[i]`` of the text stood at ``origins[i]`` in the
    file, and those up to ``offsets[i + 1]`` after it; ``lines`` are the
    offsets in the file at which its lines begin.  ``anchors`` are the names
    that links within the page lead to, with their offset in the text.
    """

    path: str
    file: str
    text: str
    lines: Sequence[int]
    offsets: Sequence[int] = (0,)
    origins: Sequence[int] = (0,)
    links: Sequence[PageLink] = ()
    anchors: Mapping[str, int] = {}
    captions: Sequence[Caption] = ()

    def origin(self, offset: int) -> int:
        """Return where in the file the character at an offset of the text stood."""
        i = bisect_right(self.offsets, offset) - 1
        return min(self.origins[i] + offset - self.offsets[i], len(self.file))

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column in the file, from 1, of an offset in ``text``."""
        origin = self.origin(offset)
        line = bisect_right(self.lines, origin)
        return line, origin - self.lines[line - 1] + 1

    def source(self, start: int, end: int) -> Source:
        """Return where ``text[start:end]`` stands in the file."""
        line, column = self.place(start)
        end_line, end_column = self.place(max(end - 1, start))
        return Source(self.path, line, column, end_line, end_column + 1)

    def within(self, outer: Page) -> Page:
        """Return the page as one of the file of ``outer``, whose text was its file."""
        offsets: list[int] = []
        origins: list[int] = []
        for i, (offset, origin) in enumerate(zip(self.offsets, self.origins, strict=True)):
            stop = self.offsets[i + 1] if i + 1 < len(self.offsets) else len(self.text)
            offsets.append(offset)
            origins.append(outer.origin(origin))
            first = bisect_right(outer.offsets, origin)
            for j in range(first, len(outer.offsets)):
                at = offset + outer.offsets[j] - origin
                if at >= stop:
                    break
                offsets.append(at)
                origins.append(outer.origins[j])
        return self._replace(file=outer.file, lines=outer.lines, offsets=offsets, origins=origins)

    def edited(self, edits: Sequence[Edit]) -> Page:
        """Return the page with some of its text replaced; ``edits`` are in order and apart."""
        if not edits:
            return self
        pieces: list[str] = []
        offsets: list[int] = []
        origins: list[int] = []
        kept: list[tuple[int, int, int]] = []  # start, end, and the start in the new text
        length = at = 0

        def stands(origin: int) -> None:
            if not offsets or origin - length != origins[-1] - offsets[-1]:
                offsets.append(length)
                origins.append(origin)

        for edit in (*edits, Edit(len(self.text), len(self.text))):
            kept.append((at, edit.start, length))
            first = bisect_right(self.offsets, at) - 1
            for i in range(first, len(self.offsets)):
                begin = max(self.offsets[i], at)
                stop = self.offsets[i + 1] if i + 1 < len(self.offsets) else len(self.text)
                stop = min(stop, edit.start)
                if begin < stop:
                    stands(self.origins[i] + begin - self.offsets[i])
                    pieces.append(self.text[begin:stop])
                    length += stop - begin
                if stop >= edit.start:
                    break
            if edit.text:
                stands(self.origin(edit.start))
                pieces.append(edit.text)
                length += len(edit.text)
            at = edit.end
        starts = [start for start, _, _ in kept]

        def moved(offset: int) -> int:
            start, end, new = kept[bisect_right(starts, offset) - 1]
            return new + min(offset, end) - start

        return self._replace(
            text="".join(pieces),
            offsets=offsets or (0,),
            origins=origins or (0,),
            links=[PageLink(moved(a), moved(b), link) for a, b, link in self.links],
            anchors={name: moved(offset) for name, offset in self.anchors.items()},
            captions=[Caption(moved(a), moved(b)) for a, b in self.captions],
        )


def plain_page(text: str, path: str) -> Page:
    """Return a text as a page, as it stands."""
    return Page(path, text, text, [0, *(match.end() for match in _LINE_END.finditer(text))])
