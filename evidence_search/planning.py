"""A tree of the searcher's words to a tree of tokens that an engine can answer.

Here words meet the analyzer (stems), the thesaurus (other words for the same
thing) and the surfaces that the corpus knows (prefixes, near spellings, words
written together or apart).  Each bag of words that any record may match gets

* a term for every word that isn't a stop word, as often as it was typed;
* for each thesaurus concept found in it, longest first, the other terms of
  the concept, at less weight than the words themselves;
* a modest bonus where two neighbouring words stand near each other.

Words in quotes, after a field name, or with ``exact`` mean just themselves.

Rejected: expanding in the index (an edit of the thesaurus would rebuild it,
and ``exact`` would need a second index), and expanding each word alone
("problem drinking" is one thing, not two).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from evidence_search.analysis import STOP_WORDS, fold, words
from evidence_search.errors import QueryError
from evidence_search.records import UNCATEGORISED, Category
from evidence_search.trees import (
    And,
    Best,
    Boost,
    Fuzzy,
    Label,
    Near,
    Not,
    Nothing,
    Optional,
    Or,
    Phrase,
    Prefix,
    Term,
)
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.thesaurus import Compiled
    from evidence_search.trees import Tree

MAX_EXPANSIONS = 64
"""How many words a prefix or a near spelling may stand for; the most alike are kept."""


class Weights(NamedTuple):
    """How much what was added counts, against 1 for the searcher's own words.

    Picked by hand on the searches of cell E5, not yet tuned on other topics.
    """

    synonym: float = 0.7
    narrower: float = 0.5
    related: float = 0.2
    together: float = 0.5
    together_slop: int = 7


class Added(NamedTuple):
    """A term that the thesaurus added for some of the searcher's words."""

    words: str
    text: str
    kind: str


class Plan(NamedTuple):
    """The tree for the engine, and what was added to the searcher's words."""

    tree: Tree
    added: tuple[Added, ...] = ()


class Planner(Value):
    """What planning needs to know; ``thesaurus`` of ``None`` adds nothing."""

    analyzer: Analyzer
    thesaurus: Compiled | None = None
    weights: Weights = Weights()
    every_word: bool = False

    def plan(self, tree: Tree) -> Plan:
        """Return the tree of tokens for a parsed ``tree``."""
        planning = _Planning(self)
        planned = planning.tree(tree)
        return Plan(planned, tuple(dict.fromkeys(planning.added)))


def category_label(text: str) -> str:
    """Return the facet label for a code or name ("K", "key study", "Reviews").

    Raises :class:`QueryError` where there's no such category.
    """
    wanted = fold(text).strip()
    for category in Category:
        label = fold(category.label)
        plural = "seminal studies" if category is Category.SEMINAL else label.replace("y", "ies")
        names = {category.code.casefold(), label, label.split()[0], plural, f"{label}s"}
        if wanted in names | {"key studies"} & {plural}:
            return category.code
    if wanted == UNCATEGORISED:
        return UNCATEGORISED
    known = ", ".join(f"{c.code} ({c.label})" for c in Category)
    raise QueryError(f"expected a category: {known}, or {UNCATEGORISED}; found {text!r}")


def jurisdiction_labels(text: str) -> Sequence[str]:
    """Return the facet labels of a jurisdiction and of all that lies within it.

    Raises :class:`QueryError` where there's no such place.
    """
    from evidence_search.places import canonical, within

    name = canonical(text)
    if name is None:
        raise QueryError(
            f"expected a jurisdiction such as Scotland, UK or International; found {text!r}"
        )
    return sorted(within(name))


class _Word(NamedTuple):
    """A word of a bag; ``telling`` is false for stop words, which only terms may need."""

    token: str
    surface: str
    original: str
    telling: bool


