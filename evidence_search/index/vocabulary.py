"""The words of a corpus: in how many records each stands, its stem, and which stems there are.

All are kept in parts, so that an edit writes only those parts whose words it changes, and a
search reads only those whose words it has.  Which part a word is in follows from the word and
from how many words there are: two indexes of one corpus have the same parts.

Rejected: one table of changes beside a large one (it must be laid over that at every look, and
written into it now and then), and parts by first letters (some are a hundred times as large).
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from evidence_search.tables import Table, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from evidence_search.engines import Snapshot

COUNTS, STEMS, VOCABULARY = "counts", "stems", "vocabulary"
WORDS = 2048
"""Of a part, at least; there are up to twice as many, of a vocabulary that has so many."""


def parts_for(words: int) -> int:
    """Return into how many parts a vocabulary of so many words is divided: a power of two."""
    return 1 << max((words // WORDS).bit_length() - 1, 0)


class Parts(Mapping[str, str]):
    """A mapping that an index keeps in parts, of which each is read when it is first needed."""

    def __init__(self, snapshot: Snapshot | None, name: str, words: int) -> None:
        self._snapshot = snapshot
        self._name = name
        self._parts: list[Table | None] = [None] * parts_for(words)

    def _part(self, number: int) -> Table:
        part = self._parts[number]
        if part is None:
            held = self._snapshot.attachment(f"{self._name}/{number}") if self._snapshot else ""
            part = Table(held)
            self._parts[number] = part
        return part

    def __getitem__(self, key: str) -> str:
        return self._part(_part_of(key, len(self._parts)))[key]

    def __iter__(self) -> Iterator[str]:
        """Yield the keys, sorted."""
        yield from sorted(key for number in range(len(self._parts)) for key in self._part(number))

    def __len__(self) -> int:
        return sum(len(self._part(number)) for number in range(len(self._parts)))

    def to_dict(self) -> dict[str, str]:
        """Return all of it as a ``dict``, sorted."""
        tables = map(self._part, range(len(self._parts)))
        return dict(sorted(item for part in tables for item in part.to_dict().items()))

    def changed(self, changes: Mapping[str, str | None], words: int) -> Iterator[tuple[str, str]]:
        """Yield the attachments that differ, by name, once values are changed, or taken out.

        ``words`` is how many words the vocabulary has then.
        """
        count = parts_for(words)
        values: dict[str, str | None] = {**changes}
        numbers = {_part_of(key, count) for key in changes}
        if count != len(self._parts):
            values = {**self.to_dict(), **changes}
            numbers = set(range(max(count, len(self._parts))))
        parts: dict[int, dict[str, str | None]] = {number: {} for number in numbers}
        for key, value in values.items():
            parts[_part_of(key, count)][key] = value
        for number, part in sorted(parts.items()):
            before = self._part(number).to_dict() if count == len(self._parts) else {}
            kept = ((key, value) for key, value in {**before, **part}.items() if value is not None)
            yield f"{self._name}/{number}", table(kept).text


def _part_of(word: str, parts: int) -> int:
    """Return the number of the part that a word is in."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) % parts


class Vocabulary:
    """The vocabulary of one state of an index, of so many ``words``."""

    def __init__(self, snapshot: Snapshot | None, words: int) -> None:
        self.words = words
        self.counts = Parts(snapshot, COUNTS, words)
        self.stems = Parts(snapshot, STEMS, words)
        self.vocabulary = Parts(snapshot, VOCABULARY, words)

    def changed(
        self, more: Mapping[str, int], stem: Callable[[str], str]
    ) -> tuple[int, list[tuple[str, str]]]:
        """Return how many words there are, and the attachments that differ, by name.

        ``more`` says of words in how many more records each stands than before.
        """
        counts: dict[str, str | None] = {}
        stems: dict[str, str | None] = {}
        surfaces: Counter[str] = Counter()
        for surface, n in more.items():
            before = int(self.counts.get(surface, 0))
            now = max(before + n, 0)
            if now != before:
                counts[surface] = str(now) if now else None
            if bool(now) != bool(before):
                token = stem(surface)
                stems[surface] = token if now else None
                surfaces[token] += 1 if now else -1
        had = {token: int(self.vocabulary.get(token, 0)) + n for token, n in surfaces.items() if n}
        vocabulary = {token: str(n) if n else None for token, n in had.items()}
        words = self.words + sum(1 if token else -1 for token in stems.values())
        return words, [
            *self.counts.changed(counts, words),
            *self.stems.changed(stems, words),
            *self.vocabulary.changed(vocabulary, words),
        ]
