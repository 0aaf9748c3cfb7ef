"""Scheduled work: its state, pausing and resuming it, starting a run now, and the runs of the past."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from gdvg_desktop.api import forms, shapes
from gdvg_desktop.api.existing import existing_job
from gdvg_desktop.api.work import Work
from gdvg_desktop.app import App
from gdvg_desktop.commands import history, mirror, missed_runs, overview, schedule, sync
from gdvg_desktop.commands.schedule import PauseState
from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import Event, ScheduleChanged
from gdvg_desktop.core.kinds import JobKind, Origin
from gdvg_desktop.store.runs import RunFilter

BY = "api"
NEXT_COUNTS_S = 1.0  # how long the next run worked out counts: nobody asks for it more exactly
SYNC_KINDS = (JobKind.DELTA, JobKind.MIRROR)
_MINUTE_MS = 60_000

RunId = Annotated[int, Path(ge=1, le=shapes.LARGEST)]


def build(work: Work, coming: "NextRun") -> list[APIRouter]:
    """The routes under /api/sync and, as older scripts know them, under /v1/sync."""
    api, v1 = APIRouter(prefix="/api/sync", tags=["sync"]), APIRouter(prefix="/v1/sync", tags=["v1"])

    @api.get("/status", summary="Whether work is paused, when it last ran and runs next, and figures")
    async def status() -> shapes.SyncStatus:
        return await work.read(lambda app: _status(app, coming))

    @api.post("/pause", summary="Pause all scheduled work")
    async def pause(asked: shapes.PauseIn | None = None) -> shapes.PauseOut:
        minutes = asked.minutes if asked is not None else None
        return await work.run(lambda app: _pause(app, minutes))

    @api.post("/resume", summary="Let scheduled work go on")
    @v1.post("/resume", summary="Let scheduled work go on")
    async def resume() -> shapes.PauseOut:
        return _paused(await work.run(lambda app: schedule.resume(app, BY)))

    @api.post("/trigger", summary="Start a full or an incremental run now, paused or not")
    @v1.post("/trigger", summary="Start a full or an incremental run now, paused or not")
    async def trigger(asked: shapes.TriggerIn) -> shapes.Started:
        return await work.run(lambda app: _trigger(app, asked))

    @api.get("/history", summary="Runs of the past, the latest first")
    async def past(
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        until: Annotated[
            int | None, Query(ge=0, le=shapes.LARGEST, description="Only runs started before, in unix milliseconds.")
        ] = None,
    ) -> shapes.History:
        return await work.read(lambda app: _history(app, limit, until))

    @v1.get("/stats", summary="The library and its work in figures")
    async def figures() -> shapes.Stats:
        return forms.stats(await work.read(lambda app: overview.status(app, exact=False)))

    @v1.get("/resume", include_in_schema=False)
    @v1.get("/trigger", include_in_schema=False)
    async def not_to_be_read() -> None:  # else they would be taken for the numbers of runs
        raise HTTPException(405, "Method Not Allowed")

    @v1.get("/{id}", summary="One run")
    async def one(id: RunId) -> shapes.RunOut:
        return await work.read(lambda app: _run(app, id))

    return [api, v1]


class NextRun:
    """When the schedule next starts something, worked out once a second at most and whenever it changed."""

    def __init__(self) -> None:
        self._found: tuple[datetime, str] | None = None
        self._at: float | None = None

    def hear(self, event: Event) -> None:
        """Forget it with the schedule it is of."""
        if isinstance(event, ScheduleChanged):
            self._at = None

    async def get(self, app: App) -> tuple[datetime, str] | None:
        """The moment and the task; None when nothing is planned."""
        now_s = app.clock.monotonic()
        if self._at is None or not 0 <= now_s - self._at < NEXT_COUNTS_S:
            self._at = now_s
            planned = [(one.next_runs[0], one.name) for one in await schedule.tasks(app) if one.next_runs]
            self._found = min(planned, default=None)
        return self._found


async def _status(app: App, coming: NextRun) -> shapes.SyncStatus:
    held = await schedule.pause_state(app)
    planned = None if held.paused else await coming.get(app)
    last = await history.listing(app, RunFilter(kinds=SYNC_KINDS), limit=1)
    return shapes.SyncStatus(
        **_paused(held).model_dump(),
        last_run=forms.run(last[0]) if last else None,
        next_run=planned[0] if planned else None,
        next_task=planned[1] if planned else None,
        stats=forms.stats(await overview.status(app, exact=False)),
    )


async def _pause(app: App, minutes: int | None) -> shapes.PauseOut:
    until = to_millis(app.clock.now()) + minutes * _MINUTE_MS if minutes is not None else None
    return _paused(await schedule.pause(app, until, BY))


def _paused(held: PauseState) -> shapes.PauseOut:
    return shapes.PauseOut(
        is_paused=held.paused,
        paused_at=forms.instant(held.at),
        paused_by=held.by or None,
        paused_until=forms.instant(held.until),
    )


async def _trigger(app: App, asked: shapes.TriggerIn) -> shapes.Started:
    if asked.type == "full":
        return forms.started(*await mirror.start(app, origin=Origin.API))
    return forms.started(*await sync.delta(app, origin=Origin.API))


async def _history(app: App, limit: int, until: int | None) -> shapes.History:
    wanted = RunFilter(until=until)
    missed = await app.store.read(lambda db: missed_runs.listing(db, wanted))
    return forms.history(await history.rows(app, wanted, limit), await history.count(app, wanted), missed[:limit])


async def _run(app: App, job_id: int) -> shapes.RunOut:
    await existing_job(app, job_id)
    found = await history.show(app, job_id)
    return forms.run(found.job, found.totals.worked_s)
