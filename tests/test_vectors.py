"""Texts as vectors: the pieces a model reads, the models, and the file that keeps vectors."""

from __future__ import annotations

import fcntl
import json
import math
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_search.errors import IndexLockedError, ModelError, SearchIndexError
from evidence_search.vectors.bert import BertModel
from evidence_search.vectors.encoders import Encoder, open_encoder
from evidence_search.vectors.fusion import fuse
from evidence_search.vectors.store import VectorStore, digest
from evidence_search.vectors.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "drink",
    "##ing",
    "driver",
    "##s",
    "-",
    "'",
    "don",
    "t",
]
TEXTS = st.text(st.sampled_from("drinkgves-' ü中\n"), max_size=40)


def pieces(text: str, most: int = 32) -> list[str]:
    return [PIECES[number] for number in WordPiece(PIECES).numbers(text, most)]


# Word pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drinking drivers", "drink ##ing driver ##s"),
        ("drink-driver", "drink - driver"),
        ("don't", "don ' t"),
        ("DRÎNK", "drink"),
        ("driv\u00aders\u200b", "driver ##s"),
        ("drink driver unheard", "drink driver [UNK]"),
        ("drink中driver", "drink [UNK] driver"),
        ("drink" * 30, "[UNK]"),
        ("", ""),
    ],
)
def test_text_is_cut_into_the_longest_pieces_that_the_model_knows(text: str, expected: str) -> None:
    assert pieces(text) == ["[CLS]", *expected.split(), "[SEP]"]


@given(TEXTS, st.integers(3, 10))
def test_no_text_has_more_pieces_than_are_read(text: str, most: int) -> None:
    shortened, whole = pieces(text, most), pieces(text, 1000)
    assert shortened == [*whole[: min(most, len(whole)) - 1], "[SEP]"]


# Models


def test_the_packaged_model_finds_a_paraphrase_nearer_than_another_subject() -> None:
    texts = [
        "curbing drink-driving",
        "fewer road deaths through alcohol controls",
        "hepatitis C tests",
    ]
    first, paraphrase, other = open_encoder().encode(texts)
    assert first @ paraphrase > first @ other + 0.1


def test_vectors_have_length_one_and_do_not_depend_on_what_is_encoded_beside_them() -> None:
    encoder = open_encoder()
    texts = ["prison", "a service for families of people in prison " * 20, "", "housing"]
    together = encoder.encode(texts)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        assert encoder.encode([text])[0] @ vector > 0.99


def test_a_quick_start_gives_the_same_vectors() -> None:
    texts = ["drug courts", "needle exchange"]
    quick, slow = open_encoder(quick=True).encode(texts), open_encoder().encode(texts)
    assert np.all((quick * slow).sum(1) > 0.99)


WIDTH, HEADS, WIDE, PLACES = 8, 2, 12, 16


def model_folder(folder: Path, **settings: object) -> Path:
    """Write a model of two layers with random weights, in the layout of sentence-transformers."""
    random = np.random.default_rng(5)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for i in range(2):
        layer = f"encoder.layer.{i}"
        dense = {f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")}
        dense |= {"attention.output.dense": (WIDTH, WIDTH)}
        dense |= {"intermediate.dense": (WIDE, WIDTH), "output.dense": (WIDTH, WIDE)}
        shapes |= {f"{layer}.{name}.weight": shape for name, shape in dense.items()}
        shapes |= {f"{layer}.{name}.bias": shape[:1] for name, shape in dense.items()}
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    shapes |= {f"{name}.{part}": (WIDTH,) for name in norms for part in ("weight", "bias")}
    header: dict[str, object] = {}
    data = b""
    for name, shape in shapes.items():
        array = random.normal(0, 0.7, shape).astype("<f4")
        offsets = [len(data), len(data) + array.nbytes]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
        data += array.tobytes()
    text = json.dumps(header).encode()
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    config = {"model_type": "bert", "num_attention_heads": HEADS, "num_hidden_layers": 2} | settings
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(PIECES))
    return folder


