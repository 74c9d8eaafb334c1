"""Records and counts as data frames; the only door to pandas and polars.

A frame has one row a record and one type a column, whatever the records hold:
text, whole numbers that may be missing, and lists of text.  What is itself a
record (related documents, cross-references, links) stays with the records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from evidence_search.errors import MissingExtraError, QueryError
from evidence_search.records import to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    import polars as pl

    from evidence_search.records import StudyRecord

LIBRARIES = {"pandas": "notebook", "polars": "polars"}
"""The libraries that make frames, and the extra that installs each."""

RECORD_COLUMNS: dict[str, type] = {
    "id": str, "title": str, "categories": list, "year": int, "year_end": int, "publisher": str,
    "jurisdictions": list, "summary": str, "matrix": str, "cell": str, "column": str, "row": str,
    "notes": list, "authors": list, "journal": str, "doi": str, "url": str, "keywords": list,
    "editors": list, "type": str, "date": str, "volume": str, "issue": str, "pages": str,
    "place": str, "language": str, "issn": str, "isbn": str, "pmid": str, "pmcid": str,
    "ids": list, "urls": list, "database": str, "accession": str, "labels": list,
    "lists": list, "file": str, "line": int,
}  # fmt: skip
"""The columns of a frame of records; ``list`` is a list of text."""

HIT_COLUMNS: dict[str, type] = {"rank": int, "score": float, **RECORD_COLUMNS, "snippet": str}
"""The columns of a frame of hits."""


@overload
def to_frame(
    records: Iterable[StudyRecord], library: Literal["pandas"] = "pandas"
) -> pd.DataFrame: ...
@overload
def to_frame(records: Iterable[StudyRecord], library: Literal["polars"]) -> pl.DataFrame: ...
def to_frame(
    records: Iterable[StudyRecord], library: Literal["pandas", "polars"] = "pandas"
) -> pd.DataFrame | pl.DataFrame:
    """Return records as a data frame of pandas or polars, one row a record; see :func:`frame`."""
    return frame(map(row, records), RECORD_COLUMNS, library)


def row(record: StudyRecord) -> dict[str, Any]:
    """Return the values of ``RECORD_COLUMNS`` for a record."""
    values = {**to_dict(record), "file": record.source.path, "line": record.source.line}
    values["lists"] = list(dict.fromkeys(one.name for one in record.lists))
    return {name: values[name] for name in RECORD_COLUMNS}


def frame(
    rows: Iterable[Mapping[str, Any]], columns: Mapping[str, type], library: str = "pandas"
) -> Any:
    """Return a frame with those columns.

    Types in pandas: ``string``, ``Int64``, ``float64``, and ``object`` for
    lists; in polars: ``String``, ``Int64``, ``Float64`` and ``List(String)``.
    Raises :class:`MissingExtraError` and, for another library, :class:`QueryError`.
    """
    values = list(rows)
    series = {name: [value[name] for value in values] for name in columns}
    if library == "pandas":
        return _pandas(series, columns)
    if library == "polars":
        return _polars(series, columns)
    raise QueryError(f"expected a library of {', '.join(LIBRARIES)}; found {library!r}")


def _pandas(series: Mapping[str, Sequence[Any]], columns: Mapping[str, type]) -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise MissingExtraError("pandas", LIBRARIES["pandas"]) from None
    types = {str: "string", int: "Int64", float: "float64", list: "object"}
    return pd.DataFrame(
        {name: pd.Series(series[name], dtype=types[kind]) for name, kind in columns.items()}
    )


def _polars(series: Mapping[str, Sequence[Any]], columns: Mapping[str, type]) -> Any:
    try:
        import polars as pl
    except ImportError:
        raise MissingExtraError("polars", LIBRARIES["polars"]) from None
    types = {str: pl.String, int: pl.Int64, float: pl.Float64, list: pl.List(pl.String)}
    return pl.DataFrame(series, schema={name: types[kind] for name, kind in columns.items()})
