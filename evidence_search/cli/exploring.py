"""Commands that look into a corpus: what there is, what is alike, and why something is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.common import Folders, Output, completed_by, matching, opened, output
from evidence_search.documents import FACETS

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMATS = ("text", "json", "tsv")


@click.command()
@click.argument("words", nargs=-1, shell_complete=completed_by("words"))
@click.option(
    "-f",
    "--facet",
    "names",
    multiple=True,
    type=click.Choice(FACETS),
    help="Only this. Repeatable.",
)
@matching
@output(_FORMATS)
@click.pass_obj
def facets(
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
    from evidence_search.render.facets import FORMATS

    index, _ = opened(folders)
    counts = index.facets(" ".join(words), names or FACETS, **options)
    to.write(FORMATS[to.form](counts, to.style()))
