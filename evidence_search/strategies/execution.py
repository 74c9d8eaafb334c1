"""A strategy, run on an index: what each line finds, and what is odd about it.

Every line is searched exactly, whatever the platform does by itself: no synonyms, no corrections.
One thing can't be had as elsewhere: words stand for all their forms ("prison" finds "prisons"),
which every table of a run says, and each line which of them the corpus has.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING

from evidence_search import wording
from evidence_search.analysis import fold
from evidence_search.analysis import words as words_of
from evidence_search.dialects import dialect
from evidence_search.dialects.syntax import (
    Heading,
    InFields,
    Phrase,
    Reference,
    Word,
    children,
    lowered,
    walk,
)
from evidence_search.display import Displayed
from evidence_search.errors import QueryError, StrategyError
from evidence_search.query import caret, to_text
from evidence_search.query.lexing import LABEL_FIELDS
from evidence_search.query.syntax import Every
from evidence_search.search import Search
from evidence_search.values import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import Any

    from evidence_search.dialects.syntax import Line
    from evidence_search.index import EvidenceIndex
    from evidence_search.query.syntax import Tree
    from evidence_search.results import Results
    from evidence_search.search import Provenance
    from evidence_search.strategies.strategy import Strategy, StrategyLine

FORMS = "words stand for all their forms here: prison also finds prisons"
"""What is otherwise than on every platform."""


MAX_PARTS = 20_000
"""Words and other parts of a line, with those of the lines that it refers to written out."""


class LineRun(Value):
    """What a line found: how many records, and ``tree``, the query that was searched for it.

    ``notes`` are those of the line and of its search: what couldn't be honoured, and instead of
    what.  ``headings`` say by which words each subject heading was searched, and ``forms`` which
    other forms of its words the corpus has, found too.  ``used`` tells whether another line refers
    to it.
    """

    line: StrategyLine
    tree: Tree
    count: int
    notes: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    used: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the line: its headings and forms, then its notes."""
        return self.headings + self.forms + self.notes

    @property
    def searched(self) -> str:
        """What was searched, in our own language; references are written out."""
        return to_text(self.tree)


class StrategyRun(Displayed):
    """The lines of a strategy with what each found; a sequence of :class:`LineRun`."""

    _kind = "strategy"

    def __init__(
        self,
        index: EvidenceIndex,
        strategy: Strategy,
        lines: Sequence[LineRun],
        provenance: Provenance,
    ) -> None:
        self._index = index
        self.strategy = strategy
        self.lines = tuple(lines)
        self.provenance = provenance

    def __iter__(self) -> Iterator[LineRun]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        return f"<StrategyRun {self.strategy.name}: {len(self)} lines, {self.last.count} records>"

    def line(self, number: int) -> LineRun:
        """Return what a line found; raises :class:`StrategyError` where there's none."""
        wanted = self.strategy.line(number)
        return next(run for run in self.lines if run.line is wanted)

    @property
    def last(self) -> LineRun:
        """What the line with the highest number found: the result of the strategy."""
        return self.line(self.strategy.last.number)

    def results(self, number: int | None = None, **page: Any) -> Results:
        """Return the results of a line, of the last where ``number`` is ``None``.

        ``page`` has ``limit`` (default 10) and ``offset`` (0), as a search has them.
        """
        run = self.last if number is None else self.line(number)
        return self._index.search(search_of(run), **page)

    def ids(self, number: int | None = None) -> list[str]:
        """Return the ids of all records of a line, of the last where ``number`` is ``None``."""
        run = self.last if number is None else self.line(number)
        return self._ids[run.line.number]

    @cached_property
    def _ids(self) -> Mapping[int, list[str]]:
        return {run.line.number: self._index.rank(search_of(run)) for run in self.lines}

    def written(self, part: Line) -> str:
        """Return a part of a line in the strategy's own language."""
        return dialect(self.strategy.dialect).write(part)[0]

    def search_for(self, part: Line, lines: Mapping[int, Line] | None = None) -> Search:
        """Return the search for a part of a line.

        ``lines`` (default ``None``: those of the strategy) is what each line says, by its number.
        """

        def lower(line: Line) -> Tree:
            return lowered(line, trees, lambda heading: _names(heading, self._index))

        trees = {run.line.number: run.tree for run in self.lines}
        for number, line in sorted((lines or {}).items(), key=itemgetter(0)):
            trees[number] = lower(line)
        tree = lower(part)
        return Search(self.written(part), exact=True, tree=tree)

    @cached_property
    def unused(self) -> tuple[int, ...]:
        """The numbers of the lines that no other refers to, but for the last."""
        last = self.strategy.last.number
        if not any(run.line.references for run in self.lines):
            return ()
        return tuple(
            run.line.number for run in self.lines if not run.used and run.line.number != last
        )

    @property
    def empty(self) -> tuple[int, ...]:
        """The numbers of the lines that found nothing."""
        return tuple(run.line.number for run in self.lines if not run.count)


