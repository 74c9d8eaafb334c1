"""A test collection's documents as a corpus with an index of its own.

The documents (``docs.jsonl``, or ``corpus.jsonl``: a JSON object a line with
``id``, ``title`` and ``text``) are written, as records in our own export
format, to a corpus folder in the user's cache, and indexed there like any
corpus.  So a collection goes through all that a searcher's corpus goes
through, and is indexed only once.  It has no thesaurus.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.corpus import THESAURUS
from evidence_search.errors import CorpusError
from evidence_search.evaluation.topics import objects
from evidence_search.index import EvidenceIndex
from evidence_search.opening import digest_of
from evidence_search.records import Source, StudyRecord, to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENTS = ("docs.jsonl", "corpus.jsonl")
"""Where a folder may have its documents; the first that is there is read."""

_FILE_SIZE = 10_000_000
"""Characters of a file of the corpus, about."""


def documents_of(folder: Path) -> Path | None:
    """Return the file of a test collection's documents, or ``None`` where it brings none."""
    return next((folder / name for name in DOCUMENTS if (folder / name).is_file()), None)


def open_collection(documents: Path, cache: Path | None = None) -> EvidenceIndex:
    """Return an index of a test collection's documents, up to date.

    ``cache`` is the folder to keep it in.  Raises :class:`CorpusError` with
    file and line.
    """
    cache = cache or _cache(documents)
    corpus = cache / "corpus"
    try:
        _write(documents, corpus)
    except OSError as error:
        raise CorpusError(f"{corpus}: can't be written: {error.strerror}") from error
    index = EvidenceIndex(corpus, cache / "index")
    if index.changes():
        index.refresh()
    return index


def _cache(documents: Path) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("evidence-search") / f"collection-{digest_of(documents)}"


def _write(documents: Path, corpus: Path) -> None:
    """Write the documents as records, some megabytes a file, so that memory stays bounded."""
    corpus.mkdir(parents=True, exist_ok=True)
    written: set[Path] = set()
    lines = (json.dumps(to_dict(record)) + "\n" for record in _records(documents))
    for first in lines:
        path = corpus / f"{documents.stem}-{len(written) + 1:05}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            size = file.write(first)
            while size < _FILE_SIZE and (line := next(lines, "")):
                size += file.write(line)
        written.add(path)
    none = corpus / THESAURUS
    none.write_text("thesaurus = none\n", encoding="utf-8")
    for path in corpus.iterdir():
        if path not in {*written, none}:
            path.unlink()


def _records(documents: Path) -> Iterator[StudyRecord]:
    for line, values in objects(documents):
        name = values.get("id", values.get("_id"))
        title, text = values.get("title", ""), values.get("text", "")
        if name is None or not isinstance(title, str) or not isinstance(text, str):
            raise CorpusError(
                f'{documents}:{line}: expected {{"id": …, "title": …, "text": …}}; '
                f"found {', '.join(values)[:80]}"
            )
        yield StudyRecord(str(name), title, Source(documents.name, line), summary=text)
