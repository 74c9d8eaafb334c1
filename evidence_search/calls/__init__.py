"""What programs and assistants may ask: one table, whatever the way that the question came.

A call is a function of a :class:`Desk` and what it is asked with, which gives what its type says.
``asking`` has the types of questions, ``shapes`` those of answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.calls import answers, asking, shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evidence_search.calls.desk import Desk


class Call(NamedTuple):
    """A call: its address below ``/api``, what it answers in words, and its types.

    ``takes`` is what it is asked with, ``gives`` what it answers; with ``writes`` it changes files.
    """

    path: str
    summary: str
    takes: Any
    gives: Any
    answer: Callable[[Desk, Any], Any]
    writes: bool = False


CALLS = {
    "search": Call(
        "/search", "A page of the records that match, best first, with passages and facets",
        asking.Paged, shapes.Found, answers.search,
    ),
    "record": Call("/records/{id}", "A record", asking.Naming, shapes.Record, answers.record),
    "similar": Call(
        "/records/{id}/similar", "Records like one", asking.Comparing, shapes.Found,
        answers.similar,
    ),
    "explain": Call(
        "/explain", "How a query is read, and why it finds a record, or not",
        asking.Explaining, shapes.Explained, answers.explain,
    ),
    "facets": Call(
        "/facets", "Counts of what matches, by each facet", asking.Searching, shapes.COUNTS,
        answers.facets,
    ),
    "map": Call(
        "/map", "What matches, counted by two facets, with ids", asking.Tabling, shapes.Table,
        answers.evidence_map,
    ),
    "kwic": Call(
        "/kwic", "The words of a query as they stand in records, by words and filters alone",
        asking.Searching, shapes.Lines, answers.kwic,
    ),
    "export": Call(
        "/export", "What matches as text: for reference managers, or as a list of references",
        asking.Exporting, shapes.Exported, answers.export,
    ),
    "stats": Call(
        "/stats", "The corpus at a glance", asking.Nothing, shapes.Stats, answers.stats
    ),
    "lists": Call(
        "/lists", "The lists that people put records on, with who, when and why",
        asking.Listing, shapes.LISTS, answers.lists,
    ),
    "duplicates": Call(
        "/duplicates", "What was merged, and which records may be one document",
        asking.Proposing, shapes.Duplicates, answers.duplicates,
    ),
    "saved": Call(
        "/saved", "The saved searches, and what is new to each", asking.Nothing, shapes.Saved,
        answers.saved,
    ),
    "run_strategy": Call(
        "/strategies/run", "A strategy run line by line: what each finds, and its notes",
        asking.Strategy, shapes.Run, answers.run_strategy,
    ),
    "strategy_records": Call(
        "/strategies/records", "A page of the records that a line of a strategy finds",
        asking.Reading, shapes.Found, answers.strategy_records,
    ),
    "check_strategy": Call(
        "/strategies/check", "What a peer reviewer would ask about a strategy",
        asking.Checking, shapes.Checked, answers.check_strategy,
    ),
    "recall": Call(
        "/strategies/recall", "Which known papers a strategy finds, and what loses the others",
        asking.Recalling, shapes.Recall, answers.recall,
    ),
    "translate": Call(
        "/strategies/translate", "A strategy in the language of another platform",
        asking.Translating, shapes.Translation, answers.translate,
    ),
    "report": Call(
        "/strategies/report", "The search report of a strategy as Markdown, with PRISMA's items",
        asking.Reporting, shapes.Text, answers.report,
    ),
    "save": Call(
        "/saved", "Save a search, to see later what is new", asking.Saving, shapes.Keeping,
        answers.save, writes=True,
    ),
    "add": Call(
        "/files", "Add a file of records to the corpus; nothing is written over",
        asking.Adding, shapes.Added, answers.add, writes=True,
    ),
    "put": Call(
        "/lists", "Put records on a named list, or take them off it",
        asking.Putting, shapes.Put, answers.put, writes=True,
    ),
    "decide": Call(
        "/duplicates", "Write into the corpus that two listings are the same, or different",
        asking.Deciding, shapes.Decided, answers.decide, writes=True,
    ),
}  # fmt: skip
"""The one table of calls, by name."""


def answered(desk: Desk, name: str, given: Mapping[str, Any]) -> Any:
    """Return what a call answers, as JSON values.

    Raises :class:`QueryError` for what it can't be asked with, and the errors of the library.
    """
    call = CALLS[name]
    asked = asking.read(call.takes, given)
    if not call.writes:
        return call.answer(desk, asked)
    with desk.writing:
        return call.answer(desk, asked)
