"""Results and records for a person at a terminal, or reading a plain file.

Colours only help: every fact is in the words too.  Records are separated by
blank lines, and each hit keeps to the width given.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.render.names import (
    SHOWN_FACETS,
    facet_title,
    facts,
    label_name,
    nested,
    numbered,
    respelt,
    searched_too,
    sorted_labels,
    suggested,
    years,
)
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evidence_search.records import RelatedDocument, Source, StudyRecord
    from evidence_search.results import Hit, Results
    from evidence_search.snippets import Snippet

_MAX_ADDED = 6
_MAX_LABELS = 8
_BAR = 24
_CATEGORY_COLOURS = {"S": "1;33", "K": "1;36", "R": "1;32", "G": "1;35"}


class Style(NamedTuple):
    """How to draw: columns wide, whether with colours, and where links to a source lead, if any."""

    width: int = 80
    colour: bool = False
    links: Callable[[Source], str] | None = None

    def bold(self, text: str) -> str:
        """Return ``text`` in bold."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Return ``text`` less bright."""
        return self._wrap("2", text)

    def mark(self, text: str) -> str:
        """Return ``text`` as a match: bold and underlined, which shows on any background."""
        return self._wrap("1;4", text)

    def category(self, code: str, text: str) -> str:
        """Return ``text`` in the colour of a category."""
        return self._wrap(_CATEGORY_COLOURS.get(code, "1"), text)

    def link(self, text: str, source: Source) -> str:
        """Return ``text`` as a hyperlink to its source (OSC 8), where links are shown."""
        if self.links is None:
            return text
        return f"\x1b]8;;{self.links(source)}\x1b\\{text}\x1b]8;;\x1b\\"

    def _wrap(self, code: str, text: str) -> str:
        if not self.colour:
            return text
        # Line by line: a pager forgets the style of one line at its end.
        return "\n".join(f"\x1b[{code}m{x}\x1b[0m" if x else x for x in text.split("\n"))


def results(found: Results, style: Style) -> str:
    """Return a page of results with facets."""
    return "\n".join(_results(found, style)) + "\n"


def _results(found: Results, style: Style) -> Iterator[str]:
    yield from _understood(found, style)
    if not found.total:
        every = any(s.reason in {"fewer words", "any word"} for s in found.suggestions)
        yield f"No records match {'all of ' * every}{line(found.query)!r}."
        yield from (f"  {suggested(suggestion)}" for suggestion in found.suggestions)
        if not found.suggestions:
            yield "  Try other words, or: evidence-search list"
        return
    yield from map(suggested, found.suggestions)
    yield numbered(found)
    for hit in found.hits:
        yield ""
        yield from _hit(hit, style)
    yield ""
    yield from facets(found.facets, style, SHOWN_FACETS)
    last = found.offset + len(found)
    if found.hits and last < found.total:
        yield style.dim(f"Next: --offset {last}; all: -n all")


def _understood(found: Results, style: Style) -> Iterator[str]:
    """Yield how the query was read, and what was searched too."""
    for note in found.notes:
        yield style.dim(f"Note: {line(note)}")
    for sentence in respelt(found):
        yield style.dim(filled(sentence, style, ""))
    for label, terms in searched_too(found):
        yield style.dim(filled(f"{label}: {_some(terms)}", style, ""))


def _some(terms: Sequence[str]) -> str:
    more = f", and {len(terms) - _MAX_ADDED} more" if len(terms) > _MAX_ADDED else ""
    return ", ".join(terms[:_MAX_ADDED]) + more


def _hit(hit: Hit, style: Style) -> Iterator[str]:
    number = f"{hit.rank:3}. "
    indent = " " * len(number)
    yield _marked(hit.title, style, number, indent, bold=True)
    yield filled(facts(hit.record), style, indent)
    if hit.snippet.text:
        yield _marked(hit.snippet, style, indent, indent)
    yield indent + style.link(style.dim(line(hit.record.id)), hit.record.source)


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


def facets(
    counts: Mapping[str, Mapping[str, int]], style: Style, names: tuple[str, ...]
) -> Iterator[str]:
    """Yield the counts of some facets, the most frequent labels first."""
    for name in names:
        labels = sorted_labels(name, counts.get(name, {}))
        if labels:
            shown = ", ".join(f"{label_name(name, k)} {n}" for k, n in labels[:_MAX_LABELS])
            more = f", and {len(labels) - _MAX_LABELS} more" if len(labels) > _MAX_LABELS else ""
            title = f"{facet_title(name)}: "
            wrapped = textwrap.wrap(title + shown + more, max(style.width, 20) - 2)
            yield ("\n  ".join(wrapped)).replace(title, style.bold(title.strip()) + " ", 1)


def bars(counts: Mapping[str, Mapping[str, int]], style: Style) -> str:
    """Return the counts of facets as bars, places under the place that they lie in."""
    lines: list[str] = []
    for name, labels in counts.items():
        if not labels:
            continue
        lines += ([""] if lines else []) + [style.bold(facet_title(name))]
        most = max(labels.values())
        rows = [("  " * depth + label_name(name, key), n) for key, n, depth in nested(name, labels)]
        wide = min(max(len(row) for row, _ in rows), max(style.width - _BAR - 12, 16))
        for row, n in rows:
            shown = row if len(row) <= wide else f"{row[: wide - 1]}…"
            lines.append(f"  {shown:<{wide}} {n:>6} {'█' * max(1, round(n / most * _BAR))}")
    return "\n".join(lines) + "\n" if lines else "No records.\n"


def records(values: Iterable[StudyRecord], style: Style | None = None) -> Iterator[str]:
    """Yield whole records, two blank lines between them."""
    style = style or Style()
    for i, value in enumerate(values):
        yield ("\n\n" if i else "") + record(value, style)


def record(value: StudyRecord, style: Style) -> str:
    """Return one whole record with where it stands."""
    rows = [
        ("Id", value.id),
        ("Category", ", ".join(value.category_labels) or "uncategorised"),
        ("Year", years(value)),
        ("Authors", "; ".join(value.authors)),
        ("Publisher", value.publisher or ""),
        ("Journal", value.journal or ""),
        ("Jurisdiction", _inferred(value)),
        ("Cell", _cell(value)),
        ("Notes", "; ".join(value.notes)),
        ("DOI", value.doi or ""),
        ("Link", value.url or ""),
        ("Keywords", "; ".join(value.keywords)),
    ]
    lines = [style.bold(filled(line(value.title), style, "")), ""]
    lines += [_row(name, text, style) for name, text in rows if text]
    where = f"{value.source}, column {value.source.column}"
    lines.append(style.dim("Source:".ljust(14)) + style.link(line(where), value.source))
    if value.summary:
        lines += ["", filled(line(value.summary), style, "")]
    if value.related:
        lines += ["", style.bold("Related documents")]
        for document in value.related:
            lines.append(filled(_related(document), style, "  "))
            if document.source:
                where = f"{document.source}, column {document.source.column}"
                lines.append(style.dim("    ") + style.link(line(where), document.source))
    if value.references:
        lines += ["", style.bold("Cross-references")]
        lines += [f"  {line(r.text)}: {r.record or 'not resolved'}" for r in value.references]
    if value.furniture:
        lines += ["", style.dim(filled(line(" ".join(value.furniture)), style, ""))]
    return "\n".join(lines) + "\n"


def _row(name: str, text: str, style: Style) -> str:
    return style.dim(f"{name}:".ljust(14)) + line(text)


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
