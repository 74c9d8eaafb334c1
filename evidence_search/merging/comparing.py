"""Two documents held against each other: in what they agree, and in what they contradict.

A document may have several listings, so each of its facts is a set of values:
two documents agree in a fact where any two values do, and contradict each
other where both have values and none agree.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from evidence_search.merging.identity import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from evidence_search.merging.identity import Identity

GENERIC = frozenset(
    (
        "abstracts", "abstract", "announcement", "announcements", "annual report", "author reply",
        "authors reply", "book review", "book reviews", "comment", "commentary", "comments",
        "conclusion", "conclusions", "contents", "correction", "corrigendum", "correspondence",
        "discussion", "editorial", "editorial comment", "editorials", "editors note", "erratum",
        "foreword", "guest editorial", "in brief", "in this issue", "index", "introduction",
        "invited commentary", "letter", "letter to the editor", "letters", "letters to the editor",
        "news", "obituary", "overview", "preface", "references", "reply", "reply to comments",
        "response", "review", "reviews", "summary", "table of contents", "the authors reply",
        "untitled",
    )
)  # fmt: skip
"""Titles that many documents have."""

ALIKE = 0.9
"""Titles of at least this likeness differ by slips of the pen, or a subtitle."""
UNLIKE = 0.5
"""Titles of less likeness are those of different texts, or translated."""
_PREFIX_WORDS = 4
_DISTINCTIVE_WORDS = 4
_LONGEST_TITLE = 400
"""Letters of titles that are held against each other: the time grows with their square."""
_LONG_TITLE = 25
"""Letters from which on two titles that differ by a slip are one."""


class Comparison(NamedTuple):
    """What two documents agree in, and what they contradict each other in, by name.

    The names are those of the fields of an identity, and the schemes of its keys.
    """

    agreeing: frozenset[str]
    contradicting: frozenset[str]


Document = tuple["Identity", ...]
"""The identities of the listings of one document, or of what is to be one."""


def compare(one: Document, other: Document) -> Comparison:
    """Hold two documents against each other."""
    ours, theirs = _values(one), _values(other)
    facts: dict[str, bool | None] = {
        name: any(agree(a, b) for a in ours[name] for b in theirs[name])
        for name, agree in _AGREEMENTS.items()
        if name in ours and name in theirs
    }
    if facts.get("authors") is False and _share_first(one, other):
        facts["authors"] = None
    # A document is in several places, has several headings and summaries, and is out
    # online the year before.
    apart = years_apart(one, other)
    for name in _LOOSE | ({"year"} if apart is not None and apart <= 1 else set()):
        if facts.get(name) is False:
            facts[name] = None
    return Comparison(
        frozenset(name for name, agree in facts.items() if agree),
        frozenset(name for name, agree in facts.items() if agree is False),
    )


def judge_by_keys(one: Document, other: Document) -> bool | None:
    """Tell whether two documents that share an identifier are the same.

    One contradiction may be a slip, or another heading; two are another document:
    a chapter under the DOI of its book, the abstracts of a congress.
    """
    against = len(compare(one, other).contradicting & {"doi", "pmid", "authors", "year"})
    return against == 0 or (against == 1 and likeness(one, other) >= UNLIKE)


def judge_by_facts(one: Document, other: Document) -> bool | None:
    """Tell whether two documents without a common identifier are the same; ``None`` is perhaps.

    Either title, year and first author or publisher agree, or journal,
    volume, first page and nearly the title; and nothing contradicts.
    """
    agreeing, contradicting = compare(one, other)
    if contradicting - ({"publisher"} if agreeing & {"authors", "journal"} else set()):
        return False
    if agreeing >= {"journal", "volume", "page"} and likeness(one, other) >= ALIKE:
        return True
    if not agreeing >= {"title", "year"}:
        return None
    both = (*one, *other)
    titles = {a.title for a in one for b in other if same_title(a.title, b.title)}
    if titles <= GENERIC:
        return ("publisher" in agreeing and not any(i.authors or i.journal for i in both)) or None
    if agreeing & {"authors", "publisher", "text"}:
        return True
    anonymous = not any(i.authors or i.publisher or i.journal for i in both)
    distinctive = any(len(title.split()) >= _DISTINCTIVE_WORDS for title in titles)
    return (anonymous and distinctive) or None


def likeness(one: Document, other: Document) -> float:
    """Return how alike the titles of two documents are at most, from 0 to 1."""
    return max(title_likeness(a.title, b.title) for a in one for b in other)


def years_apart(one: Document, other: Document) -> int | None:
    """Return how many years lie between two documents at least, ``None`` where one has no year."""
    gaps = [abs(a.year - b.year) for a in one for b in other if a.year and b.year]
    return min(gaps, default=None)


def title_likeness(one: str, other: str) -> float:
    """Return how alike two folded titles are, from 0 to 1.

    Numbers must be the same ("part 1" is not "part 2"); a title is as good as
    itself with a subtitle.
    """
    if one == other:
        return 1.0 if one else 0.0
    ours, theirs = one.split(), other.split()
    if not ours or not theirs:
        return 0.0
    short, long = sorted((ours, theirs), key=len)
    if len(short) >= _PREFIX_WORDS and long[: len(short)] == short:
        return 0.0 if _numbers(long[len(short) :][:2]) else 1.0  # "part 2" is no subtitle
    if _numbers(ours) != _numbers(theirs):
        return 0.0
    one, other = one[:_LONGEST_TITLE], other[:_LONGEST_TITLE]
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < UNLIKE or matcher.quick_ratio() < UNLIKE:
        return 0.0
    # A matcher's ratio depends on which of two texts is the first; theirs doesn't.
    return max(matcher.ratio(), SequenceMatcher(None, other, one, autojunk=False).ratio())


def same_title(one: str, other: str) -> bool:
    """Tell whether two folded titles are one, a long one but for one slip of the pen.

    A slip is a letter too many, missing, wrong, or swapped with the next; spaces
    say nothing.  It isn't one in a number, nor in a word of one letter.
    """
    if one == other:
        return bool(one)
    ours, theirs = one.replace(" ", ""), other.replace(" ", "")
    if min(len(ours), len(theirs)) < _LONG_TITLE or abs(len(ours) - len(theirs)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), len(theirs))  # noqa: B905
    ours, theirs = ours[start:], theirs[start:]
    slip = ours[1:] == theirs or theirs[1:] == ours or ours[1:] == theirs[1:]
    swapped = ours[:2] == theirs[1::-1] and ours[2:] == theirs[2:]
    return (slip or swapped) and _numbers(one.split()) == _numbers(other.split())


_ROMAN = frozenset("ii iii iv vi vii viii ix".split())


def _numbers(words: Sequence[str]) -> list[str]:
    """Return what may number a part, or name a group: "2", "ii", "b"."""
    single = (w for w in words if w != "a")
    return [w for w in single if len(w) == 1 or w in _ROMAN or any(c.isdigit() for c in w)]


@lru_cache(maxsize=100_000)
def _values(document: Document) -> dict[str, tuple[Any, ...]]:
    """Return the values that a document has of each fact, of those that it has any of."""
    found: dict[str, dict[Any, None]] = {}
    for listing in document:
        for key in listing.keys:
            found.setdefault(key.partition(":")[0], {})[key] = None
        for name in _FIELDS:
            value = getattr(listing, name)
            if value:
                found.setdefault(name, {})[value[0] if name == "authors" else value] = None
    return {name: tuple(values) for name, values in found.items()}


def _same_person(one: str, other: str) -> bool:
    """Tell whether two folded names may be one person's."""
    if "-" in one or "-" in other:  # a body, or a name that may be either way round
        return one == other or _either_way(one, other) or _either_way(other, one)
    (ours, our), (theirs, their) = _parted(one), _parted(other)
    return ours == theirs and (not our or not their or our == their)


