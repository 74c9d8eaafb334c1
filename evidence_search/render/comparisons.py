"""Searches that were kept, and what has changed since, for a person and for programs."""

from __future__ import annotations

import csv
import io
import json
import shlex
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line
from evidence_search.history import PROGRAM
from evidence_search.render.phrases import counted, facts
from evidence_search.render.text import filled
from evidence_search.spreadsheet import value_cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.history import Comparison, Log, News, Past, Replay
    from evidence_search.render.style import Style
    from evidence_search.search import Search

_FLAGS = {"every_word": "--all"}


def command(search: Search) -> str:
    """Return a search as one would type it: ``prison --category G``."""
    words = [search.query if " " not in search.query else shlex.quote(search.query)]
    for name, value in search.options.items():
        flag = _FLAGS.get(name, f"--{name}")
        for one in value if isinstance(value, list | tuple) else [value]:
            words += [flag] if one is True else [flag, shlex.quote(str(one))]
    return line(" ".join(words))


def in_words(search: Search) -> str:
    """Return a search as people say it: “prison”, category G, every word."""
    words = [f"“{search.query}”" if search.query.strip() else "all records"]
    for name, value in search.options.items():
        said = name.replace("_", " ")
        labels = value if isinstance(value, list) else [value]
        words.append(said if value is True else f"{said} {' or '.join(labels)}")
    return line(", ".join(words))


def asked(past: Past) -> str:
    """Return a past search as one would type it; of a strategy its name, and the line."""
    if past.strategy is None:
        return command(past.search)
    name = shlex.quote(past.strategy.name)
    return line(f"run {name} --line {past.shown} --from {past.strategy.dialect}")


def saved(name: str, past: Past) -> str:
    """Return a saved search in one line: name, search, records and day of the last look."""
    return f"{line(name)}\t{command(past.search)}\t{counted(len(past.ids))}\t{past.time[:10]}"


def replay(value: Replay, style: Style) -> Iterator[str]:
    """Yield each search of a log with what has changed, and last how many find the same."""
    for compared in value.searches:
        yield from _changes(f"{value.log}:{compared.past.line}", compared, style)
        yield "\n"
    yield _summary(value)


def news(value: News, style: Style) -> Iterator[str]:
    """Yield each saved search with what has changed."""
    for at, (name, compared) in enumerate(value.searches.items()):
        yield "\n" * bool(at)
        yield from _changes(name, compared, style)


def _changes(label: str, compared: Comparison, style: Style) -> Iterator[str]:
    """Yield what is new and what is gone, a record a line."""
    past, records = compared.past, compared.records
    yield f"{style.bold(line(label))}  {asked(past)}\n"
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


def as_json(value: Replay) -> str:
    """Return the searches of a log as a JSON array."""
    return json.dumps([_as_dict(compared) for compared in value.searches], indent=2) + "\n"


def _as_dict(compared: Comparison) -> dict[str, Any]:
    past = compared.past
    return {
        "line": past.line,
        "time": past.time,
        "query": past.search.query,
        "options": past.search.options,
        "strategy": past.strategy and past.strategy.name,
        "found": len(past.ids),
        "now": len(compared.found),
        "new": list(compared.new),
        "gone": list(compared.gone),
    }


# A log, as it stands

_COLUMNS = ("line", "time", "found", "search", "fingerprint", "program")


def _logged(past: Past) -> dict[str, Any]:
    values = (past.line, past.time, len(past.ids), asked(past), past.fingerprint, past.program)
    return dict(zip(_COLUMNS, values, strict=True))


def log(value: Log, style: Style) -> Iterator[str]:
    """Yield the searches of a log as a table, those on one state of the corpus together."""
    yield style.bold(f"{'Line':>4}  {'Date':16}  {'Found':>7}  Search") + "\n"
    for past in value.searches:
        when = line(past.time[:16].replace("T", " "))
        begin = f"{past.line:>4}  {when:16}  {len(past.ids):>7,}  "
        yield filled(asked(past), style, begin, " " * len(begin)) + "\n"
    states = len({past.fingerprint for past in value.searches})
    yield f"\n{_searches(value.searches)}, on {counted(states, 'state')} of the corpus\n"


def log_as_json(value: Log) -> str:
    """Return the searches of a log as a JSON array."""
    return json.dumps([_logged(past) for past in value.searches], indent=2) + "\n"


def log_as_csv(value: Log) -> str:
    """Return the searches of a log as CSV."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    writer.writerows([value_cell(cell) for cell in _logged(p).values()] for p in value.searches)
    return file.getvalue()


def log_as_markdown(value: Log) -> Iterator[str]:
    """Yield the searches of a log as a table of Markdown."""
    yield "| Line | Time | Found | Search |\n| ---: | --- | ---: | --- |\n"
    for past in value.searches:
        search = asked(past).replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`")
        yield f"| {past.line} | {line(past.time)} | {len(past.ids):,} | {search} |\n"


def _searches(values: Sequence[object]) -> str:
    return f"{len(values)} search{'es' * (len(values) != 1)}"


def _summary(value: Replay) -> str:
    """Return one line on how many searches find the same, and whether they could find other."""
    compared = value.searches
    same = sum(not (c.new or c.gone) for c in compared)
    differ = len(compared) - same
    since = [
        what
        for what, differs in (
            ("the corpus", any(c.past.fingerprint != value.fingerprint for c in compared)),
            ("the program", any(c.past.program != PROGRAM for c in compared)),
        )
        if differs
    ]
    changed = f"{' and '.join(since)} changed since" if since else "of this corpus and this program"
    return f"{_searches(compared)}, {changed}: {same} the same, {differ} otherwise\n"
