"""The short lists over a real socket: what is in them, their pages, their days."""

from datetime import date
from typing import Any

import httpx
import pytest

from gdvg_desktop.demo.lists import LISTS, ShortList
from gdvg_desktop.demo.server import DemoServer


def walk(client: httpx.Client, one: ShortList, **parameters: str) -> list[dict[str, Any]]:
    """Every row of a list."""
    rows: list[dict[str, Any]] = []
    page = total = 1
    while page <= total:
        body = client.get(f"/{one.media_type}/{one.name}", params={"page": page} | parameters).raise_for_status().json()
        rows += body["results"]
        total = body["total_pages"]
        page += 1
    return rows


@pytest.mark.parametrize("one", LISTS, ids=lambda one: f"{one.media_type}-{one.name}")
def test_every_list_answers_with_rows_of_its_type(client: httpx.Client, one: ShortList) -> None:
    rows = walk(client, one)
    assert rows and all(("title" if one.media_type == "movie" else "name") in row for row in rows)


def test_now_playing_and_upcoming_say_their_days_and_keep_to_them(client: httpx.Client) -> None:
    for name in ("now_playing", "upcoming"):
        dates = client.get(f"/movie/{name}").json()["dates"]
        rows = walk(client, next(one for one in LISTS if one.name == name))
        assert all(dates["minimum"] <= row["release_date"] <= dates["maximum"] for row in rows)
        assert date.fromisoformat(dates["minimum"]) < date.fromisoformat(dates["maximum"])
    assert "dates" not in client.get("/movie/popular").json()


def test_a_region_narrows_movies(demo: DemoServer, client: httpx.Client) -> None:
    ids = {row["id"] for row in walk(client, LISTS[0], region="KR")}
    korean = {title.id for title in demo.catalogue.all("movie") if title.listed and "KR" in title.countries}
    assert ids == korean


def test_a_title_keeps_its_own_address_beside_the_lists(client: httpx.Client) -> None:
    row = client.get("/movie/popular").json()["results"][0]
    assert client.get(f"/movie/{row['id']}").json()["id"] == row["id"]


def test_a_page_beyond_the_cap_is_refused(client: httpx.Client) -> None:
    answer = client.get("/tv/popular", params={"page": 501})
    assert (answer.status_code, answer.json()["status_code"]) == (400, 22)
