"""Change the readers, the seal and the commit path in small ways, and see whether a test fails.

Run as a program, ``python -m tests.mutation 100 2 --seed 1``, with how many mutants to draw and
how many to try at a time.  Each mutant is one change of one module, in a copy of the project; the
tests of those named for its module that call the changed function run until one fails, the quick
ones before the slow; where none is seen to call it, all of them.  It ends with the mutants that no
test noticed, each a test to write, or a change that changes nothing.
"""

from __future__ import annotations

import argparse
import ast
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
TESTS = {
    "importing/*.py": "formats importing whole_records round_trips records hostile_files",
    "cells/*.py": "cell_variations cell_forms bank_pages places cells checking",
    "persons.py": "records importing whole_records merging round_trips",
    "corpus.py": "scanning importing checking records hostile_files adding",
    "decoding.py": "importing checking scanning hostile_files",
    "merging/*.py": "merging duplicates regrouping whole_records records",
    "signing.py": "reliability_damage reliability",
    "engines/whoosh/__init__.py": "whoosh_index engines reliability_damage reliability",
    "engines/whoosh/storage.py": "whoosh_index engines reliability_damage reliability",
    "engines/folders.py": "whoosh_index engines tantivy reliability_damage reliability",
    "engines/tantivy/*.py": "tantivy engines scanning reliability_damage reliability",
    "engines/candidates.py": "engines tantivy opensearch",
    "engines/scoring.py": "engines ranking tantivy",
    "engines/opensearch/*.py": "engines opensearch",
    "index/lifecycle.py": "scanning vectors duplicates reliability_damage reliability_refresh "
    "reliability",
    "index/update.py": "scanning vectors merging duplicates reliability_refresh reliability "
    "importing",
    "index/changes.py": "scanning vectors reliability_refresh reliability",
    "index/ledger.py": "scanning vectors merging duplicates reliability_refresh reliability",
    "index/regrouping.py": "regrouping duplicates reliability_refresh reliability",
    "index/vocabulary.py": "vocabulary wording reliability_refresh",
    "index/reading.py": "scanning reliability_refresh reliability",
    "index/state.py": "scanning vectors reliability_damage reliability_refresh reliability",
    "index/verifying.py": "scanning reliability_damage reliability",
    "writing.py": "writing lists adding history",
    "files.py": "writing received_folders evaluation hostile_files lists history",
    "lists/*.py": "lists whole_records round_trips",
    "index/list*.py": "lists",
    "index/tracing.py": "lists",
}
"""Which tests are to notice a change of which modules of the package, the quick ones first."""
LIMIT = 200
"""Seconds after which a mutant that never ends is taken for noticed."""

OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Break: ast.Continue, ast.Continue: ast.Break,
}  # fmt: skip


class Mutant(NamedTuple):
    """A change: of which module, in which function, which of its places, and how it reads.

    A function is named by the line that it begins on; outside of one it is 0.
    """

    module: Path
    function: int
    place: int
    reads: str


