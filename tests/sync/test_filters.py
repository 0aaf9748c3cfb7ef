"""Filters are read once, and every refusal names the value and what is accepted."""

from datetime import date

import pytest

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import Existing, Match, MediaType
from gdvg_desktop.sync.filters import (
    ImportFilter,
    build_filter,
    genre_notes,
    parse_countries,
    parse_genres,
    parse_month,
    parse_types,
)

COUNTRIES = {"KR": "South Korea", "GB": "United Kingdom", "US": "United States of America"}
GENRES = {
    MediaType.MOVIE: {18: "Drama", 28: "Action", 878: "Science Fiction"},
    MediaType.TV: {18: "Drama", 10762: "Kids"},
}
BOTH = (MediaType.MOVIE, MediaType.TV)


@pytest.mark.parametrize(
    ("text", "end", "day"),
    [
        ("2024-01", False, date(2024, 1, 1)),
        ("2024-02", True, date(2024, 2, 29)),
        ("2024", False, date(2024, 1, 1)),
        ("2024", True, date(2024, 12, 31)),
        ("2024-3", True, date(2024, 3, 31)),
    ],
)
def test_months_and_years_become_days(text: str, end: bool, day: date) -> None:
    assert parse_month(text, end=end) == day


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "24-01", "", "January", "2024-01-05", "٢٠٢٤-01", "9999", "-5"])
def test_what_is_no_month_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="is not a month") as caught:
        parse_month(text, end=False)
    assert text in caught.value.message
    assert "2024-01" in caught.value.hint


def test_countries_are_codes_or_names_and_uk_is_gb() -> None:
    assert parse_countries(["uk", "south korea", "KR"], COUNTRIES) == ("GB", "KR")


def test_an_unknown_country_is_named() -> None:
    with pytest.raises(UsageError, match="XQ"):
        parse_countries(["XQ"], COUNTRIES)


def test_genres_are_mapped_for_each_type() -> None:
    names, ids = parse_genres(["drama", "28"], BOTH, GENRES)
    assert names == ("Action", "Drama")
    assert dict(ids) == {MediaType.MOVIE: (18, 28), MediaType.TV: (18,)}


def test_an_unknown_genre_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="Telenovela") as caught:
        parse_genres(["Telenovela"], BOTH, GENRES)
    assert "Kids" in caught.value.hint


def test_a_genre_of_the_other_type_only_is_unknown() -> None:
    with pytest.raises(UsageError):
        parse_genres(["Kids"], (MediaType.MOVIE,), GENRES)


def test_any_keeps_what_applies_and_all_needs_every_genre() -> None:
    names, ids = parse_genres(["Drama", "Action"], BOTH, GENRES)
    some = build_filter(types=BOTH, genres=names, genre_ids=ids, match=Match.ANY)
    every = build_filter(types=BOTH, genres=names, genre_ids=ids, match=Match.ALL)
    assert some.ids_for(MediaType.TV) == (18,)
    assert every.ids_for(MediaType.TV) is None
    assert every.ids_for(MediaType.MOVIE) == (18, 28)
    assert len(genre_notes(some)) == 1 and len(genre_notes(every)) == 1


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"priority": 101}, "101"),
        ({"priority": -1}, "-1"),
        ({"limit": 0}, "0"),
        ({"date_from": date(2024, 6, 1), "date_to": date(2024, 1, 31)}, "2024-06"),
    ],
)
def test_values_that_do_not_fit_are_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        build_filter(types=BOTH, **values)  # type: ignore[arg-type]


def test_types_are_movie_tv_or_all() -> None:
    assert parse_types("all") == BOTH
    with pytest.raises(UsageError, match="film"):
        parse_types("film")


def test_a_filter_survives_its_json_form() -> None:
    chosen = build_filter(
        types=BOTH,
        countries=("KR",),
        date_from=date(2024, 1, 1),
        date_to=date(2024, 12, 31),
        genres=("Action", "Drama"),
        genre_ids=((MediaType.MOVIE, (18, 28)), (MediaType.TV, (18,))),
        match=Match.ALL,
        priority=7,
        existing=Existing.UPDATE,
        limit=10,
    )
    assert ImportFilter.from_config(chosen.to_config()) == chosen


def test_only_a_filter_that_narrows_nothing_is_everything() -> None:
    assert build_filter(types=(MediaType.TV,), priority=3, limit=5).is_everything
    assert not build_filter(types=BOTH, countries=("KR",)).is_everything
