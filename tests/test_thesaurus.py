"""A thesaurus: how a query is mapped onto it, what is added, and what the linter doubts."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wordfreq import top_n_list

from evidence_search.analysis import Analyzer, words
from evidence_search.errors import ThesaurusError
from evidence_search.evaluation import evaluate, read_topics
from evidence_search.index import EvidenceIndex
from evidence_search.thesaurus import Compiled
from evidence_search.thesaurus.compiling import compile_thesaurus
from evidence_search.thesaurus.linting import lint
from evidence_search.thesaurus.reading import Concept, Thesaurus, read_thesaurus
from tests.effort import is_linear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.records import Problem
    from tests.conftest import Run

ROOT = Path(__file__).parent.parent
TOPICS = ROOT / "tests" / "topics"
ANALYZER = Analyzer()
FIELD = """
[[concept]]
preferred = "prison"
synonyms = ["jail", "behind bars", "through-the-gate"]

[[concept]]
preferred = "child protection"
synonyms = ["child abuse", "children in need"]
narrower = ["kinship care"]
related = ["prison"]

[[concept]]
preferred = "children"
synonyms = ["kids"]
entry = ["little ones"]

[[concept]]
preferred = "kinship care"
synonyms = ["raised by grandparents"]

[[concept]]
preferred = "reintegration of prisoners"
synonyms = ["release from prison", "support after prison", "re-entry"]

[[concept]]
preferred = "World Health Organization"
capitals = ["WHO"]
"""


KNOWN = frozenset(ANALYZER.tokens(FIELD))


def normalise(term: str) -> tuple[str, ...]:
    return tuple(ANALYZER.tokens(term))


def folded(query: str) -> list[str]:
    return [surface for surface, _, _ in words(query)]


def compiled(text: str = FIELD) -> Compiled:
    return compile_thesaurus(read_thesaurus(text, "thesaurus.toml"), normalise)


def mapped(query: str, text: str = FIELD) -> list[tuple[str, str]]:
    """Return the words that mean a concept, each with the concept's preferred term."""
    typed = [query[start:end] for _, start, end in words(query)]
    preferred = [concept.preferred for concept in read_thesaurus(text, "").concepts]
    return [
        (" ".join(typed[start:end]), preferred[concept])
        for start, end, concept in compiled(text).map(folded(query), ANALYZER.tokens(query), typed)
    ]


def problems(text: str) -> list[Problem]:
    return lint(read_thesaurus(text, "thesaurus.toml"), "thesaurus.toml", normalise)


def added(query: str, vocabulary: frozenset[str] | None = None) -> dict[str, str]:
    thesaurus = compiled()
    typed = [query[start:end] for _, start, end in words(query)]
    return {
        expansion.text: expansion.kind
        for _, _, concept in thesaurus.map(folded(query), ANALYZER.tokens(query), typed)
        for expansion in thesaurus.expansions(concept, vocabulary or KNOWN)
    }


# Everyday queries


DOCS = (ROOT / "docs" / "thesaurus.md").read_text(encoding="utf-8")


def measured(index: EvidenceIndex, topics: str) -> None:
    everyday = evaluate(index, read_topics(TOPICS / f"{topics}.tsv"))
    assert not everyday.unknown
    row = re.search(rf"^\| `tests/topics/{topics}\.tsv` \| (0\.\d+) \|$", DOCS, re.MULTILINE)
    assert row
    assert everyday.mean.ndcg >= float(row[1]), topics


@pytest.mark.parametrize("topics", ["alcohol-e5", "e5"])
def test_everyday_queries_find_what_they_mean(e5: EvidenceIndex, topics: str) -> None:
    measured(e5, topics)


@pytest.mark.parametrize("cell", ["drug-a3", "alcohol-d2"])
def test_everyday_queries_find_what_they_mean_in_other_cells(tmp_path: Path, cell: str) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(TOPICS / "cells" / f"{cell}.txt", corpus)
    shutil.copy(ROOT / "corpus" / "thesaurus.toml", corpus)
    index = EvidenceIndex(corpus, tmp_path / "index")
    index.refresh()
    measured(index, cell)


def test_the_page_has_the_figures_of_the_vocabulary() -> None:
    concepts = read_thesaurus(BUNDLED, "").concepts
    words = (ROOT / "tests" / "common-words.tsv").read_text(encoding="utf-8").splitlines()
    headed = sum(bool(concept.mesh) for concept in concepts)
    assert f"It now has {len(concepts)} concepts" in " ".join(DOCS.split())
    assert f"{headed} of the concepts have" in " ".join(DOCS.split())
    assert f"{sum(not w.startswith('#') for w in words)} do." in " ".join(DOCS.split())


