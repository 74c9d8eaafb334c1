"""Commands that keep the corpus and its index in order."""

from __future__ import annotations

import click

from evidence_search.cli.common import Folders, progress, told


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
