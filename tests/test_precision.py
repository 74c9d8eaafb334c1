"""Words mean what they say: labels are whole, and what is added never replaces the words."""

from __future__ import annotations

import json
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

import pytest

from evidence_search.index import EvidenceIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THESAURUS = """
[[concept]]
preferred = "custody"
synonyms = ["remand", "detention"]
entry = ["lock-up"]

[[concept]]
preferred = "opioid substitution"
synonyms = ["methadone maintenance", "replacement prescribing"]
narrower = ["custody"]

[[concept]]
preferred = "custody methadone"
synonyms = ["opiate prescribing inside"]

[[concept]]
preferred = "nurse"
synonyms = ["health visitor", "matron"]
"""
RECORDS: list[dict[str, Any]] = [
    {"title": "Methadone for men on remand", "summary": "Doses in custody suites."},
    {"title": "Opiate prescribing inside", "summary": "Replacement prescribing by a matron."},
    {"title": "Custody nurses", "summary": "Detention and health visitors; a survey of forces."},
    {"title": "Methadone maintenance", "summary": "A trial in the community, with nurses."},
    {"title": "Family visits", "summary": "Children of people in detention.", "year": "2009-2012"},
    {"title": "Units of beer", "summary": "What the young drink.", "jurisdictions": ["US"]},
    {"title": "Great pubs", "summary": "Of a new town.", "jurisdictions": ["Isle of Man"]},
    {"title": "Case work", "summary": "Key workers.", "keywords": ["category: Key study"]},
    {"title": "Oxford clinic", "summary": "A brief report.", "authors": ["Ødegård, Jan P.", "WHO"],
     "journal": "Annals of Sleep", "doi": "10.1000/Abc.1", "year": 2015},
    {"title": "Is NOT drinking – a cure? (Sober OR dry)", "summary": "Essays.", "year": 2011},
]  # fmt: skip
EVERYDAY = (
    "methadone custody nurse nurses remand detention matron visitor health family children men "
    "young people beer units pub town great new case key work worker trial dose community force "
    "prescribing opiate replacement report clinic survey state states kingdom united drink sober"
).split()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EvidenceIndex]:
    yield from _indexed(tmp_path_factory.mktemp("precision"), RECORDS, THESAURUS)


def _indexed(
    folder: Path, records: list[dict[str, Any]], thesaurus: str
) -> Iterator[EvidenceIndex]:
    corpus = folder / "corpus"
    corpus.mkdir()
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    (corpus / "records.jsonl").write_text(lines, encoding="utf-8")
    (corpus / "thesaurus.toml").write_text(thesaurus, encoding="utf-8")
    with EvidenceIndex(corpus, folder / "index") as index:
        index.refresh()
        yield index


def titles(index: EvidenceIndex, query: str, **options: Any) -> list[str]:
    return [hit.record.title for hit in index.search(query, limit=None, **options)]


@pytest.mark.parametrize("which", ["index", "e5"])
def test_several_words_find_whatever_each_finds_alone(
    which: str, request: pytest.FixtureRequest
) -> None:
    index: EvidenceIndex = request.getfixturevalue(which)
    alone = {word: set(index.rank(word)) for word in EVERYDAY}
    for a, b in combinations(EVERYDAY, 2):
        assert alone[a] | alone[b] <= set(index.rank(f"{a} {b}")), (a, b)


def test_every_word_is_what_and_finds_unless_they_are_typed_as_a_term(
    index: EvidenceIndex,
) -> None:
    terms = {
        ("health", "visitor"),
        ("replacement", "prescribing"),
        ("custody", "methadone"),
        ("united", "states"),
    }
    for a, b in permutations(EVERYDAY, 2):
        if (a, b) not in terms:
            both = set(index.rank(f"{a} AND {b}"))
            assert set(index.rank(f"{a} {b}", every_word=True)) == both, (a, b)
            assert both == set(index.rank(a)) & set(index.rank(b)), (a, b)
    assert titles(index, "custody methadone", every_word=True) == [
        "Methadone for men on remand", "Opiate prescribing inside",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("custody", "remand"),
        ("custody methadone", "opiate prescribing inside"),
        ("methadone custody", "opiate prescribing inside"),
        ("nurse custody", "matron custody"),
        ("opioid substitution nurse", "methadone maintenance nurse"),
    ],
)
def test_a_record_with_the_words_never_comes_after_one_with_synonyms_of_them(
    tmp_path: Path, typed: str, other: str
) -> None:
    filler = "of the kind that nobody looked for".split()
    words = typed.split()
    spread = " ".join(f"{word} {' '.join(filler)}" for word in words)
    spare = " ".join(filler * max(len(words), len(other.split())))
    same = len(spread.split())
    records = [
        {"title": "Aa", "summary": f"{other} {spare}".split()[:same]},
        {"title": "Zz", "summary": spread.split()[:same]},
        *({"title": f"Other {n}", "summary": [*words, *filler][n % 7 :]} for n in range(9)),
    ]
    for record in records:
        record["summary"] = " ".join(record["summary"])
    for index in _indexed(tmp_path, records, THESAURUS):
        found = titles(index, typed)
        assert found.index("Zz") < found.index("Aa")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("units", ["Units of beer"]),
        ("states", []),
        ("United States", ["Units of beer"]),
        ("American", ["Units of beer"]),
        ('"United States"', ["Units of beer"]),
        ("isle", []),
        ('"Isle of Man"', ["Great pubs"]),
        ("key", ["Case work"]),
        ("studies", []),
        ("key studies", ["Case work"]),
        ("seminal", []),
    ],
)
def test_the_name_of_a_label_is_found_whole(
    index: EvidenceIndex, query: str, found: list[str]
) -> None:
    assert titles(index, query) == found


