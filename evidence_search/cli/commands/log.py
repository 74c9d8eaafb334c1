"""Reading a log of searches."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli.messages import say_error
from evidence_search.cli.output import Output, output


@click.command("log")
@click.argument("file", type=click.Path(path_type=Path))
@output("log")
def command(file: Path, to: Output) -> None:
    """Show the searches of a log as a table: when each was run, and what it found.

    The log is one that "search --log" or "run --log" wrote; replay runs it again.

    \b
    Examples:
      evidence-search log searches.jsonl
      evidence-search log searches.jsonl -o searches.csv
    """
    from evidence_search import history
    from evidence_search.errors import HistoryError

    entries = history.read_log(file)
    wrong = [entry for entry in entries if isinstance(entry, HistoryError)]
    for error in wrong:
        say_error(error)
    to.write(history.Log(str(file), [e for e in entries if not isinstance(e, HistoryError)]))
    if wrong:
        raise SystemExit(1)
