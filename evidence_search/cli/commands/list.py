"""All records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence_search.records import StudyRecord


@click.command("list")
@click.option("--listings", is_flag=True, help="Each listing of a document for itself.")
@output("records", default="lines")
@click.pass_obj
def command(folders: Folders, listings: bool, to: Output) -> None:
    """List all records, in the order of the corpus.

    \b
    Examples:
      evidence-search list
      evidence-search list --format jsonl
      evidence-search list -o records.csv
    """
    index, _ = opened(folders)
    records: Iterable[StudyRecord] = index.stream()
    if listings:
        records = (entry for record in index.stream() for entry in record.entries)
    written = recent.Shown()
    to.write(written.passing(records), index.corpus_folder)
    to.report(written.total)
    recent.remember(index, enumerate(written.ids, 1))
