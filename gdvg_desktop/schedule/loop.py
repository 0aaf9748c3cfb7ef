"""The loop that starts scheduled work: each second it looks at rows, clock and conditions, and starts what is due.

It knows neither jobs nor commands: what a task does is a callable handed in, and what became of a job another one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import Clock, from_millis, to_millis
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import GdvgError, StorageError, UsageError
from gdvg_desktop.core.events import Bus, ScheduleChanged, Woke
from gdvg_desktop.schedule import cron
from gdvg_desktop.schedule.overrides import ZONE, Override
from gdvg_desktop.schedule.planner import CatchUp, Hindrance, Plan, dealt_with, decide, next_runs
from gdvg_desktop.store import schedule as rows
from gdvg_desktop.store.db import Store
from gdvg_desktop.store.schedule import Pause, Task, TaskRun

log = logging.getLogger(__name__)

LOOK_S = 1.0
POLL_S = 15.0  # how often the conditions of an owed run are looked at again
SLEPT_S = 60.0  # a wall clock that ran ahead of ours by more than this: the computer slept
REMIND_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Started:
    """What running a task's command led to: a job that goes on by itself, or (None) it is done already."""

    job_id: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)


class Hindered(Exception):
    """Raised by a command that finds its work in its own way: running already, or paused by its user."""

    def __init__(self, hindrance: Hindrance) -> None:
        super().__init__(hindrance.value)
        self.hindrance = hindrance


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended."""

    ok: bool
    reason: str | None
    summary: dict[str, Any]


RunCommand = Callable[[Task], Awaitable[Started]]
JobEnd = Callable[[SqliteDatabase, int], Ended | None]
Conditions = Callable[[Task], Awaitable[frozenset[Hindrance]]]
Overrides = Mapping[str, Override]
RunWrite = Callable[[SqliteDatabase], None]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The rows of one look: the pause, the tasks as the environment has them, unfinished runs, and those that ended."""

    pause: Pause
    tasks: tuple[Task, ...]
    running: frozenset[str]
    ended: tuple[tuple[TaskRun, Ended], ...]


