"""Commands that run searches again: those of a log, and saved ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.common import (
    Folders,
    Output,
    completed_by,
    opened,
    output,
    progress,
    searching,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evidence_search.history import Comparison
    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@output(("text", "json"))
@click.pass_obj
def replay(folders: Folders, file: Path, to: Output) -> None:
    """Run the searches of a log again, and show what is new or gone since.

    The log is one that "search --log" wrote.

    \b
    Examples:
      evidence-search replay searches.jsonl
      evidence-search replay searches.jsonl --format json
    """
    from evidence_search import history
    from evidence_search.errors import HistoryError
    from evidence_search.render import history as render

    index, _ = opened(folders)
    with progress("Searching") as advance:
        replayed = list(history.replay(file, index, advance))
    wrong = [error for error in replayed if isinstance(error, HistoryError)]
    compared = [found for found in replayed if not isinstance(found, HistoryError)]
    for error in wrong:
        click.echo(f"evidence-search: {error}", err=True)
    if to.form == "json":
        values = [render.as_dict(c) for c in compared]
        to.write([json.dumps(values, indent=2), "\n"])
    else:
        records = _records(index, compared)
        drawn = to.style(index.corpus_folder)
        pieces = [
            "".join(render.changes(f"{file}:{c.past.line}", c, records, drawn)) for c in compared
        ]
        end = render.summary(compared, index.fingerprint(), history.PROGRAM)
        to.write("\n".join([*pieces, end]))
    if wrong:
        raise SystemExit(1)


def _records(index: EvidenceIndex, compared: Iterable[Comparison]) -> dict[str, StudyRecord]:
    """Return the records that are new or gone and still in the corpus, by id."""
    there = frozenset(index.ids())
    wanted = {name for comparison in compared for name in (*comparison.new, *comparison.gone)}
    return {name: index.get(name) for name in wanted & there}


@click.command()
@click.argument("name")
@click.argument("words", nargs=-1, required=True, shell_complete=completed_by("words"))
@searching
@click.option("--force", is_flag=True, help="Let it replace a saved search of that name.")
@click.pass_obj
def save(folders: Folders, /, name: str, words: Sequence[str], force: bool, **options: Any) -> None:
    """Save a search, to see later what is new.

    Saved searches are kept in your data folder, for each corpus by itself.

    \b
    Examples:
      evidence-search save prisons prison throughcare -c guidance
      evidence-search new prisons
    """
    from evidence_search import history

    index, _ = opened(folders)
    search = history.Search.of(" ".join(words), options)
    looked = history.save(index, name, search, replace=force)
    click.echo(f"Saved {name}: {len(looked.ids)} records match now")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completed_by("saved_names"))
@click.option("--peek", is_flag=True, help="Look, but don't remember it as the last look.")
@output()
@click.pass_obj
def new(folders: Folders, names: Sequence[str], peek: bool, to: Output) -> None:
    """Show what matches saved searches and was not there at the last look.

    Without a name it looks at all saved searches of the corpus.

    \b
    Examples:
      evidence-search new
      evidence-search new prisons
      evidence-search new prisons --peek -o new.ris
    """
    from evidence_search import history

    index, _ = opened(folders)
    folder = index.corpus_folder
    compared = {name: history.look(index, name) for name in names or history.saved_names(folder)}
    if not compared:
        click.echo("No searches are saved; save one with: evidence-search save", err=True)
    if to.form == "text":
        from evidence_search.render import history as render

        records = _records(index, compared.values())
        drawn = to.style(folder)
        pieces = ["".join(render.changes(name, c, records, drawn)) for name, c in compared.items()]
        to.write("\n".join(pieces))
    else:
        ids = dict.fromkeys(name for c in compared.values() for name in c.new)
        to.write_records([index.get(name) for name in ids], folder)
    sys.stdout.flush()  # what couldn't be shown isn't remembered as seen
    if not peek:
        for name, comparison in compared.items():
            history.remember(folder, name, history.looked(comparison))


@click.command()
@click.option(
    "--remove",
    metavar="NAME",
    help="Remove a saved search.",
    shell_complete=completed_by("saved_names"),
)
@click.pass_obj
def saved(folders: Folders, remove: str | None) -> None:
    """List the saved searches of the corpus, one a line.

    \b
    Examples:
      evidence-search saved
      evidence-search saved --remove prisons
    """
    from evidence_search import history
    from evidence_search.render import history as render

    folder = folders.resolved()[0]
    if remove:
        history.forget(folder, remove)
        click.echo(f"Removed {remove}")
        return
    for name in history.saved_names(folder):
        click.echo(render.saved(name, history.recall(folder, name)), nl=False)
