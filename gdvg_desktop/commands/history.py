"""The runs of the past, and planned ones that were missed: found, looked into, compared, and written out."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands import missed_runs
from gdvg_desktop.commands.missed_runs import MissedRun
from gdvg_desktop.commands.tables import instant, write_csv
from gdvg_desktop.core.events import JobChanged, JobsReordered
from gdvg_desktop.store import jobs, runs
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.runs import IncidentRow, PhaseRow, Result, RunFilter

CSV_COLUMNS = (
    "run", "kind", "name", "result", "started_by", "started_at", "ended_at", "seconds", "requests", "imported",
    "updated", "unchanged", "skipped", "gone", "errors", "recovered", "still_open", "planned_at", "missed", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """One line of the history; `worked_s` are the seconds of work, without pauses."""

    job: Job
    result: Result
    worked_s: float

    @property
    def key(self) -> int:
        """Tells it from other lines of the history."""
        return self.job.id

    @property
    def name(self) -> str:
        """What the run was called."""
        return self.job.name

    @property
    def at(self) -> int:
        """When it was started, in unix milliseconds."""
        return self.job.started_at or 0


Line = Run | MissedRun


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a run. `errors` are titles and listings that failed, of which `recovered` came in after all.

    `worked_s` are the seconds of work, without pauses; `rate` the requests in one of them, None before there is any.
    """

    requests: int
    imported: int
    updated: int
    unchanged: int
    skipped: int
    gone: int
    errors: int
    recovered: int
    still_open: int
    worked_s: float
    rate: float | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run with its phases and incidents, and the run to compare it with. Totals of `before` are in `before_totals`.

    `now_ms` is when it was read: where a phase that is on has come to.
    """

    job: Job
    result: Result
    totals: Totals
    phases: tuple[PhaseRow, ...]
    incidents: tuple[IncidentRow, ...]
    before: Job | None
    before_totals: Totals | None
    now_ms: int


async def listing(app: App, wanted: RunFilter | None = None, limit: int = 5000) -> list[Job]:
    """Runs, the latest started first."""
    return await app.store.read(lambda db: runs.listing(db, wanted or RunFilter(), limit=limit))


async def rows(app: App, wanted: RunFilter | None = None, limit: int = 5000) -> list[Run]:
    """Runs with their time of work, the latest started first."""
    now_ms = round(app.clock.now() * 1000)

    def read(db: SqliteDatabase) -> list[Run]:
        found, worked = runs.listing(db, wanted or RunFilter(), limit=limit), runs.worked(db, now_ms)
        return [Run(job, runs.result(job), _seconds(job, worked.get(job.id), now_ms)) for job in found]

    return await app.store.read(read)


async def lines(app: App, wanted: RunFilter | None = None, limit: int = 5000) -> list[Line]:
    """Runs with their time of work and planned runs that were missed, the latest started or planned first."""
    found = await rows(app, wanted, limit)
    missed = await app.store.read(lambda db: missed_runs.listing(db, wanted or RunFilter()))
    both: list[Line] = [*found, *missed]
    return sorted(both, key=lambda one: one.at, reverse=True)[:limit]


async def run_again(app: App, job_id: int) -> tuple[Job, bool]:
    """Queue what a run did once more; the unfinished job of the same and False when there is one."""
    now_ms = round(app.clock.now() * 1000)

    def write(db: SqliteDatabase) -> tuple[Job, bool]:
        job = jobs.get(db, job_id)
        return jobs.add(db, job.kind, job.name, job.config, now_ms)

    job, new = await app.store.write(write)
    app.bus.publish(JobsReordered())
    app.bus.publish(JobChanged(job.id))
    if app.engine is not None:
        app.engine.wake()
    return job, new


async def count(app: App, wanted: RunFilter | None = None) -> int:
    """How many runs there are."""
    return await app.store.read(lambda db: runs.count(db, wanted or RunFilter()))


async def show(app: App, job_id: int) -> RunDetail:
    """One run. Raises UsageError when there is none."""
    now_ms = round(app.clock.now() * 1000)

    def read(db: SqliteDatabase) -> RunDetail:
        job = jobs.get(db, job_id)
        phases = runs.phases(db, job_id)
        before = runs.previous(db, job)
        return RunDetail(
            job=job,
            result=runs.result(job),
            totals=totals(job, phases, now_ms),
            phases=tuple(phases),
            incidents=tuple(runs.incidents(db, job_id)),
            before=before,
            before_totals=totals(before, runs.phases(db, before.id), now_ms) if before else None,
            now_ms=now_ms,
        )

    return await app.store.read(read)


def totals(job: Job, phases: list[PhaseRow], now_ms: int) -> Totals:
    """The figures of a run; `now_ms` is where a phase that is on has come to."""
    spans = [max(0, (one.ended_at or now_ms) - one.started_at) for one in phases]
    worked = _seconds(job, sum(spans) if spans else None, now_ms)
    return Totals(
        requests=job.requests,
        imported=job.added,
        updated=job.updated,
        unchanged=job.unchanged,
        skipped=job.skipped,
        gone=job.gone,
        errors=job.failed + job.recovered,
        recovered=job.recovered,
        still_open=job.failed,
        worked_s=worked,
        rate=job.requests / worked if worked > 0 else None,
    )


def _seconds(job: Job, worked_ms: int | None, now_ms: int) -> float:
    """Seconds of work; of a run whose phases were not kept, from its start to its end."""
    if worked_ms is None:
        worked_ms = max(0, (job.completed_at or now_ms) - job.started_at) if job.started_at is not None else 0
    return worked_ms / 1000


async def export(app: App, path: Path, wanted: RunFilter | None = None) -> int:
    """Write runs and missed ones as CSV (UTF-8, instants in UTC); returns how many lines.

    Raises UsageError where no file can be written, and DiskFull.
    """
    found = await lines(app, wanted, limit=1_000_000)
    await asyncio.to_thread(write_csv, path, CSV_COLUMNS, [_csv_row(one) for one in found])
    return len(found)


def _csv_row(line: Line) -> list[object]:
    if isinstance(line, MissedRun):
        kind = line.kind.value if line.kind is not None else line.row.task
        head = ["", kind, line.name, line.result.value, line.origin.value]
        return [*head, *[""] * (len(CSV_COLUMNS) - 8), instant(line.at), line.row.count, line.words]
    job, end = line.job, line.job.completed_at
    return [
        job.id,
        job.kind.value,
        job.name,
        runs.result(job).value,
        job.origin.value,
        instant(job.started_at),
        instant(end),
        round((end - job.started_at) / 1000) if end is not None and job.started_at is not None else "",
        job.requests,
        job.added,
        job.updated,
        job.unchanged,
        job.skipped,
        job.gone,
        job.failed + job.recovered,
        job.recovered,
        job.failed,
        "",
        "",
        "",
    ]
