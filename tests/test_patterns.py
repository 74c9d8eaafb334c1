"""Patterns of readers are compiled when first used, and are patterns like others."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import evidence_search
from evidence_search.patterns import lazy_pattern

PACKAGE = Path(evidence_search.__file__).parent
USERS = [
    ".".join(("evidence_search", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if "import lazy_pattern" in path.read_text(encoding="utf-8")
]


def test_a_pattern_answers_as_one_that_was_compiled_at_once() -> None:
    lazy = lazy_pattern("(?P<word>B+)", re.IGNORECASE)
    eager = re.compile("(?P<word>b+)", re.IGNORECASE)
    for _ in range(2):  # the second time from what it kept
        assert lazy.findall("abBa") == eager.findall("abBa") == ["bB"]
        assert lazy.sub("c", "abba") == eager.sub("c", "abba") == "aca"
    assert lazy.groupindex == eager.groupindex
    with pytest.raises(AttributeError, match="matches"):
        lazy.matches  # type: ignore[attr-defined]  # noqa: B018 - what is refused


def test_a_text_that_is_no_pattern_is_an_error_when_it_is_used() -> None:
    pattern = lazy_pattern("(")
    with pytest.raises(re.error, match="position 0"):
        pattern.match("")


@pytest.mark.parametrize("module", USERS)
def test_every_pattern_of_a_reader_is_one(module: str) -> None:
    names = vars(importlib.import_module(module))
    patterns = [value for value in names.values() if type(value) is type(lazy_pattern(""))]
    assert patterns
    for pattern in patterns:
        assert pattern.groups >= 0
