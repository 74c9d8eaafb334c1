"""Where a command writes, and in which format."""

from __future__ import annotations

import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

from evidence_search.cli.messages import say
from evidence_search.render import ENDINGS, format_of, formats_of, render
from evidence_search.render.style import Style, style_of_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

F = TypeVar("F", bound="Callable[..., Any]")
_BINARY = ("png", "pdf", "xlsx", "docx")
_STYLES = ("apa", "vancouver", "harvard")


class Output(NamedTuple):
    """What ``--format``, ``--output`` and ``--force`` asked for; ``kind`` is of ``render``."""

    kind: str
    form: str
    path: Path | None = None
    force: bool = False

    def write(self, value: Any, corpus_folder: Path | None = None) -> None:
        """Write a value: the whole file or none of it, or to standard output.

        Text on a terminal that shows them has links into ``corpus_folder``.
        """
        style = Style(dated=True) if self.path else style_of_terminal(corpus_folder)
        if self.form in _BINARY and not self.path and sys.stdout.isatty():
            raise click.UsageError(f"expected a file for the {self.form}: -o FILE")
        pieces = render(self.kind, self.form, value, style)
        if self.path:
            from evidence_search.writing import write_file

            write_file(self.path, pieces, overwrite=self.force)
        elif self.form in _BINARY:
            sys.stdout.buffer.writelines(pieces)
        elif self.form in {"text", "lines"} and self.kind != "results":
            from evidence_search.cli import pager

            pager.show(pieces)
        else:
            if not sys.stdout.isatty():  # a format is the same bytes on every machine
                sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")  # type: ignore[union-attr]
            sys.stdout.writelines(pieces)

    def report(self, written: int, total: int | None = None) -> None:
        """Say on standard error how many records went to a file."""
        if self.path:
            of = f" of {total}" if total is not None and total != written else ""
            say(f"Wrote {written}{of} records to {self.path}")


def output(kind: str, default: str = "text", others: str = "") -> Callable[[F], F]:
    """Decorate a command with the options of :class:`Output`, which it gets as ``to``.

    ``kind`` is the kind of value that the command draws, as the table of ``render`` has it;
    ``others`` a kind that it can draw instead, in the formats that only this has.
    """
    formats = tuple(dict.fromkeys(formats_of(kind) + (formats_of(others) if others else ())))

    def decorate(command: F) -> F:
        @click.option(
            "--format",
            "form",
            type=click.Choice(formats),
            metavar="FORMAT",
            help=f"{', '.join(formats)}.  [default: by the ending of -o, or {default}]",
        )
        @click.option(
            "-o",
            "--output",
            "path",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Write to a new file instead.",
        )
        @click.option("--force", is_flag=True, help="Let -o write over a file.")
        @wraps(command)
        def with_output(
            *args: Any, form: str | None, path: Path | None, force: bool, **options: Any
        ) -> Any:
            path = None if path == Path("-") else path
            form = form or _by_ending(path, formats) or default
            cited = options.pop("style", None)
            if cited and form != "citation":
                raise click.UsageError(f"--style {cited}: expected --format citation")
            to = Output(kind, f"citation-{cited}" if cited in _STYLES[1:] else form, path, force)
            return command(*args, to=to, **options)

        if "citation" in formats:
            with_output = click.option(
                "--style",
                type=click.Choice(_STYLES),
                help="The style of --format citation.  [default: apa]",
            )(with_output)
        return cast("F", with_output)

    return decorate


def _by_ending(path: Path | None, formats: Collection[str]) -> str | None:
    """Return the format that the name of a file asks for."""
    if path is None:
        return None
    form = format_of(path.name)
    if form is None or form not in formats:
        known = ", ".join(e for e, name in ENDINGS.items() if name in formats)
        raise click.UsageError(
            f"-o {path}: expected an ending of {known}; for any other name the format: --format"
        )
    return form
