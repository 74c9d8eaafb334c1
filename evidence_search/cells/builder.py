"""The records of the entries of a page, and the problems found in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urldefrag

from evidence_search.cells import grammar, sentences, vocabulary
from evidence_search.cells.citation import Citation
from evidence_search.cells.layout import Span
from evidence_search.decoding import fold_spaces
from evidence_search.places import (
    ancestors,
    canonical,
    find_places,
    places_included,
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
    from collections.abc import Iterator, Sequence

    from evidence_search.cells.grammar import Head
    from evidence_search.cells.header import Doubt, Heading
    from evidence_search.cells.layout import Entry, Layout
    from evidence_search.cells.pages import Page, PageLink
    from evidence_search.records import Link, Source

NEAR = 200
"""How many entries away a cross-reference may point; no cell has as many."""

_MOST_PARENTHESES = 10
"""At most so many without their other half are reported of one entry."""
_SPACE_OR_DASH = " .:;,!?–—-"


def build(
    page: Page, layout: Layout, heading: Heading, doubts: Sequence[Doubt]
) -> tuple[tuple[StudyRecord, ...], tuple[Problem, ...]]:
    """Return the records of all entries and every problem, each in the order of the page."""
    builder = _Builder(page, layout, heading)
    for doubt in doubts:
        builder.report(*doubt)
    builder.stray()
    for entry in layout.entries:
        builder.entry(entry)
    builder.resolve()
    problems = sorted(builder.problems, key=lambda p: (p.source.line, p.source.column))
    return tuple(builder.records), tuple(problems)


class _Pending(NamedTuple):
    """A cross-reference of the record of that number, waiting for all records of the cell.

    ``linked`` are the numbers of the records that its links lead to.
    """

    record: int
    reference: sentences.Reference
    places: frozenset[str]
    source: Source
    linked: tuple[int, ...] = ()

    @property
    def categories(self) -> frozenset[str]:
        """The categories that all its targets together tell."""
        return frozenset().union(*(target.categories for target in self.reference.targets))


class _Summary(NamedTuple):
    """What the text after the parenthesis says."""

    text: str
    navigation: tuple[str, ...]
    access: tuple[str, ...]
    related: tuple[RelatedDocument, ...]
    telling: str


class _Builder:
    """Builds the records of one page, in order; ``resolve`` fills in what points across entries."""

    def __init__(self, page: Page, layout: Layout, heading: Heading) -> None:
        self.records: list[StudyRecord] = []
        self.problems: list[Problem] = []
        self._page = page
        self._text = layout.text
        self._layout = layout
        self._heading = heading
        self._links = [link.start for link in page.links]
        self._ids: dict[str, list[int]] = {}
        self._pending: list[_Pending] = []
        self._of_record: dict[int, list[_Pending]] = {}
        self._anchors = self._entry_anchors()

    def report(self, start: int, end: int, severity: str, code: str, message: str) -> None:
        """Note a problem of a stretch of the page."""
        source = self._page.source(start, end)
        self.problems.append(Problem(source, severity, code, message))

    def _entry_anchors(self) -> dict[str, int]:
        """Return the number of the entry that each anchor of the page stands in."""
        starts = [entry.head.start for entry in self._layout.entries]
        found = {}
        for name, offset in self._page.anchors.items():
            if offset >= self._layout.end:
                continue
            i = bisect_right(starts, offset) - 1
            # An anchor before an entry, but for space, is that entry's.
            if i + 1 < len(starts) and not self._text[offset : starts[i + 1]].strip():
                i += 1
            if i >= 0:
                found[name] = i
        return found

    def stray(self) -> None:
        """Report the text that is in no entry or may be one, and a page without any."""
        if not self._layout.entries:
            self.report(
                0, 1, "warning", "no-entries",
                "expected an entry such as “K Title (Publisher, 2010). Summary.”, found none",
            )  # fmt: skip
        for start, end in self._layout.stray:
            self.report(
                start, end, "warning", "stray-text",
                f"expected an entry, found {self._quoted(start, end)}: it is in no record; "
                "begin it with S, K, R or G, or remove it",
            )  # fmt: skip
        for start, end in self._layout.captions:
            if self._only_directs(Span(start, end)):
                continue
            self.report(
                start, end, "warning", "caption",
                f"expected an entry, found {self._quoted(start, end)}, as a caption or heading "
                "reads: it is in no record",
            )  # fmt: skip
        for start, end in self._layout.doubtful:
            self.report(
                start, end, "warning", "possible-entry",
                f"expected the summary to go on, found {self._quoted(start, end)}, which "
                "begins as an entry does: if it is one, give it a paragraph of its own",
            )  # fmt: skip

    def _quoted(self, start: int, end: int) -> str:
        return repr(_clean(self._page.text[start : min(end, start + 60)]))

    # One entry

    def entry(self, entry: Entry) -> None:
        """Build the record of an entry."""
        head = entry.head
        text, start = self._text, head.start
        end = start + len(text[start : entry.end].rstrip())
        citation = head.citation or Citation()
        title = _title(text[head.title : head.title_end])
        if not title:
            title = self._untitled(start, head.title, end)
        categories = self._categories(head)
        self._check_head(head, title, end)
        source = self._page.source(start, end)
        further = [_further(title, other, source) for other in citation.further]
        further += [self._named(head, group, other) for group, other in head.named]
        for added in entry.added:
            if self._only_directs(added):
                continue
            self.report(
                added.start, added.end, "warning", "stray-text",
                f"expected an entry, found {self._quoted(*added)}: it was added to the summary "
                "of the entry above",
            )  # fmt: skip
        summary = self._summary(entry.body)
        links = self._page.links[bisect_left(self._links, start) : bisect_left(self._links, end)]
        url = self._url(head.title, head.body)
        related = (*further, *summary.related)
        used = {url, *(document.url for document in related)}
        self.records.append(
            StudyRecord(
                id=self._id(title, source, head),
                title=title,
                source=source,
                matrix=self._heading.matrix,
                cell=self._heading.code,
                column=self._heading.column or None,
                row=self._heading.row or None,
                categories=categories,
                year=citation.year,
                year_end=citation.year_end,
                publisher=citation.publisher,
                inferences=self._inferences(citation, title, summary.telling, source),
                summary=summary.text,
                related=related,
                notes=tuple(dict.fromkeys((*citation.notes, *summary.access))),
                furniture=summary.navigation,
                links=tuple(link for _, _, link in links if link.url not in used),
                url=url,
            )
        )

    def _check_head(self, head: Head, title: str, end: int) -> None:
        if head.citation is None or head.citation.year is None:
            self.report(
                head.start, head.title_end, "warning", "no-year",
                f"expected a year in parentheses after the title, found none in {title[:60]!r}: "
                "add “(2010)” or “(Publisher, 2010)”",
            )  # fmt: skip
        if head.doubtful:
            self.report(
                head.title, head.body, "warning", "doubtful-title",
                "expected the sentence to end after the parenthesis, found more of it: the title "
                "may be longer; put a full stop where it ends",
            )  # fmt: skip
        self._parentheses(head.title, head.body, end)

    def _untitled(self, start: int, title_at: int, end: int) -> str:
        """Report an entry without a title, and return its beginning to call it by."""
        self.report(
            start, end, "error", "no-title",
            "expected a title before the parenthesis, found none: add one",
        )  # fmt: skip
        return _clean(self._text[title_at : min(end, title_at + 60)])

    def _categories(self, head: Head) -> tuple[Category, ...]:
        known = ", ".join(vocabulary.CODES)
        found = []
        for letter in dict.fromkeys(head.codes):
            if letter not in vocabulary.CODES:
                self.report(
                    head.start, head.title, "error", "unknown-category",
                    f"expected a category ({known}), found {letter!r}: correct it, or take it "
                    "away if the title begins with it",
                )  # fmt: skip
                continue
            if letter not in self._layout.legend:
                self.report(
                    head.start, head.title, "warning", "category-not-in-legend",
                    f"expected a category of the legend ({', '.join(self._layout.legend)}), "
                    f"found {letter!r}",
                )  # fmt: skip
            found.append(Category(letter))
        if not head.codes:
            self.report(
                head.start, head.start + 1, "warning", "no-category",
                f"expected a category ({known}) before the title, found none: "
                "the record is uncategorised",
            )  # fmt: skip
        return tuple(found)

    def _parentheses(self, title_at: int, body_at: int, end: int) -> None:
        """Report parentheses without their other half; a summary may number things "1)"."""
        found = grammar.unbalanced(self._text, title_at, end)
        found = [at for at in found if at < body_at or self._text[at] == "("]
        for at in found[:_MOST_PARENTHESES]:
            opens = self._text[at] == "("
            self.report(
                at, at + 1, "error" if at < body_at else "warning", "unclosed-parenthesis",
                "expected a “)” for this “(”, found none in the entry"
                if opens
                else "expected a “(” before this “)”, found none in the title",
            )  # fmt: skip

    def _id(self, title: str, source: Source, head: Head) -> str:
        name = record_id(self._heading.matrix, self._heading.code, title)
        lines = self._ids.setdefault(name, [])
        lines.append(source.line)
        if len(lines) == 1:
            return name
        self.report(
            head.start, head.title_end, "warning", "duplicate-title",
            f"expected each title once, found {title[:60]!r} on line {lines[0]} too: "
            "change or remove one",
        )  # fmt: skip
        return f"{name}-{len(lines)}"

    def _links_in(self, start: int, end: int) -> Sequence[PageLink]:
        """Return the links that reach into a span."""
        i = bisect_left(self._links, start)
        if i and self._page.links[i - 1].end > start:
            i -= 1
        return self._page.links[i : bisect_left(self._links, end)]

    def _url(self, start: int, end: int) -> str | None:
        """Return where the first link that reaches into a span leads."""
        if not self._links:
            return None
        links = self._links_in(start, end)
        return links[0].link.url if links else None

    # Its summary

    def _summary(self, body: Sequence[Span]) -> _Summary:
        """Read the sentences of a summary: which stay in it, and what the others say."""
        text = self._text
        kept: list[str] = []
        navigation: list[str] = []
        access: list[str] = []
        telling: list[str] = []
        related: list[RelatedDocument] = []
        low = " ".join(text[a:b] for a, b in body).lower()
        may_refer = bool(self._anchors) or "above" in low or "below" in low
        for a, b in self._sentences(body):
            if sentences.is_navigation(text, a, b):
                navigation.append(_clean(text[a:b]))
                continue
            remark = sentences.read_access(text, a, b)
            if remark:
                access.append(remark[0].lower() + remark[1:])
                continue
            kept.append(text[a:b])
            if may_refer and self._refers(a, b):
                continue
            pointers = list(sentences.read_pointers(text, a, b))
            related += map(self._related, pointers)
            if not pointers or pointers[0].relation in ("update", "mentioned"):
                telling.append(text[a:b])
        left = sentences.leftover("".join(kept))
        if left:
            self._report_leftover(body, "".join(kept)[slice(*left)])
        return _Summary(
            _clean(" ".join(kept)), tuple(navigation), tuple(access), tuple(related),
            " ".join(telling),
        )  # fmt: skip

    def _only_directs(self, added: Span) -> bool:
        """Tell whether a paragraph only gives directions and remarks on access."""
        return bool(self._text[slice(*added)].strip()) and all(
            sentences.is_navigation(self._text, a, b) or sentences.read_access(self._text, a, b)
            for a, b in self._sentences([added])
        )

    def _report_leftover(self, body: Sequence[Span], words: str) -> None:
        for start, end in body:
            at = self._text.find(words, start, end)
            if at >= 0:
                self.report(
                    at, at + len(words), "warning", "leftover-navigation",
                    f"expected a summary, found {words!r}, as directions for moving about the "
                    "page have: take them away, or make them a sentence of their own",
                )  # fmt: skip
                return

    def _sentences(self, body: Sequence[Span]) -> Iterator[tuple[int, int]]:
        """Yield the sentences of a summary; further paragraphs begin new ones."""
        first = True
        for span in body:
            text = self._text[span.start : span.end].rstrip()
            lead = len(text) - len(text.lstrip(_SPACE_OR_DASH)) if first else 0
            first = first and lead == len(text)
            yield from grammar.sentences(self._text, span.start + lead, span.start + len(text))

    def _refers(self, start: int, end: int) -> bool:
        """Note the references of a sentence to other entries; tell whether it is nothing else."""
        linked = self._linked(start, end)
        reference = sentences.read_reference(self._text, start, end)
        if not reference and not linked:
            return False
        here = len(self.records)
        source = self._page.source(start, start + len(self._text[start:end].rstrip()))
        if not reference:
            for link, number in linked:
                target = sentences.Target(link.text, frozenset())
                direction = "below" if number > here else "above"
                pointing = sentences.Reference(link.text, (target,), direction)
                self._pending.append(_Pending(here, pointing, frozenset(), source, (number,)))
            return False
        places = frozenset(_places_in(" ".join(target.what for target in reference.targets)))
        numbers = tuple(dict.fromkeys(number for _, number in linked))
        self._pending.append(_Pending(here, reference, places, source, numbers))
        return True

    def _linked(self, start: int, end: int) -> list[tuple[Link, int]]:
        """Return the links of a sentence that lead to other entries, with their numbers."""
        found = []
        if self._anchors:
            for _, _, link in self._links_in(start, end):
                number = self._anchors.get(urldefrag(link.url).fragment)
                if number is not None and number != len(self.records):
                    found.append((link, number))
        return found

    def _related(self, pointer: sentences.Pointer) -> RelatedDocument:
        source = self._page.source(pointer.start, pointer.end)
        self._check_tag(pointer.citation.tag, source)
        return RelatedDocument(
            pointer.relation,
            pointer.title,
            pointer.citation.publisher,
            pointer.citation.year,
            _document_places(pointer.citation, pointer.title),
            self._url(pointer.start, pointer.end),
            source,
        )

    def _named(self, head: Head, group: grammar.Group, citation: Citation) -> RelatedDocument:
        """Return a document that a title with years names beside the first."""
        begin = sentences.name_start(self._text, head.title, group.start) or group.start
        title = _clean(self._text[begin : group.start]) or str(citation.year)
        pointer = sentences.Pointer("associated", title, citation, begin, group.end)
        return self._related(pointer)

    def _check_tag(self, tag: str | None, source: Source) -> None:
        if tag and not places_of_tag(tag):
            message = f"expected a place such as [UK] or [English], found [{tag}]"
            self.problems.append(Problem(source, "warning", "unknown-tag", message))

    def _inferences(
        self, citation: Citation, title: str, telling: str, source: Source
    ) -> tuple[Inference, ...]:
        found: list[Inference] = []
        if citation.tag:
            found += [Inference(place, "tag") for place in places_of_tag(citation.tag)]
            self._check_tag(citation.tag, source)
        if citation.publisher and not found:
            # A tag is the page's own word on the publisher, and wins.
            found += [Inference(p, "publisher") for p in places_of_publisher(citation.publisher)]
        found += [Inference(name, "title") for name in places_included(title)]
        found += [Inference(name, "summary") for name in places_included(telling)]
        return tuple(dict.fromkeys(found))

    # Cross-references

    def resolve(self) -> None:
        """Give each cross-reference the id of the entry that it means, or report it."""
        found: dict[int, list[CrossReference]] = {}
        for pending in self._pending:
            self._of_record.setdefault(pending.record, []).append(pending)
        for pending in self._pending:
            found.setdefault(pending.record, []).extend(
                CrossReference(
                    pending.reference.text, number if number is None else self.records[number].id
                )
                for number in self._meant(pending)
            )
        for number, references in found.items():
            unresolved = [reference for reference in references if reference.record is None]
            resolved = dict.fromkeys(reference for reference in references if reference.record)
            self.records[number] = replace(
                self.records[number],
                references=tuple(sorted((*resolved, *unresolved), key=references.index)),
            )

    def _meant(self, pending: _Pending) -> list[int | None]:
        """Return the numbers of the entries that a reference means, ``None`` for each not known."""
        reference = pending.reference
        if pending.linked:
            return list(pending.linked)
        found: list[int | None] = []
        doubts: list[list[int]] = []
        for target in reference.targets:
            places = (
                pending.places
                if len(reference.targets) == 1
                else frozenset(_places_in(target.what))
            )
            fitting = self._fitting(pending, target, places or pending.places)
            count = reference.number if len(reference.targets) == 1 else 1
            numbers = self._settled(pending, target, fitting, count)
            found += numbers or [None] * (count or 1)
            if not numbers:
                doubts.append(fitting)
        if doubts:
            self._report_reference(pending, max(doubts, key=len))
        return found

    def _settled(
        self, pending: _Pending, target: sentences.Target, fitting: list[int], count: int | None
    ) -> list[int]:
        """Return the entries that are meant of those that fit, none where that isn't clear."""
        if len(fitting) == count or (count is None and 1 <= len(fitting) <= 2):
            return fitting
        if len(pending.places) > 1 and len(pending.reference.targets) == 1:
            # "US and Australian guidance below"
            each = [
                self._fitting(pending, target, frozenset({place}))
                for place in sorted(pending.places)
            ]
            if all(len(numbers) == 1 for numbers in each):
                return [number for (number,) in each]
        return []

    def _report_reference(self, pending: _Pending, fitting: Sequence[int]) -> None:
        text = pending.reference.text
        if fitting:
            titles = [self.records[number].title[:40] for number in fitting[:3]]
            more = ", …" if len(fitting) > 3 else ""
            found = f"{len(fitting)}: {', '.join(map(repr, titles))}{more}"
            message = f"expected one entry that {text!r} fits, found {found}"
        else:
            message = f"expected an entry that {text!r} fits, found none"
        code = "ambiguous-reference" if fitting else "unresolved-reference"
        self.problems.append(Problem(pending.source, "warning", code, message))

    def _fitting(
        self, pending: _Pending, target: sentences.Target, places: frozenset[str]
    ) -> list[int]:
        """Return the numbers of the entries that a reference may mean.

        They stand in its direction, are from the place it names (or, where
        none is, from one that it lies in: "English guidance" of the UK), and
        of the kind it names.  Of several, one that refers back in the other
        direction is meant.
        """
        here = pending.record
        reference = pending.reference
        candidates = (
            range(here + 1, min(len(self.records), here + 1 + NEAR))
            if reference.direction == "below"
            else range(max(0, here - NEAR), here)
        )
        of_kind = [
            number
            for number in candidates
            if (
                not target.categories
                or target.categories & {c.code for c in self.records[number].categories}
            )
            and reference.year in (None, self.records[number].year)
        ]
        wide = [number for number in of_kind if _is_from(self.records[number], places)]
        back = [number for number in wide if self._refers_back(number, pending)]
        if len(back) == reference.number == 1:
            return back
        exact = [number for number in of_kind if places <= set(self.records[number].jurisdictions)]
        return exact or wide

    def _refers_back(self, number: int, pending: _Pending) -> bool:
        """Tell whether an entry refers in the other direction to what this record is."""
        record = self.records[pending.record]
        categories = {category.code for category in record.categories}
        return any(
            other.reference.direction != pending.reference.direction
            and (not other.categories or bool(other.categories & categories))
            and _is_from(record, other.places)
            for other in self._of_record.get(number, ())
        )


