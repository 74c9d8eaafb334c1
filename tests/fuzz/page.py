"""Fuzz files of a corpus; see README.md."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["evidence_search"]):
    import evidence_search.cells
    import evidence_search.importing.readers  # noqa: F401 - else imported when first used, without tracing
    from tests.fuzz import targets


def main() -> None:
    atheris.Setup([*sys.argv, "-timeout=5"], targets.page)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
