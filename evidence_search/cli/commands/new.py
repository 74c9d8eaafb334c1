"""What saved searches find now and didn't before."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say, say_error
from evidence_search.cli.options import completed_by
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("new")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completed_by("saved_names"))
@click.option("--peek", is_flag=True, help="Look, but don't remember it as the last look.")
@output("new")
@click.pass_obj
def command(folders: Folders, names: Sequence[str], peek: bool, to: Output) -> None:
    """Show what matches saved searches and was not there at the last look.

    Without a name it looks at all saved searches of the corpus.

    \b
    Examples:
      evidence-search new
      evidence-search new prisons
      evidence-search new prisons --peek -o new.ris
    """
    from evidence_search import history
    from evidence_search.errors import HistoryError, QueryError

    index, _ = opened(folders)
    folder = index.corpus_folder
    compared, broken = {}, False
    for name in names or history.saved_names(folder):
        try:
            compared[name] = history.run_saved(index, name)
        except (HistoryError, QueryError) as error:
            broken = True
            say_error(error)
    if not compared and not broken:
        say("No searches are saved; save one with: evidence-search save")
    news = history.News(compared)
    to.write(news, folder)
    to.report(len(news.records))
    sys.stdout.flush()  # what couldn't be shown isn't remembered as seen
    if not peek:
        for name, comparison in compared.items():
            history.remember(folder, name, history.as_looked_at(comparison))
    if broken:
        raise SystemExit(1)
