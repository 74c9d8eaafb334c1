"""Searches that are kept: a log of those that were run, and saved ones to run again.

A log has one JSON object a line, for the methods section of a review: what
was asked, when, of which corpus, by which program, and the ids of all that
was found; a strategy is one entry, with all its lines.  A saved search is a
file of its own, in the user's data folder, that remembers what was there at
the last look.  Both are plain to read; the formats are in ``docs/reproducible-searching.md``.
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.documents import SAVED
from evidence_search.errors import HistoryError, QueryError, StrategyError
from evidence_search.files import make_way, read_text
from evidence_search.opening import digest_of
from evidence_search.problems import MOST
from evidence_search.search import SWITCHES, Filters, Search
from evidence_search.version import __version__
from evidence_search.writing import append_line, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evidence_search.crosstab import Crosstab
    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord
    from evidence_search.results import Results
    from evidence_search.strategies.execution import StrategyRun
    from evidence_search.strategies.strategy import Strategy

SAVED_VARIABLE = "EVIDENCE_SEARCH_SAVED"
PROGRAM = f"evidence-search {__version__}"

_NAME = re.compile(r"\w[\w.-]{0,63}")


class Past(NamedTuple):
    """A search as it was run: when, what it found then, and in what state of the corpus.

    Of a ``strategy`` it is the line of the number that ``shown`` is; ``search`` has that line.
    """

    search: Search
    time: str
    ids: tuple[str, ...]
    fingerprint: str = ""
    program: str = ""
    line: int = 0
    strategy: Strategy | None = None
    shown: int = 0


class Comparison(NamedTuple):
    """What a search finds now, against what it found in the past; ids, best match first.

    ``records`` are those new or gone that the corpus has now, by id.
    """

    past: Past
    found: tuple[str, ...]
    records: Mapping[str, StudyRecord] = {}

    @property
    def new(self) -> tuple[str, ...]:
        """Ids that it didn't find then."""
        before = frozenset(self.past.ids)
        return tuple(name for name in self.found if name not in before)

    @property
    def gone(self) -> tuple[str, ...]:
        """Ids that it doesn't find any more."""
        now = frozenset(self.found)
        return tuple(name for name in self.past.ids if name not in now)


class Replay(NamedTuple):
    """The searches of a log, run again on a corpus in the state that ``fingerprint`` tells."""

    log: str
    searches: Sequence[Comparison]
    fingerprint: str


class Log(NamedTuple):
    """The searches of a log as they were run."""

    log: str
    searches: Sequence[Past]


class News(NamedTuple):
    """Saved searches run again, by name."""

    searches: Mapping[str, Comparison]

    @property
    def records(self) -> list[StudyRecord]:
        """The records that are new, each once."""
        return list(
            {name: c.records[name] for c in self.searches.values() for name in c.new}.values()
        )


def compare(past: Past, index: EvidenceIndex) -> Comparison:
    """Run a search again."""
    if past.strategy:
        from evidence_search.strategies.execution import run_strategy

        found = run_strategy(index, past.strategy).ids(past.shown)
    else:
        found = index.rank(past.search)
    comparison = Comparison(past, tuple(found))
    there = frozenset(index.ids())
    wanted = {name for name in (*comparison.new, *comparison.gone) if name in there}
    return comparison._replace(records={name: index.get(name) for name in wanted})


# The log


def log(path: Path, index: EvidenceIndex, found: Results, call: str = "") -> None:
    """Append a search and all that it found to a log.  Raises :class:`ExportError`.

    ``call`` (default: none) is which call of a program or an assistant asked for it.
    """
    search = found.search
    entry = {
        "time": found.provenance.time,
        "query": search.query,
        "options": search.options,
        "mapping": [{"words": a.words, "text": a.text, "kind": a.kind} for a in found.added],
        "notes": list(found.notes),
        "found": found.total,
        "shown": len(found),
        "ids": found.ids,
        **_state(index, call),
    }
    append_line(path, json.dumps(entry))


