"""Sync now: whatever it takes to bring the library up to date, in one press.

A library that holds something follows TMDb's change lists. A mirror that was started and lacks titles of its scope goes
on; one that nobody ever started does so only in an empty library: a few imports are no wish for all of TMDb.
"""

from dataclasses import dataclass

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import coverage as coverage_commands
from gdvg_desktop.commands import mirror, sync
from gdvg_desktop.core.kinds import JobKind, Origin
from gdvg_desktop.store import jobs
from gdvg_desktop.store import mirror as mirror_rows
from gdvg_desktop.store.coverage import Coverage
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync import mirror_mode


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun: jobs, and whether each is new. `missing` titles of the scope are left to a mirror nobody started.

    `waits` is a changes sync that waits for a decision about deletions, which this does not take.
    """

    jobs: tuple[tuple[Job, bool], ...]
    missing: int = 0
    waits: Job | None = None


async def sync_now(app: App, origin: Origin = Origin.USER) -> Begun:
    """Queue the changes sync, the mirror, or both, as `coverage` asks for."""
    found = await coverage_commands.coverage(app)
    held, started = await app.store.read(_look)
    begun: list[tuple[Job, bool]] = []
    waits: Job | None = None
    if held:
        job, new = await sync.delta(app, origin=origin)
        if job.asks:
            waits = job
        else:
            begun.append((job, new))
    lacks = not mirror_mode.is_complete(found)
    if lacks and (started or not held):
        begun.append(await mirror.start(app, origin=origin))
    return Begun(tuple(begun), 0 if started or not held else _missing(found), waits)


def _missing(found: Coverage) -> int:
    return found.missing + found.undetermined


def _look(db: SqliteDatabase) -> tuple[bool, bool]:
    """Whether the library holds any title, and whether a mirror was ever started in it."""
    held = db.execute_sql("SELECT 1 FROM title LIMIT 1").fetchone() is not None
    mode = mirror_rows.mode(db)
    ever = bool(jobs.select(db, "WHERE kind = ? LIMIT 1", (JobKind.MIRROR.value,)))
    return held, ever or (mode is not None and mode.value == mirror_rows.DELTA)
