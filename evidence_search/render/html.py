"""Values as HTML: self-contained pages, and pieces that a notebook shows; the only door to Jinja2.

What is drawn is in ``templates``, where whatever comes from a corpus is escaped unless a
template says otherwise; one stylesheet is for all.  Nothing is fetched.  A map that is a page
of its own has one script, ours, which leaves records out as facets are ticked; a policy in
the page lets a browser run that one alone.
Every fact is in words: bars and shades are hidden from screen readers, which read the number
beside them.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evidence_search.documents import FACETS, labels
from evidence_search.escaping import line, link, without_controls
from evidence_search.records import UNCATEGORISED, Category
from evidence_search.render import phrases
from evidence_search.render.stylesheet import TEMPLATES, cell_id, shade, stylesheet
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evidence_search.concordance import Concordance
    from evidence_search.crosstab import Crosstab
    from evidence_search.explaining import Explanation
    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord
    from evidence_search.results import AddedTerms, Facets, Hit, Results
    from evidence_search.session import History
    from evidence_search.snippets import Snippet
    from evidence_search.stats import Stats

_SHOWN_HITS = 50
_SHOWN_PLACES = 200
_UNFOLDED = 20
"""In a notebook, where a long page would be in everybody's way."""
_MOST_LABELS = 12
_LONGEST_PART = 2000
_FEW_PIECES = 64


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    shared: tuple[Any, ...] = (
        link, segments, facts_of, details_of, codes_of, shade, cell_id,
        phrases.added_file, phrases.also_listed, phrases.place,
        phrases.by_words, phrases.conditions, phrases.counted, phrases.facet_title,
        phrases.heading, phrases.label_name, phrases.nested, phrases.on_lists, phrases.origin,
        phrases.page_of,
        phrases.quoted, phrases.reference, phrases.respelt, phrases.results_heading,
        phrases.searched_too, phrases.several, phrases.suggested,
    )  # fmt: skip
    environment.globals.update({function.__name__: function for function in shared})
    environment.globals.update(
        codes=frozenset(category.code for category in Category),
        longest=_LONGEST_PART,
        citation_of=phrases.citation_of,
        most_labels=_MOST_LABELS,
        shown_facets=phrases.SHOWN_FACETS,
        stylesheet=Markup(stylesheet()),  # noqa: S704 - our own file
    )
    return environment


def _drawn(template: str, layout: str, **values: Any) -> Iterator[str]:
    stream = _environment().get_template(template).stream(layout=layout, **values)
    stream.enable_buffering(_FEW_PIECES)
    return stream


def page(template: str, **values: Any) -> Iterator[str]:
    """Yield a template drawn as one self-contained page."""
    return _drawn(template, "page.html", **values)


def _piece(template: str, **values: Any) -> Iterator[str]:
    return _drawn(template, "piece.html", **values)


# Pages

_MOST_CITED = 50
"""Records on a page that are cited too, which takes milliseconds each."""


def results(found: Results) -> Iterator[str]:
    """Yield results as one self-contained page."""
    return page("results.html", results=found, most=None, cited=len(found) <= _MOST_CITED)


