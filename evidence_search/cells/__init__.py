"""A matrix-cell page to its header and study records: read, clean, make.

``pages`` reads bytes into one text that remembers lines, columns and links;
``grammar`` says what a piece of text is; this module cuts a page into parts
and makes records of its entries.  Nothing is lost: the parts, put together,
are the text.  What is doubtful becomes a :class:`Problem` and the rest loads.

Rejected: one big pattern for an entry (titles hold parentheses, summaries
hold years, and a pattern that allows for both backtracks without bound), and
a parser generator (the pages are prose, not a language).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from evidence_search.cells import grammar, names
from evidence_search.cells.pages import Page, decode, looks_like_html, read_page
from evidence_search.errors import CellError
from evidence_search.places import (
    canonical,
    find_places,
    place_of_tag,
    places_of_publisher,
)
from evidence_search.records import (
    Category,
    CrossReference,
    Inference,
    Link,
    Problem,
    RelatedDocument,
    StudyRecord,
    record_id,
)
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.records import Source

__all__ = ["Cell", "Part", "decode", "looks_like_cell", "read_cell"]

_KNOWN = tuple(category.code for category in Category)
_SPACES = re.compile(r"\s+")
_HEAD = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a page: ``kind`` is ``"header"``, ``"legend"``, ``"entry"`` or ``"footer"``."""

    kind: str
    text: str


class Cell(Value):
    """A page: its place in the matrix, its entries, what was doubtful, and its parts in order."""

    matrix: str
    code: str
    column: str
    row: str
    description: str
    funders: tuple[str, ...]
    records: tuple[StudyRecord, ...]
    problems: tuple[Problem, ...]
    parts: tuple[Part, ...]


def looks_like_cell(text: str) -> bool:
    """Tell whether a text says near its start that it is a matrix cell."""
    head = text[: _HEAD * 10] if looks_like_html(text) else text[:_HEAD]
    return grammar.HEADING.search(_SPACES.sub(" ", head)) is not None


def read_cell(text: str, path: str) -> Cell:
    """Return the cell on a page, plain text or HTML; ``path`` is where it stands in the corpus.

    Raises :class:`CellError` where nothing says which cell it is.
    """
    page = read_page(text, path)
    lines = _lines(page.text)
    heading = _heading(page)
    legend_at, legend_end, known = _legend(lines)
    entries_from = legend_end if legend_at is not None else _first_entry(lines, known)
    footer_at = _footer(lines, entries_from)
    starts, continued = _entry_starts(lines[entries_from:footer_at], known)
    end = lines[footer_at].start if footer_at < len(lines) else len(page.text)
    legend_from = lines[legend_at].start if legend_at is not None else None
    parts = _parts(page.text, legend_from, starts, end)
    header = [
        line for line in lines if line.start < (legend_from or (starts[0] if starts else end))
    ]
    cell = Cell(
        *heading,
        description=_description(header, heading),
        funders=_funders(header),
        records=(),
        problems=(),
        parts=tuple(parts),
    )
    maker = _Maker(page, cell, known)
    for start, stop in pairwise([*starts, end]):
        maker.entry(start, stop)
    maker.stray(lines[entries_from:footer_at], starts, continued)
    records, problems = maker.finish()
    return replace(cell, records=records, problems=problems)


# Cutting a page into parts


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str
    after_blank: bool

    @property
    def lower(self) -> str:
        return self.text.lower()


def _lines(text: str) -> list[_Line]:
    """Return the lines that aren't blank, without their white space at the ends."""
    found = []
    blank = True
    for match in re.finditer(r"[^\r\n]+|\r\n|\r|\n", text):
        line = match.group()
        stripped = line.strip("\r\n \t\u00a0\ufeff\u200b")
        if not stripped:
            blank = blank or line not in {"\n", "\r\n", "\r"} or _ends_blank(text, match.end())
            continue
        offset = line.index(stripped[0])
        found.append(_Line(match.start() + offset, stripped, blank))
        blank = False
    return found


def _ends_blank(text: str, end: int) -> bool:
    """Tell whether the line that begins at ``end`` is blank."""
    return re.match(r"[ \t\u00a0\u200b]*(?:\r|\n|$)", text[end : end + 200]) is not None


