"""Fuzz queries; see README.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["evidence_search"]):
    from evidence_search.index import EvidenceIndex
    from tests.fuzz import targets

ROOT = Path(__file__).parents[2]


def main() -> None:
    index = EvidenceIndex(ROOT / "corpus", Path(tempfile.mkdtemp()))
    index.refresh()

    def one(data: bytes) -> None:
        try:
            data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            data = b"\xff" + data
        targets.query(data, index)

    atheris.Setup([*sys.argv, "-timeout=5"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
