"""The schedule over a real engine, library and demo server: what its tasks start, what they leave alone, the pause, the
environment, and the limit of a day."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import history, missed_runs, schedule, scheduled, settings
from gdvg_desktop.commands import jobs as job_commands
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.core.clock import SystemClock, from_millis, to_millis, utc_day
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import Event, ScheduleChanged
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType, Origin
from gdvg_desktop.core.scope import Scope
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.demo.server import DemoOptions, DemoServer
from gdvg_desktop.schedule.loop import Scheduler
from gdvg_desktop.store import jobs, scope
from gdvg_desktop.store import schedule as rows
from gdvg_desktop.store.jobs import FailedItem
from gdvg_desktop.sync import day_limit
from gdvg_desktop.sync.filters import ImportFilter
from tests.support.library import app_on, job_of, until

NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


class MovedClock(SystemClock):
    """The machine's clock at a moment of the test's choosing, with short waits; both its hands are moved at once."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.set(NOON)

    def set(self, moment: datetime) -> None:
        self._ahead += moment.timestamp() - self.now()

    def now(self) -> float:
        return super().now() + self._ahead

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        await super().sleep(min(seconds, 0.02))


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    with DemoServer(DemoOptions(movies=120, series=60, today=NOON.date())) as server:
        server.faults.rate_limit = 0
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    monkeypatch.setenv("TZ", "UTC")
    return MovedClock()


@asynccontextmanager
async def working(app: App) -> AsyncIterator[None]:
    """The engine at work, without a schedule beside it."""
    assert app.engine is not None
    engine = asyncio.create_task(app.engine.run())
    try:
        yield
    finally:
        engine.cancel()
        with suppress(asyncio.CancelledError):
            await engine


async def look(scheduler: Scheduler) -> None:
    await scheduler.look()
    await until(lambda: not scheduler.working, "the end of the commands")


async def begin(app: App) -> Scheduler:
    """A library somebody chose a scope for, and its schedule."""
    now_ms = to_millis(app.clock.now())
    await app.store.write(lambda db: scope.save(db, Scope(), now_ms))
    await schedule.prepare(app)
    scheduler = scheduled.scheduler(app)
    await look(scheduler)
    return scheduler


async def runs_of(app: App, name: str) -> list[rows.TaskRun]:
    return await schedule.runs(app, name=name)


async def queued(app: App) -> list[jobs.Job]:
    return await app.store.read(jobs.listing)


