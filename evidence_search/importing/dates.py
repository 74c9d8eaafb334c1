"""Dates as files write them: the year or years, and the day as far as it can be told."""

from __future__ import annotations

from evidence_search.patterns import lazy_pattern

_YEARS = lazy_pattern(
    r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)(?:\s?(?:–|--?|/)\s?(1[5-9]\d\d|20\d\d)(?!\d))?"
)
_COMPACT = lazy_pattern(r"(?<!\d)(1[5-9]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_ISO = lazy_pattern(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?=$|\D)")
_INTERVAL = lazy_pattern(r"(\d{4}(?:-\d\d){0,2})/(\d{4}(?:-\d\d){0,2})")
_DAY_FIRST = lazy_pattern(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?!\d)")
_MONTH = lazy_pattern(r"[^\W\d_]{3,}")
_DAY = lazy_pattern(r"(?<!\d)([12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?!\d)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov",
         "dec dez"), 1,
    )
    for name in names.split()
}  # fmt: skip


def years(text: str) -> tuple[int | None, int | None]:
    """Return the first year of a text, and the last of a range of years."""
    match = _COMPACT.search(text)
    if match:
        return int(match[1]), None
    match = _INTERVAL.fullmatch(text.strip())
    if match:
        first, last = int(match[1][:4]), int(match[2][:4])
        return first, last if last > first else None
    match = _YEARS.search(text)
    if not match:
        return None, None
    first, last = int(match[1]), int(match[2] or 0)
    return first, last if last > first else None


def date(text: str) -> str | None:
    """Return a date as ISO 8601, or as written where it tells more than a year; else ``None``.

    An interval of ISO 8601, "2010-05/2011-02", stays one.
    """
    text = " ".join(text.split())
    match = _INTERVAL.fullmatch(text)
    if match:
        ends = [date(end) or end for end in match.groups()]
        return "/".join(ends) if any("-" in end for end in ends) else None
    match = _COMPACT.search(text)
    if match:
        return _joined(match[1], int(match[2]), int(match[3]))
    match = _ISO.match(text)
    if match:
        return _joined(match[1], int(match[2]), int(match[3] or 0))
    match = _DAY_FIRST.match(text)
    if match:
        day, month = int(match[1]), int(match[2])
        if day > 12 or day == month:
            return _joined(match[3], month, day)
        return _joined(match[3], day, month) if month > 12 else text
    year = _YEARS.search(text)
    if not year or year[2]:
        return None
    rest = text[: year.start()] + " " + text[year.end() :]
    words = _MONTH.findall(rest)
    named = [_MONTHS.get(word[:3].lower()) for word in words]
    days = _DAY.findall(rest)
    if len(words) == 1 and named[0] and len(days) <= 1:
        return _joined(year[1], named[0], int(days[0]) if days else 0)
    telling = len(text) < 40 and len(words) <= 3 and any(map(_known, words))
    return text if telling else None


def _known(word: str) -> bool:
    return word.lower() in _SEASONS or word[:3].lower() in _MONTHS


_SEASONS = frozenset("spring summer autumn fall winter quarter".split())


def _joined(year: str, month: int, day: int) -> str | None:
    if not 1 <= month <= 12:
        return None
    if not 1 <= day <= 31:
        return f"{year}-{month:02}"
    return f"{year}-{month:02}-{day:02}"
