"""Which corpus and which index, where none was named; and opening them.

In order: what is named; the environment variables; ``corpus/`` and ``index/``
of the folder one is in; the corpus that the package brings, with an index in
the user's cache folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search.corpus import MAX_FILE_SIZE, bundled
from evidence_search.engines import address

if TYPE_CHECKING:
    from evidence_search.engines import Address
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex

CORPUS_VARIABLE = "EVIDENCE_SEARCH_CORPUS"
INDEX_VARIABLE = "EVIDENCE_SEARCH_INDEX"
MODEL_VARIABLE = "EVIDENCE_SEARCH_MODEL"
MAX_FILE_SIZE_VARIABLE = "EVIDENCE_SEARCH_MAX_FILE_SIZE"


def folders(corpus: str | Path | None, index: str | Path | None) -> tuple[Path, Address]:
    """Return the corpus folder and the address of the index for what was named, if anything.

    Raises :class:`SearchIndexError` where that names an engine that there isn't.
    """
    here = Path("corpus")
    named_corpus = corpus or os.environ.get(CORPUS_VARIABLE)
    if named_corpus:
        corpus_folder = Path(named_corpus)
    else:
        corpus_folder = here if here.is_dir() else bundled()
    named_index = index or os.environ.get(INDEX_VARIABLE)
    if named_index:
        return corpus_folder, address(named_index)
    if here.is_dir() and corpus_folder.resolve() == here.resolve():
        return corpus_folder, address("index")
    from platformdirs import user_cache_path

    folder = user_cache_path("evidence-search") / digest_of(corpus_folder)
    return corpus_folder, address(folder)


def corpus_note(corpus: str | Path | None) -> str:
    """Return which corpus answers, where nobody named it and it isn't that of the folder."""
    if corpus:
        return ""
    named, here = os.environ.get(CORPUS_VARIABLE), Path("corpus").is_dir()
    if not named and not here:
        return "Searched the corpus that comes with the program; --corpus names another"
    if named and here and Path(named).resolve() != Path("corpus").resolve():
        return f"Searched {named}, which {CORPUS_VARIABLE} names, not corpus/ of this folder"
    return ""


def digest_of(path: Path) -> str:
    """Return 12 hex digits that tell where a file or folder is from where others are."""
    import hashlib  # it loads OpenSSL: not for every search

    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def open(  # noqa: A001 - es.open() is what one would guess
    corpus: str | Path | None = None,
    index: str | Path | None = None,
    *,
    refresh: bool = True,
    max_file_size: int = MAX_FILE_SIZE,
    model: str | Path | None = None,
) -> EvidenceIndex:
    """Open the index of a corpus, making it or bringing it up to date first.

    ``index`` is a folder, ``tantivy:FOLDER`` or ``opensearch://HOST/NAME``.  Without
    ``refresh`` it answers from the state it was left in.  Where the index can't be
    brought up to date (a full disk, another process that is writing it), a warning says so
    and it answers as it is.  Files of the corpus larger than ``max_file_size`` bytes are reported,
    not read.  ``model`` is a folder with the language model for searches by meaning
    (default: that of the environment, or of the extra).  Raises the errors of
    :mod:`evidence_search.errors`.
    """
    from evidence_search.index import EvidenceIndex

    model = model or os.environ.get(MODEL_VARIABLE)
    opened = EvidenceIndex(*folders(corpus, index), max_file_size=max_file_size, model=model)
    if refresh:
        opened.refresh_if_stale(failed=_warn)
    return opened


def _warn(error: EvidenceSearchError) -> None:
    import warnings

    warnings.warn(str(error), stacklevel=4)
