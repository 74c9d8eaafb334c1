"""Searching."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import completed_by, logged, searching
from evidence_search.cli.output import Output, output
from evidence_search.cli.registry import command_meant
from evidence_search.errors import QueryError
from evidence_search.escaping import line
from evidence_search.render import FORMATS
from evidence_search.results import by_listing
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from evidence_search.records import StudyRecord

_PAGE = 10
_LONGEST = 100_000
"""Bytes of a query that is read from standard input."""
_TELLING_THE_TOTAL = ("text", "json")


@click.command("search")
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
@click.option("--listings", is_flag=True, help="Each listing of a document for itself.")
@output("results")
@logged
@click.pass_obj
def command(
    folders: Folders,
    /,
    words: Sequence[str],
    limit: str | None,
    listings: bool,
    to: Output,
    log: Path | None,
    **options: Any,
) -> None:
    """Search, best match first, with facets.

    Words, "phrases", AND, OR, NOT, title:word, year:2005..2012, offend*,
    recidvism~, NEAR/5: evidence-search help query has the whole language.

    To search for words that begin with the name of a command, put "search"
    before them, and "--" before a word that begins with a dash; - alone reads
    the query from standard input.

    \b
    Examples:
      evidence-search search drink driving
      evidence-search search prison -c guidance -j UK -y 2010..
      evidence-search search '"child protection" AND uk'
      evidence-search search child protection -o child-protection.csv
      evidence-search search child protection --log searches.jsonl
    """
    query = typed(words)
    index, refreshed = opened(folders)
    hits = _hits(limit, to.form)
    # Records alone are written as they are read, and need no passages.
    streamed = hits is None and FORMATS["results"][to.form] == "records"
    results = index.search(
        query, limit=0 if streamed else hits, all_matches=log is not None, **options
    )
    if log:
        from evidence_search import history

        history.log(log, index, results)
    for note in () if to.form in _TELLING_THE_TOTAL else results.notes:
        say(f"Note: {line(note)}")
    if meant := command_meant(words, results.absent):
        say(meant)
    first = 1 if to.form == "lines" else results.offset + 1
    if streamed:
        records: Iterable[StudyRecord] = islice(results.matches, results.offset, None)
        if listings:
            records = (entry for record in records for entry in record.entries)
        written = recent.Shown()
        to.write(_Records(written.passing(records)), index.corpus_folder)
        to.report(written.total, results.total)
        recent.remember(index, enumerate(written.ids, first))
        return
    shown = replace(results, refreshed=refreshed.changed)
    if listings:
        shown = replace(shown, hits=tuple(one for hit in results for one in by_listing(hit)))
    to.write(shown, index.corpus_folder)
    to.report(len(shown), results.total)
    recent.remember(index, enumerate((record.id for record in results.records), first))


class _Records(NamedTuple):
    """What the formats draw that hold only the records of results."""

    records: Iterable[StudyRecord]


def typed(words: Sequence[str]) -> str:
    """Return the query that was typed, or for "-" alone what standard input has.

    Raises :class:`QueryError` where that is longer than any query.
    """
    if tuple(words) != ("-",):
        return " ".join(words)
    data = sys.stdin.buffer.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise QueryError(f"expected a query of at most {_LONGEST:,} bytes, found more")
    return " ".join(data.decode("utf-8-sig", "replace").split())


def _hits(limit: str | None, form: str) -> int | None:
    """Return how many hits to ask for; ``None`` is all."""
    if limit is None:
        return _PAGE if form in _TELLING_THE_TOTAL else None
    if limit == "all":
        return None
    if not limit.isdecimal():
        raise click.BadParameter(f"expected a number or all, found {limit!r}", param_hint="-n")
    return int(limit)
