"""What the alert rules look at, gathered from an open app. Cheap at any size: nothing here counts the titles."""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import date, timedelta

from peewee import SqliteDatabase

from gdvg_desktop.alerts.facts import Facts, Failing, JobFact, Missed, Refused
from gdvg_desktop.app import App
from gdvg_desktop.core.clock import from_millis, to_millis
from gdvg_desktop.core.kinds import GapKind, GapStatus, JobKind, JobState, MediaType, Wanted
from gdvg_desktop.core.settings import Settings
from gdvg_desktop.gaps.months import ANALYSIS_FACT
from gdvg_desktop.schedule.tasks import default_of
from gdvg_desktop.store import ageing, alerts, counts, damage, errors, exports, jobs, mirror, schedule, work_hours
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.store.work_hours import HOUR_MS
from gdvg_desktop.sync.mirror import BUDGET
from gdvg_desktop.sync.space import MB

DAY_MS = 24 * HOUR_MS
OLD_EXPORT_DAYS = 3  # an export that could not be had is an alert once the trusted one is this old
UNTRUSTED = ("empty", "cut_off", "damaged", "fell")
NO_MISS = ("paused", "running", "job_paused", "not_set_up")
"""Reasons of missed runs nobody needs to be told of: somebody wanted it so, or the work is under way."""


@dataclass(frozen=True, slots=True)
class _Outside:
    """What is not in the library file."""

    free_mb: int
    key_refused: bool | None
    key_message: str


async def gather(app: App) -> Facts:
    """The facts of this moment."""
    free = await asyncio.to_thread(lambda: shutil.disk_usage(app.paths.data_dir).free)
    status = app.client.status()
    refused = {"refused": True, "connected": False, "limited": False}.get(status.state)
    outside = _Outside(free // MB, refused, status.message if refused else "")
    now_ms = to_millis(app.clock.now())
    return await app.store.read(lambda db: _read(db, app, outside, now_ms))


def _read(db: SqliteDatabase, app: App, outside: _Outside, now_ms: int) -> Facts:
    settings, pause, queue = app.settings, schedule.pause_state(db), jobs.queue(db)
    today = from_millis(now_ms).date()
    midnight = now_ms - now_ms % DAY_MS
    wanted = [one for one in queue if one.wanted is Wanted.RUN and not one.asks]
    active = [one for one in wanted if not _waits_for_tomorrow(one, now_ms)]
    mode = mirror.mode(db)
    filling = mode is not None and mode.value == mirror.FILLING
    open_failures = errors.count(db)
    oldest = ageing.unchecked_since(db, now_ms, (0, 0), 1)  # deleted titles are kept as they were and not among them
    refreshing = any(one.kind is JobKind.REFRESH and one.reason != jobs.STALLED for one in active)
    by_user = bool(queue) and all(one.wanted is not Wanted.RUN for one in queue)
    return Facts(
        now=now_ms,
        paused=pause.paused or by_user,
        working=bool(active) or (filling and not queue),
        finished=not queue and not filling and not open_failures,
        idle_ms=work_hours.idle_ms(db),
        queued=len(queue),
        last_day=work_hours.between(db, now_ms - DAY_MS, now_ms + 1),
        open_failures=open_failures,
        today=work_hours.between(db, midnight, now_ms + 1),
        week=work_hours.between(db, midnight - 7 * DAY_MS, midnight),
        key_refused=outside.key_refused,
        key_message=outside.key_message,
        free_mb=outside.free_mb,
        disk=str(app.paths.data_dir),
        refused=tuple(_refused(db, today)),
        popular_missing=_popular(db),
        popular_threshold=settings.popular_threshold,
        filling=any(one.kind is JobKind.FILL for one in active),
        missed=tuple(_missed(db)),
        oldest_days=(now_ms - oldest[0][0]) / DAY_MS if oldest else None,
        refreshing=refreshing,
        paused_at=pause.at if pause.paused else None,
        paused_by=pause.by,
        reminded=pause.paused and pause.reminded_at is not None,
        deletions=tuple(JobFact(one.id, one.name, one.updated_at, _deletions(one)) for one in queue if one.asks),
        damage=damage.known(db),
        stalled=tuple(
            JobFact(one.id, one.name, one.progress_at or one.updated_at)
            for one in queue
            if one.state is JobState.RUNNING and one.reason == jobs.STALLED
        ),
        failing=tuple(
            Failing(one.id, one.name, one.problem or "", one.failed_at)
            for one in alerts.targets(db)
            if one.enabled and one.failed_at is not None
        ),
        defaults=defaults(settings),
    )


def defaults(settings: Settings) -> dict[str, float]:
    """Thresholds the settings give, by rule."""
    return {"error_rate": settings.error_rate_threshold, "low_disk": 2.0 * settings.min_free_mb}


def _waits_for_tomorrow(job: Job, now_ms: int) -> bool:
    return job.state is JobState.INTERRUPTED and job.reason == BUDGET and job.reason_args.get("until", 0) > now_ms


def _deletions(job: Job) -> int:
    """How many titles a job waits about."""
    return sum(job.reason_args.get(one.value, 0) for one in MediaType)


def _refused(db: SqliteDatabase, today: date) -> list[Refused]:
    """The last refusal of each type that means something: content not to be trusted, or none to be had for days."""
    found: dict[str, Refused] = {}
    for one in exports.refusals(db):
        trusted = exports.figures(db, one.media_type, adult=one.adult)
        old = trusted is not None and today - trusted.date > timedelta(days=OLD_EXPORT_DAYS)
        if one.code in UNTRUSTED or old:
            day = trusted.date.isoformat() if trusted is not None else None
            found.setdefault(one.media_type.value, Refused(one.media_type.value, one.reason, day))
    return list(found.values())


def _popular(db: SqliteDatabase) -> int | None:
    """How many popular titles are missing; None before the first analysis."""
    if counts.fact(db, ANALYSIS_FACT) is None:
        return None
    row = db.execute_sql(
        "SELECT count(*) FROM gap INDEXED BY gap_kind WHERE kind = ? AND status = ?",
        (GapKind.POPULARITY.value, GapStatus.OPEN.value),
    ).fetchone()
    return int(row[0])


def _missed(db: SqliteDatabase) -> list[Missed]:
    """What each task missed since the last run of it that ended well: until its catch-up has, it still lacks that."""
    marks = ", ".join("?" * len(NO_MISS))
    rows = db.execute_sql(
        "SELECT task, count(*), max(planned_at), max(id) FROM task_run AS missed WHERE status = 'missed' "
        f"AND reason NOT IN ({marks}) AND id > coalesce((SELECT max(id) FROM task_run AS ran WHERE "
        "ran.task = missed.task AND ran.status = 'done'), 0) "
        "AND EXISTS (SELECT 1 FROM task WHERE task.name = missed.task AND task.enabled = 1) GROUP BY task",
        NO_MISS,
    ).fetchall()
    found = []
    for task, count, planned_at, last in rows:
        reason = db.execute_sql("SELECT reason FROM task_run WHERE id = ?", (last,)).fetchone()[0]
        default = default_of(task)
        found.append(Missed(task, default.title if default is not None else task, count, planned_at, reason))
    return found
