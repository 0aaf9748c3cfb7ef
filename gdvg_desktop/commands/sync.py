"""Follow TMDb's change lists, refresh by age, and see how far both are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.app import App
from gdvg_desktop.commands.queueing import queue
from gdvg_desktop.core.clock import to_millis, utc_day
from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import JobKind, MediaType, Origin
from gdvg_desktop.store import ageing, change_days, jobs, tombstones
from gdvg_desktop.store.jobs import Job
from gdvg_desktop.sync import deletions
from gdvg_desktop.sync.mirror import DELTA_NAME


@dataclass(frozen=True, slots=True)
class TypeSync:
    """How far a type follows the change lists.

    `watermark` is the last UTC day everything up to which is done, None before the first run; `open_days` are read
    again; `read_at` (unix milliseconds) is when a list was last read, None when never. `oldest_checked_at` is the
    title TMDb has not confirmed for longest.
    """

    watermark: date | None
    open_days: tuple[date, ...]
    read_at: int | None
    oldest_checked_at: int | None


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How fresh the library is.

    `last_run` is the latest delta job that ended, `current` one that has not; `waits_for_deletions` when it waits for a
    user to decide. `due` titles were last checked longer ago than the setting allows, `overdue` over 180 days ago.
    """

    today: date
    movie: TypeSync
    tv: TypeSync
    current: Job | None
    last_run: Job | None
    tombstones: int
    due: int
    overdue: int

    @property
    def waits_for_deletions(self) -> bool:
        """Whether the delta job waits for a decision about deletions."""
        return self.current is not None and self.current.asks


async def delta(app: App, *, confirm_deletions: bool = False, origin: Origin = Origin.USER) -> tuple[Job, bool]:
    """Queue the delta job. Returns it and whether it is new: there is one at a time, and one that was paused goes on.

    A job that waits for a decision about deletions goes on only with `confirm_deletions`, which says yes to however
    many titles TMDb has deleted.
    """
    now_ms = to_millis(app.clock.now())

    def goes_on(db: SqliteDatabase, job: Job) -> bool:
        if confirm_deletions:
            deletions.confirm(db, job.id, now_ms)
        return confirm_deletions or not job.asks

    return await queue(app, JobKind.DELTA, DELTA_NAME, {}, origin, goes_on=goes_on)


async def refresh(
    app: App,
    *,
    older_than_days: int | None = None,
    title_ids: Sequence[int] | None = None,
    origin: Origin = Origin.USER,
) -> tuple[Job, bool]:
    """Queue a refresh of titles not checked for some days (by default the setting's), or of these `title.id`.

    Returns the job and whether it is new. Raises UsageError for a number of days that cannot be.
    """
    days = app.settings.refresh_after_days if older_than_days is None else older_than_days
    if days < 0:
        raise UsageError(f"{days} days is not possible.", "Give 0 for everything, or a number of days.")
    name = f"Refresh what was not checked for {days} days" if days else "Refresh everything"
    config: dict[str, Any] = {"older_than_days": days}
    if title_ids is not None:
        name, config = f"Refresh {len(title_ids):,} titles", {"ids": sorted(set(title_ids))}
    return await queue(app, JobKind.REFRESH, name, config, origin)


async def status(app: App) -> SyncStatus:
    """How far the change lists are followed, and how old the oldest data are."""
    now = app.clock.now()
    due_ms = to_millis(now) - app.settings.refresh_after_days * ageing.DAY_MS
    overdue_ms = to_millis(now) - ageing.KEEP_DAYS * ageing.DAY_MS

    def read(db: SqliteDatabase) -> SyncStatus:
        current, last = latest(db)
        return SyncStatus(
            today=utc_day(now),
            movie=_of_type(db, MediaType.MOVIE),
            tv=_of_type(db, MediaType.TV),
            current=current,
            last_run=last,
            tombstones=tombstones.count(db),
            due=ageing.count_unchecked_since(db, due_ms),
            overdue=ageing.count_unchecked_since(db, overdue_ms),
        )

    return await app.store.read(read)


def latest(db: SqliteDatabase) -> tuple[Job | None, Job | None]:
    """The delta job that is not finished and the latest that is."""
    unfinished = jobs.select(
        db, "WHERE kind = ? AND state NOT IN ('completed', 'failed', 'cancelled') ORDER BY id DESC LIMIT 1", ("delta",)
    )
    ended = jobs.select(
        db, "WHERE kind = ? AND state IN ('completed', 'failed', 'cancelled') ORDER BY id DESC LIMIT 1", ("delta",)
    )
    return unfinished[0] if unfinished else None, ended[0] if ended else None


def _of_type(db: SqliteDatabase, media_type: MediaType) -> TypeSync:
    return TypeSync(
        change_days.watermark(db, media_type),
        tuple(change_days.open_days(db, media_type)),
        change_days.last_read_at(db, media_type),
        ageing.oldest_checked(db, media_type),
    )