def _either_way(literal: str, name: str) -> bool:
    """Tell whether a name that wasn't parted is a person's, as "john-smith" is "smith j"."""
    words = literal.split("-")
    return len(words) > 1 and name in (f"{words[-1]} {words[0][:1]}", f"{words[0]} {words[-1][:1]}")


def _parted(name: str) -> tuple[str, str]:
    family, _, initial = name.partition(" ")
    return family, initial


def _share_first(one: Document, other: Document) -> bool:
    """Tell whether the first author of one is another author of the other."""

    def among(names: Iterable[str], document: Document) -> bool:
        return any(_same_person(n, a) for n in names for i in document for a in i.authors)

    return among(_values(one)["authors"], other) or among(_values(other)["authors"], one)


def _same_body(one: str, other: str) -> bool:
    """Tell whether two publishers are one, the one perhaps with its country or as its initials."""
    if one == other:
        return True
    ours, theirs = _telling(one), _telling(other)
    short, long = sorted((ours, theirs), key=len)
    if len(short) == 1 and len(short[0]) > 2:
        initials = "".join(word[0] for word in long)
        return short[0] == initials or short[0] in long[:1] + long[-1:]
    return len(short) > 1 and (set(short) <= set(long) or set(long) <= set(short))


def _telling(name: str) -> list[str]:
    return [w for w in name.split() if w not in ("the", "of", "and", "for", "on", "in", "ltd")]


def same_journal(one: str, other: str) -> bool:
    """Tell whether two folded names are of one journal: "j subst abuse treat" in full, "bmj"."""
    if one == other:
        return True
    ours, theirs = one.split(), other.split()
    if len(ours) == len(theirs):
        return all(
            _abbreviates(a, b) or _abbreviates(b, a) for a, b in zip(ours, theirs, strict=True)
        )
    short, long = sorted((ours, theirs), key=len)
    return len(short) == 1 and len(short[0]) > 2 and short[0] == "".join(word[0] for word in long)


def _abbreviates(short: str, long: str) -> bool:
    """Tell whether a word is another, abbreviated: "natl" for "national", "j" for "journal"."""
    if short[:1] != long[:1]:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


_FIELDS = (
    "title", "year", "authors", "publisher", "journal", "volume", "issue", "page", "text",
)  # fmt: skip
_LOOSE = frozenset(("link", "title", "text"))
_AGREEMENTS: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(SCHEMES, str.__eq__),
    "title": same_title,
    "year": int.__eq__,
    "authors": _same_person,
    "publisher": _same_body,
    "journal": same_journal,
    "volume": str.__eq__,
    "issue": str.__eq__,
    "page": str.__eq__,
    "text": str.__eq__,
}
