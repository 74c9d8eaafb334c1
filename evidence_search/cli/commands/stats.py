"""The corpus at a glance."""

from __future__ import annotations

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.output import Output, output


@click.command("stats")
@output("stats")
@click.pass_obj
def command(folders: Folders, to: Output) -> None:
    """Show the corpus at a glance: files, cells, records, places, years, words, problems.

    \b
    Examples:
      evidence-search stats
      evidence-search stats --format json
    """
    index, _ = opened(folders)
    stats = index.stats()
    to.write(stats)
    to.report(stats.records)
