"""Which corpus and which index, where none was named; and opening them.

In order: what is named; the environment variables; ``corpus/`` and ``index/``
of the folder one is in; the corpus that the package brings, with an index in
the user's cache folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.corpus import MAX_FILE_SIZE

if TYPE_CHECKING:
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex

CORPUS_VARIABLE = "EVIDENCE_SEARCH_CORPUS"
INDEX_VARIABLE = "EVIDENCE_SEARCH_INDEX"
MAX_FILE_SIZE_VARIABLE = "EVIDENCE_SEARCH_MAX_FILE_SIZE"


def folders(corpus: str | Path | None, index: str | Path | None) -> tuple[Path, Path]:
    """Return the corpus and the index folder for what was named, if anything."""
    here = Path("corpus")
    named_corpus = corpus or os.environ.get(CORPUS_VARIABLE)
    if named_corpus:
        corpus_folder = Path(named_corpus)
    else:
        corpus_folder = here if here.is_dir() else _bundled()
    named_index = index or os.environ.get(INDEX_VARIABLE)
    if named_index:
        return corpus_folder, Path(named_index)
    if here.is_dir() and corpus_folder.resolve() == here.resolve():
        return corpus_folder, Path("index")
    from platformdirs import user_cache_path

    return corpus_folder, user_cache_path("evidence-search") / digest_of(corpus_folder)


def digest_of(path: Path) -> str:
    """Return 12 hex digits that tell where a file or folder is from where others are."""
    import hashlib  # it loads OpenSSL: not for every search

    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _bundled() -> Path:
    package = Path(__file__).parent
    installed = package / "_corpus"
    return installed if installed.is_dir() else package.parent / "corpus"


def open(  # noqa: A001 - es.open() is what one would guess
    corpus: str | Path | None = None,
    index: str | Path | None = None,
    *,
    refresh: bool = True,
    max_file_size: int = MAX_FILE_SIZE,
) -> EvidenceIndex:
    """Open the index of a corpus, making it or bringing it up to date first.

    Without ``refresh`` it answers from the state it was left in.  Where the
    index can't be brought up to date (a full disk, another process that is
    writing it), a warning says so and it answers as it is.  Files of the corpus
    larger than ``max_file_size`` bytes are reported, not read.  Raises the errors
    of :mod:`evidence_search.errors`.
    """
    from evidence_search.index import EvidenceIndex

    opened = EvidenceIndex(*folders(corpus, index), max_file_size=max_file_size)
    if refresh:
        opened.catch_up(failed=_warn)
    return opened


def _warn(error: EvidenceSearchError) -> None:
    import warnings

    warnings.warn(f"{error}; answering from the index as it was", stacklevel=4)
