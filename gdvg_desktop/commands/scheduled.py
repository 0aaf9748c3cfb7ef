"""What scheduled tasks do, as commands, what stands in their way, and the loop that runs them beside the engine."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import alerts, backup, errors, gaps, health, mirror, presets, remote_follow, sync
from gdvg_desktop.commands import schedule as schedule_commands
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import GdvgError, StorageError, UsageError
from gdvg_desktop.core.kinds import FailureCategory, JobState, Origin, Wanted
from gdvg_desktop.core.settings import is_loopback
from gdvg_desktop.schedule import conditions
from gdvg_desktop.schedule.conditions import Surroundings
from gdvg_desktop.schedule.loop import Ended, Hindered, Scheduler, Started
from gdvg_desktop.schedule.overrides import overrides
from gdvg_desktop.schedule.planner import Hindrance
from gdvg_desktop.schedule.tasks import PRESET_PREFIX
from gdvg_desktop.schedule.zone import local_zone
from gdvg_desktop.store import jobs
from gdvg_desktop.store import schedule as rows
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.schedule import Task
from gdvg_desktop.sync import day_limit
from gdvg_desktop.sync.mirror import BUDGET

log = logging.getLogger(__name__)

MAY_DO_BETTER = (
    FailureCategory.NETWORK,
    FailureCategory.RATE_LIMIT,
    FailureCategory.SERVER,
    FailureCategory.STORAGE,
)
DAY_S = 86_400
AGAIN_S = 10.0  # how long after trouble what runs beside the engine begins again
LOOKED_S = 5.0  # how long what was seen of the computer counts
WITHOUT_KEY = ("backup",)


async def work(app: App) -> None:
    """Run the engine, and beside it the schedule, the watch over alerts and the remote workflow, until cancelled.

    For the process that has the engine. Trouble of the engine is raised; trouble beside it is logged and tried again.
    """
    assert app.engine is not None
    beside = tuple(
        asyncio.create_task(_kept_up(app, name, part), name=name)
        for name, part in (("schedule", _schedule), ("alerts", alerts.watch), ("remote", remote_follow.keep_in_step))
    )
    try:
        await app.engine.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _kept_up(app: App, name: str, part: Callable[[App], Awaitable[None]]) -> None:
    """Begin again what a bug has ended: nobody would notice that it is missing."""
    while True:
        try:
            await part(app)
            return
        except Exception:
            log.exception("What runs beside the engine failed and begins again: %s", name)
        await app.clock.sleep(AGAIN_S)


async def _schedule(app: App) -> None:
    while True:
        try:
            await schedule_commands.prepare(app)
            async with _tidying(app):
                await scheduler(app).run()
        except StorageError as error:
            log.warning("The schedule cannot be kept: %s", error)
        except UsageError as error:
            log.error("Nothing is scheduled: %s %s", error.message, error.hint)
            return
        await app.clock.sleep(AGAIN_S)


@asynccontextmanager
async def _tidying(app: App) -> AsyncIterator[None]:
    """Meanwhile, at the start and once a day: forget runs as old as those the history forgets."""

    async def tidy() -> None:
        while True:
            before_ms = to_millis(app.clock.now()) - app.settings.keep_runs_days * DAY_S * 1000
            try:
                await app.store.write(partial(rows.forget_runs, before_ms=before_ms))
            except StorageError as error:
                log.warning("Old runs could not be forgotten: %s", error)
            await app.clock.sleep(DAY_S)

    work = asyncio.create_task(tidy())
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def scheduler(app: App) -> Scheduler:
    """The loop over this app's tasks. Raises UsageError for an environment that says what cannot be."""
    seen = _Computer(app)
    return Scheduler(
        app.store, app.clock, app.bus, partial(run_task, app), job_end, seen.hindrances, overrides(os.environ)
    )


# ------------------------------------------------------------------------------------------------ what a task does


async def run_task(app: App, task: Task) -> Started:
    """Do a task's work or queue it. Raises GdvgError, and Hindered when its job is unfinished already.

    A run somebody asked for is that user's: what they had paused goes on, and a pause of the schedule does not hold it.
    """
    origin = {None: Origin.SCHEDULE, "api": Origin.API}.get(task.run_now, Origin.USER)
    if task.name.startswith(PRESET_PREFIX):
        return _started(*await presets.use(app, int(task.name.removeprefix(PRESET_PREFIX)), origin), origin)
    match task.name:
        case "delta":
            return _started(*await sync.delta(app, origin=origin), origin)
        case "mirror":
            return _started(*await mirror.start(app, origin=origin), origin)
        case "gap_analysis":
            return _started(*await gaps.analyze(app, origin=origin), origin)
        case "gap_fill":
            return _started(*await gaps.fill(app, gaps.FillRequest(), origin=origin), origin)
        case "refresh":
            return _started(*await sync.refresh(app, origin=origin), origin)
        case "retry":
            return await _retry(app, origin)
        case "lists":
            return await _lists(app, task, origin)
        case "health":
            return await _health(app)
        case "backup":
            made = await backup.create(app)
            return Started(None, {"backup": made.path.name, "bytes": made.path.stat().st_size})
    raise UsageError(f"Nothing is known of the task {task.name}.", "It may be of a newer version.")


