"""The engine: takes jobs from the queue, runs at most two at once, and brings what is into line with what is wanted.

The queue is a table. Nobody asks the engine directly: commands and other processes change rows, the engine looks at
them twice a second (or at once when woken). Trouble that concerns everything (no key, no disk) stops all work with
the reason kept, and the work goes on when it is mended.
"""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Protocol

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import CredentialError, DiskFull, GdvgError, StorageError, UnreachableError
from gdvg_desktop.core.events import (
    CredentialNeeded,
    EngineStopped,
    ErrorsChanged,
    Event,
    JobChanged,
    JobLogged,
    JobsReordered,
    JobStalled,
)
from gdvg_desktop.core.kinds import JobKind, JobState, Wanted
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.store import counts, errors, jobs, runs
from gdvg_desktop.store.runs import Incident
from gdvg_desktop.sync import day_limit, space
from gdvg_desktop.sync.commit import BatchWriter
from gdvg_desktop.sync.postponed import Postponed
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.sync.watch import STALLED_S, RunWatch, Seen
from gdvg_desktop.tmdb.client import Meter

log = logging.getLogger(__name__)

JOBS_AT_ONCE = 2
TICK_S = 0.5
STORAGE_PROBE_S = 10.0
UNREACHABLE_RETRY_S = 60.0  # a job whose export could not be had is tried again after this
LOG_LINES = 1000
SPACE_CHECK_S = 3.0
SETTLE_FAILURES_S = 10.0
RESTART_GRACE_S = 20.0  # how long a stalled run may take to store what it holds before it is broken off
DAY_MS = 86_400_000
PRUNED_A_TICK = 20
AT_START = ("tmdb_url", "exports_url", "proxy", "timeout_s", "max_attempts", "max_connections", "languages")
LASTING = (Incident.PAUSED, Incident.INTERRUPTED, Incident.STALLED, Incident.OUTAGE)


class Run(Protocol):
    """A job being worked on. One class a job kind."""

    meter: Meter
    writer: BatchWriter

    def stop(self) -> None:
        """Begin nothing new and let `run` return soon."""

    async def run(self) -> JobState | None:
        """Work until the end (the final state) or until stopped (None)."""


RunFactory = Callable[[Tools, jobs.Job, Callable[[], int]], Run]
Finished = Callable[[Tools, jobs.Job], Awaitable[None]]  # what follows a job that has ended for good


@dataclass(slots=True)
class _Active:
    job: jobs.Job
    run: Run
    task: "asyncio.Task[JobState | None]"
    watch: RunWatch
    break_off_at: float = field(default=math.inf)  # of the engine's clock, once a restart is asked for
    limited: bool = False  # stopped because the requests of the day are used


@dataclass(frozen=True, slots=True)
class JobPace:
    """How fast a running job is: titles a second, requests on its account, and seconds left (None when unknown)."""

    titles_per_second: float
    requests: int
    seconds_left: float | None


