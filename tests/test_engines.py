"""Every engine finds what a tree means, counts over all of it, and forgets its own history."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_search.engines import (
    ENGINES,
    Address,
    Document,
    Engine,
    Found,
    Request,
    Schema,
    Snapshot,
    open_engine,
)
from evidence_search.engines import plan as t
from evidence_search.engines.matching import matches
from evidence_search.errors import IndexDamagedError, IndexLockedError
from tests import clusters
from tests.conftest import IN_MEMORY, ROOT, extent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LOCAL = [name for name in ENGINES[:2] if name == "whoosh" or find_spec(name)]
every_engine = pytest.mark.parametrize(
    "name", [*LOCAL, pytest.param("opensearch", marks=clusters.on_a_cluster)]
)

SCHEMA = Schema(text=("title", "summary"), labels=("category",), numbers=("year",))
WORDS = st.sampled_from("abcd")
TOKENS = st.lists(WORDS, max_size=6)
FIELDS = st.sampled_from([None, "title", "summary"])
SORTS = ("relevance", "title", "place", "newest", "oldest")


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
            place_key=draw(st.sampled_from(["a", "a/b", "b"])),
            payload=f"payload of {name}",
        )
        for name in names
    ]


TERMS = st.builds(t.Term, WORDS, FIELDS)
PHRASES = st.builds(
    t.Phrase, st.lists(WORDS, min_size=2, max_size=3).map(tuple), FIELDS, st.integers(0, 2)
)
GAPPED = st.lists(st.tuples(WORDS, st.integers(0, 3)), min_size=2, max_size=4).flatmap(
    lambda row: st.builds(
        t.Phrase,
        st.just(tuple(word for word, _ in row)),
        FIELDS,
        st.just(sum(gap for _, gap in row[1:])),
        st.just(tuple(gap for _, gap in row[1:])),
    )
)
WORDLIKE = st.one_of(TERMS, PHRASES, st.builds(t.Boost, TERMS, st.floats(0.1, 1)))
LEAVES = st.one_of(
    TERMS,
    PHRASES,
    st.builds(t.Synonyms, st.lists(WORDLIKE, min_size=1, max_size=3).map(tuple)),
    st.builds(t.Label, st.just("category"), st.sampled_from("KRG")),
    st.builds(t.Among, st.frozensets(st.text("xyz", min_size=1, max_size=2), max_size=5)),
    st.builds(t.Range, st.just("year"), st.sampled_from([None, 2005, 2007]), st.just(2010)),
    st.just(t.Every()),
    st.just(t.Nothing()),
)


def _inner(children: st.SearchStrategy[t.Node]) -> st.SearchStrategy[t.Node]:
    several = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(t.And, several),
        st.builds(t.Or, several),
        st.builds(t.Not, children),
        st.builds(t.Boosting, children, children),
        st.builds(
            t.Proximity,
            st.lists(TERMS, min_size=2, max_size=3).map(tuple),
            st.integers(0, 3),
            st.just(0.3),
            st.booleans(),
        ),
    )


TREES: st.SearchStrategy[t.Node] = st.recursive(LEAVES, _inner, max_leaves=8)
# Each state on a cluster takes a third of a second.
THOROUGH = settings(
    max_examples=20 if clusters.HOSTS else extent(100),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def write(
    engine: Engine,
    add: Iterable[Document],
    remove: Iterable[str] = (),
    texts: Mapping[str, str] | None = None,
    *,
    base: Snapshot | None = None,
    clear: bool = False,
    phrases: Iterable[tuple[str, ...]] = (),
) -> Snapshot:
    """Write one state, and return it."""
    state = engine.write(base, clear=clear, phrases=lambda: phrases)
    with engine.lock(5), state as writer:
        for document in add:
            writer.add(document)
        for name in remove:
            writer.remove(name)
        for name, text in (texts or {}).items():
            writer.attach(name, text)
    return engine.open()


_TRIES = 5


@contextmanager
def place_of(name: str) -> Iterator[Address]:
    """Give a place of an engine's that nobody else has, for a while."""
    if name == "opensearch":
        with clusters.place() as address:
            yield address
        return
    folder = Path(tempfile.mkdtemp(dir=IN_MEMORY))
    try:
        yield Address(name, folder)
    finally:
        for _ in range(_TRIES):  # a thread of tantivy's own may make a lock there meanwhile
            shutil.rmtree(folder, ignore_errors=True)
        assert not folder.exists()


