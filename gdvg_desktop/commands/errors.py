"""What failed, over all jobs: see it, try it again, or give it up."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands.tables import instant, write_csv
from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.credentials import redact
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.events import ErrorsChanged, JobChanged, JobsReordered
from gdvg_desktop.core.kinds import FailureCategory, JobKind, Origin
from gdvg_desktop.store import counts, errors, jobs
from gdvg_desktop.store.errors import AttemptRow, CategoryCount, Failure, Key
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.titles import title_id_of
from gdvg_desktop.store.windows import WindowRow
from gdvg_desktop.sync.filters import ImportFilter
from gdvg_desktop.sync.listing import describe, query_of
from gdvg_desktop.tmdb.details import details
from gdvg_desktop.tmdb.discover import STABLE_ORDERS, discover
from gdvg_desktop.tmdb.requests import Request

WEEK_DAYS = 7
CSV_COLUMNS = ("key", "name", "category", "message", "tries", "failed_at", "next_try_at", "jobs")


@dataclass(frozen=True, slots=True)
class ErrorSummary:
    """How many titles and listings are failed, by category, and what came in after all in the last seven days.

    `recovered` came in by an automatic retry, `recovered_asked` because the user asked. `max_attempts` is how often
    one request is tried before it fails.
    """

    total: int
    by_category: dict[FailureCategory, CategoryCount]
    recovered: int
    recovered_asked: int
    max_attempts: int


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request as it was sent, without the key."""

    method: str
    path: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """One failure close up: what was asked, what came back, every failed try, and the jobs it failed in."""

    failure: Failure
    name: str
    request: SentRequest
    attempts: tuple[AttemptRow, ...]
    jobs: tuple[Job, ...]
    window: WindowRow | None


@dataclass(frozen=True, slots=True)
class Retry:
    """What a retry brought back into the queue, and in which jobs. `refused` listings belong to cancelled jobs."""

    count: int
    job_ids: tuple[int, ...]
    refused: int


async def summary(app: App) -> ErrorSummary:
    """Counts of all failures."""
    today = utc_day(app.clock.now())

    def read(db: SqliteDatabase) -> ErrorSummary:
        found = errors.by_category(db)
        week = counts.daily(db, today - timedelta(days=WEEK_DAYS - 1), today).values()
        return ErrorSummary(
            total=sum(one.count for one in found.values()),
            by_category=found,
            recovered=sum(day.get(counts.RECOVERED, 0) for day in week),
            recovered_asked=sum(day.get(counts.RECOVERED_ASKED, 0) for day in week),
            max_attempts=app.settings.max_attempts,
        )

    return await app.store.read(read)


async def count(app: App) -> int:
    """How many titles and listings are failed."""
    return await app.store.read(errors.count)


async def listing(app: App, category: FailureCategory | None = None) -> list[Failure]:
    """Failures, the latest first, each title once; at most `store.errors.LISTED`."""
    return await app.store.read(lambda db: errors.listing(db, category=category))


async def keys(app: App, names: Iterable[str]) -> list[Key]:
    """Read movie/12, tv/12 or listing/7. Raises UsageError naming what is none or has not failed."""

    def read(db: SqliteDatabase) -> list[Key]:
        found = [errors.parse_key(db, name) for name in names]
        for key in found:
            _one(db, key)
        return found

    return await app.store.read(read)


async def show(app: App, key: Key) -> FailureDetail:
    """One failure close up. Raises UsageError when nothing of it has failed."""

    def read(db: SqliteDatabase) -> FailureDetail:
        failure = _one(db, key)
        window = errors.window_of(db, key)
        failed_in = tuple(jobs.get(db, job_id) for job_id in failure.job_ids)
        request = _request(app, key, window, failed_in[0])
        return FailureDetail(
            failure=failure,
            name=failure.name or (describe(window.window) if window else str(key)),
            request=SentRequest("GET", redact(request.path), {name: redact(v) for name, v in request.params.items()}),
            attempts=tuple(errors.attempts(db, key)) if key.tmdb_id is not None else (),
            jobs=failed_in,
            window=window,
        )

    return await app.store.read(read)


