"""The filters of a search: what people give for them, to what restricts its matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search.engines.plan import Or
from evidence_search.errors import QueryError
from evidence_search.query import parse_year, syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from evidence_search.engines.plan import Node
    from evidence_search.planning import Planner


def nodes(
    filters: Mapping[str, Sequence[str]], planner: Planner, matches: Callable[[Node], bool]
) -> Mapping[str, Node]:
    """Return what each filter asks, by the name of its facet.

    Raises :class:`QueryError` for a value that no record can have.
    """
    asked: dict[str, Node] = {}
    for name, values in filters.items():
        if name == "year":
            asked["decade"] = planner.plan(parse_year(values[0])).node
        else:
            labels_ = tuple(_label(name, value, planner, matches) for value in values)
            asked[name] = labels_[0] if len(labels_) == 1 else Or(labels_)
    return asked


def _label(name: str, value: str, planner: Planner, matches: Callable[[Node], bool]) -> Node:
    try:
        return planner.label(name, value)
    except QueryError:
        parts = [part.strip() for part in value.split(",")]
        if len(parts) > 1 and all(parts):
            return Or(tuple(_label(name, part, planner, matches) for part in parts))
        # A publisher's acronym, perhaps.
        node = planner.plan(syntax.Term(value, name)).node if name == "publisher" else None
        if node is None or not matches(node):
            raise
        return node
