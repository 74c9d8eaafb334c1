"""A corpus, checked as a linter does: every problem of every file, and of the thesaurus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.errors import CorpusError, ThesaurusError
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check_corpus(folder: Path) -> Iterator[Problem]:
    """Yield what is wrong or doubtful in a corpus folder, file by file.

    Raises :class:`CorpusError` where the folder can't be read.
    """
    for file in corpus.read_corpus(folder):
        yield from file.problems
    path = folder / corpus.THESAURUS
    if path.is_file():
        yield from check_thesaurus(path)


def check_file(path: Path) -> Iterator[Problem]:
    """Yield what is wrong or doubtful in one file.

    Raises :class:`CorpusError` where it can't be read.
    """
    if path.name == corpus.THESAURUS:
        yield from check_thesaurus(path)
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: can't be read: {error.strerror}") from error
    yield from corpus.parse_file(data, str(path))[1]


def check_thesaurus(path: Path) -> Iterator[Problem]:
    """Yield what is wrong or doubtful in a thesaurus file."""
    from evidence_search.analysis import Analyzer
    from evidence_search.thesaurus.linting import lint
    from evidence_search.thesaurus.reading import read_thesaurus

    analyzer = Analyzer()
    try:
        thesaurus = read_thesaurus(path.read_text(encoding="utf-8"), path.name)
    except (ThesaurusError, UnicodeDecodeError) as error:
        yield Problem(Source(path.name, 1), "error", "thesaurus", str(error))
        return
    yield from lint(thesaurus, path.name, lambda term: tuple(analyzer.tokens(term)))
