"""When the API answers: while it is switched on, on its port, to its token, and never to the harm of the program."""

import asyncio
import http.client
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.api.server import serve
from gdvg_desktop.commands import api, jobs, overview, schedule, settings
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.secrets import API_TOKEN, SecretStore
from gdvg_desktop.demo.server import DemoServer
from tests.support.control import TOKEN, Client, answers, free_port, served, settled
from tests.support.library import app_on, until


async def reply(port: int, token: str | None, path: str = "/api/sync/status") -> int:
    """The status of an answer; asked in a thread, as the server is in this loop."""
    return (await asyncio.to_thread(Client(port, token).ask, "GET", path)).status


async def test_it_is_off_until_it_is_switched_on_and_the_token_is_told_once(demo: DemoServer, tmp_path: Path) -> None:
    port = free_port()
    async with app_on(demo, tmp_path, api_port=port) as app:
        serving = asyncio.create_task(serve(app))
        assert (await api.status(app)).running is False
        token = await api.turn_on(app)
        assert token is not None and len(token) >= 43
        await until(lambda: answers(port), "a server")
        assert await reply(port, token) == 200
        found = await api.status(app)
        assert found.running and found.has_token and found.token_made_at and found.address.endswith(f":{port}")
        assert await api.turn_on(app) is None, "the token is not told again"
        second = await api.new_token(app)
        assert second != token
        await until(lambda: replies(port, second, 200), "the new token to count")
        assert await reply(port, token) == 401
        await api.turn_off(app)
        await until(lambda: not answers(port), "silence")
        assert (await api.status(app)).running is False
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def replies(port: int, token: str, status: int) -> bool:
    try:
        return await reply(port, token) == status
    except OSError:  # just between two servers
        return False


async def test_without_a_token_nothing_is_served_and_the_reason_is_told(demo: DemoServer, tmp_path: Path) -> None:
    port = free_port()
    async with app_on(demo, tmp_path, api_enabled=True, api_port=port) as app:
        serving = asyncio.create_task(serve(app))

        async def problem() -> bool:
            return "gdvg api token" in ((await api.status(app)).problem or "")

        await until(problem, "the reason")
        assert not answers(port)
        app.secrets.save(API_TOKEN, TOKEN)
        await until(lambda: answers(port), "a server")
        assert await reply(port, TOKEN) == 200
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def test_a_port_in_use_is_told_and_the_program_goes_on(demo: DemoServer, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with app_on(demo, tmp_path, api_enabled=True, api_port=port) as app:
            app.secrets = SecretStore({"GDVG_API_TOKEN": TOKEN})
            serving = asyncio.create_task(serve(app))

            async def problem() -> bool:
                return f"Port {port} is in use" in ((await api.status(app)).problem or "")

            await until(problem, "the problem")
            assert not serving.done() and (await overview.status(app)).titles == 0
            another = free_port()
            await settings.change(app, api_port=another)
            await until(lambda: answers(another), "a server on another port")

            async def well() -> bool:
                return (await api.status(app)).problem is None

            await until(well, "the problem to be over")
            with pytest.raises(UsageError, match="GDVG_API_TOKEN"):
                await api.new_token(app)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


async def test_a_process_without_the_engine_does_not_serve(demo: DemoServer, tmp_path: Path) -> None:
    port = free_port()
    async with app_on(demo, tmp_path, engine=False, api_enabled=True, api_port=port) as app:
        await asyncio.wait_for(serve(app), 5)
        assert not answers(port)


@pytest.mark.parametrize("own_thread", [False, True])
def test_it_ends_with_the_program_while_a_stream_is_open(demo: DemoServer, tmp_path: Path, own_thread: bool) -> None:
    with served(demo, tmp_path, own_thread=own_thread) as running:
        connection = http.client.HTTPConnection("127.0.0.1", running.client.port, timeout=20)
        connection.request("GET", "/api/events", headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        assert b"retry" in answer.readline()
        job_id = running.client.post("/api/import/start", {"type": "tv", "limit": 5})["job_id"]
        assert [one.id for one in running.run(jobs.listing)] == [job_id]
        began = time.monotonic()
    assert time.monotonic() - began < 3, "an open stream does not hold the end up"
    rest = answer.read()  # to the end the server gave it
    assert rest.endswith(b"\n\n")
    connection.close()
    assert not answers(running.client.port)


def test_the_schedule_paused_through_the_api_starts_nothing_and_resumed_catches_up_once(
    demo: DemoServer, tmp_path: Path
) -> None:
    with served(demo, tmp_path) as running:
        client = running.client
        client.post("/api/import/start", {"type": "tv", "limit": 5})  # a library somebody chose something for
        settled(client)
        client.post("/api/sync/pause")
        before = len(deltas(client))

        def make_due(app: Any) -> Any:
            # every minute, and the last quarter of an hour not looked at yet: fifteen moments are due
            def write(db: Any) -> None:
                db.execute_sql("UPDATE task SET enabled = name = 'delta', jitter_s = 0")
                db.execute_sql("UPDATE task SET cron = '* * * * *', checked_at = checked_at - 900000")

            return app.store.write(write)

        running.run(make_due)

        def owed() -> bool:
            return bool(running.run(lambda app: app.store.read(_owed)))

        ends = time.monotonic() + 20
        while not owed():
            assert time.monotonic() < ends, "the scheduler saw that runs are due"
            time.sleep(0.05)
        assert len(deltas(client)) == before, "paused, nothing was started"
        assert not [one for one in running.run(schedule.runs) if one.started_at is not None]

        # from here on only what was missed may start, not the next minute
        running.run(lambda app: schedule.change(app, "delta", cron_expression="0 0 1 1 *", jitter_s=0))
        running.run(lambda app: app.store.write(_owe_again))
        client.post("/api/sync/resume")

        def started(name: str) -> list[str]:
            return [
                one.trigger for one in running.run(schedule.runs) if one.task == name and one.started_at is not None
            ]

        def until_started(name: str, count: int) -> None:
            ends = time.monotonic() + 20
            while len(started(name)) < count:
                assert time.monotonic() < ends, f"run {count} of {name}"
                time.sleep(0.05)

        until_started("delta", 1)
        settled(client)
        for look in (1, 2):  # the scheduler looks twice more and starts what is due of all tasks
            running.run(lambda app: schedule.run_now(app, "health"))
            until_started("health", look)
        assert started("delta") == ["catch_up"]
        assert len(deltas(client)) == before + 1


def _owed(db: Any) -> Any:
    return db.execute_sql("SELECT owed_at FROM task WHERE name = 'delta'").fetchone()[0]


def _owe_again(db: Any) -> None:
    db.execute_sql("UPDATE task SET owed_at = checked_at - 60000 WHERE name = 'delta'")


def deltas(client: Client) -> list[Any]:
    return [one for one in client.get("/api/import/jobs?limit=500")["jobs"] if one["kind"] == "delta"]


def test_a_start_without_it_does_not_load_what_only_it_needs() -> None:
    wanted = "import sys, gdvg_desktop.ui.contents, gdvg_desktop.cli.main, gdvg_desktop.cli.daemon\n"
    told = "print([name for name in ('fastapi', 'uvicorn', 'pydantic', 'starlette') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", wanted + told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
