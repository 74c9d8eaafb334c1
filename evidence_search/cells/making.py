"""Make: the records of the entries of a page, and the problems found in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import grammar, names, sentences
from evidence_search.cells.origins import Origin
from evidence_search.places import (
    ancestors,
    canonical,
    find_places,
    places_of_publisher,
    places_of_tag,
)
from evidence_search.records import (
    Category,
    CrossReference,
    Inference,
    Problem,
    RelatedDocument,
    StudyRecord,
    record_id,
)
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.cells.header import Heading
    from evidence_search.cells.pages import Page
    from evidence_search.cells.parts import Entry, Layout
    from evidence_search.records import Source

NEAR = 200
"""How many entries away a cross-reference may point; no cell has as many."""


def make(
    page: Page, layout: Layout, heading: Heading
) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the records of all entries and every problem, each in the order of the page."""
    maker = _Maker(page, layout, heading)
    maker.stray()
    for entry in layout.entries:
        maker.entry(entry)
    maker.resolve()
    problems = sorted(maker.problems, key=lambda p: (p.source.line, p.source.column))
    return tuple(maker.records), tuple(problems)


class _Pending(NamedTuple):
    """A cross-reference of the record of that number, waiting for all records of the cell."""

    record: int
    reference: sentences.Reference
    places: frozenset[str]
    source: Source


