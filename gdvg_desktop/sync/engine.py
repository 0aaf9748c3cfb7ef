"""The engine: takes jobs from the queue, runs at most two at once, and brings what is into line with what is wanted.

The queue is a table. Nobody asks the engine directly: commands and other processes change rows, the engine looks at
them twice a second (or at once when woken). Trouble that concerns everything (no key, no disk) stops all work with
the reason kept, and the work goes on when it is mended.
"""

import asyncio
import logging
import shutil
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import CredentialError, DiskFull, GdvgError, StorageError, UnreachableError
from gdvg_desktop.core.events import CredentialNeeded, EngineStopped, Event, JobChanged, JobLogged, JobsReordered
from gdvg_desktop.core.kinds import JobKind, JobState, Wanted
from gdvg_desktop.store import counts, jobs
from gdvg_desktop.sync.commit import BatchWriter
from gdvg_desktop.sync.postponed import Postponed
from gdvg_desktop.sync.title_run import Tools
from gdvg_desktop.tmdb.client import Meter

log = logging.getLogger(__name__)

JOBS_AT_ONCE = 2
TICK_S = 0.5
STORAGE_PROBE_S = 10.0
UNREACHABLE_RETRY_S = 60.0  # a job whose export could not be had is tried again after this
ROOM_BYTES = 4_000_000  # what must be free before a full disk is tried again: a batch and more
LOG_LINES = 1000


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
        await self._tools.store.write(lambda db: jobs.recover(db, self._now_ms()))

    async def _pause(self) -> None:
        self._wake.clear()
        waiting = [active.task for active in self._active.values()]
        woken = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait((*waiting, woken), timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _nothing_left(self, only: int | None) -> bool:
        return all(map(self._waits, await self._tools.store.read(lambda db: jobs.runnable(db, only))))

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
        await self._follow_wishes(queue)
        if self._blocked is None:
            await self._retry_due(only)
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

    async def _follow_wishes(self, queue: list[jobs.Job]) -> None:
        for job in queue:
            active = self._active.get(job.id)
            if active is not None and job.wanted is not Wanted.RUN:
                active.run.stop()

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
        waiting = [one for one in waiting if not self._waits(one)]
        for job in [one for one in waiting if self._again_at.get(one.id, now) <= now][:free]:
            if not await self._tools.store.write(partial(jobs.take, job_id=job.id, now_ms=self._now_ms())):
                continue
            run = self._kinds[job.kind](self._tools, job, partial(self._lane, job.id))
            self._active[job.id] = _Active(job, run, asyncio.create_task(run.run(), name=f"job-{job.id}"))
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
            until, now_ms = {"message": error.message, "until": error.until_ms}, self._now_ms()
            await self._tools.store.write(
                lambda db: jobs.settle(db, job_id, JobState.INTERRUPTED, now_ms, reason=error.reason, args=until)
            )
        elif error is not None:
            log.error("Job %d stopped on a bug", job_id, exc_info=error)
            args, now_ms = {"message": redact(str(error))[:300]}, self._now_ms()
            await self._tools.store.write(
                lambda db: jobs.set_state(db, job_id, JobState.FAILED, now_ms, reason="error", args=args)
            )
        elif task.cancelled() or task.result() is None:
            if self._blocked is not None:
                await self._settle(job_id, JobState.PAUSED, "blocked", self._blocked)
            else:  # resumed while it was stopping, or more to do came in while it was ending
                await self._settle(job_id, JobState.PENDING)
        self._tools.bus.publish(JobChanged(job_id))
        if self._on_finished is not None and error is None and not task.cancelled() and task.result() is not None:
            now = await self._tools.store.read(jobs.listing)
            for job in [one for one in now if one.id == job_id and one.state.finished]:
                await self._on_finished(self._tools, job)

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
            disk = await asyncio.to_thread(shutil.disk_usage, self._tools.store.paths.data_dir)
            if disk.free < ROOM_BYTES:
                return
        await self._tools.store.write(lambda db: counts.set_fact(db, "write_probe", "ok", self._now_ms()))
        await self._recover()
        await self.unblock()

    async def _settle(
        self, job_id: int, state: JobState, reason: str | None = None, error: GdvgError | None = None
    ) -> None:
        """Give a job that ended here its state, or the one its user wants instead."""
        args, now_ms = {"message": error.message} if error is not None else None, self._now_ms()
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
            self._logs.setdefault(event.job_id, deque(maxlen=LOG_LINES)).append(event)

    def _now_ms(self) -> int:
        return to_millis(self._tools.clock.now())


def _known(error: BaseException | None) -> BaseException | None:
    """The error that matters: a known one out of a task group's bundle, else the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    known = error.subgroup(GdvgError)
    found: BaseException = known if known is not None else error
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
