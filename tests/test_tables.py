"""A table answers as the mapping it was made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence_search.tables import Table, table

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\t\n"), max_size=6)


@given(st.dictionaries(TEXT, TEXT), TEXT)
def test_a_table_answers_as_the_mapping_it_was_made_of(values: dict[str, str], other: str) -> None:
    made = Table(table(values.items()).text)
    assert dict(made) == values
    assert len(made) == len(values)
    assert list(made) == sorted(values)
    assert made.get(other) == values.get(other)
    assert made.begins(other) == any(key.startswith(other) for key in values)
