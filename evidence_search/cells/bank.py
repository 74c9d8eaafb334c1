"""Other pages of the bank that people save beside cells: what each is, and what it holds.

An analysis of one study (title, citation, abstract) is one record.  Hot
topics, pages of a row or column, overviews and search results list what is
elsewhere; nothing of them is read, and the report says what they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import vocabulary
from evidence_search.cells.citation import read_citation
from evidence_search.patterns import lazy_pattern
from evidence_search.persons import parse
from evidence_search.places import places_included, places_of_publisher, places_of_tag
from evidence_search.records import (
    OUT_OF_CORPUS,
    Contributor,
    Inference,
    Problem,
    StudyRecord,
    record_id,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.cells.layout import Line
    from evidence_search.cells.pages import Page

_HEAD = 3_000
"""Characters within which a page says what it is."""

_KINDS = (
    ("a hot topic", r"^\W*(?:effectiveness bank )?hot topics?\b|\bhot topic:|[/_=]hot_"),
    (
        "search results",
        (
            r"^\W*(?:advanced |subject )?search results?\b|\byour search (?:for|found|returned)\b|"
            r"\b(?:documents?|entries|analyses) found\b|^\W*\d+ (?:results?|matches)\b"
        ),
    ),
    ("a row of a matrix", r"\bmatrix[:,]? row\b|^\W*row [1-5]\b|\brow bite\b"),
    ("a column of a matrix", r"\bmatrix[:,]? column\b|^\W*column [a-e]\b"),
    ("about the matrices", r"^\W*about the (?:effectiveness bank )?matrices\b"),
    (
        "an overview of a matrix",
        r"^\W*(?:effectiveness bank )?(?:alcohol|drugs?)(?: treatment)? matrix\W*$",
    ),
    ("a commentary on a cell", r"^\W*(?:open |close )?matrix bite\b"),
)
"""Signs of each kind, in the head of a page in lower case."""

_ANALYSIS = lazy_pattern(
    r"\b(?:effectiveness bank|research|our) (?:analysis|account|summary)\b|\bthis entry is our\b|"
    r"\b(?:the )?original study was not published by\b|\bclicking (?:on )?(?:the )?title\b",
    re.IGNORECASE,
)
_BANK = lazy_pattern(
    r"\beffectiveness bank\b|\bdrug and alcohol findings\b|\bfindings\.org\.uk\b", re.IGNORECASE
)
_SIGNS = lazy_pattern(
    r"^\W*(?:effectiveness bank\b.{0,60}|(?:research )?analysis|home page.{0,60}|this entry is "
    r"our.*|the original study was.*|links to (?:source|other) documents.*|hover (?:over|mouse).*|"
    r"click .*|send email.*|your comments.*|print|share|search|document type.*|"
    r"unable to obtain.*)$",
    re.IGNORECASE,
)
_JOURNAL = lazy_pattern(
    r"(?:\[[^\[\]]{1,30}\] ?)?"
    r"(?P<journal>[A-Z][^:;()]{2,120}?)[:,.]? ?\(?(?P<year>(?:19|20)\d\d)\)?"
    r"(?:[;:,] ?(?:vol(?:ume)?\.? ?)?(?P<volume>\d{1,4})?(?: ?\((?P<issue>[^()]{1,20})\))?"
    r"(?:[:,] ?(?:pp?\. ?)?(?P<pages>[eE]?\d{1,6}(?:[-–—][eE]?\d{1,6})?))?)?\W*"
    r"(?:doi:? ?\S+)?\W*"
)
_AUTHORS = lazy_pattern(
    r"[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)?,? (?:[A-Z](?![a-z’'])\.?[ -]?){1,4}"
    r"(?:(?:[,;&]|\s*\band\b|,?\s*\bet al)*\.? *|$)"
)
_DOI = lazy_pattern(r"\b10\.\d{4,9}/[^\s\"<>]{1,200}[^\s\"<>.,;)]")
_ABSTRACT = lazy_pattern(
    r"\W*(?:summary|abstract|key points(?: from summary and commentary)?|original abstract)\W*",
    re.IGNORECASE,
)
_ABSTRACT_BEFORE = lazy_pattern(r"^(?:Summary|Abstract|Original abstract)\b[ :.]*(?=[A-Z“‘])")
_END = lazy_pattern(
    r"\W*(?:findings (?:logo )?commentary|commentary\b|last revised|first uploaded|our commentary|"
    r"comment/query|give us your|back to contents|top of page|references\W*$|related (?:documents|"
    r"analyses)|©|copyright)",
    re.IGNORECASE,
)
_REPRINT = lazy_pattern(
    r"\W*(?:unable to obtain|try asking|alternative(?: free)? source|you could)", re.IGNORECASE
)


def kind_of(lines: Sequence[Line]) -> str | None:
    """Return what a page that is no cell is, as words, or ``None`` where nothing tells."""
    first = [line.text.lower() for line in lines[:12]]
    for kind, signs in _KINDS:
        if any(re.search(signs, line[:200]) for line in first):
            return kind
    return None


def is_analysis(lines: Sequence[Line]) -> bool:
    """Tell whether a page says that it is the bank's analysis of a study."""
    return any(_ANALYSIS.search(line.text[:500]) for line in lines if line.start < _HEAD)


