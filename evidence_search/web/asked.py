"""Addresses: every state of the page is one, which can be kept, mailed and opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from evidence_search.errors import QueryError
from evidence_search.places import within
from evidence_search.query import parse_year
from evidence_search.search import SORTS, Search
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILTERS = (
    "category", "jurisdiction", "publisher", "matrix", "column", "row", "cell", "list", "year",
)  # fmt: skip
"""Filters as addresses have them: each may stand several times, for alternatives."""
SWITCHES = ("every_word", "exact", "meaning")
PAGE_SIZE = 20
"""Hits on a page."""
MOST_PAGES = 500
_LONG_NUMBER = 10
_FIRST_YEAR, _LAST_YEAR = 0, 9999
"""What a span of years is from and to where it doesn't say."""
MOST_LONG = 10_000
"""The most characters of a query and its filters."""
MOST_FILTERS = 100
"""Each has a link on the page that has all the others."""


def bounded(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return parameters as they are; raise :class:`QueryError` above ``MOST_LONG`` characters."""
    given = list(pairs)
    if sum(len(name) + len(value) for name, value in given) > MOST_LONG:
        raise QueryError(f"expected a search of at most {MOST_LONG} characters; found a longer one")
    return given


class Asked(Value):
    """What an address asks for; ``page`` counts from 1, ``filters`` are pairs of name and value."""

    query: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    switches: frozenset[str] = frozenset()
    sort: str = "relevance"
    page: int = 1

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Asked:
        """Return what the parameters of an address ask for.

        Names that aren't ours are left aside, as browsers and mail programs add some.
        Raises :class:`QueryError` for a page or an order that there isn't, and for more than
        ``MOST_FILTERS`` filters or ``MOST_LONG`` characters.
        """
        given = [(name, value) for name, value in bounded(pairs) if value.strip()]
        last = dict(given)
        page, sort = last.get("page", "1"), last.get("sort", "relevance")
        digits = page if page.isascii() and page.isdigit() and len(page) < _LONG_NUMBER else "0"
        if not 1 <= int(digits) <= MOST_PAGES:
            raise QueryError(f"expected a page from 1 to {MOST_PAGES}; found {page[:20]!r}")
        if sort not in SORTS:
            raise QueryError(f"expected an order of {', '.join(SORTS)}; found {sort[:20]!r}")
        filters = dict.fromkeys(pair for pair in given if pair[0] in FILTERS)
        if len(filters) > MOST_FILTERS:
            raise QueryError(f"expected at most {MOST_FILTERS} filters; found {len(filters)}")
        switches = frozenset(name for name in SWITCHES if last.get(name) == "1")
        return cls(last.get("q", ""), tuple(filters), switches, sort, int(digits))

    @classmethod
    def for_search(cls, search: Search) -> Asked | None:
        """Return what asks for a search; ``None`` for one with a switch that no address has."""
        options = search.options
        if options.keys() - {*FILTERS, *SWITCHES, "sort"}:
            return None
        filters = ((name, label) for name, every in search.filters.items() for label in every)
        switches = frozenset(name for name in SWITCHES if name in options)
        return cls(search.query, tuple(filters), switches, search.sort)

    @property
    def search(self) -> Search:
        """The search that it is."""
        values: dict[str, list[str]] = {}
        for name, value in self.filters:
            values.setdefault(name, []).append(value)
        years = values.pop("year", [None])
        return Search.of(
            self.query,
            sort=self.sort,
            year=years[-1],
            exact="exact" in self.switches,
            every_word="every_word" in self.switches,
            meaning="meaning" in self.switches,
            **values,  # type: ignore[arg-type]  # names of filters, each with a list
        )

    @property
    def offset(self) -> int:
        """How many hits stand on the pages before."""
        return (self.page - 1) * PAGE_SIZE

    def has(self, name: str, value: str) -> bool:
        """Tell whether a value of a filter is ticked."""
        return (name, value) in self.filters

    def with_filter(self, name: str, value: str) -> Asked:
        """Return the first page with a filter more; a year takes the place of another."""
        others = [pair for pair in self.filters if pair[0] != name or name != "year"]
        return replace(self, filters=tuple(dict.fromkeys([*others, (name, value)])), page=1)

    def narrowed(self, axis: str, label: str) -> Asked | None:
        """Return what asks for the matches that have a label; ``None`` where no address does.

        Values of one filter are alternatives, so a label can take the place of those that there
        are only where all that have it match one of them.
        """
        name = "year" if axis == "decade" else axis
        if name not in FILTERS:
            return None
        given = [value for filter_, value in self.filters if filter_ == name]
        if name == "year":
            asked = [parse_year(years) for years in (label, *given[-1:])]
            first = max(years.low or _FIRST_YEAR for years in asked)
            last = min(years.high or _LAST_YEAR for years in asked)
            if first > last:
                return None
            label = f"{first:04}..{last:04}"
        elif given and not any(label == value or label in within(value) for value in given):
            return None
        others = tuple(pair for pair in self.filters if pair[0] != name)
        return replace(self, filters=(*others, (name, label)), page=1)

    def without_filter(self, name: str, value: str) -> Asked:
        """Return the first page with a filter less."""
        left = tuple(pair for pair in self.filters if pair != (name, value))
        return replace(self, filters=left, page=1)

    def switched(self, name: str) -> Asked:
        """Return the first page with a switch the other way."""
        return replace(self, switches=self.switches ^ {name}, page=1)

    def at(self, page: int) -> Asked:
        """Return another page of the same."""
        return replace(self, page=page)

    def address(self, path: str = "/", *more: tuple[str, str]) -> str:
        """Return the address that asks for it; at the usual values nothing is said."""
        pairs: Sequence[tuple[str, str]] = [
            *([("q", self.query)] if self.query else []),
            *self.filters,
            *((name, "1") for name in sorted(self.switches)),
            *([("sort", self.sort)] if self.sort != "relevance" else []),
            *([("page", str(self.page))] if self.page > 1 else []),
            *more,
        ]
        return f"{path}?{urlencode(pairs)}" if pairs else path
