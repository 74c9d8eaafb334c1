"""The hits of the last search of a corpus, so that the next command can name them by number.

They are a small file beside the index, which says nothing that the index doesn't
and is lost with it; where it can't be written, numbers name nothing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from evidence_search.errors import RecordNotFoundError
from evidence_search.files import read_text, write_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from evidence_search.index import EvidenceIndex
    from evidence_search.records import StudyRecord

_NAME = "last-search.json"
_MOST = 10_000
"""At most so many hits are kept."""
_MOST_DIGITS = len(str(_MOST))


class Shown:
    """Counts records on their way to a reader, and knows the ids of the first of them."""

    def __init__(self) -> None:
        self.total = 0
        self.ids: list[str] = []

    def passing(self, records: Iterable[StudyRecord]) -> Iterator[StudyRecord]:
        """Yield some records, none of which is kept."""
        for record in records:
            self.total += 1
            if len(self.ids) < _MOST:
                self.ids.append(record.id)
            yield record


def remember(index: EvidenceIndex, hits: Iterable[tuple[int, str]]) -> None:
    """Keep the ids of what was shown under their numbers, of the first 10,000."""
    values = {str(number): name for number, name in islice(hits, _MOST)}
    with suppress(OSError):
        index.index_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_own(index.index_folder / _NAME, json.dumps(values).encode())


def named(index: EvidenceIndex, names: Sequence[str]) -> list[str]:
    """Return the ids that are meant: ids, beginnings of ids, and numbers of the last search.

    A number is "3", several are "1-5".  What is an id of the corpus is that id.  Raises
    :class:`RecordNotFoundError` for numbers that the last search didn't show.
    """
    ids: list[str] = []
    hits: dict[str, str] | None = None
    for name in names:
        numbers = _numbers(name)
        if not numbers or name in index.ids():
            ids.append(name)
            continue
        hits = _hits(index.index_folder) if hits is None else hits
        missing = [number for number in numbers if number not in hits]
        if missing:
            shown = f"{min(hits, key=int)} to {max(hits, key=int)}" if hits else "none"
            raise RecordNotFoundError(
                f"expected numbers of the last search in this corpus, which showed {shown}; "
                f"found {name}"
            )
        ids += [hits[number] for number in numbers]
    return ids


def _numbers(name: str) -> list[str]:
    """Return the numbers that "3" or "1-5" stands for; empty for anything else."""
    first, dash, last = name.partition("-")
    last = last if dash else first
    if not all(part.isascii() and part.isdecimal() for part in (first, last)):
        return []
    if max(len(first), len(last)) > _MOST_DIGITS:
        return []
    return [str(number) for number in range(int(first), int(last) + 1)]


def _hits(index_folder: Path) -> dict[str, str]:
    try:
        values = json.loads(read_text(index_folder / _NAME, regular=True))
        return {str(int(number)): str(name) for number, name in values.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}
