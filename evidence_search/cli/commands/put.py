"""Putting records on named lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import completed_by
from evidence_search.escaping import line
from evidence_search.render.lists import told

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command("put")
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=completed_by("ids"))
@click.argument("name", metavar="LIST", shell_complete=completed_by("lists"))
@click.option("--note", metavar="TEXT", default="", help="Why: a remark, or the reason.")
@click.option("--by", metavar="NAME", default="", help="Who.  [default: your name here]")
@click.option("--off", is_flag=True, help="Take them off the list.")
@click.pass_obj
def command(folders: Folders, ids: Sequence[str], name: str, note: str, by: str, off: bool) -> None:
    """Put records on a named list, or take them off it.

    A record is named by its id, the beginning of it, or its number in the
    last search in this corpus; numbers also as a range: 1-5. A list is made
    when something is put on it. The lists "included", "excluded" and "maybe"
    are decisions: reports count them, and exports have them as Rayyan and
    ASReview read them.

    It appends a line for each record to lists.txt of the corpus: when, who,
    which list, which record and why. help lists has more.

    \b
    Examples:
      evidence-search put 3 included
      evidence-search put 1-5 "to read" --note "for the meeting"
      evidence-search put 2 7 excluded --note "wrong population"
      evidence-search put --off 3 included
      evidence-search search list:included
    """
    folders.of_ones_own()
    index, _ = opened(folders)
    done = index.put(recent.named(index, ids), name, note=note, by=by, off=off)
    say(line(told(done)), out=True)
