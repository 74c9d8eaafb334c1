"""Starting a cell to write by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.messages import say
from evidence_search.escaping import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.cli.folders import Folders

_HOW = """\
Write each entry as a paragraph below the legend, with a blank line between two:

  K Title of the study ([UK] Its publisher, 2010). What was found.

S, K, R or G, or several; place, publisher and remarks may be left out. Then run:
evidence-search check
"""


@click.command("new-cell")
@click.argument("cell", nargs=-1, required=True, metavar="MATRIX CELL")
@click.option("--edit", is_flag=True, help="Open it in $VISUAL or $EDITOR.")
@click.pass_obj
def command(folders: Folders, cell: Sequence[str], edit: bool) -> None:
    """Start a cell in the corpus: a file with its header and legend, to write entries into.

    \b
    Examples:
      evidence-search new-cell Drug A3
      evidence-search new-cell alcohol-b2 --edit
    """
    from evidence_search.adding import new_cell
    from evidence_search.records import Source

    path = new_cell(" ".join(cell), folders.of_ones_own())
    say(f"Started {line(str(path))}", out=True)
    say(_HOW.rstrip("\n"))
    if edit:
        from evidence_search.cli import editor

        editor.edit(path.parent, Source(path.name, 5))