@pytest.fixture
def where(name: str) -> Iterator[Address]:
    with place_of(name) as address:
        yield address


@contextmanager
def engine_of(name: str, given_documents: list[Document]) -> Iterator[tuple[Engine, Snapshot]]:
    with place_of(name) as address:
        engine = open_engine(address, SCHEMA)
        yield engine, write(engine, given_documents)


@contextmanager
def snapshot_of(name: str, given_documents: list[Document]) -> Iterator[Snapshot]:
    with engine_of(name, given_documents) as (_, snapshot):
        yield snapshot


def answer(snapshot: Snapshot, tree: t.Node) -> Found:
    return snapshot.search(Request(tree, facets=("category",), limit=None))


@every_engine
@THOROUGH
@given(documents(), TREES)
def test_a_tree_finds_exactly_what_it_means(name: str, docs: list[Document], tree: t.Node) -> None:
    with snapshot_of(name, docs) as snapshot:
        found = answer(snapshot, tree)
        meant = {d.id for d in docs if matches(tree, d)}
        assert {name for name, _, _ in found.hits} == meant
        assert found.total == len(meant)
        for label in "KRG":
            counted = sum(label in d.labels["category"] for d in docs if d.id in meant)
            assert found.facets["category"].get(label, 0) == counted


ROWS = st.lists(st.lists(WORDS, min_size=1, max_size=3).map(tuple), max_size=6)


@every_engine
@THOROUGH
@given(documents(), documents(), ROWS, PHRASES)
def test_phrases_that_an_engine_was_told_of_find_what_others_do(
    name: str,
    before: list[Document],
    after: list[Document],
    rows: list[tuple[str, ...]],
    phrase: t.Phrase,
) -> None:
    with place_of(name) as address:
        engine = open_engine(address, SCHEMA)
        base = write(engine, before, phrases=rows)
        snapshot = write(engine, after, [doc.id for doc in before], base=base)
        for tree in (phrase, *map(t.Phrase, rows)):
            for state, docs in ((base, before), (snapshot, after)):
                found = answer(state, t.Synonyms((t.Term("a"), tree)))
                meant = {d.id for d in docs if matches(t.Or((t.Term("a"), tree)), d)}
                assert {hit[0] for hit in found.hits} == meant
                assert found.total == len(meant)


@every_engine
@THOROUGH
@given(documents(), documents(), TREES)
def test_an_updated_index_answers_as_a_rebuilt_one(
    name: str, before: list[Document], after: list[Document], tree: t.Node
) -> None:
    with engine_of(name, before) as (engine, base), snapshot_of(name, after) as rebuilt:
        updated = write(engine, after, [d.id for d in before], base=base)
        assert answer(updated, tree) == answer(rebuilt, tree)
        assert updated.ids() == rebuilt.ids()


@every_engine
@THOROUGH
@given(documents(), TREES, st.integers(0, 3), st.integers(0, 4))
def test_a_slice_is_part_of_the_whole_order(
    name: str, docs: list[Document], tree: t.Node, offset: int, limit: int
) -> None:
    with snapshot_of(name, docs) as snapshot:
        whole = snapshot.search(Request(tree, limit=None)).hits
        part = snapshot.search(Request(tree, offset=offset, limit=limit)).hits
        assert [h[0] for h in part] == [h[0] for h in whole[offset : offset + limit]]
        assert [(-score, name) for name, score, _ in whole] == sorted(
            (-score, name) for name, score, _ in whole
        )