class Scheduler:
    """Starts due tasks, one loop a data folder: in the process that has the engine.

    `run_command` does a task's work or queues it; `job_end` says how a job ended (None: it has not); `conditions` are
    what stands in a task's way beside the pause and its own unfinished run.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        bus: Bus,
        run_command: RunCommand,
        job_end: JobEnd,
        conditions: Conditions,
        overrides: Overrides | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._run_command = run_command
        self._job_end = job_end
        self._conditions = conditions
        self._overrides = overrides or {}
        self._wake = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._unwritten: dict[int, RunWrite] = {}  # by run: what became of it, where that could not be written
        self._last = (clock.now(), clock.monotonic())
        self._version: int | None = None  # of the library when it was last read
        self._idle_until = 0  # unix ms: nothing is due before, if no row changes
        self._known: tuple[Pause, tuple[Task, ...]] | None = None

    def wake(self) -> None:
        """Look now. To be called in the loop's thread."""
        self._wake.set()

    @property
    def working(self) -> frozenset[str]:
        """Tasks whose command is running; one that queued a job is not among them any more."""
        return frozenset(self._working)

    async def run(self) -> None:
        """Look until cancelled. A library that cannot be used just now is looked at again later."""
        begun = False
        try:
            while True:
                try:
                    if not begun:
                        await self._store.write(self._close_broken_runs)
                        begun = True
                    await self.look()
                except StorageError as error:
                    log.warning("The schedule could not be read: %s", error)
                except Exception:  # a bug in one look must not end the schedule
                    log.exception("A look at the schedule failed")
                await self._rest()
        finally:
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def look(self) -> None:
        """Deal with everything that is due at this moment."""
        self._notice_sleep()
        for run_id in tuple(self._unwritten):
            await self._record(run_id, self._unwritten.pop(run_id))
        now_ms = to_millis(self._clock.now())
        version = self._store.data_version()
        if version == self._version and now_ms < self._idle_until:
            return
        seen = await self._store.read(self._read)
        self._version = version  # asked before the rows were: a change in between is seen at the next look
        self._idle_until = 0  # a look that fails halfway is made again
        for run, ended in seen.ended:
            await self._record(run.id, self._ending(run.id, ended))
        pause = await self._current_pause(seen.pause, now_ms)
        if self._known not in (None, (pause, seen.tasks)):
            self._bus.publish(ScheduleChanged())
        self._known = pause, seen.tasks
        running = seen.running - {run.task for run, _ in seen.ended}
        due = []
        for task in seen.tasks:
            try:
                due.append(await self._look_at(task, pause, task.name in running, now_ms))
            except StorageError:
                raise
            except Exception:  # a bug in one task must not keep the others from running
                log.exception("Task %s cannot be looked at", task.name)
                due.append(now_ms + round(POLL_S * 1000))
        if pause.paused and pause.at is not None:
            due.append(min(pause.until or now_ms + REMIND_MS, (pause.reminded_at or pause.at) + REMIND_MS))
        self._idle_until = min(due, default=now_ms + REMIND_MS)

    def _read(self, db: SqliteDatabase) -> _Seen:
        running = rows.running(db)
        waiting = [(one, self._job_end(db, one.job_id)) for one in running if one.job_id is not None]
        return _Seen(
            rows.pause_state(db),
            tuple(overridden(task, self._overrides) for task in rows.tasks(db)),
            frozenset(one.task for one in running),
            tuple((one, ended) for one, ended in waiting if ended is not None),
        )

    # ------------------------------------------------------------------------------------------ one task

    async def _look_at(self, task: Task, pause: Pause, is_running: bool, now_ms: int) -> int:
        """Start what is due of a task; returns when it is to be looked at again, in unix milliseconds."""
        is_running = is_running or task.name in self._working
        later = now_ms + REMIND_MS
        if task.run_now and not is_running:  # by hand: paused or not, and the schedule stays as it is
            await self._start(task, None, task.run_now, now_ms)
            return now_ms
        try:
            plan = plan_of(task)
        except UsageError as error:
            log.warning("Task %s: %s", task.name, error)
            return later
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        decision = decide(plan, now, await self._hindrances(task, plan, pause, is_running, now))
        checked_at, owed_at = _ms(decision.checked_at), _ms(decision.owed) if decision.owed else None
        missed = [(_ms(moment), reason.value) for moment, reason in decision.missed]
        run_id: int | None = None

        def write(db: SqliteDatabase) -> int | None:
            if self._has_changed(db, task, pause):  # somebody paused or changed it while its conditions were asked for
                return None
            rows.dealt_with(db, task.name, checked_at, owed_at)
            rows.add_missed(db, task.name, missed)
            if decision.start is None:
                return None
            return rows.begin_run(
                db, task.name, _ms(decision.start), "catch_up" if decision.late else "schedule", now_ms
            )

        moved = checked_at - task.checked_at  # back only after the clock was wrong
        if missed or decision.start is not None or owed_at != task.owed_at or not 0 <= moved < REMIND_MS:
            run_id = await self._store.write(write)
        if missed or run_id is not None:
            self._bus.publish(ScheduleChanged())
        if run_id is not None:
            self._begin(task, run_id)
        if not task.enabled:
            return later
        if owed_at is not None and not pause.paused and not is_running:
            later = now_ms + round(POLL_S * 1000)
        return min([later, *map(_ms, next_runs(plan, now, 1))])

    def _has_changed(self, db: SqliteDatabase, task: Task, pause: Pause) -> bool:
        now = next((overridden(one, self._overrides) for one in rows.tasks(db) if one.name == task.name), None)
        return now != task or rows.pause_state(db) != pause

    async def _hindrances(
        self, task: Task, plan: Plan, pause: Pause, is_running: bool, now: datetime
    ) -> frozenset[Hindrance]:
        """What stands in the way; asked only when there is something to start."""
        if not task.enabled or (plan.owed is None and not plan.cron.between(plan.checked_at, dealt_with(plan, now))):
            return frozenset()
        found = set[Hindrance]()
        if pause.paused:
            found.add(Hindrance.PAUSED)
        if is_running:
            found.add(Hindrance.RUNNING)
        return frozenset(found | await self._conditions(task))

    async def _start(self, task: Task, planned_at: int | None, trigger: str, now_ms: int) -> None:
        run_id = await self._store.write(lambda db: rows.begin_run(db, task.name, planned_at, trigger, now_ms))
        self._bus.publish(ScheduleChanged())
        self._begin(task, run_id)

    def _begin(self, task: Task, run_id: int) -> None:
        work = asyncio.create_task(self._work(task, run_id), name=f"task-{task.name}")
        self._working[task.name] = work
        work.add_done_callback(lambda _done: self._working.pop(task.name, None))

    async def _work(self, task: Task, run_id: int) -> None:
        """Run the command of one task. A known error ends the run as failed; so does a bug, which is logged as one."""
        try:
            started = await self._run_command(task)
        except Hindered as found:
            await self._record(run_id, partial(rows.call_off, run_id=run_id, reason=found.hindrance.value))
        except GdvgError as error:
            await self._record(run_id, self._ending(run_id, Ended(False, redact(error.message), {})))
        except Exception as error:
            log.exception("Task %s failed", task.name)
            await self._record(run_id, self._ending(run_id, Ended(False, redact(str(error)), {})))
        else:
            if started.job_id is None:
                await self._record(run_id, self._ending(run_id, Ended(True, None, started.summary)))
            else:
                await self._record(run_id, partial(rows.run_has_job, run_id=run_id, job_id=started.job_id))

    # ------------------------------------------------------------------------------------------- endings

    def _ending(self, run_id: int, ended: Ended) -> RunWrite:
        return partial(
            rows.end_run,
            run_id=run_id,
            status="done" if ended.ok else "failed",
            now_ms=to_millis(self._clock.now()),
            reason=ended.reason,
            summary=ended.summary,
        )

    async def _record(self, run_id: int, write: RunWrite) -> None:
        """Write down what became of a run. Where that cannot be done now it is kept and done at a later look: a row
        left as running would keep its task from ever running again."""
        try:
            await self._store.write(write)
        except StorageError as error:
            self._unwritten[run_id] = write
            log.warning("What became of run %d could not be stored yet: %s", run_id, error)
        else:
            self._bus.publish(ScheduleChanged())

    def _close_broken_runs(self, db: SqliteDatabase) -> None:
        """Runs of a process that died before they had queued a job have failed; queued jobs go on by themselves."""
        now_ms = to_millis(self._clock.now())
        for run in rows.running(db):
            if run.job_id is None:
                rows.end_run(db, run.id, "failed", now_ms, reason="The program ended before the work had begun.")

    # --------------------------------------------------------------------------------------- pause, sleep

    async def _current_pause(self, pause: Pause, now_ms: int) -> Pause:
        if pause.paused and pause.until is not None and now_ms >= pause.until:
            return await self._store.write(lambda db: self._end_pause(db, now_ms))
        if pause.paused and pause.at is not None and now_ms - (pause.reminded_at or pause.at) >= REMIND_MS:
            return await self._store.write(lambda db: rows.reminded(db, now_ms))
        return pause

    def _end_pause(self, db: SqliteDatabase, now_ms: int) -> Pause:
        """End a pause whose time is over, unless its user made it longer just now."""
        pause = rows.pause_state(db)
        if pause.until is not None and now_ms >= pause.until:
            rows.resume(db, now_ms)
        return rows.pause_state(db)

    def _notice_sleep(self) -> None:
        now = (self._clock.now(), self._clock.monotonic())
        slept = (now[0] - self._last[0]) - (now[1] - self._last[1])
        if slept > SLEPT_S:
            log.info("The computer slept for %d minutes", slept // 60)
            self._bus.publish(Woke(slept))
        elif slept < -SLEPT_S:
            log.warning("The clock was set back by %d minutes", -slept // 60)
            self._idle_until = 0  # what was said to be next was by the other clock
        self._last = now

    async def _rest(self) -> None:
        self._wake.clear()
        resting = asyncio.ensure_future(self._clock.sleep(LOOK_S))
        woken = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait((resting, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            resting.cancel()
            woken.cancel()


def overridden(task: Task, overrides: Overrides) -> Task:
    """A task as the environment has it: its expression is in UTC then."""
    found = overrides.get(task.name)
    if found is None:
        return task
    if found.cron is not None:
        task = replace(task, cron=found.cron, zone=ZONE)
    return task if found.enabled is None else replace(task, enabled=found.enabled)


def plan_of(task: Task) -> Plan:
    """A row as the planner takes it. Raises UsageError for an expression or zone that is none."""
    return Plan(
        cron.parse(task.cron, task.zone),
        task.enabled,
        CatchUp(task.catch_up),
        from_millis(task.checked_at),
        from_millis(task.owed_at) if task.owed_at is not None else None,
        timedelta(seconds=task.jitter_s),
        task.name,
    )


def _ms(moment: datetime) -> int:
    return to_millis(moment.timestamp())
