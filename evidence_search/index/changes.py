"""What of a corpus differs from what an index was made of; cheap where nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.index.state import VERSION, Changes
from evidence_search.thesaurus.source import home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from evidence_search.corpus import Stamp
    from evidence_search.index.state import Entry, State

# Two savings within one tick of a file system's clock have one time.  A tick of the
# usual ones is that of the kernel's clock, 10 ms at most; of coarse ones, which count
# in whole seconds, 2 s.
_TICK_NS = 20_000_000
_COARSE_TICK_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000


def compare(folder: Path, stamps: Mapping[str, Stamp], state: State, max_size: int) -> Changes:
    """Return what differs between a corpus, of which ``stamps`` are a scan, and a state.

    What is in a folder that can't be read stands as it was.
    """
    hidden = tuple(path for path in stamps if path.endswith("/"))
    changed: list[str] = []
    touched: list[tuple[str, Entry]] = []
    for path, stamp in stamps.items():
        known = state.files.get(path)
        if known is None:
            continue
        verdict = _compare(folder, path, stamp, known, state.refreshed, max_size)
        if verdict is None:
            changed.append(path)
        elif verdict != known:
            touched.append((path, verdict))
    same, entry = _thesaurus(folder, state, max_size)
    if same and entry and entry != state.thesaurus:
        touched.append((corpus.THESAURUS, entry))
    return Changes(
        added=tuple(path for path in stamps if path not in state.files),
        changed=tuple(changed),
        removed=tuple(
            path for path in state.files if path not in stamps and not path.startswith(hidden)
        ),
        thesaurus=not same,
        version=state.version != VERSION,
        touched=tuple(touched),
    )


def _compare(
    folder: Path, path: str, stamp: Stamp, known: Entry, refreshed: int, max_size: int
) -> Entry | None:
    """Return what is to be known of a file whose bytes are as they were, else ``None``.

    It is read only where its size or time differ, or its time is within a tick of the
    clock of the last refresh (``refreshed``, in ns).
    """
    size, changed, digest = known
    same = stamp == (size, changed)
    tick = _TICK_NS if changed % _SECOND_NS else _COARSE_TICK_NS
    if digest == corpus.TOO_LARGE:
        return known if same and size > max_size else None
    if digest == corpus.LINK:
        return known if same else None
    if digest.startswith(corpus.MISSING_LIBRARY):
        return known if same and digest == without_library() else None
    if digest == corpus.UNREADABLE:
        return None if _digest(folder, path, max_size) else known
    if same and changed + tick < refreshed:
        return known
    if stamp.size != size or _digest(folder, path, max_size) != digest:
        return None
    return (*stamp, digest)


def _digest(folder: Path, path: str, max_size: int) -> str:
    """Return the digest of a file, ``""`` where it can't be read."""
    try:
        data, _ = corpus.read_bytes(folder, path, max_size)
    except OSError:
        return ""
    return corpus.digest(data)


def without_library() -> str:
    """Return the digest of files that can't be read with the libraries that there are now."""
    from evidence_search.importing import installed

    return f"{corpus.MISSING_LIBRARY}: only {', '.join(installed())}"


def _thesaurus(folder: Path, state: State, max_size: int) -> tuple[bool, Entry | None]:
    """Tell whether the thesaurus is as it was, and return it as the next refresh will know it."""
    folder, max_size = home(folder, max_size)
    stamp = corpus.stamp_of(folder, corpus.THESAURUS)
    known = state.thesaurus
    if stamp is None or known is None:
        return stamp is None and known is None, None
    entry = _compare(folder, corpus.THESAURUS, stamp, known, state.refreshed, max_size)
    return entry is not None, entry
