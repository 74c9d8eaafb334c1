"""Files of every format with the faults that files have: none does harm beside a good one."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search import corpus, documents
from evidence_search.analysis import Analyzer
from evidence_search.errors import CorpusError
from evidence_search.evaluation import read_topics
from evidence_search.importing.formats import FORMATS
from evidence_search.index import EvidenceIndex
from evidence_search.records import from_dict, to_dict
from evidence_search.render import formats_of, render
from tests.conftest import FULL, extent
from tests.effort import ceiling, is_linear
from tests.test_reliability import page, small, titles

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["small"]  # a fixture

ANALYZER = Analyzer()
ENDINGS = sorted({"txt", "html"}.union(*(form.endings for form in FORMATS)))

# Values of other types, shapes and sizes than a field expects.
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=20),
        st.sampled_from(
            ["2011", "2011-13-45", "10.1/x", "Smith, J", "  ", "[1", "{", "}" * 9, "\\" * 9, "K",
             "Z", "javascript:a", "\x1b[31m", "\ud800", "\u202e", "=1+1", "and " * 9, "9" * 5000]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
NAMES = st.sampled_from(
    """id title source matrix cell categories year year_end publisher jurisdictions inferences
    summary related references notes furniture links authors journal doi url keywords type author
    issued container-title abstract DOI URL editor page volume date-parts family given literal raw
    names ids extra""".split()
)
OBJECTS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=8).map(
    lambda fields: {"title": "A", **fields}
)
TAGS = st.sampled_from(
    """TI AU PY AB KW DO UR JO T2 ER TY PMID FAU MH DP LID PT UT DE SO title author year keywords
    abstract crossref month url doi @article{a, @string{a= @comment{ %0 %T %A %D <record> <title>
    </title> </record> <1> FN VR EF ]]> <!--""".split()
)
SIGNS = st.sampled_from(
    ["  - ", "- ", " - ", " = ", "={", "},", "}", "{", '"', "#", ",", ";", "\t", "\n", "\r", "  ",
     "\n\n", "\ufeff", "\x00", "(", ")", " (2011). ", "K ", "See also ", "[UK] ", "&#0;", "<p>"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["Zebras", "2011", "Smith, J and Doe, A", "Drug Treatment Matrix cell A1: X; Y\n\n",
     "TY  - JOUR\nTI  - T\n", "PMID- 1\nTI  - T\n", "title,year\n", "@book{b, title={T}}\n",
     "é\u0301", "\\'{e}", "$x$", "10.1/x", "http://e.org", "Home Office"]
)  # fmt: skip
LOOSE = st.lists(st.one_of(TAGS, SIGNS, WORDS, st.text(max_size=5)), max_size=30).map("".join)
JSON = st.one_of(
    OBJECTS.map(json.dumps),
    st.lists(OBJECTS, max_size=3).map(json.dumps),
    st.lists(OBJECTS, max_size=3).map(lambda many: "\n".join(map(json.dumps, many))),
    st.lists(st.tuples(NAMES, VALUES.map(json.dumps) | st.text(max_size=9)), max_size=8).map(
        lambda cells: "title," + ",".join(name for name, _ in cells) + "\nA,"
        + ",".join('"' + value.replace('"', '""') + '"' for _, value in cells)
    ),
)  # fmt: skip


@settings(max_examples=1000 if FULL else 60)
@given(st.one_of(LOOSE, JSON), st.sampled_from(ENDINGS))
def test_a_file_of_any_format_is_read_indexed_and_exported_or_reported(
    text: str, ending: str
) -> None:
    records, problems = corpus.parse_file(text.encode("utf-8", "surrogatepass"), f"a.{ending}")
    for problem in problems:
        assert problem.code != corpus.FAILED, problem
        assert "\n" not in str(problem)
    for record in records:
        documents.document(record, ANALYZER)
        assert from_dict(json.loads(json.dumps(to_dict(record)))) == record
    for form in formats_of("records"):
        for piece in render("records", form, records):
            assert isinstance(piece, bytes) or piece.encode() is not None


REPEATED: dict[str, Callable[[int], str]] = {
    "a.txt": lambda n: f"Drug Treatment Matrix cell A1: X; Y\n\nK A (2011). {'prison ' * n}.\n",
    "b.txt": lambda n: f"Drug Treatment Matrix cell A1: X; Y\n\nK A (2011). {'é' * n}.\n",
    "a.bib": lambda n: "@book{a, title={A}, author={B" + " " * n + "and C}, year=2011}\n",
    "b.bib": lambda n: "@book{a, title={A}, keywords={B" + " " * n + ", C}, year=2011}\n",
    "c.bib": lambda n: "@book{a, title={A}, year=2011}" * n,
    "d.bib": lambda n: "@book{a, title={A}, " + "x={1}, " * n + "year=2011}\n",
    "a.ris": lambda n: "TY  - JOUR\nTI  - A\nPY  - 2011\n" + "KW  - a\n" * n + "ER  - \n",
    "b.ris": lambda n: "TY  - JOUR\nTI  - A\nPY  - 2011\nAB  - b\n" + "c d\n" * n + "ER  - \n",
    "a.nbib": lambda n: "PMID- 1\nTI  - A\nDP  - 2011\nAB  - b\n" + "      c\n" * n,
    "a.ciw": lambda n: "FN X\nVR 1.0\nPT J\nTI A\nPY 2011\nAB b\n" + "   c\n" * n + "ER\n",
    "a.ovd": lambda n: "<1. >\nTI  - A\nYR  - 2011\nAB  - b\n" + "      c\n" * n,
    "c.txt": lambda n: "<1>\nTitle\n  A\nAbstract\n  b\n" + "  c\n" * n,
    "d.txt": lambda n: "Record #1 of 1\nTI: A\nYR: 2011\nAB: b\n" + "c\n" * n,
    "a.enw": lambda n: "%0 Book\n%T A\n%D 2011\n%X b\n" + "c\n" * n,
    "a.csv": lambda n: "title,authors,year\nA,\"" + "Smith, J; " * n + '",2011\n',
    "a.jsonl": lambda n: json.dumps({"title": "A", "year": 2011, "keywords": ["a"] * n}) + "\n",
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATED)
def test_what_is_repeated_takes_linear_time(name: str) -> None:
    def read(size: int) -> None:
        records, problems = corpus.parse_file(REPEATED[name](size).encode(), name)
        assert records
        assert corpus.FAILED not in {problem.code for problem in problems}
        for record in records:
            documents.document(record, ANALYZER)

    assert is_linear(read, 60)
    with ceiling():
        read(10_000)


def test_a_word_repeated_in_one_record_is_searched_in_linear_time(
    small: Path, tmp_path: Path
) -> None:
    page(small, "c.txt", f"K Mules (2015). {'prison ' * 60_000}.")
    with EvidenceIndex(small, tmp_path / "index") as index, ceiling():
        index.refresh()
        for query in ("prison", '"prison prison"', '"prison prison"~5', "prison NEAR/9 mules"):
            index.search(query)
        assert titles(index, "prison") == {"Mules"}
        index.explain('"prison stripes"~9', index.search("prison")[0].record)


def test_a_record_larger_than_the_limit_is_reported_and_left_out(
    small: Path, tmp_path: Path
) -> None:
    page(small, "c.txt", "K Mules (2015). Loads.", f"K Long (2016). {'prison ' * 150_000}.")
    with EvidenceIndex(small, tmp_path / "index") as index:
        (problem,) = index.refresh().problems
        assert str(problem).startswith("c.txt:5:")
        assert "at most 1000000 characters" in problem.message
        assert titles(index, "loads prison") == {"Mules"}


def test_a_page_larger_than_the_limit_is_reported_and_its_pictures_do_not_count() -> None:
    page = f"Drug Treatment Matrix cell A1: X; Y\n\nK A (2011). B. {' ' * 5_000_000}"
    records, (problem,) = corpus.parse_file(page.encode(), "a.txt")
    assert (records, problem.code) == ((), "too-large")
    saved = (
        "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
        "<p>Drug Treatment Matrix cell A1</p><p>K A (2011). B.</p>\n--b\n"
        f"Content-Type: image/png\n\n{'A' * 5_000_000}\n--b--\n"
    )
    (record,), _ = corpus.parse_file(saved.encode(), "a.mhtml")
    assert record.title == "A"


@pytest.mark.parametrize("values", ["1," * 100_000, "[]," * 100_000, '{"a":1},' * 60_000])
def test_an_object_of_very_many_values_is_reported_and_costs_no_other(values: str) -> None:
    good = '{"title":"Zebras","year":2011}'
    text = f'[{{"title":"A","x":[{values}1]}},\n{good}]'
    (record,), (problem,) = corpus.parse_file(text.encode(), "a.json")
    assert record.title == "Zebras"
    assert problem.message == "expected a JSON object: it has more than 100000 values"


@pytest.mark.parametrize(("more", "read"), [(0, 1), (1, 0)])
def test_an_object_may_have_a_hundred_thousand_values_and_no_more(more: int, read: int) -> None:
    listed = ",".join("1" * (100_000 - 3 + more))  # beside it are two values and the object
    text = f'{{"title": "A", "year": 2001, "x": [{listed}]}}'
    records, problems = corpus.parse_file(text.encode(), "a.json")
    assert (len(records), len(problems)) == (read, 1 - read)


GOOD_OBJECT = '{"title": "Zebras", "year": 2011}'


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('{"title": "A", "x": ' + "[" * 65 + "]" * 65 + "}", "it has more than 64 levels"),
        ('{"title": "A", "x": [1, 2}', "No end"),
        ('{"title": "A", "x": "never ends}', "line 1 column"),
        ('{"title": "A" "year": 2011}', "Expecting ',' delimiter"),
    ],
    ids=["deep", "mismatched", "unended", "without a comma"],
)
@pytest.mark.parametrize(
    ("name", "form"),
    [("a.json", "[{},\n{}]"), ("a.json", '{{"items": [{},\n{}]}}'), ("a.jsonl", "{}\n{}\n")],
    ids=["array", "wrapper", "lines"],
)
def test_a_bad_object_of_json_costs_no_other(bad: str, said: str, name: str, form: str) -> None:
    records, problems = corpus.parse_file(form.format(bad, GOOD_OBJECT).encode(), name)
    assert [(record.title, record.source.line) for record in records] == [("Zebras", 2)]
    assert any(said in problem.message for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "[" * extent(40_000),
        '{"a":' * extent(40_000),
        '{"data":' * extent(40_000) + "1" + "}" * extent(40_000),
        '{"a":\n' * extent(40_000),
        '{"items": [' + "[]," * 200_000 + GOOD_OBJECT + "]}",
        '{"title": "A", "x": [' + "{},[]," * extent(60_000),
        "\n".join(['{"title": "A", "x": ["'] * extent(5_000)),
    ],
    ids="brackets objects wrappers lines items unended strings".split(),
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_brackets_of_json_take_no_more_memory_than_a_few_times_the_file(
    text: str, name: str
) -> None:
    corpus.parse_file(b"{}", name)  # imports
    tracemalloc.start()
    try:
        _, problems = corpus.parse_file(text.encode(), name)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert corpus.FAILED not in {problem.code for problem in problems}
    assert most < 4 * len(text) + 4_000_000


def workbook(name: str, changes: dict[str, str]) -> bytes:
    """Return a workbook with one record, in one of whose parts texts stand for others."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    for row in (["title", "year"], ["Zebras", 2011]):
        sheet.append(row)
    whole, changed = io.BytesIO(), io.BytesIO()
    book.save(whole)
    packed = zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(whole) as before, packed as after:
        for part in before.namelist():
            text = before.read(part).decode()
            for old, new in changes.items() if part == name else ():
                assert old in text
                text = text.replace(old, new)
            after.writestr(part, text)
    return changed.getvalue()


def test_a_workbook_that_claims_to_be_vast_is_read_as_what_it_holds() -> None:
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = "xl/worksheets/sheet1.xml"
    data = workbook(
        sheet,
        {'ref="A1:B2"': 'ref="A1:XFD1048576"', "</sheetData>": f"{far}</sheetData>"},
    )
    with ceiling():
        (record,), (problem,) = corpus.parse_file(data, "a.xlsx")
    assert record.title == "Zebras"
    assert "found 16384" in problem.message


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", "</cellXfs>", "<xf/>" * 400_001 + "</cellXfs>"),
        ("xl/worksheets/sheet1.xml", "</sheetData>", " " * 200_000_000 + "</sheetData>"),
    ],
    ids=["formats", "size"],
)
def test_a_workbook_that_unpacks_to_too_much_is_reported(part: str, old: str, new: str) -> None:
    with ceiling():
        records, (problem,) = corpus.parse_file(workbook(part, {old: new}), "a.xlsx")
    assert not records
    assert "expected at most" in problem.message


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("a.jsonl", "{}\n", GOOD_OBJECT),
        ("a.bib", "@book{a, year=2011}\n", "@book{b, title={Zebras}, year=2011}\n"),
        ("a.csv", "title,year,authors\n", "Zebras,2011,\n"),
    ],
)
def test_of_very_many_bad_entries_some_are_told_and_the_rest_counted(
    name: str, bad: str, good: str
) -> None:
    text = bad + ",2011,\n" * 2500 if name == "a.csv" else bad * 2500
    (record,), problems = corpus.parse_file((text + good).encode(), name)
    assert record.title == "Zebras"
    assert len(problems) == 1001
    assert "1500 more" in problems[-1].message