class _Maker:
    """Makes the records of one page, in order; ``resolve`` fills in what points across entries."""

    def __init__(self, page: Page, layout: Layout, heading: Heading) -> None:
        self.records: list[StudyRecord] = []
        self.problems: list[Problem] = []
        self._page = page
        self._text = layout.text
        self._layout = layout
        self._heading = heading
        self._links = [start for start, _, _ in page.links]
        self._loose = [span.start for span in layout.loose]
        self._ids: dict[str, list[int]] = {}
        self._pending: list[_Pending] = []
        self._of_record: dict[str, list[_Pending]] = {}

    def _report(self, start: int, end: int, severity: str, code: str, message: str) -> None:
        source = self._page.source(start, end)
        self.problems.append(Problem(source, severity, code, message))

    def stray(self) -> None:
        """Report the text that is in no entry or may be one, and a page without any."""
        first = self._layout.end
        if self._layout.entries:
            first = self._layout.entries[0].start
        else:
            self._report(
                0, 1, "warning", "no-entries",
                "expected an entry such as “K Title (Publisher, 2010). Summary.”, found none",
            )  # fmt: skip
        for start, end in self._layout.loose:
            if start < first:
                self._report(
                    start, end, "warning", "stray-text",
                    f"expected an entry, found {self._quoted(start, end)}: it is in no record; "
                    "begin it with S, K, R or G, or remove it",
                )  # fmt: skip
        for start, end in self._layout.doubtful:
            self._report(
                start, end, "warning", "possible-entry",
                f"expected the summary to go on, found {self._quoted(start, end)}, which "
                "begins as an entry does: if it is one, give it a paragraph of its own",
            )  # fmt: skip

    def _quoted(self, start: int, end: int) -> str:
        return repr(_clean(self._text[start : min(end, start + 60)]))

    # One entry

    def entry(self, entry: Entry) -> None:
        """Make the record of an entry."""
        text, start = self._text, entry.start
        end = start + len(text[start : entry.end].rstrip())
        letters, title_at = grammar.codes(text, start, end)
        found = grammar.find_origin(text, title_at, entry.head)
        if found:
            (title_end, body_at, _), origin = found
        else:
            origin = Origin()
            title_end = body_at = next(
                grammar.sentence_ends(text, title_at, entry.head), entry.head
            )
        title = _title(text[title_at:title_end])
        if not title:
            title = self._untitled(start, title_at, end)
        categories = self._categories(letters, start, title_at)
        if origin.year is None:
            self._report(
                start, title_end, "warning", "no-year",
                f"expected a year in parentheses after the title, found none in {title[:60]!r}: "
                "add “(2010)” or “(Publisher, 2010)”",
            )  # fmt: skip
        self._parentheses(title_at, body_at, end)
        source = self._page.source(start, end)
        further = tuple(_further(title, other, source) for other in origin.further)
        summary, furniture, related, telling = self._body(body_at, end)
        links = self._page.links[bisect_left(self._links, start) : bisect_left(self._links, end)]
        url = self._url(title_at, body_at)
        used = {url, *(document.url for document in related)}
        self.records.append(
            StudyRecord(
                id=self._id(title, start, title_end),
                title=title,
                source=source,
                matrix=self._heading.matrix,
                cell=self._heading.code,
                column=self._heading.column or None,
                row=self._heading.row or None,
                categories=categories,
                year=origin.year,
                year_end=origin.year_end,
                publisher=origin.publisher,
                inferences=self._inferences(origin, title, telling, source),
                summary=summary,
                related=further + related,
                notes=origin.notes,
                furniture=furniture,
                links=tuple(link for _, _, link in links if link.url not in used),
                url=url,
            )
        )

    def _untitled(self, start: int, title_at: int, end: int) -> str:
        """Report an entry without a title, and return its beginning to call it by."""
        self._report(
            start, end, "error", "no-title",
            "expected a title before the parenthesis, found none: add one",
        )  # fmt: skip
        return _clean(self._text[title_at : min(end, title_at + 60)])

    def _categories(self, letters: str, start: int, title_at: int) -> tuple[Category, ...]:
        known = ", ".join(names.CODES)
        found = []
        for letter in dict.fromkeys(letters):
            if letter not in names.CODES:
                self._report(
                    start, title_at, "error", "unknown-category",
                    f"expected a category ({known}), found {letter!r}: correct it, or take it "
                    "away if the title begins with it",
                )  # fmt: skip
                continue
            if letter not in self._layout.legend:
                self._report(
                    start, title_at, "warning", "category-not-in-legend",
                    f"expected a category of the legend ({', '.join(self._layout.legend)}), "
                    f"found {letter!r}",
                )  # fmt: skip
            found.append(Category(letter))
        if not letters:
            self._report(
                start, start + 1, "warning", "no-category",
                f"expected a category ({known}) before the title, found none: "
                "the record is uncategorised",
            )  # fmt: skip
        return tuple(found)

    def _parentheses(self, title_at: int, body_at: int, end: int) -> None:
        """Report parentheses without their other half; a summary may number things "1)"."""
        for at in grammar.unbalanced(self._text, title_at, end):
            opens = self._text[at] == "("
            if not opens and at >= body_at:
                continue
            self._report(
                at, at + 1, "error" if at < body_at else "warning", "unclosed-parenthesis",
                "expected a “)” for this “(”, found none in the entry"
                if opens
                else "expected a “(” before this “)”, found none in the title",
            )  # fmt: skip

    def _id(self, title: str, start: int, end: int) -> str:
        name = record_id(self._heading.matrix, self._heading.code, title)
        lines = self._ids.setdefault(name, [])
        lines.append(self._page.place(start)[0])
        if len(lines) == 1:
            return name
        self._report(
            start, end, "error", "duplicate-title",
            f"expected each title once, found {title[:60]!r} on line {lines[0]} too: "
            "change or remove one",
        )  # fmt: skip
        return f"{name}-{len(lines)}"

    def _url(self, start: int, end: int) -> str | None:
        """Return where the first link that reaches into a span leads."""
        i = bisect_left(self._links, start)
        if i and self._page.links[i - 1][1] > start:
            i -= 1
        return self._page.links[i][2].url if i < len(self._links) and self._links[i] < end else None

    def _body(
        self, start: int, end: int
    ) -> tuple[str, tuple[str, ...], tuple[RelatedDocument, ...], str]:
        """Return summary, furniture, related documents, and what tells where the study is from."""
        text = self._text
        start += len(text[start:end]) - len(text[start:end].lstrip(" .:;,!?–—-"))
        kept: list[str] = []
        furniture: list[str] = []
        telling: list[str] = []
        related: list[RelatedDocument] = []
        for a, b in self._sentences(start, end):
            if sentences.is_furniture(text, a, b):
                furniture.append(_clean(text[a:b]))
                continue
            kept.append(text[a:b])
            reference = sentences.read_reference(text, a, b)
            if reference:
                places = frozenset(_places_in(reference.what))
                source = self._page.source(a, a + len(text[a:b].rstrip()))
                self._pending.append(_Pending(len(self.records), reference, places, source))
                continue
            pointers = list(sentences.read_pointers(text, a, b))
            related += [self._related(pointer) for pointer in pointers]
            if not pointers or pointers[0].relation == "update":
                telling.append(text[a:b])
        return _clean("".join(kept)), tuple(furniture), tuple(related), "".join(telling)

    def _sentences(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the sentences of a summary; further paragraphs begin new ones."""
        later = self._loose[bisect_left(self._loose, start + 1) : bisect_left(self._loose, end)]
        for a, b in pairwise([start, *later, end]):
            if a > start:
                self._report(
                    a, a + len(self._text[a:b].rstrip()), "warning", "stray-text",
                    f"expected an entry, found {self._quoted(a, b)}: it was added to the summary "
                    "of the entry above",
                )  # fmt: skip
            yield from grammar.sentences(self._text, a, b)

    def _related(self, pointer: sentences.Pointer) -> RelatedDocument:
        source = self._page.source(pointer.start, pointer.end)
        self._check_tag(pointer.origin.tag, source)
        return RelatedDocument(
            pointer.relation,
            pointer.title,
            pointer.origin.publisher,
            pointer.origin.year,
            _document_places(pointer.origin, pointer.title),
            self._url(pointer.start, pointer.end),
            source,
        )

    def _check_tag(self, tag: str | None, source: Source) -> None:
        if tag and not places_of_tag(tag):
            message = f"expected a place such as [UK] or [English], found [{tag}]"
            self.problems.append(Problem(source, "warning", "unknown-tag", message))

    def _inferences(
        self, origin: Origin, title: str, telling: str, source: Source
    ) -> tuple[Inference, ...]:
        found: list[Inference] = []
        if origin.tag:
            found += [Inference(place, "tag") for place in places_of_tag(origin.tag)]
            self._check_tag(origin.tag, source)
        if origin.publisher and not found:
            # A tag is the page's own word on the publisher, and wins.
            found += [Inference(p, "publisher") for p in places_of_publisher(origin.publisher)]
        found += [Inference(mention.name, "title") for mention in find_places(title)]
        found += [Inference(mention.name, "summary") for mention in find_places(telling)]
        return tuple(dict.fromkeys(found))

    # Cross-references

    def resolve(self) -> None:
        """Give each cross-reference the id of the entry that it means, or report it."""
        found: dict[int, list[CrossReference]] = {}
        for pending in self._pending:
            name = self.records[pending.record].id
            self._of_record.setdefault(name, []).append(pending)
        for pending in self._pending:
            ids = self._meant(pending)
            found.setdefault(pending.record, []).extend(
                CrossReference(pending.reference.text, name) for name in ids
            )
        for number, references in found.items():
            self.records[number] = replace(
                self.records[number], references=tuple(dict.fromkeys(references))
            )

    def _meant(self, pending: _Pending) -> list[str | None]:
        """Return the ids of the entries that a reference means, or ``None``, reported."""
        fitting = self._fitting(pending, pending.places)
        if not fitting and len(pending.places) > 1:  # "US and Australian guidance below"
            each = [self._fitting(pending, frozenset({p})) for p in sorted(pending.places)]
            if all(len(records) == 1 for records in each):
                return [record.id for (record,) in each]
        if len(fitting) == 1:
            return [fitting[0].id]
        text = pending.reference.text
        if fitting:
            shown = ", ".join(repr(record.title[:40]) for record in fitting[:3])
            more = ", …" if len(fitting) > 3 else ""
            message = f"expected one entry that {text!r} fits, found {len(fitting)}: {shown}{more}"
        else:
            message = f"expected an entry that {text!r} fits, found none"
        code = "ambiguous-reference" if fitting else "unresolved-reference"
        self.problems.append(Problem(pending.source, "warning", code, message))
        return [None]

    def _fitting(self, pending: _Pending, places: frozenset[str]) -> list[StudyRecord]:
        """Return the entries that a reference may mean.

        They stand in its direction, are from the place it names (or, where
        none is, from one that it lies in: "English guidance" of the UK), and
        of the kind it names.  Of several, one that refers back in the other
        direction to the same kind is meant.
        """
        here = pending.record
        candidates = (
            self.records[here + 1 : here + 1 + NEAR]
            if pending.reference.direction == "below"
            else self.records[max(0, here - NEAR) : here]
        )
        kinds = pending.reference.categories
        of_kind = [r for r in candidates if not kinds or kinds & {c.code for c in r.categories}]
        fitting = [record for record in of_kind if places <= set(record.jurisdictions)]
        fitting = fitting or [record for record in of_kind if _is_from(record, places)]
        if len(fitting) > 1:
            back = [record for record in fitting if self._refers_back(record, pending)]
            return back if len(back) == 1 else fitting
        return fitting

    def _refers_back(self, record: StudyRecord, pending: _Pending) -> bool:
        kinds = pending.reference.categories
        return any(
            other.reference.direction != pending.reference.direction
            and (not kinds or kinds & other.reference.categories)
            and _is_from(self.records[pending.record], other.places)
            for other in self._of_record.get(record.id, ())
        )


def _is_from(record: StudyRecord, places: frozenset[str]) -> bool:
    """Tell whether a record is from each of the places, or from one that it lies in."""
    wider = ({place, *ancestors(place)} - {"Europe"} for place in places)
    return all(around & set(record.jurisdictions) for around in wider)


def _title(text: str) -> str:
    """Return a title without the comma or full stop that may stand between it and the "("."""
    title = _clean(text).rstrip(" ,;:")
    whole = grammar.ends_abbreviated(title) or not re.search(r"[^.]\.$", title)
    return title if whole else title[:-1].rstrip()


def _further(title: str, other: Origin, source: Source) -> RelatedDocument:
    places = _document_places(other, "")
    return RelatedDocument("associated", title, other.publisher, other.year, places, source=source)


def _places_in(what: str) -> set[str]:
    found = {mention.name for mention in find_places(what)}
    return found or {
        place for word in what.split() if word[:1].isupper() and (place := canonical(word))
    }


def _document_places(origin: Origin, title: str) -> tuple[str, ...]:
    """Return where a related document is from: its tag, else its publisher; and its title."""
    found = [*places_of_tag(origin.tag)] if origin.tag else []
    if origin.publisher and not found:
        found += places_of_publisher(origin.publisher)
    found += [mention.name for mention in find_places(title)]
    return tuple(dict.fromkeys(found))


def _clean(text: str) -> str:
    """Fold the white space of soft line wraps; every other character stays as it is."""
    return " ".join(text.split())
