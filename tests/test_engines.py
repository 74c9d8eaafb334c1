"""Every engine finds what a tree means, counts over all of it, and forgets its own history."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_search import trees as t
from evidence_search.engines import Document, Engine, Found, Request, Schema, open_engine
from evidence_search.errors import IndexDamagedError, IndexLockedError, IndexUntrustedError
from tests.meaning import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Schema(text=("title", "summary"), labels=("category",), numbers=("year",))
WORDS = st.sampled_from("abcd")
TOKENS = st.lists(WORDS, max_size=6)
FIELDS = st.sampled_from([None, "title", "summary"])


@st.composite
def documents(draw: st.DrawFn) -> list[Document]:
    """Draw a few documents over a small vocabulary, so that trees match some."""
    names = draw(st.lists(st.text("xyz", min_size=1, max_size=3), unique=True, max_size=8))
    return [
        Document(
            id=name,
            text={"title": draw(TOKENS), "summary": draw(TOKENS)},
            labels={"category": draw(st.lists(st.sampled_from("KRG"), unique=True))},
            numbers=draw(st.one_of(st.just({}), st.just({"year": 2005}), st.just({"year": 2010}))),
            title_key=name[::-1],
            payload=f"payload of {name}",
        )
        for name in names
    ]


TERMS = st.builds(t.Term, WORDS, FIELDS)
PHRASES = st.builds(
    t.Phrase, st.lists(WORDS, min_size=2, max_size=3).map(tuple), FIELDS, st.integers(0, 2)
)
WORDLIKE = st.one_of(TERMS, PHRASES, st.builds(t.Boost, TERMS, st.floats(0.1, 1)))
LEAVES = st.one_of(
    TERMS,
    PHRASES,
    st.builds(t.Best, st.lists(WORDLIKE, min_size=1, max_size=3).map(tuple)),
    st.builds(t.Label, st.just("category"), st.sampled_from("KRG")),
    st.builds(t.Range, st.just("year"), st.sampled_from([None, 2005, 2007]), st.just(2010)),
    st.just(t.Every()),
    st.just(t.Nothing()),
)


def _inner(children: st.SearchStrategy[t.Tree]) -> st.SearchStrategy[t.Tree]:
    several = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(t.And, several),
        st.builds(t.Or, several),
        st.builds(t.Not, children),
        st.builds(t.Optional, children, children),
        st.builds(
            t.Near,
            st.lists(TERMS, min_size=2, max_size=3).map(tuple),
            st.integers(0, 3),
            st.just(0.3),
            st.booleans(),
        ),
    )


TREES: st.SearchStrategy[t.Tree] = st.recursive(LEAVES, _inner, max_leaves=8)
THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def engine_of(given_documents: list[Document]) -> Iterator[Engine]:
    folder = Path(tempfile.mkdtemp())
    engine = open_engine("whoosh", folder, SCHEMA)
    try:
        engine.build(given_documents, dict)
        yield engine
    finally:
        engine.close()
        shutil.rmtree(folder)


def answer(engine: Engine, tree: t.Tree) -> Found:
    return engine.search(Request(tree, facets=("category",), limit=None))


@THOROUGH
@given(documents(), TREES)
def test_a_tree_finds_exactly_what_it_means(docs: list[Document], tree: t.Tree) -> None:
    with engine_of(docs) as engine:
        found = answer(engine, tree)
        meant = {d.id for d in docs if matches(tree, d)}
        assert {name for name, _, _ in found.hits} == meant
        assert found.total == len(meant)
        for label in "KRG":
            counted = sum(label in d.labels["category"] for d in docs if d.id in meant)
            assert found.facets["category"].get(label, 0) == counted


@THOROUGH
@given(documents(), documents(), TREES)
def test_an_updated_index_answers_as_a_rebuilt_one(
    before: list[Document], after: list[Document], tree: t.Tree
) -> None:
    with engine_of(before) as updated, engine_of(after) as rebuilt:
        updated.update(after, [d.id for d in before], dict)
        assert answer(updated, tree) == answer(rebuilt, tree)


@THOROUGH
@given(documents(), TREES, st.integers(0, 3), st.integers(0, 4))
def test_a_slice_is_part_of_the_whole_order(
    docs: list[Document], tree: t.Tree, offset: int, limit: int
) -> None:
    with engine_of(docs) as engine:
        whole = engine.search(Request(tree, limit=None)).hits
        part = engine.search(Request(tree, offset=offset, limit=limit)).hits
        assert [h[0] for h in part] == [h[0] for h in whole[offset : offset + limit]]
        assert [(-score, name) for name, score, _ in whole] == sorted(
            (-score, name) for name, score, _ in whole
        )


@THOROUGH
@given(documents(), TREES)
def test_the_shares_of_a_score_add_up_to_it(docs: list[Document], tree: t.Tree) -> None:
    with engine_of(docs) as engine:
        request = Request(tree, limit=None)
        for name, score, _ in engine.search(request).hits:
            shares = engine.explain(tree, name, request.ranking)
            assert sum(share for _, share in shares) == pytest.approx(score)


def many(count: int) -> list[Document]:
    """Return documents of words that are as unequal as those of a language."""
    rng = random.Random(5)  # noqa: S311 - documents, no secret
    vocabulary = [f"w{n}" for n in range(200)]
    weights = [1 / (n + 1) for n in range(200)]

    def words(most: int) -> list[str]:
        return rng.choices(vocabulary, weights, k=rng.randint(1, most))

    return [
        Document(
            id=f"{n:03}",
            text={"title": words(6), "summary": words(40)},
            labels={"category": [rng.choice("KRG")]},
        )
        for n in rng.sample(range(count), count)
    ]


def test_the_best_of_many_are_the_first_of_all_in_any_number_of_segments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    docs = many(600)
    terms = [t.Term(f"w{n}") for n in (0, 3, 20, 90)]
    bag: tuple[t.Tree, ...] = (*terms, t.Best((t.Phrase(("w3", "w20")), t.Boost(terms[1], 0.5))))
    every: list[t.Tree] = [
        t.Or(bag),
        t.Near(bag, 1, 0.4),
        t.Near((t.Boost(terms[1], 0.2), *bag), 2, 1),
    ]
    with engine_of(docs) as whole:
        monkeypatch.setattr("evidence_search.engines.segments.BATCH", 70)
        monkeypatch.setattr("evidence_search.engines.segments.SMALL", 60)
        with engine_of(docs) as parts:
            parts.update(docs[:9], [d.id for d in docs[:9]], dict)
            for tree in every:
                found = answer(whole, tree)
                assert answer(parts, tree) == found
                for limit in (1, 3, 10):
                    for engine in (whole, parts):
                        best = engine.search(Request(tree, limit=limit)).hits
                        assert best == found.hits[:limit]
                kept = {"category": t.Label("category", "K")}
                filtered = whole.search(Request(tree, kept, limit=None)).hits
                assert whole.search(Request(tree, kept, limit=4)).hits == filtered[:4]


def test_a_facets_own_filter_does_not_hide_its_other_values() -> None:
    docs = [
        Document(id="1", text={"title": ["a"]}, labels={"category": ["K"]}),
        Document(id="2", text={"title": ["a"]}, labels={"category": ["R"]}),
    ]
    with engine_of(docs) as engine:
        found = engine.search(
            Request(t.Term("a"), {"category": t.Label("category", "K")}, ("category",))
        )
        assert found.total == 1
        assert found.facets["category"] == {"K": 1, "R": 1}


def test_an_engine_goes_on_answering_from_its_state_while_another_writes(tmp_path: Path) -> None:
    reader = open_engine("whoosh", tmp_path, SCHEMA)
    reader.build([Document(id="1", text={"title": ["a"]})], dict)
    writer = open_engine("whoosh", tmp_path, SCHEMA)
    writer.build([Document(id="2", text={"title": ["b"]})], dict)
    assert [h[0] for h in reader.search(Request(t.Term("a"))).hits] == ["1"]
    reader.reopen()
    assert [h[0] for h in reader.search(Request(t.Every())).hits] == ["2"]


def test_a_truncated_index_is_noticed_as_damage(tmp_path: Path) -> None:
    engine = open_engine("whoosh", tmp_path, SCHEMA)
    engine.build([Document(id=str(n), text={"title": ["a"]}) for n in range(50)], dict)
    engine.close()
    segment = next(tmp_path.rglob("*.seg"))
    segment.write_bytes(segment.read_bytes()[:100])
    with pytest.raises(IndexDamagedError, match=r"100 bytes in place of .* --rebuild"):
        open_engine("whoosh", tmp_path, SCHEMA).search(Request(t.Term("a")))


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such modes")
def test_an_index_that_others_can_write_is_not_opened(tmp_path: Path) -> None:
    open_engine("whoosh", tmp_path, SCHEMA).build([], dict)
    next(tmp_path.rglob("*.toc")).chmod(0o666)
    with pytest.raises(IndexUntrustedError, match="chmod"):
        open_engine("whoosh", tmp_path, SCHEMA).search(Request(t.Every()))


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    first, second = (open_engine("whoosh", tmp_path, SCHEMA) for _ in range(2))
    with first.lock(1), pytest.raises(IndexLockedError, match="waited"), second.lock(0.05):
        pass


KILLED = """
import os, sys, random, threading, time
from pathlib import Path
from evidence_search.engines import Document, Schema, open_engine
schema = Schema(("title", "summary"), ("category",), ("year",))
engine = open_engine("whoosh", Path(sys.argv[1]), schema)
print("ready", flush=True)
threading.Timer(float(sys.argv[2]), os._exit, [9]).start()
n = 0
while True:
    n += 1
    docs = [Document(id=str(i), text={"title": [f"v{n}"]}) for i in range(10)]
    engine.build(docs, lambda: {"version": f"v{n}"})
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_state(tmp_path: Path) -> None:
    for kill in range(8):
        subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path), str(0.05 + kill * 0.013)], check=False
        )
        engine = open_engine("whoosh", tmp_path, SCHEMA)
        version = engine.attachment("version")
        found = engine.search(Request(t.Term(version)))
        assert found.total == engine.documents == (10 if version else 0)
        engine.close()
