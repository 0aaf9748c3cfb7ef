"""The client's policy over real sockets, with this program's transport and with httpx's own."""

import asyncio
import gzip
import json
import logging
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gdvg_desktop import __version__
from gdvg_desktop.core.credentials import parse_credential
from gdvg_desktop.core.errors import (
    BadAnswer,
    BadRequest,
    CredentialError,
    GaveUp,
    Gone,
    UnreachableError,
)
from gdvg_desktop.core.events import ConnectionChanged, CredentialNeeded
from gdvg_desktop.core.kinds import FailureCategory, MediaType
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.tmdb.client import Meter
from gdvg_desktop.tmdb.details import details
from gdvg_desktop.tmdb.reference import configuration
from gdvg_desktop.tmdb.requests import Request
from tests.tmdb.conftest import KEY, TOKEN, Bench, until
from tests.tmdb.raw_server import RawServer, Received, hang, ok, raw, reset, said, send, then_close

InTurn = Callable[..., None]
MOVIE = details(MediaType.MOVIE, 550, ("en-US",))
GOOD = ok({"id": 550})
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

FAULTS = {
    "500": said(500, 11),
    "502 with a page": send(502, b"<html>Bad gateway</html>", kind="text/html"),
    "503": said(503, 9),
    "504": said(504, 24),
    "reset before the answer": reset(),
    "reset in the headers": reset(b"HTTP/1.1 200 OK\r\nContent-"),
    "reset in the body": reset(JSON_HEAD + b'Content-Length: 500\r\n\r\n{"id": 550, '),
    "closed before the answer": then_close(b""),
    "closed in the body": then_close(JSON_HEAD + b'Content-Length: 500\r\n\r\n{"id": 550, '),
    "closed in a chunk": then_close(JSON_HEAD + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"id": 550, '),
    "closed without a length": then_close(JSON_HEAD + b'Connection: close\r\n\r\n{"id": 550, "tit'),
    "JSON cut off at the right length": send(200, b'{"id": 550, "tit'),
    "cut-off gzip": send(200, gzip.compress(b'{"id": 550}' * 100)[:40], Content_Encoding="gzip"),
    "no gzip at all": send(200, b'{"id": 550}', Content_Encoding="gzip"),
    "empty body": send(200, b""),
    "text in place of JSON": send(200, b"all fine", kind="text/plain"),
    "a page in place of JSON": send(200, b"<html>Log in</html>", kind="text/html"),
    "403 with a page": send(403, b"<html>Blocked</html>", kind="text/html"),
    "404 with a page": send(404, b"<html>Nothing</html>", kind="text/html"),
    "404 without TMDb's JSON": send(404, b"{}"),
    "a redirect": send(302, b"", Location="http://login.invalid/"),
    "bad status line": then_close(b"NONSENSE\r\n\r\n"),
    "bad header": then_close(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
    "oversized header": then_close(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n{}"),
    "bad chunk": then_close(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
}


def test_requests_and_faults_are_named() -> None:
    assert len(FAULTS) >= 20


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_is_tried_again_until_the_answer_comes(bench: Bench, in_turn: InTurn, fault: str) -> None:
    in_turn(FAULTS[fault], FAULTS[fault], GOOD)
    meter = Meter()
    async with bench.client() as client:
        assert await client.fetch_bytes(MOVIE, meter=meter) == b'{"id": 550}'
    assert (meter.requests, meter.retries, meter.throttled, meter.sleeping) == (3, 2, 0, 0)
    assert bench.sent == len(bench.server.received) == 3
    assert len(bench.clock.slept) == 2
    assert 1 <= bench.clock.slept[0] <= 1 and 1.5 <= bench.clock.slept[1] <= 2


@pytest.mark.parametrize(
    ("fault", "category"),
    [
        ("500", FailureCategory.SERVER),
        ("reset in the body", FailureCategory.SERVER),
        ("JSON cut off at the right length", FailureCategory.VALIDATION),
        ("404 without TMDb's JSON", FailureCategory.VALIDATION),
        ("empty body", FailureCategory.VALIDATION),
    ],
)
async def test_after_the_last_attempt_it_gives_up_and_tells_the_attempts(
    bench: Bench, in_turn: InTurn, fault: str, category: FailureCategory
) -> None:
    in_turn(FAULTS[fault])
    meter = Meter()
    async with bench.client(max_attempts=9) as client:
        with pytest.raises(GaveUp) as caught:
            await client.fetch_bytes(MOVIE, meter=meter)
    assert len(caught.value.attempts) == meter.requests == 9
    assert caught.value.category is category
    assert {attempt.category for attempt in caught.value.attempts} == {category}
    waits = bench.clock.slept
    assert len(waits) == 8
    for wait, longest in zip(waits, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert 0.75 * longest <= wait <= longest


async def test_a_hanging_server_runs_into_the_time_limit(bench: Bench, in_turn: InTurn) -> None:
    in_turn(hang(), hang(JSON_HEAD + b"Content-Length: 5\r\n\r\n{"), GOOD)
    async with bench.client(timeout_s=0.2) as client:
        assert await client.fetch_bytes(MOVIE) == b'{"id": 550}'


async def test_a_body_that_trickles_in_runs_into_the_time_limit_too(bench: Bench, server: RawServer) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(JSON_HEAD + b"Content-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    answers = [trickle, GOOD]
    server.script = lambda request: answers.pop(0)
    async with bench.client(timeout_s=0.2) as client:
        assert await client.fetch_bytes(MOVIE) == b'{"id": 550}'


async def test_an_answer_decode_cannot_use_is_tried_again(bench: Bench, in_turn: InTurn) -> None:
    class Movie(msgspec.Struct):
        id: int

    in_turn(ok({"id": "text"}), ok({"id": 5}))
    async with bench.client() as client:
        got = await client.get(MOVIE, decode=lambda body: msgspec.json.decode(body, type=Movie))
    assert got.id == 5


@pytest.mark.parametrize("headers", [{"Retry_After": "2"}, {"Retry_After": "0"}, {}])
async def test_429_never_counts_as_an_attempt(bench: Bench, in_turn: InTurn, headers: dict[str, str]) -> None:
    in_turn(*[said(429, 25, **headers)] * 5, GOOD)
    meter = Meter()
    async with bench.client(max_attempts=1, requests_per_second=40) as client:
        before = bench.clock.monotonic()
        assert await client.fetch_bytes(MOVIE, meter=meter)
        assert client.status().state == "limited"
    assert (meter.requests, meter.throttled, meter.retries) == (6, 5, 0)
    assert bench.clock.monotonic() - before >= 5
    assert len(bench.events_of(ConnectionChanged)) >= 1


async def test_code_25_is_a_429_under_any_status(bench: Bench, in_turn: InTurn) -> None:
    in_turn(said(200, 25), said(400, 25), said(403, 25), GOOD)
    async with bench.client(max_attempts=1) as client:
        assert await client.fetch_bytes(MOVIE)


@pytest.mark.parametrize("code", [6, 34])
async def test_404_of_tmdbs_is_gone_and_asked_once(bench: Bench, in_turn: InTurn, code: int) -> None:
    in_turn(said(404, code))
    async with bench.client() as client:
        with pytest.raises(Gone):
            await client.fetch_bytes(MOVIE)
    assert bench.sent == 1


@pytest.mark.parametrize("status", [400, 405, 406, 422])
async def test_a_bad_request_is_logged_as_our_mistake_and_asked_once(
    bench: Bench, in_turn: InTurn, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    bench.credential = parse_credential(KEY)
    in_turn(said(status, 20, "Invalid date range"))
    async with bench.client() as client:
        with pytest.raises(BadRequest, match="Invalid date range"):
            await client.fetch_bytes(MOVIE)
    assert bench.sent == 1
    [line] = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert "/movie/550" in line and KEY not in line


# ------------------------------------------------------------------------------------------------- the key


@pytest.mark.parametrize(("status", "code"), [(401, 7), (401, 10), (401, 35), (403, 45)])
async def test_a_refused_key_stops_everything_at_once(bench: Bench, in_turn: InTurn, status: int, code: int) -> None:
    in_turn(said(status, code, "Invalid API key"))
    async with bench.client() as client:
        with pytest.raises(CredentialError, match="Invalid API key"):
            await client.fetch_bytes(MOVIE)
        for _ in range(3):
            with pytest.raises(CredentialError, match="Invalid API key"):
                await client.fetch_bytes(MOVIE)
        assert client.status().state == "refused"
        assert "Invalid API key" in client.status().message
        assert bench.sent == 1
        assert len(bench.events_of(CredentialNeeded)) == 1
        in_turn(GOOD)
        client.reset_credential()
        assert await client.fetch_bytes(MOVIE)
        assert client.status().state == "connected"


async def test_an_answer_to_the_former_key_does_not_refuse_the_new_one(bench: Bench, server: RawServer) -> None:
    async def refuse_late(writer: asyncio.StreamWriter) -> None:
        bench.credential = parse_credential(KEY)
        await said(401, 7)(writer)

    answers = [refuse_late, GOOD]
    server.script = lambda request: answers.pop(0)
    async with bench.client() as client:
        assert await client.fetch_bytes(MOVIE)
    assert not bench.events_of(CredentialNeeded)
    assert ("api_key", KEY) in server.received[1].params


async def test_without_a_key_nothing_is_sent(bench: Bench) -> None:
    bench.credential = None
    async with bench.client() as client:
        with pytest.raises(CredentialError):
            await client.fetch_bytes(MOVIE)
    assert bench.server.received == []


async def test_a_token_travels_as_bearer_and_a_key_as_parameter(bench: Bench, in_turn: InTurn) -> None:
    async with bench.client() as client:
        await client.fetch_bytes(configuration())
        bench.credential = parse_credential(KEY)
        await client.fetch_bytes(configuration())
        await client.fetch_bytes(MOVIE)
    with_token, with_key, with_both = bench.server.received
    assert with_token.headers["authorization"] == f"bearer {TOKEN.lower()}"
    assert with_token.params == []
    assert "authorization" not in with_key.headers
    assert with_key.params == [("api_key", KEY)]
    assert with_both.params[-1] == ("api_key", KEY)
    assert len(with_both.params) == len(MOVIE.params) + 1


@pytest.mark.parametrize("secret", [KEY, TOKEN])
@pytest.mark.parametrize("fault", ["500", "reset before the answer", "bad status line", "oversized header"])
async def test_the_key_is_in_no_error_and_no_log_line(
    bench: Bench, in_turn: InTurn, fault: str, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench.credential = parse_credential(secret)
    caplog.set_level(logging.DEBUG)
    for noisy in ("httpx", "httpcore", "aiohttp", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # as core.log sets them
    in_turn(FAULTS[fault], FAULTS[fault], said(401, 7, "Invalid"))
    async with bench.client(max_attempts=2) as client:
        with pytest.raises(GaveUp) as caught:
            await client.fetch_bytes(MOVIE)
        with pytest.raises(CredentialError) as refused:
            await client.fetch_bytes(MOVIE)
        told = [repr(bench.credential), str(client.status()), repr(caught.value.attempts)]
    error: BaseException | None = caught.value
    while error is not None:
        told += [str(error), repr(error), repr(error.args)]
        error = error.__cause__ or error.__context__
    told += [str(refused.value), repr(refused.value), caplog.text, repr(bench.events)]
    assert not any(secret in text for text in told)


async def test_checking_a_credential_changes_nothing_for_the_others(bench: Bench, server: RawServer) -> None:
    server.script = lambda request: said(401, 7, "Invalid") if request.path.endswith("authentication") else GOOD
    async with bench.client() as client:
        with pytest.raises(CredentialError, match="Invalid"):
            await client.check_credential(parse_credential(KEY))
        assert client.status().state != "refused"
        assert await client.fetch_bytes(MOVIE)
    assert ("api_key", KEY) in server.received[0].params


async def test_checking_a_credential_survives_passing_trouble(bench: Bench, in_turn: InTurn) -> None:
    in_turn(said(429, 25, Retry_After="1"), FAULTS["502 with a page"], reset(), ok({"success": True, "status_code": 1}))
    bench.credential = None
    async with bench.client() as client:
        await client.check_credential(parse_credential(KEY))


async def test_checking_a_credential_without_a_line_says_unreachable(bench: Bench, in_turn: InTurn) -> None:
    in_turn(FAULTS["a page in place of JSON"])
    async with bench.client() as client:
        with pytest.raises(UnreachableError, match="Something between us and TMDb answered"):
            await client.check_credential(parse_credential(KEY))
    assert bench.sent == 3


# --------------------------------------------------------------------------------------------- the wire


async def test_requests_name_the_program_ask_for_gzip_and_keep_the_connection(bench: Bench) -> None:
    bench.server.script = lambda request: send(200, gzip.compress(b'{"id": 550}'), Content_Encoding="gzip")
    async with bench.client() as client:
        for _ in range(5):
            assert await client.fetch_bytes(MOVIE) == b'{"id": 550}'
    [connection] = {one.connection for one in bench.server.received}
    assert connection == 1
    headers = bench.server.received[0].headers
    assert headers["user-agent"] == f"gdvg-desktop/{__version__} (+app)"
    assert headers["accept-encoding"] == "gzip"
    assert headers["accept"] == "application/json"
    assert headers["host"] == f"127.0.0.1:{bench.server.port}"


async def test_each_parameter_is_sent_once_and_the_pipe_encoded(bench: Bench) -> None:
    request = Request("/discover/tv", {"with_genres": "80|18", "a.b": "x,y", "c": "watch/providers", "d": "é &=?#"})
    async with bench.client() as client:
        await client.fetch_bytes(request)
    [received] = bench.server.received
    assert received.path == "/3/discover/tv"
    assert received.params == list(request.params.items())
    assert "80%7C18" in received.target
    assert "x,y" in received.target


async def test_never_more_at_once_than_connections_allow(bench: Bench, server: RawServer) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        await GOOD(writer)

    server.script = lambda request: slow
    async with bench.client(max_connections=3) as client:
        await asyncio.gather(*(client.fetch_bytes(MOVIE) for _ in range(30)))
    assert server.busiest == 3
    assert len({one.connection for one in server.received}) == 3


async def test_a_waiting_retry_holds_no_connection(bench: Bench, server: RawServer) -> None:
    def script(request: Received) -> Any:
        return said(500, 11) if request.path.endswith("/1") else GOOD

    server.script = script
    asleep = asyncio.Event()
    go_on = asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await go_on.wait()

    bench.clock.sleep = sleep  # type: ignore[method-assign]
    meter = Meter()
    async with bench.client(max_connections=1, max_attempts=2) as client:
        failing = asyncio.create_task(client.fetch_bytes(details(MediaType.MOVIE, 1, ()), meter=meter))
        await asleep.wait()
        assert meter.sleeping == 1
        assert await client.fetch_bytes(MOVIE)
        go_on.set()
        with pytest.raises(GaveUp):
            await failing
    assert meter.sleeping == 0


async def test_a_reset_of_a_kept_connection_is_not_repeated_behind_our_back(bench: Bench, in_turn: InTurn) -> None:
    in_turn(GOOD, reset(), reset(), GOOD)
    meter = Meter()
    async with bench.client() as client:
        await client.fetch_bytes(MOVIE, meter=meter)
        await client.fetch_bytes(MOVIE, meter=meter)
    assert len(bench.server.received) == meter.requests == 4


async def test_a_cancelled_request_leaves_its_connection_to_the_others(bench: Bench, server: RawServer) -> None:
    answers = [hang(), GOOD]
    server.script = lambda request: answers.pop(0)
    async with bench.client(max_connections=1) as client:
        waiting = asyncio.create_task(client.fetch_bytes(MOVIE))
        await until(lambda: bool(server.received))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await client.fetch_bytes(MOVIE)


async def test_a_response_may_be_large_and_in_chunks(bench: Bench, server: RawServer) -> None:
    body = json.dumps({"id": 550, "parts": ["x" * 1000] * 3000}).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:1_000_000], body[1_000_000:]))
    server.script = lambda request: raw(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    async with bench.client() as client:
        assert await client.fetch_bytes(MOVIE) == body


# --------------------------------------------------------------------------------------------- status


async def test_the_status_counts_the_day_and_tells_the_latency(bench: Bench) -> None:
    async with bench.client() as client:
        assert client.status().state == "idle"
        assert client.status().latency_ms is None
        client.set_requests_today(100)
        for _ in range(3):
            await client.fetch_bytes(MOVIE)
        status = client.status()
        assert (status.state, status.requests_today, status.message) == ("connected", 103, "")
        assert status.latency_ms is not None
        assert status.pacer.last_minute == 3
        await bench.clock.advance(86_400)
        assert client.status().requests_today == 0
        await client.fetch_bytes(MOVIE)
        assert client.status().requests_today == 1
    assert len(bench.events_of(ConnectionChanged)) == 1


async def test_settings_that_change_apply_at_once(bench: Bench, in_turn: InTurn) -> None:
    in_turn(said(500, 11))
    async with bench.client(max_attempts=2) as client:
        client.apply(Settings(tmdb_url=bench.server.url, requests_per_second=7, max_attempts=3))
        assert client.status().pacer.limit == 7
        with pytest.raises(GaveUp) as caught:
            await client.fetch_bytes(MOVIE)
    assert len(caught.value.attempts) == 3


async def test_a_rate_meant_for_another_server_does_not_apply_to_this_one(bench: Bench) -> None:
    async with bench.client(tmdb_url="https://api.example.org/3", requests_per_second=20.0) as client:
        client.apply(Settings(tmdb_url=bench.server.url, requests_per_second=0.0, max_attempts=3))
        assert client.status().pacer.limit == 20


async def test_the_cause_of_giving_up_is_the_last_failure(bench: Bench, in_turn: InTurn) -> None:
    in_turn(said(500, 11), send(200, b"{"))
    async with bench.client(max_attempts=2) as client:
        with pytest.raises(GaveUp) as caught:
            await client.fetch_bytes(MOVIE)
    assert isinstance(caught.value.__context__, BadAnswer)
    assert caught.value.attempts[0].message.startswith("TMDb had trouble")
