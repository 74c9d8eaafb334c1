"""Measuring how well searches answer topics."""

from __future__ import annotations

from pathlib import Path

import click

from evidence_search.cli.folders import Folders, make_vectors, opened
from evidence_search.cli.messages import say
from evidence_search.cli.output import Output, output
from evidence_search.escaping import line


@click.command("evaluate")
@click.argument("topics", type=click.Path(path_type=Path))
@click.option(
    "--judgements", type=click.Path(path_type=Path), help="Lines of topic, record and grade."
)
@click.option("--with", "under", metavar="SETTING", default="default", show_default=True)
@click.option("--compare", "other", metavar="SETTING", help="Another setting, tested against it.")
@output("evaluation")
@click.pass_obj
def command(
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
    feedback, meaning.

    \b
    Examples:
      evidence-search evaluate topics.tsv
      evidence-search evaluate topics.tsv --compare exact
      evidence-search evaluate cranfield/ --format json
    """
    from evidence_search import evaluation

    settings = [evaluation.setting(text) for text in (under, other) if text is not None]
    read = evaluation.read_topics(topics, judgements)
    documents = evaluation.documents_of(topics)
    index = evaluation.open_collection(documents) if documents else opened(folders)[0]
    if any(setting.search.meaning for setting in settings):
        make_vectors(index)
    evaluations = [evaluation.evaluate(index, read, setting) for setting in settings]
    unknown = evaluations[0].unknown
    if unknown:
        some = ", ".join(unknown[:3]) + (", …" if len(unknown) > 3 else "")
        say(f"{len(unknown)} judged records are not in the index: {line(some)}")
    comparison = evaluation.compare(*evaluations) if len(evaluations) == 2 else None
    to.write((evaluations, comparison))
