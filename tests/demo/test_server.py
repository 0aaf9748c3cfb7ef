"""The server as a whole: credentials, limits, control routes, images, start and stop."""

import signal
import socket
import struct
import subprocess
import sys
import zlib

import httpx
import pytest

from gdvg_desktop.demo.genres import GENRES
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.stats import Stats
from tests.demo.conftest import KEY

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzY29wZXMiOlsiYXBpX3JlYWQiXX0.c2lnbmF0dXJl"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("", {}, 401),
        (f"?api_key={KEY}", {}, 200),
        ("", bearer(TOKEN), 200),
        ("", bearer(KEY), 401),
        (f"?api_key={TOKEN}", {}, 401),
        (f"?api_key={KEY[:-1]}", {}, 401),
        (f"?api_key={KEY.upper()}", {}, 401),
        ("", bearer("eyJhbGciOiJIUzI1NiJ9"), 401),
    ],
)
def test_both_credentials_are_told_apart_by_shape(
    plain: httpx.Client, demo: DemoServer, query: str, headers: dict[str, str], status: int
) -> None:
    answer = plain.get(f"{demo.url}/authentication{query}", headers=headers)
    assert answer.status_code == status
    assert answer.json()["success"] is (status == 200)
    assert answer.json()["status_code"] == (1 if status == 200 else 7)


def test_a_bad_key_is_refused_before_the_path_is_looked_at(plain: httpx.Client, demo: DemoServer) -> None:
    for path in ("/nonsense", "/discover/movie?page=999"):
        assert plain.get(f"{demo.url}{path}").json()["status_code"] == 7


def test_a_revoked_key_is_refused_and_a_new_one_taken(
    plain: httpx.Client, demo: DemoServer, client: httpx.Client
) -> None:
    assert client.get("/authentication").status_code == 200
    plain.post(f"{demo.root}/_demo/faults", json={"revoke_seen": True})
    assert client.get("/authentication").json()["status_code"] == 7
    assert plain.get(f"{demo.url}/authentication", params={"api_key": "f" * 32}).status_code == 200
    plain.post(f"{demo.root}/_demo/faults", json={"revoked": ["*"]})
    assert plain.get(f"{demo.url}/authentication", params={"api_key": "f" * 32}).status_code == 401
    plain.post(f"{demo.root}/_demo/faults", json={"revoked": []})
    assert client.get("/authentication").status_code == 200


