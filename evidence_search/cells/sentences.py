"""The sentences of a summary: what only helps to move about the page, and what points elsewhere.

See the docstring of ``grammar``.  A sentence is given as the span it has in a
flattened text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from evidence_search.cells import vocabulary
from evidence_search.cells.citation import Citation, read_citation, reads_as_citation
from evidence_search.cells.grammar import Group, groups
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_CELL = r"(?:(?:alcohol|drugs?) )?(?:treatment )?(?:matrix )?cells? +[a-e][1-5]\b"
_SECTION = (
    r"[“‘\"']?(?:issues(?= section)|where should i start\?|highlighted study|"
    r"what is this cell about\?)[”’\"']?"
)
_PLACE = (
    r"(?:the |this |that |our |its )?(?:"
    rf"{_CELL}|(?:(?:cell|row|column|matrix|[a-e][1-5])(?:['’]s)? )?(?:matrix )?bites?\b|"
    rf"{_SECTION}|"
    r"hot topics?\b|(?:matrix )?row +[1-5]\b|(?:unfolded|supplementary|extra) text|"
    r"(?:panel|box|section) (?:below|above|to the right))"
)
"""Parts of a page, or of the pages beside it, that discuss its entries."""
_FILE = (
    r"(?:linked|attached|accompanying|downloadable|this|the) +(?:(?:\w+|PDF) +){0,3}?"
    r"(?:file|PDF|document|download|slides?|presentation|spreadsheet)\b"
)
_DISCUSSED = (
    r"(?:discussed|listed|featured|highlighted|described|explored|considered|mentioned|"
    r"commented on|dealt with)"
)
_KIND = (
    r"(?:stud(?:y|ies)|trials?|reviews?|reports?|guidance|guidelines?|documents?|papers?|"
    r"analys[ie]s|findings?|issues?|topics?|research)"
)
_NAVIGATION = lazy_pattern(
    r" *\(?(?:"
    # "For related discussion click here and scroll down to highlighted heading."
    r"(?:For|See|To see|To read)\b[^.]{0,60}\b(?:discussions?|commentary|bite)\b"
    r"[^.]{0,100}?\b(?:click|scroll)(?: +(?:here|and|down|to|on)\b|[.,;)]| *$)|"
    r"(?:Click|Scroll|Unfold|Hover|Turn)\b.{0,200}?"
    r"\b(?:here|heading|headings|highlighted|text|for|down|to)\b|"
    # "For more on this, see cell D2."
    r"For (?:related |further |more |full(?:er)? |detailed )?"
    r"(?:discussions?|commentary|details?|information|background|more)"
    r"(?: (?:on|of|about) [^.]{1,60}?)?,? (?:click|see|go to|turn to|unfold)"
    r"(?: *[.,;)]"
    rf"| +(?:here|below|above|{_PLACE}|[^.]{{0,60}}\b{_FILE}|"
    r"p(?:age|p)?\.? ?\d)| *$)|"
    r"(?:(?:This|It) is )?(?:a |the |our )?highlighted study (?:in|of|for) "
    rf"(?:{_PLACE}|this cell)|"
    # "Discussion in bite’s Issues section.", "Discussed in cell C2."
    r"(?:(?:Further |Related |More |Full(?:er)? |Extended )?"
    r"(?:discussions?|commentary|comments?)"
    r"(?: (?:of|on|about) (?:this|these|the|it)\b[^.;]{0,40}?)?"
    r"(?: (?:is|are|can be found|appears?))?"
    rf"|(?:Also |Further )?{_DISCUSSED}(?: further| also| more fully)?"
    # "This study was discussed in cell D2 and related studies in cell B3."
    rf"|(?:This|These|The|Both|All)(?: \w+)? {_KIND}?[^.;]{{0,20}}?"
    r"(?:(?:was|were|is|are|has been|have been) (?:also |further )?)?"
    rf"{_DISCUSSED})"
    r" (?:further |more fully )?(?:in|on|under|by|at|with|within) "
    r"(?:more detail in |detail in )?"
    rf"{_PLACE}|"
    # "See cell D2.", "Also in cell B3.", "More in the bite."
    r"(?:See|Go to|Turn to|Visit|Open|Also|More|Listed|Back|Return|Jump|Read|Compare)"
    r"(?: also| on| to| back| more)*(?: (?:this|it|these)(?: \w+)?)?(?: in| to| at| under)?"
    rf" (?:the |our )?(?:{_CELL}|(?:matrix )?bite\b|issues section|"
    r"highlighted (?:study|heading|text|passage)|where should i start)|"
    # "See study 1 in linked PDF file."
    r"(?:See|Also see|Refer to|Go to|Turn to|Read|Start|Found|Available)\b"
    r"(?![^.]{0,150}\([^()]{0,80}(?:19|20)\d\d)[^.]{0,80}?"
    rf"(?:p(?:ages?|p)?\.? ?\d+[^.]{{0,20}} )?(?:in|of|on|at|within|from) (?:the )?{_FILE}|"
    r"(?:Open|Close) (?:the )?(?:Matrix )?Bite\b|"
    r"Opens? (?:in (?:a )?)?new (?:window|tab)|"
    r"(?:Go|Back|Return) to (?:the )?(?:top|matrix|start|contents)\b"
    r")",
    re.IGNORECASE,
)
_STARTS_NAVIGATION = lazy_pattern(
    r" *\(?(?:for|see|to|click|scroll|unfold|hover|turn|further|related|more|full|extended|disc"
    r"|comm|also|list|feat|high|desc|deal|expl|cons|ment|th[ei]|both|all|go|visit|open|close|back"
    r"|return|jump|read|comp|refer|start|found|avail)",
    re.IGNORECASE,
)
_LEFTOVER = lazy_pattern(
    r"\b(?:click(?: here)? (?:and|to|for|on)|scroll(?:ing)? down|hover(?:ing)? (?:over|mouse)|"
    r"highlighted headings?|bite['’]s|matrix bite|unfold (?:extra|supplementary)|"
    r"linked (?:pdf|file|document)|opens? (?:in )?(?:a )?new window|cell [a-e][1-5])\b",
    re.IGNORECASE,
)
_ACCESS_WORDS = (
    "free alternative open source sources access copy copies version versions full text only "
    "online pdf is are article download required needed available accessible original journal "
    "registration subscription publisher from at the of time writing here to for all public on "
    "this website site via author authors repository"
).replace(" ", "|")
_ACCESS = lazy_pattern(
    r" *[(\[]?((?:An? |The |Also |Or )?(?:alternative|free|another|open|full[- ]text|abstract only|"
    r"original|subscription|registration|pay(?:ment|wall)?|not free|currently free|freely)\b"
    rf"(?: (?:{_ACCESS_WORDS})){{0,12}})[)\]]?[.;:!]? *$",
    re.IGNORECASE,
)
_ACCESS_NOUN = lazy_pattern(
    r"\b(?:source|access|copy|version|text|available|required|needed|download|abstract only)",
    re.IGNORECASE,
)
_STARTS_ACCESS = lazy_pattern(
    r" *[(\[]?(?:an? |the |also |or )?(?:alt|free|ano|open|full|abs|ori|sub|reg|pay|not|curr)",
    re.IGNORECASE,
)
_REFERENCE = lazy_pattern(
    r" *\(?(?P<text>(?:(?:See|Also see|For|Compare)(?: also)? )?(?P<what>[^.;:()]{2,110}?)"
    r"(?P<group> *\([^()]{1,60}\))? +(?:entr(?:y|ies) +|listed +|featured +)?"
    r"(?P<direction>above|below))(?P<after> *\([^()]{1,60}\))?"
    r"\)?[.;]? *$",
    re.IGNORECASE,
)
_UPDATE = lazy_pattern(
    r" *(?P<title>(?:An? )?(?:Update[ds]?|Revised|Revision|Follow-up)\b"
    # "Updates an earlier (2006) review." tells what this one updates.
    r"(?! (?:an?|the|its|their|our|this|that|earlier|previous)\b)"
    r"[^.()]{0,40}? (?:in |\()?(?P<year>(?:19|20)\d\d)\b\)?)",
    re.IGNORECASE,
)
_SEE_ALSO = lazy_pattern(r" *\(?(?:See(?: also)?|Also see):? +", re.IGNORECASE)
_ASSOCIATED = lazy_pattern(
    r"\b(?:associated|accompanying|companion) +(?:[\w-]+ +){0,4}?(?=\()", re.IGNORECASE
)
_COMPANION = lazy_pattern(r"(?:the )?(?:associated|accompanying|companion)\b", re.IGNORECASE)
_JOINED = lazy_pattern(r"[ ,;]*(?:(?:and|or|plus)\b[ ,;]*)?")
_WORDS = lazy_pattern(r"\w+(?:-\w+)*")
_ITEMS = lazy_pattern(r" *(?:,|;|&|\band\b|\bor\b) *", re.IGNORECASE)
_COUNTS = {"both": 2, "two": 2, "three": 3, "four": 4, "five": 5}
_WITHIN_NAMES = ("of", "for", "our")
_NAME_WORD = lazy_pattern(r"[^\s()\[\],;:]+")
_BREAK = lazy_pattern(r"[.,;:()\[\]!?…]|(?:^| )[–—-] ")
_YEAR_SIGN = lazy_pattern(r"\([^()]{0,150}(?:1[6-9]|20)\d\d")


class Target(NamedTuple):
    """One of the entries that a reference points to: its words, and the categories they tell."""

    what: str
    categories: frozenset[str]


class Reference(NamedTuple):
    """A sentence that points to other entries: its words, and ``"above"`` or ``"below"``.

    ``number`` is how many entries its one target stands for, ``None`` where
    it says "studies" and not how many; ``year`` is that of the entry, where
    it is told.
    """

    text: str
    targets: tuple[Target, ...]
    direction: str
    number: int | None = 1
    year: int | None = None


class Pointer(NamedTuple):
    """A related document that a sentence names, at ``start`` to ``end`` of the text."""

    relation: str
    title: str
    citation: Citation
    start: int
    end: int


def is_navigation(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence only helps to move about the page."""
    return (
        _STARTS_NAVIGATION.match(text, start, end) is not None
        and _NAVIGATION.match(text, start, end) is not None
    )


