"""How every command puts a job into the queue: one row, the news of it, and a nudge to the engine if it is ours."""

from collections.abc import Callable
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import JobChanged, JobsReordered
from gdvg_desktop.core.kinds import JobKind, Origin, Wanted
from gdvg_desktop.store import jobs
from gdvg_desktop.store.jobs import Job


async def queue(
    app: App,
    kind: JobKind,
    name: str,
    config: dict[str, Any],
    origin: Origin = Origin.USER,
    *,
    goes_on: Callable[[SqliteDatabase, Job], bool] | None = None,
    renames: bool = False,
) -> tuple[Job, bool]:
    """Queue a job. Returns it and whether it is new: asked twice while unfinished it is one job.

    What a user asks for again goes on if it was paused, unless `goes_on`, called with the job in the transaction that
    queues it, says no; a schedule leaves a paused job paused. With `renames` a job that is there takes the name.
    """
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> tuple[Job, bool]:
        job, new = jobs.add(db, kind, name, config, now_ms, origin=origin)
        agreed = goes_on is None or goes_on(db, job)
        if new:
            return job, True
        if renames and job.name != name:
            jobs.rename(db, job.id, name, now_ms)
        if origin is not Origin.SCHEDULE and agreed:
            jobs.set_wanted(db, job.id, Wanted.RUN, now_ms)
        return jobs.get(db, job.id), False

    job, new = await app.store.write(write)
    app.bus.publish(JobsReordered())
    app.bus.publish(JobChanged(job.id))
    if app.engine is not None:
        app.engine.wake()
    return job, new