def _started(job: Job, new: bool, origin: Origin) -> Started:
    if new or origin is not Origin.SCHEDULE:
        return Started(job.id)
    paused = job.state is JobState.PAUSED or job.wanted is not Wanted.RUN
    raise Hindered(Hindrance.JOB_PAUSED if paused else Hindrance.RUNNING)


async def _retry(app: App, origin: Origin) -> Started:
    """Failures that may do better now; those of jobs a user paused are left to that user."""
    stopped = {one.id for one in await app.store.read(jobs.queue) if one.wanted is not Wanted.RUN}
    count, touched = 0, set[int]()
    for category in MAY_DO_BETTER:
        found = [one.key for one in await errors.listing(app, category) if not stopped & set(one.job_ids)]
        if found:
            done = await errors.retry(app, found, origin=origin)
            count, touched = count + done.count, touched | set(done.job_ids)
    return Started(None, {"retried": count, "jobs": sorted(touched)})


async def _lists(app: App, task: Task, origin: Origin) -> Started:
    """The short lists the task names, each a job of its own."""
    queued = [
        (await mirror.run_list(app, name, task.config.get("region"), origin=origin))[0].id
        for name in task.config.get("lists", [])
    ]
    return Started(None, {"jobs": queued})


async def _health(app: App) -> Started:
    found = await health.check(app)
    if found.problems:
        raise GdvgError(" ".join(found.problems))
    return Started(None, found.as_json())


def job_end(db: SqliteDatabase, job_id: int) -> Ended | None:
    """How a job ended; None while it has not. One that waits for its next day's budget has done its run."""
    found = jobs.select(db, "WHERE id = ?", (job_id,))
    if not found:
        return Ended(True, None, {})
    job = found[0]
    figures = {"added", "updated", "unchanged", "skipped", "failed", "gone", "recovered", "requests"}
    summary = {name: count for name in sorted(figures) if (count := getattr(job, name))}
    if job.state is JobState.INTERRUPTED and job.reason == BUDGET:
        return Ended(True, None, summary | {"left": job.left})
    if not job.state.finished:
        return None
    if job.state is JobState.COMPLETED:
        return Ended(True, None, summary)
    return Ended(False, job.reason_args.get("message") or job.reason or job.state.value, summary)


# -------------------------------------------------------------------------------------------- what stands in its way


class _Computer:
    """What hinders a task just now; the computer is looked at every few seconds at most."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._looked_at = -LOOKED_S
        self._around = Surroundings()

    async def hindrances(self, task: Task) -> frozenset[Hindrance]:
        """Everything but the pause and the task's own unfinished run."""
        app = self._app
        if not await is_set_up(app, task):
            return frozenset({Hindrance.NOT_SET_UP})
        found = set[Hindrance]()
        quiet = conditions.quiet_hours(app.settings.quiet_from, app.settings.quiet_to)
        if quiet is not None and quiet.hold(datetime.fromtimestamp(app.clock.now(), UTC), local_zone()):
            found.add(Hindrance.QUIET_HOURS)
        if day_limit.reached(app.settings, Origin.SCHEDULE, app.client.status().requests_today):
            found.add(Hindrance.BUDGET)
        return frozenset(found | conditions.hindrances(task, await self._look()))

    async def _look(self) -> Surroundings:
        now = self._app.clock.monotonic()
        if now - self._looked_at >= LOOKED_S:
            self._around = await conditions.look_around()
            self._looked_at = now
        if is_loopback(self._app.settings.tmdb_url):  # a server on this computer needs no network
            return Surroundings(True, self._around.on_mains, self._around.metered)
        return self._around


async def is_set_up(app: App, task: Task) -> bool:
    """Whether a task has anything to work on: a library nobody ever chose anything for is left alone.

    The mirror needs a scope that was chosen, or to have been started once; a backup needs no key.
    """
    if task.name not in WITHOUT_KEY and app.credential is None:
        return False
    if task.name.startswith(PRESET_PREFIX):
        return True
    return await app.store.read(rows.mirror_begun if task.name == "mirror" else rows.library_begun)
