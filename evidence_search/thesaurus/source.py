"""Where the thesaurus of a corpus is, and its text as it stands there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from evidence_search import corpus
from evidence_search.errors import ThesaurusError
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.thesaurus.reading import Thesaurus


class Loaded(NamedTuple):
    """A thesaurus file as it was read: ``thesaurus`` and ``text`` are ``None`` where it can't be.

    ``entry`` is its size in bytes, time of change in ns, and digest, as in
    :class:`~evidence_search.corpus.CorpusFile`; ``None`` where there is no file.
    """

    entry: tuple[int, int, str] | None
    text: str | None = None
    thesaurus: Thesaurus | None = None
    problem: Problem | None = None


def home(folder: Path, max_size: int) -> tuple[Path, int]:
    """Return the folder whose ``thesaurus.toml`` a corpus in ``folder`` is searched with.

    It is that of the corpus, or else that of the program, which ``max_size`` (in
    bytes), the second value, doesn't limit.
    """
    if is_own(folder):
        return folder, max_size
    return corpus.bundled(), max(max_size, corpus.MAX_FILE_SIZE)


def is_own(folder: Path) -> bool:
    """Tell whether a corpus has a thesaurus of its own, be it one that says there is none."""
    return os.path.lexists(folder / corpus.THESAURUS)


def load(folder: Path, max_size: int, name: str = corpus.THESAURUS) -> Loaded:
    """Read the ``thesaurus.toml`` in ``folder``, following no link.

    ``max_size`` is in bytes; ``name`` is what problems call the file.  Whatever
    keeps it from being read is a problem, and raises nothing.
    """
    from evidence_search.thesaurus.reading import read_thesaurus

    stamp = corpus.stamp_of(folder, corpus.THESAURUS) or corpus.Stamp(0, 0)
    entry = (*stamp, corpus.UNREADABLE)
    try:
        data, stamp = corpus.read_bytes(folder, corpus.THESAURUS, max_size)
        entry = (*stamp, corpus.digest(data))
        text = data.decode("utf-8-sig")
        return Loaded(entry, text, read_thesaurus(text, name))
    except FileNotFoundError:
        return Loaded(None, "", None)
    except OSError as error:
        refused = corpus.refusal(error, name, stamp.size, max_size)
        if refused:
            return Loaded((*stamp, refused.code), problem=refused)
        why = f"{name}: expected a file that can be read: {error.strerror}"
    except UnicodeDecodeError as error:
        why = f"{name}: expected UTF-8: {error.reason} at byte {error.start}"
    except ThesaurusError as error:
        why = str(error)
    return Loaded(entry, problem=Problem(Source(name, 1), "error", "thesaurus", why))
