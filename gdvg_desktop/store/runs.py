"""The past of the queue: which jobs ran, in which phases and with what incidents, and when they may be forgotten.

A run is a job that was started; it keeps its number over interruptions, pauses and retries, each of which shows as a
phase that ended and began again. Incidents are gathered: one row stands for a burst, never for a single request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from peewee import SqliteDatabase

from gdvg_desktop.core.kinds import JobKind, JobState
from gdvg_desktop.store import jobs
from gdvg_desktop.store.jobs import Job

JOINED_MS = 5_000
GATHER_MS = 60_000  # the same trouble within this long is one incident
PRUNED_AT_ONCE = 5_000


class Incident(StrEnum):
    """What slowed a run down or stopped it for a while."""

    RATE_LIMIT = "rate_limit"  # TMDb answered 429
    OUTAGE = "outage"  # nothing of TMDb answered
    ERRORS = "errors"  # titles failed
    RELISTED = "relisted"  # a listing was walked again, as rows had moved
    PAUSED = "paused"  # by the user, or for trouble that stops all work
    INTERRUPTED = "interrupted"  # the program was closed or ended
    STALLED = "stalled"  # no progress for long


class Result(StrEnum):
    """How a run stands, in the words of History."""

    RUNNING = "running"
    WAITING = "waiting"  # paused, interrupted, or queued to go on
    COMPLETED = "completed"
    WITH_ERRORS = "with_errors"  # completed, with failures still open
    FAILED = "failed"
    CANCELLED = "cancelled"
    MISSED = "missed"  # planned, but never started: no job has this, see store.missed


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted. Instants are unix milliseconds; a run is of the moment it was started at."""

    kinds: tuple[JobKind, ...] = ()
    results: tuple[Result, ...] = ()
    since: int | None = None
    until: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase from when to when; `ended_at` None while it is on. Named as in `Job.phase`, or "retry"."""

    phase: str
    started_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident from when to when, how often it happened, and a note in plain words."""

    kind: Incident
    started_at: int
    ended_at: int | None
    count: int
    note: str | None


def result(job: Job) -> Result:
    """How a run stands."""
    match job.state:
        case JobState.RUNNING:
            return Result.RUNNING
        case JobState.COMPLETED:
            return Result.WITH_ERRORS if job.failed else Result.COMPLETED
        case JobState.FAILED:
            return Result.FAILED
        case JobState.CANCELLED:
            return Result.CANCELLED
    return Result.WAITING


_RESULTS = {
    Result.RUNNING: "state = 'running'",
    Result.WAITING: "state IN ('pending', 'paused', 'interrupted')",
    Result.COMPLETED: "state = 'completed' AND failed = 0",
    Result.WITH_ERRORS: "state = 'completed' AND failed > 0",
    Result.FAILED: "state = 'failed'",
    Result.CANCELLED: "state = 'cancelled'",
    Result.MISSED: "FALSE",
}


def _where(wanted: RunFilter) -> tuple[str, list[object]]:
    """The condition of a filter and its values."""
    parts, values = ["started_at IS NOT NULL"], list[object]()
    if wanted.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(wanted.kinds))})")
        values += [kind.value for kind in wanted.kinds]
    if wanted.results:
        parts.append("(" + " OR ".join(f"({_RESULTS[one]})" for one in wanted.results) + ")")
    if wanted.since is not None:
        parts.append("started_at >= ?")
        values.append(wanted.since)
    if wanted.until is not None:
        parts.append("started_at < ?")
        values.append(wanted.until)
    for word in wanted.text.split():
        parts.append("(instr(lower(name), lower(?)) OR CAST(id AS TEXT) = ?)")
        values += [word, word.lstrip("#")]
    return " AND ".join(parts), values


def listing(db: SqliteDatabase, wanted: RunFilter, *, limit: int = 5000) -> list[Job]:
    """Runs, the latest started first."""
    where, values = _where(wanted)
    return jobs.select(db, f"WHERE {where} ORDER BY started_at DESC, id DESC LIMIT ?", (*values, limit))


