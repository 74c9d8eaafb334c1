"""Searches that are kept: a log of those that were run, and saved ones to run again.

A log has one JSON object a line, for the methods section of a review: what
was asked, when, of which corpus, by which program, and the ids of all that
was found.  A saved search is a file of its own, in the user's data folder,
that remembers what was there at the last look.  Both are plain to read; the
formats are in ``docs/reproducible-searching.md``.
"""

from __future__ import annotations

import inspect
import json
import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search import __version__
from evidence_search.errors import ExportError, HistoryError, QueryError
from evidence_search.index import EvidenceIndex
from evidence_search.index.filters import Filters
from evidence_search.opening import digest_of
from evidence_search.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evidence_search.results import Results

SAVED_VARIABLE = "EVIDENCE_SEARCH_SAVED"
PROGRAM = f"evidence-search {__version__}"

_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys(Filters.__annotations__),
    **{
        name: parameter.default
        for name, parameter in inspect.signature(EvidenceIndex.search).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in {"limit", "offset"}
    },
}
_NAME = re.compile(r"\w[\w.-]{0,63}")


class Search(NamedTuple):
    """What to search: the query as typed, and the options that aren't as usual."""

    query: str
    options: Mapping[str, Any] = {}

    @classmethod
    def of(cls, query: str, options: Mapping[str, Any]) -> Search:
        """Return the search with ``options`` of :meth:`EvidenceIndex.search`, all or some."""
        kept = {
            name: value
            for name, value in options.items()
            if name in _DEFAULTS and value not in (_DEFAULTS[name], (), [])
        }
        if isinstance(kept.get("year"), tuple):
            kept["year"] = "..".join("" if y is None else str(y) for y in kept["year"])
        return cls(query, kept)

    def run(self, index: EvidenceIndex) -> list[str]:
        """Return the ids of all that it finds now, best match first."""
        return index.rank(self.query, **self.options)


class Past(NamedTuple):
    """A search as it was run: when, what it found then, and in what state of the corpus."""

    search: Search
    time: str
    ids: tuple[str, ...]
    fingerprint: str = ""
    program: str = ""
    line: int = 0


class Comparison(NamedTuple):
    """What a search finds now, against what it found in the past; ids, best match first."""

    past: Past
    found: tuple[str, ...]

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


def compare(past: Past, index: EvidenceIndex) -> Comparison:
    """Run a search again."""
    return Comparison(past, tuple(past.search.run(index)))


# The log


def log(path: Path, index: EvidenceIndex, search: Search, found: Results) -> None:
    """Append a search and all that it found to a log.  Raises :class:`ExportError`."""
    entry = {
        "time": _now(),
        "query": search.query,
        "options": search.options,
        "mapping": [{"words": a.words, "text": a.text, "kind": a.kind} for a in found.added],
        "notes": list(found.notes),
        "found": found.total,
        "shown": len(found),
        "ids": search.run(index),
        "corpus": {
            "folder": str(index.corpus_folder.resolve()),
            "records": len(index),
            "fingerprint": index.fingerprint(),
        },
        "program": PROGRAM,
    }
    try:
        _append(path, json.dumps(entry) + "\n")
    except OSError as error:
        raise ExportError(f"{path}: can't be written: {error.strerror or error}") from error


def _append(path: Path, text: str) -> None:
    """Append in one write, so that two searches at once don't mix their lines."""
    with path.open("ab+", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a line that a crash or a full disk cut short
                text = f"\n{text}"
        data = text.encode()
        if file.write(data) != len(data):
            raise OSError(0, "the disk is full")
        os.fsync(file.fileno())


def read_log(path: Path) -> list[Past | HistoryError]:
    """Return each search of a log, and an error for each line that is none.

    Raises :class:`HistoryError` where the file can't be read.
    """
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise HistoryError(f"{path}: can't be read: {error.strerror or error}") from error
    return [_read(path, number, text) for number, text in enumerate(lines, 1) if text.strip()]


def _read(path: Path, number: int, text: str) -> Past | HistoryError:
    try:
        return _logged(json.loads(text), number)
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
    return Past(
        _search(values),
        str(values["time"]),
        tuple(map(str, values["ids"])),
        str(values["corpus"]["fingerprint"]),
        str(values["program"]),
        line,
    )


def _search(values: Any) -> Search:
    """Read a query with its options; raise ``ValueError`` for one that no search has."""
    options = dict(values["options"])
    if not isinstance(values["query"], str) or not all(map(_possible, options, options.values())):
        raise ValueError
    return Search(values["query"], options)


def _possible(name: str, value: object) -> bool:
    if name not in _DEFAULTS:
        return False
    if isinstance(_DEFAULTS[name], bool):
        return isinstance(value, bool)
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
    looked = Past(search, _now(), tuple(search.run(index)))
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
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HistoryError(f"{path.parent}: can't be made: {error.strerror or error}") from error
    write_file(path, [json.dumps(values, indent=2, ensure_ascii=False), "\n"], overwrite=True)


def look(index: EvidenceIndex, name: str) -> Comparison:
    """Run a saved search and compare; it is for the caller to :func:`remember`."""
    return compare(recall(index.corpus_folder, name), index)


def looked(comparison: Comparison) -> Past:
    """Return a look at a saved search as the last one."""
    return comparison.past._replace(time=_now(), ids=comparison.found)


def recall(corpus_folder: Path, name: str) -> Past:
    """Return a saved search as it was at the last look.  Raises :class:`HistoryError`."""
    path = _path(corpus_folder, name)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Past(_search(values), str(values["looked"]), tuple(map(str, values["ids"])))
    except FileNotFoundError:
        known = ", ".join(saved_names(corpus_folder)) or "none yet: evidence-search save"
        raise HistoryError(
            f"expected the name of a saved search ({known}); found {name!r}"
        ) from None
    except OSError as error:
        raise HistoryError(f"{path}: can't be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise HistoryError(
            f"{path}: expected a saved search, found something else: mend it, or remove it with: "
            f"evidence-search saved --remove {name}"
        ) from None


def forget(corpus_folder: Path, name: str) -> None:
    """Remove a saved search.  Raises :class:`HistoryError`."""
    path = _path(corpus_folder, name)
    if not path.exists():
        recall(corpus_folder, name)  # which says what there is
    try:
        path.unlink()
    except OSError as error:
        raise HistoryError(f"{path}: can't be removed: {error.strerror or error}") from error


def saved_names(corpus_folder: Path) -> Sequence[str]:
    """Return the names of the saved searches of a corpus, sorted."""
    return sorted(path.stem for path in saved_folder(corpus_folder).glob("*.json"))


def _path(corpus_folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise HistoryError(
            f"expected a name of letters, digits, hyphens, dots and underscores; found {name!r}"
        )
    return saved_folder(corpus_folder) / f"{name}.json"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
