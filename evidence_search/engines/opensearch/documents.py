"""Documents as OpenSearch keeps them: the mapping of a state, what is put in, and what comes back.

A token stands in the field of its text field, and in ``any``, which has those of all text
fields, each so far from the others that no phrase runs across.  Tokens arrive joined by
line ends, where the one analyzer cuts them again.  Tokens, labels and numbers are kept as
they are too, since scores are worked out from them.

The indexed copies of the tokens are left out of what is kept, so that they are there once.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING, Any

from evidence_search.engines import Document, Labelled
from evidence_search.engines.candidates import LONGEST_TEXT
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
    from collections.abc import Iterable, Mapping, Sequence

    from evidence_search.engines import Schema

FORMAT = 2
"""Changes whenever a state written before could be misread."""
NAME, FACTS, TOKENS = "name", "facts", "tokens"
TITLE, PLACE = "title_key", "place_key"
BETWEEN = "\n"
"""What stands between tokens; no token has control characters."""

_LONGEST_ID, _LONGEST_TERM = 400, 16_000
"""Bytes; the cluster takes ids up to 512, and terms up to 32,766."""
_SATURATION = (
    "double f = query.boost * doc.freq / (0.25 + 0.75 * doc.length / 150.0); return f / (1.2 + f);"
)
"""The part of a score that one document decides: no statistics, which would differ by shard.

150 stands for the usual length of a record: the score only chooses candidates.
"""


def schema_mark(schema: Schema) -> str:
    """Return what tells states of this format and schema from others."""
    return f"format {FORMAT}, schema {zlib.crc32(repr(schema).encode()):08x}"


def term(text: str, longest: int = _LONGEST_TERM) -> str:
    """Return a text as a term: as it is, but its beginning and a digest where it is too long."""
    if len(text) * 4 <= longest or len(text.encode()) <= longest:
        return text
    return f"{text[: longest // 8]}\0{hashlib.sha256(text.encode()).hexdigest()}"


def record_name(name: str) -> str:
    """Return the name there of the document of an id."""
    return term(f"r/{name}", _LONGEST_ID)


def attachment_name(name: str) -> str:
    """Return the name there of an attached text."""
    return term(f"a/{name}", _LONGEST_ID)


def index_body(schema: Schema, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings and mappings for the index of a new state.

    How many shards it has is left to the cluster's templates, and so is all else that
    answers don't depend on; copies of a shard are as many as there are nodes for, one at most.
    """
    text = {
        "type": "text", "analyzer": "tokens", "similarity": "saturation",
        "position_increment_gap": FIELD_APART,
    }  # fmt: skip
    keyword, number = {"type": "keyword"}, {"type": "integer"}
    kept = {"type": "object", "enabled": False}
    kinds: list[tuple[dict[str, Any], Iterable[str]]] = [
        (text, (ANY, *map(text_field, schema.text))),
        (keyword, (ID, KIND, ATTACHMENT, TITLE, PLACE, *map(label_field, schema.labels))),
        (number, (*map(number_field, schema.numbers), *map(length_field, schema.text))),
        (kept, (TOKENS, FACTS, PAYLOAD, CONTENT, NAME)),
    ]
    return {
        "settings": {
            "index": {"auto_expand_replicas": "0-1", "refresh_interval": "-1"},
            "analysis": {
                "tokenizer": {"lines": {"type": "simple_pattern_split", "pattern": BETWEEN}},
                "analyzer": {"tokens": {"type": "custom", "tokenizer": "lines"}},
            },
            "similarity": {
                "saturation": {"type": "scripted", "script": {"source": _SATURATION}},
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": dict(meta),
            "_source": {"excludes": [ANY, f"{text_field('')}*", f"{label_field('')}*"]},
            "properties": {name: kind for kind, names in kinds for name in names},
        },
    }


def source(document: Document, schema: Schema) -> dict[str, Any]:
    """Return a document for the cluster."""
    tokens = [[*map(term, document.text.get(field, ()))] for field in schema.text]
    texts = [BETWEEN.join(words) for words in tokens]
    made: dict[str, Any] = {
        KIND: RECORD,
        ID: term(document.id),
        TITLE: term(document.title_key),
        PLACE: term(document.place_key),
        ANY: [text for text in texts if text],
        TOKENS: [BETWEEN.join(document.text.get(field, ())) for field in schema.text],
        FACTS: {
            "id": document.id,
            "labels": {field: [*values] for field, values in document.labels.items() if values},
            "numbers": dict(document.numbers),
            TITLE: document.title_key,
            PLACE: document.place_key,
        },
        PAYLOAD: document.payload,
    }
    for field, words, text in zip(schema.text, tokens, texts, strict=True):
        made[length_field(field)] = min(len(words), LONGEST_TEXT)
        if text:
            made[text_field(field)] = text
    for field, labels in document.labels.items():
        made[label_field(field)] = [term(label) for label in dict.fromkeys(labels)]
    for field, number in document.numbers.items():
        made[number_field(field)] = number
    return made


def attached_source(name: str, text: str) -> dict[str, Any]:
    """Return the document that keeps an attached text."""
    packed = base64.b64encode(zlib.compress(text.encode())).decode("ascii")
    return {ATTACHMENT: term(name), NAME: name, CONTENT: packed}


def attached_text(made: Mapping[str, Any]) -> str:
    """Return the text of an attached document."""
    return zlib.decompress(base64.b64decode(made[CONTENT])).decode()


def name_of(made: Mapping[str, Any]) -> str:
    """Return the id of a document."""
    return str(made[FACTS]["id"])


def labelled(made: Mapping[str, Any], fields: Iterable[str]) -> Labelled:
    """Return the id of a document, and what it has in fields of labels or of numbers."""
    facts = made[FACTS]
    return Labelled(facts["id"], facts_in(facts["labels"], facts["numbers"], fields))


def tokens_of(made: Mapping[str, Any]) -> list[list[str]]:
    """Return the tokens of each text field of a document."""
    return [text.split(BETWEEN) if text else [] for text in made[TOKENS]]


def document(made: Mapping[str, Any], schema: Schema) -> Document:
    """Return a document that was made for the cluster; with its payload if it was asked for."""
    facts = made[FACTS]
    texts: list[tuple[str, Sequence[str]]] = [*zip(schema.text, tokens_of(made), strict=True)]
    return Document(
        id=facts["id"],
        text={field: tokens for field, tokens in texts if tokens},
        labels=facts["labels"],
        numbers=facts["numbers"],
        title_key=facts[TITLE],
        place_key=facts[PLACE],
        payload=made.get(PAYLOAD, ""),
    )
