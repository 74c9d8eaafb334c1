"""Results and records for a person at a terminal, or reading a plain file.

Colours only help: every fact is in the words too.  Records are separated by
blank lines, and each hit keeps to the width given.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.query import columns
from evidence_search.render.phrases import (
    SHOWN_FACETS,
    also_listed,
    bibliographic,
    citation_of,
    conditions,
    counted,
    facet_title,
    facts,
    how_found,
    label_name,
    nested,
    on_lists,
    origin,
    page_of,
    place,
    quoted,
    respelt,
    results_heading,
    searched_too,
    sorted_labels,
    suggested,
    years,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evidence_search.records import RelatedDocument, Source, StudyRecord
    from evidence_search.render.style import Style
    from evidence_search.results import Facets, Hit, Results
    from evidence_search.search import Provenance, Search
    from evidence_search.snippets import Snippet

_LITTLE = 3
"""Records; where plain words find fewer, searching by meaning is worth a line."""
_EXACTING = re.compile(r'["“”‘’:()*~?]|\b(?:AND|OR|NOT|NEAR)\b')
_WHOLE_HITS = 3
"""As many are shown with a whole passage and the id; more are two lines each."""
_MAX_LABELS = 8
_MOST_LABELS = 40
"""Of one facet that is drawn."""
_PLACE = 30
_BAR = 24


def results(found: Results, style: Style) -> Iterator[str]:
    """Yield a page of results, and after them what was searched too, and facets."""
    yield from asked(found.search, found.provenance, style, _heading(found))
    for sentence in (*(f"Note: {line(note)}" for note in found.notes), *respelt(found)):
        yield style.dim(filled(sentence, style, "")) + "\n"
    if not found.total:
        yield from _nothing(found)
        yield from _near_in_meaning(found)
        return
    yield from (f"{suggested(suggestion)}\n" for suggestion in found.suggestions)
    brief = len(found) > _WHOLE_HITS
    yield "\n"
    for at, hit in enumerate(found.hits):
        yield "\n" * (at > 0 and not brief)
        yield from (f"{row}\n" for row in _hit(hit, style, brief=brief))
    yield "\n"
    for label, terms in searched_too(found.added):
        yield style.dim(cut(_listed(f"{label}: ", terms, style.width), style.width)) + "\n"
    yield from (f"{row}\n" for row in _facets(found, style))
    yield from map(style.dim, _near_in_meaning(found))
    last = found.offset + len(found)
    if found.hits and last < found.total:
        yield style.dim(f"Next: --offset {last}; all: -n all") + "\n"


def asked(
    search: Search, provenance: Provenance, style: Style, heading: str | None = None
) -> Iterator[str]:
    """Yield what was asked, under which conditions, and in a file of which corpus and when."""
    parts = conditions(search)
    if heading is not None:
        first, *more = filled(" · ".join([heading, *parts]), style, "").split("\n")
        yield "\n".join([style.bold(first), *more]) + "\n"
    elif parts:
        yield filled(" · ".join(parts), style, "") + "\n"
    if style.dated and origin(provenance):
        yield filled(origin(provenance), style, "") + "\n"


def _heading(found: Results) -> str:
    if not found.total:
        every = any(s.reason in {"fewer words", "any word"} for s in found.suggestions)
        return f"No records match {'all of ' * every}{line(found.query)!r}"
    parts = [results_heading(found), page_of(found)]
    return "; ".join(part for part in parts if part)


def _nothing(found: Results) -> Iterator[str]:
    yield from (f"  {suggested(suggestion)}\n" for suggestion in found.suggestions)
    if not found.suggestions:
        yield "  Try other words, or: evidence-search list\n"


def _near_in_meaning(found: Results) -> Iterator[str]:
    """Yield how to find more where plain words found little."""
    asked = found.search
    plain = found.like is None and not (asked.meaning or asked.every_word or asked.exact)
    if plain and found.total < _LITTLE and not found.suggestions and " " in found.query.strip():
        if _EXACTING.search(found.query):
            return
        yield "  Records near in meaning: the same with --meaning (evidence-search help meaning)\n"


def _listed(label: str, terms: Sequence[str], width: int) -> str:
    """Return as many terms as fit into a line, and how many more there are."""
    for shown in range(len(terms), 0, -1):
        more = f" and {len(terms) - shown} more (see explain)" * (shown < len(terms))
        text = f"{label}{', '.join(terms[:shown])}{more}"
        if len(text) <= width:
            return text
    return f"{label}{len(terms)} terms (see explain)"


def _hit(hit: Hit, style: Style, *, brief: bool) -> Iterator[str]:
    number = f"{hit.rank:3}. "
    indent = " " * len(number)
    yield _marked(hit.title, style, number, indent, bold=True)
    also = " · ".join(filter(None, (also_listed(hit.record), on_lists(hit.record))))
    if brief:
        room = style.width - len(indent)
        yield indent + _facts_and_passage(hit, style, room)
        if also:
            yield indent + style.dim(cut(also, room))
        return
    yield filled(_facts(hit), style, indent)
    if hit.snippet.text:
        yield _marked(hit.snippet, style, indent, indent)
    if also:
        yield style.dim(filled(also, style, indent))
    name = cut(line(hit.record.id), style.width - len(indent))
    if hit.record.link:
        yield indent + style.dim(cut(line(hit.record.link), style.width - len(indent)))
    yield indent + style.link(style.dim(name), hit.record.source)


def _facts(hit: Hit) -> str:
    return " · ".join(filter(None, (how_found(hit), facts(hit.record))))


def _facts_and_passage(hit: Hit, style: Style, width: int) -> str:
    """Return what a hit is and the beginning of its passage, in one line."""
    record = hit.record
    categories = ", ".join(record.category_labels)
    place = record.publisher or record.journal or ", ".join(record.jurisdictions)
    parts = [
        categories or "Uncategorised",
        years(record),
        how_found(hit),
        cut(line(place), _PLACE),
        line(hit.snippet.text),
    ]
    shown = cut(" · ".join(part for part in parts if part), width)
    if shown.startswith(categories) and categories:
        code = record.categories[0].code
        shown = style.category(code, categories) + shown[len(categories) :]
    return style.link(shown, record.source)


def _facets(found: Results, style: Style) -> Iterator[str]:
    for name in SHOWN_FACETS:
        labels = sorted_labels(name, found.facets.get(name, {}))
        if labels:
            title = f"{facet_title(name, found.search)}: "
            counts = [f"{label_name(name, label)} {n}" for label, n in labels]
            for shown in range(min(len(counts), _MAX_LABELS), 0, -1):
                more = f", and {len(counts) - shown} more" * (shown < len(counts))
                text = f"{title}{', '.join(counts[:shown])}{more}"
                if len(text) <= style.width or shown == 1:
                    break
            yield cut(text, style.width).replace(title, style.bold(title.strip()) + " ", 1)


def cut(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` columns of a terminal, with "…" for what is cut off."""
    taken = fitting = 0
    for end, character in enumerate(text, 1):
        taken += columns(character)
        if taken < width:
            fitting = end
        elif taken > width:
            return f"{text[:fitting].rstrip()}…"
    return text


