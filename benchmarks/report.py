"""Figures to ``RESULTS.md``: a table for each thing measured, with ratios to Whoosh by itself."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.systems import OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

Results = dict[str, Any]
PEER = "whoosh3"
COMMAND = "the whoosh command"
OPTIONS = "evidence-search, folders by option"
ON_TERMINAL = "{}, on a terminal"
_NO_FIGURE = "–"

HEAD = """# Results

Written by `python -m benchmarks.run`; see [README.md](README.md) for what is measured and how.
Times are processor time (user and system), which other work on the machine changes least; on an
idle machine wall time is the same, but for tantivy, which indexes in several threads. In
brackets: the figure over that of whoosh3 by itself in the same run; less is better unless said
otherwise. Sizes were run one after another; the million on tantivy on a machine that did other
work too.

"""


def write_report(results: Results, path: Path) -> None:
    """Write the report."""
    sizes = sorted(filter(str.isdecimal, results), key=int)
    parts = [HEAD, _about(results, sizes)]
    parts += [
        _table(
            "Building: records a second",
            "More is better. Parsing and analysis included; ours also reads cells, places and "
            "acronyms, and first imports NLTK, for a second and more where SciPy is installed.",
            results, sizes, lambda f, size: int(size) / f["build"]["processor"], "{:,.0f}",
        ),
        _table(
            "Building: peak memory, MB", "", results, sizes,
            lambda f, _: f["build"]["memory"] / 1e6, "{:,.0f}",
        ),
        _table(
            "Index on disk, MB", "With the text, which every system keeps to show it.",
            results, sizes, lambda f, _: f["disk"] / 1e6, "{:,.2f}",
        ),
        _table(
            "After an edit of one record: seconds", "bm25s can only index anew.",
            results, sizes, lambda f, _: f["edit"]["processor"], "{:.2f}",
        ),
        _table(
            "Refresh where nothing changed: seconds",
            "The median of five, each in a process of its own, imports and opening included.",
            results, sizes,
            lambda f, _: median(run["processor"] for run in f["unchanged"]), "{:.3f}",
        ),
        _table(
            "Cold search: milliseconds, median",
            "A process that imports, opens, answers one query of two or three words and ends; "
            "for us the command, with facets, snippets and synonyms.",
            results, sizes, lambda f, _: median(f["cold"]) if "cold" in f else None, "{:.0f}",
            (OPTIONS, ON_TERMINAL.format(OURS), COMMAND, ON_TERMINAL.format(COMMAND),
             "Python alone"),
        ),
        *_warm(results, sizes),
        _table(
            "Searching: peak memory, MB", "After the 200 queries of the tables above.",
            results, sizes, lambda f, _: f["warm"]["memory"] / 1e6, "{:,.0f}",
        ),
        _quality(results["nDCG@10"]) if "nDCG@10" in results else "",
        _duplicates(path.with_name("duplicates.json")),
    ]  # fmt: skip
    path.write_text("\n".join(part for part in parts if part), encoding="utf-8")


def _duplicates(path: Path) -> str:
    """Return the table of what ``duplicates.py`` measured."""
    results = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        f"| {name} | {precision:.4f} | {recall:.4f} | {seconds:.1f} |"
        for name, (precision, recall, seconds) in results["systems"].items()
    ]
    about = (
        f"{results['listings']:,} listings of {results['documents']:,} invented documents, by "
        "pairs of listings; written by `python -m benchmarks.duplicates`.\n"
    )
    heading = ["## Merging duplicates\n", about, "| | precision | recall | seconds |"]
    return "\n".join([*heading, "| --- | ---: | ---: | ---: |", *rows, ""])


def _about(results: Results, sizes: Sequence[str]) -> str:
    about: dict[str, str] = results[sizes[-1]]["about"]
    lines = [f"- {name}: {value}" for name, value in about.items()]
    return "\n".join(lines) + "\n"


def _table(
    title: str,
    note: str,
    results: Results,
    sizes: Sequence[str],
    figure: Callable[[Any, str], float | None],
    form: str,
    others: Sequence[str] = (),
) -> str:
    rows = _heading(f"{int(size):,} records" for size in sizes)
    for name in (*_systems(results, sizes), *others):
        cells = []
        for size in sizes:
            systems = results[size]["systems"]
            cells.append(_cell(systems, name, lambda f, size=size: figure(f, size), form))
        if any(cell != _NO_FIGURE for cell in cells):
            rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([f"## {title}\n", *([note + "\n"] if note else []), *rows, ""])


def _heading(names: Iterable[str]) -> list[str]:
    """Return the first two rows of a table of figures, with the names of its columns."""
    columns = [*names]
    return [f"| | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]


def _systems(results: Results, sizes: Sequence[str]) -> list[str]:
    """Return the systems that were measured, ours first."""
    warm = (
        name
        for size in sizes
        for name, figures in results[size]["systems"].items()
        if "warm" in figures
    )
    return sorted(dict.fromkeys(warm), key=lambda name: not name.startswith(OURS))


def _cell(systems: Any, name: str, figure: Callable[[Any], float | None], form: str) -> str:
    def of(system: str) -> float | None:
        try:
            return figure(systems[system])
        except (KeyError, TypeError):
            return None

    value, peer = of(name), of(PEER)
    if value is None:
        return _NO_FIGURE
    ratio = f" ({value / peer:.2f})" if peer and name != PEER else ""
    return form.format(value) + ratio


def _warm(results: Results, sizes: Sequence[str]) -> list[str]:
    tables = []
    for words in ("1234", *"1234"):
        note = (
            "Median and 95th percentile of 50 queries of each length, none asked before, in one "
            "process: the ten best with passages; for us with facets, and synonyms unless “exact”."
        )
        rows = _heading(f"{int(size):,} records" for size in sizes)
        for name in _systems(results, sizes):
            cells = [_warm_cell(results[size]["systems"], name, words) for size in sizes]
            rows.append(f"| {name} | {' | '.join(cells)} |")
        asked = {"1234": "1 to 4 words", "1": "1 word"}.get(words, f"{words} words")
        title = f"## Warm search, {asked}: milliseconds\n"
        tables.append("\n".join([title, *([note + "\n"] if not tables else []), *rows, ""]))
    return tables


def _warm_cell(systems: Any, name: str, words: str) -> str:
    if name not in systems:
        return _NO_FIGURE
    times = _times(systems, name, words)
    peer = median(_times(systems, PEER, words)) if PEER in systems and name != PEER else None
    ratio = f" ({median(times) / peer:.2f})" if peer else ""
    return f"{median(times):.2f} / {times[int(len(times) * 0.95)]:.1f}{ratio}"


def _times(systems: Any, name: str, words: str) -> list[float]:
    """Return the milliseconds of all queries of some numbers of words."""
    return sorted(time for number in words for time in systems[name]["warm"][number])


def _quality(measured: dict[str, Any]) -> str:
    """Return the table of nDCG on each engine."""
    names = list(measured)
    rows = _heading(f"{name}, {measured[name]['topics']} topics" for name in names)
    for engine in measured[names[0]]["means"]:
        means = (f"{measured[name]['means'][engine]:.4f}" for name in names)
        rows.append(f"| {engine} | {' | '.join(means)} |")
    note = "The mean over the topics of test collections, with synonyms. More is better.\n"
    return "\n".join(["## nDCG@10\n", note, *rows, ""])
