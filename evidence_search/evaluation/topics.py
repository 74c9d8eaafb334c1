"""Topics and judgements from the files that test collections come in.

A *topic* is a query with its judgements; a *judgement* is the grade of a
record for a topic: 0 is "not relevant", more is better.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import CorpusError
from evidence_search.files import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from evidence_search.evaluation.measures import Judgements

QUERIES = "queries.jsonl"
QRELS = ("qrels.tsv", "qrels.txt", "qrels/test.tsv")
"""Where a folder may have its judgements; the first that is there is read."""

_MOST_DIGITS = 9
"""Of a grade: collections grade up to a hundred, and a number of thousands can't be read."""


class Topic(NamedTuple):
    """A query, and the grades of records for it, by id or title of the record."""

    id: str
    query: str
    judgements: Judgements


def read_topics(path: Path, judgements: Path | None = None) -> list[Topic]:
    """Read topics with their judgements; those without a relevant record are left out.

    ``path`` is one of

    * a file of lines ``query <tab> grade:record <tab> grade:record …``, each
      record by its id or title;
    * with ``judgements``, a file of lines ``id <tab> query``, or of JSON
      objects ``{"id": …, "text": …}``;
    * a folder with ``queries.jsonl`` and, unless ``judgements`` names another
      file, ``qrels.tsv``.

    Judgements are lines of topic, record and grade, or TREC's four columns.
    Lines that begin with ``#`` are comments.  Raises :class:`CorpusError` with
    file and line.
    """
    if path.is_dir():
        judgements = judgements or next(
            (path / name for name in QRELS if (path / name).is_file()), path / QRELS[0]
        )
        path = path / QUERIES
    elif path.suffix == ".jsonl" and judgements is None:
        judgements = path.with_name(QRELS[0])
    if judgements is None:
        topics = list(_with_grades(path))
    else:
        graded = _qrels(judgements)
        queries = _json_queries(path) if path.suffix == ".jsonl" else _plain_queries(path)
        topics = [Topic(name, query, graded.get(name, {})) for name, query in queries.items()]
    judged = [topic for topic in topics if any(g > 0 for g in topic.judgements.values())]
    if not judged:
        where = f"{path} and {judgements}" if judgements else str(path)
        raise CorpusError(
            f"{where}: expected topics with a record of grade 1 or more; "
            f"found {len(topics)} topics, none with one"
        )
    return judged


def _with_grades(path: Path) -> Iterator[Topic]:
    for number, (line, text) in enumerate(numbered(path), 1):
        query, *columns = text.split("\t")
        graded: Judgements = {}
        for column in filter(str.strip, columns):
            grade, colon, name = column.partition(":")
            if not colon or not _is_grade(grade.strip()) or not name.strip():
                raise CorpusError(
                    f"{path}:{line}: expected grade:record, such as 2:Managing drink-drivers; "
                    f"found {column[:40]!r}"
                )
            _judge(graded, name.strip(), int(grade.strip()), f"{path}:{line}")
        if not query.strip():
            raise CorpusError(f"{path}:{line}: expected a query before the first tab; found none")
        yield Topic(str(number), query.strip(), graded)


def _qrels(path: Path) -> dict[str, Judgements]:
    graded: dict[str, Judgements] = {}
    for line, text in numbered(path):
        columns = text.split()
        if len(columns) not in {3, 4} or not _is_grade(columns[-1]):
            if line == 1:
                continue  # the header that some collections have
            raise CorpusError(
                f"{path}:{line}: expected topic, record and grade, or TREC's four columns; "
                f"found {text[:40]!r}"
            )
        _judge(graded.setdefault(columns[0], {}), columns[-2], int(columns[-1]), f"{path}:{line}")
    return graded


def _judge(graded: Judgements, name: str, grade: int, where: str) -> None:
    if graded.setdefault(name, grade) != grade:
        raise CorpusError(
            f"{where}: expected one grade for each record of a topic; found {graded[name]} and "
            f"{grade} for {name[:40]!r}: remove one of them"
        )


def _json_queries(path: Path) -> dict[str, str]:
    queries: dict[str, str] = {}
    for line, values in objects(path):
        name, query = values.get("id", values.get("_id")), values.get("text", values.get("query"))
        if name is None or not isinstance(query, str):
            raise CorpusError(
                f'{path}:{line}: expected {{"id": …, "text": …}}; found {values}'[:200]
            )
        _add(queries, str(name), query, f"{path}:{line}")
    return queries


def _plain_queries(path: Path) -> dict[str, str]:
    queries: dict[str, str] = {}
    for line, text in numbered(path):
        name, tab, query = text.partition("\t")
        if not tab or not query.strip():
            raise CorpusError(f"{path}:{line}: expected id, tab and query; found {text[:40]!r}")
        _add(queries, name.strip(), query.strip(), f"{path}:{line}")
    return queries


def _add(queries: dict[str, str], name: str, query: str, where: str) -> None:
    if name in queries:
        raise CorpusError(f"{where}: expected each topic once; found {name!r} again")
    queries[name] = query


def objects(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the JSON objects of a file, one a line, with the numbers of their lines."""
    for line, text in numbered(path, comments=False):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise CorpusError(f"{path}:{line}: expected a JSON object; found {text[:40]!r}")
        yield line, values


def numbered(path: Path, *, comments: bool = True) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that aren't blank or comments, with their numbers from 1."""
    try:
        for number, data in enumerate(read_lines(path), 1):
            line = data.decode("utf-8-sig" if number == 1 else "utf-8")
            if line.strip() and not (comments and line.startswith("#")):
                yield number, line.rstrip("\r\n")
    except OSError as error:
        raise CorpusError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path}: expected text in UTF-8; found {error.object[error.start]:#x}"
        ) from error


def _is_grade(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
