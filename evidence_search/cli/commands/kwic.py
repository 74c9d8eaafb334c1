"""Words in their context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by, filtering
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("kwic")
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
@output("concordance")
@click.pass_obj
def command(
    folders: Folders,
    /,
    words: Sequence[str],
    width: int,
    sort: str,
    to: Output,
    **filters: Any,
) -> None:
    """Show each place where records have a word, phrase or pattern, in its context.

    The number before a line is that of its record: evidence-search show 1.

    \b
    Examples:
      evidence-search kwic probation
      evidence-search kwic 'offend*' --sort right --width 30
      evidence-search kwic '"child protection"' -j UK
    """
    index, _ = opened(folders)
    places = index.kwic(" ".join(words), width=width, sort=sort, **filters)
    to.write(places)
    recent.remember(index, ((number, name) for name, number in places.numbers.items()))