class Engine:
    """Works the queue. One engine a data folder; it owns the library's engine lock through `Store`."""

    def __init__(self, tools: Tools, kinds: Mapping[JobKind, RunFactory], on_finished: Finished | None = None) -> None:
        self._tools = tools
        self._settings = tools.settings
        self._on_finished = on_finished
        self._kinds = kinds
        self._active: dict[int, _Active] = {}
        self._wake = asyncio.Event()
        self._blocked: GdvgError | None = None
        self._probe_at = 0.0
        self._unreachable: UnreachableError | None = None
        self._again_at: dict[int, float] = {}
        self._not_before: dict[int, int] = {}  # unix ms; not kept: at the next start the run decides again
        self._seen: dict[int, tuple[int, float, JobState]] = {}
        self._logs: dict[int, deque[JobLogged]] = {}
        self._requests_flushed = 0
        self._requests = 0
        self._space_looked_at = -math.inf
        self._failures_looked_at = -math.inf
        self._tidied: date | None = None

    # ------------------------------------------------------------------------------------- what others see

    @property
    def blocked(self) -> GdvgError | None:
        """Why nothing is worked on, or None."""
        return self._blocked

    @property
    def active_jobs(self) -> tuple[int, ...]:
        """Ids of the jobs being worked on, the higher first."""
        return tuple(self._active)

    def pace(self, job: jobs.Job) -> JobPace | None:
        """The pace of a running job; None when it is not running here."""
        active = self._active.get(job.id)
        if active is None:
            return None
        speed = active.run.writer.titles_per_second()
        return JobPace(speed, active.run.meter.requests, job.left / speed if speed > 0 and job.total else None)

    def log_lines(self, job_id: int) -> list[JobLogged]:
        """The latest lines of a job's live log, oldest first."""
        return list(self._logs.get(job_id, ()))

    def apply(self, settings: Settings) -> None:
        """Follow other settings, checked already: the engine at once, jobs when they next begin.

        What the client was opened with stays until the next start: see AT_START.
        """
        self._settings = settings
        opened_with = {name: getattr(self._tools.settings, name) for name in AT_START}
        self._tools = replace(self._tools, settings=replace(settings, **opened_with))
        self._space_looked_at = -math.inf
        self._tidied = None

    def wake(self) -> None:
        """Look at the queue now. To be called in the engine's loop."""
        self._wake.set()

    async def unblock(self) -> None:
        """The trouble is mended (a new key, free space): what the engine had paused goes on."""
        self._blocked = None
        self._tools.client.reset_credential()
        await self._tools.store.write(lambda db: jobs.recover_paused(db, self._now_ms()))
        self.wake()

    def count_request(self) -> None:
        """One request was sent: kept in the day's counts at the next tick."""
        self._requests += 1
        if self._settings.tmdb_daily_requests:
            self._mind_limit()

    # ---------------------------------------------------------------------------------------------- running

    async def run(
        self, *, only: int | None = None, until_idle: bool = False, outage_limit_s: float | None = None
    ) -> None:
        """Work until cancelled; with `only` just that job, with `until_idle` until nothing is left to do.

        In these two cases trouble that stops everything is raised: CredentialError, StorageError, and
        UnreachableError after `outage_limit_s` of outage. Jobs then keep their place: they are paused with the reason,
        or interrupted.
        """
        foreground = only is not None or until_idle
        unsubscribe = self._tools.bus.subscribe(self._keep_line)
        self._unreachable = None
        try:
            await self._guarded(self._recover())
            while True:
                await self._guarded(self._tick(only))
                if foreground and self._blocked is not None:
                    raise self._blocked
                if foreground and self._unreachable is not None:
                    raise self._unreachable
                if foreground and not self._active and await self._nothing_left(only):
                    return
                self._check_outage(outage_limit_s)
                await self._pause()
        finally:
            unsubscribe()
            await self._stop_all()

    async def _guarded(self, step: Coroutine[None, None, None]) -> None:
        """Take a step; a library that cannot be used stops all work and not the engine."""
        try:
            await step
        except StorageError as error:
            log.warning("The library cannot be used: %s", error)
            self._hold(error)

    async def _recover(self) -> None:
        def write(db: SqliteDatabase) -> None:
            runs.leave_dead(db)
            jobs.recover(db, self._now_ms())

        await self._tools.store.write(write)

    async def _pause(self) -> None:
        self._wake.clear()
        waiting = [active.task for active in self._active.values()]
        woken = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait((*waiting, woken), timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _nothing_left(self, only: int | None) -> bool:
        waiting = await self._tools.store.read(lambda db: jobs.runnable(db, only))
        return all(self._waits(job) or self._limited(job) for job in waiting)

    def _limited(self, job: jobs.Job) -> bool:
        """Whether a job has to wait for the next day because the requests of this one are used."""
        return day_limit.reached(self._settings, job.origin, self._tools.client.status().requests_today)

    def _mind_limit(self) -> None:
        """Jobs for which the day's requests are used send no more than what is on its way."""
        for active in self._active.values():
            if not active.limited and self._limited(active.job):
                active.limited = True
                active.run.stop()

    def _limit_words(self) -> dict[str, Any]:
        until_ms = day_limit.next_day_ms(self._tools.clock.now())
        limit = self._settings.tmdb_daily_requests
        return {"message": f"The {limit:,} requests a day are used; it goes on tomorrow (UTC)", "until": until_ms}

    def _waits(self, job: jobs.Job) -> bool:
        """Whether a job has put itself off to a moment still to come; asked to go on, it decides again."""
        return job.state is JobState.INTERRUPTED and self._not_before.get(job.id, 0) > self._now_ms()

    def _check_outage(self, limit_s: float | None) -> None:
        status = self._tools.client.status()
        if limit_s is None or status.outage_since is None:
            return
        if self._tools.clock.monotonic() - status.outage_since >= limit_s:
            raise UnreachableError(
                status.message or "TMDb does not answer.",
                "The work keeps its place; start it again when you are online.",
            )

    async def _tick(self, only: int | None) -> None:
        for job_id in [job_id for job_id, active in self._active.items() if active.task.done()]:
            await self._ended(self._active.pop(job_id))
        if isinstance(self._blocked, StorageError):
            await self._probe_storage()
            return
        await self._flush_requests()
        queue = await self._tools.store.read(jobs.queue)
        self._announce(queue)
        await self._observe(queue)
        await self._follow_wishes(queue)
        if self._blocked is None:
            await self._settle_failures()
            await self._retry_due(only)
            await self._tidy()
            await self._start(only)
        self._active = dict(
            sorted(self._active.items(), key=lambda pair: next((j.position for j in queue if j.id == pair[0]), 0.0))
        )

    def _announce(self, queue: list[jobs.Job]) -> None:
        """Tell about rows that changed, whoever changed them."""
        now = {job.id: (job.updated_at, job.position, job.state) for job in queue}
        if now.keys() != self._seen.keys() or any(now[i][1] != self._seen[i][1] for i in now):
            self._tools.bus.publish(JobsReordered())
        for job_id, row in now.items():
            if self._seen.get(job_id) != row:
                self._tools.bus.publish(JobChanged(job_id))
        self._seen = now

    async def _observe(self, queue: list[jobs.Job]) -> None:
        """Look at what runs: keep incidents for its history, mark what gets nowhere, mind the room on the disk."""
        status, now = self._tools.client.status(), self._tools.clock.monotonic()
        for job in queue:
            active = self._active.get(job.id)
            if active is None:
                continue
            seen = active.watch.look(job, active.run.meter, status, now)
            if seen:
                await self._tools.store.write(partial(_record, job_id=job.id, seen=seen, now_ms=self._now_ms()))
            for one in seen:
                if one.kind is Incident.STALLED:
                    self._tell_stalled(job, stalled=bool(one.on))
        if self._active and now - self._space_looked_at >= SPACE_CHECK_S:
            await self._mind_space()

    def _tell_stalled(self, job: jobs.Job, *, stalled: bool) -> None:
        text = f"No progress for {STALLED_S / 60:.0f} minutes; it can be restarted" if stalled else "Work goes on"
        line = JobLogged(job.id, self._tools.clock.now(), "warn" if stalled else "info", text)
        self._tools.bus.publish(line)
        self._tools.bus.publish(JobChanged(job.id))
        if stalled:
            log.warning("Job %d has made no progress for %.0f minutes", job.id, STALLED_S / 60)
            self._tools.bus.publish(JobStalled(job.id))

    async def _mind_space(self) -> None:
        """All work pauses while less is free than is to stay free."""
        self._space_looked_at = self._tools.clock.monotonic()
        folder, least = self._tools.store.paths.data_dir, self._settings.min_free_mb
        trouble = await asyncio.to_thread(space.too_little, folder, least)
        if trouble is not None:
            self._hold(trouble)

    async def _follow_wishes(self, queue: list[jobs.Job]) -> None:
        now = self._tools.clock.monotonic()
        self._mind_limit()
        for job in queue:
            active = self._active.get(job.id)
            if active is None:
                continue
            if job.wanted is not Wanted.RUN:
                active.run.stop()
            elif job.reason == jobs.RESTART:
                active.run.stop()
                active.break_off_at = min(active.break_off_at, now + RESTART_GRACE_S)
                if now >= active.break_off_at:
                    active.task.cancel()

    async def _settle_failures(self) -> None:
        """Failed titles that were stored since, by whatever job or way, are no failures any more."""
        now = self._tools.clock.monotonic()
        if now - self._failures_looked_at < SETTLE_FAILURES_S:
            return
        self._failures_looked_at = now
        if not await self._tools.store.read(errors.any_settled):
            return
        await self._tools.store.write(lambda db: errors.settle(db, self._now_ms()))
        self._tools.bus.publish(ErrorsChanged())

    async def _tidy(self) -> None:
        """Once a day: forget runs that ended long ago, a little at every look."""
        today = utc_day(self._tools.clock.now())
        if self._tidied == today:
            return
        before_ms = self._now_ms() - self._settings.keep_runs_days * DAY_MS
        old = await self._tools.store.read(lambda db: runs.outdated(db, before_ms, PRUNED_A_TICK))
        for job_id in old:
            if not await self._tools.store.write(partial(runs.prune, job_id=job_id)):
                break  # a large one: more of it at the next look
        if old:
            self._tools.bus.publish(JobsReordered())
        else:
            self._tidied = today

    async def _retry_due(self, only: int | None) -> None:
        """Failed titles whose time has come go back into the queue by themselves."""
        if only is not None:
            return
        now_ms = self._now_ms()
        if any(at <= now_ms for _, at in await self._tools.store.read(jobs.next_due)):
            await self._tools.store.write(lambda db: jobs.retry_due(db, now_ms))

    async def _start(self, only: int | None) -> None:
        free = JOBS_AT_ONCE - len(self._active)
        if free <= 0:
            return
        now = self._tools.clock.monotonic()
        waiting = await self._tools.store.read(lambda db: jobs.runnable(db, only))
        waiting = [one for one in waiting if not self._waits(one) and not self._limited(one)]
        ready = [one for one in waiting if self._again_at.get(one.id, now) <= now][:free]
        if ready:
            await self._mind_space()
        for job in ready if self._blocked is None else ():
            if not await self._tools.store.write(partial(_take, job_id=job.id, now_ms=self._now_ms())):
                continue
            run = self._kinds[job.kind](self._tools, job, partial(self._lane, job.id))
            task = asyncio.create_task(run.run(), name=f"job-{job.id}")
            self._active[job.id] = _Active(job, run, task, RunWatch(job, now))
            self._tools.bus.publish(JobChanged(job.id))

    def _lane(self, job_id: int) -> int:
        """0 for the higher of the running jobs, 1 for the other: the pacer serves them two to one."""
        return 0 if next(iter(self._active), job_id) == job_id else 1

    # ------------------------------------------------------------------------------------------- endings

    async def _ended(self, active: _Active) -> None:
        task, job_id = active.task, active.job.id
        error = None if task.cancelled() else _known(task.exception())
        if isinstance(error, CredentialError | StorageError):
            self._hold(error)
            reason = "credential" if isinstance(error, CredentialError) else "storage"
            await self._settle(job_id, JobState.PAUSED, reason, error)
        elif isinstance(error, UnreachableError):
            self._unreachable = error
            self._again_at[job_id] = self._tools.clock.monotonic() + UNREACHABLE_RETRY_S
            await self._settle(job_id, JobState.INTERRUPTED, "unreachable", error)
        elif isinstance(error, Postponed):
            self._not_before[job_id] = error.until_ms
            until = {"message": error.message, "until": error.until_ms}
            await self._settle(job_id, JobState.INTERRUPTED, error.reason, args=until)
        elif error is not None:
            log.error("Job %d stopped on a bug", job_id, exc_info=error)
            args, now_ms = {"message": redact(str(error))[:300]}, self._now_ms()
            await self._tools.store.write(
                lambda db: jobs.set_state(db, job_id, JobState.FAILED, now_ms, reason="error", args=args)
            )
        elif task.cancelled() or task.result() is None:
            if self._blocked is not None:
                await self._settle(job_id, JobState.PAUSED, "blocked", self._blocked)
            elif active.limited:
                await self._settle(job_id, JobState.INTERRUPTED, day_limit.REASON, args=self._limit_words())
            else:  # resumed while it was stopping, or more to do came in while it was ending
                await self._settle(job_id, JobState.PENDING)
        await self._tools.store.write(partial(self._write_end, active=active, now_ms=self._now_ms()))
        self._tools.bus.publish(JobChanged(job_id))
        if self._on_finished is not None and error is None and not task.cancelled() and task.result() is not None:
            now = await self._tools.store.read(jobs.listing)
            for job in [one for one in now if one.id == job_id and one.state.finished]:
                await self._on_finished(self._tools, job)

    def _write_end(self, db: SqliteDatabase, active: _Active, now_ms: int) -> None:
        """Keep for the history what a run met with since the last look at it, and that it runs no longer."""
        job, status = jobs.get(db, active.job.id), self._tools.client.status()
        seen = active.watch.look(job, active.run.meter, status, self._tools.clock.monotonic())
        _record(db, job.id, [one for one in seen if one.kind is not Incident.STALLED], now_ms)
        _left(db, job, now_ms)

    def _hold(self, error: CredentialError | StorageError) -> None:
        """Stop all work until this trouble is mended. Trouble with the library goes before trouble with the key."""
        first = self._blocked is None
        if first or isinstance(error, StorageError):
            self._blocked = error
        self._probe_at = self._tools.clock.monotonic() + STORAGE_PROBE_S
        for other in self._active.values():
            other.run.stop()
        if not first:
            return
        if isinstance(error, StorageError):
            self._tools.bus.publish(EngineStopped(error.title, error.message, error.hint))
        elif self._tools.client.status().state != "refused":  # of a refusal the client has told already
            self._tools.bus.publish(CredentialNeeded(error.message))

    async def _probe_storage(self) -> None:
        """While the library cannot be used: now and then look for room and try a small write, then go on."""
        now = self._tools.clock.monotonic()
        if self._active or now < self._probe_at:
            return
        self._probe_at = now + STORAGE_PROBE_S
        if isinstance(self._blocked, DiskFull):
            folder, least = self._tools.store.paths.data_dir, self._settings.min_free_mb
            if not await asyncio.to_thread(space.has_room, folder, least):
                return
        await self._tools.store.write(lambda db: counts.set_fact(db, "write_probe", "ok", self._now_ms()))
        await self._recover()
        await self.unblock()

    async def _settle(
        self,
        job_id: int,
        state: JobState,
        reason: str | None = None,
        error: GdvgError | None = None,
        *,
        args: dict[str, Any] | None = None,
    ) -> None:
        """Give a job that ended here its state, or the one its user wants instead."""
        args, now_ms = {"message": error.message} if error is not None else args, self._now_ms()
        await self._tools.store.write(lambda db: jobs.settle(db, job_id, state, now_ms, reason=reason, args=args))

    async def _stop_all(self) -> None:
        """Let the running jobs store what they hold, then mark them interrupted."""
        for active in self._active.values():
            active.run.stop()
        if self._active:
            await asyncio.wait([active.task for active in self._active.values()], timeout=15)
        for active in self._active.values():
            active.task.cancel()
        await asyncio.gather(*(active.task for active in self._active.values()), return_exceptions=True)
        try:
            for job_id, active in self._active.items():
                task = active.task
                if task.cancelled() or task.exception() is not None or task.result() is None:
                    await self._settle(job_id, JobState.INTERRUPTED)
                await self._tools.store.write(partial(self._write_end, active=active, now_ms=self._now_ms()))
            await self._flush_requests()
        except StorageError as error:
            log.warning("The state of the queue could not be written at the end: %s", error)
        self._active.clear()

    # ------------------------------------------------------------------------------------------ small things

    async def _flush_requests(self) -> None:
        new = self._requests - self._requests_flushed
        if new:
            day = utc_day(self._tools.clock.now())
            await self._tools.store.write(lambda db: counts.add_daily(db, day, {counts.REQUESTS: new}))
            self._requests_flushed += new

    def _keep_line(self, event: Event) -> None:
        if isinstance(event, JobLogged):
            if (active := self._active.get(event.job_id)) is not None:
                active.watch.hear()
            self._logs.setdefault(event.job_id, deque(maxlen=LOG_LINES)).append(event)

    def _now_ms(self) -> int:
        return to_millis(self._tools.clock.now())


def _take(db: SqliteDatabase, job_id: int, now_ms: int) -> bool:
    """Mark a job as running, and what had kept it from that as over; False when it may no longer be started."""
    if not jobs.take(db, job_id, now_ms):
        return False
    kept_from = runs.end(db, job_id, LASTING, now_ms)
    runs.enter(db, job_id, jobs.get(db, job_id).phase, now_ms, joins=not kept_from)
    return True


def _left(db: SqliteDatabase, job: jobs.Job, now_ms: int) -> None:
    """A job runs no longer: its phase is over, and when it is not finished its history says why."""
    runs.leave(db, job.id, now_ms)
    runs.end(db, job.id, LASTING, now_ms)
    if job.state is JobState.PAUSED:
        by = {"user": "by the user", jobs.SCHEDULE_PAUSED: "with the schedule"}
        text = by.get(job.reason or "", job.reason_args.get("message"))
        runs.begin(db, job.id, Incident.PAUSED, now_ms, text)
    elif job.state is JobState.INTERRUPTED:
        runs.begin(db, job.id, Incident.INTERRUPTED, now_ms, job.reason_args.get("message"))


def _record(db: SqliteDatabase, job_id: int, seen: list[Seen], now_ms: int) -> None:
    """Keep what was seen of a running job."""
    for one in seen:
        if one.on is None:
            runs.note(db, job_id, one.kind, now_ms, count=one.count, text=one.text)
        elif one.on:
            runs.begin(db, job_id, one.kind, now_ms, one.text)
        else:
            runs.end(db, job_id, (one.kind,), now_ms)
        if one.kind is Incident.STALLED:
            jobs.mark_stalled(db, job_id, now_ms, stalled=bool(one.on))


def _known(error: BaseException | None) -> BaseException | None:
    """The error that matters: a known one out of a task group's bundle, else the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    known = error.subgroup(GdvgError)
    found: BaseException = known if known is not None else error
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
