"""Merging: one record for one document, whatever the order of its listings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_search.index.ledger import Listing, documents_of
from evidence_search.merging.comparing import same_journal, title_likeness
from evidence_search.merging.decisions import (
    Decision,
    Decisions,
    changed,
    names_of,
    parse,
    telling_names,
)
from evidence_search.merging.grouping import group
from evidence_search.merging.identity import document_id, doi, identity, link_keys
from evidence_search.merging.proposing import proposals
from evidence_search.merging.record import merge
from evidence_search.records import (
    Category,
    Source,
    StudyRecord,
    authors,
    from_dict,
    record_id,
    to_dict,
)
from evidence_search.values import replace
from tests.effort import is_linear

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def listing(title: str = "Otters in the courts", **fields: Any) -> StudyRecord:
    """Return a listing as a file would give it."""
    year = fields.setdefault("year", 2010)
    cell = fields.get("cell")
    name = record_id(fields.get("matrix"), cell, title if cell else f"{title} {year or ''}")
    fields.setdefault("source", Source("a.ris", 1))
    if "authors" in fields:
        fields["contributors"] = authors(*fields.pop("authors"))
    return StudyRecord(**{"id": name, "title": title, **fields})


def of_cell(title: str, cell: str = "A1", matrix: str = "Drug", **fields: Any) -> StudyRecord:
    return listing(title, cell=cell, matrix=matrix, **fields)


def documents(listings: Sequence[StudyRecord], text: str = "") -> set[frozenset[int]]:
    """Return which listings, by number, are one document."""
    identities = {number: identity(record) for number, record in enumerate(listings)}
    return {frozenset(numbers) for numbers in group(identities, parse(text)[0])}


def are_merged(*listings: StudyRecord, decisions: str = "") -> bool:
    return len(documents(listings, decisions)) == 1


# Which listings are one document


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"doi": "10.1000/AB.c"}, {"doi": "https://doi.org/10.1000/ab.C"}),
        ({"doi": "10.1000/ab"}, {"url": "https://dx.doi.org/10.1000/ab"}),
        ({"url": "https://pubmed.ncbi.nlm.nih.gov/77/"},
         {"url": "http://www.ncbi.nlm.nih.gov/pubmed/77"}),
        ({"url": "http://www.example.org/r/?b=2&a=1#p5"},
         {"url": "https://example.org/r?a=1&utm_source=mail&b=2"}),
    ],
)  # fmt: skip
def test_listings_with_one_identifier_are_one_document_under_whatever_titles(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert are_merged(listing("Otters in the courts", **one), listing("What otters do", **other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"authors": ("Smith, J. A.",)}, {"authors": ("Smith JA", "Roe K")}),
        ({"authors": ("J.A. Smith",)}, {"authors": ("Smith, John",)}),
        ({"authors": ("Ødegård, Åse",)}, {"authors": ("Odegard A",)}),
        ({"authors": ("van den Berg, Wim",)}, {"authors": ("Berg, W. van den",)}),
        ({"publisher": "[UK] Home Office"}, {"publisher": "Home Office"}),
        ({"publisher": "ACME"}, {"publisher": "Association for Courts, Mammals and Experts"}),
        ({"authors": ("Smith, J.",), "journal": "J Subst Abuse Treat"},
         {"authors": ("Smith, J.",), "journal": "Journal of Substance Abuse Treatment"}),
    ],
)  # fmt: skip
def test_title_year_and_first_author_or_publisher_agreeing_make_one_document(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert are_merged(
        listing("Otters in the courts.", **one), listing("OTTERS IN THE COURTS", **other)
    )


SMITH: dict[str, Any] = {"authors": ("Smith, John",)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({**SMITH, "doi": "10.1000/a"}, {**SMITH, "doi": "10.1000/b"}),
        (SMITH, {"authors": ("Jones, Ann",)}),
        (SMITH, {"authors": ("Smith, Ann",)}),
        ({**SMITH, "journal": "Addiction"}, {**SMITH, "journal": "Lutra"}),
        ({**SMITH, "year": 2010}, {**SMITH, "year": 2012}),
        ({"publisher": "Home Office"}, {"publisher": "Ministry of Otters"}),
        ({"publisher": "Home Office"}, {}),
        (SMITH, {}),
    ],
)  # fmt: skip
def test_what_contradicts_or_is_not_said_keeps_equal_titles_apart(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert not are_merged(listing(**one), listing(**other))


def test_a_title_that_any_work_may_have_joins_only_what_nothing_but_a_publisher_made() -> None:
    def are_one(**fields: Any) -> bool:
        one, other = ({"summary": text, **fields} for text in ("Of otters.", "On hares."))
        return are_merged(of_cell("Annual report", **one), listing("Annual report", **other))

    assert are_one(publisher="Home Office")
    assert not are_one(publisher="Home Office", **SMITH)
    assert not are_one()


def test_two_editorials_of_one_author_and_year_are_two() -> None:
    assert not are_merged(
        listing("Editorial", **SMITH, journal="Lutra", summary="On rivers."),
        listing("Editorial", **SMITH, journal="Lutra", summary="On lakes."),
    )


def test_a_title_with_another_number_is_another_title() -> None:
    assert not are_merged(listing("Otters, part 1", **SMITH), listing("Otters, part 2", **SMITH))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Otters in the courts of the north", "Otters in the cuorts of the north", True),
        ("Otters in the courts of the north", "Otters in the court of the north", True),
        ("Otters in the courts of the north", "Ottersin the courts of the north", True),
        ("Otters in the courts of group A rivers", "Otters in the courts of group B rivers", False),
        ("Otters in the courts, 2008 to 2010", "Otters in the courts, 2009 to 2010", False),
        ("Otters in the courts of men", "Otters in the courts of women", False),
        ("Otters", "Otter", False),
    ],
)
def test_one_slip_of_the_pen_leaves_a_long_title_what_it_was(
    one: str, other: str, same: bool
) -> None:
    assert are_merged(listing(one, **SMITH), listing(other, **SMITH)) is same


def test_what_is_printed_at_one_place_under_nearly_one_title_is_one_document() -> None:
    place = {"journal": "Lutra", "volume": "7", "pages": "101-9"}
    other = {"journal": "Lutra", "volume": "07", "pages": "101–109", "authors": ("Smith J",)}
    assert are_merged(
        listing("Otters in the courts: a trial", **place, year=2010),
        listing("Otters in the courts", **other, year=2011),
    )
    assert not are_merged(listing("Otters in the courts", **place), listing("Beavers", **other))


def test_chapters_under_the_doi_of_their_book_stay_apart() -> None:
    assert not are_merged(
        listing("Rivers of the north", authors=("Smith, J",), doi="10.1000/book"),
        listing("What beavers build", authors=("Jones, A",), doi="10.1000/book"),
    )


def test_an_entry_in_two_cells_is_one_document_by_link_or_by_title_year_and_publisher() -> None:
    assert are_merged(
        of_cell("Otters help", "A1", url="https://example.org/r"),
        of_cell("Mammals in court", "C5", url="https://example.org/r"),
    )
    assert are_merged(
        of_cell("Otters help in courts", "A1", publisher="Home Office"),
        of_cell("Otters help in courts", "C5", publisher="Home Office"),
    )
    assert are_merged(
        of_cell("Otters help in courts", "A1"), of_cell("Otters help in courts", "C5")
    )
    assert not are_merged(
        of_cell("Otters help in courts", "A1"), of_cell("Otters help in prisons", "C5")
    )


def test_the_home_page_of_a_site_is_no_identifier() -> None:
    assert not are_merged(
        of_cell("Otters help", "A1", url="https://example.org/"),
        of_cell("Mammals in court", "C5", url="https://example.org"),
    )


def test_a_listing_that_fits_two_different_documents_joins_neither() -> None:
    one = listing(**SMITH, doi="10.1000/a")
    other = listing(**SMITH, doi="10.1000/b")
    assert documents([one, listing(**SMITH), other]) == {
        frozenset([0]), frozenset([1]), frozenset([2])
    }  # fmt: skip


def test_an_identifier_that_very_many_documents_share_says_nothing() -> None:
    shared = [listing(f"Otters of river {n * 'x'}", doi="10.1000/congress") for n in range(1, 60)]
    assert len(documents(shared)) == 59


def test_documents_that_hang_together_through_very_many_say_nothing() -> None:
    assert len(documents(chained(40))) == 1
    assert len(documents(chained(41))) == 41


def chained(n: int) -> list[StudyRecord]:
    """Return listings of which each has a link in common with the next."""
    links = [f"https://example.org/{at}" for at in range(n + 1)]
    return [listing(f"Otters {at}", urls=(links[at], links[at + 1])) for at in range(n)]


def test_any_number_of_exact_copies_is_one_document() -> None:
    assert len(documents([listing(**SMITH)] * 500)) == 1


# What a person decided


def test_a_decision_wins_over_every_rule() -> None:
    one, other = listing("Otters", **SMITH, doi="10.1000/a"), listing("Beavers", doi="10.1000/b")
    assert are_merged(one, other, decisions="same doi:10.1000/A https://doi.org/10.1000/b")
    twice = [of_cell("Otters", "A1", publisher="X"), of_cell("Otters", "C5", publisher="X")]
    assert are_merged(*twice)
    assert not are_merged(*twice, decisions=f"different {twice[0].id} {twice[1].id}  # two reports")


def numbered(n: int) -> list[StudyRecord]:
    """Return listings with a DOI each, of which half have one PMID and half another."""
    return [
        listing(f"Otters {at}", doi=f"10.1000/{at}", pmid=str(1 + at % 2), year=1900 + at)
        for at in range(n)
    ]


def test_any_number_of_listings_are_what_a_person_said() -> None:
    assert len(documents(numbered(100), "same pmid:1 pmid:2")) == 1
    assert len(documents(numbered(100), "different pmid:1 pmid:2")) == 100
    said = "".join(f"same doi:10.1000/{at} doi:10.1000/{at + 1}\n" for at in range(99))
    assert len(documents(numbered(100), said)) == 1
    assert len(documents(numbered(100), f"{said}different doi:10.1000/3 doi:10.1000/90")) == 100


@pytest.mark.parametrize(
    "grouped",
    [
        lambda n: documents(chained(n)),
        lambda n: documents(numbered(n), "same pmid:1 pmid:2"),
        lambda n: documents(numbered(n), "different pmid:1 pmid:2"),
        lambda n: documents(
            numbered(n), "".join(f"same doi:10.1000/0 doi:10.1000/{at}\n" for at in range(1, n))
        ),
        lambda n: proposals(numbered(n), parse("different pmid:1 pmid:2")[0]),
    ],
    ids=["links", "same", "different", "one with all", "proposals"],
)
def test_however_many_listings_hang_together_grouping_takes_linear_time(
    grouped: Callable[[int], object],
) -> None:
    assert is_linear(grouped, 100)


def test_a_copy_of_two_documents_held_apart_goes_to_the_one_it_fits() -> None:
    otters = listing("Otters in court", doi="10.1000/a", authors=("Smith, J",))
    beavers = listing("Beavers at home", doi="10.1000/a", authors=("Smith, J",))
    copy = listing("Otters in court", doi="10.1000/a", authors=("Smith J",), source=Source("b", 1))
    decisions = f"different {otters.id} {beavers.id}"
    assert documents([otters, copy, beavers], decisions) == {frozenset([0, 1]), frozenset([2])}


def test_a_decision_holds_after_the_listings_came_back_in_other_files_with_more_fields() -> None:
    decisions = changed("", Decision("same", *_names(listing("Otters"), listing("Beavers"))))
    again = [
        listing("Otters", source=Source("new/z.ris", 70), doi="10.1000/z", summary="More."),
        listing("Beavers", source=Source("b.csv", 3), publisher="Home Office"),
    ]
    assert are_merged(*again, decisions=decisions)


def _names(one: StudyRecord, other: StudyRecord) -> tuple[str, str]:
    names = telling_names(identity(one), identity(other))
    assert names
    return names


def test_listings_with_one_id_are_told_apart_by_author() -> None:
    one, other = listing("Editorial", **SMITH), listing("Editorial", authors=("Roe, K",))
    assert one.id == other.id
    ours, theirs = _names(one, other)
    assert ours.endswith("@smith-j")
    assert theirs.endswith("@roe-k")


def test_documents_that_would_have_one_id_are_numbered_in_the_order_of_their_files() -> None:
    publishers = ("Home Office", "Ministry of Justice", "Department of Health")
    listings = {
        (f"{name}.ris", 0): Listing(identity(listing("Editorial", publisher=publisher)), publisher)
        for name, publisher in zip("abc", publishers, strict=True)
    }
    found = documents_of(listings, Decisions(()))
    (first, *others) = found
    assert others == [f"{first}-2", f"{first}-3"]
    assert [claim.places for claim in found.values()] == [(place,) for place in listings]


def test_the_file_of_decisions_is_plain_text_with_one_decision_on_a_pair() -> None:
    text = changed("", Decision("same", "a", "b"), "Otters\n(2010)")
    assert text.splitlines()[-1] == "same a b  # Otters (2010)"
    text = changed(text, Decision("same", "c", "d"))
    text = changed(text, Decision("different", "b", "a"))
    assert [tuple(d[:3]) for d in parse(text)[0].lines] == [
        ("same", "c", "d"), ("different", "b", "a")
    ]  # fmt: skip
    assert text.startswith("# ")


def test_a_line_that_is_no_decision_is_a_problem_and_costs_only_itself() -> None:
    decisions, problems = parse("same a b\nalike c d\nsame e\n\n# a remark\ndifferent f g # why\n")
    assert [d.line for d in decisions.lines] == [1, 6]
    assert [(p.source.line, p.code) for p in problems] == [(2, "bad-decision"), (3, "bad-decision")]


def test_decisions_that_name_nothing_or_contradict_each_other_are_reported() -> None:
    one, other = identity(listing("Otters")), identity(listing("Beavers"))
    decisions, _ = parse(
        f"same {one.id} {other.id}\ndifferent {other.id} {one.id}\nsame {one.id} nothing"
    )
    problems = list(decisions.unknown([one, other]))
    assert [(p.source.line, p.code) for p in problems] == [
        (1, "contradicted-decision"), (3, "unknown-listing")
    ]  # fmt: skip
    assert len(group({0: one, 1: other}, decisions)) == 2


# What is only proposed


def test_likely_pairs_are_proposed_with_what_speaks_for_and_against_them() -> None:
    summary = "What otters and their keepers did in the courts of three towns over two years."
    records = [
        of_cell("Otters help", "A1", summary=summary, publisher="Home Office"),
        of_cell("Keepers in court", "C5", summary=f"{summary} See below.", publisher="Home Office"),
        of_cell("Beavers", "C5", summary="Something else about dams, and who builds them."),
        listing("Otters help", year=2010, authors=("Smith, J",), doi="10.1000/a"),
        listing("Otters help", year=2010, authors=("Roe, K",), doi="10.1000/b"),
    ]
    found = proposals(records, Decisions())
    assert (found[0].one, found[0].other) == (records[0], records[1])
    assert found[0].supporting[1:] == ("same year", "same publisher")
    assert "summaries" in found[0].supporting[0]
    assert found[0].opposing == ()
    assert not [p for p in found if {p.one, p.other} == {records[3], records[4]}]
    decided, _ = parse(f"different {records[0].id} {records[1].id}")
    assert not [p for p in proposals(records, decided) if p.one == records[0] == p.other]
    assert (records[0], records[1]) not in [(p.one, p.other) for p in proposals(records, decided)]


def test_what_opposes_a_proposal_is_named() -> None:
    one = listing("Otters in the courts of the north", **SMITH, doi="10.1000/a")
    other = listing("Otters in the courts of the north", **SMITH, doi="10.1000/b")
    (proposal,) = proposals([one, other], Decisions())
    assert proposal.opposing == ("other DOI: 10.1000/a, 10.1000/b",)


# The record of a document


def test_a_merged_record_keeps_the_fullest_of_each_field_and_lists_every_copy() -> None:
    poor = listing("OTTERS IN THE COURTS", **SMITH, source=Source("b.ris", 9), keywords=("Otter",))
    rich = listing(
        "Otters in the courts", authors=("Smith, J. A.", "Roe, K."), doi="10.1000/a",
        summary="Otters help.", keywords=("otter", "court"), year=2010, publisher="Lutra Press",
    )  # fmt: skip
    record = merge([poor, rich], "x")
    assert record.title == "Otters in the courts"
    assert (record.doi, record.publisher, record.summary) == (
        "10.1000/a", "Lutra Press", "Otters help."
    )  # fmt: skip
    assert record.contributors == rich.contributors
    assert record.keywords == ("otter", "court")
    assert record.listings == (rich, poor)
    assert record.source == rich.source


def test_a_record_of_cells_has_the_categories_of_all_and_the_text_of_the_fullest() -> None:
    short = of_cell("Otters", "C5", categories=(Category.GUIDANCE,), summary="Brief.")
    long = of_cell("Mammals", "A1", categories=(Category.KEY,), summary="What otters do in court.")
    record = merge([short, long], "x")
    assert record.categories == (Category.KEY, Category.GUIDANCE)
    assert (record.title, record.summary, record.cell) == (long.title, long.summary, "A1")
    assert [entry.cell for entry in record.listings] == ["A1", "C5"]


def test_a_single_listing_is_its_record() -> None:
    one = listing(**SMITH)
    assert merge([one], one.id) == one


def test_the_id_outlives_a_corrected_title_where_there_is_an_identifier() -> None:
    def name(*listings: StudyRecord) -> str:
        return document_id([identity(one) for one in listings])

    assert name(listing("Oters", doi="10.1000/a")) == name(listing("Otters", doi="10.1000/A"))
    assert name(listing("Otters", doi="10.1000/a")).startswith("doi-10.1000-a-")
    assert name(listing(url="https://pubmed.gov/77")) == "pmid-77"
    plain = listing("Otters")
    assert name(plain) == plain.id
    assert name(plain, listing("Otters", doi="10.1000/a")) == name(listing(doi="10.1000/a"))


# Normalised facts


@pytest.mark.parametrize(
    "text",
    ["10.1000/ab(c)", "https://doi.org/10.1000/AB(c)", "doi: 10.1000/ab(c).", "(doi:10.1000/ab(c))",
     "http://dx.doi.org/10.1000%2Fab(c)"],
)  # fmt: skip
def test_a_doi_is_one_in_every_form(text: str) -> None:
    assert doi(text) == "10.1000/ab(c)"


def test_the_page_of_a_publisher_tells_the_doi() -> None:
    keys = set(link_keys("https://onlinelibrary.example.com/doi/full/10.1000/ab.1/abstract"))
    assert "doi:10.1000/ab.1" in keys


@pytest.mark.parametrize("url", ["", "ftp://x/y", "#part", "http://[bad", "mailto:a@b.c"])
def test_what_is_no_address_of_a_page_is_no_identifier(url: str) -> None:
    assert not list(link_keys(url))


@pytest.mark.parametrize(
    ("one", "other"),
    [("King, Jr., Martin", "King, M."), ("O’Brien, P", "OBrien P"), ("Lee, J.-P.", "Lee JP"),
     ("John Smith", "Smith JA"), ("World Bank", "World Bank")],
)  # fmt: skip
def test_names_of_one_person_are_one(one: str, other: str) -> None:
    assert are_merged(listing(authors=(one,)), listing(authors=(other,)))


def test_journals_are_known_by_their_abbreviations() -> None:
    assert same_journal("bmj", "british medical journal")
    assert same_journal("natl med j", "national medical journal")
    assert not same_journal("addiction", "addictive behaviors")
    assert not same_journal("addiction", "addiction biology")


WORDS = st.sampled_from(["otter", "beaver", "court", "1", "2", "ii", "the", "river", "rivers"])
TITLES = st.lists(WORDS, max_size=7).map(" ".join)


@given(TITLES, TITLES)
def test_the_likeness_of_titles_is_the_same_both_ways(one: str, other: str) -> None:
    assert title_likeness(one, other) == title_likeness(other, one)
    assert 0 <= title_likeness(one, other) <= 1


ANY = st.text(max_size=20)


@given(ANY, ANY, ANY, ANY, ANY)
def test_no_text_is_too_odd_to_have_an_identity(
    title: str, doi: str, url: str, pages: str, summary: str
) -> None:
    odd = listing("x", doi=doi, url=f"https://{url}", pages=pages, publisher=title)
    odd = replace(odd, title=title + "\ud800", summary=summary + "\udfff")
    assert documents([odd, odd]) in ({frozenset({0, 1})}, {frozenset({0}), frozenset({1})})
    assert document_id([identity(odd)]).isprintable() or not odd.id.isprintable()


# Whatever the listings

LISTINGS = st.lists(
    st.builds(
        listing,
        st.sampled_from(["Otters in the courts", "Otters in the court", "Beavers", "Editorial"]),
        year=st.sampled_from([None, 2010, 2011]),
        doi=st.sampled_from([None, None, "10.1000/a", "10.1000/b"]),
        url=st.sampled_from([None, None, "https://example.org/r", "https://pubmed.gov/7"]),
        authors=st.sampled_from([(), ("Smith, J",), ("Smith JA", "Roe K"), ("Roe, Kim",)]),
        publisher=st.sampled_from([None, "Home Office", "UK Home Office", "Lutra Press"]),
        summary=st.sampled_from(["", "Otters help.", "They don't help at all."]),
        source=st.builds(Source, st.sampled_from(["a.ris", "b.ris"]), st.integers(1, 9)),
    ),
    max_size=7,
    unique_by=lambda one: one.source,
)
NAMES = st.sampled_from(["doi:10.1000/a", "doi:10.1000/b", "pmid:7", listing("Beavers").id])
DECISIONS = st.lists(
    st.builds(Decision, st.sampled_from(["same", "different"]), NAMES, NAMES), max_size=3
).map(lambda lines: Decisions(tuple(d for d in lines if d.one != d.other)))


@settings(max_examples=200)
@given(LISTINGS, DECISIONS, st.randoms(use_true_random=False))
def test_documents_do_not_depend_on_the_order_of_listings_or_decisions(
    listings: list[StudyRecord], decisions: Decisions, random: Any
) -> None:
    def merged(order: list[int], lines: Decisions) -> set[StudyRecord]:
        identities = {number: identity(listings[number]) for number in order}
        return {
            merge([listings[n] for n in numbers], document_id([identities[n] for n in numbers]))
            for numbers in group(identities, lines)
        }

    order = list(range(len(listings)))
    shuffled = random.sample(order, len(order))
    lines = Decisions(tuple(random.sample(decisions.lines, len(decisions.lines))))
    assert merged(order, decisions) == merged(shuffled, lines)


@settings(max_examples=100)
@given(LISTINGS, DECISIONS)
def test_every_listing_is_in_one_document_and_none_that_are_decided_different_share_one(
    listings: list[StudyRecord], decisions: Decisions
) -> None:
    identities = [identity(one) for one in listings]
    groups = group(dict(enumerate(identities)), decisions)
    assert sorted(n for numbers in groups for n in numbers) == list(range(len(listings)))
    for decision in decisions.lines:
        if decision.kind == "different":
            for numbers in groups:
                held = [set(names_of(identities[n])) & decision.pair for n in numbers]
                assert not any(
                    decision.one in a and decision.other in b
                    for at, a in enumerate(held)
                    for b in held[at + 1 :] + held[:at]
                )


@settings(max_examples=100)
@given(LISTINGS)
def test_a_merged_record_survives_json(listings: list[StudyRecord]) -> None:
    if listings:
        record = merge(listings, "x")
        assert from_dict(to_dict(record)) == record
