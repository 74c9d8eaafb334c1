"""Commands that show the corpus as a picture, or at a glance."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.common import Folders, Output, completed_by, matching, opened, output
from evidence_search.crosstab import AXES
from evidence_search.render import MAP_FORMATS, TIMELINE_FORMATS, function

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evidence_search.crosstab import Crosstab

_PICTURES = ("png", "pdf")


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
@output(tuple(MAP_FORMATS))
@click.pass_obj
def map_(
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
    category, jurisdiction, decade, year, publisher, cell, column, row or
    matrix. In HTML and SVG each number leads to its records.

    \b
    Examples:
      evidence-search map
      evidence-search map prison --rows publisher --columns decade
      evidence-search map -j UK -o map.html
    """
    index, _ = opened(folders)
    found = index.search(" ".join(words), limit=0, **options)
    _draw(found.crosstab(rows, columns), MAP_FORMATS, to)


@click.command()
@click.argument("words", nargs=-1, shell_complete=completed_by("words"))
@matching
@output(tuple(TIMELINE_FORMATS))
@click.pass_obj
def timeline(folders: Folders, /, words: Sequence[str], to: Output, **options: Any) -> None:
    """Draw how many records there are of each year, by category.

    \b
    Examples:
      evidence-search timeline
      evidence-search timeline drink driving -c K -c R
      evidence-search timeline -o timeline.svg
    """
    index, _ = opened(folders)
    found = index.search(" ".join(words), limit=0, **options)
    _draw(found.crosstab("year", "category"), TIMELINE_FORMATS, to)


def _draw(table: Crosstab, formats: Mapping[str, str], to: Output) -> None:
    drawn = function(formats[to.form])
    if to.form == "text":
        width = 80 if to.path else shutil.get_terminal_size().columns  # a table takes all there is
        to.write(drawn(table, to.style()._replace(width=width)))
    elif to.form in _PICTURES:
        if not to.path and sys.stdout.isatty():
            raise click.UsageError(f"expected a file for the {to.form}: -o FILE")
        to.write_bytes(drawn(table))
    else:
        to.write(drawn(table))
    to.report(table.total)


@click.command()
@output(("text", "json"))
@click.pass_obj
def stats(folders: Folders, to: Output) -> None:
    """Show the corpus at a glance: files, cells, records, places, years, words, problems.

    \b
    Examples:
      evidence-search stats
      evidence-search stats --format json
    """
    from evidence_search.render.stats import as_json, text

    index, _ = opened(folders)
    counts = index.stats()
    if to.form == "json":
        to.write(as_json(counts))
    else:
        to.write(text(counts, to.style()))
    to.report(counts.records)
