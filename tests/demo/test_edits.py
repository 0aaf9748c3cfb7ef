"""The catalogue as it changes while the server runs: edits, merges, the change list of the day, exports that wait."""

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.demo.conftest import TODAY

APPEND = {"append_to_response": "credits,aggregate_credits"}


@pytest.fixture(autouse=True)
def same_day(demo: DemoServer) -> Iterator[None]:
    yield
    demo.catalogue.today = TODAY
    demo.catalogue.release_exports()


def order(demo: DemoServer, plain: httpx.Client, **actions: Any) -> Any:
    answer = plain.post(f"{demo.root}/_demo/faults", json=actions)
    assert answer.status_code == 200, answer.text
    return answer.json()


def changed(client: httpx.Client, kind: str, day: date) -> set[int]:
    window = {"start_date": day.isoformat(), "end_date": (day + timedelta(days=1)).isoformat()}
    first = client.get(f"/{kind}/changes", params=window).json()
    rows = list(first["results"])
    for page in range(2, first["total_pages"] + 1):
        rows += client.get(f"/{kind}/changes", params=window | {"page": page}).json()["results"]
    return {row["id"] for row in rows if row["id"] is not None}


def exported(plain: httpx.Client, demo: DemoServer, days_ago: int = 1) -> set[int]:
    day = TODAY - timedelta(days=days_ago)
    answer = plain.get(f"{demo.exports_url}/movie_ids_{day:%m_%d_%Y}.json.gz")
    assert answer.status_code == 200
    lines = gzip.decompress(answer.content).split(b"\n")
    return {json.loads(line)["id"] for line in lines if line.endswith(b"}")}


@pytest.mark.parametrize("kind", ["movie", "tv"])
def test_an_edit_shows_in_texts_running_time_genres_and_cast(
    demo: DemoServer, client: httpx.Client, plain: httpx.Client, kind: str
) -> None:
    key = sorted(demo.truth(Wanted(kind)))[4]
    before = client.get(f"/{kind}/{key[1]}", params=APPEND).json()
    assert order(demo, plain, edit=[list(key)])["edited"] == [list(key)]
    after = client.get(f"/{kind}/{key[1]}", params=APPEND).json()
    runtime = "runtime" if kind == "movie" else "episode_run_time"
    for name in ("overview", "tagline", runtime, "genres"):
        assert before[name] != after[name], name
    credits = "credits" if kind == "movie" else "aggregate_credits"
    assert after[credits]["cast"][:-1] == before[credits]["cast"]
    assert after[credits] == {
        name: value for name, value in client.get(f"/{kind}/{key[1]}/{credits}").json().items() if name != "id"
    }
    assert key[1] in changed(client, kind, TODAY)


def test_changes_stay_on_the_day_they_were_made(demo: DemoServer, client: httpx.Client, plain: httpx.Client) -> None:
    tomorrow = TODAY + timedelta(days=1)
    quiet = [t for t in demo.catalogue.all("movie") if (t.salt + tomorrow.toordinal() * 7) % 29 and t.listed]
    first, second = quiet[0].key, quiet[1].key
    order(demo, plain, edit=[first])
    order(demo, plain, today=tomorrow.isoformat(), edit=[second])
    assert first[1] in changed(client, "movie", TODAY) and first[1] not in changed(client, "movie", tomorrow)
    assert second[1] in changed(client, "movie", tomorrow)


def test_exports_keep_their_state_until_released(demo: DemoServer, plain: httpx.Client) -> None:
    before = exported(plain, demo)
    done = order(demo, plain, freeze_exports=True, delete=5, unlisted=True, add_movies=3)
    deleted = {number for kind, number in done["deleted"] if kind == "movie"}
    added = {number for _, number in done["added"] if not demo.catalogue._titles["movie"][number].adult}
    assert exported(plain, demo) == before
    order(demo, plain, release_exports=True)
    assert exported(plain, demo) == before - deleted | added


def test_an_export_may_be_empty_half_or_there_already_and_older_ones_in_order(
    demo: DemoServer, plain: httpx.Client
) -> None:
    whole = exported(plain, demo)
    demo.faults.export_half = True
    assert len(exported(plain, demo)) < 0.6 * len(whole)
    demo.faults.export_newest_only = True
    assert exported(plain, demo, days_ago=2) == whole
    demo.faults.export_empty = True
    assert exported(plain, demo) == set()
    demo.faults.export_today = True
    assert exported(plain, demo, days_ago=0) == set() and exported(plain, demo, days_ago=1) == whole


def test_who_has_an_export_is_told_so(demo: DemoServer, plain: httpx.Client) -> None:
    url = f"{demo.exports_url}/movie_ids_{TODAY - timedelta(days=1):%m_%d_%Y}.json.gz"
    etag = plain.head(url).headers["etag"]
    assert plain.get(url, headers={"if-none-match": etag}).status_code == 304
    demo.catalogue.add(movies=30)
    assert plain.get(url, headers={"if-none-match": etag}).status_code == 200


def test_a_merged_title_is_found_by_its_imdb_id(demo: DemoServer, client: httpx.Client, plain: httpx.Client) -> None:
    titles = [t for t in demo.catalogue.all("movie") if t.listed and t.imdb_id]
    gone, stays = titles[0], titles[1]
    find = {"external_source": "imdb_id"}
    before = client.get(f"/find/{gone.imdb_id}", params=find).json()
    assert [row["id"] for row in before["movie_results"]] == [gone.id]
    order(demo, plain, merge=[gone.key, stays.key])
    assert client.get(f"/movie/{gone.id}").status_code == 404
    assert client.get(f"/movie/{stays.id}").json()["imdb_id"] == gone.imdb_id
    after = client.get(f"/find/{gone.imdb_id}", params=find).json()
    assert [row["id"] for row in after["movie_results"]] == [stays.id]
    assert set(after) == {"movie_results", "person_results", "tv_results", "tv_episode_results", "tv_season_results"}
    assert client.get("/find/tt0000000", params=find).json()["movie_results"] == []
    assert client.get(f"/find/{gone.imdb_id}").status_code == 422
