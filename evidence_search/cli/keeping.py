"""Commands that keep the corpus and its index in order."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from evidence_search.cli.common import Folders, progress, tell_errors, told
from evidence_search.render.names import counted
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex


@click.command()
@click.option("--rebuild", is_flag=True, help="Start afresh, whatever the index holds.")
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
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Of --status."
)
@click.pass_obj
def index(
    folders: Folders,
    rebuild: bool,
    watch: bool,
    status: bool,
    verify: bool,
    repair: bool,
    timeout: float,
    form: str,
) -> None:
    """Bring the index up to date with the corpus.

    Only records that changed are written. A search does it by itself, where
    the corpus has changed.

    \b
    Examples:
      evidence-search index
      evidence-search index --rebuild
      evidence-search index --watch
      evidence-search index --status --format json
      evidence-search index --verify --repair
    """
    if sum((rebuild, watch, status, verify)) > 1:
        raise click.UsageError("expected one of --rebuild, --watch, --status and --verify")
    if repair and not verify:
        raise click.UsageError("expected --repair only with --verify")
    opened = folders.open()
    if status:
        from evidence_search.render import keeping

        shown = keeping.status_json if form == "json" else keeping.status_text
        click.echo(shown(opened.status()), nl=False)
    elif verify:
        _verify(opened, repair=repair)
    elif watch:
        _watch(opened)
    else:
        with progress("Reading the corpus") as advance:
            refreshed = opened.refresh(
                rebuild=rebuild, timeout=timeout, waiting=_waiting, progress=advance
            )
        if refreshed.changed:
            click.echo(told(refreshed))
        else:
            click.echo(
                f"The index is up to date: {refreshed.documents} records, {refreshed.seconds:.2f} s"
            )
        tell_errors(refreshed)


def _waiting() -> None:
    click.echo("Waiting for another process that is writing the index …", err=True)


def _verify(opened: EvidenceIndex, *, repair: bool) -> None:
    """Print what is wrong, a line each; exit 1 where something stays wrong."""
    verified = opened.verify(repair=repair)
    for difference in verified.differences:
        click.echo(line(difference))
    found = len(verified.differences)
    wrong = counted(found, "difference") if found else "nothing wrong"
    click.echo(
        f"Verified {verified.documents} records: {wrong}; {verified.seconds:.1f} s", err=True
    )
    if verified.repaired:
        click.echo(f"Repaired. {told(verified.repaired)}", err=True)
    elif found:
        click.echo("Mend it with: evidence-search index --verify --repair", err=True)
        raise SystemExit(1)


def _watch(opened: EvidenceIndex) -> None:
    """Refresh and say so, a line each, until Ctrl-C."""
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.watching import watch

    try:
        for outcome in watch(opened):
            if isinstance(outcome, EvidenceSearchError):
                click.echo(f"evidence-search: {line(str(outcome))}", err=True)
            else:
                click.echo(f"{datetime.now():%H:%M:%S} {told(outcome)}")
                tell_errors(outcome)
            sys.stdout.flush()
    except KeyboardInterrupt:
        click.echo("Stopped watching.", err=True)
