"""The documentation, which comes with the program."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli import pager
from evidence_search.cli.registry import COMMANDS, TOPICS
from evidence_search.escaping import without_controls

_PACKAGE = Path(__file__).parents[2]


@click.command("help")
@click.argument("topic", required=False)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Show the help of a command, or what is written about a topic.

    Topics: query, ranking, thesaurus, meaning, formats, strategies (and of platforms: ovid,
    pubmed, cochrane, ebsco, scopus, wos), lists, duplicates, reviews, page, api, assistants,
    notebook, files, reliability, security, speed, whoosh, engines, scale.

    \b
    Examples:
      evidence-search help query
      evidence-search help files
      evidence-search help search
    """
    root = ctx.find_root()
    group = root.command
    if topic in TOPICS:
        text = _page(TOPICS[topic]).read_text(encoding="utf-8")
        pager.show([without_controls(text)])
    elif topic is None:
        click.echo(group.get_help(root))
    elif topic in COMMANDS and isinstance(group, click.Group):
        named = group.get_command(root, topic)
        if named:
            click.echo(named.get_help(click.Context(named, parent=root, info_name=topic)))
    else:
        raise click.UsageError(f"expected a command, or a topic of {', '.join(TOPICS)}")


def _page(name: str) -> Path:
    """Return where a file of the repository is; installed, ``docs`` is ``_docs``."""
    folder, _, file = name.rpartition("/")
    installed = _PACKAGE / f"_{folder}"
    return (installed if installed.is_dir() else _PACKAGE.parent / folder) / file
