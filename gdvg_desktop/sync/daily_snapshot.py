"""A snapshot after a completed mirror or delta run, at most one a day."""

import logging

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.errors import StorageError
from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.store import snapshots
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync.title_run import Tools

log = logging.getLogger(__name__)

TAKEN_AFTER = frozenset({JobKind.MIRROR, JobKind.DELTA})


async def after(tools: Tools, job: Job) -> None:
    """Take one if this job calls for it. Trouble with the file of snapshots is logged: the job's work is done."""
    if job.kind not in TAKEN_AFTER or job.state is not JobState.COMPLETED:
        return
    now_ms = to_millis(tools.clock.now())
    try:
        await tools.store.read(
            lambda db: snapshots.take(tools.store.paths, db, now_ms, job.kind.value, job_id=job.id, daily=True)
        )
    except StorageError as error:
        log.warning("No snapshot after job %d: %s", job.id, error)
