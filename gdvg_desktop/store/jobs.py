"""The queue: jobs and their items, as rows.

Whoever wants work done adds a row or changes what is wanted of one; the engine alone takes rows and changes states.
All functions take an open database and run inside the caller's transaction. Counts obey, for every job,
`total = left + added + updated + unchanged + skipped + failed + gone`.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import SqliteDatabase

from gdvg_desktop.core.errors import UsageError
from gdvg_desktop.core.kinds import FailureCategory, JobKind, JobState, MediaType, Origin, Wanted
from gdvg_desktop.store import skips, titles, windows
from gdvg_desktop.store.catalogue import ids_of

UNFINISHED = (JobState.PENDING, JobState.RUNNING, JobState.PAUSED, JobState.INTERRUPTED)
STALLED, RESTART = "stalled", "restart"
"""Reasons of running jobs: no progress for long, and that a restart is asked for."""
SCHEDULE_PAUSED = "schedule_paused"
"""Reason of jobs of the schedule that stand still, or are to, because the schedule is paused: see `hold_scheduled`."""
DELETIONS = "deletions"
"""Reason of paused jobs that wait for their user to decide about deletions; see `sync.deletions`."""
_UNFINISHED_SQL = "('pending', 'running', 'paused', 'interrupted')"
_PAUSE_SQL = "EXISTS (SELECT 1 FROM fact WHERE name = 'schedule_pause' AND json_extract(value, '$.paused'))"


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the queue. Instants are unix milliseconds.

    `recovered` counts failed titles that a retry brought in. `summary` is what a finished job has to tell beside its
    counts, by kind. `progress_at` is when work was last done; a running job without progress for long is stalled.
    One that was `cleared` is listed in the history only.
    """

    id: int
    kind: JobKind
    name: str
    config: dict[str, Any]
    state: JobState
    wanted: Wanted
    phase: str
    position: float
    total: int
    added: int
    updated: int
    skipped: int
    failed: int
    gone: int
    requests: int
    reported: int | None
    unlisted: int | None
    reason: str | None
    reason_args: dict[str, Any]
    created_at: int
    started_at: int | None
    updated_at: int
    completed_at: int | None
    unchanged: int = 0
    recovered: int = 0
    origin: Origin = Origin.USER
    progress_at: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    cleared: bool = False

    @property
    def done(self) -> int:
        """Titles that need nothing more."""
        return self.added + self.updated + self.unchanged + self.skipped + self.failed + self.gone

    @property
    def left(self) -> int:
        """Titles still to fetch."""
        return self.total - self.done

    @property
    def asks(self) -> bool:
        """Whether it waits for its user to decide about deletions."""
        return self.state is JobState.PAUSED and self.reason == DELETIONS


@dataclass(frozen=True, slots=True)
class Item:
    """A title a job still wants, leased by the engine."""

    media_type: MediaType
    tmdb_id: int
    rank: int


@dataclass(frozen=True, slots=True)
class FailedItem:
    """A title (or a listing, when `tmdb_id` is None) that failed for good, for the user to see and retry."""

    media_type: MediaType
    tmdb_id: int | None
    category: FailureCategory
    message: str
    attempts: int
    failed_at: int
    next_try_at: int | None


_COLUMNS = (
    "id, kind, name, config, state, wanted, phase, position, total, added, updated, skipped, failed, gone, requests, "
    "reported, unlisted, reason, reason_args, created_at, started_at, updated_at, completed_at, unchanged, recovered, "
    "origin, progress_at, summary, cleared"
)


def _job(row: Sequence[Any]) -> Job:
    values = list(row)
    values[1] = JobKind(values[1])
    values[3] = json.loads(values[3])
    values[4] = JobState(values[4])
    values[5] = Wanted(values[5])
    values[18] = json.loads(values[18]) if values[18] else {}
    values[25] = Origin(values[25])
    values[27] = json.loads(values[27]) if values[27] else {}
    values[28] = bool(values[28])
    return Job(*values)


