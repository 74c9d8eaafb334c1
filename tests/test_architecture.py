"""The one-way road: a module imports only what stands before it, and each library has one door."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "evidence_search"
ORDER = [
    "errors", "writing", "values", "tables", "records", "spreadsheet", "places", "cells",
    "importing", "corpus", "spelling", "analysis", "thesaurus", "acronyms", "checking", "trees",
    "query", "engines", "documents", "wording", "labels", "planning", "feedback", "suggesting",
    "snippets", "similar", "frames", "render", "concordance", "explaining", "crosstab", "stats",
    "results", "index", "watching", "opening", "history", "evaluation", "commands", "cli",
    "__main__",
]  # fmt: skip
DOORS = {
    "whoosh": "engines", "click": "cli", "nltk": "analysis",
    "rispy": "importing", "bibtexparser": "importing", "pylatexenc": "importing",
    "nbib": "importing", "watchfiles": "watching",
    "pandas": "frames", "polars": "frames", "matplotlib": "render",
}  # fmt: skip
# A notebook asks the value itself how it looks.
AGAINST = {("records", "render"), ("explaining", "render")}
FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports at run time, wherever in it."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_modules_before_it(path: Path) -> None:
    here = module_of(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "evidence_search" and len(parts) > 1 and parts[1] in ORDER:
            before = ORDER.index(parts[1]) <= ORDER.index(here)
            assert before or (here, parts[1]) in AGAINST, f"{here} imports {parts[1]}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_third_party_library_has_one_door(path: Path) -> None:
    for name in imports(path):
        library = name.split(".")[0]
        assert module_of(path) == DOORS.get(library, module_of(path))
