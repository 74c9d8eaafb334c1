"""Translating a strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from evidence_search.cli.messages import say
from evidence_search.cli.strategies import of_strategy, strategy_of
from evidence_search.dialects import DIALECTS
from evidence_search.escaping import line

if TYPE_CHECKING:
    from pathlib import Path


@click.command("translate")
@of_strategy
@click.option(
    "--to",
    "target",
    type=click.Choice(DIALECTS),
    required=True,
    metavar="LANGUAGE",
    help=f"{', '.join(DIALECTS)}.",
)
def command(file: Path, dialect_name: str | None, target: str) -> None:
    """Write a strategy in the language of another platform.

    What has no equivalent there is written as nearly as it can be, and named after the line that
    it is in.

    \b
    Examples:
      evidence-search translate strategy.txt --to pubmed
      evidence-search translate strategy.txt --from ovid --to ours
    """
    from evidence_search.strategies.translation import translated

    for translation in translated(strategy_of(file, dialect_name), target):
        click.echo(line(f"{translation.number}. {translation.text}"))
        for missing in translation.missing:
            say(f"line {translation.number}: {line(missing)}")
