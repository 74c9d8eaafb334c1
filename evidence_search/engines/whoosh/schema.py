"""How documents stand in an index of Whoosh: its schema, and a document as one of Whoosh's.

Each text field is a stemmed field of its own, each facet a keyword field, and
numbers are numeric fields, so any program that knows Whoosh can search them; see
``docs/whoosh-index.md``.  Only Whoosh's own classes are in the schema, which its
table of contents pickles.  A text attached to the state of an index is a document
of its own kind, whose only terms are its name and its kind.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from whoosh import fields
from whoosh.analysis.acore import Token
from whoosh.analysis.analyzers import Analyzer
from whoosh.columns import FixedBytesColumn, VarBytesColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evidence_search.engines import Document, Schema

ID = "id"
LABEL = "label_"
"""What the names of facets begin with."""
PAYLOAD = "record"
SORT_KEYS = {"title": "title_key", "place": "place_key"}
"""The columns of what documents are sorted by, for each order that has one."""
COUNTS = "counts"
"""The column with the exact lengths of text fields (Whoosh's are rounded), and the numbers."""
NO_NUMBER = 0xFFFF
ATTACHMENT = "attachment"
ATTACHMENTS = "kind"
_LONGEST = 0xFFFF


def text_field(name: str, schema: Schema) -> str:
    """Return the name of Whoosh's field for a text field: its own, unless a number has that."""
    return f"{name}_text" if name in schema.numbers else name


def whoosh_schema(schema: Schema, analyzer: Any) -> fields.Schema:
    """Return Whoosh's schema for ours; ``analyzer`` makes terms of what its users type."""
    width = len(schema.text) + len(schema.numbers)
    texts = {
        text_field(name, schema): fields.TEXT(analyzer=analyzer, stored=name in schema.stored)
        for name in schema.text
    }
    keyword = fields.KEYWORD(commas=True)
    return fields.Schema(
        **texts,
        **{LABEL + name: keyword for name in schema.labels},
        **{name: fields.NUMERIC(int) for name in schema.numbers},
        **{name: fields.STORED() for name in schema.stored if name not in texts},
        **{
            ID: fields.ID(unique=True, stored=True, sortable=True),
            PAYLOAD: fields.STORED(),
            # With offsets in the file, which Whoosh would else work out at each opening.
            **{
                column: fields.COLUMN(VarBytesColumn(write_offsets_cutoff=100))
                for column in SORT_KEYS.values()
            },
            COUNTS: fields.COLUMN(FixedBytesColumn(width * array("H").itemsize)),
            ATTACHMENTS: fields.ID(),
            ATTACHMENT: fields.ID(unique=True, stored=True),
        },
    )


class Tokens(Analyzer):
    """Makes terms as ``tokens`` does; for programs of Whoosh's that search an index of ours."""

    def __init__(self, tokens: Callable[[str], Sequence[str]]) -> None:
        self._tokens = tokens

    def __call__(self, value: str, positions: bool = False, **options: Any) -> Iterator[Token]:
        for at, text in enumerate(self._tokens(value)):
            yield Token(positions, pos=at, text=text, boost=1.0, stopped=False, **options)


def whoosh_document(document: Document, schema: Schema) -> dict[str, Any]:
    """Return a document as Whoosh's writer takes it; lists are terms, ready-made."""
    lengths = [min(len(document.text.get(name, ())), _LONGEST) for name in schema.text]
    numbers = [document.numbers.get(name, NO_NUMBER) for name in schema.numbers]
    keys = {"title": document.title_key, "place": document.place_key}
    return {
        **{text_field(name, schema): [*tokens] for name, tokens in document.text.items()},
        **{f"_stored_{name}": None for name in schema.stored if name in schema.text},
        **{LABEL + name: [*dict.fromkeys(labels)] for name, labels in document.labels.items()},
        **document.numbers,
        **{_stored_as(name, schema): text for name, text in document.stored.items()},
        ID: document.id,
        PAYLOAD: document.payload,
        **{SORT_KEYS[sort]: key.encode("utf-8", "surrogatepass") for sort, key in keys.items()},
        COUNTS: array("H", lengths + numbers).tobytes(),
    }


def _stored_as(name: str, schema: Schema) -> str:
    return f"_stored_{name}" if name in schema.text else name


def attached_document(name: str, text: str, schema: Schema) -> dict[str, Any]:
    """Return the document that keeps a text beside the others."""
    width = len(schema.text) + len(schema.numbers)
    return {
        ATTACHMENTS: ATTACHMENTS,
        ATTACHMENT: name,
        f"_stored_{ATTACHMENT}": text,
        **dict.fromkeys(SORT_KEYS.values(), b""),
        COUNTS: bytes(width * array("H").itemsize),
    }