def log_strategy(
    path: Path, index: EvidenceIndex, run: StrategyRun, number: int, call: str = ""
) -> None:
    """Append a strategy, and all that its line of this number found, to a log.

    ``call`` as of :func:`log`.  Raises :class:`ExportError`, and :class:`StrategyError` where
    there is no such line.
    """
    entry = {
        "time": run.provenance.time,
        "strategy": run.strategy.name,
        "dialect": run.strategy.dialect,
        "lines": [
            {"number": item.line.number, "text": item.line.text, "found": item.count}
            for item in run
        ],
        "notes": [f"line {item.line.number}: {n}" for item in run for n in item.remarks],
        "line": number,
        "found": run.line(number).count,
        "ids": run.ids(number),
        **_state(index, call),
    }
    append_line(path, json.dumps(entry))


def _state(index: EvidenceIndex, call: str) -> dict[str, Any]:
    """Return what an entry says of the corpus and the program, and of who asked."""
    corpus = {
        "folder": str(index.corpus_folder.resolve()),
        "records": len(index),
        "fingerprint": index.fingerprint(),
    }
    return {"corpus": corpus, "program": PROGRAM, **({"call": call} if call else {})}


def assistants_log(corpus_folder: Path) -> Path:
    """Return the log of what assistants search in a corpus, in a folder that is there.

    Raises :class:`HistoryError` where that can't be made.
    """
    folder = saved_folder(corpus_folder)
    _make(folder)
    path = folder / "assistants.jsonl"
    try:
        make_way(path)
    except OSError as error:
        raise HistoryError(f"{path}: can't be written: {error.strerror or error}") from error
    return path


def read_log(path: Path) -> list[Past | HistoryError]:
    """Return each search of a log, and an error for each line that is none, of at most 1000.

    Raises :class:`HistoryError` where the file can't be read.
    """
    try:
        lines = read_text(path).split("\n")
    except OSError as error:
        raise HistoryError(f"{path}: can't be read: {error.strerror or error}") from error
    entries: list[Past | HistoryError] = []
    wrong = 0
    for number, text in enumerate(lines, 1):
        entry = _read(path, number, text) if text.strip() else None
        wrong += isinstance(entry, HistoryError)
        if entry and (isinstance(entry, Past) or wrong <= MOST):
            entries.append(entry)
    if wrong > MOST:
        more = f"found {wrong - MOST} more lines that are no search: mend those before first"
        entries.append(HistoryError(f"{path}: {more}"))
    return entries


def _read(path: Path, number: int, text: str) -> Past | HistoryError:
    try:
        return _logged(json.loads(text), number)
    except (QueryError, StrategyError) as error:
        return HistoryError(f"{path}:{number}: {error}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return HistoryError(
            f"{path}:{number}: expected a search as --log writes it, found "
            f"{text.strip()[:40]!r}: mend or remove the line"
        )


def replay(
    path: Path, index: EvidenceIndex, progress: Callable[[int, int], None] | None = None
) -> Iterator[Comparison | HistoryError]:
    """Run the searches of a log again; yield an error for each line that can't be run.

    ``progress`` is called with lines done and lines to do.  Raises
    :class:`HistoryError` where the file can't be read.
    """
    entries = read_log(path)
    for done, past in enumerate(entries, 1):
        if isinstance(past, HistoryError):
            yield past
        else:
            try:
                yield compare(past, index)
            except QueryError as error:
                yield HistoryError(f"{path}:{past.line}: {error}")
        if progress:
            progress(done, len(entries))


def _logged(values: Any, line: int) -> Past:
    strategy = _strategy(values) if "strategy" in values else None
    shown = values["line"] if strategy else 0
    search = Search(strategy.line(shown).text) if strategy else _search(values)
    return Past(
        search,
        str(values["time"]),
        tuple(map(str, values["ids"])),
        str(values["corpus"]["fingerprint"]),
        str(values["program"]),
        line,
        strategy,
        shown,
    )


def _strategy(values: Any) -> Strategy:
    """Read a strategy with its lines; raise ``ValueError`` for one that can't be."""
    from evidence_search.strategies.strategy import strategy_of

    lines = [(line["number"], line["text"]) for line in values["lines"]]
    if not lines or not all(type(n) is int and isinstance(text, str) for n, text in lines):
        raise ValueError
    return strategy_of(lines, name=str(values["strategy"]), dialect_name=values["dialect"])


def _search(values: Any) -> Search:
    """Read a query with its options; raise ``ValueError`` for one that no search has."""
    query, options = values["query"], dict(values["options"])
    if not isinstance(query, str) or not all(map(_possible, options, options.values())):
        raise ValueError
    return Search.of(query, **options)


