"""Why a query finds what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by, filtering
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("explain")
@click.argument(
    "words",
    nargs=-1,
    required=True,
    metavar="QUERY... [ID]",
    shell_complete=completed_by("words_or_ids"),
)
@filtering
@click.option("--meaning", is_flag=True, help="Records near in meaning too.")
@click.option("--all", "every_word", is_flag=True, help="Every word must match.")
@click.option("--exact", is_flag=True, help="Only these words, not their synonyms.")
@output("explanation")
@click.pass_obj
def command(folders: Folders, /, words: Sequence[str], to: Output, **options: Any) -> None:
    """Say how a query is read, and why it finds a record, or why not.

    The record is the last word, where that is an id or the beginning of one
    id, with a hyphen in it.

    \b
    Examples:
      evidence-search explain drink driving
      evidence-search explain drink driving alcohol-e5-managing
      evidence-search explain '"child protection" AND wales' alcohol-e5-managing
    """
    index, _ = opened(folders)
    *query, last = words
    fitting = [name for name in index.ids() if name.startswith(last)] if "-" in last else []
    if not query or not (len(fitting) == 1 or last in fitting):
        query, last = [*words], ""
    to.write(index.explain(" ".join(query), last or None, **options))
