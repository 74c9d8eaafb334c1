"""What one state of an index on Whoosh holds, read by Whoosh's public API and remembered.

Posting lists are read whole: a word's, of each text field that has it, from each
segment.  Documents are numbered through all segments.  Positions stay as Whoosh
encodes them until somebody asks for them, which for most documents nobody does.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Sized
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from whoosh.formats import Positions
from whoosh.reading import TermNotFound

from evidence_search.engines import Document
from evidence_search.engines.postings import Postings, count_starts
from evidence_search.engines.whoosh.schema import (
    ATTACHMENT,
    ATTACHMENTS,
    COUNTS,
    ID,
    LABEL,
    NO_NUMBER,
    PAYLOAD,
    SORT_KEYS,
    text_field,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from evidence_search.engines import Schema
    from evidence_search.engines.plan import Phrase

_CACHED_POSTINGS = 2_000_000
"""How many postings are remembered, per state: some 300 MB at most."""
_REMEMBERED = 200_000
_SHORT = 24  # bytes: one or two positions, as Whoosh encodes them
_V = TypeVar("_V")
_S = TypeVar("_S", bound=Sized)


class _Memo(dict[bytes, _V], Generic[_V]):
    """What a function makes of encoded positions, remembered where these are short and recur."""

    def __init__(self, make: Callable[[bytes], _V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: bytes) -> _V:
        made = self._make(value)
        if len(value) <= _SHORT and len(self) < _REMEMBERED:
            self[value] = made
        return made


class IndexReader:
    """Reads one state: postings, columns and stored values.  Threads may share one."""

    def __init__(self, reader: Any, schema: Schema) -> None:
        self.schema = schema
        self._lock = RLock()  # Whoosh reads files by seeking
        self._leaves: list[tuple[Any, int]] = [
            (leaf, base) for leaf, base in reader.leaf_readers() if leaf.doc_count_all()
        ]
        self.size = sum(leaf.doc_count_all() for leaf, _ in self._leaves)
        attached = len(self._documents(ATTACHMENTS, ATTACHMENTS)) if self._leaves else 0
        self.documents = sum(leaf.doc_count() for leaf, _ in self._leaves) - attached
        # Where words can be: what has none, as authors of a cell, is looked up for no word.
        self._written = [
            (slot, name, leaf, base)
            for slot, name in enumerate(text_field(name, schema) for name in schema.text)
            for leaf, base in self._leaves
            if leaf.field_length(name)
        ]
        self._columns: dict[tuple[int, str], Any] = {}
        self._cache: OrderedDict[tuple[object, ...], tuple[int, Any]] = OrderedDict()
        self._cached = 0
        form: Any = Positions()
        self.positions = _Memo[tuple[int, ...]](lambda v: tuple(form.decode_positions(v)))
        self._count = _Memo[int](form.decode_frequency).__getitem__

    # Documents

    @cached_property
    def live(self) -> AbstractSet[int]:
        """All documents that are there."""
        with self._lock:
            live = set[int]()
            for leaf, base in self._leaves:
                if leaf.has_deletions():
                    live.update(base + n for n in leaf.all_doc_ids())
                else:
                    live.update(range(base, base + leaf.doc_count_all()))
        return frozenset(live.difference(self._documents(ATTACHMENTS, ATTACHMENTS)))

    def _documents(self, field: str, term: str) -> list[int]:
        """Return the documents that have a term, rising."""
        documents: list[int] = []
        with self._lock:
            for leaf, base in self._leaves:
                try:
                    found = leaf.postings(field, term).all_ids()
                except TermNotFound:
                    continue
                documents += [base + n for n in found] if base else found
        return documents

    def _terms(self, field: str, prefix: str = "") -> list[str]:
        """Return the terms of a field that begin with ``prefix``, sorted."""
        terms = set[str]()
        with self._lock:
            for leaf, _ in self._leaves:
                terms.update(t.decode() for t in leaf.expand_prefix(field, prefix))
        return sorted(terms)

    def docnum(self, name: str) -> int | None:
        """Return the number of the document with an id."""
        documents = self._documents(ID, name)
        return documents[0] if documents else None

    def _leaf(self, docnum: int) -> tuple[Any, int]:
        return next((leaf, base) for leaf, base in reversed(self._leaves) if base <= docnum)

    def _column(self, leaf: Any, base: int, name: str) -> Any:
        column = self._columns.get((base, name))
        if column is None:
            column = self._columns[base, name] = leaf.column_reader(name)
        return column

    def _value(self, docnum: int, name: str) -> Any:
        leaf, base = self._leaf(docnum)
        with self._lock:
            return self._column(leaf, base, name)[docnum - base]

    def id(self, docnum: int) -> str:
        """Return the id of a document."""
        name: str = self._value(docnum, ID)
        return name

    def sort_key(self, docnum: int, sort: str) -> bytes:
        """Return what a document is sorted by, in one of the orders that have a column."""
        key: bytes = self._value(docnum, SORT_KEYS[sort])
        return key

    def payload(self, docnum: int) -> str:
        """Return the payload of a document."""
        return self._stored(docnum, PAYLOAD)

    def _stored(self, docnum: int, name: str) -> str:
        leaf, base = self._leaf(docnum)
        with self._lock:
            text: str = leaf.stored_fields(docnum - base)[name]
        return text

    @cached_property
    def _count_columns(self) -> list[array[int]]:
        """Columns by document: the length of each text field, and each number."""
        width = len(self.schema.text) + len(self.schema.numbers)
        values = array("H")
        with self._lock:
            for leaf, base in self._leaves:
                values.frombytes(b"".join(self._column(leaf, base, COUNTS)))
        return [values[slot::width] for slot in range(width)]

    @cached_property
    def lengths(self) -> list[array[int]]:
        """The number of tokens by text field and document."""
        return self._count_columns[: len(self.schema.text)]

    def numbers(self, field: str) -> array[int]:
        """Return a number by document; ``NO_NUMBER`` where one has none."""
        return self._count_columns[len(self.schema.text) + self.schema.numbers.index(field)]

    @cached_property
    def average_lengths(self) -> list[float]:
        """The mean number of tokens of each text field, of the documents that are there."""
        gone = () if len(self.live) == self.size else [*set(range(self.size)) - self.live]
        return [
            (sum(column) - sum(map(column.__getitem__, gone))) / max(self.documents, 1)
            for column in self.lengths
        ]

    # Attachments

    def attachment(self, name: str) -> str:
        """Return the text attached under a name, ``""`` where there's none."""
        docnum = self.attached(name)
        return "" if docnum is None else self._stored(docnum, ATTACHMENT)

    def attached(self, name: str) -> int | None:
        """Return the number of the document that keeps an attached text."""
        documents = self._documents(ATTACHMENT, name)
        return documents[0] if documents else None

    def attachments(self, prefix: str) -> dict[str, str]:
        """Return the texts attached under names that begin with ``prefix``, by the rest of it."""
        texts = {
            name.removeprefix(prefix): self.attachment(name)
            for name in self._terms(ATTACHMENT, prefix)
        }
        return {name: text for name, text in texts.items() if text}  # others are deleted ones

    # Words

    def postings(self, token: str) -> Postings:
        """Return where a token occurs."""

        def read() -> Postings:
            fields: dict[int, dict[int, bytes]] = {}
            with self._lock:
                for slot, name, leaf, base in self._written:
                    try:
                        items = leaf.postings(name, token).all_items()
                    except TermNotFound:
                        continue
                    if base:
                        items = ((base + n, value) for n, value in items)
                    fields.setdefault(slot, {}).update(items)
            return Postings({s: values for s, values in fields.items() if values}, self._count)

        postings: Postings = self._remember(("word", token), read)
        return postings

    def phrase(self, phrase: Phrase) -> Postings:
        """Return where the words of a phrase stand in order in one field."""

        def read() -> Postings:
            words = []
            for word in phrase.words:
                words.append(self.postings(word).fields)
                if not words[-1]:
                    return Postings({}, int)
            slots = sorted(set(words[0]).intersection(*words[1:]))
            if phrase.field is not None:
                slots = [slot for slot in slots if self.schema.text[slot] == phrase.field]
            starts = {slot: self._starts(phrase, slot, [w[slot] for w in words]) for slot in slots}
            return Postings({slot: found for slot, found in starts.items() if found}, int)

        postings: Postings = self._remember(
            (phrase.words, phrase.field, phrase.slop, phrase.gaps), read
        )
        return postings

    def _starts(
        self, phrase: Phrase, slot: int, words: list[Mapping[int, bytes]]
    ) -> dict[int, int]:
        """Return how often the words stand in order in one field, by document that has them so."""
        rarest: Mapping[int, object]
        rarest, *others = sorted(words, key=len)
        if not phrase.slop and len(words) > 2:  # few documents have even the first two in a row
            first_two = type(phrase)(phrase.words[:2], phrase.field)
            rarest, others = self.phrase(first_two).fields.get(slot, {}), words[2:]
        docs = set(rarest).intersection(*others)
        positions, starts = self.positions, {}
        if len(words) == 2 and not phrase.slop:  # as most phrases are: without a call for each
            first, second = words
            for n in docs:
                here, there = positions[first[n]], positions[second[n]]
                if len(here) == 1:
                    if here[0] + 1 in there:
                        starts[n] = 1
                elif count := count_starts((here, there), 0):
                    starts[n] = count
            return starts
        for n in docs:
            places = [positions[word[n]] for word in words]
            if count := count_starts(places, phrase.slop, phrase.gaps):
                starts[n] = count
        return starts

    def _remember(self, key: tuple[object, ...], make: Callable[[], _S]) -> _S:
        """Return ``make()``, kept until the cache has more than its bound."""
        entry = self._cache.get(key)
        if entry is not None:
            known: _S = entry[1]
            return known
        value = make()
        size = len(value) + 1
        self._cache[key] = (size, value)
        self._cached += size
        while self._cached > _CACHED_POSTINGS and len(self._cache) > 1:
            try:
                _, (size, _) = self._cache.popitem(last=False)
            except KeyError:  # another thread emptied it meanwhile
                break
            self._cached -= size
        return value

    # Labels and numbers

    def labelled(self, field: str, label: str) -> frozenset[int]:
        """Return the documents with a label."""
        return frozenset(self._documents(LABEL + field, label))

    def docnums(self, ids: frozenset[str]) -> Mapping[str, int]:
        """Return the numbers of the documents of some ids, by id; of those that are there."""

        def read() -> dict[str, int]:
            numbers = ((name, self.docnum(name)) for name in ids)
            return {name: n for name, n in numbers if n is not None}

        found: Mapping[str, int] = self._remember(("ids", ids), read)
        return found

    def named(self, ids: frozenset[str]) -> frozenset[int]:
        """Return those of some ids that are there."""
        return frozenset(self.docnums(ids).values())

    def numbers_between(self, field: str, low: int | None, high: int | None) -> set[int]:
        """Return the documents whose number lies between the two."""
        least, most = low or 0, NO_NUMBER - 1 if high is None else high
        column = self.numbers(field)
        return {n for n in self.live if least <= column[n] <= min(most, NO_NUMBER - 1)}

    def facet(self, field: str) -> Sequence[tuple[str, int]]:
        """Return each label of a facet with the bit set of its documents."""

        def read() -> list[tuple[str, int]]:
            labels = self._terms(LABEL + field)
            return [(label, self.bits(self._documents(LABEL + field, label))) for label in labels]

        return self._remember(("facet", field), read)

    def labels(self, field: str) -> Mapping[int, Sequence[str]]:
        """Return what documents have in a field of labels or of numbers."""

        def read() -> dict[int, tuple[str, ...]]:
            if field in self.schema.numbers:
                column = self.numbers(field)
                return {n: (str(column[n]),) for n in self.live if column[n] != NO_NUMBER}
            found: dict[int, tuple[str, ...]] = {}
            for label in self._terms(LABEL + field):
                for n in self._documents(LABEL + field, label):
                    found[n] = (*found.get(n, ()), label)
            return found

        return self._remember(("labels", field), read)

    def bits(self, docnums: Sequence[int] | AbstractSet[int]) -> int:
        """Return documents as a whole number with their bits set, so that sets are ``&``."""
        # Setting bytes and reading them as one binary number is linear in the number of
        # documents; setting bits of a whole number one by one is quadratic.
        flags = bytearray(b"0" * (self.size + 1))
        last = self.size
        for n in docnums:
            flags[last - n] = 49
        return int(flags, 2)

    # All of it

    def contents(self) -> Iterator[Document]:
        """Yield every document as the index has it, in no order."""
        schema = self.schema
        places: dict[tuple[int, int], dict[int, str]] = {}
        for slot, name in {(slot, name) for slot, name, *_ in self._written}:
            for token in self._terms(name):
                for n, value in self.postings(token).fields.get(slot, {}).items():
                    for place in self.positions[value]:
                        places.setdefault((n, slot), {})[place] = token
        labels: dict[tuple[int, str], list[str]] = {}
        for field in schema.labels:
            for label in self._terms(LABEL + field):
                for n in self._documents(LABEL + field, label):
                    labels.setdefault((n, field), []).append(label)
        for n in self.live:
            texts = {
                field: [places.get((n, slot), {}).get(at, "") for at in range(lengths[n])]
                for slot, (field, lengths) in enumerate(zip(schema.text, self.lengths, strict=True))
            }
            numbers = {field: self.numbers(field)[n] for field in schema.numbers}
            yield Document(
                id=self.id(n),
                text={field: tokens for field, tokens in texts.items() if tokens},
                labels={f: labels[n, f] for f in schema.labels if (n, f) in labels},
                numbers={field: x for field, x in numbers.items() if x != NO_NUMBER},
                title_key=self.sort_key(n, "title").decode("utf-8", "surrogatepass"),
                place_key=self.sort_key(n, "place").decode("utf-8", "surrogatepass"),
                payload=self.payload(n),
            )
