"""Running a strategy."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli.folders import Folders, opened
from evidence_search.cli.messages import say
from evidence_search.cli.options import logged
from evidence_search.cli.output import Output, output
from evidence_search.cli.strategies import of_strategy, strategy_of
from evidence_search.escaping import line
from evidence_search.render import formats_of
from evidence_search.render.phrases import counted

_RECORDS = tuple(f for f in formats_of("results") if f not in formats_of("strategy"))


@click.command("run")
@of_strategy
@click.option("--line", "number", type=int, metavar="N", help="Write the records of this line.")
@click.option("--records", is_flag=True, help="Write the records of the last line.")
@click.option("--check", is_flag=True, help="Say what a peer reviewer would ask about.")
@click.option(
    "--known",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --check: papers that no NOT may lose.",
)
@logged
@click.option("--strict", is_flag=True, help="Refuse what can't be honoured.")
@output("strategy", others="results")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917 - an option each
    folders: Folders,
    /,
    file: Path,
    dialect_name: str | None,
    number: int | None,
    records: bool,
    check: bool,
    known: Path | None,
    log: Path | None,
    strict: bool,
    to: Output,
) -> None:
    """Run a strategy of numbered lines, written for another platform or for this.

    FILE has a search a line, numbered or not, in the language of Ovid, PubMed, the Cochrane
    Library, EBSCOhost, Scopus, Web of Science, or ours; - is standard input. A table says what
    each line found, and what could not be honoured. With --line, --records, or a format of
    records, the records of a line are written.

    \b
    Examples:
      evidence-search run strategy.txt
      evidence-search run strategy.txt --line 5
      evidence-search run strategy.txt -o found.ris
      evidence-search run strategy.txt --check --known known.ris
      evidence-search run strategy.txt --from ovid --strict
      evidence-search run strategy.txt --log searches.jsonl
    """
    from evidence_search.strategies.execution import run_strategy

    index, _ = opened(folders)
    run = run_strategy(index, strategy_of(file, dialect_name), strict=strict)
    if check:
        from evidence_search.strategies.lint import lint
        from evidence_search.strategies.recall import ids_of, read_papers

        problems = lint(run, index, ids_of(read_papers(known), index) if known else None)
        for problem in problems:
            say(line(str(problem)), out=True)
        say(f"Checked {counted(len(run), 'line')}: {counted(len(problems), 'remark')}")
        return
    if log:
        from evidence_search import history

        history.log_strategy(log, index, run, run.last.line.number if number is None else number)
    if number is None and not records and to.form not in _RECORDS:
        to.write(run)
        return
    results = run.results(number, limit=None)
    to._replace(kind="results").write(results, index.corpus_folder)
    to.report(len(results), results.total)
