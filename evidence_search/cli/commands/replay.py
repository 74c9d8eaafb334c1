"""Running a log of searches again."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import progress, say_error
from evidence_search.cli.output import Output, output


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@output("replay")
@click.pass_obj
def command(folders: Folders, file: Path, to: Output) -> None:
    """Run the searches of a log again, and show what is new or gone since.

    The log is one that "search --log" or "run --log" wrote.

    \b
    Examples:
      evidence-search replay searches.jsonl
      evidence-search replay searches.jsonl --format json
    """
    from evidence_search import history
    from evidence_search.errors import HistoryError

    index, _ = opened(folders)
    with progress("Searching") as advance:
        replayed = list(history.replay(file, index, advance))
    wrong = [error for error in replayed if isinstance(error, HistoryError)]
    for error in wrong:
        say_error(error)
    compared = [found for found in replayed if not isinstance(found, HistoryError)]
    to.write(history.Replay(str(file), compared, index.fingerprint()), index.corpus_folder)
    if wrong:
        raise SystemExit(1)