async def test_the_first_start_makes_the_tasks_and_catches_nothing_up(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        await begin(app)
        found = {one.name: one for one in await schedule.tasks(app)}
        assert await queued(app) == [] and await schedule.runs(app) == []
    delta, analysis = found["delta"], found["gap_analysis"]
    assert (delta.cron, delta.zone, delta.enabled, delta.running, delta.last_run) == (
        "0 */6 * * *",
        "UTC",
        True,
        False,
        None,
    )
    assert [one.strftime("%d %H:%M") for one in delta.next_runs] == [
        "21 18:00",
        "22 00:00",
        "22 06:00",
        "22 12:00",
        "22 18:00",
    ]
    assert analysis.zone == "UTC" and analysis.next_runs[0] == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert not found["lists"].enabled and found["lists"].next_runs == ()


async def test_a_library_nobody_set_up_is_left_alone_and_not_caught_up_later(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        await schedule.prepare(app)
        scheduler = scheduled.scheduler(app)
        clock.set(NOON + timedelta(days=8))
        await look(scheduler)
        found = await schedule.runs(app)
        assert {one.reason for one in found} == {"not_set_up"} and {one.status for one in found} == {"missed"}
        assert await queued(app) == [] and demo.stats.requests == 0
        await begin(app)
        clock.set(NOON + timedelta(days=8, minutes=5))
        await look(scheduler)
        assert await queued(app) == []


async def test_without_a_key_only_what_needs_none_runs(demo: DemoServer, tmp_path: Path, clock: MovedClock) -> None:
    async with app_on(demo, tmp_path, clock=clock, key=None) as app:
        scheduler = await begin(app)
        clock.set(datetime(2026, 11, 22, 5, 0, 1, tzinfo=UTC))  # a Sunday
        await look(scheduler)
        assert {one.reason for one in await runs_of(app, "delta")} == {"not_set_up"}
        assert [one.status for one in await runs_of(app, "backup")] == ["done"]
        assert list(app.paths.backups.iterdir())


async def test_a_due_task_queues_its_job_and_ends_with_it(demo: DemoServer, tmp_path: Path, clock: MovedClock) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        scheduler = await begin(app)
        clock.set(datetime(2026, 11, 22, 3, 30, 1, tzinfo=UTC))
        await look(scheduler)
        mirror = next(one for one in await queued(app) if one.kind is JobKind.MIRROR)
        assert mirror.origin is Origin.SCHEDULE
        assert [(one.status, one.trigger, one.job_id) for one in await runs_of(app, "mirror")] == [
            ("running", "schedule", mirror.id)
        ]
        async with working(app):

            async def ended() -> bool:
                await look(scheduler)
                return (await runs_of(app, "mirror"))[0].status != "running"

            await until(ended, "the end of the mirror")
        last = (await schedule.task(app, "mirror")).last_run
        assert last is not None
        assert (last.status, last.summary["added"]) == ("done", len(demo.truth()))


async def test_what_its_user_paused_stays_paused_and_the_run_is_missed(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        scheduler = await begin(app)
        job, _ = await app.store.write(lambda db: jobs.add(db, JobKind.DELTA, "Delta", {}, 1))
        await job_commands.pause(app, job.id)
        clock.set(datetime(2026, 11, 21, 18, 0, 1, tzinfo=UTC))
        await look(scheduler)
        run = (await runs_of(app, "delta"))[0]
        assert (run.status, run.reason, run.started_at) == ("missed", "job_paused", None)
        assert await schedule.runs(app, missed_only=True) == [run]
        assert (await job_of(app, job.id)).state is JobState.PAUSED
        await schedule.run_now(app, "delta")  # asked for by hand it goes on
        await look(scheduler)
        assert (await job_of(app, job.id)).state is JobState.PENDING


async def test_paused_a_due_run_does_not_start_and_resumed_exactly_one_does(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        scheduler = await begin(app)
        for name in {one.name for one in await schedule.tasks(app)} - {"delta"}:
            await schedule.change(app, name, enabled=False)
        state = await schedule.pause(app, None, "api")
        assert (state.paused, state.by, state.until) == (True, "api", None)
        clock.set(datetime(2026, 11, 22, 13, 0, tzinfo=UTC))
        await look(scheduler)
        assert await queued(app) == []
        assert {one.reason for one in await runs_of(app, "delta")} == {"paused"}
        (line,) = await history.lines(app)
        assert isinstance(line, MissedRun)
        missed = await missed_runs.show(app, line.row.id)
        assert (line.name, line.row.reason, missed.ran_at) == ("Changes sync", "paused", None)
        assert [from_millis(one) for one in missed.moments] == [
            datetime(2026, 11, day, hour, tzinfo=UTC) for day, hour in ((22, 12), (22, 6), (22, 0), (21, 18))
        ]
        assert (await schedule.resume(app, "api")).paused is False
        for _ in range(3):
            await look(scheduler)
            clock.set(datetime.fromtimestamp(clock.now(), UTC) + timedelta(minutes=1))
        assert [one.kind for one in await queued(app)] == [JobKind.DELTA]
        assert [one.trigger for one in await runs_of(app, "delta") if one.status != "missed"] == ["catch_up"]
        assert (await missed_runs.show(app, line.row.id)).ran_at is not None


async def test_the_pause_holds_jobs_of_the_schedule_and_lets_them_go_on_but_not_those_a_user_paused(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    demo.faults.latency_ms = 30
    async with app_on(demo, tmp_path, clock=clock) as app:
        await begin(app)

        def add(db: object) -> tuple[int, int]:
            found = [
                jobs.add(db, JobKind.IMPORT, kind, ImportFilter(types=(kind,)).to_config(), 1, origin=Origin.SCHEDULE)  # type: ignore[arg-type]
                for kind in MediaType
            ]
            return found[0][0].id, found[1][0].id

        first, second = await app.store.write(add)
        async with working(app):

            async def busy() -> bool:
                return (await job_of(app, first)).done > 3

            await until(busy, "work")
            await schedule.pause(app, None, "tray")

            async def stands() -> bool:
                return {(await job_of(app, one)).state for one in (first, second)} == {JobState.PAUSED}

            await until(stands, "the pause")
            assert (await job_of(app, first)).reason == jobs.SCHEDULE_PAUSED
            await job_commands.pause(app, second)  # now it is its user's pause
            await schedule.resume(app, "tray")

            async def finished() -> bool:
                return (await job_of(app, first)).state is JobState.COMPLETED

            await until(finished, "the end of the first")
            left = await job_of(app, second)
            assert (left.state, left.reason) == (JobState.PAUSED, "user")


async def test_a_pause_ends_at_midnight_here_and_a_longer_one_keeps_who_began_it(
    demo: DemoServer, tmp_path: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    async with app_on(demo, tmp_path, clock=clock) as app:
        scheduler = await begin(app)
        ends = schedule.tomorrow_ms(app)
        assert from_millis(ends) == datetime(2026, 11, 21, 15, tzinfo=UTC)
        await schedule.pause(app, ends, "tray")
        longer = await schedule.pause(app, ends + 60_000, "cli")
        assert (longer.by, longer.until) == ("tray", ends + 60_000)
        clock.set(from_millis(ends))
        await look(scheduler)
        assert (await schedule.pause_state(app)).paused
        clock.set(from_millis(ends + 60_000))
        await look(scheduler)
        assert not (await schedule.pause_state(app)).paused
        with pytest.raises(UsageError):
            await schedule.pause(app, ends, "cli")


async def test_quiet_hours_hold_a_run_until_they_are_over(demo: DemoServer, tmp_path: Path, clock: MovedClock) -> None:
    async with app_on(demo, tmp_path, clock=clock, quiet_from="17:00", quiet_to="20:00") as app:
        scheduler = await begin(app)
        clock.set(datetime(2026, 11, 21, 18, 0, 1, tzinfo=UTC))
        await look(scheduler)
        assert await queued(app) == []
        clock.set(datetime(2026, 11, 21, 20, 0, 1, tzinfo=UTC))
        await look(scheduler)
        assert [one.kind for one in await queued(app)] == [JobKind.DELTA]
        assert [(one.status, one.reason) for one in await runs_of(app, "delta")] == [
            ("running", None),
            ("missed", "quiet_hours"),
        ]


async def test_the_environment_wins_is_shown_and_cannot_be_changed_here(
    demo: DemoServer, tmp_path: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        await begin(app)
    monkeypatch.setenv("TMDB_DELTA_SYNC_CRON", "*/5 * * * *")
    monkeypatch.setenv("GDVG_DELTA_SYNC_CRON", "*/10 * * * *")
    monkeypatch.setenv("TMDB_BULK_IMPORT_ENABLED", "false")
    clock.set(NOON + timedelta(minutes=25))
    async with app_on(demo, tmp_path, clock=clock) as app:
        scheduler = await begin(app)
        delta, mirror = await schedule.task(app, "delta"), await schedule.task(app, "mirror")
        assert (delta.cron, delta.zone, delta.set_by) == ("*/10 * * * *", "UTC", ("GDVG_DELTA_SYNC_CRON",))
        assert (mirror.enabled, mirror.next_runs, mirror.set_by) == (False, (), ("TMDB_BULK_IMPORT_ENABLED",))
        assert await queued(app) == []  # the new expression's moments count from now
        with pytest.raises(UsageError, match="GDVG_DELTA_SYNC_CRON"):
            await schedule.change(app, "delta", cron_expression="0 0 * * *")
        assert (await schedule.change(app, "delta", jitter_s=0)).enabled
        clock.set(NOON + timedelta(minutes=30, seconds=2))
        await look(scheduler)
        assert [one.kind for one in await queued(app)] == [JobKind.DELTA]


async def test_a_change_is_checked_and_moves_the_next_runs(demo: DemoServer, tmp_path: Path, clock: MovedClock) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        changed = await schedule.change(app, "mirror", cron_expression="15 7 * * 1", zone="Asia/Seoul", catch_up="skip")
        assert changed.next_runs[0] == datetime(2026, 11, 22, 22, 15, tzinfo=UTC)
        assert changed.catch_up == "skip" and "07:15" in changed.words
        for wrong in (
            {"cron_expression": "61 * * * *"},
            {"zone": "Mars/Olympus"},
            {"catch_up": "twice"},
            {"jitter_s": -1},
        ):
            with pytest.raises(UsageError):
                await schedule.change(app, "mirror", **wrong)  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            await schedule.run_now(app, "nothing")


async def test_an_idle_schedule_reads_nothing_and_sees_another_process_at_once(
    demo: DemoServer, tmp_path: Path, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app, app_on(demo, tmp_path, clock=clock, engine=False) as other:
        scheduler = await begin(app)
        await look(scheduler)
        reads = []
        read = app.store.read

        async def counted(fn: object) -> object:
            reads.append(fn)
            return await read(fn)  # type: ignore[arg-type]

        monkeypatch.setattr(app.store, "read", counted)
        for _ in range(500):
            await scheduler.look()
        assert reads == []
        await schedule.run_now(other, "health")
        await look(scheduler)
        assert [one.trigger for one in await runs_of(app, "health")] == ["manual"]


async def test_the_days_limit_stops_scheduled_work_first_then_all_and_the_next_day_goes_on(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    width = 24  # requests that may be on the wire when the limit is reached
    async with app_on(demo, tmp_path, clock=clock, tmdb_daily_requests=100, reserved_manual_percent=40) as app:

        def add(kind: MediaType, origin: Origin) -> object:
            config = ImportFilter(types=(kind,)).to_config()
            return lambda db: jobs.add(db, JobKind.IMPORT, kind.value, config, 1, origin=origin)[0]

        theirs: jobs.Job = await app.store.write(add(MediaType.MOVIE, Origin.SCHEDULE))  # type: ignore[arg-type]
        async with working(app):

            async def limited() -> bool:
                return (await job_of(app, theirs.id)).reason == day_limit.REASON

            await until(limited, "the end of the share of scheduled work")
            assert 60 <= demo.stats.requests <= 60 + width
            mine: jobs.Job = await app.store.write(add(MediaType.TV, Origin.USER))  # type: ignore[arg-type]

            async def all_limited() -> bool:
                return (await job_of(app, mine.id)).reason == day_limit.REASON

            await until(all_limited, "the end of the day's requests")
            assert 100 <= demo.stats.requests <= 100 + width
            stands = await job_of(app, mine.id)
            assert utc_day(stands.reason_args["until"] / 1000) == utc_day(clock.now()) + timedelta(days=1)
            sent = demo.stats.requests
            clock.set(NOON + timedelta(days=1))

            async def on() -> bool:
                return demo.stats.requests > sent

            await until(on, "work of the next day")


async def test_settings_another_process_saves_are_followed_and_a_broken_file_changes_nothing(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        following = asyncio.create_task(settings.follow(app))
        try:
            await asyncio.sleep(0.05)  # its first look at the file is a thread's
            for text in ("quiet_from = 'noon'", "quiet_from = '22:00'\nquiet_to = '07:00'"):
                new = app.paths.settings.with_suffix(".other")
                new.write_text(text, encoding="utf-8")
                new.replace(app.paths.settings)
            await until(lambda: app.settings.quiet_to == "07:00", "the settings")
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    assert (app.settings.quiet_from, app.settings.movie_share) == ("22:00", Settings().movie_share)


async def test_a_window_beside_the_engine_hears_of_what_the_schedule_does(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app, app_on(demo, tmp_path, clock=clock, engine=False) as beside:
        await begin(app)
        heard: list[Event] = []
        unsubscribe = beside.bus.subscribe(heard.append)
        watching = asyncio.create_task(beside.watch())
        try:

            async def told() -> bool:  # more than once: its first look is only for comparison
                paused = (await schedule.pause_state(app)).paused
                await (schedule.resume(app, "cli") if paused else schedule.pause(app, None, "cli"))
                await asyncio.sleep(0.05)
                return ScheduleChanged() in heard

            await until(told, "the news")
        finally:
            unsubscribe()
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


async def test_a_retry_leaves_failures_of_jobs_a_user_paused_to_that_user(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        await begin(app)

        def failed(db: SqliteDatabase) -> tuple[int, int]:
            found = []
            for kind, state in ((MediaType.MOVIE, JobState.COMPLETED), (MediaType.TV, JobState.PENDING)):
                job, _ = jobs.add(db, JobKind.IMPORT, kind.value, ImportFilter(types=(kind,)).to_config(), 1)
                jobs.add_listed(db, job.id, None, [(kind, 7, 1.0, None)])
                broken = FailedItem(kind, 7, FailureCategory.SERVER, "500", 9, 1, None)
                jobs.item_failed(db, job.id, broken)
                jobs.bump(db, job.id, 1, total=1, failed=1)
                jobs.set_state(db, job.id, state, 1)
                found.append(job.id)
            return found[0], found[1]

        done, stopped = await app.store.write(failed)
        await job_commands.pause(app, stopped)
        task = await app.store.read(lambda db: rows.get(db, "retry"))
        found = await scheduled.run_task(app, task)
        assert found.summary == {"retried": 1, "jobs": [done]}
        assert (await job_of(app, done)).state is JobState.PENDING
        assert (await job_of(app, stopped)).state is JobState.PAUSED


async def test_a_changed_budget_holds_for_the_next_run_without_a_restart(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        await begin(app)
        await settings.change(app, mirror_daily_requests=50)
        await schedule.run_now(app, "mirror")
        await look(scheduled.scheduler(app))
        mirror = next(one for one in await queued(app) if one.kind is JobKind.MIRROR)
        assert mirror.origin is Origin.USER
        async with working(app):

            async def limited() -> bool:
                return (await job_of(app, mirror.id)).reason == "budget"

            await until(limited, "the end of the budget")
        assert demo.stats.requests == 50


async def test_the_short_lists_of_a_task_are_jobs_of_the_schedule(
    demo: DemoServer, tmp_path: Path, clock: MovedClock
) -> None:
    async with app_on(demo, tmp_path, clock=clock) as app:
        scheduler = await begin(app)
        await schedule.change(app, "lists", enabled=True)
        clock.set(datetime(2026, 11, 22, 0, 30, 1, tzinfo=UTC))
        await look(scheduler)
        lists = [one for one in await queued(app) if one.kind is JobKind.LIST]
        assert len(lists) == 4 and {one.origin for one in lists} == {Origin.SCHEDULE}
        run = (await runs_of(app, "lists"))[0]
        assert (run.status, run.summary) == ("done", {"jobs": sorted(one.id for one in lists)})
