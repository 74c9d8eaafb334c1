"""Records like another one."""

from __future__ import annotations

from typing import Any

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by, filtering
from evidence_search.cli.output import Output, output
from evidence_search.values import replace


@click.command("similar")
@click.argument("id_", metavar="ID", shell_complete=completed_by("ids"))
@filtering
@click.option("--meaning", is_flag=True, help="Records near in meaning too.")
@click.option("-n", "--limit", type=click.IntRange(0), default=10, show_default=True)
@output("results")
@click.pass_obj
def command(
    folders: Folders, /, id_: str, limit: int, meaning: bool, to: Output, **filters: Any
) -> None:
    """Find the records most like one, by the words that tell most of it.

    With --meaning also by what it means: see evidence-search help meaning.

    ID is an id, the beginning of one, or the number of a hit of the last search.

    \b
    Examples:
      evidence-search similar 2
      evidence-search similar alcohol-e5-managing
      evidence-search similar alcohol-e5-managing -j Scotland --format lines
    """
    index, refreshed = opened(folders)
    ids = recent.named(index, [id_])
    if len(ids) != 1:
        raise click.UsageError(f"expected one record, found {len(ids)}")
    results = index.similar(ids[0], limit=limit, meaning=meaning, **filters)
    to.write(replace(results, refreshed=refreshed.changed), index.corpus_folder)
    to.report(len(results), results.total)
    first = 1 if to.form == "lines" else results.offset + 1
    recent.remember(index, enumerate((record.id for record in results.records), first))
