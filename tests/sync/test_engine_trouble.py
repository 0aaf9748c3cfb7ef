"""What the engine does when the library, the user or another process comes in its way at an awkward moment."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.core.errors import LibraryBusy
from gdvg_desktop.core.events import CredentialNeeded, EngineStopped, Event, TitlesStored
from gdvg_desktop.core.kinds import FailureCategory, JobState, MediaType, Wanted
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted as WantedTitles
from gdvg_desktop.store import jobs, windows
from gdvg_desktop.store.jobs import FailedItem
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.sync.planner import PAGE_CAP
from tests.support.demo_process import until as blocking_until
from tests.support.library import BriskClock, app_on, held, job_of, queue_import, until

BOTH = (MediaType.MOVIE, MediaType.TV)
SINCE_2000 = build_filter(types=BOTH, date_from=date(2000, 1, 1))


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=160, series=70)) as server:
        server.faults.rate_limit = 0
        yield server


def truth(demo: DemoServer) -> set[tuple[str, int]]:
    return {(kind, tmdb_id) for kind, tmdb_id in demo.truth(WantedTitles(start="2000"))}


def adds_up(job: jobs.Job) -> bool:
    return job.total == job.added + job.updated + job.skipped + job.failed + job.gone


@asynccontextmanager
async def running(app: App) -> AsyncIterator["asyncio.Task[None]"]:
    """The app's engine at work in the background, as beside a window."""
    assert app.engine is not None
    engine = asyncio.create_task(app.engine.run())
    try:
        yield engine
    finally:
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)


async def has(app: App, job_id: int, state: JobState) -> None:
    async def there() -> bool:
        return (await job_of(app, job_id)).state is state

    await until(there, f"job {job_id} {state}")


async def has_added(app: App, job_id: int, titles: int) -> None:
    async def there() -> bool:
        return (await job_of(app, job_id)).added >= titles

    await until(there, f"{titles} titles")


def waits_briefly(app: App) -> None:
    """Let writes give up on a lock after a moment, not after ten seconds."""

    def write(db: Any) -> None:
        db.execute_sql("PRAGMA busy_timeout = 20")

    app.store.write_now(write)


