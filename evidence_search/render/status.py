"""The state of an index, and what a refresh did, for a person and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.escaping import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.index.state import Changes, Refreshed, Status
    from evidence_search.render.style import Style

_MAX_PATHS = 5
_WHOOSH_SERVES = 20_000
"""Records; with more, a search on tantivy takes less time: see docs/engines.md."""
_ADVICE = "above 20,000 records tantivy is faster: --index tantivy:FOLDER (help engines)"
_THESAURUS = {
    "corpus": "thesaurus.toml of the corpus",
    "program": "the one that comes with the program, since the corpus has none of its own",
    "none": "none",
}


def text(status: Status, style: Style) -> str:
    """Return what an index is, a fact a line."""
    refreshed = status.refreshed
    rows = [
        ("Corpus", status.corpus_folder),
        ("Index", status.index_folder),
        ("Records", f"{status.documents:,} in {_files(status.files)}"),
        ("Size", f"{_size(status.size)} on disk"),
        ("Engine", status.engine),
        ("Analysis", f"version {status.version}" if status.version else "none yet"),
        ("Thesaurus", _THESAURUS[status.thesaurus]),
        ("Refreshed", f"{refreshed.astimezone():%Y-%m-%d %H:%M:%S %z}" if refreshed else "never"),
        ("To check", f"{status.problems}: evidence-search check" if status.problems else "nothing"),
        ("Changed", "; ".join(_changed(status.changes)) or "nothing since"),
        *([("Damage", status.damage)] if status.damage else []),
        *([("Advice", _ADVICE)] if _outgrown(status) else []),
    ]
    from evidence_search.render.text import folded  # a refresh only says what it did

    folds = (folded(f"{name + ':':<11} ", line(value), style) for name, value in rows)
    return "".join(f"{row}\n" for row in folds)


def _outgrown(status: Status) -> bool:
    return status.documents > _WHOOSH_SERVES and status.engine.startswith("whoosh")


def as_json(status: Status) -> str:
    """Return the same as one JSON object; ``docs/output-format.md`` describes it."""
    changes = status.changes._asdict()
    del changes["touched"]
    refreshed = status.refreshed and status.refreshed.isoformat(timespec="seconds")
    value = {**status._asdict(), "refreshed": refreshed, "changes": changes}
    return json.dumps(value, indent=2) + "\n"


def refresh_summary(refreshed: Refreshed) -> str:
    """Return what a refresh did, in one line."""
    counts = f"{refreshed.added} added, {refreshed.replaced} replaced, {refreshed.removed} removed"
    verb = "Built" if refreshed.rebuilt else "Refreshed"
    reason = f" anew ({line(refreshed.reason)})" if refreshed.reason else ""
    words = refreshed.bundled and (refreshed.rebuilt or refreshed.thesaurus)
    thesaurus = "; thesaurus: the one that comes with the program" if words else ""
    problems = len(refreshed.problems)
    checked = f"; {problems} to check: evidence-search check" if problems else ""
    return (
        f"{verb} the index{reason}: {counts}; {refreshed.documents} records, "
        f"{refreshed.seconds:.1f} s{thesaurus}{checked}"
    )


def _changed(changes: Changes) -> Iterator[str]:
    for kind in ("added", "changed", "removed"):
        paths = getattr(changes, kind)
        if paths:
            more = f" and {len(paths) - _MAX_PATHS} more" if len(paths) > _MAX_PATHS else ""
            yield f"{len(paths)} {kind} ({', '.join(paths[:_MAX_PATHS])}{more})"
    if changes.thesaurus:
        yield "the thesaurus"
    if changes.version:
        yield "the version of the program: the next refresh builds all anew"


def _files(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"


def _size(size: float) -> str:
    """Return a number of bytes in the largest unit that keeps it above 1."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
