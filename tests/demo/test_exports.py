"""Export files and the change feed."""

import gzip
import json
from datetime import date, timedelta

import httpx
import pytest

from gdvg_desktop.demo.server import DemoServer
from gdvg_desktop.demo.truth import Wanted
from tests.demo.conftest import TODAY


def name(kind: str, day: date) -> str:
    return f"{kind}_{day:%m_%d_%Y}.json.gz"


def fetch(plain: httpx.Client, demo: DemoServer, kind: str, days_ago: int = 1) -> httpx.Response:
    return plain.get(f"{demo.exports_url}/{name(kind, TODAY - timedelta(days=days_ago))}")


def lines(plain: httpx.Client, demo: DemoServer, kind: str) -> list[bytes]:
    return gzip.decompress(fetch(plain, demo, kind).content).split(b"\n")


def rows(plain: httpx.Client, demo: DemoServer, kind: str) -> list[dict[str, object]]:
    found = []
    for line in lines(plain, demo, kind):
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize(("days_ago", "status"), [(0, 403), (1, 200), (90, 200), (91, 403), (-1, 403)])
def test_files_are_there_from_yesterday_back_for_ninety_days(
    plain: httpx.Client, demo: DemoServer, days_ago: int, status: int
) -> None:
    assert fetch(plain, demo, "movie_ids", days_ago).status_code == status


@pytest.mark.parametrize("wrong", ["movie_ids.json.gz", "movie_ids_13_45_2026.json.gz", "actor_ids_11_20_2026.json.gz"])
def test_other_names_are_not_there(plain: httpx.Client, demo: DemoServer, wrong: str) -> None:
    assert plain.get(f"{demo.exports_url}/{wrong}").status_code == 403


def test_movie_lines_have_the_real_form(plain: httpx.Client, demo: DemoServer) -> None:
    movies = rows(plain, demo, "movie_ids")
    assert all(list(row) == ["adult", "id", "original_title", "popularity", "video"] for row in movies)
    assert not any(row["adult"] for row in movies)
    assert any(row["video"] for row in movies)
    assert {("movie", row["id"]) for row in movies if not row["video"]} == demo.truth(Wanted("movie"))


def test_series_lines_have_neither_adult_nor_video(plain: httpx.Client, demo: DemoServer) -> None:
    series = rows(plain, demo, "tv_series_ids")
    assert all(list(row) == ["id", "original_name", "popularity"] for row in series)
    assert {("tv", row["id"]) for row in series} == demo.truth(Wanted("tv"))


def test_names_are_unescaped_text_and_one_line_is_blank_and_one_broken(plain: httpx.Client, demo: DemoServer) -> None:
    raw = lines(plain, demo, "movie_ids")
    assert raw[-1] == b"" and raw[:-1].count(b"") == 1
    assert sum(bool(line) and not line.endswith(b"}") for line in raw) == 1
    assert any(not line.isascii() for line in raw)


def test_adult_titles_have_files_of_their_own(plain: httpx.Client, demo: DemoServer) -> None:
    adult = rows(plain, demo, "adult_movie_ids")
    assert adult and all(row["adult"] for row in adult)
    assert len(rows(plain, demo, "adult_tv_series_ids")) == sum(title.adult for title in demo.catalogue.all("tv"))


@pytest.mark.parametrize(
    "kind", ["person_ids", "collection_ids", "tv_network_ids", "keyword_ids", "production_company_ids"]
)
def test_the_other_files_name_what_the_details_name(plain: httpx.Client, demo: DemoServer, kind: str) -> None:
    found = rows(plain, demo, kind)
    assert len({row["id"] for row in found}) == len(found) > 5


def test_ranges_and_head_work(plain: httpx.Client, demo: DemoServer) -> None:
    url = f"{demo.exports_url}/{name('tv_series_ids', TODAY - timedelta(days=1))}"
    whole = plain.get(url)
    assert plain.head(url).headers["content-length"] == str(len(whole.content))
    part = plain.get(url, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert plain.get(url, headers={"range": f"bytes={len(whole.content)}-"}).status_code == 416
    assert whole.headers["etag"] == plain.head(url).headers["etag"]


def test_a_file_can_be_missing_or_cut_short(plain: httpx.Client, demo: DemoServer) -> None:
    demo.faults.export_truncated = True
    with pytest.raises(EOFError):
        gzip.decompress(fetch(plain, demo, "movie_ids").content)
    demo.faults.export_missing = True
    assert fetch(plain, demo, "movie_ids").status_code == 403


def test_added_titles_are_exported_and_unlisted_ones_are_not(plain: httpx.Client, demo: DemoServer) -> None:
    (added,) = demo.catalogue.add(movies=1)
    assert added[1] in {row["id"] for row in rows(plain, demo, "movie_ids")} | {
        row["id"] for row in rows(plain, demo, "adult_movie_ids")
    }
    demo.catalogue.delete([added], unlisted=True)
    assert added[1] not in {row["id"] for row in rows(plain, demo, "movie_ids")}


def test_changes_come_a_hundred_a_page_with_null_ids_and_null_adult(client: httpx.Client) -> None:
    window = {"start_date": "2026-11-05", "end_date": "2026-11-19"}
    first = client.get("/movie/changes", params=window).json()
    assert len(first["results"]) == 100 and first["total_pages"] == -(-first["total_results"] // 100) > 1
    found = list(first["results"])
    for page in range(2, first["total_pages"] + 1):
        found += client.get("/movie/changes", params=window | {"page": page}).json()["results"]
    assert len(found) == first["total_results"]
    assert any(row["id"] is None for row in found) and any(row["adult"] is None and row["id"] for row in found)


def test_a_window_over_fourteen_days_is_422_code_20(client: httpx.Client) -> None:
    answer = client.get("/tv/changes", params={"start_date": "2026-11-01", "end_date": "2026-11-16"})
    assert (answer.status_code, answer.json()["status_code"]) == (422, 20)


def test_the_future_has_no_changes(client: httpx.Client) -> None:
    body = client.get("/tv/changes", params={"start_date": "2026-12-01", "end_date": "2026-12-02"}).json()
    assert body["results"] == []


def test_todays_changes_name_deleted_titles(demo: DemoServer, client: httpx.Client) -> None:
    key = sorted(demo.truth(Wanted("movie")))[0]
    demo.catalogue.delete([key])
    body = client.get("/movie/changes", params={"start_date": "2026-11-21"}).json()
    assert key[1] in {row["id"] for row in body["results"]}
