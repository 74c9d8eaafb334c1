"""A strategy, held against known papers."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.output import Output, output
from evidence_search.cli.strategies import of_strategy, strategy_of


@click.command("recall")
@of_strategy
@click.argument("papers", type=click.Path(path_type=Path))
@output("recall")
@click.pass_obj
def command(
    folders: Folders, /, file: Path, dialect_name: str | None, papers: Path, to: Output
) -> None:
    """Say which known papers a strategy finds, and which line loses each of the others.

    PAPERS is a file of records in any format that a corpus may have, such as RIS.

    \b
    Examples:
      evidence-search recall strategy.txt known.ris
      evidence-search recall strategy.txt known.ris --format json
    """
    from evidence_search.strategies.execution import run_strategy
    from evidence_search.strategies.recall import read_papers, recall

    known = read_papers(papers)
    index, _ = opened(folders)
    run = run_strategy(index, strategy_of(file, dialect_name))
    to.write(recall(run, index, known))