def changes(tree: ast.Module) -> Iterator[tuple[ast.AST, str, Callable[[], None]]]:
    """Yield each place that can be changed, what becomes of it, and what changes it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for at, op in enumerate(node.ops):
                new = OPPOSITES[type(op)]
                ops = [*node.ops[:at], new(), *node.ops[at + 1 :]]
                yield node, new.__name__, partial(setattr, node, "ops", ops)
        elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in OPPOSITES:
            new = OPPOSITES[type(node.op)]
            yield node, new.__name__, partial(setattr, node, "op", new())
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            if ast.unparse(node.test) != "TYPE_CHECKING":
                negated = ast.UnaryOp(ast.Not(), node.test)
                yield node.test, "not", partial(setattr, node, "test", negated)
        elif isinstance(node, ast.Return) and ast.unparse(node) not in {"return", "return None"}:
            yield node, "None", partial(setattr, node, "value", ast.Constant(None))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node, "nothing", partial(setattr, node, "value", ast.Constant(None))
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            value = not node.value if isinstance(node.value, bool) else node.value + 1
            yield node, str(value), partial(setattr, node, "value", value)


def mutants() -> list[Mutant]:
    """Return every change of every module that ``TESTS`` names."""
    package = ROOT / "evidence_search"
    found = []
    for pattern in TESTS:
        for path in sorted(package.glob(pattern)):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for place, (node, new, _) in enumerate(changes(tree)):
                line = getattr(node, "lineno", 0)
                text = ast.unparse(node).split("\n")[0][:70]
                where = path.relative_to(ROOT)
                reads = f"{where}:{line}: {text} -> {new}"
                found.append(Mutant(where, _function(tree, line), place, reads))
    return found


def _function(tree: ast.Module, line: int) -> int:
    """Return the line that the innermost function around a line begins on, its decorators too."""
    around = [
        min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno < line <= (node.end_lineno or 0)
    ]
    return max(around, default=0)


class Tests:
    """Which tests are to notice a mutant, the quickest first."""

    def __init__(self) -> None:
        self._calls: dict[str, list[tuple[float, str, set[str]]]] = {}

    def of(self, mutant: Mutant, copy: Path) -> list[str]:
        """Return those that call the changed function, or all that are named for its module."""
        inner = str(mutant.module.relative_to("evidence_search"))
        names = next(names for pattern, names in TESTS.items() if Path(inner).match(pattern))
        files = [f"tests/test_{name}.py" for name in names.split()]
        for file in files:
            if file not in self._calls:
                self._calls[file] = _calls(copy, file)
        place = f"{inner}:{mutant.function}"
        calling = sorted(
            (seconds, test)
            for file in files
            for seconds, test, called in self._calls[file]
            if called & {place, "*"}
            or (not mutant.function and any(call.startswith(f"{inner}:") for call in called))
        )
        return [test for _, test in calling] or files


def _calls(copy: Path, file: str) -> list[tuple[float, str, set[str]]]:
    """Return the seconds, name and functions of each test of a file, by ``tests.calls``."""
    written = copy / "calls.tsv"
    written.write_text("", encoding="utf-8")
    _pytest(copy, ["-p", "tests.calls", file], {"EVIDENCE_SEARCH_CALLS": str(written)})
    rows = [row.split("\t") for row in written.read_text(encoding="utf-8").splitlines()]
    return [(float(seconds), test, set(called)) for seconds, test, *called in rows]


def noticed(mutant: Mutant, copy: Path, tests: Tests) -> bool:
    """Tell whether a test fails with a mutant in a copy of the project, which is left as it was."""
    chosen = tests.of(mutant, copy)
    path = copy / mutant.module
    before = path.read_text(encoding="utf-8")
    tree = ast.parse(before)
    [*changes(tree)][mutant.place][2]()
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
    try:
        return not _pytest(copy, ["-x", *chosen], {})
    finally:
        path.write_text(before, encoding="utf-8")


def _pytest(copy: Path, words: list[str], env: dict[str, str]) -> bool:
    """Tell whether tests pass in a copy, in time."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *words]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), **env},
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("count", type=int, help="how many mutants to draw")
    parser.add_argument("at_a_time", type=int, nargs="?", default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules whose path has this")
    given = parser.parse_args()
    drawn = [mutant for mutant in mutants() if given.only in str(mutant.module)]
    draw = random.Random(given.seed)  # noqa: S311 - for a fair sample, not for a secret
    drawn = draw.sample(drawn, min(given.count, len(drawn)))
    copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
    tests = Tests()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.at_a_time) as pool:
        for number in range(given.at_a_time):
            ignore = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__")
            copies.put(Path(shutil.copytree(ROOT, Path(folder, str(number)), ignore=ignore)))

        def tried(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                seen = noticed(mutant, copy, tests)
            finally:
                copies.put(copy)
            print("noticed" if seen else "MISSED ", mutant.reads, flush=True)  # noqa: T201
            return seen

        count = sum(pool.map(tried, drawn))
    print(f"{count} of {len(drawn)} mutants noticed")  # noqa: T201


if __name__ == "__main__":
    main()
