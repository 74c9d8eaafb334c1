"""Refreshing: whatever the edits, the index answers as if it had just been built."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evidence_search.index import regrouping
from tests.conftest import extent
from tests.edits import refreshed_and_rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from evidence_search.index import EvidenceIndex

HEADING = "Drug Treatment Matrix cell A1: Interventions; Treatment systems\n\n"
# All files are of one cell, so an entry in two of them has one id.
ENTRIES = (
    "K Zebras in clinics (2011). Stripes help patients in Scottish prisons.",
    "K Horses in clinics (2009, Home Office). Hooves harm patients in English prisons.",
    "R Reviewing zebras (2014). A review of drink-driving by zebras and horses.",
    "G Scottish guidance on stripes [Scotland] (2018). Guidance on drink driving.",
    "S The first stripe (1988). Seminal programmes of striping; ABC means all been classified.",
)
QUERIES = (
    "zebra", "horses", "stripes prison", "drink driving", '"drink driving"', "strip*", "hors*",
    "zebar~", "hooved", "zebar", "programme", "scotland", "patients -horses", "jurisdiction:uk",
    "year:2009..2014", "clinics guidance", "foal", "pony", "",
)  # fmt: skip
FILES = st.sampled_from(["a.txt", "b.txt", "sub/c.txt"])
Edit = tuple[str, "tuple[Any, ...]"]


def write(corpus: Path, name: str, entries: list[int]) -> None:
    path = corpus / name
    path.parent.mkdir(exist_ok=True)
    text = HEADING + "\n\n".join(ENTRIES[n] for n in entries) + "\n"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))  # as tools do that keep the times of files


def delete(corpus: Path, name: str) -> None:
    (corpus / name).unlink(missing_ok=True)


def rename(corpus: Path, old: str, new: str) -> None:
    if (corpus / old).exists():
        (corpus / new).parent.mkdir(exist_ok=True)
        (corpus / old).replace(corpus / new)


def touch(corpus: Path, name: str) -> None:
    if (corpus / name).exists():
        (corpus / name).touch()


def edit_unseen(corpus: Path, name: str) -> None:
    """Change a file, keeping its size and the time of its last writing."""
    path = corpus / name
    if path.exists():
        status = path.stat()
        text = path.read_text(encoding="utf-8")
        swapped = {"2011": "2012", "2012": "2011", "patients": "outcomes", "outcomes": "patients"}
        for old, new in swapped.items():
            if old in text:
                path.write_text(text.replace(old, new), encoding="utf-8")
                break
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def concepts(corpus: Path, synonyms: list[str]) -> None:
    text = "".join(
        f'[[concept]]\npreferred = "{preferred}"\nsynonyms = ["{synonym}"]\n'
        for preferred, synonym in zip(("horse", "zebra"), synonyms, strict=False)
    )
    (corpus / "thesaurus.toml").write_text(text, encoding="utf-8")


EDITS: dict[Callable[..., None], tuple[st.SearchStrategy[Any], ...]] = {
    write: (FILES, st.lists(st.integers(0, len(ENTRIES) - 1), max_size=3)),
    delete: (FILES,),
    rename: (FILES, FILES),
    touch: (FILES,),
    edit_unseen: (FILES,),
    concepts: (st.lists(st.sampled_from(["foal", "pony", "hoof", "clinic"]), max_size=2),),
}
STEPS = st.lists(
    st.one_of(*(st.tuples(st.just(edit), st.tuples(*of)) for edit, of in EDITS.items())),
    min_size=1,
    max_size=3,
)


def answers(index: EvidenceIndex) -> list[object]:
    """Return all that a searcher, and the next refresh, can get from an index."""
    view = index._view
    names = ("stems", "vocabulary", "counts", "thesaurus", "acronyms")
    found: list[object] = [view.snapshot.attachments(name) for name in names]
    found.append(sorted(view.ledger().items()))
    found += [view.state.files, view.state.thesaurus, view.state.problems, index.records]
    for query in QUERIES:
        results = index.search(query)
        found.append((query, results.hits, results.facets, results.added, results.suggestions))
    return found


@settings(max_examples=extent(40), suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=2, max_size=5))
@example([[(write, ("a.txt", [0, 1]))], [(edit_unseen, ("a.txt",))]])
def test_a_refreshed_index_and_a_rebuilt_one_answer_alike(
    monkeypatch: pytest.MonkeyPatch, steps: list[list[Any]]
) -> None:
    monkeypatch.setattr(regrouping, "MANY", 0)  # so that all is never grouped at once
    with refreshed_and_rebuilt(steps) as (index, rebuilt):
        assert answers(index) == answers(rebuilt)