def is_pointer(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence begins by pointing to other documents: "See also …"."""
    return (
        _SEE_ALSO.match(text, start, end) is not None or _UPDATE.match(text, start, end) is not None
    )


def leftover(text: str) -> tuple[int, int] | None:
    """Return where a summary still has words that help to move about the page."""
    low = text.lower()
    if (  # else a slow search is spared
        "click" in low or "scroll" in low or "hover" in low or "highlighted" in low
        or "bite" in low or "unfold" in low or "linked" in low or "open" in low or "cell " in low
    ):  # fmt: skip
        match = _LEFTOVER.search(text)
        return match.span() if match else None
    return None


def read_access(text: str, start: int, end: int) -> str | None:
    """Read a remark on access that is a sentence of its own: "Free source"."""
    if end - start > 120 or not _STARTS_ACCESS.match(text, start, end):
        return None
    match = _ACCESS.match(text, start, end)
    if not match or not _ACCESS_NOUN.search(match.group(1)):
        return None
    return " ".join(match.group(1).split())


def read_reference(text: str, start: int, end: int) -> Reference | None:
    """Read "Scottish guidance below.", or return ``None``."""
    if end - start > 200:
        return None
    tail = text[max(start, end - 80) : end].lower()
    if "above" not in tail and "below" not in tail:
        return None
    match = _REFERENCE.match(text, start, end)
    if not match:
        return None
    targets = tuple(
        Target(item, frozenset("".join(_kinds(item))))
        for item in _ITEMS.split(match["what"].strip())
        if item
    )
    if not targets or not _kinds(targets[-1].what):
        return None
    kinds = [target for target in targets if _kinds(target.what)]
    inside = (match["group"] or match["after"] or "").strip(" ()")
    year = read_citation(inside).year if inside else None
    if len(kinds) < len(targets):  # "US and Canadian guidelines": one kind, places apart
        targets = (Target(match["what"], kinds[-1].categories),)
    words = match["what"].lower().split()
    number: int | None = 1
    if inside and all(part.isdigit() for part in inside.split()) and year is None:
        number = len(inside.split())
    elif len(targets) == 1 and words[-1] in vocabulary.PLURALS:
        number = next((n for word, n in _COUNTS.items() if word in words), None)
    return Reference(match["text"], targets, match["direction"].lower(), number, year)


def _kinds(what: str) -> list[str]:
    words = _WORDS.findall(what.lower())
    return [vocabulary.KINDS[word] for word in words if word in vocabulary.KINDS]


def read_pointers(text: str, start: int, end: int) -> Iterator[Pointer]:
    """Yield the documents that a sentence points to, or names with their year."""
    update = _UPDATE.match(text, start, end)
    if update:
        title = " ".join(update["title"].split())
        yield Pointer("update", title, Citation(year=int(update["year"])), *update.span("title"))
        yield from _mentions(text, update.end(), end)
        return
    see = _SEE_ALSO.match(text, start, end)
    if see:
        yield from _see_also(text, see.end(), end, also="also" in see.group().lower())
        return
    if text.find("(", start, end) < 0:  # a slow search is spared
        return
    near = text[start:end].lower()
    associated = None
    if "associated" in near or "accompanying" in near or "companion" in near:
        associated = _ASSOCIATED.search(text, start, end)
    if associated:
        group = next(groups(text, associated.end(), end), None)
        citation = read_citation(group.inside) if group else None
        if group and citation and (citation.year or citation.publisher):
            title = " ".join(associated.group().split())
            yield from _mentions(text, start, associated.start())
            yield Pointer("associated", title, citation, associated.start(), group.end)
            yield from _mentions(text, group.end, end)
            return
    yield from _mentions(text, start, end)


def _see_also(text: str, start: int, end: int, *, also: bool) -> Iterator[Pointer]:
    begin = start
    for group, citation in _citations(text, start, end):
        joined = _JOINED.match(text, begin, group.start)
        begin = joined.end() if joined else begin
        title = " ".join(text[begin : group.start].split())
        relation = "associated" if _COMPANION.match(title) else "see also"
        yield Pointer(relation, title, citation, begin, group.end)
        for further in citation.further:
            yield Pointer(relation, title, further, begin, group.end)
        begin = group.end
    if begin == start and also:
        title = " ".join(text[start:end].split()).rstrip(".")
        if title:
            stop = start + len(text[start:end].rstrip())
            yield Pointer("see also", title, Citation(), start, stop)


def _citations(text: str, start: int, end: int) -> Iterator[tuple[Group, Citation]]:
    for group in groups(text, start, end):
        citation = read_citation(group.inside)
        if citation.year is not None or reads_as_citation(group.inside, citation):
            yield group, citation


def _mentions(text: str, start: int, end: int) -> Iterator[Pointer]:
    """Yield the documents that running text names: "the Option 2 (2012) crisis service"."""
    if not _YEAR_SIGN.search(text, start, end):
        return
    for group in groups(text, start, end):
        citation = read_citation(group.inside)
        if citation.year is None:
            continue
        begin = name_start(text, start, group.start)
        if begin is None:
            continue
        title = " ".join(text[begin : group.start].split())
        for document in (citation, *citation.further):
            yield Pointer("mentioned", title, document, begin, group.end)


def name_start(text: str, start: int, end: int) -> int | None:
    """Return where the name of the document begins whose parenthesis stands at ``end``.

    It reaches back over capitals and to a word such as "study" or "review",
    with what specifies it, but not over the words between sentences' parts.
    ``None`` where a date is meant ("in the first year (1998)").
    """
    start = max(start, end - 150)
    breaks = [match.end() for match in _BREAK.finditer(text, start, end)]
    begin = breaks[-1] if breaks else start
    words = list(_NAME_WORD.finditer(text, begin, end))[-12:]
    if not words or words[-1].group().lower() in vocabulary.DATE_WORDS:
        return None
    document = next(
        (
            i
            for i in range(len(words) - 1, -1, -1)
            if words[i].group().lower() in vocabulary.DOCUMENT_WORDS
        ),
        None,
    )
    first = len(words) - 1 if document is None else document
    while first > 0:
        before = words[first - 1].group()
        if _bounds(before):
            # "Getting our Priorities Right (2012)"
            if first < 2 or before not in _WITHIN_NAMES or not _is_name(words, first):
                break
            first -= 1
        first -= 1
    if document is None and _bounds(words[first].group()):
        return None
    return words[first].start()


def _is_name(words: list[re.Match[str]], i: int) -> bool:
    return words[i].group()[0].isupper() and words[i - 2].group()[0].isupper()


def _bounds(word: str) -> bool:
    return word.strip("“”‘’\"'").lower() in vocabulary.TITLE_BOUNDARIES
