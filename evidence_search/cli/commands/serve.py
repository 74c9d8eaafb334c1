"""The page, for who has no shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import logged
from evidence_search.errors import MissingExtraError
from evidence_search.render.phrases import counted

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.cli.folders import Folders


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="NAME",
    help="Where to answer; others than this machine need the token that is printed.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="The port; 0 is any that is free.",
)
@click.option(
    "--write/--read-only",
    "writes",
    default=None,
    help="Whether it adds files and saves searches; by default only for this machine.",
)
@logged
@click.option("--open", "opening", is_flag=True, help="Open it in the browser.")
@click.pass_obj
def command(
    folders: Folders,
    /,
    host: str,
    port: int,
    writes: bool | None,
    log: Path | None,
    opening: bool,
) -> None:
    """Search in a browser, until Ctrl-C.

    The page has the search with filters to tick, records with citations, the evidence map and the
    timeline; each state of it is an address. Files are added and searches saved there, on this
    machine or with --write. It follows the corpus as files change, and asks nothing of the network.
    Programs are answered with JSON: evidence-search help api.

    \b
    Examples:
      evidence-search serve
      evidence-search serve --open
      evidence-search serve --log searches.jsonl
      evidence-search serve --host 0.0.0.0 --port 9000
    """
    try:
        from evidence_search.web.serving import serve
    except ImportError:
        raise MissingExtraError("starlette uvicorn", "web") from None
    index, _ = opened(folders)
    served = serve(index, host, port, writes=writes, log=log)
    say(f"{counted(len(index))} at {served.address} until Ctrl-C", out=True)
    if opening:
        click.launch(served.address)
    served.run()
