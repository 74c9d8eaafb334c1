"""How well searching answers topics whose good answers are known.

``topics`` reads topics and judgements, ``collections`` indexes the documents
of a test collection, ``measures`` has the formulas.  Here an index is asked
every topic under a *setting*, the options of a search, and two settings are
compared topic by topic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.analysis import fold
from evidence_search.errors import CorpusError, QueryError
from evidence_search.evaluation.collections import documents_of, open_collection
from evidence_search.evaluation.measures import Measures, mean, measure, paired_test
from evidence_search.evaluation.topics import Topic, read_topics
from evidence_search.search import Search
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evidence_search.evaluation.measures import Judgements
    from evidence_search.index import EvidenceIndex

__all__ = [
    "Comparison", "Evaluation", "Setting", "Topic", "compare", "documents_of", "evaluate",
    "open_collection", "read_topics", "setting",
]  # fmt: skip

DEPTH = 1000
"""How many records of a ranking are looked at, as in TREC."""

OPTIONS = {"exact": "exact", "all": "every_word", "feedback": "feedback", "meaning": "meaning"}
"""The options of a search that a setting may have: its name on the command line, and in
:class:`Search`."""


class Setting(NamedTuple):
    """How to search, under a name: a search without a query."""

    name: str
    search: Search


class Evaluation(NamedTuple):
    """The topics, the measures of each under one setting, and what couldn't be judged.

    ``unknown`` are judged records that the index doesn't have; they count as
    not found.
    """

    setting: Setting
    topics: tuple[Topic, ...]
    measures: tuple[Measures, ...]
    unknown: tuple[str, ...] = ()

    @property
    def mean(self) -> Measures:
        """The mean of each measure over the topics."""
        return mean(self.measures)


class Comparison(NamedTuple):
    """How the means of a second setting differ from those of a first, and the p-values."""

    difference: Measures
    p: Measures


def setting(text: str) -> Setting:
    """Read a setting: option names with commas between, or ``default``.

    Raises :class:`QueryError` for any other name.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in {"default", *OPTIONS}:
            known = ", ".join(("default", *OPTIONS))
            raise QueryError(f"expected settings of {known}; found {name!r}")
    switches: Any = {OPTIONS[name]: True for name in names if name != "default"}
    return Setting(text, Search.of(**switches))


def evaluate(
    index: EvidenceIndex, topics: Sequence[Topic], under: Setting | None = None
) -> Evaluation:
    """Ask the index every topic under a setting, and measure the rankings.

    Records are judged by id or, where none has the id, by title, with case
    and the marks around it left aside.  Raises :class:`CorpusError` where the
    index has none of the judged records.
    """
    under = under or setting("default")
    names = _Names(index)
    judged = [names.judged(topic.judgements) for topic in topics]
    unknown = tuple(dict.fromkeys(name for j in judged for name in j if name not in names.ids))
    if topics and not any(name in names.ids for j in judged for name in j):
        raise CorpusError(
            f"expected judgements of records of {index.corpus_folder}, by id or title; "
            f"found none, but {', '.join(map(repr, unknown))[:80]}"
        )
    measures = tuple(
        measure(index.rank(replace(under.search, query=topic.query), limit=DEPTH), judgements)
        for topic, judgements in zip(topics, judged, strict=True)
    )
    return Evaluation(under, tuple(topics), measures, unknown)


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Compare two settings over the same topics, by paired randomisation."""
    pairs = list(
        zip(zip(*first.measures, strict=True), zip(*second.measures, strict=True), strict=True)
    )
    difference = (b - a for a, b in zip(first.mean, second.mean, strict=True))
    return Comparison(Measures(*difference), Measures(*(paired_test(a, b) for a, b in pairs)))


class _Names:
    """Finds the id of a record that a judgement names."""

    def __init__(self, index: EvidenceIndex) -> None:
        self.ids = frozenset(index.ids())
        self._index = index
        self._titles: dict[str, str] | None = None

    def judged(self, judgements: Judgements) -> Judgements:
        return {self._id(name): grade for name, grade in judgements.items()}

    def _id(self, name: str) -> str:
        if name in self.ids:
            return name
        if self._titles is None:
            self._titles = {_plain(r.title): r.id for r in self._index.stream()}
        return self._titles.get(_plain(name), name)


def _plain(title: str) -> str:
    return " ".join(fold(title).split()).strip("“”‘’'\"().: ")
