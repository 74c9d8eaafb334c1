"""What the fuzzers run, apart from atheris, so that the test suite can run it on old failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import corpus, documents
from evidence_search.analysis import Analyzer
from evidence_search.errors import QueryError
from evidence_search.query import parse, to_text

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex

_ANALYZER = Analyzer()


def query(data: bytes, index: EvidenceIndex) -> None:
    """Parse a query, print its tree back, and search."""
    text = data.decode("utf-8", "surrogatepass" if data[:1] != b"\xff" else "replace")
    tree = parse(text).tree
    assert parse(to_text(tree)).tree == tree
    for option in ("exact", "every_word", "strict"):
        try:
            index.search(text, limit=3, **{option: True})  # type: ignore[arg-type]
        except QueryError:
            assert option == "strict"


def page(data: bytes) -> None:
    """Read a file of a corpus, and make the documents of its records."""
    records, problems = corpus.parse_file(data, "page")
    for record in records:
        documents.document(record, _ANALYZER)
    for problem in problems:
        str(problem).encode("utf-8", "surrogatepass")