@pytest.mark.parametrize(
    "query",
    [
        'author:"Odegard JP"', 'author:"Ødegård, Jan P."', 'author:"J. P. Odegard"',
        "author:Odegard,J.P.", "au:WHO", "journal:sleep", "10.1000/abc.1",
        "https://doi.org/10.1000/ABC.1", "doi:10.1000/abc.1", "source:records AND clinic",
    ],
)  # fmt: skip
def test_a_record_is_found_by_what_is_known_of_its_publication(
    index: EvidenceIndex, query: str
) -> None:
    assert titles(index, query) == ["Oxford clinic"]


def test_a_journal_is_no_keyword_and_a_word_of_its_name_ranks_last(index: EvidenceIndex) -> None:
    assert titles(index, "keyword:sleep") == []
    assert titles(index, "sleep survey")[-1] == "Oxford clinic"


def test_a_record_of_several_years_is_of_each(index: EvidenceIndex) -> None:
    assert set(titles(index, "year:2011")) == {
        "Family visits", "Is NOT drinking – a cure? (Sober OR dry)",
    }  # fmt: skip
    assert titles(index, "visits", year="2010..2011") == ["Family visits"]
    assert titles(index, "visits", year="..2008") == []


@pytest.mark.parametrize("span", ["2010s", "2010-2019", "2010..2019", "2010–2019", "2010:2019"])
def test_a_decade_or_span_typed_alone_is_its_years_too_as_a_note_says(
    index: EvidenceIndex, span: str
) -> None:
    of_years = set(titles(index, "year:2010..2019"))
    assert of_years
    assert set(titles(index, span)) == of_years
    assert set(titles(index, f"+visits {span}")) == set(titles(index, "visits"))
    assert set(titles(index, f"visits AND {span}")) == set(titles(index, "visits")) & of_years
    (note,) = index.search(span).notes
    assert "was read as the years 2010 to 2019 too" in note
    assert titles(index, f'"{span}"') == []
    assert titles(index, span, exact=True) == []


@pytest.mark.parametrize("word", ["2011", "2019-2010", "3010s", "1234-5678", "12010s", "2010ss"])
def test_any_other_number_is_a_word(index: EvidenceIndex, word: str) -> None:
    assert not any("read as the years" in note for note in index.search(word).notes)


def test_a_title_pasted_whole_finds_its_record_first(index: EvidenceIndex) -> None:
    for record in index.records:
        assert titles(index, record.title)[0] == record.title
        assert titles(index, record.title.upper())[0] == record.title


def test_a_word_that_no_record_has_is_named_and_is_no_fault(index: EvidenceIndex) -> None:
    assert "no record has qwxyz" in index.search("custody qwxyz", strict=True).notes
    assert "no record has doi:10.1000/none" in index.search("10.1000/none").notes
    assert not index.search("custody").notes


@pytest.mark.parametrize("word", ["Orford", "Orford clinic", "bride", "brand", "dour", "Nurze"])
def test_real_words_and_names_are_never_taken_for_slips_of_the_hand(
    index: EvidenceIndex, word: str
) -> None:
    results = index.search(word)
    assert [added for added in results.added if added.kind == "spelling"] == []
    assert any(word.split(maxsplit=1)[0] in note for note in results.notes)


def test_a_slip_is_corrected_and_one_with_a_capital_is_asked_about(index: EvidenceIndex) -> None:
    corrected = index.search("oxfrod")
    assert [(a.words, a.text) for a in corrected.added if a.kind == "spelling"] == [
        ("oxfrod", "oxford")
    ]
    assert [s.query for s in index.search("Oxfrod").suggestions] == ["oxford"]
