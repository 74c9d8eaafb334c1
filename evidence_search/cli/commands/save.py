"""Saving a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import completed_by, searching
from evidence_search.search import Search

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("save")
@click.argument("name")
@click.argument("words", nargs=-1, required=True, shell_complete=completed_by("words"))
@searching
@click.option("--force", is_flag=True, help="Let it replace a saved search of that name.")
@click.pass_obj
def command(
    folders: Folders, /, name: str, words: Sequence[str], force: bool, **options: Any
) -> None:
    """Save a search, to see later what is new.

    Saved searches are kept in your data folder, for each corpus by itself.

    \b
    Examples:
      evidence-search save prisons prison throughcare -c guidance
      evidence-search new prisons
    """
    from evidence_search import history

    index, _ = opened(folders)
    search = Search.of(" ".join(words), **options)
    looked = history.save(index, name, search, replace=force)
    say(f"Saved {name}: {len(looked.ids)} records match now", out=True)
