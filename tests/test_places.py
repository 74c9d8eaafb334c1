"""Jurisdictions: the tables held to pycountry's, and what texts and publishers name."""

from __future__ import annotations

import pycountry
import pytest

from evidence_search.places import (
    all_places,
    ancestors,
    canonical,
    find_places,
    places_of_publisher,
    places_of_tag,
    within,
)


def test_every_country_of_iso_3166_is_known_by_its_code_and_names() -> None:
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "common_name", country.name)):
            place = canonical(name)
            assert place is not None, name
            assert all_places()[place].code == country.alpha_2


def test_every_code_of_the_table_is_iso_3166s() -> None:
    known = {country.alpha_2 for country in pycountry.countries}
    known |= {part.code for part in pycountry.subdivisions if part.country_code == "GB"}
    codes = {place.code for place in all_places().values() if place.code} - {"XK"}
    assert codes <= known  # XK, which ISO leaves to its users, is Kosovo's


def test_no_name_means_two_places() -> None:
    seen: dict[str, str] = {}
    for place in all_places().values():
        for name in (place.name, *place.names):
            assert seen.setdefault(name, place.name) == place.name
        assert place.parent is None or place.parent in all_places()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Scots, Danes and Moldovans", ["Scotland", "Denmark", "Moldova"]),
        ("a New Yorker’s, and New York’s", ["United States", "United States"]),
        ("Papua New Guinean and Guinean", ["Papua New Guinea", "Guinea"]),
        ("Nigerien or Nigerian?", ["Niger", "Nigeria"]),
        ("the U.S. and the U.K.", ["United States", "UK"]),
        ("Northern Ireland, N. Ireland and Ireland", ["Northern Ireland"] * 2 + ["Ireland"]),
        ("a south-west England-wide trial", ["England"]),
        ("American Indians in Oxford Houses", ["United States"]),
        ("give us turkey, china and polish", []),
        ("Swansea, Derry, Fife and Tower Hamlets",
         ["Wales", "Northern Ireland", "Scotland", "England"]),
    ],
)  # fmt: skip
def test_places_are_found_in_running_text(text: str, places: list[str]) -> None:
    assert [mention.name for mention in find_places(text)] == places


@pytest.mark.parametrize(
    ("publisher", "place"),
    [
        ("Ministry of Justice", "UK"),
        ("Ministry of Justice, Denmark", "Denmark"),
        ("Home Office, London", "UK"),
        ("Public Health Wales", "Wales"),
        ("Public Health Agency", "Northern Ireland"),
        ("Public Health Agency of Canada", "Canada"),
        ("Western Australia Drug and Alcohol Office", "Australia"),
        ("Department of Health, Social Services and Public Safety", "Northern Ireland"),
        ("WHO Regional Office for Europe", "Europe"),
        ("World Health Organization, UNODC and UNAIDS", "International"),
        ("RAND Europe", "Europe"),
        ("National Institute for Health and Care Excellence (NICE)", "UK"),
        ("Turning Point Scotland", "Scotland"),
        ("Cochrane Database of Systematic Reviews", "International"),
        ("Journal of Studies on Alcohol", None),
    ],
)
def test_a_publisher_tells_where_it_publishes_for(publisher: str, place: str | None) -> None:
    assert places_of_publisher(publisher) == ((place,) if place else ())


@pytest.mark.parametrize(
    ("tag", "places"),
    [
        ("UK", ("UK",)),
        ("English", ("England",)),
        ("US/Canada", ("United States", "Canada")),
        ("England and Wales", ("England", "Wales")),
        ("WHO", ("International",)),
        ("Narnia", ()),
        ("UK and Narnia", ()),
    ],
)
def test_a_tag_names_one_place_or_several(tag: str, places: tuple[str, ...]) -> None:
    assert places_of_tag(tag) == places


def test_a_place_lies_in_all_around_it() -> None:
    assert ancestors("Scotland") == ("UK", "Europe")
    assert within("UK") == {"UK", "England", "Scotland", "Wales", "Northern Ireland"}
