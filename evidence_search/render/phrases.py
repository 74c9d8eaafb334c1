"""What people read in place of codes, and in which order; the same in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.documents import SAVED
from evidence_search.errors import MissingExtraError
from evidence_search.escaping import line
from evidence_search.languages import language_name
from evidence_search.records import NOT_STATED, Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evidence_search.adding import Added as AddedFile
    from evidence_search.crosstab import Crosstab
    from evidence_search.planning import Added
    from evidence_search.records import StudyRecord
    from evidence_search.results import Hit, Results
    from evidence_search.search import Provenance, Search
    from evidence_search.stats import Stats
    from evidence_search.suggesting import Suggestion

CODES = frozenset(category.code for category in Category)

SHOWN_FACETS = ("category", "jurisdiction", "decade", "type", "language", "journal", "list")
"""Facets that are shown with results, where these have them."""


def years(record: StudyRecord) -> str:
    """Return the year, the range of years, or "no year"."""
    if record.year is None:
        return "no year"
    return f"{record.year}–{record.year_end}" if record.year_end else str(record.year)


def facts(record: StudyRecord) -> str:
    """Return categories, year, publisher or journal, and jurisdictions in one line."""
    parts = [
        ", ".join(record.category_labels) or "Uncategorised",
        years(record),
        record.publisher or record.journal,
        ", ".join(record.jurisdictions),
    ]
    return " · ".join(line(part) for part in parts if part)


def also_listed(record: StudyRecord) -> str:
    """Return where else a record is listed, and as what: "also in Drug C5, as “Otters”"."""
    others = [entry for entry in record.listings if entry.source != record.source]
    places = dict.fromkeys(
        place(entry)
        + (f", as “{entry.title}”" if entry.title.casefold() != record.title.casefold() else "")
        for entry in others
    )
    return line(f"also in {'; '.join(places)}") if places else ""


def on_lists(record: StudyRecord) -> str:
    """Return on which lists a record is, by whom and why: "on “excluded” (ann: too old)"."""
    said: dict[str, list[str]] = {}
    for one in record.lists:
        why = ": ".join(filter(None, (one.by, one.note)))
        said.setdefault(one.name, []).extend([why] if why else [])
    names = (f"“{name}”" + (f" ({'; '.join(why)})" if why else "") for name, why in said.items())
    return line(f"on {', '.join(names)}") if said else ""


def place(entry: StudyRecord) -> str:
    """Return where a listing is: "Drug C5", or its database, or its file."""
    if entry.cell:
        return f"{entry.matrix} {entry.cell}" if entry.matrix else entry.cell
    return entry.database or entry.source.path


def bibliographic(record: StudyRecord) -> list[tuple[str, str]]:
    """Return what a bibliography says of a record beside its title, year and publisher, by name."""
    rows = [
        ("Authors", "; ".join(map(str, record.authors))),
        ("Editors", "; ".join(map(str, record.editors))),
        ("Journal", record.journal or ""),
        ("Volume", record.volume or ""),
        ("Issue", record.issue or ""),
        ("Pages", record.pages or ""),
        ("Date", record.date or ""),
        ("Type", type_name(record.type or "")),
        ("Language", language_name(record.language) or ""),
        ("Place", record.place or ""),
        ("ISSN", record.issn or ""),
        ("ISBN", record.isbn or ""),
        ("DOI", record.doi or ""),
        ("PMID", record.pmid or ""),
        ("PMCID", record.pmcid or ""),
        ("Other ids", "; ".join(record.ids)),
        ("Link", record.link or ""),
        ("Database", " ".join(filter(None, (record.database, record.accession)))),
        ("Keywords", "; ".join(record.keywords)),
        ("Lists", on_lists(record).removeprefix("on ")),
        ("Labels", "; ".join(record.labels)),
        ("Notes", "; ".join(record.notes)),
        *((name, text) for name, text in record.extra),
    ]
    return [(name, text) for name, text in rows if text]


def type_name(kind: str) -> str:
    """Return a type as people read it: "Journal article" for CSL's "article-journal"."""
    if not kind.islower():
        return line(kind)  # as a file has it: "Meta-Analysis"
    first, _, second = kind.partition("-")
    return line(
        f"{second} {first}" if first == "article" and second else kind.replace("-", " ")
    ).capitalize()


def citation_of(record: StudyRecord) -> str:
    """Return a record as a list of references has it, in the style of APA.

    Nothing where the extra ``cite`` isn't installed.
    """
    from evidence_search.exporting.citing import citation

    try:
        return citation(record)
    except MissingExtraError:
        return ""


