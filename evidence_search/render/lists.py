"""Named lists and the records on them, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.escaping import html, line
from evidence_search.lists.entries import ON
from evidence_search.render.phrases import counted, years
from evidence_search.render.text import cut, filled
from evidence_search.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.index.lists import Lists, Place, Put
    from evidence_search.render.style import Style

_NONE = "No lists yet; to make one: evidence-search put NUMBER NAME, or: help lists\n"
_GONE = "no record of the corpus now"


def counts(lists: Lists, style: Style) -> Iterator[str]:
    """Yield a line for each list: its name and how many records are on it."""
    if not lists:
        yield _NONE
    for name, places in lists.items():
        room = style.table_width - 8
        yield f"{len({one.id for one in places}):>6,}  {cut(line(name), room)}\n"


def text(lists: Lists, style: Style) -> Iterator[str]:
    """Yield each list with its records, and who put them there, when and why."""
    number = 0
    for at, (name, places) in enumerate(lists.items()):
        yield "\n" * (at > 0) + style.bold(f"{line(name)}: {counted(len(places))}") + "\n"
        for one in places:
            number += 1
            first = f"{number:3}. "
            year = f" ({years(one.record)})" if one.record else ""
            yield filled(f"{line(one.title or one.id)}{year}", style, first, " " * len(first))
            yield "\n"
            if said := _said(one):
                yield style.dim(filled(said, style, " " * len(first))) + "\n"


def _said(one: Place) -> str:
    """Return who put a record on a list, when and why: "ann, 2026-11-27: too old"."""
    who = ", ".join(filter(None, (line(one.by), one.at[:10])))
    said = ": ".join(filter(None, (who, line(one.note))))
    return said if one.record else " · ".join(filter(None, (_GONE, said)))


def told(done: Put) -> str:
    """Return what a put did: "2 records put on “included”, 1 was there already"."""
    if done.action == ON:
        what, rest = "put on", "there already"
    else:
        what, rest = "taken off", "not on it"
    were = "was" if done.unchanged == 1 else "were"
    others = f", {done.unchanged} {were} {rest}" if done.unchanged else ""
    return f"{counted(done.changed)} {what} “{line(done.list)}”{others}"


def as_json(lists: Lists) -> Iterator[str]:
    """Yield one object: for each list its entries."""
    value = {
        name: [
            {
                "id": one.id,
                "title": one.title,
                "by": one.by,
                "note": one.note,
                "at": one.at,
                "found": one.record is not None,
            }
            for one in places
        ]
        for name, places in lists.items()
    }
    yield json.dumps(value, indent=2) + "\n"


def as_tsv(lists: Lists) -> Iterator[str]:
    """Yield a line for each record on each list."""
    yield "list\tid\ttitle\tby\tat\tnote\tfound\n"
    for name, places in lists.items():
        for one in places:
            found = "yes" if one.record else "no"
            values = (name, one.id, one.title, one.by, one.at, one.note, found)
            yield "\t".join(cell(line(value)) for value in values) + "\n"


def fragment(lists: Lists) -> Iterator[str]:
    """Yield the lists as tables of HTML."""
    yield '<div class="evidence-search">'
    for name, places in lists.items():
        yield f'<table class="strategy"><caption>{html(name)}: {counted(len(places))}</caption>'
        yield "<thead><tr><th scope=col>Record<th scope=col>By<th scope=col>Note</tr></thead>"
        yield "<tbody>"
        for one in places:
            who = html(" ".join(filter(None, (one.by, one.at[:10]))))
            note = html(one.note if one.record else " · ".join(filter(None, (_GONE, one.note))))
            yield f"<tr><th scope=row>{html(one.title or one.id)}</th><td>{who}</td>"
            yield f"<td>{note}</td></tr>"
        yield "</tbody></table>"
    if not lists:
        yield f"<p>{html(_NONE)}</p>"
    yield "</div>"
