"""Where words and phrases occur, whatever engine keeps them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet


class Postings:
    """Where a word or a phrase occurs: by number of the text field, a value for each document.

    ``count`` turns a value into how often it occurs there.
    """

    def __init__(
        self, fields: Mapping[int, Mapping[int, Any]], count: Callable[[Any], int]
    ) -> None:
        self.fields = fields
        self.count = count

    @cached_property
    def docs(self) -> AbstractSet[int]:
        """The documents that have it in any field."""
        if len(self.fields) == 1:
            return next(iter(self.fields.values())).keys()
        return set().union(*self.fields.values())

    def __len__(self) -> int:
        return sum(map(len, self.fields.values()))

    def within(self, slot: int) -> Postings:
        """Return what is of one field."""
        known = self.fields.get(slot)
        return Postings({slot: known} if known else {}, self.count)


def count_starts(words: Sequence[Sequence[int]], slop: int, gaps: Sequence[int] = ()) -> int:
    """Return how often words stand in order with at most ``slop`` words between them all.

    ``words`` has the positions of each; ``gaps``, if any, are the most words between each two.
    Each start counts once, with each next word taken as early as it can be.
    """
    first, *rest = words
    if gaps:
        return sum(_reaches(start, rest, gaps) for start in first)
    if slop:
        reach = len(rest) + slop
        return sum(_fits(start, rest, start + reach) for start in first)
    starts: Sequence[int] = first
    for step, later in enumerate(rest, 1):
        places = later if len(later) < _FEW else frozenset(later)
        starts = [start for start in starts if start + step in places]
    return len(starts)


_FEW = 16
"""Places that are looked through faster than a set is made of them."""


def _reaches(start: int, rest: Sequence[Sequence[int]], gaps: Sequence[int]) -> bool:
    places = [start]
    for later, gap in zip(rest, gaps, strict=True):
        places = [i for i in later if any(at < i <= at + 1 + gap for at in places)]
    return bool(places)


def _fits(start: int, rest: Sequence[Sequence[int]], last: int) -> bool:
    at = start
    for later in rest:
        following = bisect_right(later, at)
        if following == len(later) or later[following] > last:
            return False
        at = later[following]
    return True