async def test_another_programs_lock_stops_the_work_and_not_the_engine(demo: DemoServer, tmp_path: Path) -> None:
    told: list[Event] = []
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, clock=BriskClock(), max_connections=4) as app:
        app.bus.subscribe(lambda event: told.append(event) if isinstance(event, EngineStopped) else None)
        job = await queue_import(app, SINCE_2000)
        waits_briefly(app)
        async with running(app) as engine:
            await has_added(app, job.id, 10)
            other = sqlite3.connect(app.paths.library, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            await until(lambda: app.engine is not None and app.engine.blocked is not None, "the trouble")
            assert app.engine is not None and isinstance(app.engine.blocked, LibraryBusy)
            assert not engine.done() and len(told) == 1
            other.execute("ROLLBACK")
            other.close()
            await has(app, job.id, JobState.COMPLETED)
        done = await job_of(app, job.id)
        assert done.failed == 0 and adds_up(done)
        assert await held(app) == truth(demo)


async def test_an_engine_that_finds_the_library_locked_starts_when_it_is_free(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        job = await queue_import(app, SINCE_2000)
        waits_briefly(app)
        other = sqlite3.connect(app.paths.library, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with running(app):
            await until(lambda: app.engine is not None and app.engine.blocked is not None, "the trouble")
            other.execute("ROLLBACK")
            other.close()
            await has(app, job.id, JobState.COMPLETED)
        assert await held(app) == truth(demo)


async def test_a_removed_key_pauses_the_work_and_asks_for_one(demo: DemoServer, tmp_path: Path) -> None:
    needed: list[Event] = []
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, max_connections=4) as app:
        app.bus.subscribe(lambda event: needed.append(event) if isinstance(event, CredentialNeeded) else None)
        job = await queue_import(app, SINCE_2000)
        async with running(app):
            await has_added(app, job.id, 10)
            kept, app.credential = app.credential, None
            await has(app, job.id, JobState.PAUSED)
            assert (await job_of(app, job.id)).reason == "credential"
            assert len(needed) == 1
            app.credential = kept
            await job_commands.resume(app, job.id)
            await has(app, job.id, JobState.COMPLETED)
        assert await held(app) == truth(demo)
        assert max(demo.stats.detail_requests.values()) == 1


async def test_a_listing_retried_while_the_job_runs_is_walked_before_it_ends(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, max_connections=4) as app:
        job = await queue_import(app, SINCE_2000)

        def fail_one(db: Any) -> None:
            """As when the movies could not be listed."""
            windows.add(db, job.id, [windows.Window(kind, date(2000, 1, 1)) for kind in BOTH])
            windows.failed(db, windows.of_job(db, job.id)[0].id, "Movies could not be listed", 1)
            jobs.bump(db, job.id, 1, failed=1)
            jobs.settle_total(db, job.id, 1)
            jobs.set_phase(db, job.id, "list")

        await app.store.write(fail_one)
        async with running(app):
            await has_added(app, job.id, 5)
            assert await job_commands.retry(app, job.id) == 1
            await has(app, job.id, JobState.COMPLETED)
        done = await job_of(app, job.id)
        assert done.failed == 0 and adds_up(done)
        assert await held(app) == truth(demo)


async def test_a_title_retried_as_the_job_ends_is_fetched_before_it_ends(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, tmdb_id = sorted(truth(demo))[0]
    demo.faults.always_500 = {f"{kind}/{tmdb_id}"}
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=1) as app:
        job = await queue_import(app, SINCE_2000)
        any_waiting = windows.any_waiting

        def retried_before(db: Any, job_id: int) -> bool:
            """The user's retry comes between the last fetch and the end."""
            demo.faults.always_500 = set()
            jobs.retry_failed(db, job_id, 1)
            return any_waiting(db, job_id)

        monkeypatch.setattr(windows, "any_waiting", retried_before)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        done = await job_of(app, job.id)
        assert (done.state, done.failed) == (JobState.COMPLETED, 0) and adds_up(done)
        assert await held(app) == truth(demo)


async def test_a_title_committed_while_the_queue_is_read_is_not_fetched_again(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await queue_import(app, SINCE_2000)
        stored: set[int] = set()
        app.bus.subscribe(lambda event: stored.update(event.ids) if isinstance(event, TitlesStored) else None)
        lease, outdated = jobs.lease, 0

        def slow_lease(db: Any, job_id: int, after: int, limit: int) -> list[jobs.Item]:
            """A reader's thread that comes to its answer when all it names has been committed meanwhile."""
            nonlocal outdated
            found = lease(db, job_id, after, limit)
            if after == 0 and demo.stats.detail_requests and found:
                outdated += 1
                blocking_until(
                    lambda: stored >= {title_id_of(item.media_type, item.tmdb_id) for item in found}, "the commit"
                )
            return found

        monkeypatch.setattr(jobs, "lease", slow_lease)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        done = await job_of(app, job.id)
        assert outdated and max(demo.stats.detail_requests.values()) == 1
        assert adds_up(done) and done.updated == 0


async def test_a_job_cancelled_as_it_is_about_to_start_stays_cancelled(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await queue_import(app, SINCE_2000)
        take = jobs.take

        def cancelled_before(db: Any, job_id: int, now_ms: int) -> bool:
            """Another process's wish comes between looking and starting."""
            jobs.set_wanted(db, job_id, Wanted.CANCEL, now_ms)
            return take(db, job_id, now_ms)

        monkeypatch.setattr(jobs, "take", cancelled_before)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        assert (await job_of(app, job.id)).state is JobState.CANCELLED
        assert demo.stats.detail_requests == {}


async def test_two_runs_of_one_import_with_titles_due_do_not_stop_the_engine(demo: DemoServer, tmp_path: Path) -> None:
    kind, tmdb_id = sorted(truth(demo))[0]
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        assert app.engine is not None
        ids = []
        for _ in range(2):
            job = await queue_import(app, SINCE_2000)
            ids.append(job.id)
            await app.engine.run(only=job.id)

            def fail(db: Any, job_id: int = job.id) -> None:
                jobs.add_listed(db, job_id, None, [(MediaType(kind), tmdb_id, 1.0, None)])
                db.execute_sql("UPDATE job_item SET rank = 1 WHERE job_id = ?", (job_id,))
                due = FailedItem(MediaType(kind), tmdb_id, FailureCategory.SERVER, "No", 1, 1, 1)
                jobs.item_failed(db, job_id, due)
                jobs.bump(db, job_id, 1, failed=1, total=1)

            await app.store.write(fail)

        async def retried() -> bool:
            found = [await job_of(app, job_id) for job_id in ids]
            return all(one.failed == 0 and one.state is JobState.COMPLETED for one in found)

        async with running(app):
            await until(retried, "both retries")
        assert all([adds_up(await job_of(app, job_id)) for job_id in ids])


@pytest.mark.parametrize("period", [date(1990, 1, 1), None])
async def test_two_jobs_that_overlap_ask_for_each_title_once(
    demo: DemoServer, tmp_path: Path, period: date | None
) -> None:
    demo.faults.latency_ms = 5
    first = build_filter(types=BOTH, date_from=period)
    second = build_filter(types=(MediaType.MOVIE,), date_from=date(2000, 1, 1) if period else None)
    async with app_on(demo, tmp_path) as app:
        ids = [(await queue_import(app, chosen)).id for chosen in (first, second)]
        assert app.engine is not None
        await app.engine.run(until_idle=True)
        found = [await job_of(app, job_id) for job_id in ids]
        assert all(adds_up(job) and job.state is JobState.COMPLETED for job in found)
        assert [job.updated for job in found] == [0, 0]
        assert sum(job.added for job in found) == len(await held(app)) == len(demo.stats.detail_requests)
        assert max(demo.stats.detail_requests.values()) == 1


async def ten_are_here(app: App) -> bool:
    return len(await held(app)) >= 10


async def test_a_paused_job_leaves_its_titles_to_the_other(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 20
    async with app_on(demo, tmp_path, max_connections=4) as app:
        first = await queue_import(app, SINCE_2000)
        second = await queue_import(app, build_filter(types=BOTH, date_from=date(1990, 1, 1)))
        async with running(app):
            await until(lambda: ten_are_here(app), "ten titles")  # by whichever of the two
            await job_commands.pause(app, first.id)
            await has(app, second.id, JobState.COMPLETED)
            assert (await job_of(app, first.id)).state is JobState.PAUSED
            assert await held(app) >= truth(demo)
            await job_commands.resume(app, first.id)
            await has(app, first.id, JobState.COMPLETED)
        assert adds_up(await job_of(app, first.id)) and adds_up(await job_of(app, second.id))
        assert max(demo.stats.detail_requests.values()) == 1


async def test_a_walk_that_died_on_the_last_possible_page_goes_on(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await queue_import(app, SINCE_2000)

        def died(db: Any) -> None:
            windows.add(db, job.id, [windows.Window(kind, date(2000, 1, 1)) for kind in BOTH])
            for row in windows.of_job(db, job.id):
                windows.page_done(db, row.id, PAGE_CAP, PAGE_CAP, 10_000, 1)
            jobs.set_phase(db, job.id, "list")

        await app.store.write(died)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        assert (await job_of(app, job.id)).state is JobState.COMPLETED
        assert await held(app) == truth(demo)