BUNDLED = (ROOT / "corpus" / "thesaurus.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bundled() -> Compiled:
    return compiled(BUNDLED)


def preferred(text: str = BUNDLED) -> list[str]:
    return [concept.preferred for concept in read_thesaurus(text, "").concepts]


def test_the_bundled_thesaurus_has_nothing_to_doubt() -> None:
    assert problems(BUNDLED) == []


def test_few_common_words_lead_to_a_concept_and_each_was_reviewed(bundled: Compiled) -> None:
    """Of the 5,000 commonest words of English, those that lead to a concept when typed alone."""
    names = preferred()
    leading = {
        word: names[found[0].concept]
        for word in top_n_list("en", 5_000)
        if (found := bundled.map(folded(word), ANALYZER.tokens(word), word.split()))
    }
    lines = (ROOT / "tests" / "common-words.tsv").read_text(encoding="utf-8").splitlines()
    reviewed = [line.split("\t") for line in lines if not line.startswith("#")]
    assert leading == {word: concept for word, concept, _ in reviewed}
    assert all(sense for _, _, sense in reviewed)
    assert len(leading) <= 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("prenatal", "postnatal"), ("drug treatment", "alcohol treatment"),
        ("diazepam", "temazepam"),
        ("Alcoholics Anonymous", "SMART Recovery"), ("AUDIT", "CAGE"), ("fluoxetine", "sertraline"),
        ("carbamazepine", "topiramate"), ("hepatitis A", "hepatitis B"), ("varenicline", "NRT"),
        ("Maori", "Inuit"), ("acupuncture", "yoga"), ("psilocybin", "ibogaine"),
        ("methamphetamine", "dexamfetamine"), ("Addaction", "Phoenix Futures"),
    ],
)  # fmt: skip
def test_siblings_are_no_synonyms(bundled: Compiled, one: str, other: str) -> None:
    for query, sibling in ((one, other), (other, one)):
        ((*_, concept),) = bundled.map(folded(query), ANALYZER.tokens(query), query.split())
        same = {e.text for e in bundled.terms(concept)}
        assert query in same or query.isupper()
        assert sibling not in same


def test_a_subject_heading_leads_to_its_concept_and_exploded_to_the_narrower_ones(
    bundled: Compiled,
) -> None:
    names = preferred()

    def exploded(heading: str) -> set[str]:
        concept = bundled.heading(heading)
        assert concept is not None
        return {names[number] for number in bundled.exploded(concept)}

    assert names[bundled.heading("prisons") or 0] == "prison"
    assert "young offender institutions" in exploded("Prisons")
    assert {"methadone", "buprenorphine", "depot buprenorphine"} < exploded(
        "Opiate  Substitution Treatment"
    )
    # By tree numbers, where the thesaurus has no path of its own.
    assert {"tobacco", "alcohol dependence", "opioid dependence"} < exploded(
        "Substance-Related Disorders"
    )
    assert "substance use" not in exploded("Alcoholism")
    assert bundled.heading("Prison Bars") is None


# Which thesaurus