def search_of(run: LineRun) -> Search:
    """Return the search of a line."""
    return Search(run.line.text, exact=True, tree=run.tree)


def run_strategy(index: EvidenceIndex, strategy: Strategy, *, strict: bool = False) -> StrategyRun:
    """Run each line of a strategy.

    With ``strict`` (default ``False``) what couldn't be honoured raises :class:`QueryError`, with
    the number of the line and its place.  Raises :class:`StrategyError` for a line of more than
    ``MAX_PARTS`` parts: lines that each name the one before twice double with each.
    """
    trees: dict[int, Tree] = {}
    parts: dict[int, int] = {}
    runs: list[LineRun] = []
    referred = {number for line in strategy.lines for number in line.references}
    anything = index.search("", limit=0)
    told: set[str] = set()
    forms = _forms(strategy, index)
    for line in sorted(strategy.lines, key=lambda line: line.number):
        notes = [note.message for note in line.notes]
        notes += [
            f"there is no line {number} before this one; read as a line without records"
            for number in line.references
            if number not in trees
        ]
        notes += _unhonoured(line, index)
        if strict and notes:
            place = line.notes[0].position if line.notes else 0
            message = f"{strategy.name}:{line.place}: line {line.number}: {notes[0]}"
            raise QueryError(f"{message}\n{caret(line.text, place)}", place)
        parts[line.number] = _parts(line, parts)
        if parts[line.number] > MAX_PARTS:
            raise StrategyError(
                f"{strategy.name}:{line.place}: line {line.number}: expected at most {MAX_PARTS:,} "
                f"words with those of the lines that it refers to; found {parts[line.number]:,}: "
                "name each line once"
            )
        tree = trees[line.number] = lowered(line.line, trees, lambda h: _names(h, index))
        search = Search(line.text, exact=True, strict=strict, tree=tree)
        try:
            results = index.search(search, limit=0)
        except QueryError as error:
            raise QueryError(
                f"{strategy.name}:{line.place}: line {line.number}: {error}", error.position
            ) from error
        notes += results.notes if not line.references else _own_notes(line, index)
        said = tuple(dict.fromkeys(_about_headings(line, index)))
        used = line.number in referred
        also = _about_forms(line, forms)
        # What is to be said of any search is said once, and not with each line.
        notes = [note for note in dict.fromkeys(notes) if note not in told]
        told.update(anything.notes)
        runs.append(LineRun(line, tree, results.total, tuple(notes), said, also, used))
    return StrategyRun(index, strategy, runs, anything.provenance)


def _parts(line: StrategyLine, parts: Mapping[int, int]) -> int:
    leaves = (node for node in walk(line.line) if not children(node))
    return sum(parts.get(n.line, 1) if isinstance(n, Reference) else 1 for n in leaves)


