"""Every request the client can make, by value and against TMDb's own specification."""

import itertools
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.core.kinds import Match, MediaType
from gdvg_desktop.tmdb import reference
from gdvg_desktop.tmdb.changes import changes_of_day
from gdvg_desktop.tmdb.details import PARTS, details
from gdvg_desktop.tmdb.discover import STABLE_ORDERS, DiscoverQuery, discover
from gdvg_desktop.tmdb.find import find_imdb
from gdvg_desktop.tmdb.requests import Request

SPECIFICATION = Path(__file__).parents[3] / "shared" / "data" / "tmdb-openapi.json"
MOVIE, TV = MediaType.MOVIE, MediaType.TV


def params(query: DiscoverQuery, page: int = 1) -> dict[str, str]:
    return discover(query, page).params


def test_a_full_movie_query_sends_each_filter_once() -> None:
    query = DiscoverQuery(
        MOVIE,
        countries=("KR", "JP"),
        genres=(18, 80),
        match=Match.ALL,
        date_from=date(2024, 1, 1),
        date_to=date(2024, 12, 31),
        original_language="ko",
        vote_count_gte=3,
        vote_count_lte=9,
        sort_by="primary_release_date.asc",
    )
    assert discover(query, 7) == Request(
        "/discover/movie",
        {
            "include_adult": "false",
            "include_video": "false",
            "primary_release_date.gte": "2024-01-01",
            "primary_release_date.lte": "2024-12-31",
            "with_origin_country": "KR|JP",
            "with_genres": "18,80",
            "with_original_language": "ko",
            "vote_count.gte": "3",
            "vote_count.lte": "9",
            "sort_by": "primary_release_date.asc",
            "page": "7",
        },
        "discover",
    )


def test_any_genre_is_a_pipe_and_all_a_comma() -> None:
    assert params(DiscoverQuery(TV, genres=(18, 80), match=Match.ANY))["with_genres"] == "18|80"
    assert params(DiscoverQuery(TV, genres=(18, 80), match=Match.ALL))["with_genres"] == "18,80"


def test_tv_has_its_own_date_and_no_video_parameter() -> None:
    sent = params(DiscoverQuery(TV, date_from=date(2024, 1, 1)))
    assert sent["first_air_date.gte"] == "2024-01-01"
    assert "include_video" not in sent
    assert "include_null_first_air_dates" not in sent


def test_undated_series_are_left_out_let_in_or_alone() -> None:
    without = params(DiscoverQuery(TV, undated="without"))
    with_them = params(DiscoverQuery(TV, undated="with", date_from=date(2024, 1, 1)))
    alone = params(DiscoverQuery(TV, undated="only"))
    everything = params(DiscoverQuery(TV, undated="with"))
    assert "first_air_date.lte" in without
    assert with_them["include_null_first_air_dates"] == "true"
    assert alone["include_null_first_air_dates"] == "true"
    assert alone["first_air_date.gte"] > without["first_air_date.lte"], "the two share no title"
    assert not any("air_date" in name for name in everything)


def test_what_tmdb_cannot_list_is_refused() -> None:
    with pytest.raises(ValueError, match="without a date"):
        DiscoverQuery(MOVIE, undated="only")
    with pytest.raises(ValueError, match="without a date"):
        DiscoverQuery(MOVIE, undated="with", date_to=date(2024, 1, 1))
    with pytest.raises(ValueError, match="undated"):
        DiscoverQuery(MOVIE, undated="sometimes")


@pytest.mark.parametrize("media_type", MediaType)
def test_a_title_is_one_request_with_every_part(media_type: MediaType) -> None:
    request = details(media_type, 42, ("de-DE", "fr-CA", "en-US"))
    assert request.path == f"/{media_type.value}/42"
    assert request.params["language"] == "de-DE"
    assert request.params["include_image_language"] == "de,fr,en,null"
    assert ("include_video_language" in request.params) is (media_type is TV)
    parts = request.params["append_to_response"].split(",")
    assert len(parts) == len(set(parts)) <= 20
    assert set(parts) >= {"external_ids", "keywords", "translations", "alternative_titles", "watch/providers"}


