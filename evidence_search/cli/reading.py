"""Commands that show records."""

from __future__ import annotations

import sys

import click

from evidence_search.cli.common import EXPORTS, FORMATS, Folders, export, opened, style


@click.command("list")
@click.option("--format", "form", type=click.Choice(EXPORTS), default="lines", show_default=True)
@click.pass_obj
def list_(folders: Folders, form: str) -> None:
    """List all records, in the order of the corpus.

    \b
    Examples:
      evidence-search list
      evidence-search list --format jsonl
    """
    index, _ = opened(folders)
    export(index.records, form)


@click.command()
@click.argument("id_")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text")
@click.pass_obj
def show(folders: Folders, id_: str, form: str) -> None:
    """Show one whole record, by its id or the beginning of it.

    \b
    Example:
      evidence-search show alcohol-e5-managing
    """
    index, _ = opened(folders)
    record = index.get(id_)
    if form == "text":
        from evidence_search.render import text

        sys.stdout.write(text.record(record, style()))
    else:
        export([record], form)
