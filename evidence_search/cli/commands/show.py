"""Whole records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.options import completed_by
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("show")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completed_by("ids"))
@click.option("--edit", is_flag=True, help="Open the file in $VISUAL or $EDITOR, at the record.")
@click.option("--listings", is_flag=True, help="Each listing of a document for itself.")
@output("records")
@click.pass_obj
def command(folders: Folders, ids: Sequence[str], edit: bool, listings: bool, to: Output) -> None:
    """Show whole records, each by its id or the beginning of it, or by its number.

    Numbers are those of the last search in this corpus, also as a range: 1-5.

    \b
    Examples:
      evidence-search show 3
      evidence-search show 1-5 -o reading-list.ris
      evidence-search show alcohol-e5-managing
      evidence-search show alcohol-e5-managing --format json
      evidence-search show alcohol-e5-managing --edit
    """
    index, _ = opened(folders)
    records = [index.get(id_) for id_ in recent.named(index, ids)]
    if edit:
        from evidence_search.cli import editor

        if len(records) > 1:
            raise click.UsageError(f"expected one ID with --edit, found {len(records)}")
        editor.edit(index.corpus_folder, records[0].source)
    else:
        if listings:
            records = [entry for record in records for entry in record.entries]
        to.write(records, index.corpus_folder)
        to.report(len(records))
