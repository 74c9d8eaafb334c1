"""The filters of a search: what people give for them, to trees that restrict its matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from evidence_search import labels
from evidence_search.errors import QueryError
from evidence_search.query import parse_year
from evidence_search.trees import Or, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evidence_search.planning import Planner
    from evidence_search.trees import Tree

    Labels = str | Sequence[str] | None
    Years = int | str | tuple[int | None, int | None] | None


class Filters(TypedDict, total=False):
    """What a search may be restricted to; several values of one filter are alternatives.

    ``category`` takes codes or names ("K", "key study"), ``jurisdiction``
    names of places, each with all that lies within it; ``column`` and ``row``
    a letter or number, or words of the name; ``publisher`` a name, words of
    it, or an acronym; ``year`` is 2010, ``"2005..2012"``, or a pair of first
    and last, either of which may be ``None``.
    """

    category: Labels
    jurisdiction: Labels
    publisher: Labels
    cell: Labels
    column: Labels
    row: Labels
    matrix: Labels
    year: Years


def trees(
    filters: Filters, planner: Planner, matches: Callable[[Tree], bool]
) -> Mapping[str, Tree]:
    """Return the tree of each filter that is given, by the name of its facet.

    Raises :class:`QueryError` for a value that no record can have.
    """
    unknown = set(filters) - Filters.__annotations__.keys()
    if unknown:
        known = ", ".join(Filters.__annotations__)
        raise TypeError(f"expected filters of {known}; found {', '.join(sorted(unknown))}")
    found: dict[str, Tree] = {}
    for name, given in filters.items():
        if name == "year":
            if given is not None:
                found["decade"] = _years(given)  # type: ignore[arg-type]  # a TypedDict's items are objects
            continue
        values = [given] if isinstance(given, str) else list(given or ())  # type: ignore[call-overload]  # likewise
        alternatives = tuple(_label(name, value, planner, matches) for value in values)
        if alternatives:
            found[name] = alternatives[0] if len(alternatives) == 1 else Or(alternatives)
    return found


def _label(name: str, value: str, planner: Planner, matches: Callable[[Tree], bool]) -> Tree:
    try:
        return labels.tree(name, value, planner.labels)
    except QueryError:
        # A publisher's acronym, perhaps.
        tree = planner.plan(Term(value, name)).tree if name == "publisher" else None
        if tree is None or not matches(tree):
            raise
        return tree


def _years(given: int | str | tuple[int | None, int | None]) -> Tree:
    if isinstance(given, tuple):
        low, high = given
        given = f"{'' if low is None else low}..{'' if high is None else high}"
    return parse_year(str(given))