def records(values: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield records as one self-contained page."""
    every = [*values]
    return page("records.html", records=every, cited=len(every) <= _MOST_CITED)


def evidence_map(table: Crosstab) -> Iterator[str]:
    """Yield a map as one self-contained page, with a link from each number to its records."""
    table = replace(table, cells={pair: tuple(found) for pair, found in table.cells.items()})
    every = {record.id: record for records in table.cells.values() for record in records}
    numbers = {name: n for n, name in enumerate(every)}
    return page(
        "map.html", table=table, linked=True, picture="", numbers=numbers,
        facets=_ticks([*every.values()]), sifting=_sifting(),
    )  # fmt: skip


class _Sifting(NamedTuple):
    """The script of a map, and the name by which a policy allows it."""

    script: Markup
    digest: str


@cache
def _sifting() -> _Sifting:
    text = (TEMPLATES / "sift.js").read_text(encoding="utf-8")
    digest = b64encode(sha256(text.encode()).digest()).decode()
    return _Sifting(Markup(text), f"sha256-{digest}")  # noqa: S704 - our own file


def _ticks(records: Sequence[StudyRecord]) -> dict[str, list[tuple[str, list[int], int]]]:
    """Return by facet its labels, the numbers of the records that have each, and the depth.

    Facets with one label tell no records apart, and are left out.
    """
    found: dict[str, dict[str, list[int]]] = {name: {} for name in FACETS}
    for n, record in enumerate(records):
        every = labels(record)
        for name, having in found.items():
            for label in every[name]:
                having.setdefault(label, []).append(n)
    return {
        name: [
            (label, having[label], depth)
            for label, _, depth in phrases.nested(name, {x: len(having[x]) for x in having})
        ]
        for name, having in found.items()
        if len(having) > 1
    }


def timeline(table: Crosstab) -> Iterator[str]:
    """Yield a timeline as one self-contained page: a picture, its counts, and the records."""
    return page("map.html", table=table, linked=True, picture=picture(table), numbers={}, facets={})


def picture(table: Crosstab, address: Callable[[str, str], str] | None = None) -> Markup:
    """Return the timeline of a table as a picture within a page.

    ``address`` gives where a year and a category lead; by default to the page's list of the cell.
    """
    from evidence_search.render import svg

    return Markup("".join(svg.timeline(table, alone=False, address=address)))  # noqa: S704 - escaped by svg


def site(template: str, **values: Any) -> str:
    """Return a template drawn as a page of a server, which has the search above and the menu.

    ``here`` of the values is what the address asks for, ``exports`` the formats to save.
    """
    return without_controls("".join(_drawn(template, "site.html", **values)))


# Pieces for a notebook


def results_piece(found: Results) -> Iterator[str]:
    """Yield results, of many hits the first."""
    return _piece("results.html", results=found, most=_SHOWN_HITS, cited=False)


def history_piece(value: History) -> Iterator[str]:
    """Yield the searches of a session as a table."""
    return _piece("history.html", history=value)


def record_piece(value: StudyRecord) -> Iterator[str]:
    """Yield a record."""
    return _piece("record.html", record=value, hit=None, cited=True)


def hit_piece(value: Hit) -> Iterator[str]:
    """Yield a record with its best passage."""
    return _piece("record.html", record=value.record, hit=value, cited=True)


def map_piece(table: Crosstab) -> Iterator[str]:
    """Yield a map, with the records of each number folded away."""
    return _piece("map.html", table=table, linked=False, picture="", unfolded=_UNFOLDED, facets={})


def facets_piece(facets: Facets) -> Iterator[str]:
    """Yield facets as tables of label, number and bar."""
    return _piece("facets.html", facets=facets)


def added_piece(added: AddedTerms) -> Iterator[str]:
    """Yield the terms that were searched too, under the words they belong to."""
    return _piece("added.html", added=added)


def concordance_piece(places: Concordance) -> Iterator[str]:
    """Yield the places of a concordance, of many the first, with the word in one column."""
    return _piece("concordance.html", concordance=places, most=_SHOWN_PLACES)


def explanation_piece(explanation: Explanation) -> Iterator[str]:
    """Yield how a query is read, and what it makes of a record."""
    return _piece("explanation.html", explanation=explanation)


def stats_piece(stats: Stats, title: str = "") -> Iterator[str]:
    """Yield the counts of a corpus."""
    rows = phrases.stats_rows(stats)
    return _piece("stats.html", stats=stats, rows=rows, title=title)


def index_piece(index: EvidenceIndex) -> Iterator[str]:
    """Yield an index with the counts of its corpus."""
    return stats_piece(index.stats(), repr(index).strip("<>"))


# What the templates ask


def segments(snippet: Snippet) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a passage, and whether each is what matched."""
    at = 0
    for start, end in snippet.marks:
        yield snippet.text[at:start], False
        yield snippet.text[start:end], True
        at = end
    yield snippet.text[at:], False


def codes_of(record: StudyRecord) -> Sequence[str]:
    """Return the codes of a record's categories, or the label that says it has none."""
    return [category.code for category in record.categories] or [UNCATEGORISED]


def facts_of(record: StudyRecord) -> list[str]:
    """Return year, publisher or journal, and jurisdictions, those there are."""
    parts = (
        phrases.years(record),
        record.publisher or record.journal,
        ", ".join(record.jurisdictions),
    )
    return [part for part in parts if part]


def details_of(record: StudyRecord) -> Iterator[tuple[str, str, str | None]]:
    """Yield what else a record says: a name, the text, and the address it leads to, if any."""
    addresses = {"DOI": f"https://doi.org/{record.doi}", "Link": record.link}
    rows = ((name, text, addresses.get(name)) for name, text in phrases.bibliographic(record))
    return ((name, line(text), url) for name, text, url in rows if text)