def test_requests_over_the_limit_are_429_code_25(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.rate_limit = 3
    answers = [client.get("/authentication") for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert [answer.status_code for answer in answers[:3]] == [200, 200, 200] and refused
    assert refused[0].json()["status_code"] == 25 and refused[0].headers["retry-after"] == "1"
    assert demo.stats.too_many == len(refused)
    demo.faults.limit_header = False
    assert all("retry-after" not in client.get("/authentication").headers for _ in range(5))


def test_genres_configuration_countries_and_languages_are_tmdbs(demo: DemoServer, client: httpx.Client) -> None:
    for kind in ("movie", "tv"):
        listed = client.get(f"/genre/{kind}/list").json()["genres"]
        assert {row["id"]: row["name"] for row in listed} == GENRES[kind]
    countries = client.get("/configuration/countries").json()
    languages = client.get("/configuration/languages").json()
    assert (len(countries), len(languages)) == (251, 187)
    assert {"SU", "XK", "XC", "KR"} <= {row["iso_3166_1"] for row in countries}
    assert {"xx", "cn", "zh", "mo"} <= {row["iso_639_1"] for row in languages}
    assert any(row["name"] == "" for row in languages)
    assert client.get("/configuration").json()["images"]["secure_base_url"] == f"{demo.root}/t/p/"


def test_pictures_are_valid_png_of_the_size_asked_for(plain: httpx.Client, demo: DemoServer) -> None:
    path = next(title.poster_path for title in demo.catalogue.all("movie") if title.poster_path)
    for size, width in (("w92", 92), ("w342", 342), ("original", 1000)):
        data = plain.get(f"{demo.root}/t/p/{size}{path}").content
        assert data.startswith(b"\x89PNG\r\n\x1a\n") and struct.unpack(">II", data[16:24]) == (
            width,
            round(width * 1.5),
        )
        start = data.index(b"IDAT")
        length = struct.unpack(">I", data[start - 4 : start])[0]
        assert len(zlib.decompress(data[start + 4 : start + 4 + length])) == (width + 1) * round(width * 1.5)
    assert plain.get(f"{demo.root}/t/p/w92{path}").content == plain.get(f"{demo.root}/t/p/w92{path}").content
    assert plain.get(f"{demo.root}/t/p/w92/nothing.png").status_code == 404


def test_the_counters_say_what_was_asked(plain: httpx.Client, demo: DemoServer, client: httpx.Client) -> None:
    number = demo.catalogue.all("movie")[0].id
    client.get("/discover/movie")
    client.get(f"/movie/{number}")
    client.get(f"/movie/{number}")
    client.get("/movie/1")
    plain.get(f"{demo.root}/t/p/w92/p01234567.png")
    told = plain.get(f"{demo.root}/_demo/stats").json()
    assert told["requests"] == 4 and told["by_kind"] == {"discover": 1, "details": 3, "images": 1}
    assert told["detail_requests"] == {f"movie/{number}": 2, "movie/1": 1}
    assert told["detail_answers"] == {f"movie/{number}": 2}
    assert told["by_status"] == {"200": 3, "404": 1}
    assert told["peak_in_flight"] == 1 and told["peak_connections"] >= 1 and told["peak_per_second"] >= 1
    plain.post(f"{demo.root}/_demo/reset")
    assert plain.get(f"{demo.root}/_demo/stats").json()["requests"] == 0


def test_the_busiest_second_and_the_cool_down_are_measured() -> None:
    stats = Stats()
    for now in (0.0, 0.4, 0.9, 1.0, 1.3, 5.0):
        stats.arrived("/3/movie/1", now, connections=2)
    assert (stats.peak_per_second, stats.peak_connections, stats.peak_in_flight) == (4, 2, 6)
    stats.sent_too_many(5.0, retry_after_s=2)
    for now in (5.5, 6.9, 7.0):
        stats.arrived("/3/movie/1", now, connections=2)
    assert stats.peak_in_cooldown == 2


def test_the_control_route_refuses_what_it_does_not_know(plain: httpx.Client, demo: DemoServer) -> None:
    for order in ({"explode": 1}, {"reset": "often"}, {"reset": 0.7, "hang": 0.7}, {"delete": "all"}):
        answer = plain.post(f"{demo.root}/_demo/faults", json=order)
        assert answer.status_code == 400 and answer.json()["error"]
    assert (demo.faults.reset, demo.faults.hang) == (0.0, 0.0)


def test_titles_are_added_and_deleted_while_it_runs(
    plain: httpx.Client, demo: DemoServer, client: httpx.Client
) -> None:
    told = plain.post(f"{demo.root}/_demo/faults", json={"add_movies": 2, "add_series": 1, "delete": 4}).json()
    assert len(told["added"]) == 3 and len(told["deleted"]) == 4
    assert client.get("/{}/{}".format(*told["added"][0])).status_code == 200
    assert client.get("/{}/{}".format(*told["deleted"][0])).status_code == 404
    plain.post(f"{demo.root}/_demo/faults", json={"restore": True})
    assert client.get("/{}/{}".format(*told["deleted"][0])).status_code == 200


def test_a_stopped_server_leaves_its_port_free_for_the_next(plain: httpx.Client) -> None:
    options = DemoOptions(movies=20, series=10)
    with DemoServer(options) as first:
        port = int(first.root.rsplit(":", 1)[1])
        idle = socket.create_connection(("127.0.0.1", port))
    idle.close()
    with pytest.raises(httpx.ConnectError):
        plain.get(f"{first.url}/authentication")
    with DemoServer(options, port) as second:
        assert second.url == first.url
        assert plain.get(f"{second.url}/authentication", params={"api_key": KEY}).status_code == 200
        with pytest.raises(OSError, match=r"in use|10048"), DemoServer(options, port):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send the interrupt key to one process")
def test_it_runs_as_a_process_and_ends_on_the_interrupt_key(plain: httpx.Client) -> None:
    arguments = [
        "--movies",
        "30",
        "--series",
        "10",
        "--rate-limit",
        "0",
        "--fault",
        "html_502=1",
        "--fault",
        "shifting=2",
    ]
    command = [sys.executable, "-W", "error", "-m", "gdvg_desktop.demo", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline().strip()
        answer = plain.get(f"{url}/authentication", params={"api_key": KEY})
        assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stdout.read() == "" and process.stderr.read() == ""


def test_a_wrong_switch_on_the_command_line_is_named() -> None:
    command = [sys.executable, "-m", "gdvg_desktop.demo", "--fault", "explode=1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "no such switch: explode" in done.stderr
