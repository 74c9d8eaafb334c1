"""The command that checks the corpus."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.cli.common import Folders


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def check(folders: Folders, files: Sequence[str], form: str) -> None:
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
    from evidence_search.render import checks

    checked = Checked()
    problems = (
        check_files(files, folders.max_file_size, checked)
        if files
        else check_corpus(folders.resolved()[0], folders.max_file_size, checked)
    )
    if form == "json":
        list(problems)
        sys.stdout.write(checks.as_json(checked))
    else:
        for problem in problems:
            sys.stdout.write(checks.text(problem))
        click.echo(checks.told(checked), err=bool(checked.problems))
    if checked.errors:
        raise SystemExit(1)
