"""The state of the mirror at a glance, for the overview screen and `gdvg status`."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.core.clock import utc_day
from gdvg_desktop.core.kinds import JobState
from gdvg_desktop.core.paths import Paths
from gdvg_desktop.store import counts, exports, jobs, titles
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.tmdb.client import ConnectionStatus


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of what the mirror is to hold that it holds, proved id by id against the export of `as_of`.

    `known` is held, missing and `undetermined` together. `refused` says why a newer export was not taken over.
    """

    held: int
    known: int
    as_of: date
    undetermined: int = 0
    refused: str | None = None

    @property
    def missing(self) -> int:
        """Titles of the scope the library lacks."""
        return self.known - self.held - self.undetermined


@dataclass(frozen=True, slots=True)
class Day:
    """What one UTC day brought. `state` is running, completed, errors or none (no work that day)."""

    day: date
    added_movies: int
    added_tv: int
    updated: int
    skipped: int
    failed: int
    requests: int
    state: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All figures of the overview. `coverage` is None until an export has been read; days are oldest first."""

    movies: int
    tv: int
    coverage: Coverage | None
    running: tuple[Job, ...]
    waiting: int
    paused: int
    titles_left: int
    last_finished: Job | None
    requests_today: int
    days: tuple[Day, ...]
    errors: dict[str, int]
    database_bytes: int
    library: Path
    connection: ConnectionStatus

    @property
    def titles(self) -> int:
        """Titles in the library."""
        return self.movies + self.tv


async def status(app: App, days: int = 14, *, exact: bool = True) -> Overview:
    """Read everything the overview shows; with `exact` off, coverage may be that of a moment ago while work runs."""
    today = utc_day(app.clock.now())
    first = today - timedelta(days=days - 1)

    def read(db: SqliteDatabase) -> Overview:
        held = titles.count(db)
        queue = jobs.queue(db)
        daily = counts.daily(db, first, today)
        running = tuple(job for job in queue if job.state is JobState.RUNNING)
        finished = jobs.finished(db, 0, 1)
        return Overview(
            movies=held["movie"],
            tv=held["tv"],
            coverage=_coverage(app, db, exact or not running),
            running=running,
            waiting=sum(job.state in (JobState.PENDING, JobState.INTERRUPTED) for job in queue),
            paused=sum(job.state is JobState.PAUSED for job in queue),
            titles_left=sum(job.left for job in queue),
            last_finished=finished[0] if finished else None,
            requests_today=daily.get(today, {}).get(counts.REQUESTS, 0),
            days=tuple(
                _day(first + timedelta(days=n), daily.get(first + timedelta(days=n), {}), today, bool(running))
                for n in range(days)
            ),
            errors=_errors(daily),
            database_bytes=_size(app.paths),
            library=app.paths.library,
            connection=app.client.status(),
        )

    return await app.store.read(read)


def _size(paths: Paths) -> int:
    """Bytes of the library and of what SQLite keeps beside it."""
    files = (paths.library, paths.library.with_name(paths.library.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _coverage(app: App, db: SqliteDatabase, exact: bool) -> Coverage | None:
    found = app.coverage.figures(db, app.store.data_version(), app.clock.monotonic(), exact=exact)
    if found.export_date is None:
        return None
    refused = exports.refusals(db)
    return Coverage(
        held=found.held,
        known=found.held + found.missing + found.undetermined,
        as_of=found.export_date,
        undetermined=found.undetermined,
        refused=refused[0].reason if refused else None,
    )


def _day(day: date, found: dict[str, int], today: date, running: bool) -> Day:
    failed = found.get(counts.FAILED, 0)
    if day == today and running:
        state = "running"
    elif not any(found.values()):
        state = "none"
    else:
        state = "errors" if failed else "completed"
    return Day(
        day=day,
        added_movies=found.get(counts.ADDED_MOVIE, 0),
        added_tv=found.get(counts.ADDED_TV, 0),
        updated=found.get(counts.UPDATED, 0),
        skipped=found.get(counts.SKIPPED, 0),
        failed=failed,
        requests=found.get(counts.REQUESTS, 0),
        state=state,
    )


def _errors(daily: dict[date, dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for found in daily.values():
        for metric, value in found.items():
            if metric.startswith("error_"):
                name = metric.removeprefix("error_")
                total[name] = total.get(name, 0) + value
    return total
