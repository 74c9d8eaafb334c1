"""What hangs together through pairs, however many lie between."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

K = TypeVar("K", bound="Hashable")


def chains(pairs: Iterable[tuple[K, K]]) -> list[list[K]]:
    """Return all that is in some pairs, in lists of what hangs together through them."""
    above: dict[K, K] = {}

    def top(one: K) -> K:
        while (higher := above.setdefault(one, one)) != one:
            above[one] = above[higher]
            one = higher
        return one

    for one, other in pairs:
        above[top(other)] = top(one)
    found: dict[K, list[K]] = defaultdict(list)
    for one in list(above):
        found[top(one)].append(one)
    return list(found.values())
