"""All records."""

from __future__ import annotations

import click

from evidence_search import recent
from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.output import Output, output


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
    records = index.records
    if listings:
        records = [entry for record in records for entry in record.entries]
    to.write(records, index.corpus_folder)
    to.report(len(records))
    recent.remember(index, enumerate((record.id for record in records), 1))
