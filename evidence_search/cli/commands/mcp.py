"""The tools of an assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import logged
from evidence_search.errors import MissingExtraError
from evidence_search.escaping import line
from evidence_search.render.phrases import counted

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.cli.folders import Folders


@click.command("mcp")
@click.option(
    "--write/--read-only",
    "writes",
    default=False,
    show_default="read-only",
    help="Whether it may save searches, add files and decide on duplicates.",
)
@logged
@click.pass_obj
def command(folders: Folders, /, writes: bool, log: Path | None) -> None:
    """Answer an assistant, by the Model Context Protocol on standard input and output.

    An assistant starts it by itself, once it is told how: evidence-search help assistants. It
    searches, shows records, runs, checks and translates strategies, and says of each fact which
    record it is from. Every search is logged, by default beside the saved searches of the corpus,
    and replay runs it again.

    \b
    Examples:
      evidence-search mcp
      evidence-search --corpus my-corpus mcp --write --log assistant.jsonl
    """
    try:
        from evidence_search.assistants import serve
    except ImportError:
        raise MissingExtraError("mcp", "mcp") from None
    from evidence_search import history
    from evidence_search.calls.desk import Desk

    index, _ = opened(folders)
    desk = Desk(index, log or history.assistants_log(index.corpus_folder))
    say(line(f"{counted(len(index))}; searches are logged to {desk.log}"))
    serve(desk, writes=writes)
