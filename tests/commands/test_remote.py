"""The remote workflow as the program steers it: its state, its token, and following the pause of the schedule."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import remote, remote_follow, schedule, scheduled
from gdvg_desktop.commands.remote_follow import FIRST_WAIT_S
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import RemoteChanged
from gdvg_desktop.core.secrets import GITHUB_TOKEN
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.sources.github_answers import OutOfReach, TokenRefused
from gdvg_desktop.store import counts
from gdvg_desktop.store import schedule as rows
from tests.support.fake_github import TOKEN, FakeGithub
from tests.support.library import BriskClock, app_on, until
from tests.support.secret_service import MemoryKeyring

NAME = "GDVG_SYNC_PAUSED"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=20, series=20)) as server:
        yield server


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with FakeGithub() as server:
        yield server


@asynccontextmanager
async def remote_app(
    demo: DemoServer, github: FakeGithub, folder: Path, *, token: str | None = TOKEN, **changes: Any
) -> AsyncIterator[App]:
    values = {"github_url": github.url, "github_repository": "ann/mirror", "timeout_s": 3.0} | changes
    async with app_on(demo, folder, **values) as app:
        if token is not None:
            await remote.set_token(app, token)
        yield app


@pytest.fixture
async def app(demo: DemoServer, github: FakeGithub, tmp_path: Path) -> AsyncIterator[App]:
    """Set up with a token; the engine does not run."""
    async with remote_app(demo, github, tmp_path) as opened:
        yield opened


@asynccontextmanager
async def in_step(app: App) -> AsyncIterator[None]:
    task = asyncio.create_task(remote_follow.keep_in_step(app))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def files_with(folder: Path, text: str) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


async def test_what_is_missing_is_said_before_github_is_asked(
    demo: DemoServer, github: FakeGithub, tmp_path: Path
) -> None:
    async with remote_app(demo, github, tmp_path, token=None, github_repository="") as app:
        found = await remote.status(app)
        assert not found.configured and found.paused is None and "No remote workflow" in (found.problem or "")
    async with remote_app(demo, github, tmp_path, token=None) as app:
        found = await remote.status(app)
        assert not found.configured and "no GitHub token" in (found.problem or "")
        with pytest.raises(UsageError):
            await remote.pause(app)
    assert github.asked == []


async def test_the_state_and_runs_are_shown(app: App, github: FakeGithub) -> None:
    github.add_run("success")
    github.add_run("failure", event="workflow_dispatch")
    github.runs[0]["html_url"] = "javascript:alert(1)"
    found = await remote.status(app)
    assert found.configured and found.problem is None
    assert (found.state, found.paused, found.why_paused) == ("active", False, "")
    assert [(one.number, one.conclusion, one.event, one.url != "") for one in found.runs] == [
        (2, "failure", "workflow_dispatch", False), (1, "success", "schedule", True),
    ]  # fmt: skip
    assert found.runs[1].created_at == 1_772_344_800_000 and not found.runs[0].under_way


async def test_it_is_paused_and_resumed_by_the_workflow(app: App, github: FakeGithub) -> None:
    events: list[object] = []
    app.bus.subscribe(lambda event: events.append(event) if isinstance(event, RemoteChanged) else None)
    await remote.pause(app)
    found = await remote.status(app)
    assert found.paused and found.why_paused == "The workflow is disabled." and len(events) == 1
    await remote.resume(app)
    assert (await remote.status(app)).paused is False and github.variables == {}
    github.state = "disabled_inactivity"
    assert "60 days" in (await remote.status(app)).why_paused


async def test_it_is_paused_by_a_variable_and_anything_but_false_counts_as_paused(
    demo: DemoServer, github: FakeGithub, tmp_path: Path
) -> None:
    async with remote_app(demo, github, tmp_path, github_pause_by="variable") as app:
        found = await remote.status(app)
        assert found.paused and found.variable is None and "does not exist" in found.why_paused
        await remote.resume(app)
        assert github.variables == {NAME: "false"} and (await remote.status(app)).paused is False
        await remote.pause(app)
        assert github.variables == {NAME: "true"} and github.state == "active"
        with pytest.raises(UsageError, match="would do nothing"):
            await remote.dispatch(app)
        assert github.runs == []
        for text in ("", "False", "0", "no", " false"):
            github.variables[NAME] = text
            assert (await remote.status(app)).paused, text
        github.state = "disabled_inactivity"  # resuming means that it runs
        await remote.resume(app)
        assert github.state == "active" and (await remote.status(app)).paused is False


async def test_trouble_is_told_and_nothing_is_guessed(app: App, github: FakeGithub) -> None:
    github.fault = "html"
    found = await remote.status(app)
    assert found.configured and found.paused is None and found.state is None and "web page" in (found.problem or "")
    with pytest.raises(OutOfReach):
        await remote.pause(app)


async def test_a_run_is_started_and_cancelled(app: App, github: FakeGithub) -> None:
    started = await remote.dispatch(app)
    assert started.run_id == 9001 and (await remote.status(app)).runs[0].under_way
    await remote.cancel(app, 9001)
    assert github.runs[0]["conclusion"] == "cancelled"


async def test_the_token_lives_in_the_keyring_only(
    app: App, github: FakeGithub, memory_keyring: MemoryKeyring, tmp_path: Path
) -> None:
    assert memory_keyring.passwords[("gdvg-desktop", GITHUB_TOKEN)] == TOKEN
    kept = await remote.token_status(app)
    assert (kept.present, kept.masked, kept.from_environment) == (True, f"…{TOKEN[-4:]}", False)
    assert (await remote.test(app)).name == "Sync"
    with pytest.raises(TokenRefused):
        await remote.test(app, "ghp_another")
    with pytest.raises(TokenRefused):
        await remote.set_token(app, "  ")
    assert await remote.remove_token(app) and not await remote.remove_token(app)
    assert not (await remote.token_status(app)).present
    assert await asyncio.to_thread(files_with, tmp_path, TOKEN) == []


async def test_a_real_keyring_holds_the_token(real_keyring: None, app: App, github: FakeGithub) -> None:
    assert (await remote.token_status(app)).masked == f"…{TOKEN[-4:]}"
    assert (await remote.status(app)).state == "active"
    assert await remote.remove_token(app) and not (await remote.token_status(app)).present


async def test_a_token_of_the_environment_wins_and_stays(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDVG_GITHUB_TOKEN", "ghp_environment")
    kept = await remote.token_status(app)
    assert kept.from_environment and kept.masked == "…ment"
    for change in (remote.set_token(app, TOKEN), remote.remove_token(app)):
        with pytest.raises(UsageError):
            await change


# ------------------------------------------------------------------------------------------------------ following


async def test_it_follows_only_where_that_is_wanted(app: App, github: FakeGithub) -> None:
    await schedule.pause(app, None, "window")
    assert await remote_follow.follow(app) is None
    assert github.asked == [] and github.state == "active"


async def test_a_pause_and_its_end_are_passed_on_once(demo: DemoServer, github: FakeGithub, tmp_path: Path) -> None:
    async with remote_app(demo, github, tmp_path, remote_follows_pause=True) as app:
        github.state = "disabled_manually"  # by somebody at GitHub, before anything was ever passed on
        assert await remote_follow.follow(app) is None
        assert github.asked == []
        await schedule.pause(app, None, "window")
        for _ in range(3):
            assert await remote_follow.follow(app) is None
        assert github.calls() == ["PUT workflows/sync.yml/disable"]
        await schedule.resume(app, "window")
        await remote_follow.follow(app)
        assert github.calls() == ["PUT workflows/sync.yml/enable"] and github.state == "active"
        github.state = "disabled_manually"  # what somebody does there meanwhile is left alone
        await remote_follow.follow(app)
        assert github.asked == []


async def test_github_out_of_reach_never_keeps_the_schedule_from_pausing(
    demo: DemoServer, github: FakeGithub, tmp_path: Path
) -> None:
    async with remote_app(demo, github, tmp_path, remote_follows_pause=True) as app:
        await remote_follow.follow(app)
        github.fault = "500"
        assert (await schedule.pause(app, None, "tray")).paused
        first = await remote_follow.follow(app)
        assert first is not None and first.wanted_paused and first.tries == 1 and first.wait_s == FIRST_WAIT_S
        assert "could not be paused" in first.words and "trouble of its own" in first.words
        second = await remote_follow.follow(app)
        assert second is not None and second.tries == 2 and second.wait_s == 2 * FIRST_WAIT_S
        assert second.since == first.since and await remote_follow.problem(app) == second
    async with remote_app(demo, github, tmp_path, remote_follows_pause=True) as app:  # also after a restart
        assert await remote_follow.problem(app) == second
        github.fault = ""
        assert await remote_follow.follow(app) is None
        assert github.state == "disabled_manually" and await remote_follow.problem(app) is None


async def test_a_limit_is_waited_for(demo: DemoServer, github: FakeGithub, tmp_path: Path) -> None:
    async with remote_app(demo, github, tmp_path, remote_follows_pause=True) as app:
        await schedule.pause(app, None, "api")
        github.fault = "secondary"
        found = await remote_follow.follow(app)
        assert found is not None and found.wait_s == 120


async def test_an_attempt_that_may_have_reached_github_is_undone(
    demo: DemoServer, github: FakeGithub, tmp_path: Path
) -> None:
    async with remote_app(demo, github, tmp_path, remote_follows_pause=True) as app:
        await remote_follow.follow(app)
        github.fault = "hang"
        await schedule.pause(app, None, "cli")
        app.settings = replace(app.settings, timeout_s=0.2)
        assert await remote_follow.follow(app) is not None
        github.fault, github.state = "", "disabled_manually"  # it did arrive; only the answer was lost
        await schedule.resume(app, "cli")
        assert await remote_follow.follow(app) is None
        assert github.state == "active"


async def test_switching_it_off_forgets_the_trouble(demo: DemoServer, github: FakeGithub, tmp_path: Path) -> None:
    async with remote_app(demo, github, tmp_path, remote_follows_pause=True) as app:
        github.fault = "401"
        await schedule.pause(app, None, "window")
        assert await remote_follow.follow(app) is not None
        app.settings = replace(app.settings, remote_follows_pause=False)
        assert await remote_follow.follow(app) is None and await remote_follow.problem(app) is None
        kept = await app.store.read(lambda db: counts.fact(db, "remote_told"))
        assert kept is not None and kept.value == "{}"


async def test_beside_the_engine_it_follows_and_tries_until_both_agree(
    demo: DemoServer, github: FakeGithub, tmp_path: Path
) -> None:
    async with (
        remote_app(demo, github, tmp_path, remote_follows_pause=True, clock=BriskClock(400)) as app,
        in_step(app),
    ):
        await schedule.pause(app, None, "window")
        await until(lambda: github.state == "disabled_manually", "the pause at GitHub")
        github.fault = "502"
        await schedule.resume(app, "window")
        await until(lambda: remote_follow.problem(app), "the problem")
        github.fault = ""
        await until(lambda: github.state == "active", "the end of the pause at GitHub")
        await until(lambda: _agreed(app), "no problem any more")


async def test_what_a_bug_ends_beside_the_engine_is_logged_and_begins_again(
    demo: DemoServer, github: FakeGithub, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def write(text: str, db: SqliteDatabase) -> None:
        for name in ("schedule_effective", "remote_told"):  # read by the schedule and by what follows its pause
            counts.set_fact(db, name, text, 1)

    async with remote_app(demo, github, tmp_path, remote_follows_pause=True, clock=BriskClock()) as app:
        await app.store.write(partial(write, "no JSON"))
        work = asyncio.create_task(scheduled.work(app))
        try:
            for name in ("schedule", "remote"):
                await until(lambda name=name: f"begins again: {name}" in caplog.text, f"the log of {name}")
            await app.store.write(partial(write, "{}"))
            await schedule.pause(app, None, "window")
            await until(lambda: github.state == "disabled_manually", "the pause at GitHub")
            await until(lambda: app.store.read(rows.tasks), "the tasks of the schedule")
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


async def test_another_token_is_tried_at_once(demo: DemoServer, github: FakeGithub, tmp_path: Path) -> None:
    async with remote_app(demo, github, tmp_path, token="ghp_expired", remote_follows_pause=True) as app, in_step(app):
        await schedule.pause(app, None, "window")
        await until(lambda: remote_follow.problem(app), "the problem")
        await remote.set_token(app, TOKEN)
        await until(lambda: github.state == "disabled_manually", "the pause at GitHub")


async def test_a_command_without_an_engine_does_it_itself_and_leaves_it_to_one_that_runs(
    demo: DemoServer, github: FakeGithub, tmp_path: Path
) -> None:
    async with remote_app(demo, github, tmp_path, engine=False, remote_follows_pause=True) as app:
        assert (await schedule.pause(app, None, "cli")).paused
        assert github.state == "disabled_manually"
        github.fault = "500"
        assert not (await schedule.resume(app, "cli")).paused
        assert await remote_follow.problem(app) is not None
        github.calls()
        async with remote_app(demo, github, tmp_path, token=None):
            await schedule.pause(app, None, "cli")
            assert github.asked == []


async def _agreed(app: App) -> bool:
    return await remote_follow.problem(app) is None
