"""What several formats write alike: keywords, names, and notes for what has no field.

Categories and jurisdictions are keywords such as "category: Key study". What a format has no field
for stands in notes as ``{:name: value}``, which citeproc-js knows too for variables of CSL
(https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html#cheater-syntax-for-odd-fields).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.lists.labels import to_labels, without_labels
from evidence_search.persons import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from evidence_search.records import Contributor, RelatedDocument, StudyRecord

_APART = str.maketrans({",": ";", "|": "/", '"': "'"})
"""What separates labels, reasons and names of Rayyan's can't stand within one."""
_ENTITY_LIKE = re.compile(r"&(?=#?\w{1,32};)")
_SINGLE = (
    "type", "date", "journal", "volume", "issue", "pages", "place", "language", "issn", "isbn",
    "doi", "pmid", "pmcid", "database", "accession", "publisher",
)  # fmt: skip
ROLES = frozenset({"author", "editor", "collection-editor", "translator"})
"""Parts in a work for which most formats have a field."""


def keywords(record: StudyRecord) -> list[str]:
    """Return categories, jurisdictions and keywords, each once, as keywords."""
    tags = [f"category: {label}" for label in record.category_labels]
    tags += [f"jurisdiction: {name}" for name in record.jurisdictions]
    return list(dict.fromkeys(line(tag) for tag in (*tags, *record.keywords)))


def plain(text: str | None) -> str:
    """Return running text on one line, so that readers that decode HTML take it for what it is."""
    text = line(text or "")
    return _ENTITY_LIKE.sub("&amp;", text) if "&" in text else text


def name(person: Contributor) -> str:
    """Return a name as "family, given, suffix"; that of a body so that it isn't taken apart.

    EndNote's way to say that a name is one is a comma at its end, and two for one within.
    """
    text = plain(person.inverted)
    if not person.literal or "literal" in parse(text):
        return text
    return text.replace(", ", ",, ", 1) if ", " in text else f"{text},"


def contributors(record: StudyRecord, role: str) -> list[Contributor]:
    """Return those of a record that have a role."""
    return [person for person in record.contributors if person.role == role]


def values(record: StudyRecord, name: str) -> list[str]:
    """Return the values of a field that records have under its name only."""
    return [value for key, value in record.extra if key == name]


def key(record: StudyRecord) -> str:
    """Return the key that the record came with, or its id."""
    return next(iter(values(record, "citation-key")), record.id)


def notes(record: StudyRecord, known: Collection[str]) -> list[str]:
    """Return notes, and as notes every field that a format hasn't: ``known`` are its."""
    found: list[str] = []
    if record.year_end and "year_end" not in known:
        found.append(f"published {record.year}–{record.year_end}")
    labels = to_labels(record)
    said = record.notes
    if {*labels} != {*record.labels}:  # what a tool said isn't so any more, or not all
        said = tuple(filter(None, map(without_labels, said)))
    found += map(plain, said)
    if record.cell:
        names = "; ".join(name for name in (record.column, record.row) if name)
        found.append(
            f"{record.matrix} matrix cell {record.cell}" + (f" ({names})" if names else "")
        )
    found += map(_related, record.related)
    found += [label for label in map(_screening, labels) if label not in found]
    return [line(note) for note in (*found, *(f"{{:{n}: {v}}}" for n, v in _rest(record, known)))]


def _rest(record: StudyRecord, known: Collection[str]) -> Iterator[tuple[str, str]]:
    for field in _SINGLE:
        value = getattr(record, field)
        if value and field not in known:
            yield field, value
    for field in ("ids", "urls"):
        if field not in known:
            yield from ((field, value) for value in getattr(record, field))
    for person in record.contributors:
        if person.role not in known:
            yield person.role, name(person)
    for field, value in record.extra:
        if field not in known and field != "citation-key":
            yield re.sub(r"[:{}]", " ", field).strip(), value


def _screening(label: str) -> str:
    """Return a decision as the tool that it is of writes and reads it."""
    tool, _, decision = label.partition(": ")
    who = re.fullmatch(r"(\w+) \((.*)\)", decision)
    if tool == "asreview":
        return f"ASReview_{decision.replace(' ', '_')}"
    if tool == "rayyan" and who:
        name = who[2].translate(_APART)
        return f'RAYYAN-INCLUSION: {{"{name}"=>"{who[1].capitalize()}"}}'
    if tool == "rayyan label":
        return f"RAYYAN-LABELS: {decision.translate(_APART)}"
    if tool == "rayyan reason":
        return f"RAYYAN-EXCLUSION-REASONS: {decision.translate(_APART)}"
    return f"{{:labels: {label}}}"


def _related(document: RelatedDocument) -> str:
    facts = ", ".join(str(fact) for fact in (document.publisher, document.year) if fact)
    return f"{document.relation}: {document.title}" + (f" ({facts})" if facts else "")
