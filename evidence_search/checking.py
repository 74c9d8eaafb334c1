"""A corpus, checked as a linter does: every problem of every file, and of the thesaurus."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.errors import CorpusError, ThesaurusError
from evidence_search.records import Problem, Source
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.corpus import CorpusFile


@dataclass(slots=True)
class Checked:
    """What has been checked so far; ``problems`` are in the order they were found."""

    files: int = 0
    records: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many of the problems are warnings."""
        return len(self.problems) - self.errors


def check_corpus(
    folder: Path, max_size: int = corpus.MAX_FILE_SIZE, checked: Checked | None = None
) -> Iterator[Problem]:
    """Yield what is wrong or doubtful in a corpus folder, file by file.

    ``checked`` is kept up to date.  Raises :class:`CorpusError` where the
    folder can't be read.
    """
    yield from _check_folder(folder, "", max_size, checked or Checked())


def check_files(
    names: Iterable[str], max_size: int = corpus.MAX_FILE_SIZE, checked: Checked | None = None
) -> Iterator[Problem]:
    """Yield what is wrong or doubtful in some files, and folders of them, under these names.

    A file that can't be read is a problem, and the others are still checked.
    """
    checked = checked or Checked()
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from _check_folder(path, f"{name.rstrip('/')}/", max_size, checked)
        elif path.name == corpus.THESAURUS:
            yield from _count_thesaurus(path, name, checked)
        else:
            yield from _count(_read(path, max_size), name, checked)


def _check_folder(folder: Path, prefix: str, max_size: int, checked: Checked) -> Iterator[Problem]:
    for file in corpus.read_corpus(folder, max_size):
        yield from _count(file, f"{prefix}{file.path}", checked)
    thesaurus = folder / corpus.THESAURUS
    if thesaurus.is_file():
        yield from _count_thesaurus(thesaurus, f"{prefix}{corpus.THESAURUS}", checked)


def _read(path: Path, max_size: int) -> CorpusFile:
    """Read a file that was named: other than in a corpus, it may be a link."""
    try:
        whole = path.resolve(strict=True)
        return corpus.read_file(whole.parent, whole.name, max_size)
    except (CorpusError, OSError, RuntimeError) as error:  # a loop of links, before Python 3.13
        why = error.strerror if isinstance(error, OSError) else error
        unreadable = CorpusError(f"expected a file that can be read: {why}")
        return corpus.unreadable(path.name, corpus.Stamp(0, 0), unreadable)


def _count(file: CorpusFile, name: str, checked: Checked) -> Iterator[Problem]:
    """Yield the problems of a file under the name that it was given."""
    checked.files += 1
    checked.records += len(file.records)
    for found in file.problems:
        problem = replace(found, source=replace(found.source, path=name))
        checked.problems.append(problem)
        yield problem


def _count_thesaurus(path: Path, name: str, checked: Checked) -> Iterator[Problem]:
    checked.files += 1
    for problem in _check_thesaurus(path, name):
        checked.problems.append(problem)
        yield problem


def _check_thesaurus(path: Path, name: str) -> Iterator[Problem]:
    from evidence_search.analysis import Analyzer
    from evidence_search.thesaurus.linting import lint
    from evidence_search.thesaurus.reading import read_thesaurus

    analyzer = Analyzer()
    try:
        thesaurus = read_thesaurus(path.read_text(encoding="utf-8"), name)
    except (ThesaurusError, UnicodeDecodeError, OSError) as error:
        yield Problem(Source(name, 1), "error", "thesaurus", str(error))
        return
    yield from lint(thesaurus, name, lambda term: tuple(analyzer.tokens(term)))
