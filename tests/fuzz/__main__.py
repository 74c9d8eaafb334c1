"""Fuzz one target; see README.md."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

# What is saved, and the key that signs, aren't those of who runs this.
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp()

# What is imported here is traced, also by the first run of each good input.
with atheris.instrument_imports(include=["evidence_search"]):
    from tests.fuzz.targets import TARGETS, seeds

    NAME = sys.argv[1] if len(sys.argv) > 1 else ""
    if NAME not in TARGETS:
        raise SystemExit(f"expected one of: {' '.join(TARGETS)}; found {NAME!r}")
    for good in seeds(NAME):
        TARGETS[NAME](good)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{NAME}-"))
    (folder / "seeds").mkdir()
    for number, data in enumerate(seeds(NAME)):
        (folder / "seeds" / str(number)).write_bytes(data)
    options = [
        "-timeout=60", "-rss_limit_mb=2000", "-max_len=20000", "-verbosity=0",
        f"-artifact_prefix={folder}/",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, *sys.argv[2:], str(folder / "seeds")], TARGETS[NAME])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
