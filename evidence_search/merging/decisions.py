"""What a person decided on duplicates: a plain file in the corpus that wins over every rule.

A line says ``same`` or ``different`` and names two listings; what follows a
``#`` is a remark.  Lines may stand in any order, so that version control can
merge two copies of the file by keeping all lines.

A listing is named by what outlives its file: its identifier
(``doi:10.1000/x``, ``pmid:123``, ``pmcid:pmc123``, ``link:…``), its id, or, where
several have one id, the id with first author or publisher
(``editorial-2020-3fa2b1@ash-u``).  A name stands for every listing that has it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.merging import DUPLICATES
from evidence_search.merging.chains import chains
from evidence_search.merging.identity import SCHEMES, document_id, doi
from evidence_search.problems import Problems
from evidence_search.records import Problem, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evidence_search.merging.identity import Identity

SAME, DIFFERENT = "same", "different"
_HEADING = "# Which listings are the same document, and which are different: docs/duplicates.md\n"
_REMARK = re.compile(r"(?:^|\s)#.*")


class Decision(NamedTuple):
    """A line of the file: ``kind`` is ``SAME`` or ``DIFFERENT`` of two names of listings."""

    kind: str
    one: str
    other: str
    line: int = 0

    @property
    def pair(self) -> frozenset[str]:
        """The two names, in no order."""
        return frozenset((self.one, self.other))


class Decisions(NamedTuple):
    """The decisions of a corpus, in the order of their file."""

    lines: tuple[Decision, ...] = ()

    def unknown(self, identities: Sequence[Identity]) -> Iterator[Problem]:
        """Yield a problem for each decision that names no listing, or is contradicted."""
        named = self.named(identities)
        kinds: dict[frozenset[str], set[str]] = defaultdict(set)
        for decision in self.lines:
            kinds[decision.pair].add(decision.kind)
        for decision in self.lines:
            where = Source(DUPLICATES, decision.line)
            for name in (decision.one, decision.other):
                if not named[name]:
                    yield Problem(
                        where, "warning", "unknown-listing",
                        f"expected the name of a listing, found {name!r}, which none has: "
                        "correct it, or remove the line",
                    )  # fmt: skip
            if decision.kind == SAME and len(kinds[decision.pair]) > 1:
                yield Problem(
                    where, "warning", "contradicted-decision",
                    f"expected {decision.one} and {decision.other} to be the same or different, "
                    "found both: different holds; remove one of the lines",
                )  # fmt: skip

    def named(self, identities: Sequence[Identity]) -> dict[str, list[int]]:
        """Return which listings, by number, have each name that something was decided on."""
        wanted = {name for decision in self.lines for name in decision.pair}
        named: dict[str, list[int]] = defaultdict(list)
        if wanted:
            for number, identity in enumerate(identities):
                for name in wanted.intersection(names_of(identity)):
                    named[name].append(number)
        return named


class Said:
    """What was decided on some listings, which are known by number.

    A name may be that of thousands, so it is names that are held against each other here.
    """

    def __init__(self, decisions: Decisions, identities: Sequence[Identity]) -> None:
        self._named = decisions.named(identities)
        self._names: dict[int, list[str]] = defaultdict(list)
        for name, numbers in self._named.items():
            for number in numbers:
                self._names[number].append(name)
        self._others: dict[str, dict[str, set[str]]] = {
            SAME: defaultdict(set), DIFFERENT: defaultdict(set)
        }  # fmt: skip
        for decision in decisions.lines:
            if self._named[decision.one] and self._named[decision.other]:
                self._others[decision.kind][decision.one].add(decision.other)
                self._others[decision.kind][decision.other].add(decision.one)

    def are(self, kind: str, documents: Iterable[Iterable[int]]) -> bool:
        """Tell whether it was decided that listings of two among some documents are of a kind."""
        having: dict[str, set[int]] = defaultdict(set)
        for number, listings in enumerate(documents):
            for listing in listings:
                for name in self._names.get(listing, ()):
                    having[name].add(number)
        return any(
            len(having[name] | having[other]) > 1
            for name in having
            for other in having.keys() & self._others[kind].get(name, set())
        )

    def same(self) -> list[list[int]]:
        """Return the listings that are said to be the same, those together that hang together."""
        others = self._others[SAME]
        said = ((one, other) for one, names in others.items() for other in names)
        having = ((name, number) for name in others for number in self._named[name])
        found = chains(chain[tuple["str | int", "str | int"]](said, having))
        return [[one for one in together if isinstance(one, int)] for together in found]


def names_of(identity: Identity) -> tuple[str, ...]:
    """Return what a listing may be called, the most lasting name first."""
    who = (identity.authors or (identity.publisher,))[0].replace(" ", "-")
    names = (*identity.keys, identity.id, f"{identity.id}@{who}", document_id((identity,)))
    return tuple(dict.fromkeys(names))


def telling_names(one: Identity, other: Identity) -> tuple[str, str] | None:
    """Return names for two listings that tell them apart, or ``None`` where they have none."""
    ours, theirs = names_of(one), names_of(other)
    our = next((name for name in ours if name not in theirs), None)
    their = next((name for name in theirs if name not in ours), None)
    return (our, their) if our and their else None


def parse(text: str) -> tuple[Decisions, tuple[Problem, ...]]:
    """Return the decisions of a file, and what of it can't be read, a problem a line."""
    decisions: list[Decision] = []
    problems = Problems()
    for number, line in enumerate(text.splitlines(), 1):
        words = _REMARK.sub("", line).split()
        if not words:
            continue
        if len(words) == 3 and words[0] in (SAME, DIFFERENT) and words[1] != words[2]:
            decisions.append(Decision(words[0], normalised(words[1]), normalised(words[2]), number))
        else:
            problems.add(
                Problem(
                    Source(DUPLICATES, number), "error", "bad-decision",
                    "expected “same” or “different” and the names of two listings, found "
                    f"{line.strip()[:60]!r}: correct or remove the line",
                )
            )  # fmt: skip
    return Decisions(tuple(decisions)), problems.told()


def normalised(name: str) -> str:
    """Return a name as listings have it: a DOI in any form, a scheme in any case."""
    scheme, colon, value = name.partition(":")
    if colon and scheme.casefold() in SCHEMES:
        scheme = scheme.casefold()
        return f"{scheme}:{doi(value) or value}" if scheme == "doi" else f"{scheme}:{value}"
    return f"doi:{doi(name)}" if colon and doi(name) else name


def changed(text: str, decision: Decision, remark: str = "") -> str:
    """Return the text of a file with a decision, which takes the place of others on its pair."""
    lines = [
        line
        for line in text.splitlines()
        if not any(known.pair == decision.pair for known in parse(line)[0].lines)
    ]
    remark = " ".join(remark.split())
    lines.append(
        f"{decision.kind} {decision.one} {decision.other}" + (f"  # {remark}" if remark else "")
    )
    return (_HEADING if not text.strip() else "") + "".join(f"{line}\n" for line in lines)
