"""Documents compared with what an engine keeps of them, by one number for each.

The number is the sum of a hash of each thing that is said of a document: that a
token stands at a place of a field, that it has a label, a number, a payload.
A sum has no order, so the postings of an index, which stand token by token, give
it in one pass.  It holds within one process only.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from evidence_search.engines import Document, Schema
    from evidence_search.engines.searching import Leaf

_LIMIT = (1 << 64) - 1
_COUNTED = 0xFFFF
"""Fields of that many tokens or more may be kept as having fewer."""


def of_document(document: Document) -> int:
    """Return the fingerprint of a document as it arrives."""
    return sum(map(hash, _said(document))) & _LIMIT


def _said(document: Document) -> Iterator[tuple[object, ...]]:
    for field, tokens in document.text.items():
        if 0 < len(tokens) < _COUNTED:
            yield "length", field, len(tokens)
        for place, token in enumerate(tokens):
            yield field, token, place
    for field, labels in document.labels.items():
        for label in dict.fromkeys(labels):
            yield f"label_{field}", label
    for field, number in document.numbers.items():
        yield f"number_{field}", number
    yield "id", document.id
    yield "title_key", document.title_key
    yield "payload", document.payload


def of_leaves(
    leaves: Sequence[Leaf], schema: Schema, decode: Callable[[bytes], Sequence[int]]
) -> Mapping[str, int]:
    """Return the fingerprints of all live documents of an index, by id."""
    sums: defaultdict[int, int] = defaultdict(int)
    for leaf in leaves:
        for n, said in _kept(leaf, schema, decode):
            sums[n] += hash(said)
    keys = {leaf.base + n: leaf.key(leaf.base + n) for leaf in leaves for n in range(leaf.size)}
    return {keys[n]: total & _LIMIT for n, total in sums.items()}


def _kept(
    leaf: Leaf, schema: Schema, decode: Callable[[bytes], Sequence[int]]
) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield all that a segment says of its live documents: number, and what is said."""
    width = len(schema.text)
    for token in leaf.terms("text"):
        for n, value in zip(*leaf.occurrences(token), strict=True):
            for position in decode(value):
                yield n, (schema.text[position % width], token, position // width)
    for field in (*(f"label_{name}" for name in schema.labels), "id"):
        for label in leaf.terms(field):
            for n in leaf.documents(field, label):
                yield n, (field, label)
    for field in (f"number_{name}" for name in schema.numbers):
        for text in leaf.terms(field):
            for n in leaf.documents(field, text):
                yield n, (field, int(text))
    yield from _columns(leaf, schema)


def _columns(leaf: Leaf, schema: Schema) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield what a segment says of its live documents one by one."""
    lengths, width = leaf.lengths(), len(schema.text)
    for at in range(leaf.size):
        if at in leaf.deleted:
            continue
        n = leaf.base + at
        for field, length in zip(schema.text, lengths[at * width : (at + 1) * width], strict=True):
            if 0 < length < _COUNTED:
                yield n, ("length", field, length)
        yield n, ("title_key", leaf.title_key(n).decode("utf-8", "surrogatepass"))
        yield n, ("payload", leaf.payload(n))
