"""Imports: what one would do, starting one, and the jobs of the queue."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query

from gdvg_desktop.api import forms, shapes
from gdvg_desktop.api.existing import existing_job
from gdvg_desktop.api.trouble import Conflict
from gdvg_desktop.api.work import Work
from gdvg_desktop.app import App
from gdvg_desktop.commands import imports, jobs
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import Origin
from gdvg_desktop.store.jobs import Job

JobId = Annotated[int, Path(ge=1, le=shapes.LARGEST)]


def build(work: Work) -> APIRouter:
    """The routes under /api/import but for presets."""
    api = APIRouter(prefix="/api/import", tags=["import"])

    @api.post("/preview", summary="What an import would do; nothing is written")
    async def preview(asked: shapes.FilterIn) -> shapes.PreviewOut:
        return forms.preview(await work.run(lambda app: imports.preview(app, forms.import_request(asked))))

    @api.post("/start", summary="Queue an import", status_code=202)
    async def start(asked: shapes.ImportIn) -> shapes.Started:
        job, new = await work.run(lambda app: imports.start(app, forms.import_request(asked), origin=Origin.API))
        return forms.started(job, new)

    @api.get("/jobs", summary="The jobs of the queue, newest first")
    async def listing(
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        unfinished: Annotated[bool, Query(description="Only what is not finished.")] = False,
    ) -> shapes.JobsOut:
        return await work.read(lambda app: _listing(app, limit, unfinished))

    @api.post("/jobs/{id}/pause", summary="Stop a job after the titles on the wire")
    async def pause(id: JobId) -> shapes.JobOut:
        return await work.run(lambda app: _steer(app, id, jobs.pause))

    @api.post("/jobs/{id}/resume", summary="Let a paused job go on")
    async def resume(id: JobId) -> shapes.JobOut:
        return await work.run(lambda app: _steer(app, id, jobs.resume))

    @api.delete("/jobs/{id}", summary="Give up what is left of a job; what was imported stays")
    async def cancel(id: JobId) -> shapes.JobOut:
        return await work.run(lambda app: _steer(app, id, jobs.cancel))

    return api


async def _listing(app: App, limit: int, unfinished: bool) -> shapes.JobsOut:
    found = [job for job in await jobs.listing(app) if not (unfinished and job.state.finished)][:limit]
    engine = app.engine
    return shapes.JobsOut(jobs=[forms.job(job, engine.pace(job) if engine is not None else None) for job in found])


async def _steer(app: App, job_id: int, act: Callable[[App, int], Awaitable[Job]]) -> shapes.JobOut:
    await existing_job(app, job_id)
    try:
        return forms.job(await act(app, job_id))
    except UsageError as error:
        raise Conflict(error.message, error.hint) from None