PAGE = """Drug Treatment Matrix cell A1: Interventions; Reducing harm

K Gaols of old (2011). On prisons.
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a corpus of one record, without a thesaurus."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "a1.txt").write_text(PAGE, encoding="utf-8")
    return folder


def test_a_corpus_without_a_thesaurus_uses_that_of_the_program_and_says_so(
    small: Path, tmp_path: Path, run: Run
) -> None:
    run = partial(run, corpus=small, env={"EVIDENCE_SEARCH_INDEX": str(tmp_path / "fresh")})

    def status() -> str:
        done = run("index", "--status", "--format", "json")
        return str(json.loads(done.stdout)["thesaurus"])

    built = run("jail")
    assert "Gaols of old" in built.stdout
    assert "thesaurus: the one that comes with the program" in built.stderr
    assert status() == "program"
    assert "comes with the program" in run("index", "--status").stdout

    own = small / "thesaurus.toml"
    own.write_text('[[concept]]\npreferred = "prison"\nentry = ["clink"]\n', encoding="utf-8")
    assert "Gaols of old" not in run("jail").stdout
    clink = run("clink")
    assert "Gaols of old" in clink.stdout
    assert "program" not in clink.stderr
    assert status() == "corpus"

    own.write_text("thesaurus = none\n", encoding="utf-8")
    assert "Gaols of old" not in run("clink").stdout
    assert status() == "none"

    own.unlink()
    assert "Gaols of old" in run("jail").stdout
    assert status() == "program"


def test_a_limit_on_files_of_the_corpus_leaves_the_thesaurus_of_the_program_whole(
    small: Path, tmp_path: Path
) -> None:
    with EvidenceIndex(small, tmp_path / "index", max_file_size=1_000) as index:
        assert index.refresh().problems == ()
        assert [hit.record.title for hit in index.search("jail")] == ["Gaols of old"]
        assert not index.changes()


def test_another_thesaurus_of_the_program_is_noticed(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.mkdir()
    monkeypatch.setattr("evidence_search.corpus.bundled", lambda: program)
    shared = program / "thesaurus.toml"
    shared.write_text('[[concept]]\npreferred = "prison"\nentry = ["clink"]\n', encoding="utf-8")
    with EvidenceIndex(small, tmp_path / "index") as index:
        index.refresh()
        assert index.search("clink").total == 1
        shared.write_text(shared.read_text("utf-8").replace("clink", "slammer"), encoding="utf-8")
        assert index.changes().thesaurus
        assert index.refresh().bundled
        assert (index.search("clink").total, index.search("slammer").total) == (0, 1)


# Mapping


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("jails", [("jails", "prison")]),
        ("Abused kids behind bars", [("Abused kids", "child protection"),
                                     ("behind bars", "prison")]),
        ("abuse of children", [("abuse of children", "child protection")]),
        ("children’s abuse", [("children s abuse", "child protection")]),
        ("little ones", [("little ones", "children")]),
        ("through the gate", [("through the gate", "prison")]),
        ("the gate", []),
        ("released from jail", [("released from jail", "reintegration of prisoners")]),
        ("prison support", [("prison", "prison")]),
        ("reentry", [("reentry", "reintegration of prisoners")]),
        ("re entry", [("re entry", "reintegration of prisoners")]),
        ("WHO advice", [("WHO", "World Health Organization")]),
        ("who advises", []),
        ("child or abuse", [("child", "children")]),
        ("", []),
    ],
)  # fmt: skip
def test_words_mean_the_longest_term_however_it_is_put(
    query: str, expected: list[tuple[str, str]]
) -> None:
    assert [(words.replace("’", " "), name) for words, name in mapped(query)] == expected


WORDS = """
[[concept]]
preferred = "screen"

[[concept]]
preferred = "advertising"
entry = ["publications", "=spirits"]

[[concept]]
preferred = "sensory impairment"
entry = ["signing"]

[[concept]]
preferred = "older people"
entry = ["ageing", "pensioners"]

[[concept]]
preferred = "organisation"
entry = ["children", "agencies", "classes", "stopped"]

[[concept]]
preferred = "Stormont"

