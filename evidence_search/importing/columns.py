"""Names of columns and keys, as databases and tools write them, and cells to values."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evidence_search.importing.entries import Fields, split_names
from evidence_search.patterns import lazy_pattern
from evidence_search.spreadsheet import from_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_SOURCES = "source"
_KEPT = "-"


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[str, int]]:
    """Return our field for each name of ``columns.tsv``, and its rank: 0 is the likeliest."""
    names: dict[str, tuple[str, int]] = {}
    text = (Path(__file__).parent / "columns.tsv").read_text(encoding="utf-8")
    for row in text.splitlines():
        field, _, synonyms = row.partition("\t")
        if not field.startswith("#"):
            names.update((name, (field, i)) for i, name in enumerate(synonyms.split("; ")))
    return names


_LISTED = frozenset(
    {"keywords", "author", "editor", "ids", "categories", "jurisdictions", "labels"}
)
_DATABASES = lazy_pattern(
    r"(?:scopus|pubmed|medline|med|embase|web of science|cinahl|psyc\w+|cochrane.*|central|eric|"
    r"google scholar|crossref|openalex|dimensions|wos|lens(?:\.org)?|proquest|ebsco\w*|ovid\w*)",
    re.IGNORECASE,
)
_HYPERLINK = lazy_pattern(
    r'=\s*HYPERLINK\s*\(\s*"([^"]*)"\s*(?:[,;]\s*"([^"]*)"\s*)?\)\s*$', re.IGNORECASE
)
_QUOTED = lazy_pattern(r'="(.*)"$', re.DOTALL)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """Return the name of a column without case, punctuation and underscores."""
    return " ".join(re.sub(r"[\W_]+", " ", name).lower().split())


_CAPITAL = lazy_pattern(r"(?<=[a-z])(?=[A-Z])")
_AROUND = lazy_pattern(
    r"(?:(?:journal(?:info)?|source|host|venue|publication|biblio\w*|metadata|attributes|"
    r"(?:external_?)?ids?|identifiers?)\.)+",
    re.IGNORECASE,
)
"""What objects are called in JSON that hold some of a work's details."""
_DETAILS = frozenset(
    "doi pmid pmcid volume issue pages start end article-number issn eissn isbn year date".split()
)


@lru_cache(maxsize=4096)
def _field(name: str) -> tuple[str, int]:
    """Return our field for the name of a column, or the name as it is; and how likely it is."""
    field, rank = _known(name) or (_KEPT, 0)
    return (name.strip(), 0) if field == _KEPT else (field, rank)


def _known(name: str) -> tuple[str, int] | None:
    """Return our field for a name that some program writes, and how likely it is; else ``None``.

    "PublicationYear" is "publication year", and "journal.volume" of JSON the volume.
    """
    known = _named(name)
    around = None if known else _AROUND.match(name)
    if around:
        known = _named(name[around.end() :])
        return known if known and known[0] in _DETAILS else None
    return known


def _named(name: str) -> tuple[str, int] | None:
    return _names().get(_plain(name)) or _names().get(_plain(_CAPITAL.sub(" ", name)))


def column_field(name: str) -> str:
    """Return our field for the name of a column, or the name as it is."""
    return _field(name)[0]


def is_known(name: str) -> bool:
    """Tell whether a column is one that some program writes."""
    plain = _plain(name)
    return plain == _SOURCES or not plain or _known(name) is not None


def given_first(header: Collection[str]) -> bool:
    """Tell whether a table has authors as "Jo Smith", as those of Lens and OpenAlex."""
    return bool(_GIVEN_FIRST & set(map(_plain, header)))


_GIVEN_FIRST = frozenset({"author s", "authorships", "authorships author display name"})


def table_fields(cells: Sequence[tuple[str, Any]], header: Collection[str]) -> Fields:
    """Return the fields of a row, of several columns for one field the likeliest first."""
    ranked: dict[str, list[tuple[int, Any]]] = {}
    for name, value in cells:
        if value in (None, "", [], {}):
            continue
        if _plain(name) == _SOURCES:
            field, rank = _source_field(value, header)
        else:
            field, rank = _field(name)
        ranked.setdefault(field, []).extend((rank, part) for part in _values(field, value))
    fields = {
        field: [value for _, value in sorted(values, key=lambda item: item[0])]
        for field, values in ranked.items()
    }
    ranks = [rank for rank, _ in ranked.get("author", [])]
    if len(set(ranks)) > 1:  # Scopus and Web of Science have them in full and in short
        best = min(ranks)
        fields["author"] = [value for rank, value in ranked["author"] if rank == best]
    return fields


def _source_field(value: Any, header: Collection[str]) -> tuple[str, int]:
    """Return what "Source" is: the database, the journal, or where a journal stands, a citation."""
    if _DATABASES.fullmatch(str(value).strip()):
        return "database", 0
    others = {column_field(name) for name in header if _plain(name) != _SOURCES}
    return ("citation", 0) if "journal" in others else ("journal", 9)


def _values(field: str, value: Any) -> list[Any]:
    """Return the values in a cell, or of a key: names and keywords one by one."""
    if isinstance(value, list) and field not in {"title", "summary"}:
        return [_item(part) for part in value]
    if not isinstance(value, str):
        return [_item(value)]
    value = _without_formula(field, from_cell(value.strip()))
    if field == "url":
        return [part.strip() for part in value.split("; ")]
    return _listed(field, value) if field in _LISTED else [value]


def _without_formula(field: str, value: str) -> str:
    """Return the text, or for an address the link, of one of Excel's formulas that hold text."""
    linked = _HYPERLINK.match(value)
    if linked:
        return linked[1] if field == "url" or not linked[2] else linked[2]
    quoted = _QUOTED.match(value)
    return quoted[1] if quoted else value


def _listed(field: str, value: str) -> list[Any]:
    if value.startswith("["):
        try:
            parts = json.loads(value)
        except (ValueError, RecursionError):
            parts = None
        if isinstance(parts, list):
            return [_item(part) for part in parts]
    if field in {"author", "editor"}:
        return list(split_names(value))
    mark = next((mark for mark in (";", "|", "\n") if mark in value), ",")
    return [part.strip() for part in value.split(mark)]


def _item(value: Any) -> Any:
    """Return a value of a list; of an object of ours or another's, its name where it has one."""
    if isinstance(value, dict):
        for key in ("display_name", "name", "tag", "label", "value", "url"):
            if isinstance(value.get(key), str):
                return value[key]
        author = value.get("author")
        if isinstance(author, dict):
            return _item(author)
    return value
