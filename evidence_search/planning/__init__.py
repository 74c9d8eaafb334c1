"""A syntax tree of the searcher's words to the plan of tokens that an engine can answer.

Here words meet the analyzer (stems), the thesaurus (other words for the same
thing) and the surfaces that the corpus knows (prefixes, near spellings, words
written together or apart).  Each bag of words that any record may match gets

* every word that isn't a stop word, as often as it was typed, with its own
  synonyms at less weight; or its likeliest correction, where the corpus doesn't
  know it;
* for each thesaurus concept of several words, longest first, the other terms of
  the concept; for a name of a place, category or cell, the label itself;
* a modest bonus where two neighbouring words stand near each other, and where
  words that were typed as one, or in an order that stop words tell, stand so.

So more words never find less, what ``every_word`` asks of each word is that
word or a synonym of it, and a record that has the words comes before one that
has synonyms of them, all else equal.

Words in quotes, after a field name, or with ``exact`` mean just themselves;
but however they are typed, "drink-driving", "drink driving" and "drinkdriving"
are one.

Rejected: expanding in the index (an edit of the thesaurus would rebuild it,
and ``exact`` would need a second index), and expanding each word alone
("problem drinking" is one thing, not two).
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from evidence_search import labels, wording
from evidence_search.analysis import STOP_WORDS, fold, joined, words
from evidence_search.engines.plan import (
    And,
    Boost,
    Boosting,
    Every,
    Label,
    Not,
    Nothing,
    Or,
    Phrase,
    Proximity,
    Range,
    Synonyms,
    Term,
    rewrite,
)
from evidence_search.errors import QueryError
from evidence_search.lexicon import is_english
from evidence_search.planning.rows import Rows, synonyms
from evidence_search.query import LABEL_FIELDS, span_of_years, syntax
from evidence_search.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from evidence_search.analysis import Analyzer
    from evidence_search.engines.plan import Node
    from evidence_search.query.syntax import Tree
    from evidence_search.thesaurus import Compiled

MAX_CORRECTIONS = 12
"""How many unknown words of one query are looked up; each costs a walk over the vocabulary."""


MAX_NAME = 6
"""How many words the name of a place, a category or a cell may have."""

_LITTLE = 3
"""Words of fewer letters tell little without those that they were typed with."""

MAX_TOLD = 2
"""In a query of so few words, stop words left out, the order tells much: "out of hours"."""


class Weights(NamedTuple):
    """How much what was added counts, against 1 for the searcher's own words.

    Chosen by evaluation: see ``docs/ranking.md``.
    """

    synonym: float = 0.9
    narrower: float = 0.5
    related: float = 0.05
    part: float = 0.5
    as_one: float = 0.1
    order: float = 0.3
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
    """What the engine is asked, what was added to the searcher's words, and what they can't mean.

    ``notes`` pairs a message with the words that it is about; ``absent`` are the
    words that no record has, and that weren't corrected.
    """

    node: Node
    added: tuple[Added, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()


class Planner(Value):
    """What planning needs to know.

    ``surfaces`` gives the words of the corpus with the number of records that
    have each, ``labels`` the labels of a facet; both are called only when
    needed.  ``exact`` adds nothing to the searcher's words.  ``members`` gives what a label
    matches where the index alone doesn't know: which records are on a list now.
    """

    analyzer: Analyzer
    surfaces: Callable[[], Mapping[str, int]]
    labels: Callable[[str], Collection[str]]
    thesaurus: Compiled | None = None
    weights: Weights = Weights()
    every_word: bool = False
    exact: bool = False
    members: Callable[[Label], Node] | None = None

    def label(self, field: str, text: str) -> Node:
        """Return what matches the records with the labels of a field that a text means.

        Raises :class:`QueryError` where there's none.
        """
        return self._now(labels.node(field, text, self.labels))

    def _now(self, node: Node) -> Node:
        if isinstance(node, Label):
            return self.members(node) if self.members else node
        return rewrite(node, self._now)

    def plan(self, tree: Tree) -> Plan:
        """Return what an engine is asked for a parsed ``tree``."""
        planning = _Planning(self)
        planned = planning.node(tree)
        return Plan(
            planned,
            tuple(dict.fromkeys(planning.added)),
            tuple(dict.fromkeys(planning.notes)),
            tuple(dict.fromkeys(planning.absent)),
        )


class _Word(NamedTuple):
    """A word of a bag; ``telling`` is false for stop words, which only terms may need.

    ``joined`` are the tokens of it and a neighbour as one word, if the corpus has
    that; ``term`` is the number of the text that it was typed in, ``typed`` that text
    where the word alone says little ("HT" of "5-HT").
    """

    token: str
    surface: str
    original: str
    telling: bool
    joined: tuple[str, ...] = ()
    term: int = 0
    typed: str = ""


class _Planning:
    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._analyzer = planner.analyzer
        self._weights = planner.weights
        self._corrections = 0
        self.added: list[Added] = []
        self.notes: list[tuple[str, str]] = []
        self.absent: list[str] = []
        self._rows = Rows(planner.analyzer, planner.surfaces, self.notes)

    def node(self, tree: Tree) -> Node:  # noqa: PLR0911 - one for each kind
        """Plan any node of a syntax tree."""
        if isinstance(tree, syntax.Or):
            return self._alternatives(tree.children)
        if isinstance(tree, syntax.And):
            return self._conjunction(tree.children)
        if isinstance(tree, syntax.Not):
            return Not(self._exactly(tree.child))
        if isinstance(tree, syntax.Optional):
            return Boosting(self.node(tree.required), self.node(tree.bonus))
        if isinstance(tree, syntax.Term):
            return self._term(tree)
        if isinstance(tree, syntax.Phrase | syntax.Wildcard | syntax.Fuzzy):
            return synonyms(self._rows.wordings(tree))
        if isinstance(tree, syntax.Within):
            return self._rows.within(tree)
        if isinstance(tree, syntax.Range):
            return _years(tree)
        return Every() if isinstance(tree, syntax.Every) else Nothing()

    def _exactly(self, tree: Tree) -> Node:
        """Plan what is excluded: only the words themselves, never their synonyms."""
        planning = _Planning(replace(self._planner, thesaurus=None, exact=True))
        planned = planning.node(tree)
        self.notes += planning.notes
        self.absent += planning.absent
        return planned

    def _term(self, term: syntax.Term) -> Node:
        if term.field is None:
            span = span_of_years(term.text)
            if span and not self._planner.exact:
                return self._word_or_years(term, span)
            return self._bag((term,), every=self._planner.every_word)
        return self._label(term) if term.field in LABEL_FIELDS else self._fielded(term)

    def _word_or_years(self, term: syntax.Term, span: syntax.Range) -> Node:
        """Plan "2010s" or "2005-2012": the records that have it, and those of the years."""
        absent = len(self.absent)
        word = self._bag((term,), every=True)
        del self.absent[absent:]
        message = (
            f"{term.text} was read as the years {span.low} to {span.high} too; "
            f'write year:{term.text} for these alone, or "{term.text}" for the words'
        )
        self.notes.append((message, term.text))
        return Or((word, _years(span)))

    def _label(self, term: syntax.Term) -> Node:
        if term.field in {"doi", "pmid"} and not self._known_label(term):
            self.absent.append(f"{term.field}:{term.text}")
        try:
            return self._planner.label(term.field or "", term.text)
        except QueryError as error:
            self.notes.append((str(error), term.text))
            return Nothing()

    def _known_label(self, term: syntax.Term) -> bool:
        return term.text.lower() in self._planner.labels(term.field or "")

    # Bags of words

    def _alternatives(self, children: Sequence[Tree]) -> Node:
        bag = [child for child in children if _is_bare(child)]
        rest = [self.node(child) for child in children if not _is_bare(child)]
        parts = ([self._bag(bag)] if bag else []) + rest
        parts += self._joined_in_field(children)
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def _conjunction(self, children: Sequence[Tree]) -> Node:
        """Plan what must all match; where every word must, the words are a bag all the same."""
        if not self._planner.every_word:
            return And(tuple(self.node(child) for child in children))
        bag = [child for child in children if _is_bare(child)]
        rest = [self.node(child) for child in children if not _is_bare(child)]
        parts = ([self._bag(bag, every=True)] if bag else []) + rest
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def _bag(self, terms: Sequence[syntax.Term], *, every: bool = False) -> Node:
        bag = self._words(terms)
        if not bag:
            return Nothing()
        parts: list[Node] = []
        added: list[Node] = []
        alone = self._concepts_of_words(bag)
        for start, end, whole in self._segments(bag, every=every):
            own = [self._word(bag[i], alone.get(i)) for i in range(start, end) if bag[i].telling]
            if not whole:
                parts += own
            elif every:
                parts.append(Or((And(tuple(own)), *whole)))
            else:
                # The words of a concept are parts of it: a record with another name for the
                # same thing comes before one that has but a single word of "forced rehab".
                parts += [Boost(word, self._weights.part) for word in own]
                added += whole
        if not every:
            parts += added + self._in_order(bag)
        if len(parts) == 1:
            return parts[0]
        return Proximity(tuple(parts), self._weights.together_slop, self._weights.together, every)

    def _fielded(self, term: syntax.Term) -> Node:
        """Plan the words after a field name: just these; for publishers, their other names too."""
        own: list[Node] = [*self._rows.wordings(term)]
        if term.field == "publisher" and self._planner.thesaurus:
            bag = self._words((term,))
            for start, end, concept in self._mapped(bag):
                if end - start == len(bag):
                    own += self._alternatives_of(bag, concept, term.field)
        return synonyms(own)

    def _joined_in_field(self, children: Sequence[Tree]) -> list[Node]:
        """Return the neighbours in one field that the corpus writes as one word."""
        pairs = (
            (a.field, fold(a.text + b.text))
            for a, b in pairwise(children)
            if isinstance(a, syntax.Term)
            and isinstance(b, syntax.Term)
            and a.field == b.field is not None
        )
        stems = self._analyzer.stems
        return [Term(stems[joined], field) for field, joined in pairs if joined in stems]

    def _words(self, terms: Sequence[syntax.Term]) -> list[_Word]:
        found = []
        for number, term in enumerate(terms):
            parts = words(term.text)
            as_one = len(parts) > 1 and _is_one(surface for surface, _, _ in parts)
            for surface, start, end in parts:
                original = term.text[start:end]
                telling = surface not in STOP_WORDS or _is_acronym(original)
                token, typed = self._analyzer.stem(surface), term.text if as_one else original
                word = _Word(token, surface, original, telling, (), number, typed)
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
        """Return the nearest word of the corpus for one that it doesn't know, and say so.

        What has a capital is likelier a name, and a real word was meant as it stands: for
        these a correction is only suggested.
        """
        surface = word.surface
        if self._planner.exact or self._analyzer.knows(surface):
            return word
        if word.original != word.original.lower() or is_english(surface):
            return word
        if self._apart(surface) or self._corrections == MAX_CORRECTIONS:
            return word
        self._corrections += 1
        known = {**dict.fromkeys(self._analyzer.others, 0), **self._planner.surfaces()}
        nearest = wording.correction(surface, known)
        if nearest is None or not (known[nearest] or self._is_concept(nearest)):
            return word
        self.added.append(Added(word.original, nearest, "spelling"))
        return _Word(self._analyzer.stem(nearest), nearest, nearest, telling=True)

    def _is_concept(self, surface: str) -> bool:
        thesaurus = self._planner.thesaurus
        return thesaurus is not None and bool(thesaurus.words([surface], [surface]))

    def _mapped(self, bag: Sequence[_Word]) -> Sequence[tuple[int, int, int]]:
        """Return the concepts that the words of a bag mean: from, to, and its number."""
        thesaurus = self._planner.thesaurus
        if thesaurus is None:
            return []
        return thesaurus.map(
            [word.surface for word in bag],
            [word.token for word in bag],
            [word.original for word in bag],
        )

    def _concepts_of_words(self, bag: Sequence[_Word]) -> Mapping[int, int]:
        thesaurus = self._planner.thesaurus
        if thesaurus is None:
            return {}
        return thesaurus.words([word.surface for word in bag], [word.original for word in bag])

    def _segments(
        self, bag: Sequence[_Word], *, every: bool
    ) -> Iterator[tuple[int, int, list[Node]]]:
        """Yield runs of words that are something together, with what they are, and the others.

        Where every word must match, only a term as it was typed stands for all its words.
        """
        runs: dict[int, tuple[int, list[Node]]] = {}
        taken: set[int] = set()
        for start, end, concept in self._mapped(bag):
            if end - start > 1 and (not every or self._is_term(bag[start:end], concept)):
                others = self._alternatives_of(bag[start:end], concept)
                runs[start] = (end, [Synonyms((*self._together(bag[start:end]), *others))])
                taken.update(range(start, end))
        for start, end, name in self._labels(bag):
            if taken.isdisjoint(range(start, end)):
                runs[start] = (end, [Synonyms((*self._together(bag[start:end]), Term(name)))])
                taken.update(range(start, end))
        at = 0
        while at < len(bag):
            end, whole = runs.get(at, (at + 1, []))
            yield at, end, whole
            at = end

    def _is_term(self, words: Sequence[_Word], concept: int) -> bool:
        """Tell whether words were typed just as a concept names itself."""
        thesaurus = self._planner.thesaurus
        typed = "_".join(word.surface for word in words)
        return thesaurus is not None and any(
            joined(term.text) == typed for term in thesaurus.terms(concept)
        )

    def _together(self, words: Sequence[_Word]) -> list[Node]:
        """Return the words of a concept as one thing: in a row, as one word, or anywhere."""
        telling = dict.fromkeys(word.token for word in words if word.telling)
        anywhere = [And(tuple(map(Term, telling)))] if len(telling) > 1 else []
        phrase = Phrase(tuple(word.token for word in words))
        return [phrase, *self._joined("".join(word.surface for word in words)), *anywhere]

    def _labels(self, bag: Sequence[_Word]) -> Iterator[tuple[int, int, str]]:
        """Yield the names of places, categories and cells that are there whole, longest first."""
        stems = self._analyzer.stems
        for length in range(min(len(bag), MAX_NAME), 1, -1):
            for start in range(len(bag) - length + 1):
                name = "_".join(word.surface for word in bag[start : start + length])
                if name in stems:
                    yield start, start + length, name

    def _word(self, word: _Word, concept: int | None) -> Node:
        """Plan one word: itself, written otherwise, a label of that name, its synonyms."""
        label = f"_{word.surface}"
        alternatives = [
            *map(Term, word.joined),
            *self._apart(word.surface),
            *([Term(label)] if label in self._analyzer.stems else []),
        ]
        known = word.token in self._analyzer.vocabulary
        if not known and not alternatives:
            self.absent.append(word.typed or word.original)
        if concept is not None:
            alternatives += self._alternatives_of((word,), concept)
        own = Term(word.token)
        return Synonyms((own, *alternatives)) if alternatives else own

    def _in_order(self, bag: Sequence[_Word]) -> list[Node]:
        """Return phrases that lift a record: words typed as one, and order that stop words tell."""
        phrases: list[Node] = []
        for _, group in groupby(bag, key=lambda word: word.term):
            as_one = [*group]
            if len(as_one) > 1:
                # "5-HT" and "state-of-the-art" are nothing but that; "drug-free" is drugs, too.
                little = _is_one(word.surface for word in as_one)
                phrase = Phrase(tuple(word.token for word in as_one))
                phrases.append(phrase if little else Boost(phrase, self._weights.as_one))
        telling = sum(word.telling for word in bag)
        if 0 < telling <= MAX_TOLD and telling < len(bag) <= MAX_NAME:
            phrase = Phrase(tuple(word.token for word in bag))
            phrases.append(Boost(phrase, self._weights.order))
        return phrases

    def _joined(self, surface: str) -> list[Node]:
        """Return words written as one, if the corpus has that: "drinkdriving"."""
        token = self._analyzer.stems.get(surface)
        return [Term(token)] if token else []

    def _apart(self, surface: str) -> list[Node]:
        """Return one word written as two, if the corpus has these: "drink driving"."""
        two = wording.apart(surface, self._analyzer.stems.__contains__)
        phrase = two and Phrase(tuple(map(self._analyzer.stem, two)))
        return [Boost(phrase, self._weights.apart)] if phrase else []

    def _alternatives_of(
        self, segment: Sequence[_Word], concept: int, field: str | None = None
    ) -> list[Node]:
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
        alternatives: list[Node] = []
        thesaurus = self._planner.thesaurus
        known = self._analyzer.vocabulary
        for expansion in thesaurus.expansions(concept, known) if thesaurus else ():
            if expansion.tokens != own and (field is None or expansion.kind == "synonym"):
                other = _phrase(expansion.tokens, field)
                alternatives.append(Boost(other, weight[expansion.kind]))
                self.added.append(Added(said, expansion.text, expansion.kind))
        return alternatives


def _years(years: syntax.Range) -> Node:
    """Return what asks for records of some of the years: those of several years last till then."""
    begun = Range("year", None, years.high)
    lasted = Range("year_end", years.low, None)
    if years.low is None or years.high is None:
        return lasted if years.high is None else begun
    return And((begun, lasted))


def _is_bare(tree: Tree) -> TypeGuard[syntax.Term]:
    return isinstance(tree, syntax.Term) and tree.field is None and not span_of_years(tree.text)


def _is_one(surfaces: Iterable[str]) -> bool:
    """Tell whether words typed as one are nothing but that, for their parts say little."""
    return any(len(surface) < _LITTLE or surface in STOP_WORDS for surface in surfaces)


def _is_acronym(original: str) -> bool:
    """Tell "WHO" and "US" from "who" and "us"."""
    return len(original) > 1 and original.isupper()


def _phrase(tokens: Sequence[str], field: str | None) -> Node:
    if not tokens:
        return Nothing()
    return Term(tokens[0], field) if len(tokens) == 1 else Phrase(tuple(tokens), field)
