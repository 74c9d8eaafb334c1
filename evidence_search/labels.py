"""What a searcher types for a facet label to the labels that records have.

A category may be a code or a name, a jurisdiction any name of a place (and
means all that lies within it), a column or row its letter or number or some
words of its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.analysis import fold, words
from evidence_search.documents import SAVED
from evidence_search.engines.plan import Label, Or
from evidence_search.errors import QueryError
from evidence_search.languages import language_name
from evidence_search.lists import key
from evidence_search.records import UNCATEGORISED, Category
from evidence_search.spelling import fold_spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from evidence_search.engines.plan import Node

    Known = Callable[[str], Collection[str]]
    """The labels that a facet has in an index."""


_THE = re.compile(r"^\s*the\s+", re.IGNORECASE)
_CATEGORY_NAMES = {
    "S": ("seminal", "seminal study", "seminal studies"),
    "K": ("key", "key study", "key studies", "study", "studies"),
    "R": ("review", "reviews", "systematic review", "systematic reviews"),
    "G": ("guidance", "guideline", "guidelines", "guide", "guides"),
}
"""What people call the categories, in small letters."""


def node(field: str, text: str, known: Known) -> Node:
    """Return what matches the records with the label or labels that ``text`` means.

    Raises :class:`QueryError`, naming the nearest labels, where there's none.
    """
    if field == "category":
        return Label(field, category_label(text))
    if field == "jurisdiction":
        return _any(field, jurisdiction_labels(text))
    if field in {"doi", "pmid"}:
        return Label(field, text.lower())
    if field == "language":
        text = language_name(text) or text
    if field == "decade":
        match = re.fullmatch(r"(\d{3})\ds?", text.strip())
        if not match:
            raise QueryError(f"expected a decade such as 2010s; found {text!r}")
        return Label(field, f"{match[1]}0s")
    cells = _cells(field, text.strip().upper(), known)
    if cells:
        return _any("cell", cells)
    found = _named(field, text, known(field))
    if found:
        return _any(field, found)
    raise QueryError(
        f"expected a {field} of the corpus; found {text!r}{_nearest(text, known(field))}"
    )


def _any(field: str, labels: Sequence[str]) -> Node:
    return (
        Label(field, labels[0]) if len(labels) == 1 else Or(tuple(Label(field, x) for x in labels))
    )


def _cells(field: str, text: str, known: Known) -> list[str]:
    """Return the cells of a column given by its letter, or of a row given by its number."""
    if field == "column" and re.fullmatch("[A-Z]", text):
        return sorted(cell for cell in known("cell") if _code(cell).startswith(text))
    if field == "row" and re.fullmatch("[0-9]", text):
        return sorted(cell for cell in known("cell") if _code(cell).endswith(text))
    return []


def _code(cell: str) -> str:
    """Return the code of a cell without its matrix: "E5" of "Alcohol E5"."""
    return cell.rsplit(" ", maxsplit=1)[-1]


def _named(field: str, text: str, labels: Collection[str]) -> list[str]:
    """Return the label of this very name, or those whose names have all its words."""
    wanted = _spelt(field, text)
    same = [label for label in labels if _spelt(field, label) == wanted]
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


def _spelt(facet: str, label: str) -> str:
    """Return a label without what doesn't tell it from others: case, accents, signs.

    People name lists and saved searches, so that "maybe?" isn't "maybe".
    """
    if facet == SAVED:
        return label
    if facet == "list":
        return key(label)
    return " ".join(fold_spelling(surface) for surface, _, _ in words(label)) or label


def spellings(facet: str, counts: Mapping[str, int]) -> dict[str, str]:
    """Return for each label the one that stands for it and those that differ in spelling only.

    It is that which most records have, of several the first.
    """
    alike: dict[str, list[str]] = {}
    for label in counts:
        alike.setdefault(_spelt(facet, label), []).append(label)
    return {
        label: min(labels, key=lambda label: (-counts[label], label))
        for labels in alike.values()
        for label in labels
    }


def united(facet: str, counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of labels, those that differ in spelling only as one."""
    found: dict[str, int] = {}
    for label, chosen in spellings(facet, counts).items():
        found[chosen] = found.get(chosen, 0) + counts[label]
    return found


def category_label(text: str) -> str:
    """Return the facet label for a code or name ("K", "key study", "Reviews").

    Raises :class:`QueryError` where there's no such category.
    """
    wanted = fold(text).strip()
    for category in Category:
        if wanted in {category.code.casefold(), *_CATEGORY_NAMES[category.code]}:
            return category.code
    if wanted == UNCATEGORISED:
        return UNCATEGORISED
    codes = ", ".join(f"{c.code} ({c.label})" for c in Category)
    raise QueryError(f"expected a category: {codes}, or {UNCATEGORISED}; found {text!r}")


def jurisdiction_labels(text: str) -> Sequence[str]:
    """Return the facet labels of a jurisdiction and of all that lies within it.

    Raises :class:`QueryError` where there's no such place.
    """
    from evidence_search.places import all_places, canonical, within

    name = canonical(text) or canonical(_THE.sub("", text))
    if name is None:
        near = _nearest(text, all_places())
        raise QueryError(f"expected a jurisdiction such as Scotland; found {text!r}{near}")
    return sorted(within(name))
