"""The group of commands: its options, what words without a command are, and how errors end."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from typing import Any

import click

from evidence_search.cli.folders import Folders
from evidence_search.cli.messages import say, say_error
from evidence_search.cli.options import completed_by
from evidence_search.cli.registry import COMMANDS, TOPICS, module_of
from evidence_search.corpus import MAX_FILE_SIZE
from evidence_search.errors import INTERRUPTED, EvidenceSearchError, QueryError
from evidence_search.escaping import without_controls
from evidence_search.opening import CORPUS_VARIABLE, INDEX_VARIABLE, MAX_FILE_SIZE_VARIABLE
from evidence_search.version import __version__


class _Group(click.Group):
    """Words that are no command are a search; our errors are one line and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(module_of(cmd_name)).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {name: p for p in self.params if isinstance(p, click.Option) for name in p.opts}
        at = 0
        while at < len(args) and (option := options.get(args[at].partition("=")[0])):
            at += 1 if option.is_flag or "=" in args[at] else 2
        words = args[at:]
        # A query that begins with a dash reads as options, which rarely are any.
        typed = words[1:] if words[:1] == ["search"] else words
        ctx.meta[_DASHED] = bool(typed) and bool(_DASHED_WORD.match(typed[0]))
        if words[:1] == ["help"] and words[1:] and words[1] not in {*COMMANDS, *TOPICS, "--help"}:
            args = [*args[:at], "search", *words]
        elif at < len(args) and args[at] not in {*COMMANDS, *ctx.help_option_names}:
            args = [*args[:at], "search", *args[at:]]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does, whole."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, command.get_short_help_str(_WHOLE))
                    for name in self.list_commands(ctx)
                    if (command := self.get_command(ctx, name))
                ]
            )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete commands, and what may begin a search."""
        found: list[Any] = super().shell_complete(ctx, incomplete)
        if not incomplete.startswith("-"):
            found += completed_by("words")(ctx, None, incomplete)
        return found

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as error:
            raise _harmless(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except QueryError as error:
            say_error(error)
            if ctx.meta.get(_DASHED):
                say(_HINT)
            ctx.exit(2)
        except click.UsageError as error:
            raise _harmless(_with_hint(error, ctx)) from None
        except EvidenceSearchError as error:
            say_error(error)
            ctx.exit(1)
        except (OSError, MemoryError, KeyboardInterrupt) as error:
            ctx.exit(stopped(error))
        return result


_WHOLE = 1000  # characters
_DASHED = "evidence_search.dashed"
_DASHED_WORD = re.compile(r"-[^\W\d]{2}|-[\"(]")
_HINT = "A query that begins with a dash is written after two: evidence-search -- -word …"


def stopped(error: OSError | MemoryError | KeyboardInterrupt) -> int:
    """Say what ended the output early, where that isn't plain; return the exit status."""
    # What is still buffered goes nowhere, or Python would try again at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # the reader has had what it wanted
        return 0
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, MemoryError):
        say_error("expected more memory than there is; free some, or search a smaller corpus")
        return 1
    where = f"{error.filename}: " if error.filename else "the output can't be written: "
    say_error(f"{where}{error.strerror or error}")
    return 1


def _harmless(error: click.UsageError) -> click.UsageError:
    """Return an error of the command line, which may quote it, without control characters."""
    return click.UsageError(without_controls(error.format_message()), error.ctx)


def _with_hint(error: click.UsageError, ctx: click.Context) -> click.UsageError:
    """Say how to search for words that begin as a command does, and where an option stands."""
    name = ctx.invoked_subcommand
    if isinstance(error, click.NoSuchOption) and error.option_name in {
        option for parameter in ctx.command.params for option in parameter.opts
    }:
        option = error.option_name
        where = f"{option} stands before the command: evidence-search {option} … {name or ''} …"
        return click.UsageError(where, error.ctx)
    if ctx.meta.get(_DASHED):
        return click.UsageError(f"{error.format_message().rstrip('.')}. {_HINT}", error.ctx)
    if not name or name == "search" or not error.message.startswith("Got unexpected extra"):
        return error
    hint = f"{error.message.rstrip('.')}. To search for such words: evidence-search search {name} …"
    return click.UsageError(hint, error.ctx)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="How to write a query: evidence-search help query.  Each command has its own --help.",
)
@click.option(
    "--corpus", envvar=CORPUS_VARIABLE, metavar="DIR", type=click.Path(), help="Folder of cells."
)
@click.option(
    "--index",
    envvar=INDEX_VARIABLE,
    metavar="INDEX",
    type=click.Path(),
    help="Folder of the index, tantivy:FOLDER, or opensearch://HOST/NAME.",
)
@click.option(
    "--max-file-size",
    envvar=MAX_FILE_SIZE_VARIABLE,
    metavar="BYTES",
    type=click.IntRange(1),
    default=MAX_FILE_SIZE,
    show_default=True,
    help="Larger files of the corpus are reported, not read.",
)
@click.option("--no-pager", is_flag=True, help="Never show long output a screenful at a time.")
@click.version_option(__version__, prog_name="evidence-search")
@click.pass_context
def cli(
    ctx: click.Context,
    corpus: str | None,
    index: str | None,
    max_file_size: int,
    no_pager: bool,  # noqa: ARG001 - read where a pager could start
) -> None:
    """Search the studies, reviews and guidance of Effectiveness Bank matrix cells.

    \b
    Examples:
      evidence-search drink driving
      evidence-search prison -c guidance -j UK -y 2010..
      evidence-search child protection -o reading-list.html
      evidence-search show alcohol-e5-managing

    Words that are no command are a search.

    Without --corpus and --index: corpus/ and index/ of the folder you are in;
    without these, the corpus that came with the program, and an index in your
    cache folder.
    """
    ctx.obj = Folders(corpus, index, max_file_size)


def main() -> None:
    """Run the command."""
    for stream in (sys.stdout, sys.stderr):
        # Corpus text is any of Unicode; a terminal that can't show it gets "?".
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    if "_EVIDENCE_SEARCH_COMPLETE" in os.environ:
        import_module("evidence_search.cli.completions")  # it registers its shells
    try:
        cli.main(prog_name="evidence-search")
        sys.stdout.flush()  # of --help, which no command writes
    except (OSError, MemoryError, KeyboardInterrupt) as error:
        sys.exit(stopped(error))
