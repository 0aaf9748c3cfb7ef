"""See and steer the queue."""

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import JobChanged, JobLogged, JobsReordered
from gdvg_desktop.core.kinds import JobState, Wanted
from gdvg_desktop.store import jobs, windows
from gdvg_desktop.store.jobs import FailedItem, Job
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.sync import deletions
from gdvg_desktop.sync.engine import JobPace
from gdvg_desktop.sync.listing import total_pages


@dataclass(frozen=True, slots=True)
class JobDetail:
    """A job with what only its inspector shows. `pages` is (listed, known) over its windows."""

    job: Job
    pace: JobPace | None
    windows: tuple[WindowRow, ...]
    pages: tuple[int, int]
    failed: tuple[FailedItem, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue screen: unfinished jobs in order, jobs finished since midnight UTC, and the pace of running ones."""

    jobs: tuple[Job, ...]
    finished: tuple[Job, ...]
    pace: dict[int, JobPace]
    pages: dict[int, tuple[int, int]]


async def listing(app: App) -> list[Job]:
    """All jobs, newest first."""
    return await app.store.read(jobs.listing)


async def queue(app: App, finished_since_ms: int = 0) -> Queue:
    """Everything the queue screen shows."""

    def read(db: SqliteDatabase) -> tuple[list[Job], list[Job], dict[int, tuple[int, int]]]:
        waiting = jobs.queue(db)
        pages = {job.id: total_pages(windows.of_job(db, job.id)) for job in waiting if job.phase in ("plan", "list")}
        return waiting, jobs.finished(db, finished_since_ms), pages

    waiting, finished, pages = await app.store.read(read)
    pace = {}
    if app.engine is not None:
        pace = {job.id: found for job in waiting if (found := app.engine.pace(job)) is not None}
    return Queue(tuple(waiting), tuple(finished), pace, pages)


async def show(app: App, job_id: int) -> JobDetail:
    """One job with its windows and failed titles. Raises UsageError when there is none."""

    def read(db: SqliteDatabase) -> tuple[Job, list[WindowRow], list[FailedItem]]:
        return jobs.get(db, job_id), windows.of_job(db, job_id), jobs.failed_items(db, job_id)

    job, rows, failed = await app.store.read(read)
    pace = app.engine.pace(job) if app.engine is not None else None
    return JobDetail(job, pace, tuple(rows), total_pages(rows), tuple(failed))


async def some(app: App, job_ids: Iterable[int]) -> list[Job]:
    """Jobs by number, in the order of their numbers; those that are gone are left out."""
    wanted = sorted(set(job_ids))
    marks = ", ".join("?" * len(wanted))
    return await app.store.read(lambda db: jobs.select(db, f"WHERE id IN ({marks}) ORDER BY id", wanted))


async def log_lines(app: App, job_id: int) -> list[JobLogged]:
    """The latest lines of a job's live log, as far as this process ran it."""
    return app.engine.log_lines(job_id) if app.engine is not None else []


async def pause(app: App, job_id: int) -> Job:
    """Stop after the titles on the wire; the job keeps its place."""
    return await _want(app, job_id, Wanted.PAUSE)


async def resume(app: App, job_id: int) -> Job:
    """Let a paused job go on; to one that asks about deletions this is the yes.

    What the engine had paused for a reason goes on as well.
    """
    if app.engine is not None and app.engine.blocked is not None:
        await app.engine.unblock()
    return await _want(app, job_id, Wanted.RUN)


async def cancel(app: App, job_id: int) -> Job:
    """Give up what is left of a job; what was imported stays."""
    return await _want(app, job_id, Wanted.CANCEL)


async def restart(app: App, job_id: int) -> Job:
    """Stop a job that gets nowhere and start it again where it stands; nothing that was fetched is lost."""
    now_ms = to_millis(app.clock.now())
    job = await app.store.write(lambda db: jobs.ask_restart(db, job_id, now_ms))
    _changed(app, job_id)
    return job


async def pause_all(app: App) -> None:
    """Pause every unfinished job that is not paused."""
    for job in await app.store.read(jobs.queue):
        if job.wanted is Wanted.RUN:
            await pause(app, job.id)


async def retry(app: App, job_id: int) -> int:
    """Try failed titles and listings of a job again; returns how many go back into the queue."""
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> int:
        job = jobs.get(db, job_id)
        count = jobs.retry_failed(db, job_id, now_ms)
        if not count and job.state is JobState.FAILED:
            jobs.reopen(db, job_id, now_ms)
        return count

    count = await app.store.write(write)
    _changed(app, job_id)
    return count


async def move(app: App, job_id: int, where: str) -> None:
    """Move a job in the queue: up, down or top."""
    await app.store.write(lambda db: jobs.move(db, job_id, where, to_millis(app.clock.now())))
    _changed(app, job_id)


async def move_to(app: App, job_id: int, index: int) -> None:
    """Put a job at a place of the queue, counted from 0."""
    await app.store.write(lambda db: jobs.move_to(db, job_id, index, to_millis(app.clock.now())))
    _changed(app, job_id)


async def rename(app: App, job_id: int, name: str) -> None:
    """Give a job another name."""
    if not name.strip():
        raise UsageError("A job needs a name.", "Type at least one character.")
    await app.store.write(lambda db: jobs.rename(db, job_id, name.strip(), to_millis(app.clock.now())))
    _changed(app, job_id)


async def clear_finished(app: App, job_ids: tuple[int, ...]) -> None:
    """Take finished jobs out of the list; the history keeps them."""
    await app.store.write(lambda db: jobs.clear_finished(db, job_ids))
    app.bus.publish(JobsReordered())


async def _want(app: App, job_id: int, wanted: Wanted) -> Job:
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> Job:
        job = jobs.get(db, job_id)
        if job.asks and wanted is Wanted.RUN:
            deletions.allow(db, job, now_ms)
        return jobs.set_wanted(db, job_id, wanted, now_ms)

    job = await app.store.write(write)
    _changed(app, job_id)
    return job


def _changed(app: App, job_id: int) -> None:
    app.bus.publish(JobsReordered())
    app.bus.publish(JobChanged(job_id))
    if app.engine is not None:
        app.engine.wake()
