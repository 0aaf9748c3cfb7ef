"""Whether the mirror is filling or keeps up: filling while anything of the scope is missing, delta once all is held.

Called after whatever may have changed the coverage: a mirror run, a delta run, an export taken over, another scope.
"""

import logging
from dataclasses import asdict

from peewee import SqliteDatabase

from gdvg_desktop.core.clock import to_millis
from gdvg_desktop.core.events import CoverageChanged, JobLogged
from gdvg_desktop.store import mirror
from gdvg_desktop.store.coverage import Coverage, coverage
from gdvg_desktop.sync.enumerate import HasExports

log = logging.getLogger(__name__)


def is_complete(found: Coverage) -> bool:
    """Whether every id of both exports that the scope wants is held, and none is open."""
    return found.export_date is not None and not found.missing and not found.undetermined


def figures(found: Coverage) -> dict[str, dict[str, float | int]]:
    """The coverage as the summary of a job keeps it, by type."""
    return {
        name: {key: value for key, value in asdict(one).items() if key != "export_date"}
        for name, one in (("movie", found.movie), ("tv", found.tv))
    }


async def settle(tools: HasExports, job_id: int | None = None) -> tuple[Coverage, bool]:
    """Bring the mode in line with the coverage and tell of it; returns the coverage and whether the mode changed.

    With a job the change is a line of its log.
    """
    found = await tools.store.read(coverage)
    complete, now = is_complete(found), tools.clock.now()

    def write(db: SqliteDatabase) -> tuple[bool, bool]:
        first = mirror.mode(db) is None
        return mirror.settle_mode(db, complete=complete, now_ms=to_millis(now)), first

    changed, first = await tools.store.write(write)
    if changed and (complete or not first):
        text = (
            f"All {found.held:,} titles of the scope are held: from now on the mirror follows TMDb's change lists."
            if complete
            else f"{found.missing + found.undetermined:,} titles of the scope are not held: the mirror fills up again."
        )
        log.info(text)
        if job_id is not None:
            tools.bus.publish(JobLogged(job_id, now, "ok" if complete else "info", text))
    tools.bus.publish(CoverageChanged())
    return found, changed
