"""What is in a segment of Whoosh's, and how documents get in and whole posting lists out.

All text fields of a document go into one field of Whoosh's, so that a word
costs one look-up and one posting a document: token ``i`` of the text field
number ``f`` of ``n`` stands at position ``i * n + f``, which tells the field
of each occurrence, and keeps neighbours ``n`` apart and fields from running
into each other.  A column has the exact number of tokens of each field.

Whoosh's own way in costs several calls a posting and, in a large corpus,
sorts on disk; here the postings of a batch of documents are gathered in
memory by term and handed to Whoosh's codec in order, as its own writer does
in the end.  Each batch is a segment.

Rejected: a field of Whoosh's for each text field (nine look-ups a word), and
blobs of our own inside Whoosh's files (it could neither merge nor search them).
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections import defaultdict
from itertools import accumulate, compress
from threading import Lock
from typing import TYPE_CHECKING, Any

from whoosh import fields, formats
from whoosh.analysis.analyzers import IDAnalyzer
from whoosh.columns import FixedBytesColumn, VarBytesColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evidence_search.engines import Document, Schema
    from evidence_search.engines.searching import Searcher

BATCH = 20_000
"""Documents of a segment at most when many are written: some 200 MB of postings in memory."""

SMALL = 1000
"""Documents up to which the files of a segment are put into one: opening it copies them all."""

_TEXT = "text"
_LENGTH = "H"
_LONGEST = 0xFFFF
_REMEMBERED = 200_000
_SHORT, _LONG, _MARK = "H", "I", b"I"


def whoosh_schema(schema: Schema) -> Any:
    """Return Whoosh's schema for ours."""
    exact = (*map(label_field, schema.labels), *map(number_field, schema.numbers), "id")
    return fields.Schema(
        **{_TEXT: fields.FieldType(formats.Positions(), _analyzer())},
        **{name: fields.FieldType(formats.Existence(), _analyzer()) for name in exact},
        **{name: fields.COLUMN(_bytes_column()) for name in ("key", "title_key", "payload")},
        lengths=fields.COLUMN(_lengths_column(schema)),
    )


def _bytes_column() -> Any:
    # With offsets in the file, which Whoosh would else work out value by value at each opening.
    return VarBytesColumn(write_offsets_cutoff=100)


def _lengths_column(schema: Schema) -> Any:
    return FixedBytesColumn(array(_LENGTH).itemsize * len(schema.text))


def _analyzer() -> Any:
    """Whoosh wants one for every field; tokens arrive ready-made, so it is never used."""
    return IDAnalyzer()


def label_field(field: str) -> str:
    """Return the name of Whoosh's field for a facet."""
    return f"label_{field}"


def number_field(field: str) -> str:
    """Return the name of Whoosh's field for a number."""
    return f"number_{field}"


