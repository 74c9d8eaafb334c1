"""How many records each label has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by, matching
from evidence_search.cli.output import Output, output
from evidence_search.documents import FACETS, MORE_FACETS

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("facets")
@click.argument("words", nargs=-1, shell_complete=completed_by("words"))
@click.option(
    "-f",
    "--facet",
    "names",
    multiple=True,
    type=click.Choice((*FACETS, *MORE_FACETS)),
    help="Only this. Repeatable.",
)
@matching
@output("facets")
@click.pass_obj
def command(
    folders: Folders, /, words: Sequence[str], names: Sequence[str], to: Output, **options: Any
) -> None:
    """Draw how many records each label has, of all or of those a query matches.

    The labels of a facet that you filter by are counted as if you didn't, so
    that you see what else there is.

    \b
    Examples:
      evidence-search facets
      evidence-search facets domestic violence -f jurisdiction
      evidence-search facets prison -c guidance --format tsv
    """
    index, _ = opened(folders)
    to.write(index.facets(" ".join(words), names or (*FACETS, *MORE_FACETS), **options))
