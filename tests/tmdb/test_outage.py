"""Outages over real sockets: told from failing requests, waited out by everybody, and over by themselves."""

import asyncio
import logging

import pytest

from gdvg_desktop.core.errors import CredentialError, GaveUp
from gdvg_desktop.core.events import ConnectionChanged
from gdvg_desktop.core.kinds import FailureCategory, MediaType
from gdvg_desktop.tmdb.client import Meter, TmdbClient
from gdvg_desktop.tmdb.details import details
from tests.tmdb.conftest import Bench, until
from tests.tmdb.raw_server import Act, RawServer, Received, ok, reset, said, send

GOOD = ok({"id": 1})
PORTAL = send(200, b"<html>Accept our terms</html>", kind="text/html")


class Line:
    """A line that is down until `mended` probes were sent, then answers."""

    def __init__(self, server: RawServer, down: Act, probes: int) -> None:
        self.probes = 0
        self.asked_when_down = 0
        self._down = down
        self._until = probes
        server.script = self.answer

    def answer(self, request: Received) -> Act:
        probe = request.path.endswith("/authentication")
        self.probes += probe
        if self.probes >= self._until:
            return ok({"success": True, "status_code": 1}) if probe else GOOD
        self.asked_when_down += not probe
        return self._down


async def ask(client: TmdbClient, number: int, meter: Meter | None = None) -> bytes:
    return await client.fetch_bytes(details(MediaType.MOVIE, number, ("en-US",)), meter=meter)


@pytest.mark.parametrize("down", [reset(), PORTAL], ids=["reset", "captive portal"])
async def test_ten_failures_in_a_row_are_an_outage_that_costs_nobody_an_attempt(bench: Bench, down: Act) -> None:
    line = Line(bench.server, down, probes=6)
    states: list[str] = []
    async with bench.client(max_attempts=1, max_connections=10) as client:
        watch = asyncio.create_task(_states(client, states))
        bodies = await asyncio.gather(*(ask(client, number) for number in range(12)))
        watch.cancel()
        assert client.status().state == "connected"
        assert client.status().outage_since is None
        assert client.status().message == ""
    assert len(bodies) == 12
    assert line.probes == 6
    assert line.asked_when_down <= 12
    assert states[-2:] == ["outage", "connected"] or states[-1] == "outage"
    assert len(bench.events_of(ConnectionChanged)) >= 2
    waits = bench.clock.slept
    assert len(waits) == 5
    for wait, longest in zip(waits, [1, 2, 4, 8, 16], strict=True):
        assert 0.75 * longest <= wait <= longest


async def _states(client: TmdbClient, seen: list[str]) -> None:
    while True:
        state = client.status().state
        if not seen or seen[-1] != state:
            seen.append(state)
        await asyncio.sleep(0)


async def test_the_status_tells_the_outage_and_since_when(bench: Bench) -> None:
    told: list[tuple[str, str, float | None]] = []
    Line(bench.server, PORTAL, probes=3)
    async with bench.client(max_attempts=9) as client:
        started = bench.clock.monotonic()
        jump = bench.clock.sleep

        async def sleep(seconds: float) -> None:
            status = client.status()
            told.append((status.state, status.message, status.outage_since))
            await jump(seconds)

        bench.clock.sleep = sleep  # type: ignore[method-assign]
        await ask(client, 1)
    in_outage = [one for one in told if one[0] == "outage"]
    assert in_outage
    for _, message, since in in_outage:
        assert "Something between us and TMDb answered" in message
        assert since is not None and since >= started


async def test_a_caller_alone_meets_the_outage_before_its_attempts_are_used_up(bench: Bench) -> None:
    line = Line(bench.server, reset(), probes=20)
    meter = Meter()
    async with bench.client(max_attempts=9) as client:
        assert await ask(client, 1, meter)
    assert line.probes == 20
    assert line.asked_when_down == 4
    assert meter.requests == 5
    assert meter.sleeping == 0


async def test_one_request_that_always_breaks_the_connection_is_no_outage(bench: Bench, server: RawServer) -> None:
    def script(request: Received) -> Act:
        return reset() if request.path.endswith("/13") else GOOD

    server.script = script
    async with bench.client(max_attempts=9) as client:
        with pytest.raises(GaveUp) as caught:
            await ask(client, 13)
        assert client.status().outage_since is None
        assert client.status().state == "connected"
    assert caught.value.category is FailureCategory.NETWORK
    assert len(caught.value.attempts) == 9