def reference(folder: Path, numbers: Sequence[int]) -> NDArray[np.float64]:
    """Run the model of ``model_folder`` one number at a time, as the paper writes it."""
    raw = (folder / "model.safetensors").read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    w = {
        name: np.frombuffer(raw[start:], "<f4")[
            t["data_offsets"][0] // 4 : t["data_offsets"][1] // 4
        ]
        .reshape(t["shape"])
        .astype(float)
        for name, t in json.loads(raw[8:start]).items()
    }

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        result: NDArray[np.float64] = x @ w[f"{name}.weight"].T + w[f"{name}.bias"]
        return result

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        scaled = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        result: NDArray[np.float64] = scaled * w[f"{name}.weight"] + w[f"{name}.bias"]
        return result

    e = "embeddings."
    x = w[f"{e}word_embeddings.weight"][list(numbers)]
    x = x + w[f"{e}position_embeddings.weight"][: len(numbers)]
    x = norm(x + w[f"{e}token_type_embeddings.weight"][0], f"{e}LayerNorm")
    for i in range(2):
        layer, each = f"encoder.layer.{i}.", WIDTH // HEADS
        q, k, v = (dense(x, f"{layer}attention.self.{n}") for n in ("query", "key", "value"))
        heads = []
        for h in range(HEADS):
            s = slice(h * each, (h + 1) * each)
            weights = np.exp(q[:, s] @ k[:, s].T / math.sqrt(each))
            heads.append(weights / weights.sum(-1, keepdims=True) @ v[:, s])
        mixed = dense(np.concatenate(heads, axis=1), f"{layer}attention.output.dense")
        x = norm(x + mixed, f"{layer}attention.output.LayerNorm")
        wide = dense(x, f"{layer}intermediate.dense")
        wide = wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2))) / 2
        x = norm(x + dense(wide, f"{layer}output.dense"), f"{layer}output.LayerNorm")
    return x


def test_numpy_runs_a_model_as_its_paper_says_whatever_stands_beside_a_text(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "tiny")
    texts = [[2, 4, 5, 3], [2, 3], [2, *range(4, 12), 3]]
    for text, rows in zip(texts, BertModel(folder).run(texts), strict=True):
        assert np.allclose(rows, reference(folder, text), atol=1e-4)


@pytest.mark.parametrize(("mode", "row"), [("pooling_mode_cls_token", 0), ("other", None)])
def test_a_local_model_pools_as_its_folder_says(tmp_path: Path, mode: str, row: int | None) -> None:
    folder = model_folder(tmp_path / "tiny")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({mode: True}))
    rows = reference(folder, [2, 4, 5, 3])
    expected = rows.mean(0) if row is None else rows[row]
    assert open_encoder(folder).encode(["drinking"])[0] @ expected > 0.999 * np.linalg.norm(
        expected
    )


def test_two_local_models_have_two_names(tmp_path: Path) -> None:
    first, second = model_folder(tmp_path / "a"), model_folder(tmp_path / "b" / "a")
    weights = second / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\0")
    assert open_encoder(first).name != open_encoder(second).name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", b'{"model_type": "mpnet"}'),
        ("config.json", b"{"),
        ("vocab.txt", b"no pieces"),
        ("model.safetensors", b"\xff" * 40),
        ("model.safetensors", b"\x02" + b"\0" * 7 + b"{}"),
        ("model.safetensors", b""),
        ("onnx/model.onnx", b"no model"),
    ],
)
def test_a_folder_without_a_usable_model_is_one_clear_line(
    tmp_path: Path, name: str, content: bytes
) -> None:
    folder = model_folder(tmp_path / "tiny")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"^[^\n]*expected[^\n]*found[^\n]*$"):
        open_encoder(folder)


def test_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="expected a model in the layout of sentence-transformers"):
        open_encoder(tmp_path / "nothing")


# The file of vectors


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return open_encoder(model_folder(tmp_path / "model"))


WORDS = [f"{a} {b}" for a in ("drink", "driver", "don") for b in ("drinking", "drivers", "t")]


def test_a_text_is_nearest_to_itself(tmp_path: Path, encoder: Encoder) -> None:
    store = VectorStore(tmp_path, encoder)
    store.add(WORDS)
    neighbours = store.neighbours([*map(digest, WORDS)])
    for i, vector in enumerate(encoder.encode(WORDS)):
        cosines = neighbours.cosines(vector)
        assert cosines[i] == pytest.approx(1, abs=0.02)
        assert cosines.max() <= cosines[i] + 0.02


