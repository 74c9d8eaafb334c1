"""Getting more files into the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evidence_search.cli.folders import opened
from evidence_search.cli.messages import say, say_error
from evidence_search.escaping import line
from evidence_search.render.phrases import added_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.adding import Added
    from evidence_search.cli.folders import Folders


@click.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def command(folders: Folders, files: Sequence[Path]) -> None:
    """Copy saved pages or exports into the corpus, and say what is in them.

    A cell is called by its matrix and code, such as drug-a3.html; other files
    keep their name. Nothing is written over. Searches find the records at
    once. The exit status is 1 where a file could not be added.

    \b
    Examples:
      evidence-search add ~/Downloads/"Drug Treatment Matrix cell A3.html"
      evidence-search add zotero.ris scopus.csv
      evidence-search --corpus my-corpus add *.txt
    """
    from evidence_search import adding
    from evidence_search.errors import EvidenceSearchError

    corpus_folder = folders.of_ones_own()
    added: list[Added] = []
    for file in files:
        try:
            added.append(adding.add(file, corpus_folder, folders.max_file_size))
        except EvidenceSearchError as error:
            say_error(error)
    if any(one.copied for one in added):
        index, _ = opened(folders)
        records = [listing for record in index.stream() for listing in record.listings or (record,)]
    else:
        records = []
    for one in added:
        say(line(added_file(one)), out=True)
        for problem in one.problems:
            say(line(f"  {problem}"), out=True)
        for other in adding.others_of_cell(one, records):
            say(
                line(f"  the same cell is in {other} too: keep one, unless both are wanted"),
                out=True,
            )
    if len(added) < len(files):
        raise SystemExit(1)