def add(
    db: SqliteDatabase,
    kind: JobKind,
    name: str,
    config: dict[str, Any],
    now_ms: int,
    *,
    paused: bool = False,
    origin: Origin = Origin.USER,
) -> tuple[Job, bool]:
    """Queue a job at the end. Returns it and True, or the unfinished job of the same kind and config and False.

    One of the schedule that is added while the schedule is paused is held as `hold_scheduled` holds those before it.
    """
    text = json.dumps(config, sort_keys=True, ensure_ascii=False)
    key = hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
    found = db.execute_sql(
        f"SELECT {_COLUMNS} FROM job WHERE key = ? AND state IN {_UNFINISHED_SQL}", (key,)
    ).fetchone()
    if found:
        return _job(found), False
    held = origin is Origin.SCHEDULE and bool(db.execute_sql(f"SELECT {_PAUSE_SQL}").fetchone()[0])
    wanted = Wanted.PAUSE if paused or held else Wanted.RUN
    state = JobState.PAUSED if paused or held else JobState.PENDING
    reason = SCHEDULE_PAUSED if held and not paused else None
    row = db.execute_sql(
        "INSERT INTO job (kind, key, name, config, origin, state, wanted, reason, position, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM job), ?, ?) RETURNING id",
        (kind.value, key, name, text, origin.value, state.value, wanted.value, reason, now_ms, now_ms),
    ).fetchone()
    return get(db, row[0]), True


