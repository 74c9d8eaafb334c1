"""Searches that were kept, and what has changed since, for a person and for programs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from evidence_search.render.names import counted, facts
from evidence_search.render.safe import line
from evidence_search.render.text import filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evidence_search.history import Comparison, Past, Search
    from evidence_search.records import StudyRecord
    from evidence_search.render.text import Style

_FLAGS = {"every_word": "--all"}


def command(search: Search) -> str:
    """Return a search as one would type it: ``prison --category G``."""
    words = [search.query if " " not in search.query else shlex.quote(search.query)]
    for name, value in search.options.items():
        flag = _FLAGS.get(name, f"--{name}")
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [flag] if one is True else [flag, shlex.quote(str(one))]
    return line(" ".join(words))


def saved(name: str, past: Past) -> str:
    """Return a saved search in one line: name, search, records and day of the last look."""
    return f"{line(name)}\t{command(past.search)}\t{counted(len(past.ids))}\t{past.time[:10]}\n"


def changes(
    label: str, compared: Comparison, records: Mapping[str, StudyRecord], style: Style
) -> Iterator[str]:
    """Yield what is new and what is gone, a record a line; ``records`` are those there now."""
    past = compared.past
    yield f"{style.bold(line(label))}  {command(past.search)}\n"
    counts = [f"{line(past.time[:10])}: {counted(len(past.ids))}"]
    if compared.new or compared.gone:
        counts.append(f"now {len(compared.found)}")
        counts.append(f"{len(compared.new)} new, {len(compared.gone)} gone")
    else:
        counts.append("the same now")
    yield f"  {'; '.join(counts)}\n"
    for name in compared.new:
        record = records[name]
        yield filled(f"{line(record.title)} ({facts(record)})", style, "  + ", "    ") + "\n"
        yield f"    {style.link(style.dim(line(name)), record.source)}\n"
    for name in compared.gone:
        there = records.get(name)
        why = f"{line(there.title)}: matches no more" if there else "no longer in the corpus"
        yield filled(why, style, "  - ", "    ") + "\n"
        yield f"    {style.dim(line(name))}\n"


def as_dict(compared: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON values."""
    past = compared.past
    return {
        "line": past.line,
        "time": past.time,
        "query": past.search.query,
        "options": dict(past.search.options),
        "found": len(past.ids),
        "now": len(compared.found),
        "new": list(compared.new),
        "gone": list(compared.gone),
    }


def summary(compared: Sequence[Comparison], fingerprint: str, program: str) -> str:
    """Return one line on how many searches find the same, and whether they could find other."""
    same = sum(not (c.new or c.gone) for c in compared)
    differ = len(compared) - same
    searches = f"{len(compared)} search{'es' * (len(compared) != 1)}"
    since = [
        what
        for what, differs in (
            ("the corpus", any(c.past.fingerprint != fingerprint for c in compared)),
            ("the program", any(c.past.program != program for c in compared)),
        )
        if differs
    ]
    changed = f"{' and '.join(since)} changed since" if since else "of this corpus and this program"
    return f"{searches}, {changed}: {same} the same, {differ} otherwise\n"
