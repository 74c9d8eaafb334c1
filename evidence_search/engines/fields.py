"""What the engines that keep one document in many fields call these."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ANY = "any"
"""The tokens of all text fields, each so far from the others that no phrase runs across."""
ID = "id"
KIND, RECORD = "kind", "record"
"""A field, and what stands in it where a document isn't an attached text."""
ATTACHMENT, CONTENT, PAYLOAD = "attachment", "content", "payload"
FIELD_APART = 2**24
"""Positions between text fields: more than a record has tokens."""


def text_field(name: str) -> str:
    """Return the name in an engine of a text field."""
    return f"text_{name}"


def label_field(name: str) -> str:
    """Return the name in an engine of a label field."""
    return f"label_{name}"


def number_field(name: str) -> str:
    """Return the name in an engine of a number field."""
    return f"number_{name}"


def length_field(name: str) -> str:
    """Return the name in an engine of the number of tokens of a text field."""
    return f"length_{name}"


def facts_in(
    labels: Mapping[str, Sequence[str]], numbers: Mapping[str, int], fields: Iterable[str]
) -> tuple[Sequence[str], ...]:
    """Return what a document has in fields of labels, or of numbers, as text."""
    return tuple(
        (str(numbers[field]),) if field in numbers else labels.get(field, ()) for field in fields
    )