def how_found(hit: Hit) -> str:
    """Return what tells a hit from those that have all the words: nothing of these."""
    if hit.by_meaning:
        return "found by meaning"
    return "" if hit.whole else "not all words"


def facet_title(name: str, search: Search | None = None) -> str:
    """Return the heading of a facet: "Category"; and that it is counted without its own filter."""
    filtered = search is not None and ("year" if name == "decade" else name) in search.filters
    title = "Saved search" if name == SAVED else name.capitalize()
    return f"{title} (without its filter)" if filtered else title


def label_name(facet: str, label: str) -> str:
    """Return a facet label as people read it: "Key study" for "K"."""
    if facet == "category":
        return Category(label).label if label in CODES else line(label).capitalize()
    if facet == "type":
        return type_name(label)
    if label == NOT_STATED:
        return "None of these" if facet == SAVED else "Not stated"
    return line(label)


def quoted(search: Search) -> str:
    """Return the query as part of a heading: " for “prison”"; nothing for all records."""
    return f" for “{line(search.query)}”" if search.query.strip() else ""


def heading(table: Crosstab) -> str:
    """Return what a table counts: "3 records for “prison” by category and jurisdiction"."""
    rows, columns = (facet_title(axis).lower() for axis in (table.rows, table.columns))
    return f"{counted(table.total)}{quoted(table.search)} by {rows} and {columns}"


def results_heading(found: Results) -> str:
    """Return what was found: "3 records for “prison”"."""
    if found.like:
        return f"{counted(found.total)} like “{line(found.like.title)}”"
    return f"{counted(found.total)}{quoted(found.search)}"


def page_of(found: Results) -> str:
    """Return which of the records these are: "1 to 10 of 23, 4 with all the words"."""
    parts, first = [], found.offset + 1
    if found.hits and len(found) < found.total:
        parts.append(f"{first} to {found.offset + len(found)}")
    elif found.total and not found.hits and found.offset:
        parts.append(f"none from number {first} on")
    if found.whole is not None and found.whole < found.total:
        parts.append(f"{found.whole or 'none'} with all the words")
    return "; ".join(parts)


def conditions(search: Search) -> list[str]:
    """Return the filters and options of a search in words: "category: guidance"."""
    parts = [
        f"{name}: {' or '.join(label_name(name, value) for value in values)}"
        for name, values in search.filters.items()
    ]
    parts += [words for name, words in _OPTIONS.items() if getattr(search, name)]
    return parts + ([f"sorted by {_SORTS[search.sort]}"] if search.sort in _SORTS else [])


_OPTIONS = {
    "every_word": "with every word",
    "exact": "only these words",
    "feedback": "with words of the best records",
}
_SORTS = {"newest": "year, newest first", "oldest": "year, oldest first", "title": "title"}


def origin(provenance: Provenance) -> str:
    """Return of which corpus and when: "Searched 20 records of evidence/corpus on 2026-11-26"."""
    if not provenance.corpus:
        return ""
    records = counted(provenance.records)
    return f"Searched {records} of {line(provenance.corpus)} on {provenance.time[:10]}"


def several(table: Crosstab) -> str:
    """Return a remark where some record is counted in several cells, else nothing."""
    if table.total == sum(map(len, table.cells.values())):
        return ""
    nested = "jurisdiction" in (table.rows, table.columns)
    places = "A place counts the places in it too. " if nested else ""
    return f"{places}A record with several labels is counted under each, and once in totals."


def remarks(table: Crosstab) -> list[str]:
    """Return what a picture says below: filters and options, of which corpus, how it counts."""
    parts = (" · ".join(conditions(table.search)), origin(table.provenance), several(table))
    return [part for part in parts if part]


def told_years(labels: Sequence[str], room: int) -> dict[int, str]:
    """Return which of an axis of years to name, by place: at most ``room``, and what has none."""
    step = next((n for n in (1, 2, 5, 10, 20, 50) if len(labels) <= n * room), 100)
    return {
        at: label if label.isdigit() else "No year"
        for at, label in enumerate(labels)
        if not label.isdigit() or int(label) % step == 0
    }


def reference(record: StudyRecord) -> str:
    """Return title, publisher or journal, and year in one line, to tell a record from others."""
    facts = (record.publisher or record.journal, years(record))
    return f"{line(record.title)} ({line(', '.join(fact for fact in facts if fact))})"


