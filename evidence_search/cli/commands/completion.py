"""The scripts that complete commands in a shell."""

from __future__ import annotations

import sys

import click

from evidence_search.cli.completions import PROGRAM, SHELLS, VARIABLE


@click.command("completion")
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(list(SHELLS)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands, options, ids and labels.

    \b
    Bash, in ~/.bashrc:
      eval "$(evidence-search completion bash)"
    Zsh, in ~/.zshrc after compinit:
      eval "$(evidence-search completion zsh)"
    Fish:
      evidence-search completion fish > ~/.config/fish/completions/evidence-search.fish

    \b
    Example:
      evidence-search completion bash
    """
    sys.stdout.write(SHELLS[shell](ctx.find_root().command, {}, PROGRAM, VARIABLE).source())
