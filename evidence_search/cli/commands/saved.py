"""The searches that are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.messages import say, say_error
from evidence_search.cli.options import completed_by

if TYPE_CHECKING:
    from evidence_search.cli.folders import Folders


@click.command("saved")
@click.option(
    "--remove",
    metavar="NAME",
    help="Remove a saved search.",
    shell_complete=completed_by("saved_names"),
)
@click.pass_obj
def command(folders: Folders, remove: str | None) -> None:
    """List the saved searches of the corpus, one a line.

    \b
    Examples:
      evidence-search saved
      evidence-search saved --remove prisons
    """
    from evidence_search import history
    from evidence_search.errors import HistoryError
    from evidence_search.render import comparisons

    folder = folders.resolved()[0]
    if remove:
        history.forget(folder, remove)
        say(f"Removed {remove}", out=True)
        return
    broken = False
    for name in history.saved_names(folder):
        try:
            say(comparisons.saved(name, history.read_saved(folder, name)), out=True)
        except HistoryError as error:
            broken = True
            say_error(error)
    if broken:
        raise SystemExit(1)
