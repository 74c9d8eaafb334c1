"""Why a query finds what it finds, for people and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line
from evidence_search.render.phrases import by_words, conditions, counted, facts, suggested
from evidence_search.render.text import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.explaining import Explanation, Judged
    from evidence_search.render.style import Style

_MAX_LINE = 2000


def as_text(explanation: Explanation, style: Style) -> Iterator[str]:
    """Yield how the query is read, then what it makes of the record."""
    for row in _rows(explanation, style):
        yield f"{row}\n"


def _rows(explanation: Explanation, style: Style) -> Iterator[str]:
    yield f"{style.bold('Read as')} {line(explanation.read_as) or 'every record'}"
    asked = conditions(explanation.search)
    if asked:
        yield _wrapped(" · ".join(asked), style)
    yield from (f"Note: {line(note)}" for note in explanation.notes)
    if explanation.words:
        yield ""
        yield style.bold("Words")
        wide = max(len(line(word.word)) for word in explanation.words)
        spelt = {added.words: added.text for added in explanation.added if added.kind == "spelling"}
        for word in explanation.words:
            records = counted(word.records) if word.records else "no record"
            said = f"in {records}, as “{line(word.token)}”"
            if word.stop:
                said = "says nothing alone"
            if word.word in spelt:
                said = f"in no record; searched as “{line(spelt[word.word])}”"
            yield folded(f"  {line(word.word):<{wide}}  ", said, style)
    also = by_words(explanation.added)
    if also:
        yield ""
        yield style.bold("Also searched")
        for words, terms in also.items():
            yield _wrapped(f"  {words}: {', '.join(terms)}", style)
    yield ""
    yield style.bold("Tree")
    yield from (_wrapped(f"  {row}", style) for row in explanation.tree)
    yield ""
    yield f"{counted(explanation.total)} match"
    if explanation.record:
        yield ""
        yield from _judged(explanation.record, style)


def _wrapped(row: str, style: Style) -> str:
    indent = row[: len(row) - len(row.lstrip())]
    text = line(row[:_MAX_LINE]) + ("…" if len(row) > _MAX_LINE else "")
    return textwrap.fill(
        text,
        max(style.width, 40),
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    )


def _judged(judged: Judged, style: Style) -> Iterator[str]:
    yield style.bold(line(judged.record.title))
    yield f"{facts(judged.record)} · {line(judged.record.id)}"
    if judged.matches:
        rank = f"number {judged.rank}" if judged.rank else "after the first thousand"
        yield f"It matches: {rank}, with a score of {judged.score:.3f}"
        for share in judged.shares:
            part = share.score / judged.score if judged.score else 0.0
            yield f"  {share.score:7.3f} {part:4.0%}  {line(share.part[:_MAX_LINE])}"
    else:
        yield "It doesn't match; it lacks:"
        yield from (_wrapped(f"  {part}", style) for part in judged.missing)
        if judged.instead:
            yield "What would find it:"
            yield from (f"  {suggested(suggestion)}" for suggestion in judged.instead)


def as_json(explanation: Explanation) -> Iterator[str]:
    """Yield one object, with the names of the fields of an explanation."""
    judged = explanation.record
    value: dict[str, Any] = {
        "query": explanation.query,
        "read_as": explanation.read_as,
        "notes": list(explanation.notes),
        "words": [word._asdict() for word in explanation.words],
        "added": [added._asdict() for added in explanation.added],
        "tree": list(explanation.tree),
        "total": explanation.total,
        "record": judged
        and {
            "id": judged.record.id,
            "matches": judged.matches,
            "rank": judged.rank,
            "score": round(judged.score, 6),
            "shares": [{"part": s.part, "score": round(s.score, 6)} for s in judged.shares],
            "missing": list(judged.missing),
            "instead": [suggestion._asdict() for suggestion in judged.instead],
        },
    }
    yield json.dumps(value, indent=2) + "\n"
