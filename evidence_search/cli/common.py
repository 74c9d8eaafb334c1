"""What several commands need: the folders, the index, the style, the formats."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

from evidence_search import corpus, opening
from evidence_search.render import FORMATS
from evidence_search.render.safe import line

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex
    from evidence_search.index.state import Refreshed
    from evidence_search.records import StudyRecord
    from evidence_search.render.text import Style

F = TypeVar("F", bound="Callable[..., Any]")
_MAX_ERRORS = 3
_PATIENCE = 1.0  # seconds


class Folders(NamedTuple):
    """What ``--corpus`` and ``--index`` named; each command gets it as its first argument."""

    corpus_folder: str | None
    index_folder: str | None
    max_file_size: int = corpus.MAX_FILE_SIZE

    def resolved(self) -> tuple[Path, Path]:
        """Return the corpus and the index folder to use."""
        return opening.folders(self.corpus_folder, self.index_folder)

    def open(self) -> EvidenceIndex:
        """Return the index, as it was left."""
        from evidence_search.index import EvidenceIndex

        return EvidenceIndex(*self.resolved(), max_file_size=self.max_file_size)


def opened(folders: Folders) -> tuple[EvidenceIndex, Refreshed]:
    """Open the index, up to date; say so in one line on standard error where that took writing.

    Where it can't be brought up to date but answers, that is one line too, and so is
    each of the first errors found in files that were read.
    """
    index = folders.open()
    with progress("Reading the corpus") as advance:
        refreshed = index.catch_up(progress=advance, failed=_warn)
    if refreshed.changed:
        click.echo(told(refreshed), err=True)
    tell_errors(refreshed)
    return index, refreshed


def tell_errors(refreshed: Refreshed) -> None:
    """Say on standard error, a line each, what kept the first files or entries from being read."""
    errors = [problem for problem in refreshed.problems if problem.severity == "error"]
    for problem in errors[:_MAX_ERRORS]:
        click.echo(line(str(problem)), err=True)


def _warn(error: EvidenceSearchError) -> None:
    click.echo(f"evidence-search: {error}; answering from the index as it was", err=True)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function to call with what is done and all there is to do.

    It draws a bar on standard error, where that is a terminal and the work
    has taken a second.
    """
    begun = time.monotonic()
    with ExitStack() as stack:
        bar: Any = None  # click doesn't export the type

        def advance(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                if not sys.stderr.isatty() or time.monotonic() - begun < _PATIENCE:
                    return
                bar = stack.enter_context(
                    click.progressbar(length=total, label=label, file=sys.stderr)
                )
            bar.update(done - bar.pos)

        yield advance


def told(refreshed: Refreshed) -> str:
    """Return what a refresh did, in one line."""
    counts = f"{refreshed.added} added, {refreshed.replaced} replaced, {refreshed.removed} removed"
    verb = "Built" if refreshed.rebuilt else "Refreshed"
    reason = f" anew ({line(refreshed.reason)})" if refreshed.reason else ""
    problems = len(refreshed.problems)
    checked = f"; {problems} to check: evidence-search check" if problems else ""
    return (
        f"{verb} the index{reason}: {counts}; {refreshed.documents} records, "
        f"{refreshed.seconds:.1f} s{checked}"
    )


def completed_by(name: str) -> Callable[..., Any]:
    """Return a function of ``completing``, imported only when a shell asks."""

    def complete(*args: Any) -> Any:
        return getattr(import_module("evidence_search.cli.completing"), name)(*args)

    return complete


def searching(command: F) -> F:
    """Decorate a command with the options of a ranked search, as ``EvidenceIndex.search``."""
    sort = click.option(
        "--sort",
        type=click.Choice(["relevance", "newest", "oldest", "title"]),
        default="relevance",
        show_default=True,
        metavar="ORDER",
        help="relevance, newest, oldest or title.",
    )
    return matching(sort(command))


def matching(command: F) -> F:
    """Decorate a command with the options that say what matches: filters, and how to read words."""
    for option in (
        click.option("--strict", is_flag=True, help="Refuse a query that isn't well formed."),
        click.option("--feedback", is_flag=True, help="Search words of the best records too."),
        click.option("--exact", is_flag=True, help="Only these words, not their synonyms."),
        click.option("--all", "every_word", is_flag=True, help="Every word must match."),
    ):
        command = option(command)
    return filtering(command)


def filtering(command: F) -> F:
    """Decorate a command with the options that filter records."""
    label = partial(
        click.option, multiple=True, metavar="NAME", shell_complete=completed_by("labels")
    )
    for option in reversed(
        (
            label("-c", "--category", help="Code or name: S, K, R, G. Repeatable."),
            label("-j", "--jurisdiction", help="Place: Scotland, UK, … Repeatable."),
            click.option(
                "-y", "--year", metavar="YEARS", help="2010, 2005..2012, 2010.. or ..2008"
            ),
            label("-p", "--publisher", help="Name, words of it, acronym. Repeatable."),
            label("--cell", help="E5. Repeatable."),
            label("--column", help="Letter or words. Repeatable."),
            label("--row", help="Number or words. Repeatable."),
            label("--matrix", help="Alcohol or Drug. Repeatable."),
        )
    ):
        command = option(command)
    return command


class Output(NamedTuple):
    """Where a command writes, and in which format: ``--format``, ``--output`` and ``--force``."""

    form: str
    path: Path | None = None
    force: bool = False

    def style(self, corpus_folder: Path | None = None) -> Style:
        """Return how to draw there, with links into the corpus where they are shown."""
        from evidence_search.render import terminal
        from evidence_search.render.text import Style

        return Style() if self.path else terminal.style(corpus_folder)

    def write(self, pieces: Iterable[str]) -> None:
        """Write the pieces: the whole file or none of it, or to standard output."""
        if self.path:
            from evidence_search.writing import write_file

            write_file(self.path, pieces, overwrite=self.force)
        elif self.form == "text":
            from evidence_search.cli import terminal

            terminal.show(pieces)
        else:
            if not sys.stdout.isatty():  # a format is the same bytes on every machine
                sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")  # type: ignore[union-attr]
            sys.stdout.writelines(pieces)

    def write_bytes(self, pieces: Iterable[bytes]) -> None:
        """Write what isn't text: the whole file or none of it, or to standard output."""
        if self.path:
            from evidence_search.writing import write_file

            write_file(self.path, pieces, overwrite=self.force)
        else:
            sys.stdout.buffer.writelines(pieces)

    def write_records(self, records: Sequence[StudyRecord], corpus_folder: Path) -> None:
        """Write records, and say on standard error how many went to a file."""
        from evidence_search.render import exporter

        if self.form == "text":
            from evidence_search.render import text

            self.write(text.records(records, self.style(corpus_folder)))
        else:
            self.write(exporter(self.form)(records))
        self.report(len(records))

    def report(self, written: int, total: int | None = None) -> None:
        """Say on standard error how many records went to a file."""
        if self.path:
            of = f" of {total}" if total is not None and total != written else ""
            click.echo(f"Wrote {written}{of} records to {self.path}", err=True)


def output(formats: Collection[str] = tuple(FORMATS), default: str = "text") -> Callable[[F], F]:
    """Decorate a command with the options of :class:`Output`, which it gets as ``to``."""

    def decorate(command: F) -> F:
        @click.option(
            "--format",
            "form",
            type=click.Choice(list(formats)),
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
            to = Output(form or _by_ending(path, formats) or default, path, force)
            return command(*args, to=to, **options)

        return cast("F", with_output)

    return decorate


def _by_ending(path: Path | None, formats: Collection[str]) -> str | None:
    """Return the format that the name of a file asks for."""
    from evidence_search.render import ENDINGS, format_of

    if path is None:
        return None
    form = format_of(path.name)
    if form is None or form not in formats:
        known = ", ".join(e for e, name in ENDINGS.items() if name in formats)
        raise click.UsageError(
            f"-o {path}: expected an ending of {known}; for any other name the format: --format"
        )
    return form
