"""Bringing the index up to date."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import make_vectors, make_vectors_as_set
from evidence_search.cli.messages import progress, say, say_error, say_problems
from evidence_search.cli.output import Output, output
from evidence_search.escaping import line
from evidence_search.render.phrases import counted
from evidence_search.render.status import refresh_summary

if TYPE_CHECKING:
    from evidence_search.cli.folders import Folders
    from evidence_search.index import EvidenceIndex


@click.command("index")
@click.option("--rebuild", is_flag=True, help="Start afresh, whatever the index holds.")
@click.option(
    "--meaning", is_flag=True, help="Make the vectors that --meaning of a search needs, too."
)
@click.option("--watch", is_flag=True, help="Go on refreshing as files are saved, until Ctrl-C.")
@click.option("--status", is_flag=True, help="Show what the index is and what has changed since.")
@click.option(
    "--verify", is_flag=True, help="Check that it answers for every record; exit 1 if not."
)
@click.option("--repair", is_flag=True, help="With --verify: mend what is wrong.")
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds to wait for another process that is writing the index.",
)
@output("status")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917 - one for each option
    folders: Folders,
    rebuild: bool,
    meaning: bool,
    watch: bool,
    status: bool,
    verify: bool,
    repair: bool,
    timeout: float,
    to: Output,
) -> None:
    """Bring the index up to date with the corpus.

    Only records that changed are written. A search does it by itself, where
    the corpus has changed.

    \b
    Examples:
      evidence-search index
      evidence-search index --rebuild
      evidence-search index --meaning
      evidence-search index --watch
      evidence-search index --status --format json
      evidence-search index --verify --repair
    """
    if sum((rebuild, watch, status, verify)) > 1:
        raise click.UsageError("expected one of --rebuild, --watch, --status and --verify")
    if to.path and not status:
        raise click.UsageError("expected -o only with --status")
    if repair and not verify:
        raise click.UsageError("expected --repair only with --verify")
    index = folders.open()
    if status:
        to.write(index.status())
    elif verify:
        _verify(index, repair=repair)
    elif watch:
        _watch(index)
    else:
        with progress("Reading the corpus") as advance:
            refreshed = index.refresh(
                rebuild=rebuild, timeout=timeout, waiting=_waiting, progress=advance
            )
        if refreshed.changed:
            say(refresh_summary(refreshed), out=True)
        else:
            found = f"{refreshed.documents} records, {refreshed.seconds:.2f} s"
            say(f"The index is up to date: {found}", out=True)
        say_problems(refreshed)
        if meaning:
            made = make_vectors(index)
            new = f"{made.added} new" if made.added else "none new"
            say(f"Vectors of {counted(made.texts)} by {line(made.model)}: {new}", out=True)
        else:
            make_vectors_as_set(index)


def _waiting() -> None:
    say("Waiting for another process that is writing the index …")


def _verify(index: EvidenceIndex, *, repair: bool) -> None:
    """Print what is wrong, a line each; exit 1 where something stays wrong."""
    verified = index.verify(repair=repair)
    for difference in verified.differences:
        say(line(difference), out=True)
    found = len(verified.differences)
    wrong = counted(found, "difference") if found else "nothing wrong"
    say(f"Verified {verified.documents} records: {wrong}; {verified.seconds:.1f} s")
    if verified.repaired:
        say(f"Repaired. {refresh_summary(verified.repaired)}")
    elif found:
        say("Mend it with: evidence-search index --verify --repair")
        raise SystemExit(1)


def _watch(index: EvidenceIndex) -> None:
    """Refresh and say so, a line each, until Ctrl-C."""
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.watching import watch

    try:
        for outcome in watch(index):
            if isinstance(outcome, EvidenceSearchError):
                say_error(line(str(outcome)))
            else:
                say(f"{datetime.now():%H:%M:%S} {refresh_summary(outcome)}", out=True)
                say_problems(outcome)
            sys.stdout.flush()
    except KeyboardInterrupt:
        say("Stopped watching.")