async def retry(app: App, wanted: Sequence[Key], *, origin: Origin = Origin.USER) -> Retry:
    """Put these failures back into the queue, whatever is said about when they would be tried by themselves."""
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> Retry:
        done = errors.retry(db, wanted, now_ms)
        job_ids = done.job_ids
        if done.homeless:  # known to cancelled jobs only: a job of their own
            ids = sorted(title_id_of(key.media_type, key.tmdb_id) for key in done.homeless if key.tmdb_id is not None)
            name = f"Retry of {len(ids)} failed title{'s' if len(ids) > 1 else ''}"
            job, _ = jobs.add(db, JobKind.REFRESH, name, {"ids": ids}, now_ms, origin=origin)
            errors.adopt(db, job.id, done.homeless)
            job_ids = (*job_ids, job.id)
        return Retry(done.count, job_ids, done.refused)

    done = await app.store.write(write)
    _changed(app, done.job_ids)
    return done


async def retry_all(app: App, category: FailureCategory | None = None) -> Retry:
    """Put all failures, or those of a category, back into the queue."""
    count, refused, job_ids = 0, 0, set[int]()
    while True:  # a listing has at most so many; what is retried leaves it
        found = [one.key for one in await listing(app, category)]
        done = await retry(app, found) if found else Retry(0, (), 0)
        count, refused, job_ids = count + done.count, done.refused, job_ids | set(done.job_ids)
        if not done.count:
            return Retry(count, tuple(sorted(job_ids)), refused)


async def skip(app: App, unwanted: Sequence[Key]) -> int:
    """Give failures up for good; returns how many."""
    now_ms = to_millis(app.clock.now())

    def write(db: SqliteDatabase) -> tuple[int, set[int]]:
        touched = {job_id for key in unwanted for one in errors.listing(db, key=key) for job_id in one.job_ids}
        return errors.skip(db, unwanted, now_ms), touched

    skipped, touched = await app.store.write(write)
    _changed(app, touched)
    return skipped


async def skip_all(app: App, category: FailureCategory | None = None) -> int:
    """Give up all failures, or those of a category."""
    skipped = 0
    while found := await listing(app, category):
        done = await skip(app, [one.key for one in found])
        skipped += done
        if not done:
            break
    return skipped


def _one(db: SqliteDatabase, key: Key) -> Failure:
    found = errors.listing(db, key=key)
    if not found:
        raise UsageError(f"{key} has not failed.", "What has failed is listed by: gdvg errors list.")
    return found[0]


def _request(app: App, key: Key, window: WindowRow | None, job: Job) -> Request:
    """What was asked; of a listing the page after the last one that is kept."""
    if key.tmdb_id is not None:
        return details(key.media_type, key.tmdb_id, app.settings.languages)
    if window is None or job.kind is not JobKind.IMPORT:
        return Request(f"/discover/{key.media_type.value}", {}, "discover")
    orders = STABLE_ORDERS[key.media_type]
    query = query_of(ImportFilter.from_config(job.config), window.window, orders[window.passes % len(orders)])
    return discover(query, window.last_page + 1)


def _changed(app: App, job_ids: Iterable[int]) -> None:
    app.bus.publish(ErrorsChanged())
    app.bus.publish(JobsReordered())
    for job_id in job_ids:
        app.bus.publish(JobChanged(job_id))
    if app.engine is not None:
        app.engine.wake()


async def export(app: App, path: Path, category: FailureCategory | None = None) -> int:
    """Write failures as CSV (UTF-8, instants in UTC); returns how many. Raises UsageError and DiskFull."""
    found = await listing(app, category)
    rows = [
        (
            str(one.key),
            one.name or "",
            one.category.value,
            one.message,
            one.tries,
            instant(one.failed_at),
            instant(one.next_try_at),
            " ".join(str(job_id) for job_id in one.job_ids),
        )
        for one in found
    ]
    await asyncio.to_thread(write_csv, path, CSV_COLUMNS, rows)
    return len(rows)
