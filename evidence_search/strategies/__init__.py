"""Strategies as files: what specialists search with.

A strategy is a text of numbered lines in the language of a platform (``dialects``), read line by
line (``strategy``, ``grammar``) into one tree (``syntax``), run on an index (``execution``), held
against known papers (``recall``), checked (``lint``) and translated.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.errors import StrategyError

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex
    from evidence_search.strategies.execution import StrategyRun
    from evidence_search.strategies.strategy import Strategy


def open_strategy(path: str | Path, *, dialect_name: str | None = None) -> Strategy:
    """Read the strategy in a file of UTF-8 (or, failing that, Windows-1252) text.

    Options as :func:`~evidence_search.strategies.strategy.read_strategy`.  Raises
    :class:`StrategyError` for a file that can't be read.
    """
    from evidence_search.strategies.strategy import MAX_LENGTH, read_strategy

    path = Path(path)
    try:
        if not path.is_file():
            found = (
                "a folder" if path.is_dir() else "no such file" if not path.exists() else "no file"
            )
            raise StrategyError(f"{path}: expected a strategy; found {found}")
        with path.open("rb") as file:
            data = file.read(4 * MAX_LENGTH + 1)
    except OSError as error:
        raise StrategyError(f"{path}: expected a strategy; {error.strerror}") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return read_strategy(text, name=str(path), dialect_name=dialect_name)


def run(
    strategy: str | Path | Strategy,
    index: EvidenceIndex,
    *,
    dialect_name: str | None = None,
    strict: bool = False,
) -> StrategyRun:
    """Run a strategy, or the one in a file, on an index.

    ``dialect_name`` (default: told by the marks of the text) and ``strict`` (``False``) as
    :func:`~evidence_search.strategies.strategy.read_strategy` and
    :func:`~evidence_search.strategies.execution.run_strategy` have them.  Raises
    :class:`StrategyError` and :class:`QueryError`.
    """
    from evidence_search.strategies.execution import run_strategy

    if isinstance(strategy, str | Path):
        strategy = open_strategy(strategy, dialect_name=dialect_name)
    return run_strategy(index, strategy, strict=strict)