def _heading(page: Page) -> tuple[str, str, str, str]:
    """Return matrix, code, column and row."""
    head = page.text[: _HEAD * 10].replace("\u00a0", " ")
    found = list(grammar.HEADING.finditer(head))
    if not found:
        raise CellError(
            f"{page.path}: expected a line such as “Alcohol Treatment Matrix cell A1: "
            "Interventions; Screening”, found none: add one as the first line"
        )
    matrix, code = found[0]["matrix"].capitalize(), found[0]["code"].upper()
    topic = next((m["topic"] for m in found if m["topic"] and ";" in m["topic"]), "")
    if not topic:
        after = re.compile(r"^[ \t]*([^;\n.]{3,80};[^;\n.]{3,80})[ \t]*$", re.MULTILINE)
        match = after.search(head, found[0].end())
        topic = match.group(1) if match else ""
    topic = topic or next((m["topic"] for m in found if m["topic"]), "")
    column, _, row = (" ".join(part.split()) for part in topic.partition(";"))
    return matrix, code, column, row


def _legend(lines: Sequence[_Line]) -> tuple[int | None, int, tuple[str, ...]]:
    """Return the first line of the legend, the line after it, and its codes."""
    for i, line in enumerate(lines):
        known = _legend_codes(line.text)
        following = i + 1
        if len(known) == 1:
            while following < len(lines) and len(_legend_codes(lines[following].text)) == 1:
                known += _legend_codes(lines[following].text)
                following += 1
        if len(set(known)) < 2:
            continue
        while following < len(lines) and lines[following].lower.startswith(names.LEGEND_LINES):
            following += 1
        return i, following, tuple(dict.fromkeys(known))
    return None, 0, _KNOWN


def _legend_codes(line: str) -> list[str]:
    if len(line) > 300:
        return []
    return [
        code.upper()
        for code, word in grammar.LEGEND.findall(line)
        if word.lower() in {w for words in names.CATEGORY_WORDS.values() for w in words}
        and word.lower() in names.CATEGORY_WORDS.get(code.upper(), (word.lower(),))
    ]


def _first_entry(lines: Sequence[_Line], known: Sequence[str]) -> int:
    for i, line in enumerate(lines):
        found, title = grammar.codes(line.text, known)
        if found and set(found) <= set(known) and grammar.find_origin(_paragraph(lines, i), title):
            return i
    return len(lines)


def _footer(lines: Sequence[_Line], first: int) -> int:
    for i in range(first, len(lines)):
        lower = lines[i].lower
        following = lines[i + 1].lower if i + 1 < len(lines) else ""
        if lower.startswith(names.FOOTER_LINES) or (
            lower == "more" and following.startswith(names.FOOTER_LINES)
        ):
            return i
    return len(lines)


def _paragraph(lines: Sequence[_Line], i: int) -> str:
    texts = [lines[i].text]
    for line in lines[i + 1 :]:
        if line.after_blank:
            break
        texts.append(line.text)
    return " ".join(texts)


def _entry_starts(lines: Sequence[_Line], known: Sequence[str]) -> tuple[list[int], set[int]]:
    """Return the offsets at which entries start, and those of paragraphs that continue one."""
    starts: list[int] = []
    continued: set[int] = set()
    previous = "."
    for i, line in enumerate(lines):
        paragraph = _paragraph(lines, i)
        if _starts_entry(paragraph, known, sure=line.after_blank, ended=_ended(previous)):
            starts.append(line.start)
        elif line.after_blank:
            continued.add(line.start)
        starts.extend(line.start + offset for offset in _glued(line.text, paragraph, known))
        previous = line.text
    return starts, continued


def _ended(line: str) -> bool:
    return line.rstrip("”’\"')]").endswith((".", "!", "?", "…"))


def _starts_entry(paragraph: str, known: Sequence[str], *, sure: bool, ended: bool) -> bool:
    found, title = grammar.codes(paragraph, known)
    if sure and found and set(found) <= set(known):
        return True
    if not (sure or (ended and found)):
        return False
    return grammar.find_origin(paragraph, title) is not None


def _glued(line: str, paragraph: str, known: Sequence[str]) -> Iterator[int]:
    """Yield the offsets in a line at which another entry starts in mid-paragraph."""
    for cut in grammar.sentence_ends(line):
        found, title = grammar.codes(line[cut:], known)
        if found and set(found) <= set(known):
            rest = paragraph[cut:]
            if grammar.find_origin(rest, title):
                yield cut


