"""The timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by, matching
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("timeline")
@click.argument("words", nargs=-1, shell_complete=completed_by("words"))
@matching
@output("timeline")
@click.pass_obj
def command(folders: Folders, /, words: Sequence[str], to: Output, **options: Any) -> None:
    """Draw how many records there are of each year, by category.

    \b
    Examples:
      evidence-search timeline
      evidence-search timeline drink driving -c K -c R
      evidence-search timeline -o timeline.svg
    """
    index, _ = opened(folders)
    table = index.search(" ".join(words), limit=0, **options).crosstab("year", "category")
    to.write(table)
    to.report(table.total)
