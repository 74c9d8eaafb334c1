"""A table answers as the mapping it was made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence_search.tables import Table, table

TEXT = st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc"]), max_size=6)


@given(st.dictionaries(TEXT, TEXT), TEXT)
def test_a_table_answers_as_the_mapping_it_was_made_of(values: dict[str, str], other: str) -> None:
    made = Table(table(values.items()).text)
    assert dict(made) == values
    assert len(made) == len(values)
    assert list(made) == sorted(values)
    assert made.get(other) == values.get(other)
    for key in (other, *values):
        goes_on = any(other_key.startswith(f"{key} ") for other_key in values)
        assert made.find(key) == (values.get(key), goes_on)


@given(st.dictionaries(TEXT, TEXT), TEXT)
def test_a_large_table_answers_alike_the_first_time_and_when_asked_often(
    values: dict[str, str], other: str
) -> None:
    values |= {f"key {n}": "value" * 40 for n in range(200)}
    made = Table(table(values.items()).text)
    for _ in range(3):
        assert {key: made[key] for key in values} == values
        assert made.get(other) == values.get(other)
        assert (other in made) == (other in values)