def count(db: SqliteDatabase, wanted: RunFilter) -> int:
    """How many runs a filter finds."""
    where, values = _where(wanted)
    return int(db.execute_sql(f"SELECT count(*) FROM job WHERE {where}", values).fetchone()[0])


def previous(db: SqliteDatabase, job: Job) -> Job | None:
    """The finished run before this one that was asked for the same, else the one before it of its kind."""
    for same in ("key = (SELECT key FROM job WHERE id = ?)", "kind = (SELECT kind FROM job WHERE id = ?)"):
        found = jobs.select(
            db,
            f"WHERE {same} AND id < ? AND started_at IS NOT NULL AND completed_at IS NOT NULL ORDER BY id DESC LIMIT 1",
            (job.id, job.id),
        )
        if found:
            return found[0]
    return None


def worked(db: SqliteDatabase, now_ms: int) -> dict[int, int]:
    """Milliseconds of work of every run whose phases are kept; pauses do not count."""
    rows = db.execute_sql(
        "SELECT job_id, sum(max(0, coalesce(ended_at, ?) - started_at)) FROM job_phase GROUP BY job_id", (now_ms,)
    )
    return {row[0]: row[1] for row in rows}


def phases(db: SqliteDatabase, job_id: int) -> list[PhaseRow]:
    """The phases of a run in the order they began."""
    rows = db.execute_sql(
        "SELECT phase, started_at, ended_at FROM job_phase WHERE job_id = ? ORDER BY started_at, id", (job_id,)
    )
    return [PhaseRow(*row) for row in rows]


def incidents(db: SqliteDatabase, job_id: int) -> list[IncidentRow]:
    """The incidents of a run in the order they began."""
    rows = db.execute_sql(
        "SELECT kind, started_at, ended_at, count, note FROM job_incident WHERE job_id = ? ORDER BY started_at, id",
        (job_id,),
    )
    return [IncidentRow(Incident(row[0]), *row[1:]) for row in rows]


# ----------------------------------------------------------------------------------------------- recording


def enter(db: SqliteDatabase, job_id: int, phase: str, now_ms: int, *, joins: bool = False) -> None:
    """A run enters a phase, leaving the one it was in. Fetching again what had failed counts as a phase of its own.

    With `joins` the same phase that ended a moment ago goes on: a run that was begun again without a pause.
    """
    if phase == "fetch" and _has_closed(db, job_id):
        phase = "retry"
    row = db.execute_sql(
        "SELECT id, phase, ended_at FROM job_phase WHERE job_id = ? ORDER BY id DESC LIMIT 1", (job_id,)
    ).fetchone()
    if row is not None and row[1] == phase:
        if row[2] is not None and joins and now_ms - row[2] < JOINED_MS:
            db.execute_sql("UPDATE job_phase SET ended_at = NULL WHERE id = ?", (row[0],))
            return
        if row[2] is None:
            return
    leave(db, job_id, now_ms)
    db.execute_sql("INSERT INTO job_phase (job_id, phase, started_at) VALUES (?, ?, ?)", (job_id, phase, now_ms))


def leave(db: SqliteDatabase, job_id: int, now_ms: int) -> None:
    """A run ended or was stopped."""
    db.execute_sql(
        "UPDATE job_phase SET ended_at = max(started_at, ?) WHERE job_id = ? AND ended_at IS NULL", (now_ms, job_id)
    )


def leave_dead(db: SqliteDatabase) -> None:
    """At the start of an engine: what was in a phase when the last one died ended with its last progress."""
    db.execute_sql(
        "UPDATE job_phase SET ended_at = max(started_at, (SELECT coalesce(job.progress_at, job.updated_at) FROM job "
        "WHERE job.id = job_phase.job_id)) WHERE ended_at IS NULL"
    )
    db.execute_sql(
        "UPDATE job_incident SET ended_at = max(started_at, (SELECT coalesce(job.progress_at, job.updated_at) FROM job "
        "WHERE job.id = job_incident.job_id)) WHERE ended_at IS NULL AND kind NOT IN ('paused', 'interrupted')"
    )
    db.execute_sql(
        "INSERT INTO job_incident (job_id, kind, started_at) SELECT id, 'interrupted', coalesce(progress_at, "
        "updated_at) FROM job WHERE state = 'running'"
    )