def test_what_was_interrupted_goes_on_where_it_stopped(tmp_path: Path, encoder: Encoder) -> None:
    store = VectorStore(tmp_path, encoder)
    store.add(WORDS[:5])
    with store.path.open("ab") as file:
        file.write(b"half a row")  # as after a kill in the middle of writing
    missing = store.missing(map(digest, WORDS))
    assert missing == {*map(digest, WORDS[5:])}
    store.add(WORDS[5:])
    assert not store.missing(map(digest, WORDS))
    vector = encoder.encode(WORDS[-1:])[0]
    assert store.neighbours([digest(WORDS[-1])]).cosines(vector)[0] > 0.98


def test_progress_tells_texts_done_and_in_all(tmp_path: Path, encoder: Encoder) -> None:
    calls: list[tuple[int, int]] = []
    texts = [f"drink {i}" for i in range(100)]
    VectorStore(tmp_path, encoder).add(texts, lambda done, of: calls.append((done, of)))
    assert calls[-1] == (100, 100)
    assert len(calls) > 1


def test_a_text_without_a_vector_is_counted_and_near_to_nothing(
    tmp_path: Path, encoder: Encoder
) -> None:
    store = VectorStore(tmp_path, encoder)
    store.add(["drink"])
    neighbours = store.neighbours([digest("drink"), digest("driver")])
    assert neighbours.missing == 1
    assert neighbours.cosines(encoder.encode(["driver"])[0])[1] == -1


def test_vectors_of_texts_that_are_gone_are_dropped_when_they_are_most(
    tmp_path: Path, encoder: Encoder
) -> None:
    store = VectorStore(tmp_path, encoder)
    store.add(WORDS)
    before = store.path.stat().st_size
    store.compact([*map(digest, WORDS[:8])])
    assert store.path.stat().st_size == before
    store.compact([*map(digest, WORDS[:2])])
    assert store.path.stat().st_size == before * 2 // len(WORDS)
    assert not store.missing(map(digest, WORDS[:2]))


def test_the_vectors_of_two_models_are_kept_apart(tmp_path: Path, encoder: Encoder) -> None:
    VectorStore(tmp_path, encoder).add(WORDS)
    other = model_folder(tmp_path / "other")
    weights = other / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\0")
    assert VectorStore(tmp_path, open_encoder(other)).missing([digest(WORDS[0])])


def test_only_one_process_adds_vectors(tmp_path: Path, encoder: Encoder) -> None:
    store = VectorStore(tmp_path, encoder)
    store.add(WORDS[:1])
    with store.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(IndexLockedError, match="another process"):
            store.add(WORDS)
    store.add(WORDS)


def test_a_link_in_the_place_of_the_file_is_not_written_through(
    tmp_path: Path, encoder: Encoder
) -> None:
    store = VectorStore(tmp_path / "index", encoder)
    store.path.parent.mkdir()
    store.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SearchIndexError, match="expected to add vectors"):
        store.add(WORDS)
    assert not (tmp_path / "elsewhere").exists()


# Joining words and meaning

SCORES = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 100)), unique_by=lambda hit: hit[0]
).map(lambda hits: sorted(hits, key=lambda hit: -hit[1]))


@given(SCORES, SCORES)
def test_fusion_has_every_hit_of_both_best_first(
    words: list[tuple[str, float]], meaning: list[tuple[str, float]]
) -> None:
    fused = fuse(words, meaning)
    assert {hit.id for hit in fused} == {name for name, _ in words + meaning}
    assert [hit.score for hit in fused] == sorted((hit.score for hit in fused), reverse=True)
    assert {hit.id for hit in fused if hit.words is None} == dict(meaning).keys() - dict(
        words
    ).keys()


@given(SCORES)
def test_fusion_with_nothing_keeps_the_order_of_the_words(words: list[tuple[str, float]]) -> None:
    scores = dict(words)
    order = [scores[hit.id] for hit in fuse(words, [])]
    assert order == sorted(order, reverse=True)


def test_what_both_find_comes_before_what_one_finds() -> None:
    fused = fuse([("a", 3.0), ("b", 2.0), ("c", 1.0)], [("b", 0.9), ("d", 0.8), ("e", 0.1)])
    assert fused[0].id == "b"
