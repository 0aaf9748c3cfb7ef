"""What the engine records of runs, how it deals with ones that get nowhere, and what it forgets."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.app import App
from gdvg_desktop.commands import errors as error_commands
from gdvg_desktop.commands import history, settings
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.core.events import CredentialNeeded, Event, JobStalled
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.demo.truth import Wanted as WantedTitles
from gdvg_desktop.store import jobs, runs
from gdvg_desktop.store.errors import Key
from gdvg_desktop.store.runs import Incident
from gdvg_desktop.sync import watch
from gdvg_desktop.sync.filters import build_filter
from gdvg_desktop.sync.title_run import TitleRun
from tests.support.library import BriskClock, app_on, held, job_of, queue_import, until
from tests.sync.test_engine_trouble import has, has_added, running

BOTH = (MediaType.MOVIE, MediaType.TV)
SINCE_2000 = build_filter(types=BOTH, date_from=date(2000, 1, 1))
DAY_MS = 86_400_000


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=160, series=70)) as server:
        server.faults.rate_limit = 0
        yield server


def truth(demo: DemoServer) -> set[tuple[str, int]]:
    return {(kind, tmdb_id) for kind, tmdb_id in demo.truth(WantedTitles(start="2000"))}


def adds_up(job: jobs.Job) -> bool:
    return job.total == job.added + job.updated + job.unchanged + job.skipped + job.failed + job.gone


async def run_to_end(app: App) -> jobs.Job:
    job = await queue_import(app, SINCE_2000)
    assert app.engine is not None
    await app.engine.run(only=job.id)
    return await job_of(app, job.id)


async def test_a_run_keeps_its_phases_without_gaps(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        job = await run_to_end(app)
        detail = await history.show(app, job.id)
        assert [one.phase for one in detail.phases] == ["plan", "list", "order", "fetch", "close"]
        for before, after in zip(detail.phases, detail.phases[1:], strict=False):
            assert before.ended_at == after.started_at
        last = detail.phases[-1].ended_at
        assert last is not None and job.completed_at is not None and last >= job.completed_at - 1000
        assert detail.totals.requests == job.requests and detail.totals.rate and detail.totals.rate > 0
        assert detail.incidents == () and detail.result is runs.Result.COMPLETED


async def test_an_interrupted_run_shows_where_it_was_and_went_on(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, max_connections=4) as app:
        job = await queue_import(app, SINCE_2000)
        async with running(app):
            await has_added(app, job.id, 10)
    async with app_on(demo, tmp_path) as app:
        between = (await history.show(app, job.id)).phases
        assert between[-1].phase == "fetch" and between[-1].ended_at is not None
        assert app.engine is not None
        await app.engine.run(only=job.id)
        detail = await history.show(app, job.id)
        assert [one.phase for one in detail.phases][-3:] == ["fetch", "fetch", "close"]
        (stopped,) = detail.incidents
        assert stopped.kind is Incident.INTERRUPTED and stopped.ended_at == detail.phases[-2].started_at


async def test_a_pause_and_a_slow_down_are_incidents_of_the_run(demo: DemoServer, tmp_path: Path) -> None:
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, clock=BriskClock(), max_connections=4) as app:
        job = await queue_import(app, SINCE_2000)
        async with running(app):
            await has_added(app, job.id, 10)
            demo.faults.too_many = 1.0  # nothing more comes in, so the job cannot end before its pause

            async def slowed() -> bool:
                found = (await history.show(app, job.id)).incidents
                return Incident.RATE_LIMIT in {one.kind for one in found}

            await until(slowed, "the slow-down")
            demo.faults.too_many = 0.0
            await job_commands.pause(app, job.id)
            await has(app, job.id, JobState.PAUSED)
            await job_commands.resume(app, job.id)
            await has(app, job.id, JobState.COMPLETED)
        found = (await history.show(app, job.id)).incidents
        pauses = [one for one in found if one.kind is Incident.PAUSED]
        assert len(pauses) == 1 and pauses[0].note == "by the user" and pauses[0].ended_at is not None
        assert sum(one.kind is Incident.RATE_LIMIT for one in found) <= 3  # gathered, not one an answer


async def test_a_job_that_gets_nowhere_is_marked_and_a_restart_loses_nothing(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "STALLED_S", 20.0)
    monkeypatch.setattr(watch, "ASLEEP_S", 1e9)
    told: list[Event] = []
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, clock=BriskClock(), max_connections=4) as app:
        app.bus.subscribe(lambda event: told.append(event) if isinstance(event, JobStalled) else None)
        job = await queue_import(app, SINCE_2000)
        async with running(app):
            await has_added(app, job.id, 10)
            demo.faults.hang = 1.0

            async def stalled() -> bool:
                return (await job_of(app, job.id)).reason == jobs.STALLED

            await until(stalled, "the stall")
            assert (await job_of(app, job.id)).state is JobState.RUNNING
            await until(lambda: told, "word of the stall")
            assert told == [JobStalled(job.id)]
            demo.faults.hang = 0.0
            await job_commands.restart(app, job.id)
            await has(app, job.id, JobState.COMPLETED)
        done = await job_of(app, job.id)
        assert (done.failed, done.reason) == (0, None) and adds_up(done)
        assert await held(app) == truth(demo)
        stall = next(one for one in (await history.show(app, job.id)).incidents if one.kind is Incident.STALLED)
        assert stall.ended_at is not None


async def test_failed_titles_come_in_by_themselves_and_are_counted_so(demo: DemoServer, tmp_path: Path) -> None:
    lost = sorted(truth(demo))[:6]
    demo.faults.always_500 = {f"{kind}/{tmdb_id}" for kind, tmdb_id in lost}
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=2) as app:
        job = await run_to_end(app)
        summary = await error_commands.summary(app)
        assert (job.failed, summary.total) == (6, 6) and adds_up(job)
        assert summary.by_category[FailureCategory.SERVER].automatic == 6
        found = await error_commands.listing(app)
        assert {one.tries for one in found} == {2}
        detail = await error_commands.show(app, found[0].key)
        assert detail.request.path == f"/{found[0].key}" and "api_key" not in detail.request.params
        assert [one.category for one in detail.attempts] == [FailureCategory.SERVER] * 2
        demo.faults.always_500 = set()

        def due(db: Any) -> None:
            db.execute_sql("UPDATE job_item SET next_try_at = 1 WHERE state = 'failed'")

        await app.store.write(due)
        async with running(app):

            async def mended() -> bool:
                return (await job_of(app, job.id)).failed == 0

            await until(mended, "the retries")
            await has(app, job.id, JobState.COMPLETED)
        summary = await error_commands.summary(app)
        assert (summary.total, summary.recovered, summary.recovered_asked) == (0, 6, 0)
        done = await history.show(app, job.id)
        assert (done.totals.errors, done.totals.recovered, done.totals.still_open) == (6, 6, 0)
        assert [one.phase for one in done.phases][-2:] == ["retry", "close"]
        assert Incident.ERRORS in {one.kind for one in done.incidents}


async def test_retry_of_some_and_skip_of_others_keeps_the_counts(demo: DemoServer, tmp_path: Path) -> None:
    lost = sorted(truth(demo))[:4]
    demo.faults.always_500 = {f"{kind}/{tmdb_id}" for kind, tmdb_id in lost}
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=1) as app:
        job = await run_to_end(app)
        keys = [Key(MediaType(kind), tmdb_id) for kind, tmdb_id in lost]
        assert await error_commands.skip(app, keys[:1]) == 1
        demo.faults.always_500 = {str(keys[1])}
        done = await error_commands.retry(app, keys[1:3])
        assert (done.count, done.job_ids) == (2, (job.id,))
        assert app.engine is not None
        await app.engine.run(only=job.id)
        job = await job_of(app, job.id)
        assert (job.failed, job.skipped, job.recovered, job.state) == (2, 1, 1, JobState.COMPLETED) and adds_up(job)
        left = {one.key: one.tries for one in await error_commands.listing(app)}
        assert left == {keys[1]: 2, keys[3]: 1}
        demo.faults.always_500 = set()
        assert (await error_commands.retry_all(app, FailureCategory.SERVER)).count == 2
        await app.engine.run(only=job.id)
        assert await error_commands.count(app) == 0
        assert await held(app) == truth(demo) - {lost[0]}


async def test_a_title_another_import_stores_is_no_failure_any_more(demo: DemoServer, tmp_path: Path) -> None:
    kind, tmdb_id = sorted(truth(demo))[0]
    demo.faults.always_500 = {f"{kind}/{tmdb_id}"}
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=1) as app:
        first = await run_to_end(app)
        demo.faults.always_500 = set()
        second = await queue_import(app, build_filter(types=BOTH, date_from=date(1990, 1, 1)))
        assert app.engine is not None
        await app.engine.run(only=second.id)
        assert await error_commands.count(app) == 0
        first = await job_of(app, first.id)
        assert (first.failed, first.recovered) == (0, 1) and adds_up(first)


async def test_a_refused_key_is_one_alert_and_no_failures(demo: DemoServer, tmp_path: Path) -> None:
    told: list[Event] = []
    demo.faults.latency_ms = 5
    async with app_on(demo, tmp_path, clock=BriskClock()) as app:
        app.bus.subscribe(lambda event: told.append(event) if isinstance(event, CredentialNeeded) else None)
        job = await queue_import(app, SINCE_2000)
        async with running(app):
            await has_added(app, job.id, 10)
            demo.faults.revoked = {"*"}
            await has(app, job.id, JobState.PAUSED)
        assert len(told) == 1 and await error_commands.count(app) == 0


async def test_old_runs_are_forgotten_and_failures_are_not(demo: DemoServer, tmp_path: Path) -> None:
    async with app_on(demo, tmp_path) as app:
        now_ms = round(app.clock.now() * 1000)

        def past(db: Any) -> list[int]:
            made = []
            for n in range(4):
                job, _ = jobs.add(db, JobKind.IMPORT, f"Old {n}", {"n": n}, now_ms)
                jobs.set_state(db, job.id, JobState.RUNNING, now_ms - 40 * DAY_MS)
                jobs.set_state(db, job.id, JobState.COMPLETED, now_ms - (40 if n < 3 else 20) * DAY_MS)
                made.append(job.id)
            jobs.add_listed(db, made[1], None, [(MediaType.TV, 1, None, None)])
            failed = jobs.FailedItem(MediaType.TV, 1, FailureCategory.VALIDATION, "No", 1, now_ms, None)
            jobs.item_failed(db, made[1], failed)
            jobs.bump(db, made[1], now_ms, total=1, failed=1)
            return made

        made = await app.store.write(past)
        async with running(app):

            async def left() -> list[int]:
                return sorted(job.id for job in await app.store.read(jobs.listing))

            async def forgotten() -> bool:
                return await left() == [made[1], made[3]]

            await until(forgotten, "the old ones to go")
            await app.store.write(lambda db: jobs.add(db, JobKind.IMPORT, "Newest", {"n": 9}, now_ms))
            await settings.change(app, keep_runs_days=10)
            assert app.engine is not None
            app.engine.wake()

            async def shorter() -> bool:
                return made[3] not in await left() or len(await left()) == 3

            await until(shorter, "the other limit")
            assert made[1] in await left()


async def test_a_run_that_does_not_stop_is_broken_off_and_nothing_goes_on_in_its_name(
    demo: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.faults.latency_ms = 5
    demo.faults.hang_s = 2.0  # four times the patience of the engine; the new run's own requests may hang, too
    async with app_on(demo, tmp_path, clock=BriskClock(), max_connections=4) as app:
        job = await queue_import(app, SINCE_2000)
        async with running(app):
            await has_added(app, job.id, 10)
            demo.faults.hang = 1.0
            with monkeypatch.context() as patch:
                patch.setattr(TitleRun, "stop", lambda _run: None)
                await job_commands.restart(app, job.id)

                async def begun_again() -> bool:
                    return (await job_of(app, job.id)).reason is None

                await until(begun_again, "the new run")
            demo.faults.hang = 0.0
            await has(app, job.id, JobState.COMPLETED)
        done = await job_of(app, job.id)
        assert done.failed == 0 and adds_up(done)
        assert await held(app) == truth(demo)


async def test_a_failure_of_a_cancelled_job_is_retried_in_a_job_of_its_own(demo: DemoServer, tmp_path: Path) -> None:
    kind, tmdb_id = sorted(truth(demo))[0]
    demo.faults.always_500 = {f"{kind}/{tmdb_id}"}
    async with app_on(demo, tmp_path, clock=BriskClock(), max_attempts=1) as app:
        job = await run_to_end(app)
        await app.store.write(lambda db: jobs.set_state(db, job.id, JobState.CANCELLED, 1, reason="cancelled"))
        demo.faults.always_500 = set()
        done = await error_commands.retry(app, [Key(MediaType(kind), tmdb_id)])
        assert done.count == 1 and job.id not in done.job_ids
        assert app.engine is not None
        await app.engine.run(until_idle=True)
        own = await job_of(app, done.job_ids[0])
        assert (own.kind, own.state, own.added, own.recovered) == (JobKind.REFRESH, JobState.COMPLETED, 1, 1)
        assert await error_commands.count(app) == 0 and await held(app) == truth(demo)
        assert (await job_of(app, job.id)).state is JobState.CANCELLED
