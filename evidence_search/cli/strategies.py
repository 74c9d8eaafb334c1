"""What the commands about strategies share: the file, and its language."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from evidence_search.dialects import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from evidence_search.strategies.strategy import Strategy

F = TypeVar("F", bound="Callable[..., Any]")


def of_strategy(command: F) -> F:
    """Decorate a command with the file of a strategy, and the option of its language."""
    option = click.option(
        "--from",
        "dialect_name",
        type=click.Choice(DIALECTS),
        metavar="LANGUAGE",
        help=f"{', '.join(DIALECTS)}.  [default: told by its marks]",
    )
    argument = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
    return argument(option(command))


def strategy_of(file: Path, dialect_name: str | None) -> Strategy:
    """Read the strategy in a file, or in standard input for "-"."""
    from evidence_search.strategies import open_strategy
    from evidence_search.strategies.strategy import MAX_LENGTH, read_strategy

    if str(file) == "-":
        text = sys.stdin.buffer.read(4 * MAX_LENGTH + 4).decode("utf-8", "replace")
        return read_strategy(text, name="standard input", dialect_name=dialect_name)
    return open_strategy(file, dialect_name=dialect_name)
