"""Commands that show records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.common import Folders, Output, opened, output

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
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@output()
@click.pass_obj
def show(folders: Folders, ids: Sequence[str], to: Output) -> None:
    """Show whole records, each by its id or the beginning of it.

    \b
    Examples:
      evidence-search show alcohol-e5-managing
      evidence-search show alcohol-e5-managing --format json
    """
    index, _ = opened(folders)
    to.write_records([index.get(id_) for id_ in ids], index.corpus_folder)
