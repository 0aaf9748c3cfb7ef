"""Every fault as a client meets it on a real socket."""

import contextlib
import json
import socket
from collections.abc import Iterator
from random import Random

import httpx
import pytest

from gdvg_desktop.demo.faults import Fault, Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from tests.demo.conftest import KEY, TODAY


@pytest.mark.parametrize(
    ("fault", "status", "code", "retry_after"),
    [
        ("too_many", 429, 25, "2"),
        ("too_many_bare", 429, 25, None),
        ("too_many_zero", 429, 25, "0"),
        ("error_500", 500, 11, None),
        ("error_503", 503, 9, None),
        ("error_504", 504, 24, None),
    ],
)
def test_errors_have_tmdbs_flat_shape(
    demo: DemoServer, client: httpx.Client, fault: str, status: int, code: int, retry_after: str | None
) -> None:
    demo.faults.update({fault: 1})
    answer = client.get("/discover/movie")
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry_after)
    assert set(answer.json()) == {"success", "status_code", "status_message"}
    assert (answer.json()["success"], answer.json()["status_code"]) == (False, code)
    assert demo.stats.faults[fault] == 1


@pytest.mark.parametrize(("fault", "status"), [("html_502", 502), ("html_200", 200), ("html_403", 403)])
def test_html_comes_where_json_was_expected(demo: DemoServer, client: httpx.Client, fault: str, status: int) -> None:
    demo.faults.update({fault: 1})
    answer = client.get("/discover/movie")
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("fault", ["not_json", "cut_json"])
def test_a_whole_answer_can_be_no_json(demo: DemoServer, client: httpx.Client, fault: str) -> None:
    demo.faults.update({fault: 1})
    answer = client.get("/discover/movie")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/json")
    with pytest.raises(ValueError, match=r"."):
        answer.json()


def test_a_body_can_end_before_its_content_length(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.cut_body = 1
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client.get("/discover/movie")
    assert demo.stats.by_status == {}
    demo.faults.cut_body = 0
    assert client.get("/discover/movie").status_code == 200


def test_a_connection_can_be_reset(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.reset = 1
    with pytest.raises(httpx.ReadError) as caught:
        client.get("/discover/movie")
    assert isinstance(caught.value.__context__, Exception) and "reset" in str(caught.value).lower()


def test_an_answer_can_hang_until_the_client_gives_up(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.hang = 1
    with pytest.raises(httpx.ReadTimeout):
        client.get("/discover/movie", timeout=0.2)
    demo.faults.hang_s = 0.05
    with pytest.raises(httpx.TransportError):
        client.get("/discover/movie")


def test_a_hung_request_does_not_keep_the_server_from_stopping(plain: httpx.Client) -> None:
    with DemoServer(DemoOptions(movies=5, series=5, faults=Faults(hang=1))) as server:
        raw = socket.create_connection(("127.0.0.1", int(server.root.rsplit(":", 1)[1])))
        raw.sendall(f"GET /3/authentication?api_key={KEY} HTTP/1.1\r\nHost: demo\r\n\r\n".encode())
        while not server.stats.requests:
            plain.get(f"{server.root}/_demo/stats")
    with raw:
        raw.settimeout(10)
        with contextlib.suppress(ConnectionResetError):
            assert raw.recv(100) == b""


def test_everything_can_be_disconnected_except_the_control_route(
    plain: httpx.Client, demo: DemoServer, client: httpx.Client
) -> None:
    plain.post(f"{demo.root}/_demo/faults", json={"refuse": True})
    for url in (f"{demo.url}/authentication", f"{demo.exports_url}/x", f"{demo.root}/t/p/w92/p01234567.png"):
        with pytest.raises(httpx.TransportError):
            client.get(url)
    plain.post(f"{demo.root}/_demo/faults", json={"refuse": False})
    assert client.get("/authentication").status_code == 200


def test_one_title_can_always_answer_500(demo: DemoServer, client: httpx.Client) -> None:
    bad, good = (title.id for title in demo.catalogue.all("movie")[:2])
    demo.faults.always_500 = {f"movie/{bad}"}
    assert [client.get(f"/movie/{bad}").status_code for _ in range(3)] == [500] * 3
    assert client.get(f"/movie/{good}").status_code == 200


def test_latency_is_added_to_every_answer(demo: DemoServer, client: httpx.Client) -> None:
    demo.faults.latency_ms = 60
    assert client.get("/authentication").elapsed.total_seconds() >= 0.06


def test_a_bad_key_is_told_even_when_everything_fails(plain: httpx.Client, demo: DemoServer) -> None:
    demo.faults.error_500 = 1
    assert plain.get(f"{demo.url}/authentication").json()["status_code"] == 7


@pytest.fixture
def shaky() -> Iterator[DemoServer]:
    faults = Faults(rate_limit=0, too_many=0.05, error_500=0.05, html_502=0.05, reset=0.05, cut_body=0.05, shifting=3)
    with DemoServer(DemoOptions(movies=100, series=40, today=TODAY, faults=faults)) as server:
        yield server


def test_a_patient_client_gets_through_five_faults_at_five_per_cent_each(shaky: DemoServer) -> None:
    missing, rounds = shaky.truth(), 0
    with httpx.Client(base_url=shaky.url, params={"api_key": KEY}, verify=False) as client:
        while missing:
            rounds += 1
            for kind, number in sorted(missing):
                try:
                    body = client.get(f"/{kind}/{number}").json()
                except (httpx.TransportError, json.JSONDecodeError):
                    continue
                if body.get("id") == number:
                    missing.discard((kind, number))
    assert 1 < rounds < 20
    assert set(shaky.stats.faults) == {"too_many", "error_500", "html_502", "reset", "cut_body"}


def test_rates_are_met_and_exclude_each_other() -> None:
    faults, rng = Faults(reset=0.2, hang=0.1), Random(5)
    drawn = [faults.draw(rng) for _ in range(10_000)]
    assert 1_850 < drawn.count(Fault.RESET) < 2_150 and 900 < drawn.count(Fault.HANG) < 1_100
    assert set(drawn) == {Fault.RESET, Fault.HANG, None}


def test_the_same_seed_draws_the_same_faults() -> None:
    faults = Faults(error_500=0.5)
    one, two = Random(7), Random(7)
    assert [faults.draw(one) for _ in range(50)] == [faults.draw(two) for _ in range(50)]
