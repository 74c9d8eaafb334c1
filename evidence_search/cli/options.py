"""Options that several commands have, each defined once."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def completed_by(name: str) -> Callable[..., Any]:
    """Return a function of ``completions``, imported only when a shell asks."""

    def complete(*args: Any) -> Any:
        return getattr(import_module("evidence_search.cli.completions"), name)(*args)

    return complete


LOG_VARIABLE = "EVIDENCE_SEARCH_LOG"

logged = click.option(
    "--log",
    metavar="FILE",
    type=click.Path(path_type=Path),
    envvar=LOG_VARIABLE,
    help=f"Append the search, with all that it found, to a log.  [env: {LOG_VARIABLE}]",
)


def searching(command: F) -> F:
    """Decorate a command with the options of a ranked search, as ``EvidenceIndex.search``."""
    sort = click.option(
        "--sort",
        type=click.Choice(["relevance", "newest", "oldest", "title"]),
        default="relevance",
        show_default=True,
        metavar="ORDER",
        help="relevance, newest, oldest or title.",
    )
    return matching(sort(command))


def matching(command: F) -> F:
    """Decorate a command with the options that say what matches: filters, and how to read words."""
    for option in (
        click.option("--strict", is_flag=True, help="Refuse a query that isn't well formed."),
        click.option("--meaning", is_flag=True, help="Records near in meaning too."),
        click.option("--feedback", is_flag=True, help="Search words of the best records too."),
        click.option("--exact", is_flag=True, help="Only these words, not their synonyms."),
        click.option("--all", "every_word", is_flag=True, help="Every word must match."),
    ):
        command = option(command)
    return filtering(command)


def filtering(command: F) -> F:
    """Decorate a command with the options that filter records."""
    label = partial(
        click.option, multiple=True, metavar="NAME", shell_complete=completed_by("labels")
    )
    for option in reversed(
        (
            label("-c", "--category", help="Code or name: S, K, R, G. Repeatable."),
            label("-j", "--jurisdiction", help="Place: Scotland, UK, … Repeatable."),
            click.option(
                "-y", "--year", metavar="YEARS", help="2010, 2005..2012, 2010.. or ..2008"
            ),
            label("-p", "--publisher", help="Name, words of it, acronym. Repeatable."),
            label("--cell", help="E5, or Alcohol E5. Repeatable."),
            label("--column", help="Letter or words. Repeatable."),
            label("--row", help="Number or words. Repeatable."),
            label("--matrix", help="Alcohol or Drug. Repeatable."),
            label("--list", help="A named list: included. Repeatable."),
        )
    ):
        command = option(command)
    return command
