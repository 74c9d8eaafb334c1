"""Commands that show records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.common import Folders, Output, completed_by, opened, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("list")
@output(default="lines")
@click.pass_obj
def list_(folders: Folders, to: Output) -> None:
    """List all records, in the order of the corpus.

    \b
    Examples:
      evidence-search list
      evidence-search list --format jsonl
      evidence-search list -o records.csv
    """
    index, _ = opened(folders)
    to.write_records(index.records, index.corpus_folder)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completed_by("ids"))
@click.option("--edit", is_flag=True, help="Open the file in $VISUAL or $EDITOR, at the record.")
@output()
@click.pass_obj
def show(folders: Folders, ids: Sequence[str], edit: bool, to: Output) -> None:
    """Show whole records, each by its id or the beginning of it.

    \b
    Examples:
      evidence-search show alcohol-e5-managing
      evidence-search show alcohol-e5-managing --format json
      evidence-search show alcohol-e5-managing --edit
    """
    index, _ = opened(folders)
    records = [index.get(id_) for id_ in ids]
    if edit:
        from evidence_search.cli import editing

        if len(records) > 1:
            raise click.UsageError(f"expected one ID with --edit, found {len(records)}")
        editing.edit(index.corpus_folder, records[0].source)
    else:
        to.write_records(records, index.corpus_folder)
