"""The state of an index, for a person and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.index.state import Changes, Status

_MAX_PATHS = 5


def status_text(status: Status) -> str:
    """Return what an index is, a fact a line."""
    refreshed = status.refreshed
    rows = [
        ("Corpus", status.corpus_folder),
        ("Index", status.index_folder),
        ("Records", f"{status.documents:,} in {_files(status.files)}"),
        ("Size", f"{_size(status.size)} on disk"),
        ("Engine", status.engine),
        ("Analysis", f"version {status.version}" if status.version else "none yet"),
        ("Refreshed", f"{refreshed.astimezone():%Y-%m-%d %H:%M:%S %z}" if refreshed else "never"),
        ("To check", f"{status.problems}: evidence-search check" if status.problems else "nothing"),
        ("Changed", "; ".join(_changed(status.changes)) or "nothing since"),
        *([("Damage", status.damage)] if status.damage else []),
    ]
    return "".join(f"{name + ':':<11} {line(value)}\n" for name, value in rows)


def status_json(status: Status) -> str:
    """Return the same as one JSON object; ``docs/output-format.md`` describes it."""
    changes = status.changes._asdict()
    del changes["touched"]
    refreshed = status.refreshed and status.refreshed.isoformat(timespec="seconds")
    value = {**status._asdict(), "refreshed": refreshed, "changes": changes}
    return json.dumps(value, indent=2) + "\n"


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