def sorted_labels(facet: str, labels: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return labels with their counts: decades in order, others the most frequent first."""
    if facet == "decade":
        return sorted(labels.items())
    return sorted(labels.items(), key=lambda item: (-item[1], item[0]))


def nested(facet: str, labels: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return labels with count and depth: each place after the place that it lies in."""
    ordered = sorted_labels(facet, labels)
    if facet != "jurisdiction":
        return [(label, n, 0) for label, n in ordered]
    from evidence_search.places import ancestors

    parents = {
        label: next((name for name in ancestors(label) if name in labels), None)
        for label, _ in ordered
    }

    def below(parent: str | None, depth: int) -> Iterator[tuple[str, int, int]]:
        for label, n in ordered:
            if parents[label] == parent:
                yield label, n, depth
                yield from below(label, depth + 1)

    return list(below(None, 0))


def counted(n: int, noun: str = "record") -> str:
    """Return "1 record", "2 records"."""
    return f"{n} {noun}{'s' * (n != 1)}"


def respelt(found: Results) -> list[str]:
    """Return a sentence for each word that was searched as another."""
    return [
        f"No record has “{line(added.words)}”: searched “{line(added.text)}”"
        for added in found.added
        if added.kind == "spelling"
    ]


def searched_too(added: Iterable[Added]) -> list[tuple[str, list[str]]]:
    """Return the terms that were searched too, each once, under what says where they are from."""
    origins = (
        ("Also searched", {"synonym", "narrower"}),
        ("From the best records", {"feedback"}),
    )
    terms = [
        (origin, list(dict.fromkeys(line(a.text) for a in added if a.kind in kinds)))
        for origin, kinds in origins
    ]
    return [(origin, texts) for origin, texts in terms if texts]


def by_words(added: Iterable[Added]) -> dict[str, list[str]]:
    """Return what was searched too, under the words it belongs to, with how it belongs to them."""
    terms: dict[str, list[str]] = {}
    for term in added:
        if term.kind != "spelling":
            kind = "" if term.kind == "synonym" else f" ({term.kind})"
            terms.setdefault(line(term.words), []).append(f"{line(term.text)}{kind}")
    return terms


def stats_rows(counts: Stats) -> Iterator[tuple[str, str, str]]:
    """Yield what a corpus has at a glance: name, number, and a remark."""
    first, last = (min(counts.years), max(counts.years)) if counts.years else (0, 0)
    years = "" if not last else f"of {first}" if first == last else f"from {first} to {last}"
    yield "Files", f"{counts.files:,}", ""
    yield "Cells", f"{counts.cells:,}", ""
    yield "Listings", f"{counts.listings:,}", _most(counts.sources)
    yield "  merged as duplicates", f"{counts.duplicates:,}", ""
    yield "Records", f"{counts.records:,}", years
    yield "  without a year", f"{counts.undated:,}", ""
    yield "  without a category", f"{counts.uncategorised:,}", ""
    yield "  without a jurisdiction", f"{counts.unplaced:,}", ""
    yield "Publishers", f"{counts.publishers:,}", ""
    yield "Words", f"{counts.words:,}", "of titles and summaries"
    yield "Vocabulary", f"{counts.vocabulary:,}", "different words"
    problems = "see: evidence-search check" if counts.problems else ""
    yield "Problems", f"{counts.problems:,}", problems


def _most(sources: Mapping[str, int]) -> str:
    """Return the databases and files that gave most listings, with their numbers."""
    shown = [f"{line(name)} {n:,}" for name, n in [*sources.items()][:_SOURCES]]
    more = len(sources) - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


_SOURCES = 3


def suggested(value: Suggestion) -> str:
    """Return another search in words."""
    query, total = line(value.query), counted(value.total)
    if value.reason == "spelling":
        return f"Did you mean: {query} ({total})"
    if value.reason == "fewer words":
        return f"{total} without {line(value.words)}: {query}"
    if value.reason == "fewer filters":
        return f"{total} without the filter for {value.words}"
    if value.reason == "telling words":
        return f"{total} with words of its own: {query}"
    return f"{total} with any of the words: {query}"


def added_file(one: AddedFile) -> str:
    """Return what a file that was added holds: "Added drug-a3.html: Drug cell A3, 9 records"."""
    what = "Added" if one.copied else "Already in the corpus:"
    held = counted(len(one.records))
    if one.cell:
        matrix, code = one.cell
        held = f"{matrix or 'matrix'} cell {code or '?'}, {held}"
    kinds = ", ".join(f"{n} {code}" for code, n in one.categories.items())
    checked = f"; {len(one.problems)} to check" if one.problems else ""
    return f"{what} {one.name}: {held}{f' ({kinds})' if kinds else ''}{checked}"
