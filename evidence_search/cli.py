"""The command ``evidence-search``: parse, call, print.  The only door to click."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evidence_search import __version__
from evidence_search.errors import EvidenceSearchError, QueryError
from evidence_search.opening import CORPUS_VARIABLE, INDEX_VARIABLE, folders
from evidence_search.render import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evidence_search.index import EvidenceIndex, Refreshed
    from evidence_search.records import Problem, StudyRecord
    from evidence_search.render.text import Style

_SEARCH_FORMATS = ("text", *FORMATS)


class _Group(click.Group):
    """Words that are no command are a search; our errors are one line and exit status 1."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        at = 0
        while at < len(args) and args[at] in {"--corpus", "--index"}:
            at += 2
        while at < len(args) and args[at].startswith(("--corpus=", "--index=")):
            at += 1
        if at < len(args) and args[at] not in {*self.commands, "--help", "-h", "--version"}:
            args = [*args[:at], "search", *args[at:]]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader has had what it wanted; what is still buffered has nowhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except QueryError as error:
            raise click.UsageError(str(error), ctx) from error
        except EvidenceSearchError as error:
            click.echo(f"evidence-search: {error}", err=True)
            ctx.exit(1)
        return result


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Words that are no command are a search: evidence-search drink driving",
)
@click.option(
    "--corpus", envvar=CORPUS_VARIABLE, metavar="DIR", type=click.Path(), help="Folder of cells."
)
@click.option(
    "--index", envvar=INDEX_VARIABLE, metavar="DIR", type=click.Path(), help="Folder of the index."
)
@click.version_option(__version__, prog_name="evidence-search")
@click.pass_context
def cli(ctx: click.Context, corpus: str | None, index: str | None) -> None:
    """Search the studies, reviews and guidance of Effectiveness Bank matrix cells.

    Without --corpus and --index: corpus/ and index/ of the folder you are in;
    without these, the corpus that came with the program, and an index in your
    cache folder.
    """
    ctx.obj = (corpus, index)


def _opened(obj: tuple[str | None, str | None]) -> tuple[EvidenceIndex, Refreshed | None]:
    """Open the index, up to date; say so in one line on standard error where that took writing."""
    from evidence_search.index import EvidenceIndex

    index = EvidenceIndex(*folders(*obj))
    if not index.changes():
        return index, None
    refreshed = index.refresh()
    if refreshed.changed:
        click.echo(_told(refreshed), err=True)
    return index, refreshed


def _told(refreshed: Refreshed) -> str:
    counts = f"{refreshed.added} added, {refreshed.replaced} replaced, {refreshed.removed} removed"
    verb = "Built" if refreshed.rebuilt else "Refreshed"
    problems = len(refreshed.problems)
    checked = f"; {problems} to check: evidence-search check" if problems else ""
    return (
        f"{verb} the index: {counts}; {refreshed.documents} records, "
        f"{refreshed.seconds:.1f} s{checked}"
    )


def _style() -> Style:
    import shutil

    from evidence_search.render.text import Style

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Style(min(shutil.get_terminal_size().columns, 100), colour)


def _export(records: Iterable[StudyRecord], name: str) -> None:
    from evidence_search.render import exporter

    for piece in exporter(name)(records):
        sys.stdout.write(piece)


@cli.command()
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
@click.option(
    "--format", "form", type=click.Choice(_SEARCH_FORMATS), default="text", show_default=True
)
@click.pass_obj
def search(
    obj: tuple[str | None, str | None], /, words: Sequence[str], form: str, **options: Any
) -> None:
    """Search, best match first, with facets.

    \b
    Examples:
      evidence-search search drink driving
      evidence-search search prison -c guidance -j UK -y 2010..
      evidence-search search '"child protection" AND scotland'
    """
    index, refreshed = _opened(obj)
    found = index.search(" ".join(words), **options)
    if form == "text":
        from evidence_search.render import text

        sys.stdout.write(text.results(found, _style()))
    elif form == "json":
        from evidence_search.render import data

        sys.stdout.write(data.results(found, index, refreshed))
    else:
        _export(found.records, form)


@cli.command("list")
@click.option(
    "--format", "form", type=click.Choice(tuple(FORMATS)), default="lines", show_default=True
)
@click.pass_obj
def list_(obj: tuple[str | None, str | None], form: str) -> None:
    """List all records, in the order of the corpus.

    \b
    Examples:
      evidence-search list
      evidence-search list --format jsonl
    """
    index, _ = _opened(obj)
    _export(index.records, form)


@cli.command()
@click.argument("id_")
@click.option("--format", "form", type=click.Choice(_SEARCH_FORMATS), default="text")
@click.pass_obj
def show(obj: tuple[str | None, str | None], id_: str, form: str) -> None:
    """Show one whole record, by its id or the beginning of it.

    \b
    Example:
      evidence-search show alcohol-e5-managing
    """
    index, _ = _opened(obj)
    record = index.get(id_)
    if form == "text":
        from evidence_search.render import text

        sys.stdout.write(text.record(record, _style()))
    else:
        _export([record], form)


@cli.command()
@click.option("--rebuild", is_flag=True, help="Start afresh, whatever the index holds.")
@click.pass_obj
def index(obj: tuple[str | None, str | None], rebuild: bool) -> None:
    """Bring the index up to date with the corpus.

    \b
    Examples:
      evidence-search index
      evidence-search index --rebuild
    """
    from evidence_search.index import EvidenceIndex

    opened = EvidenceIndex(*folders(*obj))
    refreshed = opened.refresh(rebuild=rebuild)
    if refreshed.changed:
        click.echo(_told(refreshed))
    else:
        click.echo(f"The index is up to date: {refreshed.documents} records")


@cli.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.pass_obj
def check(obj: tuple[str | None, str | None], files: Sequence[str]) -> None:
    """Check the corpus, or some files, as a linter does: file:line:column: message.

    The exit status is 1 where there are errors; warnings are for your eyes.

    \b
    Examples:
      evidence-search check
      evidence-search check my-cells/drug-a1.txt
    """
    from evidence_search.checking import check_corpus, check_file

    found: list[Problem] = []
    for problem in (
        (p for name in files for p in check_file(Path(name)))
        if files
        else check_corpus(folders(*obj)[0])
    ):
        found.append(problem)
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in found)
    click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    if errors:
        raise SystemExit(1)


@cli.command()
@click.argument("words", nargs=-1)
@click.pass_obj
def facets(obj: tuple[str | None, str | None], words: Sequence[str]) -> None:
    """Draw how many records each label has, of all or of those a query matches.

    \b
    Examples:
      evidence-search facets
      evidence-search facets domestic violence
    """
    from evidence_search.render import text

    opened, _ = _opened(obj)
    sys.stdout.write(text.bars(opened.search(" ".join(words), limit=0).facets, _style()))


def main() -> None:
    """Run the command."""
    for stream in (sys.stdout, sys.stderr):
        # Corpus text is any of Unicode; a terminal that can't show it gets "?".
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    cli.main(prog_name="evidence-search")