class _Planning:
    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._weights = planner.weights
        self.added: list[Added] = []

    def tree(self, tree: Tree) -> Tree:
        """Plan any node."""
        if isinstance(tree, Or):
            return self._alternatives(tree.children)
        if isinstance(tree, And):
            return And(tuple(self.tree(child) for child in tree.children))
        if isinstance(tree, Not):
            return Not(self._exactly(tree.child))
        if isinstance(tree, Optional):
            return Optional(self.tree(tree.required), self.tree(tree.bonus))
        if isinstance(tree, Term):
            return self._label(tree) if tree.field in _LABELS else self._bag((tree,))
        return self._exact_leaf(tree)

    def _exactly(self, tree: Tree) -> Tree:
        """Plan what is excluded: only the words themselves, never their synonyms."""
        planner = Planner(self._planner.analyzer, None, self._weights, self._planner.every_word)
        return _Planning(planner).tree(tree)

    def _exact_leaf(self, tree: Tree) -> Tree:
        if isinstance(tree, Phrase):
            tokens = [t for word in tree.words for t in self._planner.analyzer.tokens(word)]
            return _phrase(tokens, tree.field, tree.slop)
        if isinstance(tree, Prefix):
            return self._any_surface(_beginning(fold(tree.text), self._surfaces()), tree.field)
        if isinstance(tree, Fuzzy):
            near = _near(fold(tree.text), tree.distance, self._surfaces())
            return self._any_surface(near, tree.field)
        return tree

    def _surfaces(self) -> Mapping[str, str]:
        return self._planner.analyzer.stems

    def _any_surface(self, surfaces: Iterable[str], field: str | None) -> Tree:
        stems = dict.fromkeys(self._planner.analyzer.stem(surface) for surface in surfaces)
        return Best(tuple(Term(stem, field) for stem in list(stems)[:MAX_EXPANSIONS]))

    def _label(self, term: Term) -> Tree:
        try:
            if term.field == "category":
                return Label("category", category_label(term.text))
            if term.field == "jurisdiction":
                labels = jurisdiction_labels(term.text)
                return Or(tuple(Label("jurisdiction", label) for label in labels))
        except QueryError:
            return Nothing()
        if term.field == "cell":
            return Label("cell", term.text.upper())
        if term.field == "decade":
            return Label("decade", term.text.lower())
        return self._bag((Term(term.text, term.field),))

    # Bags of words

    def _alternatives(self, children: Sequence[Tree]) -> Tree:
        bag = [c for c in children if isinstance(c, Term) and c.field is None]
        rest = [self.tree(c) for c in children if not (isinstance(c, Term) and c.field is None)]
        parts = ([self._bag(bag)] if bag else []) + rest
        if self._planner.every_word:
            return And(tuple(parts)) if len(parts) > 1 else parts[0]
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def _bag(self, terms: Sequence[Term]) -> Tree:
        field = terms[0].field
        bag = self._words(terms)
        if not bag:
            return Nothing()
        if field is not None:
            return _phrase([word.token for word in bag], field, 0)
        parts: list[Tree] = []
        added: list[Tree] = []
        for segment, concept in self._segments(bag):
            words, concepts = self._segment(segment, concept)
            parts += words
            added += concepts
        # What was added comes last, so that the words stay neighbours.
        parts += added
        if self._planner.every_word:
            return And(tuple(parts)) if len(parts) > 1 else parts[0]
        if len(parts) == 1:
            return parts[0]
        return Near(tuple(parts), self._weights.together_slop, self._weights.together)

    def _words(self, terms: Sequence[Term]) -> list[_Word]:
        stem = self._planner.analyzer.stem
        found = []
        for term in terms:
            for surface, start, end in words(term.text):
                original = term.text[start:end]
                telling = surface not in STOP_WORDS or _is_acronym(original)
                found.append(_Word(stem(surface), surface, original, telling))
        if any(word.telling for word in found):
            return found
        return [word._replace(telling=True) for word in found]

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
        self, segment: Sequence[_Word], concept: int | None
    ) -> tuple[list[Tree], list[Tree]]:
        """Plan one word, or the words of one concept: the words, and what is added to them.

        Words of a concept count each by itself, and the concept once more as
        if it were a word: then a record with all of them, or with another
        name for the same thing, comes before one that has a single word.
        """
        alternatives = [] if concept is None else self._alternatives_of(segment, concept)
        own: list[Tree] = [Term(word.token) for word in segment if word.telling]
        if len(segment) == 1:
            return ([Best((own[0], *alternatives))] if alternatives else own), []
        joined = self._joined(segment)
        phrase = Phrase(tuple(word.token for word in segment))
        added = Best((phrase, *joined, *alternatives))
        if self._planner.every_word:
            return [Or((And(tuple(own)), added))], []
        return own, [added]

    def _joined(self, segment: Sequence[_Word]) -> list[Tree]:
        """Return the words written as one, if the corpus has that: "drinkdriving"."""
        surface = "".join(word.surface for word in segment)
        return [Term(self._planner.analyzer.stem(surface))] if surface in self._surfaces() else []

    def _alternatives_of(self, segment: Sequence[_Word], concept: int) -> list[Tree]:
        """Return the other terms of a concept that the words of ``segment`` mean."""
        said = " ".join(word.original for word in segment)
        own = tuple(word.token for word in segment)
        weight = {
            "synonym": self._weights.synonym,
            "narrower": self._weights.narrower,
            "related": self._weights.related,
        }
        alternatives: list[Tree] = []
        thesaurus = self._planner.thesaurus
        for expansion in thesaurus.expansions(concept) if thesaurus else ():
            if expansion.tokens != own:
                tree = _phrase(expansion.tokens, None, 0)
                alternatives.append(Boost(tree, weight[expansion.kind]))
                self.added.append(Added(said, expansion.text, expansion.kind))
        return alternatives


_LABELS = frozenset({"category", "jurisdiction", "cell", "decade"})


def _is_acronym(original: str) -> bool:
    """Tell "WHO" and "US" from "who" and "us"."""
    return len(original) > 1 and original.isupper()


def _phrase(tokens: Sequence[str], field: str | None, slop: int) -> Tree:
    if not tokens:
        return Nothing()
    return Term(tokens[0], field) if len(tokens) == 1 else Phrase(tuple(tokens), field, slop)


def _beginning(prefix: str, surfaces: Iterable[str]) -> list[str]:
    return sorted((s for s in surfaces if s.startswith(prefix)), key=lambda s: (len(s), s))


def _near(word: str, distance: int, surfaces: Iterable[str]) -> list[str]:
    near = [
        (edits, surface)
        for surface in surfaces
        if abs(len(surface) - len(word)) <= distance
        and (edits := edit_distance(word, surface, distance)) <= distance
    ]
    return [surface for _, surface in sorted(near)]


def edit_distance(a: str, b: str, limit: int) -> int:
    """Return the Levenshtein distance of two words, or ``limit + 1`` where it's more.

    Written here because NLTK's takes 160 ms to import and has no limit.
    """
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
        if min(row) > limit:
            return limit + 1
    return row[-1]
