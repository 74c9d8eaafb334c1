"""Named lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import completed_by
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("lists")
@click.argument("names", nargs=-1, metavar="[LIST...]", shell_complete=completed_by("lists"))
@output("lists")
@click.pass_obj
def command(folders: Folders, names: Sequence[str], to: Output) -> None:
    """Show the named lists of the corpus, or the records on some of them.

    Who put a record on a list, when and why, stands with it. The numbers may
    be given to show and put. The records of a list are searched, filtered and
    exported as those of any search: search list:included.

    \b
    Examples:
      evidence-search lists
      evidence-search lists excluded
      evidence-search lists --format json
      evidence-search search list:included -n all -o included.ris
    """
    index, _ = opened(folders)
    lists = index.lists
    if lists.note:
        say(lists.note)
    if names:
        lists = lists.of(names)
        to = to._replace(kind="list")
    to.write(lists)
    if names and to.form == "text":
        places = [one for places in lists.values() for one in places]
        shown = ((n, one.id) for n, one in enumerate(places, 1) if one.record)
        recent.remember(index, shown)
