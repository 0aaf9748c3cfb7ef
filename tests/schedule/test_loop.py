"""The scheduler on a real library with a clock that is moved: a year with both changes of the clock, sleep, pause,
restart; runs by hand; what fails; what another process asks for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gdvg_desktop.core.clock import from_millis, to_millis
from gdvg_desktop.core.errors import StorageError, UsageError
from gdvg_desktop.core.events import Bus, Event, ScheduleChanged, Woke
from gdvg_desktop.core.paths import open_paths
from gdvg_desktop.schedule.cron import parse
from gdvg_desktop.schedule.loop import Ended, Hindered, Scheduler, Started
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.store import schedule as rows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.schedule import NewTask, Task

START = datetime(2026, 1, 1, tzinfo=UTC)
NIGHTLY, SIX_HOURLY = "30 2 * * *", "0 */6 * * *"


class WallClock:
    """A clock that is set; `nap` is sleep of the computer: the wall clock goes on, the other does not."""

    def __init__(self) -> None:
        self.wall = START
        self.ticks = 1000.0

    def now(self) -> float:
        return self.wall.timestamp()

    def monotonic(self) -> float:
        return self.ticks

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def pass_by(self, span: timedelta) -> None:
        self.wall += span
        self.ticks += span.total_seconds()

    def nap(self, span: timedelta) -> None:
        self.wall += span


class World:
    """A scheduler with what it needs; `ran` are the tasks whose command was called."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = WallClock()
        self.bus = Bus()
        self.events: list[Event] = []
        self.bus.subscribe(self.events.append)
        self.ran: list[str] = []
        self.jobs: dict[int, Ended | None] = {}
        self.hindrances: frozenset[Hindrance] = frozenset()
        self.error: Exception | None = None
        self.gives_job: int | None = None
        self.meanwhile: Callable[[], object] = lambda: None  # while the command of a task runs
        self.while_asked: Callable[[], object] = lambda: None  # while the conditions of a task are asked for
        self.scheduler = self.start()

    def start(self) -> Scheduler:
        async def run_command(task: Task) -> Started:
            self.ran.append(task.name)
            self.meanwhile()
            if self.error is not None:
                raise self.error
            return Started(self.gives_job, {"titles": 3})

        async def conditions(task: Task) -> frozenset[Hindrance]:
            self.while_asked()
            return self.hindrances

        self.scheduler = Scheduler(
            self.store, self.clock, self.bus, run_command, lambda _db, job_id: self.jobs.get(job_id), conditions
        )
        return self.scheduler

    def add(self, name: str, cron: str = SIX_HOURLY, zone: str = "Europe/Vienna") -> None:
        now_ms = to_millis(self.clock.now())
        self.store.write_now(lambda db: rows.ensure(db, [NewTask(name, name, cron, zone)], now_ms))

    async def look(self) -> None:
        await self.scheduler.look()
        for _ in range(200):  # the task's own work is a task of the loop
            if not self.scheduler.working:
                return
            await asyncio.sleep(0.005)

    def runs(self, status: str) -> list[tuple[str, datetime]]:
        found = self.store.read_now(lambda db: rows.runs(db, limit=10_000))
        return sorted(
            (one.trigger, from_millis(one.planned_at)) for one in found if one.status == status and one.planned_at
        )


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = Store.open(open_paths(tmp_path), exclusive=True)
    yield World(store)
    store.close()


async def test_a_year_runs_every_planned_moment_through_both_changes_of_the_clock(world: World) -> None:
    world.add("nightly", NIGHTLY)
    planned = parse(NIGHTLY, "Europe/Vienna").between(START, START + timedelta(days=365))
    for moment in planned:
        for at in (moment - timedelta(minutes=1), moment + timedelta(seconds=20), moment + timedelta(hours=3)):
            world.clock.pass_by(at - world.clock.wall)
            await world.look()
    assert len(planned) == 365
    assert world.runs("done") == [("schedule", moment) for moment in planned]
    assert world.runs("missed") == []
    local = {moment.astimezone(parse(NIGHTLY, "Europe/Vienna").tz).strftime("%H:%M") for moment in planned}
    assert local == {"02:30", "03:00"}  # the night the clock goes forward has no half past two


async def test_sleep_is_noticed_and_what_was_missed_is_caught_up_once(world: World) -> None:
    world.add("delta")
    await world.look()
    world.clock.nap(timedelta(hours=20))
    await world.look()
    await world.look()
    assert world.ran == ["delta"]
    assert [event.slept_s for event in world.events if isinstance(event, Woke)] == [20 * 3600]
    assert [trigger for trigger, _ in world.runs("done")] == ["catch_up"]
    assert len(world.runs("missed")) == 2


async def test_paused_across_runs_nothing_starts_and_one_catch_up_follows(world: World) -> None:
    world.add("delta")
    await world.look()
    world.store.write_now(lambda db: rows.pause(db, to_millis(world.clock.now()), "api", None))
    for _ in range(30):
        world.clock.pass_by(timedelta(hours=1))
        await world.look()
    assert world.ran == []
    world.store.write_now(lambda db: rows.resume(db, to_millis(world.clock.now())))
    await world.look()
    world.clock.pass_by(timedelta(minutes=5))
    await world.look()
    assert world.ran == ["delta"]
    assert [trigger for trigger, _ in world.runs("done")] == ["catch_up"]