def _key(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def lengths(document: Document, schema: Schema) -> array[int]:
    """Return how many tokens each text field of a document counts as having."""
    return array(_LENGTH, [min(len(document.text.get(f, ())), _LONGEST) for f in schema.text])


def codec() -> Any:
    """Return the codec to write with: lists are read whole, so their blocks are large."""
    from whoosh.codec.whoosh3 import W3Codec

    return W3Codec(blocklimit=BATCH + 1, compression=1)


class Totals:
    """Counts over all live documents, kept exactly, beside each state of an index."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._documents = 0
        self._lengths = dict.fromkeys(schema.text, 0)

    def take(self, searcher: Searcher) -> None:
        """Add the counts of a state of the index."""
        self._documents += searcher.documents
        for field, length in searcher.totals.items():
            self._lengths[field] += length

    def add(self, document: Document) -> None:
        """Count one more document."""
        self._documents += 1
        for field, length in zip(self._schema.text, lengths(document, self._schema), strict=True):
            self._lengths[field] += length

    def remove(self, searcher: Searcher, docnum: int) -> None:
        """Count one document less."""
        self._documents -= 1
        for field, column in zip(self._schema.text, searcher.lengths, strict=True):
            self._lengths[field] -= column[docnum]

    def text(self) -> str:
        """Return what is read again as JSON: ``documents``, and ``lengths`` by field."""
        return json.dumps({"documents": self._documents, "lengths": self._lengths})


class Batches:
    """Writes documents as new segments of an index; ``finish`` gives them to be committed."""

    def __init__(self, index: Any, schema: Schema) -> None:
        self._index = index
        self._schema = schema
        self._encoded: dict[tuple[int, ...], tuple[float, bytes]] = {}
        self._batch: _Batch | None = None
        self._segments: list[Any] = []

    def add(self, document: Document) -> None:
        """Take one document."""
        if self._batch is None:
            self._batch = _Batch(self._index, self._schema, self._encoded)
        self._batch.add(document)
        if self._batch.count >= BATCH:
            self._flush()

    def finish(self) -> list[Any]:
        """Write what is left, and return all segments."""
        self._flush()
        return self._segments

    def cancel(self) -> None:
        """Write nothing more."""
        if self._batch is not None:
            self._batch.cancel()
            self._batch = None

    def _flush(self) -> None:
        if self._batch is not None:
            self._segments.append(self._batch.finish())
            self._batch = None
            self._encoded.clear()


class _Batch:
    """Documents on their way into one segment."""

    def __init__(
        self, index: Any, schema: Schema, encoded: dict[tuple[int, ...], tuple[float, bytes]]
    ) -> None:
        from whoosh.writing import SegmentWriter

        # The writer that commits holds the lock, and clears up what all have left.
        self.writer: Any = SegmentWriter(index, _lk=False, codec=codec())
        self.count = 0
        self._schema = schema
        self._columns = {
            name: self.writer.schema[name].column_type
            for name in ("key", "title_key", "payload", "lengths")
        }
        self._encoded = encoded
        self._text: dict[str, tuple[list[int], list[tuple[float, bytes]]]] = {}
        self._exact: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def add(self, document: Document) -> None:
        docnum, perdoc = self.count, self.writer.perdocwriter
        perdoc.start_doc(docnum)
        values = {
            "key": _key(document.id),
            "title_key": _key(document.title_key),
            "payload": zlib.compress(_key(document.payload)),
            "lengths": lengths(document, self._schema).tobytes(),
        }
        for name, column in self._columns.items():
            perdoc.add_column_value(name, column, values[name])
        perdoc.finish_doc()
        self._add_text(docnum, document)
        self._exact["id"][document.id].append(docnum)
        for field, labels in document.labels.items():
            for label in dict.fromkeys(labels):
                self._exact[label_field(field)][label].append(docnum)
        for field, number in document.numbers.items():
            self._exact[number_field(field)][f"{number:04d}"].append(docnum)
        self.count += 1

    def _add_text(self, docnum: int, document: Document) -> None:
        places: dict[str, tuple[int, ...]] = {}
        width = len(self._schema.text)
        for slot, field in enumerate(self._schema.text):
            place = slot
            for token in document.text.get(field, ()):
                places[token] = (*places[token], place) if token in places else (place,)
                place += width
        postings, encoded = self._text, self._encoded
        for token, found in places.items():
            value = encoded.get(found)
            if value is None:
                value = float(len(found)), encode(sorted(found))
                if len(encoded) < _REMEMBERED:
                    encoded[found] = value
            known = postings.get(token)
            if known is None:
                postings[token] = [docnum], [value]
            else:
                known[0].append(docnum)
                known[1].append(value)

    def finish(self) -> Any:
        """Write the segment and return it."""
        writer = self.writer
        writer.docnum = self.count
        terms = writer.fieldwriter
        for field, postings in sorted(self._exact.items()):
            terms.start_field(field, writer.schema[field])
            for text, docnums in _sorted(postings):
                _write(terms, text, docnums, [1.0] * len(docnums), [b""] * len(docnums))
            terms.finish_field()
        terms.start_field(_TEXT, writer.schema[_TEXT])
        for text, (docnums, values) in _sorted(self._text):
            _write(terms, text, docnums, *zip(*values, strict=True))
        terms.finish_field()
        writer.compound = self.count <= SMALL
        return writer._finalize_segment()

    def cancel(self) -> None:
        """Close the files of the segment, which nothing will ever name."""
        self.writer._close_segment()


def _write(
    terms: Any, text: bytes, docnums: list[int], weights: Sequence[float], values: Sequence[bytes]
) -> None:
    """Write a posting list: what the codec's ``add`` does, a list at a time."""
    terms.start_term(text)
    block = terms._postwriter
    block._ids.extend(docnums)
    block._weights.extend(weights)
    block._values.extend(values)
    block._maxweight = max(weights)
    terms.finish_term()


def _sorted(postings: Mapping[str, Any]) -> list[tuple[bytes, Any]]:
    return sorted(((_key(text), value) for text, value in postings.items()), key=lambda p: p[0])


class Leaf:
    """One segment, as whole posting lists; see :class:`evidence_search.engines.searching.Leaf`."""

    def __init__(self, reader: Any, base: int, schema: Schema) -> None:
        self._reader = reader
        self._schema = schema
        self._columns: dict[str, Any] = {}
        self._lock = Lock()  # the files are read by seeking, and threads may share them
        self.base = base
        self.size: int = reader.doc_count_all()
        self.live: int = reader.doc_count()
        self.deleted: frozenset[int] = frozenset(reader.segment().deleted_docs())

    def terms(self, field: str) -> list[str]:
        """Return the terms of a field, in order."""
        with self._lock:
            lexicon: Iterable[bytes] = self._reader.lexicon(field)
            return [text.decode("utf-8", "surrogatepass") for text in lexicon]

    def documents(self, field: str, text: str) -> list[int]:
        """Return the live documents of a term, rising."""
        return self._read(field, text)[0]

    def occurrences(self, text: str) -> tuple[list[int], Sequence[bytes]]:
        """Return the live documents of a token, rising, and its positions in each, encoded."""
        return self._read(_TEXT, text)

    def _read(self, field: str, text: str) -> tuple[list[int], Sequence[bytes]]:
        with self._lock:
            ids, values = self._postings(field, text)
        if self.deleted:
            live = [docnum not in self.deleted for docnum in ids]
            ids, values = list(compress(ids, live)), list(compress(values, live))
        if self.base:
            base = self.base
            ids = [docnum + base for docnum in ids]
        return ids, values

    def _postings(self, field: str, text: str) -> tuple[list[int], list[bytes]]:
        from whoosh.reading import TermNotFound

        ids: list[int] = []
        values: list[bytes] = []
        try:
            # Not by way of the reader, which would look for deletions a posting at a time.
            form = self._reader.schema[field].format
            matcher = self._reader._terms.matcher(field, _key(text), form)
        except TermNotFound:
            return ids, values
        while matcher.is_active():
            matcher._read_data()
            distances, _, coded = matcher._data
            ids += accumulate(distances)
            values += coded or ()
            matcher._next_block()
        return ids, values

    def lengths(self) -> array[int]:
        """Return the number of tokens of each text field of the first document, the second …"""
        with self._lock:
            column = self._column("lengths")
            width = len(self._schema.text)
            size = min(column._count, self.size) * column._fixedlen
            data = bytes(column._dbfile.get(column._basepos, size)) if size else b""
        found = array(_LENGTH, data)
        found.extend(array(_LENGTH, [0]) * (self.size * width - len(found)))
        return found

    def key(self, docnum: int) -> str:
        """Return the id of a document."""
        return self._value("key", docnum).decode("utf-8", "surrogatepass")

    def title_key(self, docnum: int) -> bytes:
        """Return what a document is sorted by when sorted by title."""
        return self._value("title_key", docnum)

    def _value(self, name: str, docnum: int) -> bytes:
        with self._lock:
            value: bytes = self._column(name)[docnum - self.base]
        return value

    def _column(self, name: str) -> Any:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self._reader.column_reader(name, translate=False)
        return column

    def payload(self, docnum: int) -> str:
        """Return the payload of a document."""
        return zlib.decompress(self._value("payload", docnum)).decode("utf-8", "surrogatepass")


def encode(positions: Sequence[int]) -> bytes:
    """Return positions, rising, as numbers of two bytes, or of four after a mark.

    Whoosh's own coding is read three times slower.
    """
    if positions[-1] <= _LONGEST:
        return array(_SHORT, positions).tobytes()
    return _MARK + array(_LONG, positions).tobytes()


def decode(value: bytes) -> Sequence[int]:
    """Return the positions that :func:`encode` wrote."""
    return array(_SHORT, value) if len(value) % 2 == 0 else array(_LONG, value[1:])
