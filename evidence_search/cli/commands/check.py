"""Checking a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.messages import say
from evidence_search.cli.output import Output, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.cli.folders import Folders


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path())
@output("check")
@click.pass_obj
def command(folders: Folders, files: Sequence[str], to: Output) -> None:
    """Check the corpus, or some files or folders, as a linter does: file:line:column: message.

    It reports entries without a year or category, unknown codes and tags,
    parentheses never closed, titles that stand twice, text in no entry, and
    references to entries that aren't there. The exit status is 1 where there
    are errors; warnings are for your eyes.

    \b
    Examples:
      evidence-search check
      evidence-search check my-cells/drug-a1.txt
      evidence-search check --format json
    """
    from evidence_search.checking import Checked, check_corpus, check_files
    from evidence_search.render import problems

    checked = Checked()
    found = (
        check_files(files, folders.max_file_size, checked)
        if files
        else check_corpus(folders.resolved()[0], folders.max_file_size, checked)
    )
    to.write((found, checked))
    if to.form == "text":
        say(problems.summary(checked), out=not checked.problems)
    if checked.errors:
        raise SystemExit(1)