async def test_answers_in_between_break_the_row(bench: Bench, server: RawServer) -> None:
    answers = [reset(), reset(), said(500, 11)] * 8
    probes: list[Received] = []

    def script(request: Received) -> Act:
        if request.path.endswith("/authentication"):
            probes.append(request)
        return answers.pop(0)

    server.script = script
    async with bench.client(max_attempts=9) as client:
        for number in range(2):
            with pytest.raises(GaveUp):
                await ask(client, number)
    assert probes == []


async def test_the_attempts_made_before_the_outage_still_count(bench: Bench, server: RawServer) -> None:
    line = Line(bench.server, reset(), probes=3)
    before = [said(500, 11)] * 5
    after = [said(500, 11)] * 20

    def script(request: Received) -> Act:
        if before:
            return before.pop()
        act = line.answer(request)
        return after.pop() if act is GOOD else act

    server.script = script
    async with bench.client(max_attempts=9) as client:
        with pytest.raises(GaveUp) as caught:
            await ask(client, 1)
    assert len(caught.value.attempts) == 9
    assert {attempt.category for attempt in caught.value.attempts} == {FailureCategory.SERVER}
    assert len(after) == 20 - 4


async def test_during_an_outage_only_the_probe_is_sent(bench: Bench) -> None:
    line = Line(bench.server, reset(), probes=8)
    async with bench.client(max_connections=2, max_attempts=2) as client:
        first = [asyncio.create_task(ask(client, number)) for number in range(10)]
        await until(lambda: client.status().state == "outage")
        already = line.asked_when_down
        late = [asyncio.create_task(ask(client, number)) for number in range(10, 20)]
        await asyncio.gather(*first, *late)
        assert line.asked_when_down <= already + 2, "no more than was on the wire"


async def test_an_answer_to_anybody_ends_the_outage(bench: Bench, server: RawServer) -> None:
    """A request still on the wire when the outage began may be answered before the probe is."""
    slow_answer = asyncio.Event()

    def script(request: Received) -> Act:
        if request.path.endswith("/99"):

            async def slow(writer: asyncio.StreamWriter) -> None:
                await slow_answer.wait()
                await GOOD(writer)

            return slow
        return reset()

    server.script = script
    asleep = asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await asyncio.Event().wait()

    async with bench.client(max_attempts=1) as client:
        slow = asyncio.create_task(ask(client, 99))
        await until(lambda: bool(server.received))
        bench.clock.sleep = sleep  # type: ignore[method-assign]
        others = [asyncio.create_task(ask(client, number)) for number in range(10)]
        await asleep.wait()
        assert client.status().state == "outage"
        server.script = lambda request: GOOD
        slow_answer.set()
        await slow
        await asyncio.gather(*others)
        assert client.status().state == "connected"


async def test_a_key_refused_when_the_line_is_back_reaches_everybody(bench: Bench, server: RawServer) -> None:
    probes = 0

    def script(request: Received) -> Act:
        nonlocal probes
        probes += request.path.endswith("/authentication")
        return said(401, 7, "Invalid API key") if probes >= 3 else reset()

    server.script = script
    async with bench.client(max_attempts=9) as client:
        results = await asyncio.gather(*(ask(client, number) for number in range(12)), return_exceptions=True)
        assert client.status().state == "refused"
    assert all(isinstance(result, CredentialError) for result in results)


async def test_leaving_the_client_during_an_outage_leaves_nothing_running(bench: Bench, server: RawServer) -> None:
    server.script = lambda request: reset()
    async with bench.client(max_attempts=1) as client:
        tasks = [asyncio.create_task(ask(client, number)) for number in range(12)]
        await until(lambda: client.status().state == "outage")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [task for task in asyncio.all_tasks() if task.get_name() == "tmdb-probe"] == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/3", "http://tmdb.invalid/3"])
async def test_a_server_that_is_not_there_is_an_outage_with_its_reason(bench: Bench, address: str) -> None:
    async with bench.client(url=address, max_attempts=9) as client:
        waiting = asyncio.create_task(ask(client, 1))
        await until(lambda: client.status().state == "outage")
        assert "refused" in client.status().message or "resolved" in client.status().message
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_bug_in_the_probe_is_logged_and_keeps_nobody_waiting(
    bench: Bench, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = lambda request: reset()
    jump = bench.clock.sleep
    asleep = 0

    async def sleep(seconds: float) -> None:
        nonlocal asleep
        task = asyncio.current_task()
        assert task is not None
        asleep += 1
        if task.get_name() == "tmdb-probe":
            server.script = lambda request: GOOD
            raise RuntimeError("a bug")
        await jump(seconds)

    bench.clock.sleep = sleep  # type: ignore[method-assign]
    async with bench.client(max_attempts=9) as client:
        assert await ask(client, 1)
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "The probe stopped on a bug"
    ]
