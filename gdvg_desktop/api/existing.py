"""What a path names, or 404."""

from gdvg_desktop.api.trouble import NotFound
from gdvg_desktop.app import App
from gdvg_desktop.commands import jobs, presets
from gdvg_desktop.commands.jobs import JobDetail
from gdvg_desktop.commands.presets import PresetView
from gdvg_desktop.core.errors import UsageError


async def existing_job(app: App, job_id: int) -> JobDetail:
    """A job. Raises NotFound."""
    try:
        return await jobs.show(app, job_id)
    except UsageError as error:
        raise NotFound(error.message, "Jobs are listed by: GET /api/import/jobs.") from None


async def existing_preset(app: App, preset_id: int) -> PresetView:
    """A preset. Raises NotFound."""
    try:
        return await presets.get(app, preset_id)
    except UsageError as error:
        raise NotFound(error.message, "Presets are listed by: GET /api/import/presets.") from None
