"""The index is one that any program of Whoosh's can search, made by Whoosh's public names alone."""

from __future__ import annotations

import ast
import doctest
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from evidence_search.documents import whoosh_schema
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord

ENGINES = ROOT / "evidence_search" / "engines"
DOORS = [p for p in sorted(ENGINES.rglob("*.py")) if "whoosh" in p.read_text(encoding="utf-8")]

PUBLIC = {"_replace", "__init__", "__version__", "__getitem__", "__name__"}

BARE = """
import sys
from whoosh.index import open_dir
from whoosh.qparser import MultifieldParser

index = open_dir(sys.argv[1])
with index.searcher() as searcher:
    parser = MultifieldParser(["title", "summary"], index.schema)
    for query in sys.argv[2:]:
        found = searcher.search(parser.parse(query), limit=None)
        print(*sorted(hit["title"] for hit in found), sep="|")
assert not [name for name in sys.modules if name.startswith("evidence_search")]
"""


def test_a_program_of_whooshs_alone_finds_the_records(e5: EvidenceIndex) -> None:
    queries: dict[str, Callable[[StudyRecord], bool]] = {
        "title:homicides": lambda r: "homicides" in r.title,
        "year:2016": lambda r: r.year == 2016,
        "year:[2010 TO 2012]": lambda r: r.year in range(2010, 2013),
        "jurisdiction:scottish": lambda r: "Scotland" in r.jurisdictions,
        "summary:traffic": lambda r: "traffic" in r.summary.lower(),
        "label_category:G": lambda r: "G" in [category.code for category in r.categories],
    }
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(e5.index_folder), *queries],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for (query, has), line in zip(queries.items(), done.stdout.splitlines(), strict=True):
        expected = sorted(r.title for r in e5.records if has(r))
        assert expected, query
        assert line.split("|") == expected, query


def test_the_page_on_the_index_is_true(
    e5: EvidenceIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index").symlink_to(e5.index_folder)
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "whoosh-index.md").read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {}, "whoosh-index.md", None, 0)
    assert len(test.examples) > 10
    results = doctest.DocTestRunner().run(test)
    assert results.failed == 0
    table = text.partition("## Fields")[2].partition("Facets are groups")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == {*whoosh_schema().names()}


@pytest.mark.parametrize("path", DOORS, ids=lambda path: path.name)
def test_whoosh_is_used_by_its_public_names_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = {
        target.attr if isinstance(target, ast.Attribute) else target.name
        for target in ast.walk(tree)
        if isinstance(target, ast.FunctionDef)
        or (isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("whoosh"):
            assert not any(alias.name.startswith("_") for alias in node.names)
            assert "codec" not in str(node.module)
        if isinstance(node, ast.Attribute):
            own = isinstance(node.value, ast.Name) and node.value.id == "self"
            if node.attr.startswith("_") and node.attr not in PUBLIC:
                assert own, f"line {node.lineno}: {ast.unparse(node)}"
                assert node.attr in ours, f"line {node.lineno}: {node.attr} isn't ours"
            if isinstance(node.ctx, ast.Store):  # of Whoosh's nothing is replaced
                assert own or ast.unparse(node.value) == "token", ast.unparse(node)
        assert not (isinstance(node, ast.Name) and node.id in {"setattr", "getattr", "vars"})


def test_only_whooshs_own_classes_are_pickled_in_an_index(e5: EvidenceIndex) -> None:
    import pickletools

    (contents,) = e5.index_folder.glob("*.toc")
    data = contents.read_bytes()
    start = data.index(b"\x80\x02c")
    names = {
        str(argument).split()[0]
        for opcode, argument, _ in pickletools.genops(data[start:])
        if opcode.name == "GLOBAL"
    }
    assert "whoosh.fields" in names
    assert {name.partition(".")[0] for name in names} <= {
        "whoosh",
        "copy_reg",
        "copyreg",
        "__builtin__",
        "builtins",
        "re",
        "_codecs",
        "collections",
        "itertools",
    }
