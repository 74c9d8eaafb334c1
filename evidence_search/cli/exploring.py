"""Commands that look into a corpus: what there is, what is alike, and why something is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.common import (
    Folders,
    Output,
    completed_by,
    filtering,
    matching,
    opened,
    output,
)
from evidence_search.cli.searching import rendered
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


@click.command()
@click.argument("id_", metavar="ID", shell_complete=completed_by("ids"))
@filtering
@click.option("-n", "--limit", type=click.IntRange(0), default=10, show_default=True)
@output()
@click.pass_obj
def similar(folders: Folders, /, id_: str, limit: int, to: Output, **filters: Any) -> None:
    """Find the records most like one, by the words that tell most of it.

    \b
    Examples:
      evidence-search similar alcohol-e5-managing
      evidence-search similar alcohol-e5-managing -j Scotland --format lines
    """
    index, refreshed = opened(folders)
    found = index.similar(id_, limit=limit, **filters)
    to.write(rendered(found, to, index, refreshed))
    to.report(len(found), found.total)


@click.command()
@click.argument(
    "words",
    nargs=-1,
    required=True,
    metavar="QUERY... [ID]",
    shell_complete=completed_by("words_or_ids"),
)
@filtering
@click.option("--all", "every_word", is_flag=True, help="Every word must match.")
@click.option("--exact", is_flag=True, help="Only these words, not their synonyms.")
@output(("text", "json"))
@click.pass_obj
def explain(folders: Folders, /, words: Sequence[str], to: Output, **options: Any) -> None:
    """Say how a query is read, and why it finds a record, or why not.

    The record is the last word, where that is an id or the beginning of one
    id, with a hyphen in it.

    \b
    Examples:
      evidence-search explain drink driving
      evidence-search explain drink driving alcohol-e5-managing
      evidence-search explain '"child protection" AND wales' alcohol-e5-managing
    """
    from evidence_search.render.explanations import FORMATS

    index, _ = opened(folders)
    *query, last = words
    fitting = [name for name in index.ids() if name.startswith(last)] if "-" in last else []
    if not query or not (len(fitting) == 1 or last in fitting):
        query, last = [*words], ""
    explanation = index.explain(" ".join(query), last or None, **options)
    to.write(FORMATS[to.form](explanation, to.style()))


@click.command()
@click.argument("words", nargs=-1, required=True, shell_complete=completed_by("words"))
@filtering
@click.option(
    "--width", type=click.IntRange(0), default=40, show_default=True, help="Characters each side."
)
@click.option(
    "--sort",
    type=click.Choice(["record", "left", "right"]),
    default="record",
    show_default=True,
    help="By record, or by what stands left or right of the word.",
)
@output(_FORMATS)
@click.pass_obj
def kwic(
    folders: Folders,
    /,
    words: Sequence[str],
    width: int,
    sort: str,
    to: Output,
    **filters: Any,
) -> None:
    """Show each place where records have a word, phrase or pattern, in its context.

    \b
    Examples:
      evidence-search kwic probation
      evidence-search kwic 'offend*' --sort right --width 30
      evidence-search kwic '"child protection"' -j Scotland
    """
    from evidence_search.render.concordances import FORMATS

    index, _ = opened(folders)
    lines = index.kwic(" ".join(words), width=width, sort=sort, **filters)
    to.write(FORMATS[to.form](lines, to.style(), index.ids()))
