"""The evidence map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search import history
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by, matching
from evidence_search.cli.output import Output, output
from evidence_search.documents import AXES

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("map")
@click.argument("words", nargs=-1, shell_complete=completed_by("words"))
@click.option(
    "--rows",
    type=click.Choice(AXES),
    metavar="FACET",
    default="category",
    show_default=True,
    help="What the rows of the map are.",
)
@click.option(
    "--columns",
    type=click.Choice(AXES),
    metavar="FACET",
    default="jurisdiction",
    show_default=True,
    help="What its columns are.",
)
@matching
@output("map")
@click.pass_obj
def command(
    folders: Folders,
    /,
    words: Sequence[str],
    rows: str,
    columns: str,
    to: Output,
    **options: Any,
) -> None:
    """Draw the evidence map: how many records there are of each kind from each place.

    Of all records, or of those that a query and filters match. FACET is
    category, jurisdiction, decade, year, publisher, cell, column, row,
    matrix, type, language, journal, list, author, keyword, source, or saved:
    your saved searches as topics of the map. In HTML and SVG each number leads to its records.

    \b
    Examples:
      evidence-search map
      evidence-search map prison --rows publisher --columns decade
      evidence-search map -j UK -o map.html
    """
    index, _ = opened(folders)
    found = index.search(" ".join(words), limit=0, **options)
    table = history.crosstab(index, found, rows, columns)
    to.write(table)
    to.report(table.total)