def _possible(name: str, value: object) -> bool:
    if name not in Filters.__annotations__:
        return isinstance(value, bool if name in SWITCHES else str)
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str) or (name == "year" and type(value) is int)


# Saved searches


def saved_folder(corpus_folder: Path) -> Path:
    """Return where the saved searches of a corpus are kept: the user's data folder."""
    from platformdirs import user_data_path

    named = os.environ.get(SAVED_VARIABLE)
    base = Path(named) if named else user_data_path("evidence-search") / "saved"
    resolved = corpus_folder.resolve()
    return base / f"{resolved.parent.name or 'root'}-{digest_of(resolved)}"


def save(index: EvidenceIndex, name: str, search: Search, *, replace: bool = False) -> Past:
    """Save a search under a name, with what it finds now.

    Raises :class:`HistoryError` for a name that can't be, or is taken.
    """
    path = _path(index.corpus_folder, name)
    if path.exists() and not replace:
        raise HistoryError(
            f"expected a new name, found that {name!r} is saved already; to replace it: --force"
        )
    looked = Past(search, _now(), tuple(index.rank(search)))
    remember(index.corpus_folder, name, looked)
    return looked


def remember(corpus_folder: Path, name: str, looked: Past) -> None:
    """Keep what a saved search has found as what was there at the last look."""
    values = {
        "name": name,
        "query": looked.search.query,
        "options": looked.search.options,
        "corpus": str(corpus_folder.resolve()),
        "looked": looked.time,
        "ids": list(looked.ids),
    }
    path = _path(corpus_folder, name)
    _make(path.parent)
    text = json.dumps(values, indent=2, ensure_ascii=False)
    write_file(path, [text, "\n"], overwrite=True, own=True)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HistoryError(f"{folder}: can't be made: {error.strerror or error}") from error


def run_saved(index: EvidenceIndex, name: str) -> Comparison:
    """Run a saved search and compare; it is for the caller to :func:`remember`."""
    return compare(read_saved(index.corpus_folder, name), index)


def as_looked_at(comparison: Comparison) -> Past:
    """Return a look at a saved search as the last one."""
    return comparison.past._replace(time=_now(), ids=comparison.found)


def read_saved(corpus_folder: Path, name: str) -> Past:
    """Return a saved search as it was at the last look.  Raises :class:`HistoryError`."""
    path = _path(corpus_folder, name)
    try:
        values = json.loads(read_text(path, regular=True))
        return Past(_search(values), str(values["looked"]), tuple(map(str, values["ids"])))
    except FileNotFoundError:
        known = ", ".join(saved_names(corpus_folder)) or "none yet: evidence-search save"
        raise HistoryError(
            f"expected the name of a saved search ({known}); found {name!r}"
        ) from None
    except OSError as error:
        raise HistoryError(f"{path}: can't be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, QueryError):
        raise HistoryError(
            f"{path}: expected a saved search, found something else: mend it, or remove it with: "
            f"evidence-search saved --remove {name}"
        ) from None


def forget(corpus_folder: Path, name: str) -> None:
    """Remove a saved search.  Raises :class:`HistoryError`."""
    path = _path(corpus_folder, name)
    if not path.exists():
        read_saved(corpus_folder, name)  # which says what there is
    try:
        path.unlink()
    except OSError as error:
        raise HistoryError(f"{path}: can't be removed: {error.strerror or error}") from error


def saved_names(corpus_folder: Path) -> Sequence[str]:
    """Return the names of the saved searches of a corpus, sorted."""
    return sorted(path.stem for path in saved_folder(corpus_folder).glob("*.json"))


def crosstab(index: EvidenceIndex, found: Results, rows: str, columns: str) -> Crosstab:
    """Return what was found counted by two facets, of which one may be ``"saved"``.

    Each saved search of the corpus is then run, and a record counted under those that find it.
    Raises :class:`QueryError` for another facet, and :class:`HistoryError`.
    """
    saved: dict[str, frozenset[str]] = {}
    if SAVED in {rows, columns}:
        for name in saved_names(index.corpus_folder):
            search = read_saved(index.corpus_folder, name).search
            saved[name] = frozenset(index.rank(search))
    return found.crosstab(rows, columns, saved)


def _path(corpus_folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise HistoryError(
            f"expected a name of letters, digits, hyphens, dots and underscores; found {name!r}"
        )
    return saved_folder(corpus_folder) / f"{name}.json"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
