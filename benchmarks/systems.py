"""The search systems that are measured: each builds, edits one record, opens and searches.

Each is used as its documentation recommends, in one process, with what a
person needs to see of a hit: title and passage.  Only ours also counts facets
and adds synonyms, with which engine ever; the ones called exact add none.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from evidence_search.index import EvidenceIndex

Search = Callable[[str], int]
"""A query to how many hits were shown."""

TEXTS = "texts.jsonl"
"""What other systems read: a record a line, with ``id``, ``title`` and ``text``."""
_EDITED = " with one more word"


class System(NamedTuple):
    """What can be done with a system; ``edit`` brings it up to date after an edit of a record."""

    build: Callable[[Path], None]
    edit: Callable[[Path], None]
    open: Callable[[Path], Search]
    size: Callable[[Path], int]
    """Bytes on disk."""
    most: int
    """Records up to which it is measured."""


def _texts(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / TEXTS).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _edited(folder: Path) -> dict[str, str]:
    record = next(_texts(folder))
    return {**record, "text": record["text"] + _EDITED}


# Ours


OURS = "evidence-search"
HOSTS = os.environ.get("EVIDENCE_SEARCH_TEST_CLUSTER")
"""A cluster of OpenSearch, where one is there: see ``tests.opensearch``."""
NODES = "EVIDENCE_SEARCH_TEST_NODES"
"""Names the variable with the processes of its nodes."""
ENGINES = {
    OURS: "{folder}/evidence-search",
    f"{OURS} on tantivy": "tantivy:{folder}/evidence-search-tantivy",
    **({f"{OURS} on OpenSearch": f"opensearch://{HOSTS}/benchmark-{{size}}"} if HOSTS else {}),
}
"""The engines of ours, with their addresses."""


def address(engine: str, folder: Path) -> str:
    """Return where the index of an engine of ours is, of the corpus of a folder."""
    return ENGINES[engine].format(folder=folder, size=folder.name)


def ours(engine: str, folder: Path) -> EvidenceIndex:
    """Return the index of an engine of ours."""
    from evidence_search.index import EvidenceIndex

    return EvidenceIndex(folder / "corpus", address(engine, folder))


def _build_ours(engine: str, folder: Path) -> None:
    ours(engine, folder).refresh()


def _edit_ours(engine: str, folder: Path) -> None:
    # The edit itself was made before: see ``edit_corpus``.
    refreshed = ours(engine, folder).refresh()
    assert refreshed.added + refreshed.replaced == 1, refreshed


def _size_of_ours(engine: str, folder: Path) -> int:
    return ours(engine, folder).status().size


def edit_corpus(folder: Path) -> None:
    """Edit one record of the corpus, in a word that the index knows."""
    path = min(p for p in (folder / "corpus").iterdir() if p.name != "thesaurus.toml")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if " (" in line and "). " in line)
    lines[at] = lines[at].replace("). ", "). Treatment ", 1)
    path.write_text("".join(lines), encoding="utf-8")


def _open_ours(engine: str, folder: Path, *, exact: bool = False) -> Search:
    index = ours(engine, folder)
    index.changes()

    def search(query: str) -> int:
        return sum(bool(hit.title.text) for hit in index.search(query, exact=exact))

    return search


# Whoosh by itself


def _build_whoosh(folder: Path) -> None:
    from whoosh import index
    from whoosh.analysis import StemmingAnalyzer
    from whoosh.fields import ID, TEXT, Schema

    schema = Schema(
        id=ID(unique=True, stored=True),
        title=TEXT(analyzer=StemmingAnalyzer(), stored=True),
        text=TEXT(analyzer=StemmingAnalyzer(), stored=True),
    )
    (folder / "whoosh3").mkdir()
    writer = index.create_in(folder / "whoosh3", schema).writer(limitmb=256)
    for record in _texts(folder):
        writer.add_document(**record)
    writer.commit()


def _edit_whoosh(folder: Path) -> None:
    from whoosh import index

    writer = index.open_dir(folder / "whoosh3").writer()
    writer.update_document(**_edited(folder))
    writer.commit()


def _open_whoosh(folder: Path) -> Search:
    from whoosh import index
    from whoosh.qparser import MultifieldParser, OrGroup

    opened = index.open_dir(folder / "whoosh3")
    searcher = opened.searcher()
    parser = MultifieldParser(["title", "text"], opened.schema, group=OrGroup)

    def search(query: str) -> int:
        hits = searcher.search(parser.parse(query), limit=10)
        return len([(hit["title"], hit.highlights("text")) for hit in hits])

    return search


# SQLite FTS5


def _build_sqlite(folder: Path) -> None:
    with sqlite3.connect(folder / "sqlite-fts5") as database:
        database.execute(
            "create virtual table docs using fts5(id unindexed, title, text, "
            "tokenize = 'porter unicode61')"
        )
        database.executemany("insert into docs values (:id, :title, :text)", _texts(folder))
    database.close()


def _edit_sqlite(folder: Path) -> None:
    with sqlite3.connect(folder / "sqlite-fts5") as database:
        record = _edited(folder)
        database.execute("update docs set text = ? where rowid = 1", (record["text"],))
    database.close()


def _open_sqlite(folder: Path) -> Search:
    database = sqlite3.connect(folder / "sqlite-fts5")

    def search(query: str) -> int:
        match = " OR ".join(f'"{word}"' for word in query.split())
        rows = database.execute(
            "select title, snippet(docs, 2, '[', ']', '…', 40) from docs "
            "where docs match ? order by rank limit 10",
            (match,),
        )
        return len(rows.fetchall())

    return search


# bm25s


def _build_bm25s(folder: Path) -> None:
    import bm25s

    corpus = list(_texts(folder))
    texts = [f"{record['title']} {record['text']}" for record in corpus]
    tokens = bm25s.tokenize(texts, stopwords="en", show_progress=False)
    retriever = bm25s.BM25()
    retriever.index(tokens, show_progress=False)
    retriever.save(str(folder / "bm25s"), corpus=corpus)


def _open_bm25s(folder: Path) -> Search:
    import bm25s

    retriever = bm25s.BM25.load(str(folder / "bm25s"), load_corpus=True, mmap=True)
    known = len(retriever.scores["indptr"]) and retriever.vocab_dict

    def search(query: str) -> int:
        tokens = bm25s.tokenize(query, stopwords="en", return_ids=False, show_progress=False)
        if not any(token in known for token in tokens[0]):
            return 0
        hits, _ = retriever.retrieve(tokens, k=10, show_progress=False)
        return len([(hit["title"], hit["text"][:240]) for hit in hits[0]])

    return search


# tantivy


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("title", stored=True, tokenizer_name="en_stem")
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
    return builder.build()


def _build_tantivy(folder: Path) -> None:
    import tantivy

    (folder / "tantivy").mkdir()
    writer = tantivy.Index(_schema(), path=str(folder / "tantivy")).writer()
    for record in _texts(folder):
        writer.add_document(tantivy.Document(**record))
    writer.commit()
    writer.wait_merging_threads()


def _edit_tantivy(folder: Path) -> None:
    import tantivy

    writer = tantivy.Index.open(str(folder / "tantivy")).writer()
    record = _edited(folder)
    writer.delete_documents("id", record["id"])
    writer.add_document(tantivy.Document(**record))
    writer.commit()
    writer.wait_merging_threads()


def _open_tantivy(folder: Path) -> Search:
    import tantivy

    index = tantivy.Index.open(str(folder / "tantivy"))
    searcher, schema = index.searcher(), _schema()

    def search(text: str) -> int:
        query = index.parse_query(text, ["title", "text"])
        snippets = tantivy.SnippetGenerator.create(searcher, query, schema, "text")
        shown = []
        for _, address in searcher.search(query, 10).hits:
            document = searcher.doc(address)
            shown.append((document["title"], snippets.snippet_from_doc(document).fragment()))
        return len(shown)

    return search


def _system(engine: str, *, exact: bool = False) -> System:
    """Return one of ours."""
    return System(
        partial(_build_ours, engine),
        partial(_edit_ours, engine),
        partial(_open_ours, engine, exact=exact),
        partial(_size_of_ours, engine),
        100_000 if engine == OURS else 1_000_000,
    )


def _disk(name: str, folder: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    path = folder / name
    if path.is_file():
        return path.stat().st_size
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


EXACT = {f"{engine}, exact": engine for engine in ENGINES}
"""The same without synonyms, which only searches differently."""
SYSTEMS = {
    **{engine: _system(engine) for engine in ENGINES},
    **{name: _system(engine, exact=True) for name, engine in EXACT.items()},
    "whoosh3": System(
        _build_whoosh, _edit_whoosh, _open_whoosh, partial(_disk, "whoosh3"), 100_000
    ),
    "SQLite FTS5": System(
        _build_sqlite, _edit_sqlite, _open_sqlite, partial(_disk, "sqlite-fts5"), 1_000_000
    ),
    # It can only index anew.
    "bm25s": System(_build_bm25s, _build_bm25s, _open_bm25s, partial(_disk, "bm25s"), 100_000),
    "tantivy": System(
        _build_tantivy, _edit_tantivy, _open_tantivy, partial(_disk, "tantivy"), 1_000_000
    ),
}