@every_engine
@THOROUGH
@given(documents(), TREES, st.sampled_from(SORTS))
def test_a_stream_gives_all_hits_as_a_search_for_all_does(
    name: str, docs: list[Document], tree: t.Node, sort: str
) -> None:
    with snapshot_of(name, docs) as snapshot:
        request = Request(tree, {"category": t.Label("category", "K")}, sort=sort, limit=None)
        assert tuple(snapshot.stream(request)) == snapshot.search(request).hits


@every_engine
@THOROUGH
@given(documents(), documents(), TREES)
def test_matches_are_given_with_what_they_have_in_fields_of_labels_and_numbers(
    name: str, before: list[Document], docs: list[Document], tree: t.Node
) -> None:
    with engine_of(name, before) as (engine, base):
        snapshot = write(engine, docs, [d.id for d in before], base=base)
        request = Request(tree, {"category": t.Label("category", "K")})
        found = {
            one.id: [sorted(labels) for labels in one.labels]
            for one in snapshot.labels(request, ["year", "category"])
        }
        expected = {
            document.id: [
                [str(number) for number in document.numbers.values()],
                sorted(document.labels["category"]),
            ]
            for document in docs
            if matches(t.And((tree, request.filters["category"])), document)
        }
        assert found == expected


@every_engine
@THOROUGH
@given(documents())
def test_documents_sorted_by_place_stand_as_their_keys_do(name: str, docs: list[Document]) -> None:
    with snapshot_of(name, docs) as snapshot:
        hits = snapshot.stream(Request(t.Every(), sort="place"))
        assert [hit[0] for hit in hits] == [
            doc.id for doc in sorted(docs, key=lambda doc: (doc.place_key, doc.id))
        ]


@pytest.mark.parametrize("name", LOCAL)
@THOROUGH
@given(documents(), GAPPED)
def test_a_phrase_matches_with_as_many_words_between_each_two_as_it_says(
    name: str, docs: list[Document], phrase: t.Phrase
) -> None:
    with snapshot_of(name, docs) as snapshot:
        assert {hit[0] for hit in answer(snapshot, phrase).hits} == {
            doc.id for doc in docs if matches(phrase, doc)
        }


@every_engine
@THOROUGH
@given(documents(), TREES)
def test_the_shares_of_a_score_add_up_to_it(name: str, docs: list[Document], tree: t.Node) -> None:
    with snapshot_of(name, docs) as snapshot:
        request = Request(tree, limit=None)
        for found, score, _ in snapshot.search(request).hits:
            shares = snapshot.explain(tree, found, request.ranking)
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
            place_key=f"{rng.randrange(9)}",
        )
        for n in rng.sample(range(count), count)
    ]


WORDS_OF_MANY = [t.Term(f"w{n}") for n in (0, 3, 20, 90)]
BAG: tuple[t.Node, ...] = (
    *WORDS_OF_MANY,
    t.Synonyms((t.Phrase(("w3", "w20")), t.Boost(WORDS_OF_MANY[1], 0.5))),
)
BAGS: list[t.Node] = [
    t.Or(BAG),
    t.Proximity(BAG, 1, 0.4),
    t.Proximity((t.Boost(WORDS_OF_MANY[1], 0.2), *BAG), 2, 1),
]


@every_engine
def test_the_best_of_many_are_the_first_of_all_in_any_number_of_segments(name: str) -> None:
    docs = many(600 if name == "whoosh" else 190)
    most = len(docs) * 2 // 3
    with snapshot_of(name, docs) as whole, engine_of(name, docs[:most]) as (engine, first):
        second = write(engine, docs[most:], base=first)
        parts = write(engine, docs[:9], [d.id for d in docs[:9]], base=second)
        for tree in BAGS:
            found = answer(whole, tree)
            assert answer(parts, tree) == found
            for limit in (1, 3, 10):
                for snapshot in (whole, parts):
                    best = snapshot.search(Request(tree, limit=limit)).hits
                    assert best == found.hits[:limit]
            kept = {"category": t.Label("category", "K")}
            filtered = whole.search(Request(tree, kept, limit=None)).hits
            assert whole.search(Request(tree, kept, limit=4)).hits == filtered[:4]


