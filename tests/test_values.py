"""Values behave as frozen dataclasses do."""

from __future__ import annotations

import copy
import pickle

import pytest

from evidence_search.engines.plan import And, Every, Or, Phrase, Term
from evidence_search.values import Value, replace


def test_values_are_equal_when_type_and_fields_are() -> None:
    assert Term("a") == Term("a", None) == Term(text="a")
    assert hash(Term("a")) == hash(Term("a", None))
    assert Or((Term("a"),)) != And((Term("a"),))
    assert Every() == Every()
    assert Phrase(("a", "b")) != (("a", "b"), None, 0)


def test_values_cannot_be_changed_but_copied_with_changes() -> None:
    term = Term("a")
    with pytest.raises(AttributeError, match="frozen"):
        term.text = "b"  # type: ignore[misc]  # what is refused
    with pytest.raises(AttributeError):
        term.other = "b"  # type: ignore[attr-defined]  # what is refused
    assert replace(term, field="title") == Term("a", "title")
    assert pickle.loads(pickle.dumps(term)) == copy.deepcopy(term) == term  # noqa: S301 - our own


def test_values_show_their_fields() -> None:
    assert repr(Term("a", "title")) == "Term(text='a', field='title')"


@pytest.mark.parametrize(
    ("positional", "named"), [((), {}), (("a", None, 3), {}), (("a",), {"text": "b"})]
)
def test_a_value_takes_exactly_its_fields(
    positional: tuple[str, ...], named: dict[str, str]
) -> None:
    with pytest.raises(TypeError, match="Term: expected text, field"):
        Term(*positional, **named)


def test_type_checkers_know_the_fields_of_a_value() -> None:
    class Pair(Value):
        first: int
        second: str = ""

    Pair("1")  # type: ignore[arg-type]  # unused, and so an error, if the field had no type
    assert Pair(1).second == ""
