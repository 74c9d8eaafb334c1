"""What the fuzzers run, apart from atheris, so that the test suite can run it on old failures.

A target takes bytes, and raises where the program does what it mustn't.  There is one for
queries, one for each reader of records, strategies, topics and logs, one for each of the other
files of a corpus, and one for whatever a file of it may be.
"""

from __future__ import annotations

import io
import re
import tempfile
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from evidence_search import corpus, documents, history
from evidence_search.analysis import Analyzer
from evidence_search.dialects import DIALECTS
from evidence_search.errors import (
    CorpusError,
    HistoryError,
    QueryError,
    StrategyError,
    ThesaurusError,
)
from evidence_search.importing.formats import FORMATS
from evidence_search.index import EvidenceIndex
from evidence_search.merging import decisions
from evidence_search.query import parse, to_text
from evidence_search.records import from_dict, to_dict
from evidence_search.render import render

if TYPE_CHECKING:
    from collections.abc import Callable

    from evidence_search.importing.formats import Format
    from evidence_search.strategies.execution import StrategyRun

ROOT = Path(__file__).parents[2]
_ANALYZER = Analyzer()
_FEW = 20


@cache
def _index() -> EvidenceIndex:
    index = EvidenceIndex(ROOT / "corpus", Path(tempfile.mkdtemp()))
    index.refresh()
    return index


def query(data: bytes) -> None:
    """Parse a query, print its tree back, and search cell E5."""
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    tree = parse(text).tree
    assert parse(to_text(tree)).tree == tree
    for option in ("exact", "every_word", "strict"):
        try:
            _index().search(text, limit=3, **{option: True})  # type: ignore[arg-type]
        except QueryError:
            assert option == "strict"


def file(data: bytes, name: str = "page") -> None:
    """Read a file of a corpus, index its records, and take them through our own format."""
    records, problems = corpus.parse_file(data, name)
    for problem in problems:
        assert problem.code != corpus.FAILED, problem
        assert "\n" not in str(problem)
        str(problem).encode("utf-8", "surrogatepass")
    for record in records:
        documents.document(record, _ANALYZER)
        assert from_dict(to_dict(record)) == record
    for form in ("jsonl", "ris", "bibtex", "csv"):
        "".join(render("records", form, records)).encode()


def reader(data: bytes, form: Format) -> None:
    """Read text with one reader, whatever it looks like, and then as a file of its kind."""
    for entry in form.read(data.decode("utf-8", "replace")):
        assert entry.line >= 1
    file(data, f"page.{min(form.endings, default='txt')}")


def thesaurus(data: bytes) -> None:
    """Read a thesaurus."""
    from evidence_search.thesaurus.reading import read_thesaurus

    with suppress(ThesaurusError):
        read_thesaurus(data.decode("utf-8", "replace"), "thesaurus.toml")


def strategy(data: bytes, dialect_name: str) -> None:
    """Read a strategy, and write it in each language."""
    from evidence_search.strategies.strategy import read_strategy
    from evidence_search.strategies.translation import translated

    with suppress(StrategyError):
        read = read_strategy(data.decode("utf-8", "replace"), dialect_name=dialect_name)
        for target in DIALECTS:
            assert len(list(translated(read, target))) == len(read.lines)


def merged(data: bytes) -> None:
    """Read decisions on duplicates; a line is a decision or a problem, or says nothing."""
    text = data.decode("utf-8", "replace")
    found, problems = decisions.parse(text)
    assert len(found.lines) + len(problems) <= len(text.splitlines())
    for decision in found.lines:
        decisions.parse(decisions.changed(text, decision))


def papers(data: bytes) -> None:
    """Read known papers, and hold a strategy against them."""
    from evidence_search.strategies.recall import read_papers, recall

    for name in ("papers.ris", "papers.csv", "papers.jsonl"):
        with suppress(StrategyError):
            known = read_papers(_written(data, name))[:_FEW]
            assert len(recall(_run(), _index(), known).papers) == len(known)


@cache
def _run() -> StrategyRun:
    from evidence_search.strategies.execution import run_strategy
    from evidence_search.strategies.strategy import read_strategy

    return run_strategy(_index(), read_strategy("1. prison\n2. alcohol\n3. 1 and 2"))


def saved(data: bytes) -> None:
    """Look at a saved search."""
    folder = history.saved_folder(ROOT / "corpus")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fuzzed.json"
    path.write_bytes(data)
    try:
        with suppress(HistoryError, QueryError):
            history.run_saved(_index(), "fuzzed")
    finally:
        path.unlink()  # other tests look at what is saved


def address(data: bytes) -> None:
    """Ask what an address of the page asks for; it is the address of what is asked."""
    from urllib.parse import parse_qsl

    from evidence_search.web.asked import Asked

    with suppress(QueryError):
        asked = Asked.of(parse_qsl(data.decode("utf-8", "replace")))
        query = asked.address().partition("?")[2]
        assert Asked.of(parse_qsl(query)) == asked
        _index().search(asked.search, limit=3, offset=asked.offset)


def settings(data: bytes) -> None:
    """Read the settings of a corpus."""
    from evidence_search.settings import read_settings

    with suppress(CorpusError):
        read_settings(_written(data, corpus.SETTINGS).parent)


def topics(data: bytes) -> None:
    """Read topics, as lines, as JSON, and as judgements."""
    from evidence_search.evaluation import read_topics

    lines = _written(data, "topics.tsv")
    with suppress(CorpusError):
        read_topics(lines)
    for path in (lines, _written(data, "queries.jsonl")):
        with suppress(CorpusError):
            read_topics(path, lines)


