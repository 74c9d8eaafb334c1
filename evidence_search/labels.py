"""What a searcher types for a facet label to the labels that records have.

A category may be a code or a name, a jurisdiction any name of a place (and
means all that lies within it), a column or row its letter or number or some
words of its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.analysis import fold, words
from evidence_search.errors import QueryError
from evidence_search.records import UNCATEGORISED, Category
from evidence_search.trees import Label, Or

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from evidence_search.trees import Tree

    Known = Callable[[str], Collection[str]]
    """The labels that a facet has in an index."""


def tree(field: str, text: str, known: Known) -> Tree:
    """Return what matches the records with the label or labels that ``text`` means.

    Raises :class:`QueryError`, naming the nearest labels, where there's none.
    """
    if field == "category":
        return Label(field, category_label(text))
    if field == "jurisdiction":
        return _any(field, jurisdiction_labels(text))
    if field == "decade":
        match = re.fullmatch(r"(\d{3})\ds?", text.strip())
        if not match:
            raise QueryError(f"expected a decade such as 2010s; found {text!r}")
        return Label(field, f"{match[1]}0s")
    cells = _cells(field, text.strip().upper(), known)
    if cells:
        return _any("cell", cells)
    found = _named(text, known(field))
    if found:
        return _any(field, found)
    raise QueryError(
        f"expected a {field} of the corpus; found {text!r}{_nearest(text, known(field))}"
    )


def _any(field: str, labels: Sequence[str]) -> Tree:
    return (
        Label(field, labels[0]) if len(labels) == 1 else Or(tuple(Label(field, x) for x in labels))
    )


def _cells(field: str, text: str, known: Known) -> list[str]:
    """Return the cells of a column given by its letter, or of a row given by its number."""
    if field == "column" and re.fullmatch("[A-Z]", text):
        return sorted(cell for cell in known("cell") if cell.startswith(text))
    if field == "row" and re.fullmatch("[0-9]", text):
        return sorted(cell for cell in known("cell") if cell.endswith(text))
    return []


def _named(text: str, labels: Collection[str]) -> list[str]:
    """Return the label of this very name, or those whose names have all its words."""
    wanted = fold(text).strip()
    same = [label for label in labels if fold(label) == wanted]
    if same:
        return same
    parts = {surface for surface, _, _ in words(text)}
    if not parts:
        return []
    return sorted(label for label in labels if parts <= {surface for surface, _, _ in words(label)})


def _nearest(text: str, labels: Collection[str]) -> str:
    from difflib import get_close_matches

    by_name = {fold(label): label for label in labels}
    near = get_close_matches(fold(text)[:80], by_name, n=3, cutoff=0.4)
    names = [by_name[name] for name in near] or sorted(labels)[:5]
    return f"; there are: {', '.join(names)}" if names else "; it has none"


def category_label(text: str) -> str:
    """Return the facet label for a code or name ("K", "key study", "Reviews").

    Raises :class:`QueryError` where there's no such category.
    """
    wanted = fold(text).strip()
    for category in Category:
        label = fold(category.label)
        plural = "seminal studies" if category is Category.SEMINAL else label.replace("y", "ies")
        names = {category.code.casefold(), label, label.split()[0], plural, f"{label}s"}
        if wanted in names | {"key studies"} & {plural}:
            return category.code
    if wanted == UNCATEGORISED:
        return UNCATEGORISED
    codes = ", ".join(f"{c.code} ({c.label})" for c in Category)
    raise QueryError(f"expected a category: {codes}, or {UNCATEGORISED}; found {text!r}")


def jurisdiction_labels(text: str) -> Sequence[str]:
    """Return the facet labels of a jurisdiction and of all that lies within it.

    Raises :class:`QueryError` where there's no such place.
    """
    from evidence_search.places import canonical, within

    name = canonical(text)
    if name is None:
        raise QueryError(
            f"expected a jurisdiction such as Scotland, UK or International; found {text!r}"
        )
    return sorted(within(name))
