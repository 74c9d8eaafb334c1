"""Edits of a corpus, and whether an index follows them: the same for every engine and corpus."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import evidence_search as es
from evidence_search.index import EvidenceIndex
from evidence_search.index.state import Changes
from tests.conftest import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAGE = "Alcohol Treatment Matrix cell A1: Interventions; Screening\n\nK Zebras (2011). Stripes.\n"


@contextmanager
def refreshed_and_rebuilt(
    steps: Iterable[Iterable[tuple[Callable[..., None], tuple[Any, ...]]]],
) -> Iterator[tuple[EvidenceIndex, EvidenceIndex]]:
    """Make edits, refreshing an index after each step; yield it, and one built of the result.

    After each step the index is found to hold what the corpus says.
    """
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        with EvidenceIndex(corpus, Path(folder) / "refreshed") as index:
            for edits in steps:
                for edit, arguments in edits:
                    edit(corpus, *arguments)
                index.refresh()
                assert index.changes() == Changes()
                assert index.verify().differences == ()
            with EvidenceIndex(corpus, Path(folder) / "rebuilt") as rebuilt:
                rebuilt.refresh()
                yield index, rebuilt


def follow_edits(corpus: Path, address: str) -> EvidenceIndex:
    """Add a page, change it and take it away again; return the index, opened anew."""
    index = es.open(corpus, address)
    before = len(index)
    (corpus / "new.txt").write_text(PAGE, encoding="utf-8")
    index.refresh()
    assert len(index) == before + 1
    assert index.search("stripes").hits[0].record.title == "Zebras"
    (corpus / "new.txt").write_text(PAGE.replace("Stripes", "Hooves"), encoding="utf-8")
    index.refresh()
    assert index.search("stripes", exact=True).total == 0
    assert index.search("hooves").total == 1
    assert index.verify().differences == ()
    (corpus / "new.txt").unlink()
    index.refresh()
    assert (len(index), index.search("zebras", exact=True).total) == (before, 0)
    again = es.open(corpus, address, refresh=False)
    assert not again.changes()
    return again