def log(data: bytes) -> None:
    """Read a log of searches."""
    for past in history.read_log(_written(data, "log.jsonl")):
        if isinstance(past, HistoryError):
            assert "\n" not in str(past)


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp())


def _written(data: bytes, name: str) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name).lower()


READERS: dict[str, Callable[[bytes], None]] = {
    _slug(form.name): partial(reader, form=form) for form in FORMATS
}
"""Of the table of formats."""
TARGETS: dict[str, Callable[[bytes], None]] = {
    "query": query,
    "page": file,
    "thesaurus": thesaurus,
    **READERS,
    "workbook": partial(file, name="page.xlsx"),
    **{f"strategy-{name}": partial(strategy, dialect_name=name) for name in DIALECTS},
    "papers": papers,
    "saved": saved,
    "address": address,
    "merged": merged,
    "settings": settings,
    "topics": topics,
    "log": log,
}

_RECORDS = (
    "Alcohol Treatment Matrix cell E5: Commissioning; Safeguarding\n\n"
    "K Zebras [Scotland] (Home Office, 2011; free source). Stripes. See also foals (2012).\n\n"
    "R “Horses and ponies” (2009–2010). Hooves.\n"
)


def seeds(name: str) -> list[bytes]:
    """Return what a fuzzer begins with: a good input, made by our own exports where they can."""
    if name == "query":
        texts = [
            '"drink driving" AND (title:prison* OR -jail~1) year:2010..',
            "alcohol NEAR/3 care",
        ]
        return [text.encode() for text in texts]
    if name == "thesaurus":
        return [b'[[concept]]\npreferred = "pony"\nsynonyms = ["steed"]\nnarrower = ["foal"]\n']
    if name.startswith("strategy-"):
        return [_STRATEGY.encode()]
    if name in _OTHERS:
        return [text.encode() for text in _OTHERS[name]]
    if name == "workbook":
        return [_workbook()]
    records, _ = corpus.parse_file(_RECORDS.encode(), "page.txt")
    exports = {
        "ris": "ris", "bibtex": "bibtex", "csv": "csv", "json": "csl-json", "json-lines": "jsonl",
    }  # fmt: skip
    if name in exports:
        return ["".join(render("records", exports[name], records)).encode()]
    return [_SEEDS.get(name, _RECORDS).encode()]


_SEEDS = {
    "pubmed": "PMID- 1\nTI  - A title\n      that goes on.\nAU  - Miller WR\nDP  - 2011 May\n",
    "web-of-science": "FN Clarivate\nVR 1.0\nPT J\nAU Miller, WR\nTI A title\nPY 2011\nER\n\nEF\n",
    "ovid": "<1. >\nTI  - A title.\nAU  - Miller WR\nYR  - 2011\n",
    "ovid-fields": (
        "<1>\nUnique Identifier\n  1\nTitle\n  A title.\nAuthors\n  Miller WR.\nYear\n  2011\n"
    ),
    "cochrane": "Record #1 of 1\nID: CN-1\nAU: Miller W\nTI: A title\nYR: 2011\nKY: Ale;Beer\n",
    "refworks": "RT Journal Article\nSR Print(0)\nA1 Miller,W\nT1 A title\nYR 2011\nK1 Ale\n",
    "pubmed-xml": (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><Journal>"
        "<JournalIssue><PubDate><Year>2011</Year></PubDate></JournalIssue></Journal><ArticleTitle>"
        "A title</ArticleTitle><AuthorList><Author><LastName>Miller</LastName></Author>"
        "</AuthorList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    ),
    "endnote": "%0 Journal Article\n%T A title\n%A Miller, W.\n%D 2011\n",
    "endnote-xml": (
        "<?xml version='1.0'?><xml><records><record><ref-type name='Book'>6</ref-type>"
        "<titles><title><style>A title</style></title></titles><dates><year>2011</year></dates>"
        "<contributors><authors><author>Miller, W</author></authors></contributors>"
        "</record></records></xml>"
    ),
}


_STRATEGY = """1 exp Alcoholism/ or alcohol$.ti,ab.
2 "drink driving"[tiab] OR TI (drunk N3 driv*)
3 MeSH descriptor: [Prisons] explode all trees
4 TITLE-ABS-KEY(prison* W/5 jail) AND TS=(care NEAR/2 home)
5 (1 or 2) and #3 not 4
"""
_LOGGED = (
    '{%s, "time": "2024-01-01T00:00:00Z", "ids": ["a"], "corpus": {"fingerprint": "f"}, '
    '"program": "p"}\n'
)
_OTHERS = {
    "merged": ["same doi:10.1/a pmid:1 # two of one\ndifferent a-2010 b-2011\n"],
    "settings": ["meaning = true\n"],
    "topics": [
        "drink driving\t2:Managing drink-drivers\t0:other\n",
        "1\tdrink driving\n",
        '{"id": 1, "text": "drink driving"}\n',
        "1 0 doc 2\n",
    ],
    "log": [
        _LOGGED % '"query": "care", "options": {"year": "2010..", "exact": true}',
        _LOGGED % '"strategy": "s", "dialect": "ovid", "lines": [{"number": 1, "text": "care/"}], '
        '"line": 1',
    ],
    "papers": [
        "TY  - JOUR\nTI  - Alcohol\nPY  - 2010\nDO  - 10.1/a\nER  - \n",
        "title,year\nAlcohol,2010\n",
    ],
    "saved": ['{"query": "care", "options": {"category": ["K"]}, "looked": "", "ids": ["a"]}\n'],
    "address": ["q=drink+driving&category=K&year=2010..&exact=1&sort=newest&page=2"],
}


def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["title", "authors", "year"])
    book.active.append(["A title", "Miller, W", 2011])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
