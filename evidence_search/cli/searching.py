"""Commands that search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.common import (
    Folders,
    Output,
    completed_by,
    opened,
    output,
    searching,
)
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evidence_search.index import EvidenceIndex
    from evidence_search.index.state import Refreshed
    from evidence_search.results import Results

LOG_VARIABLE = "EVIDENCE_SEARCH_LOG"
_PAGE = 10
_TELLING_THE_TOTAL = ("text", "json")


@click.command()
@click.argument("words", nargs=-1, required=True, shell_complete=completed_by("words"))
@searching
@click.option(
    "-n",
    "--limit",
    metavar="N|all",
    help="How many hits.  [default: 10 as text or json; all in a format that can't say "
    "how many there are]",
)
@click.option(
    "--offset", metavar="N", type=click.IntRange(0), default=0, help="How many hits to skip."
)
@output()
@click.option(
    "--log",
    metavar="FILE",
    type=click.Path(path_type=Path),
    envvar=LOG_VARIABLE,
    help=f"Append the search, with all that it found, to a log.  [env: {LOG_VARIABLE}]",
)
@click.pass_obj
def search(
    folders: Folders,
    /,
    words: Sequence[str],
    limit: str | None,
    to: Output,
    log: Path | None,
    **options: Any,
) -> None:
    """Search, best match first, with facets.

    Words, "phrases", AND, OR, NOT, title:word, year:2005..2012, offend*,
    recidvism~, NEAR/5: docs/query-language.md has the whole language.

    To search for words that begin with the name of a command, put "search"
    or "--" before them.

    \b
    Examples:
      evidence-search search drink driving
      evidence-search search prison -c guidance -j UK -y 2010..
      evidence-search search '"child protection" AND scotland'
      evidence-search search homelessness -o homelessness.csv
      evidence-search search homelessness --log searches.jsonl
    """
    index, refreshed = opened(folders)
    query = " ".join(words)
    found = index.search(query, limit=_hits(limit, to.form), **options)
    if log:
        from evidence_search import history

        history.log(log, index, history.Search.of(query, options), found)
    for note in () if to.form in _TELLING_THE_TOTAL else found.notes:
        click.echo(f"Note: {line(note)}", err=True)
    to.write(rendered(found, to, index, refreshed))
    to.report(len(found), found.total)


def _hits(limit: str | None, form: str) -> int | None:
    """Return how many hits to ask for; ``None`` is all."""
    if limit is None:
        return _PAGE if form in _TELLING_THE_TOTAL else None
    if limit == "all":
        return None
    if not limit.isdecimal():
        raise click.BadParameter(f"expected a number or all, found {limit!r}", param_hint="-n")
    return int(limit)


def rendered(
    found: Results, to: Output, index: EvidenceIndex, refreshed: Refreshed
) -> Iterable[str]:
    """Return results in the format asked for; what only has records gets those of the hits."""
    if to.form == "text":
        from evidence_search.render import text

        return [text.results(found, to.style(index.corpus_folder))]
    if to.form == "json":
        from evidence_search.render import data

        return [data.results(found, index, refreshed)]
    if to.form == "html":
        from evidence_search.render import html

        return [html.results(found)]
    if to.form == "markdown":
        from evidence_search.render import markdown

        return markdown.results(found)
    from evidence_search.render import exporter

    return exporter(to.form)(found.records)
