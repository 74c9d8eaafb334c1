"""The report of a strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import completed_by
from evidence_search.cli.output import Output, output
from evidence_search.cli.strategies import of_strategy, strategy_of
from evidence_search.lists import EXCLUDED, INCLUDED

if TYPE_CHECKING:
    from pathlib import Path


@click.command("report")
@of_strategy
@click.option(
    "--included",
    metavar="LIST",
    default=INCLUDED,
    show_default=True,
    shell_complete=completed_by("lists"),
    help="The list of what was included.",
)
@click.option(
    "--excluded",
    metavar="LIST",
    default=EXCLUDED,
    show_default=True,
    shell_complete=completed_by("lists"),
    help="That of what was excluded; notes are reasons.",
)
@output("report")
@click.pass_obj
def command(
    folders: Folders,
    /,
    file: Path,
    dialect_name: str | None,
    included: str,
    excluded: str,
    to: Output,
) -> None:
    """Run a strategy and write the report of the search.

    The report has the strategy line by line as run, the flow of records (PRISMA 2020) with the
    numbers of sources, duplicates, and what is on the lists "included", "excluded" (by reason)
    and "maybe", where the decisions of screening tools are too, and the items of PRISMA-S that
    the program knows; what only people know is left to be filled in.

    \b
    Examples:
      evidence-search report strategy.txt
      evidence-search report strategy.txt -o report.html
      evidence-search report strategy.txt -o report.docx
      evidence-search report strategy.txt --included "full text"
    """
    from evidence_search.strategies.execution import run_strategy
    from evidence_search.strategies.report import report

    index, _ = opened(folders)
    run = run_strategy(index, strategy_of(file, dialect_name))
    to.write(report(run, index, included=included, excluded=excluded))
    if to.path:
        say(f"Wrote the report to {to.path}")
