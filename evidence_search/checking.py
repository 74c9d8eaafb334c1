"""A corpus, checked as a linter does: every problem of every file, and of the thesaurus."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search import corpus
from evidence_search.errors import CorpusError
from evidence_search.lists import LISTS
from evidence_search.lists.entries import ON, known_as, lasting_names, parse
from evidence_search.merging import DUPLICATES
from evidence_search.problems import Problems
from evidence_search.records import Problem, Source
from evidence_search.settings import read_settings
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from evidence_search.corpus import CorpusFile
    from evidence_search.merging.identity import Identity


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
            yield from _count_thesaurus(path.parent, name, max_size, checked)
        else:
            yield from _count(_read(path, max_size), name, checked)


def _check_folder(folder: Path, prefix: str, max_size: int, checked: Checked) -> Iterator[Problem]:
    files = corpus.read_corpus(folder, max_size)
    names: set[str] = set()
    for file in _with_editions(_with_unknown_listings(files, folder)):
        yield from _count(file, f"{prefix}{file.path}", checked)
        names.update(*map(lasting_names, file.records), (record.id for record in file.records))
    if os.path.lexists(folder / LISTS):
        yield from _count(_lists(folder, max_size, names), f"{prefix}{LISTS}", checked)
    if os.path.lexists(folder / corpus.SETTINGS):
        yield from _count(_settings(folder), f"{prefix}{corpus.SETTINGS}", checked)
    if os.path.lexists(folder / corpus.THESAURUS):
        yield from _count_thesaurus(folder, f"{prefix}{corpus.THESAURUS}", max_size, checked)


def _settings(folder: Path) -> CorpusFile:
    """Return what keeps the settings of a corpus from being read, as the problem of their file."""
    try:
        read_settings(folder)
    except CorpusError as error:
        return corpus.unreadable(corpus.SETTINGS, corpus.Stamp(0, 0), error)
    return corpus.CorpusFile(corpus.SETTINGS, corpus.Stamp(0, 0), "", (), ())


def _lists(folder: Path, max_size: int, names: Collection[str]) -> CorpusFile:
    """Read the file of lists; a record that the corpus has no more is a problem of its entry."""
    try:
        file = corpus.read_file(folder, LISTS, max_size)
        data, _ = corpus.read_bytes(folder, LISTS, max_size)
    except CorpusError as error:
        return corpus.unreadable(LISTS, corpus.Stamp(0, 0), error)
    except OSError:  # a link, or too large, as its problem says already
        return file
    lost = (
        Problem(
            Source(LISTS, one.line), "warning", "unknown-record",
            f"expected a record of the corpus, found {one.title or one.record!r}, which is none "
            "now; the entry is kept: bring the record back, or remove the line",
        )
        for one in parse(data.decode("utf-8-sig", "replace"))[0]
        if one.action == ON and not any(name in names for name in (one.record, *known_as(one)))
    )  # fmt: skip
    return file._replace(problems=Problems(chain(file.problems, lost)).told())


def _with_editions(files: Iterable[CorpusFile]) -> Iterator[CorpusFile]:
    """Yield files; one that is of the same cell as an earlier one has that as a problem."""
    first: dict[object, str] = {}
    for file in files:
        cells = {(record.matrix, record.cell) for record in file.records}
        matrix, cell = cells.pop() if len(cells) == 1 else (None, None)
        if cell and first.setdefault((matrix, cell), file.path) != file.path:
            found = " ".join(filter(None, (matrix, cell)))
            problem = Problem(
                Source(file.path, 1), "warning", "edition",
                f"expected each cell in one file, found {found} in {first[matrix, cell]} too: "
                "they are two editions, and their entries are merged where they are the same; "
                "keep the one that you want",
            )  # fmt: skip
            yield file._replace(problems=(problem, *file.problems))
        else:
            yield file


def _with_unknown_listings(files: Iterable[CorpusFile], folder: Path) -> Iterator[CorpusFile]:
    """Yield files; that of decisions comes last, and has as problems the names nothing has."""
    decided = None
    if not os.path.lexists(folder / DUPLICATES):
        yield from files
        return
    from evidence_search.merging.decisions import Decisions
    from evidence_search.merging.identity import identity

    identities: list[Identity] = []
    for file in files:
        if file.path == DUPLICATES:
            decided = file
        else:
            identities += map(identity, file.records)
            yield file
    if decided:
        unknown = Decisions(decided.decisions).unknown(identities)
        yield decided._replace(problems=Problems(chain(decided.problems, unknown)).told())


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


def _count_thesaurus(folder: Path, name: str, max_size: int, checked: Checked) -> Iterator[Problem]:
    checked.files += 1
    for problem in _check_thesaurus(folder, name, max_size):
        checked.problems.append(problem)
        yield problem


def _check_thesaurus(folder: Path, name: str, max_size: int) -> Iterator[Problem]:
    from evidence_search.analysis import Analyzer
    from evidence_search.thesaurus.linting import lint
    from evidence_search.thesaurus.source import load

    loaded = load(folder, max_size, name)
    if loaded.entry is None:
        yield Problem(Source(name, 1), "error", "thesaurus", "expected a file, found none")
    elif loaded.problem:
        yield loaded.problem
    if loaded.thesaurus:
        analyzer = Analyzer()
        doubts = lint(loaded.thesaurus, name, lambda term: tuple(analyzer.tokens(term)))
        yield from Problems(doubts).told()
