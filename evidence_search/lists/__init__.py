"""Named lists of records: what is to be read, what was included, what was excluded and why.

A list is a name under which people put records, each with a note or reason.  Who put
what where and when stands in one plain file beside the corpus, a line an entry
(``entries``), so that version control merges two copies by keeping all lines.  A record
that comes from a screening tool is on the lists that its ``labels`` say, unless the file
says otherwise.

The file is no part of the corpus that is indexed: a list changes without a refresh.
Which record of an index an entry is of, :mod:`evidence_search.index.lists` finds out.

Rejected: a list a file (two people who put one record on two lists would look to be
on different matters), and keeping lists in the index (it is derived, and safe to delete).
"""

from __future__ import annotations

from evidence_search.escaping import seen

LISTS = "lists.txt"
"""The file of a corpus in which lists are kept."""

INCLUDED, EXCLUDED = "included", "excluded"
SCREENING = (INCLUDED, EXCLUDED, "maybe")
"""The lists that screening tools have too."""


def key(name: str) -> str:
    """Return what tells a list from others: its name as people see it, in whatever case."""
    return " ".join(seen(name).casefold().split())