def is_of_the_bank(lines: Sequence[Line]) -> bool:
    """Tell whether a page names the bank or who keeps it."""
    return any(_BANK.search(line.text[:500]) for line in lines)


def other_page(page: Page, kind: str) -> Problem:
    """Return the problem of a page of which nothing is read."""
    return Problem(
        page.source(0, 1),
        "warning",
        "other-page",
        f"expected a matrix cell, found {kind}, as another page of the bank: nothing of it is "
        f"read; save the cells and analyses that it leads to{OUT_OF_CORPUS}",
    )


class _Analysis(NamedTuple):
    """An analysis: the lines of its title and its text, its authors and its citation."""

    title: list[Line]
    authors: str
    cited: Line
    match: re.Match[str]
    body: list[Line]


def read_analysis(page: Page, lines: Sequence[Line]) -> StudyRecord | None:
    """Return the record of an analysis of one study, or ``None`` where no citation is found."""
    found = _cut(lines)
    if not found:
        return None
    title = " ".join(" ".join(line.text for line in found.title).split()).rstrip(" .")
    summary = " ".join(" ".join(line.text for line in found.body).split())
    summary = _ABSTRACT_BEFORE.sub("", summary)
    doi = _DOI.search(page.text[: found.cited.end + 500])
    cited = found.match.groupdict()
    report = read_citation(found.cited.text.strip(" ().")) if not cited["volume"] else None
    journal = " ".join(cited["journal"].split()).rstrip(" ,.")
    publisher = (
        report.publisher if report and report.year and _publishes(report.publisher) else None
    )
    source = page.source(lines[0].start, lines[-1].end)
    places = (
        [Inference(p, "tag") for p in places_of_tag(report.tag)] if report and report.tag else []
    )
    if publisher and not places:
        places += [Inference(place, "publisher") for place in places_of_publisher(publisher)]
    places += [Inference(place, "title") for place in places_included(title)]
    places += [Inference(place, "summary") for place in places_included(summary)]
    start, end = found.title[0].start, found.title[-1].end
    linked = [link.link.url for link in page.links if link.start < end and start < link.end]
    return StudyRecord(
        id=record_id(None, None, title),
        title=title,
        source=source,
        year=int(cited["year"]),
        publisher=publisher,
        inferences=tuple(dict.fromkeys(places)),
        summary=summary,
        contributors=tuple(_contributors(found.authors)),
        journal=None if publisher else journal,
        volume=cited["volume"],
        issue=cited["issue"],
        pages=cited["pages"],
        doi=doi.group() if doi else None,
        url=linked[0] if linked else None,
        type=None if publisher else "article-journal",
    )


def _publishes(name: str | None) -> bool:
    return bool(name and places_of_publisher(name))


def _cut(lines: Sequence[Line]) -> _Analysis | None:
    """Find the citation, the title and authors above it, and the abstract below."""
    for i, line in enumerate(lines[:60]):
        if i == 0 or len(line.text) > 400 or _SIGNS.match(line.text):
            continue
        at = _authors_end(line.text)
        match = _JOURNAL.fullmatch(line.text, at)
        if not match:
            continue
        above = [other for other in lines[:i] if not _SIGNS.match(other.text)]
        authors = line.text[:at]
        if not authors and len(above) > 1 and _authors_end(above[-1].text):
            authors = above.pop().text
        title = _title(above)
        if title:
            return _Analysis(title, authors, line, match, _abstract(lines[i + 1 :]))
    return None


def _authors_end(text: str) -> int:
    """Return where the authors end that a line begins with, 0 where it begins with none."""
    at = 0
    while match := _AUTHORS.match(text, at, 400):
        at = match.end()
    return at


def _title(above: Sequence[Line]) -> list[Line]:
    """Return the lines of the title: those just above, up to a blank line."""
    title: list[Line] = []
    for line in reversed(above):
        if len(line.text) > 400:
            break
        title.insert(0, line)
        if line.after_blank:
            break
    return title


def _abstract(lines: Sequence[Line]) -> list[Line]:
    body: list[Line] = []
    for line in lines:
        if _END.match(line.text) or line.beginning.startswith(vocabulary.FOOTER_LINES):
            break
        if _ABSTRACT.fullmatch(line.text) or _REPRINT.match(line.text):
            continue
        if not body and _SIGNS.match(line.text):
            continue
        body.append(line)
    return body


def _contributors(text: str) -> list[Contributor]:
    """Return the authors of "Heather N., Smith J.A. et al."."""
    names = re.split(r"\s*(?:[;&]|,(?=\s+[^,]{2,40}\s[A-Z]\b)|\band\b|,?\s+et al\.?)\s*", text)
    found = []
    for name in names:
        bare = re.sub(r"(?<=[A-Z])\.(?=[A-Z\s-]|$)", "", name).strip(" ,.")
        if bare:
            parts = parse(bare)
            found.append(
                Contributor(
                    "author",
                    family=parts.get("family"),
                    given=parts.get("given"),
                    literal=parts.get("literal"),
                )
            )
    return found