def folded(first: str, text: str, style: Style) -> str:
    """Return a name and what it has, in lines of the width that begin under one another."""
    room = max(style.table_width - len(first), 6)
    rows = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
    return style.dim(first) + f"\n{' ' * len(first)}".join(rows)


def filled(text: str, style: Style, first: str, indent: str | None = None) -> str:
    """Return ``text`` in lines of the width, ``first`` before the first, ``indent`` the others."""
    return textwrap.fill(
        text,
        max(style.width, 20),
        initial_indent=first,
        subsequent_indent=first if indent is None else indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _marked(snippet: Snippet, style: Style, first: str, indent: str, *, bold: bool = False) -> str:
    """Wrap a passage, then mark its words: escapes have no width, so they come last."""
    flags: list[bool] = [False] * len(snippet.text)
    for start, end in snippet.marks:
        flags[start:end] = [True] * (end - start)
    words: list[tuple[str, list[bool]]] = []
    start = 0
    for word in snippet.text.split():
        start = snippet.text.index(word, start)
        words.append((line(word), flags[start : start + len(word)]))
        start += len(word)
    if snippet.before:
        words.insert(0, ("…", [False]))
    if snippet.after:
        words.append(("…", [False]))
    lines: list[str] = []
    row, width = first, len(first)
    for word, marks in words:
        space = 0 if row in {first, indent} else 1
        if width + space + len(word) > max(style.width, 20) and space:
            lines.append(row)
            row, width, space = indent, len(indent), 0
        row += " " * space + _styled(word, marks, style, bold=bold)
        width += space + len(word)
    lines.append(row)
    return "\n".join(lines)


def _styled(word: str, marks: list[bool], style: Style, *, bold: bool) -> str:
    if not style.colour or len(marks) != len(word) or not any(marks):
        return style.bold(word) if bold else word
    first, last = marks.index(True), len(marks) - marks[::-1].index(True)
    outer = style.bold if bold else str
    return outer(word[:first]) + style.mark(word[first:last]) + outer(word[last:])


def facets(counts: Facets, style: Style) -> Iterator[str]:
    """Yield the counts of facets as bars, under what they count."""
    heading = f"{counted(counts.total)}{quoted(counts.search)}"
    yield from asked(counts.search, counts.provenance, style, heading)
    yield "\n" + bars(counts, style, counts.search)


def bars(
    counts: Mapping[str, Mapping[str, int]], style: Style, search: Search | None = None
) -> str:
    """Return the counts of facets as bars, places under the place that they lie in."""
    lines: list[str] = []
    for name, labels in counts.items():
        if not labels:
            continue
        lines += ([""] if lines else []) + [style.bold(facet_title(name, search))]
        most = max(labels.values())
        rows = [("  " * depth + label_name(name, key), n) for key, n, depth in nested(name, labels)]
        more, rows = len(rows) - _MOST_LABELS, rows[:_MOST_LABELS]
        room = min(_BAR, style.width // 3)
        wide = min(max(columns(row) for row, _ in rows), style.width - room - 10)
        for row, n in rows:
            shown = cut(row, wide)
            gap = " " * (wide - columns(shown))
            lines.append(f"  {shown}{gap} {n:>6} {'█' * max(1, round(n / most * room))}")
        if more > 0:
            lines.append(style.dim(f"  and {more:,} more (--format tsv has all)"))
    return "\n".join(lines) + "\n" if lines else "No records.\n"


def records(values: Iterable[StudyRecord], style: Style) -> Iterator[str]:
    """Yield whole records, two blank lines between them."""
    for i, value in enumerate(values):
        yield ("\n\n" if i else "") + record(value, style)


def lines(values: Iterable[StudyRecord], style: Style) -> Iterator[str]:
    """Yield a line for each record that fits the width: number, year, categories, title."""
    for number, value in enumerate(values, 1):
        codes = "".join(category.code for category in value.categories) or "-"
        first = f"{number:>4}  {value.year or '-':>4}  {codes:<4}  "
        title = cut(line(value.title), style.table_width - len(first))
        yield f"{style.dim(first)}{style.link(title, value.source)}\n"


def record(value: StudyRecord, style: Style) -> str:
    """Return one whole record with where it stands."""
    rows = [
        ("Id", value.id),
        ("Category", ", ".join(value.category_labels) or "uncategorised"),
        ("Year", years(value)),
        ("Publisher", value.publisher or ""),
        ("Jurisdiction", _inferred(value)),
        ("Cell", _cell(value)),
        *bibliographic(value),
        ("Cite as", citation_of(value)),
    ]
    lines = [style.bold(filled(line(value.title), style, "")), ""]
    lines += [_row(name, text, style) for name, text in rows if text]
    lines.append(_place("Source:".ljust(14), value.source, style))
    if value.summary:
        lines += ["", filled(line(value.summary), style, "")]
    if value.related:
        lines += ["", style.bold("Related documents")]
        for document in value.related:
            lines.append(filled(_related(document), style, "  "))
            if document.source:
                lines.append(_place("    ", document.source, style))
    if value.listings:
        lines += ["", style.bold("Listed in")]
        for entry in value.listings:
            lines.append(filled(line(f"{place(entry)}: {entry.title}"), style, "  ", "    "))
            lines.append(_place("    ", entry.source, style))
    if value.references:
        lines += ["", style.bold("Cross-references")]
        for r in value.references:
            lines.append(folded("  ", line(f"{r.text}: {r.record or 'not resolved'}"), style))
    if value.furniture:
        lines += ["", style.dim(filled(line(" ".join(value.furniture)), style, ""))]
    return "\n".join(lines) + "\n"


def _place(first: str, source: Source, style: Style) -> str:
    where = cut(line(f"{source}, column {source.column}"), style.table_width - len(first))
    return style.dim(first) + style.link(where, source)


def _row(name: str, text: str, style: Style) -> str:
    return folded(f"{name}:".ljust(14), line(text), style)


def _inferred(value: StudyRecord) -> str:
    origins: dict[str, list[str]] = {}
    for inference in value.inferences:
        origins.setdefault(inference.jurisdiction, []).append(inference.origin)
    return "; ".join(f"{name} (from {', '.join(o)})" for name, o in origins.items())


def _cell(value: StudyRecord) -> str:
    if not value.cell:
        return ""
    where = "; ".join(part for part in (value.column, value.row) if part)
    return f"{value.matrix} {value.cell}" + (f", {where}" if where else "")


def _related(document: RelatedDocument) -> str:
    facts = [document.publisher, document.year and str(document.year), *document.jurisdictions]
    shown = ", ".join(line(fact) for fact in facts if fact)
    return f"{document.relation}: {line(document.title)}" + (f" ({shown})" if shown else "")