[[concept]]
preferred = "needle exchange"
acronyms = ["NEX", "eNEX", "T-ACE"]
capitals = ["SIGN"]
"""


@pytest.mark.parametrize(
    ("known", "others"),
    [
        ("screen screens screened screening", "screener"),
        ("advertising advertisings", "advertise advertised advertiser advertisement"),
        ("publication publications", "public publicity publicly publish publisher"),
        ("spirits", "spirit spirited"),
        ("signing signings", "sign signs signed"),
        ("ageing aging", "age aged ages"),
        ("pensioner pensioners", "pension pensions pensioned"),
        ("organisation organization organizations", "organ organise organised organic"),
        ("child children", "childish childhood childless"),
        ("agency agencies", "agent"),
        ("class classes", "classic classify"),
        ("stopped", "stop stops stopping"),
        ("Stormont", "storm"),
        ("NEX SIGN T-ACE ENEX eNEX", "nex sign Sign"),
    ],
)
def test_a_term_of_one_word_leads_by_its_inflections_and_never_by_its_stem(
    known: str, others: str
) -> None:
    assert [word for word in known.split() if not mapped(word, WORDS)] == []
    assert [word for word in others.split() if mapped(word, WORDS)] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("NEXs in use", ["NEXs"]),
        ("the NEX’s staff", ["NEX’s"]),
        ("SIGN AND NEX", ["SIGN", "NEX"]),
        ("WHAT IS THE NEX SIGN", []),
        ("report of Pensioners", []),
        ("pensioners in Screen", ["pensioners"]),
        ("Screen of Pensioners", ["Screen", "Pensioners"]),
        ("Pensioners on screen", ["Pensioners", "screen"]),
        ("report by Stormont", ["Stormont"]),
        ("report by Pensioner and Screen", []),
    ],
)
def test_capitals_tell_acronyms_and_names(query: str, expected: list[str]) -> None:
    assert [typed for typed, _ in mapped(query, WORDS)] == expected


@given(st.permutations(["abuse", "of", "children"]))
def test_the_order_of_the_words_does_not_matter(order: list[str]) -> None:
    thesaurus = compiled()
    found = thesaurus.map(order, ANALYZER.tokens(" ".join(order)), order)
    assert any(concept == 1 for _, _, concept in found)


@given(
    st.lists(
        st.sampled_from(normalise("prison child abuse of after release jail kid who")), max_size=9
    )
)
def test_no_word_means_two_concepts_and_the_longest_term_wins(tokens: list[str]) -> None:
    thesaurus = compiled()
    found = thesaurus.map(tokens, tokens, tokens)
    for a, b in itertools.pairwise(found):
        assert a.end <= b.start
    for start, end, _ in found:
        assert 0 <= start < end <= len(tokens)
    longest = max((end - start for start, end, _ in found), default=0)
    alone = {
        end - start
        for start in range(len(tokens))
        for end in range(start + 1, len(tokens) + 1)
        for s, e, _ in thesaurus.map(tokens[start:end], tokens[start:end], tokens[start:end])
        if (s, e) == (0, end - start)
    }
    assert longest <= max(alone, default=0)


# What is added


def test_synonyms_narrower_and_related_terms_are_added_but_entry_terms_are_not() -> None:
    assert added("child protection") == {
        "child protection": "synonym",
        "child abuse": "synonym",
        "children in need": "synonym",
        "kinship care": "narrower",
        "raised by grandparents": "narrower",
        "prison": "related",
        "jail": "related",
        "behind bars": "related",
        "through-the-gate": "related",
    }
    assert "little ones" not in added("kids")


def test_only_terms_that_the_corpus_may_have_are_added() -> None:
    assert added("jail", frozenset(normalise("prison behind bars"))) == {
        "prison": "synonym",
        "behind bars": "synonym",
    }


def test_a_compiled_thesaurus_survives_being_stored() -> None:
    thesaurus = compiled()
    again = Compiled.from_text(thesaurus.to_text())
    assert again.to_text() == thesaurus.to_text()
    assert again.map(*[["jail"]] * 3) == thesaurus.map(*[["jail"]] * 3)


# Reading and checking


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[concept]]\npreferred = a", "thesaurus.toml:2: expected TOML"),
        ('title = "x"', "expected only .*found 'title'"),
        ('[[concept]]\nname = "a"', "thesaurus.toml:1: expected preferred, .*found 'name'"),
        ("[[concept]]\npreferred = 1", "thesaurus.toml:1: expected preferred = "),
        ('\n[[concept]]\npreferred = "a"\nsynonyms = "b"', "thesaurus.toml:2: expected synonyms"),
    ],
)
def test_a_file_that_is_no_thesaurus_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ThesaurusError, match=message):
        read_thesaurus(text, "thesaurus.toml")


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        (['preferred = "jail"', 'entry = [', '  "x",', '  "JAILS",', ']'], "duplicate-term", 5),
        (['preferred = "jail"', 'entry = ["x y", "y of x", "x-y"]'], "duplicate-term", 3),
        (['preferred = "jail"', 'entry = ["kids"]'], "shadowed-term", 3),
        (['preferred = "jail"', 'entry = ["abuse of a child"]'], "shadowed-term", 3),
        (['preferred = "children"', 'entry = ["x"]'], "duplicate-concept", 2),
        (['preferred = "jail"'], "empty-concept", 2),
        (['preferred = "jail"', 'synonyms = ["services"]'], "broad-term", 3),
        (['preferred = "jail"', 'synonyms = ["on and off"]'], "no-word", 3),
        (['preferred = "jail"', f'entry = ["{"x " * 13}"]'], "long-term", 3),
        (['preferred = "jail"', 'acronyms = ["HOPE"]'], "acronym-is-word", 3),
        (['preferred = "jail"', 'capitals = ["H O"]'], "not-capitals", 3),
        (['preferred = "jail"', 'narrower = [', '"gaol"]'], "unknown-concept", 4),
        (['preferred = "jail"', 'mesh = ["x", "Child"]'], "shadowed-heading", 3),
        (['preferred = "jail"', 'tree = ["C25.77"]'], "no-tree-number", 3),
        (['preferred = "jail"', 'narrower = ["jail"]'], "cycle", 2),
        (['preferred = "jail"', 'related = ["jail"]'], "cycle", 2),
        (['preferred = "jail"', 'narrower = ["children"]', 'related = ["children"]'],
         "related-twice", 3),
    ],
)  # fmt: skip
def test_the_linter_names_the_line_of_what_it_doubts(
    lines: list[str], code: str, line: int
) -> None:
    known = """[[concept]]
