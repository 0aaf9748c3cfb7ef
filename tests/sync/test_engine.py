"""The main job, end to end without a face: a real library on disk, the demo server over a real socket."""

import asyncio
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands import keys
from gdvg_desktop.core.errors import CredentialError, UnreachableError
from gdvg_desktop.core.events import CredentialNeeded, Event
from gdvg_desktop.core.kinds import Existing, JobState, MediaType
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import jobs, windows
from gdvg_desktop.sync.filters import ImportFilter, build_filter
from tests.support.library import BriskClock, app_on, held, job_of, queue_import, until

BOTH = (MediaType.MOVIE, MediaType.TV)
SINCE_2000 = build_filter(types=BOTH, date_from=date(2000, 1, 1))


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=240, series=110)) as server:
        server.faults.rate_limit = 0
        yield server


def truth(demo: DemoServer, **wanted: Any) -> set[tuple[str, int]]:
    return {(kind, tmdb_id) for kind, tmdb_id in demo.truth(Wanted(**wanted))}


def detail_requests(demo: DemoServer) -> int:
    return sum(demo.stats.detail_requests.values())


def adds_up(job: jobs.Job) -> bool:
    return job.total == job.added + job.updated + job.unchanged + job.skipped + job.failed + job.gone


async def run(app: App, chosen: ImportFilter) -> jobs.Job:
    job = await queue_import(app, chosen)
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def test_everything_arrives_exactly_and_a_second_run_fetches_nothing(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        first = await run(app, build_filter(types=BOTH))
        assert await held(app) == truth(demo)
        assert (first.state, first.failed, first.gone, first.added) == (JobState.COMPLETED, 0, 0, len(truth(demo)))
        assert adds_up(first) and first.requests == detail_requests(demo)
        asked = detail_requests(demo)
        second = await run(app, build_filter(types=BOTH))
        assert detail_requests(demo) == asked
        assert (second.added, second.skipped) == (0, first.added)
        assert adds_up(second)


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        (SINCE_2000, {"start": "2000"}),
        (build_filter(types=(MediaType.TV,), countries=("JP", "KR")), {"media_type": "tv", "countries": ("JP", "KR")}),
        (
            build_filter(types=BOTH, genres=("Drama",), genre_ids=((MediaType.MOVIE, (18,)), (MediaType.TV, (18,)))),
            {"genres": ("Drama",)},
        ),
    ],
)
async def test_a_filtered_import_is_exactly_what_matches(
    demo: DemoServer, tmp_path: Path, chosen: ImportFilter, wanted: dict[str, Any]
) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await run(app, chosen)
        assert await held(app) == truth(demo, **wanted)
        assert (job.state, job.failed, job.unlisted) == (JobState.COMPLETED, 0, 0)
        assert adds_up(job)