def _parts(text: str, legend: int | None, starts: Sequence[int], end: int) -> list[Part]:
    first = starts[0] if starts else end
    header_end = legend if legend is not None else first
    cuts = [("header", 0, header_end), ("legend", header_end, first)]
    cuts += [("entry", a, b) for a, b in pairwise([*starts, end])]
    cuts.append(("footer", end, len(text)))
    return [Part(kind, text[a:b]) for kind, a, b in cuts if a < b]


def _description(header: Sequence[_Line], heading: tuple[str, str, str, str]) -> str:
    """Return what the header says the cell is about: the prose after the last "column; row"."""
    _, _, column, row = heading
    topic = f"{column}; {row}".lower()
    after = [i for i, line in enumerate(header) if line.lower.strip() == topic]
    rest = header[after[-1] + 1 :] if after else header[1:]
    prose = [line.text for line in rest if len(line.text) > 60 or (after and line is not rest[0])]
    return " ".join(" ".join(prose).split())


def _funders(header: Sequence[_Line]) -> tuple[str, ...]:
    """Return the names on the lines after "… funded by" and the like."""
    found: dict[str, None] = {}
    naming = False
    for line in header:
        if line.lower.rstrip(": ").endswith(names.FUNDER_LINES):
            naming = True
            continue
        if not naming:
            continue
        if "matri" in line.lower or len(line.text) > 120:
            naming = False
            continue
        noise = "|".join(map(re.escape, names.FUNDER_NOISE))
        name = re.split(noise, line.text, flags=re.IGNORECASE)[0]
        found.setdefault(name.strip(" ."), None)
    return tuple(name for name in found if name)


# Making records


@dataclass(frozen=True, slots=True)
class _Pending:
    """A cross-reference waiting for all records of the cell."""

    record: int
    index: int
    reference: grammar.Reference
    source: Source


