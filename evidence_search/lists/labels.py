"""What screening tools say of a record in its notes, as labels; these as lists, and the way back.

Labels are as importing reads them and exporting writes them: ``"asreview: relevant"``,
``"rayyan: included (Ann)"``, ``"rayyan label: to read"``, ``"rayyan reason: wrong population"``,
``"screening: included"`` of a column of a table.  Of other tools a decision is read as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evidence_search.lists import EXCLUDED, INCLUDED, SCREENING, key
from evidence_search.records import OnList
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.records import StudyRecord

ASREVIEW = "ASReview"
"""By whom a record is on a list that ASReview's label says."""
_ASREVIEW = {"relevant": "included", "irrelevant": "excluded"}
_ASREVIEW_LABELS = {name: f"asreview: {label}" for label, name in _ASREVIEW.items()}
_DECISION = re.compile(rf"({'|'.join(SCREENING)})(?: \((.*)\))?", re.DOTALL)


_SCREENED = re.compile(r"\bASReview_(relevant|irrelevant|not_seen)\b")
_RAYYAN = re.compile(
    r"RAYYAN-(INCLUSION|LABELS|EXCLUSION-REASONS):\s*((?:(?!\bRAYYAN-|\bASReview_)[^|])*)"
)
_WHO = re.compile(r'"([^"]{0,200})"\s*=>\s*"([^"]{0,200})"')
_BARS = re.compile(r"^[\s|]+|[\s|]+$|\s*\|[\s|]*(?=\|)")


def labels_of(note: str) -> Iterator[str]:
    """Yield the labels that ASReview and Rayyan write into a note."""
    for match in _SCREENED.finditer(note):
        yield f"asreview: {match[1].replace('_', ' ')}"
    for match in _RAYYAN.finditer(note):
        if match[1] == "INCLUSION":
            for who, what in _WHO.findall(match[2]):
                yield f"rayyan: {what.lower()} ({who})"
        else:
            kind = "label" if match[1] == "LABELS" else "reason"
            for part in match[2].split(","):
                if part.strip():
                    yield f"rayyan {kind}: {part.strip()}"


def without_labels(note: str) -> str:
    """Return what a note says beside labels."""
    return _BARS.sub("", _RAYYAN.sub("", _SCREENED.sub("", note)))


def of_labels(labels: Iterable[str]) -> tuple[OnList, ...]:
    """Return the lists that labels put a record on.

    The reasons of Rayyan are notes of what excludes the record.  ASReview's label is another
    decision only where nobody is named for it: our exports write each for both tools.
    """
    found: dict[OnList, None] = {}
    asreview: list[OnList] = []
    reasons: list[str] = []
    for label in labels:
        tool, _, value = label.partition(": ")
        decision = _DECISION.fullmatch(value)
        if tool == "asreview" and value in _ASREVIEW:
            asreview.append(OnList(_ASREVIEW[value], ASREVIEW))
        elif tool == "rayyan label" and key(value):
            found[OnList(value)] = None
        elif tool == "rayyan reason":
            reasons.append(value)
        elif decision:
            found[OnList(decision[1], decision[2] or "")] = None
    named = {one.name for one in found}
    found.update(dict.fromkeys(one for one in asreview if one.name not in named))
    why = "; ".join(reasons)
    return tuple(replace(one, note=why) if one.name == "excluded" else one for one in found)


def included(record: StudyRecord) -> bool | None:
    """Tell whether a record is included or excluded; ``None`` where that isn't decided, or both."""
    on = {key(one.name) for one in record.lists}.intersection(SCREENING)
    return on == {INCLUDED} if on in ({INCLUDED}, {EXCLUDED}) else None


def to_labels(record: StudyRecord) -> tuple[str, ...]:
    """Return the labels of a record as its lists now have it, for the tools that read these.

    A label of a list that the record is no longer on is left out; of a list that no label
    says, there is one for Rayyan, and for a decision that nothing contradicts one for ASReview.
    """
    on = {key(one.name) for one in record.lists}
    labels = {
        label: None
        for label in record.labels
        if all(key(one.name) in on for one in of_labels([label]))
        and not (label.startswith("rayyan reason: ") and "excluded" not in on)
    }
    known = {key(one.name) for one in of_labels(record.labels)}
    decided = on.intersection(SCREENING)
    for one in record.lists:
        name = key(one.name)
        if name in known:
            continue
        if name not in SCREENING:
            labels[f"rayyan label: {one.name}"] = None
            continue
        labels[f"rayyan: {name} ({one.by or 'unknown'})"] = None
        if name == "excluded" and one.note:
            labels[f"rayyan reason: {one.note}"] = None
        if len(decided) == 1 and name in _ASREVIEW_LABELS:
            labels[_ASREVIEW_LABELS[name]] = None
    return tuple(labels)
