"""Commands that keep the corpus and its index in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence_search.cli.common import Folders, progress, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.records import Problem


@click.command()
@click.option("--rebuild", is_flag=True, help="Start afresh, whatever the index holds.")
@click.pass_obj
def index(folders: Folders, rebuild: bool) -> None:
    """Bring the index up to date with the corpus.

    \b
    Examples:
      evidence-search index
      evidence-search index --rebuild
    """
    from evidence_search.index import EvidenceIndex

    opened = EvidenceIndex(*folders.resolved())
    with progress("Reading the corpus") as advance:
        refreshed = opened.refresh(rebuild=rebuild, progress=advance)
    if refreshed.changed:
        click.echo(told(refreshed))
    else:
        click.echo(f"The index is up to date: {refreshed.documents} records")


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.pass_obj
def check(folders: Folders, files: Sequence[str]) -> None:
    """Check the corpus, or some files, as a linter does: file:line:column: message.

    The exit status is 1 where there are errors; warnings are for your eyes.

    \b
    Examples:
      evidence-search check
      evidence-search check my-cells/drug-a1.txt
    """
    from evidence_search.checking import check_corpus, check_file

    found: list[Problem] = []
    for problem in (
        (p for name in files for p in check_file(Path(name)))
        if files
        else check_corpus(folders.resolved()[0])
    ):
        found.append(problem)
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in found)
    click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    if errors:
        raise SystemExit(1)
