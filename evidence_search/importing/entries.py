"""What a reader gives: fields of one entry under our names, the likeliest value first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Fields = dict[str, list[Any]]
"""Values by field: names of :class:`StudyRecord`, CSL's variables, or what the file calls it.

Persons and bodies stand under ``author``, ``editor`` and other roles of CSL, as text or as CSL's
objects.
"""


DATES = frozenset({"accessed", "available-date", "event-date", "original-date", "submitted"})
"""Variables of CSL that are dates, but for when a thing was issued."""
NAMES = frozenset(
    "author editor translator collection-editor container-author composer director "
    "editorial-director illustrator interviewer original-author recipient reviewed-author chair "
    "compiler contributor curator executive-producer guest host narrator organizer performer "
    "producer script-writer series-creator".split()
)
"""CSL's name variables."""


class Entry(NamedTuple):
    """One entry of a file, or what is wrong with it; ``line`` is where it starts.

    ``ours`` tells that the fields are those of one of our own exports;
    ``given_first`` that names without a comma are "Jo Smith"; ``warning`` is
    about the file, and no entry.
    """

    line: int
    fields: Mapping[str, Any]
    wrong: str = ""
    ours: bool = False
    given_first: bool = False
    warning: str = ""


class Tags:
    """Which of our fields the tags of a format are, the likeliest tag of each first."""

    def __init__(self, table: str) -> None:
        """Read lines such as ``title: TI T1``; tags joined by "=" are as likely."""
        self._fields: dict[str, tuple[str, int]] = {}
        for row in table.strip().splitlines():
            field, _, tags = row.partition(":")
            for rank, alike in enumerate(tags.split()):
                for tag in alike.split("="):
                    self._fields[tag] = (field.strip(), rank)

    def __contains__(self, tag: str) -> bool:
        return tag in self._fields

    def fields(self, pairs: Iterable[tuple[str, Any]], other: Mapping[str, str]) -> Fields:
        """Return tagged values by field; ``other`` names the fields of some tags otherwise."""
        ranked: dict[str, list[tuple[int, Any]]] = {}
        for tag, value in pairs:
            if value:
                field, rank = self._fields.get(tag, (tag, 0))
                ranked.setdefault(other.get(tag, field), []).append((rank, value))
        return {
            field: [value for _, value in sorted(values, key=_rank)]
            for field, values in ranked.items()
        }


def _rank(value: tuple[int, Any]) -> int:
    return value[0]


def split_names(text: str) -> Sequence[str]:
    """Part a list of names in one text, as the cells of tables have it.

    Semicolons, bars and "and" part names; commas do where what stands between
    them are whole names ("Miller WR, Hall W", "Jo Smith, Al Doe"), or family
    and given names in turn ("Smith, J.A., Dam, B.").
    """
    text = _ID.sub("", _ET_AL.sub("", " ".join(text.split())))
    for mark in (";", "|"):
        if mark in text:
            return [name.strip() for name in text.split(mark) if name.strip()]
    joined = len(re.split(r" and | & ", text))
    parts = [part for part in re.split(r",? and |,? & |, ", text.rstrip(",")) if part]
    if len(parts) < 2:
        return parts
    if parts[-1].endswith(".") and not any("." in part for part in parts[:-1]):
        parts[-1] = parts[-1].rstrip(".")  # PubMed's "Miller WR, Hall W."
    if all(_SHORT.search(part) or _SHORT_FIRST.match(part) for part in parts):
        return parts
    in_turn = len(parts) % 2 == 0 and all(map(_GIVEN.fullmatch, parts[1::2]))
    if in_turn or (joined > 1 and len(parts) == 2 * joined):  # "Smith, Jo and Doe, Al"
        return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    whole = all(" " in part for part in parts) or ("," not in text and joined > 1)
    return parts if whole and not _BODY_WORD.search(text.replace(" and ", " ")) else [text]


_BODY_WORD = lazy_pattern(
    r"\b(?:of|for|the|ministry|department|university|institute|cent(?:re|er)|council|group|"
    r"committee|office|services?|government|health|communities|organi[sz]ation|agency)\b",
    re.IGNORECASE,
)
_ID = lazy_pattern(r" \(\d{4,}\)(?=;|$)")
"""The number that Scopus writes after a name."""
_ET_AL = lazy_pattern(r"(?:[,;]|\band\b|&)?\s*\bet al\b\.?$|\s*(?:\band\b|[,;])\s*others$")
_SHORT = lazy_pattern(r"\w [A-Z]{1,3}$|\w (?:[A-ZÀ-Þ]\.[ -]?)+$")
_SHORT_FIRST = lazy_pattern(r"(?:[A-Z]{1,3}|(?:[A-ZÀ-Þ]\. ?-?)+) [A-ZÀ-Þ][\w'’-]+")
_GIVEN = lazy_pattern(r"(?:[A-ZÀ-Þ](?:\.|(?=[A-ZÀ-Þ -]|$))[ -]?)+")