def _own_notes(line: StrategyLine, index: EvidenceIndex) -> tuple[str, ...]:
    """Return the notes on what a line adds to those that it refers to, which have their own."""
    leaves = [node for node in walk(line.line) if not children(node)]
    if all(isinstance(leaf, Reference) for leaf in leaves):
        return ()
    others = dict.fromkeys(line.references, Every())
    own = lowered(line.line, others, lambda heading: _names(heading, index))
    return index.search(Search(line.text, exact=True, tree=own), limit=0).notes


_FORMS, _WORDS = 5, 6
"""How many forms of a word are named at most, and of how many words of a line."""


def _forms(strategy: Strategy, index: EvidenceIndex) -> Mapping[str, tuple[str, ...]]:
    """Return the forms that each word of a strategy finds; in our language words mean these."""
    if strategy.dialect == "ours":
        return {}
    return index.forms(dict.fromkeys(chain.from_iterable(map(_words, strategy.lines))))


def _words(line: StrategyLine) -> Iterator[str]:
    """Yield the words of a line that are searched in texts."""

    def found(node: Line) -> Iterator[str]:
        if isinstance(node, Word | Phrase):
            yield from (node.text,) if isinstance(node, Word) else node.words
        elif not (isinstance(node, InFields) and {*node.fields} & {*LABEL_FIELDS}):
            for child in children(node):
                yield from found(child)

    return found(line.line)


def _about_forms(line: StrategyLine, forms: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Say which forms a line finds that its words, taken to the letter, are not."""
    said = []
    for word in dict.fromkeys(_words(line)):
        own = {typed for typed, _, _ in words_of(fold(word))}
        others = [form for form in forms.get(word, ()) if not _is_meant(form, word, own)]
        if others:
            more = " …" if others[_FORMS:] else ""
            said.append(f"{word} also finds {', '.join(others[:_FORMS])}{more}")
    return ("; ".join(said[:_WORDS] + ["…"] * bool(said[_WORDS:])),) if said else ()


def _is_meant(form: str, word: str, own: Collection[str]) -> bool:
    plain = wording.SIGNS.isdisjoint(word)
    return form in own if plain else bool(wording.matching(fold(word), {form: 1}))


def _headings(line: StrategyLine) -> Iterator[Heading]:
    return (node for node in walk(line.line) if isinstance(node, Heading))


def _about_headings(line: StrategyLine, index: EvidenceIndex) -> Iterator[str]:
    for heading in _headings(line):
        names = _names(heading, index)[1:]
        more = f", and {', '.join(names[:5])}{' …' if names[5:] else ''}" if names else ""
        thesaurus = index.thesaurus() if heading.explode and not names else None
        if thesaurus and thesaurus.heading(heading.text) is not None:
            more = "; the thesaurus has nothing narrower"
        yield f"the subject heading {heading.text} is searched as its words{more}"


def _unhonoured(line: StrategyLine, index: EvidenceIndex) -> Iterator[str]:
    """Yield what of the headings of a line can't be asked."""
    thesaurus = index.thesaurus()
    for heading in _headings(line):
        if heading.major:
            yield f"{heading.text} as the main subject can't be asked; searched as any heading"
        if heading.explode and (not thesaurus or thesaurus.heading(heading.text) is None):
            yield (
                f"the thesaurus has no heading {heading.text!r} whose narrower ones could be "
                "searched too; searched without them"
            )


def _names(heading: Heading, index: EvidenceIndex) -> list[str]:
    """Return the names that a heading is searched by: its own, and of an exploded one all below."""
    thesaurus = index.thesaurus() if heading.explode else None
    concept = thesaurus.heading(heading.text) if thesaurus else None
    if thesaurus is None or concept is None:
        return [heading.text]
    below = (thesaurus.terms(number) for number in thesaurus.exploded(concept)[1:])
    return [heading.text, *(terms[0].text for terms in below if terms)]
