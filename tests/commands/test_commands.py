"""What a user can do, called as the faces call it."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from gdvg_desktop.cli.main import build
from gdvg_desktop.commands import COMMANDS, imports, jobs, keys, overview, settings
from gdvg_desktop.commands.imports import ImportRequest
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.credentials import CredentialSource
from gdvg_desktop.core.errors import CredentialError, UsageError
from gdvg_desktop.core.events import EngineStopped, Event
from gdvg_desktop.core.kinds import JobState, MediaType
from gdvg_desktop.core.settings import load_settings
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.store.db import Store
from tests.support.library import KEY, app_on

SCOPE = ImportRequest(type="tv", date_from="2010")


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=60, series=60)) as server:
        server.faults.rate_limit = 0
        yield server


def test_every_command_is_an_async_function_with_a_sentence() -> None:
    for name, command in COMMANDS.items():
        assert inspect.iscoroutinefunction(command), name
        assert (inspect.getdoc(command) or "").strip(), name


def test_the_command_line_offers_every_command_but_the_settings_dialogs() -> None:
    tree = typer.main.get_command(build())
    offered = set()
    for name, group in tree.commands.items():  # type: ignore[attr-defined]
        verbs = {f"{name}.{verb}": one for verb, one in getattr(group, "commands", {}).items()} or {name: group}
        for verb, one in verbs.items():
            offered |= {verb} | {f"{verb} {option}" for parameter in one.params for option in parameter.opts}
    assert set(COMMANDS) - {"settings.change"} <= offered


async def test_an_import_is_named_after_its_filter(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        request = ImportRequest("tv", ("KR", "uk"), "2024", "2024", ("Drama",))
        job, new = await imports.start(app, request)
        assert new and job.name == "TV series · United Kingdom, South Korea · Drama · 2024"
        again, twice = await imports.start(app, request)
        assert (again.id, twice) == (job.id, False)
        assert demo.stats.requests == 0


async def test_asking_again_for_a_paused_import_lets_it_go_on(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job, _ = await imports.start(app, SCOPE)
        assert (await jobs.pause(app, job.id)).state is JobState.PAUSED
        again, _ = await imports.start(app, SCOPE)
        assert (again.id, again.state) == (job.id, JobState.PENDING)


async def test_an_unknown_genre_is_looked_up_once_and_then_refused(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        with pytest.raises(UsageError, match="Telenovela"):
            await imports.start(app, ImportRequest(genres=("Telenovela",)))
        assert 0 < demo.stats.requests <= 4
        assert await jobs.listing(app) == []
        known = await imports.choices(app)
        assert known.genres[MediaType.TV][10762] == "Kids"


async def test_the_overview_tells_what_the_day_brought(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job, _ = await imports.start(app, SCOPE)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        found = await overview.status(app, days=7)
        assert (found.tv, found.movies, found.titles_left, found.running) == (found.titles, 0, 0, ())
        assert found.last_finished is not None and found.last_finished.id == job.id
        assert found.requests_today == demo.stats.requests
        assert len(found.days) == 7 and found.days[-1].added_tv == found.tv
        assert (found.days[-1].state, found.days[0].state) == ("completed", "none")
        assert found.coverage is None and found.database_bytes > 0


async def test_reading_the_exports_tells_the_coverage(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job, _ = await imports.start(app, ImportRequest())
        assert app.engine is not None
        await app.engine.run(only=job.id)
        found = (await overview.status(app)).coverage
        assert found is not None and found.held == found.known > 0
        assert found.as_of <= utc_day(app.clock.now())


async def test_finished_jobs_can_be_cleared_and_unfinished_ones_not(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        done, _ = await imports.start(app, SCOPE)
        waiting, _ = await imports.start(app, ImportRequest(type="movie", date_from="2010"))
        assert app.engine is not None
        await app.engine.run(only=done.id)
        await jobs.clear_finished(app, (done.id, waiting.id))
        assert [job.id for job in await jobs.listing(app)] == [waiting.id]
        await jobs.rename(app, waiting.id, "  Films  ")
        assert (await jobs.show(app, waiting.id)).job.name == "Films"
        with pytest.raises(UsageError):
            await jobs.rename(app, waiting.id, " ")


async def test_settings_change_apply_and_are_kept(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await settings.change(app, requests_per_second=7.0, theme="light")
        assert app.client.status().pacer.limit == 7.0
        assert load_settings(app.paths.settings, {}).theme == "light"
        with pytest.raises(UsageError, match="999"):
            await settings.change(app, max_connections=999)
        assert app.settings.max_connections == 20


async def test_what_the_environment_sets_cannot_be_changed(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GDVG_REQUESTS_PER_SECOND", "5")
    async with app_on(demo, tmp_path) as app:
        with pytest.raises(UsageError, match="environment"):
            await settings.change(app, requests_per_second=7.0)


async def test_a_key_is_set_tested_and_removed(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, key=None) as app:
        assert not (await keys.status(app)).present
        with pytest.raises(CredentialError):
            await keys.test(app)
        found = await keys.set_key(app, f"Bearer {KEY}")
        assert (found.source, found.kind) == (CredentialSource.KEYRING, "key")
        assert KEY not in str(found)
        await keys.test(app)
        demo.faults.revoked = {KEY}
        with pytest.raises(CredentialError):
            await keys.test(app, KEY)
        assert await keys.remove(app) is True
        assert not (await keys.status(app)).present


async def test_the_days_requests_are_known_after_a_restart(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job, _ = await imports.start(app, SCOPE)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        before = app.client.status().requests_today
    async with app_on(demo, tmp_path) as app:
        assert app.client.status().requests_today == before > 0


async def test_a_library_left_by_a_crash_is_read_whole_and_damage_is_told(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path) as app:
        heard: list[Event] = []
        app.bus.subscribe(heard.append)
        await app.check_library()
        assert heard == []
        monkeypatch.setattr(Store, "check", lambda self: ["row 3 missing from index title_popularity"])
        await app.check_library()
        assert isinstance(heard[0], EngineStopped) and "title_popularity" in heard[0].message
