"""What is asked of an index, as one value: a query, how to read it, filters and an order.

It is the same value that is run, explained, logged, saved and evaluated, and
that every page and file of results says it is the answer to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from evidence_search.errors import QueryError
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

    from evidence_search.query.syntax import Tree

    Labels = str | Sequence[str] | None
    Years = int | str | tuple[int | None, int | None] | None

SORTS = ("relevance", "newest", "oldest", "title")
SWITCHES = ("exact", "every_word", "feedback", "strict", "meaning")


class Filters(TypedDict, total=False):
    """What a search may be restricted to; several values of one filter are alternatives.

    ``category`` takes codes or names ("K", "key study"), ``jurisdiction``
    names of places, each with all that lies within it; ``column`` and ``row``
    a letter or number, or words of the name; ``publisher`` a name, words of
    it, or an acronym; ``list`` names of lists that people made, or words of
    them; ``year`` is 2010, ``"2005..2012"``, or a pair of first and last, either
    of which may be ``None``.  ``None`` and an empty list are no filter.
    """

    category: Labels
    jurisdiction: Labels
    publisher: Labels
    cell: Labels
    column: Labels
    row: Labels
    matrix: Labels
    list: Labels
    year: Years


class Options(Filters, total=False):
    """Filters, and how to search.

    ``exact`` (default ``False``) searches just the words typed: no synonyms,
    no corrections.  ``every_word`` (``False``) joins words side by side by
    AND, not by OR.  ``feedback`` (``False``) searches the telling words of the
    best records too.  ``strict`` (``False``) raises :class:`QueryError` for
    what would otherwise be read literally, with a note.  ``meaning`` (``False``) joins
    the records nearest in meaning to what the words find.  ``sort`` is
    ``"relevance"`` (the default), ``"newest"``, ``"oldest"`` or ``"title"``.
    """

    exact: bool
    every_word: bool
    feedback: bool
    strict: bool
    meaning: bool
    sort: str


class Search(Value):
    """A query with its options; ``filters`` has the values of each filter that is given.

    ``tree`` is what the query means where that isn't what parsing it gives: of a line of a
    strategy, which refers to others and has the syntax of another platform.
    Make one with :meth:`of`, which takes options as they are typed.
    """

    query: str = ""
    exact: bool = False
    every_word: bool = False
    feedback: bool = False
    strict: bool = False
    meaning: bool = False
    sort: str = "relevance"
    filters: Mapping[str, tuple[str, ...]] = {}
    tree: Tree | None = None

    @classmethod
    def of(cls, query: str | Search = "", **options: Unpack[Options]) -> Search:
        """Return the search for a query, or a search with some options otherwise.

        Raises :class:`QueryError` for a ``sort`` that there isn't, and ``TypeError``
        for an option that there isn't.
        """
        search = query if isinstance(query, Search) else cls(query)
        changes: dict[str, Any] = {}
        filters = dict(search.filters)
        for name, value in options.items():
            if name in Filters.__annotations__:
                filters.pop(name, None)
                values = _values(value)
                if values:
                    filters[name] = values
            elif name in Options.__annotations__:
                changes[name] = value
            else:
                known = ", ".join(Options.__annotations__)
                raise TypeError(f"expected options of {known}; found {name}")
        if changes.get("sort", search.sort) not in SORTS:
            raise QueryError(f"expected a sort of {', '.join(SORTS)}; found {changes['sort']!r}")
        return replace(search, **changes, filters=filters)

    @property
    def options(self) -> dict[str, Any]:
        """The options that aren't as usual, for JSON: filters as lists, ``year`` as text."""
        values: dict[str, Any] = {
            name: list(labels) if name != "year" else labels[0]
            for name, labels in self.filters.items()
        }
        values |= {name: True for name in SWITCHES if getattr(self, name)}
        return values | ({"sort": self.sort} if self.sort != "relevance" else {})


def _values(given: Any) -> tuple[str, ...]:
    """Return what is given for a filter as texts; a pair of years as a range."""
    if given is None or given == "":
        return ()
    if isinstance(given, str | int):
        return (str(given),)
    if isinstance(given, tuple) and len(given) == 2 and not all(isinstance(y, str) for y in given):
        return ("..".join("" if year is None else str(year) for year in given),)
    return tuple(given)


class Provenance(Value):
    """Where an answer is from: which corpus, how many records it had, and when it was asked.

    ``corpus`` is the name of the folder, with that of the folder around it;
    ``time`` is in UTC, as ISO 8601 has it.
    """

    corpus: str = ""
    records: int = 0
    time: str = ""
