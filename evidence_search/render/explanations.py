"""Why a query finds what it finds, for people and as JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from evidence_search.render.html import facts as html_facts
from evidence_search.render.html import piece
from evidence_search.render.names import counted, facts, suggested
from evidence_search.render.safe import html, line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.explaining import Explanation, Judged
    from evidence_search.planning import Added
    from evidence_search.render.text import Style

_MAX_LINE = 2000


def as_text(explanation: Explanation, style: Style) -> Iterator[str]:
    """Yield how the query is read, then what it makes of the record."""
    for row in _rows(explanation, style):
        yield f"{row}\n"


def _rows(explanation: Explanation, style: Style) -> Iterator[str]:
    yield f"{style.bold('Read as')} {line(explanation.read_as) or 'every record'}"
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
            yield f"  {line(word.word):<{wide}}  {said}"
    also = _by_words(explanation.added)
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


def _by_words(added: tuple[Added, ...]) -> dict[str, list[str]]:
    """Return what was added, under the words it was added for, with how it belongs to them."""
    also: dict[str, list[str]] = {}
    for term in added:
        if term.kind != "spelling":
            kind = "" if term.kind == "synonym" else f" ({term.kind})"
            also.setdefault(line(term.words), []).append(f"{line(term.text)}{kind}")
    return also


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


def fragment(explanation: Explanation) -> str:
    """Return the same as a piece of HTML for a notebook."""
    return piece("".join(_parts(explanation)))


def _parts(explanation: Explanation) -> Iterator[str]:
    read_as = html(explanation.read_as) or "every record"
    yield f"<p><strong>{html(explanation.query)}</strong>, read as <code>{read_as}</code></p>"
    yield from (f"<p>Note: {html(note)}</p>" for note in explanation.notes)
    yield f"<p>{counted(explanation.total)} match</p>"
    if explanation.words:
        rows = "".join(
            f'<tr><th scope="row">{html(word.word)}</th><td><code>{html(word.token)}</code></td>'
            f'<td class="n">{word.records}</td></tr>'
            for word in explanation.words
        )
        yield (
            '<div class="facets"><table><caption>Words</caption><thead><tr><th scope="col">as typed'
            '</th><th scope="col">as searched</th><th scope="col">records</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )
    also = _by_words(explanation.added)
    if also:
        items = "".join(
            f"<li>{html(words)}: {html(', '.join(terms))}</li>" for words, terms in also.items()
        )
        yield f"<details><summary>Also searched</summary><ul>{items}</ul></details>"
    tree = html("\n".join(explanation.tree))
    yield (
        f'<details><summary>Tree</summary><pre style="white-space:pre-wrap">{tree}</pre></details>'
    )
    if explanation.record:
        yield from _judged_parts(explanation.record)


def _judged_parts(judged: Judged) -> Iterator[str]:
    yield f"<article><h2>{html(line(judged.record.title))}</h2>{html_facts(judged.record)}"
    if judged.matches:
        rank = f"number {judged.rank}" if judged.rank else "after the first thousand"
        rows = "".join(
            f'<tr><td class="n">{share.score:.3f}</td><td class="bars" aria-hidden="true">'
            f'<span class="bar" style="width:{share.score / judged.score:.0%}"></span></td>'
            f'<th scope="row">{html(share.part[:_MAX_LINE])}</th></tr>'
            for share in judged.shares
            if judged.score
        )
        yield (
            f"<p>It matches: {rank}, with a score of {judged.score:.3f}</p>"
            '<div class="facets"><table><caption>What each part of the query adds</caption>'
            f"{rows}</table></div>"
        )
    else:
        missing = "".join(f"<li>{html(part)}</li>" for part in judged.missing)
        instead = "".join(f"<li>{html(suggested(s))}</li>" for s in judged.instead)
        yield f"<p>It doesn't match; it lacks:</p><ul>{missing}</ul>"
        if instead:
            yield f"<p>What would find it:</p><ul>{instead}</ul>"
    yield f'<p class="id"><code>{html(judged.record.id)}</code></p></article>'


def as_json(explanation: Explanation, _: Style) -> Iterator[str]:
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


FORMATS = {"text": as_text, "json": as_json}
