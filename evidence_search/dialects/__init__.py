"""The languages of search platforms: a module each, in one table.

A dialect says how a line is cut into tokens, by which rules these are read, and how a tree is
written; the grammar itself is :mod:`evidence_search.dialects.grammar`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from evidence_search.errors import QueryError

if TYPE_CHECKING:
    from evidence_search.dialects.reading import Dialect

DIALECTS = ("ours", "ovid", "pubmed", "cochrane", "ebsco", "scopus", "wos")
"""Names of the dialects; each is ``DIALECT`` of its module."""


def dialect(name: str) -> Dialect:
    """Return the dialect of this name; raises :class:`QueryError` for another."""
    if name not in DIALECTS:
        raise QueryError(f"expected a dialect of {', '.join(DIALECTS)}; found {name!r}")
    module = import_module(f"evidence_search.dialects.{name}")
    found: Dialect = module.DIALECT
    return found


def offer(query: str) -> str | None:
    """Return a note on a query that is written for another platform, with how it reads there."""
    from evidence_search.dialects.foreign import platform

    found = platform(query)
    if found is None:
        return None
    from evidence_search.dialects.syntax import lowered
    from evidence_search.query import to_text

    name, mark = found
    language = dialect(name)
    try:
        read = language.read(query)
    except QueryError:  # of thousands of operators: nobody needs to be told how they read there
        return None
    tree = lowered(read.line, {}, lambda heading: [heading.text])
    return f"{mark} is how {language.title} writes it; as {language.title} this is: {to_text(tree)}"