def test_one_entry_has_few_problems_however_many_parentheses_it_leaves_open() -> None:
    text = f"Drug Treatment Matrix cell A1: X; Y\n\nK A (2011). B {'(' * 10_000}"
    _, problems = corpus.parse_file(text.encode(), "a.txt")
    assert 1 <= len(problems) < 20


DOUBLED = "@string{a0 = {0123456789}}\n" + "".join(
    f"@string{{a{n + 1} = a{n} # a{n}}}\n" for n in range(60)
)
GOOD = "@article{good, title = {Zebras}, year = 2011}\n"


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(DOUBLED, id="strings that double"),
        pytest.param(
            f"@string{{a = {{{'x' * 100_000}}}}}\n@book{{b, title = {' # '.join('a' * 1000)}}}\n",
            id="a string many times",
        ),
        pytest.param(
            f"@string{{a = {{{'x' * 100_000}}}}}\n"
            + "".join(f"@book{{b{n}, title = {{B}}, note = a}}\n" for n in range(500)),
            id="a string in many entries",
        ),
        pytest.param(
            f"@book{{p, title = {{P}}, year = 2011, abstract = {{{'word ' * 20_000}}}}}\n"
            + "".join(f"@inbook{{c{n}, title = {{C{n}}}, crossref = {{p}}}}\n" for n in range(500)),
            id="many children of a long parent",
        ),
    ],
)
def test_what_bibtex_says_once_and_uses_often_has_a_limit(bad: str) -> None:
    with ceiling():
        records, problems = corpus.parse_file((bad + GOOD).encode(), "a.bib")
    assert "Zebras" in {record.title for record in records}
    assert {p.code for p in problems if p.severity == "error"} == {"bad-entry"}


def test_topics_that_never_end_or_never_begin_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="can't be read: a line is larger than"):
        read_topics(Path("/dev/zero"))
    os.mkfifo(tmp_path / "pipe.tsv")
    with pytest.raises(CorpusError, match="expected topics"):
        read_topics(tmp_path / "pipe.tsv")


def test_an_entry_of_bibtex_that_is_too_long_to_decode_is_reported() -> None:
    long = f"@book{{a, title = {{A}}, abstract = {{{'{}' * 500_001}}}, year = 2011}}\n"
    with ceiling():
        (record,), (problem,) = corpus.parse_file((long + GOOD).encode(), "a.bib")
    assert record.title == "Zebras"
    assert problem.message.startswith("expected at most 1000000 characters")
