"""Files of reference managers, and our own exports, read into the same records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence_search.corpus import parse_file
from evidence_search.records import Category, Source, StudyRecord
from evidence_search.render import exporter
from evidence_search.values import replace

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex

RIS = """TY  - JOUR
TI  - Zebras in Scottish clinics
AU  - Smith, Jo
AU  - Doe, Al
PY  - 2010/03/01
AB  - Stripes, and what they did.
KW  - key study
KW  - stripes
T2  - Journal of Zebras
DO  - 10.1000/z
UR  - https://example.org/z
ER  -

TY  - RPRT
TI  - Untended
PB  - Ministry of Justice
ER  -
"""
BIBTEX = """@article{z,
  title = {{Zebras} in Scottish clinics},
  author = {Smith, Jo and Doe, Al},
  year = 2010,
  abstract = {Stripes, and what they did.},
  keywords = {key study, stripes},
  journal = {Journal of Zebras},
  doi = {10.1000/z},
  url = {https://example.org/z}
}
@article{broken, title = {never closed
"""
NBIB = """PMID- 123
TI  - Zebras in Scottish
      clinics
FAU - Smith, Jo
FAU - Doe, Al
DP  - 2010 Mar
JT  - Journal of Zebras
AB  - Stripes, and what they did.
OT  - key study
OT  - stripes
AID - 10.1000/z [doi]
"""
CSV = (
    "Title,Authors,Publication Year,Abstract,Keywords,Journal,DOI,Url\r\n"
    '"Zebras in Scottish clinics","Smith, Jo; Doe, Al",2010,"Stripes, and what they did.",'
    "key study; stripes,Journal of Zebras,10.1000/z,https://example.org/z\r\n"
)


def read(text: str, path: str) -> tuple[tuple[StudyRecord, ...], list[str]]:
    records, problems = parse_file(text.encode(), path)
    return records, [f"{p.source.line} {p.code}" for p in problems]


@pytest.mark.parametrize(
    ("text", "path"), [(RIS, "a.ris"), (RIS, "a.txt"), (BIBTEX, "a.bib"), (NBIB, "a.nbib"),
                       (CSV, "a.csv")],
)  # fmt: skip
def test_an_entry_has_the_same_fields_in_every_format(text: str, path: str) -> None:
    record = read(text, path)[0][0]
    assert record.title == "Zebras in Scottish clinics"
    assert (record.year, record.doi, record.journal) == (2010, "10.1000/z", "Journal of Zebras")
    assert record.authors == ("Smith, Jo", "Doe, Al")
    assert record.summary == "Stripes, and what they did."
    assert record.keywords == ("key study", "stripes")
    assert record.categories == (Category.KEY,)
    assert record.jurisdictions == ("Scotland",)


def test_lines_and_problems_say_where() -> None:
    records, problems = read(RIS, "a.ris")
    assert [r.source.line for r in records] == [1, 14]
    assert problems == ["14 no-year"]
    assert records[1].categories == ()
    assert read(BIBTEX, "a.bib")[1][0].endswith("bad-entry")


@pytest.mark.parametrize("name", ["jsonl", "json", "csv", "tsv"])
def test_our_exports_are_read_back_without_loss(e5: EvidenceIndex, name: str) -> None:
    odd = StudyRecord(
        "x-1", title="=cmd|' /C calc'!A0", source=Source("a", 1), year=2010, year_end=2012,
        authors=("A; B", "[x"), keywords=("'=1",),
        notes=("-", ""), summary="'+1\nline\ttab \"q\"", categories=(Category.REVIEW,),
    )  # fmt: skip
    records = [*e5.records, odd]
    text = "".join(exporter(name)(records))
    back, problems = read(text, f"x.{name}")
    assert problems == []
    assert [_placeless(r) for r in back] == [_placeless(r) for r in records]


def _placeless(record: StudyRecord) -> StudyRecord:
    nowhere = Source("", 1)
    related = tuple(replace(d, source=None) for d in record.related)
    return replace(record, source=nowhere, related=related)


@pytest.mark.parametrize(
    ("text", "path"),
    [("[1", "a.json"), ("[" * 100_000, "a.json"), ("nope\n", "a.jsonl"), ("a,b\n1,2\n", "a.csv"),
     ('title\n"x', "a.csv"), ("title\nx,y\n", "a.csv"), ("", "a.ris"), ("", "a.nbib"),
     ('{"title": ["x"]}', "a.jsonl"), ('{"title": "x", "category": "Z"}', "a.jsonl"),
     ('{"id":1,"title":2,"inferences":3,"furniture":4}', "a.jsonl")],
)  # fmt: skip
def test_a_bad_file_is_a_problem_and_never_an_exception(text: str, path: str) -> None:
    records, problems = read(text, path)
    assert records == ()
    assert problems