def get(db: SqliteDatabase, job_id: int) -> Job:
    """One job. Raises UsageError when there is none."""
    row = db.execute_sql(f"SELECT {_COLUMNS} FROM job WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise UsageError(f"There is no job {job_id}.", "Job numbers are listed by: gdvg jobs list.")
    return _job(row)


def select(db: SqliteDatabase, tail: str, values: Sequence[object] = ()) -> list[Job]:
    """Jobs by the rest of a statement of ours: WHERE, ORDER BY, LIMIT."""
    return [_job(row) for row in db.execute_sql(f"SELECT {_COLUMNS} FROM job {tail}", values)]


def listing(db: SqliteDatabase, *, unfinished_only: bool = False, limit: int = 500) -> list[Job]:
    """Jobs, newest first."""
    where = f"WHERE state IN {_UNFINISHED_SQL}" if unfinished_only else "WHERE NOT cleared"
    rows = db.execute_sql(f"SELECT {_COLUMNS} FROM job {where} ORDER BY id DESC LIMIT ?", (limit,))
    return [_job(row) for row in rows]


def queue(db: SqliteDatabase) -> list[Job]:
    """Unfinished jobs in the order they are worked on."""
    rows = db.execute_sql(f"SELECT {_COLUMNS} FROM job WHERE state IN {_UNFINISHED_SQL} ORDER BY position, id")
    return [_job(row) for row in rows]


def finished(db: SqliteDatabase, since_ms: int, limit: int = 200) -> list[Job]:
    """Finished jobs completed at or after `since_ms`, newest first."""
    rows = db.execute_sql(
        f"SELECT {_COLUMNS} FROM job WHERE state IN ('completed', 'failed', 'cancelled') AND completed_at >= ? "
        "AND NOT cleared ORDER BY completed_at DESC, id DESC LIMIT ?",
        (since_ms, limit),
    )
    return [_job(row) for row in rows]


def runnable(db: SqliteDatabase, only: int | None = None) -> list[Job]:
    """Jobs the engine may start, the higher first."""
    rows = db.execute_sql(
        f"SELECT {_COLUMNS} FROM job WHERE state IN ('pending', 'interrupted') AND wanted = 'run' "
        "AND (? IS NULL OR id = ?) ORDER BY position, id",
        (only, only),
    )
    return [_job(row) for row in rows]


def recover(db: SqliteDatabase, now_ms: int) -> None:
    """At the start of an engine: what was running was interrupted; what the engine itself had paused may go on.

    A pause or a cancellation that was wished for after the last engine had died is followed now.
    """
    for (job_id,) in db.execute_sql("SELECT id FROM job WHERE state = 'running'").fetchall():
        settle(db, job_id, JobState.INTERRUPTED, now_ms)
    recover_paused(db, now_ms)


def recover_paused(db: SqliteDatabase, now_ms: int) -> None:
    """Jobs the engine had paused for a reason that is mended go on; those the user paused stay."""
    db.execute_sql(
        "UPDATE job SET state = 'pending', reason = NULL, reason_args = NULL, updated_at = ? "
        "WHERE state = 'paused' AND wanted = 'run'",
        (now_ms,),
    )


def set_wanted(db: SqliteDatabase, job_id: int, wanted: Wanted, now_ms: int) -> Job:
    """Say what is wanted of an unfinished job. A job no engine is running takes its new state at once."""
    job = get(db, job_id)
    if job.state.finished:
        raise UsageError(
            f"Job {job_id} is {job.state.value}.",
            "Only an unfinished job can be paused, resumed or cancelled; start the import again instead.",
        )
    db.execute_sql(
        "UPDATE job SET wanted = ?, reason = iif(reason = ?, NULL, reason), updated_at = ? WHERE id = ?",
        (wanted.value, SCHEDULE_PAUSED, now_ms, job_id),
    )
    if job.state is not JobState.RUNNING:
        settle(db, job_id, JobState.PENDING, now_ms)
    return get(db, job_id)


def hold_scheduled(db: SqliteDatabase, now_ms: int) -> None:
    """Let the jobs of the schedule finish their titles on the wire and stand still. Those already paused are left."""
    where = f"origin = 'schedule' AND wanted = 'run' AND state IN {_UNFINISHED_SQL}"
    for job_id, state in db.execute_sql(f"SELECT id, state FROM job WHERE {where}").fetchall():
        db.execute_sql(
            "UPDATE job SET wanted = 'pause', reason = ?, updated_at = ? WHERE id = ?",
            (SCHEDULE_PAUSED, now_ms, job_id),
        )
        if state != JobState.RUNNING:
            settle(db, job_id, JobState.PENDING, now_ms)


def release_scheduled(db: SqliteDatabase, now_ms: int) -> None:
    """What `hold_scheduled` held goes on; what its user paused meanwhile does not."""
    held = f"SELECT id FROM job WHERE reason = ? AND wanted = 'pause' AND state IN {_UNFINISHED_SQL}"
    for (job_id,) in db.execute_sql(held, (SCHEDULE_PAUSED,)).fetchall():
        set_wanted(db, job_id, Wanted.RUN, now_ms)


def settle(
    db: SqliteDatabase,
    job_id: int,
    state: JobState,
    now_ms: int,
    *,
    reason: str | None = None,
    args: dict[str, Any] | None = None,
) -> None:
    """Give a job no engine is running the state its user wants: paused, cancelled, or `state` when it is to run.

    One that asks its user goes on asking when it is paused: a pause is no answer.
    """
    job = get(db, job_id)
    wanted = job.wanted
    if wanted is Wanted.CANCEL:
        cancel(db, job_id, now_ms)
    elif wanted is Wanted.PAUSE:
        if not job.asks:
            by = SCHEDULE_PAUSED if job.reason == SCHEDULE_PAUSED else "user"
            set_state(db, job_id, JobState.PAUSED, now_ms, reason=by)
    else:
        set_state(db, job_id, state, now_ms, reason=reason, args=args)


def take(db: SqliteDatabase, job_id: int, now_ms: int) -> bool:
    """Mark a job as running; False when it may no longer be started, because its user changed their mind."""
    if not runnable(db, job_id):
        return False
    set_state(db, job_id, JobState.RUNNING, now_ms)
    return True


def set_state(
    db: SqliteDatabase,
    job_id: int,
    state: JobState,
    now_ms: int,
    *,
    reason: str | None = None,
    args: dict[str, Any] | None = None,
) -> None:
    """Record a state and why. The first start sets `started_at`, a final state `completed_at`."""
    db.execute_sql(
        "UPDATE job SET state = ?, reason = ?, reason_args = ?, updated_at = ?, "
        "progress_at = CASE WHEN ? = 'running' THEN ? ELSE progress_at END, "
        "cleared = CASE WHEN ? THEN cleared ELSE 0 END, "
        "started_at = CASE WHEN ? = 'running' THEN coalesce(started_at, ?) ELSE started_at END, "
        "completed_at = CASE WHEN ? THEN ? ELSE NULL END WHERE id = ?",
        (
            state.value,
            reason,
            json.dumps(args, ensure_ascii=False) if args else None,
            now_ms,
            state.value,
            now_ms,
            state.finished,
            state.value,
            now_ms,
            state.finished,
            now_ms,
            job_id,
        ),
    )


def mark_stalled(db: SqliteDatabase, job_id: int, now_ms: int, *, stalled: bool) -> None:
    """Say on a running job's row that it gets nowhere, or that it does again; a restart asked for stays asked for."""
    db.execute_sql(
        "UPDATE job SET reason = ?, reason_args = CASE WHEN ? THEN json_object('since', progress_at) END, "
        "updated_at = ? WHERE id = ? AND state = 'running' AND reason IS ?",
        (STALLED if stalled else None, stalled, now_ms, job_id, None if stalled else STALLED),
    )


def ask_restart(db: SqliteDatabase, job_id: int, now_ms: int) -> Job:
    """Wish a running job to be stopped and started again where it stands; one that waits is let go on.

    Raises UsageError for a finished one.
    """
    job = get(db, job_id)
    if job.state is not JobState.RUNNING:
        return set_wanted(db, job_id, Wanted.RUN, now_ms)
    db.execute_sql("UPDATE job SET reason = ?, updated_at = ? WHERE id = ?", (RESTART, now_ms, job_id))
    return get(db, job_id)


def cancel(db: SqliteDatabase, job_id: int, now_ms: int) -> None:
    """Give up what is left: pending items go, the total becomes what was done, and the reason keeps what was left."""
    left = get(db, job_id).left
    db.execute_sql("DELETE FROM job_item WHERE job_id = ? AND state <> 'failed'", (job_id,))
    db.execute_sql(
        "UPDATE job SET total = added + updated + unchanged + skipped + failed + gone WHERE id = ?",
        (job_id,),
    )
    set_state(db, job_id, JobState.CANCELLED, now_ms, reason="cancelled", args={"left": left})


def clear_finished(db: SqliteDatabase, ids: Iterable[int]) -> None:
    """Take finished jobs out of the list; the history keeps them. One that is retried is listed again."""
    for job_id in ids:
        db.execute_sql(
            "UPDATE job SET cleared = 1 WHERE id = ? AND state IN ('completed', 'failed', 'cancelled')", (job_id,)
        )


def remove_finished(db: SqliteDatabase, ids: Iterable[int]) -> None:
    """Forget finished jobs with all that belongs to them."""
    for job_id in ids:
        db.execute_sql("DELETE FROM job WHERE id = ? AND state IN ('completed', 'failed', 'cancelled')", (job_id,))


def move(db: SqliteDatabase, job_id: int, where: str, now_ms: int) -> None:
    """Change the order: `where` is up, down or top. At the edge nothing changes."""
    order = queue(db)
    index = next((i for i, job in enumerate(order) if job.id == job_id), None)
    if index is None:
        job = get(db, job_id)
        raise UsageError(f"Job {job_id} is {job.state.value} and no longer in the queue.")
    if where == "top":
        move_to(db, job_id, 0, now_ms)
    elif where in ("up", "down"):
        move_to(db, job_id, max(0, min(len(order) - 1, index + (-1 if where == "up" else 1))), now_ms)
    else:
        raise UsageError(f"{where} is not a way to move a job.", "Use up, down or top.")


def move_to(db: SqliteDatabase, job_id: int, index: int, now_ms: int) -> None:
    """Put a job at a place of the queue, counted from 0."""
    order = [job.id for job in queue(db) if job.id != job_id]
    order.insert(max(0, index), job_id)
    for position, one in enumerate(order):
        db.execute_sql("UPDATE job SET position = ? WHERE id = ?", (position, one))
    db.execute_sql("UPDATE job SET updated_at = ? WHERE id = ?", (now_ms, job_id))


def rename(db: SqliteDatabase, job_id: int, name: str, now_ms: int) -> None:
    """Give a job another name."""
    db.execute_sql("UPDATE job SET name = ?, updated_at = ? WHERE id = ?", (name, now_ms, job_id))


def set_phase(db: SqliteDatabase, job_id: int, phase: str) -> None:
    """Record how far the work is: plan, list, order, fetch, close, done."""
    db.execute_sql("UPDATE job SET phase = ? WHERE id = ?", (phase, job_id))


def bump(db: SqliteDatabase, job_id: int, now_ms: int, **counts: int) -> None:
    """Add to counters: total, added, updated, unchanged, skipped, failed, gone, recovered, requests."""
    changes = {name: value for name, value in counts.items() if value}
    if not changes:
        return
    sets = ", ".join(f"{name} = {name} + ?" for name in changes)
    db.execute_sql(
        f"UPDATE job SET {sets}, updated_at = ?, progress_at = ? WHERE id = ?",
        (*changes.values(), now_ms, now_ms, job_id),
    )


def set_summary(db: SqliteDatabase, job_id: int, summary: dict[str, Any]) -> None:
    """Keep what a job has to tell beside its counts; plain JSON values, by kind of job."""
    text = json.dumps(summary, ensure_ascii=False, sort_keys=True)
    db.execute_sql("UPDATE job SET summary = ? WHERE id = ?", (text, job_id))


# ---------------------------------------------------------------------------------------------- items


def add_listed(
    db: SqliteDatabase,
    job_id: int,
    window_id: int | None,
    rows: Iterable[tuple[MediaType, int, float | None, str | None]],
) -> int:
    """Keep listed titles `(media type, id, popularity, date)`; a known one is left alone. Returns how many are new."""
    values = [(job_id, kind.value, tmdb_id, popularity, date, window_id) for kind, tmdb_id, popularity, date in rows]
    cursor = db.connection().executemany(
        "INSERT OR IGNORE INTO job_item (job_id, media_type, tmdb_id, state, popularity, date, window_id) "
        "VALUES (?, ?, ?, 'listed', ?, ?, ?)",
        values,
    )
    return max(0, int(cursor.rowcount))


def count_items(db: SqliteDatabase, job_id: int, state: str) -> int:
    """How many items of a job are in a state."""
    row = db.execute_sql("SELECT count(*) FROM job_item WHERE job_id = ? AND state = ?", (job_id, state)).fetchone()
    return int(row[0])


def window_ids(db: SqliteDatabase, window_id: int, job_id: int) -> set[int]:
    """Ids a window has listed so far."""
    rows = db.execute_sql("SELECT tmdb_id FROM job_item WHERE job_id = ? AND window_id = ?", (job_id, window_id))
    return {row[0] for row in rows}


# The order of STYLE "priority orders, never excludes": with w = (priority - 50) / 50 a title's score is
# w x popularity percentile + (1 - |w|) x recency percentile. Undated titles are the least recent; where no title has
# a date (export ids) the id stands in, as TMDb hands ids out in the order of entry.
_ORDER = """
    WITH ranked AS (
        SELECT media_type, tmdb_id, popularity,
               percent_rank() OVER (ORDER BY coalesce(popularity, 0)) AS popular,
               percent_rank() OVER (ORDER BY coalesce(date, ''), CASE WHEN :dated THEN 0 ELSE tmdb_id END) AS recent
        FROM job_item WHERE job_id = :job AND state = 'listed'
    ), placed AS (
        SELECT media_type, tmdb_id,
               row_number() OVER (
                   ORDER BY :w * popular + (1 - abs(:w)) * recent DESC, popularity DESC, media_type, tmdb_id
               ) AS place
        FROM ranked
    )
    UPDATE job_item SET state = 'pending', rank = placed.place
    FROM placed
    WHERE job_item.job_id = :job AND job_item.media_type = placed.media_type AND job_item.tmdb_id = placed.tmdb_id
"""


# What the library holds of a listing. A title thought to be deleted that TMDb lists again is fetched again.
_HELD_LISTED = (
    "job_id = ? AND state = 'listed' AND media_type = ? AND EXISTS "
    "(SELECT 1 FROM title WHERE title.id = job_item.tmdb_id * 2 + (job_item.media_type = 'tv')) AND NOT EXISTS "
    "(SELECT 1 FROM tombstone WHERE title_id = job_item.tmdb_id * 2 + (job_item.media_type = 'tv'))"
)


def set_aside_existing(db: SqliteDatabase, job_id: int, now_ms: int) -> int:
    """Take titles the library already holds out of a job's listing, and keep which; returns how many."""
    total = 0
    for media_type in MediaType:
        values = (job_id, media_type.value)
        held = ids_of(db, f"SELECT tmdb_id AS id FROM job_item WHERE {_HELD_LISTED}", values)
        if held:
            skips.add_ids(db, job_id, media_type, skips.DUPLICATE, held, now_ms)
            total += db.execute_sql(f"UPDATE job_item SET state = 'done' WHERE {_HELD_LISTED}", values).rowcount
    return total


def settle_listing(db: SqliteDatabase, job_id: int) -> None:
    """Before titles are put in order: note how many TMDb reported and how many of them could not be listed.

    Titles put in order earlier join the listing again, so that a window walked later takes its place among them.
    """
    db.execute_sql("UPDATE job_item SET state = 'listed' WHERE job_id = ? AND state = 'pending'", (job_id,))
    beyond_dates = 0
    split_total = db.execute_sql("SELECT split_total FROM job WHERE id = ?", (job_id,)).fetchone()[0]
    if split_total is not None:
        beyond_dates = max(0, split_total - windows.reported(db, job_id, MediaType.MOVIE))
    db.execute_sql(
        "UPDATE job SET reported = ?, unlisted = ? WHERE id = ?",
        (windows.reported(db, job_id) + beyond_dates, windows.unlisted(db, job_id) + beyond_dates, job_id),
    )


def set_split_total(db: SqliteDatabase, job_id: int, total: int) -> None:
    """Remember what TMDb reported for the undated movie query that date windows replaced.

    No date window reaches a movie without a date, so the difference is what could not be listed.
    """
    db.execute_sql("UPDATE job SET split_total = ? WHERE id = ?", (total, job_id))


def fetched(db: SqliteDatabase, job_id: int) -> int:
    """Titles a job has fetched so far, whatever the answer was; listings that failed do not count."""
    row = db.execute_sql(
        "SELECT added + updated + unchanged + gone + (SELECT count(*) FROM job_item WHERE job_id = job.id AND "
        "job_item.state = 'failed') FROM job WHERE id = ?",
        (job_id,),
    ).fetchone()
    return int(row[0])


def put_in_order(db: SqliteDatabase, job_id: int, priority: int, limit: int | None) -> None:
    """Rank a job's listed titles for fetching; those past the limit stay listed, for an order that comes later."""
    dated = db.execute_sql(
        "SELECT EXISTS (SELECT 1 FROM job_item WHERE job_id = ? AND state = 'listed' AND date IS NOT NULL)",
        (job_id,),
    ).fetchone()[0]
    db.execute_sql(_ORDER, {"job": job_id, "w": (priority - 50) / 50, "dated": dated})
    if limit is not None:
        db.execute_sql(
            "UPDATE job_item SET state = 'listed' WHERE job_id = ? AND state = 'pending' AND rank > ?", (job_id, limit)
        )


def lease(db: SqliteDatabase, job_id: int, after_rank: int, limit: int) -> list[Item]:
    """The next pending titles after a rank. A lease is nothing but memory: there is one engine."""
    rows = db.execute_sql(
        "SELECT media_type, tmdb_id, rank FROM job_item WHERE job_id = ? AND state = 'pending' AND rank > ? "
        "ORDER BY rank LIMIT ?",
        (job_id, after_rank, limit),
    )
    return [Item(MediaType(kind), tmdb_id, rank) for kind, tmdb_id, rank in rows]


def already_held(db: SqliteDatabase, items: Iterable[Item]) -> set[tuple[MediaType, int]]:
    """Which of these titles the library holds, those thought to be deleted left out."""
    by_type: dict[MediaType, list[int]] = {}
    for item in items:
        by_type.setdefault(item.media_type, []).append(item.tmdb_id)
    return {(kind, one) for kind, ids in by_type.items() for one in titles.existing_ids(db, kind, ids)}


def items_done(db: SqliteDatabase, job_id: int, keys: Iterable[tuple[MediaType, int]]) -> None:
    """Mark items done whose work is stored in this same transaction.

    They stay until the job ends, so that a listing walked again does not count them twice.
    """
    db.connection().executemany(
        "UPDATE job_item SET state = 'done' WHERE job_id = ? AND media_type = ? AND tmdb_id = ?",
        [(job_id, kind.value, tmdb_id) for kind, tmdb_id in keys],
    )


def forget_done(db: SqliteDatabase, job_id: int) -> None:
    """Drop what is done and what was never put in order, once a job has ended with its listing complete."""
    db.execute_sql("DELETE FROM job_item WHERE job_id = ? AND state IN ('done', 'listed')", (job_id,))


def settle_total(db: SqliteDatabase, job_id: int, now_ms: int) -> None:
    """Make the total what was done plus what is pending."""
    db.execute_sql(
        "UPDATE job SET updated_at = ?, total = added + updated + unchanged + skipped + failed + gone + "
        "(SELECT count(*) FROM job_item WHERE job_id = job.id AND job_item.state = 'pending') WHERE id = ?",
        (now_ms, job_id),
    )


def item_failed(db: SqliteDatabase, job_id: int, failed: FailedItem) -> None:
    """Keep an item as failed, with what was said."""
    db.execute_sql(
        "UPDATE job_item SET state = 'failed', category = ?, message = ?, attempts = ?, failed_at = ?, next_try_at = ? "
        "WHERE job_id = ? AND media_type = ? AND tmdb_id = ?",
        (
            failed.category.value,
            failed.message,
            failed.attempts,
            failed.failed_at,
            failed.next_try_at,
            job_id,
            failed.media_type.value,
            failed.tmdb_id,
        ),
    )


def failed_items(db: SqliteDatabase, job_id: int, limit: int = 500) -> list[FailedItem]:
    """Failed titles and listings of a job, the latest first."""
    rows = db.execute_sql(
        "SELECT media_type, tmdb_id, category, message, attempts, failed_at, next_try_at FROM job_item "
        "WHERE job_id = ? AND state = 'failed' "
        "UNION ALL SELECT media_type, NULL, coalesce(category, 'server'), coalesce(note, ''), passes, last_synced_at, "
        "NULL "
        "FROM listing_window WHERE job_id = ? AND failed = 1 ORDER BY failed_at DESC LIMIT ?",
        (job_id, job_id, limit),
    )
    return [FailedItem(MediaType(row[0]), row[1], FailureCategory(row[2]), *row[3:]) for row in rows]


def retry_failed(db: SqliteDatabase, job_id: int, now_ms: int, *, due_only: bool = False) -> int:
    """Put failed titles and listings of a job back in the queue; returns how many.

    Raises UsageError for a cancelled job, whose other titles are forgotten, and while the same import is unfinished.
    """
    job = get(db, job_id)
    if job.state is JobState.CANCELLED:
        raise UsageError(f"Job {job_id} was cancelled.", "Start the import again instead.")
    twin = unfinished_twin(db, job)
    if twin and job.state.finished:
        raise UsageError(f"Job {twin.id} is the same import and not finished.", "It will try these titles as well.")
    due = "AND next_try_at <= :now" if due_only else ""
    items = db.execute_sql(
        "UPDATE job_item SET state = 'pending', category = NULL, message = NULL, attempts = 0, failed_at = NULL, "
        f"next_try_at = NULL, by_user = :by_user WHERE job_id = :job AND state = 'failed' {due}",
        {"job": job_id, "now": now_ms, "by_user": not due_only},
    ).rowcount
    windows = 0
    if not due_only:
        windows = db.execute_sql(
            "UPDATE listing_window SET failed = 0, note = NULL, category = NULL WHERE job_id = ? AND failed = 1",
            (job_id,),
        ).rowcount
    if items or windows:
        back_to_queue(db, job, items, windows, now_ms)
    return int(items + windows)


def unfinished_twin(db: SqliteDatabase, job: Job) -> Job | None:
    """Another job of the same kind and config that is not finished."""
    row = db.execute_sql(
        f"SELECT {', '.join(f'other.{name}' for name in _COLUMNS.split(', '))} FROM job "
        "JOIN job AS other ON other.key = job.key AND other.id <> job.id "
        f"WHERE job.id = ? AND other.state IN {_UNFINISHED_SQL}",
        (job.id,),
    ).fetchone()
    return _job(row) if row else None


def back_to_queue(db: SqliteDatabase, job: Job, items: int, windows: int, now_ms: int) -> None:
    """Bring a job in line with so many of its failed titles and listings being wanted again.

    One that asks its user goes on asking; it fetches them once it is answered.
    """
    bump(db, job.id, now_ms, failed=-(items + windows), total=-windows)
    if windows:
        set_phase(db, job.id, "list")
    elif job.phase in ("close", "done"):
        set_phase(db, job.id, "fetch")
    if job.asks:
        return
    db.execute_sql("UPDATE job SET wanted = 'run' WHERE id = ?", (job.id,))
    if job.state is not JobState.RUNNING:
        set_state(db, job.id, JobState.PENDING, now_ms)


def retry_due(db: SqliteDatabase, now_ms: int) -> None:
    """Put failed titles whose time has come back in the queue; of jobs that are the same import, one at a time."""
    while due := [job_id for job_id, at in next_due(db) if at <= now_ms]:
        retry_failed(db, due[0], now_ms, due_only=True)


def reopen(db: SqliteDatabase, job_id: int, now_ms: int) -> None:
    """Put a job that stopped on an error of ours back in the queue, in the phase it had reached."""
    db.execute_sql("UPDATE job SET wanted = 'run' WHERE id = ?", (job_id,))
    set_state(db, job_id, JobState.PENDING, now_ms)


def next_due(db: SqliteDatabase) -> list[tuple[int, int]]:
    """Jobs with failed titles that are to be tried again by themselves: (job id, earliest next try).

    Those of the schedule wait while it is paused.
    """
    rows = db.execute_sql(
        "SELECT job_id, min(next_try_at) FROM job_item JOIN job ON job.id = job_id "
        "WHERE job_item.state = 'failed' AND next_try_at IS NOT NULL AND job.state IN ('completed', 'failed') "
        f"AND NOT (job.origin = 'schedule' AND {_PAUSE_SQL}) "
        f"AND NOT EXISTS (SELECT 1 FROM job AS other WHERE other.key = job.key AND other.state IN {_UNFINISHED_SQL}) "
        "GROUP BY job_id"
    )
    return [(row[0], row[1]) for row in rows]
