"""Documents as tantivy keeps them: its schema, what is put in, and what comes back.

A token stands in the field of its text field, and in ``any``, which has those of all
text fields, each so far from the others that no phrase runs across, and beside them the
rows of words that are tokens too (:mod:`.rows`).  Tokens, labels and
numbers are stored too, since scores are worked out from them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tantivy import Document as TantivyDocument
from tantivy import PreTokenizedString, SchemaBuilder, Token

from evidence_search.engines import Document, Labelled
from evidence_search.engines.fields import (
    ANY,
    ATTACHMENT,
    CONTENT,
    FIELD_APART,
    ID,
    KIND,
    PAYLOAD,
    RECORD,
    facts_in,
    label_field,
    length_field,
    number_field,
    text_field,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tantivy import Schema as TantivySchema

    from evidence_search.engines import Schema
    from evidence_search.engines.tantivy.rows import Rows

STATE = "state"
"""The write that a document came with, so that what replaces it is told from it."""
SORTS = ("title", "place", "newest", "oldest")

_TOKENS, _FACTS = "tokens", "facts"
_TOKEN, _FIELD = "\x1f", "\x1e"
"""What stands between tokens, and between text fields; no token has control characters."""
_LAST_YEAR = 9999


def sort_field(sort: str) -> str:
    """Return the name in tantivy of the field that has an order's keys, ties by id."""
    return f"by_{sort}"


def tantivy_schema(schema: Schema) -> TantivySchema:
    """Return the schema for tantivy."""
    builder = SchemaBuilder()
    for name in (ID, KIND, STATE, ATTACHMENT):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in (ANY, *map(text_field, schema.text)):
        builder.add_text_field(name, tokenizer_name="raw")
    for name in map(label_field, schema.labels):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in map(number_field, schema.numbers):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in map(length_field, schema.text):
        builder.add_unsigned_field(name, fast=True)
    for name in map(sort_field, SORTS):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in (_TOKENS, _FACTS, PAYLOAD, CONTENT):
        builder.add_bytes_field(name, stored=True)
    return builder.build()


def tantivy_document(document: Document, schema: Schema, rows: Rows, state: str) -> TantivyDocument:
    """Return a document for tantivy."""
    made = TantivyDocument()
    for name, value in ((KIND, RECORD), (STATE, state), (ID, document.id)):
        made.add_text(name, value)
    everything: list[Token] = []
    for slot, field in enumerate(schema.text):
        tokens = document.text.get(field, ())
        made.add_unsigned(length_field(field), len(tokens))
        if tokens:
            placed = PreTokenizedString("", _placed(tokens, 0))
            made.add_pre_tokenized_text(text_field(field), placed)
            first = slot * FIELD_APART
            everything += _placed(tokens, first)
            everything += [Token(row, first + at, 0, 0) for at, row in rows.within(tokens)]
    made.add_pre_tokenized_text(ANY, PreTokenizedString("", everything))
    for field, labels in document.labels.items():
        for label in dict.fromkeys(labels):
            made.add_text(label_field(field), label)
    for field, number in document.numbers.items():
        made.add_unsigned(number_field(field), number)
    for sort in SORTS:
        made.add_text(sort_field(sort), f"{_key(document, sort)}\0{document.id}")
    texts = (_TOKEN.join(document.text.get(field, ())) for field in schema.text)
    made.add_bytes(_TOKENS, _FIELD.join(texts).encode())
    keys = document.title_key, document.place_key
    facts = [dict(document.labels), dict(document.numbers), *keys]
    made.add_bytes(_FACTS, json.dumps(facts, separators=(",", ":")).encode())
    made.add_bytes(PAYLOAD, document.payload.encode())
    return made


def attached_document(name: str, text: str, state: str) -> TantivyDocument:
    """Return the document that keeps an attached text."""
    made = TantivyDocument()
    made.add_text(STATE, state)
    made.add_text(ATTACHMENT, name)
    made.add_bytes(CONTENT, text.encode())
    return made


def document(made: TantivyDocument, schema: Schema, *, payload: bool = False) -> Document:
    """Return a document that was made for tantivy; with its payload if asked for."""
    labels, numbers, title_key, place_key = json.loads(_stored(made, _FACTS))
    texts = zip(schema.text, tokens_of(made), strict=True)
    return Document(
        id=name_of(made),
        text={field: tokens for field, tokens in texts if tokens},
        labels={field: values for field, values in labels.items() if values},
        numbers=numbers,
        title_key=title_key,
        place_key=place_key,
        payload=_stored(made, PAYLOAD) if payload else "",
    )


def labelled(made: TantivyDocument, fields: Iterable[str]) -> Labelled:
    """Return the id of a document, and what it has in fields of labels or of numbers."""
    labels, numbers, *_ = json.loads(_stored(made, _FACTS))
    return Labelled(name_of(made), facts_in(labels, numbers, fields))


def tokens_of(made: TantivyDocument) -> list[list[str]]:
    """Return the tokens of each text field of a document."""
    texts = _stored(made, _TOKENS).split(_FIELD)
    return [text.split(_TOKEN) if text else [] for text in texts]


def name_of(made: TantivyDocument) -> str:
    """Return the id of a document."""
    return str(made.get_first(ID))


def payload_of(made: TantivyDocument) -> str:
    """Return the payload of a document."""
    return _stored(made, PAYLOAD)


def attachment_of(made: TantivyDocument) -> tuple[str, str]:
    """Return the name and the text of an attached document."""
    return str(made.get_first(ATTACHMENT)), _stored(made, CONTENT)


def _key(document: Document, sort: str) -> str:
    """Return what a document is sorted by; one without a year comes last."""
    if sort in {"title", "place"}:
        return document.title_key if sort == "title" else document.place_key
    year = document.numbers.get("year")
    if year is None:
        return "~"
    return f"{_LAST_YEAR - year if sort == 'newest' else year:04}"


def _placed(tokens: Iterable[str], first: int) -> list[Token]:
    return [Token(token, position, 0, 0) for position, token in enumerate(tokens, first)]


def _stored(made: TantivyDocument, field: str) -> str:
    return bytes(made.get_first(field) or b"").decode()