def _is_from(record: StudyRecord, places: frozenset[str]) -> bool:
    """Tell whether a record is from each of the places, or from one that it lies in."""
    wider = ({place, *ancestors(place)} - {"Europe"} for place in places)
    return all(around & set(record.jurisdictions) for around in wider)


def _title(text: str) -> str:
    """Return a title without the comma or full stop that may stand between it and the "("."""
    title = _clean(text).rstrip(" ,;:")
    if not title.endswith(".") or title.endswith("..") or grammar.ends_abbreviated(title):
        return title
    return title[:-1].rstrip()


def _further(title: str, other: Citation, source: Source) -> RelatedDocument:
    places = _document_places(other, "")
    return RelatedDocument("associated", title, other.publisher, other.year, places, source=source)


def _places_in(what: str) -> set[str]:
    found = {mention.name for mention in find_places(what)}
    return found or {
        place for word in what.split() if word[:1].isupper() and (place := canonical(word))
    }


def _document_places(citation: Citation, title: str) -> tuple[str, ...]:
    """Return where a related document is from: its tag, else its publisher; and its title."""
    found = [*places_of_tag(citation.tag)] if citation.tag else []
    if citation.publisher and not found:
        found += places_of_publisher(citation.publisher)
    found += [mention.name for mention in find_places(title)]
    return tuple(dict.fromkeys(found))


def _clean(text: str) -> str:
    """Fold the white space of soft line wraps; every other character stays as it is."""
    return fold_spaces(text)
