"""The command that measures how well searching answers known topics."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli.common import Folders, Output, opened, output

FORMATS = ("text", "json", "tsv")


@click.command()
@click.argument("topics", type=click.Path(path_type=Path))
@click.option(
    "--judgements", type=click.Path(path_type=Path), help="Lines of topic, record and grade."
)
@click.option("--with", "under", metavar="SETTING", default="default", show_default=True)
@click.option("--compare", "other", metavar="SETTING", help="Another setting, tested against it.")
@output(FORMATS)
@click.pass_obj
def evaluate(
    folders: Folders,
    topics: Path,
    judgements: Path | None,
    under: str,
    other: str | None,
    to: Output,
) -> None:
    """Measure how well searches answer topics whose good answers are known.

    TOPICS is a file with a query a line and its records, by id or title, as
    grade:record, with tabs between; or, with --judgements, a query a line
    after its id and a tab. A folder with queries.jsonl, qrels.tsv and
    docs.jsonl is a test collection: its own documents are searched, from an
    index in your cache folder.

    SETTING is options of a search with commas between: default, exact, all,
    feedback.

    \b
    Examples:
      evidence-search evaluate topics.tsv
      evidence-search evaluate topics.tsv --compare exact
      evidence-search evaluate cranfield/ --format json
    """
    from evidence_search import evaluation
    from evidence_search.render import evaluations as rendering
    from evidence_search.render.safe import line

    settings = [evaluation.setting(text) for text in (under, other) if text is not None]
    read = evaluation.read_topics(topics, judgements)
    documents = evaluation.documents_of(topics)
    index = evaluation.open_collection(documents) if documents else opened(folders)[0]
    evaluations = [evaluation.evaluate(index, read, setting) for setting in settings]
    unknown = evaluations[0].unknown
    if unknown:
        some = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
        click.echo(f"{len(unknown)} judged records are not in the index: {line(some)}", err=True)
    comparison = evaluation.compare(*evaluations) if len(evaluations) == 2 else None
    to.write(rendering.FORMATS[to.form](evaluations, comparison))