def note(
    db: SqliteDatabase, job_id: int, kind: Incident, now_ms: int, *, count: int = 1, text: str | None = None
) -> None:
    """Something happened to a run: added to the last incident of the kind when that was a moment ago."""
    row = db.execute_sql(
        "SELECT id FROM job_incident WHERE job_id = ? AND kind = ? AND coalesce(ended_at, started_at) >= ? "
        "ORDER BY id DESC LIMIT 1",
        (job_id, kind.value, now_ms - GATHER_MS),
    ).fetchone()
    if row is None:
        db.execute_sql(
            "INSERT INTO job_incident (job_id, kind, started_at, ended_at, count, note) VALUES (?, ?, ?, ?, ?, ?)",
            (job_id, kind.value, now_ms, now_ms, count, text[:500] if text else None),
        )
        return
    db.execute_sql(
        "UPDATE job_incident SET ended_at = max(ended_at, ?), count = count + ?, note = coalesce(?, note) WHERE id = ?",
        (now_ms, count, text[:500] if text else None, row[0]),
    )


def begin(db: SqliteDatabase, job_id: int, kind: Incident, now_ms: int, text: str | None = None) -> None:
    """Something that lasts begins, unless it is on already."""
    db.execute_sql(
        "INSERT INTO job_incident (job_id, kind, started_at, note) SELECT ?, ?, ?, ? WHERE NOT EXISTS "
        "(SELECT 1 FROM job_incident WHERE job_id = ? AND kind = ? AND ended_at IS NULL)",
        (job_id, kind.value, now_ms, text[:500] if text else None, job_id, kind.value),
    )


def end(db: SqliteDatabase, job_id: int, kinds: Sequence[Incident], now_ms: int) -> int:
    """What lasted is over; returns how many incidents that ended."""
    cursor = db.connection().executemany(
        "UPDATE job_incident SET ended_at = max(started_at, ?) WHERE job_id = ? AND kind = ? AND ended_at IS NULL",
        [(now_ms, job_id, kind.value) for kind in kinds],
    )
    return int(cursor.rowcount)


def _has_closed(db: SqliteDatabase, job_id: int) -> bool:
    row = db.execute_sql("SELECT EXISTS (SELECT 1 FROM job_phase WHERE job_id = ? AND phase = 'close')", (job_id,))
    return bool(row.fetchone()[0])


# ----------------------------------------------------------------------------------------------- retention


def outdated(db: SqliteDatabase, before_ms: int, limit: int = 100) -> list[int]:
    """Finished runs completed before a moment that may be forgotten: none with open failures, none its kind's last."""
    rows = db.execute_sql(
        "SELECT id FROM job WHERE state IN ('completed', 'failed', 'cancelled') AND completed_at < ? "
        "AND id NOT IN (SELECT max(id) FROM job WHERE started_at IS NOT NULL GROUP BY kind) "
        "AND NOT EXISTS (SELECT 1 FROM job_item WHERE job_id = job.id AND job_item.state = 'failed') "
        "AND NOT EXISTS (SELECT 1 FROM listing_window AS w WHERE w.job_id = job.id AND w.failed = 1) "
        "ORDER BY id LIMIT ?",
        (before_ms, limit),
    )
    return [row[0] for row in rows]


def prune(db: SqliteDatabase, job_id: int) -> bool:
    """Forget a finished run with all that belongs to it, so many items at a time; False when more is to be done."""
    deleted = db.execute_sql(
        "DELETE FROM job_item WHERE job_id = ? AND (media_type, tmdb_id) IN "
        "(SELECT media_type, tmdb_id FROM job_item WHERE job_id = ? LIMIT ?)",
        (job_id, job_id, PRUNED_AT_ONCE),
    ).rowcount
    if deleted == PRUNED_AT_ONCE:
        return False
    jobs.remove_finished(db, [job_id])
    return True
