"""A model of the BERT family, run with numpy alone.

Source: Devlin et al., "BERT" (2019).  Weights are read from ``model.safetensors``, a header of
JSON and plain numbers (https://github.com/huggingface/safetensors): nothing that could run.
"""

from __future__ import annotations

import json
import math
import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from evidence_search.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_HEADER_BYTES = 8
_LARGEST_HEADER = 10_000_000
_TYPES = {"F32": "<f4", "F16": "<f2"}
_ROWS = 256
"""Tokens that go through a wide layer at once: what is computed of them stays in the cache."""


class _Layer(NamedTuple):
    """The weights of one layer; ``query`` is scaled already, so that products needn't be."""

    attention: Floats
    attention_bias: Floats
    output: Floats
    output_bias: Floats
    norm: tuple[Floats, Floats]
    wide: Floats
    wide_bias: Floats
    narrow: Floats
    narrow_bias: Floats
    last_norm: tuple[Floats, Floats]


class BertModel:
    """Gives the vectors of the pieces of texts.

    ``folder`` has ``config.json`` and ``model.safetensors``.  Raises :class:`ModelError` for
    another kind of model, and for files that aren't what they should be.
    """

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind, activation = config.get("model_type"), config.get("hidden_act", "gelu")
        if kind != "bert" or activation != "gelu":
            raise ModelError(
                f"{folder}: expected a model of type bert with gelu, or onnx/model.onnx; "
                f"found type {kind} with {activation}: name another model"
            )
        self._heads = int(config["num_attention_heads"])
        self._epsilon = np.float32(config.get("layer_norm_eps", 1e-12))
        tensors = _tensors(folder / "model.safetensors")
        try:
            self._load(tensors, int(config["num_hidden_layers"]))
        except KeyError as error:
            raise ModelError(f"{folder}: expected the weights {error}, found none") from error

    def _load(self, tensors: Mapping[str, Floats], layers: int) -> None:
        self._words = tensors["embeddings.word_embeddings.weight"]
        places = tensors["embeddings.position_embeddings.weight"]
        self._places = places + tensors["embeddings.token_type_embeddings.weight"][0]
        self._norm = _pair(tensors, "embeddings.LayerNorm")
        scale = np.float32(1 / math.sqrt(self._words.shape[1] // self._heads))
        self._layers = [_layer(tensors, f"encoder.layer.{i}.", scale) for i in range(layers)]

    @property
    def longest(self) -> int:
        """How many pieces a text may have."""
        return len(self._places)

    def run(self, texts: Sequence[Sequence[int]]) -> list[Floats]:
        """Return an array of (pieces, dimensions) for each text, given as numbers of pieces.

        All pieces of all texts go through the layers as the rows of one array, so that texts of
        different length need no padding; only attention looks at each text alone.
        """
        lengths = [len(text) for text in texts]
        ends = np.cumsum(lengths)
        spans = [(int(end) - length, int(end)) for end, length in zip(ends, lengths, strict=True)]
        numbers = np.concatenate([np.asarray(text) for text in texts])
        places = np.concatenate([np.arange(length) for length in lengths])
        rows = self._normalise(self._words[numbers] + self._places[places], self._norm)
        for layer in self._layers:
            mixed = self._attend(rows, layer, spans)
            rows = self._normalise(rows + mixed, layer.norm)
            for start in range(0, len(rows), _ROWS):
                some = rows[start : start + _ROWS]
                wide = _gelu(some @ layer.wide + layer.wide_bias)
                some += wide @ layer.narrow + layer.narrow_bias
            rows = self._normalise(rows, layer.last_norm)
        return [rows[start:end] for start, end in spans]

    def _attend(self, rows: Floats, layer: _Layer, spans: Sequence[tuple[int, int]]) -> Floats:
        """Mix into each piece what the other pieces of its text say (multi-head attention)."""
        width = rows.shape[1]
        products = rows @ layer.attention + layer.attention_bias
        mixed = np.empty_like(rows)
        for start, end in spans:
            parts = products[start:end].reshape(end - start, 3, self._heads, width // self._heads)
            query, key, value = parts.transpose(1, 2, 0, 3)
            weights = query @ key.transpose(0, 2, 1)
            weights -= weights.max(-1, keepdims=True)
            np.exp(weights, out=weights)
            weights /= weights.sum(-1, keepdims=True)
            mixed[start:end] = (weights @ value).transpose(1, 0, 2).reshape(end - start, width)
        result: Floats = mixed @ layer.output + layer.output_bias
        return result

    def _normalise(self, rows: Floats, norm: tuple[Floats, Floats]) -> Floats:
        """Bring each row to mean 0 and variance 1, in place, and scale it (layer norm)."""
        rows -= rows.mean(-1, keepdims=True)
        variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
        rows /= np.sqrt(variance + self._epsilon)[:, None]
        rows *= norm[0]
        rows += norm[1]
        return rows


def _layer(tensors: Mapping[str, Floats], prefix: str, scale: np.float32) -> _Layer:
    query, key, value = (_pair(tensors, f"{prefix}attention.self.{n}") for n in _ATTENTION)
    output = _pair(tensors, f"{prefix}attention.output.dense")
    wide = _pair(tensors, f"{prefix}intermediate.dense")
    narrow = _pair(tensors, f"{prefix}output.dense")
    return _Layer(
        np.concatenate([query[0] * scale, key[0], value[0]]).T,
        np.concatenate([query[1] * scale, key[1], value[1]]),
        output[0].T,
        output[1],
        _pair(tensors, f"{prefix}attention.output.LayerNorm"),
        wide[0].T,
        wide[1],
        narrow[0].T,
        narrow[1],
        _pair(tensors, f"{prefix}output.LayerNorm"),
    )


_ATTENTION = ("query", "key", "value")


def _pair(tensors: Mapping[str, Floats], name: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _gelu(x: Floats) -> Floats:
    """Return x * P(X <= x) of a standard normal X, in place.

    The complementary error function is that of Abramowitz and Stegun, "Handbook of Mathematical
    Functions" (1964), 7.1.26, which is exact to 1.5e-7.
    """
    size = np.abs(x)
    size *= np.float32(math.sqrt(0.5))
    t = np.reciprocal(size * np.float32(0.3275911) + np.float32(1))
    erfc = t * np.float32(1.061405429)
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        erfc += np.float32(factor)
        erfc *= t
    size *= size
    np.negative(size, out=size)
    erfc *= np.exp(size, out=size)
    np.abs(x, out=size)
    size *= erfc
    size *= np.float32(0.5)
    np.maximum(x, 0, out=x)
    x -= size
    return x


def _tensors(path: Path) -> dict[str, Floats]:
    """Return the arrays of a file of tensors, by name, mapped rather than read."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        length = int.from_bytes(data[:_HEADER_BYTES], "little")
        if length > min(len(data), _LARGEST_HEADER):
            raise ValueError(f"a header of {length} bytes")
        start = _HEADER_BYTES + length
        header: dict[str, Any] = json.loads(data[_HEADER_BYTES:start])
        arrays = {}
        for name, tensor in header.items():
            if name != "__metadata__" and tensor["dtype"] in _TYPES:
                begin, end = (start + offset for offset in tensor["data_offsets"])
                kind = np.dtype(_TYPES[tensor["dtype"]])
                flat = np.frombuffer(data, kind, (end - begin) // kind.itemsize, begin)
                array = flat.reshape(tensor["shape"])
                arrays[name.removeprefix("bert.")] = array.astype(np.float32, copy=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: expected weights as safetensors; found {error}") from error
    return arrays
