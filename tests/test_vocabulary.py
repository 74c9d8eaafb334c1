"""The vocabulary of an index in parts: whatever was changed of it, it is as if made at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence_search.documents import SCHEMA
from evidence_search.engines.whoosh import WhooshEngine
from evidence_search.index import vocabulary
from evidence_search.index.vocabulary import Vocabulary, parts_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

NAMES = ("counts/", "stems/", "vocabulary/")
WORDS = st.dictionaries(st.sampled_from([f"word{n}" for n in range(40)]), st.integers(1, 3))


def stem(word: str) -> str:
    return word[:5]


class Index:
    """An index of nothing but a vocabulary."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._engine = WhooshEngine(folder, SCHEMA, b"key")
        self.snapshot = self._engine.open()
        self.words = 0

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.snapshot, self.words)

    def change(self, more: Mapping[str, int]) -> list[str]:
        """Change in how many records words stand; return what was written for that."""
        self.words, attachments = self.vocabulary.changed(more, stem)
        with self._engine.lock(1), self._engine.write(self.snapshot) as writer:
            for name, text in attachments:
                writer.attach(name, text)
        self.snapshot = self._engine.open()
        return [name for name, _ in attachments]

    def attachments(self) -> list[Mapping[str, str]]:
        return [self.snapshot.attachments(name) for name in NAMES]


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(st.lists(WORDS, min_size=2, max_size=4))
def test_a_changed_vocabulary_is_that_of_its_words_made_at_once(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    states: list[dict[str, int]],
) -> None:
    monkeypatch.setattr(vocabulary, "WORDS", 4)
    folder = tmp_path_factory.mktemp("indexes")
    changed, before = Index(folder / "changed"), dict[str, int]()
    for words in states:
        changed.change({w: words.get(w, 0) - before.get(w, 0) for w in words.keys() | before})
        before = words
        counts = {word: int(n) for word, n in changed.vocabulary.counts.items()}
        assert counts == dict(sorted(words.items()))
        assert dict(changed.vocabulary.stems) == {word: stem(word) for word in sorted(words)}
        assert set(changed.vocabulary.vocabulary) == set(map(stem, words))
        assert len(changed.vocabulary.stems) == changed.words == len(words)
    made = Index(folder / "made")
    made.change(before)
    assert changed.attachments() == made.attachments()


def test_an_edit_writes_only_the_parts_of_the_vocabulary_whose_words_it_changes(
    tmp_path: Path,
) -> None:
    index = Index(tmp_path / "index")
    index.change({f"word{n}": 2 for n in range(20_000)})
    assert parts_for(20_000) == 8
    (counts,) = index.change({"word7": 1})
    assert counts.startswith("counts/")
    assert len(index.change({"new": 1, "word7": -1})) <= 4
    assert "new" in index.vocabulary.stems
    assert "new" in index.vocabulary.vocabulary
    assert "newer" not in index.vocabulary.stems