def test_the_target_keeps_commas_and_slashes_and_encodes_the_rest() -> None:
    assert Request("/a").target() == "/a"
    assert Request("/a", {"x": "1|2", "y": "a,b/c", "z": "ö &"}).target() == "/a?x=1%7C2&y=a,b/c&z=%C3%B6%20%26"


# ------------------------------------------------------------------------------------ the specification


def every_request() -> Iterator[Request]:
    """Each request in each of its forms."""
    days = (None, date(2024, 2, 29))
    yield find_imdb("tt0137523")
    for media_type in MediaType:
        yield details(media_type, 550, ("en-US", "de-DE"))
        yield reference.genres(media_type, "de")
        yield changes_of_day(media_type, date(2026, 2, 28), 2)
        for first, last, match, genres, undated in itertools.product(
            days, days, Match, ((), (18,), (18, 80)), ("with", "without", "only")
        ):
            if media_type is MOVIE and (undated == "only" or (undated == "with" and (first or last))):
                continue
            for sort_by in (*STABLE_ORDERS[media_type], "popularity.desc"):
                yield discover(
                    DiscoverQuery(
                        media_type,
                        countries=("KR", "XC"),
                        genres=genres,
                        match=match,
                        date_from=first,
                        date_to=last,
                        undated=undated,
                        original_language="cn",
                        vote_count_gte=0,
                        vote_count_lte=5,
                        sort_by=sort_by,
                    ),
                    500,
                )
    yield reference.configuration()
    yield reference.countries("de-DE")
    yield reference.languages()
    yield reference.authentication()


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    if not SPECIFICATION.is_file():
        pytest.skip("TMDb's specification is not here")
    found: dict[str, Any] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))["paths"]
    return found


def operation(paths: dict[str, Any], path: str) -> tuple[str, dict[str, Any]]:
    """The specification's own path and operation of a request's path; a literal one comes before a pattern."""
    full = f"/3{path}"
    for known in sorted(paths, key=lambda one: one.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), full):
            return known, paths[known]["get"]
    raise AssertionError(f"{full} is in no specification")


def accepts(schema: dict[str, Any], value: str) -> bool:
    """Whether a value as sent is of the type (and among the values) of a parameter."""
    kind = schema["type"]
    fits = {
        "string": lambda: bool(value) and (schema.get("format") != "date" or bool(date.fromisoformat(value))),
        "integer": lambda: int(value) is not None,
        "number": lambda: float(value) is not None,
        "boolean": lambda: value in ("true", "false"),
    }[kind]
    return fits() and value in schema.get("enum", [value])


def test_every_request_is_in_the_specification(paths: dict[str, Any]) -> None:
    checked = 0
    for request in every_request():
        known, get = operation(paths, request.path)
        allowed = {one["name"]: one["schema"] for one in get.get("parameters", []) if one["in"] == "query"}
        if request.kind == "details":
            # a sub-request that is appended obeys its own parameters (TMDB.md 3)
            for part in PARTS[MediaType(request.path.split("/")[1])]:
                extra = paths[f"{known}/{part}"]["get"]["parameters"]
                allowed |= {one["name"]: one["schema"] for one in extra if one["in"] == "query"}
        for name, value in request.params.items():
            assert name in allowed, f"{request.path}: {name} is not known"
            assert accepts(allowed[name], value), f"{request.path}: {name}={value} does not fit {allowed[name]}"
            checked += 1
    assert checked > 500


def test_every_appended_part_is_a_path_of_its_own(paths: dict[str, Any]) -> None:
    parents = {MOVIE: "/3/movie/{movie_id}", TV: "/3/tv/{series_id}"}
    for media_type, parts in PARTS.items():
        for part in parts:
            assert f"{parents[media_type]}/{part}" in paths


def test_the_check_against_the_specification_can_fail() -> None:
    assert not accepts({"type": "boolean"}, "yes")
    assert not accepts({"type": "string", "enum": ["a.asc"]}, "a.desc")
    with pytest.raises(ValueError, match="month"):
        accepts({"type": "string", "format": "date"}, "2024-13-01")
    with pytest.raises(AssertionError):
        operation({"/3/movie/{movie_id}": {"get": {}}}, "/film/1")
