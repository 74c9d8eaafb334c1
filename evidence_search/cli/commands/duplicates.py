"""Duplicates: what was merged, what may be, and deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import completed_by
from evidence_search.cli.output import Output, output
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 20


@click.command("duplicates")
@click.argument(
    "decision", nargs=-1, metavar="[same|different A B]", shell_complete=completed_by("ids")
)
@click.option("-n", "--limit", metavar="N", type=click.IntRange(0), help="How many likely pairs.")
@output("duplicates")
@click.pass_obj
def command(folders: Folders, decision: Sequence[str], limit: int | None, to: Output) -> None:
    """Show what was merged, and which records may be one document; decide on them.

    A document that is listed several times is one record. What the rules
    don't merge, but looks alike, is shown with what speaks for and against it;
    "same A B" and "different A B" write what you decide into duplicates.txt of
    the corpus, which wins over every rule. A and B are ids, or beginnings of
    them, of records or of their listings, or identifiers: doi:10.1000/x.

    The counts are those of a PRISMA flow diagram: listings of each source,
    duplicates merged, records. docs/duplicates.md has the rules.

    \b
    Examples:
      evidence-search duplicates
      evidence-search duplicates --format json
      evidence-search duplicates same drug-a1-otters drug-c5-mammals
      evidence-search duplicates different doi:10.1000/a doi:10.1000/b
    """
    index, _ = opened(folders)
    if decision:
        from evidence_search.index.duplicates import KINDS
        from evidence_search.merging import DUPLICATES

        if len(decision) != 3 or decision[0] not in KINDS:
            raise click.UsageError(
                f"expected {' or '.join(KINDS)} and two ids, found {' '.join(decision)!r}"
            )
        written = index.decide(*decision)
        say(f"{DUPLICATES}: {written.kind} {written.one} {written.other}", out=True)
        return
    found = index.duplicates()
    if limit is None and to.form == "text":
        limit = _MOST
    to.write((replace(found, proposals=found.proposals[:limit]), len(found.proposals)))
    to.report(len(found.proposals))