preferred = "children"
synonyms = ["kids"]
mesh = ["Child"]

[[concept]]
preferred = "child protection"
synonyms = ["child abuse"]
"""
    assert problems(known) == []
    found = problems("\n".join([known, "[[concept]]", *lines]))
    after = known.count("\n") + 1
    assert (code, line) in {(p.code, p.source.line - after) for p in found}


def test_a_term_longer_than_any_word_is_checked_in_linear_time() -> None:
    def check(n: int) -> None:
        problems(f'[[concept]]\npreferred = "a{"x" * n}"\n'.replace("x", "'query"))

    assert is_linear(check, 50)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("concept = [1, 2]", r"^t:1: expected \[\[concept\]\] tables, found 1$"),
        ("concept = [[1]]", r"^t:1: expected \[\[concept\]\] tables, found \[1\]$"),
        ("".join(f"key{n} = 1\n" for n in range(1000)), r"tables, found 'key0'$"),
        ("concept = 1", r"^t: expected only \[\[concept\]\] tables, found a single table$"),
        (f"concept = {'9' * 5_000}", "^t: expected TOML, found: "),
        (f"concept = {'[' * 5_000}", "^t:?1?: expected TOML, found"),
        (f"concept = {'[' * 200}{']' * 200}", r"^t:1: expected \[\[concept\]\] tables, found \[\["),
        (f"[[concept]]\npreferred = {'[' * 200}{']' * 200}", r"^t:1: expected preferred = "),
        (f"{'a.' * 50_000}a = 1", "^t: expected TOML, found: more dots on a line"),
        ('thesaurus = none\n[[concept]]\npreferred = "a"', "^t: expected concepts or thesaurus ="),
    ],
)  # fmt: skip
def test_hostile_toml_is_refused_in_one_short_line(text: str, message: str) -> None:
    with pytest.raises(ThesaurusError, match=message) as caught:
        read_thesaurus(text, "t")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("written", ["thesaurus = none", 'thesaurus = "none"  # not here\n', ""])
def test_a_thesaurus_may_be_none(written: str) -> None:
    assert read_thesaurus(written, "t").concepts == ()


def test_the_line_of_a_concept_written_inline_is_its_own() -> None:
    text = (
        "concept = [\n"
        '  { preferred = "children", synonyms = ["kids"] },\n'
        '  { preferred = "prison", synonyms = ["jail",\n'
        '    "services"] },\n'
        '  { preferred = "courts" },\n'
        "]\n"
    )
    found = {(p.source.line, p.code) for p in problems(text)}
    assert found == {(4, "broad-term"), (5, "empty-concept")}


def test_a_term_with_escapes_or_in_single_quotes_has_its_line() -> None:
    text = '[[concept]]\npreferred = "a\\u0020b"\nsynonyms = [\n  "x",\n  \'services\',\n]\n'
    assert [(p.source.line, p.code) for p in problems(text)] == [(5, "broad-term")]


def test_the_work_of_compiling_and_linting_grows_with_the_size_of_a_thesaurus() -> None:
    """A chain of narrower concepts, each of which has every term twice."""

    class Counted(tuple[str, ...]):
        __slots__ = ()

        def __iter__(self) -> Iterator[str]:
            work.append(1)
            return super().__iter__()

    def counted(term: str) -> tuple[str, ...]:
        work.append(1)
        return (term,)

    def steps(size: int) -> int:
        work.clear()
        concepts = tuple(
            Concept(
                f"c{n}", entry=(f"e{n}", f"e{n}"), narrower=Counted((f"c{n + 1}", "c0")[: n + 1])
            )
            for n in range(size)
        )
        thesaurus = Thesaurus(concepts, tuple(f'"c{n}" "e{n}"' for n in range(size)))
        lint(thesaurus, "t", counted)
        compile_thesaurus(thesaurus, counted)
        return len(work)

    work: list[int] = []
    assert steps(1_000) < 11 * steps(100)
