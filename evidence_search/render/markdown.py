"""Records and results as Markdown: a reading list to paste into a document.

CommonMark without extensions, so that any program that takes Markdown shows
the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.escaping import line, link
from evidence_search.render.phrases import (
    SHOWN_FACETS,
    also_listed,
    conditions,
    facet_title,
    facts,
    label_name,
    on_lists,
    origin,
    page_of,
    respelt,
    results_heading,
    searched_too,
    sorted_labels,
    suggested,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.records import StudyRecord
    from evidence_search.results import Hit, Results

# A # that begins a word may also end a heading.
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~]|(?<!\S)#)")
# What begins a list or a rule where it begins a line.
_BEGINNING = re.compile(r"^([-+=]|\d+[.)])")


def escape(text: str) -> str:
    """Return ``text`` as one line that Markdown shows as it is."""
    return _at_beginning(_escape(line(text)))


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _at_beginning(text: str) -> str:
    return _BEGINNING.sub(lambda match: f"{match[1][:-1]}\\{match[1][-1]}", text)


def records(values: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield each record under a heading, with its facts, summary and id."""
    yield "# Evidence records\n\n"
    for value in values:
        yield _entry(escape(value.title), value, escape(value.summary))


def results(found: Results) -> Iterator[str]:
    """Yield a search: the query, how many match, the facets, and the hits."""
    yield f"# {escape(results_heading(found))}\n\n"
    asked = (" · ".join(conditions(found.search)), origin(found.provenance), page_of(found))
    for sentence in asked:
        yield f"{escape(sentence)}\n\n" if sentence else ""
    for note in found.notes:
        yield f"Note: {escape(note)}\n\n"
    for sentence in (*respelt(found), *map(suggested, found.suggestions)):
        yield f"{escape(sentence)}\n\n"
    for label, terms in searched_too(found.added):
        yield f"{label}: {escape(', '.join(terms))}\n\n"
    for name in SHOWN_FACETS:
        labels = found.facets.get(name, {})
        if labels:
            counts = (f"{escape(label_name(name, k))} {n}" for k, n in sorted_labels(name, labels))
            yield f"- {facet_title(name, found.search)}: {', '.join(counts)}\n"
    if found.total:
        yield "\n"
    for hit in found:
        yield _entry(f"{hit.rank}. {escape(hit.record.title)}", hit.record, _passage(hit))


def _entry(title: str, record: StudyRecord, text: str) -> str:
    target = link(record.url)
    heading = f"[{title}](<{target}>)" if target and not re.search("[<>]", target) else title
    body = f"{text}\n\n" if text else ""
    if also := " · ".join(filter(None, (also_listed(record), on_lists(record)))):
        body += f"{escape(also)}\n\n"
    return (
        f"## {heading}\n\n{escape(facts(record))}\n\n{body}`{line(record.id).replace('`', '')}`\n\n"
    )


def _passage(hit: Hit) -> str:
    """Return the best passage, what matched in bold."""
    snippet = hit.snippet
    pieces, at = ["… "] if snippet.before else [], 0
    for start, end in snippet.marks:
        pieces += [_escape(snippet.text[at:start]), f"**{_escape(snippet.text[start:end])}**"]
        at = end
    pieces += [_escape(snippet.text[at:]), " …" if snippet.after else ""]
    return _at_beginning(line("".join(pieces)))
