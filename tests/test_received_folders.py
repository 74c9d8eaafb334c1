"""A folder that came from elsewhere: what stands in it under names of ours is never followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from evidence_search.errors import CorpusError
from evidence_search.index import EvidenceIndex
from evidence_search.index.duplicates import decide
from evidence_search.merging import DUPLICATES
from evidence_search.merging.decisions import SAME
from tests.conftest import LOCAL_ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Run

NAMES = {
    "": ["last-search.json", "evidence-search-1.json", "evidence-search-2.json",
         "evidence-search.lock", "MAIN_WRITELOCK", "MAIN.tmp", "_MAIN_1.toc"],
    "tantivy:": ["last-search.json", "evidence-search.lock", "meta.json", ".managed.json",
                 ".tantivy-writer.lock", ".tantivy-meta.lock"],
}  # fmt: skip
PLANTED: dict[str, Callable[[Path, Path], None]] = {
    "a link": lambda path, victim: path.symlink_to(victim),
    "a link that dangles": lambda path, victim: path.symlink_to(victim.with_name("nowhere")),
    "a link to what never ends": lambda path, _: path.symlink_to("/dev/zero"),
    "a pipe": lambda path, _: os.mkfifo(path),
}


@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("engine", LOCAL_ENGINES)
def test_a_search_beside_planted_files_answers_and_writes_nowhere_else(
    run: Run, tmp_path: Path, engine: str, planted: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    received, records = tmp_path / "received", tmp_path / "records"
    received.mkdir(mode=0o700)
    records.mkdir()
    (records / "one.ris").write_text("TY  - RPRT\nTI  - A prison\nER  -\n")
    for name in NAMES[engine]:
        PLANTED[planted](received / name, victim)
    index = {"EVIDENCE_SEARCH_INDEX": f"{engine}{received}"}
    found = run("prison", corpus=records, env=index)
    shown = run("show", "1", corpus=records, env=index)
    assert (found.returncode, shown.returncode) == (0, 0), found.stderr + shown.stderr
    assert "A prison" in found.stdout
    assert victim.read_text() == "precious"
    assert not victim.with_name("nowhere").exists()


def test_decisions_are_not_written_where_a_link_leads(corpus: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    index = EvidenceIndex(corpus, tmp_path / "index")
    index.refresh()
    (corpus / DUPLICATES).symlink_to(victim)
    one, other = index.records[:2]
    with pytest.raises(CorpusError, match="expected a file, found a link"):
        decide(corpus, index.records, SAME, one.id, other.id)
    assert victim.read_text() == "precious"
