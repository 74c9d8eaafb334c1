"""The manual page, made from the same text as ``--help``.

Written here rather than with click-man, which doesn't see commands that are
imported only when they run, and fills the lines of examples.
"""

from __future__ import annotations

import inspect
import re
import sys
from typing import TYPE_CHECKING

import click

from evidence_search.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENVIRONMENT = {
    "EVIDENCE_SEARCH_CORPUS, EVIDENCE_SEARCH_INDEX": "Folders to use where no option names them.",
    "EVIDENCE_SEARCH_MAX_FILE_SIZE": "What --max-file-size is where it isn't given, in bytes.",
    "EVIDENCE_SEARCH_MODEL": "The folder of a language model for --meaning, other than ours.",
    "EVIDENCE_SEARCH_USER, EVIDENCE_SEARCH_PASSWORD": "Whom a cluster is to know.",
    "EVIDENCE_SEARCH_CERTIFICATE": "A file of the certificates to trust of a cluster's.",
    "EVIDENCE_SEARCH_LOG": "A file to which every search is logged.",
    "EVIDENCE_SEARCH_SAVED": "The folder of saved searches.",
    "NO_COLOR, CLICOLOR, CLICOLOR_FORCE, FORCE_COLOR": "Whether to draw in colours.",
    "FORCE_HYPERLINK": "1: record ids are links to their line in the corpus; 0: they are not.",
    "PAGER, LESS, NO_PAGER": "The pager for long output on a terminal, its options; or none.",
}
_STATUS = {
    "0": "Success, also where nothing matches.",
    "1": "An error; or check found one.",
    "2": "A wrong command line.",
    "130": "Interrupted.",
}


@click.command("man")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Print the manual page.

    \b
    Examples:
      evidence-search man | man -l -
      evidence-search man > ~/.local/share/man/man1/evidence-search.1
    """
    sys.stdout.write("\n".join(_page(ctx.find_root())) + "\n")


def _page(root: click.Context) -> Iterator[str]:
    group = root.command
    assert isinstance(group, click.Group)  # noqa: S101 - for the type checker
    summary, _, description = inspect.cleandoc(group.help or "").partition("\n\n")
    yield f'.TH EVIDENCE-SEARCH 1 "" "evidence-search {__version__}" "User Commands"'
    yield f".SH NAME\nevidence-search \\- {_roff(summary).rstrip('.')}"
    yield ".SH SYNOPSIS\n.B evidence\\-search\n[\\fIoptions\\fR] \\fIwords\\fR...\n.br"
    yield ".B evidence\\-search\n[\\fIoptions\\fR] \\fIcommand\\fR ..."
    yield ".SH DESCRIPTION"
    yield from _text(f"{inspect.cleandoc(description)}\n\n{group.epilog}")
    yield ".SH OPTIONS"
    yield from _options(group, root)
    yield ".SH COMMANDS"
    for name in group.list_commands(root):
        command = group.get_command(root, name)
        if command and not command.hidden:
            within = click.Context(command, root, name)
            yield f".SS {_roff(' '.join([name, *command.collect_usage_pieces(within)]))}"
            yield from _text(command.help or "")
            yield from _options(command, within)
    for title, rows in (("ENVIRONMENT", _ENVIRONMENT), ("EXIT STATUS", _STATUS)):
        yield f".SH {title}"
        yield from (f".TP\n.B {_roff(name)}\n{_roff(text)}" for name, text in rows.items())


def _text(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help text; those that begin with a backspace line by line."""
    for i, paragraph in enumerate(inspect.cleandoc(text).strip().split("\n\n")):
        if i:
            yield ".PP"
        if paragraph.startswith("\b\n"):
            yield f".nf\n{_roff(paragraph[2:])}\n.fi"
        else:
            yield _roff(" ".join(paragraph.split()))


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    for parameter in command.get_params(ctx):
        record = isinstance(parameter, click.Option) and parameter.get_help_record(ctx)
        if record:
            yield f".TP\n.B {_roff(record[0])}\n{_roff(record[1])}"


def _roff(text: str) -> str:
    """Return text as roff shows it: what it would take for a request or an escape is escaped."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", escaped, flags=re.MULTILINE)