@every_engine
def test_all_engines_give_the_same_documents_the_same_scores(name: str) -> None:
    docs = many(190)
    with snapshot_of("whoosh", docs) as one, snapshot_of(name, docs) as other:
        for tree in BAGS:
            assert answer(other, tree) == answer(one, tree)
            for sort in ("title", "place", "newest", "oldest"):
                request = Request(tree, sort=sort, offset=3, limit=20)
                assert other.search(request) == one.search(request)


@every_engine
def test_pages_of_many_fit_together(name: str) -> None:
    docs = many(600)
    with snapshot_of(name, docs) as snapshot:
        for tree in BAGS:
            whole = snapshot.search(Request(tree, limit=None))
            assert len({hit[0] for hit in whole.hits}) == whole.total > 400
            pages = [
                snapshot.search(Request(tree, offset=offset, limit=70)).hits
                for offset in range(0, whole.total, 70)
            ]
            assert [hit for page in pages for hit in page] == [*whole.hits]


@every_engine
def test_a_synonym_that_no_document_has_changes_no_score(name: str) -> None:
    docs = many(60)
    absent = t.Term("absent")
    for weight in (0.3, 1.0):
        alone = t.Synonyms((t.Boost(t.Term("w3"), weight), t.Boost(t.Term("w3"), weight / 2)))
        with snapshot_of(name, docs) as snapshot:
            expected = answer(snapshot, alone)
            for parts in (
                (absent, t.Boost(t.Term("w3"), weight)),
                (t.Boost(t.Term("w3"), weight),),
            ):
                assert answer(snapshot, t.Synonyms(parts)) == expected


@every_engine
def test_a_facets_own_filter_does_not_hide_its_other_values(name: str) -> None:
    docs = [
        Document(id="1", text={"title": ["a"]}, labels={"category": ["K"]}),
        Document(id="2", text={"title": ["a"]}, labels={"category": ["R"]}),
    ]
    with snapshot_of(name, docs) as snapshot:
        found = snapshot.search(
            Request(t.Term("a"), {"category": t.Label("category", "K")}, ("category",))
        )
        assert found.total == 1
        assert found.facets["category"] == {"K": 1, "R": 1}


@every_engine
def test_a_snapshot_goes_on_answering_from_its_state_while_another_writes(
    where: Address,
) -> None:
    reader, writer = (open_engine(where, SCHEMA) for _ in range(2))
    first = write(reader, [Document(id="1", text={"title": ["a"]})], texts={"state": "one"})
    assert writer.is_newest(first)
    write(writer, [Document(id="2", text={"title": ["b"]})], base=writer.open(), clear=True)
    assert [h[0] for h in first.search(Request(t.Term("a"))).hits] == ["1"]
    assert first.attachment("state") == "one"
    assert not reader.is_newest(first)
    assert [h[0] for h in reader.open().search(Request(t.Every())).hits] == ["2"]


@every_engine
def test_attached_texts_are_replaced_one_by_one_and_no_search_finds_them(
    where: Address,
) -> None:
    engine = open_engine(where, SCHEMA)
    texts = {"a/1": "one", "a/2": "two", "b": "three"}
    first = write(engine, [Document(id="1", text={"title": ["one"]})], texts=texts)
    second = write(engine, [], texts={"a/1": "new", "a/2": ""}, base=first)
    assert second.attachments("a/") == {"1": "new"}
    assert (second.attachment("a/2"), second.attachment("b")) == ("", "three")
    assert second.documents == 1
    for tree in (t.Every(), t.Not(t.Nothing()), t.Not(t.Term("nothing"))):
        assert second.search(Request(tree)).total == 1
    assert first.attachments("a/") == {"1": "one", "2": "two"}


