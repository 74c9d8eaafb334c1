"""The file of lists: a line an entry, of eight fields that tabs separate.

They are: when (ISO 8601, UTC), who, ``on`` or ``off``, the list, the id of the record, its
lasting names, a note or reason, and its title.  From the sixth on fields may be missing; a
line that begins with ``#`` is a remark.  Lines may stand in any order, since each says when it
was written: of two on one record and list the later holds, and of two of one time the lower.

Lasting names are what outlives the id: ``doi:10.1000/x``, ``pmid:123``, ``pmcid:pmc123``, an
address, or the id with first author or publisher (:func:`.merging.decisions.names_of`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.errors import QueryError
from evidence_search.escaping import has_visible
from evidence_search.escaping import line as one_line
from evidence_search.lists import LISTS
from evidence_search.problems import MOST, Problems
from evidence_search.records import OnList, Problem, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.records import StudyRecord

ON, OFF = "on", "off"
HEADING = "# Which records are on which lists: docs/lists.md\n"
MOST_NAME = 100
"""Characters of the name of a list, or of a person."""
MOST_NOTE = 2_000
"""Characters of a note."""
_MOST_TITLE = 500
_FIELDS = 8
_NEEDED = 5
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z?)?)?", re.ASCII)


class Entry(NamedTuple):
    """A line of the file: that a record was put on a list, or taken off.

    ``names`` are lasting names of the record, ``line`` is where the entry stands.
    """

    at: str
    by: str
    action: str
    list: str
    record: str
    names: tuple[str, ...] = ()
    note: str = ""
    title: str = ""
    line: int = 0

    @property
    def subject(self) -> str:
        """What it calls its record: the id, or without one the lasting names."""
        return self.record or " ".join(self.names)

    @property
    def said(self) -> OnList:
        """What it says of its record, where it puts it on the list."""
        return OnList(self.list, self.by, self.note, self.at)

    def text(self) -> str:
        """Return the line, with its end."""
        names = " ".join(self.names)
        fields = (
            self.at, self.by, self.action, self.list, self.record, names, self.note, self.title
        )  # fmt: skip
        return "\t".join(map(one_line, fields)) + "\n"


def entry(record: StudyRecord, action: str, name: str, note: str, by: str, at: str) -> Entry:
    """Return the entry that puts a record on a list, or takes it off.

    Raises :class:`QueryError` for a name, person or note that can't stand in the file.
    """
    return Entry(
        at,
        checked(by, "name of a person", MOST_NAME),
        action,
        checked(name, "name of a list", MOST_NAME),
        record.id,
        lasting_names(record),
        _checked_note(note),
        titled(record),
    )


def taken_off(one: Entry, note: str, by: str, at: str) -> Entry:
    """Return the entry that takes off a list what another entry put there.

    Raises :class:`QueryError` for a person or note that can't stand in the file.
    """
    who = checked(by, "name of a person", MOST_NAME)
    return one._replace(at=at, by=who, action=OFF, note=_checked_note(note))


def _checked_note(note: str) -> str:
    return checked(note, "note", MOST_NOTE) if note.strip() else ""


def titled(record: StudyRecord) -> str:
    """Return the title of a record with its year, by which people know it."""
    year = f" ({record.year})" if record.year else ""
    return f"{one_line(record.title)[:_MOST_TITLE]}{year}"


def known_as(one: Entry) -> tuple[str, ...]:
    """Return the lasting names of an entry as listings have them, however a person wrote them."""
    from evidence_search.merging.decisions import normalised

    return tuple(map(normalised, one.names))


def checked(text: str, what: str, most: int) -> str:
    """Return a text that somebody typed as one line; raise :class:`QueryError` if it can't be."""
    plain = one_line(text)
    seen = has_visible(plain)
    if not seen or len(plain) > most:
        found = f"{len(plain)} characters" if seen else "nothing that can be seen"
        raise QueryError(f"expected a {what} of 1 to {most} characters; found {found}")
    return plain


def lasting_names(record: StudyRecord) -> tuple[str, ...]:
    """Return what a record may be known by when its id is another: its identifiers first."""
    from evidence_search.merging.decisions import names_of  # searches seldom need it
    from evidence_search.merging.identity import identity

    names: dict[str, None] = {}
    for one in map(identity, record.entries):
        # White space separates names, and an address may hold some.
        found = ("%20".join(name.split()) for name in names_of(one) if name[-1:] != "@")
        names.update(dict.fromkeys(name for name in found if name != record.id))
    return tuple(sorted(names, key=lambda name: name.partition(":")[0] not in _LASTING))


_LASTING = frozenset({"doi", "pmid", "pmcid"})


def parse(text: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Return the entries of a file in their order, and a problem for each line that is none."""
    entries: list[Entry] = []
    problems = Problems()
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _parsed(line, number)
        if isinstance(found, Entry):
            entries.append(found)
            continue
        problems.add(
            Problem(
                Source(LISTS, number), "error", "bad-list-entry",
                f"expected time, person, “on” or “off”, list and id with tabs between; found "
                f"{found}: correct or remove the line",
            )
        )  # fmt: skip
    return tuple(entries), problems.told()


def said_of(problems: Sequence[Problem]) -> str:
    """Return that lines of the file say nothing, if there are such: "2 lines of lists.txt …"."""
    if not problems:
        return ""
    n = len(problems)
    lines = "a line" if n == 1 else f"{n} lines" if n <= MOST else "very many lines"
    return f"{lines} of {LISTS} can't be read, and put nothing on a list: run check"


def _parsed(line: str, number: int) -> Entry | str:
    """Return the entry of a line, or what is found in its place."""
    fields = [one_line(field) for field in line.split("\t")]
    if not _NEEDED <= len(fields) <= _FIELDS:
        many = f"{len(fields)} fields" if len(fields) > 1 else "one field"
        return f"{many} in {one_line(line)[:60]!r}"
    at, by, action, name, record, names, note, title = fields + [""] * (_FIELDS - len(fields))
    if not _TIME.fullmatch(at):
        return f"the time {at[:30]!r}"
    if action not in {ON, OFF}:
        return repr(action[:30])
    if not has_visible(name):
        return "no name of a list that can be seen"
    if len(name) > MOST_NAME:
        return f"a name of {len(name)} characters for a list"
    if not record and not names:
        return "no record"
    return Entry(at, by, action, name, record, tuple(names.split()), note, title,
                 number)  # fmt: skip