async def test_a_pause_that_comes_while_conditions_are_asked_for_holds_the_run_and_one_catch_up_follows(
    world: World,
) -> None:
    world.add("delta")
    world.while_asked = lambda: world.store.write_now(
        lambda db: rows.pause(db, to_millis(world.clock.now()), "api", None)
    )
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    assert (world.ran, world.store.read_now(rows.running)) == ([], [])
    world.while_asked = lambda: None
    await world.look()
    assert [one.reason for one in world.store.read_now(rows.runs)] == ["paused"]
    world.store.write_now(lambda db: rows.resume(db, to_millis(world.clock.now())))
    world.clock.pass_by(timedelta(minutes=5))
    await world.look()
    assert world.ran == ["delta"]


@pytest.mark.parametrize("change", [{"enabled": False}, {"cron": "0 0 1 1 *"}])
async def test_a_task_changed_while_its_conditions_are_asked_for_does_not_start(
    world: World, change: dict[str, Any]
) -> None:
    world.add("delta")
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    now_ms = to_millis(world.clock.now())
    world.while_asked = lambda: world.store.write_now(lambda db: rows.change(db, "delta", now_ms, **change))
    await world.look()
    await world.look()
    assert (world.ran, world.store.read_now(rows.runs)) == ([], [])


async def test_a_task_removed_while_its_conditions_are_asked_for_does_not_start(world: World) -> None:
    world.add("preset:1")
    world.while_asked = lambda: world.store.write_now(lambda db: rows.remove(db, "preset:1"))
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    assert (world.ran, world.store.read_now(rows.runs)) == ([], [])


async def test_a_pause_with_an_end_ends_by_itself_and_a_long_one_reminds_each_day(world: World) -> None:
    now_ms = to_millis(world.clock.now())
    world.store.write_now(lambda db: rows.pause(db, now_ms, "tray", now_ms + 3_600_000))
    world.clock.pass_by(timedelta(minutes=61))
    await world.look()
    assert not world.store.read_now(rows.pause_state).paused
    world.store.write_now(lambda db: rows.pause(db, to_millis(world.clock.now()), "cli", None))
    world.clock.pass_by(timedelta(hours=23))
    await world.look()
    assert world.store.read_now(rows.pause_state).reminded_at is None
    world.clock.pass_by(timedelta(hours=2))
    await world.look()
    assert world.store.read_now(rows.pause_state).reminded_at is not None


async def test_a_restart_in_the_middle_repeats_nothing_and_forgets_nothing(world: World) -> None:
    world.add("delta")
    world.clock.pass_by(timedelta(hours=5, seconds=10))  # 06:00 in Vienna
    await world.look()
    world.start()
    await world.look()
    assert world.ran == ["delta"]
    world.clock.pass_by(timedelta(hours=13))  # two moments while nothing ran
    world.start()
    await world.look()
    assert world.ran == ["delta", "delta"]


async def test_a_run_by_hand_does_not_move_the_schedule(world: World) -> None:
    world.add("delta")
    world.clock.pass_by(timedelta(hours=4))
    world.store.write_now(lambda db: rows.want_now(db, "delta", to_millis(world.clock.now())))
    await world.look()
    world.clock.pass_by(timedelta(hours=1, seconds=5))
    await world.look()
    assert world.ran == ["delta", "delta"]
    triggers = [one.trigger for one in world.store.read_now(lambda db: rows.runs(db))]
    assert triggers == ["schedule", "manual"]


async def test_a_run_by_hand_starts_although_the_schedule_is_paused(world: World) -> None:
    world.add("delta")
    world.store.write_now(lambda db: rows.pause(db, 0, "cli", None))
    world.store.write_now(lambda db: rows.want_now(db, "delta", 0))
    await world.look()
    assert world.ran == ["delta"]


async def test_what_still_runs_is_not_started_again_and_ends_with_its_job(world: World) -> None:
    world.add("delta")
    world.gives_job, world.jobs[7] = 7, None
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    world.clock.pass_by(timedelta(hours=6))
    await world.look()
    assert world.ran == ["delta"]
    assert len(world.runs("missed")) == 1
    world.jobs[7] = Ended(True, None, {"added": 2})
    await world.look()
    run = world.store.read_now(lambda db: rows.last_run(db, "delta"))
    assert run is not None
    assert (run.status, run.summary, run.job_id) == ("done", {"added": 2}, 7)


@pytest.mark.parametrize("error", [UsageError("No key."), RuntimeError("boom")])
async def test_a_command_that_fails_is_a_failed_run_and_the_loop_goes_on(world: World, error: Exception) -> None:
    world.add("delta")
    world.error = error
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    run = world.store.read_now(lambda db: rows.last_run(db, "delta"))
    assert run is not None
    assert (run.status, run.reason) == ("failed", str(error))
    world.error = None
    world.clock.pass_by(timedelta(hours=6))
    await world.look()
    assert world.ran == ["delta", "delta"]


