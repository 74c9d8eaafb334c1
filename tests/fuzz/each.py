"""Fuzz each target for some seconds, some at a time; end with all that fail.

Run as a program, with the seconds, how many at a time, and a seed.  With the same seed the
inputs are the same ones, so that whoever changes something hears of faults that the change
made; other seeds find others.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from tests.fuzz.targets import TARGETS

RUNS = {"query": 800}
"""How many inputs a target is tried with, at most; the others 20,000."""


def fuzz(name: str, seconds: int, seed: int) -> str:
    """Return what there is to say of a target that failed, or nothing.

    What it wrote is kept where it failed: the input that it failed with is there.
    """
    limits = [f"-max_total_time={seconds}", f"-runs={RUNS.get(name, 20_000)}", f"-seed={seed}"]
    command = [sys.executable, "-m", "tests.fuzz", name, *limits]
    folder = tempfile.mkdtemp(prefix=f"fuzz-{name}-")
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0", "TMPDIR": folder},
    )
    if not done.returncode:
        shutil.rmtree(folder)
    # What Python says of a fault goes to standard output, what libFuzzer does to the other.
    return f"{name}: {done.stdout[-4000:]}{done.stderr[-2000:]}" if done.returncode else ""


def main(seconds: int, at_a_time: int, seed: int = 1) -> None:
    with ThreadPoolExecutor(at_a_time) as pool:
        failed = [
            said for said in pool.map(lambda name: fuzz(name, seconds, seed), TARGETS) if said
        ]
    print(f"fuzzed {len(TARGETS)} targets for {seconds} s each at most, seed {seed}")  # noqa: T201
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
