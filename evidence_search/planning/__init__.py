"""A tree of the searcher's words to a tree of tokens that an engine can answer.

Here words meet the analyzer (stems), the thesaurus (other words for the same
thing) and the surfaces that the corpus knows (prefixes, near spellings, words
written together or apart).  Each bag of words that any record may match gets

* a term for every word that isn't a stop word, as often as it was typed, or
  for its likeliest correction where the corpus doesn't know it;
* for each thesaurus concept found in it, longest first, the other terms of
  the concept, at less weight than the words themselves;
* a modest bonus where two neighbouring words stand near each other.

Words in quotes, after a field name, or with ``exact`` mean just themselves;
but however they are typed, "drink-driving", "drink driving" and "drinkdriving"
are one.

Rejected: expanding in the index (an edit of the thesaurus would rebuild it,
and ``exact`` would need a second index), and expanding each word alone
("problem drinking" is one thing, not two).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from evidence_search import labels, wording
from evidence_search.analysis import STOP_WORDS, fold, words
from evidence_search.errors import QueryError
from evidence_search.planning.rows import Rows, best
from evidence_search.query import LABEL_FIELDS
from evidence_search.trees import (
    And,
    Best,
    Boost,
    Fuzzy,
    Near,
    Not,
    Nothing,
    Optional,
    Or,
    Phrase,
    Term,
    Wildcard,
    Within,
)
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.thesaurus import Compiled
    from evidence_search.trees import Tree

MAX_CORRECTIONS = 12
"""How many unknown words of one query are looked up; each costs a walk over the vocabulary."""


class Weights(NamedTuple):
    """How much what was added counts, against 1 for the searcher's own words.

    Chosen by evaluation: see ``docs/ranking.md``.
    """

    synonym: float = 0.9
    narrower: float = 0.5
    related: float = 0.05
    part: float = 0.5
    apart: float = 0.4
    together: float = 0.5
    together_slop: int = 7


class Added(NamedTuple):
    """What was searched too for some of the searcher's words.

    ``kind`` is ``"synonym"``, ``"narrower"`` or ``"related"`` of the
    thesaurus, or ``"spelling"``.
    """

    words: str
    text: str
    kind: str


class Plan(NamedTuple):
    """The tree for the engine, what was added to the searcher's words, and what they can't mean.

    ``notes`` pairs a message with the words that it is about.
    """

    tree: Tree
    added: tuple[Added, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


class Planner(Value):
    """What planning needs to know.

    ``surfaces`` gives the words of the corpus with the number of records that
    have each, ``labels`` the labels of a facet; both are called only when
    needed.  ``exact`` adds nothing to the searcher's words.
    """

    analyzer: Analyzer
    surfaces: Callable[[], Mapping[str, int]]
    labels: Callable[[str], Collection[str]]
    thesaurus: Compiled | None = None
    weights: Weights = Weights()
    every_word: bool = False
    exact: bool = False

    def plan(self, tree: Tree) -> Plan:
        """Return the tree of tokens for a parsed ``tree``."""
        planning = _Planning(self)
        planned = planning.tree(tree)
        return Plan(
            planned,
            tuple(dict.fromkeys(planning.added)),
            tuple(dict.fromkeys(planning.notes)),
        )


class _Word(NamedTuple):
    """A word of a bag; ``telling`` is false for stop words, which only terms may need.

    ``joined`` are the tokens of it and a neighbour as one word, if the corpus has that.
    """

    token: str
    surface: str
    original: str
    telling: bool
    joined: tuple[str, ...] = ()


class _Planning:
    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._analyzer = planner.analyzer
        self._weights = planner.weights
        self._corrections = 0
        self.added: list[Added] = []
        self.notes: list[tuple[str, str]] = []
        self._rows = Rows(planner.analyzer, planner.surfaces, self.notes)

    def tree(self, tree: Tree) -> Tree:
        """Plan any node."""
        if isinstance(tree, Or):
            return self._alternatives(tree.children)
        if isinstance(tree, And):
            return self._conjunction(tree.children)
        if isinstance(tree, Not):
            return Not(self._exactly(tree.child))
        if isinstance(tree, Optional):
            return Optional(self.tree(tree.required), self.tree(tree.bonus))
        if isinstance(tree, Term):
            return self._term(tree)
        if isinstance(tree, Phrase | Wildcard | Fuzzy):
            return best(self._rows.wordings(tree))
        if isinstance(tree, Within):
            return self._rows.within(tree)
        return tree

    def _exactly(self, tree: Tree) -> Tree:
        """Plan what is excluded: only the words themselves, never their synonyms."""
        planning = _Planning(replace(self._planner, thesaurus=None, exact=True))
        planned = planning.tree(tree)
        self.notes += planning.notes
        return planned

    def _term(self, term: Term) -> Tree:
        if term.field is None:
            return self._bag((term,), every=self._planner.every_word)
        return self._label(term) if term.field in LABEL_FIELDS else self._fielded(term)

    def _label(self, term: Term) -> Tree:
        try:
            return labels.tree(term.field or "", term.text, self._planner.labels)
        except QueryError as error:
            self.notes.append((str(error), term.text))
            return Nothing()

    # Bags of words

    def _alternatives(self, children: Sequence[Tree]) -> Tree:
        bag = [child for child in children if _is_bare(child)]
        rest = [self.tree(child) for child in children if not _is_bare(child)]
        parts = ([self._bag(bag)] if bag else []) + rest
        parts += self._joined_in_field(children)
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def _conjunction(self, children: Sequence[Tree]) -> Tree:
        """Plan what must all match; where every word must, the words are a bag all the same."""
        if not self._planner.every_word:
            return And(tuple(self.tree(child) for child in children))
        bag = [child for child in children if _is_bare(child)]
        rest = [self.tree(child) for child in children if not _is_bare(child)]
        parts = ([self._bag(bag, every=True)] if bag else []) + rest
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def _bag(self, terms: Sequence[Term], *, every: bool = False) -> Tree:
        bag = self._words(terms)
        if not bag:
            return Nothing()
        parts: list[Tree] = []
        added: list[Tree] = []
        for segment, concept in self._segments(bag):
            words, concepts = self._segment(segment, concept, every=every)
            parts += words
            added += concepts
        # What was added comes last, so that the words stay neighbours.
        parts += added
        if len(parts) == 1:
            return parts[0]
        return Near(tuple(parts), self._weights.together_slop, self._weights.together, every)

    def _fielded(self, term: Term) -> Tree:
        """Plan the words after a field name: just these; for publishers, their other names too."""
        own: list[Tree] = [*self._rows.wordings(term)]
        for segment, concept in self._segments(self._words((term,))):
            whole = " ".join(word.original for word in segment) == term.text
            if term.field == "publisher" and concept is not None and whole:
                own += self._alternatives_of(segment, concept, term.field)
        return best(own)

    def _joined_in_field(self, children: Sequence[Tree]) -> list[Tree]:
        """Return the neighbours in one field that the corpus writes as one word."""
        pairs = (
            (a.field, fold(a.text + b.text))
            for a, b in pairwise(children)
            if isinstance(a, Term) and isinstance(b, Term) and a.field == b.field is not None
        )
        stems = self._analyzer.stems
        return [Term(stems[joined], field) for field, joined in pairs if joined in stems]

    def _words(self, terms: Sequence[Term]) -> list[_Word]:
        found = []
        for term in terms:
            for surface, start, end in words(term.text):
                original = term.text[start:end]
                telling = surface not in STOP_WORDS or _is_acronym(original)
                word = _Word(self._analyzer.stem(surface), surface, original, telling)
                found.append(self._corrected(word) if telling and not term.field else word)
        asked = wording.question_word([word.surface for word in found])
        if asked is not None and not self._planner.exact:
            found[asked] = found[asked]._replace(telling=False)
        if not any(word.telling for word in found):
            found = [word._replace(telling=True) for word in found]
        for i, (a, b) in enumerate(pairwise(found)):
            joined = self._analyzer.stems.get(a.surface + b.surface)
            if joined:
                found[i : i + 2] = [
                    w._replace(joined=(*w.joined, joined)) for w in found[i : i + 2]
                ]
        return found

    def _corrected(self, word: _Word) -> _Word:
        """Return the nearest word of the corpus for one that it doesn't know, and say so."""
        surface = word.surface
        if self._planner.exact or _is_acronym(word.original) or self._analyzer.knows(surface):
            return word
        if self._apart(surface) or self._corrections == MAX_CORRECTIONS:
            return word
        self._corrections += 1
        known = {**dict.fromkeys(self._analyzer.others, 0), **self._planner.surfaces()}
        nearest = wording.correction(surface, known)
        if nearest is None:
            return word
        self.added.append(Added(word.original, nearest, "spelling"))
        return _Word(self._analyzer.stem(nearest), nearest, nearest, telling=True)

    def _segments(self, bag: Sequence[_Word]) -> Iterator[tuple[Sequence[_Word], int | None]]:
        """Yield the words of a bag, those of one concept together, with the concept."""
        thesaurus = self._planner.thesaurus
        mapped = (
            thesaurus.map([word.token for word in bag], [word.original for word in bag])
            if thesaurus
            else []
        )
        at = 0
        for start, end, concept in mapped:
            yield from (((word,), None) for word in bag[at:start] if word.telling)
            yield bag[start:end], concept
            at = end
        yield from (((word,), None) for word in bag[at:] if word.telling)

    def _segment(
        self, segment: Sequence[_Word], concept: int | None, *, every: bool
    ) -> tuple[list[Tree], list[Tree]]:
        """Plan one word, or the words of one concept: the words, and what is added to them.

        The concept counts as if it were a word, and each of its words a part
        of that by itself: then a record with another name for the same thing
        comes before one that has but a single word of "forced rehab".
        """
        alternatives = [] if concept is None else self._alternatives_of(segment, concept)
        own: list[Tree] = [Term(word.token) for word in segment if word.telling]
        if len(segment) == 1:
            written = [*map(Term, segment[0].joined), *self._apart(segment[0].surface)]
            alternatives = [*written, *alternatives]
            return ([Best((own[0], *alternatives))] if alternatives else own), []
        phrase = Phrase(tuple(word.token for word in segment))
        joined = self._joined("".join(word.surface for word in segment))
        added = Best((phrase, *joined, *alternatives))
        if every:
            return [Or((And(tuple(own)), added))], []
        return [Boost(word, self._weights.part) for word in own], [added]

    def _joined(self, surface: str) -> list[Tree]:
        """Return words written as one, if the corpus has that: "drinkdriving"."""
        token = self._analyzer.stems.get(surface)
        return [Term(token)] if token else []

    def _apart(self, surface: str) -> list[Tree]:
        """Return one word written as two, if the corpus has these: "drink driving"."""
        two = wording.apart(surface, self._analyzer.stems.__contains__)
        phrase = two and Phrase(tuple(map(self._analyzer.stem, two)))
        return [Boost(phrase, self._weights.apart)] if phrase else []

    def _alternatives_of(
        self, segment: Sequence[_Word], concept: int, field: str | None = None
    ) -> list[Tree]:
        """Return the other terms of a concept that the words of ``segment`` mean.

        In a field only other names for the very same thing.
        """
        said = " ".join(word.original for word in segment)
        own = tuple(word.token for word in segment)
        weight = {
            "synonym": self._weights.synonym,
            "narrower": self._weights.narrower,
            "related": self._weights.related,
        }
        alternatives: list[Tree] = []
        thesaurus = self._planner.thesaurus
        known = self._analyzer.vocabulary
        for expansion in thesaurus.expansions(concept, known) if thesaurus else ():
            if expansion.tokens != own and (field is None or expansion.kind == "synonym"):
                tree = _phrase(expansion.tokens, field, 0)
                alternatives.append(Boost(tree, weight[expansion.kind]))
                self.added.append(Added(said, expansion.text, expansion.kind))
        return alternatives


def _is_bare(tree: Tree) -> TypeGuard[Term]:
    return isinstance(tree, Term) and tree.field is None


def _is_acronym(original: str) -> bool:
    """Tell "WHO" and "US" from "who" and "us"."""
    return len(original) > 1 and original.isupper()


def _phrase(tokens: Sequence[str], field: str | None, slop: int) -> Tree:
    if not tokens:
        return Nothing()
    return Term(tokens[0], field) if len(tokens) == 1 else Phrase(tuple(tokens), field, slop)