@every_engine
def test_what_raises_while_it_is_written_is_as_if_it_had_not_begun(
    where: Address,
) -> None:
    engine = open_engine(where, SCHEMA)
    first = write(engine, [Document(id="1", text={"title": ["a"]})])
    before = kept_at(where)
    with pytest.raises(ZeroDivisionError):
        write(engine, (Document(id=str(1 / n), text={}) for n in (1, 0)), base=first)
    assert engine.is_newest(first)
    assert engine.open().ids() == ["1"]
    assert kept_at(where) == before


def kept_at(where: Address) -> list[str]:
    """Return the names of what an engine keeps."""
    if where.engine == "opensearch":
        return clusters.indices(where.url.rpartition("/")[2])
    return sorted(path.name for path in where.folder.iterdir())


def test_a_truncated_index_is_noticed_as_damage(tmp_path: Path) -> None:
    engine = open_engine(Address("whoosh", tmp_path), SCHEMA)
    write(engine, [Document(id=str(n), text={"title": ["a"]}) for n in range(50)])
    segment = next(tmp_path.rglob("*.seg"))
    segment.write_bytes(segment.read_bytes()[:100])
    with pytest.raises(IndexDamagedError, match=r"100 bytes in place of .* --rebuild"):
        engine.open()


@every_engine
def test_a_second_writer_is_told_to_wait(where: Address) -> None:
    first, second = (open_engine(where, SCHEMA) for _ in range(2))
    with first.lock(1), pytest.raises(IndexLockedError, match="waited"), second.lock(0.05):
        pass


SOON_FREE = """
from evidence_search.engines.opensearch import locking
locking.LEASE = 0.4
"""
KILLED = """
import os, sys, threading
from evidence_search.engines import Document, Schema, address, open_engine
schema = Schema(("title", "summary"), ("category",), ("year",))
engine = open_engine(address(sys.argv[1]), schema)
threading.Timer(float(sys.argv[2]), os._exit, [9]).start()
n = 0
while True:
    n += 1
    with engine.lock(5):
        base = engine.open()
        with engine.write(base, clear=True) as writer:
            for i in range(10):
                writer.add(Document(id=str(i), text={"title": [f"v{n}"]}))
            writer.attach("version", f"v{n}")
"""


def test_without_tantivy_or_with_an_earlier_one_the_line_that_installs_it_is_named(
    tmp_path: Path,
) -> None:
    script = "import evidence_search as es; es.open('corpus', 'tantivy:index')"
    (tmp_path / "tantivy.py").touch()  # it has none of the names that are needed
    for shadow in ("import sys; sys.modules['tantivy'] = None; ", ""):
        done = subprocess.run(
            [sys.executable, "-c", shadow + script], cwd=ROOT, capture_output=True, text=True,
            check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )  # fmt: skip
        assert "MissingExtraError" in done.stderr
        assert "tantivy>=0.27 on Python 3.11 or later" in done.stderr
        assert "pip install 'tantivy>=0.27'" in done.stderr


@every_engine
def test_a_writer_killed_at_any_moment_leaves_a_whole_state(where: Address) -> None:
    script, seconds = KILLED, [0.05 + kill * 0.013 for kill in range(8)]
    if where.engine == "opensearch":
        # The lock of the one that was killed needn't be waited for as long as usual.
        script = f"{SOON_FREE}{KILLED}"
        seconds = [0.3 + kill * 0.11 for kill in range(8)]
    for until in seconds:
        subprocess.run([sys.executable, "-c", script, str(where), str(until)], check=False)
        snapshot = open_engine(where, SCHEMA).open()
        version = snapshot.attachment("version")
        found = snapshot.search(Request(t.Term(version)))
        assert found.total == snapshot.documents == (10 if version else 0)
