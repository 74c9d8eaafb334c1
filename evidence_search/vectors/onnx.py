"""A model saved as ONNX, run with onnxruntime, to which this module is the only door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evidence_search.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class OnnxModel:
    """Gives the vectors of the pieces of texts.

    ``quick`` leaves the model as it is saved instead of optimising it first: a fifth of a second
    less to start, for one short query.  Raises :class:`MissingExtraError` without onnxruntime,
    and :class:`ModelError` for a file that it can't read.
    """

    def __init__(self, path: Path, *, quick: bool = False) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise MissingExtraError("onnxruntime", "meaning") from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        level = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = level.ORT_DISABLE_ALL if quick else level.ORT_ENABLE_ALL
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            found = str(error).splitlines()[0]
            raise ModelError(f"{path}: expected a model as ONNX; found {found}") from error
        self._inputs = {node.name for node in self._session.get_inputs()}

    def run(self, texts: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return an array of (pieces, dimensions) for each text, given as numbers of pieces."""
        lengths = [len(text) for text in texts]
        numbers = np.zeros((len(texts), max(lengths)), np.int64)
        mask = np.zeros_like(numbers)
        for row, text in enumerate(texts):
            numbers[row, : len(text)] = text
            mask[row, : len(text)] = 1
        inputs = {
            "input_ids": numbers,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(numbers),
        }
        known = {name: array for name, array in inputs.items() if name in self._inputs}
        rows = self._session.run(None, known)[0]
        return [rows[i, :length] for i, length in enumerate(lengths)]
