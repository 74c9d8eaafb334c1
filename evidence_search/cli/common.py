"""What several commands need: the folders, the index, the style, the formats."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from evidence_search import opening
from evidence_search.render import FORMATS as _TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from evidence_search.index.state import Refreshed
    from evidence_search.records import StudyRecord
    from evidence_search.render.text import Style

EXPORTS = tuple(_TABLE)
"""Names for ``--format`` of records."""

FORMATS = ("text", *EXPORTS)
"""Names for ``--format`` of what a person reads by default."""


_PATIENCE = 1.0  # seconds


class Folders(NamedTuple):
    """What ``--corpus`` and ``--index`` named; each command gets it as its first argument."""

    corpus_folder: str | None
    index_folder: str | None

    def resolved(self) -> tuple[Path, Path]:
        """Return the corpus and the index folder to use."""
        return opening.folders(self.corpus_folder, self.index_folder)


def opened(folders: Folders) -> tuple[EvidenceIndex, Refreshed | None]:
    """Open the index, up to date; say so in one line on standard error where that took writing."""
    from evidence_search.index import EvidenceIndex

    index = EvidenceIndex(*folders.resolved())
    if not index.changes():
        return index, None
    with progress("Reading the corpus") as advance:
        refreshed = index.refresh(progress=advance)
    if refreshed.changed:
        click.echo(told(refreshed), err=True)
    return index, refreshed


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with what is done and all there is to do.

    It draws a bar on standard error, where that is a terminal and the work
    has taken a second.
    """
    begun = time.monotonic()
    with ExitStack() as stack:
        bar: Any = None  # click doesn't export the type

        def advance(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                if not sys.stderr.isatty() or time.monotonic() - begun < _PATIENCE:
                    return
                bar = stack.enter_context(
                    click.progressbar(length=total, label=label, file=sys.stderr)
                )
            bar.update(done - bar.pos)

        yield advance


def told(refreshed: Refreshed) -> str:
    """Return what a refresh did, in one line."""
    counts = f"{refreshed.added} added, {refreshed.replaced} replaced, {refreshed.removed} removed"
    verb = "Built" if refreshed.rebuilt else "Refreshed"
    problems = len(refreshed.problems)
    checked = f"; {problems} to check: evidence-search check" if problems else ""
    return (
        f"{verb} the index: {counts}; {refreshed.documents} records, "
        f"{refreshed.seconds:.1f} s{checked}"
    )


def style() -> Style:
    """Return how to draw on standard output."""
    import shutil

    from evidence_search.render.text import Style

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Style(min(shutil.get_terminal_size().columns, 100), colour)


def export(records: Iterable[StudyRecord], name: str) -> None:
    """Write records in a format of ``EXPORTS`` to standard output."""
    from evidence_search.render import exporter

    for piece in exporter(name)(records):
        sys.stdout.write(piece)