class _Maker:
    """Makes the records of one page, in order; ``finish`` resolves what points across entries."""

    def __init__(self, page: Page, cell: Cell, known: Sequence[str]) -> None:
        self._page = page
        self._cell = cell
        self._known = known
        self._records: list[StudyRecord] = []
        self._problems: list[Problem] = []
        self._pending: list[_Pending] = []

    def _doubt(self, start: int, end: int, severity: str, code: str, message: str) -> None:
        source = self._page.source(start, end)
        self._problems.append(Problem(source, severity, code, message))

    def entry(self, start: int, stop: int) -> None:
        """Make the record of the entry at ``text[start:stop]``."""
        raw = self._page.text[start:stop].rstrip()
        # One character for one, so that offsets stay true.
        text = re.sub(r"[\s\u00a0\u200b\ufeff]", " ", raw)
        end = start + len(raw)
        letters, title_at = grammar.codes(text, self._known)
        categories = self._categories(letters, start, title_at)
        found = grammar.find_origin(text, title_at)
        if found:
            group, origin = found
            title_end, body_at = group.start, group.end
        else:
            origin = grammar.Origin(None, None, None, None, ())
            title_end = body_at = next(
                (c for c in grammar.sentence_ends(text) if c > title_at), len(text)
            )
            self._unclosed(text[title_at:], start + title_at, "error")
        title = _clean(text[title_at:title_end]).rstrip(",;:").rstrip()
        title = title[:-1].rstrip() if re.search(r"[^.]\.$", title) else title
        if origin.year is None:
            self._doubt(
                start, start + title_end, "warning", "no-year",
                f"expected a year in parentheses after the title, found none in {title[:60]!r}: "
                "add “(2010)” or “(Publisher, 2010)”",
            )  # fmt: skip
        body = text[body_at:]
        lead = len(body) - len(body.lstrip(" .:;,–—"))
        links = [
            (a - start, b - start, link) for a, b, link in self._page.links if start <= a < end
        ]
        record = StudyRecord(
            id=self._id(title, start, start + title_end),
            title=title,
            source=self._page.source(start, end),
            matrix=self._cell.matrix,
            cell=self._cell.code,
            column=self._cell.column or None,
            row=self._cell.row or None,
            categories=categories,
            year=origin.year,
            year_end=origin.year_end,
            publisher=origin.publisher,
            notes=origin.notes,
            url=next((link.url for a, _, link in links if title_at <= a < body_at), None),
        )
        self._records.append(
            self._with_body(record, origin, body[lead:], start + body_at + lead, links, start)
        )

    def _categories(
        self, letters: Sequence[str], start: int, title_at: int
    ) -> tuple[Category, ...]:
        found = []
        for letter in dict.fromkeys(letters):
            if letter not in _KNOWN:
                self._doubt(
                    start, start + title_at, "error", "unknown-category",
                    f"expected a category ({', '.join(_KNOWN)}), found {letter!r}",
                )  # fmt: skip
                continue
            if letter not in self._known:
                self._doubt(
                    start, start + title_at, "warning", "category-not-in-legend",
                    f"expected a category of the legend ({', '.join(self._known)}), "
                    f"found {letter!r}",
                )  # fmt: skip
            found.append(Category(letter))
        if not letters:
            self._doubt(
                start, start + 1, "warning", "no-category",
                f"expected a category ({', '.join(_KNOWN)}) before the title, found none: "
                "the record is uncategorised",
            )  # fmt: skip
        return tuple(found)

    def _unclosed(self, text: str, at: int, severity: str) -> None:
        opened = grammar.unclosed(text)
        if opened is not None:
            self._doubt(
                at + opened, at + opened + 1, severity, "unclosed-parenthesis",
                "expected a “)” for this “(”, found none in the entry",
            )  # fmt: skip

    def _id(self, title: str, start: int, end: int) -> str:
        name = wanted = record_id(self._cell.matrix, self._cell.code, title)
        taken = {record.id: record for record in self._records}
        count = 1
        while name in taken:
            count += 1
            name = f"{wanted}-{count}"
        if count > 1:
            self._doubt(
                start, end, "error", "duplicate-title",
                f"expected each title once, found {title[:60]!r} on line "
                f"{taken[wanted].source.line} too: change or remove one",
            )  # fmt: skip
        return name

    def _with_body(
        self,
        record: StudyRecord,
        origin: grammar.Origin,
        body: str,
        at: int,
        links: Sequence[tuple[int, int, Link]],
        start: int,
    ) -> StudyRecord:
        kept: list[str] = []
        furniture: list[str] = []
        telling: list[str] = []
        related: list[RelatedDocument] = [self._further(other, record) for other in origin.further]
        references: list[CrossReference] = []
        used: set[str] = {record.url} if record.url else set()
        for sentence in grammar.sentences(body):
            offset, at = at, at + len(sentence)
            if grammar.is_furniture(sentence):
                furniture.append(_clean(sentence))
                continue
            kept.append(sentence)
            reference = grammar.read_reference(sentence)
            if reference:
                source = self._page.source(offset, offset + len(sentence.rstrip()))
                self._pending.append(
                    _Pending(len(self._records), len(references), reference, source)
                )
                references.append(CrossReference(reference.text))
                continue
            pointers = grammar.read_pointers(sentence)
            for pointer in pointers:
                a, b = offset + pointer.start, offset + pointer.end
                url = next((link.url for x, _, link in links if a <= x + start < b), None)
                used |= {url} if url else set()
                related.append(self._related(pointer, a, b, url))
            if not pointers or pointers[0].relation == "update":
                telling.append(sentence)
        if record.year is not None:
            self._unclosed(body, at - len(body), "warning")
        return replace(
            record,
            summary=_clean("".join(kept)),
            furniture=tuple(furniture),
            related=tuple(related),
            references=tuple(references),
            links=tuple(link for _, _, link in links if link.url not in used),
            inferences=self._inferences(record, origin, "".join(telling)),
        )

    def _further(self, origin: grammar.Origin, record: StudyRecord) -> RelatedDocument:
        return RelatedDocument(
            "associated",
            record.title,
            origin.publisher,
            origin.year,
            _document_places(origin, ""),
            source=record.source,
        )

    def _related(
        self, pointer: grammar.Pointer, start: int, end: int, url: str | None
    ) -> RelatedDocument:
        return RelatedDocument(
            pointer.relation,
            pointer.title,
            pointer.origin.publisher,
            pointer.origin.year,
            _document_places(pointer.origin, pointer.title),
            url,
            self._page.source(start, end),
        )

    def _inferences(
        self, record: StudyRecord, origin: grammar.Origin, telling: str
    ) -> tuple[Inference, ...]:
        found: list[Inference] = []
        place = place_of_tag(origin.tag) if origin.tag else None
        if place:
            found.append(Inference(place, "tag"))
        elif origin.tag:
            self._problems.append(
                Problem(
                    record.source,
                    "warning",
                    "unknown-tag",
                    f"expected a place such as [UK] or [English], found [{origin.tag}]",
                )
            )
        if origin.publisher and not place:
            # A tag is the page's own word on the publisher, and wins.
            found += [Inference(p, "publisher") for p in places_of_publisher(origin.publisher)]
        found += [Inference(mention.name, "title") for mention in find_places(record.title)]
        found += [Inference(mention.name, "summary") for mention in find_places(telling)]
        return tuple(dict.fromkeys(found))

    def stray(self, lines: Sequence[_Line], starts: Sequence[int], continued: set[int]) -> None:
        """Report the paragraphs that stand before, or inside, an entry without being one."""
        for line in lines:
            if line.start not in continued:
                continue
            end = line.start + len(line.text)
            if not starts or line.start < starts[0]:
                self._doubt(
                    line.start, end, "warning", "stray-text",
                    f"expected an entry, found {line.text[:60]!r}: it is in no record; begin it "
                    "with S, K, R or G, or remove it",
                )  # fmt: skip
            else:
                self._doubt(
                    line.start, end, "warning", "stray-text",
                    f"expected an entry, found {line.text[:60]!r}: it was added to the summary of "
                    "the entry above",
                )  # fmt: skip

    # Cross-references

    def finish(self) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
        """Resolve the cross-references, and return all records and problems in page order."""
        records = list(self._records)
        for pending in self._pending:
            fitting = self._fitting(pending)
            record = records[pending.record]
            references = list(record.references)
            if len(fitting) == 1:
                references[pending.index] = replace(references[pending.index], record=fitting[0].id)
                records[pending.record] = replace(record, references=tuple(references))
                continue
            text = pending.reference.text
            if fitting:
                listed = ", ".join(f"{r.title[:40]!r}" for r in fitting)
                message = f"expected one entry that {text!r} fits, found {len(fitting)}: {listed}"
            else:
                message = f"expected an entry that {text!r} fits, found none"
            code = "ambiguous-reference" if fitting else "unresolved-reference"
            self._problems.append(Problem(pending.source, "warning", code, message))
        order = lambda p: (p.source.line, p.source.column)  # noqa: E731 - a key
        return tuple(records), tuple(sorted(self._problems, key=order))

    def _fitting(self, pending: _Pending) -> list[StudyRecord]:
        """Return the entries that a reference may mean.

        They stand in its direction, are from the place it names, and of the
        kind it names.  Of several, one that refers back in the other
        direction to the same kind is meant.
        """
        below = pending.reference.direction == "below"
        candidates = (
            self._records[pending.record + 1 :] if below else self._records[: pending.record]
        )
        places = _places_in(pending.reference.what)
        kinds = {names.KINDS.get(w.lower()) for w in re.findall(r"\w+", pending.reference.what)}
        codes = {kind for kind in kinds if kind}
        fitting = [
            record
            for record in candidates
            if places <= set(record.jurisdictions)
            and (not codes or codes & {c.code for c in record.categories})
        ]
        if len(fitting) > 1:
            back = [record for record in fitting if self._refers_back(record, pending, codes)]
            return back if len(back) == 1 else fitting
        return fitting

    def _refers_back(self, record: StudyRecord, pending: _Pending, codes: set[str]) -> bool:
        return any(
            self._records[other.record] is record
            and other.reference.direction != pending.reference.direction
            and (not codes or codes & _kinds(other.reference.what))
            for other in self._pending
        )


def _kinds(what: str) -> set[str]:
    return {kind for w in re.findall(r"\w+", what) if (kind := names.KINDS.get(w.lower()))}


def _places_in(what: str) -> set[str]:
    found = {mention.name for mention in find_places(what)}
    return found or {
        place for word in what.split() if word[:1].isupper() and (place := canonical(word))
    }


def _document_places(origin: grammar.Origin, title: str) -> tuple[str, ...]:
    """Return where a related document is from: its tag, else its publisher; and its title."""
    found: list[str] = []
    place = place_of_tag(origin.tag) if origin.tag else None
    if place:
        found.append(place)
    elif origin.publisher:
        found += places_of_publisher(origin.publisher)
    found += [mention.name for mention in find_places(title)]
    return tuple(dict.fromkeys(found))


def _clean(text: str) -> str:
    """Fold the white space of soft line wraps; every other character stays as it is."""
    return _SPACES.sub(" ", text).strip()
