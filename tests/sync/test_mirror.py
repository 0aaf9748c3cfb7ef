"""The mirror job over a real socket: exactly what the scope wants, nothing twice, and its way to delta mode."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as coverage_commands
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands import mirror as commands
from gdvg_desktop.commands import sync as sync_commands
from gdvg_desktop.commands.coverage import RuleRequest
from gdvg_desktop.core.clock import SystemClock, utc_day
from gdvg_desktop.core.kinds import JobKind, JobState, MediaType, Origin
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.demo.faults import Faults
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted
from gdvg_desktop.store import jobs, mirror_days, schedule, tombstones
from gdvg_desktop.store.coverage import coverage
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.titles import title_id_of
from tests.support.library import app_on, held, job_of, until

DAY_S = 86_400


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=300, series=120, faults=Faults(rate_limit=0))) as server:
        yield server


class LaterClock(SystemClock):
    """The machine's clock, some days ahead."""

    def __init__(self) -> None:
        self.days = 0

    def now(self) -> float:
        return super().now() + self.days * DAY_S


async def mirror_once(app: App, scope: Scope | None = None) -> Job:
    """Start the mirror and work it to its end, or to the end of the budget."""
    job, _ = await commands.start(app, scope)
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def rule(app: App, **words: Any) -> Scope:
    """A scope of one rule."""
    return Scope(everything=False, rules=(await coverage_commands.understand_rule(app, RuleRequest(**words)),))