async def test_listing_costs_one_request_for_twenty_titles(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await run(app, build_filter(types=(MediaType.MOVIE,), date_from=date(1900, 1, 1)))
        assert job.requests == job.added + -(-job.added // 20)


async def test_faults_and_shifting_pages_lose_nothing(demo: DemoServer, tmp_path: Path) -> None:
    faults = demo.faults
    faults.too_many_zero = faults.error_500 = faults.html_502 = faults.reset = faults.cut_json = faults.cut_body = 0.05
    faults.shifting = 3
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        job = await run(app, SINCE_2000)
        assert await held(app) == truth(demo, start="2000")
        assert (job.state, job.failed) == (JobState.COMPLETED, 0)
        assert adds_up(job)


async def test_updating_fetches_what_is_held_again(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        first = await run(app, SINCE_2000)
        again = await run(app, build_filter(types=BOTH, date_from=date(2000, 1, 1), existing=Existing.UPDATE))
        assert (again.unchanged, again.updated, again.added, again.skipped) == (first.added, 0, 0, 0)


async def test_a_limit_takes_the_first_in_order_after_duplicates(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await run(app, build_filter(types=BOTH, date_from=date(2000, 1, 1), limit=10))
        top = await held(app)
        second = await run(app, build_filter(types=BOTH, date_from=date(2000, 1, 1), limit=15))
        assert len(await held(app)) == 25 and top < await held(app)
        assert (second.added, second.skipped, second.total) == (15, 10, 25)


async def test_a_title_that_always_fails_is_kept_as_failed_and_stops_nobody(demo: DemoServer, tmp_path: Path) -> None:
    kind, tmdb_id = sorted(truth(demo, start="2000"))[3]
    demo.faults.always_500 = {f"{kind}/{tmdb_id}"}
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=3) as app:
        job = await run(app, SINCE_2000)
        assert (job.state, job.failed) == (JobState.COMPLETED, 1) and adds_up(job)
        failed = await app.store.read(lambda db: jobs.failed_items(db, job.id))
        assert [(item.media_type.value, item.tmdb_id, item.attempts) for item in failed] == [(kind, tmdb_id, 3)]
        assert failed[0].next_try_at is not None
        demo.faults.always_500 = set()
        assert await job_commands.retry(app, job.id) == 1
        assert app.engine is not None
        await app.engine.run(until_idle=True)
        assert await held(app) == truth(demo, start="2000")
        retried = await job_of(app, job.id)
        assert (retried.state, retried.failed) == (JobState.COMPLETED, 0) and adds_up(retried)


async def test_titles_gone_from_tmdb_are_counted_and_not_failures(tmp_path: Path) -> None:
    with DemoServer(DemoOptions(movies=120, series=40, deleted=7)) as demo:
        demo.faults.rate_limit = 0
        async with app_on(demo, tmp_path) as app:
            job = await run(app, build_filter(types=BOTH))
            assert job.gone > 0 and job.failed == 0 and adds_up(job)
            assert await held(app) == truth(demo)


async def test_a_listing_that_fails_leaves_the_job_failed_until_it_is_walked_again(
    demo: DemoServer, tmp_path: Path
) -> None:
    demo.faults.error_500 = 1.0
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=2) as app:
        job = await run(app, SINCE_2000)
        assert (job.state, job.failed, job.reason) == (JobState.FAILED, 2, "listing_incomplete") and adds_up(job)
        demo.faults.error_500 = 0.0
        assert await job_commands.retry(app, job.id) == 2
        assert app.engine is not None
        await app.engine.run(until_idle=True)
        done = await job_of(app, job.id)
        assert (done.state, done.failed) == (JobState.COMPLETED, 0) and adds_up(done)
        assert await held(app) == truth(demo, start="2000")


async def test_one_failed_listing_does_not_count_the_others_titles_twice(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=1) as app:
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        # a window that cannot be listed beside the two that can
        await app.engine.run(only=job.id)

        def break_one(db: Any) -> None:
            row = windows.of_job(db, job.id)[0]
            windows.failed(db, row.id, "broken", 1)
            jobs.bump(db, job.id, 1, failed=1)
            jobs.settle_total(db, job.id, 1)
            jobs.set_state(db, job.id, JobState.FAILED, 1)
            db.execute_sql("UPDATE listing_window SET complete = 0, last_page = 0 WHERE id = ?", (row.id,))

        before = await job_of(app, job.id)
        await app.store.write(break_one)
        await job_commands.retry(app, job.id)
        await app.engine.run(until_idle=True)
        after = await job_of(app, job.id)
        assert (after.state, after.added) == (JobState.COMPLETED, before.added) and adds_up(after)


async def test_pausing_keeps_the_place_and_resuming_asks_nothing_twice(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, max_connections=4) as app:
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run())

        async def some() -> bool:
            return (await job_of(app, job.id)).added > 20

        await until(some, "the first titles")
        await job_commands.pause(app, job.id)

        async def paused() -> bool:
            return (await job_of(app, job.id)).state is JobState.PAUSED

        await until(paused, "the pause")
        asked = detail_requests(demo)
        stood = await job_of(app, job.id)
        assert stood.added == asked == len(await held(app))
        await job_commands.resume(app, job.id)

        async def finished() -> bool:
            return (await job_of(app, job.id)).state is JobState.COMPLETED

        await until(finished, "the end")
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
        assert await held(app) == truth(demo, start="2000")
        assert max(demo.stats.detail_requests.values()) == 1


async def test_cancelling_from_elsewhere_stops_a_running_job(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 10
    async with app_on(demo, tmp_path, max_connections=2) as app:
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run(only=job.id))
        async with app_on(demo, tmp_path, engine=False) as beside:

            async def some() -> bool:
                return (await job_of(beside, job.id)).added > 5

            await until(some, "the first titles")
            await job_commands.cancel(beside, job.id)
            await asyncio.wait_for(engine, 20)
            found = await job_of(beside, job.id)
            assert found.state is JobState.CANCELLED and adds_up(found)
            assert found.reason_args["left"] > 0


async def test_at_most_two_jobs_run_at_once_the_higher_first(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 2
    most = 0
    async with app_on(demo, tmp_path) as app:
        assert app.engine is not None
        for year in (1990, 2000, 2010, 2020):
            await queue_import(
                app, build_filter(types=BOTH, date_from=date(year, 1, 1), date_to=date(year + 9, 12, 31))
            )
        started: list[int] = []

        def see(event: Event) -> None:
            nonlocal most
            most = max(most, len(app.engine.active_jobs) if app.engine else 0)
            started.extend(one for one in (app.engine.active_jobs if app.engine else ()) if one not in started)

        app.bus.subscribe(see)
        await app.engine.run(until_idle=True)
        assert most == 2
        assert started == [1, 2, 3, 4]
        assert await held(app) == truth(demo, start="1990", end="2029")


async def test_a_revoked_key_pauses_with_the_reason_and_a_new_key_goes_on(
    demo: DemoServer, tmp_path: Path, memory_keyring: object
) -> None:
    demo.faults.latency_ms = 5
    needed: list[Event] = []
    async with app_on(demo, tmp_path, key=None, max_connections=4) as app:
        await keys.set_key(app, "a" * 32)
        app.bus.subscribe(lambda event: needed.append(event) if isinstance(event, CredentialNeeded) else None)
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run())

        async def some() -> bool:
            return (await job_of(app, job.id)).added > 20

        await until(some, "the first titles")
        demo.faults.revoked = {"a" * 32}

        async def paused() -> bool:
            return (await job_of(app, job.id)).state is JobState.PAUSED

        await until(paused, "the pause")
        stood = await job_of(app, job.id)
        assert stood.reason == "credential" and "a" * 32 not in str(stood.reason_args)
        assert stood.failed == 0 and stood.added == len(await held(app))
        assert len(needed) == 1
        await keys.set_key(app, "b" * 32)

        async def finished() -> bool:
            return (await job_of(app, job.id)).state is JobState.COMPLETED

        await until(finished, "the end")
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
        assert await held(app) == truth(demo, start="2000")


async def test_a_refused_key_stops_a_foreground_run(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.revoked = {"d" * 32}
    async with app_on(demo, tmp_path) as app:
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        with pytest.raises(CredentialError):
            await app.engine.run(only=job.id)
        assert (await job_of(app, job.id)).state is JobState.PAUSED
        demo.faults.revoked = set()
        app.client.reset_credential()
        await app.engine.unblock()
        await app.engine.run(only=job.id)
        assert await held(app) == truth(demo, start="2000")


async def test_an_outage_gives_items_back_and_ends_a_foreground_run(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 2
    async with app_on(demo, tmp_path, clock=BriskClock(), max_connections=4) as app:
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run(only=job.id, outage_limit_s=60))

        async def some() -> bool:
            return (await job_of(app, job.id)).added > 20

        await until(some, "the first titles")
        demo.faults.refuse = True
        with pytest.raises(UnreachableError):
            await asyncio.wait_for(engine, 60)
        stood = await job_of(app, job.id)
        assert (stood.state, stood.failed) == (JobState.INTERRUPTED, 0)
        demo.faults.refuse = False
        await app.engine.run(only=job.id)
        done = await job_of(app, job.id)
        assert (done.state, done.failed) == (JobState.COMPLETED, 0) and adds_up(done)
        assert await held(app) == truth(demo, start="2000")


async def test_the_engine_goes_on_by_itself_when_the_network_is_back(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.refuse = True
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        job = await queue_import(app, SINCE_2000)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run(only=job.id))
        await until(lambda: app.client.status().state == "outage", "the outage")
        demo.faults.refuse = False
        await asyncio.wait_for(engine, 60)
        assert (await job_of(app, job.id)).failed == 0
        assert await held(app) == truth(demo, start="2000")


async def test_a_full_disk_pauses_and_free_space_goes_on(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        job = await queue_import(app, SINCE_2000)

        # the real error of a real SQLite: the file may not grow past what it has now
        def limit(db: Any, pages: int) -> None:
            db.execute_sql(f"PRAGMA max_page_count = {pages}")

        await app.store.write(lambda db: limit(db, db.execute_sql("PRAGMA page_count").fetchone()[0] + 60))
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run())
        await until(lambda: app.engine is not None and app.engine.blocked is not None, "the full disk")
        assert app.engine.blocked is not None and "full" in app.engine.blocked.title.lower()

        def free() -> None:
            app.store.write_now(lambda db: limit(db, 2**30))

        await asyncio.to_thread(free)

        async def finished() -> bool:
            return (await job_of(app, job.id)).state is JobState.COMPLETED

        await until(finished, "the end")
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
        done = await job_of(app, job.id)
        assert done.failed == 0 and adds_up(done)
        assert await held(app) == truth(demo, start="2000")


async def test_a_missing_export_interrupts_the_job_and_says_so(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.export_missing = True
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        job = await queue_import(app, build_filter(types=BOTH))
        assert app.engine is not None
        with pytest.raises(UnreachableError, match="export"):
            await app.engine.run(only=job.id)
        assert (await job_of(app, job.id)).state is JobState.INTERRUPTED


async def test_a_job_left_without_its_export_goes_on_by_itself(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.export_missing = True
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        job = await queue_import(app, build_filter(types=BOTH))
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run())

        async def left() -> bool:
            return (await job_of(app, job.id)).reason == "unreachable"

        await until(left, "the interruption")
        demo.faults.export_missing = False

        async def finished() -> bool:
            return (await job_of(app, job.id)).state is JobState.COMPLETED

        await until(finished, "the end")
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
        assert await held(app) == truth(demo)
