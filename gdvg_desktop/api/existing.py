"""What a path names, or 404."""

from gdvg_desktop.api.trouble import NotFound
from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs, presets
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.store.jobs import Job


async def existing_job(app: App, job_id: int) -> Job:
    """A job. Raises NotFound."""
    found = await jobs.some(app, [job_id])
    if not found:
        raise NotFound(f"There is no job {job_id}.", "Jobs are listed by: GET /api/import/jobs.")
    return found[0]


async def existing_preset(app: App, preset_id: int) -> PresetView:
    """A preset. Raises NotFound."""
    try:
        return await presets.get(app, preset_id)
    except UsageError as error:
        raise NotFound(error.message, "Presets are listed by: GET /api/import/presets.") from None