async def test_the_whole_catalogue_is_held_and_the_mirror_goes_over_to_delta(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await mirror_once(app)
        assert (job.state, job.failed, job.gone) == (JobState.COMPLETED, 0, 0)
        assert await held(app) == demo.truth()
        found = await app.store.read(coverage)
        assert (found.percent, found.missing, found.undetermined) == (100.0, 0, 0)
        assert demo.stats.requests <= 1.02 * job.added
        assert max(demo.stats.detail_requests.values()) == 1
        assert job.summary["before"]["movie"]["held"] == 0
        assert job.summary["after"]["movie"]["percent"] == 100.0
        assert job.summary["requests_per_title"] <= 1.02
        status = await commands.status(app)
        assert (status.mode, status.left, status.finish) == ("delta", 0, None)
        assert status.spent.titles == job.added and status.spent.requests == job.requests
        following = [one for one in await app.store.read(jobs.queue) if one.kind is JobKind.DELTA]
        assert [(one.origin, one.state) for one in following] == [(Origin.MIRROR, JobState.PENDING)]


async def test_what_follows_a_batch_of_the_schedule_is_work_of_the_schedule(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job, _ = await commands.start(app, origin=Origin.SCHEDULE)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        await app.store.write(lambda db: schedule.pause(db, 1, "api", None))
        following = [one for one in await app.store.read(jobs.queue) if one.kind is JobKind.DELTA]
        assert [(one.origin, one.state) for one in following] == [(Origin.SCHEDULE, JobState.PAUSED)]


async def test_a_second_run_fetches_nothing(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await mirror_once(app)
        before = dict(demo.stats.detail_requests)
        job = await mirror_once(app)
        assert (job.state, job.total, job.added) == (JobState.COMPLETED, 0, 0)
        assert dict(demo.stats.detail_requests) == before
        deltas = [one for one in await app.store.read(jobs.listing) if one.kind is JobKind.DELTA]
        assert len(deltas) == 1  # it was in delta mode already


async def test_asked_twice_it_is_one_job(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, engine=False) as app:
        first, new = await commands.start(app)
        second, again = await commands.start(app, await rule(app, type="tv"))
        assert (first.id, new, again) == (second.id, True, False)
        assert second.name == "Mirror · TV series"


async def test_the_most_popular_come_first_by_turns(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, movie_share=75, max_connections=1) as app:
        job, _ = await commands.start(app)
        assert app.engine is not None
        await app.engine.run(only=job.id)
        asked = list(demo.stats.detail_requests)
        pages = [asked[at : at + 20] for at in range(0, 160, 20)]
        kinds = [{key.split("/")[0] for key in page} for page in pages]
        assert sum(kind == {"movie"} for kind in kinds) == 6 and sum(kind == {"tv"} for kind in kinds) == 2
        popularity = {
            f"{kind}/{title.id}": title.popularity for kind in ("movie", "tv") for title in demo.catalogue.all(kind)
        }
        movies = [popularity[key] for key in asked if key.startswith("movie")]
        assert movies == sorted(movies, reverse=True)


async def test_a_rule_brings_exactly_its_titles(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await mirror_once(app, await rule(app, type="tv", countries=("KR",), genres=("Drama",)))
        wanted = demo.truth(Wanted(media_type="tv", countries=("KR",), genres=("Drama",)))
        assert wanted and await held(app) == wanted
        assert {tuple(key.split("/")) for key in demo.stats.detail_requests} == {
            (kind, str(tmdb_id)) for kind, tmdb_id in wanted
        }
        found = await app.store.read(coverage)
        assert (found.tv.held, found.tv.missing, found.tv.undetermined) == (len(wanted), 0, 0)
        assert found.movie.excluded == found.movie.in_export
        assert job.summary["mode"] == "delta"


async def test_a_wider_scope_fills_again_and_leaves_what_is_held_alone(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        await mirror_once(app, await rule(app, type="tv", countries=("KR",)))
        first = dict(demo.stats.detail_requests)
        await coverage_commands.set_scope(app, Scope())
        assert (await commands.status(app)).mode == "filling"
        job = await mirror_once(app)
        assert await held(app) == demo.truth()
        assert job.added == len(demo.truth()) - len(first)
        assert max(demo.stats.detail_requests.values()) == 1
        assert (await commands.status(app)).mode == "delta"


async def test_a_scope_changed_while_the_job_closes_is_followed(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, clock=(clock := LaterClock())) as app:
        await mirror_once(app, await rule(app, type="tv"))
        hidden = sorted(await held(app))[:12]
        demo.catalogue._unlisted.update(hidden)  # out of the export, so that the close asks for them
        demo.catalogue.add(series=12)
        clock.days += 2
        demo.catalogue.today = utc_day(clock.now())
        job, _ = await commands.start(app)
        assert app.engine is not None
        demo.faults.latency_ms = 100
        running = asyncio.create_task(app.engine.run(only=job.id))

        async def asks() -> bool:
            asked = sum(demo.stats.detail_requests[f"{kind}/{number}"] > 1 for kind, number in hidden)
            return asked > 0 and (await job_of(app, job.id)).phase == "close"

        await until(asks, "the asking of the close")
        same, new = await commands.start(app, Scope())
        assert same.id == job.id and not new  # it had not ended
        demo.faults.latency_ms = 0
        await running
        done = await job_of(app, job.id)
        assert done.state is JobState.COMPLETED and done.summary["scope"] == Scope().words
        assert done.name == same.name
        found = await app.store.read(coverage)
        assert (found.missing, found.percent) == (0, 100.0)
        assert demo.truth() <= await held(app)


async def test_a_scope_changed_under_way_is_followed(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 10
    async with app_on(demo, tmp_path, max_connections=2) as app:
        narrow = await rule(app, type="tv", countries=("KR",))
        job, _ = await commands.start(app)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run(only=job.id))
        await until(lambda: len(demo.stats.detail_requests) > 30, "a first part of the catalogue")
        again, new = await commands.start(app, narrow)
        assert (again.id, new) == (job.id, False)
        await engine
        job = await job_of(app, job.id)
        assert job.state is JobState.COMPLETED
        have = await held(app)
        assert have >= demo.truth(Wanted(media_type="tv", countries=("KR",)))
        assert have < demo.truth()
        assert job.total == job.added


async def test_a_budget_of_requests_ends_the_day_and_the_next_day_goes_on(demo: DemoServer, tmp_path: Path) -> None:
    clock = LaterClock()
    async with app_on(demo, tmp_path, clock=clock, mirror_daily_requests=150) as app:
        job = await mirror_once(app)
        assert (job.state, job.reason) == (JobState.INTERRUPTED, "budget")
        assert demo.stats.requests == 150 == len(await held(app))
        status = await commands.status(app)
        assert status.waits_until is not None and status.waits_until > clock.now() * 1000
        assert utc_day(status.waits_until / 1000) > utc_day(clock.now())
        again = await mirror_once(app)  # still today
        assert again.reason == "budget" and demo.stats.requests == 150
        clock.days += 1
        await mirror_once(app)
        assert demo.stats.requests == 300
    async with app_on(demo, tmp_path, clock=clock, mirror_daily_requests=150) as app:  # the books survive a restart
        assert (await mirror_once(app)).reason == "budget" and demo.stats.requests == 300
        assert app.engine is not None
        clock.days += 1
        job = await mirror_once(app)
        spent = await app.store.read(lambda db: mirror_days.of(db, utc_day(clock.now())))
        assert job.state is JobState.COMPLETED and spent.requests <= 150
        assert await held(app) == demo.truth()
        assert max(demo.stats.detail_requests.values()) == 1


async def test_an_engine_that_stays_up_goes_on_the_next_day_by_itself(demo: DemoServer, tmp_path: Path) -> None:
    clock = LaterClock()
    async with app_on(demo, tmp_path, clock=clock, mirror_daily_requests=300) as app:
        job, _ = await commands.start(app)
        assert app.engine is not None
        engine = asyncio.create_task(app.engine.run())

        async def waits() -> bool:
            return (await job_of(app, job.id)).reason == "budget"

        async def completed() -> bool:
            return (await job_of(app, job.id)).state is JobState.COMPLETED

        await until(waits, "the end of the budget")
        clock.days += 1
        app.engine.wake()
        await until(completed, "the end of the mirror")
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
        assert await held(app) == demo.truth()


async def test_a_title_tmdb_no_longer_has_is_not_asked_for_again_the_same_day(demo: DemoServer, tmp_path: Path) -> None:
    gone = demo.catalogue.delete_some(5)
    async with app_on(demo, tmp_path) as app:
        job = await mirror_once(app)
        assert (job.state, job.gone) == (JobState.COMPLETED, 5)
        assert (await commands.status(app)).mode == "filling"  # the export still names them
        before = demo.stats.requests
        again = await mirror_once(app)
        assert again.total == 0 and demo.stats.requests == before
        assert await held(app) == demo.truth()
        assert all(demo.stats.detail_requests[f"{kind}/{tmdb_id}"] == 1 for kind, tmdb_id in gone)


async def test_what_another_job_holds_is_not_fetched(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        assert app.engine is not None
        await mirror_once(app, await rule(app, type="movie", countries=("US",)))
        before = demo.stats.by_kind["details"]
        job = await mirror_once(app, Scope())
        assert demo.stats.by_kind["details"] - before == job.added == len(demo.truth()) - before
        found = await app.store.read(coverage)
        assert (found.movie.percent, found.tv.percent) == (100.0, 100.0)
        assert {kind for kind, _ in await held(app)} == {one.value for one in MediaType}


async def test_what_tmdb_has_deleted_becomes_a_tombstone_at_the_end(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path, clock=(clock := LaterClock())) as app:
        await mirror_once(app)
        gone = set(demo.catalogue.delete_some(5, unlisted=True))
        clock.days += 2  # an export proves nothing of a title that was fetched after it was made
        demo.catalogue.today = utc_day(clock.now())
        job = await mirror_once(app)
        assert (job.state, job.added) == (JobState.COMPLETED, 0)
        found = await app.store.read(coverage)
        assert found.percent == 100.0 and found.held == len(demo.truth())
        assert await app.store.read(tombstones.ids) == {title_id_of(MediaType(kind), tmdb_id) for kind, tmdb_id in gone}


async def test_an_export_that_fell_deletes_nothing_until_it_is_accepted_and_the_deletions_confirmed(
    demo: DemoServer, tmp_path: Path
) -> None:
    async with app_on(demo, tmp_path, clock=(clock := LaterClock())) as app:
        await mirror_once(app)
        whole = await held(app)
        gone = [key for key in demo.truth() if key[0] == "movie"][:20]  # of 300
        demo.catalogue.delete(gone, unlisted=True)
        clock.days += 2  # an export proves nothing of a title that was fetched after it was made
        demo.catalogue.today = utc_day(clock.now())
        job = await mirror_once(app)
        assert job.state is JobState.COMPLETED and await held(app) == whole
        status = await commands.status(app)
        assert {one.code for one in status.refusals} == {"fell"}
        assert not await app.store.read(tombstones.ids)

        figures = await commands.accept_export(app)
        assert {one.media_type: one.rows for one in figures}[MediaType.MOVIE] == len(demo.catalogue.all("movie")) - len(
            [one for one in demo.catalogue.all("movie") if one.adult]
        )
        job = await mirror_once(app)
        assert (job.state, job.reason) == (JobState.PAUSED, "deletions")
        again = await mirror_once(app)  # starting it again is no decision
        assert (again.id, again.state) == (job.id, JobState.PAUSED)
        assert not await app.store.read(tombstones.ids)
        assert app.engine is not None
        await job_commands.resume(app, job.id)
        await app.engine.run(only=job.id)
        assert (await job_of(app, job.id)).state is JobState.COMPLETED
        assert await app.store.read(tombstones.ids) == {title_id_of(MediaType.MOVIE, tmdb_id) for _, tmdb_id in gone}
        assert (await app.store.read(coverage)).percent == 100.0


async def test_a_delta_run_that_reads_a_new_export_puts_the_mirror_back_to_filling_and_forward_again(
    demo: DemoServer, tmp_path: Path
) -> None:
    async with app_on(demo, tmp_path, clock=(clock := LaterClock())) as app:
        await mirror_once(app)
        assert app.engine is not None
        await app.engine.run(until_idle=True)  # the delta job the mirror has queued
        since = (await commands.status(app)).since
        demo.catalogue.add(3, 2)
        clock.days += 1
        demo.catalogue.today = utc_day(clock.now())
        await commands.accept_export(app)
        status = await commands.status(app)
        assert (status.mode, status.left) == ("filling", len(demo.truth() - await held(app)))
        await sync_commands.delta(app)
        await app.engine.run(until_idle=True)
        status = await commands.status(app)
        assert status.mode == "delta" and status.since is not None and since is not None and status.since > since
        assert await held(app) == demo.truth()