@pytest.mark.parametrize(
    ("error", "job_id", "becomes"),
    [
        (None, None, "done"),
        (None, 7, "running"),
        (UsageError("No key."), None, "failed"),
        (Hindered(Hindrance.JOB_PAUSED), None, "missed"),
    ],
)
async def test_what_became_of_a_run_is_stored_later_where_the_file_could_not_be_written(
    world: World, error: Exception | None, job_id: int | None, becomes: str
) -> None:
    world.add("delta")
    world.error, world.gives_job, world.jobs[7] = error, job_id, None
    world.meanwhile = lambda: fail_the_next_write(world.store)
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    assert world.store.read_now(rows.running)[0].job_id is None  # the write failed
    world.meanwhile = lambda: None
    world.clock.pass_by(timedelta(seconds=1))
    await world.look()
    run = world.store.read_now(rows.runs)[0]
    assert (run.status, run.job_id) == (becomes, job_id)
    world.jobs[7] = Ended(True, None, {})
    world.clock.pass_by(timedelta(hours=6))
    await world.look()
    assert world.ran == ["delta", "delta"]


def fail_the_next_write(store: Store) -> None:
    """SQLite refuses one transaction as on a disk that cannot be written; the store then opens its connection anew."""
    store.write_now(lambda db: db.execute_sql("PRAGMA query_only = ON"))


async def test_a_look_that_fails_halfway_is_made_again(world: World) -> None:
    world.add("delta")
    await world.look()
    world.store.write_now(lambda db: rows.want_now(db, "delta", 1))
    fail_the_next_write(world.store)
    with pytest.raises(StorageError):
        await world.look()
    await world.look()
    assert world.ran == ["delta"]


async def test_a_run_whose_condition_is_not_met_waits_and_runs_once_when_it_is(world: World) -> None:
    world.add("delta")
    world.hindrances = frozenset({Hindrance.OFFLINE})
    for _ in range(14):
        world.clock.pass_by(timedelta(hours=1))
        await world.look()
    assert world.ran == []
    world.hindrances = frozenset()
    world.clock.pass_by(timedelta(seconds=16))  # conditions are looked at every fifteen seconds
    await world.look()
    assert world.ran == ["delta"]


async def test_another_process_pauses_within_a_look(world: World, tmp_path: Path) -> None:
    world.add("delta")
    other = Store.open(open_paths(tmp_path), exclusive=False)
    try:
        await other.write(lambda db: rows.pause(db, to_millis(world.clock.now()), "cli", None))
    finally:
        other.close()
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    assert world.ran == []
    assert any(isinstance(event, ScheduleChanged) for event in world.events)


@pytest.mark.parametrize("column", [{"cron": "0 0 */31 * 1#5"}, {"zone": "Mars/Olympus"}, {"jitter_s": 10**15}])
async def test_a_row_that_cannot_be_keeps_no_other_task_from_running(world: World, column: dict[str, Any]) -> None:
    world.add("aaa")
    world.add("delta")
    world.store.write_now(lambda db: rows.change(db, "aaa", to_millis(world.clock.now()), **column))
    world.clock.pass_by(timedelta(hours=5, seconds=1))
    await world.look()
    world.clock.pass_by(timedelta(hours=6))
    await world.look()
    assert world.ran == ["delta", "delta"]


async def test_a_clock_that_was_a_year_ahead_and_is_corrected_does_not_stop_the_schedule(world: World) -> None:
    world.add("delta")
    await world.look()
    world.clock.wall += timedelta(days=365)
    await world.look()
    world.clock.wall -= timedelta(days=365)
    await world.look()
    world.ran.clear()
    for _ in range(4):
        world.clock.pass_by(timedelta(hours=6))
        await world.look()
    assert world.ran == ["delta"] * 4


async def test_a_jitter_that_is_raised_after_a_run_does_not_run_it_again(world: World) -> None:
    world.add("delta", zone="UTC")
    world.clock.pass_by(timedelta(hours=6, seconds=1))
    await world.look()
    world.store.write_now(lambda db: rows.change(db, "delta", to_millis(world.clock.now()), jitter_s=3600))
    for _ in range(300):
        world.clock.pass_by(timedelta(minutes=1))
        await world.look()
    assert world.ran == ["delta"]
    for _ in range(120):
        world.clock.pass_by(timedelta(minutes=1))
        await world.look()
    assert [moment for _, moment in world.runs("done")] == [START + timedelta(hours=6), START + timedelta(hours=12)]


async def test_a_changed_expression_catches_nothing_of_the_past_up(world: World) -> None:
    world.add("delta")
    world.clock.nap(timedelta(days=3))
    world.store.write_now(lambda db: rows.change(db, "delta", to_millis(world.clock.now()), cron=NIGHTLY))
    await world.look()
    assert world.ran == []
