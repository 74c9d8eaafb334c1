"""A pager for what is longer than the terminal is high."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable


def show(pieces: Iterable[str]) -> None:
    """Print text for a person, through the pager if it's longer than the terminal is high."""
    context = click.get_current_context(silent=True)
    paging = not (context and context.find_root().params.get("no_pager"))
    if not paging or os.environ.get("NO_PAGER") or not sys.stdout.isatty():
        sys.stdout.writelines(pieces)
        return
    text = "".join(pieces)
    if text.count("\n") < shutil.get_terminal_size().lines:
        sys.stdout.write(text)
        return
    os.environ.setdefault("LESS", "-FRX")
    click.echo_via_pager(text, color=True)  # what isn't to be coloured has no colours
