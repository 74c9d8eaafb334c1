"""Commands that search."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from evidence_search.cli.common import FORMATS, Folders, export, opened, style

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("-c", "--category", multiple=True, help="Code or name: S, K, R, G. Repeatable.")
@click.option("-j", "--jurisdiction", multiple=True, help="Place: Scotland, UK, … Repeatable.")
@click.option("-y", "--year", help="2010, 2005..2012, 2010.. or ..2008")
@click.option("-n", "--limit", type=click.IntRange(0), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0), default=0, help="How many hits to skip.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest", "title"]),
    default="relevance",
    show_default=True,
)
@click.option("--all", "every_word", is_flag=True, help="Every word must match.")
@click.option("--exact", is_flag=True, help="Only these words, not their synonyms.")
@click.option("--strict", is_flag=True, help="Refuse a query that isn't well formed.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.pass_obj
def search(folders: Folders, /, words: Sequence[str], form: str, **options: Any) -> None:
    """Search, best match first, with facets.

    \b
    Examples:
      evidence-search search drink driving
      evidence-search search prison -c guidance -j UK -y 2010..
      evidence-search search '"child protection" AND scotland'
    """
    index, refreshed = opened(folders)
    found = index.search(" ".join(words), **options)
    if form == "text":
        from evidence_search.render import text

        sys.stdout.write(text.results(found, style()))
    elif form == "json":
        from evidence_search.render import data

        sys.stdout.write(data.results(found, index, refreshed))
    elif form == "html":
        from evidence_search.render import html

        sys.stdout.write(html.results(found))
    else:
        export(found.records, form)


@click.command()
@click.argument("words", nargs=-1)
@click.pass_obj
def facets(folders: Folders, words: Sequence[str]) -> None:
    """Draw how many records each label has, of all or of those a query matches.

    \b
    Examples:
      evidence-search facets
      evidence-search facets domestic violence
    """
    from evidence_search.render import text

    index, _ = opened(folders)
    sys.stdout.write(text.bars(index.search(" ".join(words), limit=0).facets, style()))
