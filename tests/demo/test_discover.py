"""Listings over a real socket: filters, orders, pages, and a full walk against the truth."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import httpx
import pytest

from gdvg_desktop.demo.genres import UNLISTED_GENRE
from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted

Row = dict[str, Any]
BY_DATE: dict[str, dict[str, str | int]] = {
    "movie": {"sort_by": "primary_release_date.asc"},
    "tv": {"sort_by": "first_air_date.asc"},
}


def walk(client: httpx.Client, kind: str, filters: Mapping[str, str | int] | None = None) -> list[Row]:
    """Every row of every page, in order of dates unless told otherwise: popularity moves rows over page borders."""
    rows: list[Row] = []
    page = total = 1
    while page <= total:
        body = (
            client.get(f"/discover/{kind}", params=BY_DATE[kind] | dict(filters or {}) | {"page": page})
            .raise_for_status()
            .json()
        )
        rows += body["results"]
        total = body["total_pages"]
        page += 1
    return rows


def keys(kind: str, rows: list[Row]) -> list[tuple[str, object]]:
    return [(kind, row["id"]) for row in rows]


@pytest.mark.parametrize("kind", ["movie", "tv"])
def test_a_full_walk_gives_exactly_the_truth(demo: DemoServer, client: httpx.Client, kind: str) -> None:
    walked = keys(kind, walk(client, kind))
    assert len(walked) == len(set(walked))
    assert set(walked) == demo.truth(Wanted(media_type=kind))


CASES: list[tuple[Wanted, dict[str, str]]] = [
    (Wanted("tv", countries=("KR",)), {"with_origin_country": "KR"}),
    (Wanted("movie", countries=("JP", "FR")), {"with_origin_country": "JP|FR"}),
    (
        Wanted("tv", start="2024-01", end="2024-12"),
        {"first_air_date.gte": "2024-01-01", "first_air_date.lte": "2024-12-31"},
    ),
    (
        Wanted("tv", start="2024", undated="tv"),
        {"first_air_date.gte": "2024-01-01", "include_null_first_air_dates": "true"},
    ),
    (Wanted("movie", end="1999-02"), {"primary_release_date.lte": "1999-02-28"}),
    (Wanted("movie", start="2024", end="2024"), {"primary_release_year": "2024"}),
    (Wanted("movie", genres=(18, 35)), {"with_genres": "18|35"}),
    (Wanted("movie", genres=("Drama", "Comedy"), match="all"), {"with_genres": "18,35"}),
    (
        Wanted("tv", countries=("KR",), genres=("Drama",), start="2023"),
        {"with_origin_country": "KR", "with_genres": "18", "first_air_date.gte": "2023-01-01"},
    ),
]


@pytest.mark.parametrize(("wanted", "filters"), CASES, ids=[str(list(filters)) for _, filters in CASES])
def test_a_filtered_walk_gives_exactly_the_truth(
    demo: DemoServer, client: httpx.Client, wanted: Wanted, filters: dict[str, str]
) -> None:
    found = set(keys(wanted.media_type, walk(client, wanted.media_type, filters)))
    assert found == demo.truth(wanted)
    assert 0 < len(found) < len(demo.truth(Wanted(wanted.media_type)))


def test_the_truth_is_told_over_the_control_route(plain: httpx.Client, demo: DemoServer) -> None:
    told = plain.get(
        f"{demo.root}/_demo/truth", params={"type": "tv", "countries": "KR,JP", "from": "2020", "genres": "Drama"}
    )
    wanted = Wanted("tv", countries=("KR", "JP"), start="2020", genres=("Drama",))
    assert {tuple(key) for key in told.json()} == demo.truth(wanted)
    assert plain.get(f"{demo.root}/_demo/truth", params={"from": "2024-1"}).status_code == 400


def test_deleted_titles_are_listed_but_not_part_of_the_truth(demo: DemoServer, client: httpx.Client) -> None:
    gone = demo.catalogue.delete_some(6)
    listed = set(keys("movie", walk(client, "movie")) + keys("tv", walk(client, "tv")))
    assert set(gone) <= listed and not set(gone) & demo.truth()
    assert client.get("/{}/{}".format(*gone[0])).json()["status_code"] == 34


def test_pages_run_from_1_to_500_and_the_total_is_not_clamped() -> None:
    with DemoServer() as big, httpx.Client(base_url=big.url, params={"api_key": "f" * 32}, verify=False) as client:
        big.faults.rate_limit = 0
        first = client.get("/discover/movie").json()
        assert first["total_pages"] == -(-first["total_results"] // 20) > 100
        assert client.get("/discover/movie", params={"page": 500}).json()["results"] == []
        for page in ("0", "501", "-1", "two"):
            answer = client.get("/discover/movie", params={"page": page})
            assert (answer.status_code, answer.json()["status_code"]) == (400, 22)


def test_a_bad_page_can_answer_in_the_old_shape(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.old_page_error = True
    answer = client.get("/discover/tv", params={"page": 501})
    assert (answer.status_code, list(answer.json())) == (422, ["errors"])


def test_an_empty_listing_is_an_answer(client: httpx.Client) -> None:
    body = client.get("/discover/movie", params={"primary_release_date.gte": "2199-01-01"}).json()
    assert body == {"page": 1, "results": [], "total_pages": 0, "total_results": 0}


def test_a_date_of_another_form_is_refused(client: httpx.Client) -> None:
    answer = client.get("/discover/movie", params={"primary_release_date.gte": "2024-1-1"})
    assert (answer.status_code, answer.json()["status_code"]) == (400, 23)


def test_unknown_parameters_are_ignored_in_silence(client: httpx.Client) -> None:
    plain = client.get("/discover/tv").json()["total_results"]
    assert client.get("/discover/tv", params={"with_origin_contry": "KR"}).json()["total_results"] == plain


def test_adult_and_video_rows_come_only_when_asked_for(client: httpx.Client) -> None:
    usual, all_of_them = (
        walk(client, "movie"),
        walk(client, "movie", {"include_adult": "true", "include_video": "true"}),
    )
    assert not any(row["adult"] or row["video"] for row in usual)
    assert any(row["adult"] for row in all_of_them) and any(row["video"] for row in all_of_them)


@pytest.mark.parametrize(
    ("kind", "sort_by", "field"),
    [
        ("movie", "primary_release_date.desc", "release_date"),
        ("movie", "vote_average.asc", "vote_average"),
        ("movie", "original_title.asc", "original_title"),
        ("tv", "first_air_date.asc", "first_air_date"),
        ("tv", "name.desc", "name"),
    ],
)
def test_rows_come_in_the_order_asked_for(client: httpx.Client, kind: str, sort_by: str, field: str) -> None:
    values = [row.get(field, "") for row in walk(client, kind, {"sort_by": sort_by})]
    values = [value.casefold() if isinstance(value, str) else value for value in values]
    for one, other in pairwise(values):
        assert one >= other if sort_by.endswith("desc") else one <= other


def test_popularity_drifts_with_every_answer_but_dated_orders_stay(client: httpx.Client) -> None:
    first, second = (client.get("/discover/movie", params=BY_DATE["movie"]) for _ in range(2))
    ids = [[row["id"] for row in answer.json()["results"]] for answer in (first, second)]
    popularity = [[row["popularity"] for row in answer.json()["results"]] for answer in (first, second)]
    assert ids[0] == ids[1] and popularity[0] != popularity[1]
    assert first.headers["etag"] == second.headers["etag"]


def test_votes_split_a_listing_without_loss(demo: DemoServer, client: httpx.Client) -> None:
    low = keys("movie", walk(client, "movie", {"vote_count.lte": 49}))
    high = keys("movie", walk(client, "movie", {"vote_count.gte": 50}))
    assert low and high and not set(low) & set(high)
    assert set(low) | set(high) == demo.truth(Wanted("movie"))


def test_rows_are_as_odd_as_the_real_ones(client: httpx.Client) -> None:
    rows = walk(client, "movie") + walk(client, "tv")
    assert any(row["poster_path"] is None for row in rows)
    assert any(row["overview"] == "" for row in rows)
    assert any("" in (row.get("release_date"), row.get("first_air_date")) for row in rows)
    assert any("release_date" not in row and "first_air_date" not in row for row in rows)
    assert any("softcore" in row for row in rows) and any("softcore" not in row for row in rows)
    assert any(UNLISTED_GENRE in row["genre_ids"] for row in rows)


def test_a_listing_in_korean_speaks_korean_where_it_can(client: httpx.Client) -> None:
    rows = walk(client, "tv", {"language": "ko-KR", "with_original_language": "ko"})
    assert rows and all(row["name"] == row["original_name"] for row in rows)


def test_shifting_pages_repeat_some_rows_and_skip_others(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.shifting = 8
    walked = [row["id"] for row in walk(client, "movie")]
    whole = {number for _, number in demo.truth(Wanted("movie"))}
    assert len(set(walked)) < len(walked) == len(whole)
    assert set(walked) < whole
    demo.faults.shifting = 0
    assert {row["id"] for row in walk(client, "movie")} == whole
